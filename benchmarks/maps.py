"""Decision maps: every neuron of a network over 100×100 points, in float32, as the window has them.

``python -m benchmarks.maps`` prints a table. Targets are fractions of the time of one NumPy step of
job a in the same rounds, because a slower machine is slower at both. Beside the forward pass, which
the targets are about, stands a whole map: grid, features, copies for the views.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

import numpy as np

from benchmarks.contenders import trainer_of
from benchmarks.jobs import JOBS, Job
from benchmarks.rounds import interleaved, median_of, one_core, repeated, spread
from benchmarks.tables import Report

__all__ = ["measure_maps"]

RESOLUTION: Final = 100
# µs on the machine where a step of job a takes STEP µs, and what nn.ts took there.
TARGETS: Final = {"a": 100.0, "b": 700.0}
NN_TS: Final = {"a": 5400.0, "b": 52000.0}
STEP: Final = 5.4
FEATURES: Final = ("x1", "x2", "x1^2", "x2^2", "x1*x2", "sin(x1)", "sin(x2)")


def _turns(job: Job, seconds: float) -> tuple[Callable[[], float], Callable[[], float]]:
    """The forward pass over all points, and the whole map with its grid and copies."""
    from nnplay.core.program import Program
    from nnplay.data.preparation import prepare
    from nnplay.session.evaluation import Programs, decision_map
    from nnplay.session.values import MapRequest
    from nnplay.setup import new_document

    features = FEATURES[: job.inputs]
    document, _ = new_document("circle", layers=job.sizes, features=features, activation="tanh")
    network = document.network
    data = prepare(document.data, document.preparation, document.seed)
    points = RESOLUTION**2
    x = np.random.default_rng(5).uniform(-1, 1, (points, job.inputs)).astype(np.float32)
    program, programs = Program(network, points, np.float32), Programs()
    request = MapRequest(RESOLUTION)
    return (
        repeated(lambda: program.forward(x), seconds),
        repeated(lambda: decision_map(network, data, request, programs), seconds),
    )


def _step_of_a() -> Callable[[], float]:
    job = JOBS[0]
    trainer = trainer_of(job)
    trainer.run(3)

    def turn() -> float:
        seconds = 0.0
        for _ in range(20):
            start = time.process_time()
            trainer.advance(job.batches - 1, None)
            seconds += time.process_time() - start
            trainer.finish_epoch()
        return seconds / 20 / (job.batches - 1)

    return turn


def measure_maps(report: Report, *, quick: bool = False) -> None:
    """Measure and print."""
    jobs = [job for job in JOBS if job.key in TARGETS]
    with one_core():
        turns: dict[str, Callable[[], float]] = {"step": _step_of_a()}
        for job in jobs:
            forward, whole = _turns(job, 0.02 if quick else 0.06)
            turns[job.key], turns["whole " + job.key] = forward, whole
        times = interleaved(turns, 3 if quick else 9)
    rows = []
    for job in jobs:
        allowed = TARGETS[job.key] / STEP
        steps = [a / b for a, b in zip(times[job.key], times["step"], strict=True)]
        quoted = NN_TS[job.key] / STEP / median_of(steps)
        rows.append(
            (
                f"{job.key}: {job.title.split(',')[0]}",
                f"{1e6 * median_of(times[job.key]):,.0f}",
                f"{1e6 * median_of(times['whole ' + job.key]):,.0f}",
                f"{1e6 * median_of(times['step']):.1f}",
                spread(steps),
                f"≤ {allowed:.1f}",
                report.judge(
                    f"decision map of {job.key}, in steps of a",
                    median_of(steps),
                    allowed,
                    most=True,
                ),
                f"{quoted:.0f}x",
            )
        )
    report.table(
        f"Decision maps, {RESOLUTION}×{RESOLUTION}, every neuron, float32",
        (
            "network",
            "forward µs",
            "whole map µs",
            "step of a µs",
            "forward in steps (min–max)",
            "target",
            "reached?",
            "nn.ts *derived*",
        ),
        rows,
    )


def main() -> None:
    report = Report()
    measure_maps(report)
    report.close()


if __name__ == "__main__":
    main()
