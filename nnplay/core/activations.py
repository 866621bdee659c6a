"""The table of activation functions: what a neuron does with its weighted sum z.

All functions work on whole blocks ``[neurons, samples]`` and write into a given buffer, so that
nothing is allocated in a training step. Values at kinks follow PyTorch: the derivative of ReLU at
0 is 0, that of leaky ReLU 0.01.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

__all__ = ["ACTIVATIONS", "LEAK", "Activation", "softmax_pull_back"]

Array = npt.NDArray[Any]

LEAK: Final = 0.01
"""Slope of leaky ReLU for negative z, as in PyTorch."""


@dataclass(frozen=True)
class Activation:
    """One activation function.

    Attributes:
        name: key in files and on the command line.
        title: name for people, written as in formulas and papers wherever it stands.
        formula: a = f(z) as text.
        derivative_formula: f'(z) as text.
        function: ``function(z, out)`` writes f(z) into ``out``; both ``[neurons, samples]``.
        derivative: ``derivative(z, a, out)`` writes f'(z), with ``a = f(z)`` already known.
        range: smallest and largest value f can take (infinities where unbounded).
        signed: whether two classes are coded -1 and +1 for such an output (otherwise 0 and 1).
        is_group: whether all outputs with this activation are computed together (softmax); the
            derivative is then only the diagonal of the Jacobian matrix.
    """

    name: str
    title: str
    formula: str
    derivative_formula: str
    function: Callable[[Array, Array], object]
    derivative: Callable[[Array, Array, Array], object]
    range: tuple[float, float]
    signed: bool
    is_group: bool = False


def _linear(z: Array, out: Array) -> None:
    np.copyto(out, z)


def _linear_derivative(z: Array, a: Array, out: Array) -> None:
    out.fill(1.0)


def _relu(z: Array, out: Array) -> None:
    np.maximum(z, 0.0, out=out)


def _relu_derivative(z: Array, a: Array, out: Array) -> None:
    np.sign(a, out)  # a is never negative; twice as quick as heaviside


def _leaky_relu(z: Array, out: Array) -> None:
    np.multiply(z, LEAK, out)
    np.maximum(z, out, out=out)


def _leaky_relu_derivative(z: Array, a: Array, out: Array) -> None:
    np.heaviside(z, 0.0, out)
    np.multiply(out, 1.0 - LEAK, out)
    np.add(out, LEAK, out)


def _sigmoid(z: Array, out: Array) -> None:
    # exp(-z) overflows to infinity for very negative z, which gives the right answer 0.
    np.negative(z, out)
    np.exp(out, out)
    np.add(out, 1.0, out)
    np.divide(1.0, out, out)


def _sigmoid_derivative(z: Array, a: Array, out: Array) -> None:
    np.subtract(1.0, a, out)
    np.multiply(out, a, out)


def _tanh_derivative(z: Array, a: Array, out: Array) -> None:
    np.multiply(a, a, out)
    np.subtract(1.0, out, out)


def _softmax(z: Array, out: Array) -> None:
    np.subtract(z, np.maximum.reduce(z), out)
    np.exp(out, out)
    np.divide(out, np.add.reduce(out), out)


def softmax_pull_back(a: Array, gradient: Array) -> None:
    """Turn dE/da into dE/dz for a softmax group, in place.

    dE/dz_i = a_i (dE/da_i - sum_j a_j dE/da_j). Both arrays are ``[members, samples]``.
    """
    np.subtract(gradient, (a * gradient).sum(axis=0), gradient)
    np.multiply(gradient, a, gradient)


_INFINITY: Final = float("inf")

ACTIVATIONS: Final[dict[str, Activation]] = {
    activation.name: activation
    for activation in (
        Activation(
            "linear",
            "linear",
            "a = z",
            "f'(z) = 1",
            _linear,
            _linear_derivative,
            (-_INFINITY, _INFINITY),
            signed=True,
        ),
        Activation(
            "relu",
            "ReLU",
            "a = max(0, z)",
            "f'(z) = 1 if z > 0 else 0",
            _relu,
            _relu_derivative,
            (0.0, _INFINITY),
            signed=False,
        ),
        Activation(
            "leaky_relu",
            "leaky ReLU",
            "a = z if z > 0 else 0.01·z",
            "f'(z) = 1 if z > 0 else 0.01",
            _leaky_relu,
            _leaky_relu_derivative,
            (-_INFINITY, _INFINITY),
            signed=False,
        ),
        Activation(
            "sigmoid",
            "sigmoid",
            "a = 1 / (1 + e^(−z))",
            "f'(z) = a·(1 − a)",
            _sigmoid,
            _sigmoid_derivative,
            (0.0, 1.0),
            signed=False,
        ),
        Activation(
            "tanh",
            "tanh",
            "a = tanh(z)",
            "f'(z) = 1 − a²",
            np.tanh,
            _tanh_derivative,
            (-1.0, 1.0),
            signed=True,
        ),
        Activation(
            "softmax",
            "softmax",
            "a = e^z / Σ e^z over all softmax outputs",
            "∂a_i/∂z_j = a_i·([i = j] − a_j)",
            _softmax,
            _sigmoid_derivative,
            (0.0, 1.0),
            signed=False,
            is_group=True,
        ),
    )
}
"""All activation functions by name."""
