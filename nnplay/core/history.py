"""Loss curves as immutable values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["HISTORY_LIMIT", "EpochRecord", "History"]

HISTORY_LIMIT: Final = 20_000
"""Rows a document keeps; longer histories are thinned."""

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class EpochRecord:
    """Losses over whole data sets at the end of an epoch, without penalty.

    ``loss_test`` is NaN without test samples. Epoch 0 is before training.
    """

    epoch: int
    loss_train: float
    loss_test: float


def _empty() -> FloatArray:
    return np.empty(0)


@dataclass(frozen=True, eq=False)
class History:
    """Loss per epoch, one entry per recorded epoch, ascending; row 0 is before training.

    Attributes:
        epochs: ``float64[n]``, epoch numbers.
        train: ``float64[n]``, loss on the training part (without penalty).
        test: ``float64[n]``, loss on the test part; NaN without test samples.
    """

    epochs: FloatArray = field(default_factory=_empty)
    train: FloatArray = field(default_factory=_empty)
    test: FloatArray = field(default_factory=_empty)

    def __len__(self) -> int:
        return len(self.epochs)

    def same_as(self, other: History) -> bool:
        """Bit-for-bit equality, NaN counting as equal to NaN."""
        return all(
            np.array_equal(getattr(self, name), getattr(other, name), equal_nan=True)
            for name in ("epochs", "train", "test")
        )

    def append(self, epoch: float, train: float, test: float) -> History:
        """The history with one more row, in place of rows that are not before it."""
        return self._extended([epoch], [train], [test])

    def append_many(self, records: Iterable[EpochRecord]) -> History:
        """The history with the rows of some records behind it.

        Rows that are not before the new ones give way: a file may hold a curve that is longer than
        the network has been trained.
        """
        rows = list(records)
        if not rows:
            return self
        return self._extended(
            [float(row.epoch) for row in rows],
            [row.loss_train for row in rows],
            [row.loss_test for row in rows],
        )

    def _extended(self, epochs: list[float], train: list[float], test: list[float]) -> History:
        kept = int(np.searchsorted(self.epochs, epochs[0]))
        return _frozen(
            np.concatenate([self.epochs[:kept], epochs]),
            np.concatenate([self.train[:kept], train]),
            np.concatenate([self.test[:kept], test]),
        )

    def cut(self, epoch: float) -> History:
        """The history up to and including an epoch: what an undone run leaves behind."""
        keep = int(np.searchsorted(self.epochs, epoch, side="right"))
        if keep == len(self):
            return self
        return _frozen(self.epochs[:keep], self.train[:keep], self.test[:keep])

    def decimated(self, limit: int) -> History:
        """The history thinned to at most ``limit`` rows (2 or more), first and last kept.

        Between them only epochs divisible by a power of two stay, the smallest power that would be
        enough if every epoch from the first to the last had its row. It depends on these two
        epochs alone, so thinning again and again while a run goes on ends in the same rows as
        thinning once at its end.
        """
        if limit < 2:
            raise ValueError("A history cannot be thinned to less than two rows.")
        if len(self) <= 2:
            return self
        first, last = int(self.epochs[0]), int(self.epochs[-1])
        stride = 1
        while 2 + (last - 1) // stride - first // stride > limit:
            stride *= 2
        keep = self.epochs % stride == 0
        keep[0] = keep[-1] = True
        if keep.all():
            return self
        return _frozen(self.epochs[keep], self.train[keep], self.test[keep])


def _frozen(epochs: FloatArray, train: FloatArray, test: FloatArray) -> History:
    arrays = [np.array(values, dtype=np.float64) for values in (epochs, train, test)]
    for array in arrays:
        array.flags.writeable = False
    return History(*arrays)
