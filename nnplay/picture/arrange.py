"""Automatic places for neurons that nobody has placed by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from nnplay.core.distinct import distinct
from nnplay.core.network import Network
from nnplay.core.topology import Kind
from nnplay.picture.geometry import CURVE_LIMIT, HALF, NEURON_SIZE, PITCH, curve_points, edge_ends

__all__ = ["arrange", "position_array"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

Position = tuple[float, float]
TALLEST_COLUMN: Final = 12
# Distance of newcomers from the columns beside them.
BESIDE: Final = 180.0
# The number below a neuron belongs to it.
BELOW_NEURON: Final = 18.0
# Neurons closer than this in both directions touch each other or each other's numbers.
CLEARANCE: Final = NEURON_SIZE + 10.0


def arrange(network: Network, known: Mapping[int, Position] | None = None) -> dict[int, Position]:
    """Canvas positions of all neurons by id: inputs left, outputs right, levels in between.

    Neurons with a ``known`` position keep it. A column most of whose neurons are known is taken
    as arranged by hand, so newcomers go below it; otherwise unknown neurons stand where a fresh
    layout has them. Unknown neurons never overlap anything. Layers of more than twelve neurons
    wrap into a block (64 digits pixels become 8 by 8).
    """
    topology = network.topology
    count = topology.neuron_count
    if not count:
        return {}
    known = known or {}
    ids: list[int] = topology.ids.tolist()
    fixed = np.array([neuron_id in known for neuron_id in ids])
    if fixed.all():
        return {neuron_id: known[neuron_id] for neuron_id in ids}
    columns = _columns(network)
    if fixed.any():
        # Neurons placed by hand take no part where they are the minority in their column.
        free = ~fixed
        places = _fresh(network, columns, free)
        for row in np.flatnonzero(fixed).tolist():
            places[row] = known[ids[row]]
        _stand_beside(places, columns, fixed)
        _append_to_columns(places, columns, fixed)
        _separate(places, fixed)
    else:
        places = _fresh(network, columns, np.ones(count, dtype=bool))
        _open_lanes(network, columns, places)
    return {
        int(neuron_id): (float(x), float(y))
        for neuron_id, (x, y) in zip(topology.ids, places, strict=True)
    }


def position_array(network: Network, positions: Mapping[int, Position]) -> FloatArray:
    """``float64[N, 2]`` in row order; all neurons must have a position."""
    return np.array(
        [positions[neuron_id] for neuron_id in network.topology.ids.tolist()], dtype=np.float64
    ).reshape(-1, 2)


def _columns(network: Network) -> IntArray:
    """Column of every neuron: its level's rank; outputs that feed nobody share the last one."""
    topology = network.topology
    feeds = np.zeros(topology.neuron_count, dtype=bool)
    feeds[topology.edge_rows[:, 0]] = True
    last = (topology.kinds == Kind.OUTPUT) & ~feeds
    inner = topology.levels[~last]
    columns = np.searchsorted(distinct(inner), topology.levels)
    columns[last] = len(distinct(inner))
    return columns


