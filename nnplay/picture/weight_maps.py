"""Weights between two layers as a heat map: one line per target neuron, one column per source.

Thousands of lines are a blob that says nothing; a matrix of coloured cells shows every weight, or
the strongest of those that share a pixel. A band joins each map with its two layers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QLinearGradient, QPainter, QPainterPath, QPen

from nnplay.core.network import Network
from nnplay.core.topology import Topology
from nnplay.picture.fonts import ui_font
from nnplay.picture.geometry import CURVE_LIMIT, HALF, NEURON_SIZE
from nnplay.picture.layers import LayerGroup, layer_groups
from nnplay.picture.maps import map_image
from nnplay.picture.palette import Palette
from nnplay.picture.scales import ValueScale
from nnplay.picture.strength import MAPPED_FROM

__all__ = [
    "WeightMap",
    "WeightMaps",
    "shows_maps",
    "strongest_per_cell",
    "weight_image",
    "weight_maps",
]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

MOST_LINES: Final = 160
MOST_COLUMNS: Final = 240
LARGEST: Final = 300.0
SMALLEST: Final = 28.0
# Of the room between two layers a map takes this much; the rest is for the bands.
SHARE: Final = 0.62
BAND: Final = 0.16
READABLE: Final = 0.45
# Tiles smaller than this on the screen are too far away for single edges.
FAR_AWAY: Final = 14.0


def shows_maps(edge_count: int, scale: float) -> bool:
    """Whether weights are shown as heat maps: always for very many edges, else from far away."""
    if edge_count > MAPPED_FROM:
        return True
    return edge_count > CURVE_LIMIT and scale * NEURON_SIZE < FAR_AWAY


@dataclass(frozen=True, eq=False)
class WeightMap:
    """All edges from one layer to another.

    Attributes:
        sources, targets: rows of the neurons, in the order of columns and of lines.
        slots: the edges' slots, sorted by cell.
        starts: where each cell's slots begin.
        cells: ``int64[C, 2]``, line and column of every cell that has edges.
        shape: lines and columns of the image.
        names: titles of the two layers.
    """

    sources: IntArray
    targets: IntArray
    slots: IntArray
    starts: IntArray
    cells: IntArray
    shape: tuple[int, int]
    names: tuple[str, str]

    def slot_at(self, weights: FloatArray, across: float, down: float) -> int | None:
        """Slot of the strongest edge in the cell at a place (0 … 1 both ways), or None."""
        line = min(int(down * self.shape[0]), self.shape[0] - 1)
        column = min(int(across * self.shape[1]), self.shape[1] - 1)
        found = np.flatnonzero((self.cells == (line, column)).all(axis=1))
        if not found.size:
            return None
        first = int(self.starts[found[0]])
        last = self.starts[found[0] + 1] if found[0] + 1 < len(self.starts) else len(self.slots)
        here = self.slots[first:last]
        return int(here[np.argmax(np.abs(weights[here]))])


def weight_maps(network: Network) -> tuple[WeightMap, ...]:
    """A map for every two layers with edges between them."""
    topology = network.topology
    groups = layer_groups(network)
    member = np.zeros(topology.neuron_count, dtype=np.int64)
    rank = np.zeros(topology.neuron_count, dtype=np.int64)
    for index, group in enumerate(groups):
        member[group.rows] = index
        rank[group.rows] = np.arange(group.rows.size)
    edges = topology.edge_rows
    pairs = member[edges[:, 0]] * len(groups) + member[edges[:, 1]]
    maps = []
    for pair in np.flatnonzero(np.bincount(pairs, minlength=1)).tolist():
        slots = np.flatnonzero(pairs == pair)
        source, target = groups[pair // len(groups)], groups[pair % len(groups)]
        maps.append(_map(topology, rank, slots, source, target))
    return tuple(maps)


def _map(
    topology: Topology, rank: IntArray, slots: IntArray, source: LayerGroup, target: LayerGroup
) -> WeightMap:
    count, wide = target.rows.size, source.rows.size
    lines, columns = min(count, MOST_LINES), min(wide, MOST_COLUMNS)
    rows = topology.edge_rows[slots]
    line = rank[rows[:, 1]] * lines // count
    column = rank[rows[:, 0]] * columns // wide
    key = line * columns + column
    # Sixteen bits are enough, and sorted in a fraction of the time.
    order = np.argsort(key.astype(np.uint16), kind="stable")
    key = key[order]
    starts = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]]))
    cells = np.stack([key[starts] // columns, key[starts] % columns], axis=1)
    names = source.title, target.title
    return WeightMap(source.rows, target.rows, slots[order], starts, cells, (lines, columns), names)


def strongest_per_cell(one: WeightMap, weights: FloatArray) -> FloatArray:
    """``float64[lines, columns]``: the weight of largest size in every cell, NaN without edges."""
    table = np.full(one.shape, np.nan)
    here = weights[one.slots]
    high = np.maximum.reduceat(here, one.starts)
    if len(one.starts) < len(one.slots):
        low = np.minimum.reduceat(here, one.starts)
        high = np.where(-low > high, low, high)
    table[one.cells[:, 0], one.cells[:, 1]] = high
    return table


def weight_image(
    one: WeightMap, weights: FloatArray, scale: float, palette: Palette, weakest: float = 0.0
) -> QImage:
    """The map as an image, line 0 on top; weights below ``weakest`` in size look like zero."""
    table = strongest_per_cell(one, weights)
    if weakest > 0.0:
        table[np.abs(table) < weakest] = 0.0
    return map_image(table, ValueScale(-scale, 0.0, scale), palette, padding=0)


class WeightMaps:
    """The maps of one network at given places.

    ``boxes`` is where each map stands, between its layers or below those it passes.
    """

    def __init__(self, network: Network) -> None:
        self.maps = weight_maps(network)
        self.boxes: list[QRectF] = []
        self.downwards = False
        self._spans: list[tuple[tuple[FloatArray, FloatArray], ...]] = []
        self._images: list[QImage] = []

    def place(
        self, positions: FloatArray, halves: FloatArray | None = None, *, downwards: bool = False
    ) -> None:
        """Stand between neurons at these places; see :class:`~nnplay.picture.geometry.EdgeLines`."""
        self.downwards = downwards
        if halves is None:
            halves = np.full(len(positions), HALF)
        axis = 1 if downwards else 0
        low, high = positions - halves[:, None], positions + halves[:, None]
        spans = [
            tuple(
                (low[rows].min(axis=0), high[rows].max(axis=0)) for rows in (m.sources, m.targets)
            )
            for m in self.maps
        ]
        self.boxes = []
        self._spans = spans
        taken: list[QRectF] = []
        for one, ((low_s, high_s), (low_t, high_t)) in zip(self.maps, spans, strict=True):
            start, end = float(high_s[axis]), float(low_t[axis])
            room = abs(end - start)
            width = min(LARGEST, max(SMALLEST, SHARE * room))
            span = max(high_s[1 - axis] - low_s[1 - axis], high_t[1 - axis] - low_t[1 - axis])
            height = min(LARGEST, max(SMALLEST, 0.8 * float(span)), max(60.0, 1.6 * width))
            if one.shape[0] < 12:  # a few lines need no more than a strip
                height = min(height, max(SMALLEST, 16.0 * one.shape[0]))
            middle = [0.0, 0.0]
            middle[axis] = (start + end) / 2
            ends = [(v[0] + v[1]) / 2 for v in ((low_s, high_s), (low_t, high_t))]
            middle[1 - axis] = float(ends[0][1 - axis] + ends[1][1 - axis]) / 2
            size = (width, height) if not downwards else (height, width)
            box = QRectF(middle[0] - size[0] / 2, middle[1] - size[1] / 2, *size)
            self._clear(box, positions, halves, taken)
            taken.append(box)
            self.boxes.append(box)

    def _clear(
        self, box: QRectF, positions: FloatArray, halves: FloatArray, taken: list[QRectF]
    ) -> None:
        """Move a map aside until it hides neither neurons nor other maps (skip connections do)."""
        gap = 14.0
        for _ in range(20):
            inside = (
                (positions[:, 0] + halves > box.left())
                & (positions[:, 0] - halves < box.right())
                & (positions[:, 1] + halves > box.top())
                & (positions[:, 1] - halves < box.bottom())
            )
            others = [other for other in taken if other.intersects(box)]
            if not inside.any() and not others:
                return
            if self.downwards:
                edges = [other.right() for other in others]
                edges += (positions[inside, 0] + halves[inside]).tolist()
                box.moveLeft(max(edges) + gap)
            else:
                edges = [other.bottom() for other in others]
                edges += (positions[inside, 1] + halves[inside]).tolist()
                box.moveTop(max(edges) + gap)

    def forget(self) -> None:
        """The numbers are others: make the images anew when they are needed."""
        self._images = []

    def bounds(self) -> QRectF:
        """All maps and their bands."""
        box = QRectF()
        for one in self.boxes:
            box = box.united(one.adjusted(-20, -20, 20, 34))
        return box

    def slot_at(self, weights: FloatArray, x: float, y: float) -> int | None:
        """Slot of the strongest edge under a point of a map, or None."""
        for one, box in zip(self.maps, self.boxes, strict=True):
            if box.contains(QPointF(x, y)):
                return one.slot_at(
                    weights, (x - box.left()) / box.width(), (y - box.top()) / box.height()
                )
        return None

    def paint(
        self,
        painter: QPainter,
        palette: Palette,
        network: Network,
        scale: float,
        weakest: float = 0.0,
    ) -> None:
        """Draw bands, maps and what they are; ``scale`` is the weight at full colour."""
        if len(self._images) != len(self.maps):
            weights = network.effective_weights
            self._images = [weight_image(m, weights, scale, palette, weakest) for m in self.maps]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for span, box in zip(self._spans, self.boxes, strict=True):
            self._paint_band(painter, palette, span, box)
        detail = abs(painter.worldTransform().m11())
        smooth = QPainter.RenderHint.SmoothPixmapTransform
        for one, box, image in zip(self.maps, self.boxes, self._images, strict=True):
            # Enlarged cells are squares; many cells on one pixel are mixed.
            painter.setRenderHint(smooth, box.width() * detail < image.width())
            painter.drawImage(box, image)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(palette.border_strong), 1.25))
            painter.drawRect(box)
            if detail >= READABLE:
                painter.setFont(ui_font(11))
                painter.setPen(QColor(palette.secondary))
                words = f"{len(one.slots):,} weights"
                below = QRectF(box.center().x() - 90, box.bottom() + 4, 180, 16)
                painter.drawText(below, Qt.AlignmentFlag.AlignCenter, words)
        painter.restore()

    def _paint_band(
        self, painter: QPainter, palette: Palette, span: tuple[tuple[FloatArray, FloatArray], ...],
        box: QRectF,
    ) -> None:  # fmt: skip
        (low_s, high_s), (low_t, high_t) = span
        if self.downwards:
            sides = (
                ((low_s[0], high_s[1]), (high_s[0], high_s[1]), box.topLeft(), box.topRight()),
                (
                    (low_t[0], low_t[1]),
                    (high_t[0], low_t[1]),
                    box.bottomLeft(),
                    box.bottomRight(),
                ),
            )
        else:
            sides = (
                ((high_s[0], low_s[1]), (high_s[0], high_s[1]), box.topLeft(), box.bottomLeft()),
                ((low_t[0], low_t[1]), (low_t[0], high_t[1]), box.topRight(), box.bottomRight()),
            )
        tint = QColor(palette.secondary)
        faint = QColor(palette.secondary)
        tint.setAlphaF(BAND)
        faint.setAlphaF(BAND / 3)
        painter.setPen(Qt.PenStyle.NoPen)
        for first, last, near, far in sides:
            one, two = QPointF(*map(float, first)), QPointF(*map(float, last))
            gradient = QLinearGradient((one + two) * 0.5, (near + far) * 0.5)
            gradient.setColorAt(0.0, faint)
            gradient.setColorAt(1.0, tint)
            painter.setBrush(gradient)
            path = QPainterPath(one)
            self._bend(path, one, near)
            path.lineTo(far)
            self._bend(path, far, two)
            path.closeSubpath()
            painter.drawPath(path)

    def _bend(self, path: QPainterPath, start: QPointF, end: QPointF) -> None:
        if self.downwards:
            middle = (start.y() + end.y()) / 2
            path.cubicTo(start.x(), middle, end.x(), middle, end.x(), end.y())
        else:
            middle = (start.x() + end.x()) / 2
            path.cubicTo(middle, start.y(), middle, end.y(), end.x(), end.y())
