"""What the commands write: results on stdout, everything else on stderr."""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Sequence
from typing import Any, Final

__all__ = ["Progress", "complain", "finite", "note", "print_json", "print_table", "say"]

BAR_WIDTH: Final = 30
REFRESH_SECONDS: Final = 0.1


def say(text: str) -> None:
    """A result for people, on stdout."""
    sys.stdout.write(text + "\n")


def note(text: str) -> None:
    """Something worth knowing that is not the result, on stderr."""
    sys.stderr.write(f"note: {text}\n")


def complain(text: str) -> None:
    """Why it did not work, on stderr."""
    sys.stderr.write(f"nnplay: {text}\n")


def finite(value: float | None) -> float | None:
    """A number for JSON; None where there is none (NaN, infinity)."""
    return None if value is None or not math.isfinite(value) else float(value)


def print_json(value: Any) -> None:
    """One JSON object on one line, numbers with full precision."""
    unicode = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    say(json.dumps(value, ensure_ascii=not unicode, allow_nan=False))


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Columns under their headers; numbers (everything but the first column) stand right."""
    widths = [max(len(line[i]) for line in [header, *rows]) for i in range(len(header))]
    for line in [header, *rows]:
        first = line[0].ljust(widths[0])
        rest = [cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)]
        say("  ".join([first, *rest]).rstrip())


class Progress:
    """A bar on stderr while it is a terminal, otherwise nothing."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.is_shown = sys.stderr.isatty() and total > 0
        self.next_time = 0.0

    def show(self, done: int, text: str) -> None:
        """Draw the bar, at most ten times a second."""
        if not self.is_shown or (done < self.total and time.monotonic() < self.next_time):
            return
        self.next_time = time.monotonic() + REFRESH_SECONDS
        filled = BAR_WIDTH * done // self.total
        bar = "█" * filled + "░" * (BAR_WIDTH - filled)
        sys.stderr.write(f"\r\x1b[2K{bar} {done}/{self.total}  {text}")
        sys.stderr.flush()

    def clear(self) -> None:
        """Remove the bar."""
        if self.is_shown:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()
