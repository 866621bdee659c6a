"""Exponentials that LLVM can vectorise: Numba brings no vector library of its own.

Everything is free of branches and rounds like a good scalar library, to a few units in the last
place. NaN stays NaN and infinities give the right limits. Results below the smallest normal
number become 0.

The polynomials interpolate e^r - 1 on ±½·ln 2 and ln(1 + u) on [0, 1] at Chebyshev nodes, with
relative errors of 4e-17 and 5e-18; the range reduction with a two-part ln 2 is that of Cody & Waite 1980,
Software manual for the elementary functions.
"""

from __future__ import annotations

import math

from numba import njit

from nnplay.compiled.vectors import bits_of, float_of

__all__ = [
    "OPTIONS",
    "exp",
    "exp_and_expm1",
    "expm1",
    "log1p_small",
    "normal_cdf",
    "sigmoid",
    "sign",
    "tanh",
]

OPTIONS = {"error_model": "numpy", "fastmath": {"contract"}, "nogil": True}
"""How everything here is compiled: divisions by 0 give infinities, and products may be fused
with sums, but nothing is assumed about NaN or infinities and sums are not reordered."""

_LOG2_E = 1.4426950408889634
_LN2_HIGH = 0.693147180369123816490
_LN2_LOW = 1.90821492927058770002e-10
# Added to a number below 2^51 it leaves the nearest whole number in the lowest bits.
_ROUNDING = 6755399441055744.0
_LARGEST = 709.4
_SMALLEST = -708.0


@njit(**OPTIONS)
def _expm1_reduced(r):
    """e^r - 1 for |r| <= ½·ln 2."""
    q = 2.5100472505694996e-08
    q = q * r + 2.7620201591031547e-07
    q = q * r + 2.7557268276905696e-06
    q = q * r + 2.4801521057868204e-05
    q = q * r + 0.00019841269863171557
    q = q * r + 0.0013888888917367081
    q = q * r + 0.008333333333330039
    q = q * r + 0.041666666666623824
    q = q * r + 0.16666666666666669
    q = q * r + 0.5
    return r + r * r * q


@njit(**OPTIONS)
def exp(x):
    """e^x."""
    near = _LARGEST if x > _LARGEST else (_SMALLEST if x < _SMALLEST else x)
    shifted = near * _LOG2_E + _ROUNDING
    whole = shifted - _ROUNDING
    r = (near - whole * _LN2_HIGH) - whole * _LN2_LOW
    power = float_of((bits_of(shifted) << 52) + 4607182418800017408)  # 2^whole
    value = power + power * _expm1_reduced(r)
    value = math.inf if x > _LARGEST else value
    return 0.0 if x < _SMALLEST else value


@njit(**OPTIONS)
def expm1(x):
    """e^x - 1 with all its digits near 0."""
    near = _LARGEST if x > _LARGEST else (-40.0 if x < -40.0 else x)
    shifted = near * _LOG2_E + _ROUNDING
    whole = shifted - _ROUNDING
    r = (near - whole * _LN2_HIGH) - whole * _LN2_LOW
    power = float_of((bits_of(shifted) << 52) + 4607182418800017408)
    value = power * _expm1_reduced(r) + (power - 1.0)
    return math.inf if x > _LARGEST else value


@njit(**OPTIONS)
def exp_and_expm1(x):
    """e^x and e^x - 1 for x <= 0, each with all its digits."""
    near = _SMALLEST if x < _SMALLEST else x
    shifted = near * _LOG2_E + _ROUNDING
    whole = shifted - _ROUNDING
    r = (near - whole * _LN2_HIGH) - whole * _LN2_LOW
    power = float_of((bits_of(shifted) << 52) + 4607182418800017408)
    product = power * _expm1_reduced(r)
    return (0.0 if x < _SMALLEST else power + product), product + (power - 1.0)


@njit(**OPTIONS)
def tanh(x):
    """The hyperbolic tangent, from e^(2|x|) - 1, which loses no digits near 0."""
    size = abs(x)
    doubled = 40.0 if size > 20.0 else 2.0 * size
    power = expm1(doubled)
    return math.copysign(power / (power + 2.0), x)


@njit(**OPTIONS)
def sigmoid(x):
    """1 / (1 + e^-x)."""
    return 1.0 / (1.0 + exp(-x))


@njit(**OPTIONS)
def log1p_small(u):
    """ln(1 + u) for 0 <= u <= 1, as 2·artanh(u / (2 + u))."""
    s = u / (2.0 + u)
    t = s * s
    q = 0.08082022805971766
    q = q * t + 0.04400369243072337
    q = q * t + 0.06000536404795356
    q = q * t + 0.06657072104827468
    q = q * t + 0.07692785032479312
    q = q * t + 0.09090894718066429
    q = q * t + 0.11111111358713932
    q = q * t + 0.1428571428355438
    q = q * t + 0.20000000000007292
    q = q * t + 0.3333333333333333
    return 2.0 * (s + s * t * q)


@njit(**OPTIONS)
def sign(x):
    """1, 0 or -1; NaN for NaN."""
    return x if x != x else (1.0 if x > 0.0 else (-1.0 if x < 0.0 else 0.0))


@njit(**OPTIONS)
def normal_cdf(z):
    """The share of a standard normal distribution below z."""
    return 0.5 * math.erfc(-0.70710678118654752440 * z)
