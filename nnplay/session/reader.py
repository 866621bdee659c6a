"""Reads files for the session: small ones at once, large ones in a process beside the window."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nnplay.session.reading import Order, Outcome, carry_out, unpacked

if TYPE_CHECKING:
    import subprocess

__all__ = ["Reader", "estimated_seconds"]

# A window may stand still for so long before people notice that it does.
LONGEST_WAIT: Final = 0.3
# Bytes read in a second, measured; text is parsed cell by cell.
TABLE_SPEED: Final = 4e6
TEXT_SPEED: Final = 5e6
DOCUMENT_SPEED: Final = 40e6
# PyTorch takes its time to load, whatever the size.
TORCH_SECONDS: Final = 3.0

Done = Callable[[Outcome], bool]


def estimated_seconds(order: Order) -> float:
    """A rough guess of how long reading takes, by size; 0 for files that cannot be looked at."""
    try:
        size = order.path.stat().st_size
    except (OSError, ValueError):
        return 0.0
    if order.kind == "table":
        return size / TABLE_SPEED
    if order.path.suffix.lower() in (".pt", ".pth"):
        return TORCH_SECONDS
    return size / (DOCUMENT_SPEED if order.path.suffix == ".nnplay" else TEXT_SPEED)


class Reader:
    """Reads one file at a time; a new wish ends the reading under way. GUI thread only.

    Args:
        tell: called with what is being read, for people, and with "" when nothing is any more.
        ring: called on another thread when :meth:`collect` has something to do.
    """

    def __init__(self, tell: Callable[[str], None], ring: Callable[[], None]) -> None:
        self._tell = tell
        self._ring = ring
        self._now: _Reading | None = None
        self._ending: list[_Reading] = []

    @property
    def text(self) -> str:
        """What is being read, as words for people; empty if nothing is."""
        return self._now.text if self._now is not None else ""

    def read(self, order: Order, done: Done) -> bool:
        """Read a file and pass the outcome to ``done``.

        Returns what ``done`` returned, or True if the file is being read beside the window.
        """
        self.cancel()
        if estimated_seconds(order) <= LONGEST_WAIT:
            return done(carry_out(order))
        try:
            self._now = _Reading(order, done, self._ring)
        except OSError:  # no further process can be started: then the window has to wait
            return done(carry_out(order))
        self._tell(self.text)
        return True

    def collect(self) -> None:
        """Hand over what has been read."""
        reading = self._now
        if reading is None or reading.outcome is None:
            return
        self._now = None
        self._ending.append(reading)  # its thread is on its last lines
        self._tell("")
        reading.done(reading.outcome)

    def cancel(self) -> None:
        """Give up the reading under way, if there is one; nothing changes."""
        self._ending = [reading for reading in self._ending if reading.is_alive]
        if self._now is None:
            return
        reading, self._now = self._now, None
        reading.cancel()
        self._ending.append(reading)
        self._tell("")

    def join(self, until: float) -> None:
        """Cancel, and see processes and threads end, but not beyond ``until``."""
        self.cancel()
        for reading in self._ending:
            reading.join(max(0.0, until - time.monotonic()))
        self._ending.clear()


class _Reading:
    """One process that reads, and the thread that waits for it. Raises OSError if none starts."""

    def __init__(self, order: Order, done: Done, ring: Callable[[], None]) -> None:
        self.text = f"Reading {order.path.name} …"
        self.done = done
        self.outcome: Outcome | None = None
        self._name = order.path.name
        self._ring = ring
        self._cancelled = False
        self._process = _start(order)
        self._thread = threading.Thread(target=self._work, name="nnplay-reader", daemon=True)
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def cancel(self) -> None:
        self._cancelled = True
        self._process.kill()

    def join(self, seconds: float) -> None:
        self._thread.join(seconds)

    def _work(self) -> None:
        data = self._process.communicate()[0]
        if self._cancelled:
            return
        try:
            outcome = unpacked(data)
        except (ValueError, KeyError, MemoryError):
            outcome = Outcome(
                error=f"{self._name} could not be read: the process that read it ended early. "
                "The file may need more memory than there is. Nothing is lost."
            )
        if not self._cancelled:
            self.outcome = outcome
            self._ring()


def _start(order: Order) -> subprocess.Popen[bytes]:
    import subprocess  # needed for large files only, and slow to load

    wish = {"kind": order.kind, "path": str(order.path), "options": dict(order.options)}
    root = str(Path(__file__).resolve().parents[2])
    inherited = os.environ.get("PYTHONPATH")
    places = root if inherited is None else os.pathsep.join((root, inherited))
    return subprocess.Popen(  # noqa: S603 - our own module, no shell
        [sys.executable, "-P", "-m", "nnplay.session.reading", json.dumps(wish)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": places, "OPENBLAS_NUM_THREADS": "1"},
    )
