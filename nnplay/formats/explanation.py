"""An explained neuron or connection as LaTeX, and as a worksheet with blanks and an answer key.

Needs values and names only; who shows them is of no concern here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from nnplay.core.activations import ACTIVATIONS
from nnplay.core.explained_values import EdgeExplained, NeuronExplained, ParameterExplained
from nnplay.core.explaining import StepExplanation
from nnplay.core.losses import LOSSES
from nnplay.core.optimizers import OPTIMIZERS
from nnplay.formats.latex_text import latex_number, latex_text

__all__ = ["Calculation", "calculation", "latex", "worksheet_html", "worksheet_markdown"]

Name = Callable[[int], str]
_DIGITS: Final = 6
LONGEST_LINE: Final = 56
"""Characters of a formula beside which the words still have room on a page."""
LONGEST_WITH_VALUE: Final = 60
# Beginnings of what is no formula of numbers.
_IN_WORDS: Final = ("by ", "mean of ", "given ")


@dataclass(frozen=True)
class Calculation:
    """One line of a worksheet.

    Attributes:
        what: what is asked for, as people say it.
        left: its symbol.
        formula: how it is reckoned, with the numbers put in.
        value: what comes out.
    """

    what: str
    left: str
    formula: str
    value: float


def number(value: float) -> str:
    """A number with six digits and a plain minus sign."""
    return "–" if math.isnan(value) else f"{value:.{_DIGITS}g}"


def _factor(value: float) -> str:
    text = number(value)
    return f"({text})" if text.startswith("-") else text


def calculation(
    step: StepExplanation, seen: NeuronExplained | EdgeExplained, name: Name
) -> list[Calculation]:
    """The lines from the inputs of a neuron or connection to its update.

    Args:
        step: the step it belongs to.
        seen: the neuron (with as many terms as shall be listed) or connection.
        name: how a neuron is called.
    """
    if isinstance(seen, EdgeExplained):
        return [
            Calculation(
                f"What {name(seen.source)} adds to the sum of {name(seen.target)}",
                "w·a",
                f"{_factor(seen.weight)} · {_factor(seen.a)}",
                seen.product,
            ),
            *_update(step, seen.parameter, "w"),
        ]
    lines: list[Calculation] = []
    mean = "mean of " if step.count > 1 else ""
    if seen.bias is None:
        return [Calculation(f"Value of {name(seen.neuron)}", "a", "given by the data", seen.a)]
    for term in seen.incoming.terms:
        lines.append(
            Calculation(
                f"Term of {name(term.neuron)}",
                "w·a",
                f"{_factor(term.weight)} · {_factor(term.value)}",
                term.product,
            )
        )
    terms = [number(term.product) for term in seen.incoming.terms]
    if seen.incoming.more_count:
        terms.append(number(seen.incoming.more_sum))
    total = " + ".join(_bracketed([*terms, number(seen.bias)]))
    lines.append(Calculation("Weighted sum with the bias", "z", total, seen.z))
    known = ACTIVATIONS.get(seen.activation)
    title = known.title if known is not None else seen.activation
    inside = f"{mean}f(z)" if mean else f"f({number(seen.z)})"
    lines.append(Calculation(f"Activation ({title})", "a", inside, seen.a))
    if not math.isnan(seen.slope):
        inside = f"{mean}f′(z)" if mean else f"f′({number(seen.z)})"
        lines.append(Calculation("Slope of the activation function", "f′(z)", inside, seen.slope))
    if step.averages.loss is None:
        return lines
    parts = [f"{_factor(term.weight)} · {_factor(term.value)}" for term in seen.outgoing.terms]
    if seen.outgoing.more_count:
        parts.append(_factor(seen.outgoing.more_sum))
    if seen.loss is not None and not seen.loss.by_z:
        parts.append(_factor(seen.loss.value))
    if parts:
        what = "How the loss changes with the activation"
        lines.append(Calculation(what, "∂L/∂a", " + ".join(parts), seen.by_a))
    own = ""
    if seen.loss is not None and seen.loss.by_z:
        own = f"{number(seen.loss.a)} − {_factor(seen.loss.y)}"
        if seen.loss.outputs > 1:
            own = f"({own})/{seen.loss.outputs}"
    chain = f"{_factor(seen.by_a)} · {_factor(seen.slope)}"
    if seen.group:
        chain = " + ".join(f"{_factor(m.by_a)} · {_factor(m.slope)}" for m in seen.group)
    if mean:
        chain = "mean of ∂L/∂a · f′(z)"
    formula = " + ".join(text for text in (own, chain if parts or not own else "") if text)
    lines.append(Calculation("How the loss changes with z", "δ", formula, seen.delta))
    for parameter in seen.parameters:
        who = "the bias" if parameter.source < 0 else f"the weight of {name(parameter.source)}"
        letter = "b" if parameter.source < 0 else "w"
        inside = f"{_factor(parameter.delta)} · {_factor(parameter.carried)}"
        if mean and letter == "w":
            inside = "mean of δ · a"
        lines.append(Calculation(f"Gradient of {who}", f"∂L/∂{letter}", inside, parameter.gradient))
    for parameter in seen.parameters:
        who = "bias" if parameter.source < 0 else f"weight of {name(parameter.source)}"
        lines += _new_value(step, parameter, who)
    return lines


def _bracketed(texts: list[str]) -> list[str]:
    return [f"({text})" if i and text.startswith("-") else text for i, text in enumerate(texts)]


def _update(step: StepExplanation, parameter: ParameterExplained, letter: str) -> list[Calculation]:
    if step.update is None:
        return []
    inside = f"{_factor(parameter.delta)} · {_factor(parameter.carried)}"
    if step.count > 1:
        inside = "mean of δ · a"
    lines = [Calculation("Gradient", f"∂L/∂{letter}", inside, parameter.gradient)]
    if parameter.given != parameter.gradient:
        what = "Gradient with penalty, locks and clipping"
        lines.append(Calculation(what, "g", "by the settings", parameter.given))
    return lines + _new_value(step, parameter, "weight")


def _new_value(step: StepExplanation, parameter: ParameterExplained, who: str) -> list[Calculation]:
    update = step.update
    if update is None:
        return []
    optimizer = OPTIMIZERS[step.config.optimizer]
    change = f"by {optimizer.title}: {optimizer.formula}"
    if optimizer.name == "sgd":
        change = f"−{number(update.rate)} · {_factor(parameter.given)}"
    sign = number(parameter.change)
    then = f"{number(parameter.before)} + {_factor(parameter.change)}" if sign else ""
    return [
        Calculation(f"Change of the {who}", "Δ", change, parameter.change),
        Calculation(f"New {who}", "θ", then, parameter.after),
    ]


# ------------------------------------------------------------------ LaTeX
_LATEX_SIGNS: Final = {
    "∂L/∂a": r"\frac{\partial L}{\partial a}",
    "∂L/∂w": r"\frac{\partial L}{\partial w}",
    "∂L/∂b": r"\frac{\partial L}{\partial b}",
    "f′(z)": "f'(z)",
    "w·a": r"w \cdot a",
    "δ": r"\delta",
    "Δ": r"\Delta\theta",
    "θ": r"\theta",
}
_LATEX_LETTERS: Final = {
    "·": r"\cdot ",
    "−": "-",
    "–": r"\text{--}",
    "inf": r"\infty ",
    "′": "'",
    "∂": r"\partial ",
    "δ": r"\delta ",
    "θ": r"\theta ",
    "η": r"\eta ",
    "μ": r"\mu ",
    "λ": r"\lambda ",
    "β₁": r"\beta_1 ",
    "β₂": r"\beta_2 ",
}
_EXPONENT: Final = re.compile(r"(?<=\d)e([+-]\d+)")


def latex(
    step: StepExplanation, seen: NeuronExplained | EdgeExplained, name: Name, *, whole: bool = False
) -> str:
    """The calculation for amsmath's ``align*``; ``whole`` is a document that compiles by itself."""
    lines = []
    for line in calculation(step, seen, name):
        left = _LATEX_SIGNS.get(line.left, line.left)
        value = latex_number(line.value, _DIGITS)
        formula = line.formula
        parts = [] if formula.startswith(_IN_WORDS) else _short_lines(formula)
        words = rf"\parbox[t]{{55mm}}{{\raggedright {latex_text(line.what)}\strut}}"
        first, *others = [_latex_formula(part) for part in parts] or [value]
        rows = [f"  {left} &= {first}", *(rf"    &\quad {{}}+ {other}" for other in others)]
        if parts and _width(parts[-1]) + _width(number(line.value)) > LONGEST_WITH_VALUE:
            rows.append(rf"    &\quad {{}}= {value}")
        elif parts:
            rows[-1] += f" = {value}"
        lines += [f"{rows[0]} && {words}", *(f"{row} &&" for row in rows[1:])]
    body = "\\begin{align*}\n" + " \\\\\n".join(lines) + "\n\\end{align*}\n"
    if not whole:
        return body
    return (
        "\\documentclass{article}\n\\usepackage[utf8]{inputenc}\n\\usepackage[T1]{fontenc}\n"
        "\\usepackage[margin=20mm]{geometry}\n"
        f"\\usepackage{{amsmath}}\n\\allowdisplaybreaks\n\\begin{{document}}\n{body}\\end{{document}}\n"
    )


