"""Activations and formulas as ONNX operators.

Where ONNX has no operator, or only from a later operator set on, several are put together. In
float64 fewer operators may be used: onnxruntime computes many of them in float32 only.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final, Protocol

from nnplay.core.activation_functions import (
    GELU_CUBIC,
    GELU_SLOPE,
    LEAK,
    SELU_ALPHA,
    SELU_SCALE,
)
from nnplay.data.features import Expression

__all__ = ["ACTIVATION_WRITERS", "Builder", "write_expression"]


class Builder(Protocol):
    """What the writers need of a graph in the making."""

    opset: int
    is_double: bool

    def node(self, op: str, inputs: list[str], hint: str, **attributes: Any) -> str:
        """Add a node; the name of its result."""
        ...

    def number(self, value: float) -> str:
        """The name of a constant."""
        ...

    def cast(self, name: str, hint: str) -> str:
        """A value as the model's type of number."""
        ...


Writer = Callable[[Builder, str, str], str]


def _one(op: str, **attributes: Any) -> Writer:
    return lambda g, z, hint: g.node(op, [z], hint, **attributes)


def _linear(g: Builder, z: str, hint: str) -> str:
    return z


def _leaky_relu(g: Builder, z: str, hint: str) -> str:
    if g.is_double:
        return g.node("Max", [z, g.node("Mul", [z, g.number(LEAK)], f"{hint}_leak")], hint)
    return g.node("LeakyRelu", [z], hint, alpha=LEAK)


def _negative_part(g: Builder, z: str, hint: str) -> str:
    """e^min(z, 0) − 1."""
    low = g.node("Min", [z, g.number(0.0)], f"{hint}_min")
    return g.node("Sub", [g.node("Exp", [low], f"{hint}_exp"), g.number(1.0)], f"{hint}_below")


def _elu(g: Builder, z: str, hint: str) -> str:
    if g.is_double:
        return g.node("Max", [z, _negative_part(g, z, hint)], hint)
    return g.node("Elu", [z], hint, alpha=1.0)


def _selu(g: Builder, z: str, hint: str) -> str:
    if g.is_double:
        below = g.node(
            "Mul", [_negative_part(g, z, hint), g.number(SELU_ALPHA * SELU_SCALE)], f"{hint}_low"
        )
        above = g.node("Relu", [z], f"{hint}_relu")
        scaled = g.node("Mul", [above, g.number(SELU_SCALE)], f"{hint}_high")
        return g.node("Add", [scaled, below], hint)
    return g.node("Selu", [z], hint, alpha=SELU_ALPHA, gamma=SELU_SCALE)


def _gelu(g: Builder, z: str, hint: str) -> str:
    if g.opset >= 20 and not g.is_double:
        return g.node("Gelu", [z], hint)
    inner = g.node("Mul", [z, g.number(math.sqrt(0.5))], f"{hint}_scaled")
    if g.is_double:  # no runtime has Erf in 64 bits; its 32 bits are exact to seven digits
        narrow = g.node("Cast", [inner], f"{hint}_narrow", to=1)
        inner = g.cast(g.node("Erf", [narrow], f"{hint}_erf32"), f"{hint}_erf")
    else:
        inner = g.node("Erf", [inner], f"{hint}_erf")
    above = g.node("Add", [inner, g.number(1.0)], f"{hint}_above")
    half = g.node("Mul", [z, g.number(0.5)], f"{hint}_half")
    return g.node("Mul", [half, above], hint)


def _gelu_tanh(g: Builder, z: str, hint: str) -> str:
    if g.opset >= 20 and not g.is_double:
        return g.node("Gelu", [z], hint, approximate="tanh")
    cubic = g.node("Mul", [g.node("Mul", [z, z], f"{hint}_square"), z], f"{hint}_cube")
    sum_ = g.node(
        "Add", [z, g.node("Mul", [cubic, g.number(GELU_CUBIC)], f"{hint}_c")], f"{hint}_s"
    )
    inner = g.node("Mul", [sum_, g.number(GELU_SLOPE / 2)], f"{hint}_inner")
    above = g.node("Add", [g.node("Tanh", [inner], f"{hint}_tanh"), g.number(1.0)], f"{hint}_above")
    half = g.node("Mul", [z, g.number(0.5)], f"{hint}_half")
    return g.node("Mul", [half, above], hint)


def _silu(g: Builder, z: str, hint: str) -> str:
    return g.node("Mul", [z, g.node("Sigmoid", [z], f"{hint}_sigmoid")], hint)


