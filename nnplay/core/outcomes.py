"""How a training run ended."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nnplay.core.config import TrainingState

__all__ = ["Diverged", "Finished", "Outcome"]


@dataclass(frozen=True)
class Finished:
    """A run came to its end.

    Attributes:
        epoch, step: where training stands.
    """

    epoch: int
    step: int


@dataclass(frozen=True, eq=False)
class Diverged:
    """Numbers grew beyond all bounds.

    Attributes:
        step: number of the step (1 for the first) whose loss or parameters were not finite.
        epoch: complete epochs before that step.
        loss: the batch loss of that step.
        last_finite_theta: ``float64[P]``, the parameters before that step.
        last_finite_state: the state before that step.
    """

    step: int
    epoch: int
    loss: float
    last_finite_theta: npt.NDArray[np.float64]
    last_finite_state: TrainingState

    @property
    def event(self) -> str:
        """What happened, as a sentence for people."""
        epochs = f"{self.epoch:,} complete epoch{'' if self.epoch == 1 else 's'}"
        return (
            f"Training diverged at step {self.step:,}, after {epochs}: "
            "the numbers grew beyond all bounds."
        )

    @property
    def sentence(self) -> str:
        """What happened and what helps, for people."""
        return f"{self.event} The last finite weights are back; a smaller learning rate helps."


Outcome = Finished | Diverged
