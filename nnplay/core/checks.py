"""Refusing what cannot be trained, with a sentence that says why."""

from __future__ import annotations

import math
from numbers import Real

import numpy as np

from nnplay.core.activations import ACTIVATIONS
from nnplay.core.config import TrainingConfig
from nnplay.core.errors import TrainingError
from nnplay.core.initializers import INITIALIZERS
from nnplay.core.losses import LOSSES
from nnplay.core.network import Network
from nnplay.core.optimizers import OPTIMIZERS
from nnplay.core.samples import Samples
from nnplay.core.targets import encode_targets, pairing_problem
from nnplay.core.topology import capitalise

__all__ = ["check_config", "check_network", "check_samples", "check_seed"]


def check_config(config: TrainingConfig) -> None:
    """Raise :class:`TrainingError` for settings no training can have."""
    for what, name, table in (
        ("loss", config.loss, LOSSES),
        ("optimiser", config.optimizer, OPTIMIZERS),
        ("initialiser", config.initializer, INITIALIZERS),
    ):
        if name not in table:
            raise TrainingError(f"There is no {what} “{name}”; choose one of {', '.join(table)}.")
    if not (_is_number(config.learning_rate) and config.learning_rate > 0):
        raise TrainingError(
            f"The learning rate must be a number above 0, not {config.learning_rate}."
        )
    if not (_is_number(config.batch_size) and config.batch_size % 1 == 0):
        raise TrainingError(f"The batch size must be a whole number, not {config.batch_size}.")
    if config.batch_size < 1:
        raise TrainingError(f"The batch size must be at least 1, not {config.batch_size}.")
    for what, rate in (
        ("momentum", config.momentum),
        ("decay rate β₁", config.beta1),
        ("decay rate β₂", config.beta2),
    ):
        if not (_is_number(rate) and 0.0 <= rate < 1.0):
            raise TrainingError(f"The {what} must be at least 0 and less than 1, not {rate}.")
    if not (_is_number(config.epsilon) and config.epsilon > 0):
        raise TrainingError(f"Adam's ε must be a number above 0, not {config.epsilon}.")
    for what, rate in (("L1", config.l1), ("L2", config.l2)):
        if not (_is_number(rate) and rate >= 0):
            raise TrainingError(f"The {what} rate must be 0 or more, not {rate}.")
    if config.shuffle_seed is not None:
        check_seed(config.shuffle_seed)


def check_seed(seed: int) -> None:
    """Raise :class:`TrainingError` for a seed that no stream of random numbers can have."""
    if not (_is_number(seed) and seed % 1 == 0):
        raise TrainingError(f"The seed must be a whole number, not {seed}.")
    if seed < 0:
        raise TrainingError(f"The seed must be 0 or more, not {seed}.")


def _is_number(value: object) -> bool:
    return type(value) is not bool and isinstance(value, Real) and math.isfinite(value)


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
