"""Compare two documents: structure, weights, settings.

Exit code 0: nothing differs; 1: something does; 2: it could not be found out.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from nnplay.cli.arguments import Parser, whole_number
from nnplay.cli.console import complain, print_json, say
from nnplay.comparing import Change, compare
from nnplay.core.plain_numbers import plain_number
from nnplay.formats.errors import FormatError
from nnplay.library import load
from nnplay.storage import StorageError

__all__ = ["add_arguments", "run"]


def add_arguments(parser: Parser) -> None:
    """Declare the arguments."""
    parser.add_argument("before", metavar="A")
    parser.add_argument("after", metavar="B")
    parser.add_argument(
        "--weights",
        type=whole_number(0),
        default=10,
        metavar="N",
        help="how many weights to show, those that changed most (default 10)",
    )
    parser.add_argument("--json", action="store_true", help="print everything as one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Print what differs."""
    try:
        difference = compare(load(arguments.before), load(arguments.after))
    except (FormatError, StorageError) as error:
        complain(str(error))
        return 2
    if arguments.json:
        parts = {
            name: [
                {"what": c.what, "before": _plain(c.before), "after": _plain(c.after)}
                for c in getattr(difference, name)
            ]
            for name in ("structure", "weights", "settings")
        }
        print_json({"same": difference.is_empty, **parts})
        return int(not difference.is_empty)
    if difference.is_empty:
        say("The documents are the same.")
        return 0
    _section("structure", difference.structure)
    shown = difference.weights[: arguments.weights]
    _section("weights", shown, len(difference.weights) - len(shown))
    _section("settings", difference.settings)
    return 1


def _section(title: str, changes: Sequence[Change], more: int = 0) -> None:
    if not changes and not more:
        return
    say(f"{title}:")
    for change in changes:
        if change.before is None:
            say(f"  + {change.what}: {_words(change.after)}")
        elif change.after is None:
            say(f"  - {change.what}: {_words(change.before)}")
        elif isinstance(change.before, float) and isinstance(change.after, float):
            step = change.after - change.before
            moved = ("+" if step >= 0 else "") + plain_number(step, 3)
            before, after = plain_number(change.before), plain_number(change.after)
            say(f"  ~ {change.what}: {before} → {after} ({moved})")
        else:
            say(f"  ~ {change.what}: {_words(change.before)} → {_words(change.after)}")
    if more > 0:
        say(f"  … and {more} more")


def _words(value: Any) -> str:
    return plain_number(value) if isinstance(value, float) else str(value)


def _plain(value: Any) -> Any:
    """A value that JSON has."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return str(value)
