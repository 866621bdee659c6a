"""Steps along the gradient, plain or with a velocity. Forms and order are PyTorch's."""

from __future__ import annotations

from typing import Final

import numpy as np

from nnplay.core.config import TrainingConfig
from nnplay.core.optimizers.optimizer import Array, Arrays, Counters, Optimizer, Update

__all__ = ["DESCENTS"]


def _bind_sgd(
    config: TrainingConfig,
    parameters: Array,
    gradient: Array,
    arrays: Arrays,
    mask: Array | None,
    is_weight: Array | None = None,
    counters: Counters | None = None,
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
    arrays: Arrays,
    mask: Array | None,
    is_weight: Array | None = None,
    counters: Counters | None = None,
) -> Update:
    velocity = arrays["velocity"]
    dtype = parameters.dtype
    keep = np.array(config.momentum, dtype=dtype)
    # Without momentum PyTorch takes no notice of dampening.
    damped = config.dampening != 0.0 and config.momentum != 0.0
    share = np.array(1.0 - config.dampening, dtype=dtype)
    move = np.empty_like(parameters)
    multiply, add, subtract = np.multiply, np.add, np.subtract

    def update(count: int, rate: float) -> None:
        multiply(velocity, keep, velocity)
        if damped and count > 1:  # the very first velocity is the whole gradient
            multiply(gradient, share, move)
            add(velocity, move, velocity)
        else:
            add(velocity, gradient, velocity)
        multiply(velocity, rate, move)
        if mask is not None:
            multiply(move, mask, move)
        subtract(parameters, move, parameters)

    return update


def _bind_nesterov(
    config: TrainingConfig,
    parameters: Array,
    gradient: Array,
    arrays: Arrays,
    mask: Array | None,
    is_weight: Array | None = None,
    counters: Counters | None = None,
) -> Update:
    velocity = arrays["velocity"]
    keep = np.array(config.momentum, dtype=parameters.dtype)
    move = np.empty_like(parameters)
    multiply, add, subtract = np.multiply, np.add, np.subtract

    def update(_count: int, rate: float) -> None:
        multiply(velocity, keep, velocity)
        add(velocity, gradient, velocity)
        multiply(velocity, keep, move)
        add(move, gradient, move)
        multiply(move, rate, move)
        if mask is not None:
            multiply(move, mask, move)
        subtract(parameters, move, parameters)

    return update


DESCENTS: Final = (
    Optimizer(
        "sgd",
        "SGD",
        "θ ← θ − η·g",
        "Stochastic gradient descent: a step against the gradient of each batch, the simplest rule "
        "and the best one to watch.",
        "Robbins & Monro 1951, A stochastic approximation method",
        settings=(),
        usual_rate=0.03,
        array_names=(),
        bind=_bind_sgd,
        scales_linearly=True,
    ),
    Optimizer(
        "momentum",
        "Momentum",
        "v ← μ·v + (1−d)·g, θ ← θ − η·v",
        "Gradient descent that gathers speed like a ball rolling downhill: quicker through long "
        "valleys, with some swinging at the bottom.",
        "Polyak 1964, Some methods of speeding up the convergence of iteration methods",
        settings=("momentum", "dampening"),
        usual_rate=0.01,
        array_names=("velocity",),
        bind=_bind_momentum,
    ),
    Optimizer(
        "nesterov",
        "Nesterov momentum",
        "v ← μ·v + g, θ ← θ − η·(g + μ·v)",
        "Momentum that looks ahead to where it is rolling, and so brakes earlier and swings less.",
        "Nesterov 1983; Sutskever et al. 2013, On the importance of initialization and momentum",
        settings=("momentum",),
        usual_rate=0.01,
        array_names=("velocity",),
        bind=_bind_nesterov,
    ),
)
"""SGD and its relatives with momentum."""
