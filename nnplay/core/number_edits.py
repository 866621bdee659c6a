"""New values for chosen parameters; every function gives values for slots, in their order."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from nnplay.core.errors import TrainingError
from nnplay.core.network import Network

__all__ = ["noisy", "scaled", "weak_edges"]

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


def scaled(values: FloatArray, factor: float) -> FloatArray:
    """Values times a factor; raises :class:`TrainingError` where that is beyond all bounds."""
    with np.errstate(all="ignore"):
        return _finite(values * factor)


def noisy(values: FloatArray, amount: float, seed: int) -> FloatArray:
    """Values plus N(0, amount²); raises :class:`TrainingError` for a negative amount."""
    if not amount >= 0.0:  # NaN is refused too
        raise TrainingError("The amount of noise must be 0 or more.")
    with np.errstate(all="ignore"):
        return _finite(values + np.random.default_rng(seed).normal(0.0, 1.0, values.size) * amount)


def weak_edges(network: Network, slots: npt.ArrayLike, threshold: float) -> IntArray:
    """Those of some slots that are connections with |w| below a threshold, ascending."""
    if not threshold >= 0.0:
        raise TrainingError("The threshold must be 0 or more.")
    chosen = np.unique(np.asarray(slots, dtype=np.int64))
    chosen = chosen[chosen < network.topology.edge_count]
    weak: IntArray = chosen[np.abs(network.theta[chosen]) < threshold]
    return weak


def _finite(values: FloatArray) -> FloatArray:
    if not np.isfinite(values).all():
        raise TrainingError("The numbers would become too large; choose a smaller value.")
    return values
