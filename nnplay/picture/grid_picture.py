"""Painting a grid of neurons as one picture of their activations, and weights laid out on a grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from nnplay.core.network import Network
from nnplay.core.topology import Kind
from nnplay.picture.fonts import ui_font
from nnplay.picture.grids import Grid
from nnplay.picture.maps import map_image, map_images
from nnplay.picture.palette import Palette
from nnplay.picture.scales import ValueScale, fixed_scale, largest_size, scale_for
from nnplay.picture.strength import SMALLEST_SCALE

__all__ = ["GridLook", "IncomingWeights", "grid_scale", "incoming_weights", "paint_grid"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

FRAME: Final = 3.0
READABLE: Final = 0.45
# Lines between cells narrower than this on the screen would be all there is to see.
LINED_FROM: Final = 9.0
# A tile's picture of weights is at least so fine that smooth scaling leaves its cells apart.
FINE: Final = 48
PLAIN: Final = ValueScale(-1.0, 0.0, 1.0)


@dataclass
class GridLook:
    """What decides how a grid is painted.

    Attributes:
        grid: where its neurons stand.
        values: ``float64[lines, columns]`` activations, NaN where there is none.
        scale: their colour scale.
        selected: rows that are selected.
        hovered: the row under the pointer, or None.
        disabled: rows that are switched off.
        marked: the row that would (``welcome`` True) or would not take a connection.
    """

    grid: Grid
    values: FloatArray | None = None
    scale: ValueScale = PLAIN
    selected: frozenset[int] = frozenset()
    hovered: int | None = None
    disabled: frozenset[int] = frozenset()
    marked: int | None = None
    welcome: bool = True
    _image: QImage | None = field(default=None, repr=False)
    _image_of: Palette | None = field(default=None, repr=False)

    def set_values(self, values: FloatArray | None, scale: ValueScale) -> None:
        """Take other activations."""
        self.values, self.scale, self._image = values, scale, None

    def image(self, palette: Palette) -> QImage:
        """The picture, one pixel per cell."""
        if self._image is None or self._image_of is not palette:
            values = self.values
            if values is None:
                values = np.full(self.grid.cells.shape, np.nan)
            self._image = map_image(values, self.scale, palette, padding=0)
            self._image_of = palette
        return self._image


def grid_scale(network: Network, grid: Grid, values: FloatArray) -> ValueScale:
    """One scale for all cells: the activation's own range, or up to the largest value."""
    names = {network.activations[row] for row in grid.rows.tolist()}
    name = names.pop() if len(names) == 1 else "linear"
    is_input = grid.kind == Kind.INPUT
    fixed = None if is_input else fixed_scale(name)
    return fixed or scale_for(name, largest_size(values), is_input=is_input)


def paint_grid(painter: QPainter, palette: Palette, look: GridLook) -> None:
    """Draw a grid where its neurons stand, in canvas coordinates."""
    grid = look.grid
    box = QRectF(*grid.box)
    detail = abs(painter.worldTransform().m11())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(palette.border_strong), 1.25))
    painter.setBrush(QColor(palette.card))
    painter.drawRoundedRect(box.adjusted(-FRAME, -FRAME, FRAME, FRAME), 6, 6)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    painter.drawImage(box, look.image(palette))
    cell = grid.pitch * detail
    if cell >= LINED_FROM:
        _paint_lines(painter, palette, grid, box, detail)
    for row in look.disabled:
        _paint_cell(painter, look, row, None, QColor(palette.secondary), 1.0 / detail)
    _paint_selection(painter, palette, look, detail)
    for marked, colour in (
        (look.hovered, palette.text),
        (look.marked, palette.ok if look.welcome else palette.error),
    ):
        if marked is not None:
            _paint_cell(painter, look, marked, QColor(colour), None, 2.0 / detail)
    if detail >= READABLE:
        painter.setFont(ui_font(11))
        painter.setPen(QColor(palette.secondary))
        lines, columns = grid.cells.shape
        count = int((grid.cells >= 0).sum())
        shape = f"{lines} × {columns}"
        words = shape if count == lines * columns else f"{shape} · {count} neurons"
        below = QRectF(box.center().x() - 90, box.bottom() + FRAME + 3, 180, 16)
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, words)
    painter.restore()


def _paint_lines(
    painter: QPainter, palette: Palette, grid: Grid, box: QRectF, detail: float
) -> None:
    colour = QColor(palette.canvas)
    colour.setAlphaF(0.55)
    painter.setPen(QPen(colour, 1.0 / detail))
    lines, columns = grid.cells.shape
    for column in range(1, columns):
        x = box.left() + column * grid.pitch
        painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))
    for line in range(1, lines):
        y = box.top() + line * grid.pitch
        painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))


