"""Where neurons that are dragged come to rest: in line with others, or equally far from them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["Guide", "Snap", "snap"]

FloatArray = npt.NDArray[np.float64]
# Neurons farther away than this across the line are no help in placing one.
SIGHT: Final = 700.0
# Neurons within this count as one column or row.
SAME: Final = 1.0
# So many pairs are compared; of larger selections only the neuron under the pointer is.
MOST_PAIRS: Final = 20_000


@dataclass(frozen=True)
class Guide:
    """A line that shows why neurons stopped here.

    Attributes:
        start, end: its ends in the scene.
        is_gap: whether it is one of equal distances instead of a line that neurons share.
    """

    start: tuple[float, float]
    end: tuple[float, float]
    is_gap: bool = False


@dataclass(frozen=True)
class Snap:
    """How much farther to move, and why.

    Attributes:
        shift: (x, y) in scene pixels, to be added to every place.
        guides: lines to show.
    """

    shift: tuple[float, float] = (0.0, 0.0)
    guides: tuple[Guide, ...] = ()


def snap(moving: FloatArray, others: FloatArray, reach: float) -> Snap:
    """Find a place close by that is in line with other neurons.

    Args:
        moving: ``float64[k, 2]``, where the dragged neurons are; the first is the one in the hand.
        others: ``float64[n, 2]``, all neurons that stay.
        reach: how far they may jump, in scene pixels.
    """
    if not len(moving) or not len(others):
        return Snap()
    if len(moving) * len(others) > MOST_PAIRS:
        moving = moving[:1]
    shift = np.zeros(2)
    shared = [False, False]
    for axis in (0, 1):
        way = _in_line(moving, others, axis, reach)
        if way is not None:
            shift[axis], shared[axis] = way, True
    gaps: list[Guide] = []
    for axis in (0, 1):
        # In a column (same x) the distances along it (y) can be equal, and the other way round.
        if not shared[1 - axis]:
            continue
        place = moving[0] + shift
        free = reach if not shared[axis] else 1e-6
        found = _equal_gaps(place, others, axis, free)
        if found is not None:
            way, guides = found
            shift[axis] += way
            gaps += guides
    lines = [
        guide for axis in (0, 1) if shared[axis] for guide in _lines(moving + shift, others, axis)
    ]
    return Snap((float(shift[0]), float(shift[1])), (*lines, *gaps))


def _in_line(moving: FloatArray, others: FloatArray, axis: int, reach: float) -> float | None:
    """The smallest step after which one of them shares a line with one that stays."""
    ways = others[None, :, axis] - moving[:, None, axis]
    across = np.abs(others[None, :, 1 - axis] - moving[:, None, 1 - axis])
    ways = ways[across <= SIGHT]
    if not ways.size:
        return None
    best = float(ways[np.abs(ways).argmin()])
    return best if abs(best) <= reach else None


def _lines(moving: FloatArray, others: FloatArray, axis: int) -> list[Guide]:
    """One line for every coordinate that a moving neuron shares with others."""
    guides: dict[float, Guide] = {}
    for place in moving[:50]:
        near = np.abs(others[:, axis] - place[axis]) <= SAME / 10
        near &= np.abs(others[:, 1 - axis] - place[1 - axis]) <= SIGHT
        if not near.any():
            continue
        along = np.append(others[near, 1 - axis], place[1 - axis])
        at = round(float(place[axis]), 3)
        low, high = float(along.min()), float(along.max())
        known = guides.get(at)
        if known is not None:
            low = min(low, known.start[1 - axis])
            high = max(high, known.end[1 - axis])
        ends = ((at, low), (at, high)) if axis == 0 else ((low, at), (high, at))
        guides[at] = Guide(*ends)
    return list(guides.values())


def _equal_gaps(
    place: FloatArray, others: FloatArray, axis: int, reach: float
) -> tuple[float, list[Guide]] | None:
    """A step along ``axis`` after which distances to neighbours in its line are equal."""
    in_line = np.abs(others[:, 1 - axis] - place[1 - axis]) <= SAME
    along = np.unique(others[in_line, axis])
    if len(along) < 2:
        return None
    at = float(place[axis])
    after = int(np.searchsorted(along, at))
    options: list[tuple[float, tuple[float, float, float]]] = []
    if 0 < after < len(along):
        low, high = float(along[after - 1]), float(along[after])
        middle = (low + high) / 2
        options.append((middle, (low, middle, high)))
    if after >= 2:
        first, second = float(along[after - 2]), float(along[after - 1])
        wanted = 2 * second - first
        options.append((wanted, (first, second, wanted)))
    if after <= len(along) - 2:
        first, second = float(along[after]), float(along[after + 1])
        wanted = 2 * first - second
        options.append((wanted, (wanted, first, second)))
    wanted, marks = min(options, key=lambda option: abs(option[0] - at))
    if abs(wanted - at) > reach:
        return None
    fixed = float(place[1 - axis])
    guides = []
    for start, end in itertools.pairwise(marks):
        ends = ((start, fixed), (end, fixed)) if axis == 0 else ((fixed, start), (fixed, end))
        guides.append(Guide(*ends, is_gap=True))
    return wanted - at, guides
