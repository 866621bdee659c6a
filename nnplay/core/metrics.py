"""How good the answers of a network are, in numbers people know."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnplay.core.config import LossChoice, loss_settings
from nnplay.core.network import Network
from nnplay.core.program import Program
from nnplay.core.samples import Samples
from nnplay.core.targets import accuracy

__all__ = ["Metric", "judge", "quality"]


@dataclass(frozen=True)
class Metric:
    """How good the answers are, of both parts; NaN where there is no such part.

    Attributes:
        is_accuracy: share of right classes; otherwise the coefficient of determination
            R² = 1 - Σ(y - ŷ)² / Σ(y - ȳ)², which is 1 at best and 0 for always saying the mean.
        train: of the training part.
        test: of the test part.
    """

    is_accuracy: bool
    train: float
    test: float


def quality(network: Network, samples: Samples | None, loss: LossChoice) -> float:
    """Accuracy for classes, R² of the first output for numbers; NaN without samples.

    R² does not depend on how the target is scaled, so that scaled targets do as well as raw ones.

    Raises :class:`nnplay.core.errors.TrainingError` when the network cannot be computed.
    """
    if samples is None or not len(samples):
        return float("nan")
    outputs = np.array(Program(network, len(samples)).forward(samples.inputs), dtype=np.float64)
    share = accuracy(outputs, samples, network, loss_settings(loss).name)
    if share is not None:
        return share
    assert samples.values is not None  # noqa: S101 - either classes or values
    wanted = samples.values[:, 0]
    with np.errstate(all="ignore"):
        left = np.sum((wanted - outputs[:, 0]) ** 2)
        return float(1.0 - left / np.sum((wanted - wanted.mean()) ** 2))


def judge(network: Network, train: Samples, test: Samples | None, loss: LossChoice) -> Metric:
    """Both parts of a :class:`Metric`."""
    return Metric(
        train.classes is not None,
        quality(network, train, loss),
        quality(network, test, loss),
    )
