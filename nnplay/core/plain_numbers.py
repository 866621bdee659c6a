"""Numbers in sentences for people, everywhere in one style: 0.25, −3, 1.5e−4, 2e6.

What programs read (CSV, JSON, code) and what people type keeps Python's own style.
"""

from __future__ import annotations

import math
from typing import Final

__all__ = ["MINUS", "plain_number", "short_exponent"]

MINUS: Final = "−"


def plain_number(value: float, digits: int = 6) -> str:
    """A number in running text: as short as its digits allow (0.25, 1e−5), never padded.

    Below a million all digits before the point are written, whatever ``digits`` says.
    """
    if math.isnan(value):
        return "–"
    text = f"{value:.{digits}g}"
    return short_exponent(f"{value:.0f}" if "e+" in text and abs(value) < 1e6 else text)


def short_exponent(text: str) -> str:
    """A written number with a real minus and no zeros before its exponent: 1.5e−4, 2e6."""
    mantissa, e, exponent = text.partition("e")
    return (f"{mantissa}e{int(exponent)}" if e else mantissa).replace("-", MINUS)
