"""Chooses a setting and the values to compare: chips for usual values, a field for others."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QLineEdit, QToolButton, QVBoxLayout, QWidget

from nnplay.data.errors import DataError
from nnplay.data.features import evaluate_number
from nnplay.document import Document
from nnplay.gui.panels.form import FieldNote, row_of
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import Choice, icon_button
from nnplay.sweeps.usual import usual_values
from nnplay.sweeps.words import SETTING_TITLES, value_words

__all__ = ["MOST_VALUES", "SettingValues"]

MOST_VALUES: Final = 12
_COLUMNS: Final = {"narrow": 5, "wide": 3, "widest": 2}
_NOTHING: Final = "nothing"


class _ValueField(QLineEdit):
    """Return adds the value; it must not press the dialog's default button."""

    entered = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.text().strip():
            self.entered.emit()
            event.accept()
        else:
            super().keyPressEvent(event)


class SettingValues(QWidget):
    """A choice of one setting, and its values to try.

    Signals:
        changed(): another setting or other values, by hand.
    """

    changed = Signal()

    def __init__(
        self,
        theme: Theme,
        document: Document,
        names: Sequence[str],
        title: str,
        parent: QWidget | None = None,
        *,
        may_be_nothing: bool = False,
    ) -> None:
        super().__init__(parent)
        self._theme, self._document = theme, document
        self._names = tuple(names)
        self._may_be_nothing = may_be_nothing
        self._values: list[Any] = []
        self._chips: list[QToolButton] = []
        self._title = title
        self.choice = Choice(self._items(()), self, name=title)
        self.choice.chosen.connect(self._setting_chosen)
        self.field = _ValueField(self)
        self.field.setFont(theme.mono_font(12))
        self.field.setMaxLength(24)
        self.field.setPlaceholderText("another value")
        self.field.setAccessibleName(f"{title}: another value")
        self.field.entered.connect(self.add_typed)
        self.field.textEdited.connect(self._typed)
        self.plus = icon_button(theme, "plus", "Add this value", self.add_typed, self)
        self.plus.setProperty("role", "boxed")
        self.plus.setFixedSize(30, 30)
        self.note = FieldNote(self)
        self._grid = QGridLayout()
        self._grid.setSpacing(6)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.choice)
        layout.addLayout(self._grid)
        layout.addLayout(row_of(self.field, self.plus, spacing=6, stretch=0))
        layout.addWidget(self.note)
        self.choice.set_value(_NOTHING if may_be_nothing else self._names[0])
        self._suit()

    # ------------------------------------------------------------------ what is chosen
    @property
    def setting(self) -> str:
        """The setting; empty for none."""
        value = self.choice.value()
        return "" if value == _NOTHING else value

    @property
    def values(self) -> tuple[Any, ...]:
        """The values to try, in the order of their chips."""
        return tuple(
            value for value, chip in zip(self._values, self._chips, strict=True) if chip.isChecked()
        )

    @property
    def chips(self) -> Sequence[QToolButton]:
        """The chips, one per value on offer."""
        return tuple(self._chips)

    def set_setting(self, name: str) -> None:
        """Choose a setting from code, with its usual values."""
        self.choice.set_value(name or _NOTHING)
        self._suit()

    def set_values(self, values: Sequence[Any]) -> None:
        """Choose values from code; those that are not on offer yet are added."""
        for value in values:
            if value not in self._values:
                self._values.append(value)
        self._show_chips(values)

    def exclude(self, name: str) -> None:
        """Do not offer a setting that is chosen elsewhere."""
        self.choice.set_items(self._items((name,) if name else ()))
        if self.choice.currentIndex() < 0:
            self.choice.set_value(_NOTHING if self._may_be_nothing else self._names[0])
            self._suit()

    def problem(self) -> str:
        """What is wrong, as a sentence, or an empty text."""
        if self.setting and not self.values:
            return f"Choose at least one value of the {SETTING_TITLES[self.setting]}."
        return ""

    # ------------------------------------------------------------------ by hand
    def add_typed(self) -> None:
        """Take the value in the field among the chips."""
        text = self.field.text().strip()
        if not text:
            return
        value, problem = _read(text, type(self._values[0]) is int)
        if not problem and len(self._values) >= MOST_VALUES and value not in self._values:
            problem = f"These are {MOST_VALUES} values already; that is enough for one look."
        self.note.say(problem)
        if problem:
            return
        chosen = [*self.values, value]
        if value not in self._values:
            self._values = sorted([*self._values, value])
        self.field.clear()
        self._show_chips(chosen)
        self.changed.emit()

    def _typed(self) -> None:
        self.note.clear()

    def _setting_chosen(self) -> None:
        self._suit()
        self.changed.emit()

    def _chip_clicked(self) -> None:
        self.changed.emit()

    # ------------------------------------------------------------------ details
    def _items(self, without: Sequence[str]) -> list[tuple[str, str]]:
        first = [(_NOTHING, "Nothing else")] if self._may_be_nothing else []
        names = [name for name in self._names if name not in without]
        return first + [(n, SETTING_TITLES[n][:1].upper() + SETTING_TITLES[n][1:]) for n in names]

    def _suit(self) -> None:
        offered, chosen = ((), ()) if not self.setting else self._usual()
        self._values = list(offered)
        numbers = bool(offered) and not isinstance(offered[0], str | bool)
        self.field.setVisible(numbers)
        self.plus.setVisible(numbers)
        self.field.clear()
        self.note.clear()
        self._show_chips(chosen)

    def _usual(self) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        return usual_values(self._document, self.setting)

    def _words(self, value: Any) -> str:
        return value_words(value, self.setting)

    def _show_chips(self, chosen: Sequence[Any]) -> None:
        for chip in self._chips:
            self._grid.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self._chips = []
        longest = max((len(self._words(value)) for value in self._values), default=0)
        width = "narrow" if longest <= 6 else "wide" if longest <= 9 else "widest"
        for place, value in enumerate(self._values):
            chip = QToolButton(self)
            chip.setText(self._words(value))
            chip.setCheckable(True)
            chip.setChecked(value in chosen)
            chip.setProperty("role", "segment")
            chip.setFixedHeight(28)
            chip.setMinimumWidth(44)
            chip.setSizePolicy(
                self.choice.sizePolicy().Policy.Expanding, chip.sizePolicy().verticalPolicy()
            )
            chip.setAccessibleName(f"{self._title}: {self._words(value)}")
            chip.clicked.connect(self._chip_clicked)
            self._grid.addWidget(chip, *divmod(place, _COLUMNS[width]))
            self._chips.append(chip)
            chip.show()


def _read(text: str, whole: bool) -> tuple[Any, str]:
    """A value and what is wrong with its text."""
    try:
        value = evaluate_number(text.replace("−", "-"))
    except DataError as error:
        return None, str(error)
    if not whole:
        return value, ""
    if not re.fullmatch(r"[0-9]{1,9}", text.strip()) or int(text) < 1:
        return None, f"“{text}” is no batch size. Write a whole number from 1 on, such as 32."
    return int(text), ""
