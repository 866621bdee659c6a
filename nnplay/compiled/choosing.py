"""Which plans the compiled backend can and should compute. Depends on the plan alone."""

from __future__ import annotations

from typing import Final

import numpy as np

from nnplay.compiled.codes import ACTIVATION_CODES, LOSS_CODES, OPTIMIZER_CODES
from nnplay.core.engine import Plan
from nnplay.core.optimizers import OPTIMIZERS

__all__ = ["is_worth_it", "supports"]

# Up to this many multiplications a step (parameters times samples) NumPy's per-call overhead weighs
# more than the speed of its matrix products. Measured: see benchmarks.
_MOST_WORK: Final = 4_000_000


def supports(plan: Plan) -> str | None:
    """None if the compiled backend can compute a plan; otherwise why not, as a sentence."""
    config = plan.config
    if config.optimizer not in OPTIMIZER_CODES:
        title = OPTIMIZERS[config.optimizer].title
        return f"NumPy computes {title}, which is not compiled."
    if config.loss not in LOSS_CODES:
        return f"NumPy computes the loss “{config.loss}”, which is not compiled."
    for stage in plan.layout.stages:
        for run in stage.runs:
            if run.activation not in ACTIVATION_CODES:
                return f"NumPy computes the activation “{run.activation}”, which is not compiled."
    if plan.parameters.dtype != np.float64:
        return "NumPy computes in single precision, which pays in large networks only."
    return None


def is_worth_it(plan: Plan) -> bool:
    """Whether the compiled backend is probably quicker than NumPy's matrix products."""
    return plan.layout.size * plan.batch_size <= _MOST_WORK
