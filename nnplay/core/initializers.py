"""The table of initialisers: where weights and biases start.

The fan-in of a weight is the number of connections into its target, the fan-out the number of
connections out of its source; in a fully connected layer these are the usual layer sizes.
Sources: Glorot and Bengio 2010 (√(6 / (in + out)), √(2 / (in + out))), He et al. 2015
(√(6 / in), √(2 / in)); the ``playground`` numbers are those of the standard playground.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from nnplay.core.errors import TrainingError
from nnplay.core.network import Network
from nnplay.core.randomness import Stream, random_stream

__all__ = ["INITIALIZERS", "Initializer", "draw_parameters", "draw_weight", "initial_bias"]

FloatArray = npt.NDArray[np.float64]

# Part of what a weight depends on: another number gives other weights.
_BLOCK: Final = 64


@dataclass(frozen=True)
class Initializer:
    """One initialiser.

    Attributes:
        name: key in files and on the command line.
        title: name for people.
        formula: the distribution as text.
        bias: the value every bias starts with.
        draw: ``draw(random, fan_in, fan_out)`` gives one weight per entry of the two arrays.
    """

    name: str
    title: str
    formula: str
    bias: float
    draw: Callable[[np.random.Generator, FloatArray, FloatArray], FloatArray]


def _half(random: np.random.Generator, fan_in: FloatArray, fan_out: FloatArray) -> FloatArray:
    return random.uniform(-0.5, 0.5, fan_in.size)


def _zeros(random: np.random.Generator, fan_in: FloatArray, fan_out: FloatArray) -> FloatArray:
    return np.zeros(fan_in.size)


def _glorot_uniform(
    random: np.random.Generator, fan_in: FloatArray, fan_out: FloatArray
) -> FloatArray:
    return random.uniform(-1.0, 1.0, fan_in.size) * np.sqrt(6.0 / (fan_in + fan_out))


def _glorot_normal(
    random: np.random.Generator, fan_in: FloatArray, fan_out: FloatArray
) -> FloatArray:
    return random.standard_normal(fan_in.size) * np.sqrt(2.0 / (fan_in + fan_out))


def _he_uniform(random: np.random.Generator, fan_in: FloatArray, fan_out: FloatArray) -> FloatArray:
    return random.uniform(-1.0, 1.0, fan_in.size) * np.sqrt(6.0 / fan_in)


def _he_normal(random: np.random.Generator, fan_in: FloatArray, fan_out: FloatArray) -> FloatArray:
    return random.standard_normal(fan_in.size) * np.sqrt(2.0 / fan_in)


INITIALIZERS: Final[dict[str, Initializer]] = {
    initializer.name: initializer
    for initializer in (
        Initializer("playground", "Web playground", "w ~ U(−0.5, 0.5), b = 0.1", 0.1, _half),
        Initializer(
            "glorot_uniform", "Glorot uniform", "w ~ U(±√(6 / (in + out)))", 0.0, _glorot_uniform
        ),
        Initializer(
            "glorot_normal", "Glorot normal", "w ~ N(0, 2 / (in + out))", 0.0, _glorot_normal
        ),
        Initializer("he_uniform", "He uniform", "w ~ U(±√(6 / in))", 0.0, _he_uniform),
        Initializer("he_normal", "He normal", "w ~ N(0, 2 / in)", 0.0, _he_normal),
        Initializer("uniform", "Uniform", "w ~ U(−0.5, 0.5), b = 0", 0.0, _half),
        Initializer("zeros", "Zeros", "w = 0, b = 0", 0.0, _zeros),
    )
}
"""All initialisers by name."""


def _initializer(name: str) -> Initializer:
    try:
        return INITIALIZERS[name]
    except KeyError:
        raise TrainingError(
            f"There is no initialiser “{name}”; choose one of {', '.join(INITIALIZERS)}."
        ) from None


def draw_parameters(network: Network, name: str, seed: int, draw: int = 0) -> FloatArray:
    """Initial parameters, ``float64[P]`` in compact order.

    Args:
        network: gives the wiring; its present parameters do not matter.
        name: name in the initialiser table.
        seed: the document's seed.
        draw: how often new initial weights were drawn; every number gives other weights.

    Raises :class:`TrainingError` for an unknown initialiser.
    """
    initializer = _initializer(name)
    rows = network.topology.edge_rows
    count = network.topology.neuron_count
    fan_in = np.bincount(rows[:, 1], minlength=count)[rows[:, 1]].astype(np.float64)
    fan_out = np.bincount(rows[:, 0], minlength=count)[rows[:, 0]].astype(np.float64)
    theta = np.full(network.topology.parameter_count, initializer.bias)
    theta[: len(rows)] = initializer.draw(random_stream(seed, Stream.INIT, draw), fan_in, fan_out)
    return theta


def draw_weight(
    network: Network, source: int, target: int, name: str, seed: int, draw: int = 0
) -> float:
    """Initial weight of one new connection between two neuron ids.

    The number depends on the two ids, seed and draw only, not on the order of edits. Neurons that
    are not in ``network`` yet count as unconnected; the new connection itself counts as one.
    """
    topology = network.topology
    # Counted by slots: a full layer asks this for each of its thousands of connections.
    fan_in = fan_out = 1
    if target in topology:
        fan_in += len(topology.incoming_slots[topology.row(target)])
    if source in topology:
        fan_out += len(topology.outgoing_slots[topology.row(source)])
    block, place = divmod(int(source), _BLOCK)
    weights = _drawn_block(name, seed, draw, int(target), block, float(fan_in), float(fan_out))
    return float(weights[place])


@lru_cache(maxsize=256)
def _drawn_block(
    name: str, seed: int, draw: int, target: int, block: int, fan_in: float, fan_out: float
) -> FloatArray:
    """Weights into a target from neighbouring source ids: making a stream costs far more than
    drawing from it, and a layer asks for thousands.
    """
    random = random_stream(seed, Stream.INIT, draw, target, block)
    fans = np.full(_BLOCK, fan_in), np.full(_BLOCK, fan_out)
    return _initializer(name).draw(random, *fans)


def initial_bias(name: str) -> float:
    """The bias a new neuron starts with under an initialiser."""
    return _initializer(name).bias
