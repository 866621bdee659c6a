"""What a trainer lays out once for network, samples and settings: arrays, orders, masks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from nnplay.core.config import DEAD_LINKS, TrainingConfig, loss_settings
from nnplay.core.engine import Dropout, Part, Plan
from nnplay.core.layout import layout_of
from nnplay.core.network import Network
from nnplay.core.optimizers import OPTIMIZERS
from nnplay.core.parts import make_part
from nnplay.core.randomness import Stream, random_stream
from nnplay.core.samples import Samples
from nnplay.core.topology import Kind

__all__ = ["TrainingSet"]

Array = npt.NDArray[Any]
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


class TrainingSet:
    """Arrays that trainer and engine share, and everything random about an epoch.

    Args:
        network: the network; its parameters are loaded.
        train: samples to learn from.
        test: samples to judge by, or None.
        config: how to train.
        arrays: the optimiser's memory so far, compact vectors by name.
        seed: the document's seed; the config may have one of its own for shuffling and dropout.

    Attributes:
        batch_size: samples per step; all of them where the optimiser needs the whole gradient.
        batches: steps that make an epoch.
        memory: the optimiser's arrays by name, each ``[S]``, padded.
        forgets: whether some of that memory was not among ``arrays``.
        disabled: ``int64[k]``, slots that are switched off and keep their numbers.
        dead_before: ``bool[P]``, what L1 switched off and nobody has switched on again since.
        constant_rates: ``float64[batches]``, or None if the learning rate changes.

    Raises :class:`nnplay.core.errors.TrainingError` when targets do not fit outputs or loss.
    """

    def __init__(
        self,
        network: Network,
        train: Samples,
        test: Samples | None,
        config: TrainingConfig,
        arrays: Mapping[str, FloatArray],
        seed: int,
    ) -> None:
        dtype = np.dtype(config.precision)
        loss, optimizer = loss_settings(config), OPTIMIZERS[config.optimizer]
        self._layout = layout = layout_of(network)
        self._samples = len(train)
        self.batch_size = min(int(config.batch_size), self._samples)
        if optimizer.needs_full_batch:
            self.batch_size = self._samples
        self.batches = -(-self._samples // self.batch_size)

        self._parameters: Array = np.zeros(layout.size, dtype=dtype)
        self.load(network)
        self.memory: dict[str, Array] = {}
        self.forgets = False
        for name in optimizer.array_names:
            self.memory[name] = np.zeros(layout.size, dtype=dtype)
            if name in arrays and len(arrays[name]) == network.topology.parameter_count:
                layout.pack(arrays[name], self.memory[name])
            else:
                self.forgets = True
        self.disabled: IntArray = np.flatnonzero(~network.enabled)
        self.dead_before = np.zeros(network.theta.size, dtype=bool)
        if DEAD_LINKS in arrays:
            self.dead_before = (arrays[DEAD_LINKS] > 0) & ~network.enabled

        self._in_order = make_part(train, network, layout, loss, dtype)
        self._ordered = Part(
            self._in_order.inputs.copy(),
            self._in_order.targets.copy(),
            None if self._in_order.weights is None else self._in_order.weights.copy(),
        )
        self._test = None if test is None else make_part(test, network, layout, loss, dtype)
        self._shuffles = config.shuffle
        self._chance = seed if config.shuffle_seed is None else config.shuffle_seed
        self._dropout = _dropout(network)
        self.constant_rates: FloatArray | None = None
        if config.schedule == "constant" and not config.warmup_epochs:
            self.constant_rates = np.full(self.batches, config.learning_rate)

    def plan(
        self,
        network: Network,
        config: TrainingConfig,
        counters: dict[str, float],
        look_around: Callable[[], None],
    ) -> Plan:
        """Everything for an engine."""
        layout = self._layout
        movable = ~layout.is_padding
        movable[layout.positions[network.frozen | ~network.enabled]] = False
        return Plan(
            network=network,
            layout=layout,
            config=config,
            parameters=self._parameters,
            memory=self.memory,
            movable=movable,
            train=self._ordered,
            train_in_order=self._in_order,
            test=self._test,
            batch_size=self.batch_size,
            dropout=self._dropout,
            counters=counters,
            look_around=look_around,
        )

    def load(self, network: Network) -> None:
        """Take a network's parameters; disabled ones count as 0."""
        self._layout.pack(np.where(network.enabled, network.theta, 0.0), self._parameters)

    def arrange(self, epoch: int) -> None:
        """Put the samples in an epoch's order."""
        if not self._shuffles:
            return
        order = random_stream(self._chance, Stream.SHUFFLE, epoch).permutation(self._samples)
        self._in_order.inputs.take(order, 0, self._ordered.inputs, "clip")
        self._in_order.targets.take(order, 1, self._ordered.targets, "clip")
        if self._in_order.weights is not None and self._ordered.weights is not None:
            self._in_order.weights.take(order, 0, self._ordered.weights, "clip")

    def masks(self, first: int, count: int, step: int) -> Array | None:
        """Multipliers of activations for consecutive steps, or None without dropout.

        Args:
            first: number of the first batch in the epoch.
            count: number of steps.
            step: steps done before; each step has a stream of random numbers of its own.
        """
        dropout = self._dropout
        if dropout is None:
            return None
        parts = []
        for place in range(count):
            width = min(self.batch_size, self._samples - (first + place) * self.batch_size)
            random = random_stream(self._chance, Stream.DROPOUT, step + place)
            stays = random.random((dropout.rows.size, width)) < dropout.keep[:, None]
            parts.append(stays / dropout.keep[:, None])
        masks: Array = np.concatenate(parts, axis=1).astype(self._parameters.dtype, copy=False)
        return masks


def _dropout(network: Network) -> Dropout | None:
    """Which hidden neurons may be silenced, by their plan rows."""
    topology = network.topology
    drops = (network.dropout > 0.0) & network.neuron_enabled & (topology.kinds == Kind.HIDDEN)
    if not drops.any():
        return None
    rows = layout_of(network).places[drops]
    order = np.argsort(rows)
    return Dropout(rows[order], 1.0 - network.dropout[drops][order])
