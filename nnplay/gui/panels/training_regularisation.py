"""What keeps a network simple and its steps small."""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtWidgets import QWidget

from nnplay.core.config import TrainingConfig
from nnplay.gui.panels.dropout_row import DROPOUT_RATES, DROPOUT_TIP
from nnplay.gui.panels.rate_field import PENALTY_RATES, OptionalField
from nnplay.gui.panels.setting_row import NUMBER_WIDTH, share
from nnplay.gui.panels.setting_rows import SettingsSection
from nnplay.gui.panels.words import plain_number
from nnplay.gui.theme import Theme
from nnplay.session.session import Session

__all__ = ["RegularisationSection"]

_LIMITS: Final = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0)
_SHORT: Final = {
    "l1": "L1",
    "l2": "L2",
    "max_norm": "max-norm",
    "clip_norm": "clipping",
    "clip_value": "clipping",
}


class RegularisationSection(SettingsSection):
    """Penalties, limits of weights and gradients, and dropout."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(session, theme, "Regularisation", parent, name="regularisation")
        session.network_changed.connect(self._network_changed)

    def build(self) -> None:
        self.l1 = self.optional(
            "l1",
            "L1 rate",
            "Pulls all weights towards 0 by the same amount; many become 0.",
            PENALTY_RATES[1:],
        )
        self.l1_dead_links = self.check(
            "l1_dead_links",
            "Switch off connections at 0",
            "As in the standard playground: a connection whose weight L1 would carry across 0 is "
            "switched off and stays off.",
        )
        self.l2 = self.optional(
            "l2",
            "L2 rate",
            "Pulls large weights more than small ones; the network becomes smoother.",
            PENALTY_RATES[1:],
        )
        self.max_norm = self.optional(
            "max_norm",
            "Longest weights",
            "Max-norm: after each step the weights into a neuron are shortened to this length, if "
            "they are longer.",
            _LIMITS,
        )
        self.clip_norm = self.optional(
            "clip_norm",
            "Longest gradient",
            "Clipping by norm: a gradient longer than this is shortened, so that one bad batch "
            "cannot throw the network off.",
            _LIMITS,
        )
        self.clip_value = self.optional(
            "clip_value",
            "Largest derivative",
            "Clipping by value: every single derivative is cut to this size.",
            _LIMITS,
        )
        self.dropout = OptionalField(self._theme, DROPOUT_RATES, self.body, check=share)
        self.dropout.setFixedWidth(NUMBER_WIDTH)
        self.dropout.value_changed.connect(self._dropout_changed)
        self.place(
            "dropout",
            "Dropout, all hidden",
            f"{DROPOUT_TIP} This sets it for all hidden neurons at once; layers and single neurons "
            "can have their own.",
            self.dropout,
        )

    def show_settings(self, config: TrainingConfig) -> None:
        super().show_settings(config)
        self.l1_dead_links.setEnabled(config.l1 > 0 or config.l1_dead_links)
        self._show_dropout()

    def summary(self, config: TrainingConfig) -> str:
        words = []
        for key, short in _SHORT.items():
            value = getattr(config, key)
            if value:
                words.append(f"{short} {plain_number(value)}")
        rates = self._rates()
        if any(rates):
            words.append("dropout")
        return ", ".join(words) or "off"

    def _rates(self) -> set[float]:
        network = self._session.network
        topology = network.topology
        return {float(network.dropout[topology.row(i)]) for i in topology.hidden_ids}

    def _show_dropout(self) -> None:
        rates = self._rates()
        self.dropout.setEnabled(bool(rates))
        value = rates.pop() if len(rates) == 1 else math.nan if rates else 0.0
        self.rows["dropout"].show_value(value)

    def _network_changed(self, before: object, after: object) -> None:
        same = (
            before.dropout is after.dropout  # type: ignore[attr-defined]
            and before.topology is after.topology  # type: ignore[attr-defined]
        )
        if not same:
            self.refresh(self._session.training)

    def _dropout_changed(self, value: float, gesture: int) -> None:
        self._session.set_dropout(self._session.network.topology.hidden_ids, value, gesture)
        self._show_dropout()
