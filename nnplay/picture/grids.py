"""Layers that stand as tight grids: which neurons they hold, where, and which inputs are pixels.

A layer becomes a grid by where its neurons stand: on a regular lattice, closer together than
tiles could be. Nothing else has to be stored, and moving its neurons is all it takes to fold a
layer into a picture or to unfold it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from nnplay.core.network import Network
from nnplay.core.topology import Kind
from nnplay.picture.geometry import HALF, NEURON_SIZE
from nnplay.picture.layers import layer_groups

__all__ = [
    "FEWEST",
    "FOLDED_FROM",
    "Grid",
    "grid_cells",
    "grid_pitch",
    "grid_rows",
    "grid_shape",
    "grids_of",
    "half_sizes",
    "pixel_shape",
]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

FEWEST: Final = 16
# Layers of more neurons than this stand as a grid from the start, whatever they are called.
FOLDED_FROM: Final = 145
SIDE: Final = 280.0
SMALLEST_PITCH: Final = 5.0
LARGEST_PITCH: Final = 34.0
# Numbered inputs of any name are taken as a picture from this count on.
SURELY_PIXELS: Final = 256
_PIXEL_WORDS: Final = frozenset({"p", "px", "pix", "pixel", "pixels", "img", "image"})
_NUMBERED = re.compile(r"^(.*?)[\s_.:\[(-]*(\d+)(?:[\s_.:x,-]+(\d+))?[\])]*$")
# How far from its cell, in cells, a neuron may stand and still belong to the grid.
TOLERANCE: Final = 0.06


@dataclass(frozen=True, eq=False)
class Grid:
    """Neurons of one layer on a lattice.

    Attributes:
        cells: ``int64[lines, columns]``, rows of the network, −1 where nobody stands.
        x, y: centre of the first cell, in canvas pixels.
        pitch: distance of two cells.
        kind, level: of the layer, see :class:`~nnplay.picture.layers.LayerGroup`.
    """

    cells: IntArray
    x: float
    y: float
    pitch: float
    kind: Kind
    level: int

    @property
    def rows(self) -> IntArray:
        """Rows of its neurons in reading order."""
        members: IntArray = self.cells[self.cells >= 0]
        return members

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, width and height of all cells."""
        lines, columns = self.cells.shape
        half = self.pitch / 2
        return self.x - half, self.y - half, columns * self.pitch, lines * self.pitch

    def row_at(self, x: float, y: float) -> int | None:
        """Row of the neuron whose cell holds a point, or None."""
        left, top, width, height = self.box
        if not (left <= x < left + width and top <= y < top + height):
            return None
        row = int(self.cells[int((y - top) / self.pitch), int((x - left) / self.pitch)])
        return row if row >= 0 else None

    def spread(self, values: npt.NDArray[np.floating], empty: float = math.nan) -> FloatArray:
        """Numbers in row order as ``float64[lines, columns]``; ``empty`` where nobody stands."""
        laid: FloatArray = np.where(self.cells >= 0, values[np.maximum(self.cells, 0)], empty)
        return laid


# ---------------------------------------------------------------------- which layers
def pixel_shape(labels: Sequence[str]) -> tuple[int, int] | None:
    """(lines, columns) if names in this order read like the pixels of a picture, else None.

    Either two indices that run through a full rectangle in reading order (``pixel_0_3``), or
    consecutive numbers of a square count behind a word for pixels (``px17``) or of many.
    """
    count = len(labels)
    if count < FEWEST:
        return None
    found = [_NUMBERED.match(label) for label in labels]
    if not all(found):
        return None
    words = {match[1].lower() for match in found if match}
    if len(words) != 1:
        return None
    first = np.array([int(match[2]) for match in found if match])
    seconds = [match[3] for match in found if match]
    if all(text is not None for text in seconds):
        second = np.array([int(text) for text in seconds])
        columns = int(second.max() - second.min()) + 1
        lines = int(first.max() - first.min()) + 1
        index = (first - first.min()) * columns + second - second.min()
        fits = lines * columns == count and min(lines, columns) > 1
        return (lines, columns) if fits and (index == np.arange(count)).all() else None
    if any(text is not None for text in seconds) or not (np.diff(first) == 1).all():
        return None
    root = math.isqrt(count)
    likely = words.pop().rstrip("_ ") in _PIXEL_WORDS or count >= SURELY_PIXELS
    return (root, root) if root * root == count and likely else None


