"""Round numbers for axes, linear and logarithmic."""

from __future__ import annotations

import math
from typing import Final

__all__ = ["axis_ticks", "decade_bounds", "decade_ticks", "round_up"]

_STEPS: Final = (1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
_LOG_STEPS: Final = (1.0, 2.0, 5.0, 10.0)


def round_up(value: float) -> float:
    """The next round number at or above a positive value: 1, 1.25, 1.5, 2, 2.5, 3, 4 … 8, 10 …"""
    if not (value > 0.0 and math.isfinite(value)):
        return 1.0
    decade = 10.0 ** math.floor(math.log10(value))
    for step in _STEPS:
        if value <= step * decade * (1 + 1e-12):
            return step * decade
    return 10.0 * decade


def axis_ticks(low: float, high: float, most: int) -> list[float]:
    """Round positions between ``low`` and ``high``, at most ``most`` of them (at least 2)."""
    span = high - low
    if not (span > 0.0 and math.isfinite(span)):
        return [low]
    most = max(2, most)
    decade = 10.0 ** math.floor(math.log10(span / most))
    for factor in (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0):
        step = factor * decade
        first = math.ceil(low / step - 1e-9)
        last = math.floor(high / step + 1e-9)
        if last - first + 1 <= most:
            return [number * step for number in range(first, last + 1)]
    return [low, high]


def decade_bounds(low: float, high: float) -> tuple[float, float]:
    """Powers of ten, or 2 or 5 times one, around two positive numbers: bounds of a log axis."""
    below = 10.0 ** math.floor(math.log10(low))
    start = max(step * below for step in _LOG_STEPS[:3] if step * below <= low * (1 + 1e-12))
    decade = 10.0 ** math.floor(math.log10(high))
    end = min(step * decade for step in _LOG_STEPS if step * decade >= high * (1 - 1e-12))
    return (start, end) if end > start else (start, start * 10.0)


def decade_ticks(low: float, high: float, most: int) -> list[float]:
    """Exponents to mark on a log axis from ``10^low`` to ``10^high``, at most ``most``.

    Whole decades, or every second, fifth … of them where there are many; where there are few also
    2 and 5 times a power of ten.
    """
    most = max(2, most)
    first, last = math.ceil(low - 1e-9), math.floor(high + 1e-9)
    decades = last - first + 1
    if decades < 4:
        fine = [
            exponent + math.log10(step)
            for exponent in range(math.floor(low), last + 1)
            for step in _LOG_STEPS[:3]
        ]
        inside = [tick for tick in fine if low - 1e-9 <= tick <= high + 1e-9]
        if len(inside) <= most:
            return inside
        if decades < 2:
            return inside[:1] + inside[-1:]
    for stride in (1, 2, 5, 10, 20, 50, 100, 200):
        ticks = [float(e) for e in range(first, last + 1) if e % stride == 0]
        if len(ticks) <= most:
            return ticks
    return [float(first)]
