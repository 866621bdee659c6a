"""Doing a sweep: hands its runs out through joblib, tells how far they are, and can be ended."""

from __future__ import annotations

import os
import queue
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, Final

import joblib
from threadpoolctl import threadpool_limits

from nnplay.sweeps.board import Board
from nnplay.sweeps.plan import Sweep, SweepRun
from nnplay.sweeps.results import SweepResult, SweepRow, row_of
from nnplay.sweeps.worker import Ended, Task, work

__all__ = ["SweepProgress", "run_sweep", "usable_jobs"]

_POLL: Final = 0.05
_GRACE: Final = 0.4


@dataclass(frozen=True)
class SweepProgress:
    """How far a sweep is.

    Attributes:
        finished: runs that have ended.
        runs: runs in all.
        epochs: epochs done, by runs under way too (where they can be heard of).
        total_epochs: epochs if every run does all of its own.
    """

    finished: int
    runs: int
    epochs: int
    total_epochs: int

    @property
    def share(self) -> float:
        """From 0 to 1."""
        if not self.total_epochs:
            return self.finished / max(1, self.runs)
        return self.epochs / self.total_epochs


def usable_jobs() -> int:
    """How many runs can be done side by side on this computer."""
    return int(joblib.cpu_count())


def run_sweep(
    sweep: Sweep,
    *,
    jobs: int | None = None,
    parallel: str | None = None,
    on_row: Callable[[SweepRow], None] | None = None,
    on_progress: Callable[[SweepProgress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> SweepResult:
    """Do all runs of a sweep.

    A run that cannot be done is a row with a sentence. Ended early by ``should_stop`` or by
    Ctrl+C, this returns within a second or so, and no process of it is left; in threads, and on
    a cluster that shares no temporary folder with this machine, runs under way end first.
    After Ctrl+C, KeyboardInterrupt is raised again.

    Args:
        sweep: what to do.
        jobs: runs side by side; None asks ``joblib.parallel_config``, and without it takes as many
            as there are processors.
        parallel: name of joblib's backend (``loky``, ``threading``, ``dask`` …); None asks
            ``joblib.parallel_config``, and without it takes processes of this machine.
        on_row: called with every row as soon as it is there, in whatever order runs end.
        on_progress: called about 20 times a second.
        should_stop: asked about 20 times a second.

    All callbacks are called on the thread that called this function.
    """
    runs = list(sweep.runs())
    rows: dict[int, SweepRow] = {}
    if not _is_compiled(sweep.backend, should_stop):
        return SweepResult(sweep, [row_of(sweep, run, None) for run in runs], was_cancelled=True)
    hands = _hands(jobs, parallel, len(runs))
    with Board(len(runs)) as board, _one_core_each(), _tidied():
        tasks = [Task(sweep, run, board.path, os.getpid()) for run in runs]
        line = _Line(hands, tasks)
        line.start()
        stopper = _Stopper(board, line)
        try:
            while line.is_open:
                for ended in line.take(_POLL):
                    rows[ended.number] = row_of(sweep, runs[ended.number], ended)
                    if on_row is not None and not stopper.is_stopping:
                        on_row(rows[ended.number])
                if on_progress is not None and not stopper.is_stopping:
                    on_progress(_progress(sweep, rows, board))
                if stopper.is_stopping or (should_stop is not None and should_stop()):
                    stopper.stop()
        finally:
            # Also when a callback raises, or somebody presses Ctrl+C.
            while line.is_open:
                stopper.stop()
                line.take(_POLL)
            line.join()
    return SweepResult(
        sweep, _all_rows(sweep, runs, rows, line, stopper.is_stopping), stopper.is_stopping
    )


def _all_rows(
    sweep: Sweep, runs: list[SweepRun], rows: dict[int, SweepRow], line: _Line, cancelled: bool
) -> list[SweepRow]:
    result = []
    for run in runs:
        row = rows.get(run.number)
        if row is None and line.error is not None and not cancelled:
            row = SweepRow(run, problem=_lost(line.error))
        result.append(row or row_of(sweep, run, None))
    return result


def _lost(error: BaseException) -> str:
    if type(error).__name__ in ("TerminatedWorkerError", "BrokenProcessPool", "KilledWorker"):
        return (
            "This run was lost: a worker process ended early. There may not be enough memory for "
            "so many at once."
        )
    return f"This run was lost ({type(error).__name__}: {error})."


def _progress(sweep: Sweep, rows: dict[int, SweepRow], board: Board) -> SweepProgress:
    done = board.epochs()
    for number in rows:  # ended runs need not have done all of their epochs
        done[number] = sweep.epochs
    return SweepProgress(len(rows), len(sweep), sum(done), len(sweep) * sweep.epochs)


class _Line:
    """The thread that waits for joblib, and the queue between it and the caller."""

    def __init__(self, hands: joblib.Parallel, tasks: list[Task]) -> None:
        self._hands, self._tasks = hands, tasks
        self._queue: queue.SimpleQueue[Ended | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._wait, name="nnplay-sweep", daemon=True)
        self.error: BaseException | None = None
        self.is_open = True

    def start(self) -> None:
        self._thread.start()

    def join(self) -> None:
        self._thread.join()

    def take(self, seconds: float) -> list[Ended]:
        """What has ended, waiting a little for the first; closes the line at its end."""
        result: list[Ended] = []
        try:
            ended = self._queue.get(timeout=seconds)
            while True:
                if ended is None:
                    self.is_open = False
                    break
                result.append(ended)
                ended = self._queue.get_nowait()
        except queue.Empty:
            pass
        return result

    def _wait(self) -> None:
        _keep_ctrl_c_from_workers(self._hands)
        try:
            for ended in self._hands(joblib.delayed(work)(task) for task in self._tasks):
                self._queue.put(ended)
        except BaseException as error:  # it ends the waiting, and is told in the rows
            self.error = error
        finally:
            self._queue.put(None)


class _Stopper:
    """Ends a sweep: kindly first, then by ending the worker processes."""

    def __init__(self, board: Board, line: _Line) -> None:
        self._board, self._line = board, line
        self._since: float | None = None
        self._killed = False

    @property
    def is_stopping(self) -> bool:
        return self._since is not None

    def stop(self) -> None:
        """Call it again and again until the line is closed."""
        if self._since is None:
            self._since = time.monotonic()
            self._board.stop()
        elif time.monotonic() - self._since > _GRACE and not self._killed:
            self._killed = True
            _end_processes()


def _hands(jobs: int | None, parallel: str | None, runs: int) -> joblib.Parallel:
    """What does the work; made on the caller's thread, whose ``parallel_config`` counts."""
    # Backends of others, such as "dask", are known to parallel_config only.
    with nullcontext() if parallel is None else joblib.parallel_config(parallel):
        backend, configured = joblib.parallel.get_active_backend()
        kind = type(backend).__name__
        if jobs is None:
            here = kind in ("LokyBackend", "ThreadingBackend", "MultiprocessingBackend")
            jobs = configured or (usable_jobs() if here else -1)  # a cluster knows its own size
        if jobs > 0:
            jobs = max(1, min(jobs, runs))
        ahead: str | int = "2*n_jobs"
        if jobs == 1 and kind == "LokyBackend":
            # joblib would do a single job in our own process, where it could not be ended at once.
            jobs, ahead = 2, 1
        return joblib.Parallel(
            n_jobs=jobs, return_as="generator_unordered", batch_size=1, pre_dispatch=ahead
        )


def _keep_ctrl_c_from_workers(hands: joblib.Parallel) -> None:
    """Ctrl+C is for the one who waits; worker processes that this thread begins never see it."""
    if type(hands._backend).__name__ != "LokyBackend":
        return
    from multiprocessing import resource_tracker

    from joblib.externals.loky.backend import resource_tracker as joblibs_tracker

    # Both unblock the signal for this thread when they begin, so they have to begin before.
    resource_tracker.ensure_running()
    joblibs_tracker.ensure_running()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


class _StoppedError(Exception):
    """Nobody waits any more."""


def _is_compiled(backend: str, should_stop: Callable[[], bool] | None) -> bool:
    """Compile once for all workers of this machine; False if somebody does not want to wait."""
    if backend == "numpy":
        return True
    from nnplay.compiled import choose

    def look(_seconds: float) -> None:
        if should_stop is not None and should_stop():
            raise _StoppedError

    try:
        choose(backend, wait=True, progress=look)
    except _StoppedError:
        return False
    return True


def _executor() -> Any:
    from joblib.externals.loky import reusable_executor

    return reusable_executor._executor


def _end_processes() -> None:
    executor = _executor()
    if executor is not None:
        executor.shutdown(wait=True, kill_workers=True)


@contextmanager
def _tidied() -> Iterator[None]:
    """Processes that were started for the sweep end with it; those that were there stay."""
    known = _executor()
    try:
        yield
    finally:
        if known is None or _executor() is not known:
            _end_processes()


@contextmanager
def _one_core_each() -> Iterator[None]:
    """Runs in threads of this process share its linear algebra, which then keeps to one core."""
    with threadpool_limits(1):
        yield
