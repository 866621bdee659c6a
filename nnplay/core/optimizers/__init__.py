"""The table of optimisers: how gradients become steps. Forms and order are PyTorch's.

An optimiser is bound once to a parameter vector and its gradient; the bound update then runs in
preallocated memory. Its arrays are the optimiser's whole memory besides the number of the update.
"""

from __future__ import annotations

from typing import Final

from nnplay.core.optimizers.adaptive import ADAPTIVE
from nnplay.core.optimizers.descent import DESCENTS
from nnplay.core.optimizers.lbfgs import LBFGS
from nnplay.core.optimizers.optimizer import Optimizer
from nnplay.core.optimizers.rprop import RPROP

__all__ = ["OPTIMIZERS", "Optimizer"]

OPTIMIZERS: Final[dict[str, Optimizer]] = {
    optimizer.name: optimizer for optimizer in (*DESCENTS, *ADAPTIVE, RPROP, LBFGS)
}
"""All optimisers by name."""
