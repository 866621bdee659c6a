"""The gesture that selects by drawing around neurons."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from nnplay.gui.canvas.gesture import Gesture, Pointer, Stage
from nnplay.gui.canvas.scene import NetworkScene
from nnplay.picture.palette import Palette

__all__ = ["Lasso", "LassoMark", "neurons_inside"]

# Points closer together than this many window pixels add nothing.
STEP = 3.0


class LassoMark(QGraphicsItem):
    """The line drawn by the pointer, closed by a dashed piece back to its beginning."""

    def __init__(self, palette: Palette) -> None:
        super().__init__()
        self.setZValue(3)
        self._palette = palette
        self._line = QPolygonF()

    def follow(self, line: QPolygonF) -> None:
        """Take the line as it is now, in scene coordinates."""
        self.prepareGeometryChange()
        self._line = QPolygonF(line)
        self.update()

    def boundingRect(self) -> QRectF:
        return self._line.boundingRect().adjusted(-4, -4, 4, 4)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        if self._line.size() < 2:
            return
        fill = QColor(self._palette.accent)
        fill.setAlphaF(0.12)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        painter.drawPolygon(self._line)
        pen = QPen(QColor(self._palette.accent), 1.3 / max(painter.worldTransform().m11(), 1e-6))
        painter.setPen(pen)
        painter.drawPolyline(self._line)
        pen.setDashPattern([4.0, 4.0])
        painter.setPen(pen)
        painter.drawLine(self._line.last(), self._line.first())


def neurons_inside(scene: NetworkScene, line: QPolygonF) -> set[int]:
    """Ids of the neurons whose middle lies inside a closed line."""
    if line.size() < 3:
        return set()
    box = line.boundingRect()
    near = [
        (neuron_id, QPointF(*scene.positions[neuron_id]))
        for neuron_id in scene.neurons_touching(box)
    ]
    rule = Qt.FillRule.OddEvenFill
    return {neuron_id for neuron_id, place in near if line.containsPoint(place, rule)}


class Lasso(Gesture):
    """Draw around neurons to select them; with Ctrl or Shift they come in addition."""

    def __init__(self, stage: Stage, start: Pointer) -> None:
        super().__init__(stage, start)
        self._before = stage.session.selection
        self._line = QPolygonF([start.scene])
        self._mark: LassoMark | None = None

    @property
    def cursor(self) -> Qt.CursorShape:
        return Qt.CursorShape.CrossCursor

    def drag(self, pointer: Pointer) -> None:
        scene = self.stage.scene
        if self._mark is None:
            self._mark = LassoMark(scene.palette_of_roles)
            scene.addItem(self._mark)
        way = (pointer.scene - self._line.last()).manhattanLength() * self.stage.scale()
        if way >= STEP:
            self._line.append(pointer.scene)
        self._mark.follow(self._line)
        inside = neurons_inside(scene, self._line)
        if self.start.adds:
            self.stage.session.select(self._before.neurons | inside, self._before.edges)
        else:
            self.stage.session.select(inside, ())

    def release(self, pointer: Pointer) -> bool:
        if not self.has_moved and not self.start.adds:
            self.stage.session.select((), ())
        self._remove_mark()
        return True

    def cancel(self) -> None:
        self._remove_mark()
        self.stage.session.select(self._before.neurons, self._before.edges)

    def _remove_mark(self) -> None:
        if self._mark is not None:
            self.stage.scene.removeItem(self._mark)
            self._mark = None
