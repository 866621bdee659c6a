"""Settings of training; each applies at once, also while training runs."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from nnplay.core.initializers import INITIALIZERS
from nnplay.core.losses import LOSSES
from nnplay.core.optimizers import OPTIMIZERS
from nnplay.core.targets import pairing_problem
from nnplay.gui.panels.form import FieldNote, HintBox, Section
from nnplay.gui.panels.rate_field import LEARNING_RATES, PENALTY_RATES, RateField, above_0
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import Choice, NumberField, icon_button, label
from nnplay.session.pairing import pairing_notice
from nnplay.session.session import Session
from nnplay.session.setup_editing import MAX_SEED

__all__ = ["TrainingSettings"]

_FIELD_WIDTH: Final = 178
_TIPS: Final = {
    "learning_rate": "How far each step moves the weights against the gradient. Too small learns "
    "slowly; too large jumps about or runs away.",
    "batch_size": "Samples per step. Small batches make quick, noisy steps; large ones slow, "
    "steady steps.",
    "optimizer": "How gradients become steps. Momentum keeps rolling, Adam finds a step size of "
    "its own for every weight.",
    "momentum": "Share of the last step that is kept. 0.9 remembers about ten steps.",
    "beta1": "Share of the mean gradient that Adam keeps from step to step.",
    "beta2": "Share of the mean squared gradient that Adam keeps from step to step.",
    "loss": "What training makes smaller. Squared errors suit numbers, cross-entropies suit "
    "classes.",
    "l1": "Pulls all weights towards 0 by the same amount; many become 0.",
    "l2": "Pulls large weights more than small ones; the network becomes smoother.",
    "initializer": "How new initial weights are drawn. It takes effect with “New initial weights”.",
    "seed": "One number behind all chance: data, split and the order of samples. The same seed "
    "gives the same curve, to the last digit.",
}


class TrainingSettings(QWidget):
    """Learning rate, batch size, optimiser, loss, penalties, initialiser and seed."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._theme = session, theme
        self._rows: dict[str, list[QWidget]] = {}
        self._notes: dict[str, FieldNote] = {}
        self._grid = QGridLayout()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)

        self._begin_section(layout, "Learning")
        self.learning_rate = self._rate("learning_rate", "Learning rate", LEARNING_RATES, above_0)
        self.batch_size = self._number(
            "batch_size", "Batch size", minimum=1, maximum=1_000_000, step=1, is_integer=True
        )
        self.optimizer = self._choice(
            "optimizer", "Optimiser", [(o.name, o.title) for o in OPTIMIZERS.values()]
        )
        self.momentum = self._number(
            "momentum", "Momentum μ", check=_share, step=0.05, decimals=None
        )
        self.beta1 = self._number("beta1", "Memory β₁", check=_share, step=0.05, decimals=None)
        self.beta2 = self._number("beta2", "Memory β₂", check=_share, step=0.001, decimals=None)
        self.loss = self._choice("loss", "Loss", [(o.name, o.title) for o in LOSSES.values()])
        self.pairing = HintBox(theme, self)
        self._grid.addWidget(self.pairing, self._grid.rowCount(), 0, 1, 2)

        self._begin_section(layout, "Regularisation")
        self.l1 = self._rate("l1", "L1 rate", PENALTY_RATES, _not_negative)
        self.l2 = self._rate("l2", "L2 rate", PENALTY_RATES, _not_negative)

        self._begin_section(layout, "Start")
        self.initializer = self._choice(
            "initializer", "Initial weights", [(o.name, o.title) for o in INITIALIZERS.values()]
        )
        self.seed = NumberField(0, self, minimum=0, maximum=MAX_SEED, step=1, is_integer=True)
        self.seed.value_changed.connect(self._seed_changed)
        self.dice = icon_button(theme, "dice", "Another seed", self._roll, self)
        self.dice.setFixedSize(28, 28)
        both = QWidget(self)
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        self.draw = label("", "small", both)
        self.draw.setToolTip(
            "How often “New initial weights” was used with this seed. Seed and draw together give "
            "the same initial weights again."
        )
        row.addWidget(self.seed, 1)
        row.addWidget(self.draw)
        row.addWidget(self.dice)
        self._place("seed", "Seed", both, self.seed)

        session.setup_changed.connect(self.refresh)
        session.document_replaced.connect(self.refresh)
        session.network_changed.connect(self._network_changed)
        self.refresh()

    # ------------------------------------------------------------------ building
    def _begin_section(self, layout: QVBoxLayout, caption: str) -> None:
        section = Section(caption, self)
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(0, 1)
        section.body.addLayout(self._grid)
        layout.addWidget(section)

    def _place(self, key: str, words: str, widget: QWidget, field: QWidget) -> None:
        row = self._grid.rowCount()
        name = label(words, "secondary", self)
        name.setToolTip(_TIPS[key])
        name.setBuddy(field)
        field.setAccessibleName(words)
        field.setAccessibleDescription(_TIPS[key])
        widget.setFixedWidth(_FIELD_WIDTH)
        self._grid.addWidget(name, row, 0)
        self._grid.addWidget(widget, row, 1)
        self._rows[key] = [name, widget]
        if isinstance(field, NumberField):
            field.set_hint(_TIPS[key])
            note = FieldNote(self)
            self._grid.addWidget(note, row + 1, 0, 1, 2)
            self._notes[key] = note
            field.setProperty("key", key)
            field.use_note()
            field.refused.connect(self._refused)
            field.textEdited.connect(self._edited)
            field.editingFinished.connect(self._settled)
        else:
            field.setToolTip(_TIPS[key])

    def _number(
        self,
        key: str,
        words: str,
        *,
        minimum: float = float("-inf"),
        maximum: float = float("inf"),
        step: float = 0.1,
        decimals: int | None = 3,
        is_integer: bool = False,
        check: Callable[[float], str | None] | None = None,
    ) -> NumberField:
        field = NumberField(
            0.0,
            self,
            minimum=minimum,
            maximum=maximum,
            step=step,
            decimals=decimals,
            is_integer=is_integer,
            check=check,
        )
        field.value_changed.connect(self._number_changed)
        self._place(key, words, field, field)
        return field

    def _rate(
        self,
        key: str,
        words: str,
        usual: tuple[float, ...],
        check: Callable[[float], str | None],
    ) -> RateField:
        field = RateField(self._theme, usual, self, check=check)
        field.value_changed.connect(self._number_changed)
        self._place(key, words, field, field)
        return field

    def _choice(self, key: str, words: str, items: list[tuple[str, str]]) -> Choice:
        choice = Choice(items, self, name=words)
        choice.setProperty("key", key)
        choice.chosen.connect(self._chosen)
        self._place(key, words, choice, choice)
        return choice

    # ------------------------------------------------------------------ showing
    def refresh(self, *_: object) -> None:
        """Take all settings from the session; what is being typed stays."""
        config = self._session.training
        for key in ("learning_rate", "batch_size", "momentum", "beta1", "beta2", "l1", "l2"):
            field: NumberField = getattr(self, key)
            if field.value() != getattr(config, key):
                self._notes[key].clear()
            field.set_value(getattr(config, key))
        self.seed.set_value(self._session.seed)
        self._show_draw()
        self.optimizer.set_value(config.optimizer)
        self.loss.set_value(config.loss)
        self.loss.setToolTip(f"{_TIPS['loss']}\n{LOSSES[config.loss].formula}")
        self.optimizer.setToolTip(f"{_TIPS['optimizer']}\n{OPTIMIZERS[config.optimizer].formula}")
        self.initializer.set_value(config.initializer)
        self.initializer.setToolTip(
            f"{_TIPS['initializer']}\n{INITIALIZERS[config.initializer].formula}"
        )
        self._show_row("momentum", config.optimizer == "momentum")
        self._show_row("beta1", config.optimizer == "adam")
        self._show_row("beta2", config.optimizer == "adam")
        self._check_pairing(config.loss)

    def _show_draw(self) -> None:
        draw = self._session.document.draw
        self.draw.setText(f"draw {draw:,}")
        self.draw.setVisible(draw > 0)

    def _show_row(self, key: str, visible: bool) -> None:
        for widget in self._rows[key]:
            widget.setVisible(visible)
        if not visible:
            self._notes[key].clear()

    def _network_changed(self, before: object, after: object) -> None:
        self._show_draw()
        if before.activations != after.activations:  # type: ignore[attr-defined]
            self._check_pairing(self._session.training.loss)

    def _check_pairing(self, loss: str) -> bool:
        """Say if outputs and a loss do not go together; True if they do."""
        session = self._session
        document = session.document
        wanted = replace(document, training=replace(document.training, loss=loss))
        keep = pairing_notice(session, wanted, keep_loss=True)
        if keep is None or keep.action is None:
            self.pairing.say("")
            return True
        problem = pairing_problem(wanted.network, loss)
        ways_out = [(keep.action_text, keep.action)]
        if loss != document.training.loss:
            if problem is not None and problem.output_activation is None:
                ways_out.clear()  # no activation helps: the way out is another loss
            ways_out.append((f"Keep {LOSSES[document.training.loss].title}", self._keep_loss))
        else:
            other = pairing_notice(session, wanted, keep_loss=False)
            if (
                other is not None
                and other.action is not None
                and other.action_text != keep.action_text
            ):
                ways_out.append((other.action_text, other.action))
        self.pairing.say(keep.text, *ways_out)
        return False

    def _keep_loss(self) -> None:
        self.refresh()

    # ------------------------------------------------------------------ what the hand does
    def _key(self) -> str:
        return str(self.sender().property("key"))

    def _number_changed(self, value: float, gesture: int) -> None:
        key = self._key()
        number = int(value) if key == "batch_size" else value
        self._notes[key].clear()
        if not self._session.set_training(gesture, **{key: number}):
            self.refresh()

    def _chosen(self, value: str) -> None:
        key = self._key()
        # The field shows the wish while the box below it asks how to make it possible.
        if key == "loss" and not self._check_pairing(value):
            return
        if not self._session.set_training(None, **{key: value}):
            self.refresh()

    def _seed_changed(self, value: float) -> None:
        self._notes["seed"].clear()
        if not self._session.set_seed(int(value)):
            self.refresh()

    def _roll(self) -> None:
        self._session.set_seed(random.randrange(1, 10_000))

    def _refused(self, sentence: str) -> None:
        self._notes[self._key()].say(sentence)

    def _edited(self) -> None:
        self._notes[self._key()].clear()

    def _settled(self) -> None:
        field = self.sender()
        if isinstance(field, NumberField) and not field.property("invalid"):
            self._notes[str(field.property("key"))].clear()

    def note(self, key: str) -> QLabel:
        """The note under a field, for tests and screen readers."""
        return self._notes[key]


def _not_negative(value: float) -> str | None:
    return None if value >= 0 else "A rate cannot be negative; 0 switches the penalty off."


def _share(value: float) -> str | None:
    return None if 0 <= value < 1 else "Please use a number from 0 up to, but not including, 1."
