"""L-BFGS: Newton's method with a curvature remembered from the latest steps.

The form is that of PyTorch's LBFGS with one iteration per step and without line search, so that a
step needs one gradient. PyTorch keeps the latest direction and rate; here ``direction`` is their
product, the move itself. Everything else it keeps follows from the arrays: a pair is in use if
its curvature is positive, and before the first move no previous gradient is known.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from nnplay.core.config import TrainingConfig
from nnplay.core.optimizers.optimizer import Array, Arrays, Counters, Optimizer, Update

__all__ = ["HISTORY_SIZE", "LBFGS"]

HISTORY_SIZE: Final = 10
SMALLEST_CURVATURE: Final = 1e-10
SMALLEST_GRADIENT: Final = 1e-7
SMALLEST_CHANGE: Final = 1e-9


class _Memory:
    """The latest moves and changes of the gradient, the oldest pair first."""

    def __init__(self, arrays: Arrays, scratch: Array) -> None:
        self._moves = [arrays[f"step_{i}"] for i in range(HISTORY_SIZE)]
        self._changes = [arrays[f"difference_{i}"] for i in range(HISTORY_SIZE)]
        self._scratch = scratch
        self._curvatures = [0.0] * HISTORY_SIZE

    def look(self) -> None:
        """Find the pairs in use."""
        self._curvatures = [
            float(change.dot(move)) for move, change in zip(self._moves, self._changes, strict=True)
        ]

    def add(self, move: Array, change: Array) -> None:
        """Remember a pair; the oldest one makes room. Pairs without curvature are left out."""
        curvature = float(change.dot(move))
        if not curvature > SMALLEST_CURVATURE:
            return
        used = [i for i, value in enumerate(self._curvatures) if value > SMALLEST_CURVATURE]
        place = used[-1] + 1 if used else 0
        if place == HISTORY_SIZE:
            place -= 1
            for arrays in (self._moves, self._changes):
                for newer, older in zip(arrays[1:], arrays[:-1], strict=True):
                    np.copyto(older, newer)
            self._curvatures[:-1] = self._curvatures[1:]
        np.copyto(self._moves[place], move)
        np.copyto(self._changes[place], change)
        self._curvatures[place] = curvature

    def multiply(self, vector: Array) -> None:
        """Replace a vector by its product with the inverse Hessian matrix, as far as known.

        The two loops of Nocedal & Wright 2006, Numerical optimization, algorithm 7.4.
        """
        scratch = self._scratch
        pairs = [
            (move, change, 1.0 / curvature)
            for move, change, curvature in zip(
                self._moves, self._changes, self._curvatures, strict=True
            )
            if curvature > SMALLEST_CURVATURE
        ]
        if not pairs:
            return
        shares = []
        for move, change, inverse in reversed(pairs):
            share = float(move.dot(vector)) * inverse
            shares.append(share)
            np.multiply(change, share, scratch)
            np.subtract(vector, scratch, vector)
        _, newest, inverse = pairs[-1]
        np.multiply(vector, 1.0 / inverse / float(newest.dot(newest)), vector)
        for (move, change, inverse), share in zip(pairs, reversed(shares), strict=True):
            np.multiply(move, share - float(change.dot(vector)) * inverse, scratch)
            np.add(vector, scratch, vector)


def _bind_lbfgs(
    config: TrainingConfig,
    parameters: Array,
    gradient: Array,
    arrays: Arrays,
    mask: Array | None,
    is_weight: Array | None = None,
    counters: Counters | None = None,
) -> Update:
    move, previous = arrays["direction"], arrays["previous_gradient"]
    present, direction = np.empty_like(parameters), np.empty_like(parameters)
    scratch = np.empty_like(parameters)
    memory = _Memory(arrays, scratch)

    def update(_count: int, rate: float) -> None:
        if mask is None:
            np.copyto(present, gradient)
        else:
            np.multiply(gradient, mask, present)
        np.abs(present, scratch)
        size = float(scratch.sum())
        if scratch.max(initial=0.0) <= SMALLEST_GRADIENT:
            return
        memory.look()
        if not previous.any():
            rate *= min(1.0, 1.0 / size)
        else:
            np.subtract(present, previous, direction)
            memory.add(move, direction)
        np.negative(present, direction)
        memory.multiply(direction)
        if mask is not None:  # pairs may remember moves of what was frozen since
            np.multiply(direction, mask, direction)
        np.copyto(previous, present)
        np.multiply(direction, rate, move)
        # A slope that is not a number goes on, for the trainer to notice.
        if not float(present.dot(direction)) > -SMALLEST_CHANGE:
            np.add(parameters, move, parameters)

    return update


LBFGS: Final = Optimizer(
    "lbfgs",
    "L-BFGS",
    "θ ← θ − η·H·g, H ≈ inverse Hessian from the latest 10 steps",
    "Estimates the curvature of the loss from its latest steps and jumps towards the minimum; for "
    "small data sets in one batch. Without line search a smaller rate may be needed.",
    "Liu & Nocedal 1989, On the limited memory BFGS method for large scale optimization",
    settings=(),
    usual_rate=0.1,
    array_names=(
        "direction",
        "previous_gradient",
        *(f"step_{i}" for i in range(HISTORY_SIZE)),
        *(f"difference_{i}" for i in range(HISTORY_SIZE)),
    ),
    bind=_bind_lbfgs,
    needs_full_batch=True,
)
"""Limited-memory BFGS."""
