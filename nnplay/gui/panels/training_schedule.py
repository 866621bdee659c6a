"""How the learning rate changes while training goes on, with a drawing of what is to come."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QWidget

from nnplay.core.config import TrainingConfig
from nnplay.core.schedules import SCHEDULES
from nnplay.gui.panels.coming_rates import coming_rates
from nnplay.gui.panels.refresh import Refresher
from nnplay.gui.panels.schedule_preview import SchedulePreview
from nnplay.gui.panels.setting_rows import SettingsSection
from nnplay.gui.panels.words import count
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import label
from nnplay.session.session import Session

__all__ = ["ScheduleSection"]

_EPOCH_WORDS: Final = {
    "step": "Every … epochs",
    "exponential": "Once in … epochs",
    "cosine": "Epochs to the end",
    "one_cycle": "Epochs of the cycle",
    "plateau": "Patience in epochs",
}
_FACTOR_WORDS: Final = {
    "step": "Multiply by",
    "exponential": "Multiply by",
    "cosine": "Share at the end",
    "plateau": "Multiply by",
}
_WARMUPS: Final = (1, 2, 5, 10, 20, 50)
_TIPS: Final = {
    "schedule": "How the learning rate changes over the epochs: large steps to begin with, small "
    "ones to settle.",
    "schedule_epochs": "How many epochs the schedule takes, or waits.",
    "schedule_factor": "How much of the learning rate is left each time.",
    "warmup_epochs": "Over so many epochs the rate rises from almost 0 to its full size, so that "
    "the first steps do no harm.",
}


class ScheduleSection(SettingsSection):
    """Schedule, its numbers, warm-up, and the curve of the rate."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(session, theme, "Learning rate over time", parent, name="schedule")

    def build(self) -> None:
        self.schedule = self.choice(
            "schedule",
            "Schedule",
            _TIPS["schedule"],
            [(row.name, row.title) for row in SCHEDULES.values()],
        )
        self.schedule_epochs = self.number(
            "schedule_epochs",
            "Epochs",
            _TIPS["schedule_epochs"],
            minimum=1,
            maximum=1_000_000,
            step=10,
            is_integer=True,
        )
        self.schedule_factor = self.number(
            "schedule_factor",
            "Multiply by",
            _TIPS["schedule_factor"],
            step=0.05,
            check=self._factor_problem,
        )
        self.warmup_epochs = self.optional(
            "warmup_epochs",
            "Warm-up epochs",
            _TIPS["warmup_epochs"],
            _WARMUPS,
            is_integer=True,
        )
        self.preview = SchedulePreview(self._theme, self.body)
        self.add(self.preview)
        self.remark = label("", "small", self.body)
        self.remark.setWordWrap(True)
        self.add(self.remark)
        self._shown_for: tuple[object, ...] = ()
        self._refresher = Refresher(self.preview, self._show_curve, 200)
        self._session.history_changed.connect(self._refresher.request)
        self._session.frame_arrived.connect(self._refresher.request)
        self._session.data_changed.connect(self._refresher.request)

    def show_settings(self, config: TrainingConfig) -> None:
        super().show_settings(config)
        self.rows["schedule"].say_more(
            f"{SCHEDULES[config.schedule].sentence}\n{SCHEDULES[config.schedule].formula}"
        )
        for key, table in (("schedule_epochs", _EPOCH_WORDS), ("schedule_factor", _FACTOR_WORDS)):
            words = table.get(config.schedule, "")
            row = self.rows[key]
            row.set_shown(key in SCHEDULES[config.schedule].settings)
            row.set_words(words)
        moves = config.schedule != "constant" or config.warmup_epochs > 0
        self.preview.setVisible(moves)
        self.remark.setVisible(config.schedule == "plateau")
        if moves:
            self._refresher.request()

    def summary(self, config: TrainingConfig) -> str:
        words = []
        if config.warmup_epochs:
            words.append("warm-up")
        if config.schedule != "constant" or not words:
            words.append(SCHEDULES[config.schedule].title.lower())
        if config.schedule in _EPOCH_WORDS:
            words.append(count(config.schedule_epochs, "epoch"))
        return ", ".join(words)

    def _show_curve(self) -> None:
        session = self._session
        state, now = session.live_document.state, float(session.shown_epoch)
        shown_for = (session.training, session.batches_per_epoch, dict(state.counters))
        shown = self.preview.curve()[0]
        if shown_for == self._shown_for and shown.size and now <= shown[-1]:
            self.preview.set_now(now)
        else:
            self._shown_for = shown_for
            batches = max(1, session.batches_per_epoch)
            self.preview.set_curve(*coming_rates(session.training, state, batches), now)
        self.remark.setText(
            "When the loss stays on a plateau is known only while training; the curve shows the "
            "rate as it is now."
        )

    def _factor_problem(self, value: float) -> str | None:
        if self._session.training.schedule == "cosine":
            return None if 0 <= value <= 1 else "Please use a share from 0 to 1."
        return None if 0 < value <= 1 else "Please use a number above 0, up to 1."
