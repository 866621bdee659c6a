"""A number field with a list of usual values behind a small arrow, as for learning rates."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QMenu, QWidget

from nnplay.gui.theme import Theme
from nnplay.gui.widgets import NumberField, new_gesture, number_text

__all__ = ["LEARNING_RATES", "PENALTY_RATES", "RateField", "above_0"]

LEARNING_RATES = (0.00001, 0.0001, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
PENALTY_RATES = (0.0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)


class RateField(NumberField):
    """Any number can be typed; Up and Down walk through the usual ones, Alt+Down lists them."""

    def __init__(
        self,
        theme: Theme,
        usual: Sequence[float],
        parent: QWidget | None = None,
        *,
        check: Callable[[float], str | None] | None = None,
    ) -> None:
        super().__init__(usual[0], parent, steps=usual, decimals=None, check=check)
        self._theme, self._usual = theme, tuple(usual)
        self._arrow = QAction("Usual values", self)
        self.addAction(self._arrow, QLineEdit.ActionPosition.TrailingPosition)
        self._arrow.triggered.connect(self.show_list)
        theme.changed.connect(self._refresh_arrow)
        self._refresh_arrow()

    def show_list(self) -> None:
        """Offer the usual values below the field."""
        menu = self._make_menu()
        menu.setMinimumWidth(self.width())
        menu.popup(self.mapToGlobal(QPoint(0, self.height() + 2)))
        for action in menu.actions():
            if action.isChecked():
                menu.setActiveAction(action)

    def _make_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for value in self._usual:
            action = menu.addAction(number_text(value, None))
            action.setData(value)
            action.setCheckable(True)
            action.setChecked(value == self.value())
            action.triggered.connect(self._picked)
        return menu

    def _picked(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self._take(float(action.data()), new_gesture())

    def _refresh_arrow(self) -> None:
        self._arrow.setIcon(self._theme.icon("chevron_down", "secondary", 14))
        self._arrow.setToolTip("Usual values (Alt+Down)")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.show_list()
            event.accept()
        else:
            super().keyPressEvent(event)


def above_0(value: float) -> str | None:
    """What is wrong with a learning rate, wherever it is typed; None if nothing is."""
    return None if value > 0 else "The learning rate must be above 0, for example 0.03 or 1/30."
