"""Activations in pieces: what exporters write where ONNX had no operator for a function.

``z·Sigmoid(z)`` is SiLU, ``½z·(1 + Erf(z/√2))`` is GELU, and so on. Each pattern takes two traced
tensors whose neurons are functions of the same thing and gives the activation they make up, scaled
as it has to be; None where it does not fit. Formulas: see the table of activations.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from nnplay.core.activation_functions import GELU_CUBIC, GELU_SLOPE
from nnplay.formats.onnx_symbols import CLOSE, Neurons, Traced, nearly, snapped

__all__ = [
    "combined_quotient",
    "combined_sum",
    "exponential",
    "factor",
    "inverse",
    "logarithm",
    "product",
]

FloatArray = npt.NDArray[np.float64]


def factor(a: Traced, u: Traced) -> FloatArray | None:
    """K, elementwise, where ``a = k · u``; None where there is none."""
    if a.ids.shape != u.ids.shape or not (a.ids == u.ids).all():
        return None
    fixed = u.scale == 0.0  # a neuron that nobody feeds
    if a.scale[fixed].any() or a.shift[fixed & (u.shift == 0.0)].any():
        return None
    top, bottom = np.where(fixed, a.shift, a.scale), np.where(fixed, u.shift, u.scale)
    nothing = bottom == 0.0
    k: FloatArray = np.where(nothing, 1.0, top / np.where(nothing, 1.0, bottom))
    return k if np.allclose(a.shift, k * u.shift, rtol=1e-5, atol=1e-9) else None


def product(neurons: Neurons, a: Traced, b: Traced) -> Traced | None:
    """``a · b``, elementwise, as an activation."""
    k = factor(a, b)
    if k is not None and (a.ids >= 0).all():
        return neurons.applied("square", b).times(snapped(k))
    return _product(neurons, a, b) or _product(neurons, b, a)


def _product(neurons: Neurons, a: Traced, b: Traced) -> Traced | None:
    """``a`` is a multiple of u, and ``b`` has a function of u in it."""
    if not (b.ids >= 0).all():
        return None
    u = neurons.before(b)
    if neurons.is_all(b.ids, "tanh") and neurons.is_all(u.ids, "cubic"):
        inner = neurons.before(u)
        k = factor(a, inner)
        if k is None or not (
            nearly(u.scale, GELU_SLOPE / 2) and nearly(u.shift, 0.0) and nearly(b.shift, b.scale)
        ):
            return None
        return neurons.applied("gelu_tanh", inner).times(snapped(2.0 * k * b.scale))
    if neurons.is_all(b.ids, "tanh") and neurons.is_all(u.ids, "softplus"):
        inner = neurons.before(u)
        k = factor(a, inner)
        if k is None or not (nearly(u.scale, 1.0) and not u.shift.any() and not b.shift.any()):
            return None
        return neurons.applied("mish", inner).times(snapped(k * b.scale))
    k = factor(a, u)
    if k is None:
        return None
    if neurons.is_all(b.ids, "sigmoid") and not b.shift.any():
        return neurons.applied("silu", u).times(snapped(k * b.scale))
    if neurons.is_all(b.ids, "erf") and nearly(b.shift, b.scale):
        # u·(1 + erf u) = √2·gelu(√2·u)
        root = math.sqrt(2.0)
        return neurons.applied("gelu", u.times(root)).times(snapped(k * b.scale * root))
    if neurons.is_all(b.ids, "square"):
        if not b.shift.any():
            return neurons.applied("cube", u).times(k * b.scale)
        if nearly(b.scale, GELU_CUBIC * b.shift):
            return neurons.applied("cubic", u).times(snapped(k * b.shift))
    return None


def combined_sum(neurons: Neurons, a: Traced, b: Traced) -> Traced | None:
    """``a + b`` as ``u + 0.044715·u³``, the inside of GELU (tanh)."""
    if neurons.is_all(a.ids, "cube"):
        a, b = b, a
    if not neurons.is_all(b.ids, "cube") or b.shift.any():
        return None
    u = neurons.before(b)
    k = factor(a, u)
    if k is None or not nearly(b.scale, GELU_CUBIC * k):
        return None
    return neurons.applied("cubic", u).times(snapped(k))


def combined_quotient(neurons: Neurons, a: Traced, b: Traced) -> Traced | None:
    """``a / b``, elementwise, as softsign or SiLU."""
    if not (b.ids >= 0).all() or not nearly(b.shift, b.scale) or (b.scale == 0.0).any():
        return None
    u = neurons.before(b)
    if neurons.is_all(b.ids, "abs"):
        k = factor(a, u)
        return None if k is None else neurons.applied("softsign", u).times(snapped(k / b.scale))
    if neurons.is_all(b.ids, "exp"):
        k = factor(a, u.times(-1.0))
        if k is not None:
            return neurons.applied("silu", u.times(-1.0)).times(snapped(k / b.scale))
    return None


def inverse(neurons: Neurons, b: Traced) -> Traced | None:
    """``1 / b`` as a sigmoid."""
    if not neurons.is_all(b.ids, "exp") or not nearly(b.shift, b.scale) or not b.scale.all():
        return None
    return neurons.applied("sigmoid", neurons.before(b).times(-1.0)).times(snapped(1.0 / b.scale))


def exponential(neurons: Neurons, a: Traced) -> Traced:
    """``e^a``: a Gaussian over a square, else a step on the way to something else."""
    if neurons.is_all(a.ids, "square") and (a.scale < 0.0).all() and (np.abs(a.shift) < 50).all():
        u = neurons.before(a).times(np.sqrt(-a.scale))
        return neurons.applied("gaussian", u).times(np.exp(a.shift))
    return neurons.applied("exp", a)


def logarithm(neurons: Neurons, a: Traced) -> Traced | None:
    """``ln a`` as softplus: of 1 + e^u, or of a sigmoid, which is −softplus(−u)."""
    if neurons.is_all(a.ids, "sigmoid") and a.is_plain:
        return neurons.applied("softplus", neurons.before(a).times(-1.0)).times(-1.0)
    if neurons.is_all(a.ids, "exp") and nearly(a.scale, 1.0) and nearly(a.shift, 1.0):
        return neurons.applied("softplus", neurons.before(a))
    return None


def is_close(values: FloatArray, number: float) -> bool:
    """Whether all numbers are this one, as well as 32 bits can say."""
    return bool((np.abs(values - number) <= CLOSE * max(1.0, abs(number))).all())
