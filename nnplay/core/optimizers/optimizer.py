"""What an optimiser is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy.typing as npt

from nnplay.core.config import TrainingConfig

__all__ = ["Array", "Arrays", "Bind", "Counters", "Optimizer", "Update"]

Array = npt.NDArray[Any]
Arrays = Mapping[str, Array]
Counters = MutableMapping[str, float]
Update = Callable[[int, float], object]


class Bind(Protocol):
    """Prepares an optimiser for one parameter vector."""

    def __call__(
        self,
        config: TrainingConfig,
        parameters: Array,
        gradient: Array,
        arrays: Arrays,
        mask: Array | None,
        is_weight: Array | None = None,
        counters: Counters | None = None,
    ) -> Update:
        """The update of ``parameters`` in place, which allocates nothing.

        Args:
            config: the optimiser's settings (see :attr:`Optimizer.settings`); the learning rate
                comes with every update.
            parameters: ``[S]``, float64 or float32.
            gradient: ``[S]``, filled anew before every update.
            arrays: the optimiser's memory, ``[S]`` each. The update keeps nothing between two
                calls except here, so that putting numbers back is enough to go back in time.
            mask: ``[S]``, 1 for parameters that may move and 0 for those that may not, or None.
            is_weight: ``[S]``, true for weights and false for biases, which never decay. None:
                all are weights.
            counters: small numbers to be remembered by name (no optimiser here needs any).

        Returns:
            A function of the update's number (1 for the first) and the learning rate of this step.
        """


@dataclass(frozen=True)
class Optimizer:
    """One optimiser.

    Attributes:
        name: key in files and on the command line.
        title: name for people.
        formula: the update as text.
        sentence: what it is and whom it suits, for people.
        source: where it was published.
        settings: names of the training settings it reads besides the learning rate.
        usual_rate: a learning rate to begin with.
        array_names: names of its arrays, each as long as the parameter vector, zero at the start.
            They and the number of the update are its whole memory.
        scales_linearly: whether the update is -(learning rate)·gradient, so that the rate is
            multiplied into the gradient beforehand; its gradient must be masked already.
        needs_full_batch: whether it is made for the gradient over all training samples at once.
        bind: prepares the update, see :class:`Bind`.
    """

    name: str
    title: str
    formula: str
    sentence: str
    source: str
    settings: tuple[str, ...]
    usual_rate: float
    array_names: tuple[str, ...]
    bind: Bind
    scales_linearly: bool = False
    needs_full_batch: bool = False
