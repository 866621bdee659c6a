"""What a calculation by hand looks like on the canvas: glowing edges, numbers on them, sums, the loss."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from nnplay.picture.fonts import mono_font
from nnplay.picture.geometry import EdgeLines
from nnplay.picture.palette import Palette

__all__ = ["Chip", "StepMark", "StepPicture"]

HEIGHT: Final = 18.0
PADDING: Final = 6.0
GLOW: Final = 9.0
LINE: Final = 2.6
DOT: Final = 5.0
# Seen from afar numbers keep this size on the screen, but grow no further than so much.
READABLE: Final = 0.8
LARGEST: Final = 2.2
# Numbers of earlier steps are left out when they would be smaller than this.
ALL_FROM: Final = 0.6
# From afar more numbers than this would cover each other.
MOST_FROM_AFAR: Final = 6


@dataclass(frozen=True)
class Chip:
    """A number at a place of the scene.

    Attributes:
        place: its centre; or the middle of its left side if ``from_left``.
        text: the number with its name.
        sign: its colour: −1, 0 (no sign: as text) or 1.
        strong: whether it belongs to the present step.
        from_left: whether it begins at the place.
        above: whether it grows upwards, away from the neuron below it.
    """

    place: QPointF
    text: str
    sign: int = 0
    strong: bool = True
    from_left: bool = False
    above: bool = False


@dataclass(frozen=True)
class StepPicture:
    """Everything to be drawn at one position.

    Attributes:
        glowing: slots of the edges that the present step uses, with the sign of their numbers.
        backwards: whether numbers flow from target to source.
        chips: all numbers.
        framed: centre and half size of the neurons the step happens at.
    """

    glowing: Mapping[int, int] = field(default_factory=dict)
    backwards: bool = False
    chips: tuple[Chip, ...] = ()
    framed: tuple[tuple[QPointF, float], ...] = ()


class StepMark(QGraphicsItem):
    """Lies above edges and neurons; nobody can touch it."""

    def __init__(self, palette: Palette) -> None:
        super().__init__()
        self.setZValue(2)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.picture = StepPicture()
        self._palette = palette
        self._lines: EdgeLines | None = None
        self._flow: float | None = None
        self._bounds = QRectF()
        self._font = mono_font(11)
        self._strong = mono_font(11, QFont.Weight.Bold)
        self._metrics = QFontMetricsF(self._strong)

    # ------------------------------------------------------------------ what is shown
    def show_picture(self, picture: StepPicture, lines: EdgeLines | None) -> None:
        """Show a position of the calculation."""
        self.prepareGeometryChange()
        self.picture, self._lines = picture, lines
        box = QRectF()
        for chip in picture.chips:
            small = self._box_of(chip)
            large = QRectF(small.topLeft() * 2 * LARGEST, small.size() * 2 * LARGEST)
            box = box.united(large.translated(chip.place))
        for centre, half in picture.framed:
            box = box.united(QRectF(centre.x() - half, centre.y() - half, 2 * half, 2 * half))
        if lines is not None and picture.glowing:
            x0, y0, x1, y1 = lines.bounds()
            box = box.united(QRectF(x0, y0, x1 - x0, y1 - y0))
        self._bounds = box.adjusted(-GLOW, -GLOW, GLOW, GLOW)
        self.update()

    def set_palette(self, palette: Palette) -> None:
        """Paint in other colours."""
        self._palette = palette
        self.update()

    def set_flow(self, share: float | None) -> None:
        """How far along their edges the numbers have come, 0 … 1; None shows no dots."""
        self._flow = share
        self.update()

    # ------------------------------------------------------------------ Qt
    def boundingRect(self) -> QRectF:
        return self._bounds

    def shape(self) -> QPainterPath:
        return QPainterPath()  # nobody can touch it

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_frames(painter)
        if self._lines is not None:
            for slot, sign in self.picture.glowing.items():
                self._paint_edge(painter, self._lines, slot, sign)
            if self._flow is not None:
                self._paint_dots(painter, self._lines, self._flow)
        zoom = max(painter.worldTransform().m11(), 1e-6)
        growth = min(LARGEST, max(1.0, READABLE / zoom))
        chips = self.chips_at(zoom)
        for chip in (*(c for c in chips if not c.strong), *(c for c in chips if c.strong)):
            painter.save()
            painter.translate(chip.place)
            if chip.above:
                painter.translate(0.0, (1.0 - growth) * HEIGHT / 2)
            painter.scale(growth, growth)
            self._paint_chip(painter, chip)
            painter.restore()

    def chips_at(self, zoom: float) -> tuple[Chip, ...]:
        """The numbers that are written at a zoom: from afar only the latest ones."""
        chips = self.picture.chips
        if zoom >= ALL_FROM:
            return chips
        strong = tuple(chip for chip in chips if chip.strong)
        always = tuple(chip for chip in chips if chip.from_left and not chip.strong)
        if len(strong) > MOST_FROM_AFAR:
            return always  # the glow alone says where
        return (*always, *strong)

    # ------------------------------------------------------------------ details
    def _box_of(self, chip: Chip) -> QRectF:
        """A chip around its place as the origin."""
        width = self._metrics.horizontalAdvance(chip.text) + 2 * PADDING
        left = 0.0 if chip.from_left else -width / 2
        return QRectF(left, -HEIGHT / 2, width, HEIGHT)

    def _hue(self, sign: int) -> str:
        palette = self._palette
        return {1: palette.positive, -1: palette.negative}.get(sign, palette.accent)

    def _paint_frames(self, painter: QPainter) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(self._palette.accent), 2.0))
        for centre, half in self.picture.framed:
            box = QRectF(centre.x() - half, centre.y() - half, 2 * half, 2 * half)
            painter.drawRoundedRect(box, 11, 11)

    def _paint_edge(self, painter: QPainter, lines: EdgeLines, slot: int, sign: int) -> None:
        path = _path_of(lines, slot)
        colour = QColor(self._hue(sign))
        glow = QColor(colour)
        glow.setAlphaF(0.28)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for pen_colour, width in ((glow, GLOW), (colour, LINE)):
            pen = QPen(pen_colour, width)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            painter.drawPath(path)

    def _paint_dots(self, painter: QPainter, lines: EdgeLines, flow: float) -> None:
        share = 1.0 - flow if self.picture.backwards else flow
        painter.setPen(QPen(QColor(self._palette.canvas), 1.5))
        for slot, sign in self.picture.glowing.items():
            painter.setBrush(QColor(self._hue(sign)))
            painter.drawEllipse(QPointF(*lines.point_on(slot, share)), DOT, DOT)

    def _paint_chip(self, painter: QPainter, chip: Chip) -> None:
        palette, box = self._palette, self._box_of(chip)
        texts = {1: palette.positive_text, -1: palette.negative_text}
        painter.setPen(
            QPen(QColor(self._hue(chip.sign)), 1.4)
            if chip.strong
            else QPen(QColor(palette.border), 1.0)
        )
        painter.setBrush(QColor(palette.panel if chip.strong else palette.canvas))
        painter.drawRoundedRect(box, 6, 6)
        painter.setPen(QColor(texts.get(chip.sign, palette.text)))
        painter.setFont(self._strong if chip.strong else self._font)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, chip.text)


def _path_of(lines: EdgeLines, slot: int) -> QPainterPath:
    x0, y0, x3, y3 = (float(v) for v in lines.ends_of(slice(slot, slot + 1))[0])
    path = QPainterPath(QPointF(x0, y0))
    if lines.curved:
        x1, y1, x2, y2 = lines.handles(slot)
        path.cubicTo(QPointF(x1, y1), QPointF(x2, y2), QPointF(x3, y3))
    else:
        path.lineTo(QPointF(x3, y3))
    return path
