"""Doing something in the event loop once what is to be painted now has been painted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QCoreApplication, QEvent, QObject

__all__ = ["LAST", "LATER", "SOON", "AfterPaints"]

# Paints wait at Qt.EventPriority.LowEventPriority (−1). Within one turn of the event loop lower
# numbers come later, and what they cause to be painted is painted in between.
SOON: Final = -300
LATER: Final = -500
LAST: Final = -1000

_TURN: Final = QEvent.Type(QEvent.registerEventType())


class AfterPaints(QObject):
    """Calls ``act`` once per turn of the event loop in which it was asked for, after the paints."""

    def __init__(self, act: Callable[[], None], order: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._act = act
        self._order = order
        self._is_asked = False

    @property
    def is_asked(self) -> bool:
        """Whether it is still to come."""
        return self._is_asked

    def ask(self) -> None:
        """Have it done (GUI thread)."""
        if not self._is_asked:
            self._is_asked = True
            QCoreApplication.postEvent(self, QEvent(_TURN), self._order)

    def event(self, event: QEvent) -> bool:
        """Do it; Qt calls this."""
        if event.type() != _TURN:
            return super().event(event)
        self._is_asked = False
        self._act()
        return True
