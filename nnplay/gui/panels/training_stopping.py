"""When training stops by itself."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QWidget

from nnplay.core.config import TrainingConfig
from nnplay.gui.panels.setting_rows import SettingsSection
from nnplay.gui.panels.words import count, plain_number
from nnplay.gui.theme import Theme
from nnplay.session.session import Session

__all__ = ["StoppingSection"]

_EPOCHS: Final = (10, 50, 100, 200, 500, 1000, 5000)
_SECONDS: Final = (5.0, 10.0, 30.0, 60.0, 300.0)
_LOSSES: Final = (0.0001, 0.001, 0.01, 0.05, 0.1)
_IMPROVEMENTS: Final = (0.00001, 0.0001, 0.001, 0.01)


class StoppingSection(SettingsSection):
    """Limits, and early stopping."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(session, theme, "When to stop", parent, name="stopping")

    def build(self) -> None:
        self.stop_epoch = self.optional(
            "stop_epoch",
            "At epoch",
            "Training stops when it has come to this epoch.",
            _EPOCHS,
            is_integer=True,
        )
        self.stop_seconds = self.optional(
            "stop_seconds",
            "After seconds",
            "Training stops when it has run for so many seconds.",
            _SECONDS,
        )
        self.stop_loss = self.optional(
            "stop_loss",
            "At training loss",
            "Training stops as soon as the training loss is this small.",
            _LOSSES,
        )
        self.early_stopping = self.check(
            "early_stopping",
            "Stop early",
            "Early stopping: training stops when the test loss gets no better, and goes back to the "
            "best weights. Without test data the training loss decides.",
        )
        self.patience = self.number(
            "patience",
            "Patience in epochs",
            "For how many epochs the loss may get no better before training stops.",
            minimum=1,
            maximum=1_000_000,
            step=1,
            is_integer=True,
        )
        self.min_improvement = self.optional(
            "min_improvement",
            "Least improvement",
            "How much smaller the loss must become to count as better; off: any bit counts.",
            _IMPROVEMENTS,
        )

    def show_settings(self, config: TrainingConfig) -> None:
        super().show_settings(config)
        for key in ("patience", "min_improvement"):
            self.rows[key].set_shown(config.early_stopping)

    def summary(self, config: TrainingConfig) -> str:
        words = []
        if config.stop_epoch:
            words.append(f"epoch {config.stop_epoch:,}")
        if config.stop_seconds:
            words.append(f"{plain_number(config.stop_seconds)} s")
        if config.stop_loss:
            words.append(f"loss {plain_number(config.stop_loss)}")
        if config.early_stopping:
            words.append(f"early, {count(config.patience, 'epoch')}")
        return ", ".join(words) or "by hand"
