"""Finds a learning rate: tries ever larger ones on a copy of the network and draws the loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from nnplay.gui.dialogs.frame import Dialog
from nnplay.gui.dialogs.rate_chart import RateChart
from nnplay.gui.dialogs.whole_number import WholeNumberField
from nnplay.gui.panels.form import FieldNote, Section
from nnplay.gui.panels.rate_field import above_0
from nnplay.gui.panels.words import plain_number
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import NumberField, caption_label, label
from nnplay.session.session import Session

if TYPE_CHECKING:
    from nnplay.core.rate_finder import RateCurve

__all__ = ["RateFinderDialog"]

_LONGEST_END: Final = 2.0
_LOWEST, _HIGHEST, _STEPS = 1e-5, 10.0, 200
_SENTENCES: Final = {
    "empty": "Write how many steps, such as 100.",
    "number": "“{text}” is no number of steps. Write a whole one, such as 100.",
    "small": "A curve needs at least 20 steps.",
    "large": "10,000 steps are the most.",
}


class RateFinderDialog(Dialog):
    """It begins by itself; the network and its training stay as they are until a rate is used."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(
            theme,
            "Find a learning rate",
            "Find a learning rate",
            "A copy of your network is trained with a larger rate at every step. Where the loss "
            "falls fastest, learning is quick; where it shoots up, the rate is too large.",
            parent,
        )
        self.resize(720, 560)
        self._finding = session.rate_finding
        self._suggestion: float | None = None
        self._now = session.training.learning_rate
        self.chart = RateChart(theme, self)
        self.lowest = self._rate_field("Lowest rate", _LOWEST)
        self.highest = self._rate_field("Highest rate", _HIGHEST)
        self.steps = WholeNumberField(theme, _STEPS, 20, 10_000, _SENTENCES, self)
        self.steps.setAccessibleName("Steps")
        self.steps.textChanged.connect(self._changed)
        self.note = FieldNote(self)
        self.status = label("", "", self)
        self.status.setWordWrap(True)
        self.status.setMinimumHeight(2 * self.status.fontMetrics().lineSpacing() + 2)
        self.status.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._lay_out()
        self.again_button = self.add_button("Search again", self._again_or_cancel, on_left=True)
        self.close_button = self.add_button("Close", self.reject)
        self.use_button = self.add_button("Use it", self._use, is_default=True)
        self._finding.advanced.connect(self.chart.add_point)
        self._finding.found.connect(self._found)
        self._finding.failed.connect(self._failed)
        self.start()
        self.close_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _rate_field(self, name: str, value: float) -> NumberField:
        field = NumberField(value, self, decimals=None, check=above_0)
        field.setAccessibleName(name)
        field.value_changed.connect(self._changed)
        return field

    def _lay_out(self) -> None:
        frame = QFrame(self)
        frame.setProperty("role", "panel")
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(10, 8, 6, 4)
        inside.setSpacing(4)
        inside.addWidget(caption_label("Loss over learning rate", self))
        inside.addWidget(self.chart, 1)
        fields = QHBoxLayout()
        fields.setSpacing(10)
        for caption, field in (
            ("From", self.lowest),
            ("To", self.highest),
            ("Steps", self.steps),
        ):
            section = Section(caption, self)
            section.body.addWidget(field)
            fields.addWidget(section, 1)
        self.body.setSpacing(10)
        self.body.addWidget(frame, 1)
        self.body.addWidget(self.status)
        self.body.addLayout(fields)
        self.body.addWidget(self.note)

    # ------------------------------------------------------------------ searching
    @property
    def problem(self) -> str:
        """Why it cannot be searched, as a sentence, or an empty text."""
        if self.steps.problem():
            return self.steps.problem()
        if self.lowest.value() >= self.highest.value():
            return "The highest rate must be above the lowest."
        return ""

    def start(self) -> None:
        """Search from the beginning."""
        if self.problem or self._finding.is_running:
            return
        self._suggestion = None
        self.chart.clear_points(self.lowest.value(), self.highest.value())
        self.status.setText("Searching …")
        self._finding.start(self.lowest.value(), self.highest.value(), self.steps.number())
        self._show()

    def _again_or_cancel(self) -> None:
        if self._finding.is_running:
            self._finding.cancel()
        else:
            self.start()

    def _found(self, curve: RateCurve) -> None:
        self._suggestion = None if curve.suggestion is None else float(f"{curve.suggestion:.1g}")
        self.chart.suggest(self._suggestion)
        now = f" Now it is {plain_number(self._now, 3)}."
        self.status.setText(curve.sentence + (now if self._suggestion is not None else ""))
        self._show()
        if self._suggestion is not None:
            self.use_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _failed(self, sentence: str) -> None:
        self.status.setText(sentence or "Cancelled. Search again whenever you like.")
        self._show()

    def _use(self) -> None:
        if self._suggestion is not None:
            self._finding.use(self._suggestion)
            self.accept()

    def _changed(self) -> None:
        self.steps.mark()
        self.note.say(self.problem)
        self._show()

    def _show(self) -> None:
        running = self._finding.is_running
        self.again_button.setText("Cancel" if running else "Search again")
        self.again_button.setEnabled(running or not self.problem)
        self.use_button.setEnabled(self._suggestion is not None and not running)
        what = "it" if self._suggestion is None else plain_number(self._suggestion, 2)
        self.use_button.setText(f"Use {what}")

    def done(self, result: int) -> None:
        self._finding.end(_LONGEST_END)
        super().done(result)
