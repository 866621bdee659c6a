"""An explained neuron or connection as lines on a grid of characters, with links inside."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from nnplay.core.explained_values import (
    EdgeExplained,
    LossTerm,
    NeuronExplained,
    ParameterExplained,
    Sum,
)
from nnplay.core.explaining import StepExplanation
from nnplay.core.losses import LOSSES
from nnplay.gui.panels.explain_update import update_rows
from nnplay.gui.panels.formula_layout import Grid, Piece, activation_text
from nnplay.gui.panels.words import count, neuron_label

__all__ = [
    "ALL",
    "Line",
    "Link",
    "Place",
    "backward_rows",
    "change_rows",
    "edge_backward_rows",
    "edge_forward_rows",
    "forward_rows",
    "lines_text",
    "loss_derivative_text",
    "loss_rows",
    "step_rows",
    "update_table_rows",
]

Place = tuple[int, ...]
"""Where a link leads: a neuron (id,), a connection (source, target), or :data:`ALL`."""

ALL: Final[Place] = ()
"""A link that lists all terms."""


@dataclass(frozen=True)
class Link:
    """Some columns of a line that lead elsewhere, and what they are in words."""

    column: int
    width: int
    place: Place
    words: str
    edge: tuple[int, int] | None = None


@dataclass(frozen=True)
class Line:
    """One line of pieces; ``edge`` is the connection it speaks of."""

    pieces: tuple[Piece, ...]
    links: tuple[Link, ...] = ()
    rule_above: bool = False
    edge: tuple[int, int] | None = None

    @property
    def text(self) -> str:
        """The line as plain text, each piece at its column."""
        line = ""
        for piece in self.pieces:
            line = line.ljust(piece.column)[: piece.column] + piece.text
        return line


def lines_text(lines: Sequence[Line]) -> str:
    """Lines as plain text."""
    return "\n".join(line.text.rstrip() for line in lines)


class _Writer:
    """Lines for one step at one width."""

    def __init__(self, step: StepExplanation, columns: int) -> None:
        self.step, self.grid = step, Grid(columns)
        self.columns = columns
        self.lines: list[Line] = []

    def name(self, neuron: int) -> str:
        return neuron_label(self.step.network, neuron)

    def captions(self, first: str, second: str, third: str, head: str = "") -> None:
        grid = self.grid
        pieces = [grid.label(head, "tertiary_text")] if head else []
        for text, column in ((first, grid.first), (second, grid.second), (third, grid.third)):
            if text:
                pieces.append(grid.caption(text, column))
        self.lines.append(Line(tuple(pieces)))

    def result(
        self, text: str, value: float, *, bold: bool = False, rule: bool = False, role: str = ""
    ) -> None:
        name = Piece(0, text, role or ("text" if bold else "secondary"), bold)
        number = self.grid.number(value, self.grid.third, bold=bold)
        self.lines.append(Line((name, number), rule_above=rule))

    def remark(self, text: str) -> None:
        self.lines.append(Line((Piece(0, text[: self.columns], "tertiary_text"),)))

    def product(
        self,
        neuron: int,
        edge: tuple[int, int],
        numbers: tuple[float, float, float],
        what: tuple[str, str, str],
        *,
        first_place: Place,
        second_place: Place,
        enabled: bool = True,
    ) -> None:
        """``label  first · second = third``, each number a link to where it comes from."""
        grid, dim, name = self.grid, "" if enabled else "tertiary_text", self.name(neuron)
        label = grid.label(name, dim or "text")
        self.lines.append(
            Line(
                (
                    label,
                    grid.number(numbers[0], grid.first, dim),
                    grid.sign("·", grid.second),
                    grid.number(numbers[1], grid.second, dim),
                    grid.sign("=", grid.third),
                    grid.number(numbers[2], grid.third, dim),
                ),
                (
                    Link(0, len(label.text), (neuron,), f"Go to {name}", edge),
                    Link(grid.first, grid.width, first_place, what[0], edge),
                    Link(grid.second, grid.width, second_place, what[1], edge),
                    *([Link(grid.third, grid.width, edge, what[2], edge)] if what[2] else []),
                ),
                edge=edge,
            )
        )

    def more(self, sum_: Sum) -> None:
        if not sum_.more_count:
            return
        text = f"other {count(sum_.more_count, 'term')}"
        link = Link(0, len(text), ALL, f"List all terms, {sum_.more_count:,} more")
        piece = Piece(0, text, "tertiary_text")
        self.lines.append(Line((piece, self.grid.number(sum_.more_sum, self.grid.third)), (link,)))


def forward_rows(step: StepExplanation, seen: NeuronExplained, columns: int) -> list[Line]:
    """How the activation comes about."""
    writer = _Writer(step, columns)
    mean = step.count > 1
    if seen.bias is None:
        writer.result("mean value" if mean else "value", seen.a, bold=True)
        return writer.lines
    writer.captions("weight", "mean a" if mean else "a", "term")
    for term in seen.incoming.terms:
        edge = (term.neuron, seen.neuron)
        name = writer.name(term.neuron)
        writer.product(
            term.neuron,
            edge,
            (term.weight, term.value, term.product),
            (f"Weight of {name}: see its update", f"Where {name} has its value from", ""),
            first_place=edge,
            second_place=(term.neuron,),
            enabled=term.enabled,
        )
    writer.more(seen.incoming)
    writer.result("bias", seen.bias, role="text")
    writer.result("mean z" if mean else "z = sum", seen.z, bold=True, rule=True)
    if seen.group and not mean:
        _softmax_rows(writer, seen)
    what = f"a = {activation_text(seen.activation)}" if seen.enabled else "a (switched off)"
    if mean:
        what = f"mean of {activation_text(seen.activation)}" if seen.enabled else what
    writer.result(what, seen.a, bold=True, rule=bool(seen.group) and not mean)
    if not math.isnan(seen.slope):
        writer.result("mean f′(z)" if mean else "slope f′(z)", seen.slope)
    return writer.lines


def _softmax_rows(writer: _Writer, seen: NeuronExplained) -> None:
    largest = max(member.z for member in seen.group)
    shift = largest if largest > 6.0 else 0.0
    grid = writer.grid
    exponent = "e^(z−m)" if shift else "e^z"
    writer.captions("z", exponent, "share", "softmax")
    for member in seen.group[:10]:
        mine = member.neuron == seen.neuron
        name, role = writer.name(member.neuron), "text" if mine else "secondary"
        label = grid.label(name, role, mine)
        writer.lines.append(
            Line(
                (
                    label,
                    grid.number(member.z, grid.first, bold=mine),
                    grid.number(math.exp(member.z - shift), grid.second, role, mine),
                    grid.number(member.a, grid.third, role, mine),
                ),
                () if mine else (Link(0, len(label.text), (member.neuron,), f"Go to {name}"),),
            )
        )
    total = sum(math.exp(member.z - shift) for member in seen.group)
    writer.lines.append(
        Line(
            (
                grid.label("Σ all", "secondary"),
                grid.number(total, grid.second, "secondary"),
                grid.number(sum(m.a for m in seen.group), grid.third, "secondary"),
            )
        )
    )


def backward_rows(step: StepExplanation, seen: NeuronExplained, columns: int) -> list[Line]:
    """How the loss depends on the neuron, and on its weights."""
    writer = _Writer(step, columns)
    mean = step.count > 1
    if seen.outgoing.terms:
        writer.captions("weight", "mean δ" if mean else "δ", "term")
    for term in seen.outgoing.terms:
        edge = (seen.neuron, term.neuron)
        name = writer.name(term.neuron)
        writer.product(
            term.neuron,
            edge,
            (term.weight, term.value, term.product),
            (f"Weight to {name}: see its update", f"Where {name} has its δ from", ""),
            first_place=edge,
            second_place=(term.neuron,),
            enabled=term.enabled,
        )
    writer.more(seen.outgoing)
    if seen.loss is not None and not seen.loss.by_z:
        _loss_rows(writer, seen.loss, mean=mean)
    is_plain_output = seen.loss is not None and seen.loss.by_z and not seen.outgoing.terms
    if not is_plain_output:
        writer.result("∂L/∂a = sum", seen.by_a, bold=True, rule=True)
    if seen.bias is None:
        return writer.lines
    if seen.group and not is_plain_output and not mean:
        writer.captions("∂L/∂a", "∂a/∂z", "term", "softmax")
        for member in seen.group:
            name = writer.name(member.neuron)
            label = writer.grid.label(name, "text", member.neuron == seen.neuron)
            grid = writer.grid
            writer.lines.append(
                Line(
                    (
                        label,
                        grid.number(member.by_a, grid.first),
                        grid.sign("·", grid.second),
                        grid.number(member.slope, grid.second),
                        grid.sign("=", grid.third),
                        grid.number(member.by_a * member.slope, grid.third),
                    ),
                    (Link(0, len(label.text), (member.neuron,), f"Go to {name}"),),
                )
            )
    elif not is_plain_output and not mean and not math.isnan(seen.slope):
        writer.result("· f′(z)", seen.slope)
    if seen.loss is not None and seen.loss.by_z:
        _loss_rows(writer, seen.loss, mean=mean)
    sign = "mean of ∂L/∂a · f′(z)" if mean else "δ = ∂L/∂z"
    if mean and (is_plain_output or seen.group):
        sign = "mean δ"
    writer.result(sign, seen.delta, bold=True, rule=True)
    if seen.parameters:
        carried = "mean a" if mean else "a"
        third = "mean δ·a" if mean else "∂L/∂w"
        writer.captions("mean δ" if mean else "δ", carried, third, "gradients")
    for parameter in seen.parameters:
        if parameter.source < 0:
            writer.result("bias: ∂L/∂b = δ", parameter.gradient, role="text")
            continue
        edge = (parameter.source, seen.neuron)
        name = writer.name(parameter.source)
        writer.product(
            parameter.source,
            edge,
            (parameter.delta, parameter.carried, parameter.gradient),
            (
                "δ of this neuron",
                f"Where {name} has its value from",
                f"What the optimiser makes of the gradient at {name}",
            ),
            first_place=(seen.neuron,),
            second_place=(parameter.source,),
        )
    if mean and seen.parameters:
        writer.remark("A mean of products is not")
        writer.remark("the product of the means.")
    return writer.lines


def _loss_rows(writer: _Writer, term: LossTerm, *, mean: bool) -> None:
    title = LOSSES[term.loss].title
    writer.captions("mean a" if mean else "a", "target y", "term", "loss")
    grid = writer.grid
    text = loss_derivative_text(term)
    writer.lines.append(
        Line(
            (
                Piece(0, text, "text"),
                grid.number(term.a, grid.first),
                grid.number(term.y, grid.second),
                grid.number(term.value, grid.third),
            )
        )
        if len(text) <= grid.label_room
        else Line(
            (
                grid.label("", "text"),
                grid.number(term.a, grid.first),
                grid.number(term.y, grid.second),
                grid.number(term.value, grid.third),
            )
        )
    )
    if len(text) > grid.label_room:
        writer.remark(f"{title}: {text}")


def loss_derivative_text(term: LossTerm) -> str:
    """The loss's own derivative by an output, as a formula."""
    forms = {
        "half_squared": "a − y",
        "mse": "2(a − y)",
        "mae": "sign(a − y)",
        "huber": "clip(a − y, ±δ)",
        "hinge": "−y if y·a < 1, else 0",
        "binary_cross_entropy": "a − y",
        "softmax_cross_entropy": "a − y",
    }
    text = forms[term.loss]
    if term.outputs > 1:
        text = f"({text})/{term.outputs}" if not text.startswith("2(") else f"{text}/{term.outputs}"
    return text