def _block_shape(count: int) -> tuple[int, int]:
    """(rows, columns) of a layer with ``count`` neurons."""
    if count <= TALLEST_COLUMN:
        return count, 1
    root = round(count**0.5)
    if root * root == count:
        return root, root
    across = min(-(-count // TALLEST_COLUMN), max(2, int((count / 2) ** 0.5)))
    return -(-count // across), across


def _fresh(network: Network, columns: IntArray, taking_part: npt.NDArray[np.bool_]) -> FloatArray:
    topology = network.topology
    places = np.zeros((topology.neuron_count, 2))
    used = distinct(columns)
    gap = {1: 200.0, 2: 200.0, 3: 200.0, 4: 200.0, 5: 180.0}.get(used.size, 160.0)
    edge_rows = topology.edge_rows
    sums, counts = np.zeros(len(places)), np.zeros(len(places))
    x = 0.0
    for column in used.tolist():
        everyone = np.flatnonzero(columns == column)
        rows = everyone[taking_part[everyone]]
        if not rows.size:
            rows = everyone
        height, across = _block_shape(rows.size)
        if column and across == 1:
            # Neurons stand at the average height of what feeds them; full layers stay in order.
            into = np.isin(edge_rows[:, 1], rows)
            np.add.at(sums, edge_rows[into, 1], places[edge_rows[into, 0], 1])
            np.add.at(counts, edge_rows[into, 1], 1.0)
            middle = np.where(counts[rows] > 0, sums[rows] / np.maximum(counts[rows], 1.0), 0.0)
            rows = rows[np.argsort(np.round(middle, 3), kind="stable")]
        if across > 1:
            x += PITCH / 2  # a block needs room for the edges that pass beside it
        index = np.arange(rows.size)
        down, right = index // across, index % across
        places[rows, 0] = x + right * PITCH
        places[rows, 1] = (down - (height - 1) / 2) * PITCH
        x += (across - 1) * PITCH + gap + (PITCH / 2 if across > 1 else 0.0)
        if height > 8:
            x += 40.0
    return places


def _open_lanes(network: Network, columns: IntArray, places: FloatArray) -> None:
    """Shift a column up or down by half a pitch where edges would pass behind its neurons."""
    topology = network.topology
    if topology.edge_count > CURVE_LIMIT:
        return
    spans = columns[topology.edge_rows]
    if not ((spans[:, 1] - spans[:, 0]) > 1).any():
        return
    for column in distinct(columns)[1:-1].tolist():
        rows = np.flatnonzero(columns == column)
        passing = (spans[:, 0] < column) & (spans[:, 1] > column)
        if not passing.any():
            continue
        best, best_count = 0.0, None
        for shift in (0.0, PITCH / 2, -PITCH / 2, PITCH, -PITCH):
            trial = places.copy()
            trial[rows, 1] += shift
            points = curve_points(edge_ends(topology, trial)[passing], 40).reshape(-1, 2)
            across, down = np.moveaxis(points[:, None, :] - trial[rows][None, :, :], 2, 0)
            behind = (np.abs(across) < HALF + 4.0) & (down > -HALF - 4.0)
            hidden = int((behind & (down < HALF + BELOW_NEURON)).sum())
            if best_count is None or hidden < best_count:
                best, best_count = shift, hidden
        places[rows, 1] += best


def _append_to_columns(places: FloatArray, columns: IntArray, fixed: npt.NDArray[np.bool_]) -> None:
    for column in distinct(columns).tolist():
        members = columns == column
        old, new = np.flatnonzero(members & fixed), np.flatnonzero(members & ~fixed)
        if not new.size or old.size < new.size:
            continue
        left, width = places[old, 0].min(), np.ptp(places[old, 0])
        across = min(round(width / PITCH) + 1, _block_shape(int(old.size + new.size))[1])
        index = np.arange(new.size)
        places[new, 0] = (
            left + index % across * PITCH if across > 1 else float(places[old, 0].mean())
        )
        places[new, 1] = places[old, 1].max() + PITCH * (1 + index // across)


def _stand_beside(places: FloatArray, columns: IntArray, fixed: npt.NDArray[np.bool_]) -> None:
    """Move columns of newcomers beside those arranged by hand, which keep their places.

    A block is wider than the column it replaces, so that it grows away from its neighbours.
    """
    used = distinct(columns).tolist()
    settled: dict[int, tuple[float, float]] = {}
    for column in used:
        members = columns == column
        if 2 * np.count_nonzero(members & fixed) >= np.count_nonzero(members):
            across = places[members & fixed, 0]
            settled[column] = float(across.min()), float(across.max())
    if not settled:
        return
    first = min(settled)
    before = [column for column in reversed(used) if column < first]
    for column in before + [column for column in used if column > first]:
        if column in settled:
            continue
        new = (columns == column) & ~fixed
        low, high = float(places[new, 0].min()), float(places[new, 0].max())
        left = max((end for c, (_, end) in settled.items() if c < column), default=None)
        right = min((start for c, (start, _) in settled.items() if c > column), default=None)
        if left is None:
            assert right is not None  # noqa: S101
            shift = right - BESIDE - high
        else:
            shift = left + BESIDE - low
            if right is not None and high + shift > right - BESIDE:
                shift = (left + right - low - high) / 2
        places[new, 0] += shift
        settled[column] = low + shift, high + shift


def _separate(places: FloatArray, fixed: npt.NDArray[np.bool_]) -> None:
    """Move unknown neurons down until they are clear of everything placed before them."""
    settled = places[fixed]
    for row in np.flatnonzero(~fixed).tolist():
        x, y = places[row]
        beside = settled[np.abs(settled[:, 0] - x) < CLEARANCE, 1]
        for _ in range(len(places)):
            blocking = beside[np.abs(beside - y) < CLEARANCE]
            if not blocking.size:
                break
            y = max(y + PITCH / 4, float(blocking.max()) + CLEARANCE)
        places[row, 1] = y
        settled = np.vstack([settled, places[row]])
