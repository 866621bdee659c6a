"""Looking for a good learning rate: train with larger and larger ones and watch the loss.

After Smith 2017, Cyclical learning rates for training neural networks (section 3.3). The rate
grows by the same factor from one mini-batch to the next. Where the smoothed loss falls most
steeply, the network learns fast; behind its minimum, rates are too large.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from nnplay.core.plain_numbers import plain_number

__all__ = ["RateCurve", "find_rate"]

FloatArray = npt.NDArray[np.float64]

# Share of the smoothed loss that stays from one mini-batch to the next.
KEEP: Final = 0.9
# The ramp ends when the smoothed loss is so many times its smallest value.
TOO_LARGE: Final = 4.0
# The suggestion is at least so many times smaller than the rate of the smallest loss.
MARGIN: Final = 3.0
# Slopes are taken over so many points; losses of mini-batches jump.
WINDOW: Final = 15
# A loss that has fallen by this share of itself has fallen; by less than the smaller share it has
# not; between them it has if the fall stands out from the jumps between mini-batches.
CLEAR: Final = 0.05
NOTICEABLE: Final = 0.02
JUMPS: Final = 2.0


class _Steps(Protocol):
    def step(self, rate: float | None = None) -> float:
        """Train one mini-batch with a rate; returns its loss."""


@dataclass(frozen=True, eq=False)
class RateCurve:
    """What a search has found.

    Attributes:
        rates: ``float64[n]``, learning rates, ascending.
        losses: ``float64[n]``, mean loss of each mini-batch before its step; finite.
        smoothed: ``float64[n]``, the same, smoothed.
        suggestion: a rate to train with, or None if no rate made the loss fall.
        diverged_at: the rate at which the loss grew beyond bounds and the search ended, or None
            if it went all the way.
        sentence: what was found, for people.
    """

    rates: FloatArray
    losses: FloatArray
    smoothed: FloatArray
    suggestion: float | None
    diverged_at: float | None
    sentence: str


def find_rate(
    make_trainer: Callable[[], _Steps],
    lowest: float = 1e-6,
    highest: float = 10.0,
    steps: int = 100,
    look_around: Callable[[], None] | None = None,
    on_point: Callable[[float, float, float], None] | None = None,
) -> RateCurve:
    """Train a trainer of its own with rising rates and suggest one.

    Args:
        make_trainer: makes the trainer that is used up here; nothing else is touched.
        lowest: the first learning rate, above 0.
        highest: the last one, above the first.
        steps: mini-batches at most, 2 or more.
        look_around: called before every mini-batch; gives the search up by raising.
        on_point: called after every mini-batch with rate, loss and smoothed loss.

    Raises:
        ValueError: rates or steps are none.
        TrainingError: from ``make_trainer``, if the network cannot be trained.
    """
    if not (0.0 < lowest < highest < math.inf):
        raise ValueError("The lowest rate must be above 0, and the highest above the lowest.")
    if steps < 2:
        raise ValueError("A search needs at least two steps.")
    trainer = make_trainer()
    ramp = np.geomspace(lowest, highest, steps)
    rates: list[float] = []
    losses: list[float] = []
    smoothed: list[float] = []
    average, best, diverged_at = 0.0, math.inf, None
    for number, rate in enumerate(ramp.tolist(), 1):
        if look_around is not None:
            look_around()
        loss = float(trainer.step(rate))
        average = KEEP * average + (1.0 - KEEP) * loss
        smooth = average / (1.0 - KEEP**number)
        stopped = getattr(trainer, "diverged", None) is not None
        if stopped or not math.isfinite(smooth) or smooth > TOO_LARGE * best:
            diverged_at = rate
            break
        rates.append(rate)
        losses.append(loss)
        smoothed.append(smooth)
        best = min(best, smooth)
        if on_point is not None:
            on_point(rate, loss, smooth)
    curve = (np.array(rates), np.array(losses), np.array(smoothed))
    suggestion = _suggest(*curve)
    return RateCurve(*curve, suggestion, diverged_at, _sentence(suggestion, diverged_at))


def _suggest(rates: FloatArray, losses: FloatArray, smoothed: FloatArray) -> float | None:
    """The rate of steepest descent, well below that of the smallest loss."""
    if len(rates) < WINDOW:
        return None
    lowest = int(np.argmin(smoothed))
    highest = smoothed[: lowest + 1].max()
    fallen = highest - smoothed[lowest]
    if not fallen > NOTICEABLE * highest:
        return None
    if not fallen > CLEAR * highest and not fallen > JUMPS * np.diff(losses[: lowest + 1]).std():
        return None
    last = int(np.searchsorted(rates, rates[lowest] / MARGIN, side="right"))
    half = WINDOW // 2
    offsets = np.arange(-half, half + 1) / (half * (half + 1) * WINDOW / 3.0)
    # Slope of the straight line through each window of points, by least squares.
    slopes = np.convolve(smoothed, offsets[::-1], mode="valid")[: max(1, last - half)]
    return float(rates[int(np.argmin(slopes)) + half])


def _sentence(suggestion: float | None, diverged_at: float | None) -> str:
    end = (
        f" At {plain_number(diverged_at, 2)} the loss grew beyond bounds."
        if diverged_at is not None
        else ""
    )
    if suggestion is None:
        return (
            "No learning rate in this range made the loss fall clearly. If the network has not learnt "
            f"the data already, look at weights, data and activations first.{end}"
        )
    return (
        f"A learning rate of about {plain_number(suggestion, 2)} makes the loss fall fastest.{end}"
    )