def edge_forward_rows(step: StepExplanation, seen: EdgeExplained, columns: int) -> list[Line]:
    """What a connection carries."""
    writer = _Writer(step, columns)
    mean = step.count > 1
    writer.captions("weight", "mean a" if mean else "a", "term")
    name = writer.name(seen.source)
    writer.product(
        seen.source,
        (seen.source, seen.target),
        (seen.weight, seen.a, seen.product),
        ("This weight", f"Where {name} has its value from", ""),
        first_place=(seen.source, seen.target),
        second_place=(seen.source,),
        enabled=seen.enabled,
    )
    writer.result("share of the sum, in %", 100 * seen.share)
    return writer.lines


def edge_backward_rows(step: StepExplanation, seen: EdgeExplained, columns: int) -> list[Line]:
    """How the loss depends on a weight."""
    writer = _Writer(step, columns)
    mean = step.count > 1
    target = writer.name(seen.target)
    writer.captions(
        "mean δ" if mean else "δ",
        "mean a" if mean else "a",
        "mean δ·a" if mean else "∂L/∂w",
        "gradient",
    )
    writer.product(
        seen.target,
        (seen.source, seen.target),
        (seen.delta, seen.a, seen.parameter.gradient),
        (f"Where {target} has its δ from", f"Where {writer.name(seen.source)} has its value", ""),
        first_place=(seen.target,),
        second_place=(seen.source,),
    )
    if mean:
        writer.remark("The mean of δ·a over the samples.")
    return writer.lines


