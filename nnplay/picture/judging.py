"""How good an arrangement looks: which drawn curves cross, and which run behind neurons."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from nnplay.core.topology import Topology
from nnplay.picture.geometry import HALF, edge_ends

__all__ = ["Judge"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_STEPS: Final = 512
# Share of the height by share of the width of a curve, see EdgeLines: both are cubics of t.
_t = np.linspace(0.0, 1.0, 4 * _STEPS)
_RISE: Final = np.interp(
    np.linspace(0.0, 1.0, _STEPS + 1), 1.5 * _t - 1.5 * _t**2 + _t**3, 3 * _t**2 - 2 * _t**3
)
# A curve behind a neuron says something false, which is worse than a crossing.
HIDDEN_WEIGHS: Final = 3


class Judge:
    """Looks at arrangements of one network from left to right; its columns are fixed."""

    def __init__(self, topology: Topology, columns: IntArray) -> None:
        self._topology = topology
        rows = topology.edge_rows
        first, last = columns[rows[:, 0]], columns[rows[:, 1]]
        # Curves with a common end meet there and nowhere else that matters.
        meets = (rows[:, :1] == rows[:, 0]) | (rows[:, 1:] == rows[:, 1])
        shares = np.minimum(last[:, None], last) > np.maximum(first[:, None], first)
        self._pairs = np.argwhere(np.triu(shares & ~meets, 1))
        inner = (columns > first[:, None]) & (columns < last[:, None])
        self._passing = np.argwhere(inner)  # edge, row of a neuron it passes

    @property
    def effort(self) -> int:
        """How many pairs have to be compared for one look."""
        return len(self._pairs) + len(self._passing)

    def crossings(self, places: FloatArray) -> int:
        """Pairs of curves that have changed sides between where both begin and where one ends."""
        if not len(self._pairs):
            return 0
        ends = edge_ends(self._topology, places)
        one, other = ends[self._pairs[:, 0]], ends[self._pairs[:, 1]]
        start = np.maximum(one[:, 0], other[:, 0])
        end = np.minimum(one[:, 2], other[:, 2])
        before = _height(one, start) - _height(other, start)
        after = _height(one, end) - _height(other, end)
        return int(np.count_nonzero((before * after < 0.0) & (end > start)))

    def hidden(self, places: FloatArray) -> int:
        """Pairs of a curve and a neuron it runs behind."""
        if not len(self._passing):
            return 0
        ends = edge_ends(self._topology, places)[self._passing[:, 0]]
        spots = places[self._passing[:, 1]]
        heights = [_height(ends, spots[:, 0] + across) for across in (-HALF, 0.0, HALF)]
        low, high = np.min(heights, axis=0), np.max(heights, axis=0)
        behind = (high > spots[:, 1] - HALF - 2.0) & (low < spots[:, 1] + HALF + 2.0)
        return int(np.count_nonzero(behind))

    def worth(self, places: FloatArray) -> int:
        """How many crossings the hidden curves are as bad as."""
        return HIDDEN_WEIGHS * self.hidden(places)

    def badness(self, places: FloatArray) -> int:
        """Crossings and hidden curves in one number."""
        return self.crossings(places) + self.worth(places)


def _height(ends: FloatArray, x: FloatArray) -> FloatArray:
    share = (x - ends[:, 0]) / np.maximum(ends[:, 2] - ends[:, 0], 1e-9)
    step = np.clip(share * _STEPS, 0, _STEPS).astype(np.int64)
    heights: FloatArray = ends[:, 1] + (ends[:, 3] - ends[:, 1]) * _RISE[step]
    return heights
