"""Scanning the loss over a plane of parameters, beside the window."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from nnplay.core import landscape
from nnplay.core.errors import TrainingError
from nnplay.core.layer_statistics import shared_samples
from nnplay.core.network import Network
from nnplay.data.errors import DataError
from nnplay.session.inquiry import Inquiry, LookAround, OnProgress

if TYPE_CHECKING:
    from nnplay.session.session import Session

__all__ = ["LandscapeScan"]


class LandscapeScan(Inquiry):
    """Scans the network as it is shown, row by row; it is never changed. The answer is a landscape."""

    def __init__(self, session: Session) -> None:
        super().__init__("nnplay-landscape", session, "The landscape could not be computed")
        self._session = session

    def start(self, make_plane: Callable[[Network], landscape.Plane], resolution: int) -> bool:
        """Begin; False if one is under way already.

        Args:
            make_plane: the plane for the network; called beside the window, over values that
                nobody changes. It may raise TrainingError with a sentence.
            resolution: places along each side.
        """
        if self.is_running:
            return False
        session = self._session
        document = session.live_document
        try:
            samples = shared_samples(session.workspace.data.samples(document)[0])
        except (DataError, TrainingError) as error:
            self.failed.emit(str(error))
            return True
        network, config = document.network, document.training

        def work(look_around: LookAround, on_progress: OnProgress) -> landscape.Landscape:
            return landscape.scan(
                network,
                samples,
                config,
                make_plane(network),
                resolution,
                lambda row: on_progress(row, resolution),
                look_around,
            )

        self.ask(work)
        return True