def step_rows(
    step: StepExplanation, parameter: ParameterExplained, columns: int, head: str = ""
) -> list[Line]:
    """From gradient to new parameter."""
    writer = _Writer(step, columns)
    if head:
        writer.remark(head)
    for row in update_rows(step, parameter, "b" if parameter.source < 0 else "w"):
        if row.after is None:
            writer.result(row.text, row.value, bold=row.bold, rule=row.rule)
            continue
        grid = writer.grid
        writer.lines.append(
            Line(
                (
                    Piece(0, row.text, "secondary"),
                    grid.number(row.value, grid.second),
                    grid.sign("→", grid.third),
                    grid.number(row.after, grid.third),
                )
            )
        )
    return writer.lines


def update_table_rows(step: StepExplanation, seen: NeuronExplained, columns: int) -> list[Line]:
    """What the step does to every weight of a neuron, and to its bias."""
    writer = _Writer(step, columns)
    grid = writer.grid
    writer.captions("now", "change", "then")
    for parameter in seen.parameters:
        is_bias = parameter.source < 0
        name = "bias" if is_bias else writer.name(parameter.source)
        label = grid.label(name)
        edge = None if is_bias else (parameter.source, seen.neuron)
        links: tuple[Link, ...] = ()
        if edge is not None:
            words = f"The update of the weight of {name} in full"
            width = grid.third + grid.width
            links = (Link(0, width, edge, words, edge),)
        numbers = (
            (parameter.before, grid.first),
            (parameter.change, grid.second),
            (parameter.after, grid.third),
        )
        pieces = (label, *(grid.number(value, column) for value, column in numbers))
        writer.lines.append(Line(pieces, links, edge=edge))
    if seen.more_parameters:
        text = f"other {count(seen.more_parameters, 'weight')}"
        link = Link(0, len(text), ALL, f"List all weights, {seen.more_parameters:,} more")
        writer.lines.append(Line((Piece(0, text, "tertiary_text"),), (link,)))
    return writer.lines


