"""Edits of whole layers: functions that return a new network.

A *level* here is that of :attr:`nnplay.core.topology.Topology.levels`. New connections get their
weights from ``weights_of(sources, targets)``, which is asked once for all of them with two arrays
of neuron ids and gives one weight each (or one for all).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from nnplay.core.network import Network, NewNeuron
from nnplay.core.topology import Kind, TopologyError, next_free_id

__all__ = [
    "WeightsOf",
    "add_to_level",
    "insert_layer",
    "new_hidden",
    "remove_level",
]

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
WeightsOf = Callable[[IntArray, IntArray], npt.ArrayLike]


def members_of(network: Network, level: int) -> tuple[int, ...]:
    """Hidden neurons of a level; raises :class:`TopologyError` if there are none."""
    members = network.level_ids(level) if level > 0 else ()
    if not members:
        raise TopologyError(f"There is no hidden layer at level {level}.")
    return members


def feeders_and_readers(network: Network, members: npt.ArrayLike) -> tuple[IntArray, IntArray]:
    """Ids of neurons outside that feed some neurons, and of those that read them, in row order."""
    topology = network.topology
    inside = np.zeros(topology.neuron_count, dtype=bool)
    inside[topology.rows(members)] = True
    rows = topology.edge_rows
    from_inside, into_inside = inside[rows[:, 0]], inside[rows[:, 1]]
    feeds, reads = np.zeros_like(inside), np.zeros_like(inside)
    feeds[rows[into_inside & ~from_inside, 0]] = True
    reads[rows[from_inside & ~into_inside, 1]] = True
    return topology.ids[feeds], topology.ids[reads]


def full_pairs(sources: npt.ArrayLike, targets: npt.ArrayLike) -> IntArray:
    """``[targets · sources, 2]``: everything to everything, target by target."""
    from_ids = np.asarray(sources, dtype=np.int64).reshape(-1)
    to_ids = np.asarray(targets, dtype=np.int64).reshape(-1)
    return np.stack([np.tile(from_ids, to_ids.size), np.repeat(to_ids, from_ids.size)], axis=1)


def new_hidden(network: Network, count: int, activation: str, bias: float) -> list[NewNeuron]:
    """Hidden neurons to add, with ids and labels nobody has."""
    first = next_free_id(network.topology.ids)
    names = itertools.islice(network.free_labels(Kind.HIDDEN), count)
    return [
        NewNeuron(first + place, Kind.HIDDEN, activation, name, bias=bias)
        for place, name in enumerate(names)
    ]


def weights_for(weights_of: WeightsOf, pairs: IntArray) -> npt.NDArray[np.float64]:
    """Weights of new connections ``[m, 2]``."""
    drawn = np.asarray(weights_of(pairs[:, 0], pairs[:, 1]), dtype=np.float64)
    return np.broadcast_to(drawn, len(pairs))


def add_to_level(
    network: Network, level: int, weights_of: WeightsOf, *, bias: float = 0.0
) -> tuple[Network, int]:
    """Add a neuron beside the hidden neurons of a level, wired like a full layer.

    It listens to everything that feeds the level and feeds everything the level feeds.
    """
    siblings = members_of(network, level)
    sources, targets = feeders_and_readers(network, siblings)
    new = new_hidden(network, 1, network.activation_of(siblings[-1]), bias)
    new_id = new[0].id
    pairs = np.concatenate([full_pairs(sources, [new_id]), full_pairs([new_id], targets)])
    return network.edited(neurons=new, edges=pairs, weights=weights_for(weights_of, pairs)), new_id


def insert_layer(
    network: Network,
    after_level: int,
    size: int,
    weights_of: WeightsOf,
    *,
    activation: str = "tanh",
    bias: float = 0.0,
) -> tuple[Network, tuple[int, ...]]:
    """Insert a full hidden layer behind the neurons of a level.

    Connections that crossed from that level to later ones are replaced by the new layer; skip
    connections that start earlier stay.
    """
    if size < 1:
        raise TopologyError("A layer needs at least one neuron.")
    topology = network.topology
    levels = topology.levels[topology.edge_rows]
    crossing = (levels[:, 0] == after_level) & (levels[:, 1] > after_level)
    on_level = (topology.levels == after_level) & (topology.kinds != Kind.OUTPUT)
    sources = topology.ids[on_level]
    is_target = np.zeros(topology.neuron_count, dtype=bool)
    is_target[topology.edge_rows[crossing, 1]] = True
    targets = topology.ids[is_target]
    if not targets.size:
        targets = np.array(topology.output_ids, dtype=np.int64)
    if not sources.size or not targets.size:
        raise TopologyError("A new layer needs neurons before it and after it to connect to.")
    new = new_hidden(network, size, activation, bias)
    new_ids = [neuron.id for neuron in new]
    pairs = np.concatenate([full_pairs(sources, new_ids), full_pairs(new_ids, targets)])
    after = network.edited(
        keep_edges=~crossing, neurons=new, edges=pairs, weights=weights_for(weights_of, pairs)
    )
    return after, tuple(new_ids)


def remove_level(network: Network, level: int, weights_of: WeightsOf) -> Network:
    """Remove the hidden neurons of a level and join what came before to what comes after."""
    gone = members_of(network, level)
    sources, targets = feeders_and_readers(network, gone)
    pairs = full_pairs(sources, targets)
    rows = network.topology.rows(pairs.reshape(-1)).reshape(-1, 2)
    pairs = pairs[network.topology.edge_slots(rows[:, 0], rows[:, 1]) < 0]
    return network.edited(gone=gone, edges=pairs, weights=weights_for(weights_of, pairs))
