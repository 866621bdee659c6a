"""Comparing settings beside the window: a sweep of the present document, and what follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from nnplay.core.errors import TrainingError
from nnplay.document import Document
from nnplay.session.background import Background, Post, WasCancelled
from nnplay.session.placement import keep_places
from nnplay.storage import StorageError, write_file
from nnplay.sweeps.plan import Sweep
from nnplay.sweeps.results import SweepResult, SweepRow
from nnplay.sweeps.words import setting_phrase

if TYPE_CHECKING:
    from nnplay.session.session import Session
    from nnplay.sweeps.running import SweepProgress

__all__ = ["Sweeping"]


class Sweeping(QObject):
    """Does one sweep at a time, in worker processes; everything else goes on. GUI thread only.

    Attributes:
        sweep: the latest sweep; None before any.

    Signals:
        progressed(SweepProgress): how far it is.
        row_arrived(SweepRow): a run has ended.
        finished(SweepResult): all have, or it was cancelled.
        failed(str): it could not be done at all; the sentence says why.
    """

    progressed = Signal(object)
    row_arrived = Signal(object)
    finished = Signal(object)
    failed = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.sweep: Sweep | None = None
        self._background = Background("nnplay-sweeping", self)
        self._background.posted.connect(self._take)
        self._background.ended.connect(self._ended)

    @property
    def is_running(self) -> bool:
        """Whether a sweep is under way."""
        return self._background.is_running

    def start(
        self,
        settings: Mapping[str, Sequence[Any]],
        seeds: int,
        epochs: int,
        jobs: int,
    ) -> str:
        """Begin a sweep of the document as it is now.

        Returns:
            Why it cannot be begun, as a sentence; empty if it has.
        """
        if self.is_running:
            return "A comparison is under way already."
        try:
            sweep = Sweep(self._session.document, settings, seeds, epochs, self._backend())
        except TrainingError as error:
            return str(error)

        self.sweep = sweep

        def work(post: Post, was_cancelled: WasCancelled) -> None:
            from nnplay.sweeps.running import run_sweep  # joblib takes its time

            result = run_sweep(
                sweep,
                jobs=jobs,
                parallel="loky",
                on_row=post,
                on_progress=post,
                should_stop=was_cancelled,
            )
            post(result)

        self._background.start(work)
        return ""

    def _backend(self) -> str:
        """The person's wish where compiled code is at hand: a sweep does not wait for it."""
        wish = self._session.backends.wish
        if wish == "numpy":
            return wish
        from nnplay.compiled import state

        return wish if state() == "ready" else "numpy"

    def cancel(self) -> None:
        """End the sweep soon; :attr:`finished` brings the rows there are."""
        self._background.cancel()

    def end(self, seconds: float) -> None:
        """Cancel, and see its processes end, but wait no longer than this; nothing is told."""
        self._background.end(seconds)

    def use(self, row: SweepRow) -> bool:
        """Make a run's document the present one, as one undoable step; a training run is ended.

        Neurons stay where they are; title and views stay too.
        """
        trained = row.document
        if trained is None:
            return self._session.refuse(row.problem or "This run has no network.")
        self._session.pause()

        def edit(document: Document) -> Document:
            after = replace(trained, title=document.title, view=document.view, extra=document.extra)
            if after.network.topology is document.network.topology:
                return replace(after, positions=document.positions)
            return keep_places(document, after, follow=True)

        words = setting_phrase(row.settings)
        what = f"{words}, seed {row.seed}" if words else f"seed {row.seed}"
        return self._session.edit(f"Use the result: {what}", edit)

    def export(self, result: SweepResult, path: str) -> str:
        """Write the table as a CSV file; returns what went wrong as a sentence, or an empty text."""
        try:
            write_file(path, result.csv().encode())
        except StorageError as error:
            return str(error)
        return ""

    # ------------------------------------------------------------------ details
    def _take(self, item: SweepProgress | SweepRow | SweepResult) -> None:
        if isinstance(item, SweepRow):
            self.row_arrived.emit(item)
        elif isinstance(item, SweepResult):
            self._result = item
        else:
            self.progressed.emit(item)

    _result: SweepResult | None = None

    def _ended(self, error: Exception | None) -> None:
        result, self._result = self._result, None
        if result is not None:
            self.finished.emit(result)
        else:
            self.failed.emit(
                "The comparison failed in a way nobody foresaw "
                f"({type(error).__name__}: {error}). Your network is as it was."
            )
