"""Marks that live only as long as a gesture: new connections, the selecting box, guide lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from nnplay.gui.canvas.snapping import Guide
from nnplay.picture.geometry import HALF, NEURON_RADIUS
from nnplay.picture.palette import Palette

__all__ = ["ConnectionMark", "GuideMark", "NewLine", "SelectionMark"]


@dataclass(frozen=True)
class NewLine:
    """A connection that is being drawn, in scene coordinates.

    Attributes:
        start, end: from the source's port to the target or the pointer.
        is_refused: whether it cannot be.
    """

    start: QPointF
    end: QPointF
    is_refused: bool = False


class ConnectionMark(QGraphicsItem):
    """Dashed curves from ports to where connections would go, and the neuron a drop would make."""

    def __init__(self, palette: Palette, *, downwards: bool = False) -> None:
        super().__init__()
        self.setZValue(2)
        self._palette = palette
        self._downwards = downwards
        self._lines: tuple[NewLine, ...] = ()
        self._newcomer: QPointF | None = None
        self._bounds = QRectF()

    def show_lines(self, lines: Sequence[NewLine], newcomer: QPointF | None = None) -> None:
        """Draw these lines; refused ones in the error colour. ``newcomer``: a neuron to be made."""
        self.prepareGeometryChange()
        self._lines, self._newcomer = tuple(lines), newcomer
        self._bounds = QRectF()
        for line in self._lines:
            box = QRectF(line.start, line.end).normalized()
            self._bounds = self._bounds.united(box.adjusted(-80, -80, 80, 80))
        self.update()

    def boundingRect(self) -> QRectF:
        return self._bounds

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for line in self._lines:
            colour = QColor(self._palette.error if line.is_refused else self._palette.accent)
            pen = QPen(colour, 2.0)
            pen.setDashPattern([4.0, 3.0])
            painter.setPen(pen)
            painter.drawPath(self._path(line))
        painter.setPen(Qt.PenStyle.NoPen)
        for end in {(line.end.x(), line.end.y(), line.is_refused) for line in self._lines}:
            painter.setBrush(QColor(self._palette.error if end[2] else self._palette.accent))
            painter.drawEllipse(QPointF(end[0], end[1]), 4.0, 4.0)
        if self._newcomer is not None:
            fill = QColor(self._palette.accent)
            fill.setAlphaF(0.14)
            pen = QPen(QColor(self._palette.accent), 1.5)
            pen.setDashPattern([4.0, 3.0])
            painter.setPen(pen)
            painter.setBrush(fill)
            body = QRectF(-HALF, -HALF, 2 * HALF, 2 * HALF).translated(self._newcomer)
            painter.drawRoundedRect(body, NEURON_RADIUS, NEURON_RADIUS)

    def _path(self, line: NewLine) -> QPainterPath:
        way = line.end - line.start
        along = abs(way.y() if self._downwards else way.x())
        reach = max(24.0, along / 2)
        handle = QPointF(0, reach) if self._downwards else QPointF(reach, 0)
        path = QPainterPath(line.start)
        path.cubicTo(line.start + handle, line.end - handle, line.end)
        return path


class SelectionMark(QGraphicsItem):
    """The box drawn by the pointer; everything it touches gets selected."""

    def __init__(self, palette: Palette) -> None:
        super().__init__()
        self.setZValue(3)
        self._palette = palette
        self._box = QRectF()

    def stretch(self, box: QRectF) -> None:
        """Take a new box in scene coordinates."""
        self.prepareGeometryChange()
        self._box = box
        self.update()

    def boundingRect(self) -> QRectF:
        return self._box.adjusted(-2, -2, 2, 2)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        fill = QColor(self._palette.accent)
        fill.setAlphaF(0.12)
        pen = QPen(QColor(self._palette.accent), 1.0 / max(painter.worldTransform().m11(), 1e-6))
        painter.setPen(pen)
        painter.setBrush(fill)
        painter.drawRect(self._box)


class GuideMark(QGraphicsItem):
    """Lines that dragged neurons share with others, and distances that are equal."""

    # Beyond the neurons at their ends, in scene pixels.
    BEYOND = HALF + 14.0

    def __init__(self, palette: Palette) -> None:
        super().__init__()
        self.setZValue(2.5)
        self._palette = palette
        self._guides: tuple[Guide, ...] = ()
        self._bounds = QRectF()

    @property
    def guides(self) -> tuple[Guide, ...]:
        """What is shown."""
        return self._guides

    def show_guides(self, guides: tuple[Guide, ...]) -> None:
        """Show other lines."""
        if guides == self._guides:
            return
        self.prepareGeometryChange()
        self._guides = guides
        self._bounds = QRectF()
        for guide in guides:
            box = QRectF(QPointF(*guide.start), QPointF(*guide.end)).normalized()
            around = self.BEYOND + 12
            self._bounds = self._bounds.united(box.adjusted(-around, -around, around, around))
        self.update()

    def boundingRect(self) -> QRectF:
        return self._bounds

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        pixel = 1.0 / max(painter.worldTransform().m11(), 1e-6)
        line = QPen(QColor(self._palette.accent), 1.2 * pixel)
        line.setDashPattern([5.0, 4.0])
        gap = QPen(QColor(self._palette.accent), 1.6 * pixel)
        for guide in self._guides:
            start, end = QPointF(*guide.start), QPointF(*guide.end)
            upright = abs(end.y() - start.y()) > abs(end.x() - start.x())
            along = QPointF(0, 1) if upright else QPointF(1, 0)
            if not guide.is_gap:
                painter.setPen(line)
                painter.drawLine(start - along * self.BEYOND, end + along * self.BEYOND)
                continue
            # Beside the neurons, with a tick at either end: a distance, not a connection.
            aside = QPointF(along.y(), along.x()) * (HALF + 8.0)
            tick = QPointF(along.y(), along.x()) * 5.0
            painter.setPen(gap)
            first, last = start + aside, end + aside
            inset = along * 2.0
            painter.drawLine(QLineF(first + inset, last - inset))
            for place in (first + inset, last - inset):
                painter.drawLine(QLineF(place - tick, place + tick))
