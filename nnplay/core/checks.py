"""Refusing what cannot be trained, with a sentence that says why."""

from __future__ import annotations

import numpy as np

from nnplay.core.activations import ACTIVATIONS
from nnplay.core.config import TrainingConfig
from nnplay.core.errors import TrainingError
from nnplay.core.network import Network
from nnplay.core.samples import Samples
from nnplay.core.setting_ranges import problem, seed_problem
from nnplay.core.targets import encode_targets, pairing_problem
from nnplay.core.topology import capitalise

__all__ = ["check_config", "check_network", "check_samples", "check_seed"]


def check_config(config: TrainingConfig) -> None:
    """Raise :class:`TrainingError` for settings no training can have."""
    found = problem(config)
    if found is not None:
        raise TrainingError(found.sentence)


def check_seed(seed: int) -> None:
    """Raise :class:`TrainingError` for a seed that no stream of random numbers can have."""
    found = seed_problem(seed)
    if found is not None:
        raise TrainingError(found.sentence)


def check_network(network: Network, loss: str) -> None:
    """Raise :class:`TrainingError` for networks that cannot be trained with a loss."""
    if not network.topology.output_ids:
        raise TrainingError("The network has no output to train; add an output neuron.")
    for row, name in enumerate(network.activations):
        if name not in ACTIVATIONS:
            who = capitalise(network.name_of(int(network.topology.ids[row])))
            raise TrainingError(
                f"{who} has the unknown activation “{name}”; choose one of "
                f"{', '.join(ACTIVATIONS)}."
            )
    bad = np.flatnonzero(~np.isfinite(network.theta))
    if bad.size:
        raise TrainingError(
            f"{capitalise(describe_slot(network, int(bad[0])))} is not a finite number; set it to "
            "one, or reset the weights."
        )
    problem = pairing_problem(network, loss)
    if problem is not None:
        raise TrainingError(problem.sentence)


def check_samples(network: Network, samples: Samples, loss: str, part: str) -> None:
    """Raise :class:`TrainingError` when a part does not fit a network; ``part`` names it."""
    inputs = len(network.topology.input_ids)
    columns = samples.inputs.shape[1] if samples.inputs.ndim == 2 else 1
    if columns != inputs:
        raise TrainingError(
            f"The data give {columns} input column{'s' if columns != 1 else ''}, but the network "
            f"has {inputs} input{'s' if inputs != 1 else ''}."
        )
    bad = np.argwhere(~np.isfinite(samples.inputs))
    if bad.size:
        row, column = bad[0].tolist()
        who = network.name_of(network.topology.input_ids[column])
        raise TrainingError(
            f"Row {row + 1} of the {part} data gives {who} a value that is not a finite number."
        )
    if samples.values is not None:
        bad = np.argwhere(~np.isfinite(samples.values))
        if bad.size:
            raise TrainingError(
                f"The target in row {int(bad[0][0]) + 1} of the {part} data is not a finite number."
            )
    encode_targets(samples, network, loss)


def describe_slot(network: Network, slot: int) -> str:
    """A parameter's name for messages: "the weight from “x1” to “h1”"."""
    edges = network.topology.edges
    if slot < len(edges):
        source, target = edges[slot].tolist()
        return f"the weight from {network.name_of(source)} to {network.name_of(target)}"
    row = int(np.flatnonzero(network.topology.bias_slots == slot)[0])
    return f"the bias of {network.name_of(int(network.topology.ids[row]))}"
