"""The order of neurons within their columns, with few crossings of connections.

A layered drawing in the manner of Sugiyama, Tagawa and Toda (1981): a connection that skips
columns passes one virtual place in each of them; sweeps over the columns sort by the mean or the
median of what a place is joined to, and neighbours change places where that saves crossings
(Gansner, Koutsofios, North and Vo 1993). Crossings between two columns are counted as inversions.
"""

from __future__ import annotations

import itertools
from bisect import bisect_right, insort
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["MOST_PIECES", "Ladder", "crossings", "reduce_crossings"]

IntArray = npt.NDArray[np.int64]

# Work is counted and not timed, so that the same network is always arranged alike.
MOST_WORK: Final = 18_000
MOST_SWEEPS: Final = 12
MOST_STARTS: Final = 20
MOST_PIECES: Final = 4_000


class Ladder:
    """Columns of places, each joined to places in the columns beside it.

    Attributes:
        columns: the places of each column in their present order. Places below the number of
            neurons are rows of the network, the others are virtual.
        left, right: what each place is joined to in the column before and after it.
        held: columns whose order must stay.
        pieces: number of joints between neighbouring columns.
        work: steps that may still be spent on a better order.
    """

    def __init__(
        self, columns: Sequence[Sequence[int]], edges: IntArray, held: Sequence[bool]
    ) -> None:
        """Take neurons in ``columns`` and ``edges`` (source row, target row) between them."""
        self.columns = [list(column) for column in columns]
        self.held = list(held)
        count = 1 + max((row for column in columns for row in column), default=-1)
        column_of = {row: place for place, column in enumerate(columns) for row in column}
        self.left: list[list[int]] = [[] for _ in range(count)]
        self.right: list[list[int]] = [[] for _ in range(count)]
        self.real = count
        self.pieces = 0
        self.work = MOST_WORK
        places = [0.0] * count
        for column in columns:
            for index, row in enumerate(column):
                places[row] = (index + 0.5) / len(column)
        waiting: list[list[tuple[float, int]]] = [[] for _ in columns]
        for source, target in edges.tolist():
            if source not in column_of or target not in column_of:
                continue
            first, last = column_of[source], column_of[target]
            before = source
            for number in range(first + 1, last):
                place = len(self.left)
                share = (number - first) / (last - first)
                height = places[source] * (1 - share) + places[target] * share
                self.left.append([before])
                self.right.append([])
                self.right[before].append(place)
                waiting[number].append((height, place))
                self.pieces += 1
                before = place
            if last > first:
                self.right[before].append(target)
                self.left[target].append(before)
                self.pieces += 1
        for number, new in enumerate(waiting):
            entries = [
                ((index + 0.5) / len(self.columns[number]), place)
                for index, place in enumerate(self.columns[number])
            ]
            self.columns[number] = [place for _, place in sorted(entries + new)]

    @property
    def has_skips(self) -> bool:
        """Whether a connection passes a column."""
        return len(self.left) > self.real

    @property
    def is_complete(self) -> bool:
        """Whether all places of neighbouring columns are joined: then no order is better."""
        if self.has_skips:
            return False
        sizes = [len(column) for column in self.columns]
        return self.pieces == sum(a * b for a, b in itertools.pairwise(sizes))

    def indices(self) -> list[int]:
        """Where every place stands in its column."""
        index = [0] * len(self.left)
        for column in self.columns:
            for position, place in enumerate(column):
                index[place] = position
        return index

    def crossings(self) -> int:
        """How often joints between neighbouring columns cross in the present order."""
        index, total = self.indices(), 0
        for column in self.columns:
            seen: list[int] = []
            for place in column:
                ends = sorted(index[right] for right in self.right[place])
                for end in ends:
                    total += len(seen) - bisect_right(seen, end)
                for end in ends:
                    insort(seen, end)
        return total


def crossings(columns: Sequence[Sequence[int]], edges: IntArray) -> int:
    """Crossings of connections between columns, with virtual places on straight lines."""
    return Ladder(columns, edges, [False] * len(columns)).crossings()


