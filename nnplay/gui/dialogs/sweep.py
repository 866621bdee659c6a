"""Compares settings: trains the network with several values and seeds, beside the window."""

from __future__ import annotations

import os
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from nnplay.gui.dialogs.frame import MARGIN, Dialog
from nnplay.gui.dialogs.sweep_results import SweepResults
from nnplay.gui.dialogs.sweep_values import SettingValues
from nnplay.gui.dialogs.whole_number import WholeNumberField
from nnplay.gui.panels.form import FieldNote, Section
from nnplay.gui.panels.words import count
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import label
from nnplay.session.session import Session
from nnplay.session.sweeping import Sweeping
from nnplay.sweeps.plan import MOST_RUNS
from nnplay.sweeps.results import SweepResult, SweepRow
from nnplay.sweeps.running import SweepProgress
from nnplay.sweeps.usual import comparable_settings

__all__ = ["SweepDialog"]

_LONGEST_END: Final = 3.0
_SCALE: Final = 1000
_SEEDS: Final = {
    "empty": "Write how many seeds, such as 3.",
    "number": "“{text}” is no number of seeds. Write a whole one, such as 3.",
    "small": "Every value needs at least one seed.",
    "large": "100 seeds are the most.",
}
_EPOCHS: Final = {
    "empty": "Write how many epochs, such as 100.",
    "number": "“{text}” is no number of epochs. Write a whole one, such as 100.",
    "small": "Each run needs at least one epoch.",
    "large": "A million epochs are the most.",
}
_JOBS: Final = {
    "empty": "Write how many runs go on side by side, such as 2.",
    "number": "“{text}” is no number of runs. Write a whole one, such as 2.",
    "small": "At least one run goes on at a time.",
    "large": "64 runs side by side are the most.",
}


