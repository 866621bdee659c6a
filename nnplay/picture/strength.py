"""How strongly each edge is drawn: its share of the largest weight, and which edges are drawn."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from nnplay.core.network import Network

__all__ = [
    "DRAWN_LIMIT",
    "MAPPED_FROM",
    "crowding",
    "drawn_slots",
    "edge_width",
    "size_below",
    "strengths",
    "weight_scale",
]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

THINNEST: Final = 0.8
WIDTH_RANGE: Final = 4.2
# Below this a network of tiny weights would look as decided as one of large weights.
SMALLEST_SCALE: Final = 0.25
DRAWN_LIMIT: Final = 4000
# Beyond this many lines a picture is a solid blob that says nothing; in very large networks the
# strongest are all alike, and fewer already cover the ground.
STRONGEST_KEPT: Final = 3000
VERY_LARGE: Final = 20_000
# More edges than this are shown as heat maps of whole layers at any zoom.
MAPPED_FROM: Final = VERY_LARGE
STRONGEST_KEPT_OF_MANY: Final = 1000


def weight_scale(weights: FloatArray, least: float = SMALLEST_SCALE) -> float:
    """The absolute weight drawn at full strength.

    The largest one in a small network; in large ones the 99th percentile, so that one outlier
    does not make all others vanish. It is never below ``least``.
    """
    sizes = np.abs(weights)
    sizes = sizes[np.isfinite(sizes)]
    if not sizes.size:
        return 1.0
    if sizes.size > 400:
        place = int(0.99 * (sizes.size - 1))
        largest = float(np.partition(sizes, place)[place])
    else:
        largest = float(sizes.max())
    return max(largest, least)


def crowding(edge_count: int) -> float:
    """How much a picture must hold back: 0 up to 300 edges, rising to 1 at 1,500."""
    return min(1.0, max(0.0, (edge_count - 300) / 1200))


def strengths(weights: FloatArray, scale: float) -> FloatArray:
    """``float64[E]`` in 0 … 1; weights that are not finite count as full.

    In a crowd weak edges give way: the share of the largest weight is raised to a power of up
    to two.
    """
    shares = np.nan_to_num(np.minimum(np.abs(weights) / scale, 1.0), nan=1.0)
    crowd = crowding(len(weights))
    result: FloatArray = shares ** (1.0 + crowd) if crowd else shares
    return result


def edge_width(strength: FloatArray, crowd: float = 0.0) -> FloatArray:
    """Drawn width in canvas pixels: 0.8 for nothing to 5 for full strength, thinner in a crowd."""
    return THINNEST + WIDTH_RANGE * (1.0 - 0.6 * crowd) * strength


def drawn_slots(network: Network, always: IntArray, weakest: float = 0.0) -> IntArray:
    """Slots of the edges to draw, ascending: all, or the strongest into each neuron.

    Above :data:`DRAWN_LIMIT` edges only the strongest few per target are drawn (at least one),
    about :data:`STRONGEST_KEPT` (or :data:`STRONGEST_KEPT_OF_MANY`) in all, and the slots in
    ``always``. Weights below ``weakest`` in size are left out.
    """
    topology = network.topology
    count = topology.edge_count
    if count <= DRAWN_LIMIT and weakest <= 0.0:
        return np.arange(count)
    if count <= DRAWN_LIMIT:
        # NaN stays: what has gone wrong must be seen.
        strong = np.flatnonzero(~(np.abs(network.theta[:count]) < weakest))
        return np.union1d(strong, always)
    targets = topology.edge_rows[:, 1]
    fan_in = np.bincount(targets, minlength=topology.neuron_count)
    budget = STRONGEST_KEPT if count <= VERY_LARGE else STRONGEST_KEPT_OF_MANY
    kept = max(1, budget // max(1, int((fan_in > 0).sum())))
    order = np.lexsort((-np.abs(network.effective_weights), targets))
    starts = np.concatenate([[0], np.cumsum(fan_in)[:-1]])
    rank = np.arange(count) - starts[targets[order]]
    shown = order[rank < kept]
    shown = shown[~(np.abs(network.theta[shown]) < weakest)]
    chosen: IntArray = np.union1d(shown, always)
    return chosen


def size_below(weights: FloatArray, share: float) -> float:
    """The size that a ``share`` (0 … 1) of all weights stays below; 0 for a share of nothing."""
    sizes = np.abs(weights)
    sizes = sizes[np.isfinite(sizes)]
    place = int(share * sizes.size)
    if not sizes.size or place <= 0:
        return 0.0
    return float(np.partition(sizes, min(place, sizes.size - 1))[min(place, sizes.size - 1)])
