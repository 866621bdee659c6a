"""Which plans the compiled backend can and should compute. Depends on the plan alone."""

from __future__ import annotations

from typing import Final

import numpy as np

from nnplay.compiled.codes import ACTIVATION_CODES, LOSS_CODES, OPTIMIZER_CODES
from nnplay.compiled.tables import tile_width
from nnplay.core.engine import Plan
from nnplay.core.optimizers import OPTIMIZERS

__all__ = ["is_worth_it", "supports"]

# Nanoseconds, fitted to both backends in float64 over widths of 16 to 512 and batches of 1 to 128.
# Only their ratio counts, and it is much the same on other machines.
_COMPILED_PER_CONNECTION: Final = 1.1  # and tile
_COMPILED_PER_LANE: Final = 0.125  # and connection and tile
_NUMPY_PER_STEP: Final = 12_000.0
_NUMPY_PER_STAGE: Final = 3_000.0
_NUMPY_PER_PARAMETER: Final = 0.95  # of the padded blocks
_NUMPY_PER_PRODUCT: Final = 0.15  # parameters times samples
_NUMPY_PER_ACTIVATION: Final = 1.0  # neurons times samples, more than compiled code needs


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
    """Whether the compiled backend is probably quicker than NumPy's matrix products.

    Compiled code computes whole tiles of samples of what is connected; NumPy pays for every call
    and multiplies padding too, but its products are the quicker the larger they are.
    """
    layout, batch = plan.layout, plan.batch_size
    lanes = tile_width(batch)
    per_connection = _COMPILED_PER_CONNECTION + _COMPILED_PER_LANE * lanes
    compiled = per_connection * layout.positions.size * -(-batch // lanes)
    numpy = (
        _NUMPY_PER_STEP
        + _NUMPY_PER_STAGE * len(layout.stages)
        + (_NUMPY_PER_PARAMETER + _NUMPY_PER_PRODUCT * batch) * layout.size
        + _NUMPY_PER_ACTIVATION * layout.row_count * batch
    )
    return compiled <= numpy
