"""Painting one neuron: response map or value tile, label, number, bias dot, halo, port."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QImage, QPainter, QPen, QTransform

from nnplay.core.ailments import Severity
from nnplay.picture.badges import paint_badge
from nnplay.picture.fonts import mono_font, ui_font
from nnplay.picture.geometry import (
    HALF,
    HALO,
    NEURON_RADIUS,
    NEURON_SIZE,
    PITCH_DOWN,
    PORT_RADIUS,
)
from nnplay.picture.maps import PADDING
from nnplay.picture.palette import Palette, blend, signed_colour
from nnplay.picture.text import short_number
from nnplay.picture.writing import Writer

__all__ = ["LabelPlace", "NeuronLook", "NeuronPainter", "Welcome"]

BODY: Final = QRectF(-HALF, -HALF, NEURON_SIZE, NEURON_SIZE)
BORDER_WIDTH: Final = 1.25
BIAS_RADIUS: Final = 4.5
BADGE_RADIUS: Final = 7.0
# Text smaller than this on the screen is noise.
READABLE: Final = 0.5
TINT_SHARE: Final = 0.5
# Names above inputs and under outputs stand side by side.
END_LABEL_ROOM: Final = PITCH_DOWN - 8.0
# Hatches of a tile whose number is not known: x + y along each of them.
INNER: Final = HALF - 2.5
HATCHES: Final = tuple(7.0 * i for i in range(-5, 6))
GAUGE: Final = QRectF(-16.0, HALF - 9.5, 32.0, 4.0)


class LabelPlace(enum.Enum):
    """Where a neuron's name is written.

    ``BELOW`` is small and shares its line with the number; ``ABOVE`` and ``UNDER`` are for inputs
    and outputs of a network shown from top to bottom.
    """

    NONE = enum.auto()
    LEFT = enum.auto()
    RIGHT = enum.auto()
    BELOW = enum.auto()
    ABOVE = enum.auto()
    UNDER = enum.auto()
    INSIDE = enum.auto()


class Welcome(enum.Enum):
    """Whether a neuron would take the connection that is being drawn."""

    UNASKED = enum.auto()
    YES = enum.auto()
    NO = enum.auto()


@dataclass
class NeuronLook:
    """Everything that decides how one neuron is painted.

    Attributes:
        label: the name, ready to read.
        label_place: where it is written.
        value: the activation to write, None without one.
        place: the activation on the colour scale, −1 … 1.
        share: how far along its scale the activation is, 0 … 1, for the tile's gauge.
        starts_at_low: whether the gauge fills from its left end (ranges without negative numbers)
            and not from its middle.
        image: response map with its padding, or None for a value tile.
        bias: None for inputs.
        bias_strength: size of the bias relative to the largest one, 0 … 1.
        bias_frozen: whether training leaves the bias alone.
        enabled, selected, hovered: states.
        shows_port: whether the handle for drawing connections is visible.
        downwards: whether connections run from top to bottom; then numbers stand beside maps.
        welcome: see :class:`Welcome`.
        is_known: while somebody calculates by hand, whether the value is known already; None at all
            other times. Then neurons are tiles, hatched while unknown.
        badge: how bad is what was found about its health, None for nothing.
        text: what to write instead of the value; empty for the value.
        band: ends of a stretch of the gauge to mark, 0 … 1: how far values spread; None for none.
    """

    label: str = ""
    label_place: LabelPlace = LabelPlace.NONE
    value: float | None = None
    place: float = 0.0
    share: float = 0.5
    starts_at_low: bool = False
    image: QImage | None = None
    bias: float | None = None
    bias_strength: float = 0.0
    bias_frozen: bool = False
    enabled: bool = True
    selected: bool = False
    hovered: bool = False
    shows_port: bool = False
    downwards: bool = False
    welcome: Welcome = Welcome.UNASKED
    is_known: bool | None = None
    badge: Severity | None = None
    text: str = ""
    band: tuple[float, float] | None = None


class NeuronPainter:
    """Paints neurons in one palette; pens, brushes and fonts are made once.

    ``vector`` draws maps as images with ready-made corners, which every paint device knows.
    """

    def __init__(self, palette: Palette, *, vector: bool = False) -> None:
        self.palette = palette
        self.vector = vector
        self._labels = Writer(ui_font(13, QFont.Weight.Medium), vector=vector)
        self._small = Writer(ui_font(10, QFont.Weight.Medium), vector=vector)
        self._small_metrics = QFontMetricsF(ui_font(10, QFont.Weight.Medium))
        self._numbers = Writer(mono_font(11), vector=vector)
        self._no_pen = QPen(Qt.PenStyle.NoPen)

    # ------------------------------------------------------------------ the whole
    def paint(self, painter: QPainter, look: NeuronLook, detail: float = 1.0) -> None:
        """Draw a neuron around the origin; ``detail`` is the number of pixels per canvas pixel."""
        if not look.enabled:
            painter.setOpacity(0.35)
        if look.selected:
            painter.setPen(self._no_pen)
            painter.setBrush(_colour(self.palette.accent_soft))
            halo = BODY.adjusted(-HALO, -HALO, HALO, HALO)
            painter.drawRoundedRect(halo, NEURON_RADIUS + HALO, NEURON_RADIUS + HALO)
        is_small = detail * NEURON_SIZE < 14
        if look.is_known is False:
            self._paint_unknown(painter)
        elif is_small:
            self._paint_chip(painter, look)
        elif look.image is not None and look.is_known is None:
            self._paint_map(painter, look.image)
        else:
            self._paint_tile(painter, look)
        self._paint_border(painter, look)
        if not is_small:
            self._paint_bias(painter, look)
        if look.badge is not None:
            size = BADGE_RADIUS if not is_small else 2 * BADGE_RADIUS
            paint_badge(painter, self.palette, look.badge, QPointF(HALF - 1, -HALF + 1), size)
        if detail >= READABLE:
            self._paint_texts(painter, look)
        painter.setOpacity(1.0)
        if look.shows_port:
            self._paint_port(painter, look.downwards)

    def _paint_chip(self, painter: QPainter, look: NeuronLook) -> None:
        painter.setPen(self._no_pen)
        painter.setBrush(signed_colour(self.palette, look.place))
        painter.drawRoundedRect(BODY, NEURON_RADIUS, NEURON_RADIUS)

    # ------------------------------------------------------------------ the body
    def _paint_map(self, painter: QPainter, image: QImage) -> None:
        painter.setPen(self._no_pen)
        if self.vector:
            painter.drawImage(BODY, rounded_image(image))
            return
        brush = QBrush(image)
        brush.setTransform(_map_transform(image.width()))
        painter.setBrush(brush)
        painter.drawRoundedRect(BODY, NEURON_RADIUS, NEURON_RADIUS)

    def _paint_tile(self, painter: QPainter, look: NeuronLook) -> None:
        """A tile tinted by its value, with a gauge that says the same without colour."""
        palette = self.palette
        has_value = look.value is not None and look.value == look.value
        hue = palette.positive if look.place > 0 else palette.negative
        tint = TINT_SHARE * abs(look.place) if has_value else 0.0
        painter.setPen(self._no_pen)
        painter.setBrush(_colour(blend(palette.card, hue, tint)))
        painter.drawRoundedRect(BODY, NEURON_RADIUS, NEURON_RADIUS)
        if not has_value:
            return
        painter.setBrush(_colour(blend(palette.border_strong, hue, tint)))
        painter.drawRoundedRect(GAUGE, 2.0, 2.0)
        start = GAUGE.left() if look.starts_at_low else GAUGE.center().x()
        end = GAUGE.left() + look.share * GAUGE.width()
        painter.setBrush(_colour(hue))
        bar = QRectF(min(start, end), GAUGE.top(), abs(end - start), GAUGE.height())
        painter.drawRoundedRect(bar, 2.0, 2.0)
        if not look.starts_at_low:
            painter.setBrush(_colour(palette.secondary))
            painter.drawRect(QRectF(start - 0.5, GAUGE.top() - 2, 1.0, GAUGE.height() + 4))
        if look.band is not None:
            self._paint_band(painter, *look.band)

    def _paint_band(self, painter: QPainter, low: float, high: float) -> None:
        """A line with two ends above the gauge: mean minus and plus one standard deviation."""
        left, right = GAUGE.left() + low * GAUGE.width(), GAUGE.left() + high * GAUGE.width()
        y = GAUGE.center().y()
        painter.setPen(_pen(self.palette.text, 1.2))
        painter.drawLine(QPointF(left, y), QPointF(right, y))
        for x in (left, right):
            painter.drawLine(QPointF(x, y - 3.5), QPointF(x, y + 3.5))
        painter.setPen(self._no_pen)

    def _paint_unknown(self, painter: QPainter) -> None:
        """A grey hatched tile: its number has not been computed yet."""
        palette = self.palette
        painter.setPen(self._no_pen)
        painter.setBrush(_colour(palette.card))
        painter.drawRoundedRect(BODY, NEURON_RADIUS, NEURON_RADIUS)
        painter.setPen(_pen(blend(palette.card, palette.border_strong, 0.7), 1.0))
        for start in HATCHES:
            # From the lower left to the upper right, inside the rounded corners.
            low, high = max(-INNER, start - INNER), min(INNER, start + INNER)
            painter.drawLine(QPointF(low, start - low), QPointF(high, start - high))

    def _paint_border(self, painter: QPainter, look: NeuronLook) -> None:
        palette = self.palette
        colour, width = palette.border_strong, BORDER_WIDTH
        if look.welcome is Welcome.NO:
            colour, width = palette.error, 2.0
        elif look.welcome is Welcome.YES:
            colour, width = palette.ok, 2.5
        elif look.selected:
            colour, width = palette.accent, 2.0
        elif look.hovered:
            colour = palette.secondary
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(_pen(colour, width))
        painter.drawRoundedRect(BODY, NEURON_RADIUS, NEURON_RADIUS)
        if not look.enabled:
            painter.drawLine(QPointF(-HALF + 6, HALF - 6), QPointF(HALF - 6, -HALF + 6))

    def _paint_bias(self, painter: QPainter, look: NeuronLook) -> None:
        if look.bias is None:
            return
        palette = self.palette
        hue = palette.positive if look.bias >= 0 else palette.negative
        colour = _colour(blend(palette.canvas, hue, 0.45 + 0.55 * look.bias_strength))
        centre = QPointF(-HALF + 1.0, HALF - 1.0)
        painter.setPen(_pen(palette.canvas, 1.6))
        painter.setBrush(colour)
        if look.bias_frozen:
            box = QRectF(centre.x() - BIAS_RADIUS, centre.y() - BIAS_RADIUS, 9.0, 9.0)
            painter.drawRect(box)
        else:
            painter.drawEllipse(centre, BIAS_RADIUS, BIAS_RADIUS)

    # ------------------------------------------------------------------ words and numbers
    def _paint_texts(self, painter: QPainter, look: NeuronLook) -> None:
        place = look.label_place if look.label else LabelPlace.NONE
        number = look.text or ("" if look.value is None else short_number(look.value))
        if look.is_known is False:
            number = "?"
        if place in (LabelPlace.LEFT, LabelPlace.RIGHT):
            self._paint_side_label(painter, look.label, place)
        elif place in (LabelPlace.ABOVE, LabelPlace.UNDER):
            self._paint_end_label(painter, look.label, place)
        if look.image is None or look.is_known is not None:
            inside = place in (LabelPlace.INSIDE, LabelPlace.BELOW)
            self._paint_inside(painter, look.label if inside else "", number)
        elif look.downwards:
            self._paint_beside(painter, look.label if place is LabelPlace.BELOW else "", number)
        else:
            self._paint_below(painter, look.label if place is LabelPlace.BELOW else "", number)

    def _paint_side_label(self, painter: QPainter, label: str, place: LabelPlace) -> None:
        painter.setPen(_colour(self.palette.text))
        if place is LabelPlace.LEFT:
            box = QRectF(-HALF - 10 - 240, -10, 240, 20)
            side = Qt.AlignmentFlag.AlignRight
        else:
            box = QRectF(HALF + 12, -10, 240, 20)
            side = Qt.AlignmentFlag.AlignLeft
        self._labels.write(painter, box, side, label)

    def _paint_end_label(self, painter: QPainter, label: str, place: LabelPlace) -> None:
        painter.setPen(_colour(self.palette.text))
        top = -HALF - 6 - 20 if place is LabelPlace.ABOVE else HALF + 6
        box = QRectF(-END_LABEL_ROOM / 2, top, END_LABEL_ROOM, 20)
        text = self._labels.elided(label, int(END_LABEL_ROOM))
        self._labels.write(painter, box, Qt.AlignmentFlag.AlignHCenter, text)

    def _paint_beside(self, painter: QPainter, label: str, number: str) -> None:
        """Number and name to the right of the map: above and below connections come and go."""
        painter.setPen(_colour(self.palette.secondary))
        room = PITCH_DOWN - NEURON_SIZE - 7
        box = QRectF(HALF + 5, -7, room, 14)
        self._numbers.write(painter, box, Qt.AlignmentFlag.AlignLeft, number)
        if label:
            box = QRectF(HALF + 5, -21, room, 14)
            self._paint_small(painter, box, label, Qt.AlignmentFlag.AlignLeft)

    def _paint_inside(self, painter: QPainter, label: str, number: str) -> None:
        if number:
            painter.setPen(_colour(self.palette.text))
            box = QRectF(-HALF, -7 if label else -12, NEURON_SIZE, 18)
            self._numbers.write(painter, box, Qt.AlignmentFlag.AlignHCenter, number)
        if label:
            box = QRectF(-HALF + 3, -HALF + 3, NEURON_SIZE - 6, 14)
            self._paint_small(painter, box, label, Qt.AlignmentFlag.AlignHCenter)

    def _paint_below(self, painter: QPainter, label: str, number: str) -> None:
        """Name and number on one line below the map, centred together."""
        width = self._numbers.advance(number)
        name_width = min(self._small_metrics.horizontalAdvance(label) + 1, 34.0) if label else 0.0
        gap = 5.0 if label and number else 0.0
        left = -(width + gap + name_width) / 2
        painter.setPen(_colour(self.palette.secondary))
        box = QRectF(left + name_width + gap, HALF + 3, width + 2, 14)
        self._numbers.write(painter, box, Qt.AlignmentFlag.AlignLeft, number)
        if label:
            box = QRectF(left, HALF + 3, name_width, 14)
            self._paint_small(painter, box, label, Qt.AlignmentFlag.AlignLeft)

    def _paint_small(
        self, painter: QPainter, box: QRectF, label: str, side: Qt.AlignmentFlag
    ) -> None:
        painter.setPen(_colour(self.palette.secondary))
        self._small.write(painter, box, side, self._small.elided(label, int(box.width())))

    def _paint_port(self, painter: QPainter, downwards: bool) -> None:
        painter.setPen(_pen(self.palette.canvas, 1.5))
        painter.setBrush(_colour(self.palette.accent))
        place = QPointF(0.0, HALF) if downwards else QPointF(HALF, 0.0)
        painter.drawEllipse(place, PORT_RADIUS, PORT_RADIUS)


@lru_cache(maxsize=512)
def _colour(name: str) -> QColor:
    return QColor(name)


@lru_cache(maxsize=64)
def _pen(colour: str, width: float) -> QPen:
    return QPen(QColor(colour), width)


@lru_cache(maxsize=16)
def _map_transform(width: int) -> QTransform:
    """Lays an image with its padding over a neuron's body."""
    scale = NEURON_SIZE / (width - 2 * PADDING)
    return QTransform(scale, 0, 0, scale, -HALF - PADDING * scale, -HALF - PADDING * scale)


def rounded_image(image: QImage, side: int = 184) -> QImage:
    """A map without its padding, smoothly enlarged, with a neuron's rounded corners cut out."""
    inner = image.copy(PADDING, PADDING, image.width() - 2 * PADDING, image.height() - 2 * PADDING)
    large = inner.scaled(
        side,
        side,
        Qt.AspectRatioMode.IgnoreAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
    result = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    result.fill(Qt.GlobalColor.transparent)
    painter = QPainter(result)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(large))
    radius = NEURON_RADIUS * side / NEURON_SIZE
    painter.drawRoundedRect(0, 0, side, side, radius, radius)
    painter.end()
    return result
