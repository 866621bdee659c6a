"""What the activations of the table compute: f(z) and f'(z) on whole blocks.

Every function works on ``[neurons, samples]`` in float64 or float32 and writes into ``out``, which
is never ``z`` or ``a`` itself. Few need private scratch; it is made in the call, so that any number
of threads may compute at once. Exponentials may overflow to infinity on the way, always towards
the right limit: no finite z gives NaN. NaN stays NaN in f(z).

Derivatives are taken from z; only ReLU, sigmoid and tanh, which cost least that way, read
``a = f(z)``. Sources: ELU, Clevert et al. 2015; SELU, Klambauer et al. 2017; GELU, Hendrycks and
Gimpel 2016; SiLU, Elfwing et al. 2017; Mish, Misra 2019; values at kinks, PyTorch.
"""

# The formulas stand in the table; a sentence for each function would only repeat them.
# ruff: noqa: D103

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from nnplay.core.special import normal_cdf

Array = npt.NDArray[Any]

LEAK: Final = 0.01
"""Slope of leaky ReLU for negative z, as in PyTorch."""

SELU_SCALE: Final = 1.0507009873554804934193349852946
SELU_ALPHA: Final = 1.6732632423543772848170429916717
"""The numbers for which SELU keeps mean 0 and variance 1 (Klambauer et al. 2017)."""

GELU_SLOPE: Final = 1.5957691216057307118  # 2·√(2/π)
GELU_CUBIC: Final = 0.044715
"""GELU (tanh) is z·σ(slope·(z + cubic·z³)), which equals ½z(1 + tanh(slope/2·(…)))."""

SOFTPLUS_LINEAR_ABOVE: Final = 20.0
"""From here on softplus is z itself, as in PyTorch."""

_INVERSE_ROOT_TWO_PI: Final = 0.39894228040143267794
# Beyond, Mish and GELU are 0 or z to the last digit; up to it, no square overflows in float32.
_SATURATED: Final = 30.0
_GELU_SATURATED: Final = 10.0


def linear(z: Array, out: Array) -> None:
    np.copyto(out, z)


def linear_derivative(z: Array, a: Array, out: Array) -> None:
    out.fill(1.0)


def relu(z: Array, out: Array) -> None:
    np.maximum(z, 0.0, out=out)


def relu_derivative(z: Array, a: Array, out: Array) -> None:
    np.sign(a, out)  # a is never negative; twice as quick as heaviside


def leaky_relu(z: Array, out: Array) -> None:
    np.multiply(z, LEAK, out)
    np.maximum(z, out, out=out)


def leaky_relu_derivative(z: Array, a: Array, out: Array) -> None:
    np.heaviside(z, 0.0, out)
    np.multiply(out, 1.0 - LEAK, out)
    np.add(out, LEAK, out)


def elu(z: Array, out: Array) -> None:
    np.minimum(z, 0.0, out=out)
    np.expm1(out, out)
    np.maximum(z, out, out=out)  # e^z - 1 is never below z


def elu_derivative(z: Array, a: Array, out: Array) -> None:
    np.minimum(z, 0.0, out=out)
    np.exp(out, out)


def selu(z: Array, out: Array) -> None:
    np.minimum(z, 0.0, out=out)
    np.expm1(out, out)
    np.multiply(out, SELU_SCALE * SELU_ALPHA, out)
    np.multiply(z, SELU_SCALE, out, where=z > 0.0)


def selu_derivative(z: Array, a: Array, out: Array) -> None:
    np.minimum(z, 0.0, out=out)
    np.exp(out, out)
    np.multiply(out, SELU_SCALE * SELU_ALPHA, out)
    np.copyto(out, SELU_SCALE, where=z > 0.0)


def gelu(z: Array, out: Array) -> None:
    np.multiply(z, normal_cdf(z), out, casting="same_kind")


def gelu_derivative(z: Array, a: Array, out: Array) -> None:
    # Φ(z) + z·φ(z)
    np.multiply(z, z, out)
    np.multiply(out, -0.5, out)
    np.exp(out, out)
    np.multiply(out, z, out)
    np.multiply(out, _INVERSE_ROOT_TWO_PI, out)
    np.add(out, normal_cdf(z), out, casting="same_kind")


def gelu_tanh(z: Array, out: Array) -> None:
    np.multiply(z, z, out)
    np.multiply(out, -GELU_SLOPE * GELU_CUBIC, out)
    np.subtract(out, GELU_SLOPE, out)
    np.multiply(out, z, out)
    np.exp(out, out)
    np.add(out, 1.0, out)
    np.divide(z, out, out)


def gelu_tanh_derivative(z: Array, a: Array, out: Array) -> None:
    # s + z·s·(1 - s)·v' with s = σ(v), v = slope·(z + cubic·z³) and 1 - s = e^(-v)·s
    near = np.clip(z, -_GELU_SATURATED, _GELU_SATURATED)
    square = near * near
    np.multiply(square, -GELU_SLOPE * GELU_CUBIC, out)
    np.subtract(out, GELU_SLOPE, out)
    np.multiply(out, near, out)
    power = np.exp(out)
    np.add(power, 1.0, out)
    np.divide(1.0, out, out)
    np.multiply(square, 3.0 * GELU_SLOPE * GELU_CUBIC, square)
    np.add(square, GELU_SLOPE, square)
    np.multiply(square, near, square)
    np.multiply(power, out, power)
    np.multiply(square, power, square)
    np.add(square, 1.0, square)
    np.multiply(out, square, out)


def silu(z: Array, out: Array) -> None:
    np.negative(z, out)
    np.exp(out, out)
    np.add(out, 1.0, out)
    np.divide(z, out, out)


