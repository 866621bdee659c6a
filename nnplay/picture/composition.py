"""A whole network as a picture: edges below, then numbers, neurons and layer headers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from nnplay.core.network import Network
from nnplay.picture.arrange import arrange, position_array
from nnplay.picture.edges import EdgePicture
from nnplay.picture.fonts import ui_font
from nnplay.picture.geometry import HALF, EdgeLines
from nnplay.picture.layers import layer_groups
from nnplay.picture.looks import make_looks, map_scales, set_maps, set_values
from nnplay.picture.neurons import LabelPlace, NeuronLook, NeuronPainter
from nnplay.picture.numbers import number_places, paint_biases, paint_weights
from nnplay.picture.palette import Palette

__all__ = ["Composition"]

FloatArray = npt.NDArray[np.float64]
HEADER_HEIGHT = 58.0


@dataclass
class Composition:
    """A network laid out and ready to paint.

    Attributes:
        network: the network.
        positions: ``float64[N, 2]`` in row order.
        looks: the neurons' looks in row order.
        edges: the edges.
        numbers: whether weights and biases are written.
        headers: whether layers are named above their columns.
    """

    network: Network
    positions: FloatArray
    looks: list[NeuronLook]
    edges: EdgePicture
    numbers: bool = False
    headers: bool = True
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
        numbers: bool = False,
        headers: bool = True,
    ) -> Composition:
        """Lay out a network.

        Args:
            network: what to paint.
            palette: colours of the maps.
            known: positions by neuron id; the others are placed automatically.
            values: activations in row order, written and shown by the tiles.
            maps: response maps by row; with them neurons show maps instead of tiles.
            numbers: write weights and biases.
            headers: name the layers.
        """
        positions = position_array(network, arrange(network, known))
        looks = make_looks(network, positions, with_maps=bool(maps))
        set_values(looks, network, values)
        if maps:
            set_maps(looks, maps, map_scales(network, maps), palette)
        edges = EdgePicture(EdgeLines(network.topology, positions), network)
        return cls(network, positions, looks, edges, numbers, headers)

    def bounds(self, margin: float = 24.0) -> QRectF:
        """Everything painted, with a margin; a small empty sheet without neurons."""
        if not self.looks:
            return QRectF(-100, -60, 200, 120)
        metrics = QFontMetricsF(ui_font(13, QFont.Weight.Medium))
        left, right = [], []
        for (x, _), look in zip(self.positions.tolist(), self.looks, strict=True):
            width = metrics.horizontalAdvance(look.label)
            left.append(x - HALF - (width + 12 if look.label_place is LabelPlace.LEFT else 0))
            right.append(x + HALF + (width + 14 if look.label_place is LabelPlace.RIGHT else 0))
            if self.headers:
                left.append(x - 48.0)
                right.append(x + 48.0)
        x0, y0, x1, y1 = self.edges.lines.bounds() if len(self.edges.lines) else (0, 0, 0, 0)
        if not len(self.edges.lines):
            x0, x1 = left[0], right[0]
            y0 = y1 = float(self.positions[0, 1])
        top = min(float(self.positions[:, 1].min()) - HALF - 18, y0)
        bottom = max(float(self.positions[:, 1].max()) + HALF + 18, y1)
        box = QRectF(
            QPointF(min(*left, x0), top - (HEADER_HEIGHT if self.headers else 0.0)),
            QPointF(max(*right, x1), bottom),
        )
        return box.adjusted(-margin, -margin, margin, margin)

    def paint(self, painter: QPainter, palette: Palette, *, vector: bool = False) -> None:
        """Paint in canvas coordinates on top of whatever background is there."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        self.edges.paint(painter, palette, vector=vector)
        if self.numbers:
            drawn = self.edges.drawn
            if self._places is None:
                self._places = number_places(self.edges.lines, self.positions, drawn)
            paint_weights(painter, palette, self.network, drawn, self._places)
        brush = NeuronPainter(palette, vector=vector)
        detail = abs(painter.worldTransform().m11())
        for (x, y), look in zip(self.positions.tolist(), self.looks, strict=True):
            painter.save()
            painter.translate(x, y)
            brush.paint(painter, look, detail)
            painter.restore()
        if self.numbers:
            has_maps = any(look.image is not None for look in self.looks)
            paint_biases(painter, palette, self.network, self.positions, below=not has_maps)
        if self.headers:
            self._paint_headers(painter, palette)

    def _paint_headers(self, painter: QPainter, palette: Palette) -> None:
        if not self.looks:
            return
        top = float(self.positions[:, 1].min()) - HALF - 18 - HEADER_HEIGHT
        for group in layer_groups(self.network):
            x = float(self.positions[group.rows, 0].mean())
            for text, font, colour, y in (
                (group.title, ui_font(13, QFont.Weight.DemiBold), palette.text, top),
                (group.caption, ui_font(11), palette.secondary, top + 17),
            ):
                painter.setFont(font)
                painter.setPen(QColor(colour))
                box = QRectF(x - 100, y, 200, 18)
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