def change_rows(step: StepExplanation, columns: int, what: str = "") -> list[Line]:
    """What the step, and its part ``what``, is expected to do to the loss, and what it does."""
    writer, update = _Writer(step, columns), step.update
    if update is None:
        return []
    grid = writer.grid
    writer.captions("", "predicted", "actual")
    for name, predicted, actual in (
        (what, update.focus_predicted, update.focus_actual),
        ("whole step", update.predicted, update.actual),
    ):
        if not name:
            continue
        value = math.nan if actual is None else actual
        pieces = (
            Piece(0, name, "text"),
            grid.number(predicted, grid.second),
            grid.number(value, grid.third),
        )
        writer.lines.append(Line(pieces))
    return writer.lines


def loss_rows(step: StepExplanation, columns: int) -> list[Line]:
    """Where every walk begins: outputs, targets, and what the loss says of each output."""
    writer, numbers = _Writer(step, columns), step.averages
    grid, topology = writer.grid, step.network.topology
    mean = step.count > 1
    by = "∂L/∂z" if LOSSES[step.config.loss].wants_logits else "∂L/∂a"
    writer.captions("mean a" if mean else "a", "target y", by)
    for place, neuron in enumerate(topology.output_ids):
        name = writer.name(neuron)
        label = grid.label(name)
        a = float(numbers.a[topology.row(neuron)])
        links = (Link(0, grid.third + grid.width, (neuron,), f"Go to {name}"),)
        pieces = (
            label,
            grid.number(a, grid.first),
            grid.number(float(numbers.targets[place]), grid.second),
            grid.number(float(numbers.own[place]), grid.third),
        )
        writer.lines.append(Line(pieces, links))
    loss = math.nan if numbers.loss is None else numbers.loss
    writer.result("mean loss L" if mean else "loss L", loss, bold=True, rule=True)
    writer.remark(LOSSES[step.config.loss].formula)
    return writer.lines
