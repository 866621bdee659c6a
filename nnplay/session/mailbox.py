"""From the training thread to the window: the latest state, and every loss."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nnplay.core.config import TrainingState
from nnplay.core.history import EpochRecord
from nnplay.session.epoch_snapshots import EpochSnapshot

__all__ = ["Frame", "Mailbox"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Frame:
    """What the window gets to see of training: all arrays are read-only.

    Attributes:
        theta: ``float64[P]``, the parameters now.
        state: how far training has come, the optimiser's memory included.
        records: losses of every epoch completed since the frame before, none left out; where the
            curve is still empty, the losses before training come first.
        batch_losses: ``float64[k]``, the loss of every step since the frame before.
        applied: number of messages the trainer had applied by then.
        enabled: ``bool[P]``, what is switched on; None if training switches nothing off.
        snapshots: networks at the ends of some epochs since the frame before, while a view looks
            at them.
    """

    theta: FloatArray
    state: TrainingState
    records: tuple[EpochRecord, ...]
    batch_losses: FloatArray
    applied: int
    enabled: BoolArray | None = None
    snapshots: tuple[EpochSnapshot, ...] = ()

    @property
    def step(self) -> int:
        """Batches since the start."""
        return self.state.step

    @property
    def epoch(self) -> int:
        """Complete epochs since the start."""
        return self.state.epoch


class Mailbox:
    """Holds one frame. The state in it is replaced by newer ones, losses pile up.

    ``ring`` is called on the posting thread when the box turns from empty to full, and only then:
    however fast training is, at most one signal is under way.
    """

    def __init__(self, ring: Callable[[], None]) -> None:
        self._ring = ring
        self._lock = threading.Lock()
        self._latest: tuple[FloatArray, TrainingState, int, BoolArray | None] | None = None
        self._records: list[EpochRecord] = []
        self._batch_losses: list[float] = []
        self._snapshots: list[EpochSnapshot] = []

    def post(
        self,
        theta: FloatArray,
        state: TrainingState,
        applied: int,
        records: Iterable[EpochRecord],
        batch_losses: Iterable[float],
        enabled: BoolArray | None = None,
        snapshots: Iterable[EpochSnapshot] = (),
    ) -> None:
        """Put a newer state in (worker thread); see :class:`Frame` for the arguments."""
        with self._lock:
            was_empty = self._latest is None
            self._latest = (theta, state, applied, enabled)
            self._records.extend(records)
            self._batch_losses.extend(batch_losses)
            self._snapshots.extend(snapshots)
        if was_empty:
            self._ring()

    def collect(self) -> Frame | None:
        """Take everything out; None if there is nothing (GUI thread)."""
        with self._lock:
            latest, records, batch_losses = self._latest, self._records, self._batch_losses
            self._latest, self._records, self._batch_losses = None, [], []
            snapshots, self._snapshots = tuple(self._snapshots), []
        if latest is None:
            return None
        theta, state, applied, enabled = latest
        losses = np.array(batch_losses, dtype=np.float64)
        losses.flags.writeable = False
        return Frame(theta, state, tuple(records), losses, applied, enabled, snapshots)
