"""The table of initialisers: where weights and biases start.

The fan-in of a weight is the number of connections into its target, the fan-out the number of
connections out of its source; in a fully connected layer these are the usual layer sizes.
Sources: LeCun et al. 1998, "Efficient BackProp" (variance 1 / in); Glorot and Bengio 2010
(√(6 / (in + out)), √(2 / (in + out))); He et al. 2015 (√(6 / in), √(2 / in)); Saxe et al. 2014
(orthogonal); ``torch_linear`` is what PyTorch's ``Linear`` does, Kaiming uniform with a = √5, which
is U(±1/√in) for weights and biases; the ``playground`` numbers are those of the standard
playground. Normal distributions are not truncated (PyTorch's are not, Keras's are).
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
from nnplay.core.topology import Kind, Topology

__all__ = [
    "INITIALIZERS",
    "Initializer",
    "draw_parameters",
    "draw_weight",
    "draw_weights",
    "initial_bias",
]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

# Part of what a weight depends on: another number gives other weights.
_BLOCK: Final = 64
_VALUE: Final = 0.1


@dataclass(frozen=True)
class Initializer:
    """One initialiser.

    Attributes:
        name: key in files and on the command line.
        title: name for people.
        formula: the distribution as text.
        bias: the value every bias starts with, or the middle of what biases are drawn from.
        draw: ``draw(random, fan_in, fan_out)`` gives one weight per entry of the two arrays.
        draw_biases: ``draw_biases(random, fan_in)`` gives one bias per entry, after all weights
            were drawn; None if every bias is ``bias``.
        draw_matrix: ``draw_matrix(random, targets, sources)`` gives the weights
            ``[targets, sources]`` between two levels; where it exists, ``draw`` serves single new
            connections only.
        takes_value: whether weights are the value chosen in the settings instead of ``draw``.
    """

    name: str
    title: str
    formula: str
    bias: float
    draw: Callable[[np.random.Generator, FloatArray, FloatArray], FloatArray]
    draw_biases: Callable[[np.random.Generator, FloatArray], FloatArray] | None = None
    draw_matrix: Callable[[np.random.Generator, int, int], FloatArray] | None = None
    takes_value: bool = False


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


def _lecun_uniform(
    random: np.random.Generator, fan_in: FloatArray, fan_out: FloatArray
) -> FloatArray:
    return random.uniform(-1.0, 1.0, fan_in.size) * np.sqrt(3.0 / fan_in)


def _lecun_normal(
    random: np.random.Generator, fan_in: FloatArray, fan_out: FloatArray
) -> FloatArray:
    return random.standard_normal(fan_in.size) * np.sqrt(1.0 / fan_in)


def _like_orthogonal(
    random: np.random.Generator, fan_in: FloatArray, fan_out: FloatArray
) -> FloatArray:
    # The variance of an entry of an orthogonal matrix.
    return random.standard_normal(fan_in.size) / np.sqrt(np.maximum(fan_in, fan_out))


def _orthogonal_matrix(random: np.random.Generator, targets: int, sources: int) -> FloatArray:
    """Orthonormal rows or columns, whichever are fewer, evenly distributed.

    Q of a normal matrix's QR decomposition, each column with the sign of R's diagonal
    (Mezzadri 2007), without which Q would not be evenly distributed.
    """
    tall = random.standard_normal((max(targets, sources), min(targets, sources)))
    q, r = np.linalg.qr(tall)
    q *= np.where(np.diagonal(r) < 0.0, -1.0, 1.0)
    return np.ascontiguousarray(q if targets >= sources else q.T)


def _torch_linear(
    random: np.random.Generator, fan_in: FloatArray, fan_out: FloatArray
) -> FloatArray:
    return _torch_linear_biases(random, fan_in)


def _torch_linear_biases(random: np.random.Generator, fan_in: FloatArray) -> FloatArray:
    # A neuron that nothing feeds starts at 0, as in PyTorch.
    bound = np.where(fan_in > 0.0, 1.0 / np.sqrt(np.maximum(fan_in, 1.0)), 0.0)
    return random.uniform(-1.0, 1.0, fan_in.size) * bound


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
        Initializer("lecun_uniform", "LeCun uniform", "w ~ U(±√(3 / in))", 0.0, _lecun_uniform),
        Initializer("lecun_normal", "LeCun normal", "w ~ N(0, 1 / in)", 0.0, _lecun_normal),
        Initializer(
            "orthogonal",
            "Orthogonal",
            "W·Wᵀ = 1 between any two levels",
            0.0,
            _like_orthogonal,
            draw_matrix=_orthogonal_matrix,
        ),
        Initializer(
            "torch_linear",
            "PyTorch Linear",
            "w and b ~ U(±1 / √in)",
            0.0,
            _torch_linear,
            draw_biases=_torch_linear_biases,
        ),
        Initializer("uniform", "Uniform", "w ~ U(−0.5, 0.5), b = 0", 0.0, _half),
        Initializer("zeros", "Zeros", "w = 0, b = 0", 0.0, _zeros),
        Initializer(
            "constant", "Constant", "w = a chosen value, b = 0", 0.0, _zeros, takes_value=True
        ),
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


def draw_parameters(
    network: Network, name: str, seed: int, draw: int = 0, *, value: float = _VALUE
) -> FloatArray:
    """Initial parameters, ``float64[P]`` in compact order.

    Args:
        network: gives the wiring; its present parameters do not matter.
        name: name in the initialiser table.
        seed: the document's seed.
        draw: how often new initial weights were drawn; every number gives other weights.
        value: every weight of ``constant``; the others ignore it.

    Between two levels whose connections are not all there, ``orthogonal`` drops entries of its
    matrix. Raises :class:`TrainingError` for an unknown initialiser.
    """
    initializer = _initializer(name)
    topology = network.topology
    rows = topology.edge_rows
    incoming = np.bincount(rows[:, 1], minlength=topology.neuron_count)
    outgoing = np.bincount(rows[:, 0], minlength=topology.neuron_count)
    theta = np.full(topology.parameter_count, initializer.bias)
    weights = theta[: len(rows)]
    random = random_stream(seed, Stream.INIT, draw)
    if initializer.takes_value:
        weights[:] = value
    elif initializer.draw_matrix is not None:
        weights[:] = _between_levels(network, random, initializer.draw_matrix)
    else:
        fan_in = incoming[rows[:, 1]].astype(np.float64)
        fan_out = outgoing[rows[:, 0]].astype(np.float64)
        weights[:] = initializer.draw(random, fan_in, fan_out)
    if initializer.draw_biases is not None:
        fan_in = incoming[topology.kinds != Kind.INPUT].astype(np.float64)
        theta[len(rows) :] = initializer.draw_biases(random, fan_in)
    return theta


def _between_levels(
    network: Network,
    random: np.random.Generator,
    draw_matrix: Callable[[np.random.Generator, int, int], FloatArray],
) -> FloatArray:
    """One matrix for every pair of levels with connections between them, in order of levels."""
    topology = network.topology
    rows, levels = topology.edge_rows, topology.levels
    result = np.zeros(len(rows))
    pairs = levels[rows]
    keys = pairs[:, 1] * (int(levels.max(initial=0)) + 1) + pairs[:, 0]
    order = np.argsort(keys, kind="stable")
    bounds = np.flatnonzero(np.diff(keys[order])) + 1
    for slots in np.split(order, bounds):
        if not slots.size:
            continue
        sources, columns = np.unique(rows[slots, 0], return_inverse=True)
        targets, lines = np.unique(rows[slots, 1], return_inverse=True)
        result[slots] = draw_matrix(random, targets.size, sources.size)[lines, columns]
    return result


def draw_weight(
    network: Network,
    source: int,
    target: int,
    name: str,
    seed: int,
    draw: int = 0,
    *,
    value: float = _VALUE,
) -> float:
    """Initial weight of one new connection between two neuron ids.

    The number depends on the two ids, seed and draw only, not on the order of edits. Neurons that
    are not in ``network`` yet count as unconnected; the new connection itself counts as one.
    ``value`` is the weight of ``constant``.
    """
    drawn = draw_weights(network, [source], [target], name, seed, draw, value=value)
    return float(drawn[0])


def draw_weights(
    network: Network,
    sources: npt.ArrayLike,
    targets: npt.ArrayLike,
    name: str,
    seed: int,
    draw: int = 0,
    *,
    value: float = _VALUE,
) -> FloatArray:
    """Initial weights of new connections, ``[m]``: of each what :func:`draw_weight` gives it.

    Args:
        network: gives the connections that are there already.
        sources: ``[m]`` ids of neurons, some of which may not be in ``network`` yet.
        targets: ``[m]`` ids likewise.
        name: name in the initialiser table.
        seed: the document's seed.
        draw: how often new initial weights were drawn.
        value: the weight of ``constant``.
    """
    from_ids = np.asarray(sources, dtype=np.int64)
    to_ids = np.asarray(targets, dtype=np.int64)
    if _initializer(name).takes_value or not from_ids.size:
        return np.full(from_ids.size, value)
    topology = network.topology
    rows = topology.edge_rows
    blocks, places = np.divmod(from_ids, _BLOCK)
    fan_in = 1 + _edges_at(topology, to_ids, rows[:, 1])
    fan_out = 1 + _edges_at(topology, from_ids, rows[:, 0])
    result = np.empty(from_ids.size)
    order = np.lexsort((fan_out, blocks, to_ids))
    keys = np.stack([to_ids, blocks, fan_in, fan_out], axis=1)[order]
    bounds = np.flatnonzero((keys[1:] != keys[:-1]).any(axis=1)) + 1
    for group in np.split(order, bounds):
        first = group[0]
        weights = _drawn_block(
            name,
            seed,
            draw,
            int(to_ids[first]),
            int(blocks[first]),
            float(fan_in[first]),
            float(fan_out[first]),
        )
        result[group] = weights[places[group]]
    return result


def _edges_at(topology: Topology, ids: IntArray, ends: IntArray) -> IntArray:
    """Number of edges with an end at each neuron; 0 for neurons that do not exist yet."""
    distinct_ids, where = np.unique(ids, return_inverse=True)
    rows = np.array([topology.row_of_id.get(i, -1) for i in distinct_ids.tolist()])
    if (rows < 0).all():
        return np.zeros(ids.size, dtype=np.int64)
    counts = np.bincount(ends, minlength=topology.neuron_count)
    of_distinct: IntArray = np.where(rows < 0, 0, counts[rows])[where]
    return of_distinct


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
    """The bias a new neuron starts with under an initialiser.

    It has no connections yet; where biases are drawn, it starts in the middle.
    """
    return _initializer(name).bias