class SweepDialog(Dialog):
    """Not modal: the window goes on while runs are trained, and so does the present network.

    The document is taken as it is when *Start* is pressed. Closing ends what is under way.
    """

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(
            theme,
            "Compare settings",
            "Compare settings",
            "Train your network from new weights with each of these values, several times with "
            "different seeds. Your network stays as it is.",
            parent,
        )
        self.setModal(False)
        self.resize(1120, 700)
        self._session = session
        self._sweeping: Sweeping = session.sweeping
        names = comparable_settings(session.document)
        document = session.document
        self.first = SettingValues(theme, document, names, "First setting", self)
        self.second = SettingValues(
            theme, document, names, "Second setting", self, may_be_nothing=True
        )
        self.seeds = WholeNumberField(theme, 3, 1, 100, _SEEDS, self)
        self.seeds.setAccessibleName("Seeds per value")
        self.seeds.setToolTip("How often each value is tried, with other weights and shuffling")
        self.epochs = WholeNumberField(theme, 100, 1, 1_000_000, _EPOCHS, self)
        self.epochs.setAccessibleName("Epochs per run")
        self.jobs = WholeNumberField(theme, min(os.cpu_count() or 1, 64), 1, 64, _JOBS, self)
        self.jobs.setAccessibleName("Runs side by side")
        self.jobs.setToolTip("How many processors may work for this")
        self.note = FieldNote(self)
        self.estimate = label("", "secondary", self)
        self.estimate.setWordWrap(True)
        self.results = SweepResults(theme, self)
        self.bar = QProgressBar(self)
        self.bar.setRange(0, _SCALE)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress of the comparison")
        self.status = label("", "secondary", self)
        self._lay_out()
        self.export_button = self.add_button("Export table…", self._export, on_left=True)
        self.close_button = self.add_button("Close", self.reject)
        self.use_button = self.add_button("Use this result", self._use)
        self.start_button = self.add_button("Start", self._start_or_cancel, is_default=True)
        self.first.changed.connect(self._changed)
        self.second.changed.connect(self._changed)
        for field in (self.seeds, self.epochs, self.jobs):
            field.textChanged.connect(self._changed)
        self.results.row_selected.connect(self._show_buttons)
        self._sweeping.progressed.connect(self._progressed)
        self._sweeping.row_arrived.connect(self._row_arrived)
        self._sweeping.finished.connect(self._finished)
        self._sweeping.failed.connect(self._failed)
        self._was_asked_to_end = False
        self._changed()
        self._show_running()
        self.start_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _lay_out(self) -> None:
        first = Section("Compare", self)
        first.body.addWidget(self.first)
        second = Section("And", self)
        second.body.addWidget(self.second)
        numbers = QHBoxLayout()
        numbers.setSpacing(10)
        for caption, field in (
            ("Seeds", self.seeds),
            ("Epochs", self.epochs),
            ("At a time", self.jobs),
        ):
            section = Section(caption, self)
            section.body.addWidget(field)
            numbers.addWidget(section, 1)
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(first)
        left.addWidget(second)
        left.addLayout(numbers)
        left.addWidget(self.note)
        left.addWidget(self.estimate)
        left.addStretch(1)
        place = QWidget(self)
        left.setContentsMargins(0, 0, 0, 0)
        place.setLayout(left)
        place.setFixedWidth(316)
        row = QHBoxLayout()
        row.setSpacing(MARGIN)
        row.addWidget(place)
        row.addWidget(self.results, 1)
        self.body.addLayout(row, 1)
        progress = QHBoxLayout()
        progress.setSpacing(12)
        progress.addWidget(self.bar, 1)
        progress.addWidget(self.status)
        self.body.addLayout(progress)

    # ------------------------------------------------------------------ what is asked for
    @property
    def problem(self) -> str:
        """Why it cannot be started, as a sentence, or an empty text."""
        fields = (self.seeds, self.epochs, self.jobs)
        problems = [self.first.problem(), self.second.problem(), *(f.problem() for f in fields)]
        found = next((text for text in problems if text), "")
        if not found and self.run_count > MOST_RUNS:
            found = f"These are {self.run_count:,} runs; choose fewer values or seeds."
        return found

    @property
    def run_count(self) -> int:
        """How many runs these settings make."""
        second = len(self.second.values) if self.second.setting else 1
        return len(self.first.values) * second * self.seeds.number()

    def _changed(self) -> None:
        self.second.exclude(self.first.setting)
        self.first.exclude(self.second.setting)
        for field in (self.seeds, self.epochs, self.jobs):
            field.mark()
        problem = self.problem
        self.note.say(problem)
        self.estimate.setVisible(not problem)
        if not problem:
            self.estimate.setText(self._estimate())
        self._show_buttons()

    def _estimate(self) -> str:
        parts = [count(len(self.first.values), "value")]
        if self.second.setting:
            parts.append(count(len(self.second.values), "value"))
        parts.append(count(self.seeds.number(), "seed"))
        runs = count(self.run_count, "run")
        return f"{' × '.join(parts)} = {runs} of {count(self.epochs.number(), 'epoch')}."

    # ------------------------------------------------------------------ a comparison
    def _start_or_cancel(self) -> None:
        if self._sweeping.is_running:
            self._cancel()
        elif not self.problem:
            self._start()

    def _start(self) -> None:
        settings = {self.first.setting: self.first.values}
        if self.second.setting:
            settings[self.second.setting] = self.second.values
        problem = self._sweeping.start(
            settings, self.seeds.number(), self.epochs.number(), self.jobs.number()
        )
        if problem:
            self.note.say(problem)
            return
        sweep = self._sweeping.sweep
        assert sweep is not None  # noqa: S101 - it has just been started
        self._was_asked_to_end = False
        self.results.begin(sweep)
        self.bar.setValue(0)
        self.status.setText("Starting worker processes …")
        self._show_running()

    def _cancel(self) -> None:
        self._was_asked_to_end = True
        self.status.setText("Stopping …")
        self.start_button.setEnabled(False)
        self._sweeping.cancel()

    def _progressed(self, progress: SweepProgress) -> None:
        if self._was_asked_to_end:
            return
        self.bar.setValue(round(_SCALE * progress.share))
        if progress.epochs:
            self.status.setText(f"{progress.finished:,} of {count(progress.runs, 'run')} done")

    def _row_arrived(self, row: SweepRow) -> None:
        self.results.add(row)

    def _finished(self, result: SweepResult) -> None:
        self.results.finish(result)
        done = sum(row.is_done for row in result.rows)
        if result.was_cancelled:
            ended = len(self.results.rows)
            self.status.setText(f"Cancelled after {ended:,} of {count(len(result.rows), 'run')}")
        else:
            bad = len(result.rows) - done
            self.bar.setValue(_SCALE)
            self.status.setText(
                f"{count(done, 'run')} done" + (f", {bad:,} without result" if bad else "")
            )
        self._show_running()

    def _failed(self, sentence: str) -> None:
        self.results.fail(sentence)
        self.status.setText("Failed")
        self._show_running()

    # ------------------------------------------------------------------ what follows
    def _use(self) -> None:
        row = self.results.selected()
        if row is not None and self._sweeping.use(row):
            self.status.setText("This is your network now; undo brings the old one back.")

    def _export(self) -> None:
        from PySide6.QtWidgets import QFileDialog

        name, _ = QFileDialog.getSaveFileName(
            self,
            "Export table",
            str(self._session.settings.last_folder / "comparison.csv"),
            "CSV files (*.csv)",
        )
        result = self.results.result
        if name and result is not None:
            problem = self._sweeping.export(result, name)
            self.status.setText(problem or "The table is written.")

    # ------------------------------------------------------------------ what can be pressed
    def _show_buttons(self) -> None:
        running = self._sweeping.is_running
        row = self.results.selected()
        self.use_button.setEnabled(row is not None and row.document is not None)
        self.export_button.setEnabled(not running and self.results.result is not None)
        can_start = not running and not self.problem
        self.start_button.setEnabled(can_start or (running and not self._was_asked_to_end))
        has_result = self.results.result is not None and not running
        _make_primary(self.use_button, has_result)
        _make_primary(self.start_button, not has_result)

    def _show_running(self) -> None:
        running = self._sweeping.is_running
        again = "Start again" if self.results.result is not None else "Start"
        self.start_button.setText("Cancel" if running else again)
        for widget in (self.first, self.second, self.seeds, self.epochs, self.jobs):
            widget.setEnabled(not running)
        policy = self.bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.bar.setSizePolicy(policy)
        self.bar.setVisible(running)
        self._show_buttons()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Esc ends what is under way first, then closes.
        if event.key() == Qt.Key.Key_Escape and self._sweeping.is_running:
            self._cancel()
            event.accept()
            return
        super().keyPressEvent(event)

    def done(self, result: int) -> None:
        self._sweeping.end(_LONGEST_END)
        super().done(result)


def _make_primary(button: QPushButton, on: bool) -> None:
    """Make a button the one that Return presses and the eye finds first, or one like the others."""
    if button.isDefault() != on or bool(button.property("role")) != on:
        button.setDefault(on)
        button.setProperty("role", "primary" if on else "")
        button.style().unpolish(button)
        button.style().polish(button)
