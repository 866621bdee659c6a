"""Scanning the loss over a plane of parameters, beside the window."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from nnplay.core import landscape
from nnplay.core.errors import TrainingError
from nnplay.core.layer_statistics import shared_samples
from nnplay.core.network import Network
from nnplay.data.errors import DataError
from nnplay.session.background import Background, Post, WasCancelled

if TYPE_CHECKING:
    from nnplay.session.session import Session

__all__ = ["LandscapeScan"]


class _CancelledError(Exception):
    """Nobody waits for it any more."""


class LandscapeScan(QObject):
    """Scans the network as it is shown; it is never changed. GUI thread only.

    Signals:
        progressed(int, int): rows done, and of how many.
        found(Landscape): the whole landscape.
        failed(str): why there is none, as a sentence; empty after a cancel.
    """

    progressed = Signal(int, int)
    found = Signal(object)
    failed = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._background = Background("nnplay-landscape", self)
        self._background.posted.connect(self._take)
        self._background.ended.connect(self._ended)
        self._found: landscape.Landscape | None = None

    @property
    def is_running(self) -> bool:
        """Whether it is at work."""
        return self._background.is_running

    def start(self, make_plane: Callable[[Network], landscape.Plane], resolution: int) -> bool:
        """Begin; False if one is under way already.

        Args:
            make_plane: the plane for the network; called beside the window, over values that
                nobody changes. It may raise TrainingError with a sentence.
            resolution: places along each side.
        """
        if self.is_running:
            return False
        self._found = None
        session = self._session
        document = session.live_document
        try:
            samples = shared_samples(session.workspace.data.samples(document)[0])
        except (DataError, TrainingError) as error:
            self.failed.emit(str(error))
            return True
        network, config = document.network, document.training

        def work(post: Post, was_cancelled: WasCancelled) -> None:
            def look_around() -> None:
                if was_cancelled():
                    raise _CancelledError

            post(
                landscape.scan(
                    network,
                    samples,
                    config,
                    make_plane(network),
                    resolution,
                    lambda row: post((row, resolution)),
                    look_around,
                )
            )

        self._background.start(work)
        return True

    def cancel(self) -> None:
        """Give up soon; :attr:`failed` tells when, with an empty sentence."""
        self._background.cancel()

    def end(self, seconds: float) -> None:
        """Give up, and see the thread end, but wait no longer than this; nothing is told."""
        self._background.end(seconds)

    # ------------------------------------------------------------------ details
    def _take(self, item: tuple[int, int] | landscape.Landscape) -> None:
        if isinstance(item, tuple):
            self.progressed.emit(*item)
        else:
            self._found = item

    def _ended(self, error: Exception | None) -> None:
        found, self._found = self._found, None
        if found is not None:
            self.found.emit(found)
        elif isinstance(error, _CancelledError):
            self.failed.emit("")
        elif isinstance(error, DataError | TrainingError | ValueError):
            self.failed.emit(str(error))
        else:
            self.failed.emit(
                "The landscape could not be computed in a way nobody foresaw "
                f"({type(error).__name__}: {error}). Your network is as it was."
            )
