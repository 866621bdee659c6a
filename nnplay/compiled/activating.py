"""All activation functions with their derivatives, over a run of tiles.

Value and derivative are computed together, as they share their exponentials. Formulas and values
at kinks are those of :mod:`nnplay.core.activation_functions`.
"""

from __future__ import annotations

import math

from numba import njit

from nnplay.compiled.codes import ACTIVATION_CODES
from nnplay.compiled.functions import (
    OPTIONS,
    exp,
    exp_and_expm1,
    log1p_small,
    normal_cdf,
    sigmoid,
    sign,
    tanh,
)
from nnplay.core.activation_functions import (
    GELU_CUBIC,
    GELU_SLOPE,
    LEAK,
    SELU_ALPHA,
    SELU_SCALE,
    SOFTPLUS_LINEAR_ABOVE,
)

__all__ = ["SOFTMAX", "activate", "softmax", "softmax_pull_back"]

SOFTMAX = ACTIVATION_CODES["softmax"]
_LINEAR = ACTIVATION_CODES["linear"]
_RELU = ACTIVATION_CODES["relu"]
_LEAKY_RELU = ACTIVATION_CODES["leaky_relu"]
_ELU = ACTIVATION_CODES["elu"]
_SELU = ACTIVATION_CODES["selu"]
_GELU = ACTIVATION_CODES["gelu"]
_GELU_TANH = ACTIVATION_CODES["gelu_tanh"]
_SILU = ACTIVATION_CODES["silu"]
_MISH = ACTIVATION_CODES["mish"]
_SIGMOID = ACTIVATION_CODES["sigmoid"]
_HARD_SIGMOID = ACTIVATION_CODES["hard_sigmoid"]
_TANH = ACTIVATION_CODES["tanh"]
_HARD_TANH = ACTIVATION_CODES["hard_tanh"]
_SOFTPLUS = ACTIVATION_CODES["softplus"]
_SOFTSIGN = ACTIVATION_CODES["softsign"]
_SIN = ACTIVATION_CODES["sin"]
_COS = ACTIVATION_CODES["cos"]
_GAUSSIAN = ACTIVATION_CODES["gaussian"]
_ABS = ACTIVATION_CODES["abs"]
_SQUARE = ACTIVATION_CODES["square"]

_INVERSE_ROOT_TWO_PI = 0.39894228040143267794
# Beyond ±30 the smooth ReLUs are 0 or z to the last digit.
_SATURATED = 30.0


