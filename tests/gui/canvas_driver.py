"""Real mouse and key events on a canvas, in words."""

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from nnplay.core.network import Network
from nnplay.document import Document
from nnplay.gui.canvas.view import CanvasView
from nnplay.gui.theme import Theme
from nnplay.session.session import Session

LEFT, RIGHT, MIDDLE = (
    Qt.MouseButton.LeftButton,
    Qt.MouseButton.RightButton,
    Qt.MouseButton.MiddleButton,
)
NONE, CTRL, SHIFT, ALT = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)


class Driver:
    """A canvas with a session, and a hand on its mouse."""

    def __init__(self, qtbot: QtBot, folder: Path, document: Document | None = None) -> None:
        self.notices: list[str] = []
        self.theme = Theme("dark")
        self.session = Session(document, state_folder=folder)
        self.session.notice_posted.connect(self._note)
        self.view = CanvasView(self.session, self.theme)
        qtbot.addWidget(self.view)
        self.view.resize(900, 600)
        self.view.show()
        qtbot.waitExposed(self.view)
        self.view.setFocus()

    def close(self) -> None:
        self.view.hide()
        self.session.shutdown()

    def _note(self, notice: object) -> None:
        self.notices.append(notice.text)

    @property
    def network(self) -> Network:
        return self.session.network

    def at(self, x: float, y: float) -> QPoint:
        """Window point of a scene point."""
        return self.view.navigation.to_window(QPointF(x, y)).toPoint()

    def neuron(self, neuron_id: int) -> QPoint:
        return self.at(*self.session.positions[neuron_id])

    def port(self, neuron_id: int) -> QPoint:
        point = self.view.network_scene.port_of(neuron_id)
        return self.at(point.x(), point.y())

    def edge(self, source: int, target: int, t: float = 0.5) -> QPoint:
        slot = self.network.topology.edge_slot(source, target)
        return self.at(*self.view.network_scene.edges.picture.lines.point_on(slot, t))

    def empty(self) -> QPoint:
        """A point with nothing near it."""
        box = self.view.network_scene.content_rect()
        return self.at(box.right() - 60, box.bottom() - 10)

    # ------------------------------------------------------------------ the hand
    def hover(self, point: QPoint, keys: Qt.KeyboardModifier = NONE) -> None:
        if keys == NONE:
            QTest.mouseMove(self.view.viewport(), point)
            return
        viewport = self.view.viewport()
        event = QMouseEvent(
            QEvent.Type.MouseMove,
            QPointF(point),
            QPointF(viewport.mapToGlobal(point)),
            Qt.MouseButton.NoButton,
            LEFT if self.view.gesture is not None else Qt.MouseButton.NoButton,
            keys,
        )
        QCoreApplication.sendEvent(viewport, event)

    def wheel(self, point: QPoint, notches: int, keys: Qt.KeyboardModifier = NONE) -> None:
        viewport = self.view.viewport()
        # As X11 and Windows do it: with Alt the wheel turns sideways.
        way = QPoint(120 * notches, 0) if keys & ALT else QPoint(0, 120 * notches)
        event = QWheelEvent(
            QPointF(point),
            QPointF(viewport.mapToGlobal(point)),
            QPoint(),
            way,
            Qt.MouseButton.NoButton,
            keys,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QCoreApplication.sendEvent(viewport, event)

    def press(self, point: QPoint, keys: Qt.KeyboardModifier = NONE, button=LEFT) -> None:
        QTest.mousePress(self.view.viewport(), button, keys, point)

    def release(self, point: QPoint, keys: Qt.KeyboardModifier = NONE, button=LEFT) -> None:
        QTest.mouseRelease(self.view.viewport(), button, keys, point)

    def click(self, point: QPoint, keys: Qt.KeyboardModifier = NONE, button=LEFT) -> None:
        self.hover(point)
        QTest.mouseClick(self.view.viewport(), button, keys, point)

    def double_click(self, point: QPoint) -> None:
        self.click(point)
        QTest.mouseDClick(self.view.viewport(), LEFT, NONE, point)
        self.release(point)

    def drag(
        self, start: QPoint, end: QPoint, keys: Qt.KeyboardModifier = NONE, button=LEFT
    ) -> None:
        self.hover(start)
        self.press(start, keys, button)
        for step in (0.2, 0.6, 1.0):
            self.hover(start + (end - start) * step, keys)
        self.release(end, keys, button)

    def key(self, key: Qt.Key, keys: Qt.KeyboardModifier = NONE) -> None:
        QTest.keyClick(self.view, key, keys)
