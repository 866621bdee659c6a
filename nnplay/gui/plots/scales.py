"""Round numbers for axes and short numbers for people."""

from __future__ import annotations

import math
from typing import Final

__all__ = ["axis_ticks", "exact_number", "round_up", "short_number"]

_STEPS: Final = (1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
MINUS: Final = "−"


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


def short_number(value: float, digits: int = 3) -> str:
    """A number of ``digits`` decimals with a true minus sign; very large or small ones as 1.2e−7.

    Zero and negative zero read the same; NaN reads ``–``.
    """
    if math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    size = abs(value)
    if size >= 1e5 or 0.0 < size < 0.5 * 10.0**-digits:
        mantissa, exponent = f"{value:.1e}".split("e")
        text = f"{mantissa}e{int(exponent)}"
    else:
        # Four figures in front of the point need fewer behind it.
        places = digits if size < 100 else max(0, digits - len(str(int(size))) + 2)
        text = f"{value:.{places}f}"
        if float(text) == 0.0:
            text = text.lstrip("-")
    return text.replace("-", MINUS)


def exact_number(value: float) -> str:
    """A number with six significant digits, for read-outs and tool tips."""
    if not math.isfinite(value):
        return short_number(value)
    return f"{value:.6g}".replace("-", MINUS)
