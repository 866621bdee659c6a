"""The wish to have the next training step explained, for whatever the session shows."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from nnplay.core.errors import TrainingError
from nnplay.core.explaining import Scope, StepExplanation, explain_step
from nnplay.core.samples import Samples

if TYPE_CHECKING:
    from nnplay.session.session import Session

__all__ = ["EXPLAIN_KEY", "ExplainWish", "Explained"]

EXPLAIN_KEY: Final = "explain"
# While training, at most this share of the time goes into explanations.
_SHARE: Final = 0.15


@dataclass(frozen=True, eq=False)
class Explained:
    """An answer: an explained step, or a sentence why there is none.

    Attributes:
        step: the step; None if it cannot be explained.
        problem: why the backward part or all of it is missing; empty if nothing is.
    """

    step: StepExplanation | None
    problem: str = ""


@dataclass
class _Pace:
    """How long the latest explanation took and when it was ready (``time.monotonic()``)."""

    seconds: float = 0.0
    ready: float = -math.inf


@dataclass(frozen=True)
class ExplainWish:
    """What to explain; see :meth:`nnplay.session.session.Session.watch`.

    Attributes:
        scope: the probed sample, the next mini-batch, or the whole training set.
        focus: slots whose own share in the change of the loss is wanted.
        probe: raw values of the probe; another place is another wish.
    """

    scope: Scope = "sample"
    focus: tuple[int, ...] = ()
    probe: tuple[float, ...] = ()
    pace: _Pace = field(default_factory=_Pace, compare=False)

    def job(self, session: Session) -> Callable[[], object] | None:
        """The work over values nobody changes; None while it would slow training down."""
        pace = self.pace
        if session.is_running and time.monotonic() < pace.ready + pace.seconds / _SHARE:
            return None
        explain = self._explain(session)

        def timed() -> object:
            start = time.monotonic()
            answer = explain()
            pace.ready = time.monotonic()
            pace.seconds = pace.ready - start
            return answer

        return timed

    def _explain(self, session: Session) -> Callable[[], Explained]:
        document, prepared, probe = session.live_document, session.prepared, session.probe
        network, config = document.network, document.training
        train: Samples | None = None
        test: Samples | None = None
        problem = session.data_problem
        if prepared is None:
            problem = problem or "There are no data yet; choose some in the Data panel."
        if not problem:
            try:
                train, test = session.workspace.data.samples(document)
            except ValueError as error:
                problem = str(error)
        if self.scope != "sample":
            if train is None:
                return lambda: Explained(None, problem)
            samples, scope = train, self.scope
            return lambda: _explained(
                lambda: explain_step(
                    network,
                    samples,
                    config,
                    scope=scope,
                    seed=document.seed,
                    state=document.state,
                    focus=self.focus,
                )
            )
        sample = Samples(np.array(probe.inputs, dtype=np.float64)[None])
        if train is not None and prepared is not None and probe.row is not None:
            for part, rows in ((train, prepared.train_rows), (test, prepared.test_rows)):
                place = np.flatnonzero(rows == probe.row)
                if place.size and part is not None and place[0] < len(part):
                    sample = _row(part, int(place[0]))
        has_target = sample.values is not None or sample.classes is not None
        if not has_target and not problem:
            problem = (
                "This place is no sample of the data, so nobody knows what the outputs should say. "
                "Choose a sample to see the way back."
            )

        def explain() -> StepExplanation:
            return explain_step(
                network,
                sample,
                config,
                seed=document.seed,
                state=document.state,
                train_count=None if train is None else len(train),
                focus=self.focus,
            )

        forward = Samples(sample.inputs)

        def job() -> Explained:
            found = _explained(explain, problem)
            if found.step is None and has_target:  # at least the way forward
                step = explain_step(network, forward, config)
                return Explained(step, found.problem)
            return found

        return job


def _explained(explain: Callable[[], StepExplanation], problem: str = "") -> Explained:
    try:
        return Explained(explain(), problem)
    except TrainingError as error:
        return Explained(None, str(error))


def _row(samples: Samples, row: int) -> Samples:
    rows = slice(row, row + 1)
    return Samples(
        samples.inputs[rows],
        None if samples.values is None else samples.values[rows],
        None if samples.classes is None else samples.classes[rows],
        samples.class_count,
    )
