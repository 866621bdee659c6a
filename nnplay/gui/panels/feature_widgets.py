"""The list of columns and the field for own formulas."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QLineEdit, QListWidget

__all__ = ["ColumnList", "FormulaField"]


class FormulaField(QLineEdit):
    """A line for a formula; Esc empties it."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            self.textEdited.emit("")
        else:
            super().keyPressEvent(event)


class ColumnList(QListWidget):
    """Columns with boxes; a click anywhere on a line, or Space, switches it.

    Signals:
        switched(int): the line to switch.
    """

    switched = Signal(int)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        item = self.itemAt(event.position().toPoint())
        if item is not None and event.button() == Qt.MouseButton.LeftButton:
            self.switched.emit(self.row(item))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and self.currentRow() >= 0:
            self.switched.emit(self.currentRow())
        else:
            super().keyPressEvent(event)
