"""What one training step would do, with every number on the way, before anybody takes it.

For one sample, for the next mini-batch exactly as the trainer would draw it (its order, its dropout),
or for the whole training set: forward and backward numbers averaged over the samples, then penalties,
clipping and the update by the real optimiser on copies of parameters and memory. Everything is
float64, whatever precision training has. Nothing is changed by looking.

An average here is the one the loss takes: with class weights every sample counts with its share. So
an average of δ is a sum of the shares that the samples have in ∂L/∂z of the mean loss L.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from nnplay.core.checks import check_config, check_network, check_samples
from nnplay.core.config import TrainingConfig, TrainingState
from nnplay.core.errors import TrainingError
from nnplay.core.network import Network
from nnplay.core.optimizers import OPTIMIZERS
from nnplay.core.randomness import Stream, random_stream
from nnplay.core.sample_pass import Averages, SamplePass, forward_averages
from nnplay.core.samples import Samples
from nnplay.core.schedules import rates
from nnplay.core.step_update import Update, update_of
from nnplay.core.training_set import TrainingSet

IntArray = npt.NDArray[np.int64]
Scope = Literal["sample", "batch", "all"]


@dataclass(frozen=True, eq=False)
class StepExplanation:
    """One step, explained.

    Attributes:
        network: with the parameters it has before the step.
        config: the settings, in float64.
        scope: what was looked at.
        count: number of samples.
        averages: forward and backward numbers; of a single sample they are just its numbers.
        update: None without targets.
        rows: ``int64[count]``, numbers of the training samples in the batch; empty for a sample.
        has_dropout: whether some neurons of the batch were silenced.
    """

    network: Network
    config: TrainingConfig
    scope: Scope
    count: int
    averages: Averages
    update: Update | None = None
    rows: IntArray = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    has_dropout: bool = False


def batch_rows(count: int, config: TrainingConfig, seed: int, state: TrainingState) -> IntArray:
    """Numbers of the training samples that the next step trains on, in the trainer's order.

    Args:
        count: number of training samples.
        config: how to train.
        seed: the document's seed.
        state: where training stands.
    """
    size, batches = _batches(count, config)
    first = state.batch_in_epoch if state.batch_in_epoch < batches else 0
    order = np.arange(count)
    if config.shuffle:
        chance = seed if config.shuffle_seed is None else config.shuffle_seed
        order = random_stream(chance, Stream.SHUFFLE, state.epoch).permutation(count)
    return order[first * size : (first + 1) * size]


def explain_step(
    network: Network,
    samples: Samples,
    config: TrainingConfig,
    *,
    scope: Scope = "sample",
    seed: int = 0,
    state: TrainingState | None = None,
    train_count: int | None = None,
    focus: Iterable[int] = (),
) -> StepExplanation:
    """Look at the next training step.

    Args:
        network: as it is now.
        samples: the one sample (without values and classes: forward only), or all training samples
            for ``batch`` and ``all``.
        config: how to train.
        scope: ``sample`` and ``all`` are judged without dropout, ``batch`` with.
        seed: the document's seed.
        state: where training stands; its optimiser memory is copied.
        train_count: number of training samples where ``samples`` is a single one: the schedule's
            rate depends on the number of steps in an epoch.
        focus: slots whose own share in the change of the loss is wanted.

    Raises :class:`TrainingError` when these do not go together.
    """
    state = TrainingState() if state is None else state
    check_config(config)
    config = replace(config, precision="float64")
    total = len(samples) if train_count is None else train_count
    has_targets = samples.values is not None or samples.classes is not None
    if scope == "sample" and not has_targets:
        return StepExplanation(
            network, config, scope, len(samples), forward_averages(network, samples)
        )
    check_network(network, config.loss)
    if not len(samples):
        raise TrainingError("There are no samples to explain; choose more training data.")
    check_samples(network, samples, config.loss, "training")
    rows = np.arange(len(samples)) if scope != "sample" else np.empty(0, dtype=np.int64)
    if scope == "batch":
        rows = batch_rows(len(samples), config, seed, state)
        samples = _chosen(samples, rows)
    whole = replace(config, shuffle=False, batch_size=len(samples))
    layout = TrainingSet(network, samples, None, whole, state.optimizer_arrays, seed)
    plan = layout.plan(network, whole, dict(state.counters), _look_around)
    if scope != "batch" and plan.dropout is not None:
        plan = replace(plan, dropout=None)
    mask = layout.masks(0, 1, state.step) if plan.dropout is not None else None
    pass_ = SamplePass(plan, mask)
    averages = pass_.averages()
    number = 1 if layout.forgets else state.optimizer_step + 1
    _, batches = _batches(total, config)
    place = state.batch_in_epoch if state.batch_in_epoch < batches else 0
    rate = float(rates(config, state.epoch, place, 1, batches, state.counters)[0])
    update = update_of(plan, pass_, rate, number, tuple(focus))
    return StepExplanation(
        network, config, scope, len(samples), averages, update, rows, mask is not None
    )


def _batches(count: int, config: TrainingConfig) -> tuple[int, int]:
    """Samples per step, and steps of an epoch."""
    size = min(int(config.batch_size), max(1, count))
    if OPTIMIZERS[config.optimizer].needs_full_batch:
        size = max(1, count)
    return size, -(-max(1, count) // size)


def _chosen(samples: Samples, rows: IntArray) -> Samples:
    return Samples(
        samples.inputs[rows],
        None if samples.values is None else samples.values[rows],
        None if samples.classes is None else samples.classes[rows],
        samples.class_count,
    )


def _look_around() -> None:
    """Nobody gives up looking."""
