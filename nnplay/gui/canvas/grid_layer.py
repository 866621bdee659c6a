"""Layers shown as one picture: an item for each, and what their neurons say to the rest.

Neurons that stand as a tight grid have no item of their own. The grid paints all of them and knows
which is under the pointer; the neurons they feed show the weights from the grid as pictures.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from nnplay.core.network import Network
from nnplay.picture.grid_picture import (
    GridLook,
    IncomingWeights,
    grid_scale,
    incoming_weights,
    paint_grid,
)
from nnplay.picture.grids import Grid, grids_of, half_sizes
from nnplay.picture.palette import Palette

if TYPE_CHECKING:
    from nnplay.gui.canvas.placed_scene import PlacedScene

__all__ = ["GridItem", "GridLayer"]

FloatArray = npt.NDArray[np.float64]
AROUND: Final = 24.0
# While training, pictures of weights are made anew every so many frames.
FRAMES_BETWEEN_PICTURES: Final = 6


class GridItem(QGraphicsItem):
    """Paints one grid; where it stands is in its look."""

    def __init__(self, scene: PlacedScene, look: GridLook) -> None:
        super().__init__()
        self.setZValue(1)
        self.look = look
        self._scene = scene

    def boundingRect(self) -> QRectF:
        return QRectF(*self.look.grid.box).adjusted(-AROUND, -AROUND, AROUND, AROUND)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        paint_grid(painter, self._scene.palette_of_roles, self.look)


class GridLayer:
    """All grids of a scene.

    Attributes:
        items: one for each grid.
        members: ``bool[N]``, whether a neuron belongs to a grid.
        halves: ``float64[N]``, half the size of every neuron.
        incoming: the weights from each grid to the tiles it feeds.
    """

    def __init__(self, scene: PlacedScene) -> None:
        self._scene = scene
        self.items: list[GridItem] = []
        self.members: npt.NDArray[np.bool_] = np.zeros(0, dtype=bool)
        self.halves: FloatArray = np.zeros(0)
        self.incoming: tuple[IncomingWeights, ...] = ()
        self._network: Network | None = None
        self.values: npt.NDArray[np.floating] | None = None
        self._hovered: int | None = None
        self._selected: frozenset[int] = frozenset()
        self._frames = 0

    @property
    def grids(self) -> tuple[Grid, ...]:
        """All grids as they stand."""
        return tuple(item.look.grid for item in self.items)

    def follow(self, network: Network, places: FloatArray) -> None:
        """Find the grids again after neurons have come, gone or moved."""
        grids = grids_of(network, places)
        members = np.zeros(len(places), dtype=bool)
        for grid in grids:
            members[grid.rows] = True
        old = {(item.look.grid.kind, item.look.grid.level): item for item in self.items}
        same_cells = self._network is not None and network.topology is self._network.topology
        self.items = []
        for grid in grids:
            item = old.pop((grid.kind, grid.level), None)
            if item is None:
                item = GridItem(self._scene, GridLook(grid))
                self._scene.addItem(item)
            else:
                item.prepareGeometryChange()
                same_cells = same_cells and np.array_equal(item.look.grid.cells, grid.cells)
                item.look.grid = grid
            off = ~network.neuron_enabled[grid.rows]
            item.look.disabled = frozenset(grid.rows[off].tolist())
            self.items.append(item)
        for item in old.values():
            self._scene.removeItem(item)
        if not same_cells or len(grids) != len(self.incoming) or old:
            self.incoming = incoming_weights(network, grids)
        self.members, self.halves = members, half_sizes(len(places), grids)
        self._network = network
        if not same_cells:
            self._hovered = None
        self.set_values(network, self.values)
        self.set_selection(self._selected)
        self.set_hovered(self._hovered)

    # ------------------------------------------------------------------ numbers
    def set_values(self, network: Network, values: npt.NDArray[np.floating] | None) -> None:
        """Take activations in row order."""
        if values is not None and len(values) != network.topology.neuron_count:
            values = None
        self.values = values
        for item in self.items:
            look = item.look
            if values is None:
                look.set_values(None, look.scale)
            else:
                laid = look.grid.spread(values)
                look.set_values(laid, grid_scale(network, look.grid, laid))
            item.update()

    def pictures(
        self, network: Network, palette: Palette, *, is_busy: bool
    ) -> list[tuple[int, QImage]]:
        """Fresh pictures of weights by row; none if those shown are new enough."""
        self._network = network
        self._frames += 1
        if is_busy and self._frames % FRAMES_BETWEEN_PICTURES:
            return []
        return [
            (row, image)
            for one in self.incoming
            for row, image in zip(one.rows.tolist(), one.images(network, palette), strict=True)
        ]

    def weights_picture(self, row: int, palette: Palette) -> QImage | None:
        """The weights into a neuron laid out on the grid that feeds it, one pixel per cell."""
        if self._network is None:
            return None
        for one in self.incoming:
            image = one.image(self._network, row, palette)
            if image is not None:
                return image
        return None

    # ------------------------------------------------------------------ states
    def set_selection(self, rows: Collection[int]) -> None:
        """Mark the selected cells."""
        self._selected = frozenset(rows)
        for item in self.items:
            chosen = self._selected.intersection(item.look.grid.rows.tolist())
            if chosen != item.look.selected:
                item.look.selected = chosen
                item.update()

    def set_hovered(self, row: int | None) -> None:
        """Mark the cell under the pointer."""
        self._hovered = row
        self._mark("hovered", row)

    def set_welcome(self, row: int | None, welcome: bool) -> None:
        """Mark the cell that would, or would not, take a connection."""
        for item in self.items:
            item.look.welcome = welcome
        self._mark("marked", row)

    def _mark(self, name: str, row: int | None) -> None:
        for item in self.items:
            here = row if row is not None and (item.look.grid.cells == row).any() else None
            if here != getattr(item.look, name):
                setattr(item.look, name, here)
                item.update()

    # ------------------------------------------------------------------ asking
    def row_at(self, x: float, y: float) -> int | None:
        """Row of the neuron whose cell holds a point."""
        for item in self.items:
            row = item.look.grid.row_at(x, y)
            if row is not None:
                return row
        return None

    def grid_of(self, row: int) -> Grid | None:
        """The grid a neuron belongs to."""
        if not (0 <= row < len(self.members) and self.members[row]):
            return None
        return next(g for g in self.grids if (g.cells == row).any())

    def grid_around(self, x: float, y: float, margin: float) -> Grid | None:
        """The grid whose outline, grown by ``margin``, holds a point."""
        for grid in self.grids:
            box = QRectF(*grid.box).adjusted(-margin, -margin, margin, margin)
            if box.contains(x, y):
                return grid
        return None
