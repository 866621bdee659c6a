"""Automatic places for neurons that nobody has placed by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from nnplay.core.distinct import distinct
from nnplay.core.network import Network
from nnplay.core.topology import Kind
from nnplay.document import Document
from nnplay.picture.folding import fold_fresh
from nnplay.picture.fresh import DOWNWARDS, RIGHTWARDS, Grid, fresh_places
from nnplay.picture.geometry import NEURON_SIZE, PITCH, PITCH_DOWN

__all__ = ["arrange", "position_array", "runs_downwards", "turned"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

Position = tuple[float, float]
# Distance of newcomers from the columns beside them.
BESIDE: Final = 180.0
# Neurons closer than this in both directions touch each other or each other's numbers.
CLEARANCE: Final = NEURON_SIZE + 10.0


def runs_downwards(document: Document) -> bool:
    """Whether a document is shown from top to bottom instead of from left to right."""
    return document.view.get("direction") == "down"


def turned(document: Document, *, downwards: bool) -> Document:
    """The document shown from top to bottom, or from left to right.

    Places chosen by hand are turned too: what stood to the right stands below.
    """
    if runs_downwards(document) == downwards:
        return document
    view = {name: value for name, value in document.view.items() if name != "direction"}
    if downwards:
        view["direction"] = "down"
    wider = PITCH_DOWN / PITCH  # side by side neurons stand further apart than above each other
    places = {
        i: (y * wider, x) if downwards else (y, x / wider)
        for i, (x, y) in document.positions.items()
    }
    return replace(document, view=view, positions=places)


def arrange(
    network: Network, known: Mapping[int, Position] | None = None, *, downwards: bool = False
) -> dict[int, Position]:
    """Canvas positions of all neurons by id: inputs left, outputs right, levels in between.

    ``downwards`` puts inputs on top and outputs at the bottom instead.

    Neurons with a ``known`` position keep it. A column most of whose neurons are known is taken
    as arranged by hand, so newcomers go below it; otherwise unknown neurons stand where a fresh
    layout has them. Unknown neurons never overlap anything. Layers of more than twelve neurons
    wrap into a block (64 digits pixels become 8 by 8). Within the other columns neurons are
    ordered so that few connections cross and none runs behind a neuron where that can be helped.
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
    grid = DOWNWARDS if downwards else RIGHTWARDS
    columns = _columns(network)
    if fixed.any():
        # Neurons placed by hand take no part where they are the minority in their column.
        free = ~fixed
        places = fresh_places(network, columns, free, grid)
        for row in np.flatnonzero(fixed).tolist():
            x, y = known[ids[row]]
            places[row] = (y, x) if downwards else (x, y)
        _stand_beside(places, columns, fixed)
        _append_to_columns(places, columns, fixed, grid)
        _separate(places, fixed, grid)
    else:
        places = fresh_places(network, columns, np.ones(count, dtype=bool), grid)
        places = fold_fresh(network, places, columns, turned=downwards)
    if downwards:
        places = places[:, ::-1]
    result = {
        int(neuron_id): (float(x), float(y)) for neuron_id, (x, y) in zip(ids, places, strict=True)
    }
    return {**result, **{i: known[i] for i in ids if i in known}}


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


def _append_to_columns(
    places: FloatArray, columns: IntArray, fixed: npt.NDArray[np.bool_], grid: Grid
) -> None:
    for column in distinct(columns).tolist():
        members = columns == column
        old, new = np.flatnonzero(members & fixed), np.flatnonzero(members & ~fixed)
        if not new.size or old.size < new.size:
            continue
        left, width = places[old, 0].min(), np.ptp(places[old, 0])
        _, across = grid.block_shape(int(old.size + new.size))
        across = min(round(width / PITCH) + 1, across)
        index = np.arange(new.size)
        if across == 1:
            places[new, 0] = places[old, 0].mean()
            places[new, 1] = places[old, 1].max() + grid.pitch * (1 + index)
        else:
            places[new, 0] = left + index % across * PITCH
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


def _separate(places: FloatArray, fixed: npt.NDArray[np.bool_], grid: Grid) -> None:
    """Move unknown neurons down until they are clear of everything placed before them."""
    settled = places[fixed]
    for row in np.flatnonzero(~fixed).tolist():
        x, y = places[row]
        beside = settled[np.abs(settled[:, 0] - x) < CLEARANCE, 1]
        clear = CLEARANCE + grid.pitch - PITCH
        for _ in range(len(places)):
            blocking = beside[np.abs(beside - y) < CLEARANCE]
            if not blocking.size:
                break
            y = max(y + PITCH / 4, float(blocking.max()) + clear)
        places[row, 1] = y
        settled = np.vstack([settled, places[row]])
