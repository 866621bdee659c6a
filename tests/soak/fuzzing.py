"""Runs readers of damaged files in processes of their own and gathers what became of the files."""

import json
import math
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from soak.fuzz_worker import MEGABYTE, MEMORY, patience

TESTS = Path(__file__).parents[1]
MOST_FAULTS = 20


@dataclass
class Outcome:
    """What became of the files of one target.

    Attributes:
        tried, opened: files; those that were not opened were refused.
        slowest: seconds of processor time of the slowest file.
        peak: bytes of memory beyond what the process had before.
        seconds: how long it all took.
        faults: number of the file, and what was wrong with how it was treated.
        next: number of the file to go on with, where time was up.
    """

    name: str
    tried: int = 0
    opened: int = 0
    slowest: float = 0.0
    peak: int = 0
    seconds: float = 0.0
    faults: list[tuple[int, str]] = field(default_factory=list)
    next: int | None = None

    def add(self, figures: dict) -> None:
        """A chunk that a worker has finished."""
        self.tried += figures["count"]
        self.opened += figures["opened"]
        self.slowest = max(self.slowest, figures["slowest"])
        self.peak = max(self.peak, figures.get("peak", 0))
        self.seconds += figures["seconds"]
        self.faults += [(number, what) for number, what in figures["faults"]]

    @property
    def line(self) -> str:
        """The figures for people."""
        more = "" if self.next is None else f"; time was up, next is SOAK_FIRST={self.next}"
        return (
            f"{self.name:<12} {self.tried:>8,} damaged files: {self.opened:>7,} opened, "
            f"{self.tried - self.opened:>7,} refused, {len(self.faults)} faults; slowest "
            f"{self.slowest:.2f} s, memory +{self.peak / MEGABYTE:.0f} MB, {self.seconds:.0f} s in all"
            f"{more}"
        )


class Allowance:
    """Time that several runs share: what one leaves is there for the others.

    Args:
        seconds: for all together.
        runs: how many there will be.
    """

    def __init__(self, seconds: float, runs: int) -> None:
        self._seconds, self._runs = seconds, runs

    def share(self) -> float:
        """Seconds for the next run."""
        return max(0.0, self._seconds) / max(1, self._runs)

    def spend(self, seconds: float) -> None:
        """The next run is over."""
        self._seconds -= seconds
        self._runs -= 1


def fuzz_in_processes(
    name: str, seed: int, count: int, first: int = 0, seconds: float = math.inf
) -> Outcome:
    """Read damaged files; a worker that dies is named, and another one goes on behind.

    Args:
        name: a row of :data:`soak.targets.TARGETS`, or ``module:attribute``.
        seed: with the number of a file it says for ever which file that is.
        count: files to read.
        first: number of the first one.
        seconds: after which no other chunk of files is begun.
    """
    outcome = Outcome(name)
    last, until = first + count, time.monotonic() + seconds
    with tempfile.NamedTemporaryFile() as progress:
        while first < last and len(outcome.faults) < MOST_FAULTS:
            os.pwrite(progress.fileno(), (-1).to_bytes(8, "little", signed=True), 0)
            done, ended = _one_worker(outcome, name, seed, first, last, until, progress.name)
            if ended is None:
                break
            at = int.from_bytes(os.pread(progress.fileno(), 8, 0), "little", signed=True)
            if at < 0:
                raise RuntimeError(f"The worker did not start: {ended}")
            outcome.tried += at + 1 - done
            outcome.faults.append((at, ended))
            first = at + 1
    return outcome


def _one_worker(
    outcome: Outcome, name: str, seed: int, first: int, last: int, until: float, progress: str
) -> tuple[int, str | None]:
    """Number behind the last whole chunk, and how the worker died (None: it did all)."""
    command = [sys.executable, "-m", "soak.fuzz_worker", name, str(seed), str(first), str(last)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS), str(TESTS.parent)])}
    done = first
    # A file, because nobody reads a pipe until the worker has ended.
    with (
        tempfile.TemporaryFile("w+", errors="replace") as complaints,
        subprocess.Popen(
            [*command, progress],
            stdout=subprocess.PIPE,
            stderr=complaints,
            text=True,
            env=environment,
        ) as worker,
    ):
        assert worker.stdout is not None
        for line in worker.stdout:
            figures = json.loads(line)
            outcome.add(figures)
            done = figures["first"] + figures["count"]
            if time.monotonic() > until and done < last:
                outcome.next = done
                worker.kill()
                return done, None
        worker.wait()
        complaints.seek(0)
        complaint = complaints.read().strip().splitlines()
    code = worker.returncode
    if code == 0:
        return done, None
    if -code in (14, 27):  # SIGALRM, SIGPROF
        return done, f"hung for more than {patience():g} s"
    last_words = complaint[-1] if complaint else ""
    if "MemoryError" in last_words:
        return done, f"took more than {MEMORY // MEGABYTE} MB"
    return done, f"ended the process ({code}): {last_words}"[:300]
