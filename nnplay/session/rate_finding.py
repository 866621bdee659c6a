"""Looking for a learning rate beside the window: a copy is trained with ever larger rates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnplay.core.errors import TrainingError
from nnplay.core.rate_probe import RateProbe
from nnplay.core.training import Trainer
from nnplay.data.errors import DataError
from nnplay.session.inquiry import Inquiry, LookAround, OnProgress

if TYPE_CHECKING:
    from nnplay.core.rate_finder import RateCurve
    from nnplay.session.session import Session

__all__ = ["RateFinding"]


class RateFinding(Inquiry):
    """Looks for a rate for the document as it is; it is never changed. The answer is a curve.

    Progress is the next rate and its smoothed loss.
    """

    def __init__(self, session: Session) -> None:
        super().__init__("nnplay-rates", session, "The search failed")
        self._session = session

    def start(self, lowest: float, highest: float, steps: int) -> bool:
        """Begin; False if there is something to look for already under way.

        Args:
            lowest: first rate, above 0.
            highest: last rate, above the first.
            steps: mini-batches at most, 2 or more.
        """
        if self.is_running:
            return False
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

        def work(look_around: LookAround, on_progress: OnProgress) -> RateCurve:
            from nnplay.core.rate_finder import find_rate

            def on_point(rate: float, _loss: float, smooth: float) -> None:
                on_progress(rate, smooth)

            return find_rate(make_probe, lowest, highest, steps, look_around, on_point)

        self.ask(work)
        return True

    def use(self, rate: float) -> bool:
        """Train with this rate from now on, as one undoable step."""
        return self._session.set_training(learning_rate=rate)
