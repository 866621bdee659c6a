"""Numbers that tie the many small changes of one gesture together, for undo."""

from __future__ import annotations

import itertools
import time
from typing import Final

__all__ = ["Burst", "new_gesture"]

# Far above the numbers a session hands out itself, and below the limit of a 32-bit signal.
_counter = itertools.count(1 << 30)
PAUSE: Final = 0.7


def new_gesture() -> int:
    """A gesture number that was never used before in this process."""
    return next(_counter)


class Burst:
    """Joins quick repetitions (key repeat, wheel notches) into one gesture.

    ``next()`` gives the same number as long as calls follow each other within 0.7 seconds.
    """

    def __init__(self) -> None:
        self._gesture = 0
        self._last = -1e9

    def next(self) -> int:
        """The gesture number for a change made now."""
        now = time.monotonic()
        if now - self._last > PAUSE:
            self._gesture = new_gesture()
        self._last = now
        return self._gesture

    def end(self) -> None:
        """The next change starts a new gesture, however soon it comes."""
        self._last = -1e9
