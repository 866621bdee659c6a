"""Loss curves as immutable values."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

__all__ = ["History"]

FloatArray = npt.NDArray[np.float64]


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
