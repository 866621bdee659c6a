"""The gate that training stops at while the window has work to do.

The interpreter runs one thread at a time. A window that shares it with training waits up to a
switch interval (see :func:`nnplay.app.create_application`) after every call that let go of it: dozens
of times while it paints one frame. Training therefore rests between two steps from the moment
the window begins to show news until everything is painted.
"""

from __future__ import annotations

import threading
from typing import Final

from PySide6.QtCore import QCoreApplication, QEvent, QObject

__all__ = ["PaintGate"]

_TURN_ENDS: Final = QEvent.Type(QEvent.registerEventType())
# Paints wait at Qt.EventPriority.LowEventPriority (−1): this comes after all of them.
_AFTER_PAINTS: Final = -1000


class PaintGate(QObject):
    """Closed while the window works; the training thread looks at it between steps.

    :meth:`is_set` and :meth:`wait` may be called on any thread, the others on the GUI thread.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._open = threading.Event()
        self._open.set()
        self._holds = 0
        self._in_turn = False

    def clear(self) -> None:
        """Close the gate until :meth:`set` was called as often."""
        self._holds += 1
        self._open.clear()

    def set(self) -> None:
        """Undo one :meth:`clear`."""
        self._holds -= 1
        self._open_if_free()

    def close_for_turn(self) -> None:
        """Close the gate until what is to be painted now has been painted.

        Needs the event loop to open it again.
        """
        if not self._in_turn:
            self._in_turn = True
            self._open.clear()
            QCoreApplication.postEvent(self, QEvent(_TURN_ENDS), _AFTER_PAINTS)

    def is_set(self) -> bool:
        """Whether training may go on."""
        return self._open.is_set()

    def wait(self, timeout: float) -> bool:
        """Wait until training may go on, at most ``timeout`` seconds; whether it may."""
        return self._open.wait(timeout)

    def _open_if_free(self) -> None:
        if not self._holds and not self._in_turn:
            self._open.set()

    def event(self, event: QEvent) -> bool:
        """Hear that a turn has ended; Qt calls this."""
        if event.type() == _TURN_ENDS:
            self._in_turn = False
            self._open_if_free()
            return True
        return super().event(event)
