"""Dropout of some hidden neurons, in one row."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from nnplay.gui.panels.rate_field import OptionalField
from nnplay.gui.panels.setting_row import NUMBER_WIDTH, SettingRow, share
from nnplay.gui.theme import Theme
from nnplay.session.session import Session

__all__ = ["DROPOUT_RATES", "DROPOUT_TIP", "DropoutRow"]

DROPOUT_RATES = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5)
DROPOUT_TIP = (
    "Share of the steps in which a hidden neuron is silent by chance. The others learn not to "
    "depend on it; outside training all neurons work."
)


class DropoutRow(QWidget):
    """A field for the rate of some neurons; hidden while there are none."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._neurons: tuple[int, ...] = ()
        self.field = OptionalField(theme, DROPOUT_RATES, self, check=share)
        self.field.setFixedWidth(NUMBER_WIDTH)
        self.field.value_changed.connect(self._changed)
        self.row = SettingRow("dropout", "Dropout", DROPOUT_TIP, self.field, parent=self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.row)
        self.hide()

    def set_words(self, words: str, accessible: str) -> None:
        """Name the row, and the field for screen readers."""
        self.row.set_words(words)
        self.field.setAccessibleName(accessible)

    def set_neurons(self, neurons: Sequence[int]) -> None:
        """Show the rate of hidden neurons; different ones read “mixed”."""
        if tuple(neurons) != self._neurons:
            self.row.note.clear()
        self._neurons = tuple(neurons)
        network = self._session.network
        rates = {float(network.dropout[network.topology.row(i)]) for i in neurons}
        self.setVisible(bool(rates))
        if rates:
            self.row.show_value(rates.pop() if len(rates) == 1 else math.nan)

    def _changed(self, value: float, gesture: int) -> None:
        if not self._session.set_dropout(self._neurons, value, gesture):
            self.set_neurons(self._neurons)
