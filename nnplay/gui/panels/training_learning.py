"""How training learns: rate, batches, optimiser and loss, each with the numbers it uses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from PySide6.QtWidgets import QWidget

from nnplay.core.config import TrainingConfig
from nnplay.core.losses import LOSSES
from nnplay.core.optimizers import OPTIMIZERS
from nnplay.core.targets import pairing_problem
from nnplay.gui.panels.class_weights import ClassWeights
from nnplay.gui.panels.form import HintBox
from nnplay.gui.panels.rate_field import LEARNING_RATES, above_0
from nnplay.gui.panels.setting_row import above_zero, share
from nnplay.gui.panels.setting_rows import SettingsSection
from nnplay.gui.theme import Theme
from nnplay.session.pairing import pairing_notice
from nnplay.session.session import Session
from nnplay.session.values import RunState

__all__ = ["LearningSection"]

_OPTIMIZER_KEYS: Final = (
    "momentum",
    "dampening",
    "beta1",
    "beta2",
    "rms_decay",
    "epsilon",
    "weight_decay",
)
_DELTAS: Final = (0.1, 0.5, 1.0, 2.0, 5.0)
_SMOOTHINGS: Final = (0.05, 0.1, 0.2)
_DECAYS: Final = (0.0001, 0.001, 0.01, 0.1)
_TIPS: Final = {
    "learning_rate": "How far each step moves the weights against the gradient. Too small learns "
    "slowly; too large jumps about or runs away.",
    "batch_size": "Samples per step. Small batches make quick, noisy steps; large ones slow, "
    "steady steps.",
    "optimizer": "How gradients become steps. Momentum keeps rolling, Adam finds a step size of "
    "its own for every weight.",
    "momentum": "Share of the last step that is kept. 0.9 remembers about ten steps.",
    "dampening": "Share of each new gradient that is left out of the momentum.",
    "beta1": "Share of the mean gradient that is kept from step to step.",
    "beta2": "Share of the mean squared gradient that is kept from step to step.",
    "rms_decay": "Share of the mean squared gradient that is kept from step to step.",
    "epsilon": "A tiny number that keeps the optimiser from dividing by 0.",
    "weight_decay": "Shrinks all weights a little in every step, apart from the gradient.",
    "loss": "What training makes smaller. Squared errors suit numbers, cross-entropies suit "
    "classes.",
    "huber_delta": "Errors up to this size count squared, larger ones only in proportion, so that "
    "outliers pull less.",
    "label_smoothing": "Share of each class target that is spread over all classes, so that the "
    "network does not become too sure of itself.",
}


class LearningSection(SettingsSection):
    """Learning rate, batch size, optimiser and loss; always open."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(session, theme, "Learning", parent)

    def build(self) -> None:
        session, theme = self._session, self._theme
        tips = _TIPS
        self.learning_rate = self.rate(
            "learning_rate", "Learning rate", tips["learning_rate"], LEARNING_RATES, above_0
        )
        self.batch_size = self.number(
            "batch_size",
            "Batch size",
            tips["batch_size"],
            minimum=1,
            maximum=1_000_000,
            step=1,
            is_integer=True,
        )
        self.optimizer = self.choice(
            "optimizer",
            "Optimiser",
            tips["optimizer"],
            [(row.name, row.title) for row in OPTIMIZERS.values()],
        )
        self.momentum = self._share("momentum", "Momentum μ", 0.05)
        self.dampening = self.number(
            "dampening", "Dampening", tips["dampening"], minimum=0, maximum=1, step=0.05
        )
        self.beta1 = self._share("beta1", "Memory β₁", 0.05)
        self.beta2 = self._share("beta2", "Memory β₂", 0.001)
        self.rms_decay = self._share("rms_decay", "Memory α", 0.01)
        self.epsilon = self.rate(
            "epsilon", "Epsilon ε", tips["epsilon"], (1e-10, 1e-8, 1e-7, 1e-6, 1e-4), above_zero
        )
        self.weight_decay = self.optional(
            "weight_decay", "Weight decay", tips["weight_decay"], _DECAYS
        )
        self.loss = self.choice(
            "loss", "Loss", tips["loss"], [(row.name, row.title) for row in LOSSES.values()]
        )
        self.huber_delta = self.rate(
            "huber_delta", "Huber δ", tips["huber_delta"], _DELTAS, above_zero
        )
        self.label_smoothing = self.optional(
            "label_smoothing",
            "Label smoothing",
            tips["label_smoothing"],
            _SMOOTHINGS,
            check=share,
        )
        self.class_weights = ClassWeights(session, theme, self.body)
        self.add(self.class_weights)
        self.pairing = HintBox(theme, self.body)
        self.add(self.pairing)
        self._session.run_state_changed.connect(self._run_changed)

    def _share(self, key: str, words: str, step: float) -> Any:
        return self.number(key, words, _TIPS[key], step=step, check=share)

    # ------------------------------------------------------------------ showing
    def show_settings(self, config: TrainingConfig) -> None:
        super().show_settings(config)
        loss, optimizer = LOSSES[config.loss], OPTIMIZERS[config.optimizer]
        self.rows["loss"].say_more(loss.formula)
        self.rows["optimizer"].say_more(f"{optimizer.sentence}\n{optimizer.formula}")
        for key in _OPTIMIZER_KEYS:
            self.rows[key].set_shown(key in optimizer.settings)
        self.rows["huber_delta"].set_shown(loss.name == "huber")
        self.rows["label_smoothing"].set_shown(loss.smooths_labels)
        self.class_weights.refresh()
        self.check_pairing(config.loss)

    def check_pairing(self, loss: str) -> bool:
        """Say if outputs and a loss do not go together; True if they do."""
        session = self._session
        document = session.document
        wanted = replace(document, training=replace(document.training, loss=loss))
        keep = pairing_notice(session, wanted, keep_loss=True)
        if keep is None or keep.action is None:
            self.pairing.say("")
            return True
        problem = pairing_problem(wanted.network, loss)
        words, ways_out = keep.text, [(keep.action_text, keep.action)]
        if loss != document.training.loss:
            words += f" Until then {LOSSES[document.training.loss].title} stays in use."
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
        self.pairing.say(words, *ways_out)
        return False

    def _run_changed(self, run: RunState) -> None:
        # What trains now is shown, not a wish that could not be fulfilled.
        if run.kind == "running" and self.loss.value() != self._session.training.loss:
            self._keep_loss()

    def _keep_loss(self) -> None:
        self.refresh(self._session.training)

    # ------------------------------------------------------------------ what the hand does
    def change(self, key: str, value: Any, gesture: int | None = None) -> bool:
        # The field shows the wish while the box below it asks how to make it possible.
        if key == "loss" and not self.check_pairing(value):
            return False
        return super().change(key, value, gesture)
