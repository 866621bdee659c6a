"""Sizes of a picture, and the lines of edges as numpy arrays: curves, straight lines, hits.

Coordinates are canvas pixels at 100 %, y downwards; a neuron stands at its centre. Edges run to the
right, or ``downwards`` where a network is shown from top to bottom.
"""

from __future__ import annotations

from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from nnplay.core.topology import Topology

__all__ = [
    "CURVE_LIMIT",
    "NEURON_SIZE",
    "PITCH",
    "EdgeLines",
    "edge_ends",
    "flipped",
    "neuron_at",
]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

NEURON_SIZE: Final = 46.0
HALF: Final = NEURON_SIZE / 2
NEURON_RADIUS: Final = 9.0
PITCH: Final = 68.0
# Side by side neurons stand further apart: their numbers are written between them.
PITCH_DOWN: Final = 92.0
PORT_RADIUS: Final = 5.0
PORT_REACH: Final = 11.0
HALO: Final = 6.0
CURVE_LIMIT: Final = 300
CURVE_PIECES: Final = 20
# Below this reach a curve looks like a kink when its ends stand close together.
SHORTEST_HANDLE: Final = 36.0
# Of more edges than this only a few are ever drawn or asked for one by one.
FEW_OF_MANY: Final = 20_000


def flipped(ends: FloatArray) -> FloatArray:
    """Ends of edges (or points) with x and y exchanged."""
    return ends.reshape(*ends.shape[:-1], -1, 2)[..., ::-1].reshape(ends.shape)


def edge_ends(
    topology: Topology,
    positions: FloatArray,
    *,
    downwards: bool = False,
    halves: FloatArray | None = None,
    slots: IntArray | slice = slice(None),
) -> FloatArray:
    """``float64[E, 4]``: x and y where each edge leaves its source and where it arrives.

    ``positions`` is ``float64[N, 2]`` in row order. Edges run from the right side of a neuron to
    the left side of the next one; downwards from its lower side to the upper side of the next.
    ``halves`` is half the size of every neuron, ``float64[N]``, where they are not all tiles; ``slots``
    are the edges that are wanted.
    """
    rows = topology.edge_rows[slots]
    axis = 1 if downwards else 0
    ends = np.empty((len(rows), 4))
    ends[:, :2] = positions[rows[:, 0]]
    ends[:, 2:] = positions[rows[:, 1]]
    ends[:, axis] += HALF if halves is None else halves[rows[:, 0]]
    ends[:, 2 + axis] -= HALF if halves is None else halves[rows[:, 1]]
    return ends


def handle_lengths(ends: FloatArray) -> FloatArray:
    """``float64[E]``: how far the control points of each curve to the right reach out.

    For curves that run downwards, give the :func:`flipped` ends.
    """
    across = np.abs(ends[:, 2] - ends[:, 0])
    # An edge that runs backwards on the canvas needs a longer reach to leave its neuron.
    backwards = ends[:, 2] < ends[:, 0]
    down = np.abs(ends[:, 3] - ends[:, 1])
    reach = np.where(backwards, 0.5 * across + 0.25 * down, 0.5 * across)
    lengths: FloatArray = np.maximum(reach, np.minimum(SHORTEST_HANDLE, 4 + across + down))
    return lengths


