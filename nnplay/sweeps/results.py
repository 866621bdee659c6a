"""What came of a sweep: one row per run, as values, and as text for tables."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nnplay.core.history import EpochRecord, History
from nnplay.document import Document
from nnplay.sweeps.plan import Sweep, SweepRun

if TYPE_CHECKING:
    from nnplay.sweeps.summary import Summary
    from nnplay.sweeps.worker import Ended, Trained

__all__ = ["CURVE_LIMIT", "SweepResult", "SweepRow", "setting_text"]

CURVE_LIMIT: Final = 1_000
"""Rows of a curve that is only drawn or written down."""

NOT_DONE: Final = "This run was not done: the sweep was cancelled."
_NAN: Final = float("nan")


@dataclass(frozen=True, eq=False)
class SweepRow:
    """One run and what came of it. Losses and accuracies are NaN where there are none.

    Attributes:
        run: which run it is.
        epochs: epochs it completed.
        loss_train, loss_test: at the end; after divergence, of the last finite weights.
        best_loss_train, best_loss_test: the smallest along the way, start included.
        best_epoch: where the test loss (without test data: the training loss) was smallest.
        accuracy_train, accuracy_test: shares from 0 to 1, at the end.
        seconds: how long it took.
        diverged: whether numbers grew beyond all bounds.
        problem: why it did not get to its end, as a sentence; empty if it did.
        ended: why it ended before all epochs, as a sentence; empty if it did not.
        curve: its losses, thinned to :data:`CURVE_LIMIT` rows.
        document: the trained document; None if there is none.
    """

    run: SweepRun
    epochs: int = 0
    loss_train: float = _NAN
    loss_test: float = _NAN
    best_loss_train: float = _NAN
    best_loss_test: float = _NAN
    best_epoch: int = 0
    accuracy_train: float = _NAN
    accuracy_test: float = _NAN
    seconds: float = 0.0
    diverged: bool = False
    problem: str = ""
    ended: str = ""
    curve: History = History()  # noqa: RUF009 - immutable
    document: Document | None = None

    @property
    def number(self) -> int:
        """Place in the sweep, from 0."""
        return self.run.number

    @property
    def settings(self) -> Mapping[str, Any]:
        """Values of the swept settings by name."""
        return self.run.settings

    @property
    def seed(self) -> int:
        """The run's seed."""
        return self.run.seed

    @property
    def is_done(self) -> bool:
        """Whether it was trained to its end."""
        return not self.problem

    @property
    def was_cancelled(self) -> bool:
        """Whether it was never done, or not to its end, because somebody ended the sweep."""
        return self.problem == NOT_DONE

    @property
    def loss(self) -> float:
        """What runs are judged by: the test loss, or the training loss without test data."""
        return self.loss_train if math.isnan(self.loss_test) else self.loss_test


def row_of(sweep: Sweep, run: SweepRun, ended: Ended | None) -> SweepRow:
    """The row of a run; ``ended`` is None if nothing was heard of it."""
    if ended is None:
        return SweepRow(run, problem=NOT_DONE)
    if ended.trained is None:
        return SweepRow(run, seconds=ended.seconds, problem=ended.problem or NOT_DONE)
    trained = ended.trained
    judged = trained.evaluation
    return SweepRow(
        run,
        epochs=len(trained.records) - 1,
        loss_train=judged.loss_train,
        loss_test=judged.loss_test,
        best_loss_train=_smallest([record.loss_train for record in trained.records]),
        best_loss_test=_smallest([record.loss_test for record in trained.records]),
        best_epoch=_best_epoch(trained.records),
        accuracy_train=_NAN if judged.accuracy_train is None else judged.accuracy_train,
        accuracy_test=_NAN if judged.accuracy_test is None else judged.accuracy_test,
        seconds=ended.seconds,
        diverged=bool(trained.diverged),
        problem=trained.diverged,
        ended=trained.ended,
        curve=trained.history.decimated(CURVE_LIMIT),
        document=_document(sweep, run, trained),
    )


