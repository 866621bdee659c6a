"""The table of optimisers: how gradients become steps. Forms and order are PyTorch's.

An optimiser is bound once to a parameter vector and its gradient; the bound update then runs in
preallocated memory. Its arrays are the optimiser's whole memory besides the step count.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from nnplay.core.config import TrainingConfig

__all__ = ["OPTIMIZERS", "Optimizer"]

Array = npt.NDArray[Any]
Update = Callable[[int, float], object]


@dataclass(frozen=True)
class Optimizer:
    """One optimiser.

    Attributes:
        name: key in files and on the command line.
        title: name for people.
        formula: the update as text.
        array_names: names of its arrays, each as long as the parameter vector, zero at the start.
        scales_linearly: whether the update is -(learning rate)·gradient, so that the rate may be
            multiplied into the gradient beforehand.
        bind: ``bind(config, parameters, gradient, arrays, mask)`` returns a function of the update
            number (1 for the first) and the learning rate of this step that changes ``parameters`` in place. ``mask`` is None or 1
            for parameters that may move and 0 for those that may not.
    """

    name: str
    title: str
    formula: str
    array_names: tuple[str, ...]
    scales_linearly: bool
    bind: Callable[[TrainingConfig, Array, Array, Mapping[str, Array], Array | None], Update]


def _bind_sgd(
    config: TrainingConfig,
    parameters: Array,
    gradient: Array,
    arrays: Mapping[str, Array],
    mask: Array | None,
) -> Update:
    # The learning rate is already in the gradient (scales_linearly), and so is the mask.
    subtract = np.subtract

    def update(_count: int, _rate: float) -> None:
        subtract(parameters, gradient, parameters)

    return update


def _bind_momentum(
    config: TrainingConfig,
    parameters: Array,
    gradient: Array,
    arrays: Mapping[str, Array],
    mask: Array | None,
) -> Update:
    velocity = arrays["velocity"]
    keep = np.array(config.momentum, dtype=parameters.dtype)
    move = np.empty_like(parameters)
    multiply, add, subtract = np.multiply, np.add, np.subtract

    def update(_count: int, rate: float) -> None:
        multiply(velocity, keep, velocity)
        add(velocity, gradient, velocity)
        multiply(velocity, rate, move)
        if mask is not None:
            multiply(move, mask, move)
        subtract(parameters, move, parameters)

    return update


def _bind_adam(
    config: TrainingConfig,
    parameters: Array,
    gradient: Array,
    arrays: Mapping[str, Array],
    mask: Array | None,
) -> Update:
    first, second = arrays["first_moment"], arrays["second_moment"]
    beta1, beta2 = config.beta1, config.beta2
    dtype = parameters.dtype
    keep1, keep2 = np.array(beta1, dtype=dtype), np.array(beta2, dtype=dtype)
    new1, new2 = np.array(1.0 - beta1, dtype=dtype), np.array(1.0 - beta2, dtype=dtype)
    epsilon = np.array(config.epsilon, dtype=dtype)
    move, denominator = np.empty_like(parameters), np.empty_like(parameters)
    multiply, add, subtract, divide, sqrt = np.multiply, np.add, np.subtract, np.divide, np.sqrt

    def update(count: int, rate: float) -> None:
        multiply(first, keep1, first)
        multiply(gradient, new1, move)
        add(first, move, first)
        multiply(second, keep2, second)
        multiply(gradient, gradient, move)
        multiply(move, new2, move)
        add(second, move, second)
        sqrt(second, denominator)
        multiply(denominator, 1.0 / (1.0 - beta2**count) ** 0.5, denominator)
        add(denominator, epsilon, denominator)
        multiply(first, rate / (1.0 - beta1**count), move)
        divide(move, denominator, move)
        if mask is not None:
            multiply(move, mask, move)
        subtract(parameters, move, parameters)

    return update


OPTIMIZERS: Final[dict[str, Optimizer]] = {
    optimizer.name: optimizer
    for optimizer in (
        Optimizer("sgd", "SGD", "θ ← θ − η·g", (), scales_linearly=True, bind=_bind_sgd),
        Optimizer(
            "momentum",
            "Momentum",
            "v ← μ·v + g, θ ← θ − η·v",
            ("velocity",),
            scales_linearly=False,
            bind=_bind_momentum,
        ),
        Optimizer(
            "adam",
            "Adam",
            "m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², θ ← θ − η·m̂ / (√v̂ + ε)",
            ("first_moment", "second_moment"),
            scales_linearly=False,
            bind=_bind_adam,
        ),
    )
}
"""All optimisers by name."""
