"""How arguments are understood: numbers as people write them, lists, names from tables."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterable
from typing import Final, NoReturn

__all__ = [
    "Parser",
    "UsageError",
    "joined_values",
    "name_from",
    "number",
    "positive_number",
    "seed",
    "sizes",
    "whole_number",
]

NEGATIVE: Final = re.compile(r"[-−][0-9.,]")


class UsageError(Exception):
    """The command was not understood; the message is a sentence."""


class Parser(argparse.ArgumentParser):
    """An argument parser that says in one sentence what was wrong."""

    def __init__(self, prog: str, description: str | None) -> None:
        super().__init__(
            prog=prog,
            description=description,
            allow_abbrev=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )

    def error(self, message: str) -> NoReturn:
        """Raise instead of leaving the process."""
        raise UsageError(message if message.endswith(".") else f"{message}.")


def joined_values(arguments: Iterable[str]) -> list[str]:
    """Join options with values that begin with a minus (``--input -0.5,0.6``).

    argparse would take ``-0.5,0.6`` for an option.
    """
    result: list[str] = []
    for argument in arguments:
        before = result[-1] if result else ""
        is_option = before.startswith("--") and before != "--" and "=" not in before
        if is_option and NEGATIVE.match(argument):
            result[-1] = f"{before}={argument}"
        else:
            result.append(argument)
    return result


def number(text: str) -> float:
    """A number, also as ``1/4`` or ``0,5``."""
    from nnplay.data.errors import DataError
    from nnplay.data.features import evaluate_number

    try:
        return evaluate_number(text.replace("−", "-"))
    except DataError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def positive_number(text: str) -> float:
    """A number above zero."""
    value = number(text)
    if value <= 0:
        raise argparse.ArgumentTypeError(f"{text} is not above zero.")
    return value


def whole_number(low: int, high: int = 2**53) -> Callable[[str], int]:
    """A whole number in a range."""

    def parse(text: str) -> int:
        if not re.fullmatch(r"[+-]?[0-9]{1,18}", text) or not low <= int(text) <= high:
            upper = "" if high == 2**53 else f" to {high}"
            raise argparse.ArgumentTypeError(
                f"“{text}” is not a whole number from {low}{upper or ' on'}."
            )
        return int(text)

    return parse


def seed(text: str) -> int:
    """A seed: a whole number from 0 to 2^64 − 1."""
    if not re.fullmatch(r"[0-9]{1,20}", text) or int(text) >= 2**64:
        raise argparse.ArgumentTypeError(f"“{text}” is not a whole number from 0 to 2^64 − 1.")
    return int(text)


def sizes(text: str) -> tuple[int, ...]:
    """Layer sizes such as ``2,4,2,1``."""
    parse = whole_number(1, 100_000)
    return tuple(parse(part.strip()) for part in text.split(","))


def name_from(table: Iterable[str], what: str) -> Callable[[str], str]:
    """One of the names of a table; ``-`` and ``_`` are the same."""
    names = list(table)

    def parse(text: str) -> str:
        for name in names:
            if text.lower().replace("-", "_") == name.replace("-", "_"):
                return name
        raise argparse.ArgumentTypeError(
            f"there is no {what} “{text}”; there are {', '.join(names)}."
        )

    return parse
