"""A number field with a list of usual values behind a small arrow, as for learning rates."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QMenu, QWidget

from nnplay.gui.theme import Theme
from nnplay.gui.widgets import NumberField, new_gesture

__all__ = ["LEARNING_RATES", "PENALTY_RATES", "OptionalField", "RateField", "above_0"]

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
        is_integer: bool = False,
        check: Callable[[float], str | None] | None = None,
    ) -> None:
        super().__init__(
            usual[0], parent, steps=usual, decimals=None, is_integer=is_integer, check=check
        )
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
            action = menu.addAction(self.text_of(value))
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


class OptionalField(RateField):
    """A number that can be switched off: then the field reads “off”.

    Off is chosen from the list, with Down below the smallest usual value, or by typing “off” or
    clearing the field. NaN stands for several different values: the field then reads “mixed”.

    Args:
        theme: where the colours come from.
        usual: ascending values without the one that means off.
        parent: Qt parent.
        off: the value that means off; smaller than all others.
        off_text: how it is written.
        is_integer: whole numbers only.
        check: says what is wrong with a number, or returns None.
    """

    def __init__(
        self,
        theme: Theme,
        usual: Sequence[float],
        parent: QWidget | None = None,
        *,
        off: float = 0.0,
        off_text: str = "off",
        is_integer: bool = False,
        check: Callable[[float], str | None] | None = None,
    ) -> None:
        self._off, self._off_text = off, off_text
        super().__init__(theme, (off, *usual), parent, is_integer=is_integer, check=check)

    def is_off(self) -> bool:
        """Whether the number is switched off."""
        return self.value() == self._off

    def text_of(self, value: float) -> str:
        if math.isnan(value):
            return "mixed"
        return self._off_text if value == self._off else super().text_of(value)

    def _read(self) -> tuple[str, float]:
        if self.text().strip().lower() in ("", "off", self._off_text):
            return "", self._off
        return super()._read()

    def _problem_with(self, value: float) -> str:
        # Keys lead to off; a number typed is a number.
        is_off = value == self._off and not self.isModified()
        return "" if is_off else super()._problem_with(value)

    def _show_value(self) -> None:
        super()._show_value()
        if bool(self.property("off")) != self.is_off():
            self.setProperty("off", self.is_off())
            self.style().unpolish(self)
            self.style().polish(self)

    def _show_tooltip(self) -> None:
        if self.is_off() or math.isnan(self.value()):
            self.setToolTip(self._hint)
        else:
            super()._show_tooltip()


def above_0(value: float) -> str | None:
    """What is wrong with a learning rate, wherever it is typed; None if nothing is."""
    return None if value > 0 else "The learning rate must be above 0, for example 0.03 or 1/30."