def _width(formula: str) -> int:
    """Characters, where a power of ten takes more room than the ``e`` it is written with."""
    return len(formula) + 3 * formula.count("e")


def _short_lines(formula: str) -> list[str]:
    """A formula as lines that fit on paper: a long sum goes on in the next one."""
    if not formula:
        return []
    first, *others = formula.split(" + ")
    lines = [first]
    for term in others:
        joined = f"{lines[-1]} + {term}"
        within_brackets = lines[-1].count("(") > lines[-1].count(")")
        if within_brackets or _width(joined) <= LONGEST_LINE:
            lines[-1] = joined
        else:
            lines.append(term)
    return lines


def _latex_formula(text: str) -> str:
    for sign, code in _LATEX_LETTERS.items():
        text = text.replace(sign, code)
    text = _EXPONENT.sub(lambda found: rf" \cdot 10^{{{int(found[1])}}}", text)
    return " ".join(text.split())


# ------------------------------------------------------------------ worksheets
def _given(step: StepExplanation, seen: NeuronExplained | EdgeExplained, name: Name) -> list[str]:
    """What a student is told."""
    if isinstance(seen, EdgeExplained):
        given = [
            f"weight w = {number(seen.weight)}",
            f"activation a of {name(seen.source)} = {number(seen.a)}",
        ]
        if not math.isnan(seen.delta):
            given.append(f"δ of {name(seen.target)} = {number(seen.delta)}")
    else:
        given = [
            f"{name(term.neuron)}: a = {number(term.value)}, w = {number(term.weight)}"
            for term in seen.incoming.terms
        ]
        if seen.incoming.more_count:
            given.append(
                f"{seen.incoming.more_count} other terms add up to {number(seen.incoming.more_sum)}"
            )
        if seen.bias is not None:
            given.append(f"bias b = {number(seen.bias)}")
            known = ACTIVATIONS.get(seen.activation)
            if known is not None:
                given.append(f"{known.title}: {known.formula}; {known.derivative_formula}")
        given += [
            f"to {name(term.neuron)}: w = {number(term.weight)}, δ = {number(term.value)}"
            for term in seen.outgoing.terms
            if not math.isnan(term.value)
        ]
        if seen.loss is not None:
            given.append(f"target y = {number(seen.loss.y)}")
    if step.update is not None:
        given.append(f"loss: {LOSSES[step.config.loss].title}, {LOSSES[step.config.loss].formula}")
        optimizer = OPTIMIZERS[step.config.optimizer]
        given.append(
            f"{optimizer.title}: {optimizer.formula}, learning rate η = {number(step.update.rate)}"
        )
    return given


