"""Live numbers of training: epoch, step, losses and accuracies of both parts."""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from nnplay.gui.panels.pace import rate_text
from nnplay.gui.panels.words import short_exponent
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import label, separator
from nnplay.session.session import Session

__all__ = ["TrainingNumbers"]

_WIDTH: Final = 76
_TIPS: Final = {
    "Loss": "How far the outputs are from the targets, as one number; training makes it smaller. "
    "Penalties for large weights are not included.",
    "Accuracy": "Share of the samples whose class is predicted correctly.",
    "Epoch": "One epoch goes once through all training samples.",
    "Step": "One step looks at one batch of samples and then changes the weights once.",
    "Speed": "Steps and epochs per second, and steps from one picture on the screen to the next.",
}


class TrainingNumbers(QFrame):
    """A small table that never changes its shape while numbers run.

    Below it stands why the latest run ended by itself, for whoever has missed the notice.
    """

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._theme = session, theme
        self.setProperty("role", "box")
        grid = QGridLayout(self)
        grid.setContentsMargins(12, 9, 12, 9)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(5)
        for column in (1, 2):
            grid.setColumnStretch(column, 1)
        self._grid = grid
        # How far training is stands in a line of its own: below are columns for both parts.
        progress = QHBoxLayout()
        progress.setSpacing(6)
        self.epoch = self._progress("Epoch", progress)
        self.step = self._progress("Step", progress)
        grid.addLayout(progress, 0, 0, 1, 3)
        pace = QHBoxLayout()
        pace.setSpacing(0)
        self.steps_per_second = self._pace("Steps per second", "steps/s", pace)
        self.epochs_per_second = self._pace("Epochs per second", "epochs/s", pace)
        self.steps_per_frame = self._pace("Steps per frame", "steps/frame", pace)
        grid.addLayout(pace, 1, 0, 1, 3)
        grid.addWidget(separator(vertical=False, parent=self), 2, 0, 1, 3)
        for column, words in ((1, "train"), (2, "test")):
            head = label(words, "small", self)
            head.setAlignment(Qt.AlignmentFlag.AlignRight)
            grid.addWidget(head, 3, column)
        self._word("Loss", 4)
        self.loss_train = self._number("Loss", 4, 1, "training")
        self.loss_test = self._number("Loss", 4, 2, "test")
        self._accuracy_word = self._word("Accuracy", 5)
        self.accuracy_train = self._number("Accuracy", 5, 1, "training")
        self.accuracy_test = self._number("Accuracy", 5, 2, "test")
        self.ending = label("", "small", self)
        self.ending.setWordWrap(True)
        self.ending.hide()
        grid.addWidget(self.ending, 6, 0, 1, 3)
        self.refresh()

    def _pace(self, name: str, unit: str, line: QHBoxLayout) -> QLabel:
        """A number above its unit, in a third of a line."""
        number = self._digits(name, "Speed")
        words = label(unit, "small", self)
        words.setToolTip(_TIPS["Speed"])
        part = QVBoxLayout()
        part.setSpacing(0)
        part.addWidget(number)
        part.addWidget(words)
        line.addLayout(part, 1)
        return number

    def _progress(self, what: str, line: QHBoxLayout) -> QLabel:
        """``Epoch 60`` at the beginning of its half of a line."""
        half = QHBoxLayout()
        half.setSpacing(6)
        name, number = self._named(what), self._digits(what)
        half.addWidget(name)
        half.addWidget(number)
        half.addStretch(1)
        line.addLayout(half, 1)
        return number

    def _word(self, what: str, row: int) -> QLabel:
        name = self._named(what)
        self._grid.addWidget(name, row, 0)
        return name

    def _named(self, what: str) -> QLabel:
        name = label(what, "secondary", self)
        name.setToolTip(_TIPS[what])
        return name

    def _number(self, what: str, row: int, column: int, part: str = "") -> QLabel:
        number = self._digits(f"{what} {part}", what)
        number.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._grid.addWidget(number, row, column, Qt.AlignmentFlag.AlignRight)
        return number

    def _digits(self, name: str, what: str = "") -> QLabel:
        number = label("", "", self)
        number.setFont(self._theme.mono_font(12, QFont.Weight.Medium))
        number.setToolTip(_TIPS[what or name])
        number.setAccessibleName(name)
        # Of fixed size, so that another number lays nothing out anew.
        number.setFixedSize(_WIDTH, number.fontMetrics().height())
        return number

    def refresh(self) -> None:
        """Take the numbers from the session."""
        session = self._session
        self.epoch.setText(f"{session.shown_epoch:,}")
        self.step.setText(f"{session.shown_step:,}")
        self._show_pace()
        ending = session.run_state.ending
        if ending != self.ending.text():
            self.ending.setText(ending)
        self.ending.setVisible(bool(ending))
        losses = session.losses
        is_classification = session.prepared is not None and session.prepared.is_classification
        for widget in (self._accuracy_word, self.accuracy_train, self.accuracy_test):
            widget.setVisible(is_classification)
        if losses is None:
            for number in (self.loss_train, self.loss_test):
                number.setText("–")
            self.accuracy_train.setText("–")
            self.accuracy_test.setText("–")
            return
        self.loss_train.setText(loss_text(losses.loss_train))
        self.loss_test.setText(loss_text(losses.loss_test))
        self.accuracy_train.setText(share_text(losses.accuracy_train))
        self.accuracy_test.setText(share_text(losses.accuracy_test))

    def _show_pace(self) -> None:
        run, running = self._session.run_state, self._session.is_running
        for number, value in (
            (self.steps_per_second, run.steps_per_second),
            (self.epochs_per_second, run.epochs_per_second),
            (self.steps_per_frame, run.steps_per_frame),
        ):
            number.setText(rate_text(value) if running and value > 0 else "–")


def loss_text(loss: float | None) -> str:
    """A loss with four decimals, with an exponent when that would hide it."""
    if loss is None or not math.isfinite(loss):
        return "–"
    if 0 < loss < 0.00005 or loss >= 1e5:
        return short_exponent(f"{loss:.1e}")
    return f"{loss:.4f}"


def share_text(share: float | None) -> str:
    """A share as percent with one decimal."""
    if share is None or not math.isfinite(share):
        return "–"
    return f"{100 * share:.1f} %"
