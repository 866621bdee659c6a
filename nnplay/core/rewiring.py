"""Wiring after an edit, derived from the wiring before it.

Checking and sorting 100,000 connections takes longer than a frame of an animation; following a few
changes does not. What is derived here is exactly what :class:`Topology` would make of the same
tables, which is also who says what is wrong with an edit that cannot be.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from nnplay.core.topology import MAX_NEURON_ID, Kind, Origin, Topology, longest_paths

__all__ = ["rewired"]

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


def rewired(
    before: Topology,
    *,
    keep_rows: BoolArray | None = None,
    keep_edges: BoolArray | None = None,
    new_ids: npt.ArrayLike = (),
    new_kinds: npt.ArrayLike = (),
    new_edges: npt.ArrayLike = (),
    name_of: Callable[[int], str],
) -> Topology:
    """What stays, in the order it had, followed by what is new.

    Args:
        before: the wiring before the edit.
        keep_rows: ``bool[N]``, neurons that stay; None keeps all. Their connections go with them.
        keep_edges: ``bool[E]``, connections that stay, as far as their neurons do.
        new_ids: ``k`` ids that are not in use.
        new_kinds: ``k`` kinds.
        new_edges: ``[m, 2]`` ids of source and target.
        name_of: name of a neuron in messages.

    Raises :class:`nnplay.core.topology.TopologyError` as :class:`Topology` does.
    """
    ids = np.asarray(new_ids, dtype=np.int64).reshape(-1)
    kinds = np.asarray(new_kinds, dtype=np.int8).reshape(-1)
    added = np.asarray(new_edges, dtype=np.int64).reshape(-1, 2)
    rows_left = before.edge_rows
    if keep_rows is not None:
        with_ends = keep_rows[rows_left[:, 0]] & keep_rows[rows_left[:, 1]]
        keep_edges = with_ends if keep_edges is None else keep_edges & with_ends
        if keep_rows.all():
            keep_rows = None
    if keep_edges is not None and keep_edges.all():
        keep_edges = None
    # np.compress is some ten times as quick as a mask in brackets on rows of two.
    old_ids, old_kinds, old_edges = before.ids, before.kinds, before.edges
    if keep_edges is not None:
        old_edges = np.compress(keep_edges, old_edges, axis=0)
        rows_left = np.compress(keep_edges, rows_left, axis=0)
    new_row: IntArray | None = None
    if keep_rows is not None:
        old_ids, old_kinds = old_ids[keep_rows], old_kinds[keep_rows]
        new_row = np.cumsum(keep_rows) - 1
        rows_left = new_row[rows_left]
    all_ids, all_kinds = np.concatenate([old_ids, ids]), np.concatenate([old_kinds, kinds])
    all_edges = np.concatenate([old_edges, added.astype(np.int32)]) if added.size else old_edges

    def checked() -> Topology:
        wide = np.concatenate([old_edges.astype(np.int64), added])
        return Topology(all_ids, all_kinds, wide, name_of=name_of)

    if not _are_new(before, ids, kinds):
        return checked()
    after = Topology.trusted(all_ids, all_kinds, all_edges)
    added_rows = _rows_of(after, added)
    if added_rows is None or (after.kinds[added_rows[:, 1]] == Kind.INPUT).any():
        return checked()
    keys = _followed_keys(before, keep_edges, new_row, added_rows, rows_left.shape[0])
    if keys is None:
        return checked()
    edge_rows = np.concatenate([rows_left, added_rows]) if added.size else rows_left
    levels = _followed_levels(
        before, after.kinds, keep_rows, keep_edges, new_row, edge_rows, added_rows
    )
    if levels is None:
        return checked()
    after.take_derived(edge_rows, levels, keys, Origin(before.token, keep_rows, keep_edges))
    return after


def _are_new(before: Topology, ids: IntArray, kinds: npt.NDArray[np.int8]) -> bool:
    if ids.shape != kinds.shape:
        return False
    if not ids.size:
        return True
    in_range = ids.min() >= 0 and ids.max() <= MAX_NEURON_ID
    sound = kinds.min() >= 0 and kinds.max() <= Kind.OUTPUT
    return bool(
        in_range
        and sound
        and len(set(ids.tolist())) == ids.size
        # Ids of neurons that go in the same edit are left to the careful way.
        and not any(neuron_id in before for neuron_id in ids.tolist())
    )


def _rows_of(topology: Topology, edges: IntArray) -> IntArray | None:
    """Rows of both ends; None if one does not exist or both are the same."""
    known = topology.row_of_id
    flat: list[int] = edges.reshape(-1).tolist()
    if not all(neuron_id in known for neuron_id in set(flat)):
        return None
    rows = np.array([known[neuron_id] for neuron_id in flat], dtype=np.int64).reshape(-1, 2)
    return None if (rows[:, 0] == rows[:, 1]).any() else rows


def _followed_keys(
    before: Topology,
    keep_edges: BoolArray | None,
    new_row: IntArray | None,
    added_rows: IntArray,
    kept_count: int,
) -> tuple[IntArray, IntArray] | None:
    """Sorted edge keys and their slots; None if an edge would be there twice."""
    keys, order = before.sorted_edge_keys
    if keep_edges is not None:
        kept = keep_edges[order]
        slot = np.cumsum(keep_edges) - 1
        keys, order = np.compress(kept, keys), slot[np.compress(kept, order)]
    if new_row is not None:  # rows keep their order, and so do the keys
        keys = Topology.edge_keys(new_row[keys >> 32], new_row[keys & 0xFFFFFFFF])
    if len(added_rows):
        new_keys = Topology.edge_keys(added_rows[:, 0], added_rows[:, 1])
        new_order = np.argsort(new_keys, kind="stable")
        new_keys = new_keys[new_order]
        places = np.searchsorted(keys, new_keys)
        there = places < keys.size
        if (keys[places[there]] == new_keys[there]).any() or (new_keys[1:] == new_keys[:-1]).any():
            return None
        keys = np.insert(keys, places, new_keys)
        order = np.insert(order, places, kept_count + new_order)
    return keys, order


def _followed_levels(
    before: Topology,
    kinds: npt.NDArray[np.int8],
    keep_rows: BoolArray | None,
    keep_edges: BoolArray | None,
    new_row: IntArray | None,
    edge_rows: IntArray,
    added_rows: IntArray,
) -> IntArray | None:
    """Levels after the edit; None if there is a circle."""
    lowest = np.where(kinds == Kind.INPUT, 0, 1).astype(np.int64)
    left = before.levels if keep_rows is None else before.levels[keep_rows]
    levels = np.concatenate([left, lowest[left.size :]])
    if keep_edges is not None:
        lost = before.edge_rows[~keep_edges, 1]
        if keep_rows is not None:
            assert new_row is not None  # noqa: S101
            lost = new_row[lost[keep_rows[lost]]]
        # A neuron stays where it is as long as something one level before it still feeds it.
        doubtful = np.zeros(kinds.size, dtype=bool)
        doubtful[lost] = True
        doubtful &= levels > lowest
        into = doubtful[edge_rows[:, 1]]
        sources, targets = edge_rows[into, 0], edge_rows[into, 1]
        doubtful[targets[levels[sources] == levels[targets] - 1]] = False
        if doubtful.any():
            return longest_paths(lowest, edge_rows)
    if (levels[added_rows[:, 0]] < levels[added_rows[:, 1]]).all():
        return levels
    # New connections only raise levels, so that the search begins at the old ones.
    return longest_paths(levels, edge_rows)
