"""Changing weights and biases on the canvas itself, and the card that says what comes of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QWidget

from nnplay.gui.canvas.card_texts import number
from nnplay.gui.canvas.hover_card import CardText, HoverCard
from nnplay.gui.theme import Theme

if TYPE_CHECKING:
    from nnplay.core.evaluation import Evaluation
    from nnplay.core.network import Network
    from nnplay.session.session import Session

__all__ = ["ValueEdit", "WhatIf"]

# What one pixel of the hand adds to a parameter of usual size; with Shift a tenth of it.
PER_PIXEL: Final = 0.01
FINE: Final = 0.1
# From here on steps grow with the parameter.
USUAL_SIZE: Final = 2.0


class ValueEdit:
    """Parameters in a hand: they change together and live, as one step to undo.

    Args:
        session: owns the parameters.
        slots: which ones.
    """

    def __init__(self, session: Session, slots: Sequence[int]) -> None:
        self._session = session
        self.slots = tuple(slots)
        theta = session.network.theta
        self.start = {slot: float(theta[slot]) for slot in slots}
        self._topology = session.network.topology
        self._shift = 0.0
        largest = max((abs(value) for value in self.start.values()), default=0.0)
        self._per_pixel = PER_PIXEL * max(1.0, largest / USUAL_SIZE)
        self._gesture = session.begin_gesture()
        for slot in self.slots:
            session.hold_slot(slot)

    @property
    def is_possible(self) -> bool:
        """Whether the slots still mean the same parameters."""
        return self._session.network.topology is self._topology

    def move(self, pixels: float, *, fine: bool = False) -> None:
        """Add what a hand that moves up so far means."""
        if not self.is_possible:
            return
        # Whole small steps, so that numbers stay readable.
        self._shift = round(self._shift + pixels * self._per_pixel * (FINE if fine else 1.0), 6)
        values = {slot: value + self._shift for slot, value in self.start.items()}
        self._session.set_parameters(values, self._gesture)

    def end(self) -> None:
        """The hand lets go; what it did stays."""
        for slot in self.slots:
            self._session.release_slot(slot)

    def cancel(self) -> None:
        """As if nothing had been touched."""
        session = self._session
        if self.is_possible and self._shift and not session.take_back(self._gesture):
            session.set_parameters(self.start, self._gesture)
        self.end()


class WhatIf(QObject):
    """A card at the pointer: old and new value, old and new loss, while a value is in a hand."""

    def __init__(self, session: Session, theme: Theme, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._window = session, window
        self.card = HoverCard(theme, window)
        self._edit: ValueEdit | None = None
        self._before: Evaluation | None = None
        self._names: tuple[str, str] = ("", "")
        self._point = QPoint()
        session.losses_changed.connect(self._refresh)
        session.network_changed.connect(self._network_changed)
        session.frame_arrived.connect(self._refresh)

    @property
    def edit(self) -> ValueEdit | None:
        """What is in a hand."""
        return self._edit

    def start(self, edit: ValueEdit, title: str, name: str) -> None:
        """Tell about an edit from now on; ``name`` is what its values are called."""
        self._edit, self._before = edit, self._session.losses
        self._names = title, name

    def show_at(self, point: QPoint) -> None:
        """Stand beside a point of the window."""
        if self._edit is None:
            return
        self._point = point
        self._refresh()
        self.card.show_at(point, self._window.size())

    def end(self) -> None:
        """Nothing is in a hand any more."""
        self._edit = None
        self.card.hide()

    def _network_changed(self, before: Network, after: Network) -> None:
        self._refresh()

    def _refresh(self, _frame: object = None) -> None:
        edit = self._edit
        if edit is None or not edit.is_possible:
            return
        title, name = self._names
        theta = self._session.network.theta
        rows: list[tuple[str, str, float]] = []
        if len(edit.slots) == 1:
            slot = edit.slots[0]
            new = float(theta[slot])
            rows.append((name, f"{number(edit.start[slot])} → {number(new)}", new))
        else:
            slot = edit.slots[0]
            change = float(theta[slot]) - edit.start[slot]
            sign = "+" if change >= 0 else ""
            rows.append((f"{len(edit.slots)} {name}s", f"{sign}{number(change)} each", change))
        rows += self._outcomes()
        self.card.say(CardText(title, tuple(rows)))

    def _outcomes(self) -> list[tuple[str, str, float]]:
        old, new = self._before, self._session.losses
        if old is None or new is None:
            return []
        rows = [("loss", f"{number(old.loss_train)} → {number(new.loss_train)}", 0.0)]
        if math.isfinite(old.loss_test) and math.isfinite(new.loss_test):
            rows.append(("test loss", f"{number(old.loss_test)} → {number(new.loss_test)}", 0.0))
        if old.accuracy_train is not None and new.accuracy_train is not None:
            shares = (f"{100 * share:.0f} %" for share in (old.accuracy_train, new.accuracy_train))
            rows.append(("accuracy", " → ".join(shares), 0.0))
        return rows
