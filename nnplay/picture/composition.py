"""A whole network as a picture: edges below, then numbers, neurons and layer headers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from nnplay.core.network import Network
from nnplay.picture.arrange import arrange, position_array
from nnplay.picture.edges import EdgePicture
from nnplay.picture.fonts import ui_font
from nnplay.picture.geometry import HALF, EdgeLines
from nnplay.picture.grid_picture import GridLook, grid_scale, incoming_weights, paint_grid
from nnplay.picture.grids import Grid, grids_of, half_sizes
from nnplay.picture.layers import layer_groups
from nnplay.picture.looks import make_looks, map_scales, set_maps, set_values
from nnplay.picture.neurons import LabelPlace, NeuronLook, NeuronPainter
from nnplay.picture.numbers import number_places, paint_biases, paint_weights
from nnplay.picture.palette import Palette
from nnplay.picture.weight_maps import WeightMaps, shows_maps

__all__ = ["Composition"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
HEADER_HEIGHT = 58.0
HEADER_WIDTH = 96.0
# More weights than these would lie upon each other.
MOST_NUMBERS = 150


@dataclass
class Composition:
    """A network laid out and ready to paint.

    Attributes:
        network: the network.
        positions: ``float64[N, 2]`` in row order.
        looks: the neurons' looks in row order.
        edges: the edges.
        weights: whether weights are written.
        biases: whether biases are written.
        headers: whether layers are named above their columns, or beside their rows.
        downwards: whether the network runs from top to bottom.
        shown: rows of the neurons that are painted, with the edges among them; None paints all.
        grids: layers painted as one picture; their neurons have no tiles.
        maps: heat maps in place of very many edges.
    """

    network: Network
    positions: FloatArray
    looks: list[NeuronLook]
    edges: EdgePicture
    weights: bool = False
    biases: bool = False
    headers: bool = True
    downwards: bool = False
    shown: IntArray | None = None
    grids: tuple[GridLook, ...] = ()
    maps: WeightMaps | None = None
    _places: FloatArray | None = field(default=None, init=False)

    @classmethod
    def of(
        cls,
        network: Network,
        palette: Palette,
        known: Mapping[int, tuple[float, float]] | None = None,
        *,
        values: FloatArray | None = None,
        maps: Mapping[int, npt.NDArray[np.floating]] | None = None,
        weights: bool = False,
        biases: bool = False,
        headers: bool = True,
        downwards: bool = False,
        shown: IntArray | None = None,
    ) -> Composition:
        """Lay out a network.

        Args:
            network: what to paint.
            palette: colours of the maps.
            known: positions by neuron id; the others are placed automatically.
            values: activations in row order, written and shown by the tiles.
            maps: response maps by row; with them neurons show maps instead of tiles.
            weights: write the weights.
            biases: write the biases.
            headers: name the layers.
            downwards: show it from top to bottom.
            shown: rows to paint; None for all.
        """
        positions = position_array(network, arrange(network, known, downwards=downwards))
        looks = make_looks(network, positions, with_maps=bool(maps), downwards=downwards)
        set_values(looks, network, values)
        if maps:
            set_maps(looks, maps, map_scales(network, maps), palette)
        # Where only some neurons are shown, they are tiles and lines.
        grids = grids_of(network, positions) if shown is None else ()
        halves = half_sizes(len(positions), grids)
        lines = EdgeLines(network.topology, positions, downwards=downwards, halves=halves)
        edges = EdgePicture(lines, network)
        heat = None
        if shown is not None:
            among = np.isin(network.topology.edge_rows[edges.drawn], shown).all(axis=1)
            edges.drawn = edges.drawn[among]
        elif shows_maps(len(lines), 1.0):
            edges.only_chosen = True
            edges.choose_drawn()
            heat = WeightMaps(network)
            heat.place(positions, halves, downwards=downwards)
        if not maps:
            for incoming in incoming_weights(network, grids):
                images = incoming.images(network, palette)
                for row, image in zip(incoming.rows.tolist(), images, strict=True):
                    looks[row].image = image
        return cls(
            network,
            positions,
            looks,
            edges,
            weights and edges.drawn.size <= MOST_NUMBERS,
            biases,
            headers,
            downwards,
            shown,
            tuple(_grid_look(network, grid, values) for grid in grids),
            heat,
        )

    @property
    def rows(self) -> IntArray:
        """Rows of the neurons that are painted."""
        return np.arange(len(self.looks)) if self.shown is None else self.shown

    @cached_property
    def _tiles(self) -> list[int]:
        """Rows of the neurons that are painted one by one."""
        in_grids = [look.grid.rows for look in self.grids]
        rows = self.rows
        if in_grids:
            rows = rows[~np.isin(rows, np.concatenate(in_grids))]
        tiles: list[int] = rows.tolist()
        return tiles

    def bounds(self, margin: float = 24.0) -> QRectF:
        """Everything painted, with a margin; a small empty sheet without neurons."""
        if not self.rows.size:
            return QRectF(-100, -60, 200, 120)
        box = QRectF()
        metrics = QFontMetricsF(ui_font(13, QFont.Weight.Medium))
        for row in self._tiles:
            x, y = self.positions[row].tolist()
            box = box.united(_reach(x, y, self.looks[row], metrics))
        for look in self.grids:
            box = box.united(QRectF(*look.grid.box).adjusted(-6, -6, 6, 24))
        if self.maps is not None:
            box = box.united(self.maps.bounds())
        slots = self.edges.drawn
        if slots.size:
            points = self.edges.lines.segments[slots].reshape(-1, 2)
            low, high = points.min(axis=0), points.max(axis=0)
            box = box.united(QRectF(QPointF(*low), QPointF(*high)))
        if self.biases:
            box.adjust(-HALF, 0, HALF, 0)
        for words, _, _ in self._headers(box):
            box = box.united(words)
        return box.adjusted(-margin, -margin, margin, margin)

    def paint(
        self,
        painter: QPainter,
        palette: Palette,
        *,
        vector: bool = False,
        detail: float | None = None,
    ) -> None:
        """Paint in canvas coordinates on top of whatever background is there.

        Neurons are painted as for ``detail`` pixels per canvas pixel; None: as many as there are.
        """
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        headers = self._headers(self.bounds(0.0)) if self.headers else []
        if self.maps is not None:
            self.maps.paint(painter, palette, self.network, self.edges.scale)
        self.edges.paint(painter, palette, vector=vector)
        for grid in self.grids:
            paint_grid(painter, palette, grid)
        if self.weights:
            drawn = self.edges.drawn
            if self._places is None:
                self._places = number_places(self.edges.lines, self.positions, drawn)
            paint_weights(painter, palette, self.network, drawn, self._places)
        brush = NeuronPainter(palette, vector=vector)
        if detail is None:
            detail = abs(painter.worldTransform().m11())
        for row in self._tiles:
            painter.save()
            painter.translate(*self.positions[row].tolist())
            brush.paint(painter, self.looks[row], detail)
            painter.restore()
        if self.biases:
            has_maps = any(look.image is not None for look in self.looks)
            below = not has_maps and not self.downwards
            paint_biases(
                painter,
                palette,
                self.network,
                self.positions,
                below=below,
                rows=np.array(self._tiles, dtype=np.int64),
            )
        for box, title, caption in headers:
            _paint_header(painter, palette, box, title, caption, beside=self.downwards)

    def _headers(self, around: QRectF) -> list[tuple[QRectF, str, str]]:
        """Box, title and caption of every layer that is shown: above columns, or beside rows.

        ``around`` is what the headers stand clear of; they line up with the outermost neurons.
        """
        if not self.headers or not self.rows.size:
            return []
        headers = []
        metrics = QFontMetricsF(ui_font(13, QFont.Weight.DemiBold))
        small = QFontMetricsF(ui_font(11))
        places = self.positions[self.rows]
        for group in layer_groups(self.network):
            rows = group.rows[np.isin(group.rows, self.rows)]
            if not rows.size:
                continue
            width = max(
                metrics.horizontalAdvance(group.title), small.horizontalAdvance(group.caption)
            )
            if self.downwards:
                y = float(self.positions[rows, 1].mean())
                left = float(places[:, 0].min()) - HALF - 34.0 - HEADER_WIDTH
                if self.biases:
                    left -= 20.0
                box = QRectF(left, y - 18, max(width, HEADER_WIDTH), 36)
            else:
                x = float(self.positions[rows, 0].mean())
                top = float(places[:, 1].min()) - HALF - 18 - HEADER_HEIGHT
                box = QRectF(x - width / 2 - 4, top, width + 8, 36)
            headers.append((box, group.title, group.caption))
        return headers


def _grid_look(network: Network, grid: Grid, values: FloatArray | None) -> GridLook:
    look = GridLook(
        grid, disabled=frozenset(grid.rows[~network.neuron_enabled[grid.rows]].tolist())
    )
    if values is not None and len(values) == network.topology.neuron_count:
        laid = grid.spread(values)
        look.set_values(laid, grid_scale(network, grid, laid))
    return look


def _reach(x: float, y: float, look: NeuronLook, metrics: QFontMetricsF) -> QRectF:
    """What a neuron and its words cover."""
    box = QRectF(x - HALF, y - HALF - 18, 2 * HALF, 2 * HALF + 36)
    width = metrics.horizontalAdvance(look.label)
    if look.label_place is LabelPlace.LEFT:
        box.setLeft(box.left() - width - 12)
    elif look.label_place is LabelPlace.RIGHT:
        box.setRight(box.right() + width + 14)
    elif look.downwards:
        box.adjust(-18, -10, 30, 10)
    return box


def _paint_header(
    painter: QPainter, palette: Palette, box: QRectF, title: str, caption: str, *, beside: bool
) -> None:
    side = Qt.AlignmentFlag.AlignRight if beside else Qt.AlignmentFlag.AlignHCenter
    for text, font, colour, down in (
        (title, ui_font(13, QFont.Weight.DemiBold), palette.text, 0.0),
        (caption, ui_font(11), palette.secondary, 17.0),
    ):
        painter.setFont(font)
        painter.setPen(QColor(colour))
        line = QRectF(box.left(), box.top() + down, box.width(), 18)
        painter.drawText(line, side | Qt.AlignmentFlag.AlignVCenter, text)