def reduce_crossings(ladder: Ladder) -> int:
    """Put the places of a ladder into an order with few crossings, never with more than before.

    Returns how many are left. Places that are joined to nothing stay where they are. Small
    ladders are also begun from other orders, as one start often ends in a dead end.
    """
    best = ladder.crossings()
    if not best or ladder.is_complete:
        return best
    first = kept = [list(column) for column in ladder.columns]
    random = np.random.default_rng(0)
    for start in range(MOST_STARTS):
        ladder.columns = [list(column) for column in first]
        if start > 1:
            for column, is_held in zip(ladder.columns, ladder.held, strict=True):
                if not is_held:
                    column[:] = [column[i] for i in random.permutation(len(column)).tolist()]
        stale = 0
        for sweep in range(MOST_SWEEPS):
            _sweep(ladder, forwards=sweep % 2 == 0, with_median=start % 2 == 1)
            _exchange(ladder)
            now = ladder.crossings()
            stale += 1
            if now < best:
                best, kept, stale = now, [list(column) for column in ladder.columns], 0
            ladder.work -= 3 * ladder.pieces + len(ladder.left)
            if not best or stale > 3 or ladder.work <= 0:
                break
        if not best or ladder.work <= 0:
            break
    ladder.columns = kept
    return best


def _sweep(ladder: Ladder, *, forwards: bool, with_median: bool) -> None:
    columns = ladder.columns
    order = range(1, len(columns)) if forwards else range(len(columns) - 2, -1, -1)
    joined = ladder.left if forwards else ladder.right
    index = ladder.indices()
    for number in order:
        if ladder.held[number]:
            continue
        column = columns[number]
        movable = [place for place in column if joined[place]]
        middles = {}
        for place in movable:
            ends = sorted(index[other] for other in joined[place])
            middles[place] = _median(ends) if with_median else sum(ends) / len(ends)
        movable.sort(key=lambda place: middles[place])  # equal ones stay in their order
        following = iter(movable)
        columns[number] = [next(following) if joined[place] else place for place in column]
        for position, place in enumerate(columns[number]):
            index[place] = position


def _median(ends: list[int]) -> float:
    half = len(ends) // 2
    return ends[half] if len(ends) % 2 else (ends[half - 1] + ends[half]) / 2


def _exchange(ladder: Ladder) -> None:
    """Neighbours change places where that saves crossings on both sides together."""
    index = ladder.indices()
    waiting = [number for number, is_held in enumerate(ladder.held) if not is_held]
    while waiting and ladder.work > 0:
        again: set[int] = set()
        for number in waiting:
            if _exchange_in(ladder, ladder.columns[number], index):
                again.update((number - 1, number, number + 1))
        waiting = [n for n in sorted(again) if 0 <= n < len(ladder.held) and not ladder.held[n]]


def _exchange_in(ladder: Ladder, column: list[int], index: list[int]) -> bool:
    changed = False
    for position in range(len(column) - 1):
        above, below = column[position], column[position + 1]
        gain = 0
        for joined in (ladder.left, ladder.right):
            ends, others = joined[above], joined[below]
            if len(ends) == 1 and len(others) == 1:
                one, other = index[ends[0]], index[others[0]]
                gain += (one > other) - (one < other)
                ladder.work -= 1
            elif ends and others:
                gain += _gain([index[i] for i in ends], [index[i] for i in others])
                ladder.work -= len(ends) + 2 * len(others)
        if gain > 0:
            column[position], column[position + 1] = below, above
            index[above], index[below] = position + 1, position
            changed = True
    return changed


def _gain(above: list[int], below: list[int]) -> int:
    """How many crossings two neighbours with these ends save by changing places."""
    below.sort()
    size, gain = len(below), 0
    for end in above:
        smaller = bisect_right(below, end - 1)
        gain += smaller - (size - bisect_right(below, end))
    return gain
