"""One thread that computes what views want to see; of several wishes only the latest counts."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Final

from nnplay.session.paint_gate import PaintGate

__all__ = ["Answer", "Evaluator"]

LONGEST_PAINT: Final = 0.05


@dataclass(frozen=True, eq=False)
class Answer:
    """The result of a job, or the exception it raised."""

    key: Hashable
    generation: int
    value: object = None
    error: Exception | None = None


class Evaluator:
    """Runs jobs on a thread of its own, one job per key at most waiting.

    A job is a function without arguments over values nobody changes. ``ring`` is called on the
    evaluator's thread when the first answer waits to be collected. A job begins while ``gate`` is
    open, or after a short wait: it would slow down a window that paints.
    """

    def __init__(self, ring: Callable[[], None], gate: PaintGate | None = None) -> None:
        self._ring = ring
        self._gate = gate
        self._changed = threading.Condition()
        self._jobs: dict[Hashable, tuple[int, Callable[[], object]]] = {}
        self._answers: list[Answer] = []
        self._thread: threading.Thread | None = None
        self._ending = False

    def submit(self, key: Hashable, generation: int, job: Callable[[], object]) -> None:
        """Ask for something; replaces what was asked for with the same key and is still waiting."""
        with self._changed:
            if self._ending:
                return
            # A key that waits already keeps its turn, so that no view starves.
            self._jobs[key] = (generation, job)
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._work, name="nnplay-evaluator", daemon=True
                )
                self._thread.start()
            self._changed.notify()

    def drop(self, key: Hashable) -> None:
        """Nobody wants this any more."""
        with self._changed:
            self._jobs.pop(key, None)

    def collect(self) -> list[Answer]:
        """All answers so far (GUI thread)."""
        with self._changed:
            answers, self._answers = self._answers, []
        return answers

    def end(self) -> None:
        """Take no further jobs, forget those and answers that wait, and let the thread end."""
        with self._changed:
            self._ending = True
            self._jobs.clear()
            self._answers.clear()
            self._changed.notify()

    def join(self, until: float) -> None:
        """Wait for the thread after :meth:`end`, but not beyond ``until`` (``time.monotonic()``).

        A thread still busy with one huge job then is left alone; its answer is thrown away.
        """
        if self._thread is not None:
            self._thread.join(max(0.0, until - time.monotonic()))
            self._thread = None

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._jobs and not self._ending:
                    self._changed.wait()
            if self._gate is not None:
                self._gate.wait(LONGEST_PAINT)
            with self._changed:
                if self._ending:
                    return
                if not self._jobs:
                    continue  # dropped meanwhile
                key = next(iter(self._jobs))
                generation, job = self._jobs.pop(key)
            try:
                answer = Answer(key, generation, job())
            except Exception as error:
                answer = Answer(key, generation, None, error)
            self._put(answer)

    def _put(self, answer: Answer) -> None:
        with self._changed:
            if self._ending:
                return
            first = not self._answers
            self._answers.append(answer)
        if first:
            self._ring()
