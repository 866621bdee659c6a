"""One training setting: its name, its field and a note; and what its numbers may be."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from nnplay.gui.panels.form import FieldNote
from nnplay.gui.widgets import Choice, NumberField, label

__all__ = [
    "CHOICE_WIDTH",
    "NUMBER_WIDTH",
    "SettingRow",
    "above_zero",
    "not_negative",
    "share",
]

CHOICE_WIDTH: Final = 178
NUMBER_WIDTH: Final = 108


class SettingRow(QWidget):
    """A name, its field, and below them a note while there is something to say.

    Attributes:
        key: name of the setting.
        field: what takes the keyboard.
        note: the sentence about a useless text.
    """

    def __init__(
        self,
        key: str,
        words: str,
        tip: str,
        field: QWidget,
        holder: QWidget | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.key, self.field, self._tip = key, field, tip
        self.note = FieldNote(self)
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        self.name = None
        if not isinstance(field, QCheckBox):
            self.name = label(words, "secondary", self)
            self.name.setToolTip(tip)
            self.name.setBuddy(field)
            line.addWidget(self.name)
            line.addStretch(1)
        line.addWidget(holder or field)
        if isinstance(field, QCheckBox):
            line.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(line)
        layout.addWidget(self.note)
        field.setAccessibleName(words)
        field.setAccessibleDescription(tip)
        if isinstance(field, NumberField):
            field.set_hint(tip)
            field.use_note()
            field.refused.connect(self.note.say)
            field.textEdited.connect(self.note.clear)
            field.editingFinished.connect(self._settled)
        else:
            field.setToolTip(tip)

    def set_words(self, words: str) -> None:
        """Name the setting in another way."""
        if words and self.name is not None:
            self.name.setText(words)
            self.field.setAccessibleName(words)

    def say_more(self, words: str) -> None:
        """Add a line, such as a formula, to the tooltip."""
        self.field.setToolTip(f"{self._tip}\n{words}" if words else self._tip)

    def show_value(self, value: Any) -> None:
        """Show what the session has; what is being typed stays."""
        field = self.field
        if isinstance(field, NumberField):
            number = -1.0 if value is None else float(value)
            if field.value() != number:
                self.note.clear()
            field.set_value(number)
        elif isinstance(field, Choice):
            field.set_value(str(value))
        elif isinstance(field, QCheckBox):
            field.setChecked(bool(value))

    def set_shown(self, shown: bool) -> None:
        """Whether the setting means anything at the moment."""
        self.setVisible(shown)
        if not shown:
            self.note.clear()

    def _settled(self) -> None:
        if not self.field.property("invalid"):
            self.note.clear()


def not_negative(value: float) -> str | None:
    """What is wrong with a number that may not be negative."""
    return None if value >= 0 else "It cannot be negative; 0 switches it off."


def above_zero(value: float) -> str | None:
    """What is wrong with a number that must be positive."""
    return None if value > 0 else "Please use a number above 0."


def share(value: float) -> str | None:
    """What is wrong with a number that must be a share short of the whole."""
    return None if 0 <= value < 1 else "Please use a number from 0 up to, but not including, 1."
