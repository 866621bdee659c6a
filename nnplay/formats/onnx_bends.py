"""ONNX operators that bend: activations, limits, comparisons, and the pieces of activations."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from nnplay.formats import onnx_patterns as patterns
from nnplay.formats import onnx_pieces as pieces
from nnplay.formats.onnx_model import WAY_OUT, Node
from nnplay.formats.onnx_moves import along_features
from nnplay.formats.onnx_symbols import Traced, nearly, snapped

if TYPE_CHECKING:
    from nnplay.formats.onnx_trace import Walker

__all__ = ["BENDS"]

FloatArray = npt.NDArray[np.float64]
BOUNDLESS: Final = 1e30
"""Limits of a Clip from here on are none."""

Handler = Callable[["Walker", Node, list[Any]], Traced]


def _function(name: str) -> Handler:
    return lambda walker, node, given: walker.neurons.applied(name, given[0])


def _leaky(walker: Walker, u: Traced, slope: npt.ArrayLike) -> Traced:
    slopes = np.broadcast_to(np.asarray(slope, dtype=np.float64), u.shape)
    if nearly(slopes, 0.01):
        return walker.neurons.applied("leaky_relu", u)
    if not slopes.any():
        return walker.neurons.applied("relu", u)
    return pieces.bent(walker, u, slopes, "linear", 1.0)


def _leaky_relu(walker: Walker, node: Node, given: list[Any]) -> Traced:
    return _leaky(walker, given[0], node.number("alpha", 0.01))


def _prelu(walker: Walker, node: Node, given: list[Any]) -> Traced:
    return _leaky(walker, *walker.over(node, given[0], given[1]))


def _elu(walker: Walker, node: Node, given: list[Any]) -> Traced:
    alpha = node.number("alpha", 1.0)
    if nearly(alpha, 1.0):
        return walker.neurons.applied("elu", given[0])
    return pieces.bent(walker, given[0], alpha, "elu", 1.0)


def _selu(walker: Walker, node: Node, given: list[Any]) -> Traced:
    from nnplay.core.activation_functions import SELU_ALPHA, SELU_SCALE

    alpha, gamma = node.number("alpha", SELU_ALPHA), node.number("gamma", SELU_SCALE)
    if nearly(alpha, SELU_ALPHA):
        return walker.neurons.applied("selu", given[0]).times(
            snapped(np.asarray(gamma / SELU_SCALE))
        )
    return pieces.bent(walker, given[0], alpha, "elu", gamma)


def _celu(walker: Walker, node: Node, given: list[Any]) -> Traced:
    alpha = node.number("alpha", 1.0)
    if alpha <= 0:
        raise node.refused("its alpha must be more than 0.")
    return walker.neurons.applied("elu", given[0].times(1.0 / alpha)).times(alpha)


def _gelu(walker: Walker, node: Node, given: list[Any]) -> Traced:
    tanh = node.text("approximate", "none") == "tanh"
    return walker.neurons.applied("gelu_tanh" if tanh else "gelu", given[0])


def _hard_swish(walker: Walker, node: Node, given: list[Any]) -> Traced:
    return pieces.hard_swish(walker, node, given[0])


def _hard_sigmoid(walker: Walker, node: Node, given: list[Any]) -> Traced:
    alpha, beta = node.number("alpha", 0.2), node.number("beta", 0.5)
    u = given[0].times(snapped(np.asarray(6.0 * alpha)))
    offset = 6.0 * beta - 3.0
    return walker.neurons.applied("hard_sigmoid", u.plus(offset) if offset else u)


def _limited(walker: Walker, node: Node, u: Traced, low: float, high: float) -> Traced:
    if low >= high:
        raise node.refused("its limits are in the wrong order, so it is a constant.")
    has_low, has_high = low > -BOUNDLESS, high < BOUNDLESS
    if not has_low and not has_high:
        return u
    if not has_high:
        return walker.neurons.applied("relu", u.plus(-low) if low else u).plus(low)
    if not has_low:
        return walker.neurons.applied("relu", u.times(-1.0).plus(high)).times(-1.0).plus(high)
    if low == 0.0:
        name = "ReLU6" if high == 6.0 else f"Limits of 0 and {high:g}"
        if high != 1.0:
            _remark_scaled(walker, name, "hard sigmoid")
        steep = snapped(u.scale * (6.0 / high))
        moved = Traced(u.ids, steep, u.shift * (6.0 / high) - 3.0, u.batch)
        return walker.neurons.applied("hard_sigmoid", moved).times(high)
    middle, half = (low + high) / 2, (high - low) / 2
    moved = u.plus(-middle).times(1.0 / half) if (middle, half) != (0.0, 1.0) else u
    result = walker.neurons.applied("hard_tanh", moved)
    if (middle, half) == (0.0, 1.0):
        return result
    _remark_scaled(walker, f"Limits of {low:g} and {high:g}".replace("-", "−"), "hard tanh")
    return result.times(half).plus(middle)


def _remark_scaled(walker: Walker, what: str, activation: str) -> None:
    verb = "are" if what.startswith("Limits") else "is"
    walker.trace.remarks[
        f"{what} {verb} shown as {activation}, with weights and biases scaled to fit: the same "
        "function."
    ] = None


def _limit(node: Node, value: Any, default: float) -> float:
    if value is None:
        return default
    array = np.asarray(value) if not isinstance(value, Traced) else np.empty(0)
    if array.size != 1 or array.dtype.kind not in "fiu":
        raise node.refused("its limits are not single numbers.")
    number = float(array.reshape(-1)[0])
    return default if math.isnan(number) else number


def _clip(walker: Walker, node: Node, given: list[Any]) -> Traced:
    low = given[1] if len(given) > 1 else node.attributes.get("min")
    high = given[2] if len(given) > 2 else node.attributes.get("max")
    return _limited(
        walker, node, given[0], _limit(node, low, -math.inf), _limit(node, high, math.inf)
    )


def _max_min(walker: Walker, node: Node, given: list[Any]) -> Traced:
    if len(given) == 1:
        alone: Traced = given[0]
        return alone
    if len(given) != 2:
        raise node.refused("nnplay knows no neuron that compares more than two values.")
    a, b = given
    if not isinstance(a, Traced):
        a, b = b, a
    if isinstance(b, Traced):
        a, b = walker.pair(node, a, b)
        # max(u, r·u) with 0 <= r < 1 is a leaky ReLU
        if node.op == "Max" and (a.ids == b.ids).all() and not a.shift.any() and not b.shift.any():
            steep, flat = (a, b) if np.abs(a.scale).sum() >= np.abs(b.scale).sum() else (b, a)
            with np.errstate(all="ignore"):
                ratio = flat.scale / steep.scale
            if np.isfinite(ratio).all() and (ratio >= 0).all() and (ratio < 1).all():
                return _leaky(walker, steep, ratio)
        raise node.refused("it compares two computed values, which no neuron of nnplay does.")
    wide, array = walker.over(node, a, b)
    limits = np.unique(array)
    if limits.size == 1:
        limit = float(limits[0])
        low, high = (limit, math.inf) if node.op == "Max" else (-math.inf, limit)
        return _limited(walker, node, wide, low, high)
    sign = 1.0 if node.op == "Max" else -1.0
    above = walker.neurons.applied("relu", wide.plus(-array).times(sign))
    return above.times(sign).plus(array)


def _greater(walker: Walker, node: Node, given: list[Any]) -> Traced:
    a, b = given
    if isinstance(a, Traced) and isinstance(b, Traced):
        raise node.refused("it compares two computed values, which no neuron of nnplay does.")
    sign = 1.0 if (node.op == "Greater") == isinstance(a, Traced) else -1.0
    traced, value = (a, b) if isinstance(a, Traced) else (b, a)
    wide, array = walker.over(node, traced, value)
    return walker.neurons.applied("step", wide.plus(-array).times(sign))


def _where(walker: Walker, node: Node, given: list[Any]) -> Traced:
    """``z`` above a threshold and ``softplus(z)`` below, as PyTorch has it."""
    if all(isinstance(value, Traced) for value in given):
        above: Traced
        z: Traced
        bent: Traced
        above, z, bent = given
        neurons = walker.neurons
        if (
            above.shape == z.shape == bent.shape
            and neurons.is_all(above.ids, "step")
            and neurons.is_all(bent.ids, "softplus")
            and above.is_plain
            and bent.is_plain
        ):
            limit, inner = neurons.before(above), neurons.before(bent)
            if (
                (limit.ids == z.ids).all()
                and (inner.ids == z.ids).all()
                and (limit.scale == z.scale).all()
                and (inner.scale == z.scale).all()
                and nearly(inner.shift, z.shift)
                and (z.shift - limit.shift >= 15.0).all()  # there softplus is z to seven digits
            ):
                return bent
    raise node.refused(
        "it chooses between computed values, which no neuron of nnplay does. If it makes an "
        "activation, export the model with the activation's own operator (Relu, Clip …)."
    )


def _softmax(walker: Walker, node: Node, given: list[Any]) -> Traced:
    a = given[0]
    rank = len(a.shape)
    recent = walker.graph.opset >= 13
    axis = along_features(node, a, node.whole("axis", -1 if recent else 1)) if rank else 0
    axes = {axis} if recent else set(range(axis, rank))
    rest = [n for i, n in enumerate(a.shape) if i not in axes and i != a.batch]
    if math.prod(rest) != 1 or (a.batch is not None and a.batch in axes):
        raise node.refused(
            "it does not run over all outputs of a sample. nnplay has one softmax over the outputs."
        )
    return walker.neurons.applied("softmax", a)


def _exp(walker: Walker, node: Node, given: list[Any]) -> Traced:
    return patterns.exponential(walker.neurons, given[0])


def _log(walker: Walker, node: Node, given: list[Any]) -> Traced:
    found = patterns.logarithm(walker.neurons, given[0])
    if found is None:
        raise node.refused("nnplay has no neuron that takes a logarithm. " + WAY_OUT)
    return found


BENDS: Final[dict[str, Handler]] = {
    "Relu": _function("relu"),
    "Sigmoid": _function("sigmoid"),
    "Tanh": _function("tanh"),
    "Softplus": _function("softplus"),
    "Softsign": _function("softsign"),
    "Sin": _function("sin"),
    "Cos": _function("cos"),
    "Abs": _function("abs"),
    "Mish": _function("mish"),
    "Erf": _function("erf"),
    "LeakyRelu": _leaky_relu,
    "PRelu": _prelu,
    "Elu": _elu,
    "Selu": _selu,
    "Celu": _celu,
    "Gelu": _gelu,
    "HardSigmoid": _hard_sigmoid,
    "HardSwish": _hard_swish,
    "Clip": _clip,
    "Max": _max_min,
    "Min": _max_min,
    "Greater": _greater,
    "Less": _greater,
    "Softmax": _softmax,
    "Where": _where,
    "Exp": _exp,
    "Log": _log,
}
"""Operators by name: (walker, node, what it reads) to its result."""
