"""How fast training runs: from a step a second, slow enough to follow, to flat out."""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtWidgets import QHBoxLayout, QWidget

from nnplay.gui.widgets import Choice, label
from nnplay.session.session import Session

__all__ = ["SPEEDS", "SpeedChoice", "SpeedRow", "speed_words"]

SPEEDS: Final = (1.0, 2.0, 5.0, 10.0, 60.0)
"""Steps per second that can be chosen, besides whole epochs and flat out."""
EPOCH_SPEEDS: Final = (1, 2, 5)
"""Epochs per second that can be chosen."""
_FLAT_OUT: Final = "inf"
_TIP: Final = (
    "How fast training runs. Slow it down to watch every step; “flat out” is as fast as this "
    "computer can."
)


def speed_words(value: str) -> str:
    """A speed of the list in words."""
    if value == _FLAT_OUT:
        return "Flat out"
    kind, _, number = value.partition(" ")
    return f"{number} {kind}{'s' if number != '1' else ''} a second"


class SpeedChoice(Choice):
    """A list of speeds. Epochs per second follow the number of batches in an epoch."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        values = [f"step {speed:g}" for speed in SPEEDS]
        values += [f"epoch {epochs}" for epochs in EPOCH_SPEEDS]
        values.append(_FLAT_OUT)
        super().__init__([(v, speed_words(v)) for v in values], parent, name="Speed of training")
        self._session = session
        self._epochs = 0
        self.setToolTip(_TIP)
        self.chosen.connect(self._chosen)
        session.speed_changed.connect(self.refresh)
        for signal in (session.setup_changed, session.data_changed, session.document_replaced):
            signal.connect(self._follow_batches)
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Show the session's speed."""
        session = self._session
        speed = session.speed
        if self._epochs and speed != self._epochs * session.batches_per_epoch:
            self._epochs = 0  # another view has chosen another speed
        if self._epochs:
            value = f"epoch {self._epochs}"
        else:
            value = _FLAT_OUT if math.isinf(speed) else f"step {speed:g}"
        if self.findData(value) < 0:
            value = self._epochs_of(speed)
        self.set_value(value)
        if self.currentIndex() < 0:
            self.setPlaceholderText(f"{speed:g} steps a second")

    def _epochs_of(self, speed: float) -> str:
        batches = self._session.batches_per_epoch
        return f"epoch {speed / batches:g}" if batches else ""

    def _follow_batches(self, *_: object) -> None:
        """“One epoch a second” stays true when an epoch has another number of batches."""
        batches = self._session.batches_per_epoch
        if self._epochs and batches and self._session.speed != self._epochs * batches:
            self._session.set_speed(float(self._epochs * batches))

    def _chosen(self, value: str) -> None:
        kind, _, number = value.partition(" ")
        self._epochs = int(number) if kind == "epoch" else 0
        if value == _FLAT_OUT:
            self._session.set_speed(math.inf)
        elif self._epochs:
            self._session.set_speed(float(self._epochs * max(1, self._session.batches_per_epoch)))
        else:
            self._session.set_speed(float(number))


class SpeedRow(QWidget):
    """The choice with its name."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.choice = SpeedChoice(session, self)
        name = label("Speed", "secondary", self)
        name.setToolTip(_TIP)
        name.setBuddy(self.choice)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(name)
        row.addStretch(1)
        row.addWidget(self.choice)
        self.choice.setFixedWidth(178)