def _heading(step: StepExplanation, seen: NeuronExplained | EdgeExplained, name: Name) -> str:
    who = (
        f"{name(seen.source)} → {name(seen.target)}"
        if isinstance(seen, EdgeExplained)
        else name(seen.neuron)
    )
    return who if step.count == 1 else f"{who}, means over {step.count} samples"


def worksheet_markdown(
    step: StepExplanation, seen: NeuronExplained | EdgeExplained, name: Name
) -> str:
    """Given numbers, blanks to fill in, and the answers on a page of their own, as Markdown."""
    lines = calculation(step, seen, name)
    text = [f"# Worksheet: {_heading(step, seen, name)}", "", "Name: ____________________", ""]
    text += ["## Given", "", *(f"- {item}" for item in _given(step, seen, name)), ""]
    text += ["## Work out", ""]
    for index, line in enumerate(lines, 1):
        text.append(f"{index}. {line.what}: {line.left} = ____________________")
    text += ["", "---", "", "## Answers", ""]
    for index, line in enumerate(lines, 1):
        middle = f" = {line.formula}" if line.formula else ""
        text.append(f"{index}. {line.left}{middle} = **{number(line.value)}**")
    return "\n".join(text) + "\n"


def worksheet_html(step: StepExplanation, seen: NeuronExplained | EdgeExplained, name: Name) -> str:
    """The same worksheet as a page to print; the answers begin on a new sheet."""
    from html import escape

    lines = calculation(step, seen, name)
    heading = escape(f"Worksheet: {_heading(step, seen, name)}")
    given = "".join(f"<li>{escape(item)}</li>" for item in _given(step, seen, name))
    blanks = "".join(
        f"<tr><td>{i}.</td><td>{escape(line.what)}</td>"
        f"<td><i>{escape(line.left)}</i> = ______________________</td></tr>"
        for i, line in enumerate(lines, 1)
    )
    answers = "".join(
        f"<tr><td>{i}.</td><td><i>{escape(line.left)}</i>"
        f"{' = ' + escape(line.formula) if line.formula else ''} = "
        f"<b>{escape(number(line.value))}</b></td></tr>"
        for i, line in enumerate(lines, 1)
    )
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{heading}</title><style>"
        "body{font-family:sans-serif;font-size:11pt;margin:2cm}td{padding:4pt 10pt 4pt 0;"
        "vertical-align:top}h1{font-size:16pt}h2{font-size:12pt}"
        "</style></head><body>"
        f"<h1>{heading}</h1><p>Name: ______________________________</p>"
        f"<h2>Given</h2><ul>{given}</ul><h2>Work out</h2><table>{blanks}</table>"
        f'<h2 style="page-break-before:always">Answers</h2><table>{answers}</table>'
        "</body></html>\n"
    )