@njit(**OPTIONS)
def activate(code, z, a, f, count):
    """Write f(z) into ``a`` and f'(z) into ``f``; all three are ``float64*`` to ``count`` numbers.

    Every branch is one loop without branches of its own, for LLVM to vectorise.
    """
    if code == _LINEAR:
        for i in range(count):
            a[i] = z[i]
            f[i] = 1.0
    elif code == _RELU:
        for i in range(count):
            x = z[i]
            a[i] = 0.0 if x <= 0.0 else x
            f[i] = 0.0 if x <= 0.0 else 1.0
    elif code == _LEAKY_RELU:
        for i in range(count):
            x = z[i]
            slope = 1.0 if x > 0.0 else LEAK
            a[i] = x * slope
            f[i] = slope
    elif code == _ELU:
        for i in range(count):
            x = z[i]
            power, less = exp_and_expm1(0.0 if x > 0.0 else x)
            a[i] = x if x > 0.0 else less
            f[i] = power
    elif code == _SELU:
        for i in range(count):
            x = z[i]
            power, less = exp_and_expm1(0.0 if x > 0.0 else x)
            a[i] = SELU_SCALE * x if x > 0.0 else (SELU_SCALE * SELU_ALPHA) * less
            f[i] = SELU_SCALE if x > 0.0 else (SELU_SCALE * SELU_ALPHA) * power
    elif code == _GELU:
        for i in range(count):
            x = z[i]
            share = normal_cdf(x)
            a[i] = x * share
            f[i] = exp(-0.5 * (x * x)) * x * _INVERSE_ROOT_TWO_PI + share
    elif code == _GELU_TANH:
        for i in range(count):
            x = z[i]
            near = _SATURATED if x > _SATURATED else (-_SATURATED if x < -_SATURATED else x)
            square = near * near
            share = 1.0 / (1.0 + exp((square * (-GELU_SLOPE * GELU_CUBIC) - GELU_SLOPE) * near))
            inner = (square * (3.0 * GELU_SLOPE * GELU_CUBIC) + GELU_SLOPE) * near
            a[i] = x * share
            f[i] = share * (1.0 + inner * (1.0 - share))
    elif code == _SILU:
        for i in range(count):
            x = z[i]
            share = sigmoid(x)
            a[i] = x * share
            f[i] = share * (1.0 + x * (1.0 - share))
    elif code == _MISH:
        for i in range(count):
            x = z[i]
            near = _SATURATED if x > _SATURATED else x
            power = exp(near)
            top = power * (power + 2.0)
            below = 1.0 / (top + 2.0)
            a[i] = x * (top * below)
            f[i] = (top + 4.0 * (near * (power * (power + 1.0))) * below) * below
    elif code == _SIGMOID:
        for i in range(count):
            share = sigmoid(z[i])
            a[i] = share
            f[i] = share * (1.0 - share)
    elif code == _HARD_SIGMOID:
        for i in range(count):
            x = z[i]
            shifted = x + 3.0
            a[i] = (0.0 if shifted < 0.0 else (6.0 if shifted > 6.0 else shifted)) / 6.0
            f[i] = 1.0 / 6.0 if abs(x) < 3.0 else 0.0
    elif code == _TANH:
        for i in range(count):
            x = tanh(z[i])
            a[i] = x
            f[i] = 1.0 - x * x
    elif code == _HARD_TANH:
        for i in range(count):
            x = z[i]
            a[i] = -1.0 if x < -1.0 else (1.0 if x > 1.0 else x)
            f[i] = 1.0 if abs(x) < 1.0 else 0.0
    elif code == _SOFTPLUS:
        for i in range(count):
            x = z[i]
            power = exp(-abs(x))
            smooth = (x if x > 0.0 else 0.0) + log1p_small(power)
            share = (1.0 if x >= 0.0 else power) / (1.0 + power)
            a[i] = x if x > SOFTPLUS_LINEAR_ABOVE else smooth
            f[i] = 1.0 if x > SOFTPLUS_LINEAR_ABOVE else share
    elif code == _SOFTSIGN:
        for i in range(count):
            x = z[i]
            below = 1.0 / (1.0 + abs(x))
            a[i] = x / (1.0 + abs(x))
            f[i] = below * below
    elif code == _SIN:
        for i in range(count):
            x = z[i]
            a[i] = math.sin(x)
            f[i] = math.cos(x)
    elif code == _COS:
        for i in range(count):
            x = z[i]
            a[i] = math.cos(x)
            f[i] = -math.sin(x)
    elif code == _GAUSSIAN:
        for i in range(count):
            x = z[i]
            bell = exp(-(x * x))
            a[i] = bell
            f[i] = -2.0 * (bell * x)
    elif code == _ABS:
        for i in range(count):
            x = z[i]
            a[i] = abs(x)
            f[i] = sign(x)
    elif code == _SQUARE:
        for i in range(count):
            x = z[i]
            a[i] = x * x
            f[i] = 2.0 * x
    else:  # step
        for i in range(count):
            x = z[i]
            a[i] = x if x != x else (1.0 if x > 0.0 else 0.0)
            f[i] = 0.0


@njit(**OPTIONS)
def softmax(z, a, count, largest, total, lanes):
    """Softmax over ``count`` tiles of ``lanes`` samples; keeps the largest z and Σ e^(z - largest) of each lane."""
    for t in range(lanes):
        largest[t] = z[t]
    for row in range(1, count):
        for t in range(lanes):
            x, top = z[row * lanes + t], largest[t]
            # A comparison with NaN is false both ways round, and NaN must win.
            largest[t] = top if top >= x or top != top else x
    for t in range(lanes):
        total[t] = 0.0
    for row in range(count):
        for t in range(lanes):
            power = exp(z[row * lanes + t] - largest[t])
            a[row * lanes + t] = power
            total[t] += power
    for row in range(count):
        for t in range(lanes):
            a[row * lanes + t] /= total[t]


@njit(**OPTIONS)
def softmax_pull_back(a, d, count, total, lanes):
    """Turn dE/da into dE/dz for a softmax group, in place: a_i (dE/da_i - Σ_j a_j dE/da_j)."""
    for t in range(lanes):
        total[t] = 0.0
    for i in range(count):
        for t in range(lanes):
            total[t] += a[i * lanes + t] * d[i * lanes + t]
    for i in range(count):
        for t in range(lanes):
            d[i * lanes + t] = (d[i * lanes + t] - total[t]) * a[i * lanes + t]
