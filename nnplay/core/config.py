"""How a network is trained, and how far training has come, as immutable values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["TrainingConfig", "TrainingState", "as_whole_number"]

FloatArray = npt.NDArray[np.float64]


def as_whole_number(value: Any) -> Any:
    """A whole number of any type (8, 8.0, NumPy's 8) as ``int``.

    Anything else comes back unchanged, for checks to refuse.
    """
    is_whole = type(value) is not bool and isinstance(value, Real) and value % 1 == 0
    return int(value) if is_whole else value


@dataclass(frozen=True)
class TrainingConfig:
    """Everything the training panel offers. Defaults are those of the standard playground.

    Attributes:
        loss: name in the loss table (``half_squared``, ``mse``, ``binary_cross_entropy``,
            ``softmax_cross_entropy``).
        optimizer: name in the optimiser table (``sgd``, ``momentum``, ``adam``).
        learning_rate: step size, > 0.
        momentum: velocity kept from step to step by ``momentum``, in [0, 1).
        beta1, beta2, epsilon: Adam's decay rates and the number that keeps it from dividing by 0.
        batch_size: samples per step, >= 1; the last batch of an epoch may be shorter.
        l1, l2: penalty rates on weights (biases are never penalised): l1·Σ|w| + l2·½Σw².
        initializer: name in the initialiser table (``playground``, ``glorot_uniform``,
            ``glorot_normal``, ``he_uniform``, ``he_normal``, ``uniform``, ``zeros``).
        shuffle: whether samples are drawn in a new order every epoch.
        shuffle_seed: seed of shuffling; None means the document's seed.

    Numbers of other types, such as NumPy's, become Python's own, so that equal settings are the
    same bytes in a file. Nothing is checked here (see :func:`nnplay.core.checks.check_config`).
    """

    loss: str = "half_squared"
    optimizer: str = "sgd"
    learning_rate: float = 0.03
    momentum: float = 0.9
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    batch_size: int = 10
    l1: float = 0.0
    l2: float = 0.0
    initializer: str = "playground"
    shuffle: bool = True
    shuffle_seed: int | None = None

    def __post_init__(self) -> None:
        for name in ("learning_rate", "momentum", "beta1", "beta2", "epsilon", "l1", "l2"):
            value = getattr(self, name)
            if type(value) is not bool and isinstance(value, Real):
                object.__setattr__(self, name, float(value))
        for name in ("batch_size", "shuffle_seed"):
            object.__setattr__(self, name, as_whole_number(getattr(self, name)))
        object.__setattr__(self, "shuffle", bool(self.shuffle))


@dataclass(frozen=True, eq=False)
class TrainingState:
    """How far training has come, apart from the parameters themselves.

    Attributes:
        step: batches done since the start.
        epoch: complete epochs done.
        batch_in_epoch: batches of the running epoch already done (0 at an epoch's start).
        optimizer_arrays: the optimiser's memory by name, each ``float64[P]`` in compact order
            (momentum: ``velocity``; Adam: ``first_moment``, ``second_moment``), read-only.
        optimizer_step: updates since the optimiser's memory was last empty (Adam's t).
    """

    step: int = 0
    epoch: int = 0
    batch_in_epoch: int = 0
    optimizer_arrays: Mapping[str, FloatArray] = field(default_factory=dict)
    optimizer_step: int = 0
