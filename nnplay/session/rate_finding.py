"""Looking for a learning rate beside the window: a copy is trained with ever larger rates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from nnplay.core.errors import TrainingError
from nnplay.core.rate_probe import RateProbe
from nnplay.core.training import Trainer
from nnplay.data.errors import DataError
from nnplay.session.background import Background, Post, WasCancelled

if TYPE_CHECKING:
    from nnplay.core.rate_finder import RateCurve
    from nnplay.session.session import Session

__all__ = ["RateFinding"]


class _CancelledError(Exception):
    """Nobody waits for the curve any more."""


class RateFinding(QObject):
    """Looks for a rate for the document as it is; it is never changed. GUI thread only.

    Signals:
        pointed(float, float): the next rate and its (smoothed) loss.
        found(RateCurve): the whole curve.
        failed(str): why there is none, as a sentence.
    """

    pointed = Signal(float, float)
    found = Signal(object)
    failed = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._background = Background("nnplay-rates", self)
        self._background.posted.connect(self._take)
        self._background.ended.connect(self._ended)
        self._curve: RateCurve | None = None

    @property
    def is_running(self) -> bool:
        """Whether it is looking."""
        return self._background.is_running

    def start(self, lowest: float, highest: float, steps: int) -> bool:
        """Begin; False if there is something to look for already under way.

        Args:
            lowest: first rate, above 0.
            highest: last rate, above the first.
            steps: mini-batches at most, 2 or more.
        """
        if self.is_running:
            return False
        self._curve = None
        document, keeper = self._session.document, self._session.workspace.data
        try:
            data = keeper.samples(document)
        except (DataError, TrainingError) as error:
            self.failed.emit(str(error))
            return True

        def make_probe() -> RateProbe:
            trainer = Trainer(
                document.network,
                data,
                document.training,
                seed=document.seed,
                state=document.state,
            )
            return RateProbe(trainer)

        def work(post: Post, was_cancelled: WasCancelled) -> None:
            from nnplay.core.rate_finder import find_rate

            def look_around() -> None:
                if was_cancelled():
                    raise _CancelledError

            def on_point(rate: float, _loss: float, smooth: float) -> None:
                post((rate, smooth))

            post(find_rate(make_probe, lowest, highest, steps, look_around, on_point))

        self._background.start(work)
        return True

    def cancel(self) -> None:
        """Give up soon; :attr:`failed` tells when, with an empty sentence."""
        self._background.cancel()

    def end(self, seconds: float) -> None:
        """Give up, and see the thread end, but wait no longer than this; nothing is told."""
        self._background.end(seconds)

    def use(self, rate: float) -> bool:
        """Train with this rate from now on, as one undoable step."""
        return self._session.set_training(learning_rate=rate)

    # ------------------------------------------------------------------ details
    def _take(self, item: tuple[float, float] | RateCurve) -> None:
        if isinstance(item, tuple):
            self.pointed.emit(*item)
        else:
            self._curve = item

    def _ended(self, error: Exception | None) -> None:
        curve, self._curve = self._curve, None
        if curve is not None:
            self.found.emit(curve)
        elif isinstance(error, _CancelledError):
            self.failed.emit("")
        elif isinstance(error, DataError | TrainingError | ValueError):
            self.failed.emit(str(error))
        else:
            self.failed.emit(
                "The search failed in a way nobody foresaw "
                f"({type(error).__name__}: {error}). Your network is as it was."
            )
