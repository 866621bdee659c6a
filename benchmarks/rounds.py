"""Fair turns: one core, no garbage collection, contenders one after the other in every round."""

from __future__ import annotations

import contextlib
import gc
import os
import statistics
import time
from collections.abc import Callable, Iterator, Mapping

__all__ = ["Times", "interleaved", "median_of", "one_core", "ratios", "spread"]

Times = dict[str, list[float]]
"""Processor seconds of one unit of work, per contender, one number per round."""


@contextlib.contextmanager
def one_core() -> Iterator[None]:
    """One BLAS thread, and one core where the system lets a process choose."""
    from threadpoolctl import threadpool_limits

    allowed = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
    if allowed:
        os.sched_setaffinity(0, {max(allowed)})
    try:
        with threadpool_limits(1):
            yield
    finally:
        if allowed:
            os.sched_setaffinity(0, allowed)


def interleaved(turns: Mapping[str, Callable[[], float]], rounds: int) -> Times:
    """Let contenders take turns; each turn measures itself and returns seconds per unit.

    Everybody goes first, second … equally often, and nothing is collected during a turn.
    """
    names = list(turns)
    times: Times = {name: [] for name in names}
    gc.collect()
    gc.freeze()  # what libraries brought along stays, and need not be looked through every turn
    try:
        for number in range(rounds):
            first = number % len(names)
            for name in (*names[first:], *names[:first]):
                gc.collect()
                gc.disable()
                try:
                    times[name].append(turns[name]())
                finally:
                    gc.enable()
    finally:
        gc.unfreeze()
    return times


def repeated(work: Callable[[], object], seconds: float) -> Callable[[], float]:
    """A turn that repeats some work for about so many seconds; it returns seconds per call."""
    work()
    start = time.process_time()
    work()
    count = max(1, round(seconds / max(1e-7, time.process_time() - start)))

    def turn() -> float:
        work()
        start = time.process_time()
        for _ in range(count):
            work()
        return (time.process_time() - start) / count

    return turn


def ratios(times: Times, rival: str, ours: str) -> list[float]:
    """How many times longer the rival takes, round by round."""
    return [a / b for a, b in zip(times[rival], times[ours], strict=True)]


def median_of(values: list[float]) -> float:
    """The median."""
    return statistics.median(values)


def spread(values: list[float], unit: str = "") -> str:
    """Median with smallest and largest."""
    low, mid, high = min(values), statistics.median(values), max(values)
    digits = 1 if mid >= 2 else 2
    return f"{mid:.{digits}f}{unit} ({low:.{digits}f}–{high:.{digits}f})"
