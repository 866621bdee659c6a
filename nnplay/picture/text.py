"""Numbers and labels as people read them on a picture: short, with a true minus sign."""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["fine_number", "power_of_ten", "pretty_label", "short_number"]

_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_POWER = re.compile(r"(?:\^|\*\*)(\d+)")
_CALL = re.compile(r"\b(sin|cos|tan|tanh|exp|log|abs|sqrt)\(([^()\s]{1,6})\)")
_WORD_GAP = re.compile(r"(?<=[A-Za-z]{2})_(?=[A-Za-z])")
# One letter and its index, not the tail of a longer word such as "width2".
_INDEXED = re.compile(r"(?<![A-Za-z0-9_])([A-Za-z])_?(\d{1,3})(?![A-Za-z0-9_.])")


@lru_cache(maxsize=4096)
def pretty_label(label: str) -> str:
    """A binding key or label as written by hand: ``x1^2`` is x₁², ``sin(x1)`` is sin x₁.

    Words come back unchanged, except that those joined by an underscore part.
    """
    text = _POWER.sub(lambda match: match[1].translate(_SUPERSCRIPTS), label)
    text = _INDEXED.sub(lambda match: match[1] + match[2].translate(_SUBSCRIPTS), text)
    text = _CALL.sub(r"\1 \2", text)
    text = _WORD_GAP.sub(" ", text)
    return re.sub(r"\s*\*\s*", "·", text)


def short_number(value: float, digits: int = 2) -> str:
    """A number for a small place: fixed digits where they fit, powers of ten beyond.

    ``digits`` are the decimals of numbers below ten; larger ones give up decimals first. The
    text is at most six characters for ``digits=2``.
    """
    if value != value:
        return "–"
    if value in (float("inf"), float("-inf")):
        return "∞" if value > 0 else "−∞"
    size = abs(value)
    if size < 10:
        text = f"{size:.{digits}f}"
    elif size < 100:
        text = f"{size:.{max(0, digits - 1)}f}"
    elif size < 10_000:
        text = f"{size:.0f}"
    else:
        text = f"{size:.0e}".replace("e+0", "e").replace("e+", "e")
    is_zero = not text.strip("0.")
    return text if value >= 0 or is_zero else f"−{text}"


def fine_number(value: float) -> str:
    """A number that may be tiny, for a small place: as :func:`short_number` from 0.1 on, with one
    more decimal down to 0.01, and with a power of ten below. At most six characters.
    """
    size = abs(value)
    if not 0.0 < size < 0.1:
        return short_number(value)
    text = f"{size:.3f}" if size >= 0.01 else power_of_ten(size)
    return text if value > 0 else f"−{text}"


def power_of_ten(size: float) -> str:
    """A positive number in as few characters as possible: 3e−4."""
    return f"{size:.0e}".replace("e-0", "e−").replace("e-", "e−").replace("e+0", "e")
