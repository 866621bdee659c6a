"""Where everything stands in the scene: what lies at a point, what a box touches, how much there is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QPointF, QRectF
from PySide6.QtGui import QFont, QFontMetricsF
from PySide6.QtWidgets import QGraphicsScene

from nnplay.core.network import Network
from nnplay.core.topology import Topology
from nnplay.gui.canvas.edges_item import EdgesItem
from nnplay.gui.canvas.grid_layer import GridLayer
from nnplay.gui.canvas.neuron_item import NeuronItem
from nnplay.picture.fonts import ui_font
from nnplay.picture.geometry import HALF, PORT_REACH, neuron_at
from nnplay.picture.neurons import LabelPlace
from nnplay.picture.palette import Palette

__all__ = ["Hit", "PlacedScene"]

FloatArray = npt.NDArray[np.float64]
Position = tuple[float, float]
# Enough room to pan anywhere; positions of neurons are far smaller.
WORLD = QRectF(-100_000, -100_000, 200_000, 200_000)
# How far beside the border of a line, in window pixels, a click still means it.
EDGE_REACH = 8.5
BIAS_REACH = 6.5
# A neuron's bias dot, from its middle, and how near a click must be to mean it.
BIAS_PLACE = (-HALF + 1.0, HALF - 1.0)


@dataclass(frozen=True)
class Hit:
    """What lies at a point: a neuron (perhaps its port), an edge, or nothing.

    Attributes:
        neuron: id of the neuron, or None.
        on_port: whether the point is on the handle for connecting.
        on_bias: whether it is on the dot that stands for the neuron's bias.
        edge: (source id, target id), or None.
    """

    neuron: int | None = None
    on_port: bool = False
    edge: tuple[int, int] | None = None
    on_bias: bool = False


class PlacedScene(QGraphicsScene):
    """A network's items and their places; knows what is where, and shows nothing by itself.

    Attributes:
        network: the network shown.
        positions: places by neuron id; ``places`` has them as ``float64[N, 2]`` in row order.
        downwards: whether the network runs from top to bottom.
        neuron_items: of neurons that stand in no grid, by id.
        grids: the layers shown as one picture.
        edges: the item of all edges.
    """

    def __init__(self, palette: Palette, parent: QObject | None = None) -> None:
        super().__init__(WORLD, parent)
        self.setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)
        self.palette_of_roles = palette
        self.network = Network.build(Topology([], []))
        self.positions: dict[int, Position] = {}
        self.places: FloatArray = np.empty((0, 2))
        self.downwards = False
        self.neuron_items: dict[int, NeuronItem] = {}
        self._tiles: list[int] = []  # rows with an item, ascending
        self.grids = GridLayer(self)
        self.edges = EdgesItem(palette)
        self.addItem(self.edges)

    def hit(self, x: float, y: float, scale: float) -> Hit:
        """What lies at a point of the scene; ``scale`` is the view's zoom."""
        row = self._port_at(x, y)
        ids = self.network.topology.ids
        if row is not None:
            return Hit(neuron=int(ids[row]), on_port=True)
        row = self._bias_at(x, y)
        if row is not None:
            return Hit(neuron=int(ids[row]), on_bias=True)
        row = self._tile_at(x, y)
        if row is None:
            row = self.grids.row_at(x, y)
        if row is not None:
            return Hit(neuron=int(ids[row]))
        slot = self.edges.hit(x, y, EDGE_REACH / max(scale, 1e-6))
        if slot is not None:
            source, target = (int(v) for v in self.network.topology.edges[slot])
            return Hit(edge=(source, target))
        return Hit()

    def _tile_at(self, x: float, y: float) -> int | None:
        found = neuron_at(self.places[self._tiles], x, y)
        return None if found is None else self._tiles[found]

    def _bias_at(self, x: float, y: float) -> int | None:
        if not self._tiles:
            return None
        place = BIAS_PLACE
        distance = np.hypot(self.places[:, 0] + place[0] - x, self.places[:, 1] + place[1] - y)
        distance[self.grids.members | (self.network.topology.bias_slots < 0)] = np.inf
        nearest = int(np.argmin(distance))
        return nearest if distance[nearest] <= BIAS_REACH else None

    def bias_of(self, neuron_id: int) -> QPointF:
        """Where a neuron's bias dot is."""
        x, y = self.positions[neuron_id]
        return QPointF(x + BIAS_PLACE[0], y + BIAS_PLACE[1])

    def _port_at(self, x: float, y: float) -> int | None:
        if not self._tiles:
            return None
        across, down = (0.0, HALF) if self.downwards else (HALF, 0.0)
        distance = np.hypot(self.places[:, 0] + across - x, self.places[:, 1] + down - y)
        distance[self.grids.members] = np.inf
        nearest = int(np.argmin(distance))
        return nearest if distance[nearest] <= PORT_REACH else None

    def neuron_in_the_way(self, x: float, y: float) -> int | None:
        """The neuron that one centred at a point would lie on; the nearest of several."""
        if not self._tiles:
            return None
        away = np.abs(self.places - (x, y)).max(axis=1)
        away[self.grids.members] = np.inf
        nearest = int(np.argmin(away))
        return int(self.network.topology.ids[nearest]) if away[nearest] < 2 * HALF else None

    def neurons_touching(self, box: QRectF) -> set[int]:
        """Ids of all neurons that a box touches."""
        if not len(self.places):
            return set()
        across, down = self.places.T
        halves = self.grids.halves
        inside = (across + halves >= box.left()) & (across - halves <= box.right())
        inside &= (down + halves >= box.top()) & (down - halves <= box.bottom())
        return set(self.network.topology.ids[inside].tolist())

    def moving_with(self, neuron_ids: Iterable[int]) -> set[int]:
        """The neurons shown, and all others of the grids they stand in: a picture moves whole."""
        topology = self.network.topology
        rows = np.array([topology.row(i) for i in neuron_ids if i in topology], dtype=np.int64)
        found = set(topology.ids[rows].tolist())
        for grid in self.grids.grids:
            if np.isin(grid.rows, rows).any():
                found.update(topology.ids[grid.rows].tolist())
        return found

    def port_of(self, neuron_id: int) -> QPointF:
        """Where a neuron's connections leave it."""
        x, y = self.positions[neuron_id]
        half = self.half_of(neuron_id)
        return QPointF(x, y + half) if self.downwards else QPointF(x + half, y)

    def entry_of(self, neuron_id: int) -> QPointF:
        """Where connections arrive at a neuron."""
        x, y = self.positions[neuron_id]
        half = self.half_of(neuron_id)
        return QPointF(x, y - half) if self.downwards else QPointF(x - half, y)

    def half_of(self, neuron_id: int) -> float:
        """Half the size of a neuron: of its tile, or of its cell in a grid."""
        return float(self.grids.halves[self.network.topology.row(neuron_id)])

    def content_rect(self) -> QRectF:
        """Everything painted, labels included; empty without neurons."""
        if not len(self.places):
            return QRectF()
        low, high = self.places.min(axis=0), self.places.max(axis=0)
        box = QRectF(QPointF(*low), QPointF(*high)).adjusted(
            -HALF - 8, -HALF - 18, HALF + 8, HALF + 18
        )
        metrics = QFontMetricsF(ui_font(13, QFont.Weight.Medium))
        for item in self.neuron_items.values():
            look = item.look
            if look.label_place in (LabelPlace.LEFT, LabelPlace.RIGHT):
                reach = HALF + 16 + metrics.horizontalAdvance(look.label)
                if look.label_place is LabelPlace.LEFT:
                    box.setLeft(min(box.left(), item.x() - reach))
                else:
                    box.setRight(max(box.right(), item.x() + reach))
        if self.downwards:
            box.adjust(-18, -10, 30, 10)
        if self.edges.shows_maps:
            box = box.united(self.edges.boundingRect())
        return box
