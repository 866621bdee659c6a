"""What values every training setting may take, for the trainer, the command line and files alike."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any, Final

from nnplay.core.config import TrainingConfig
from nnplay.core.initializers import INITIALIZERS
from nnplay.core.losses import LOSSES
from nnplay.core.optimizers import OPTIMIZERS
from nnplay.core.plain_numbers import plain_number
from nnplay.core.schedules import SCHEDULES

__all__ = [
    "CHOICES",
    "MAX_COUNT",
    "MAX_SEED",
    "PRECISIONS",
    "RANGES",
    "Problem",
    "Range",
    "problem",
    "seed_problem",
]

PRECISIONS: Final = ("float64", "float32")
MAX_COUNT: Final = 2**53
"""The largest whole number that every format carries exactly."""
MAX_SEED: Final = 2**64 - 1

CHOICES: Final[dict[str, tuple[str, Collection[str]]]] = {
    "loss": ("loss", LOSSES),
    "optimizer": ("optimiser", OPTIMIZERS),
    "schedule": ("schedule", SCHEDULES),
    "initializer": ("initialiser", INITIALIZERS),
    "precision": ("precision", PRECISIONS),
}
"""Settings that are names: what they are called, and the names there are."""


@dataclass(frozen=True)
class Range:
    """Finite numbers a setting may be.

    Attributes:
        title: name of the setting for people, as it stands in a sentence behind "the".
        low: smallest number, or what numbers must be above if ``above``.
        high: largest number, or what numbers must be below if ``below``.
        whole: whether it is a whole number.
    """

    title: str
    low: float = -math.inf
    high: float = math.inf
    above: bool = False
    below: bool = False
    whole: bool = False

    def __contains__(self, value: Any) -> bool:
        if not is_number(value) or (self.whole and value % 1 != 0):
            return False
        if value < self.low or value > self.high:
            return False
        return not (self.above and value == self.low) and not (self.below and value == self.high)

    def expected(self, value: Any) -> str:
        """What should stand in place of a wrong value, as words behind "must be"."""
        if self.whole:
            if not is_number(value) or value % 1 != 0:
                return "a whole number"
            return f"at least {self.low}" if value < self.low else "at most 2⁵³"
        if self.low == -math.inf:
            return "a finite number"
        low, high = plain_number(self.low), plain_number(self.high)
        if self.high == math.inf:
            return f"a number above {low}" if self.above else f"a number of {low} or more"
        start = f"above {low}" if self.above else f"of at least {low}"
        return f"a number {start} and {'less than' if self.below else 'at most'} {high}"


def _count(title: str, low: int) -> Range:
    return Range(title, low, MAX_COUNT, whole=True)


RANGES: Final[dict[str, Range]] = {
    "learning_rate": Range("learning rate", 0.0, above=True),
    "momentum": Range("momentum", 0.0, 1.0, below=True),
    "dampening": Range("dampening of momentum", 0.0, 1.0),
    "beta1": Range("decay rate β₁", 0.0, 1.0, below=True),
    "beta2": Range("decay rate β₂", 0.0, 1.0, below=True),
    "epsilon": Range("optimiser's ε", 0.0, above=True),
    "rms_decay": Range("decay rate α of RMSprop", 0.0, 1.0, below=True),
    "weight_decay": Range("weight decay", 0.0),
    "batch_size": _count("batch size", 1),
    "l1": Range("L1 rate", 0.0),
    "l2": Range("L2 rate", 0.0),
    "clip_norm": Range("longest gradient", 0.0),
    "clip_value": Range("largest derivative", 0.0),
    "max_norm": Range("longest weight vector of a neuron", 0.0),
    "schedule_epochs": _count("number of epochs of the schedule", 1),
    "schedule_factor": Range("factor of the schedule", 0.0, 1.0),
    "warmup_epochs": _count("number of warm-up epochs", 0),
    "huber_delta": Range("δ of the Huber loss", 0.0, above=True),
    "label_smoothing": Range("label smoothing", 0.0, 1.0, below=True),
    "initial_value": Range("initial value"),
    "patience": _count("patience", 1),
    "min_improvement": Range("smallest improvement", 0.0),
    "stop_epoch": _count("epoch to stop at", 0),
    "stop_seconds": Range("time to stop after", 0.0),
    "stop_loss": Range("loss to stop at", 0.0),
}
"""Settings that are numbers, by name."""

SWITCHES: Final = {
    "l1_dead_links": "choice of dead links",
    "shuffle": "choice of shuffling",
    "early_stopping": "choice of early stopping",
}
"""Settings that are on or off, by name."""

_CLASS_WEIGHT: Final = Range("class weight", 0.0, above=True)
_FALLING: Final = ("step", "exponential", "plateau")


@dataclass(frozen=True)
class Problem:
    """A setting that no training can have.

    Attributes:
        setting: name of the setting.
        expected: what it must be, as words behind "must be".
        sentence: what is wrong, for people.
    """

    setting: str
    expected: str
    sentence: str


def problem(config: TrainingConfig) -> Problem | None:
    """The first setting that is out of range, or None."""
    for setting, (title, names) in CHOICES.items():
        name = getattr(config, setting)
        if not isinstance(name, str) or name not in names:
            return Problem(
                setting,
                f"one of {', '.join(names)}",
                f"There is no {title} “{name}”; choose one of {', '.join(names)}.",
            )
    for setting, title in SWITCHES.items():
        value = getattr(config, setting)
        if type(value) is not bool:
            return _wrong(setting, title, "true or false", value)
    for setting, allowed in RANGES.items():
        value = getattr(config, setting)
        if value not in allowed:
            return _wrong(setting, allowed.title, allowed.expected(value), value)
    for place, weight in enumerate(config.class_weights, 1):
        if weight not in _CLASS_WEIGHT:
            return _wrong(
                "class_weights", f"weight of class {place}", _CLASS_WEIGHT.expected(weight), weight
            )
    # Only the cosine may end at a rate of 0; any other would stand still for ever.
    if config.schedule in _FALLING and config.schedule_factor == 0:
        title = RANGES["schedule_factor"].title
        return _wrong("schedule_factor", title, "a number above 0", config.schedule_factor)
    seed = config.shuffle_seed
    return None if seed is None else seed_problem(seed, "shuffle_seed")


def seed_problem(seed: Any, setting: str = "seed") -> Problem | None:
    """What is wrong with a seed of random numbers; None if nothing is."""
    if not is_number(seed) or seed % 1 != 0:
        return _wrong(setting, "seed", "a whole number", seed)
    if seed < 0:
        return _wrong(setting, "seed", "0 or more", seed)
    if seed > MAX_SEED:
        return _wrong(setting, "seed", "less than 2⁶⁴", seed)
    return None


def is_number(value: Any) -> bool:
    """Whether something is a finite real number, and no truth value."""
    if type(value) is bool or not isinstance(value, Real):
        return False
    return isinstance(value, Integral) or math.isfinite(value)


def _wrong(setting: str, title: str, expected: str, value: object) -> Problem:
    return Problem(setting, expected, f"The {title} must be {expected}, not {value}.")
