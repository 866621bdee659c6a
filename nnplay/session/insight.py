"""Insight into the network shown: health, the next batch, saliency; ablation, counterfactuals, checks.

Views say what they look at with :meth:`Insight.look`. While nobody looks nothing is computed; while
somebody does, the evaluator's thread answers at most four times a second during training, and never
takes more than a small share of the time. Long questions have a thread of their own, progress and a
way to give up.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QTimer, Signal

from nnplay.core.errors import TrainingError
from nnplay.core.network import Network
from nnplay.core.samples import Samples
from nnplay.data.errors import DataError
from nnplay.session.evaluator import Answer, Evaluator
from nnplay.session.inquiry import Inquiry, LookAround, OnProgress

if TYPE_CHECKING:
    from nnplay.core.batch_view import BatchView
    from nnplay.core.health import HealthReport
    from nnplay.core.saliency import Plane
    from nnplay.session.session import Session

__all__ = ["Insight", "Subject", "Update"]

FloatArray = npt.NDArray[np.float64]
Subject = Literal["health", "batch", "saliency", "updates"]
Job = Callable[[LookAround], object]

INTERVAL: Final = 0.25
"""Seconds between two answers while training, at least."""
SHARE: Final = 0.08
"""Share of the time that answers may take while training."""
SOON: Final = 40
"""Milliseconds that edits at rest are gathered for."""
MOST_STARTS: Final = 500
MOST_CHECKED: Final = 2048


class _StaleError(Exception):
    """The network looked at is no longer there."""


@dataclass(frozen=True, eq=False)
class Update:
    """How the parameters moved lately: ``float64[P]`` per step, and over how many steps."""

    change: FloatArray
    steps: int


@dataclass(eq=False)
class _State:
    """What is known about one subject, and when it may be asked for again."""

    network: Network | None = None
    value: object = None
    problem: str = ""
    valid_from: int = 0
    is_stale: bool = True
    is_asked: bool = False
    began: float = -math.inf
    seconds: float = 0.0


class Insight(QObject):
    """Answers views' questions about a session. GUI thread only.

    Signals:
        changed(str): there is news about a subject.
    """

    changed = Signal(str)

    def __init__(self, session: Session, evaluator: Evaluator) -> None:
        super().__init__(session)
        self._session, self._evaluator = session, evaluator
        self._owners: dict[Hashable, frozenset[str]] = {}
        self._states = {name: _State() for name in ("health", "batch", "saliency", "updates")}
        self._generation = 0
        self._based: tuple[Network, int] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._ask_what_is_due)
        self.ablation = Inquiry("nnplay-ablation", self)
        self.counterfactual = Inquiry("nnplay-counterfactual", self)
        self.gradient_check = Inquiry("nnplay-gradient-check", self)
        session.network_changed.connect(self._network_changed)
        session.frame_arrived.connect(self._numbers_changed)
        session.setup_changed.connect(self._numbers_changed)
        session.data_changed.connect(self._all_is_different)
        session.document_replaced.connect(self._all_is_different)
        session.probe_changed.connect(self._probe_changed)
        session.run_state_changed.connect(self._run_state_changed)

    # ------------------------------------------------------------------ looking
    def look(self, owner: Hashable, *subjects: Subject) -> None:
        """Note what a view looks at from now on; nothing if it looks at nothing any more."""
        before = self._wanted()
        if subjects:
            self._owners[owner] = frozenset(subjects)
        else:
            self._owners.pop(owner, None)
        after = self._wanted()
        for name in before - after:
            self._forget(name)
        if after - before:
            self._rebase()
            self._schedule()

    def is_looked_at(self, subject: Subject) -> bool:
        """Whether anybody looks at it."""
        return subject in self._wanted()

    @property
    def health(self) -> HealthReport | None:
        """The latest report about the present wiring; None while there is none."""
        found: HealthReport | None = self._value("health")
        return found

    @property
    def batch(self) -> BatchView | None:
        """The next mini-batch."""
        found: BatchView | None = self._value("batch")
        return found

    @property
    def saliency(self) -> FloatArray | None:
        """``float64[outputs, inputs]``: ∂a/∂x at the probe."""
        found: FloatArray | None = self._value("saliency")
        return found

    @property
    def update(self) -> Update | None:
        """The latest change of the parameters by training."""
        found: Update | None = self._value("updates")
        return found

    def problem(self, subject: Subject) -> str:
        """Why there is no answer, as a sentence; empty if there is none to give."""
        return self._states[subject].problem

    def _value(self, name: str) -> Any:
        state = self._states[name]
        if state.network is None or state.network.topology is not self._session.network.topology:
            return None
        return state.value

    def _wanted(self) -> frozenset[str]:
        return frozenset().union(*self._owners.values())

    # ------------------------------------------------------------------ what happens
    def _network_changed(self, before: Network, after: Network) -> None:
        if before.topology is not after.topology:
            self._all_is_different()
        else:
            self._numbers_changed()

    def _all_is_different(self) -> None:
        for name in self._states:
            self._forget(name)
        self._based = None
        self._rebase()
        self._schedule()

    def _numbers_changed(self, *_: object) -> None:
        if not self._owners:
            return
        for state in self._states.values():
            state.is_stale = True
        self._follow_updates()
        self._schedule()

    def _probe_changed(self) -> None:
        self._states["saliency"].is_stale = True
        self._schedule()

    def _run_state_changed(self, *_: object) -> None:
        if not self._session.is_running:
            self._timer.stop()  # what waits for a moment in the run need wait no longer
            self._schedule()

    def _forget(self, name: str) -> None:
        state = self._states[name]
        had = state.value is not None
        state.network = state.value = None
        state.problem = ""
        state.is_stale, state.is_asked = True, False
        state.valid_from = self._generation + 1
        self._evaluator.drop(("insight", name))
        if had:
            self.changed.emit(name)

    # ------------------------------------------------------------------ updates
    def _rebase(self) -> None:
        if "updates" in self._wanted() and self._based is None:
            self._based = self._session.network, self._session.shown_step

    def _follow_updates(self) -> None:
        if "updates" not in self._wanted():
            return
        now, step = self._session.network, self._session.shown_step
        based, self._based = self._based, (now, step)
        if based is None or based[0].topology is not now.topology or step <= based[1]:
            return
        steps = step - based[1]
        state = self._states["updates"]
        with np.errstate(all="ignore"):
            change = (now.theta - based[0].theta) / steps
        state.network, state.value = now, Update(change, steps)
        self.changed.emit("updates")

    # ------------------------------------------------------------------ asking
    def _schedule(self) -> None:
        if self._timer.isActive():
            return
        waits = [
            self._wait(self._states[name])
            for name in self._wanted() - {"updates"}
            if self._states[name].is_stale
        ]
        if waits:
            self._timer.start(max(1, int(1000 * min(waits))))

    def _wait(self, state: _State) -> float:
        """Seconds until a subject may be asked for again."""
        if not self._session.is_running:
            return SOON / 1000
        pause = max(INTERVAL, state.seconds / SHARE)
        return max(SOON / 1000, state.began + pause - time.monotonic())

    def _ask_what_is_due(self) -> None:
        for name in self._wanted() - {"updates"}:
            state = self._states[name]
            if state.is_stale and not state.is_asked and self._wait(state) <= SOON / 1000:
                self._ask(name, state)
        if any(
            self._states[n].is_stale and not self._states[n].is_asked
            for n in self._wanted() - {"updates"}
        ):
            self._schedule()

    def _ask(self, name: str, state: _State) -> None:
        session = self._session
        state.is_stale = False
        network = session.network
        try:
            job: Job = getattr(self, f"_{name}_job")(network)
        except (DataError, TrainingError) as error:
            self._tell(name, network, None, str(error))
            return
        self._generation += 1
        generation = self._generation
        state.is_asked = True

        def look_around() -> None:
            if generation < state.valid_from:
                raise _StaleError

        def timed() -> tuple[Network, float, object]:
            start = time.monotonic()
            found = job(look_around)
            return network, time.monotonic() - start, found

        state.began = time.monotonic()
        self._evaluator.submit(("insight", name), generation, timed)

    def take(self, answer: Answer) -> bool:
        """Take an answer of the evaluator; False if it is somebody else's."""
        key = answer.key
        if not (isinstance(key, tuple) and len(key) == 2 and key[0] == "insight"):
            return False
        name, state = key[1], self._states[key[1]]
        if answer.generation < state.valid_from:
            return True
        state.is_asked = False
        if answer.error is not None:
            sentence = (
                str(answer.error)
                if isinstance(answer.error, DataError | TrainingError)
                else f"Something could not be computed ({answer.error}). Nothing is lost."
            )
            self._tell(name, self._session.network, None, sentence)
        else:
            assert isinstance(answer.value, tuple)  # noqa: S101
            network, state.seconds, value = answer.value
            self._tell(name, network, value, "")
        if state.is_stale:
            self._schedule()
        return True

    def _tell(self, name: str, network: Network, value: object, problem: str) -> None:
        state = self._states[name]
        state.network, state.value, state.problem = network, value, problem
        self.changed.emit(name)

    # ------------------------------------------------------------------ the jobs
    def _training_samples(self) -> Samples:
        session = self._session
        if session.prepared is None or session.data_problem:
            raise DataError(
                session.data_problem or "There are no data yet; choose some in the Data panel."
            )
        return session.workspace.data.samples(session.live_document)[0]

    def _health_job(self, network: Network) -> Job:
        from nnplay.core.health import examine

        samples, config = self._training_samples(), self._session.training
        return lambda look_around: examine(network, samples, config, look_around)

    def _batch_job(self, network: Network) -> Job:
        from nnplay.core.batch_view import view_batch

        samples, session = self._training_samples(), self._session
        config, seed, state = session.training, session.seed, session.workspace.state
        return lambda look_around: view_batch(
            network, samples, config, seed=seed, state=state, look_around=look_around
        )

    def _saliency_job(self, network: Network) -> Job:
        from nnplay.core.saliency import saliency

        inputs = self._session.probe.inputs
        if len(inputs) != len(network.topology.input_ids):
            raise DataError("The probe does not fit the inputs of this network.")
        return lambda look_around: saliency(network, inputs)

    # ------------------------------------------------------------------ long questions
    def ablate(self, subject: Literal["neurons", "edges"]) -> None:
        """Rank what is there by how much the loss grows without it; see :attr:`ablation`."""
        from nnplay.core.ablation import ablate

        network, config = self._session.network, self._session.training
        try:
            samples = self._training_samples()
        except (DataError, TrainingError) as error:
            self.ablation.failed.emit(str(error))
            return

        def work(look_around: LookAround, on_progress: OnProgress) -> object:
            return ablate(
                network,
                samples,
                config,
                subject,
                look_around=look_around,
                on_progress=on_progress,
            )

        self.ablation.ask(work)

    def check_gradients(self, listed: int = 50) -> None:
        """Compare backpropagation with complex steps; see :attr:`gradient_check`."""
        from nnplay.core.diagnostics import check_gradients

        network, config = self._session.network, self._session.training
        try:
            samples = self._training_samples()
        except (DataError, TrainingError) as error:
            self.gradient_check.failed.emit(str(error))
            return

        def work(look_around: LookAround, on_progress: OnProgress) -> object:
            return check_gradients(
                network,
                samples,
                config,
                max_slots=MOST_CHECKED,
                listed=listed,
                look_around=look_around,
                on_progress=on_progress,
            )

        self.gradient_check.ask(work)

    def search_counterfactual(self) -> None:
        """Search the nearest sample of another class to the probe; see :attr:`counterfactual`."""
        from nnplay.core.health import even_rows
        from nnplay.core.saliency import counterfactual

        session, network = self._session, self._session.network
        prepared, probe, config = session.prepared, session.probe, session.training
        if prepared is None or session.data_problem:
            self.counterfactual.failed.emit(session.data_problem or "There are no data yet.")
            return
        if prepared.classes is None:
            self.counterfactual.failed.emit(
                f"The network predicts a number (“{prepared.target_name}”), not a class, so that "
                "there is nothing to flip."
            )
            return
        rows = prepared.train_rows[even_rows(len(prepared.train_rows), MOST_STARTS)]
        others, plane = prepared.raw[rows], self._plane(network)

        def work(look_around: LookAround, _on_progress: OnProgress) -> object:
            return counterfactual(
                network, probe.raw, plane, config, others=others, look_around=look_around
            )

        self.counterfactual.ask(work)

    def _plane(self, network: Network) -> Plane:
        """Raw values within the data's domain, measured by their spread; words stay as they are."""
        from nnplay.core.saliency import Plane

        prepared = self._session.prepared
        assert prepared is not None  # noqa: S101
        ends = np.array(prepared.domain, dtype=np.float64).reshape(-1, 2)
        spread = prepared.raw[prepared.train_rows].std(axis=0)
        free = np.array(prepared.raw_numeric, dtype=bool) & (spread > 0.0)
        units = np.where(spread > 0.0, spread, 1.0)
        return Plane(
            ends[:, 0], ends[:, 1], units, free, lambda raw: prepared.input_matrix(network, raw)
        )

    # ------------------------------------------------------------------ the end
    def cancel(self) -> None:
        """Give up all long questions."""
        for inquiry in (self.ablation, self.counterfactual, self.gradient_check):
            inquiry.cancel()

    def end(self, seconds: float) -> None:
        """Give up everything, and wait no longer than this for threads."""
        self._timer.stop()
        self._owners.clear()
        until = time.monotonic() + seconds
        for inquiry in (self.ablation, self.counterfactual, self.gradient_check):
            inquiry.end(max(0.0, until - time.monotonic()))
