"""A side panel with a real session, and a hand on mouse and keyboard."""

from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QWidget  # noqa: TID251
from pytestqt.qtbot import QtBot

from nnplay.core.network import Network
from nnplay.document import Document
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import NumberField, SignedSlider
from nnplay.session.notices import Notice
from nnplay.session.session import Session

LEFT = Qt.MouseButton.LeftButton
PanelT = TypeVar("PanelT", bound=QWidget)


class Bench(Generic[PanelT]):
    """One panel on screen."""

    def __init__(
        self,
        qtbot: QtBot,
        folder: Path,
        make: Callable[[Session, Theme], PanelT],
        document: Document | None = None,
        size: tuple[int, int] = (286, 900),
    ) -> None:
        self.qtbot = qtbot
        self.theme = Theme("dark")
        self.session = Session(document, state_folder=folder)
        self.notices: list[Notice] = []
        self.session.notice_posted.connect(self.notices.append)
        self.panel = make(self.session, self.theme)
        qtbot.addWidget(self.panel)
        self.panel.resize(*size)
        self.panel.show()
        qtbot.waitExposed(self.panel)
        self.panel.activateWindow()
        qtbot.waitUntil(self.panel.isActiveWindow)

    def close(self) -> None:
        self.panel.hide()
        self.session.shutdown()

    @property
    def network(self) -> Network:
        return self.session.network

    @property
    def undo_count(self) -> int:
        return self.session.undo_stack.count()

    # ------------------------------------------------------------------ the hand
    def click(self, widget: QWidget, place: QPoint | None = None) -> None:
        QTest.mouseClick(widget, LEFT, pos=place or widget.rect().center())

    def type_into(self, field: QWidget, text: str, *, finish: bool = True) -> None:
        """Double-click (selects all), type, Return."""
        QTest.mouseDClick(field, LEFT, pos=field.rect().center())
        QTest.keyClicks(field, text)
        if finish:
            QTest.keyClick(field, Qt.Key.Key_Return)

    def drag(
        self, slider: QWidget, start: int, end: int, steps: int = 8, *, release: bool = True
    ) -> None:
        """Press at ``start``, move in steps to ``end`` (x within the widget), let go."""
        y = slider.height() // 2
        QTest.mousePress(slider, LEFT, pos=QPoint(start, y))
        for i in range(1, steps + 1):
            QTest.mouseMove(slider, QPoint(start + (end - start) * i // steps, y))
        if release:
            QTest.mouseRelease(slider, LEFT, pos=QPoint(end, y))

    def choose(self, choice: QComboBox, title: str) -> None:
        """Pick an entry with the keyboard, as people do without the mouse."""
        choice.setFocus()
        index = choice.findText(title)
        assert index >= 0, f"{title} is not offered"
        choice.showPopup()
        view = choice.view()
        QTest.keyClick(view, Qt.Key.Key_Home)
        selectable = Qt.ItemFlag.ItemIsSelectable
        entries = [i for i in range(index) if choice.model().index(i, 0).flags() & selectable]
        for _ in entries:
            QTest.keyClick(view, Qt.Key.Key_Down)
        QTest.keyClick(view, Qt.Key.Key_Return)


def knob_x(slider: SignedSlider) -> int:
    """Where the knob is, found from outside: centre plus share of the reach."""
    reach = slider.width() / 2 - 7.5
    return round(slider.width() / 2 + reach * slider.number() / slider.limit())


def shown(field: NumberField) -> str:
    return field.text()
