"""Painting all edges in a few batches: colour by sign, width and colour by strength.

Every line is opaque, blended into the background by its strength, and weak ones come first, so
that strong ones are never veiled. Lines go to Qt as one array per pen.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
import shiboken6
from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from nnplay.core.network import Network
from nnplay.picture.geometry import EdgeLines
from nnplay.picture.palette import Palette, blend
from nnplay.picture.strength import (
    SMALLEST_SCALE,
    crowding,
    drawn_slots,
    edge_width,
    size_below,
    strengths,
    weight_scale,
)

__all__ = ["EdgePicture", "draw_lines", "edge_colour"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

STEPS: Final = 24
# Edges at rest keep below full colour, so that those of a selected neuron stand out.
RESTING_SHARE: Final = 0.58
FAINTEST_SHARE: Final = 0.14
# In a crowd the others step back further while something is selected.
RECEDING_SHARE: Final = 0.24
FAINTEST_CHOSEN: Final = 0.4
# Flat-capped pieces of a curve overlap by this much, so that no gaps show at the bends.
OVERLAP: Final = 0.35
# Of a neuron's own edges (or a selection's) at most so many are drawn, the strongest.
MOST_CHOSEN: Final = 1000


def edge_colour(
    palette: Palette,
    positive: bool,
    strength: float,
    chosen: bool = False,
    resting: float = RESTING_SHARE,
) -> QColor:
    """Opaque colour of an edge: its sign's hue, blended into the canvas when weak.

    ``resting`` is how much of the full hue an edge that is not chosen reaches.
    """
    low, high = (FAINTEST_CHOSEN, 1.0) if chosen else (min(FAINTEST_SHARE, resting), resting)
    hue = palette.positive if positive else palette.negative
    return QColor(blend(palette.canvas, hue, low + (high - low) * strength))


@dataclass
class EdgePicture:
    """What the edges of a network look like at this moment.

    :meth:`place` is needed when neurons move, :meth:`weigh` when numbers change; both are cheap
    array work, and :meth:`paint` only draws.

    Attributes:
        chosen: slots of selected neurons' edges and of selected ones, at full strength.
        own: slots of the edges of the neuron under the pointer, likewise.
        haloed: slots of selected edges.
        hovered: slot of the edge under the pointer, or None.
        weakest_share: the share (0 … 1) of all weights, the smallest in size, that is left out.
        least: the smallest number that can be drawn at full strength.
        only_chosen: whether nothing but ``chosen``, ``own``, ``haloed`` and ``hovered`` is drawn.
    """

    lines: EdgeLines
    network: Network
    chosen: IntArray = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    haloed: IntArray = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    own: IntArray = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    hovered: int | None = None
    weakest_share: float = 0.0
    only_chosen: bool = False
    least: float = SMALLEST_SCALE
    strength: FloatArray = field(init=False)
    scale: float = field(init=False)
    drawn: IntArray = field(init=False)
    bright: IntArray = field(init=False)
    weakest: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        self._pens: dict[int, QPen] = {}
        self._kind_of_pens: tuple[Palette, float, float] | None = None
        self.weigh(self.network)
        self.choose_drawn()

    def weigh(self, network: Network) -> None:
        """Take new numbers of a network with the same wiring."""
        self.network = network
        weights = network.theta[: network.topology.edge_count]
        self._crowd = crowding(len(weights))
        self.scale = weight_scale(weights, self.least)
        self.strength = strengths(weights, self.scale)

    def place(self, lines: EdgeLines) -> None:
        """Follow neurons of the same wiring that have moved."""
        self.lines = lines
        self.__dict__.pop("_overlapping", None)

    def choose_drawn(self) -> None:
        """Decide anew which edges are drawn."""
        count = self.network.topology.edge_count
        weights = self.network.theta[:count]
        self.bright = self._strongest(np.union1d(self.chosen, self.own))
        always = [self.bright, self.haloed]
        if self.hovered is not None:
            always.append(np.array([self.hovered]))
        self.weakest = size_below(weights, self.weakest_share)
        if self.only_chosen:
            self.drawn = np.unique(np.concatenate(always)).astype(np.int64)
        else:
            self.drawn = drawn_slots(self.network, np.concatenate(always), self.weakest)

    def _strongest(self, slots: IntArray) -> IntArray:
        if slots.size <= MOST_CHOSEN:
            return slots.astype(np.int64)
        sizes = np.abs(self.network.theta[slots])
        return np.sort(slots[np.argpartition(sizes, -MOST_CHOSEN)[-MOST_CHOSEN:]])

    @property
    def _resting(self) -> float:
        if not self.bright.size:
            return RESTING_SHARE
        return RESTING_SHARE + (RECEDING_SHARE - RESTING_SHARE) * self._crowd

    @property
    def half_widths(self) -> FloatArray:
        """``float64[E]``: half of every edge's drawn width."""
        return edge_width(self.strength, self._crowd) / 2

    def hit(self, x: float, y: float, reach: float) -> int | None:
        """Slot of the drawn edge at a point, see :meth:`EdgeLines.hit`."""
        return self.lines.hit(x, y, reach, self.half_widths, self.drawn)

    # ------------------------------------------------------------------ painting
    def paint(
        self,
        painter: QPainter,
        palette: Palette,
        *,
        vector: bool = False,
        among: npt.NDArray[np.bool_] | None = None,
    ) -> None:
        """Draw everything; ``vector`` keeps each curve one path for SVG and PDF.

        ``among`` (``bool[E]``) draws a part. Antialiasing is the caller's choice.
        """
        drawn = self.drawn if among is None else self.drawn[among[self.drawn]]
        painter.save()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        self._paint_halos(painter, palette)
        enabled = self.network.enabled[drawn]
        self._paint_disabled(painter, palette, drawn[~enabled])
        live = drawn[enabled]
        if vector:
            self._paint_paths(painter, palette, live)
        else:
            self._paint_batches(painter, palette, live)
        self._paint_frozen(painter, palette, drawn)
        painter.restore()

    def _keys(self, slots: IntArray) -> IntArray:
        step = np.minimum((self.strength[slots] * STEPS).astype(np.int64), STEPS - 1)
        keys = step * 2 + (self.network.theta[slots] >= 0)
        if self.bright.size:
            keys += np.isin(slots, self.bright) * (2 * STEPS)
        return keys

    def _pens_of(self, palette: Palette) -> dict[int, QPen]:
        """Pens made so far, by key."""
        kind = palette, self._resting, self._crowd
        if kind != self._kind_of_pens:
            self._kind_of_pens, self._pens = kind, {}
        return self._pens

    def _pen(self, pens: dict[int, QPen], palette: Palette, key: int) -> QPen:
        pen = pens.get(key)
        if pen is None:
            chosen, rest = divmod(key, 2 * STEPS)
            step, positive = divmod(rest, 2)
            middle = (step + 0.5) / STEPS
            colour = edge_colour(palette, bool(positive), middle, bool(chosen), self._resting)
            pen = QPen(colour, float(edge_width(np.array(middle), self._crowd)))
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            pens[key] = pen
        return pen

    def _paint_batches(self, painter: QPainter, palette: Palette, slots: IntArray) -> None:
        if not slots.size:
            return
        keys = self._keys(slots)
        order = np.argsort(keys, kind="stable")
        keys, slots = keys[order], slots[order]
        segments = self._overlapping[slots] if self.lines.curved else self.lines.pieces(slots)
        segments = np.ascontiguousarray(segments)
        pieces = segments.shape[1]
        cuts = np.flatnonzero(keys[1:] != keys[:-1]) + 1
        bounds = [0, *cuts.tolist(), len(slots)]
        address, step = segments.ctypes.data, segments.strides[0]
        pens = self._pens_of(palette)
        for first, last in itertools.pairwise(bounds):
            painter.setPen(self._pen(pens, palette, int(keys[first])))
            _draw_lines_at(painter, address + first * step, (last - first) * pieces)

    @cached_property
    def _overlapping(self) -> FloatArray:
        """The pieces of all curved edges as they are drawn, ``float64[E, K, 4]``."""
        segments = self.lines.segments.copy()
        step = segments[:, :, 2:] - segments[:, :, :2]
        length = np.maximum(np.hypot(step[:, :, 0], step[:, :, 1]), 1e-9)
        segments[:, :, 2:] += step * (OVERLAP / length)[:, :, None]
        return segments

    def _paint_paths(self, painter: QPainter, palette: Palette, slots: IntArray) -> None:
        for slot in slots[np.argsort(self._keys(slots), kind="stable")].tolist():
            strength = float(self.strength[slot])
            chosen = bool(self.bright.size) and slot in self.bright
            positive = bool(self.network.theta[slot] >= 0)
            colour = edge_colour(palette, positive, strength, chosen, self._resting)
            pen = QPen(colour, float(edge_width(np.array(strength), self._crowd)))
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            painter.setPen(pen)
            painter.drawPath(self.path(slot))

    def path(self, slot: int) -> QPainterPath:
        """One edge as a path."""
        x0, y0, x1, y1 = (float(v) for v in self.lines.ends_of(slice(slot, slot + 1))[0])
        path = QPainterPath(QPointF(x0, y0))
        if self.lines.curved:
            path.cubicTo(*self.lines.handles(slot), x1, y1)
        else:
            path.lineTo(x1, y1)
        return path

    def _paint_halos(self, painter: QPainter, palette: Palette) -> None:
        # Neither blue nor orange, which mean the sign of the weight inside.
        marks = [(int(slot), palette.text, 0.6) for slot in self.haloed]
        if self.hovered is not None:
            marks.append((self.hovered, palette.border_strong, 1.0))
        for slot, colour, share in marks:
            pen = QPen(QColor(blend(palette.canvas, colour, share)))
            pen.setWidthF(2.0 * float(self.half_widths[slot]) + 6.0)
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            painter.setPen(pen)
            painter.drawPath(self.path(slot))

    def _paint_disabled(self, painter: QPainter, palette: Palette, slots: IntArray) -> None:
        if not slots.size:
            return
        pen = QPen(QColor(palette.border_strong), 1.2)
        pen.setDashPattern([3.0, 4.0])
        painter.setPen(pen)
        for slot in slots.tolist():
            painter.drawPath(self.path(slot))

    def _paint_frozen(self, painter: QPainter, palette: Palette, drawn: IntArray) -> None:
        slots = drawn[self.network.frozen[drawn]]
        if not slots.size:
            return
        painter.setPen(QPen(QColor(palette.secondary), 1.4))
        painter.setBrush(QColor(palette.canvas))
        for slot in slots.tolist():
            x, y = self.lines.point_on(slot, 0.5)
            painter.drawEllipse(QPointF(x, y), 3.5, 3.5)
        painter.setBrush(Qt.BrushStyle.NoBrush)


def draw_lines(painter: QPainter, segments: FloatArray, count: int) -> None:
    """Draw ``count`` lines given as contiguous ``float64[…, 4]`` with the present pen."""
    _draw_lines_at(painter, segments.ctypes.data, count)


def _draw_lines_at(painter: QPainter, address: int, count: int) -> None:
    # The array's memory is read in place as QLineF[count]; it lives until the call returns.
    first = shiboken6.wrapInstance(address, QLineF)
    painter.drawLines(first, count)  # type: ignore[call-overload]
