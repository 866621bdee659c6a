"""The gate that training stops at while the window has work to do.

The interpreter runs one thread at a time. A window that shares it with training waits up to a
switch interval (see :func:`nnplay.app.create_application`) after every call that let go of it: dozens
of times while it paints one frame. Training therefore rests between two steps from the moment
the window begins to show news until everything is painted.
"""

from __future__ import annotations

import threading

import shiboken6
from PySide6.QtCore import QObject

from nnplay.session.after_paints import LAST, AfterPaints

__all__ = ["PaintGate"]


class PaintGate:
    """Closed while the window works; the other threads look at it between two pieces of work.

    :meth:`is_set` and :meth:`wait` may be called on any thread, the others on the GUI thread.
    """

    def __init__(self, parent: QObject) -> None:
        self._open = threading.Event()
        self._open.set()
        self._holds = 0
        self._again = False
        self._turn = AfterPaints(self._end_turn, LAST, parent)

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
        if not shiboken6.isValid(self._turn):
            return  # the session is gone, and nobody waits any more
        self._open.clear()
        # What is asked to be painted now comes in the next round of the event loop.
        self._again = self._turn.is_asked
        self._turn.ask()

    def is_set(self) -> bool:
        """Whether others may go on."""
        return self._open.is_set()

    def wait(self, timeout: float) -> bool:
        """Wait until others may go on, at most ``timeout`` seconds; whether they may."""
        return self._open.wait(timeout)

    def _end_turn(self) -> None:
        if self._again:
            self._again = False
            self._turn.ask()
        self._open_if_free()

    def _open_if_free(self) -> None:
        if not self._holds and not self._turn.is_asked:
            self._open.set()
