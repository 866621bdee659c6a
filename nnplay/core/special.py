"""The error function and the normal distribution, which NumPy does not have.

Rational Chebyshev approximations of W. J. Cody, "Rational Chebyshev approximations for the error
function", Mathematics of Computation 23 (1969), 631-637: one for erf near 0, and two for erfc
behind it, whose factor e^(-x²) is computed from a rounded x so that it keeps its digits.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

__all__ = ["erf", "erfc", "normal_cdf"]

Array = npt.NDArray[Any]

_NEAR: Final = 0.46875
_FAR: Final = 4.0
_LARGEST: Final = 27.3  # erfc is below the smallest float64 from here on
_INVERSE_ROOT_PI: Final = 0.56418958354775628695
_ROOT_HALF: Final = 0.70710678118654752440


def _rows(top: tuple[float, ...], bottom: tuple[float, ...]) -> Array:
    """Coefficients of numerator and denominator by power: ``float64[powers, 2, 1]``."""
    return np.array([top, bottom]).T[:, :, None]


# Coefficients stand from the highest power down.
_NEAR_TERMS: Final = _rows(
    (
        1.85777706184603153e-1,
        3.16112374387056560e0,
        1.13864154151050156e2,
        3.77485237685302021e2,
        3.20937758913846947e3,
    ),
    (
        1.0,
        2.36012909523441209e1,
        2.44024637934444173e2,
        1.28261652607737228e3,
        2.84423683343917062e3,
    ),
)
_MIDDLE_TERMS: Final = _rows(
    (
        2.15311535474403846e-8,
        5.64188496988670089e-1,
        8.88314979438837594e0,
        6.61191906371416295e1,
        2.98635138197400131e2,
        8.81952221241769090e2,
        1.71204761263407058e3,
        2.05107837782607147e3,
        1.23033935479799725e3,
    ),
    (
        1.0,
        1.57449261107098347e1,
        1.17693950891312499e2,
        5.37181101862009858e2,
        1.62138957456669019e3,
        3.29079923573345963e3,
        4.36261909014324716e3,
        3.43936767414372164e3,
        1.23033935480374942e3,
    ),
)
_FAR_TERMS: Final = _rows(
    (
        1.63153871373020978e-2,
        3.05326634961232344e-1,
        3.60344899949804439e-1,
        1.25781726111229246e-1,
        1.60837851487422766e-2,
        6.58749161529837803e-4,
    ),
    (
        1.0,
        2.56852019228982242e0,
        1.87295284992346725e0,
        5.27905102951428412e-1,
        6.05183413124413191e-2,
        2.33520497626869185e-3,
    ),
)


def erf(x: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """The error function, 2/√π ∫₀ˣ e^(-t²) dt, to 1e-15; NaN stays NaN. Any shape, any thread."""
    values = np.asarray(x, dtype=np.float64).reshape(-1)
    size = np.abs(values)
    result = np.sign(values) * (1.0 - _tail(size))
    near = size <= _NEAR
    result[near] = _near(values[near])
    return result.reshape(np.shape(x))


def erfc(x: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """1 - erf(x), with all its digits where it is small. Any shape, any thread."""
    values = np.asarray(x, dtype=np.float64).reshape(-1)
    size = np.abs(values)
    result = _tail(size)
    np.subtract(2.0, result, result, where=values < 0.0)
    near = size <= _NEAR
    result[near] = 1.0 - _near(values[near])
    return result.reshape(np.shape(x))


def normal_cdf(z: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Φ(z), the share of a standard normal distribution below z. Any shape, any thread."""
    return 0.5 * erfc(np.multiply(z, -_ROOT_HALF, dtype=np.float64))


def _near(x: Array) -> Array:
    square = x * x
    return x * _ratio(_NEAR_TERMS, square)


def _tail(size: Array) -> Array:
    """Erfc of numbers from 0.46875 up; 0 where it is smaller than any number."""
    result = np.array(size)  # NaN stays
    far = size > _FAR
    middle = (size > _NEAR) & (size <= _FAR)
    x = size[middle]
    result[middle] = _bell(x) * _ratio(_MIDDLE_TERMS, x)
    if far.any():
        result[far] = 0.0
        far &= size < _LARGEST
        x = size[far]
        inverse = 1.0 / (x * x)
        series = inverse * _ratio(_FAR_TERMS, inverse)
        result[far] = _bell(x) * (_INVERSE_ROOT_PI - series) / x
    return result


def _bell(x: Array) -> Array:
    """e^(-x²): a plain x² would be off by up to x² roundings."""
    rough = np.trunc(x * 16.0) / 16.0
    return np.exp(-rough * rough) * np.exp((rough - x) * (x + rough))


def _ratio(terms: Array, x: Array) -> Array:
    # Horner's scheme for both at once, which halves the calls that small arrays spend their time in.
    both = np.empty((2, x.size))
    both[:] = terms[0]
    for pair in terms[1:]:
        both *= x
        both += pair
    ratio: Array = both[0] / both[1]
    return ratio
