"""The table of losses: how far the outputs are from the targets, as one number.

A loss is summed over outputs and samples and then divided: by the number of samples for
``half_squared`` and ``softmax_cross_entropy``, by the number of all elements for ``mse`` and
``binary_cross_entropy`` (both as PyTorch's ``reduction="mean"``).
Cross-entropies are computed from the weighted sums z, never from rounded probabilities:
``max(z, 0) - z·y + log(1 + e^-|z|)`` and ``log Σ e^z - Σ y·z``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

__all__ = ["LOSSES", "Loss"]

Array = npt.NDArray[Any]
Evaluator = Callable[[Array], float]


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
        bind: ``bind(z, a, gradient)`` returns a function of the targets ``y`` that writes the
            undivided gradient into ``gradient`` and returns the undivided sum. All arrays are
            ``[outputs, samples]``; ``gradient`` is C-contiguous.
    """

    name: str
    title: str
    formula: str
    output_activation: str | None
    wants_logits: bool
    mean_over_outputs: bool
    bind: Callable[[Array, Array, Array], Evaluator]

    def divisor(self, outputs: int, samples: int) -> int:
        """What the sum over outputs and samples is divided by."""
        return samples * outputs if self.mean_over_outputs else samples


def _bind_half_squared(z: Array, a: Array, gradient: Array) -> Evaluator:
    flat = gradient.reshape(-1)
    inner, subtract = flat.dot, np.subtract

    def evaluate(y: Array) -> float:
        subtract(a, y, gradient)
        return 0.5 * float(inner(flat))

    return evaluate


def _bind_mse(z: Array, a: Array, gradient: Array) -> Evaluator:
    flat = gradient.reshape(-1)

    def evaluate(y: Array) -> float:
        np.subtract(a, y, gradient)
        total = float(flat.dot(flat))
        np.multiply(gradient, 2.0, gradient)
        return total

    return evaluate


def _bind_binary_cross_entropy(z: Array, a: Array, gradient: Array) -> Evaluator:
    scratch = np.empty_like(gradient)

    def evaluate(y: Array) -> float:
        np.abs(z, scratch)
        np.negative(scratch, scratch)
        np.exp(scratch, scratch)
        np.log1p(scratch, scratch)
        np.maximum(z, 0.0, out=gradient)
        np.add(scratch, gradient, scratch)
        np.multiply(z, y, gradient)
        np.subtract(scratch, gradient, scratch)
        np.subtract(a, y, gradient)
        return float(scratch.sum())

    return evaluate


def _bind_softmax_cross_entropy(z: Array, a: Array, gradient: Array) -> Evaluator:
    scratch = np.empty_like(gradient)
    per_sample, weight, total = (np.empty_like(gradient[0]) for _ in range(3))
    largest, add = np.maximum.reduce, np.add.reduce

    def evaluate(y: Array) -> float:
        # Shifted by the largest z of each sample: -log p = log Σ e^(z - max) - (z - max).
        largest(z, 0, None, total)
        np.subtract(z, total, scratch)
        add(y, 0, None, weight)
        np.multiply(scratch, y, gradient)
        add(gradient, 0, None, per_sample)
        np.exp(scratch, scratch)
        add(scratch, 0, None, total)
        np.log(total, total)
        np.multiply(total, weight, total)
        np.subtract(total, per_sample, per_sample)
        np.multiply(a, weight, gradient)
        np.subtract(gradient, y, gradient)
        return float(add(per_sample))

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
            "binary_cross_entropy",
            "Binary cross-entropy",
            "mean of −(y·ln a + (1 − y)·ln(1 − a))",
            "sigmoid",
            wants_logits=True,
            mean_over_outputs=True,
            bind=_bind_binary_cross_entropy,
        ),
        Loss(
            "softmax_cross_entropy",
            "Softmax cross-entropy",
            "−Σ y·ln a",
            "softmax",
            wants_logits=True,
            mean_over_outputs=False,
            bind=_bind_softmax_cross_entropy,
        ),
    )
}
"""All losses by name."""
