"""Checks of the engine itself on a user's own network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nnplay.core.checks import check_network, check_samples, describe_slot
from nnplay.core.config import LossChoice, loss_settings
from nnplay.core.network import Network
from nnplay.core.program import Program
from nnplay.core.reference import complex_step_gradient
from nnplay.core.samples import Samples
from nnplay.core.targets import encode_targets, sample_weights

__all__ = ["GradientCheck", "ParameterCheck", "check_gradients"]

_TOLERANCE = 1e-9
_SLOTS_AT_ONCE = 64


@dataclass(frozen=True)
class ParameterCheck:
    """One parameter's derivative, computed in two ways.

    Attributes:
        slot: the parameter.
        name: its name for people.
        backpropagated: what the engine says.
        by_complex_step: what differentiation by a complex step says.
        relative_error: their difference; see :attr:`GradientCheck.worst_relative_error`.
    """

    slot: int
    name: str
    backpropagated: float
    by_complex_step: float
    relative_error: float


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
        parameters: number of parameters there are.
        worst: the parameters with the largest errors, the worst first.
    """

    worst_relative_error: float
    slot: int
    name: str
    checked: int
    samples: int
    parameters: int = 0
    worst: tuple[ParameterCheck, ...] = ()

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
    listed: int = 0,
    look_around: Callable[[], None] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> GradientCheck:
    """Compare the engine's gradient with that of the independent evaluator.

    Large networks are checked on ``max_slots`` parameters and ``max_samples`` samples, spread
    evenly. ``listed`` is how many of the worst parameters are told by name. ``look_around`` is
    called now and then and may raise to give it up; ``on_progress`` is told the number of
    parameters done and of all to do. Raises :class:`nnplay.core.errors.TrainingError` when network, samples and loss do not
    go together.
    """
    settings = loss_settings(loss)
    check_network(network, settings.name)
    check_samples(network, samples, settings.name, "training")
    rows = _spread(len(samples), max_samples)
    slots = _spread(network.theta.size, max_slots)
    if not slots.size or not rows.size:
        return GradientCheck(0.0, -1, "", 0, int(rows.size), network.theta.size)
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
    expected = np.empty(slots.size)
    for start in range(0, slots.size, _SLOTS_AT_ONCE):
        if look_around is not None:
            look_around()
        part = slice(start, start + _SLOTS_AT_ONCE)
        with np.errstate(all="ignore"):
            expected[part] = complex_step_gradient(
                network,
                x,
                y,
                settings.name,
                slots[part],
                delta=settings.huber_delta,
                weights=weights,
            )
        if on_progress is not None:
            on_progress(min(start + _SLOTS_AT_ONCE, int(slots.size)), int(slots.size))
    # Numbers far below the gradient's size, or below that of what was added up, are rounding
    # themselves.
    floor = 1e-6 * max(1.0, float(np.abs(x).max(initial=0.0)), float(np.abs(found).max()))
    size = np.maximum(np.maximum(np.abs(expected), np.abs(found[slots])), floor)
    difference = np.abs(expected - found[slots])
    errors = np.divide(difference, size, out=np.zeros_like(size), where=size > 0)
    errors[~np.isfinite(expected) | ~np.isfinite(found[slots])] = np.inf
    order = np.argsort(-errors, kind="stable")
    slot = int(slots[order[0]])
    return GradientCheck(
        float(errors[order[0]]),
        slot,
        describe_slot(network, slot),
        int(slots.size),
        int(rows.size),
        network.theta.size,
        tuple(
            ParameterCheck(
                int(slots[place]),
                describe_slot(network, int(slots[place])),
                float(found[slots[place]]),
                float(expected[place]),
                float(errors[place]),
            )
            for place in order[:listed].tolist()
        ),
    )


def _spread(count: int, limit: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Up to ``limit`` of the numbers 0 .. count-1, evenly spread."""
    if count <= limit:
        return np.arange(count)
    return np.unique(np.linspace(0, count - 1, limit).astype(np.int64))
