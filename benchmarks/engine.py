"""Time per training step: nnplay's backends against libraries and the textbook, job by job.

``python -m benchmarks.engine`` prints tables; benchmarks/README.md says how to read them.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Final, NamedTuple

from benchmarks.contenders import CONTENDERS, Contender
from benchmarks.jobs import JOBS, Job, mean_loss
from benchmarks.rounds import interleaved, median_of, one_core, ratios, spread
from benchmarks.tables import Report

__all__ = ["QUOTED", "check_losses", "measure_engine"]

ROUNDS = 7
SECONDS_PER_TURN = 0.1

# µs per step on the machine where the targets were made, for ratios that are only derived.
QUOTED: Final = {
    "nn.ts": {"a": 6.1, "b": 74.5, "b1": 8.75, "f": 435.0},
    "scikit-learn fit": {"a": 51.0, "b": 111.0, "b1": 107.0, "c": 78.0, "d": 920.0, "e": 9439.0},
    "PyTorch eager": {
        "a": 152.0, "b": 261.0, "b1": 251.0, "c": 200.0, "d": 639.0, "e": 6416.0, "f": 807.0,
    },
}  # fmt: skip


class Target(NamedTuple):
    """How many times faster a backend should be than somebody; ``stretch`` is only hoped for."""

    backend: str
    job: str
    rival: str
    least: float
    stretch: float | None = None


_NUMPY, _COMPILED = "nnplay numpy", "nnplay compiled"
TARGETS: Final = (
    Target(_NUMPY, "a", "scikit-learn fit", 8.0),
    Target(_NUMPY, "a", "PyTorch eager", 24.0),
    Target(_NUMPY, "a", "nn.ts", 1.0),
    Target(_NUMPY, "b", "nn.ts", 4.8),
    Target(_NUMPY, "b1", "nn.ts", 0.6),
    Target(_NUMPY, "c", "scikit-learn fit", 4.4),
    Target(_NUMPY, "c", "PyTorch eager", 10.0),
    Target(_NUMPY, "d", "scikit-learn fit", 2.6),
    Target(_NUMPY, "d", "PyTorch eager", 1.5),
    Target(_NUMPY, "e", "scikit-learn fit", 2.2),
    Target(_NUMPY, "e", "PyTorch eager", 1.15),
    Target(_NUMPY, "f", "nn.ts", 4.4),
    Target(_NUMPY, "f", "PyTorch eager", 8.0),
    Target(_COMPILED, "a", "nn.ts", 11.0),
    Target(_COMPILED, "b", "nn.ts", 11.0, 40.0),
    Target(_COMPILED, "b1", "nn.ts", 5.0),
    Target(_COMPILED, "c", "scikit-learn fit", 6.0, 12.0),
    Target(_COMPILED, "c", "PyTorch eager", 15.0, 30.0),
    Target(_COMPILED, "f", "nn.ts", 12.0),
    Target(_COMPILED, "f", "PyTorch eager", 22.0),
)


# ---------------------------------------------------------------------- the same work
def _tolerance(contender: Contender, job: Job) -> float:
    if "float32" in (contender.precision(job), job.precision):
        return 2e-4
    # scikit-learn's Adam adds ε before the correction for the first steps, nnplay after it.
    return 1e-5 if contender.name.startswith("scikit-learn") and job.optimizer == "adam" else 1e-9


def check_losses(job: Job, contender: Contender, epochs: int = 1) -> float:
    """Relative difference of the losses of nnplay's reference and a contender.

    Both train from the same weights over the same batches. Raises ``ValueError`` when they do not
    arrive at the same loss, or when nothing was learnt that could differ.
    """
    work = contender.variant(job)
    ours, theirs = CONTENDERS[0].make(work), contender.make(work)
    ours.train(epochs)
    theirs.train(epochs)
    before = mean_loss(work, work.theta)
    wanted, found = mean_loss(work, ours.theta()), mean_loss(work, theirs.theta())
    difference, tolerance = abs(found - wanted) / wanted, _tolerance(contender, work)
    if not abs(before - wanted) / wanted > 10 * tolerance:
        raise ValueError(f"Job {job.key}: nothing was learnt, so losses say nothing.")
    if not difference <= tolerance:
        raise ValueError(
            f"Job {job.key}: {contender.name} arrives at the loss {found:.9g}, nnplay at "
            f"{wanted:.9g}; they do not do the same work."
        )
    return difference


# ---------------------------------------------------------------------- times
class Measured(NamedTuple):
    """Processor seconds per step, per contender and round: steps alone, and epochs as a whole."""

    steps: dict[str, list[float]]
    epochs: dict[str, list[float]]
    differences: dict[str, float]


def measure_job(
    job: Job, rounds: int, seconds_per_turn: float, contenders: Sequence[Contender] = CONTENDERS
) -> Measured:
    """Compare losses, then let everybody train in turns, each turn from the first weights."""
    present = [c for c in contenders if not c.absent() and c.can_do(job)]
    differences = {c.name: check_losses(job, c) for c in present[1:]}
    whole: dict[str, list[float]] = {c.name: [] for c in present}

    def turn_of(contender: Contender) -> object:
        run = contender.make(contender.variant(job))
        run.train(1)
        epochs = max(1, round(seconds_per_turn / max(1e-6, run.train(1)[1])))

        def turn() -> float:
            run = contender.make(contender.variant(job))
            steps, everything = run.train(epochs)
            whole[contender.name].append(everything / epochs / job.batches)
            return steps / epochs / job.batches

        return turn

    with one_core():
        steps = interleaved({c.name: turn_of(c) for c in present}, rounds)  # type: ignore[misc]
    return Measured(steps, whole, differences)


def _derived_nn_ts(job: Job, measured: dict[str, Measured]) -> tuple[list[float], str]:
    """Seconds nn.ts would take here, round by round, and what the speed was derived from."""
    quoted = QUOTED["nn.ts"][job.key]
    name, key = "scikit-learn fit", job.key
    if key not in QUOTED[name]:
        # The graph quoted with nn.ts was another one, in other people's code: job b is the same
        # here and there, and tells how fast this machine is.
        key = "b"
    if name not in measured[key].steps:
        name = "PyTorch eager"
    factor = quoted / QUOTED[name][key]
    source = name if key == job.key else f"{name} on job {key}"
    return [factor * seconds for seconds in measured[key].steps[name]], source


def _microseconds(seconds: list[float]) -> str:
    value = 1e6 * median_of(seconds)
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _report_job(job: Job, measured: dict[str, Measured], report: Report) -> None:
    found = measured[job.key]
    rivals = {name: times for name, times in found.steps.items() if not name.startswith("nnplay")}
    titles = {name: name for name in rivals}
    absent = {c.name: c.absent() for c in CONTENDERS if c.absent()}
    if job.key in QUOTED["nn.ts"]:
        rivals["nn.ts"], source = _derived_nn_ts(job, measured)
        titles["nn.ts"] = f"nn.ts, *derived* from {source}"
    rows = []
    for ours in (name for name in found.steps if name.startswith("nnplay")):
        targets = {t.rival: t for t in TARGETS if t.backend == ours and t.job == job.key}
        for rival, seconds in rivals.items():
            every = ratios({**found.steps, rival: seconds}, rival, ours)
            target, goal, verdict = targets.get(rival), "", ""
            if target is not None:
                goal = f"≥ {target.least:g}x"
                what = f"job {job.key}, {ours} against {rival}"
                verdict = report.judge(what, median_of(every), target.least)
                if target.stretch is not None:
                    goal += f" (stretch {target.stretch:g}x)"
                    verdict += ", stretch too" if median_of(every) >= target.stretch else ""
            rows.append(
                (
                    f"{ours} / {titles[rival]}",
                    _microseconds(found.steps[ours]),
                    _microseconds(found.epochs[ours]),
                    _microseconds(seconds),
                    spread(every, "x"),
                    goal,
                    verdict,
                )
            )
        for rival in sorted(set(targets) & set(absent)):
            goal = f"≥ {targets[rival].least:g}x"
            rows.append((f"{ours} / {rival}", "", "", "", absent[rival], goal, "not measured"))
    columns = ("nnplay / rival", "nnplay µs", "with losses µs", "rival µs",
               "ratio (min–max)", "target", "reached?")  # fmt: skip
    report.table(f"Job {job.key}: {job.title}", columns, rows)


def measure_engine(report: Report, *, quick: bool = False) -> dict[str, Measured]:
    """Measure all jobs and print a table for each."""
    rounds, seconds = (2, 0.01) if quick else (ROUNDS, SECONDS_PER_TURN)
    # In a hurry only those whom targets are about, and the textbook.
    wanted = {"nnplay numpy", "naive numpy", *(t.backend for t in TARGETS), *QUOTED}
    contenders = [c for c in CONTENDERS if not quick or c.name in wanted]
    print("\n## Training: µs per step, processor time, one core")
    measured: dict[str, Measured] = {}
    for job in JOBS:
        measured[job.key] = measure_job(job, rounds, seconds, contenders)
        _report_job(job, measured, report)
    worst = {
        name: max(m.differences.get(name, 0.0) for m in measured.values())
        for name in dict.fromkeys(n for m in measured.values() for n in m.differences)
    }
    for contender in CONTENDERS:
        if contender.absent():
            print(f"\n{contender.name} took no part: {contender.absent()}")
    print("\nLosses agree with the reference after an epoch; largest relative difference: ", end="")
    print(", ".join(f"{name} {value:.0e}" for name, value in worst.items()) + ".")
    return measured


def main() -> None:
    report = Report()
    measure_engine(report, quick="--quick" in sys.argv)
    report.close()


if __name__ == "__main__":
    main()
