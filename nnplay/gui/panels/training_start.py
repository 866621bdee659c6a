"""Where training starts: initial weights, and all that is left to chance."""

from __future__ import annotations

import random
from typing import Final

from PySide6.QtWidgets import QHBoxLayout, QWidget

from nnplay.core.config import TrainingConfig
from nnplay.core.initializers import INITIALIZERS
from nnplay.gui.panels.setting_row import NUMBER_WIDTH
from nnplay.gui.panels.setting_rows import SettingsSection
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import NumberField, icon_button, label
from nnplay.session.session import Session
from nnplay.session.setup_editing import MAX_SEED

__all__ = ["StartSection"]

_NO_SEED: Final = -1.0


class StartSection(SettingsSection):
    """Initialiser, seed, draw, and the order of samples."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(session, theme, "Start", parent, name="start")

    def build(self) -> None:
        self.initializer = self.choice(
            "initializer",
            "Initial weights",
            "How new initial weights are drawn. It takes effect with “New initial weights”.",
            [(row.name, row.title) for row in INITIALIZERS.values()],
        )
        self.initial_value = self.number(
            "initial_value", "Value of all", "Every new initial weight is this number.", step=0.1
        )
        self.seed = NumberField(0, self.body, minimum=0, maximum=MAX_SEED, step=1, is_integer=True)
        self.seed.value_changed.connect(self._seed_changed)
        self.dice = icon_button(self._theme, "dice", "Another seed", self._roll, self.body)
        self.dice.setFixedSize(28, 28)
        self.draw = label("", "small", self.body)
        self.draw.setToolTip(
            "How often “New initial weights” was used with this seed. Seed and draw together give "
            "the same initial weights again."
        )
        both = QWidget(self.body)
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.draw)
        row.addSpacing(4)
        self.seed.setFixedWidth(NUMBER_WIDTH)
        row.addWidget(self.seed)
        row.addWidget(self.dice)
        self.place(
            "seed",
            "Seed",
            "One number behind all chance: data, split and the order of samples. The same seed "
            "gives the same curve, to the last digit.",
            self.seed,
            both,
        )
        self.shuffle = self.check(
            "shuffle",
            "New order in every epoch",
            "Samples are drawn in a new order every epoch, so that no batch is always the same.",
        )
        self.shuffle_seed = self.optional(
            "shuffle_seed",
            "Seed of the order",
            "A seed of its own for the order of samples; usually it is the seed above.",
            (0, 1, 2, 3, 4, 5),
            off=_NO_SEED,
            off_text="the same",
            is_integer=True,
            check=_seed_problem,
        )

    def change(self, key: str, value: object, gesture: int | None = None) -> bool:
        if key == "shuffle_seed" and value == _NO_SEED:
            value = None
        return super().change(key, value, gesture)

    def show_settings(self, config: TrainingConfig) -> None:
        super().show_settings(config)
        self.rows["seed"].show_value(self._session.seed)
        self.rows["initializer"].say_more(INITIALIZERS[config.initializer].formula)
        self.rows["initial_value"].set_shown(INITIALIZERS[config.initializer].takes_value)
        self.rows["shuffle_seed"].set_shown(config.shuffle)
        draw = self._session.document.draw
        self.draw.setText(f"draw {draw:,}")
        self.draw.setVisible(draw > 0)

    def summary(self, config: TrainingConfig) -> str:
        draw = self._session.document.draw
        title = INITIALIZERS[config.initializer].title
        words = f"{title}, seed {self._session.seed}"
        return f"{words}, draw {draw}" if draw else words

    def _seed_changed(self, value: float) -> None:
        self.rows["seed"].note.clear()
        if not self._session.set_seed(int(value)):
            self.refresh(self._session.training)

    def _roll(self) -> None:
        self._session.set_seed(random.randrange(1, 10_000))


def _seed_problem(value: float) -> str | None:
    if 0 <= value <= MAX_SEED:
        return None
    return f"Please use a number from 0 to {MAX_SEED}."
