"""Splitting a layer in two and merging two layers into one.

A linear neuron can be folded into those that read it: W2 · (W1 · a + b1) + b2 is
(W2 · W1) · a + (W2 · b1 + b2). Splitting is the other way round with W2 = 1: a layer of linear
neurons that pass on what they receive (Chen, Goodfellow and Shlens 2016, "Net2Net").
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nnplay.core.layer_edits import (
    WeightsOf,
    feeders_and_readers,
    full_pairs,
    members_of,
    new_hidden,
    weights_for,
)
from nnplay.core.network import Network
from nnplay.core.topology import Kind, TopologyError

__all__ = ["Merged", "fold_linear", "merge_levels", "split_level"]

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Merged:
    """Two layers made into one.

    Attributes:
        network: the network after it.
        is_exact: whether it still computes the same.
        drawn: number of connections with new weights; 0 where it is exact.
    """

    network: Network
    is_exact: bool
    drawn: int


def split_level(network: Network, level: int) -> tuple[Network, tuple[int, ...]]:
    """Put a layer of linear neurons behind a level; what the network computes stays the same.

    Every hidden neuron of the level gets one behind it, with the weight 1, which takes over its
    connections to later neurons with weights and flags.
    """
    members = np.array(members_of(network, level), dtype=np.int64)
    topology = network.topology
    new = new_hidden(network, members.size, "linear", 0.0)
    new_ids = np.array([neuron.id for neuron in new], dtype=np.int64)
    place = np.full(topology.neuron_count, -1)
    place[topology.rows(members)] = np.arange(members.size)
    behind = place[topology.edge_rows[:, 0]]
    slots = np.flatnonzero(behind >= 0)
    taken_over = np.stack([new_ids[behind[slots]], topology.edges[slots, 1]], axis=1)
    ones = np.ones(members.size)
    after = network.edited(
        keep_edges=behind < 0,
        neurons=new,
        edges=np.concatenate([np.stack([members, new_ids], axis=1), taken_over]),
        weights=np.concatenate([ones, network.theta[slots]]),
        edges_frozen=np.concatenate([ones < 0, network.frozen[slots]]),
        edges_enabled=np.concatenate([ones > 0, network.enabled[slots]]),
    )
    return after, tuple(new_ids.tolist())


def fold_linear(network: Network, members: npt.ArrayLike) -> Network:
    """Fold linear hidden neurons, none of which feeds another of them, into their readers.

    What the network computes stays the same to rounding. A switched-off neuron passes nothing on,
    a switched-off connection counts as 0 and takes no part.

    Raises :class:`TopologyError` for other neurons, and where a product is beyond all bounds.
    """
    topology = network.topology
    gone = np.asarray(members, dtype=np.int64).reshape(-1)
    gone_rows = topology.rows(gone)
    for row in gone_rows.tolist():
        if topology.kinds[row] != Kind.HIDDEN or network.activations[row] != "linear":
            raise TopologyError("Only hidden neurons with the linear activation can be folded.")
    feeders, readers = feeders_and_readers(network, gone)
    first = _weights(network, feeders, gone)
    second = _weights(network, gone, readers) * network.neuron_enabled[gone_rows]
    biases = _biases(network, gone)
    with np.errstate(all="ignore"):
        product = second.dot(first)  # [readers, feeders]
        shift = second.dot(biases)
    if not (np.isfinite(product).all() and np.isfinite(shift).all()):
        raise TopologyError("The weights are too large to be multiplied; make them smaller first.")
    joined = (second != 0).astype(float).dot((first != 0).astype(float)) > 0
    targets, sources = np.nonzero(joined)
    pairs = np.stack([feeders[sources], readers[targets]], axis=1)
    amounts = product[targets, sources]
    rows = topology.rows(pairs.reshape(-1)).reshape(-1, 2)
    slots = topology.edge_slots(rows[:, 0], rows[:, 1])
    is_new = slots < 0
    # What is there already takes the product in; switched off it counted as 0 until now.
    theta, enabled = network.theta.copy(), network.enabled.copy()
    bias_slots = topology.bias_slots[topology.rows(readers)]
    moved = shift != 0
    for place, amount in ((slots[~is_new], amounts[~is_new]), (bias_slots[moved], shift[moved])):
        theta[place] = np.where(enabled[place], theta[place], 0.0) + amount
        enabled[place] = True
    network = network.with_theta(theta).with_enabled(enabled)
    return network.edited(gone=gone.tolist(), edges=pairs[is_new], weights=amounts[is_new])


def merge_levels(network: Network, level: int, weights_of: WeightsOf) -> Merged:
    """Make one layer of a level's hidden neurons and those of the next hidden level.

    If one of the two layers is linear it is folded, exactly. Otherwise the neurons of both stand
    side by side: connections between them go, each layer's neurons also listen to what fed the
    first and feed what the second fed, and those connections get new weights.
    """
    front = members_of(network, level)
    later = [other for other in network.hidden_levels if other > level]
    if not later:
        raise TopologyError("There is no hidden layer behind this one to merge it with.")
    back = members_of(network, later[0])
    for layer in (front, back):
        if all(network.activation_of(i) == "linear" for i in layer):
            return Merged(fold_linear(network, layer), is_exact=True, drawn=0)
    topology = network.topology
    in_front, in_back = (np.isin(topology.ids, layer) for layer in (front, back))
    rows = topology.edge_rows
    between = in_front[rows[:, 0]] & in_back[rows[:, 1]]
    feeders, _ = feeders_and_readers(network, front)
    _, readers = feeders_and_readers(network, back)
    pairs = np.concatenate([full_pairs(feeders, back), full_pairs(front, readers)])
    ends = topology.rows(pairs.reshape(-1)).reshape(-1, 2)
    pairs = pairs[topology.edge_slots(ends[:, 0], ends[:, 1]) < 0]
    after = network.edited(keep_edges=~between, edges=pairs, weights=weights_for(weights_of, pairs))
    return Merged(after, is_exact=False, drawn=len(pairs))


def _weights(network: Network, sources: IntArray, targets: IntArray) -> FloatArray:
    """``[targets, sources]``: the weights that count, 0 where there is none."""
    topology = network.topology
    column = np.full(topology.neuron_count, -1)
    line = np.full(topology.neuron_count, -1)
    column[topology.rows(sources)] = np.arange(sources.size)
    line[topology.rows(targets)] = np.arange(targets.size)
    columns, lines = column[topology.edge_rows[:, 0]], line[topology.edge_rows[:, 1]]
    slots = np.flatnonzero((columns >= 0) & (lines >= 0))
    matrix = np.zeros((targets.size, sources.size))
    matrix[lines[slots], columns[slots]] = network.effective_weights[slots]
    return matrix


def _biases(network: Network, ids: IntArray) -> FloatArray:
    slots = network.topology.bias_slots[network.topology.rows(ids)]
    return np.where(network.enabled[slots], network.theta[slots], 0.0)
