"""Everybody who does the jobs, with one face: make it ready, train some epochs, show the weights."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from benchmarks.jobs import Job
from benchmarks.rivals import naive_numpy, pytorch, scikit_learn
from nnplay.compiled import choose
from nnplay.core.config import TrainingConfig
from nnplay.core.engine import Backend
from nnplay.core.network import Network
from nnplay.core.samples import Samples
from nnplay.core.topology import Kind, Topology
from nnplay.core.training import Trainer

__all__ = [
    "CONTENDERS",
    "Contender",
    "compiled_backend",
    "network_of",
    "trainer_of",
    "with_linear_outputs",
]

Array = npt.NDArray[Any]


class Run(Protocol):
    """A contender at work on one job, from the job's first weights."""

    def train(self, epochs: int) -> tuple[float, float]:
        """Train; processor seconds of all steps, and with everything else an epoch brings."""

    def theta(self) -> Array:
        """The weights now, as in :attr:`Job.theta`."""


@dataclass(frozen=True)
class Contender:
    """One who does the jobs.

    Attributes:
        name: in tables.
        make: gets ready for a job.
        precision: of a job's numbers, given the job.
        can_do: whether it takes part in a job.
        absent: why it cannot take part at all, or empty.
        variant: the job it really does where it cannot do the job itself; its losses are compared
            with nnplay's on that variant.
    """

    name: str
    make: Callable[[Job], Run]
    precision: Callable[[Job], str]
    can_do: Callable[[Job], bool] = lambda job: True
    absent: Callable[[], str] = lambda: ""
    variant: Callable[[Job], Job] = lambda job: job


# ---------------------------------------------------------------------- nnplay
@lru_cache(maxsize=32)
def network_of(job: Job) -> Network:
    """The job's network as nnplay has it."""
    count = job.inputs + len(job.neurons)
    kinds = np.full(count, Kind.HIDDEN, dtype=np.int8)
    kinds[: job.inputs], kinds[count - job.outputs :] = Kind.INPUT, Kind.OUTPUT
    targets = np.repeat(
        np.arange(job.inputs, count), [len(neuron.sources) for neuron in job.neurons]
    )
    sources = np.concatenate([neuron.sources for neuron in job.neurons])
    topology = Topology(np.arange(count), kinds, np.stack([sources, targets], 1))
    names = ["linear"] * job.inputs + [neuron.activation for neuron in job.neurons]
    return Network.build(topology, theta=job.theta, activations=names)


def trainer_of(job: Job, backend: Backend | None = None) -> Trainer:
    """The trainer on a job, in the given order of samples; NumPy if ``backend`` is None."""
    config = TrainingConfig(
        loss=job.loss,
        optimizer=job.optimizer,
        learning_rate=job.learning_rate,
        batch_size=job.batch_size,
        shuffle=False,
        precision=job.precision,
    )
    if job.loss == "half_squared":
        samples = Samples(job.x, values=job.y)
    else:
        classes = job.y.argmax(axis=1).astype(np.int64)
        samples = Samples(job.x, classes=classes, class_count=job.outputs)
    return Trainer(network_of(job), samples, config, backend=backend)


class _Ours:
    """Times the steps of an epoch apart from its last one, which the epoch's losses follow."""

    def __init__(self, job: Job, name: str) -> None:
        backend = compiled_backend()[0] if name == "compiled" else None
        self._trainer = trainer_of(job, backend)
        if self._trainer.backend_name != name:
            raise ValueError(f"Job {job.key} runs on {self._trainer.backend_name}, not on {name}.")
        self._batches = job.batches

    def train(self, epochs: int) -> tuple[float, float]:
        trainer, last = self._trainer, self._batches - 1
        steps = everything = 0.0
        for _ in range(epochs):
            start = time.process_time()
            trainer.advance(last, None)
            middle = time.process_time()
            trainer.finish_epoch()
            steps += middle - start
            everything += time.process_time() - start
        if trainer.diverged is not None:
            raise ValueError("nnplay diverged in a benchmark.")
        return steps * self._batches / last, everything

    def theta(self) -> Array:
        return np.asarray(self._trainer.theta)


# ---------------------------------------------------------------------- who takes part
def with_linear_outputs(job: Job) -> Job:
    """The job with linear instead of tanh outputs; scikit-learn has no others for numbers."""
    if job.loss != "half_squared":
        return job
    ends = tuple(replace(neuron, activation="linear") for neuron in job.neurons[-job.outputs :])
    return replace(job, neurons=(*job.neurons[: -job.outputs], *ends))


def _missing(module: str) -> Callable[[], str]:
    return lambda: "" if importlib.util.find_spec(module) else f"{module} is not installed."


def _layered(job: Job) -> bool:
    return job.sizes is not None


def _always(precision: str) -> Callable[[Job], str]:
    return lambda job: precision


@lru_cache(maxsize=1)
def compiled_backend() -> tuple[Backend | None, str]:
    """The compiled backend, ready to run, or why there is none."""
    choice = choose("compiled", wait=True)
    return (choice, "") if choice.may_compile else (None, choice.notice)


CONTENDERS: Final = (
    Contender("nnplay numpy", lambda job: _Ours(job, "numpy"), lambda job: job.precision),
    Contender(
        "nnplay compiled",
        lambda job: _Ours(job, "compiled"),
        _always("float64"),
        # The plan of large networks in float32 asks for NumPy by itself.
        lambda job: job.precision == "float64",
        lambda: compiled_backend()[1],
    ),
    Contender(
        "scikit-learn fit",
        lambda job: scikit_learn.Fit(job),
        _always("float64"),
        _layered,
        _missing("sklearn"),
        with_linear_outputs,
    ),
    Contender(
        "scikit-learn partial_fit",
        lambda job: scikit_learn.PartialFit(job),
        _always("float64"),
        _layered,
        _missing("sklearn"),
        with_linear_outputs,
    ),
    Contender(
        "scikit-learn fit float32",
        lambda job: scikit_learn.Fit(job, np.float32),
        _always("float32"),
        lambda job: _layered(job) and job.precision == "float32",
        _missing("sklearn"),
        with_linear_outputs,
    ),
    Contender(
        "PyTorch eager",
        lambda job: pytorch.Eager(job),
        _always("float32"),
        absent=_missing("torch"),
    ),
    Contender("naive numpy", lambda job: naive_numpy.textbook(job), _always("float64")),
)
"""nnplay's reference first; every loss is compared with it."""
