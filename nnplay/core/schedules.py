"""The table of schedules: how the learning rate changes while a network trains.

A schedule multiplies the learning rate of the settings; its forms are PyTorch's
(``torch.optim.lr_scheduler``). A warm-up may stand in front of any: the rate then rises in equal
parts with every step, and the schedule begins when it is over.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from nnplay.core.config import TrainingConfig

__all__ = ["SCHEDULES", "Schedule", "plateau_update", "rate_factor", "rates"]

FloatArray = npt.NDArray[np.float64]
Counters = Mapping[str, float]
Factor = Callable[[TrainingConfig, int, int, Counters], float | FloatArray]

# One-cycle: share of the steps in which the rate rises, what it rises from, and what it ends at.
RISING: Final = 0.3
START: Final = 1.0 / 25.0
END: Final = START / 1e4

# Plateau: how much smaller a loss must be to count, and the least change of a rate worth making.
THRESHOLD: Final = 1e-4
SMALLEST_CHANGE: Final = 1e-8


@dataclass(frozen=True)
class Schedule:
    """One schedule.

    Attributes:
        name: key in files and on the command line.
        title: name for people.
        formula: the rate as text: e epochs done, T ``schedule_epochs``, f ``schedule_factor``, η
            the learning rate of the settings.
        sentence: what it does and what for, for people.
        source: where its form comes from.
        settings: names of the training settings it reads.
        factor: ``factor(config, epoch, steps_per_epoch, counters)`` gives what the rate is
            multiplied by in an epoch (0 for the first): one number, or ``float64[steps]``.
    """

    name: str
    title: str
    formula: str
    sentence: str
    source: str
    settings: tuple[str, ...]
    factor: Factor


def rates(
    config: TrainingConfig,
    epoch: int,
    first: int,
    count: int,
    steps_per_epoch: int,
    counters: Counters,
) -> FloatArray:
    """Learning rates of consecutive steps of one epoch.

    Args:
        config: settings with a known schedule.
        epoch: complete epochs before.
        first: number of the first step in the epoch, from 0.
        count: number of steps; they must not go beyond the end of the epoch.
        steps_per_epoch: batches of an epoch.
        counters: what :func:`plateau_update` remembers.

    Returns:
        ``float64[count]``. They depend on nothing but the place of each step, so that slices of
        any length give the same numbers.
    """
    factor = _factor(config, epoch, steps_per_epoch, counters)
    if isinstance(factor, float):
        return np.full(count, config.learning_rate * factor)
    return config.learning_rate * factor[first : first + count]


def rate_factor(
    config: TrainingConfig,
    epoch: int,
    step_in_epoch: int,
    steps_per_epoch: int,
    counters: Counters,
) -> float:
    """What the learning rate is multiplied by in one step; arguments as in :func:`rates`."""
    factor = _factor(config, epoch, steps_per_epoch, counters)
    return factor if isinstance(factor, float) else float(factor[step_in_epoch])


def plateau_update(config: TrainingConfig, counters: Counters, loss: float) -> dict[str, float]:
    """What to remember after an epoch, as PyTorch's ReduceLROnPlateau does.

    Args:
        config: the settings; any schedule but ``plateau`` remembers nothing new.
        counters: what was remembered before, under any names.
        loss: the loss that is watched; one that is not a finite number is no improvement.

    Returns:
        The counters with ``plateau_best`` (missing before the first finite loss), ``plateau_bad``
        (epochs without improvement) and ``plateau_factor`` (what the rate is multiplied by).
    """
    after = dict(counters)
    if config.schedule != "plateau":
        return after
    bad, factor = after.get("plateau_bad", 0.0) + 1.0, after.get("plateau_factor", 1.0)
    best = after.get("plateau_best", math.inf)
    if math.isfinite(loss) and loss < best * (1.0 - THRESHOLD):
        after["plateau_best"], bad = float(loss), 0.0
    if bad > config.schedule_epochs:
        bad, smaller = 0.0, factor * config.schedule_factor
        if config.learning_rate * (factor - smaller) > SMALLEST_CHANGE:
            factor = smaller
    after["plateau_bad"], after["plateau_factor"] = bad, factor
    return after


def _factor(
    config: TrainingConfig, epoch: int, steps_per_epoch: int, counters: Counters
) -> float | FloatArray:
    schedule, warmup = SCHEDULES[config.schedule], config.warmup_epochs
    if epoch >= warmup:
        return schedule.factor(config, epoch - warmup, steps_per_epoch, counters)
    start = schedule.factor(config, 0, steps_per_epoch, counters)
    rise = _rise(epoch, warmup, steps_per_epoch)
    return rise * (start if isinstance(start, float) else float(start[0]))


@lru_cache(maxsize=4)
def _rise(epoch: int, warmup: int, steps_per_epoch: int) -> FloatArray:
    """Warm-up: shares 1/n, 2/n … 1 over its n steps (LinearLR from 1/n in n − 1 steps)."""
    steps = np.arange(epoch * steps_per_epoch + 1, (epoch + 1) * steps_per_epoch + 1)
    return _read_only(steps / (warmup * steps_per_epoch))


def _constant(
    config: TrainingConfig, epoch: int, steps_per_epoch: int, counters: Counters
) -> float:
    return 1.0


def _step(config: TrainingConfig, epoch: int, steps_per_epoch: int, counters: Counters) -> float:
    return float(config.schedule_factor ** (epoch // config.schedule_epochs))


def _exponential(
    config: TrainingConfig, epoch: int, steps_per_epoch: int, counters: Counters
) -> float:
    return float(config.schedule_factor ** (epoch / config.schedule_epochs))


def _cosine(config: TrainingConfig, epoch: int, steps_per_epoch: int, counters: Counters) -> float:
    floor, length = config.schedule_factor, config.schedule_epochs
    if epoch >= length:
        return floor
    return floor + (1.0 - floor) * (1.0 + math.cos(math.pi * epoch / length)) / 2.0


def _one_cycle(
    config: TrainingConfig, epoch: int, steps_per_epoch: int, counters: Counters
) -> float | FloatArray:
    if epoch >= config.schedule_epochs:
        return END
    return _cycle(epoch, config.schedule_epochs, steps_per_epoch)


# A whole epoch at once: a cosine in the middle of a vector may differ in its last bit from the
# same cosine alone.
@lru_cache(maxsize=4)
def _cycle(epoch: int, epochs: int, steps_per_epoch: int) -> FloatArray:
    total = epochs * steps_per_epoch
    top, last = RISING * total - 1.0, total - 1.0
    steps = np.arange(epoch * steps_per_epoch, (epoch + 1) * steps_per_epoch, dtype=np.float64)
    rising = (steps <= top) & (top > 0.0)
    # Without room for a rise, a cycle begins at its top.
    up = steps / (top if top > 0.0 else 1.0)
    down = (steps - top) / (last - top)
    begin, end = np.where(rising, START, 1.0), np.where(rising, 1.0, END)
    share = np.where(rising, up, down)
    return _read_only(end + (begin - end) / 2.0 * (np.cos(np.pi * share) + 1.0))


def _plateau(config: TrainingConfig, epoch: int, steps_per_epoch: int, counters: Counters) -> float:
    return float(counters.get("plateau_factor", 1.0))


def _read_only(values: FloatArray) -> FloatArray:
    values.flags.writeable = False
    return values


SCHEDULES: Final[dict[str, Schedule]] = {
    schedule.name: schedule
    for schedule in (
        Schedule(
            "constant",
            "Constant",
            "η",
            "The learning rate stays as it is.",
            "Robbins & Monro 1951, A stochastic approximation method",
            settings=("warmup_epochs",),
            factor=_constant,
        ),
        Schedule(
            "step",
            "Step",
            "η · f^⌊e / T⌋",
            "The rate falls in stairs: it is multiplied by the factor whenever so many epochs are "
            "over.",
            "PyTorch, StepLR",
            settings=("schedule_epochs", "schedule_factor", "warmup_epochs"),
            factor=_step,
        ),
        Schedule(
            "exponential",
            "Exponential",
            "η · f^(e / T)",
            "The rate falls a little after every epoch; when so many epochs are over, it has been "
            "multiplied by the factor.",
            "PyTorch, ExponentialLR (T = 1)",
            settings=("schedule_epochs", "schedule_factor", "warmup_epochs"),
            factor=_exponential,
        ),
        Schedule(
            "cosine",
            "Cosine",
            "η · (f + (1 − f) · ½(1 + cos(π · e / T))), then η · f",
            "The rate falls along half a cosine, slowly at first and at the end, down to the "
            "factor's share of it, and stays there.",
            "Loshchilov & Hutter 2017, SGDR: Stochastic gradient descent with warm restarts",
            settings=("schedule_epochs", "schedule_factor", "warmup_epochs"),
            factor=_cosine,
        ),
        Schedule(
            "one_cycle",
            "One cycle",
            "from η/25 up to η in 30 % of T epochs, then down to η/250,000, along cosines",
            "The rate rises for a third of the time and falls for the rest, with every batch: a "
            "large rate in the middle often trains quickly and well.",
            "Smith & Topin 2018, Super-convergence",
            settings=("schedule_epochs", "warmup_epochs"),
            factor=_one_cycle,
        ),
        Schedule(
            "plateau",
            "On plateaus",
            "η · f after more than T epochs without a smaller loss",
            "The rate is multiplied by the factor whenever the loss has stopped falling for more "
            "than so many epochs.",
            "PyTorch, ReduceLROnPlateau",
            settings=("schedule_epochs", "schedule_factor", "warmup_epochs"),
            factor=_plateau,
        ),
    )
}
"""All schedules by name."""
