"""The raw values of the probe, one row per column of the data: name, slider, number or word."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from nnplay.gui.panels.parameter_row import SourceLabel
from nnplay.gui.widgets import Choice, NumberField, label
from nnplay.gui.widgets.number_field import number_text
from nnplay.gui.widgets.sliders import JumpSlider

__all__ = ["MOST_ROWS", "InputColumn", "InputRow", "InputRows"]

MOST_ROWS: Final = 16
"""Rows shown at once: more could not be looked over, and each costs time to make."""

_TICKS: Final = 1000
_MOST_NAMES: Final = 4


@dataclass(frozen=True)
class InputColumn:
    """One raw column.

    Attributes:
        place: its index among the raw values.
        key: its name in the data.
        name: the name as people read it.
        low, high: range of the slider.
        is_whole: the data have whole numbers only.
        words: the words of a text column, whose values are their indices.
    """

    place: int
    key: str
    name: str
    low: float
    high: float
    is_whole: bool = False
    words: tuple[str, ...] | None = None


class InputRow(QWidget):
    """One raw value of the probe.

    Signals:
        value_changed(int, float): column and new value, by hand.
    """

    value_changed = Signal(int, float)

    def __init__(self, column: InputColumn, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.column = column
        self._value = math.nan
        self.name = SourceLabel(self)
        self.name.is_link = False
        self.name.set_name(column.name)
        self.slider: JumpSlider | None = None
        self.field: NumberField | None = None
        self.choice: Choice | None = None
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.name, 5)
        if column.words is not None:
            self.choice = Choice(
                [(str(place), word) for place, word in enumerate(column.words)],
                self,
                name=column.name,
            )
            self.choice.setToolTip(f"The probe's value of {column.name}")
            # Long words are cut off instead of widening the panel.
            self.choice.setMinimumContentsLength(4)
            self.choice.setSizeAdjustPolicy(
                Choice.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            self.choice.chosen.connect(self._chosen)
            layout.addWidget(self.choice, 7)
            return
        span = column.high - column.low
        ticks = int(span) if column.is_whole and 1 <= span <= _TICKS else _TICKS
        self._digits = 0 if column.is_whole else max(0, 3 - math.floor(math.log10(span)))
        self.slider = JumpSlider(self)
        self.slider.setMinimumWidth(40)
        self.slider.setRange(0, ticks)
        self.slider.setSingleStep(max(1, ticks // 100))
        self.slider.setPageStep(max(1, ticks // 10))
        self.slider.setAccessibleName(f"Slider: {column.name}")
        low, high = number_text(column.low, None), number_text(column.high, None)
        self.slider.setToolTip(f"{column.name}, from {low} to {high}")
        self.slider.valueChanged.connect(self._slid)
        step = 1.0 if column.is_whole else 10.0 ** math.floor(math.log10(span / 50))
        self.field = NumberField(0.0, self, step=step, decimals=None)
        self.field.setFixedWidth(84)
        self.field.setAccessibleName(column.name)
        self.field.set_hint("Type a number such as 0.5, 0,5 or 1/4.")
        self.field.value_changed.connect(self._typed)
        layout.addWidget(self.slider, 5)
        layout.addSpacing(4)
        layout.addWidget(self.field)

    def set_value(self, value: float) -> None:
        """Show a value; what is being typed or dragged stays as it is."""
        if value == self._value:
            return
        self._value = value
        if self.choice is not None:
            self.choice.set_value(str(int(value)) if math.isfinite(value) else "")
        if self.field is not None:
            self.field.set_value(value)
        if self.slider is not None and not self.slider.isSliderDown():
            self._show_knob(value)

    def _show_knob(self, value: float) -> None:
        assert self.slider is not None  # noqa: S101
        share = (value - self.column.low) / (self.column.high - self.column.low)
        share = min(1.0, max(0.0, share)) if math.isfinite(share) else 0.0
        with QSignalBlocker(self.slider):
            self.slider.setValue(round(share * self.slider.maximum()))
        self.slider.update()

    # ------------------------------------------------------------------ the hand
    def _slid(self, tick: int) -> None:
        assert self.slider is not None  # noqa: S101
        assert self.field is not None  # noqa: S101
        share = tick / self.slider.maximum()
        value = self.column.low + share * (self.column.high - self.column.low)
        self._value = round(value, self._digits)
        self.field.set_value(self._value, force=True)
        self.value_changed.emit(self.column.place, self._value)

    def _typed(self, value: float, gesture: int) -> None:
        self._value = value
        self._show_knob(value)
        self.value_changed.emit(self.column.place, value)

    def _chosen(self, key: str) -> None:
        self._value = float(key)
        self.value_changed.emit(self.column.place, self._value)


class InputRows(QWidget):
    """All columns, or the first sixteen of those whose name holds what is typed above them.

    Signals:
        value_changed(int, float): column and new value, by hand.
    """

    value_changed = Signal(int, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._columns: tuple[InputColumn, ...] = ()
        self._unread: tuple[str, ...] = ()
        self._raw: tuple[float, ...] = ()
        self.rows: list[InputRow] = []
        self.filter = QLineEdit(self)
        self.filter.setPlaceholderText("Find a column")
        self.filter.setAccessibleName("Find a column")
        self.filter.setToolTip("Show the columns whose name holds these letters")
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self._make_rows)
        self.filter.hide()
        self.note = label("", "tertiary", self)
        self.note.setWordWrap(True)
        self.note.hide()
        self._list = QVBoxLayout()
        self._list.setSpacing(4)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.filter)
        layout.addLayout(self._list)
        layout.addWidget(self.note)

    def set_columns(self, columns: tuple[InputColumn, ...], unread: Sequence[str] = ()) -> None:
        """Show other columns; the same ones stay untouched.

        Args:
            columns: those with a row.
            unread: names of columns without one, because no input reads them.
        """
        if columns == self._columns and tuple(unread) == self._unread:
            return
        self._columns, self._unread = columns, tuple(unread)
        with QSignalBlocker(self.filter):
            self.filter.clear()
        self.filter.setVisible(len(columns) > MOST_ROWS)
        self._make_rows()

    def set_values(self, raw: tuple[float, ...]) -> None:
        """Show values, one per column."""
        self._raw = raw
        for row in self.rows:
            if row.column.place < len(raw):
                row.set_value(raw[row.column.place])

    def _make_rows(self) -> None:
        wanted = self.filter.text().strip().casefold()
        found = [
            column
            for column in self._columns
            if wanted in column.name.casefold() or wanted in column.key.casefold()
        ]
        for row in self.rows:
            row.blockSignals(True)  # a number half typed was meant for another column
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = [InputRow(column, self) for column in found[:MOST_ROWS]]
        for row in self.rows:
            row.value_changed.connect(self.value_changed)
            self._list.addWidget(row)
        self.set_values(self._raw)
        self.note.setText(self._note(len(found)))
        self.note.setVisible(bool(self.note.text()))

    def _note(self, found: int) -> str:
        if not self._columns:
            return "There are no inputs."
        if not found:
            return "No column has such a name."
        if found > MOST_ROWS:
            return (
                f"The first {MOST_ROWS} of {found:,} columns are shown. "
                "Type a part of a name to see others."
            )
        if self._unread and not self.filter.text():
            names = ", ".join(self._unread[:_MOST_NAMES])
            more = len(self._unread) - _MOST_NAMES
            names += f" and {more:,} more" if more > 0 else ""
            return f"No input of the network reads {names}."
        return ""
