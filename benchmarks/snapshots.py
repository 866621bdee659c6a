"""What a training run pays for showing its state: copies of parameters, states, posted frames.

``python -m benchmarks.snapshots`` prints a table, in µs and as a share of a 60th of a second, which
is how often a run posts a frame. No target: it is there to be watched.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np

from benchmarks.contenders import trainer_of
from benchmarks.jobs import JOBS, Job
from benchmarks.rounds import interleaved, median_of, one_core, repeated
from benchmarks.tables import Report

__all__ = ["measure_snapshots"]

FRAME_MICROSECONDS: Final = 1e6 / 60


def _cases() -> list[tuple[str, Job]]:
    by_key = {job.key: job for job in JOBS}
    large = replace(by_key["d"], optimizer="adam", learning_rate=0.001)
    return [("c", by_key["c"]), ("d with Adam", large)]


def measure_snapshots(report: Report, *, quick: bool = False) -> None:
    """Measure and print."""
    from nnplay.session.mailbox import Mailbox

    rows = []
    for name, job in _cases():
        trainer: Any = trainer_of(job)
        trainer.advance(min(5, job.batches - 1), None)
        plain = np.array(trainer.theta)
        mailbox = Mailbox(lambda: None)

        def post(mailbox: Mailbox = mailbox, trainer: Any = trainer) -> None:
            mailbox.post(trainer.theta, trainer.state, 0, (), trainer.losses)
            mailbox.collect()

        with one_core():
            times = interleaved(
                {
                    "copy": repeated(plain.copy, 0.02),
                    "theta": repeated(lambda trainer=trainer: trainer.theta, 0.02),  # type: ignore[misc]
                    "state": repeated(lambda trainer=trainer: trainer.state, 0.02),  # type: ignore[misc]
                    "frame": repeated(post, 0.02),
                },
                3 if quick else 7,
            )
        micro = {what: 1e6 * median_of(found) for what, found in times.items()}
        share = micro["frame"] / FRAME_MICROSECONDS
        rows.append(
            (
                f"{name}: {job.parameter_count:,} parameters",
                *(f"{micro[what]:,.1f}" for what in ("copy", "theta", "state", "frame")),
                f"{100 * share:.2f} %",
            )
        )
    report.table(
        "Snapshots, µs",
        (
            "network",
            "plain copy",
            "Trainer.theta",
            "Trainer.state",
            "frame posted and taken",
            "of a 60th s",
        ),
        rows,
    )


def main() -> None:
    report = Report()
    measure_snapshots(report)
    report.close()


if __name__ == "__main__":
    main()
