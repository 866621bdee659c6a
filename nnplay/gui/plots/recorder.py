"""A curve of any length as at most a thousand points that show every peak.

Points are gathered in bins of equal count; of each bin the lowest and the highest point are kept.
When the bins run out, neighbours are merged and from then on hold twice as many points. Bin
borders depend on the number of a point only, so a growing curve never shimmers.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["DRAWN_POINTS", "CurveRecorder", "MovingAverage", "thinned"]

FloatArray = npt.NDArray[np.float64]

DRAWN_POINTS: Final = 1000
AVERAGE_SHARE: Final = 20
AVERAGE_LIMIT: Final = 50
ROUNDS: Final = 4


class CurveRecorder:
    """Collects a curve point by point and draws it with at most ``limit`` points.

    The very last point is always drawn. Values that are not finite are left out, and leave a
    break: see :attr:`breaks`.

    Args:
        limit: most points ever drawn, at least 4.
    """

    def __init__(self, limit: int = DRAWN_POINTS) -> None:
        if limit < 4:
            raise ValueError("A curve needs at least four drawn points.")
        self._bins = (limit - 1) // 2
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._stride = 1
        self._count = 0
        # Per bin: x and y of its lowest and of its highest point, and how many points it holds.
        self._low = np.empty((self._bins, 2))
        self._high = np.empty((self._bins, 2))
        self._used = 0
        self._last = np.empty((0, 2))
        self._breaks: list[FloatArray] = []
        self._is_broken = False

    def __len__(self) -> int:
        """How many finite points were recorded."""
        return self._count

    @property
    def stride(self) -> int:
        """How many points one bin holds now: a power of two."""
        return self._stride

    @property
    def lowest(self) -> float:
        """Smallest value recorded; NaN without any."""
        return float(self._low[: self._used, 1].min()) if self._used else float("nan")

    @property
    def highest(self) -> float:
        """Largest value recorded; NaN without any."""
        return float(self._high[: self._used, 1].max()) if self._used else float("nan")

    @property
    def breaks(self) -> FloatArray:
        """``float64[b]``, ascending: ``x`` of the points that no line joins to the next one."""
        return np.concatenate(self._breaks) if self._breaks else np.empty(0)

    def interrupt(self) -> None:
        """The next point begins a line of its own."""
        self._is_broken = True

    def extend(self, x: npt.ArrayLike, y: npt.ArrayLike) -> None:
        """Append points in order; ``x`` ascending, both ``float64[k]``."""
        points = np.stack([np.asarray(x, np.float64), np.asarray(y, np.float64)], axis=1)
        finite = np.isfinite(points[:, 0]) & np.isfinite(points[:, 1])
        before, points = self._last, points[finite]
        if not len(points):
            self._is_broken = self._is_broken or len(finite) > 0
            return
        places = np.flatnonzero(finite)
        is_first = np.diff(places, prepend=-1) > 1
        is_first[0] |= self._is_broken
        joined = np.concatenate([before, points])
        starts_of_lines = np.flatnonzero(is_first) + len(before)
        ends = joined[starts_of_lines[starts_of_lines > 0] - 1, 0]
        if ends.size:
            self._breaks.append(ends)
        self._is_broken = not finite[-1]
        while self._count + len(points) > self._stride * self._bins:
            self._merge_neighbours()
        first = self._count // self._stride
        numbers = (self._count + np.arange(len(points))) // self._stride
        starts = np.flatnonzero(np.diff(numbers, prepend=-1))
        for keep, better, extreme in (
            (self._low, np.less, np.minimum),
            (self._high, np.greater, np.maximum),
        ):
            value = extreme.reduceat(points[:, 1], starts)
            # The place of the first point of each bin that reaches the bin's extreme.
            hits = np.flatnonzero(points[:, 1] == np.repeat(value, _lengths(starts, len(points))))
            bins_of_hits, first_hits = np.unique(numbers[hits], return_index=True)
            found = points[hits[first_hits]]
            bins = bins_of_hits
            if first < self._used:  # the first bin already holds something
                if better(found[0, 1], keep[first, 1]):
                    keep[first] = found[0]
                found, bins = found[1:], bins[1:]
            keep[bins] = found
        self._count += len(points)
        self._used = (self._count - 1) // self._stride + 1
        self._last = points[-1:].copy()

    def drawn(self) -> tuple[FloatArray, FloatArray]:
        """``(x, y)`` to draw, at most ``limit`` points with ascending ``x``."""
        low, high = self._low[: self._used], self._high[: self._used]
        low_first = (low[:, 0] <= high[:, 0])[:, None]
        pairs = np.stack([np.where(low_first, low, high), np.where(low_first, high, low)], axis=1)
        points = pairs.reshape(-1, 2)
        same = np.zeros(len(points), dtype=bool)
        same[1::2] = points[1::2, 0] == points[::2, 0]
        points = points[~same]
        if len(points) and points[-1, 0] != self._last[0, 0]:
            points = np.concatenate([points, self._last])
        return np.ascontiguousarray(points[:, 0]), np.ascontiguousarray(points[:, 1])

    def _merge_neighbours(self) -> None:
        used = self._used
        even = used // 2 * 2
        merged = (used + 1) // 2
        for keep, better in ((self._low, np.less), (self._high, np.greater)):
            left, right = keep[:even:2].copy(), keep[1:even:2]
            take_right = better(right[:, 1], left[:, 1])
            left[take_right] = right[take_right]
            if even < used:
                left = np.concatenate([left, keep[even:used]])
            keep[:merged] = left
        self._used = merged
        self._stride *= 2


class MovingAverage:
    """Mean of the latest values, over a window that grows from 1 to 50 values.

    The window is a twentieth of what has been seen, so that the steep start of a loss curve is
    followed closely and its noisy end is calmed. It only looks back: what has been drawn stays.
    """

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget everything: the next value begins a curve of its own."""
        self._seen = 0
        self._tail = np.empty(0)

    def extend(self, values: FloatArray) -> FloatArray:
        """Averages ``float64[k]`` that belong to the next ``k`` values.

        A value that is not finite is no part of any average, and the next one begins anew.
        """
        if not len(values):
            return np.empty(0)
        finite = np.isfinite(values)
        places = np.arange(len(values))
        # How many values since the last one that is not finite, or since the very first.
        last_gap = np.maximum.accumulate(np.where(finite, -1 - self._seen, places))
        seen = places - last_gap - 1
        joined = np.concatenate([self._tail, np.where(finite, values, 0.0), [0.0]])
        ends = len(self._tail) + 1 + places
        windows = np.minimum(1 + np.maximum(seen, 0) // AVERAGE_SHARE, AVERAGE_LIMIT)
        # reduceat over (start, end) pairs adds each window by itself: a running total would lose
        # small late values beside a huge first one.
        pairs = np.stack([ends - windows, ends], axis=1).reshape(-1)
        averages = np.add.reduceat(joined, pairs)[::2] / windows
        self._seen = int(seen[-1]) + 1
        self._tail = joined[:-1][-AVERAGE_LIMIT:]
        return np.where(finite, averages, np.nan)


def thinned(x: FloatArray, y: FloatArray, tolerance: float) -> tuple[FloatArray, FloatArray]:
    """A curve without points that lie on the line between their neighbours.

    Antialiased thick lines cost by the piece, and most of a smooth curve is nearly straight.

    Args:
        x: ``float64[n]``, ascending.
        y: ``float64[n]``.
        tolerance: how far, along y, any given point may lie off the new line; zero keeps all.
    """
    keep = np.arange(len(x))
    for _ in range(ROUNDS if tolerance > 0.0 else 0):
        if len(keep) < 3:
            break
        # Try without every second point; where all points in between are close, it may go.
        outer = keep[::2] if len(keep) % 2 else np.append(keep[::2], keep[-1])
        off = np.abs(y - np.interp(x, x[outer], y[outer]))
        straight = np.maximum.reduceat(off, outer[:-1]) <= tolerance
        kept = np.ones(len(keep), dtype=bool)
        middles = np.arange(1, len(keep) - 1, 2)
        kept[middles] = ~straight[: len(middles)]
        keep = keep[kept]
    return x[keep], y[keep]


def _lengths(starts: npt.NDArray[np.intp], total: int) -> npt.NDArray[np.intp]:
    return np.diff(starts, append=total)
