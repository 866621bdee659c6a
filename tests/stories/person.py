"""A person in front of the whole window: real mouse and key events, nothing else."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, QPointF, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (  # noqa: TID251
    QAbstractButton,
    QApplication,
    QDialog,
    QFileDialog,
    QLineEdit,
    QMenu,
    QWidget,
)
from pytestqt.qtbot import QtBot

from nnplay.core.network import Network
from nnplay.gui.canvas.view import CanvasView
from nnplay.gui.main_window import MainWindow
from nnplay.session.notices import Notice
from nnplay.session.session import Session

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
Key = Qt.Key


class Person:
    """Hands and eyes on one window."""

    def __init__(self, qtbot: QtBot, window: MainWindow) -> None:
        self.qtbot = qtbot
        self.window = window
        self.notices: list[Notice] = []
        window.session.notice_posted.connect(self.notices.append)
        self._dialog_failures: list[BaseException] = []

    # ------------------------------------------------------------------ what is in sight
    @property
    def session(self) -> Session:
        return self.window.session

    @property
    def network(self) -> Network:
        return self.session.network

    @property
    def canvas(self) -> CanvasView:
        return self.window.views.canvas

    def at(self, x: float, y: float) -> QPoint:
        """Point of the canvas's viewport for a place in the scene."""
        return self.canvas.navigation.to_window(QPointF(x, y)).toPoint()

    def neuron(self, neuron_id: int) -> QPoint:
        return self.at(*self.session.positions[neuron_id])

    def port(self, neuron_id: int) -> QPoint:
        point = self.canvas.network_scene.port_of(neuron_id)
        return self.at(point.x(), point.y())

    def edge(self, source: int, target: int, share: float = 0.5) -> QPoint:
        slot = self.network.topology.edge_slot(source, target)
        lines = self.canvas.network_scene.edges.picture.lines
        return self.at(*lines.point_on(slot, share))

    def sees_errors(self) -> list[str]:
        return [notice.text for notice in self.notices if notice.severity == "error"]

    # ------------------------------------------------------------------ the hand
    def key(self, key: Qt.Key | str, keys: Qt.KeyboardModifier = NONE) -> None:
        """Press a key wherever the focus is."""
        target = QApplication.focusWidget() or self.window
        QTest.keyClick(target, key, keys)

    def hover(self, place: QPoint) -> None:
        QTest.mouseMove(self.canvas.viewport(), place)

    def click(self, place: QPoint, keys: Qt.KeyboardModifier = NONE) -> None:
        self.hover(place)
        QTest.mouseClick(self.canvas.viewport(), LEFT, keys, place)

    def double_click(self, place: QPoint) -> None:
        self.click(place)
        QTest.mouseDClick(self.canvas.viewport(), LEFT, NONE, place)
        QTest.mouseRelease(self.canvas.viewport(), LEFT, NONE, place)

    def drag(self, start: QPoint, end: QPoint) -> None:
        self.hover(start)
        QTest.mousePress(self.canvas.viewport(), LEFT, NONE, start)
        for share in (0.2, 0.5, 0.8, 1.0):
            self.hover(start + (end - start) * share)
        QTest.mouseRelease(self.canvas.viewport(), LEFT, NONE, end)

    def press(self, button: QAbstractButton) -> None:
        """Click a button with the mouse."""
        QTest.mouseClick(button, LEFT, pos=button.rect().center())

    def type_into(self, field: QWidget, text: str) -> None:
        """Double-click a field (selects its number), type, Return."""
        QTest.mouseDClick(field, LEFT, pos=field.rect().center())
        QTest.keyClicks(field, text)
        QTest.keyClick(field, Key.Key_Return)

    def choose_from_menu(self, title: str, entry: str) -> None:
        """Open a menu of the bar by the mouse and click an entry, both named without ``&``."""
        bar = self.window.menuBar()
        top = next(a for a in bar.actions() if a.text().replace("&", "") == title)
        QTest.mouseClick(bar, LEFT, pos=bar.actionGeometry(top).center())
        menu = top.menu()
        assert isinstance(menu, QMenu)
        found = next(a for a in menu.actions() if a.text().split("\t")[0].replace("&", "") == entry)
        assert found.isEnabled(), f"{entry} is greyed out"
        QTest.mouseClick(menu, LEFT, pos=menu.actionGeometry(found).center())

    # ------------------------------------------------------------------ dialogs
    def with_dialog(self, act: Callable[[QDialog], object], kind: type[QDialog] = QDialog) -> None:
        """Act on the next modal dialog of a kind, as soon as it is there."""

        def look() -> None:
            dialog = QApplication.activeModalWidget()
            if not isinstance(dialog, kind):
                attempts.append(1)
                if len(attempts) < 250:
                    QTimer.singleShot(20, look)
                return
            try:
                act(dialog)
                if dialog.isVisible():
                    raise AssertionError(f"{type(dialog).__name__} is still open")
            except BaseException as failure:
                self._dialog_failures.append(failure)
                dialog.reject()

        attempts: list[int] = []
        QTimer.singleShot(0, look)

    def with_file_dialog(self, path: Path) -> None:
        """Type a path into the next file dialog and press Return."""

        def answer(dialog: QDialog) -> None:
            field = dialog.findChild(QLineEdit, "fileNameEdit")
            assert field is not None
            # One event for the whole path: a completer that pops up between would take Return.
            field.setText(str(path))
            QTest.keyClick(field, Key.Key_Return)

        self.with_dialog(answer, QFileDialog)

    def check_dialogs(self) -> None:
        """What went wrong inside a dialog is told here."""
        if self._dialog_failures:
            raise self._dialog_failures[0]

    # ------------------------------------------------------------------ waiting
    def until(self, condition: Callable[[], bool], seconds: float = 15.0) -> None:
        self.qtbot.waitUntil(condition, timeout=round(seconds * 1000))

    def train_to(self, epoch: int) -> None:
        """Wait until the epoch shown in the header is reached."""
        self.until(lambda: self.session.shown_epoch >= epoch)


def button(parent: QObject, words: str) -> QAbstractButton:
    """A visible button by its words, without ``&``."""
    found = [
        b
        for b in parent.findChildren(QAbstractButton)
        if b.text().replace("&", "") == words and b.isVisible()
    ]
    assert len(found) == 1, f"{len(found)} buttons say {words}"
    return found[0]
