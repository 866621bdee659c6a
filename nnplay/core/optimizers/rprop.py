"""Steps that look only at the signs of derivatives. Form and constants are PyTorch's."""

from __future__ import annotations

from typing import Final

import numpy as np

from nnplay.core.config import TrainingConfig
from nnplay.core.optimizers.optimizer import Array, Arrays, Counters, Optimizer, Update

__all__ = ["RPROP"]

SHRINK: Final = 0.5
GROW: Final = 1.2
SHORTEST: Final = 1e-6
LONGEST: Final = 50.0


def _bind_rprop(
    config: TrainingConfig,
    parameters: Array,
    gradient: Array,
    arrays: Arrays,
    mask: Array | None,
    is_weight: Array | None = None,
    counters: Counters | None = None,
) -> Update:
    previous, sizes = arrays["previous_gradient"], arrays["step_size"]
    dtype = parameters.dtype
    shrink, grow = np.array(SHRINK, dtype=dtype), np.array(GROW, dtype=dtype)
    shortest, longest = np.array(SHORTEST, dtype=dtype), np.array(LONGEST, dtype=dtype)
    zero = np.zeros((), dtype=dtype)
    move = np.empty_like(parameters)
    chosen = np.empty(parameters.shape, dtype=bool)
    multiply, copyto = np.multiply, np.copyto

    def update(_count: int, rate: float) -> None:
        # A size of 0 is none yet: at the start, or for a parameter that joined later.
        np.equal(sizes, zero, chosen)
        copyto(sizes, rate, where=chosen)
        multiply(gradient, previous, move)
        np.greater(move, zero, chosen)
        multiply(sizes, grow, sizes, where=chosen)
        np.less(move, zero, chosen)
        multiply(sizes, shrink, sizes, where=chosen)
        np.maximum(sizes, shortest, out=sizes)
        np.minimum(sizes, longest, out=sizes)
        # Where the sign has changed, a minimum was jumped over: this step is left out.
        copyto(previous, gradient)
        copyto(previous, zero, where=chosen)
        np.sign(previous, move)
        multiply(move, sizes, move)
        if mask is not None:
            multiply(move, mask, move)
        np.subtract(parameters, move, parameters)

    return update


RPROP: Final = Optimizer(
    "rprop",
    "Rprop",
    "Δ ← Δ·1.2 (same sign of g) or Δ·½ (sign changed), θ ← θ − Δ·sign(g)",
    "Looks only at the signs of the derivatives and lengthens or shortens every step by itself; "
    "for full batches. The learning rate is just its first step.",
    "Riedmiller & Braun 1993, A direct adaptive method for faster backpropagation learning",
    settings=(),
    usual_rate=0.01,
    array_names=("previous_gradient", "step_size"),
    bind=_bind_rprop,
    needs_full_batch=True,
)
"""Resilient backpropagation."""
