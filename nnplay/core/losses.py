"""The table of losses: how far the outputs are from the targets, as one number.

A loss is summed over outputs and samples and then divided: by the number of samples for
``half_squared`` and ``softmax_cross_entropy``, by the number of all elements for the others (both
as PyTorch's ``reduction="mean"``).
Cross-entropies are computed from the weighted sums z, never from rounded probabilities:
``max(z, 0) - z·y + log(1 + e^-|z|)`` and ``log Σ e^z - Σ y·z``. Huber's loss is Huber 1964; at
kinks the gradient is 0 (mae where a = y, hinge where y·a = 1), as with PyTorch's ``l1_loss`` and
``relu(1 - y·a)``.

Where samples have weights, each one's share of sum and gradient is multiplied by its weight, and
the sum of the weights takes the place of the number of samples. In ``softmax_cross_entropy``
the weights of the classes are part of the targets already (PyTorch weighs every class's share of a
smoothed target by that class's own weight), so that weights given beside them change
nothing there; they only count in the divisor.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

__all__ = ["LOSSES", "Loss", "LossEvaluator"]

Array = npt.NDArray[Any]
FloatArray = npt.NDArray[np.float64]


class LossEvaluator(Protocol):
    """Evaluates a loss on bound buffers."""

    def __call__(self, y: Array, weights: FloatArray | None = None) -> float:
        """Undivided loss for targets ``[outputs, samples]``; writes the undivided gradient.

        ``weights`` are ``float64[samples]``, or None if all samples count alike.
        """


class _Bind(Protocol):
    def __call__(
        self, z: Array, a: Array, gradient: Array, delta: float = 1.0
    ) -> LossEvaluator: ...


@dataclass(frozen=True)
class Loss:
    """One loss function.

    Attributes:
        name: key in files and on the command line.
        title: name for people.
        formula: the loss of one sample as text.
        output_activation: the activation every output must have, or None if any will do.
        wants_logits: whether the gradient is taken with respect to z instead of a.
        mean_over_outputs: whether the sum is divided by the number of outputs too.
        bind: ``bind(z, a, gradient, delta=1.0)`` returns a function of the targets ``y`` (and the
            samples' weights) that writes the undivided gradient into ``gradient`` and returns the
            undivided sum. All arrays are ``[outputs, samples]``; ``gradient`` is C-contiguous.
            ``delta`` is where ``huber`` turns from squared to absolute; others ignore it.
        class_codes: the numbers for "not this class" and "this class", or None if they depend
            on the output's activation.
        smooths_labels: whether label smoothing applies.
        weights_in_targets: whether the targets contain the classes' weights.
    """

    name: str
    title: str
    formula: str
    output_activation: str | None
    wants_logits: bool
    mean_over_outputs: bool
    bind: _Bind
    class_codes: tuple[float, float] | None = None
    smooths_labels: bool = False
    weights_in_targets: bool = False

    def divisor(self, outputs: int, samples: int) -> int:
        """What the sum over outputs and samples is divided by."""
        return samples * outputs if self.mean_over_outputs else samples


def _bind_half_squared(z: Array, a: Array, gradient: Array, delta: float = 1.0) -> LossEvaluator:
    flat = gradient.reshape(-1)
    inner, subtract = flat.dot, np.subtract

    def evaluate(y: Array, weights: FloatArray | None = None) -> float:
        subtract(a, y, gradient)
        if weights is not None:
            return 0.5 * _weighted_squares(gradient, weights)
        return 0.5 * float(inner(flat))

    return evaluate


def _bind_mse(z: Array, a: Array, gradient: Array, delta: float = 1.0) -> LossEvaluator:
    flat = gradient.reshape(-1)

    def evaluate(y: Array, weights: FloatArray | None = None) -> float:
        np.subtract(a, y, gradient)
        total = float(flat.dot(flat)) if weights is None else _weighted_squares(gradient, weights)
        np.multiply(gradient, 2.0, gradient)
        return total

    return evaluate


def _weighted_squares(gradient: Array, weights: FloatArray) -> float:
    """Weighted sum of squares; every column of ``gradient`` is multiplied by its weight."""
    plain = gradient.copy()
    _weigh(gradient, weights)
    return float(plain.reshape(-1).dot(gradient.reshape(-1)))


def _weigh(values: Array, weights: FloatArray | None) -> None:
    if weights is not None:
        np.multiply(values, weights, values, casting="same_kind")


def _bind_mae(z: Array, a: Array, gradient: Array, delta: float = 1.0) -> LossEvaluator:
    scratch = np.empty_like(gradient)

    def evaluate(y: Array, weights: FloatArray | None = None) -> float:
        np.subtract(a, y, gradient)
        np.abs(gradient, scratch)
        np.sign(gradient, gradient)
        _weigh(scratch, weights)
        _weigh(gradient, weights)
        return float(scratch.sum())

    return evaluate


def _bind_huber(z: Array, a: Array, gradient: Array, delta: float = 1.0) -> LossEvaluator:
    scratch = np.empty_like(gradient)

    def evaluate(y: Array, weights: FloatArray | None = None) -> float:
        # With d = a - y and its part c between ±delta, both branches are c·(d - c/2).
        np.subtract(a, y, scratch)
        np.clip(scratch, -delta, delta, out=gradient)
        np.multiply(scratch, 2.0, scratch)
        np.subtract(scratch, gradient, scratch)
        np.multiply(scratch, gradient, scratch)
        _weigh(scratch, weights)
        _weigh(gradient, weights)
        return 0.5 * float(scratch.sum())

    return evaluate


def _bind_hinge(z: Array, a: Array, gradient: Array, delta: float = 1.0) -> LossEvaluator:
    scratch = np.empty_like(gradient)

    def evaluate(y: Array, weights: FloatArray | None = None) -> float:
        np.multiply(y, a, scratch)
        np.subtract(1.0, scratch, scratch)
        np.maximum(scratch, 0.0, out=scratch)
        np.sign(scratch, gradient)
        np.multiply(gradient, y, gradient, casting="same_kind")
        np.negative(gradient, gradient)
        _weigh(scratch, weights)
        _weigh(gradient, weights)
        return float(scratch.sum())

    return evaluate


def _bind_binary_cross_entropy(
    z: Array, a: Array, gradient: Array, delta: float = 1.0
) -> LossEvaluator:
    scratch = np.empty_like(gradient)

    def evaluate(y: Array, weights: FloatArray | None = None) -> float:
        np.abs(z, scratch)
        np.negative(scratch, scratch)
        np.exp(scratch, scratch)
        np.log1p(scratch, scratch)
        np.maximum(z, 0.0, out=gradient)
        np.add(scratch, gradient, scratch)
        np.multiply(z, y, gradient)
        np.subtract(scratch, gradient, scratch)
        np.subtract(a, y, gradient)
        _weigh(scratch, weights)
        _weigh(gradient, weights)
        return float(scratch.sum())

    return evaluate


def _bind_softmax_cross_entropy(
    z: Array, a: Array, gradient: Array, delta: float = 1.0
) -> LossEvaluator:
    scratch = np.empty_like(gradient)
    per_sample, whole, total = (np.empty_like(gradient[0]) for _ in range(3))
    # Products with ones are several times quicker than NumPy's sums over the first axis.
    over_outputs = np.ones(len(gradient), dtype=gradient.dtype).dot
    over_samples = np.ones(len(total), dtype=gradient.dtype).dot
    largest = np.maximum.reduce

    def evaluate(y: Array, weights: FloatArray | None = None) -> float:
        # The weights of the classes are in the targets, so that ``weights`` is not used.
        # Shifted by the largest z of each sample: -log p = log Σ e^(z - max) - (z - max).
        largest(z, 0, None, total)
        np.subtract(z, total, scratch)
        over_outputs(y, whole)
        np.multiply(scratch, y, gradient)
        over_outputs(gradient, per_sample)
        np.exp(scratch, scratch)
        over_outputs(scratch, total)
        np.log(total, total)
        np.multiply(total, whole, total)
        np.subtract(total, per_sample, per_sample)
        np.multiply(a, whole, gradient)
        np.subtract(gradient, y, gradient)
        return float(over_samples(per_sample))

    return evaluate


LOSSES: Final[dict[str, Loss]] = {
    loss.name: loss
    for loss in (
        Loss(
            "half_squared",
            "½ squared error",
            "½ Σ (a − y)²",
            None,
            wants_logits=False,
            mean_over_outputs=False,
            bind=_bind_half_squared,
        ),
        Loss(
            "mse",
            "Mean squared error",
            "mean of (a − y)²",
            None,
            wants_logits=False,
            mean_over_outputs=True,
            bind=_bind_mse,
        ),
        Loss(
            "mae",
            "Mean absolute error",
            "mean of |a − y|",
            None,
            wants_logits=False,
            mean_over_outputs=True,
            bind=_bind_mae,
        ),
        Loss(
            "huber",
            "Huber",
            "mean of ½(a − y)² up to |a − y| = δ, then δ·(|a − y| − ½δ)",
            None,
            wants_logits=False,
            mean_over_outputs=True,
            bind=_bind_huber,
        ),
        Loss(
            "binary_cross_entropy",
            "Binary cross-entropy",
            "mean of −(y·ln a + (1 − y)·ln(1 − a))",
            "sigmoid",
            wants_logits=True,
            mean_over_outputs=True,
            bind=_bind_binary_cross_entropy,
            class_codes=(0.0, 1.0),
            smooths_labels=True,
        ),
        Loss(
            "softmax_cross_entropy",
            "Softmax cross-entropy",
            "−Σ y·ln a",
            "softmax",
            wants_logits=True,
            mean_over_outputs=False,
            bind=_bind_softmax_cross_entropy,
            class_codes=(0.0, 1.0),
            smooths_labels=True,
            weights_in_targets=True,
        ),
        Loss(
            "hinge",
            "Hinge",
            "mean of max(0, 1 − y·a), y = ±1",
            None,
            wants_logits=False,
            mean_over_outputs=True,
            bind=_bind_hinge,
            class_codes=(-1.0, 1.0),
        ),
    )
}
"""All losses by name."""