def _softplus(g: Builder, z: str, hint: str) -> str:
    if not g.is_double:
        return g.node("Softplus", [z], hint)
    # max(z, 0) + ln(1 + e^−|z|), which never overflows
    size = g.node("Neg", [g.node("Abs", [z], f"{hint}_abs")], f"{hint}_negative")
    inside = g.node("Add", [g.node("Exp", [size], f"{hint}_exp"), g.number(1.0)], f"{hint}_inside")
    log = g.node("Log", [inside], f"{hint}_log")
    return g.node("Add", [g.node("Relu", [z], f"{hint}_relu"), log], hint)


def _mish(g: Builder, z: str, hint: str) -> str:
    tanh = g.node("Tanh", [_softplus(g, z, f"{hint}_softplus")], f"{hint}_tanh")
    return g.node("Mul", [z, tanh], hint)


def _clip(g: Builder, z: str, low: float, high: float, hint: str) -> str:
    return g.node("Clip", [z, g.number(low), g.number(high)], hint)


def _hard_sigmoid(g: Builder, z: str, hint: str) -> str:
    if not g.is_double:
        return g.node("HardSigmoid", [z], hint, alpha=1 / 6, beta=0.5)
    sixth = g.node("Div", [z, g.number(6.0)], f"{hint}_sixth")
    return _clip(g, g.node("Add", [sixth, g.number(0.5)], f"{hint}_moved"), 0.0, 1.0, hint)


def _hard_tanh(g: Builder, z: str, hint: str) -> str:
    return _clip(g, z, -1.0, 1.0, hint)


def _softsign(g: Builder, z: str, hint: str) -> str:
    if not g.is_double:
        return g.node("Softsign", [z], hint)
    size = g.node("Add", [g.node("Abs", [z], f"{hint}_abs"), g.number(1.0)], f"{hint}_size")
    return g.node("Div", [z, size], hint)


def _gaussian(g: Builder, z: str, hint: str) -> str:
    square = g.node("Mul", [z, z], f"{hint}_square")
    return g.node("Exp", [g.node("Neg", [square], f"{hint}_negative")], hint)


def _cos(g: Builder, z: str, hint: str) -> str:
    if not g.is_double:
        return g.node("Cos", [z], hint)
    return g.node("Sin", [g.node("Add", [z, g.number(math.pi / 2)], f"{hint}_moved")], hint)


def _square(g: Builder, z: str, hint: str) -> str:
    return g.node("Mul", [z, z], hint)


def _step(g: Builder, z: str, hint: str) -> str:
    return g.cast(g.node("Greater", [z, g.number(0.0)], f"{hint}_greater"), hint)


ACTIVATION_WRITERS: Final[dict[str, Writer]] = {
    "linear": _linear,
    "relu": _one("Relu"),
    "leaky_relu": _leaky_relu,
    "elu": _elu,
    "selu": _selu,
    "gelu": _gelu,
    "gelu_tanh": _gelu_tanh,
    "silu": _silu,
    "mish": _mish,
    "sigmoid": _one("Sigmoid"),
    "hard_sigmoid": _hard_sigmoid,
    "tanh": _one("Tanh"),
    "hard_tanh": _hard_tanh,
    "softplus": _softplus,
    "softsign": _softsign,
    "sin": _one("Sin"),
    "cos": _cos,
    "gaussian": _gaussian,
    "abs": _one("Abs"),
    "square": _square,
    "step": _step,
    "softmax": _one("Softmax", axis=1),
}
"""How each activation of the table is written: (graph, pre-activation, name) to a result's name."""

_FORMULA_OPERATORS: Final = {
    "+": "Add",
    "-": "Sub",
    "*": "Mul",
    "/": "Div",
    "^": "Pow",
    "negative": "Neg",
    "sin": "Sin",
    "tanh": "Tanh",
    "exp": "Exp",
    "log": "Log",
    "sqrt": "Sqrt",
    "abs": "Abs",
    "sign": "Sign",
    "min": "Min",
    "max": "Max",
}


def write_expression(g: Builder, tree: Expression, column: Callable[[str], str], hint: str) -> str:
    """Write a formula over columns ``[batch, 1]``; the name of its value.

    Args:
        g: the graph.
        tree: the formula.
        column: name of the value of a column.
        hint: start of the names of new values.
    """
    if tree.kind == "number":
        return g.number(tree.number)
    if tree.kind == "column":
        return column(tree.column)
    parts = [write_expression(g, part, column, hint) for part in tree.parts]
    if tree.kind == "cos":
        return _cos(g, parts[0], f"{hint}_cos")
    if tree.kind == "tan":
        sine, cosine = g.node("Sin", parts, f"{hint}_sin"), _cos(g, parts[0], f"{hint}_cos")
        return g.node("Div", [sine, cosine], f"{hint}_tan")
    return g.node(_FORMULA_OPERATORS[tree.kind], parts, f"{hint}_{_word(tree.kind)}")


def _word(kind: str) -> str:
    signs = {"+": "sum", "-": "difference", "*": "product", "/": "quotient", "^": "power"}
    return signs.get(kind, kind)
