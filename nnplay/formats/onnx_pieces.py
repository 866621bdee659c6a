"""Activations that nnplay does not have, as sums of neurons that it has: the same function, exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from nnplay.formats import onnx_patterns as patterns
from nnplay.formats.onnx_model import Node
from nnplay.formats.onnx_symbols import Traced, snapped

if TYPE_CHECKING:
    from nnplay.formats.onnx_trace import Walker

__all__ = ["bent", "hard_swish", "hard_swish_product"]


def bent(walker: Walker, u: Traced, below: npt.ArrayLike, smooth: str, outer: float) -> Traced:
    """``outer·(u if u > 0 else below·f(u))`` with f linear (leaky ReLU) or ELU, by two neurons."""
    below = np.broadcast_to(np.asarray(below, dtype=np.float64), u.shape)
    relu = walker.neurons.applied("relu", u).times(outer * (1.0 - below))
    other = u if smooth == "linear" else walker.neurons.applied(smooth, u)
    parts = (relu, other.times(outer * below))
    walker.trace.remarks[
        "An activation has a slope that nnplay's own does not have; it is shown as a ReLU beside "
        "another neuron, and their sum."
    ] = None
    size = u.ids.size
    flat = [(p.ids.reshape(-1), p.scale.reshape(-1), p.shift.reshape(-1)) for p in parts]
    places = np.tile(np.arange(size), 2)
    order = np.argsort(places, kind="stable")
    return walker.neurons.sums(
        u.shape,
        u.batch,
        places[order],
        np.concatenate([ids for ids, _, _ in flat])[order],
        np.concatenate([scale for _, scale, _ in flat])[order],
        flat[0][2] + flat[1][2],
    )


def hard_swish(walker: Walker, node: Node, u: Traced) -> Traced:
    """``u·min(max(u + 3, 0), 6)/6``.

    With c = min(max(u/3, −1), 1) it is 1.5·c² + 1.5·c + max(u − 3, 0): 0 up to −3, u from 3 on,
    and u·(u + 3)/6 between.
    """
    limited = walker.neurons.applied("hard_tanh", u.times(1.0 / 3.0))
    square = walker.neurons.applied("square", limited)
    above = walker.neurons.applied("relu", u.plus(-3.0))
    walker.trace.remarks[
        "nnplay has no hard swish; each is shown as a hard tanh, its square and a ReLU, and their "
        "sum: the same function."
    ] = None
    return walker.total(node, (limited.times(1.5), square.times(1.5), above))


def hard_swish_product(walker: Walker, node: Node, a: Traced, b: Traced) -> Traced | None:
    """``a · b`` where one is a multiple of u and the other a hard sigmoid of u; else None."""
    neurons = walker.neurons
    for straight, gate in ((a, b), (b, a)):
        if neurons.is_all(gate.ids, "hard_sigmoid") and not gate.shift.any():
            u = neurons.before(gate)
            k = patterns.factor(straight, u)
            if k is not None:
                return hard_swish(walker, node, u).times(snapped(k * gate.scale))
    return None
