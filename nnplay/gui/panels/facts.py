"""A list of numbers about something: words at the left, the number at the right."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from nnplay.gui.theme import Theme
from nnplay.gui.widgets import label

__all__ = ["Facts"]


class Facts(QWidget):
    """Grows by a line with every :meth:`add`."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(0, 1)

    def add(self, words: str, tip: str) -> QLabel:
        """A line; returns the label that takes its number."""
        name = label(words, "secondary", self)
        name.setToolTip(tip)
        fact = label("", "", self)
        fact.setFont(self._theme.mono_font())
        fact.setAlignment(Qt.AlignmentFlag.AlignRight)
        fact.setToolTip(tip)
        fact.setAccessibleName(words)
        row = self._grid.count() // 2
        self._grid.addWidget(name, row, 0)
        self._grid.addWidget(fact, row, 1)
        return fact
