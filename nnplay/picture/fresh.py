"""A network laid out from nothing: columns, blocks, the order within them, and lanes for edges."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from nnplay.core.distinct import distinct
from nnplay.core.network import Network
from nnplay.picture.geometry import CURVE_LIMIT, HALF, PITCH, PITCH_DOWN, curve_points, edge_ends
from nnplay.picture.judging import Judge
from nnplay.picture.ordering import MOST_PIECES, Ladder, reduce_crossings

__all__ = ["DOWNWARDS", "RIGHTWARDS", "Grid", "fresh_places"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

TALLEST_COLUMN: Final = 12
# The number below a neuron belongs to it.
BELOW_NEURON: Final = 18.0
# Curves keep this far from the middle of a neuron.
CLEAR: Final = HALF + 4.0
# More connections than this are a crowd in which nobody follows a single one.
MOST_PASSING: Final = 60
# A column is parted so far, in pitches, and moved by so much.
LANE: Final = 0.75
SHIFTS: Final = (0.0, 0.25, -0.25, 0.5, -0.5, 0.75, -0.75, 1.0, -1.0, 1.25, -1.25)
WIDE_SHIFTS: Final = (0.5, -0.5, 1.0, -1.0)
# Columns that move bend the connections that start there, so that others are looked at again.
ROUNDS: Final = 2
# So many pictures are looked at in search of a better one; fewer where a look takes long.
MOST_LOOKS: Final = 100
MOST_EFFORT: Final = 6_000


@dataclass(frozen=True)
class Grid:
    """How far neurons of a column stand apart, and how blocks are filled.

    Everything here is laid out from left to right; with ``turned`` x and y are exchanged later,
    and blocks must still read line by line.
    """

    pitch: float
    turned: bool

    def block_shape(self, count: int) -> tuple[int, int]:
        """(rows, columns) of a layer with ``count`` neurons."""
        if count <= TALLEST_COLUMN:
            return count, 1
        root = round(count**0.5)
        if root * root == count:
            return root, root
        across = min(-(-count // TALLEST_COLUMN), max(2, int((count / 2) ** 0.5)))
        return -(-count // across), across

    def cells(self, count: int) -> tuple[IntArray, IntArray]:
        """Row and column of each neuron of a layer, in reading order."""
        height, across = self.block_shape(count)
        index = np.arange(count)
        if self.turned and across > 1:
            return index % height, index // height
        return index // across, index % across


RIGHTWARDS: Final = Grid(PITCH, turned=False)
DOWNWARDS: Final = Grid(PITCH_DOWN, turned=True)


def fresh_places(
    network: Network, columns: IntArray, taking_part: npt.NDArray[np.bool_], grid: Grid
) -> FloatArray:
    """``float64[N, 2]`` in row order, from left to right.

    Args:
        network: what is laid out.
        columns: ``int64[N]``, the column of every neuron.
        taking_part: neurons that need a place; in a column without any, all of them do.
        grid: distances and the shape of blocks.
    """
    used = distinct(columns).tolist()
    members: list[IntArray] = []
    for column in used:
        everyone = np.flatnonzero(columns == column)
        rows = everyone[taking_part[everyone]]
        members.append(rows if rows.size else everyone)
    plain = _in_plain_order(network, members, grid)
    if not _is_worth_ordering(network, members):
        return plain
    held = [grid.block_shape(rows.size)[1] > 1 for rows in members]
    order = [rows[np.argsort(plain[rows, 1], kind="stable")] for rows in members]
    order = [m if is_held else o for o, m, is_held in zip(order, members, held, strict=True)]
    ladder = Ladder([rows.tolist() for rows in order], network.topology.edge_rows, held)
    reduce_crossings(ladder)
    tidy = _stand(ladder, plain, held, grid)
    if network.topology.edge_count > CURVE_LIMIT or not ladder.has_skips:
        return tidy
    # Curves that skip columns cross in other places than the ladder's: the eye decides.
    judge = Judge(network.topology, columns)
    simple = _with_lanes(network, columns, plain, held, grid, parting=False)
    limit = judge.crossings(simple)
    candidates = [(limit + judge.worth(simple), simple)]
    for start in (tidy, plain) if judge.effort < MOST_EFFORT else (tidy,):
        better = _with_exchanges(judge, columns, start, held)
        for places in (
            better,
            _with_lanes(network, columns, better, held, grid, parting=True),
        ):
            crossings = judge.crossings(places)
            if crossings <= limit:
                candidates.append((crossings + judge.worth(places), places))
    return min(candidates, key=lambda entry: entry[0])[1]


def _with_exchanges(
    judge: Judge, columns: IntArray, start: FloatArray, held: list[bool]
) -> FloatArray:
    """Neighbours in a column change places as long as that makes the picture better."""
    places, best = start, judge.badness(start)
    looks = max(0, MOST_LOOKS - judge.effort // 25)
    improved = True
    while improved and looks > 0:
        improved = False
        for number, column in enumerate(distinct(columns).tolist()):
            rows = np.flatnonzero(columns == column)
            if held[number] or rows.size < 2:
                continue
            rows = rows[np.argsort(places[rows, 1], kind="stable")].tolist()
            for i in range(len(rows) - 1):
                above, below = rows[i], rows[i + 1]
                trial = places.copy()
                trial[[above, below], 1] = places[[below, above], 1]
                looks -= 1
                now = judge.badness(trial)
                if now < best:
                    places, best, improved = trial, now, True
                    rows[i], rows[i + 1] = below, above
                if looks <= 0:
                    return places
    return places


def _is_worth_ordering(network: Network, members: list[IntArray]) -> bool:
    """Whether another order could have fewer crossings: not where all layers are complete."""
    sizes = [rows.size for rows in members]
    complete = sum(a * b for a, b in itertools.pairwise(sizes))
    column = np.full(network.topology.neuron_count, -1)
    for number, rows in enumerate(members):
        column[rows] = number
    ends = column[network.topology.edge_rows]
    ends = ends[(ends >= 0).all(axis=1)]
    spans = ends[:, 1] - ends[:, 0]
    if spans.sum() > MOST_PIECES:
        return False  # a crowd in which no order shows
    return spans.size != complete or bool((spans != 1).any())


def _in_plain_order(network: Network, members: list[IntArray], grid: Grid) -> FloatArray:
    """Columns from left to right, neurons at the average height of what feeds them."""
    topology = network.topology
    places = np.zeros((topology.neuron_count, 2))
    gap = {1: 200.0, 2: 200.0, 3: 200.0, 4: 200.0, 5: 180.0}.get(len(members), 160.0)
    if grid.turned:
        gap -= 60.0
    edge_rows = topology.edge_rows
    sums, counts = np.zeros(len(places)), np.zeros(len(places))
    x = 0.0
    for number, rows in enumerate(members):
        height, across = grid.block_shape(rows.size)
        pitch = grid.pitch if across == 1 else PITCH
        if number and across == 1:
            # Full layers stay in order.
            into = np.isin(edge_rows[:, 1], rows)
            np.add.at(sums, edge_rows[into, 1], places[edge_rows[into, 0], 1])
            np.add.at(counts, edge_rows[into, 1], 1.0)
            middle = np.where(counts[rows] > 0, sums[rows] / np.maximum(counts[rows], 1.0), 0.0)
            rows = rows[np.argsort(np.round(middle, 3), kind="stable")]
        if across > 1:
            x += PITCH / 2  # a block needs room for the edges that pass beside it
        down, right = grid.cells(rows.size)
        places[rows, 0] = x + right * PITCH
        places[rows, 1] = (down - (height - 1) / 2) * pitch
        x += (across - 1) * PITCH + gap + (PITCH / 2 if across > 1 else 0.0)
        if height > 8:
            x += 40.0
    return places


def _stand(ladder: Ladder, plain: FloatArray, held: list[bool], grid: Grid) -> FloatArray:
    """Heights by the ladder's order."""
    places = plain.copy()
    for column, is_held in zip(ladder.columns, held, strict=True):
        if not is_held:
            rows = [place for place in column if place < ladder.real]
            places[rows, 1] = (np.arange(len(rows)) - (len(rows) - 1) / 2) * grid.pitch
    return places