def _document(sweep: Sweep, run: SweepRun, trained: Trained) -> Document:
    """The run's document, put together here so that it shares data and wiring with the others."""
    start = sweep.start_of(run)
    network = replace(start.network.with_theta(trained.theta), enabled=_frozen(trained.enabled))
    return replace(start, network=network, state=trained.state, history=trained.history)


def _frozen(values: np.ndarray[Any, np.dtype[np.bool_]]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    result = np.array(values)
    result.flags.writeable = False
    return result


def _smallest(losses: Sequence[float]) -> float:
    finite = [loss for loss in losses if math.isfinite(loss)]
    return min(finite, default=_NAN)


def _best_epoch(records: Sequence[EpochRecord]) -> int:
    has_test = not math.isnan(records[0].loss_test)
    return min(records, key=lambda r: r.loss_test if has_test else r.loss_train).epoch


class SweepResult:
    """All rows of a sweep, in the order of its runs, however they were finished.

    Attributes:
        sweep: what was done.
        rows: one per run.
        was_cancelled: whether somebody ended it early.
    """

    def __init__(self, sweep: Sweep, rows: Sequence[SweepRow], was_cancelled: bool = False) -> None:
        self.sweep = sweep
        self.rows = tuple(sorted(rows, key=lambda row: row.number))
        self.was_cancelled = was_cancelled

    @property
    def best(self) -> SweepRow | None:
        """The row with the smallest loss (see :meth:`summary` for whether that means anything).

        Runs trained on different losses are compared by accuracy; None if nothing can be compared.
        """
        measure = self.summary().measure
        rows = [r for r in self.rows if r.is_done and math.isfinite(measure.of(r))]
        return min(rows, key=measure.rank, default=None)

    def summary(self) -> Summary:
        """Median and spread over seeds for every combination of settings, and which is best."""
        from nnplay.sweeps.summary import Summary

        return Summary(self)

    def csv(self, names: Mapping[str, str] | None = None) -> str:
        """The rows as CSV text with full precision; empty cells where there is no number.

        Args:
            names: other names for the columns of settings, by setting.
        """
        settings = list(self.sweep.settings)
        heads = [(names or {}).get(name, name) for name in settings]
        lines: list[list[str]] = [["run", *heads, "seed", *_COLUMNS]]
        for row in self.rows:
            values = [_cell(getattr(row, column)) for column in _COLUMNS]
            texts = [setting_text(row.settings[name]) for name in settings]
            lines.append([str(row.number + 1), *texts, str(row.seed), *values])
        return _csv_text(lines)

    def curves_csv(self, names: Mapping[str, str] | None = None) -> str:
        """The loss curves as CSV text: one line per run and recorded epoch."""
        settings = list(self.sweep.settings)
        heads = [(names or {}).get(name, name) for name in settings]
        lines: list[list[str]] = [["run", *heads, "seed", "epoch", "loss_train", "loss_test"]]
        for row in self.rows:
            texts = [setting_text(row.settings[name]) for name in settings]
            start = [str(row.number + 1), *texts, str(row.seed)]
            for epoch, train, test in zip(
                row.curve.epochs.tolist(),
                row.curve.train.tolist(),
                row.curve.test.tolist(),
                strict=True,
            ):
                lines.append([*start, str(int(epoch)), _cell(train), _cell(test)])
        return _csv_text(lines)


_COLUMNS: Final = (
    "epochs",
    "loss_train",
    "loss_test",
    "best_loss_train",
    "best_loss_test",
    "best_epoch",
    "accuracy_train",
    "accuracy_test",
    "seconds",
    "diverged",
    "problem",
    "ended",
)


def setting_text(value: Any) -> str:
    """A setting's value as text: 0.03, yes, 1:2."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.12g}"
    if isinstance(value, tuple):
        return ":".join(setting_text(float(part)) for part in value)
    return str(value)


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else ""
    return str(value)


def _csv_text(lines: Sequence[Sequence[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(lines)
    return out.getvalue()
