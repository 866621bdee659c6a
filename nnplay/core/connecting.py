"""Which connections can be added between many neurons, and neurons that go into connections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from nnplay.core.network import Network, NewNeuron
from nnplay.core.topology import Kind, Topology, TopologyError, next_free_id

__all__ = ["Choice", "Pattern", "choose_connections", "insert_into_edge", "pairs_of"]

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
Pattern = Literal["all", "one_to_one", "random"]
MAX_PAIRS: Final = 2_000_000


@dataclass(frozen=True, eq=False)
class Choice:
    """Connections that can be added, and how many of those asked for cannot.

    Attributes:
        pairs: ``int64[m, 2]``, ids of source and target.
        present: pairs that are connected already.
        circular: pairs that would close a circle (a neuron with itself among them).
        into_inputs: pairs that lead into an input.
    """

    pairs: IntArray
    present: int
    circular: int
    into_inputs: int


def pairs_of(
    sources: npt.ArrayLike,
    targets: npt.ArrayLike,
    pattern: Pattern,
    density: float = 1.0,
    seed: int = 0,
) -> IntArray:
    """``int64[m, 2]``: pairs of ids, target by target.

    ``all`` gives every pair; ``one_to_one`` the first with the first and so on, as far as both
    lists go; ``random`` every pair with the probability ``density``.

    Raises :class:`TopologyError` for what makes no sense.
    """
    from_ids = np.asarray(sources, dtype=np.int64).reshape(-1)
    to_ids = np.asarray(targets, dtype=np.int64).reshape(-1)
    if pattern == "one_to_one":
        count = min(from_ids.size, to_ids.size)
        return np.stack([from_ids[:count], to_ids[:count]], axis=1)
    if pattern not in ("all", "random"):
        raise TopologyError("Neurons can be connected all with all, one to one, or at random.")
    if from_ids.size * to_ids.size > MAX_PAIRS:
        raise TopologyError(
            f"That would be {from_ids.size * to_ids.size:,} connections; at most {MAX_PAIRS:,} "
            "can be handled. Please select fewer neurons."
        )
    pairs = np.stack([np.tile(from_ids, to_ids.size), np.repeat(to_ids, from_ids.size)], axis=1)
    if pattern == "random":
        if not 0.0 < density <= 1.0:  # NaN is refused too
            raise TopologyError("The density must be more than 0 and at most 1.")
        pairs = pairs[np.random.default_rng(seed).random(len(pairs)) < density]
    return pairs


def choose_connections(topology: Topology, pairs: npt.ArrayLike) -> Choice:
    """Leave out what is there already or cannot be.

    Pairs that run from a lower level to a higher one are always possible, and all of them
    together; the others are taken in their order, as long as no circle closes.

    Args:
        topology: the wiring they are to be added to.
        pairs: ``[m, 2]`` ids of neurons that exist, without repetition.
    """
    wanted = np.asarray(pairs, dtype=np.int64).reshape(-1, 2)
    rows = topology.rows(wanted.reshape(-1)).reshape(-1, 2)
    into_input = topology.kinds[rows[:, 1]] == Kind.INPUT
    present = topology.edge_slots(rows[:, 0], rows[:, 1]) >= 0
    possible = ~into_input & ~present
    levels = topology.levels[rows]
    forward = possible & (levels[:, 0] < levels[:, 1])
    backward = possible & ~forward
    taken = forward
    if backward.any():
        taken = forward.copy()
        taken[np.flatnonzero(backward)[_acyclic(topology, rows[forward], rows[backward])]] = True
    return Choice(
        wanted[taken],
        int(present.sum()),
        int((possible & ~taken).sum()),
        int((into_input & ~present).sum()),
    )


def _acyclic(topology: Topology, certain: IntArray, doubtful: IntArray) -> BoolArray:
    """Which of some pairs of rows can be added, one after the other, without a circle."""
    # Everything a row leads to, as the bits of one whole number.
    leads_to = [1 << row for row in range(topology.neuron_count)]
    edges = np.concatenate([topology.edge_rows, certain])
    order = np.argsort(topology.levels[edges[:, 0]], kind="stable")[::-1]
    for source, target in edges[order].tolist():
        leads_to[source] |= leads_to[target]
    taken = np.zeros(len(doubtful), dtype=bool)
    for place, (source, target) in enumerate(doubtful.tolist()):
        if leads_to[target] >> source & 1:
            continue
        taken[place] = True
        if leads_to[source] >> target & 1:
            continue  # nothing new can be reached
        reached = leads_to[target]
        for row, bits in enumerate(leads_to):
            if bits >> source & 1:
                leads_to[row] = bits | reached
    return taken


def insert_into_edge(network: Network, source: int, target: int) -> tuple[Network, int]:
    """Put a linear neuron into a connection; what the network computes stays the same.

    The connection into the new neuron takes over weight and flags, the one out of it has the
    weight 1, so that the target still receives w · a.
    """
    slot = network.edge_slot(source, target)
    new_id = next_free_id(network.topology.ids)
    keep = np.ones(network.topology.edge_count, dtype=bool)
    keep[slot] = False
    neuron = NewNeuron(new_id, Kind.HIDDEN, "linear", network.free_label(Kind.HIDDEN))
    after = network.edited(
        keep_edges=keep,
        neurons=[neuron],
        edges=[(source, new_id), (new_id, target)],
        weights=[float(network.theta[slot]), 1.0],
        edges_frozen=[bool(network.frozen[slot]), False],
        edges_enabled=[bool(network.enabled[slot]), True],
    )
    return after, new_id
