"""Where a neuron's values stand on the signed colour scale: which are pale, which are strong."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from nnplay.core.activations import ACTIVATIONS
from nnplay.picture.text import short_number

__all__ = ["ValueScale", "fixed_scale", "largest_size", "places", "scale_for"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ValueScale:
    """A stretch of numbers shown from full orange through neutral to full blue.

    Attributes:
        low, middle, high: the values at −1, 0 and +1 of the colour scale. With ``low`` equal to
            ``middle`` only the blue half is used.
    """

    low: float
    middle: float
    high: float

    def place(self, values: npt.ArrayLike) -> npt.NDArray[np.floating]:
        """Positions in −1 … 1 (clamped, same shape); NaN stays NaN, infinities are the ends."""
        array = np.asarray(values)
        if array.dtype.kind != "f":
            array = array.astype(np.float64)
        half = max(self.high - self.middle, 1e-300)
        placed: npt.NDArray[np.floating] = np.clip((array - self.middle) / half, -1.0, 1.0)
        return placed

    def place_one(self, value: float) -> float:
        """:meth:`place` of one number."""
        half = max(self.high - self.middle, 1e-300)
        return min(1.0, max(-1.0, (value - self.middle) / half))

    def share(self, value: float) -> float:
        """How far a number is from ``low`` (0) to ``high`` (1), clamped."""
        return min(1.0, max(0.0, (value - self.low) / max(self.high - self.low, 1e-300)))

    @property
    def texts(self) -> tuple[str, str, str]:
        """The three values as a legend writes them; the first is empty if it is not used."""
        low = "" if self.low == self.middle else _plain(self.low)
        return low, _plain(self.middle), _plain(self.high)


@cache
def fixed_scale(activation: str) -> ValueScale | None:
    """Scale of an activation with a bounded range, None for all others.

    Bounded activations keep their scale, so that colours mean the same at any time.
    """
    known = ACTIVATIONS.get(activation)
    if known is None or not all(math.isfinite(end) for end in known.range):
        return None
    low, high = known.range
    if known.is_group:
        return ValueScale(low, low, high)
    return ValueScale(low, 0.0 if low < 0.0 < high else (low + high) / 2, high)


def scale_for(activation: str, largest: float, is_input: bool = False) -> ValueScale:
    """Scale of a neuron: the fixed range of its activation, or ± the largest size it reaches.

    Zero is neutral, except for sigmoid, which is undecided at one half. Softmax outputs share
    their 1 among each other, so that theirs grow from neutral to blue.
    """
    fixed = None if is_input else fixed_scale(activation)
    if fixed is not None:
        return fixed
    if not np.isfinite(largest) or largest <= 0.0:
        largest = 1.0
    return ValueScale(-largest, 0.0, largest)


def places(
    values: npt.NDArray[np.floating], scales: Sequence[ValueScale]
) -> npt.NDArray[np.floating]:
    """:meth:`ValueScale.place` of arrays ``[k, …]``, each with its own scale."""
    shape = (len(scales),) + (1,) * (values.ndim - 1)
    kind = values.dtype if values.dtype.kind == "f" else np.dtype(np.float64)
    middles = np.array([scale.middle for scale in scales], dtype=kind).reshape(shape)
    halves = np.array([max(s.high - s.middle, 1e-300) for s in scales]).astype(kind)
    placed: npt.NDArray[np.floating] = (values - middles) / halves.reshape(shape)
    return np.clip(placed, -1.0, 1.0, out=placed)


def largest_size(values: npt.ArrayLike) -> float:
    """The largest finite absolute value, 0 if there is none."""
    sizes = np.abs(np.asarray(values, dtype=np.float64))
    finite = sizes[np.isfinite(sizes)]
    return float(finite.max()) if finite.size else 0.0


def _plain(value: float) -> str:
    if value == round(value) and abs(value) < 1000:
        return f"{value:.0f}".replace("-", "−")
    return short_number(value)
