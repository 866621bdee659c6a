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
from nnplay.picture.ordering import MOST_PIECES, Ladder, reduce_crossings

__all__ = ["DOWNWARDS", "RIGHTWARDS", "Grid", "fresh_places"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

TALLEST_COLUMN: Final = 12
# The number below a neuron belongs to it.
BELOW_NEURON: Final = 18.0
# More connections than this are a crowd in which nobody follows a single one.
MOST_PASSING: Final = 120


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
    with_lanes = network.topology.edge_count <= CURVE_LIMIT and ladder.has_skips
    tidy = _stand(ladder, plain, held, grid, lane=0.0)
    if not with_lanes:
        return tidy
    candidates = [tidy, _stand(ladder, plain, held, grid, lane=0.75)]
    sheltered = [_open_lanes(network, columns, places, grid) for places in candidates]
    return min(sheltered, key=lambda entry: entry[1])[0]


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


def _stand(
    ladder: Ladder, plain: FloatArray, held: list[bool], grid: Grid, *, lane: float
) -> FloatArray:
    """Heights by the ladder's order; bundles of passing edges get ``lane`` pitches of room."""
    places = plain.copy()
    for column, is_held in zip(ladder.columns, held, strict=True):
        if is_held:
            continue
        height, rows, heights = 0.0, [], []
        was_virtual = True  # edges that pass at either end need no room of their own
        for place in column:
            if place < ladder.real:
                rows.append(place)
                heights.append(height)
                height += 1.0
                was_virtual = False
            elif not was_virtual:
                height += lane
                was_virtual = True
        middle = (heights[0] + heights[-1]) / 2
        places[rows, 1] = (np.array(heights) - middle) * grid.pitch
    return places


def _open_lanes(
    network: Network, columns: IntArray, places: FloatArray, grid: Grid
) -> tuple[FloatArray, int]:
    """Shift columns by half a pitch or one where edges would pass behind their neurons.

    Returns the places, and how many points of edges are still hidden.
    """
    topology = network.topology
    spans = columns[topology.edge_rows]
    places = places.copy()
    total = 0
    for column in distinct(columns)[1:-1].tolist():
        rows = np.flatnonzero(columns == column)
        passing = np.flatnonzero((spans[:, 0] < column) & (spans[:, 1] > column))[:MOST_PASSING]
        if not passing.size:
            continue
        points = curve_points(edge_ends(topology, places)[passing], 40).reshape(-1, 2)
        low, high = places[rows, 0].min() - HALF - 4.0, places[rows, 0].max() + HALF + 4.0
        points = points[(points[:, 0] > low) & (points[:, 0] < high)]
        best, fewest = 0.0, None
        for share in (0.0, 0.5, -0.5, 1.0, -1.0):
            shift = share * grid.pitch
            across, down = np.moveaxis(points[:, None, :] - places[rows][None, :, :], 2, 0)
            down = down - shift
            behind = (np.abs(across) < HALF + 4.0) & (down > -HALF - 4.0)
            hidden = int((behind & (down < HALF + BELOW_NEURON)).sum())
            if fewest is None or hidden < fewest:
                best, fewest = shift, hidden
        places[rows, 1] += best
        total += fewest or 0
    return places, total
