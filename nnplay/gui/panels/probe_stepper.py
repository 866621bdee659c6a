"""Which row of the data the probe is: a number to type, and the rows before and after it."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from nnplay.data.preparation import PreparedData
from nnplay.gui.panels.probe_words import target_text
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import Choice, NumberField, label
from nnplay.session.session import Session

__all__ = ["RowStepper"]

IntArray = npt.NDArray[np.int64]
_PARTS: Final = (
    ("all", "all rows"),
    ("train", "training rows"),
    ("test", "test rows"),
)


class _RowField(NumberField):
    """The number of a row; a dash while the probe is at none, so that any number can be typed."""

    def text_of(self, value: float) -> str:
        """A row number, or a dash for 0."""
        return super().text_of(value) if value >= 1 else "–"


class RowStepper(QWidget):
    """``‹ Row 12 of 250 ›``; Page Up and Page Down step as well while the keyboard is here.

    Attributes:
        part: which rows are stepped through; whoever makes the stepper finds a place for it.
    """

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._theme = session, theme
        self._latest = 0
        self._sorted: tuple[PreparedData, str, IntArray] | None = None
        self.previous = self._button("Previous row", "Page Up", -1)
        self.next = self._button("Next row", "Page Down", 1)
        self.field = _RowField(0.0, self, minimum=1.0, step=1.0, is_integer=True)
        self.field.setFixedWidth(62)
        self.field.setAccessibleName("Row of the data")
        self.field.set_hint("Type the number of a row; Page Up and Page Down step through them.")
        self.field.value_changed.connect(self._typed)
        self.of = label("", "secondary", self)
        self.part = Choice(_PARTS, self, name="Rows to step through")
        self.part.setToolTip("Which rows the arrows step through")
        self.place = label("", "secondary", self)
        self.place.setWordWrap(True)
        line = QHBoxLayout()
        line.setSpacing(4)
        line.addWidget(self.previous)
        line.addWidget(label("Row", "secondary", self))
        line.addWidget(self.field)
        line.addWidget(self.of)
        line.addWidget(self.next)
        line.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(line)
        layout.addWidget(self.place)
        theme.changed.connect(self._draw_icons)
        self._draw_icons()

    def _button(self, name: str, key: str, direction: int) -> QToolButton:
        button = QToolButton(self)
        button.setProperty("role", "flag")
        button.setFixedSize(22, 26)
        button.setIconSize(QSize(15, 15))
        button.setAutoRepeat(True)
        # A click takes the keyboard, so that a number half typed elsewhere is taken over first.
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setAccessibleName(name)
        button.setToolTip(f"{name} ({key}); after the last comes the first")
        button.clicked.connect(lambda: self.step(direction))
        return button

    def _draw_icons(self) -> None:
        self.previous.setIcon(self._theme.icon("chevron_left", "secondary", 15))
        self.next.setIcon(self._theme.icon("chevron_right", "secondary", 15))

    # ------------------------------------------------------------------ what is shown
    def refresh(self, prepared: PreparedData | None) -> None:
        """Show where the probe is; without data that fit the network there are no rows."""
        rows = 0 if prepared is None else prepared.sample_count
        for widget in (self.previous, self.next, self.field, self.part):
            widget.setEnabled(rows > 0)
        if prepared is None:
            self.of.setText("")
            self.place.setText("The numbers below go straight into the inputs.")
            return
        self.of.setText(f"of {rows:,}")
        self.field.set_range(1.0, float(rows))
        row = self._session.probe.row
        if row is None:
            self.field.set_value(0.0)
            self.place.setText("A point of your own")
            return
        self._latest = row
        self.field.set_value(row + 1.0)
        part = "A test row" if (prepared.test_rows == row).any() else "A training row"
        target = target_text(self._session)
        self.place.setText(f"{part}, which should give {target}" if target else part)

    def _rows(self, prepared: PreparedData, part: str) -> IntArray:
        known = self._sorted
        if known is None or known[0] is not prepared or known[1] != part:
            parts = {"train": prepared.train_rows, "test": prepared.test_rows}
            rows = parts.get(part)
            ordered = np.arange(prepared.sample_count) if rows is None else np.sort(rows)
            known = self._sorted = prepared, part, ordered
        return known[2]

    # ------------------------------------------------------------------ the hand
    def step(self, direction: int) -> None:
        """Go to the next (1) or previous (-1) row of the chosen part, round the ends."""
        prepared = self._session.prepared
        if prepared is None or not self.next.isEnabled():
            return
        rows = self._rows(prepared, self.part.value())
        if not len(rows):
            self.place.setText("No row is kept for testing.")
            return
        if direction > 0:
            place = int(np.searchsorted(rows, self._latest, side="right"))
        else:
            place = int(np.searchsorted(rows, self._latest, side="left")) - 1
        self._go(int(rows[place % len(rows)]))

    def _typed(self, number: float, gesture: int) -> None:
        self._go(int(number) - 1)

    def _go(self, row: int) -> None:
        self._latest = row
        self._session.probe_row(row)
        self.field.set_value(row + 1.0, force=True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self.field.commit()
            self.step(1 if key == Qt.Key.Key_PageDown else -1)
        else:
            super().keyPressEvent(event)
