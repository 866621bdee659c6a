"""The layers people see: inputs, each level of hidden neurons, outputs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nnplay.core.activations import ACTIVATIONS
from nnplay.core.network import Network
from nnplay.core.topology import Kind

__all__ = ["LayerGroup", "activation_title", "layer_groups"]


@dataclass(frozen=True)
class LayerGroup:
    """Neurons under one header.

    Attributes:
        kind: what they are.
        level: level of hidden neurons; 0 for inputs, -1 for the outputs, which may differ.
        title: "Input", "Hidden 1", "Output".
        short_title: the same where there is little room: "In", "H1", "Out".
        caption: how many they are and what they compute.
        rows: their rows in the network, ascending.
    """

    kind: Kind
    level: int
    title: str
    caption: str
    rows: npt.NDArray[np.int64]

    @property
    def short_title(self) -> str:
        """The title where there is little room: "In", "H1", "Out"."""
        word, _, number = self.title.partition(" ")
        return f"{word[0]}{number}" if number else {"Input": "In", "Output": "Out"}.get(word, word)


def layer_groups(network: Network) -> tuple[LayerGroup, ...]:
    """All layers with at least one neuron, inputs first, outputs last."""
    topology = network.topology
    groups: list[LayerGroup] = []
    inputs = np.flatnonzero(topology.kinds == Kind.INPUT)
    if inputs.size:
        word = "feature" if inputs.size == 1 else "features"
        groups.append(LayerGroup(Kind.INPUT, 0, "Input", f"{inputs.size} {word}", inputs))
    hidden = topology.kinds == Kind.HIDDEN
    for number, level in enumerate(network.hidden_levels, start=1):
        rows = np.flatnonzero(hidden & (topology.levels == level))
        caption = _caption(network, rows)
        groups.append(LayerGroup(Kind.HIDDEN, level, f"Hidden {number}", caption, rows))
    outputs = np.flatnonzero(topology.kinds == Kind.OUTPUT)
    if outputs.size:
        caption = _caption(network, outputs)
        groups.append(LayerGroup(Kind.OUTPUT, -1, "Output", caption, outputs))
    return tuple(groups)


def _caption(network: Network, rows: npt.NDArray[np.int64]) -> str:
    names = {network.activations[row] for row in rows.tolist()}
    word = activation_title(names.pop()) if len(names) == 1 else "mixed"
    return f"{rows.size} · {word}"


def activation_title(name: str) -> str:
    """Name of an activation for people: "tanh", "leaky ReLU"."""
    known = ACTIVATIONS.get(name)
    return name if known is None else known.title
