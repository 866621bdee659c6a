"""One long question at a time, answered beside the window: progress, an answer, or why there is none."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from nnplay.core.errors import TrainingError
from nnplay.data.errors import DataError
from nnplay.session.background import Background, Post, WasCancelled

__all__ = ["Inquiry", "LookAround", "OnProgress", "Work"]

LookAround = Callable[[], None]
OnProgress = Callable[[object, object], None]
Work = Callable[[LookAround, OnProgress], object]


class _CancelledError(Exception):
    """Nobody waits for the answer any more."""


class Inquiry(QObject):
    """Asks, waits and tells; GUI thread only. Asking again replaces what is under way.

    Args:
        name: of the thread.
        parent: Qt parent.
        fault: how to tell that something went wrong in a way nobody foresaw.

    Signals:
        advanced(object, object): two numbers of progress, mostly how much is done and of how much.
        found(object): the answer.
        failed(str): there is none, and why; empty if it was cancelled.
        changed(): it has begun or ended.
    """

    advanced = Signal(object, object)
    found = Signal(object)
    failed = Signal(str)
    changed = Signal()

    def __init__(
        self,
        name: str,
        parent: QObject | None = None,
        fault: str = "Something could not be computed",
    ) -> None:
        super().__init__(parent)
        self._fault = fault
        self._background = Background(name, self)
        self._background.posted.connect(self._take)
        self._background.ended.connect(self._ended)
        self._answer: tuple[object] | None = None
        self._next: Work | None = None

    @property
    def is_running(self) -> bool:
        """Whether something is under way."""
        return self._background.is_running

    def ask(self, work: Work) -> None:
        """Begin; ``work`` is given a function to call again and again, and one for progress."""
        if self.is_running:
            self._next = work
            self._background.cancel()
            return
        self._answer = None

        def run(post: Post, was_cancelled: WasCancelled) -> None:
            def look_around() -> None:
                if was_cancelled():
                    raise _CancelledError

            def on_progress(done: object, total: object) -> None:
                post(("progress", done, total))

            post(("answer", work(look_around, on_progress)))

        self._background.start(run)
        self.changed.emit()

    def cancel(self) -> None:
        """Give up soon; :attr:`failed` tells when, with an empty sentence."""
        self._next = None
        self._background.cancel()

    def end(self, seconds: float) -> None:
        """Give up, wait no longer than this for the thread, and tell nothing any more."""
        self._next = None
        self._background.end(seconds)

    def _take(self, item: tuple[object, ...]) -> None:
        if item[0] == "answer":
            self._answer = (item[1],)
        elif self._next is None:
            self.advanced.emit(item[1], item[2])

    def _ended(self, error: Exception | None) -> None:
        work, self._next = self._next, None
        if work is not None:
            self.ask(work)
            return
        answer, self._answer = self._answer, None
        self.changed.emit()
        if answer is not None:
            self.found.emit(answer[0])
        elif isinstance(error, _CancelledError):
            self.failed.emit("")
        elif isinstance(error, DataError | TrainingError | ValueError):
            self.failed.emit(str(error))
        else:
            self.failed.emit(
                f"{self._fault} ({type(error).__name__}: {error}). Your network is as it was."
            )
