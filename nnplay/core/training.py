"""Training: mini-batches, epochs, live edits and divergence.

A :class:`Trainer` is the one mutable thing in core. It belongs to one thread. Its numbers depend
on network, data, settings, seed and state alone, never on how its steps were grouped into calls.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from nnplay.core.checks import check_config, check_network, check_samples, check_seed
from nnplay.core.config import TrainingConfig, TrainingState
from nnplay.core.errors import TrainingError
from nnplay.core.evaluation import (
    Evaluation,
    Evaluator,
    PartEvaluation,
    evaluate,
    evaluate_losses,
    with_ones,
)
from nnplay.core.history import EpochRecord
from nnplay.core.large_batch import LargeBatch, samples_at_once
from nnplay.core.losses import LOSSES
from nnplay.core.network import Network, carry_values
from nnplay.core.optimizers import OPTIMIZERS
from nnplay.core.program import Gradient, Program, Workspace
from nnplay.core.randomness import Stream, random_stream
from nnplay.core.regularizers import penalty_gradient_adder
from nnplay.core.samples import Samples
from nnplay.core.targets import encode_targets

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

# The deadline is asked about after this much work (parameters times samples), at most 16 steps.
_WORK_BETWEEN_LOOKS: Final = 40_000


@dataclass(frozen=True)
class Finished:
    """A run came to its end.

    Attributes:
        epoch, step: where training stands.
    """

    epoch: int
    step: int


@dataclass(frozen=True, eq=False)
class Diverged:
    """Numbers grew beyond all bounds.

    Attributes:
        step: number of the step (1 for the first) whose loss or parameters were not finite.
        epoch: complete epochs before that step.
        loss: the batch loss of that step.
        last_finite_theta: ``float64[P]``, the parameters before that step.
        last_finite_state: the state before that step.
    """

    step: int
    epoch: int
    loss: float
    last_finite_theta: FloatArray
    last_finite_state: TrainingState

    @property
    def event(self) -> str:
        """What happened, as a sentence for people."""
        epochs = f"{self.epoch:,} complete epoch{'' if self.epoch == 1 else 's'}"
        return (
            f"Training diverged at step {self.step:,}, after {epochs}: "
            "the numbers grew beyond all bounds."
        )

    @property
    def sentence(self) -> str:
        """What happened and what helps, for people."""
        return f"{self.event} The last finite weights are back; a smaller learning rate helps."


Outcome = Finished | Diverged


class _AbandonedError(Exception):
    """Somebody does not want to wait for the rest of a step."""


@dataclass(frozen=True, eq=False)
class _Snapshot:
    parameters: Array
    arrays: tuple[Array, ...]
    step: int
    epoch: int
    batch: int
    count: int


class Trainer:
    """Trains one network on one set of samples.

    Args:
        network: the network with the parameters to start from.
        train: samples to learn from.
        test: samples to judge by, or None.
        config: how to train.
        seed: the document's seed; shuffling uses it unless the config has a seed of its own.
        state: where to go on from.

    Raises :class:`TrainingError` with a sentence for people when these do not go together. Every
    later change is checked completely before it takes effect.
    """

    def __init__(
        self,
        network: Network,
        train: Samples,
        test: Samples | None,
        config: TrainingConfig,
        seed: int,
        state: TrainingState | None = None,
    ) -> None:
        self._config: TrainingConfig
        self._program: Program
        state = TrainingState() if state is None else state
        check_seed(seed)
        self._seed = seed
        self._step, self._epoch = state.step, state.epoch
        self._batch, self._count = state.batch_in_epoch, state.optimizer_step
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
    def step(self) -> int:
        """Batches done since the start."""
        return self._step

    @property
    def epoch(self) -> int:
        """Complete epochs done."""
        return self._epoch

    @property
    def batches_per_epoch(self) -> int:
        """Number of steps that make an epoch; the last batch may be shorter."""
        return len(self._batches)

    @property
    def takes_long(self) -> bool:
        """Whether a step, or the look at all samples after an epoch, may take more than 5 ms."""
        return len(self._train) > samples_at_once(self._program.layout)

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
        theta = self._program.parameters[self._program.layout.positions].astype(np.float64)
        if self._disabled.size:
            theta[self._disabled] = self._base.theta[self._disabled]
        theta.flags.writeable = False
        return theta

    @property
    def network(self) -> Network:
        """The network with its present parameters."""
        if self._network_now is None:
            self._network_now = replace(self._base, theta=self.theta)
        return self._network_now

    @property
    def state(self) -> TrainingState:
        """Where training stands; another trainer goes on from it with the same numbers."""
        arrays = {}
        for name, values in zip(self._optimizer.array_names, self._arrays, strict=True):
            compact = values[self._program.layout.positions].astype(np.float64)
            compact.flags.writeable = False
            arrays[name] = compact
        return TrainingState(self._step, self._epoch, self._batch, arrays, self._count)

    # ------------------------------------------------------------------ running
    def step_batch(self) -> float:
        """Train on one mini-batch; returns its loss before the step, without penalty."""
        self._begin_call()
        self._slice(1, None)
        return self._diverged.loss if self._diverged is not None else self._losses[-1]

    def finish_epoch(self) -> None:
        """Train up to the next end of an epoch."""
        self._begin_call()
        self._slice(len(self._batches) - self._batch, None)

    def run(self, epochs: int, on_epoch: Callable[[EpochRecord], None] | None = None) -> Outcome:
        """Train for some epochs; a begun epoch counts as one.

        ``on_epoch`` is called after every epoch.
        """
        for _ in range(epochs):
            self.finish_epoch()
            if self._diverged is not None:
                return self._diverged
            if on_epoch is not None:
                on_epoch(self._records[-1])
        return Finished(self._epoch, self._step)

    def advance(
        self,
        max_steps: int | None,
        deadline: Callable[[], bool] | None,
        abandon: Callable[[], bool] | None = None,
    ) -> list[EpochRecord]:
        """Train a slice; returns the records of the epochs that ended in it.

        It ends after ``max_steps`` steps (None: no limit), when ``deadline()`` is true (asked
        every few steps and at every end of an epoch; at least one step is done), or at divergence
        (see :attr:`diverged`).

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
            size = len(self._batches) - self._batch
            done, stop = self._slice(size if left is None else min(left, size), deadline)
            left = None if left is None else left - done
            if stop or self._diverged is not None or (deadline is not None and deadline()):
                break
        return list(self._records)

    def _begin_call(self) -> None:
        self._losses.clear()
        self._records.clear()
        self._diverged = None
        self._network_now = None
        self._abandon = None

    def _slice(self, steps: int, deadline: Callable[[], bool] | None) -> tuple[int, bool]:
        """Up to ``steps`` steps within one epoch; returns steps done and whether time is up."""
        start, known = self._snapshot(), len(self._losses)
        try:
            return self._try_slice(start, steps, deadline)
        except _AbandonedError:
            self._restore(start)
            del self._losses[known:]
            return 0, True

    def _try_slice(
        self, start: _Snapshot, steps: int, deadline: Callable[[], bool] | None
    ) -> tuple[int, bool]:
        losses, step = self._losses, self._one_step
        interval, total, done, stop = self._interval, 0.0, 0, False
        with np.errstate(all="ignore"):
            while done < steps:
                loss = step()
                losses.append(loss)
                total += loss
                done += 1
                if deadline is not None and done % interval == 0 and deadline():
                    stop = True
                    break
            # Non-finite parameters stay so, hence one look at the end is enough to notice.
            sound = total - total == 0.0 and bool(np.isfinite(self._program.parameters).all())
            sound = sound and self._close_epoch()
            if not sound:
                self._replay(start, done)
        return done, stop

    def _one_step(self) -> float:
        if self._arranged != self._epoch:
            self._arrange()
        workspace, gradient, inputs, inputs_t, targets = self._batches[self._batch]
        workspace.forward(inputs_t)
        loss = gradient.backward(targets, inputs) / gradient.divisor
        for function, arguments in self._after_gradient:
            function(*arguments)
        self._count += 1
        self._update(self._count, self._config.learning_rate)
        self._batch += 1
        self._step += 1
        return loss

    def _close_epoch(self) -> bool:
        """Record the epoch if its last batch is done; False if its loss is not finite."""
        if self._batch < len(self._batches):
            return True
        record = self._record(self._epoch + 1)
        if not np.isfinite(record.loss_train):
            return False
        self._records.append(record)
        self._epoch += 1
        self._batch = 0
        return True

    def _replay(self, start: _Snapshot, steps: int) -> None:
        """Repeat a slice step by step to find where numbers stopped being finite."""
        self._restore(start)
        del self._losses[len(self._losses) - steps :]
        for _ in range(steps):
            before = self._snapshot()
            loss = self._one_step()
            sound = bool(np.isfinite(loss)) and bool(np.isfinite(self._program.parameters).all())
            if not (sound and self._close_epoch()):
                self._restore(before)
                self._diverged = Diverged(
                    before.step + 1, before.epoch, loss, self.theta, self.state
                )
                return
            self._losses.append(loss)

    def _snapshot(self) -> _Snapshot:
        return _Snapshot(
            self._program.parameters.copy(),
            tuple(array.copy() for array in self._arrays),
            self._step,
            self._epoch,
            self._batch,
            self._count,
        )

    def _restore(self, snapshot: _Snapshot) -> None:
        np.copyto(self._program.parameters, snapshot.parameters)
        for array, values in zip(self._arrays, snapshot.arrays, strict=True):
            np.copyto(array, values)
        self._step, self._epoch = snapshot.step, snapshot.epoch
        self._batch, self._count = snapshot.batch, snapshot.count

    def evaluate(self) -> Evaluation:
        """Losses and accuracies over both parts; never disturbs training."""
        with np.errstate(all="ignore"):
            train = self._on_train.loss_and_accuracy()
            test = PartEvaluation(float("nan"), None)
            if self._on_test is not None:
                test = self._on_test.loss_and_accuracy()
        return Evaluation(train.loss, test.loss, train.accuracy, test.accuracy)

    def present_losses(self, abandon: Callable[[], bool] | None = None) -> EpochRecord | None:
        """Losses over both parts as they are now, as the curve has them; nothing is trained.

        ``abandon`` is asked between chunks of samples; the result is None if it says yes.
        """
        self._abandon = abandon
        try:
            with np.errstate(all="ignore"):
                return self._record(self._epoch)
        except _AbandonedError:
            return None

    def _record(self, epoch: int) -> EpochRecord:
        train, test = self._on_train, self._on_test
        loss_train = train.loss(self._look_around)
        return EpochRecord(
            epoch, loss_train, float("nan") if test is None else test.loss(self._look_around)
        )

    def _look_around(self) -> None:
        if self._abandon is not None and self._abandon():
            raise _AbandonedError

    # ------------------------------------------------------------------ edits while training
    def set_config(self, config: TrainingConfig) -> None:
        """Train on with other settings.

        The optimiser keeps its memory unless it is replaced by another. When the batch size
        changes inside an epoch, the epoch goes on at the last whole new batch, so that no sample
        is left out.
        """
        self._check(self._base, self._train, self._test, config)
        arrays: Mapping[str, FloatArray] = self.state.optimizer_arrays
        if config.optimizer != self._config.optimizer:
            arrays, self._count = {}, 0
        if config.batch_size != self._config.batch_size:
            self._batch = self._batch * self._config.batch_size // config.batch_size
        self._compile(self.network, self._train, self._test, config, arrays)

    def set_parameters(self, values: Mapping[int, float]) -> None:
        """Set parameters by slot; the optimiser's memory stays."""
        network = self.network.with_parameters(values)
        check_network(network, self._config.loss)
        self._base = self._network_now = network
        self._program.set_parameters(network.theta)

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
        """Prepare buffers, batches and the list of calls that make a step."""
        self._base, self._config = network, config
        self._network_now = None
        self._train, self._test = train, test
        size = min(int(config.batch_size), len(train))
        self._program = Program(network, 1)
        layout = self._program.layout
        self._disabled = np.flatnonzero(~network.enabled)
        self._optimizer = OPTIMIZERS[config.optimizer]
        self._arrays = []
        for name in self._optimizer.array_names:
            padded = np.zeros(layout.size, dtype=self._program.dtype)
            if name in arrays and len(arrays[name]) == network.topology.parameter_count:
                layout.pack(arrays[name], padded)
            else:
                self._count = 0
            self._arrays.append(padded)

        movable = ~layout.is_padding
        movable[layout.positions[network.frozen | ~network.enabled]] = False
        mask = None if movable.all() else movable.astype(self._program.dtype)
        parameters, gradients = self._program.parameters, self._program.gradients
        factor = config.learning_rate if self._optimizer.scales_linearly else 1.0
        self._after_gradient = penalty_gradient_adder(
            parameters, gradients, layout.is_weight, factor * config.l1, factor * config.l2
        )
        if mask is not None:
            self._after_gradient += ((np.multiply, (gradients, mask, gradients)),)
        memory = dict(zip(self._optimizer.array_names, self._arrays, strict=True))
        self._update = self._optimizer.bind(config, parameters, gradients, memory, mask)

        self._make_batches(size, factor)
        self._on_train = Evaluator(self._program, network, train, config.loss)
        has_test = test is not None and len(test) > 0
        self._on_test = (
            Evaluator(self._program, network, test, config.loss)
            if has_test and test is not None
            else None
        )
        self._interval = max(1, min(16, _WORK_BETWEEN_LOOKS // max(1, layout.size * size)))

    def _make_batches(self, size: int, factor: float) -> None:
        """Views of every batch in arrays that each epoch fills in its own order."""
        program, layout = self._program, self._program.layout
        samples = len(self._train)
        self._inputs = with_ones(self._train.inputs, layout.input_enabled, program.dtype)
        # Targets lie as the outputs do, [outputs, samples], which is quickest for the loss.
        encoded = encode_targets(self._train, self._base, self._config.loss)
        self._targets = np.ascontiguousarray(encoded.T)
        self._ordered_inputs = self._inputs.copy()
        self._ordered_targets = self._targets.copy()
        kernels: dict[int, tuple[Workspace | LargeBatch, Gradient | LargeBatch]] = {}
        self._batches = []
        for start in range(0, samples, size):
            stop = min(start + size, samples)
            if stop - start not in kernels:
                kernels[stop - start] = self._kernel(stop - start, factor)
            inputs = self._ordered_inputs[start:stop]
            targets = self._ordered_targets[:, start:stop]
            self._batches.append((*kernels[stop - start], inputs, inputs.T, targets))
        if self._batch >= len(self._batches):
            self._batch = 0
        self._arranged = -1 if self._config.shuffle else self._epoch

    def _kernel(
        self, samples: int, factor: float
    ) -> tuple[Workspace | LargeBatch, Gradient | LargeBatch]:
        """What goes forward and what goes back over a batch of some size."""
        program, loss = self._program, LOSSES[self._config.loss]
        if samples > samples_at_once(program.layout):
            batch = LargeBatch(program, samples, loss, factor, self._look_around)
            return batch, batch
        workspace = Workspace(program, samples, inputs_apart=program.layout.inputs_apart)
        return workspace, Gradient(workspace, loss, factor)

    def _arrange(self) -> None:
        """Put the samples in this epoch's order."""
        self._arranged = self._epoch
        if not self._config.shuffle:
            return
        seed = self._seed if self._config.shuffle_seed is None else self._config.shuffle_seed
        order = random_stream(seed, Stream.SHUFFLE, self._epoch).permutation(len(self._train))
        self._inputs.take(order, 0, self._ordered_inputs, "clip")
        self._targets.take(order, 1, self._ordered_targets, "clip")
