"""Checked reading of plain records: every value is asked for by name, type and range."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any, Final

from nnplay.formats.errors import FormatError
from nnplay.formats.strict_json import check_text, shown

__all__ = ["REQUIRED", "Fields"]

REQUIRED: Final = object()
MAX_COUNT: Final = 2**53


class Fields:
    """One JSON object that knows its place in the file and which of its keys were asked for.

    Every method raises :class:`FormatError` with the place, what is expected and what was found.
    """

    def __init__(self, values: object, place: str) -> None:
        if not isinstance(values, dict):
            raise FormatError(f"{place or 'The file'} must be an object, not {shown(values)}.")
        self.values: dict[str, Any] = values
        self.place = place
        self.asked: set[str] = set()

    def at(self, name: str) -> str:
        """Full place of a key, for messages."""
        return f"{self.place}.{name}" if self.place else name

    def get(self, name: str, default: Any = REQUIRED) -> Any:
        """A value as it is; ``null`` counts as not given when there is a default."""
        self.asked.add(name)
        value = self.values.get(name)
        if value is None:
            if default is REQUIRED:
                raise FormatError(f"{self.at(name)} is missing.")
            return default
        return value

    def wrong(self, name: str, expected: str) -> FormatError:
        """An error about one key."""
        return FormatError(
            f"{self.at(name)} must be {expected}, but it is {shown(self.values.get(name))}."
        )

    def integer(
        self, name: str, default: Any = REQUIRED, low: int = 0, high: int = MAX_COUNT
    ) -> int:
        """A whole number in [low, high] (``5.0`` counts as 5)."""
        value = self.get(name, default)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise self.wrong(name, f"a whole number from {low} to {high}")
        return value

    def number(self, name: str, default: Any = REQUIRED) -> float:
        """A finite number."""
        value = as_number(self.get(name, default))
        if value is None:
            raise self.wrong(name, "a finite number")
        return value

    def text(self, name: str, default: Any = REQUIRED) -> str:
        """Any text."""
        value = self.get(name, default)
        if not isinstance(value, str):
            raise self.wrong(name, "text")
        return check_text(value, self.at(name))

    def one_of(self, name: str, choices: Collection[str], default: Any = REQUIRED) -> str:
        """One of a few names."""
        value = self.text(name, default)
        if value not in choices:
            raise self.wrong(name, "one of " + ", ".join(choices))
        return value

    def flag(self, name: str, default: Any = REQUIRED) -> bool:
        """True or false."""
        value = self.get(name, default)
        if not isinstance(value, bool):
            raise self.wrong(name, "true or false")
        return value

    def items(self, name: str, default: Any = REQUIRED, limit: int = 50_000_000) -> list[Any]:
        """A list."""
        value = self.get(name, default)
        if value is default and default is not REQUIRED:
            return list(value)
        if not isinstance(value, list) or len(value) > limit:
            raise self.wrong(name, f"a list of at most {limit} items")
        return value

    def texts(self, name: str, default: Any = REQUIRED) -> tuple[str, ...]:
        """A list of texts."""
        values = self.items(name, default)
        if not all(isinstance(value, str) for value in values):
            raise self.wrong(name, "a list of texts")
        return tuple(check_text(value, self.at(name)) for value in values)

    def numbers(
        self, name: str, default: Any = REQUIRED, limit: int = 100_000
    ) -> tuple[float, ...]:
        """A list of finite numbers."""
        values = [as_number(value) for value in self.items(name, default, limit)]
        if any(value is None for value in values):
            raise self.wrong(name, "a list of finite numbers")
        return tuple(value for value in values if value is not None)

    def section(self, name: str) -> Fields:
        """An object inside this one; a missing one is empty."""
        return Fields(self.get(name, {}), self.at(name))

    def rest(self) -> dict[str, Any]:
        """Keys nobody asked for: they belong to a newer version and are kept."""
        return {key: value for key, value in self.values.items() if key not in self.asked}


def as_number(value: object) -> float | None:
    """A JSON number as a finite float, or None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
