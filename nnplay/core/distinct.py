"""The values that occur in an array."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["distinct"]


def distinct(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The distinct values of an array of any shape, in ascending order.

    The same as ``np.unique``, which loads ``numpy.ma`` at its first call: some 25 ms of the time
    until the window can be used.
    """
    ordered = np.sort(values, axis=None)
    is_first = np.ones(ordered.size, dtype=bool)
    is_first[1:] = ordered[1:] != ordered[:-1]
    return ordered[is_first]
