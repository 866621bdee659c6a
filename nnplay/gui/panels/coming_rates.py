"""The learning rate of the epochs around the present one, as a curve to draw."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from nnplay.core.config import TrainingConfig, TrainingState
from nnplay.core.schedules import rates

__all__ = ["coming_rates"]

FloatArray = npt.NDArray[np.float64]

POINTS: Final = 160
SHORTEST: Final = 10


def coming_rates(
    config: TrainingConfig, state: TrainingState, batches: int
) -> tuple[FloatArray, FloatArray]:
    """Epochs from 0 to beyond the schedule's length and the present epoch, and their rates.

    Args:
        config: learning rate, schedule and warm-up.
        state: present epoch, and what the schedule remembers.
        batches: steps that make an epoch, >= 1.

    Returns:
        ``float64[n]`` epochs, ascending, and the rate ``float64[n]`` of the first step of each.
    """
    length = config.schedule_epochs
    if config.schedule in ("step", "exponential"):
        length *= 4
    span = max(SHORTEST, 1.25 * (length + config.warmup_epochs), 1.25 * state.epoch)
    if config.stop_epoch > state.epoch:
        span = config.stop_epoch
    epochs = np.unique(np.linspace(0.0, span, POINTS).round())
    values = [
        float(rates(config, int(epoch), 0, 1, batches, state.counters)[0]) for epoch in epochs
    ]
    return epochs, np.array(values)
