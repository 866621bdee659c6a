"""Neurons that say nothing about the data: whatever sample comes, their activation is the same."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from nnplay.core.network import Network
from nnplay.core.program import Program
from nnplay.core.topology import Kind

__all__ = ["dead_neurons"]

MAX_SAMPLES: Final = 2_000
_CHUNK: Final = 250
_ROUNDING: Final = 1e-13


def dead_neurons(network: Network, inputs: npt.ArrayLike) -> tuple[int, ...]:
    """Ids of hidden and output neurons that are dead over some samples, in row order.

    A neuron is dead if its activation is the same for all samples (which takes two), and with ReLU
    if it is never above 0. Switched-off neurons are not dead but off.

    Args:
        network: the network with the parameters in question.
        inputs: ``[samples, inputs]``; of more than 2,000, as many are taken, evenly spread.
    """
    x = np.asarray(inputs, dtype=np.float64)
    topology = network.topology
    if not len(x) or not topology.neuron_count:
        return ()
    if len(x) > MAX_SAMPLES:
        x = x[np.linspace(0, len(x) - 1, MAX_SAMPLES).astype(np.int64)]
    lowest = np.full(topology.neuron_count, np.inf)
    highest = np.full(topology.neuron_count, -np.inf)
    program = Program(network, min(len(x), _CHUNK))
    with np.errstate(all="ignore"):
        for start in range(0, len(x), _CHUNK):
            program.forward(x[start : start + _CHUNK])
            values = program.activations_compact()
            lowest = np.minimum(lowest, values.min(axis=1))
            highest = np.maximum(highest, values.max(axis=1))
    cut_off = np.array([name == "relu" for name in network.activations], dtype=bool)
    with np.errstate(invalid="ignore"):
        size = np.maximum(np.abs(lowest), np.abs(highest))
        # The same sum may differ in its last digit from sample to sample.
        constant = (highest - lowest <= _ROUNDING * size) & (len(x) > 1)
    dead = constant | (cut_off & (highest <= 0.0))
    dead &= (topology.kinds != Kind.INPUT) & network.neuron_enabled
    return tuple(topology.ids[dead].tolist())
