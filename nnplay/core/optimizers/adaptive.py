"""A step length of its own for every parameter, from squared gradients. Forms are PyTorch's."""

from __future__ import annotations

from typing import Final

import numpy as np

from nnplay.core.config import TrainingConfig
from nnplay.core.optimizers.optimizer import Array, Arrays, Counters, Optimizer, Update

__all__ = ["ADAPTIVE"]


def _bind_adagrad(
    config: TrainingConfig,
    parameters: Array,
    gradient: Array,
    arrays: Arrays,
    mask: Array | None,
    is_weight: Array | None = None,
    counters: Counters | None = None,
) -> Update:
    squares = arrays["squares"]
    epsilon = np.array(config.epsilon, dtype=parameters.dtype)
    move, denominator = np.empty_like(parameters), np.empty_like(parameters)
    multiply, add, subtract, divide, sqrt = np.multiply, np.add, np.subtract, np.divide, np.sqrt

    def update(_count: int, rate: float) -> None:
        multiply(gradient, gradient, move)
        add(squares, move, squares)
        sqrt(squares, denominator)
        add(denominator, epsilon, denominator)
        multiply(gradient, rate, move)
        divide(move, denominator, move)
        if mask is not None:
            multiply(move, mask, move)
        subtract(parameters, move, parameters)

    return update


def _bind_rmsprop(
    config: TrainingConfig,
    parameters: Array,
    gradient: Array,
    arrays: Arrays,
    mask: Array | None,
    is_weight: Array | None = None,
    counters: Counters | None = None,
) -> Update:
    squares = arrays["squares"]
    dtype = parameters.dtype
    keep, new = np.array(config.rms_decay, dtype=dtype), np.array(1.0 - config.rms_decay, dtype)
    epsilon = np.array(config.epsilon, dtype=dtype)
    move, denominator = np.empty_like(parameters), np.empty_like(parameters)
    multiply, add, subtract, divide, sqrt = np.multiply, np.add, np.subtract, np.divide, np.sqrt

    def update(_count: int, rate: float) -> None:
        multiply(squares, keep, squares)
        multiply(gradient, gradient, move)
        multiply(move, new, move)
        add(squares, move, squares)
        sqrt(squares, denominator)
        add(denominator, epsilon, denominator)
        multiply(gradient, rate, move)
        divide(move, denominator, move)
        if mask is not None:
            multiply(move, mask, move)
        subtract(parameters, move, parameters)

    return update


def _bind_adam(
    config: TrainingConfig,
    parameters: Array,
    gradient: Array,
    arrays: Arrays,
    mask: Array | None,
    is_weight: Array | None = None,
    counters: Counters | None = None,
) -> Update:
    first, second = arrays["first_moment"], arrays["second_moment"]
    beta1, beta2 = config.beta1, config.beta2
    dtype = parameters.dtype
    keep1, keep2 = np.array(beta1, dtype=dtype), np.array(beta2, dtype=dtype)
    new1, new2 = np.array(1.0 - beta1, dtype=dtype), np.array(1.0 - beta2, dtype=dtype)
    epsilon = config.epsilon
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
        # √v̂ + ε = (√v + ε·c) / c with c = √(1 − β₂ᵗ): one pass over the parameters less.
        correction = (1.0 - beta2**count) ** 0.5
        add(denominator, epsilon * correction, denominator)
        multiply(first, rate * correction / (1.0 - beta1**count), move)
        divide(move, denominator, move)
        if mask is not None:
            multiply(move, mask, move)
        subtract(parameters, move, parameters)

    return update


def _bind_adamw(
    config: TrainingConfig,
    parameters: Array,
    gradient: Array,
    arrays: Arrays,
    mask: Array | None,
    is_weight: Array | None = None,
    counters: Counters | None = None,
) -> Update:
    step = _bind_adam(config, parameters, gradient, arrays, mask)
    decay = np.full_like(parameters, config.weight_decay)
    for allowed in (mask, is_weight):
        if allowed is not None:
            decay *= allowed
    if not decay.any():
        return step
    factor, one = np.empty_like(parameters), np.ones((), dtype=parameters.dtype)
    multiply, subtract = np.multiply, np.subtract

    def update(count: int, rate: float) -> None:
        # Decay comes first and is no part of the moments: that is what sets AdamW apart.
        multiply(decay, rate, factor)
        subtract(one, factor, factor)
        multiply(parameters, factor, parameters)
        step(count, rate)

    return update


ADAPTIVE: Final = (
    Optimizer(
        "adagrad",
        "Adagrad",
        "s ← s + g², θ ← θ − η·g / (√s + ε)",
        "Shortens the steps of parameters that have already moved much; good for rare features, "
        "but it slows down for ever.",
        "Duchi, Hazan & Singer 2011, Adaptive subgradient methods",
        settings=("epsilon",),
        usual_rate=0.3,
        array_names=("squares",),
        bind=_bind_adagrad,
    ),
    Optimizer(
        "rmsprop",
        "RMSprop",
        "s ← α·s + (1−α)·g², θ ← θ − η·g / (√s + ε)",
        "Divides each step by the recent size of its gradients, so that steep and flat directions "
        "move alike.",
        "Tieleman & Hinton 2012, Neural networks for machine learning, lecture 6.5",
        settings=("rms_decay", "epsilon"),
        usual_rate=0.01,
        array_names=("squares",),
        bind=_bind_rmsprop,
    ),
    Optimizer(
        "adam",
        "Adam",
        "m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², θ ← θ − η·m̂ / (√v̂ + ε)",
        "Momentum and step sizes for every parameter in one: the usual choice when nothing else is "
        "known.",
        "Kingma & Ba 2015, Adam: A method for stochastic optimization",
        settings=("beta1", "beta2", "epsilon"),
        usual_rate=0.01,
        array_names=("first_moment", "second_moment"),
        bind=_bind_adam,
    ),
    Optimizer(
        "adamw",
        "AdamW",
        "θ ← θ − η·λ·θ (weights only), then as Adam",
        "Adam with weights that shrink a little in every step, which keeps large networks from "
        "learning by heart.",
        "Loshchilov & Hutter 2019, Decoupled weight decay regularization",
        settings=("beta1", "beta2", "epsilon", "weight_decay"),
        usual_rate=0.01,
        array_names=("first_moment", "second_moment"),
        bind=_bind_adamw,
    ),
)
"""Adagrad, RMSprop, Adam and AdamW."""
