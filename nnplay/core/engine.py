"""What a backend must do: train batch after batch on one plan.

The trainer owns the numbers (parameters, the optimiser's memory, the samples in this epoch's order)
and decides what happens when: epochs, learning rates, dropout masks, ends. An engine does the
arithmetic of the steps in between, on the same arrays. There are two: the NumPy reference
(:mod:`nnplay.core.numpy_engine`) and the compiled one (:mod:`nnplay.compiled`). Both do the
same arithmetic in the same order of meaning: gradient of the mean loss → penalties (l2, then l1)
→ frozen parameters' gradients to 0 → clipping (value, then norm) → the optimiser's update →
dead links → max-norm. With ``l1_dead_links`` the l1 penalty is no part of the gradient but a step of its
own behind the update, w' = w − rate·l1·sign(w), as in the standard playground: where w·w' < 0 the
weight becomes 0 and never moves again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from nnplay.core.config import TrainingConfig
from nnplay.core.layout import Layout
from nnplay.core.network import Network

__all__ = ["Backend", "Dropout", "Engine", "Part", "Plan"]

Array = npt.NDArray[Any]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Part:
    """Samples as engines read them.

    Attributes:
        inputs: ``[n, 1 + inputs]``, C-contiguous, a column of ones in front; switched-off inputs 0.
        targets: ``[outputs, n]``, C-contiguous, encoded for the loss.
        weights: ``float64[n]`` weight of each sample's loss, or None if all count 1. The loss of a
            batch is divided by the sum of its weights instead of the number of its samples.
    """

    inputs: Array
    targets: Array
    weights: FloatArray | None

    def __len__(self) -> int:
        return len(self.inputs)


@dataclass(frozen=True, eq=False)
class Dropout:
    """Which neurons may be silenced.

    Attributes:
        rows: plan rows of hidden, enabled neurons with a dropout rate above 0.
        keep: ``float64[rows]``, probability of staying.
    """

    rows: npt.NDArray[np.int64]
    keep: FloatArray


@dataclass(frozen=True, eq=False)
class Plan:
    """Everything an engine needs. All arrays belong to the trainer and are shared.

    Attributes:
        network: wiring, activations and flags (its theta is not read).
        layout: where neurons and parameters stand in padded arrays.
        config: how to train; ``learning_rate``, schedule and ends are the trainer's business.
        parameters: ``[S]``, padded; disabled parameters are 0. Changed in place.
        memory: the optimiser's arrays by name, each ``[S]``, padded. Changed in place.
        movable: ``bool[S]``, false for padding, frozen and disabled parameters.
        train: the training part, in the order of the present epoch: the trainer fills
            the same arrays anew for every epoch.
        train_in_order, test: both parts as they are, for losses; ``test`` may be None.
        batch_size: samples per step; the last batch may be shorter.
        dropout: None if no neuron has a dropout rate.
        counters: small numbers the optimiser remembers besides its arrays. Changed in place.
        look_around: to be called in the middle of long work; may raise to give it up, which must
            leave parameters and memory as they were before the step.
    """

    network: Network
    layout: Layout
    config: TrainingConfig
    parameters: Array
    memory: Mapping[str, Array]
    movable: npt.NDArray[np.bool_]
    train: Part
    train_in_order: Part
    test: Part | None
    batch_size: int
    dropout: Dropout | None
    counters: dict[str, float]
    look_around: Callable[[], None]


class Engine(Protocol):
    """Trains on one plan; belongs to one thread."""

    @property
    def name(self) -> str:
        """``numpy`` or ``compiled``."""

    @property
    def steps_at_once(self) -> int:
        """How many steps one call of :meth:`steps` should be given so that it takes about 0.2 ms."""

    @property
    def dead_links(self) -> npt.NDArray[np.bool_]:
        """``bool[S]``, connections that the playground's L1 has switched off so far."""

    def steps(
        self, first: int, rates: FloatArray, update: int, masks: Array | None, losses: FloatArray
    ) -> None:
        """Train on consecutive batches.

        Args:
            first: number of the first batch in the epoch.
            rates: ``float64[k]``, learning rate of each step; its length is the number of steps.
            update: the optimiser's number of the first of these updates (1 for the very first).
            masks: ``[dropout rows, samples of all k batches]`` multipliers of activations
                (0 or 1/keep), or None.
            losses: ``float64[k]``, filled with the mean loss of each batch before its step,
                without penalty. Numbers that are not finite are no reason to stop: the trainer
                looks afterwards.
        """

    def part_losses(self, look_around: Callable[[], None]) -> tuple[float, float]:
        """Mean losses over training and test part (NaN without one), without penalty or dropout.

        It disturbs nothing. ``look_around`` is called between chunks and may raise.
        """


Backend = Callable[[Plan], Engine]
"""Makes the engine for a plan."""
