"""Chooses the two columns that maps lie over, for data that have more."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QSizePolicy,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QWidget,
)

from nnplay.data.preparation import PreparedData
from nnplay.gui.widgets.controls import Choice, label
from nnplay.picture.text import pretty_label
from nnplay.session.map_columns import mappable_columns

__all__ = ["MapOver"]

NARROW: Final = 340
LIST_MARGIN: Final = 28
TIP: Final = "All other columns are held at the values of the probe: move it, and the map changes."


class _ColumnChoice(Choice):
    """Long names lose their middle, so that "petal length" and "petal width" stay apart."""

    def paintEvent(self, event: QPaintEvent) -> None:
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        room = self.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox,
            option,
            QStyle.SubControl.SC_ComboBoxEditField,
            self,
        )
        option.currentText = self.fontMetrics().elidedText(
            self.currentText(), Qt.TextElideMode.ElideMiddle, room.width() - 4
        )
        painter = QStylePainter(self)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        painter.end()


class MapOver(QWidget):
    """One line: the columns along x and y.

    Signals:
        chosen(int, int): raw columns picked by hand, never the same twice.
    """

    chosen = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._columns = (0, 1)
        self._names: tuple[str, ...] = ()
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 2, 0)
        row.setSpacing(5)
        self.x_choice = _ColumnChoice(name="Map over: column along x")
        self.y_choice = _ColumnChoice(name="Map over: column along y")
        self.words = label("Map over", "secondary")
        row.addWidget(self.words)
        for text, choice in (("x", self.x_choice), ("y", self.y_choice)):
            row.addWidget(label(text, "secondary"))
            row.addWidget(choice, 1)
            choice.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            choice.setMinimumWidth(44)
        self.setToolTip(TIP)
        self.x_choice.chosen.connect(lambda column: self._pick(0, int(column)))
        self.y_choice.chosen.connect(lambda column: self._pick(1, int(column)))

    def set_content(self, prepared: PreparedData, columns: tuple[int, int]) -> None:
        """Offer the numeric columns of some data and show the chosen ones; silent."""
        self._columns = columns
        if prepared.raw_names != self._names:
            self._names = prepared.raw_names
            items = [(str(i), pretty_label(self._names[i])) for i in mappable_columns(prepared)]
            self.x_choice.set_items(items)
            self.y_choice.set_items(items)
        for choice, column in zip((self.x_choice, self.y_choice), columns, strict=True):
            choice.set_value(str(column))
            choice.setToolTip(f"{pretty_label(self._names[column])}. {TIP}")
            # Where the line is narrow, the list still shows whole names.
            choice.view().setMinimumWidth(choice.view().sizeHintForColumn(0) + LIST_MARGIN)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.words.setVisible(self.width() >= NARROW)

    def _pick(self, axis: int, column: int) -> None:
        before = self._columns
        columns = [*before]
        columns[axis] = column
        if columns[0] == columns[1]:
            columns[1 - axis] = before[axis]  # the axes change places
        if tuple(columns) != before:
            self.chosen.emit(*columns)
