"""A document: everything a user made, as one immutable value.

The session owns one, the formats read and write one, the command line trains one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from nnplay.core.config import TrainingConfig, TrainingState, as_whole_number
from nnplay.core.history import History
from nnplay.core.network import Network, carry_values
from nnplay.core.topology import fill_carried
from nnplay.data.recipe import DataRecipe, Preparation

__all__ = ["Document"]

Position = tuple[float, float]


@dataclass(frozen=True, eq=False)
class Document:
    """Everything that is saved.

    Attributes:
        network: the network with its present parameters.
        positions: canvas position (x, y) of neurons by id, in canvas pixels; neurons without an
            entry are placed automatically.
        data: where the data come from.
        preparation: how they become inputs.
        training: how the network is trained.
        seed: drives data, split, initial weights and (unless overridden) shuffling.
        draw: how often new initial weights were drawn; with the seed it fixes them.
        initial: ``float64[P]``, parallel to theta: the weights Reset returns to.
        state: how far training has come.
        history: loss curves up to that point.
        title: name shown to people.
        view: settings of views (probe, chosen map …), JSON values by name.
        extra: unknown keys of a newer minor format version, kept as they are.
    """

    network: Network
    positions: Mapping[int, Position] = field(default_factory=dict)
    data: DataRecipe = field(default_factory=DataRecipe)
    preparation: Preparation = field(default_factory=Preparation)
    training: TrainingConfig = field(default_factory=TrainingConfig)
    seed: int = 0
    draw: int = 0
    initial: npt.NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    state: TrainingState = field(default_factory=TrainingState)
    history: History = field(default_factory=History)
    title: str = "Untitled"
    view: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("seed", "draw"):
            object.__setattr__(self, name, as_whole_number(getattr(self, name)))
        if self.initial.size != self.network.topology.parameter_count:
            object.__setattr__(self, "initial", self.network.theta)

    def with_network(self, network: Network) -> Document:
        """Replace the network; initial weights and optimiser memory follow surviving neurons.

        While no step has been trained, the initial weights follow hand edits too.
        """
        before, after = self.network.topology, network.topology
        if self.state.step == 0:
            initial = network.theta
        elif before is after:
            initial = self.initial
        else:
            initial = np.array(network.theta)
            fill_carried(initial, self.initial, before, after)
            initial.flags.writeable = False
        state = self.state
        if before is not after and state.optimizer_arrays:
            arrays = {
                name: carry_values(values, before, after, 0.0)
                for name, values in state.optimizer_arrays.items()
            }
            state = replace(state, optimizer_arrays=arrays)
        return replace(self, network=network, initial=initial, state=state)
