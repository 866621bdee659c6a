"""Networks as they were at the ends of epochs, for curves of what training itself does not compute.

The training thread only notes the parameters, and only while somebody looks; what the curves show is
computed from them later, on another thread. So a point belongs to exactly one epoch, however fast
training is and however slow the computation.
"""

from __future__ import annotations

import time
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Final

from nnplay.core.config import TrainingConfig
from nnplay.core.history import EpochRecord
from nnplay.core.network import Network
from nnplay.core.samples import Samples
from nnplay.core.training import Trainer

__all__ = ["EpochSnapshot", "EpochWatch", "SnapshotTaker"]

FINE: Final = 256
"""So many epochs of a run are noted one by one; then half as many each time the run doubles."""
MOST_NUMBERS: Final = 4_000_000
"""Parameters noted at most before epochs become fewer; bounds the memory."""
FEWEST: Final = 16
FREE_SECONDS: Final = 0.02
SHARE: Final = 0.02
"""Of the training thread's time, beyond the free seconds, at most."""


@dataclass(frozen=True, eq=False)
class EpochSnapshot:
    """A network at the end of an epoch, and all that is needed to examine it.

    Attributes:
        record: losses of that epoch as the curve has them; epoch 0 is before training.
        network: with the parameters of that moment.
        config: settings in force.
        train, test: samples in use.
    """

    record: EpochRecord
    network: Network
    config: TrainingConfig
    train: Samples
    test: Samples | None


class EpochWatch:
    """Whether anybody looks at epochs: set on the GUI thread, read by the training thread.

    Attributes:
        is_on: whether somebody does.
        times: how often somebody began to.
    """

    def __init__(self) -> None:
        self._watchers: set[Hashable] = set()
        self.is_on = False
        self.times = 0

    def set(self, key: Hashable, *, on: bool) -> None:
        """Note that a view looks at epochs, or no longer does."""
        (self._watchers.add if on else self._watchers.discard)(key)
        if self._watchers and not self.is_on:
            self.times += 1
        self.is_on = bool(self._watchers)


class SnapshotTaker:
    """Takes the snapshots of one run; belongs to the training thread.

    The first epochs after somebody began to look are all noted, later ones at even numbers of epochs:
    those divisible by the smallest power of two that is enough.
    """

    def __init__(self, watch: EpochWatch) -> None:
        self._watch = watch
        self._times = -1
        self._first = self._next = 0
        self._latest = -1
        self._samples: Samples | None = None
        self._fine = FINE
        self._began = self._spent = 0.0
        self._left_out: EpochRecord | None = None
        self._taken: list[EpochSnapshot] = []

    @property
    def is_wanted(self) -> bool:
        """Whether :meth:`look` should be called after epochs."""
        return self._watch.is_on

    def look(self, record: EpochRecord, trainer: Trainer) -> None:
        """An epoch has ended, and the trainer's network is that of its end."""
        if not self._watch.is_on:
            return
        epoch = record.epoch
        if (
            self._times != self._watch.times
            or epoch <= self._latest
            or trainer.samples[0] is not self._samples
        ):
            self._begin(epoch, trainer)
        self._latest = epoch
        if epoch < self._next:
            self._left_out = record
            return
        start = time.perf_counter()
        stride = self._stride(epoch - self._first)
        self._next = epoch - epoch % stride + stride
        if epoch % stride or self._spent > FREE_SECONDS + SHARE * (start - self._began):
            self._left_out = record
            return
        self._take(record, trainer)
        self._spent += time.perf_counter() - start

    def _begin(self, epoch: int, trainer: Trainer) -> None:
        """Somebody began to look, or training began anew, or the data are others."""
        self._samples = trainer.samples[0]
        self._times, self._first, self._next = self._watch.times, epoch, epoch
        self._began, self._spent = time.perf_counter(), 0.0
        parameters = max(1, trainer.network.topology.parameter_count)
        self._fine = max(FEWEST, min(FINE, MOST_NUMBERS // parameters))

    def _stride(self, span: int) -> int:
        stride = 1
        while span > self._fine * stride:
            stride *= 2
        return stride

    def _take(self, record: EpochRecord, trainer: Trainer) -> None:
        self._left_out = None
        train, test = trainer.samples
        self._taken.append(EpochSnapshot(record, trainer.network, trainer.config, train, test))

    def forget(self) -> None:
        """The network has been changed since the latest epoch ended."""
        self._left_out = None

    def finish(self, trainer: Trainer) -> None:
        """The run is over: its last epoch is noted in any case, if nothing came after it."""
        record = self._left_out
        is_there = record is not None and trainer.epoch == record.epoch
        if record is not None and is_there and not trainer.state.batch_in_epoch:
            self._take(record, trainer)

    def collect(self) -> tuple[EpochSnapshot, ...]:
        """What was taken since the last call."""
        taken, self._taken = tuple(self._taken), []
        return taken
