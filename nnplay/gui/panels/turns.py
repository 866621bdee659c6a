"""Who works when: live numbers wait until the next picture of the network is on the screen.

A picture comes every sixtieth of a second. Work that falls into the moment before it would hold
it up, and all panels together would take longer than there is time between two.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Final

import shiboken6
from PySide6.QtCore import QObject, QTimer

from nnplay.session.after_paints import LATER, AfterPaints

__all__ = ["TURNS", "Turns"]

IN_A_ROW: Final = 0.04
"""Seconds within which pictures follow one another."""
LONGEST_WAIT: Final = 50
"""Milliseconds after which work is done without a picture."""
SHARE: Final = 0.002
"""Seconds after a picture in which further work may begin."""


class Turns:
    """A queue of work to be done right behind a picture, a little each time. GUI thread."""

    def __init__(self) -> None:
        self._queue: deque[tuple[QObject, Callable[[], None]]] = deque()
        self._last_picture = -1.0
        self._behind: AfterPaints | None = None
        self._timer: QTimer | None = None
        self._close_gate: Callable[[], None] | None = None

    def picture_painted(self, close_gate: Callable[[], None]) -> None:
        """A picture of the network has been painted.

        ``close_gate`` keeps training from disturbing the work behind it.
        """
        self._last_picture = time.monotonic()
        self._close_gate = close_gate
        if self._queue and self._behind is not None:
            self._behind.ask()

    def join(self, owner: QObject, work: Callable[[], None]) -> bool:
        """Queue ``work``; False if no pictures follow one another, so that it need not wait.

        It is forgotten when ``owner`` is deleted.
        """
        if time.monotonic() - self._last_picture > IN_A_ROW:
            return False
        if self._behind is None or self._timer is None:
            self._behind = AfterPaints(self._work, LATER)
            self._timer = QTimer()
            self._timer.setSingleShot(True)
            self._timer.setInterval(LONGEST_WAIT)
            self._timer.timeout.connect(self._give_up)
        self._queue.append((owner, work))
        if not self._timer.isActive():
            self._timer.start()
        return True

    def _work(self) -> None:
        """As much as fits behind the picture, at least a beginning."""
        until = self._last_picture + SHARE
        if self._close_gate is not None:
            self._close_gate()
        while self._queue and time.monotonic() < until:
            self._next()
        if self._timer is not None:
            if self._queue:
                self._timer.start()
            else:
                self._timer.stop()

    def _give_up(self) -> None:
        """No picture has come, or all were expensive."""
        while self._queue:
            self._next()

    def _next(self) -> None:
        owner, work = self._queue.popleft()
        if shiboken6.isValid(owner):
            work()


TURNS: Final = Turns()
