"""The numbers of one parameter's update in words: gradient, penalty, clipping, optimiser, change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from nnplay.core.explained_values import ParameterExplained
from nnplay.core.explaining import StepExplanation

__all__ = ["UpdateRow", "update_rows"]

_MEMORY: Final = {
    "velocity": "velocity v",
    "first_moment": "m",
    "second_moment": "v",
    "squares": "squares s",
    "previous_gradient": "gradient kept",
    "step_size": "step size Δ",
    "direction": "latest move",
}


@dataclass(frozen=True)
class UpdateRow:
    """One number, or one before and after."""

    text: str
    value: float
    after: float | None = None
    bold: bool = False
    rule: bool = False


def update_rows(
    step: StepExplanation, parameter: ParameterExplained, letter: str = "w"
) -> list[UpdateRow]:
    """Line by line from ∂L/∂w to the new w; empty without a target."""
    update, config = step.update, step.config
    if update is None:
        return []
    rows = [UpdateRow(f"∂L/∂{letter}", parameter.gradient)]
    if parameter.penalty:
        rows.append(UpdateRow("+ penalty l2·w + l1·sign w", parameter.penalty))
    if not parameter.movable:
        rows.append(UpdateRow("locked or off: no gradient", 0.0))
    if parameter.value_clipped:
        rows.append(UpdateRow(f"clipped to ±{config.clip_value:g}", parameter.given))
    if parameter.clip_factor != 1.0:
        rows.append(UpdateRow("· clipping of the length", parameter.clip_factor))
    if len(rows) > 1:
        rows.append(UpdateRow("g = gradient used", parameter.given, bold=True, rule=True))
    rows.append(UpdateRow("learning rate η", update.rate))
    for name, (before, after) in parameter.memory.items():
        if name in _MEMORY:
            rows.append(UpdateRow(_MEMORY[name], before, after))
    if config.optimizer in ("adam", "adamw"):
        # What the text books call m̂ and v̂; the update itself comes from the optimiser.
        number = update.number
        first, second = parameter.memory["first_moment"][1], parameter.memory["second_moment"][1]
        rows.append(UpdateRow(f"m̂ = m/(1 − β₁^{number})", first / (1 - config.beta1**number)))
        rows.append(UpdateRow(f"v̂ = v/(1 − β₂^{number})", second / (1 - config.beta2**number)))
    moved = parameter.moved - parameter.before
    rows.append(UpdateRow(update_formula(config.optimizer, letter), moved, bold=True, rule=True))
    if parameter.after != parameter.moved:
        rows.append(UpdateRow("dead links, max-norm", parameter.after - parameter.moved))
    rows.append(UpdateRow(f"{letter}", parameter.before, parameter.after))
    return rows


def update_formula(optimizer: str, letter: str = "w") -> str:
    """Δw as a short formula."""
    forms = {
        "sgd": "−η·g",
        "momentum": "−η·v",
        "nesterov": "−η·(g + μ·v)",
        "adagrad": "−η·g/(√s + ε)",
        "rmsprop": "−η·g/(√s + ε)",
        "adam": "−η·m̂/(√v̂ + ε)",
        "adamw": f"−η·(λ{letter} + m̂/(√v̂+ε))" if letter == "w" else "−η·m̂/(√v̂ + ε)",
        "rprop": "−Δ·sign g",
        "lbfgs": "−η·H·g",
    }
    return f"Δ{letter} = {forms[optimizer]}"
