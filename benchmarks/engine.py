"""Epochs per second of nnplay's trainer against scikit-learn's perceptron, as a ratio.

``python -m benchmarks.engine`` prints a table. Both learn the same samples with the same sizes,
batch and optimiser, in turns, each turn from fresh weights, on one core with one BLAS thread.
Processor time is counted, which other programs disturb least, and a ratio is taken within each
round, so that a machine that slows down slows both. nnplay also computes the loss over the whole
training and test parts after every epoch, which scikit-learn does not.

``partial_fit`` is what one would call to watch a perceptron learn: one call is one epoch, with its
checks. ``fit`` runs many epochs in one call and is scikit-learn at its fastest.
"""

from __future__ import annotations

import contextlib
import os
import statistics
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

ROUNDS = 9
SECONDS_PER_TURN = 0.25
WARM_UP_EPOCHS = 3


@dataclass(frozen=True)
class Job:
    """Arguments for both libraries; ``targets`` are what the rival's estimator expects."""

    name: str
    document: dict[str, Any]
    estimator: str
    settings: dict[str, Any]
    targets: Callable[[np.ndarray[Any, Any]], np.ndarray[Any, Any]]
    goal: float


@dataclass(frozen=True)
class Result:
    """Medians of a job: steps of nnplay in µs, epochs per second, and ratios of each round."""

    job: Job
    microseconds: float
    ours: float
    partial_fit: float
    fit: float
    partial_fit_ratios: tuple[float, ...]
    fit_ratios: tuple[float, ...]


Contender = Callable[[], Callable[[int], None]]
"""Makes ready what a turn needs; what it returns trains so many epochs."""

# scikit-learn's outputs have no tanh; its regressor's linear output is the cheaper one.
JOBS = (
    Job(
        "circle, 2-4-2-1 tanh, SGD, batch 10",
        {
            "data": "circle",
            "layers": (2, 4, 2, 1),
            "activation": "tanh",
            "output_activation": "tanh",
            "training": {"optimizer": "sgd", "learning_rate": 0.03, "batch_size": 10},
        },
        "MLPRegressor",
        {
            "hidden_layer_sizes": (4, 2),
            "activation": "tanh",
            "solver": "sgd",
            "momentum": 0.0,
            "nesterovs_momentum": False,
            "learning_rate_init": 0.03,
            "batch_size": 10,
        },
        lambda classes: np.where(classes == 1, 1.0, -1.0),
        8.0,
    ),
    Job(
        "digits, 64-32-10 ReLU, Adam, batch 32",
        {
            "data": "digits",
            "layers": (64, 32, 10),
            "activation": "relu",
            "output_activation": "softmax",
            "training": {"optimizer": "adam", "learning_rate": 0.001, "batch_size": 32},
        },
        "MLPClassifier",
        {
            "hidden_layer_sizes": (32,),
            "activation": "relu",
            "solver": "adam",
            "learning_rate_init": 0.001,
            "batch_size": 32,
        },
        lambda classes: classes,
        4.4,
    ),
)


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


def _seconds(contender: Contender, epochs: int) -> float:
    work = contender()
    start = time.process_time()
    work(epochs)
    return time.process_time() - start


def _epochs_for(contender: Contender, seconds: float) -> int:
    """How many epochs fill a turn; the first ones only warm up."""
    contender()(WARM_UP_EPOCHS)
    return max(2, round(seconds * WARM_UP_EPOCHS / _seconds(contender, WARM_UP_EPOCHS)))


def measure_job(
    job: Job, rounds: int = ROUNDS, seconds_per_turn: float = SECONDS_PER_TURN
) -> Result:
    """Let nnplay and scikit-learn train in turns."""
    import sklearn.neural_network  # type: ignore[import-untyped]

    from nnplay.core.training import Finished, Trainer
    from nnplay.data.preparation import prepare
    from nnplay.setup import new_document

    document, _ = new_document(**job.document)
    data = prepare(document.data, document.preparation, document.seed)
    train, test = data.train_and_test(document.network)
    if train.classes is None:
        raise ValueError(f"{job.name} needs classes.")
    x, y = train.inputs, job.targets(train.classes)
    make = getattr(sklearn.neural_network, job.estimator)
    # Never stops early, no penalty: every epoch is a whole one, as ours.
    settings = {
        **job.settings,
        "alpha": 0.0,
        "tol": 0.0,
        "n_iter_no_change": 10**9,
        "random_state": 0,
    }
    known = {"classes": np.unique(y)} if job.estimator == "MLPClassifier" else {}

    def ours() -> Callable[[int], None]:
        trainer = Trainer(document.network, train, test, document.training, document.seed)

        def work(epochs: int) -> None:
            if not isinstance(trainer.run(epochs), Finished):
                raise ValueError(f"{job.name} diverged.")

        return work

    def partial_fit() -> Callable[[int], None]:
        estimator = make(**settings).partial_fit(x, y, **known)
        parameters = sum(p.size for p in (*estimator.coefs_, *estimator.intercepts_))
        if parameters != document.network.topology.parameter_count:
            raise ValueError(f"{job.name}: the two networks differ in size.")

        def work(epochs: int) -> None:
            for _ in range(epochs):
                estimator.partial_fit(x, y)

        return work

    def fit() -> Callable[[int], None]:
        def work(epochs: int) -> None:
            if make(**settings, max_iter=epochs).fit(x, y).n_iter_ != epochs:
                raise ValueError(f"{job.name}: scikit-learn stopped early.")

        return work

    turns: tuple[Contender, ...] = (ours, partial_fit, fit)
    speeds: dict[Contender, list[float]] = {turn: [] for turn in turns}
    with one_core(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # fit complains that it has not converged
        epochs = {turn: _epochs_for(turn, seconds_per_turn) for turn in turns}
        for number in range(rounds):
            # Each goes first, second and last equally often.
            first = number % len(turns)
            for turn in (*turns[first:], *turns[:first]):
                speeds[turn].append(epochs[turn] / _seconds(turn, epochs[turn]))
    medians = {turn: statistics.median(found) for turn, found in speeds.items()}

    def ratios(rival: Contender) -> tuple[float, ...]:
        return tuple(a / b for a, b in zip(speeds[ours], speeds[rival], strict=True))

    return Result(
        job,
        1e6 / medians[ours] / -(-len(train) // document.training.batch_size),
        medians[ours],
        medians[partial_fit],
        medians[fit],
        ratios(partial_fit),
        ratios(fit),
    )


def _ratio(ratios: tuple[float, ...]) -> str:
    return f"{statistics.median(ratios):.1f}x ({min(ratios):.1f}–{max(ratios):.1f})"


def main() -> None:
    print(f"{'epochs per second, one core':38} {'nnplay':>8} {'partial_fit':>12} {'fit':>8}")
    results = [measure_job(job) for job in JOBS]
    for found in results:
        print(
            f"{found.job.name:38} {found.ours:8,.0f} {found.partial_fit:12,.1f} {found.fit:8,.1f}"
        )
    print(f"\nnnplay against scikit-learn, median (range) of {ROUNDS} rounds")
    for found in results:
        print(
            f"{found.job.name:38} partial_fit {_ratio(found.partial_fit_ratios)}, "
            f"fit {_ratio(found.fit_ratios)}   (target {found.job.goal:g}x; "
            f"{found.microseconds:.1f} µs a step with its share of the epoch's losses)"
        )


if __name__ == "__main__":
    main()
