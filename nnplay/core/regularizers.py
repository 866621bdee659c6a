"""Penalties on weights: l1·Σ|w| + l2·½Σw². Biases are never penalised."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from nnplay.core.network import Network

__all__ = ["penalty", "penalty_gradient_adder"]

Array = npt.NDArray[Any]


def penalty(network: Network, l1: float, l2: float) -> float:
    """The penalty of a network's weights; disabled connections count as 0."""
    weights = network.effective_weights
    return float(l1 * np.abs(weights).sum() + 0.5 * l2 * weights.dot(weights))


def penalty_gradient_adder(
    parameters: Array, gradient: Array, is_weight: npt.NDArray[np.bool_], l1: float, l2: float
) -> tuple[tuple[Callable[..., object], tuple[Any, ...]], ...]:
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
