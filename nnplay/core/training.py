"""Training: mini-batches, epochs, live edits and divergence.

A :class:`Trainer` is the one mutable thing in core. It belongs to one thread. Its numbers depend
on network, data, settings, seed, state and backend alone, never on how its steps were grouped into
calls.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from nnplay.core.checks import check_config, check_network, check_samples, check_seed
from nnplay.core.config import (
    DEAD_LINKS,
    TrainingConfig,
    TrainingState,
    carried_state,
    loss_settings,
)
from nnplay.core.engine import Backend, Engine
from nnplay.core.errors import TrainingError
from nnplay.core.evaluation import (
    Evaluation,
    PartEvaluation,
    evaluate,
    evaluate_losses,
    evaluate_part,
)
from nnplay.core.history import EpochRecord
from nnplay.core.large_batch import samples_at_once
from nnplay.core.network import Network, carry_values
from nnplay.core.numpy_engine import NumpyEngine
from nnplay.core.outcomes import Diverged, Finished, Outcome
from nnplay.core.program import Program
from nnplay.core.samples import Samples
from nnplay.core.schedules import plateau_update, rates
from nnplay.core.training_set import TrainingSet

__all__ = [
    "Diverged",
    "EpochRecord",
    "Evaluation",
    "Finished",
    "Outcome",
    "PartEvaluation",
    "Trainer",
    "TrainingError",
    "evaluate",
    "evaluate_losses",
]

Array = npt.NDArray[Any]
FloatArray = npt.NDArray[np.float64]


class _AbandonedError(Exception):
    """Somebody does not want to wait for the rest of a step."""


@dataclass(frozen=True, eq=False)
class _Snapshot:
    parameters: Array
    arrays: tuple[Array, ...]
    counters: Mapping[str, float]
    step: int
    epoch: int
    batch: int
    count: int


class Trainer:
    """Trains one network on one set of samples.

    Args:
        network: the network with the parameters to start from.
        data: samples to learn from, or a pair of those and samples to judge by (or None).
        config: how to train.
        seed: the document's seed; shuffling and dropout use it unless the config has a seed of its
            own.
        state: where to go on from.
        backend: what does the arithmetic (see :mod:`nnplay.compiled`); NumPy if None.

    Raises :class:`TrainingError` with a sentence for people when these do not go together. Every
    later change is checked completely before it takes effect.

    A script trains like the window, with the same numbers::

        trainer = Trainer(network, (train, test), TrainingConfig(learning_rate=0.1), seed=7)
        trainer.step()                                   # one batch; gives its loss
        trainer.run(100, on_epoch=lambda record: print(record.loss_train))
        later = Trainer(trainer.network, (train, test), trainer.config, seed=7, state=trainer.state)
    """

    def __init__(
        self,
        network: Network,
        data: Samples | tuple[Samples, Samples | None],
        config: TrainingConfig | None = None,
        *,
        seed: int = 0,
        state: TrainingState | None = None,
        backend: Backend | None = None,
    ) -> None:
        train, test = (data, None) if isinstance(data, Samples) else data
        config = TrainingConfig() if config is None else config
        state = TrainingState() if state is None else state
        check_seed(seed)
        self._arranged = -1
        self._base: Network
        self._config: TrainingConfig
        self._engine: Engine
        self._backend: Backend = NumpyEngine if backend is None else backend
        self._seed = seed
        self._step, self._epoch = state.step, state.epoch
        self._batch, self._count = state.batch_in_epoch, state.optimizer_step
        self._counters: dict[str, float] = dict(state.counters)
        self._trained_by = state.backend
        self._network_now: Network | None = None
        self._losses: list[float] = []
        self._records: list[EpochRecord] = []
        self._diverged: Diverged | None = None
        self._abandon: Callable[[], bool] | None = None
        self._check(network, train, test, config)
        self._compile(network, train, test, config, state.optimizer_arrays)

    # ------------------------------------------------------------------ reading
    @property
    def config(self) -> TrainingConfig:
        """The settings in force."""
        return self._config

    @property
    def backend(self) -> Backend:
        """What does the arithmetic, for another trainer."""
        return self._backend

    @property
    def backend_name(self) -> str:
        """``numpy`` or ``compiled``: what does the arithmetic."""
        return self._engine.name

    @property
    def step_count(self) -> int:
        """Batches done since the start."""
        return self._step

    @property
    def epoch(self) -> int:
        """Complete epochs done."""
        return self._epoch

    @property
    def batches_per_epoch(self) -> int:
        """Number of steps that make an epoch; the last batch may be shorter."""
        return self._set.batches

    @property
    def has_test(self) -> bool:
        """Whether there are samples to judge by."""
        return self._test is not None

    @property
    def samples(self) -> tuple[Samples, Samples | None]:
        """The samples to learn from, and those to judge by (None without any)."""
        return self._train, self._test

    @property
    def takes_long(self) -> bool:
        """Whether a step, or the look at all samples after an epoch, may take more than 5 ms."""
        return len(self._train) > samples_at_once(self._layout, self._parameters.dtype.itemsize)

    @property
    def losses(self) -> list[float]:
        """Batch losses of the latest call, one per step (of the latest epoch in :meth:`run`)."""
        return list(self._losses)

    @property
    def records(self) -> list[EpochRecord]:
        """Records of the epochs that ended in the latest call."""
        return list(self._records)

    @property
    def diverged(self) -> Diverged | None:
        """Set when the latest call ended in divergence; training then stands before that step."""
        return self._diverged

    @property
    def theta(self) -> FloatArray:
        """The present parameters, ``float64[P]`` in compact order: a read-only copy."""
        theta = self._parameters[self._layout.positions].astype(np.float64)
        disabled = self._set.disabled
        if disabled.size:
            theta[disabled] = self._base.theta[disabled]
        theta.flags.writeable = False
        return theta

    @property
    def enabled(self) -> npt.NDArray[np.bool_]:
        """``bool[P]``: the network's flags, and false for connections that L1 has switched off."""
        if not self._config.l1_dead_links:
            return self._base.enabled
        dead = self._engine.dead_links[self._layout.positions]
        enabled: npt.NDArray[np.bool_] = self._base.enabled & ~dead
        enabled.flags.writeable = False
        return enabled

    @property
    def network(self) -> Network:
        """The network with its present parameters."""
        if self._network_now is None:
            self._network_now = replace(self._base, theta=self.theta, enabled=self.enabled)
        return self._network_now

    @property
    def state(self) -> TrainingState:
        """Where training stands; another trainer goes on from it with the same numbers."""
        arrays = {}
        for name, values in self._set.memory.items():
            compact = values[self._layout.positions].astype(np.float64)
            compact.flags.writeable = False
            arrays[name] = compact
        dead = self._set.dead_before
        if self._config.l1_dead_links:
            dead = dead | self._engine.dead_links[self._layout.positions]
        if dead.any():
            marks = dead.astype(np.float64)
            marks.flags.writeable = False
            arrays[DEAD_LINKS] = marks
        return TrainingState(
            self._step,
            self._epoch,
            self._batch,
            arrays,
            self._count,
            dict(self._counters),
            self._trained_by,
        )

    # ------------------------------------------------------------------ running
    def step(self, rate: float | None = None) -> float:
        """Train on one mini-batch; returns its loss before the step, without penalty.

        ``rate`` is the learning rate of this one step; None takes it from settings and schedule.
        """
        self._begin_call()
        self._slice(1, None, rate)
        return self._diverged.loss if self._diverged is not None else self._losses[-1]

    def finish_epoch(self) -> None:
        """Train up to the next end of an epoch."""
        self._begin_call()
        self._slice(self.batches_per_epoch - self._batch, None)

    def run(self, epochs: int, on_epoch: Callable[[EpochRecord], object] | None = None) -> Outcome:
        """Train for some epochs; a begun epoch counts as one.

        ``on_epoch`` is called after every epoch; it ends the run by returning True.
        """
        for _ in range(epochs):
            self.finish_epoch()
            if self._diverged is not None:
                return self._diverged
            if on_epoch is not None and on_epoch(self._records[-1]) is True:
                break
        return Finished(self._epoch, self._step)

    def advance(
        self,
        max_steps: int | None,
        deadline: Callable[[], bool] | None,
        abandon: Callable[[], bool] | None = None,
        on_epoch: Callable[[EpochRecord], object] | None = None,
    ) -> list[EpochRecord]:
        """Train a slice; returns the records of the epochs that ended in it.

        It ends after ``max_steps`` steps (None: no limit), when ``deadline()`` is true (asked
        every few steps and at every end of an epoch; at least one step is done), at divergence
        (see :attr:`diverged`), or when ``on_epoch(record)``, called after every epoch, is True.

        ``abandon`` is asked in the middle of long steps and evaluations. When it says yes, the
        slice ends at once, and what is only half done is dropped: training stands where it stood a
        few steps before, and goes on from there with the same numbers.
        """
        if max_steps is None and deadline is None:
            raise ValueError("A slice needs a number of steps or a deadline to end.")
        self._begin_call()
        self._abandon = abandon
        left = max_steps
        while left is None or left > 0:
            size = self.batches_per_epoch - self._batch
            known = len(self._records)
            done, stop = self._slice(size if left is None else min(left, size), deadline)
            left = None if left is None else left - done
            if on_epoch is not None and len(self._records) > known:
                stop |= on_epoch(self._records[-1]) is True
            if stop or self._diverged is not None or (deadline is not None and deadline()):
                break
        return list(self._records)

    def take_back(self, theta: FloatArray, state: TrainingState) -> None:
        """Return to earlier weights and the optimiser's memory of then; steps still count on.

        Args:
            theta: ``float64[P]``, what :attr:`theta` was.
            state: what :attr:`state` was.
        """
        self._count = state.optimizer_step
        self._counters = dict(state.counters)
        network = self.network.with_theta(theta)
        marks = self.state.optimizer_arrays.get(DEAD_LINKS)
        if marks is not None:  # what has died since is alive again
            then = state.optimizer_arrays.get(DEAD_LINKS, np.zeros_like(marks))
            network = network.set_enabled(np.flatnonzero(marks > then).tolist(), True)
        self._compile(network, self._train, self._test, self._config, state.optimizer_arrays)

    def _begin_call(self) -> None:
        self._losses.clear()
        self._records.clear()
        self._diverged = None
        self._network_now = None
        self._abandon = None

    def _slice(
        self, steps: int, deadline: Callable[[], bool] | None, rate: float | None = None
    ) -> tuple[int, bool]:
        """Up to ``steps`` steps within one epoch; returns steps done and whether time is up."""
        start, known = self._snapshot(), len(self._losses)
        try:
            return self._try_slice(start, steps, deadline, rate)
        except _AbandonedError:
            self._restore(start)
            del self._losses[known:]
            return 0, True

    def _try_slice(
        self,
        start: _Snapshot,
        steps: int,
        deadline: Callable[[], bool] | None,
        rate: float | None,
    ) -> tuple[int, bool]:
        done, stop, at_once = 0, False, self._engine.steps_at_once
        while done < steps:
            count = min(at_once, steps - done)
            self._losses += self._steps(count, rate)
            done += count
            if deadline is not None and deadline():
                stop = True
                break
        # Non-finite parameters stay so, hence one look at the end is enough to notice.
        total = sum(self._losses[len(self._losses) - done :])
        sound = total - total == 0.0 and bool(np.isfinite(self._parameters).all())
        if not (sound and self._close_epoch()):
            self._replay(start, done, rate)
        return done, stop

    def _steps(self, count: int, rate: float | None = None) -> list[float]:
        """Some steps of this epoch by the engine; their losses."""
        if self._arranged != self._epoch:
            self._arranged = self._epoch
            self._set.arrange(self._epoch)
        self._network_now = None
        first, losses = self._batch, np.empty(count)
        if rate is not None:
            chosen = np.full(count, rate)
        elif self._set.constant_rates is not None:
            chosen = self._set.constant_rates[:count]
        else:
            epoch, whole = self._epoch, self.batches_per_epoch
            chosen = rates(self._config, epoch, first, count, whole, self._counters)
        masks = self._set.masks(first, count, self._step)
        self._engine.steps(first, chosen, self._count + 1, masks, losses)
        self._count += count
        self._batch += count
        self._step += count
        self._trained_by = self._engine.name
        return losses.tolist()

    def _close_epoch(self) -> bool:
        """Record the epoch if its last batch is done; False if its loss is not finite."""
        if self._batch < self.batches_per_epoch:
            return True
        record = self._record(self._epoch + 1)
        if not np.isfinite(record.loss_train):
            return False
        self._records.append(record)
        self._epoch += 1
        self._batch = 0
        if self._config.schedule == "plateau":
            watched = record.loss_test if np.isfinite(record.loss_test) else record.loss_train
            self._counters.update(plateau_update(self._config, self._counters, watched))
        return True

    def _replay(self, start: _Snapshot, steps: int, rate: float | None) -> None:
        """Repeat a slice step by step to find where numbers stopped being finite."""
        self._restore(start)
        del self._losses[len(self._losses) - steps :]
        for _ in range(steps):
            before = self._snapshot()
            loss = self._steps(1, rate)[0]
            sound = bool(np.isfinite(loss)) and bool(np.isfinite(self._parameters).all())
            if not (sound and self._close_epoch()):
                self._restore(before)
                self._diverged = Diverged(
                    before.step + 1, before.epoch, loss, self.theta, self.state
                )
                return
            self._losses.append(loss)

    def _snapshot(self) -> _Snapshot:
        return _Snapshot(
            self._parameters.copy(),
            (
                *(array.copy() for array in self._set.memory.values()),
                self._engine.dead_links.copy(),
            ),
            dict(self._counters),
            self._step,
            self._epoch,
            self._batch,
            self._count,
        )

    def _restore(self, snapshot: _Snapshot) -> None:
        np.copyto(self._parameters, snapshot.parameters)
        arrays = (*self._set.memory.values(), self._engine.dead_links)
        for array, values in zip(arrays, snapshot.arrays, strict=True):
            np.copyto(array, values)
        self._counters.clear()
        self._counters.update(snapshot.counters)
        self._step, self._epoch = snapshot.step, snapshot.epoch
        self._batch, self._count = snapshot.batch, snapshot.count

    def evaluate(self) -> Evaluation:
        """Losses and accuracies over both parts; never disturbs training."""
        program = Program(self._base, 1, self._parameters.dtype, shared_parameters=self._parameters)
        loss = loss_settings(self._config)
        train = evaluate_part(program, self._base, self._train, loss)
        test = PartEvaluation(float("nan"), None)
        if self._test is not None:
            test = evaluate_part(program, self._base, self._test, loss)
        return Evaluation(train.loss, test.loss, train.accuracy, test.accuracy)

    def present_losses(self, abandon: Callable[[], bool] | None = None) -> EpochRecord | None:
        """Losses over both parts as they are now, as the curve has them; nothing is trained.

        ``abandon`` is asked between chunks of samples; the result is None if it says yes.
        """
        self._abandon = abandon
        try:
            return self._record(self._epoch)
        except _AbandonedError:
            return None

    def _record(self, epoch: int) -> EpochRecord:
        return EpochRecord(epoch, *self._engine.part_losses(self._look_around))

    def _look_around(self) -> None:
        if self._abandon is not None and self._abandon():
            raise _AbandonedError

    # ------------------------------------------------------------------ edits while training
    def set_config(self, config: TrainingConfig) -> None:
        """Train on with other settings; see :func:`nnplay.core.config.carried_state`."""
        self._check(self._base, self._train, self._test, config)
        state = carried_state(self.state, self._config, config)
        self._batch, self._count = state.batch_in_epoch, state.optimizer_step
        self._counters = dict(state.counters)
        self._compile(self.network, self._train, self._test, config, state.optimizer_arrays)

    def set_parameters(self, values: Mapping[int, float]) -> None:
        """Set parameters by slot; the optimiser's memory stays."""
        network = self.network.with_parameters(values)
        check_network(network, self._config.loss)
        if not np.array_equal(network.enabled, self._base.enabled):
            self.replace_network(network)  # links have died: they are disabled from here on
            return
        self._base = self._network_now = network
        self._set.load(network)

    def replace_network(self, network: Network) -> None:
        """Train another network on; surviving parameters (by neuron ids) keep their memory.

        ``network`` brings its own parameters; see :meth:`edit` for changes of the present one.
        """
        self._check(network, self._train, self._test, self._config)
        before = self._base.topology
        arrays = {
            name: carry_values(values, before, network.topology, 0.0)
            for name, values in self.state.optimizer_arrays.items()
        }
        self._compile(network, self._train, self._test, self._config, arrays)

    def edit(self, change: Callable[[Network], Network]) -> Network:
        """Apply a pure edit to the network as it is now, and train the result on."""
        network = change(self.network)
        self.replace_network(network)
        return network

    def replace_samples(self, train: Samples, test: Samples | None) -> None:
        """Train on with other samples; a begun epoch goes on at the same batch if there is one."""
        self._check(self._base, train, test, self._config)
        self._compile(self.network, train, test, self._config, self.state.optimizer_arrays)

    @staticmethod
    def _check(
        network: Network, train: Samples, test: Samples | None, config: TrainingConfig
    ) -> None:
        check_config(config)
        check_network(network, config.loss)
        if not len(train):
            raise TrainingError("There are no samples to train on; choose more training data.")
        check_samples(network, train, config.loss, "training")
        if test is not None and len(test):
            check_samples(network, test, config.loss, "test")

    def _compile(
        self,
        network: Network,
        train: Samples,
        test: Samples | None,
        config: TrainingConfig,
        arrays: Mapping[str, FloatArray],
    ) -> None:
        """Lay out everything an engine needs, and make it."""
        self._base, self._config = network, config
        self._network_now = None
        self._train, self._test = train, test if test is not None and len(test) else None
        self._set = TrainingSet(network, train, self._test, config, arrays, self._seed)
        if self._set.forgets:
            self._count = 0
        if self._batch >= self._set.batches:
            self._batch = 0
        self._arranged = -1
        plan = self._set.plan(network, config, self._counters, self._look_around)
        self._parameters, self._layout = plan.parameters, plan.layout
        self._engine = self._backend(plan)
