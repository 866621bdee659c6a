"""A training run: one worker thread with an inbox and a mailbox.

The thread owns its trainer. It never touches the session or any QObject; all it calls outside is
``ring``, which posts one queued signal. Between slices of half a millisecond it looks whether
anybody wants something, and lets the window paint.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from nnplay.core.errors import TrainingError
from nnplay.core.history import EpochRecord
from nnplay.core.stopping import Stop, Stopper
from nnplay.core.training import Diverged, Trainer
from nnplay.session.epoch_snapshots import EpochWatch, SnapshotTaker
from nnplay.session.mailbox import Mailbox
from nnplay.session.messages import MeasureLosses, Message, SetConfig
from nnplay.session.paint_gate import PaintGate

__all__ = ["Ended", "TrainingRun"]

SLICE_SECONDS: Final = 0.0005
FRAME_SECONDS: Final = 1 / 60
# A window that is closed or stuck while painting must not stop training for ever.
LONGEST_PAINT: Final = 0.05


# ---------------------------------------------------------------------- ends
@dataclass(frozen=True, eq=False)
class Ended:
    """How a run ended by itself or was ended.

    Attributes:
        kind: ``stopped`` (by hand), ``finished`` (the epochs asked for are done, or a condition to
            stop was met, which the sentence says), ``diverged``,
            ``unable`` (a change left nothing that can be trained) or ``failed`` (a fault).
        sentence: what to say to people, where there is something to say.
        error: the exception of a fault.
    """

    kind: str
    sentence: str = ""
    error: Exception | None = None


# ---------------------------------------------------------------------- the run
class TrainingRun:
    """Trains on a thread of its own until it is stopped, done, or cannot go on.

    Args:
        trainer: what to train; from :meth:`start` on it belongs to the worker.
        last_epoch: epoch to stop at, or None.
        gate: cleared by views while they paint.
        ring: called on the worker thread when there is news in the mailbox or the run has ended.
        last_step: step to stop at, or None.
        pace: steps per second at most; infinity for as fast as it goes.
        watch: whether somebody looks at epochs; nobody if None.
    """

    def __init__(
        self,
        trainer: Trainer,
        last_epoch: int | None,
        gate: PaintGate,
        ring: Callable[[], None],
        last_step: int | None = None,
        pace: float = math.inf,
        watch: EpochWatch | None = None,
    ) -> None:
        self.mailbox = Mailbox(self._ring_if_heard)
        self._trainer = trainer
        self._last_epoch, self._last_step = last_epoch, last_step
        self._pace, self._paced_from, self._paced_steps = pace, 0.0, 0
        self._started = 0.0
        self._stop: Stop | None = None
        self._stopper = Stopper(trainer.config, trainer.has_test)
        self._ends_itself = False
        self._taker = SnapshotTaker(EpochWatch() if watch is None else watch)
        self._gate = gate
        self._ring = ring
        self._changed = threading.Condition()
        self._inbox: deque[Message] = deque()
        self._applied = 0
        self._sent = 0
        self._attention = False  # read by the worker without the lock, between steps
        self._park_wanted = self._parked = self._stop_wanted = False
        self._left_alone = False
        self._row_wanted = False
        self._rests = 0
        self._ended: Ended | None = None
        self._slice_end = 0.0
        self._records: list[EpochRecord] = []
        self._batch_losses: list[float] = []
        self._thread = threading.Thread(target=self._work, name="nnplay-training", daemon=True)

    # ------------------------------------------------------------------ for the GUI thread
    def start(self) -> None:
        """Begin to train."""
        self._thread.start()

    @property
    def ended(self) -> Ended | None:
        """How the run ended, or None while it goes on."""
        return self._ended

    def send(self, message: Message) -> int:
        """Have a change applied between two steps; returns its number."""
        with self._changed:
            self._inbox.append(message)
            self._sent += 1
            self._attention = True
            self._changed.notify_all()
            return self._sent

    def set_pace(self, pace: float) -> None:
        """Train with so many steps per second at most (infinity: as fast as it goes)."""
        with self._changed:
            self._pace, self._paced_from = pace, 0.0
            self._attention = True
            self._changed.notify_all()

    def park(self) -> bool:
        """Wait until the worker rests between two steps, with its state in the mailbox.

        Returns False if the run has ended instead. Takes no longer than a short step; a long one is
        given up, and done again afterwards.
        """
        with self._changed:
            self._park_wanted = self._attention = True
            self._changed.notify_all()
            while not self._parked and self._ended is None:
                self._changed.wait()
            return self._ended is None

    def resume(self, *messages: Message, last_epoch: int | None = None) -> int:
        """Let a parked worker go on, after changes if there are any; returns the last one's number.

        Args:
            messages: applied before the next step.
            last_epoch: another epoch to stop at, if given, instead of an epoch or step before.
        """
        with self._changed:
            if messages:
                self._inbox.extend(messages)
                self._sent += len(messages)
                self._attention = True
            if last_epoch is not None:
                self._last_epoch, self._last_step = last_epoch, None
            self._park_wanted = self._parked = False
            self._rests += 1
            self._changed.notify_all()
            return self._sent

    def stop(self, until: float | None = None) -> Ended:
        """End the run between two steps and wait for the thread; its state is in the mailbox.

        Args:
            until: ``time.monotonic()`` at which to wait no longer. A thread still busy with one
                huge step then is left alone and says nothing any more; the mailbox holds the
                state before that step.
        """
        with self._changed:
            self._stop_wanted = self._attention = True
            self._park_wanted = False
            self._changed.notify_all()
        self._thread.join(None if until is None else max(0.0, until - time.monotonic()))
        with self._changed:
            self._left_alone = self._ended is None
            return self._ended or Ended("stopped")

    # ------------------------------------------------------------------ on the worker thread
    def _work(self) -> None:
        try:
            ended = self._train()
        except Exception as error:
            ended = Ended("failed", str(error), error)
        else:
            self._taker.finish(self._trainer)
            self._post()
        with self._changed:
            self._ended = ended
            self._changed.notify_all()
        self._ring_if_heard()

    def _ring_if_heard(self) -> None:
        if not self._left_alone:
            self._ring()

    def _train(self) -> Ended:
        due = 0.0
        left = self._steps_left()
        self._started = time.perf_counter()
        self._judge_on(forgets=True)
        while True:
            if self._attention:
                ended = self._attend()
                if ended is not None:
                    return ended
                left = self._steps_left()
            self._let_paint()
            if self._row_wanted:
                row = self._trainer.present_losses(self._is_awaited)
                if row is not None:
                    self._records.append(row)
                    self._taker.look(row, self._trainer)
                    self._row_wanted = False
                continue
            if left is not None and left <= 0:
                return Ended("finished")
            allowed = self._steps_allowed()
            if allowed == 0:
                continue
            self._slice_end = time.perf_counter() + SLICE_SECONDS
            trainer = self._trainer
            at_most = left if allowed is None else min(allowed, allowed if left is None else left)
            is_heard = self._ends_itself or self._taker.is_wanted
            watch = self._epoch_done if is_heard else None
            self._records += trainer.advance(at_most, self._time_is_up, self._is_awaited, watch)
            losses = trainer.losses
            self._batch_losses += losses
            self._paced_steps += len(losses)
            if left is not None:
                left -= len(losses)
            if trainer.diverged is not None:
                return _diverged(trainer.diverged)
            if self._stop is not None:
                if self._stop.best is not None:
                    trainer.take_back(*self._stop.best)
                    self._taker.forget()
                return Ended("finished", self._stop.sentence)
            now = time.perf_counter()
            if now >= due:
                # By the clock, so that frames come evenly; without catching up after a delay.
                due = max(due + FRAME_SECONDS, now + FRAME_SECONDS / 2)
                self._post()

    def _steps_allowed(self) -> int | None:
        """How many steps may be done now at the pace asked for; None without one.

        Waits for the next one, but no longer than until somebody wants something.
        """
        pace = self._pace
        if pace == math.inf:
            return None
        now = time.perf_counter()
        ahead = self._paced_steps - (now - self._paced_from) * pace
        if not self._paced_from or ahead < -max(1.0, pace * FRAME_SECONDS * 3):
            # Begun just now, or too slow to keep the pace: nothing is caught up.
            self._paced_from, self._paced_steps, ahead = now, 0, 0.0
        if ahead <= 0.0:
            return 1 + int(-ahead)
        self._post_news()
        with self._changed:
            if not self._attention:
                self._changed.wait(min(ahead / pace, LONGEST_PAINT * 4))
        return 0

    def _post_news(self) -> None:
        """Show what the latest steps did before waiting for the next."""
        if self._batch_losses or self._records:
            self._post()

    def _epoch_done(self, record: EpochRecord) -> bool:
        trainer = self._trainer
        self._taker.look(record, trainer)
        if not self._ends_itself:
            return False
        seconds = time.perf_counter() - self._started
        self._stop = self._stopper.look(record, lambda: (trainer.theta, trainer.state), seconds)
        return self._stop is not None

    def _judge_on(self, *, forgets: bool) -> None:
        """Judge by the settings there are now; what an edit changes compares with nothing before."""
        config = self._trainer.config
        self._ends_itself = bool(
            config.early_stopping or config.stop_epoch or config.stop_seconds or config.stop_loss
        )
        if forgets:
            self._stopper = Stopper(config, self._trainer.has_test)
        else:
            self._stopper.set_config(config)

    def _time_is_up(self) -> bool:
        return self._attention or time.perf_counter() >= self._slice_end or not self._gate.is_set()

    def _is_awaited(self) -> bool:
        """Asked in the middle of long steps: whether somebody waits for this thread to rest."""
        self._let_paint()
        return self._park_wanted or self._stop_wanted

    def _let_paint(self) -> None:
        """Rest while the window paints: both need the interpreter, and painting goes first."""
        until = time.perf_counter() + LONGEST_PAINT
        while not self._gate.is_set() and not self._attention and time.perf_counter() < until:
            self._gate.wait(0.005)

    def _steps_left(self) -> int | None:
        trainer = self._trainer
        if self._last_step is not None:
            return max(0, self._last_step - trainer.step_count)
        if self._last_epoch is None:
            return None
        epochs = self._last_epoch - trainer.epoch
        if epochs <= 0:
            return 0
        return epochs * trainer.batches_per_epoch - trainer.state.batch_in_epoch

    def _post(self) -> None:
        trainer = self._trainer
        records, losses = self._records, self._batch_losses
        self._records, self._batch_losses = [], []
        enabled = trainer.enabled if trainer.config.l1_dead_links else None
        self.mailbox.post(
            trainer.theta,
            trainer.state,
            self._applied,
            records,
            losses,
            enabled,
            self._taker.collect(),
        )

    def _attend(self) -> Ended | None:
        """Apply what is in the inbox, rest while asked to; an end if the run is over."""
        while True:
            with self._changed:
                message = self._inbox.popleft() if self._inbox else None
                if message is None and self._stop_wanted:
                    return Ended("stopped")
                if message is None and not self._park_wanted:
                    self._attention = False
                    return None
            if message is not None:
                try:
                    self._trainer = message.apply(self._trainer)
                    if not isinstance(message, MeasureLosses):
                        self._taker.forget()
                        self._judge_on(forgets=not isinstance(message, SetConfig))
                    self._row_wanted |= isinstance(message, MeasureLosses)
                except TrainingError as error:
                    return Ended("unable", str(error))
                self._applied += 1
                continue
            self._post()
            self._rest()

    def _rest(self) -> None:
        """Wait until the one who asked for it lets training go on."""
        with self._changed:
            if not self._park_wanted or self._stop_wanted:
                return
            rest = self._rests
            self._parked = True
            self._changed.notify_all()
            # Counted, because the next rest may be asked for before this thread wakes up.
            self._changed.wait_for(lambda: self._rests != rest or self._stop_wanted)


def _diverged(diverged: Diverged) -> Ended:
    return Ended("diverged", diverged.event)
