"""Work beside the window: one thread, and a mailbox that is emptied on the GUI thread."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

__all__ = ["Background", "Post", "WasCancelled"]

Post = Callable[[Any], None]
WasCancelled = Callable[[], bool]
Work = Callable[[Post, WasCancelled], None]


class Background(QObject):
    """Does one piece of work at a time; GUI thread only.

    Signals:
        posted(object): what the work has sent, in order.
        ended(object): the work is through: None, or the exception that ended it.
    """

    posted = Signal(object)
    ended = Signal(object)
    _rung = Signal()

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._thread: threading.Thread | None = None
        self._cancelled = threading.Event()
        self._mail: deque[tuple[str, Any]] = deque()
        self._rung.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @property
    def is_running(self) -> bool:
        """Whether work is under way (its end may not have been told yet)."""
        return self._thread is not None

    def start(self, work: Work) -> None:
        """Begin; the work is given a way to send things and one to ask whether to give up."""
        if self._thread is not None:
            raise RuntimeError("one piece of work at a time")
        self._cancelled = threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(work, self._cancelled), name=self._name, daemon=True
        )
        self._thread.start()

    def cancel(self) -> None:
        """Ask the work to end; :attr:`ended` tells when it has."""
        self._cancelled.set()

    def end(self, seconds: float) -> None:
        """Cancel, wait for the thread at most so long, and tell nothing any more."""
        self.cancel()
        thread, self._thread = self._thread, None
        self._mail.clear()
        if thread is not None:
            thread.join(seconds)
            self._mail.clear()

    def _run(self, work: Work, cancelled: threading.Event) -> None:
        def post(item: Any) -> None:
            self._send("posted", item)

        try:
            work(post, cancelled.is_set)
        except Exception as error:
            self._send("ended", error)
        else:
            self._send("ended", None)

    def _send(self, kind: str, item: Any) -> None:
        self._mail.append((kind, item))
        self._rung.emit()

    def _deliver(self) -> None:
        while self._mail and self._thread is not None:
            kind, item = self._mail.popleft()
            if kind == "posted":
                self.posted.emit(item)
            else:
                self._thread.join()
                self._thread = None
                self.ended.emit(item)
