"""The steps of a plan as formulas and sentences for people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np

from nnplay.core.activations import ACTIVATIONS
from nnplay.core.losses import LOSSES
from nnplay.core.step_plan import Does, Step, StepPlan
from nnplay.core.topology import Kind

__all__ = ["StepWords", "number", "step_words"]

_DIGITS: Final = 4
_MOST_LISTED: Final = 4


class StepWords(NamedTuple):
    """A step in words: the calculation with its numbers, and what it means."""

    formula: str
    note: str


def step_words(plan: StepPlan, index: int) -> StepWords:
    """Say what a step of a plan computes; raises IndexError without such a step."""
    step = plan[index]
    return StepWords(*_SAYS[step.does](plan, step))


def number(value: float, *, factor: bool = False) -> str:
    """A number as short as its digits allow; in brackets if it is negative and a ``factor``."""
    if value != value:
        return "?"
    text = f"{value + 0.0:.{_DIGITS}g}".replace("-", "−").replace("inf", "∞")
    return f"({text})" if factor and text.startswith("−") else text


def _name(plan: StepPlan, row: int) -> str:
    network = plan.network
    return network.labels[row] or f"neuron {int(network.topology.ids[row])}"


def _plus(value: float) -> str:
    """A number to be added: + 0.3 or − 0.3."""
    text = number(value)
    return f"− {text[1:]}" if text.startswith("−") else f"+ {text}"


def _ends(plan: StepPlan, slot: int) -> tuple[int, int]:
    source, target = plan.network.topology.edge_rows[slot].tolist()
    return source, target


def _before(plan: StepPlan, step: Step) -> float:
    """The sum before a step at the same neuron."""
    if step.index == 0:
        return 0.0
    last = plan[step.index - 1]
    adds = (Does.TERM, Does.OWN, Does.CHAIN)
    return last.running if last.row == step.row and last.does in adds else 0.0


# ---------------------------------------------------------------------- forward
def _term(plan: StepPlan, step: Step) -> tuple[str, str]:
    source, target = _ends(plan, step.slot)
    weight, a = float(plan.network.theta[step.slot]), float(plan.trace.a[source])
    formula = (
        f"{_name(plan, target)}: {number(a)} · {number(weight, factor=True)} = {number(step.value)}"
    )
    return formula, (
        f"The activation of {_name(plan, source)} times the weight to {_name(plan, target)}. "
        f"The sum so far is {number(step.running)}."
    )


def _bias(plan: StepPlan, step: Step) -> tuple[str, str]:
    name, z = _name(plan, step.row), number(step.running)
    if not plan.network.enabled[step.slot]:
        return f"{name}: z = {z}", "The sum is complete; the bias is switched off."
    before = number(_before(plan, step))
    return (
        f"{name}: z = {before} {_plus(step.value)} = {z}",
        f"The bias {number(step.value)} is added to the sum of all terms.",
    )


def _activation(plan: StepPlan, step: Step) -> tuple[str, str]:
    title = ACTIVATIONS[plan.network.activations[step.row]].title
    name, z = _name(plan, step.row), number(float(plan.trace.z[step.row]))
    return (
        f"{name}: a = {title}({z}) = {number(step.value)}",
        f"The activation function turns the sum z into the activation of {name}.",
    )


def _softmax(plan: StepPlan, step: Step) -> tuple[str, str]:
    rows = plan.softmax_rows.tolist()
    shares = _listed(plan, rows, [number(float(plan.trace.a[row])) for row in rows])
    return (
        f"softmax: {shares}",
        "Each output takes e to the power of its z, divided by the sum over all outputs.",
    )


def _off(plan: StepPlan, step: Step) -> tuple[str, str]:
    name = _name(plan, step.row)
    return f"{name}: a = 0", f"{name} is switched off and gives 0 whatever it receives."


def _listed(plan: StepPlan, rows: list[int], texts: list[str]) -> str:
    pairs = [f"{_name(plan, row)} = {text}" for row, text in zip(rows, texts, strict=True)]
    return ", ".join(pairs[:_MOST_LISTED]) + (", …" if len(pairs) > _MOST_LISTED else "")


# ---------------------------------------------------------------------- loss
def _output(plan: StepPlan, row: int) -> tuple[str, str, str]:
    """Activation and target of an output, and the divisor of its share, as text."""
    outputs = np.flatnonzero(plan.network.topology.kinds == Kind.OUTPUT).tolist()
    loss = LOSSES[plan.loss_name]
    divisor = loss.divisor(len(outputs), 1)
    a = number(float(plan.trace.a[row]), factor=True)
    y = number(float(plan.targets[outputs.index(row)]), factor=True)
    return a, y, f" / {divisor}" if divisor > 1 else ""


def _loss_share(plan: StepPlan, step: Step) -> tuple[str, str]:
    a, y, divided = _output(plan, step.row)
    name = _name(plan, step.row)
    forms = {
        "half_squared": f"½ · ({a} − {y})²",
        "mse": f"({a} − {y})²{divided}",
        "mae": f"|{a} − {y}|{divided}",
        "binary_cross_entropy": f"−({y} · ln {a} + (1 − {y}) · ln(1 − {a})){divided}",
        "softmax_cross_entropy": f"−{y} · ln {a}",
        "hinge": f"max(0, 1 − {y} · {a}){divided}",
    }
    form = forms.get(plan.loss_name, f"Huber({a} − {y}){divided}")
    return (
        f"{name}: {form} = {number(step.value)}",
        f"How far the activation of {name}, {a}, is from its target {y}.",
    )


def _loss_sum(plan: StepPlan, step: Step) -> tuple[str, str]:
    shares = plan.values[plan.does == Does.LOSS_SHARE].tolist()
    total = number(step.value)
    if 1 < len(shares) <= _MOST_LISTED:
        parts = " ".join([number(shares[0]), *(_plus(share) for share in shares[1:])])
        return f"L = {parts} = {total}", "The loss of this sample: the sum over the outputs."
    many = f", the sum over {len(shares)} outputs" if len(shares) > 1 else ""
    return f"L = {total}", f"The loss of this sample{many}."


# ---------------------------------------------------------------------- backward
def _own(plan: StepPlan, step: Step) -> tuple[str, str]:
    a, y, divided = _output(plan, step.row)
    form = {"half_squared": f"{a} − {y} = ", "mse": f"2 · ({a} − {y}){divided} = "}
    return (
        f"{_name(plan, step.row)}: ∂L/∂a = {form.get(plan.loss_name, '')}{number(step.value)}",
        "How much the loss changes with this output: the derivative of the loss.",
    )


def _chain(plan: StepPlan, step: Step) -> tuple[str, str]:
    source, target = _ends(plan, step.slot)
    weight, delta = float(plan.network.theta[step.slot]), float(plan.trace.delta[target])
    return (
        f"{_name(plan, source)}: {number(delta)} · {number(weight, factor=True)} = {number(step.value)}",
        f"δ of {_name(plan, target)} comes back through the weight. ∂L/∂a of "
        f"{_name(plan, source)} so far: {number(step.running)}.",
    )


def _delta(plan: StepPlan, step: Step) -> tuple[str, str]:
    row, delta = step.row, number(step.value)
    name, slope = _name(plan, row), float(plan.trace.derivative[row])
    back = _before(plan, step)
    pushed = f"{number(back)} · {number(slope, factor=True)}"
    if not (plan.by_z and plan.network.topology.kinds[row] == Kind.OUTPUT):
        title = ACTIVATIONS[plan.network.activations[row]].title
        return (
            f"{name}: δ = {pushed} = {delta}",
            f"∂L/∂a times the slope of {title} at z = {number(float(plan.trace.z[row]))}.",
        )
    a, y, divided = _output(plan, row)
    own = f"({a} − {y}){divided}" if divided else f"{a} − {y}"
    if not _feeds(plan, row):
        return (
            f"{name}: δ = {own} = {delta}",
            "With cross-entropy the derivative by z is simply activation minus target.",
        )
    return (
        f"{name}: δ = {pushed} + {own} = {delta}",
        "What comes back from other neurons, and what the cross-entropy itself gives.",
    )


def _feeds(plan: StepPlan, row: int) -> bool:
    slots = plan.network.topology.outgoing_slots[row]
    return bool(plan.network.enabled[slots].any())


def _softmax_delta(plan: StepPlan, step: Step) -> tuple[str, str]:
    rows = plan.softmax_rows.tolist()
    texts = [number(float(plan.trace.delta[row])) for row in rows]
    note = "The outputs share one sum, so that each ∂L/∂a changes the z of all of them."
    if plan.by_z and not any(_feeds(plan, row) for row in rows):
        note = "With cross-entropy δ is simply activation minus target, for each output."
    return f"δ: {_listed(plan, rows, texts)}", note


def _off_delta(plan: StepPlan, step: Step) -> tuple[str, str]:
    name = _name(plan, step.row)
    return f"{name}: δ = 0", f"{name} is switched off: nothing comes back through it."


def _gradient(plan: StepPlan, step: Step) -> tuple[str, str]:
    source, target = _ends(plan, step.slot)
    delta, a = float(plan.trace.delta[target]), float(plan.trace.a[source])
    return (
        f"{_name(plan, source)} → {_name(plan, target)}: ∂L/∂w = "
        f"{number(delta)} · {number(a, factor=True)} = {number(step.value)}",
        f"δ of {_name(plan, target)} times the activation of {_name(plan, source)}.",
    )


def _bias_gradient(plan: StepPlan, step: Step) -> tuple[str, str]:
    name = _name(plan, step.row)
    if not plan.network.enabled[step.slot]:
        return f"{name}: ∂L/∂b = 0", "The bias is switched off."
    return f"{name}: ∂L/∂b = δ = {number(step.value)}", "The bias is a weight whose source is 1."


# ---------------------------------------------------------------------- update
def _update(plan: StepPlan, step: Step) -> tuple[str, str]:
    network, slot = plan.network, step.slot
    if slot < network.topology.edge_count:
        source, target = _ends(plan, slot)
        what = f"w of {_name(plan, source)} → {_name(plan, target)}"
    else:
        what = f"b of {_name(plan, step.row)}"
    old = float(network.theta[slot])
    formula = f"{what}: {number(old)} {_plus(step.value)} = {number(step.running)}"
    if network.frozen[slot]:
        return f"{what}: {number(old)}", "It is locked: training leaves it alone."
    gradient = float(plan.trace.gradient[slot])
    if np.isclose(step.value, -plan.rate * gradient, rtol=1e-9, atol=1e-300):
        return formula, (
            f"Against the gradient: −{number(plan.rate)} · {number(gradient, factor=True)}, "
            "learning rate times gradient."
        )
    return formula, (
        f"The step the optimiser makes of the gradient {number(gradient)}, with its memory, "
        "penalties and limits."
    )


_SAYS: Final[dict[Does, Callable[[StepPlan, Step], tuple[str, str]]]] = {
    Does.TERM: _term,
    Does.BIAS: _bias,
    Does.ACTIVATION: _activation,
    Does.SOFTMAX: _softmax,
    Does.OFF: _off,
    Does.LOSS_SHARE: _loss_share,
    Does.LOSS_SUM: _loss_sum,
    Does.OWN: _own,
    Does.CHAIN: _chain,
    Does.DELTA: _delta,
    Does.SOFTMAX_DELTA: _softmax_delta,
    Does.OFF_DELTA: _off_delta,
    Does.GRADIENT: _gradient,
    Does.BIAS_GRADIENT: _bias_gradient,
    Does.UPDATE: _update,
}