def silu_derivative(z: Array, a: Array, out: Array) -> None:
    # s·(1 + z·(1 - s)) with s = σ(z)
    sigmoid(z, out)
    scratch = np.subtract(1.0, out)
    np.multiply(scratch, z, scratch)
    np.add(scratch, 1.0, scratch)
    np.multiply(out, scratch, out)


def mish(z: Array, out: Array) -> None:
    # tanh(ln(1 + w)) = n / (n + 2) with w = e^z and n = w·(w + 2)
    np.minimum(z, _SATURATED, out=out)
    np.exp(out, out)
    scratch = np.add(out, 2.0)
    np.multiply(out, scratch, out)
    np.add(out, 2.0, scratch)
    np.divide(out, scratch, out)
    np.multiply(out, z, out)


def mish_derivative(z: Array, a: Array, out: Array) -> None:
    # (n + 4·z·w·(w + 1) / (n + 2)) / (n + 2), with w and n as above
    near = np.minimum(z, _SATURATED)
    power = np.exp(near)
    np.add(power, 2.0, out)
    np.multiply(out, power, out)
    scratch = np.add(power, 1.0)
    np.multiply(scratch, power, scratch)
    np.multiply(scratch, near, scratch)
    np.multiply(scratch, 4.0, scratch)
    np.add(out, 2.0, power)
    np.divide(scratch, power, scratch)
    np.add(out, scratch, out)
    np.divide(out, power, out)


def sigmoid(z: Array, out: Array) -> None:
    # exp(-z) overflows to infinity for very negative z, which gives the right answer 0.
    np.negative(z, out)
    np.exp(out, out)
    np.add(out, 1.0, out)
    np.divide(1.0, out, out)


def sigmoid_derivative(z: Array, a: Array, out: Array) -> None:
    np.subtract(1.0, a, out)
    np.multiply(out, a, out)


def hard_sigmoid(z: Array, out: Array) -> None:
    np.add(z, 3.0, out)
    np.clip(out, 0.0, 6.0, out=out)
    np.divide(out, 6.0, out)


def hard_sigmoid_derivative(z: Array, a: Array, out: Array) -> None:
    np.abs(z, out)
    np.less(out, 3.0, out)
    np.divide(out, 6.0, out)


def tanh(z: Array, out: Array) -> None:
    np.tanh(z, out)


def tanh_derivative(z: Array, a: Array, out: Array) -> None:
    np.multiply(a, a, out)
    np.subtract(1.0, out, out)


def hard_tanh(z: Array, out: Array) -> None:
    np.clip(z, -1.0, 1.0, out=out)


def hard_tanh_derivative(z: Array, a: Array, out: Array) -> None:
    np.abs(z, out)
    np.less(out, 1.0, out)


def softplus(z: Array, out: Array) -> None:
    np.minimum(z, SOFTPLUS_LINEAR_ABOVE, out=out)
    np.exp(out, out)
    np.log1p(out, out)
    np.copyto(out, z, where=z > SOFTPLUS_LINEAR_ABOVE)


def softplus_derivative(z: Array, a: Array, out: Array) -> None:
    sigmoid(z, out)
    np.copyto(out, 1.0, where=z > SOFTPLUS_LINEAR_ABOVE)


def softsign(z: Array, out: Array) -> None:
    np.abs(z, out)
    np.add(out, 1.0, out)
    np.divide(z, out, out)


def softsign_derivative(z: Array, a: Array, out: Array) -> None:
    np.abs(z, out)
    np.add(out, 1.0, out)
    np.divide(1.0, out, out)
    np.multiply(out, out, out)


def sin(z: Array, out: Array) -> None:
    np.sin(z, out)


def sin_derivative(z: Array, a: Array, out: Array) -> None:
    np.cos(z, out)


def cos(z: Array, out: Array) -> None:
    np.cos(z, out)


def cos_derivative(z: Array, a: Array, out: Array) -> None:
    np.sin(z, out)
    np.negative(out, out)


def gaussian(z: Array, out: Array) -> None:
    np.multiply(z, z, out)
    np.negative(out, out)
    np.exp(out, out)


def gaussian_derivative(z: Array, a: Array, out: Array) -> None:
    gaussian(z, out)
    np.multiply(out, z, out)
    np.multiply(out, -2.0, out)


def absolute(z: Array, out: Array) -> None:
    np.abs(z, out)


def absolute_derivative(z: Array, a: Array, out: Array) -> None:
    np.sign(z, out)


def square(z: Array, out: Array) -> None:
    np.multiply(z, z, out)


def square_derivative(z: Array, a: Array, out: Array) -> None:
    np.multiply(z, 2.0, out)


def step(z: Array, out: Array) -> None:
    np.heaviside(z, 0.0, out)


def step_derivative(z: Array, a: Array, out: Array) -> None:
    out.fill(0.0)


def softmax(z: Array, out: Array) -> None:
    np.subtract(z, np.maximum.reduce(z), out)
    np.exp(out, out)
    # A product with ones is several times quicker than NumPy's sum over the first axis.
    np.divide(out, np.ones(len(out), dtype=out.dtype).dot(out), out)


def softmax_pull_back(a: Array, gradient: Array) -> None:
    """Turn dE/da into dE/dz for a softmax group, in place.

    dE/dz_i = a_i (dE/da_i - sum_j a_j dE/da_j). Both arrays are ``[members, samples]``.
    """
    np.subtract(gradient, (a * gradient).sum(axis=0), gradient)
    np.multiply(gradient, a, gradient)