def curve_points(
    ends: FloatArray, pieces: int = CURVE_PIECES, *, downwards: bool = False
) -> FloatArray:
    """``float64[E, pieces + 1, 2]``: points on the cubic of every edge.

    A cubic Bézier with horizontal (downwards: vertical) handles, evaluated in Bernstein form.
    """
    if downwards:
        return flipped(curve_points(flipped(ends), pieces))
    t = np.linspace(0.0, 1.0, pieces + 1)
    b0, b1, b2, b3 = (1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t**2, t**3
    handles = handle_lengths(ends)
    x0, y0, x3, y3 = (ends[:, i : i + 1] for i in range(4))
    x1, x2 = x0 + handles[:, None], x3 - handles[:, None]
    points = np.empty((len(ends), pieces + 1, 2))
    points[:, :, 0] = x0 * b0 + x1 * b1 + x2 * b2 + x3 * b3
    points[:, :, 1] = y0 * (b0 + b1) + y3 * (b2 + b3)
    return points


def neuron_at(positions: FloatArray, x: float, y: float, margin: float = 0.0) -> int | None:
    """Row of the neuron whose box (grown by ``margin``) holds the point; the last one on top."""
    if not len(positions):
        return None
    inside = np.abs(positions - (x, y)).max(axis=1) <= HALF + margin
    rows = np.flatnonzero(inside)
    return int(rows[-1]) if rows.size else None


class EdgeLines:
    """The lines of all edges of one network at given positions.

    Attributes:
        ends: ``float64[E, 4]``, see :func:`edge_ends`.
        segments: ``float64[E, K, 4]``, the straight pieces each edge is drawn with; K is 1 for
            straight edges.
        downwards: whether edges run from top to bottom.
        curved: whether edges are cubic curves (up to :data:`CURVE_LIMIT` edges).
    """

    def __init__(
        self,
        topology: Topology,
        positions: FloatArray,
        *,
        downwards: bool = False,
        halves: FloatArray | None = None,
    ) -> None:
        self.downwards = downwards
        self.curved = topology.edge_count <= CURVE_LIMIT
        self._topology, self._positions, self._halves = topology, positions, halves

    @cached_property
    def ends(self) -> FloatArray:  # noqa: D102 - an attribute, see above
        return self.ends_of(slice(None))

    @cached_property
    def segments(self) -> FloatArray:  # noqa: D102 - an attribute, see above
        if not self.curved:
            return self.ends[:, None, :]
        points = curve_points(self.ends, downwards=self.downwards)
        return np.concatenate([points[:, :-1], points[:, 1:]], axis=2)

    def ends_of(self, slots: IntArray | slice) -> FloatArray:
        """``ends`` of some edges, without computing those of all."""
        return edge_ends(
            self._topology,
            self._positions,
            downwards=self.downwards,
            halves=self._halves,
            slots=slots,
        )

    def pieces(self, slots: IntArray) -> FloatArray:
        """``segments`` of some edges; of a few among very many only these are computed."""
        if len(self) > FEW_OF_MANY and "segments" not in self.__dict__:
            return self.ends_of(slots)[:, None, :]
        return self.segments[slots]

    def __len__(self) -> int:
        return self._topology.edge_count

    def bounds(self) -> tuple[float, float, float, float]:
        """x0, y0, x1, y1 of everything drawn, without line widths; zeros without edges."""
        if not len(self):
            return (0.0, 0.0, 0.0, 0.0)
        points = self.segments.reshape(-1, 2) if len(self) <= FEW_OF_MANY else self._positions
        low, high = points.min(axis=0), points.max(axis=0)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])

    def _corners(self, slots: IntArray) -> tuple[FloatArray, FloatArray]:
        if len(self) <= FEW_OF_MANY:
            return self._low[slots], self._high[slots]
        points = self.pieces(slots).reshape(len(slots), -1, 2)
        return points.min(axis=1), points.max(axis=1)

    @cached_property
    def _low(self) -> FloatArray:
        low: FloatArray = self.segments.reshape(len(self), -1, 2).min(axis=1)
        return low

    @cached_property
    def _high(self) -> FloatArray:
        high: FloatArray = self.segments.reshape(len(self), -1, 2).max(axis=1)
        return high

    def distances(self, x: float, y: float, among: IntArray) -> FloatArray:
        """Distance of a point from each of the edges ``among`` (slots), ``float64[len(among)]``."""
        pieces = self.pieces(among)
        a, d = pieces[:, :, :2], pieces[:, :, 2:] - pieces[:, :, :2]
        offset = np.array([x, y]) - a
        length = np.maximum((d * d).sum(axis=2), 1e-12)
        t = np.clip((offset * d).sum(axis=2) / length, 0.0, 1.0)
        gap = offset - t[:, :, None] * d
        nearest: FloatArray = np.sqrt((gap * gap).sum(axis=2).min(axis=1))
        return nearest

    def hit(
        self, x: float, y: float, reach: float, half_widths: FloatArray, among: IntArray
    ) -> int | None:
        """Slot of the edge nearest to a point, or None.

        An edge counts when the point is within ``reach`` of its painted border; the one with the
        nearest middle line is meant. Of equally near edges the wider one wins, as it lies on top.

        Args:
            x: the point's first coordinate.
            y: the second one.
            reach: distance from the border that still counts.
            half_widths: ``float64[E]``, half of every edge's drawn width.
            among: slots that are drawn at all.
        """
        if not among.size:
            return None
        allowed = reach + half_widths[among]
        low, high = self._corners(among)
        low, high = low - allowed[:, None], high + allowed[:, None]
        point = np.array([x, y])
        near = among[((point >= low) & (point <= high)).all(axis=1)]
        if not near.size:
            return None
        distances = self.distances(x, y, near)
        fits = distances <= reach + half_widths[near]
        if not fits.any():
            return None
        near, distances = near[fits], distances[fits]
        order = np.lexsort((-half_widths[near], np.round(distances, 6)))
        return int(near[order[0]])

    def handles(self, slot: int) -> tuple[float, float, float, float]:
        """Both control points of a curved edge: x1, y1, x2, y2."""
        ends = self.ends_of(slice(slot, slot + 1))
        x0, y0, x3, y3 = (float(v) for v in ends[0])
        if self.downwards:
            reach = float(handle_lengths(flipped(ends))[0])
            return x0, y0 + reach, x3, y3 - reach
        reach = float(handle_lengths(ends)[0])
        return x0 + reach, y0, x3 - reach, y3

    def point_on(self, slot: int, t: float) -> tuple[float, float]:
        """The point a fraction ``t`` along an edge's drawn pieces (by index, not by length)."""
        pieces = self.pieces(np.array([slot]))[0]
        place = min(max(t, 0.0), 1.0) * len(pieces)
        index = min(int(place), len(pieces) - 1)
        x0, y0, x1, y1 = (float(v) for v in pieces[index])
        part = place - index
        return x0 + (x1 - x0) * part, y0 + (y1 - y0) * part