def _paint_selection(painter: QPainter, palette: Palette, look: GridLook, detail: float) -> None:
    if not look.selected:
        return
    accent = QColor(palette.accent)
    members = look.grid.rows.tolist()
    if look.selected.issuperset(members):
        box = QRectF(*look.grid.box).adjusted(-FRAME, -FRAME, FRAME, FRAME)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(accent, max(2.0, 2.0 / detail)))
        painter.drawRoundedRect(box, 6, 6)
        return
    for row in look.selected:
        _paint_cell(painter, look, row, accent, None, 2.0 / detail)


def _paint_cell(
    painter: QPainter,
    look: GridLook,
    row: int,
    outline: QColor | None,
    cross: QColor | None,
    width: float,
) -> None:
    grid = look.grid
    places = np.argwhere(grid.cells == row)
    if not len(places):
        return
    line, column = places[0].tolist()
    half = grid.pitch / 2
    x, y = grid.x + column * grid.pitch, grid.y + line * grid.pitch
    box = QRectF(x - half, y - half, 2 * half, 2 * half)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if outline is not None:
        painter.setPen(QPen(outline, width))
        painter.drawRect(box)
    if cross is not None:
        painter.setPen(QPen(cross, width))
        painter.drawLine(box.bottomLeft(), box.topRight())


# ---------------------------------------------------------------------- weights on a grid
@dataclass(frozen=True, eq=False)
class IncomingWeights:
    """Which weights lead from a grid to the neurons it feeds.

    Attributes:
        grid: the grid.
        rows: ``int64[k]``, rows of the neurons it feeds.
        slots: ``int64[k, lines, columns]``, the weight from every cell, −1 where there is none.
    """

    grid: Grid
    rows: IntArray
    slots: IntArray

    def values(self, network: Network, index: int | slice = slice(None)) -> FloatArray:
        """Weights laid out like the grid; NaN where there is no connection."""
        slots = self.slots[index]
        laid: FloatArray = np.where(
            slots >= 0, network.effective_weights[np.maximum(slots, 0)], np.nan
        )
        return laid

    def scale(self, network: Network) -> float:
        """The size at full colour, the same for all neurons: the 99.5th percentile."""
        sizes = np.abs(network.effective_weights[self.slots[self.slots >= 0]])
        sizes = sizes[np.isfinite(sizes)]
        if not sizes.size:
            return 1.0
        place = int(0.995 * (sizes.size - 1))
        return max(float(np.partition(sizes, place)[place]), SMALLEST_SCALE)

    def images(self, network: Network, palette: Palette) -> list[QImage]:
        """A small picture for every neuron, with the padding that tiles want."""
        size = self.scale(network)
        values = self.values(network)
        factor = max(1, FINE // max(values.shape[1:]))
        if factor > 1:
            values = values.repeat(factor, axis=1).repeat(factor, axis=2)
        return map_images(values, [ValueScale(-size, 0.0, size)] * len(values), palette)

    def image(self, network: Network, row: int, palette: Palette) -> QImage | None:
        """The picture of one neuron, one pixel per cell; None for those the grid does not feed."""
        found = np.flatnonzero(self.rows == row)
        if not found.size:
            return None
        size = self.scale(network)
        values = self.values(network, int(found[0]))
        return map_image(values, ValueScale(-size, 0.0, size), palette, padding=0)


def incoming_weights(network: Network, grids: Sequence[Grid]) -> tuple[IncomingWeights, ...]:
    """For every grid the neurons outside of grids that at least half of its cells feed."""
    topology = network.topology
    edges = topology.edge_rows
    count = topology.neuron_count
    in_grid = np.zeros(count, dtype=bool)
    for grid in grids:
        in_grid[grid.rows] = True
    found = []
    for grid in grids:
        lines, columns = grid.cells.shape
        cell = np.full(count, -1, dtype=np.int64)
        flat = grid.cells.ravel()
        cell[flat[flat >= 0]] = np.flatnonzero(flat >= 0)
        slots = np.flatnonzero((cell[edges[:, 0]] >= 0) & ~in_grid[edges[:, 1]])
        fed = np.bincount(edges[slots, 1], minlength=count)
        rows = np.flatnonzero(2 * fed >= grid.rows.size)
        if not rows.size:
            continue
        index = np.full(count, -1, dtype=np.int64)
        index[rows] = np.arange(rows.size)
        slots = slots[index[edges[slots, 1]] >= 0]
        table = np.full((rows.size, lines * columns), -1, dtype=np.int64)
        table[index[edges[slots, 1]], cell[edges[slots, 0]]] = slots
        found.append(IncomingWeights(grid, rows, table.reshape(rows.size, lines, columns)))
    return tuple(found)
