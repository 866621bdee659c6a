"""The next mini-batch, sample by sample: whose loss, whose gradient, and how well they agree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from nnplay.core.checks import check_network, check_samples
from nnplay.core.config import TrainingConfig, TrainingState, loss_settings
from nnplay.core.explaining import batch_rows
from nnplay.core.health import even_rows
from nnplay.core.network import Network
from nnplay.core.program import Program
from nnplay.core.samples import Samples
from nnplay.core.targets import encode_targets, sample_weights

__all__ = ["BatchView", "view_batch"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

MOST_SHOWN: Final = 256
MOST_OF_ALL: Final = 4096
_CHUNK: Final = 512


@dataclass(frozen=True, eq=False)
class BatchView:
    """What the next step of training would look at, judged without dropout and penalties.

    Attributes:
        rows: ``int64[batch]``, numbers of the training samples in the batch, in the trainer's
            order.
        shown: how many of them :attr:`losses` and :attr:`lengths` tell, from the first.
        losses: ``float64[shown]``, each sample's own loss.
        lengths: ``float64[shown]``, Euclidean length of each sample's own gradient.
        loss, length: of the batch's mean loss.
        loss_of_all, length_of_all: of the whole training set's (at most :data:`MOST_OF_ALL`
            samples, evenly spread).
        angle: between the two gradients, in degrees; NaN where one of them is 0.
        samples_of_all: number of samples behind the figures of all.
        has_dropout: whether the step itself would silence some neurons.
    """

    rows: IntArray
    shown: int
    losses: FloatArray
    lengths: FloatArray
    loss: float
    length: float
    loss_of_all: float
    length_of_all: float
    angle: float
    samples_of_all: int
    has_dropout: bool


def view_batch(
    network: Network,
    samples: Samples,
    config: TrainingConfig,
    *,
    seed: int = 0,
    state: TrainingState | None = None,
    look_around: Callable[[], None] | None = None,
) -> BatchView:
    """Look at the next mini-batch; nothing is trained.

    Args:
        network: with the parameters it has now.
        samples: all training samples.
        config: how to train.
        seed: the document's seed, for the order.
        state: where training stands.
        look_around: called between samples; may raise to give it up.

    Raises :class:`nnplay.core.errors.TrainingError` when these do not go together.
    """
    state = TrainingState() if state is None else state
    settings = loss_settings(config)
    check_network(network, settings.name)
    check_samples(network, samples, settings.name, "training")
    rows = batch_rows(len(samples), config, seed, state)
    program = Program(network, 1)
    targets = encode_targets(
        samples,
        network,
        settings.name,
        label_smoothing=settings.label_smoothing,
        class_weights=settings.class_weights,
    )
    weights = sample_weights(samples, settings.name, settings.class_weights)

    def mean(chosen: IntArray) -> tuple[float, FloatArray]:
        """Mean loss and its gradient over some samples."""
        whole = float(chosen.size if weights is None else weights[chosen].sum())
        loss, gradient = 0.0, np.zeros(network.theta.size)
        for start in range(0, chosen.size, _CHUNK):
            if start and look_around is not None:
                look_around()
            part = chosen[start : start + _CHUNK]
            share = None if weights is None else weights[part]
            value = program.backward(samples.inputs[part], targets[part], settings, share)
            size = float(part.size if share is None else share.sum()) / whole
            loss += value * size
            gradient += program.gradient * size
        return loss, gradient

    shown = rows[:MOST_SHOWN]
    losses, lengths = np.empty(shown.size), np.empty(shown.size)
    for place, row in enumerate(shown.tolist()):
        if look_around is not None:
            look_around()
        one = np.array([row])
        losses[place], gradient = mean(one)
        lengths[place] = _length(gradient)
    loss, gradient = mean(rows)
    everybody = even_rows(len(samples), MOST_OF_ALL)
    loss_of_all, gradient_of_all = mean(everybody)
    return BatchView(
        rows=rows,
        shown=int(shown.size),
        losses=losses,
        lengths=lengths,
        loss=loss,
        length=_length(gradient),
        loss_of_all=loss_of_all,
        length_of_all=_length(gradient_of_all),
        angle=_angle(gradient, gradient_of_all),
        samples_of_all=int(everybody.size),
        has_dropout=bool((network.dropout > 0.0).any()),
    )


def _length(vector: FloatArray) -> float:
    return float(np.sqrt(vector.dot(vector)))


def _angle(one: FloatArray, other: FloatArray) -> float:
    """Angle in degrees; by the sine of its half, so that small ones keep their digits."""
    a, b = _length(one), _length(other)
    if not (a > 0.0 and b > 0.0 and np.isfinite(a * b)):
        return float("nan")
    half = 0.5 * _length(one / a - other / b)
    return float(np.degrees(2.0 * np.arcsin(min(1.0, half))))
