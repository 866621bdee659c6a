"""Layers of very many neurons, and pixels, laid out as tight grids; and grids undone again."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from nnplay.core.network import Network
from nnplay.picture.geometry import PITCH
from nnplay.picture.grids import Grid, grid_cells, grid_rows, grid_shape
from nnplay.picture.layers import layer_groups
from nnplay.picture.strength import MAPPED_FROM

__all__ = ["fold_fresh", "folded_places", "unfolded_places"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Position = tuple[float, float]

# Heat maps of weights stand between layers and want more room than lines.
ROOM_FOR_MAPS: Final = 170.0


def fold_fresh(
    network: Network, places: FloatArray, columns: IntArray, *, turned: bool = False
) -> FloatArray:
    """Fresh places with layers of pixels or of very many neurons as tight grids.

    What stands behind a folded layer moves up; between layers with more edges than can be drawn
    there is room for heat maps.

    Args:
        network: what is laid out.
        places: ``float64[N, 2]``, the first coordinate along the flow.
        columns: ``int64[N]``, the column of every neuron.
        turned: whether the flow runs downwards, so that lines of a picture follow the flow.
    """
    shapes = grid_rows(network)
    with_maps = network.topology.edge_count > MAPPED_FROM
    if not shapes and not with_maps:
        return places
    places = places.copy()
    for group in layer_groups(network):
        shape = shapes.get((group.kind, group.level))
        rows = group.rows
        if shape is None or np.ptp(columns[rows]):
            continue
        cells, _ = grid_cells(shape, rows.size)
        if turned:
            cells = cells[:, ::-1]
        old = places[rows, 0]
        start, width = float(old.min()), float(np.ptp(old))
        cells = cells - np.array([cells[:, 0].min(), 0.0])
        places[rows] = cells + np.array([start, 0.0])
        behind = columns > columns[rows[0]]
        places[behind, 0] -= width - float(np.ptp(cells[:, 0]))
    if with_maps:
        places[:, 0] += ROOM_FOR_MAPS * columns
    return places


def folded_places(network: Network, places: FloatArray, rows: IntArray) -> dict[int, Position]:
    """Where the neurons of one layer stand as a tight grid around their present middle, by id."""
    cells, _ = grid_cells(grid_shape(network, rows), rows.size)
    low, high = places[rows].min(axis=0), places[rows].max(axis=0)
    return _by_id(network, rows, cells + (low + high) / 2)


def unfolded_places(
    network: Network, places: FloatArray, grid: Grid, *, downwards: bool = False
) -> dict[int, Position]:
    """Where all neurons stand once a grid's have room for tiles; what is behind makes room."""
    lines, columns = grid.cells.shape
    left, top, width, height = grid.box
    middle = np.array([left + width / 2, top + height / 2])
    spread = places.copy()
    at = np.argwhere(grid.cells >= 0)
    offsets = (at[:, ::-1] - np.array([columns - 1, lines - 1]) / 2) * PITCH
    axis = 1 if downwards else 0
    growth = ((lines if downwards else columns) - 1) * (PITCH - grid.pitch)
    spread[:, axis] += np.sign(places[:, axis] - middle[axis]) * growth / 2
    spread[grid.rows] = offsets + middle
    return _by_id(network, np.arange(len(places)), spread)


def _by_id(network: Network, rows: IntArray, places: FloatArray) -> dict[int, Position]:
    ids = network.topology.ids[rows].tolist()
    return {
        int(i): (round(x, 1), round(y, 1)) for i, (x, y) in zip(ids, places.tolist(), strict=True)
    }