def grid_shape(network: Network, rows: IntArray) -> tuple[int, int]:
    """(lines, columns) a layer has as a grid: its picture's, or about as wide as high."""
    shape = pixel_shape([network.labels[row] for row in rows.tolist()])
    if shape is not None:
        return shape
    columns = math.ceil(math.sqrt(len(rows)))
    return -(-len(rows) // columns), columns


def grid_pitch(shape: tuple[int, int]) -> float:
    """Distance of two cells in canvas pixels: a picture is about 280 wide, never too coarse."""
    return min(LARGEST_PITCH, max(SMALLEST_PITCH, round(SIDE / max(shape))))


def grid_rows(network: Network) -> dict[tuple[Kind, int], tuple[int, int]]:
    """Layers that are laid out as grids by themselves, by kind and level, with their shapes."""
    shapes = {}
    for group in layer_groups(network):
        count = group.rows.size
        if count >= FOLDED_FROM or (
            group.kind == Kind.INPUT
            and pixel_shape([network.labels[row] for row in group.rows.tolist()]) is not None
        ):
            shapes[group.kind, group.level] = grid_shape(network, group.rows)
    return shapes


def grid_cells(shape: tuple[int, int], count: int) -> tuple[FloatArray, float]:
    """Places ``float64[count, 2]`` of a grid around the origin in reading order, and its pitch."""
    pitch = grid_pitch(shape)
    lines, columns = shape
    index = np.arange(count)
    places = np.empty((count, 2))
    places[:, 0] = (index % columns - (columns - 1) / 2) * pitch
    places[:, 1] = (index // columns - (lines - 1) / 2) * pitch
    return places, pitch


# ---------------------------------------------------------------------- as they stand
def grids_of(network: Network, positions: FloatArray) -> tuple[Grid, ...]:
    """All layers that stand as tight grids; neurons apart from them are no part of any.

    ``positions`` is ``float64[N, 2]`` in row order.
    """
    if len(positions) < FEWEST:
        return ()
    found = []
    for group in layer_groups(network):
        if group.rows.size >= FEWEST:
            grid = _grid(positions, group.rows, group.kind, group.level)
            if grid is not None:
                found.append(grid)
    return tuple(found)


def _grid(positions: FloatArray, rows: IntArray, kind: Kind, level: int) -> Grid | None:
    places = positions[rows]
    steps = np.abs(np.diff(places, axis=0)).max(axis=1)
    steps = steps[steps > 1.0]
    if not steps.size:
        return None
    pitch = float(np.median(steps))
    if pitch >= NEURON_SIZE:
        return None
    # The place of most within a cell is the lattice's own; whoever stands elsewhere is not in it.
    origin = places[0] + np.median((places - places[0] + pitch / 2) % pitch - pitch / 2, axis=0)
    cells = np.rint((places - origin) / pitch)
    fits = (np.abs(places - origin - cells * pitch) <= TOLERANCE * pitch).all(axis=1)
    reach = 2.0 * math.sqrt(rows.size) + 2.0
    fits &= (np.abs(cells - np.median(cells, axis=0)) <= reach).all(axis=1)
    cells, members = cells[fits].astype(np.int64), rows[fits]
    if members.size < FEWEST:
        return None
    low = cells.min(axis=0)
    columns, lines = (cells.max(axis=0) - low + 1).tolist()
    if members.size < 0.5 * lines * columns or min(lines, columns) < 2:
        return None
    table = np.full((lines, columns), -1, dtype=np.int64)
    table[cells[:, 1] - low[1], cells[:, 0] - low[0]] = members
    first = origin + low * pitch
    return Grid(table, float(first[0]), float(first[1]), pitch, kind, level)


def half_sizes(count: int, grids: Sequence[Grid]) -> FloatArray:
    """``float64[N]``: half the side of every neuron, of a tile or of a cell."""
    halves = np.full(count, HALF)
    for grid in grids:
        halves[grid.rows] = grid.pitch / 2
    return halves
