"""Marks that live only as long as a gesture: the line of a new connection, the selecting box."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from nnplay.picture.palette import Palette

__all__ = ["ConnectionMark", "SelectionMark"]


class ConnectionMark(QGraphicsItem):
    """A dashed curve from a neuron's port to the pointer."""

    def __init__(self, palette: Palette, *, downwards: bool = False) -> None:
        super().__init__()
        self.setZValue(2)
        self._palette = palette
        self._downwards = downwards
        self._start, self._end = QPointF(), QPointF()
        self._is_refused = False

    def stretch(self, start: QPointF, end: QPointF, is_refused: bool) -> None:
        """Draw from ``start`` to ``end``; a refused connection is drawn in the error colour."""
        self.prepareGeometryChange()
        self._start, self._end, self._is_refused = start, end, is_refused
        self.update()

    def boundingRect(self) -> QRectF:
        return QRectF(self._start, self._end).normalized().adjusted(-80, -80, 80, 80)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        way = self._end - self._start
        along = abs(way.y() if self._downwards else way.x())
        reach = max(24.0, along / 2)
        handle = QPointF(0, reach) if self._downwards else QPointF(reach, 0)
        path = QPainterPath(self._start)
        path.cubicTo(self._start + handle, self._end - handle, self._end)
        colour = QColor(self._palette.error if self._is_refused else self._palette.accent)
        pen = QPen(colour, 2.0)
        pen.setDashPattern([4.0, 3.0])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(self._end, 4.0, 4.0)


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
