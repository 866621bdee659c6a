"""One run, wherever it happens: in another process, a thread, or a machine of a cluster."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nnplay.core.config import TrainingState
from nnplay.core.errors import TrainingError
from nnplay.core.evaluation import Evaluation
from nnplay.core.history import EpochRecord, History
from nnplay.core.topology import TopologyError
from nnplay.data.errors import DataError
from nnplay.headless import train
from nnplay.sweeps.board import Desk
from nnplay.sweeps.plan import Sweep, SweepRun

__all__ = ["Ended", "Task", "Trained", "work"]

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Task:
    """What a worker is given.

    Attributes:
        sweep, run: what to do.
        board: path of the sweep's board.
        process: number of the process that waits, where threads of it must not change things that
            belong to the whole process.
    """

    sweep: Sweep
    run: SweepRun
    board: str
    process: int


@dataclass(frozen=True, eq=False)
class Trained:
    """What training changed in the run's first document, and how it went."""

    theta: npt.NDArray[np.float64]
    enabled: BoolArray
    state: TrainingState
    history: History
    evaluation: Evaluation
    records: tuple[EpochRecord, ...]
    diverged: str
    ended: str


@dataclass(frozen=True, eq=False)
class Ended:
    """How a run ended: trained, or with a sentence that says why not, or given up (neither)."""

    number: int
    seconds: float
    trained: Trained | None = None
    problem: str = ""


class _StoppedError(Exception):
    """Nobody wants this run any more."""


def work(task: Task) -> Ended:
    """Do one run. Whatever goes wrong is part of the answer: one bad run must not end the others."""
    if task.process != os.getpid():
        _settle_in()
    desk = Desk(task.board, task.run.number)
    start = time.perf_counter()
    try:
        trained, problem = _train(task, desk), ""
    except _StoppedError:
        trained, problem = None, ""
    except (DataError, TopologyError, TrainingError) as error:
        trained, problem = None, str(error)
    except MemoryError:
        trained, problem = None, "This run does not fit into the memory of this computer."
    except Exception as error:
        trained = None
        problem = f"This run failed in a way nobody foresaw ({type(error).__name__}: {error})."
    finally:
        desk.close()
    return Ended(task.run.number, time.perf_counter() - start, trained, problem)


def _train(task: Task, desk: Desk) -> Trained:
    if desk.is_stopped():
        raise _StoppedError
    done = 0

    def on_epoch(_record: EpochRecord) -> None:
        nonlocal done
        done += 1
        if desk.tell(done):
            raise _StoppedError

    sweep = task.sweep
    start = sweep.start_of(task.run)
    result = train(start, sweep.epochs, on_epoch=on_epoch, backend=sweep.backend)
    document = result.document
    return Trained(
        document.network.theta,
        document.network.enabled,
        document.state,
        document.history,
        result.evaluation,
        result.records,
        "" if result.diverged is None else result.diverged.event,
        result.stopped or "",
    )


def _settle_in() -> None:
    """Manners of a worker process: one core each."""
    from threadpoolctl import threadpool_limits

    threadpool_limits(1)