def _with_lanes(
    network: Network,
    columns: IntArray,
    start: FloatArray,
    held: list[bool],
    grid: Grid,
    *,
    parting: bool,
) -> FloatArray:
    """Move columns, or part them, where connections would pass behind their neurons.

    Of all ways that hide the fewest points of passing curves the one that moves least is taken.
    """
    places = start.copy()
    spans = columns[network.topology.edge_rows]
    for number, column in enumerate(distinct(columns).tolist() * (ROUNDS if parting else 1)):
        rows = np.flatnonzero(columns == column)
        passing = np.flatnonzero((spans[:, 0] < column) & (spans[:, 1] > column))[:MOST_PASSING]
        if not passing.size:
            continue
        rows = rows[np.argsort(places[rows, 1], kind="stable")]
        points = curve_points(edge_ends(network.topology, places)[passing], 40).reshape(-1, 2)
        low, high = places[rows, 0].min() - CLEAR, places[rows, 0].max() + CLEAR
        points = points[(points[:, 0] > low) & (points[:, 0] < high)]
        across = np.abs(points[:, :1] - places[rows, 0]) < CLEAR
        fewest, best = None, places[rows, 1]
        for heights in _ways(places[rows, 1], grid, parting and not held[number % len(held)]):
            down = points[:, 1:] - heights
            behind = across & (down > -CLEAR) & (down < HALF + BELOW_NEURON)
            hidden = int(np.count_nonzero(behind))
            if fewest is None or hidden < fewest:
                fewest, best = hidden, heights
            if not fewest:
                break
        places[rows, 1] = best
    return places


def _ways(heights: FloatArray, grid: Grid, parting: bool) -> list[FloatArray]:
    """Heights of a column moved as a whole or parted by a lane, those that move least first."""
    ways = [(0.0, heights)]
    for part in range(len(heights)) if parting else (0,):
        parted = heights - np.where(np.arange(len(heights)) < part, LANE, 0.0) * grid.pitch
        for shift in SHIFTS if parting else WIDE_SHIFTS:
            cost = (0.6 if part else 0.0) + abs(shift - (LANE / 2 if part else 0.0))
            ways.append((cost, parted + shift * grid.pitch))
    return [way for _, way in sorted(ways, key=lambda entry: entry[0])]
