"""Lines and columns of a neuron's calculation on a grid of equally wide characters."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from nnplay.gui.panels.formula import Formula, GroupMember
from nnplay.gui.panels.words import aligned_number

__all__ = ["Grid", "Piece", "Row", "activation_text", "layout_formula", "sign_role"]

_MOST_MEMBERS: Final = 10
# Above this e^z no longer fits its column; taking the largest z off changes no share.
_LARGE_EXPONENT: Final = 6.0
_SHORT_FORMS: Final = {
    "linear": "z",
    "relu": "max(0, z)",
    "leaky_relu": "max(.01z, z)",
    "elu": "ELU(z)",
    "selu": "SELU(z)",
    "gelu": "z·Φ(z)",
    "gelu_tanh": "GELU(z)",
    "silu": "z·σ(z)",
    "mish": "Mish(z)",
    "sigmoid": "σ(z)",
    "hard_sigmoid": "hard σ(z)",
    "hard_tanh": "hard tanh(z)",
    "softplus": "ln(1 + e^z)",
    "softsign": "z/(1 + |z|)",
    "gaussian": "e^(−z²)",
    "abs": "|z|",
    "square": "z²",
}


@dataclass(frozen=True)
class Piece:
    """A run of characters: first column, text, palette role of its colour, bold or not."""

    column: int
    text: str
    role: str
    bold: bool = False


@dataclass(frozen=True)
class Row:
    """One line; ``source`` is the neuron it speaks of (−1: none)."""

    pieces: tuple[Piece, ...]
    source: int = -1
    rule_above: bool = False

    @property
    def text(self) -> str:
        """The line as plain text, each piece at its column."""
        line = ""
        for piece in self.pieces:
            line = line.ljust(piece.column)[: piece.column] + piece.text
        return line


def activation_text(name: str) -> str:
    """How the activation function is written in the result line."""
    return _SHORT_FORMS.get(name, f"{name}(z)")


class Grid:
    """Columns for a given number of characters: label, three numbers, the signs between them."""

    def __init__(self, columns: int) -> None:
        self.decimals = max(3, min(6, (columns - 10 - 6) // 3 - 4))
        self.width = self.decimals + 4
        self.third = max(columns - self.width, 3 * self.width + 6)
        self.second = self.third - self.width - 3
        self.first = self.second - self.width - 3
        self.label_room = max(1, self.first - 1)

    def label(self, text: str, role: str = "text", bold: bool = False) -> Piece:
        return Piece(0, _elided(text, self.label_room), role, bold)

    def number(self, value: float, column: int, role: str = "", bold: bool = False) -> Piece:
        text = aligned_number(value, self.decimals, self.width)
        return Piece(column, text, role or sign_role(value), bold)

    def caption(self, text: str, column: int) -> Piece:
        return Piece(column, text.rjust(self.width), "tertiary_text")

    def sign(self, text: str, before: int) -> Piece:
        return Piece(before - 2, text, "tertiary_text")


def _elided(text: str, room: int) -> str:
    """A long name without its middle: names of columns often differ in their last letters."""
    if len(text) <= room:
        return text
    tail = (room - 1) // 2
    return text[: room - 1 - tail] + "…" + (text[-tail:] if tail else "")


def sign_role(value: float) -> str:
    """Palette role of a number: by its sign, neutral for zero, faint for "no value"."""
    if math.isnan(value):
        return "tertiary_text"
    if value == 0:
        return "secondary"
    return "positive_text" if value > 0 else "negative_text"


def layout_formula(formula: Formula, columns: int) -> list[Row]:
    """All lines of a calculation. Their number does not depend on ``columns``."""
    grid = Grid(columns)
    rows = [
        Row(
            (
                grid.caption("weight", grid.first),
                grid.caption("value", grid.second),
                grid.caption("term", grid.third),
            )
        )
    ]
    for term in formula.terms:
        dim = "" if term.enabled else "tertiary_text"
        rows.append(
            Row(
                (
                    grid.label(term.label, dim or "text"),
                    grid.number(term.weight, grid.first, dim),
                    grid.sign("·", grid.second),
                    grid.number(term.activation, grid.second, dim),
                    grid.sign("=", grid.third),
                    grid.number(term.value, grid.third, dim),
                ),
                source=term.source,
            )
        )
    if formula.more_count:
        more = Piece(0, f"… {formula.more_count:,} more, together", "tertiary_text")
        rows.append(Row((more, grid.number(formula.more_sum, grid.third))))
    rows.append(Row((Piece(0, "bias", "text"), grid.number(formula.bias, grid.third))))
    rows.append(
        Row(
            (Piece(0, "z = sum", "text", True), grid.number(formula.z, grid.third, bold=True)),
            rule_above=True,
        )
    )
    rows += _group_rows(formula, grid)
    result = f"a = {activation_text(formula.activation)}" if formula.enabled else "a (switched off)"
    rows.append(
        Row(
            (Piece(0, result, "text", True), grid.number(formula.a, grid.third, bold=True)),
            rule_above=bool(formula.group),
        )
    )
    if not formula.group:
        slope = Piece(0, "slope f′(z)", "secondary")
        rows.append(Row((slope, grid.number(formula.derivative, grid.third)), rule_above=True))
    gradient = Piece(0, "gradient δ = ∂loss/∂z", "secondary")
    rows.append(
        Row((gradient, grid.number(formula.delta, grid.third)), rule_above=bool(formula.group))
    )
    return rows


def shown_members(formula: Formula) -> list[GroupMember]:
    """The members of a softmax group that get a line; the neuron itself always does."""
    shown = list(formula.group[:_MOST_MEMBERS])
    own = next((m for m in formula.group if m.neuron == formula.neuron), None)
    if own is not None and own not in shown:
        shown[-1] = own
    return shown


def _group_rows(formula: Formula, grid: Grid) -> list[Row]:
    if not formula.group:
        return []
    largest = max(member.z for member in formula.group)
    shift = largest if largest > _LARGE_EXPONENT else 0.0
    rows = [
        Row(
            (
                grid.label("softmax", "tertiary_text"),
                grid.caption("z", grid.first),
                grid.caption("e^(z−m)" if shift else "e^z", grid.second),
                grid.caption("share", grid.third),
            ),
            rule_above=True,
        )
    ]
    shown = shown_members(formula)
    for member in shown:
        mine = member.neuron == formula.neuron
        role = "text" if mine else "secondary"
        rows.append(
            Row(
                (
                    grid.label(member.label, role, mine),
                    grid.number(member.z, grid.first, bold=mine),
                    grid.number(math.exp(member.z - shift), grid.second, role, mine),
                    grid.number(member.a, grid.third, role, mine),
                ),
                source=-1 if mine else member.neuron,
            )
        )
    if len(formula.group) > len(shown):
        rows.append(Row((Piece(0, f"… {len(formula.group) - len(shown)} more", "tertiary_text"),)))
    total = sum(math.exp(member.z - shift) for member in formula.group)
    rows.append(
        Row(
            (
                grid.label("Σ", "secondary"),
                grid.number(total, grid.second, "secondary"),
                grid.number(sum(m.a for m in formula.group), grid.third, "secondary"),
            )
        )
    )
    return rows
