"""One training step on one sample, done by a real trainer on the side.

The sample's step is no part of an epoch: step count and optimiser memory go on, the place in the
epoch and what the schedule remembers stay as they were. The learning rate is that of the next
ordinary step. Dropout is left out, so that the step belongs to the numbers that are seen.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from nnplay.core.config import TrainingConfig, TrainingState
from nnplay.core.network import Network
from nnplay.core.optimizers import OPTIMIZERS
from nnplay.core.samples import Samples
from nnplay.core.schedules import rates
from nnplay.core.training import Trainer

__all__ = ["SampleStep", "step_on"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SampleStep:
    """What a step on one sample comes to.

    Attributes:
        theta: ``float64[P]``, the parameters after it, read-only.
        enabled: ``bool[P]``, which of them are switched on after it (L1 can switch some off).
        state: where training stands after it.
        loss: the sample's loss before it.
        rate: the learning rate it was made with.
    """

    theta: FloatArray
    enabled: npt.NDArray[np.bool_]
    state: TrainingState
    loss: float
    rate: float


def step_on(
    network: Network,
    sample: Samples,
    config: TrainingConfig,
    *,
    seed: int = 0,
    state: TrainingState | None = None,
    train_count: int = 1,
) -> SampleStep | None:
    """Train on one sample, without touching anything that is given; None if it diverges.

    Args:
        network: as it is now.
        sample: one sample with its target.
        config: how to train.
        seed: the document's seed.
        state: where training stands.
        train_count: number of training samples, for the schedule.

    Raises :class:`nnplay.core.errors.TrainingError` when these do not go together.
    """
    state = TrainingState() if state is None else state
    size = max(1, train_count)
    if not OPTIMIZERS[config.optimizer].needs_full_batch:
        size = min(int(config.batch_size), size)
    batches = -(-max(1, train_count) // size)
    place = state.batch_in_epoch if state.batch_in_epoch < batches else 0
    rate = float(rates(config, state.epoch, place, 1, batches, state.counters)[0])
    # A constant schedule remembers nothing of the epoch that a single sample seems to be.
    alone = replace(config, schedule="constant", warmup_epochs=0, batch_size=1, shuffle=False)
    still = replace(network, dropout=np.zeros_like(network.dropout))
    trainer = Trainer(still, sample, alone, seed=seed, state=replace(state, batch_in_epoch=0))
    loss = trainer.step(rate)
    if trainer.diverged is not None:
        return None
    after = replace(trainer.state, epoch=state.epoch, batch_in_epoch=state.batch_in_epoch)
    return SampleStep(trainer.theta, trainer.enabled, after, loss, rate)
