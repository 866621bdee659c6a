"""A short evaluator that takes one neuron after another: the oracle for checks, never for training.

It shares no code with the compiled engine and works in any number type. With complex parameters
it serves complex-step differentiation, f'(x) = Im f(x + ih) / h, which has no cancellation and is
exact to rounding for tiny h; kinks are therefore decided on the real part.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from nnplay.core.network import Network
from nnplay.core.topology import Kind

__all__ = ["ReferenceValues", "complex_step_gradient", "evaluate", "loss_value"]

Array = npt.NDArray[Any]
FloatArray = npt.NDArray[np.float64]

_COMPLEX_STEP = 1e-200
_SLOTS_AT_ONCE = 64


class ReferenceValues(NamedTuple):
    """Weighted sums and activations of all neurons, ``[N, ..., samples]`` in row order."""

    z: Array
    a: Array


def evaluate(
    network: Network,
    x: npt.ArrayLike,
    dtype: npt.DTypeLike = np.float64,
    theta: Array | None = None,
) -> ReferenceValues:
    """Evaluate a network neuron by neuron.

    Args:
        network: the network.
        x: inputs ``[samples, inputs]``.
        dtype: number type to compute in, real or complex.
        theta: parameters to use instead of the network's: ``[P]``, or ``[P, K]`` for K variants
            at once, which gives results ``[N, K, samples]``.

    z of an input is 0. A switched-off neuron gives 0 whatever its z is.
    """
    topology = network.topology
    inputs = np.asarray(x, dtype=dtype)
    parameters = np.asarray(network.theta if theta is None else theta, dtype=dtype)[..., None]
    shape = (topology.neuron_count, *parameters.shape[1:-1], len(inputs))
    z, a = np.zeros(shape, dtype=dtype), np.zeros(shape, dtype=dtype)
    softmax = [row for row, name in enumerate(network.activations) if name == "softmax"]
    column = 0
    for row in np.argsort(network.stages, kind="stable").tolist():
        on = bool(network.neuron_enabled[row])
        if topology.kinds[row] == Kind.INPUT:
            if on:
                a[row] = inputs[:, column]
            column += 1
            continue
        if network.enabled[topology.bias_slots[row]]:
            z[row] = parameters[topology.bias_slots[row]]
        for slot in topology.incoming_slots[row].tolist():
            if network.enabled[slot]:
                z[row] += parameters[slot] * a[topology.edge_rows[slot, 0]]
        if on and row not in softmax:
            a[row] = _activate(network.activations[row], z[row])
        elif row in softmax and row == max(softmax, key=lambda r: (network.stages[r], r)):
            members = [r for r in softmax if network.neuron_enabled[r]]
            if members:
                largest = np.max([z[r].real for r in members], axis=0)
                powers = {r: np.exp(z[r] - largest) for r in members}
                for r in members:
                    a[r] = powers[r] / sum(powers.values())
    return ReferenceValues(z, a)


def _activate(name: str, z: Array) -> Array:
    if name not in _FORMS:
        raise ValueError(f"There is no activation “{name}”.")
    return np.asarray(_FORMS[name](z))


def _logistic(z: Array) -> Array:
    # Two forms, so that the exponential never overflows.
    small = np.exp(np.where(z.real > 0, -z, z))
    return np.where(z.real > 0, 1 / (1 + small), small / (1 + small))


def _softplus(z: Array) -> Array:
    return np.where(z.real > 20, z, np.log1p(np.exp(np.where(z.real > 20, 0, z))))


def _below_zero(z: Array) -> Array:
    return np.expm1(np.where(z.real > 0, 0, z))


def _normal_share(z: Array) -> Array:
    """Φ(z). NumPy has no complex error function; for a step h of 1e-200 Φ(x + ih) is
    Φ(x) + ih·φ(x) to the last digit.
    """
    x = np.real(z)
    share = np.array([0.5 * math.erfc(-v / math.sqrt(2.0)) for v in x.flat]).reshape(x.shape)
    density = np.exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi)
    return share + 1j * z.imag * density if np.iscomplexobj(z) else share


def _size(z: Array) -> Array:
    return np.where(z.real > 0, z, np.where(z.real < 0, -z, 0))


def _between(z: Array, low: float, high: float) -> Array:
    return np.where(z.real <= low, low, np.where(z.real >= high, high, z))


_FORMS: dict[str, Callable[[Array], Array]] = {
    "linear": lambda z: z.copy(),
    "relu": lambda z: np.where(z.real > 0, z, 0),
    "leaky_relu": lambda z: np.where(z.real > 0, z, 0.01 * z),
    "elu": lambda z: np.where(z.real > 0, z, _below_zero(z)),
    "selu": lambda z: (
        1.0507009873554805 * np.where(z.real > 0, z, 1.6732632423543772 * _below_zero(z))
    ),
    "gelu": lambda z: z * _normal_share(z),
    "gelu_tanh": lambda z: z * _logistic(math.sqrt(8 / math.pi) * (z + 0.044715 * z * z * z)),
    "silu": lambda z: z * _logistic(z),
    "mish": lambda z: z * np.tanh(_softplus(z)),
    "sigmoid": _logistic,
    "hard_sigmoid": lambda z: _between(z / 6 + 0.5, 0, 1),
    "tanh": np.tanh,
    "hard_tanh": lambda z: _between(z, -1, 1),
    "softplus": _softplus,
    "softsign": lambda z: z / (1 + _size(z)),
    "sin": np.sin,
    "cos": np.cos,
    "gaussian": lambda z: np.exp(-z * z),
    "abs": _size,
    "square": lambda z: z * z,
    "step": lambda z: np.where(z.real > 0, 1.0, 0.0),
}


def loss_value(
    network: Network,
    values: ReferenceValues,
    y: npt.ArrayLike,
    loss: str,
    *,
    delta: float = 1.0,
    weights: npt.ArrayLike | None = None,
) -> Any:
    """Mean loss for encoded targets ``[samples, outputs]``: a number, or one per variant.

    ``delta`` belongs to ``huber``; ``weights`` ``[samples]`` weigh samples, whose sum they divide
    (for ``softmax_cross_entropy``, whose targets contain them, they are the divisor only).
    """
    targets = np.asarray(y, dtype=np.float64)
    rows = np.flatnonzero(network.topology.kinds == Kind.OUTPUT).tolist()
    shares = np.ones(len(targets)) if weights is None else np.asarray(weights, dtype=np.float64)
    on = [i for i, row in enumerate(rows) if network.neuron_enabled[row]]
    total: Any = 0.0
    if loss in _FROM_OUTPUTS:
        one = _FROM_OUTPUTS[loss]
        for i, row in enumerate(rows):
            total = total + (shares * one(values.a[row], targets[:, i], delta)).sum(axis=-1)
        return total / (shares.sum() * (1 if loss == "half_squared" else len(rows)))
    if not on:
        return 0.0
    if loss == "binary_cross_entropy":
        for i in on:
            z = values.z[rows[i]]
            positive = z.real > 0
            part = np.where(positive, z, 0) - z * targets[:, i] + np.log(1 + np.exp(_minus_abs(z)))
            total = total + (shares * part).sum(axis=-1)
        return total / (shares.sum() * len(rows))
    if loss == "softmax_cross_entropy":
        largest = np.max([values.z[rows[i]].real for i in on], axis=0)
        log_sum = largest + np.log(sum(np.exp(values.z[rows[i]] - largest) for i in on))
        for i in on:
            total = total + (targets[:, i] * (log_sum - values.z[rows[i]])).sum(axis=-1)
        return total / shares.sum()
    raise ValueError(f"There is no loss “{loss}”.")


def _huber(a: Array, y: FloatArray, delta: float) -> Array:
    distance = _size(a - y)
    far = distance.real > delta
    return np.where(far, delta * (distance - delta / 2), (a - y) ** 2 / 2)


def _hinge(a: Array, y: FloatArray, delta: float) -> Array:
    missing = 1 - y * a
    return np.where(missing.real > 0, missing, 0)


_FROM_OUTPUTS: dict[str, Callable[[Array, FloatArray, float], Array]] = {
    "half_squared": lambda a, y, delta: (a - y) ** 2 / 2,
    "mse": lambda a, y, delta: (a - y) ** 2,
    "mae": lambda a, y, delta: _size(a - y),
    "huber": _huber,
    "hinge": _hinge,
}


def _minus_abs(z: Array) -> Array:
    return np.where(z.real > 0, -z, z)


def complex_step_gradient(
    network: Network,
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    loss: str,
    slots: npt.ArrayLike | None = None,
    *,
    delta: float = 1.0,
    weights: npt.ArrayLike | None = None,
) -> FloatArray:
    """Gradient of the mean loss by complex steps, without any backward pass.

    Args:
        network: the network.
        x: inputs ``[samples, inputs]``.
        y: encoded targets ``[samples, outputs]``.
        loss: name of the loss.
        slots: parameters to differentiate by; all if None.
        delta: Huber's turning point.
        weights: one per sample, as in :func:`loss_value`.

    Returns one derivative per slot.
    """
    chosen = np.arange(network.theta.size) if slots is None else np.asarray(slots, dtype=np.int64)
    result = np.empty(chosen.size)
    for start in range(0, chosen.size, _SLOTS_AT_ONCE):
        part = chosen[start : start + _SLOTS_AT_ONCE]
        theta = np.repeat(network.theta.astype(np.complex128)[:, None], part.size, axis=1)
        theta[part, np.arange(part.size)] += 1j * _COMPLEX_STEP
        values = evaluate(network, x, np.complex128, theta)
        value = loss_value(network, values, y, loss, delta=delta, weights=weights)
        result[start : start + part.size] = np.imag(value) / _COMPLEX_STEP
    return result
