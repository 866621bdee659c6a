"""Checks of the engine itself on a user's own network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnplay.core.checks import check_network, check_samples, describe_slot
from nnplay.core.config import LossChoice, loss_settings
from nnplay.core.network import Network
from nnplay.core.program import Program
from nnplay.core.reference import complex_step_gradient
from nnplay.core.samples import Samples
from nnplay.core.targets import encode_targets, sample_weights

__all__ = ["GradientCheck", "check_gradients"]

_TOLERANCE = 1e-9


@dataclass(frozen=True)
class GradientCheck:
    """How well backpropagation agrees with differentiation by complex steps.

    Attributes:
        worst_relative_error: largest difference, relative to the larger of the two numbers and to
            the typical size of gradient and inputs.
        slot: the parameter where it occurs, -1 for a network without parameters.
        name: that parameter's name for people.
        checked: number of parameters compared.
        samples: number of samples used.
    """

    worst_relative_error: float
    slot: int
    name: str
    checked: int
    samples: int

    @property
    def passed(self) -> bool:
        """Whether the two agree to rounding."""
        return self.worst_relative_error <= _TOLERANCE


def check_gradients(
    network: Network,
    samples: Samples,
    loss: LossChoice,
    *,
    max_samples: int = 16,
    max_slots: int = 512,
) -> GradientCheck:
    """Compare the engine's gradient with that of the independent evaluator.

    Large networks are checked on ``max_slots`` parameters and ``max_samples`` samples, spread
    evenly. Raises :class:`nnplay.core.errors.TrainingError` when network, samples and loss do not
    go together.
    """
    settings = loss_settings(loss)
    check_network(network, settings.name)
    check_samples(network, samples, settings.name, "training")
    rows = _spread(len(samples), max_samples)
    slots = _spread(network.theta.size, max_slots)
    if not slots.size or not rows.size:
        return GradientCheck(0.0, -1, "", 0, int(rows.size))
    x = samples.inputs[rows]
    y = encode_targets(
        samples,
        network,
        settings.name,
        label_smoothing=settings.label_smoothing,
        class_weights=settings.class_weights,
    )[rows]
    weights = sample_weights(samples, settings.name, settings.class_weights)
    weights = None if weights is None else weights[rows]
    program = Program(network, rows.size)
    program.backward(x, y, settings, weights)
    found = program.gradient
    with np.errstate(all="ignore"):
        expected = complex_step_gradient(
            network, x, y, settings.name, slots, delta=settings.huber_delta, weights=weights
        )
    # Numbers far below the gradient's size, or below that of what was added up, are rounding
    # themselves.
    floor = 1e-6 * max(1.0, float(np.abs(x).max(initial=0.0)), float(np.abs(found).max()))
    size = np.maximum(np.maximum(np.abs(expected), np.abs(found[slots])), floor)
    difference = np.abs(expected - found[slots])
    errors = np.divide(difference, size, out=np.zeros_like(size), where=size > 0)
    errors[~np.isfinite(expected) | ~np.isfinite(found[slots])] = np.inf
    worst = int(errors.argmax())
    slot = int(slots[worst])
    return GradientCheck(
        float(errors[worst]), slot, describe_slot(network, slot), int(slots.size), int(rows.size)
    )


def _spread(count: int, limit: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Up to ``limit`` of the numbers 0 .. count-1, evenly spread."""
    if count <= limit:
        return np.arange(count)
    return np.unique(np.linspace(0, count - 1, limit).astype(np.int64))
