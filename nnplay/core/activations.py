"""The table of activation functions: what a neuron does with its weighted sum z.

Values at kinks follow PyTorch: the derivative at 0 is 0 for ReLU, 0.01 for leaky ReLU, 1 for ELU
and 0 for the absolute value. What the functions compute is in
:mod:`nnplay.core.activation_functions`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy.typing as npt

from nnplay.core import activation_functions as functions
from nnplay.core.activation_functions import LEAK, softmax_pull_back

__all__ = ["ACTIVATIONS", "LEAK", "Activation", "softmax_pull_back"]

Array = npt.NDArray[Any]


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
        remark: a sentence for people about what may surprise them, or nothing.
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
    remark: str = ""


_INFINITY: Final = float("inf")
# The lowest points of the smooth ReLUs, rounded down.
_GELU_LOW: Final = -0.1699713
_GELU_TANH_LOW: Final = -0.1700408
_SILU_LOW: Final = -0.2784646
_MISH_LOW: Final = -0.3088435

ACTIVATIONS: Final[dict[str, Activation]] = {
    activation.name: activation
    for activation in (
        Activation(
            "linear",
            "linear",
            "a = z",
            "f'(z) = 1",
            functions.linear,
            functions.linear_derivative,
            (-_INFINITY, _INFINITY),
            signed=True,
        ),
        Activation(
            "relu",
            "ReLU",
            "a = max(0, z)",
            "f'(z) = 1 if z > 0 else 0",
            functions.relu,
            functions.relu_derivative,
            (0.0, _INFINITY),
            signed=False,
        ),
        Activation(
            "leaky_relu",
            "leaky ReLU",
            "a = z if z > 0 else 0.01·z",
            "f'(z) = 1 if z > 0 else 0.01",
            functions.leaky_relu,
            functions.leaky_relu_derivative,
            (-_INFINITY, _INFINITY),
            signed=False,
            remark="Its slope below 0 is 0.01 as in PyTorch; Keras takes another one.",
        ),
        Activation(
            "elu",
            "ELU",
            "a = z if z > 0 else e^z − 1",
            "f'(z) = 1 if z > 0 else e^z",
            functions.elu,
            functions.elu_derivative,
            (-1.0, _INFINITY),
            signed=False,
        ),
        Activation(
            "selu",
            "SELU",
            "a = 1.0507·z if z > 0 else 1.7581·(e^z − 1)",
            "f'(z) = 1.0507 if z > 0 else 1.7581·e^z",
            functions.selu,
            functions.selu_derivative,
            (-functions.SELU_SCALE * functions.SELU_ALPHA, _INFINITY),
            signed=False,
            remark="It keeps signals at mean 0 and variance 1 if weights start LeCun normal.",
        ),
        Activation(
            "gelu",
            "GELU",
            "a = z·Φ(z), Φ: normal distribution",
            "f'(z) = Φ(z) + z·φ(z)",
            functions.gelu,
            functions.gelu_derivative,
            (_GELU_LOW, _INFINITY),
            signed=False,
        ),
        Activation(
            "gelu_tanh",
            "GELU (tanh)",
            "a = ½z·(1 + tanh(√(2/π)·(z + 0.044715·z³)))",
            "f'(z) = s + z·s·(1 − s)·2√(2/π)·(1 + 0.134145·z²), s = a/z",
            functions.gelu_tanh,
            functions.gelu_tanh_derivative,
            (_GELU_TANH_LOW, _INFINITY),
            signed=False,
            remark="A quick approximation of GELU, off by less than 0.0005.",
        ),
        Activation(
            "silu",
            "SiLU",
            "a = z / (1 + e^(−z))",
            "f'(z) = s·(1 + z·(1 − s)), s = sigmoid(z)",
            functions.silu,
            functions.silu_derivative,
            (_SILU_LOW, _INFINITY),
            signed=False,
            remark="Also called swish.",
        ),
        Activation(
            "mish",
            "Mish",
            "a = z·tanh(ln(1 + e^z))",
            "f'(z) = t + z·(1 − t²)·sigmoid(z), t = a/z",
            functions.mish,
            functions.mish_derivative,
            (_MISH_LOW, _INFINITY),
            signed=False,
        ),
        Activation(
            "sigmoid",
            "sigmoid",
            "a = 1 / (1 + e^(−z))",
            "f'(z) = a·(1 − a)",
            functions.sigmoid,
            functions.sigmoid_derivative,
            (0.0, 1.0),
            signed=False,
        ),
        Activation(
            "hard_sigmoid",
            "hard sigmoid",
            "a = (z + 3) / 6, kept from 0 to 1",
            "f'(z) = 1/6 if −3 < z < 3 else 0",
            functions.hard_sigmoid,
            functions.hard_sigmoid_derivative,
            (0.0, 1.0),
            signed=False,
        ),
        Activation(
            "tanh",
            "tanh",
            "a = tanh(z)",
            "f'(z) = 1 − a²",
            functions.tanh,
            functions.tanh_derivative,
            (-1.0, 1.0),
            signed=True,
        ),
        Activation(
            "hard_tanh",
            "hard tanh",
            "a = z, kept from −1 to 1",
            "f'(z) = 1 if −1 < z < 1 else 0",
            functions.hard_tanh,
            functions.hard_tanh_derivative,
            (-1.0, 1.0),
            signed=True,
        ),
        Activation(
            "softplus",
            "softplus",
            "a = ln(1 + e^z)",
            "f'(z) = sigmoid(z)",
            functions.softplus,
            functions.softplus_derivative,
            (0.0, _INFINITY),
            signed=False,
            remark="From 20 on it is z itself, as in PyTorch.",
        ),
        Activation(
            "softsign",
            "softsign",
            "a = z / (1 + |z|)",
            "f'(z) = 1 / (1 + |z|)²",
            functions.softsign,
            functions.softsign_derivative,
            (-1.0, 1.0),
            signed=True,
        ),
        Activation(
            "sin",
            "sin",
            "a = sin(z)",
            "f'(z) = cos(z)",
            functions.sin,
            functions.sin_derivative,
            (-1.0, 1.0),
            signed=True,
        ),
        Activation(
            "cos",
            "cos",
            "a = cos(z)",
            "f'(z) = −sin(z)",
            functions.cos,
            functions.cos_derivative,
            (-1.0, 1.0),
            signed=True,
        ),
        Activation(
            "gaussian",
            "Gaussian",
            "a = e^(−z²)",
            "f'(z) = −2z·a",
            functions.gaussian,
            functions.gaussian_derivative,
            (0.0, 1.0),
            signed=False,
        ),
        Activation(
            "abs",
            "absolute value",
            "a = |z|",
            "f'(z) = 1 if z > 0, −1 if z < 0, else 0",
            functions.absolute,
            functions.absolute_derivative,
            (0.0, _INFINITY),
            signed=False,
        ),
        Activation(
            "square",
            "square",
            "a = z²",
            "f'(z) = 2z",
            functions.square,
            functions.square_derivative,
            (0.0, _INFINITY),
            signed=False,
        ),
        Activation(
            "step",
            "step",
            "a = 1 if z > 0 else 0",
            "f'(z) = 0",
            functions.step,
            functions.step_derivative,
            (0.0, 1.0),
            signed=False,
            remark="Its slope is 0 everywhere, so gradient descent cannot train what feeds it.",
        ),
        Activation(
            "softmax",
            "softmax",
            "a = e^z / Σ e^z over all softmax outputs",
            "∂a_i/∂z_j = a_i·([i = j] − a_j)",
            functions.softmax,
            functions.sigmoid_derivative,
            (0.0, 1.0),
            signed=False,
            is_group=True,
        ),
    )
}
"""All activation functions by name."""
