"""Which of many connections a wiring has, all at once."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from nnplay.core.topology import Topology

__all__ = ["known_edges", "known_slots"]

EdgeKey = tuple[int, int]
# Fewer are looked up faster one by one.
_MANY = 32


def known_edges(topology: Topology, pairs: Iterable[EdgeKey]) -> frozenset[EdgeKey]:
    """Those of some (source id, target id) pairs that are connections of a wiring."""
    wanted = frozenset(pairs)
    if len(wanted) < _MANY:
        return frozenset((s, t) for s, t in wanted if topology.has_edge(s, t))
    kept, slots = _looked_up(topology, list(wanted))
    if len(kept) == len(wanted) and (slots >= 0).all():
        return wanted
    return frozenset(pair for pair, slot in zip(kept, slots.tolist(), strict=True) if slot >= 0)


def known_slots(topology: Topology, pairs: Iterable[EdgeKey]) -> npt.NDArray[np.int64]:
    """``int64[k]``: the slots of those pairs that are connections of a wiring."""
    _, slots = _looked_up(topology, list(pairs))
    return slots[slots >= 0]


def _looked_up(
    topology: Topology, pairs: list[EdgeKey]
) -> tuple[list[EdgeKey], npt.NDArray[np.int64]]:
    """The pairs of existing neurons, and their slots (-1: not connected)."""
    rows = topology.row_of_id
    kept = [pair for pair in pairs if pair[0] in rows and pair[1] in rows]
    if not kept:
        return [], np.empty(0, dtype=np.int64)
    ends = topology.rows(np.array(kept, dtype=np.int64))
    return kept, topology.edge_slots(ends[:, 0], ends[:, 1])
