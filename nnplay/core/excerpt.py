"""Part of a network as a value of its own, to be put into the same or another network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from nnplay.core.connecting import choose_connections
from nnplay.core.network import Network, NewNeuron
from nnplay.core.topology import Kind, TopologyError, next_free_id

__all__ = ["Excerpt", "ExcerptEdges", "excerpt_of", "with_excerpt"]

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class ExcerptEdges:
    """Connections: ``ends`` int64[m, 2] in ids of the excerpt, ``weights``, ``frozen``, ``enabled``."""

    ends: IntArray
    weights: FloatArray
    frozen: BoolArray
    enabled: BoolArray

    def only(self, chosen: BoolArray) -> ExcerptEdges:
        """Some of them."""
        ends = np.compress(chosen, self.ends, axis=0)
        return ExcerptEdges(ends, self.weights[chosen], self.frozen[chosen], self.enabled[chosen])

    def and_also(self, others: ExcerptEdges) -> ExcerptEdges:
        """These and others behind them."""
        names = ("ends", "weights", "frozen", "enabled")
        pairs = [np.concatenate([getattr(self, n), getattr(others, n)]) for n in names]
        return ExcerptEdges(*pairs)


@dataclass(frozen=True, eq=False)
class Excerpt:
    """Neurons with the connections between them, and those to neurons outside.

    Attributes:
        neurons: with the ids they had.
        inner: connections between them.
        outer: connections with one end outside.
        outside: label by id of the neurons at the outer ends.
    """

    neurons: tuple[NewNeuron, ...]
    inner: ExcerptEdges
    outer: ExcerptEdges
    outside: Mapping[int, str]


def excerpt_of(network: Network, ids: Sequence[int]) -> Excerpt:
    """The part of a network that some neurons make up, in row order."""
    topology = network.topology
    inside = np.zeros(topology.neuron_count, dtype=bool)
    inside[[topology.row(i) for i in ids]] = True
    neurons = []
    for row in np.flatnonzero(inside).tolist():
        slot = int(topology.bias_slots[row])
        neuron = NewNeuron(
            id=int(topology.ids[row]),
            kind=Kind(int(topology.kinds[row])),
            activation=network.activations[row],
            label=network.labels[row],
            binding=network.bindings[row],
            dropout=float(network.dropout[row]),
            enabled=bool(network.neuron_enabled[row]),
        )
        if slot >= 0:
            neuron = replace(
                neuron,
                bias=float(network.theta[slot]),
                bias_frozen=bool(network.frozen[slot]),
                bias_enabled=bool(network.enabled[slot]),
            )
        neurons.append(neuron)
    ends = inside[topology.edge_rows]
    outer = _edges_at(network, ends[:, 0] ^ ends[:, 1])
    labels = {i: network.label_of(i) for i in set(outer.ends.reshape(-1).tolist())}
    outside = {i: label for i, label in labels.items() if not inside[topology.row(i)]}
    return Excerpt(tuple(neurons), _edges_at(network, ends[:, 0] & ends[:, 1]), outer, outside)


def _edges_at(network: Network, chosen: BoolArray) -> ExcerptEdges:
    slots = np.flatnonzero(chosen)
    ends = network.topology.edges[slots].astype(np.int64)
    return ExcerptEdges(ends, network.theta[slots], network.frozen[slots], network.enabled[slots])


def with_excerpt(
    network: Network, excerpt: Excerpt, *, reconnect: bool
) -> tuple[Network, tuple[int, ...]]:
    """The network with a copy of the excerpt under new ids, which are returned in its order.

    Labels that are taken are replaced by free ones. The excerpt's kinds and bindings are taken as
    they are: whoever knows the data adapts them first.

    Args:
        network: what it is put into.
        excerpt: what is put into it.
        reconnect: join it to the neurons outside that it was joined to, as far as neurons with
            these ids and labels exist and no circle closes.

    Raises :class:`TopologyError` if the excerpt is no feed-forward network itself.
    """
    first = next_free_id(network.topology.ids)
    new_ids = range(first, first + len(excerpt.neurons))
    new_id_of = {neuron.id: new for neuron, new in zip(excerpt.neurons, new_ids, strict=True)}
    if len(new_id_of) != len(excerpt.neurons):
        raise TopologyError("Two of the neurons have the same id.")
    taken = set(network.labels)
    free = {kind: network.free_labels(kind) for kind in Kind}
    neurons = []
    for neuron in excerpt.neurons:
        label = neuron.label
        while label in taken and label:
            label = next(free[neuron.kind])
        taken.add(label)
        neurons.append(replace(neuron, id=new_id_of[neuron.id], label=label))
    inner = _renamed(excerpt.inner, new_id_of)
    if reconnect:
        same = {
            i: i
            for i, label in excerpt.outside.items()
            if i in network.topology and network.label_of(i) == label
        }
        there = np.isin(excerpt.outer.ends, [*same, *new_id_of])
        known = excerpt.outer.only(there[:, 0] & there[:, 1])
        outer = _renamed(known, {**same, **new_id_of})
        try:
            return _grown(network, neurons, inner.and_also(outer)), tuple(new_ids)
        except TopologyError:
            after = _grown(network, neurons, inner)  # raises again if they are at fault
        return _grown(after, (), _possible(after, outer)), tuple(new_ids)
    return _grown(network, neurons, inner), tuple(new_ids)


def _grown(network: Network, neurons: Sequence[NewNeuron], edges: ExcerptEdges) -> Network:
    return network.edited(
        neurons=neurons,
        edges=edges.ends,
        weights=edges.weights,
        edges_frozen=edges.frozen,
        edges_enabled=edges.enabled,
    )


def _possible(network: Network, edges: ExcerptEdges) -> ExcerptEdges:
    """Those of some connections that can be added."""
    choice = choose_connections(network.topology, edges.ends)
    wanted = (edges.ends[:, 0] << 32) | edges.ends[:, 1]
    return edges.only(np.isin(wanted, (choice.pairs[:, 0] << 32) | choice.pairs[:, 1]))


def _renamed(edges: ExcerptEdges, new_id_of: Mapping[int, int]) -> ExcerptEdges:
    flat: list[int] = edges.ends.reshape(-1).tolist()
    try:
        ends = np.array([new_id_of[i] for i in flat], dtype=np.int64).reshape(-1, 2)
    except KeyError as error:
        raise TopologyError(f"A connection leads to the unknown neuron {error}.") from None
    return replace(edges, ends=ends)
