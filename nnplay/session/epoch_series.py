"""What has been measured at the ends of epochs, and which of it belongs to the curve shown now.

A point is known by its epoch and the losses training found there. It is drawn while the loss curve
has just these losses at that epoch: undo takes points out of sight, redo brings them back, and what
another course of training gave never mixes with this one.
"""

from __future__ import annotations

import heapq
import math
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from nnplay.core.errors import TrainingError
from nnplay.core.history import History
from nnplay.core.samples import Samples
from nnplay.core.topology import Topology
from nnplay.session.epoch_snapshots import MOST_NUMBERS, EpochSnapshot

__all__ = ["EpochPoint", "EpochSeries"]

FloatArray = npt.NDArray[np.float64]

MOST_POINTS: Final = 512
"""Points on the curve shown; and as many that undo or another course has taken out of sight."""
MOST_WAITING: Final = 2048
COARSE_BITS: Final = 4
LARGE: Final = 64
"""More than the bits of an epoch."""

Key = tuple[int, float, float]


@dataclass(frozen=True, eq=False)
class EpochPoint:
    """What was measured at the end of an epoch; ``topology`` is that of the network measured."""

    epoch: int
    topology: Topology
    row: FloatArray


class EpochSeries:
    """Snapshots that wait to be measured, and the points measured.

    :meth:`work` may be called on another thread, the others belong to the GUI thread.
    """

    def __init__(self, most: int = MOST_POINTS) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._waiting: list[tuple[int, int, EpochSnapshot]] = []  # a heap; see _fineness
        self._count = 0
        self._done: list[tuple[EpochSnapshot, FloatArray]] = []
        self._generation = 0
        self._points: dict[Key, EpochPoint] = {}

    def __len__(self) -> int:
        return len(self._points)

    @property
    def has_waiting(self) -> bool:
        """Whether there is something to measure."""
        return bool(self._waiting)

    def clear(self) -> None:
        """Forget everything, also what is being measured at this moment."""
        with self._lock:
            self._generation += 1
            self._waiting.clear()
            self._done.clear()
        self._points.clear()

    def add(self, snapshots: Iterable[EpochSnapshot]) -> None:
        """More snapshots to measure; where too many wait, those measured last are left out."""
        with self._lock:
            size = 1
            for snapshot in snapshots:
                size = max(size, snapshot.network.theta.size)
                self._count += 1
                entry = (_fineness(snapshot.record.epoch), self._count, snapshot)
                heapq.heappush(self._waiting, entry)
            most = max(2, min(MOST_WAITING, MOST_NUMBERS // size))
            if len(self._waiting) > most:
                self._waiting = heapq.nsmallest(most // 2, self._waiting)

    def work(
        self,
        measure: Callable[[EpochSnapshot], FloatArray],
        seconds: float,
        rest: Callable[[], object],
    ) -> None:
        """Measure what waits for about so long; ``rest`` is called in between.

        Not in their order: the curve is a coarse one at first, over all epochs, and becomes finer.
        A snapshot that cannot be measured (:class:`TrainingError`) leaves no point.
        """
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            with self._lock:
                if not self._waiting:
                    return
                snapshot, generation = heapq.heappop(self._waiting)[2], self._generation
            try:
                row = measure(snapshot)
            except TrainingError:
                continue
            with self._lock:
                if generation == self._generation:
                    self._done.append((snapshot, row))
            rest()

    def gather(self, train: Samples | None) -> bool:
        """Take what has been measured on these samples as points; whether there was anything."""
        with self._lock:
            done, self._done = self._done, []
        for snapshot, row in done:
            if snapshot.train is train:
                point = EpochPoint(snapshot.record.epoch, snapshot.network.topology, row)
                self._points[_key(*_losses(snapshot))] = point
        return bool(done)

    def on(self, curve: History) -> list[EpochPoint]:
        """The points of a curve, ascending; bounds the number of all points on the way."""
        found = {key: self._points[key] for key in self._keys_of(curve) if key in self._points}
        if len(found) > self._most:
            stride = 1
            first, last = min(found)[0], max(found)[0]
            while (last - first) // stride > self._most // 2:
                stride *= 2
            for key in [k for k in found if k[0] % stride and k[0] not in (first, last)]:
                del found[key], self._points[key]
        hidden = [key for key in self._points if key not in found]
        for key in hidden[: max(0, len(hidden) - self._most)]:
            del self._points[key]
        return [found[key] for key in sorted(found)]

    def _keys_of(self, curve: History) -> list[Key]:
        epochs = np.array(sorted({key[0] for key in self._points}), dtype=np.float64)
        if not epochs.size or not len(curve):
            return []
        rows = np.searchsorted(curve.epochs, epochs).clip(max=len(curve) - 1)
        rows = rows[curve.epochs[rows] == epochs]
        columns = (curve.epochs[rows], curve.train[rows], curve.test[rows])
        return [_key(*losses) for losses in zip(*(c.tolist() for c in columns), strict=True)]


def _fineness(epoch: int) -> int:
    """Small for what is needed first.

    Coarse points, which large powers of two divide, come first of all, eight for every doubling of
    the epoch, because curves are steep in the beginning; the others in the same order.
    """
    if not epoch:
        return -3 * LARGE
    power = (epoch & -epoch).bit_length()
    is_coarse = epoch.bit_length() - power < COARSE_BITS
    return -power - (LARGE if is_coarse else 0)


def _losses(snapshot: EpochSnapshot) -> tuple[float, float, float]:
    record = snapshot.record
    return record.epoch, record.loss_train, record.loss_test


def _key(epoch: float, train: float, test: float) -> Key:
    # NaN (no test part) equals nothing, not even itself.
    return int(epoch), train, -1.0 if math.isnan(test) else test
