"""Where the parameters have been during training: a bounded record that undo cuts back."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from nnplay.core.topology import Topology
    from nnplay.session.session import Session

__all__ = ["ParameterTrail", "exact_epoch"]

FloatArray = npt.NDArray[np.float64]

MOST_MOMENTS: Final = 512
MOST_NUMBERS: Final = 4_000_000
SHORTEST_INTERVAL: Final = 0.05
"""Seconds between two records while training."""


def exact_epoch(session: Session) -> float:
    """Epochs up to now, with the share of one that has begun."""
    state, batches = session.workspace.state, session.batches_per_epoch
    return state.epoch + (min(state.batch_in_epoch / batches, 1.0) if batches else 0.0)


class ParameterTrail(QObject):
    """Parameters at moments of training, from the time somebody asked for it; GUI thread only.

    When it is full, every second moment is forgotten, so that it always reaches from the start to
    now. Other neurons or connections begin a new trail.
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._topology: Topology | None = None
        self._epochs: list[float] = []
        self._thetas: list[npt.NDArray[np.float32]] = []
        self._stride = self._skipped = 0
        self._last_time = 0.0
        session.frame_arrived.connect(self._advance)
        session.network_changed.connect(self._follow)
        session.run_state_changed.connect(self._run_state_changed)
        session.document_replaced.connect(self._restart)
        self._restart()

    def __len__(self) -> int:
        return len(self._epochs)

    @property
    def epochs(self) -> FloatArray:
        """``float64[k]``, ascending, fractional epochs."""
        return np.array(self._epochs)

    @property
    def thetas(self) -> npt.NDArray[np.float32]:
        """``float32[k, P]``, parameters at these epochs."""
        if not self._thetas:
            return np.empty((0, self._session.network.theta.size), dtype=np.float32)
        return np.stack(self._thetas)

    def values(self, slots: npt.ArrayLike) -> FloatArray:
        """``float64[k, slots]``: some parameters over the epochs."""
        wanted = np.asarray(slots, dtype=np.int64)
        rows = [theta[wanted] for theta in self._thetas]
        return np.array(rows, dtype=np.float64).reshape(len(rows), wanted.size)

    @property
    def change(self) -> FloatArray:
        """``float64[P]``: from the first moment to the latest."""
        return np.subtract(self._thetas[-1], self._thetas[0], dtype=np.float64)

    @property
    def limit(self) -> int:
        """Moments kept at most; fewer for large networks."""
        parameters = max(1, self._session.network.theta.size)
        return max(8, min(MOST_MOMENTS, MOST_NUMBERS // parameters))

    # ------------------------------------------------------------------ following the session
    def _restart(self) -> None:
        self._topology = self._session.network.topology
        self._epochs, self._thetas = [], []
        self._stride, self._skipped = 1, 0
        self._note(exact_epoch(self._session))

    def _advance(self) -> None:
        now = time.monotonic()
        if now < self._last_time + SHORTEST_INTERVAL:
            return
        self._last_time = now
        self._skipped += 1
        if self._skipped >= self._stride:
            self._skipped = 0
            self._follow()

    def _run_state_changed(self) -> None:
        if not self._session.is_running and self._epochs[-1] != exact_epoch(self._session):
            self._follow()  # the last moment of a run

    def _follow(self, *_: object) -> None:
        """Note the parameters as they are now, after forgetting what has been undone."""
        if self._session.network.topology is not self._topology:
            self._restart()
            return
        epoch = exact_epoch(self._session)
        # At the same epoch stands an edit by hand, which is no part of the path.
        while self._epochs and self._epochs[-1] >= epoch:
            self._epochs.pop()
            self._thetas.pop()
        self._note(epoch)
        if len(self._epochs) > self.limit:
            last_epoch, last = self._epochs[-1], self._thetas[-1]
            self._epochs, self._thetas = self._epochs[::2], self._thetas[::2]
            if self._epochs[-1] != last_epoch:
                self._epochs.append(last_epoch)
                self._thetas.append(last)
            self._stride *= 2

    def _note(self, epoch: float) -> None:
        self._epochs.append(epoch)
        self._thetas.append(self._session.network.theta.astype(np.float32))
