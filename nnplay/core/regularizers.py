"""What keeps weights and gradients small: penalties, clipping, max-norm, dead links.

The penalty is l1·Σ|w| + l2·½Σw²; biases are never penalised. All arrays here are padded ``[S]``
(see :mod:`nnplay.core.layout`); padding is 0 and takes no part in any norm.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from nnplay.core.layout import Layout
from nnplay.core.network import Network

__all__ = ["DeadLinks", "MaxNorm", "NormClip", "ValueClip", "penalty", "penalty_gradient_adder"]

Array = npt.NDArray[Any]
BoolArray = npt.NDArray[np.bool_]
Calls = tuple[tuple[Callable[..., object], tuple[Any, ...]], ...]

# As in PyTorch's clip_grad_norm_, so that a gradient of 0 is not divided by.
_NORM_EPSILON: Final = 1e-6


def penalty(network: Network, l1: float, l2: float) -> float:
    """The penalty of a network's weights; disabled connections count as 0."""
    weights = network.effective_weights
    return float(l1 * np.abs(weights).sum() + 0.5 * l2 * weights.dot(weights))


def penalty_gradient_adder(
    parameters: Array, gradient: Array, is_weight: BoolArray, l1: float, l2: float
) -> Calls:
    """The calls that add the penalty's gradient, as (function, arguments); empty without one.

    All arrays are ``[S]`` in any common order. The subgradient of ``|w|`` at 0 is 0.
    """
    calls: list[tuple[Callable[..., object], tuple[Any, ...]]] = []
    scratch = np.zeros_like(parameters)
    for rate, direction in ((l2, None), (l1, np.sign)):
        if rate == 0.0:
            continue
        rates = np.where(is_weight, rate, 0.0).astype(parameters.dtype)
        source = parameters
        if direction is not None:
            calls.append((direction, (parameters, scratch)))
            source = scratch
        calls.append((np.multiply, (source, rates, scratch)))
        calls.append((np.add, (gradient, scratch, gradient)))
    return tuple(calls)


class ValueClip:
    """Limits the size of every single derivative."""

    def __init__(self, limit: float) -> None:
        self._limit = limit

    def __call__(self, gradient: Array) -> None:
        """Clip a gradient in place; NaN stays."""
        np.minimum(gradient, self._limit, out=gradient)
        np.maximum(gradient, -self._limit, out=gradient)


class NormClip:
    """Limits the length of the whole gradient (Pascanu et al. 2013; PyTorch's form)."""

    def __init__(self, limit: float) -> None:
        self._limit = limit

    def __call__(self, gradient: Array) -> None:
        """Shorten a gradient in place where it is longer than the limit."""
        length = float(gradient.dot(gradient)) ** 0.5
        factor = self._limit / (length + _NORM_EPSILON)
        if not factor >= 1.0:  # also for NaN, which must be seen
            np.multiply(gradient, factor, gradient)


class MaxNorm:
    """Keeps the incoming weights of each neuron within a ball (Srebro et al. 2004).

    Where their Euclidean length is larger than the limit, all that may move are scaled by
    limit / length. Biases take no part.
    """

    def __init__(
        self, layout: Layout, parameters: Array, movable: Array | None, limit: float
    ) -> None:
        self._limit = limit
        self._blocks: list[tuple[Array, Array | None]] = []
        for stage in layout.stages:
            if stage.columns < 2:
                continue
            end = stage.offset + stage.size * stage.columns
            shape = (stage.size, stage.columns)
            allowed = None if movable is None else movable[stage.offset : end].reshape(shape)[:, 1:]
            self._blocks.append((parameters[stage.offset : end].reshape(shape)[:, 1:], allowed))

    def __call__(self) -> None:
        """Scale weights in place."""
        for weights, allowed in self._blocks:
            lengths = np.sqrt((weights * weights).sum(axis=1, keepdims=True))
            factors = self._limit / np.maximum(lengths, self._limit)
            if allowed is None:
                np.multiply(weights, factors, weights)
            else:
                np.multiply(weights, np.where(allowed > 0, factors, 1.0), weights)


class DeadLinks:
    """The standard playground's L1: a weight that its pull would carry across zero dies.

    Args:
        parameters: ``[S]``.
        movable: ``[S]``, 1 where a parameter may move; dead links become 0 in it.
        is_weight: ``bool[S]``.
        dead: ``bool[S]``, what has died; changed in place.
        rate: the L1 rate.
    """

    def __init__(
        self, parameters: Array, movable: Array, is_weight: BoolArray, dead: BoolArray, rate: float
    ) -> None:
        self._parameters, self._movable, self._dead = parameters, movable, dead
        self._may_move = movable.copy()
        self._rate = rate
        self._weights = is_weight.astype(parameters.dtype)

    def look(self) -> None:
        """Let move what is alive, because ``dead`` may have been put back since the last call."""
        np.copyto(self._movable, self._may_move)
        self._movable[self._dead] = 0.0

    def __call__(self, learning_rate: float) -> None:
        """Pull all weights towards 0 by rate·learning rate and let those die that cross it."""
        w = self._parameters
        pulled = w - (learning_rate * self._rate) * np.sign(w) * self._weights * self._movable
        died = w * pulled < 0.0
        pulled[died] = 0.0
        np.copyto(w, pulled)
        if died.any():
            self._dead |= died
            self._movable[died] = 0.0
