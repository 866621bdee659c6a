"""Starting, stopping and following a training run; commits its segments to the undo stack."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from nnplay.core.errors import TrainingError
from nnplay.core.history import HISTORY_LIMIT
from nnplay.core.network import Network
from nnplay.core.plain_numbers import plain_number
from nnplay.core.stopping import Stopper
from nnplay.core.topology import Topology
from nnplay.core.training import Trainer, evaluate
from nnplay.data.errors import DataError
from nnplay.document import Document
from nnplay.session.commands import DocumentChange
from nnplay.session.epoch_snapshots import EpochWatch, SnapshotTaker
from nnplay.session.mailbox import Frame
from nnplay.session.messages import (
    MeasureLosses,
    Message,
    Restart,
    SetConfig,
    SetFrozen,
    SetSamples,
)
from nnplay.session.notices import Notice
from nnplay.session.pairing import pairing_notice
from nnplay.session.run import Ended, TrainingRun
from nnplay.session.values import RunKind, RunState
from nnplay.session.workspace import Live

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nnplay.session.session import Session

__all__ = ["Runner"]

FloatArray = npt.NDArray[np.float64]

SPEED_WINDOW_SECONDS: Final = 1.0
STATE_INTERVAL_SECONDS: Final = 0.25


class Runner:
    """Holds the run, if there is one. All methods are called on the GUI thread."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.epoch_watch = EpochWatch()
        self._run: TrainingRun | None = None
        self._held: set[int] = set()
        self._held_in: Topology | None = None
        self._unacknowledged: deque[tuple[int, dict[int, float]]] = deque()
        self._speeds: deque[tuple[float, int]] = deque()
        self._state_told = 0.0
        self._kind: RunKind = "idle"
        self._ending = ""
        self._sound: Live | None = None
        self._limit = np.inf
        self._row_awaited = False
        session.workspace.stack.indexChanged.connect(self.settle)

    @property
    def is_running(self) -> bool:
        """Whether a run is under way."""
        return self._run is not None

    @property
    def state(self) -> RunState:
        """What training is doing."""
        progress = self._session.workspace.state
        steps = epochs = per_frame = 0.0
        if self._run is not None and len(self._speeds) > 1:
            (t0, s0), (t1, s1) = self._speeds[0], self._speeds[-1]
            if t1 > t0:
                # Epochs are counted in steps: a slow run ends one in many windows, or none.
                steps = (s1 - s0) / (t1 - t0)
                epochs = steps / max(1, self._session.batches_per_epoch)
                per_frame = (s1 - s0) / (len(self._speeds) - 1)
        return RunState(
            self._kind,
            progress.epoch,
            progress.step,
            steps,
            epochs,
            per_frame,
            progress.backend,
            self._ending,
        )

    # ------------------------------------------------------------------ start and end
    def make_trainer(self, document: Document) -> Trainer | None:
        """A trainer for the document, or None after saying why there cannot be one."""
        session = self._session
        try:
            train, test = session.workspace.data.samples(document)
            return Trainer(
                replace(document.network, frozen=self._frozen(document)),
                (train, test),
                document.training,
                seed=document.seed,
                state=document.state,
                backend=session.backends.choose(),
            )
        except (DataError, TrainingError) as error:
            notice = pairing_notice(session, document, keep_loss=False)
            session.notice_posted.emit(notice or Notice("warning", str(error)))
            return None

    def start(self, epochs: int | None) -> bool:
        """Train on, for some epochs or until stopped; during a run, set how far it goes."""
        workspace = self._session.workspace
        run = self._run
        if run is not None:
            if epochs is not None and self.park():
                run.resume(last_epoch=workspace.state.epoch + epochs)
            return True
        document = workspace.document
        done = Stopper(document.training, has_test=False).before(document.state.epoch)
        if done is not None:
            return self._session.refuse(done.sentence)
        trainer = self.make_trainer(document)
        if trainer is None:
            return False
        workspace.end_gesture()  # a drag that goes on during the run edits the run, not its start
        self._begin(trainer, None if epochs is None else document.state.epoch + epochs)
        if news := self._session.backends.news():
            self._session.notice_posted.emit(Notice("info", news))
        return True

    def _begin(
        self, trainer: Trainer, last_epoch: int | None, last_step: int | None = None
    ) -> None:
        self.begin_segment()
        session = self._session
        session.note_start()
        self._unacknowledged.clear()
        self._speeds.clear()
        self._ending = ""
        self._run = TrainingRun(
            trainer,
            last_epoch,
            session.paint_gate,
            session.ring,
            last_step,
            session.speed,
            self.epoch_watch,
        )
        if self._row_awaited:
            self._run.send(MeasureLosses())
        self._run.start()
        self._tell("running")

    def stop(self, until: float | None = None) -> None:
        """End the run, if there is one, and commit what it has learnt.

        Args:
            until: when to wait no longer for a step under way (see :meth:`TrainingRun.stop`).
        """
        if self._run is not None:
            self._finish(self._run.stop(until))
        else:
            self.settle()

    def set_pace(self, pace: float) -> None:
        """Train with so many steps per second at most, from now on."""
        self._speeds.clear()
        if self._run is not None:
            self._run.set_pace(pace)

    def settle(self) -> None:
        """How a run ended is news only until somebody does something."""
        if self._run is None and (self._ending or self._kind in ("diverged", "failed")):
            self._ending = ""
            self._tell("idle")

    def step(self) -> bool:
        """One mini-batch, as an undo step of its own; a long one is done beside the window."""
        self.stop()
        workspace = self._session.workspace
        trainer = self.make_trainer(workspace.document)
        if trainer is None:
            return False
        if trainer.takes_long:
            self._begin(trainer, None, trainer.step_count + 1)
            return True
        self.begin_segment()
        self._session.note_start()
        taker = SnapshotTaker(self.epoch_watch)
        try:
            row = trainer.present_losses() if self._row_awaited else None
            if row is not None:
                taker.look(row, trainer)
            records = trainer.advance(1, None, None, lambda record: taker.look(record, trainer))
            if row is not None:
                records.insert(0, row)
        except Exception as error:
            self._conclude(Ended("failed", str(error), error))
            return False
        losses = np.array(trainer.losses)
        enabled = trainer.enabled if trainer.config.l1_dead_links else None
        self.take(
            Frame(
                trainer.theta,
                trainer.state,
                tuple(records),
                losses,
                0,
                enabled,
                taker.collect(),
            )
        )
        ended = Ended("stopped")
        if trainer.diverged is not None:
            ended = Ended("diverged", trainer.diverged.event)
        self._conclude(ended)
        return trainer.diverged is None

    def begin_segment(self) -> None:
        """A new segment starts at the committed document.

        The curve begins with the losses before training. Where it has none yet, they come with
        the first frame: whoever lets the trainer go on has it measure them.
        """
        workspace = self._session.workspace
        history = workspace.document.history
        self._sound, self._limit = None, np.inf
        self._row_awaited = not len(history)
        if len(history):
            self._limit = float(history.train[-1])
        workspace.set_live(None)

    def _finish(self, ended: Ended) -> None:
        """The thread has ended: take what it left, commit, and say what there is to say."""
        run, self._run = self._run, None
        if run is None:
            return
        frame = run.mailbox.collect()
        if frame is not None:
            self.take(frame)
        self._conclude(ended)

    def _conclude(self, ended: Ended) -> None:
        session = self._session
        back = self._go_back() if ended.kind == "diverged" else ""
        self.commit()
        session.workspace.set_live(None)
        session.announce()
        kind: RunKind = "idle"
        if ended.kind == "diverged":
            kind = "diverged"
            session.notice_posted.emit(self._way_out(f"{ended.sentence} {back}"))
        elif ended.kind == "finished" and ended.sentence:
            session.notice_posted.emit(Notice("info", ended.sentence))
            self._ending = ended.sentence
        elif ended.kind == "unable":
            text = f"Training stopped. {ended.sentence}"
            session.notice_posted.emit(Notice("warning", text))
        elif ended.kind == "failed":
            kind = "failed"
            text = (
                f"Training stopped because of a fault in nnplay ({ended.sentence}). The network "
                "is as it was in the last frame; nothing else is lost."
            )
            session.notice_posted.emit(Notice("error", text))
        self._tell(kind)

    def _go_back(self) -> str:
        """Show the latest weights that are still of use; says which they are.

        The weights just before the step that was not finite are finite, but mostly astronomical.
        Of use are those of the latest frame that followed an epoch and has no larger loss over the
        training part than the segment began with; if there is none, those it began with. See
        ``docs/decisions/0006-where-divergence-leads.md``.
        """
        workspace = self._session.workspace
        sound, self._sound = self._sound, None
        if sound is not None:
            limit = self._loss_of(workspace.document.network)
            if not self._loss_of(workspace.document.network.with_theta(sound.theta)) <= limit:
                sound = None
        workspace.set_live(sound)
        state = workspace.state
        return f"The weights of epoch {state.epoch:,}, step {state.step:,} are back."

    def _loss_of(self, network: Network) -> float:
        workspace = self._session.workspace
        document = workspace.document
        try:
            train, test = workspace.data.samples(document)
            with np.errstate(all="ignore"):
                return evaluate(network, train, test, document.training).loss_train
        except (DataError, TrainingError):
            return np.nan

    def _way_out(self, sentence: str) -> Notice:
        """A notice of divergence that offers smaller steps."""
        session = self._session
        rate = float(f"{session.document.training.learning_rate / 10:.6g}")
        words = f"Use a learning rate of {plain_number(rate)}"

        def edit(document: Document) -> Document:
            return replace(document, training=replace(document.training, learning_rate=rate))

        text = f"{sentence} A smaller learning rate helps."
        return Notice("error", text, words, lambda: session.edit(words, edit))

    # ------------------------------------------------------------------ following
    def collect(self) -> bool:
        """Take what is in the mailbox; finish a run that has ended. True if a frame was shown."""
        run = self._run
        if run is None:
            return False
        ended = run.ended  # looked at first: everything before it is in the mailbox by then
        if ended is not None:
            self._finish(run.stop())
            return False
        frame = run.mailbox.collect()
        if frame is not None:
            self._session.paint_gate.close_for_turn()
            self.take(frame)
            self._session.announce()
        if time.monotonic() - self._state_told >= STATE_INTERVAL_SECONDS and self.is_running:
            self._tell("running")
        return frame is not None

    def take(self, frame: Frame) -> None:
        """Make a frame what is shown; announcing it is left to the caller."""
        workspace = self._session.workspace
        while self._unacknowledged and self._unacknowledged[0][0] <= frame.applied:
            self._unacknowledged.popleft()
        theta = frame.theta
        if self._unacknowledged:
            # What a hand has set is shown at once, also while the message is under way.
            theta = theta.copy()
            for _, values in self._unacknowledged:
                theta[list(values)] = list(values.values())
            theta.flags.writeable = False
            frame = replace(frame, theta=theta)
        history = workspace.curve.append_many(frame.records).decimated(HISTORY_LIMIT)
        live = Live(theta, frame.state, history, frame.enabled)
        workspace.set_live(live)
        records = frame.records
        if records and self._row_awaited:
            self._limit, self._row_awaited = records[0].loss_train, False
            records = records[1:]
        if records and records[-1].loss_train <= self._limit:
            self._sound = live
        self._session.note_frame(frame)
        now = time.monotonic()
        self._speeds.append((now, frame.step))
        while self._speeds[0][0] < now - SPEED_WINDOW_SECONDS:
            self._speeds.popleft()

    def _tell(self, kind: RunKind) -> None:
        self._kind = kind
        self._state_told = time.monotonic()
        self._session.run_state_changed.emit(self.state)

    # ------------------------------------------------------------------ segments
    def commit(self) -> None:
        """Push what has been learnt since the last edit as one undo step."""
        workspace = self._session.workspace
        before, after = workspace.document, workspace.live_document
        steps = after.state.step - before.state.step
        if steps <= 0:
            return
        epochs = after.state.epoch - before.state.epoch
        if epochs:
            text = f"Train {epochs:,} epoch{'s' if epochs != 1 else ''}"
        else:
            text = f"Train {steps:,} step{'s' if steps != 1 else ''}"
        workspace.push(text, DocumentChange(before, after))

    def park(self) -> bool:
        """Bring the worker to rest between two steps with its state shown; False if it ended.

        It must be followed by :meth:`go_on` (or :meth:`stop`).
        """
        run = self._run
        if run is None:
            return False
        if not run.park():
            self._finish(run.stop())
            return False
        frame = run.mailbox.collect()
        if frame is not None:
            self.take(frame)
        return True

    @property
    def has_learnt(self) -> bool:
        """Whether a run has done a step since the last edit."""
        workspace = self._session.workspace
        return workspace.state.step > workspace.document.state.step

    def go_on(self, message: Message | None = None, *, measured: bool = False) -> None:
        """Let a resting worker train on, after a change if there is one.

        Args:
            message: the change.
            measured: a curve begins here; its first row is measured before the next step.
        """
        if self._run is not None:
            self._unacknowledged.clear()
            messages = [] if message is None else [message]
            self._run.resume(*messages, *([MeasureLosses()] if measured else []))

    def send(self, message: Message) -> None:
        """Have a change applied without waiting for it."""
        if self._run is not None:
            self._run.send(message)

    def send_parameters(self, message: Message, values: Mapping[int, float]) -> None:
        """Have parameters set without waiting; they are shown at once."""
        run, live = self._run, self._session.workspace.live
        if run is None:
            return
        self._unacknowledged.append((run.send(message), dict(values)))
        if live is None:
            return  # no frame since the segment began: the document itself is shown
        theta = live.theta.copy()
        theta[list(values)] = list(values.values())
        theta.flags.writeable = False
        self._sound = None  # it does not have what the hand has set
        self._session.workspace.set_live(replace(live, theta=theta))

    def message_between(self, before: Document, after: Document) -> Message | None:
        """What the worker has to be told about an edit; raises DataError if it cannot go on."""
        session = self._session
        network_same = before.network is after.network and before.state is after.state
        if network_same and before.seed == after.seed:
            samples = session.workspace.data.samples
            if before.data == after.data and before.preparation == after.preparation:
                if before.training == after.training:
                    return None
                # Training goes on from the document's own digits, not from rounded ones.
                if before.training.precision == after.training.precision:
                    return SetConfig(after.training)
            elif before.training == after.training:
                return SetSamples(*samples(after))
        train, test = session.workspace.data.samples(after)
        network = replace(after.network, frozen=self._frozen(after))
        return Restart(network, train, test, after.training, after.seed, after.state)

    # ------------------------------------------------------------------ parameters held by hand
    @property
    def held(self) -> frozenset[int]:
        """Slots that a hand drags at this moment."""
        return frozenset(self._held)

    def hold(self, slot: int, *, held: bool) -> None:
        """Keep training away from a parameter while a hand drags it."""
        document = self._session.workspace.document
        if not 0 <= slot < document.network.topology.parameter_count:
            return
        self._let_go_of_others(document)
        if held == (slot in self._held):
            return
        if held:
            self._held.add(slot)
        else:
            self._held.discard(slot)
        self.send(SetFrozen(self._frozen(document)))

    def _frozen(self, document: Document) -> npt.NDArray[np.bool_]:
        self._let_go_of_others(document)
        if not self._held:
            return document.network.frozen
        frozen = document.network.frozen.copy()
        frozen[sorted(self._held)] = True
        frozen.flags.writeable = False
        return frozen

    def _let_go_of_others(self, document: Document) -> None:
        """In another wiring slots mean other parameters."""
        if document.network.topology is not self._held_in:
            self._held.clear()
            self._held_in = document.network.topology
