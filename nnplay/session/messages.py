"""What the training thread can be told while it trains."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from nnplay.core.config import TrainingConfig, TrainingState
from nnplay.core.network import Network
from nnplay.core.samples import Samples
from nnplay.core.training import Trainer

__all__ = [
    "MeasureLosses",
    "Message",
    "Restart",
    "SetConfig",
    "SetFrozen",
    "SetParameters",
    "SetSamples",
]


class Message(Protocol):
    """A change the worker applies between two steps."""

    def apply(self, trainer: Trainer) -> Trainer:
        """Change the trainer, or give another one; raises TrainingError if it cannot go on."""


@dataclass(frozen=True)
class MeasureLosses:
    """The losses before the next step are wanted as a row of the curve.

    The worker measures them, because over large data that takes seconds.
    """

    def apply(self, trainer: Trainer) -> Trainer:
        """Nothing is changed; the run asks the trainer for the row."""
        return trainer


@dataclass(frozen=True)
class SetParameters:
    """Parameters set by hand, by slot."""

    values: Mapping[int, float]

    def apply(self, trainer: Trainer) -> Trainer:
        """Set them."""
        trainer.set_parameters(self.values)
        return trainer


@dataclass(frozen=True)
class SetConfig:
    """Other training settings."""

    config: TrainingConfig

    def apply(self, trainer: Trainer) -> Trainer:
        """Use them from the next step on."""
        trainer.set_config(self.config)
        return trainer


@dataclass(frozen=True, eq=False)
class SetSamples:
    """Other samples for the same inputs and outputs."""

    train: Samples
    test: Samples | None

    def apply(self, trainer: Trainer) -> Trainer:
        """Use them from the next step on."""
        trainer.replace_samples(self.train, self.test)
        return trainer


@dataclass(frozen=True, eq=False)
class SetFrozen:
    """Parameters training leaves alone: locked ones, and those held by hand; ``bool[P]``."""

    frozen: npt.NDArray[np.bool_]

    def apply(self, trainer: Trainer) -> Trainer:
        """Leave them alone from the next step on."""
        trainer.replace_network(replace(trainer.network, frozen=self.frozen))
        return trainer


@dataclass(frozen=True, eq=False)
class Restart:
    """Anything else: go on with another network, data or state."""

    network: Network
    train: Samples
    test: Samples | None
    config: TrainingConfig
    seed: int
    state: TrainingState

    def apply(self, trainer: Trainer) -> Trainer:
        """A trainer that goes on from there."""
        return Trainer(
            self.network,
            (self.train, self.test),
            self.config,
            seed=self.seed,
            state=self.state,
            backend=trainer.backend,
        )
