"""Following one sample through the network by hand, and really making its step in the end."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from nnplay.core.errors import TrainingError
from nnplay.core.explaining import batch_rows
from nnplay.core.sample_step import SampleStep, step_on
from nnplay.core.samples import Samples
from nnplay.core.step_plan import GRAINS, Grain, Phase, StepPlan
from nnplay.core.step_words import StepWords, step_words
from nnplay.core.stepping import plan_steps
from nnplay.data.errors import DataError
from nnplay.document import Document
from nnplay.session.notices import Notice
from nnplay.session.values import RunState

if TYPE_CHECKING:
    from nnplay.session.session import Session

__all__ = ["SPEEDS", "Source", "Stepper"]

Source = Literal["probe", "batch"]
SPEEDS: Final = (0.5, 1.0, 2.0, 4.0, 10.0)
"""Steps per second that playing offers."""
MOST_EDGES: Final = 20_000
# Of larger networks a plan is not made anew with every movement of a slider.
MOST_EDGES_FOLLOWED: Final = 500
STEP_TEXT: Final = "One step by hand"


class Stepper(QObject):
    """Where somebody stands who calculates one sample by hand. GUI thread only.

    It follows the document as it is at rest: whatever changes the numbers takes it back to the
    start, and training closes it.

    Signals:
        changed(): it was opened or closed, or follows other numbers now.
        moved(): the position, the grain or the remark is another one.
        playing_changed(bool): it goes on by itself, or not any more.
    """

    changed = Signal()
    moved = Signal()
    playing_changed = Signal(bool)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._plan: StepPlan | None = None
        self._step: SampleStep | None = None
        self._position = 0
        self._grain: Grain = "term"
        self._source: Source = "probe"
        self._speed = 1.0
        self._remark = ""
        self._key: tuple[object, ...] = ()
        self._applies = False
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._play_on)
        session.document_replaced.connect(self.close)
        for signal in (
            session.network_changed,
            session.probe_changed,
            session.setup_changed,
            session.data_changed,
        ):
            signal.connect(self._look)
        session.run_state_changed.connect(self._run_changed)

    # ------------------------------------------------------------------ state to read
    @property
    def is_open(self) -> bool:
        """Whether a sample is being followed."""
        return self._plan is not None

    @property
    def plan(self) -> StepPlan | None:
        """All steps of the sample, or None while it is closed."""
        return self._plan

    @property
    def position(self) -> int:
        """How many steps are done."""
        return self._position

    @property
    def present(self) -> range:
        """The steps that the latest move has made: one term, or all of a neuron, layer, phase."""
        if self._plan is None:
            return range(0)
        return range(self._plan.back(self._position, self._grain), self._position)

    @property
    def grain(self) -> Grain:
        """How far a move goes."""
        return self._grain

    @property
    def source(self) -> Source:
        """Which sample is followed: the probe, or the first one of the next mini-batch."""
        return self._source

    @property
    def phase(self) -> Phase:
        """The part of the calculation it stands in."""
        return Phase.FORWARD if self._plan is None else self._plan.phase_at(self._position)

    @property
    def is_at_end(self) -> bool:
        """Whether all steps are done."""
        return self._plan is not None and self._position == len(self._plan)

    @property
    def can_apply(self) -> bool:
        """Whether the update has been followed to its end and can really be made."""
        return self.is_at_end and self._step is not None

    @property
    def is_playing(self) -> bool:
        """Whether it goes on by itself."""
        return self._timer.isActive()

    @property
    def speed(self) -> float:
        """Moves per second while it plays."""
        return self._speed

    @property
    def remark(self) -> str:
        """Why it starts again or has no further phases, as a sentence; mostly empty."""
        return self._remark

    @property
    def words(self) -> StepWords:
        """The step done last, as formula and sentence."""
        if self._plan is None or not self._position:
            return StepWords("", "")
        return step_words(self._plan, self._position - 1)

    # ------------------------------------------------------------------ opening and closing
    def open(self, source: Source | None = None) -> bool:
        """Follow a sample from the start; a run is paused. False if it cannot be followed.

        Without a ``source`` it is the probe, or the next training sample if the probe has no target.
        """
        session = self._session
        if source is None:
            has_data = session.prepared is not None and not session.data_problem
            source = "batch" if has_data and session.probe.row is None else "probe"
        if session.network.topology.edge_count > MOST_EDGES:
            return session.refuse(
                f"Networks with more than {MOST_EDGES:,} connections are too large to follow "
                "by hand."
            )
        if session.network.topology.neuron_count == len(session.network.topology.input_ids):
            return session.refuse("There is nothing to calculate yet: connect some neurons first.")
        if source == "batch" and (session.prepared is None or session.data_problem):
            return session.refuse(session.data_problem or "There are no data to take samples from.")
        session.pause()
        self._source = source
        self._begin("")
        return True

    def close(self) -> None:
        """Follow nothing any more."""
        if self._plan is not None:
            self.pause()
            self._plan = self._step = None
            self._position, self._remark, self._key = 0, "", ()
            self.changed.emit()

    def _begin(self, remark: str) -> None:
        self.pause()
        document = self._session.document
        self._key = self._present_key()
        self._position, self._remark = 0, remark
        self._plan, self._step = self._made(document)
        self.changed.emit()

    def _made(self, document: Document) -> tuple[StepPlan, SampleStep | None]:
        network, training = document.network, document.training
        try:
            sample, count = self._sample(document)
            step = None
            if count:
                step = step_on(
                    network,
                    sample,
                    training,
                    seed=document.seed,
                    state=document.state,
                    train_count=count,
                )
                if step is None:
                    self._remark = "The update is not finite: a smaller learning rate helps."
            else:
                self._remark = (
                    "The probe is no sample of the data, so that there is no target: forward only."
                )
            after = None if step is None else step.theta
            rate = np.nan if step is None else step.rate
            return plan_steps(network, sample, training, after, rate), step
        except (DataError, TrainingError) as error:
            self._remark = f"{error} So there are only the steps forward."
            inputs = self._session.probe.inputs
            if len(inputs) != len(network.topology.input_ids):
                inputs = np.zeros(len(network.topology.input_ids))
            return plan_steps(network, Samples(inputs[None])), None

    def _sample(self, document: Document) -> tuple[Samples, int]:
        """The sample that is followed, and the number of training samples (0 without a target)."""
        session, network = self._session, document.network
        prepared, probe = session.prepared, session.probe
        if prepared is None or session.data_problem:
            return Samples(probe.inputs[None]), 0
        count = len(prepared.train_rows)
        row = probe.row
        if self._source == "batch":
            first = batch_rows(count, document.training, document.seed, document.state)[0]
            row = int(prepared.train_rows[first])
        if row is None:
            return Samples(probe.inputs[None]), 0
        samples = prepared.samples(network, "all")
        one = slice(row, row + 1)
        return Samples(
            samples.inputs[one],
            None if samples.values is None else samples.values[one],
            None if samples.classes is None else samples.classes[one],
            samples.class_count,
        ), count

    # ------------------------------------------------------------------ moving
    def next(self, grain: Grain | None = None) -> bool:
        """Go on by a term, neuron, layer or phase; False at the end."""
        if self._plan is None or self.is_at_end:
            return False
        self._go(self._plan.next(self._position, grain or self._grain))
        return True

    def back(self, grain: Grain | None = None) -> bool:
        """Go back by as much; False at the start."""
        if self._plan is None or not self._position:
            return False
        self.pause()
        self._go(self._plan.back(self._position, grain or self._grain))
        return True

    def jump(self, position: int) -> None:
        """Stand after so many steps."""
        if self._plan is not None:
            self.pause()
            self._go(min(max(position, 0), len(self._plan)))

    def jump_to(self, phase: Phase) -> bool:
        """Stand before the first step of a phase; False if there is none."""
        start = None if self._plan is None else self._plan.start_of(phase)
        if start is None:
            return False
        self.jump(start)
        return True

    def set_grain(self, grain: Grain) -> None:
        """Choose how far a move goes."""
        if grain in GRAINS and grain != self._grain:
            self._grain = grain
            self.moved.emit()

    def _go(self, position: int) -> None:
        if position != self._position or self._remark:
            self._position = position
            self._remark = ""
            self.moved.emit()

    # ------------------------------------------------------------------ playing
    def play(self) -> None:
        """Go on by itself, from the start again if everything is done."""
        if self._plan is None or self.is_playing or not len(self._plan):
            return
        if self.is_at_end:
            self._go(0)
        self._timer.start(round(1000 / self._speed))
        self.playing_changed.emit(True)

    def pause(self) -> None:
        """Go on only when asked to."""
        if self.is_playing:
            self._timer.stop()
            self.playing_changed.emit(False)

    def toggle(self) -> None:
        """Play or pause."""
        if self.is_playing:
            self.pause()
        else:
            self.play()

    def set_speed(self, speed: float) -> None:
        """Choose how many moves are made in a second while it plays."""
        if speed > 0:
            self._speed = float(speed)
            if self.is_playing:
                self._timer.start(round(1000 / self._speed))

    def _play_on(self) -> None:
        self.next()
        if self.is_at_end:
            self.pause()

    # ------------------------------------------------------------------ the update
    def apply(self) -> bool:
        """Really make the update that was followed, as one undoable step; then start again."""
        step = self._step
        if step is None or not self.is_at_end:
            return self._session.refuse("Follow the update to its end first; then it can be made.")

        def edit(document: Document) -> Document:
            network = replace(document.network, theta=step.theta, enabled=step.enabled)
            return replace(document, network=network, state=step.state)

        self._applies = True
        try:
            return self._session.edit(STEP_TEXT, edit)
        finally:
            self._applies = False

    # ------------------------------------------------------------------ following the session
    def _present_key(self) -> tuple[object, ...]:
        session = self._session
        document = session.document
        place = (session.probe.raw, session.probe.row) if self._source == "probe" else ()
        network = document.network
        return (
            network.topology,
            network.theta,
            network.activations,
            network.enabled,
            network.neuron_enabled,
            network.frozen,
            network.outer_bindings,
            document.training,
            document.state,
            session.prepared,
            session.data_problem,
            document.seed,
            place,
        )

    def _look(self) -> None:
        """Something changed: if other numbers are to be followed now, start again."""
        if self._plan is None:
            return
        before, now = self._key, self._present_key()
        if all(_same(one, other) for one, other in zip(before, now, strict=True)):
            network = self._session.document.network
            if network is not self._plan.network:  # other names
                self._plan = replace(self._plan, network=network)
                self.changed.emit()
            return
        if self._session.network.topology.edge_count > MOST_EDGES_FOLLOWED and not self._applies:
            self.close()
            text = "The numbers have changed, so step by step is closed."
            self._session.notice_posted.emit(Notice("info", text))
        elif self._applies:
            self._begin("The update is made; undo takes it back. These are the numbers of now.")
        else:
            self._begin("The numbers have changed: from the start again.")

    def _run_changed(self, state: RunState) -> None:
        if state.kind == "running":
            self.close()


def _same(one: object, other: object) -> bool:
    if one is other:
        return True
    return not isinstance(one, np.ndarray) and bool(one == other)
