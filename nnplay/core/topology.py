"""The wiring of a network as an immutable value: which neurons exist and who feeds whom.

Wiring knows neither parameters nor activations nor labels; those live in
:class:`nnplay.core.network.Network`. Everything is held in numpy arrays, so that an edit of a
network with 100,000 edges stays within one frame of an animation.
"""

from __future__ import annotations

import enum
import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt

__all__ = ["Kind", "Topology", "TopologyError"]

IntArray = npt.NDArray[np.int64]
MAX_NEURON_ID: Final = 2**31 - 1
MAX_NAMES: Final = 12
FLAT_ROUNDS: Final = 64


class Kind(enum.IntEnum):
    """What a neuron is for: it receives data, works inside, or gives the answer."""

    INPUT = 0
    HIDDEN = 1
    OUTPUT = 2


class TopologyError(ValueError):
    """An edit or a file asked for wiring that no feed-forward network can have.

    The message is one sentence for people; it names the neurons concerned.
    """


@dataclass(frozen=True, eq=False)
class Origin:
    """How a wiring followed from another one: what stayed comes first, in the order it had.

    Attributes:
        token: the other wiring's :attr:`Topology.token`.
        kept_rows: ``bool[N]`` of the other wiring; None if all its neurons stayed.
        kept_edges: ``bool[E]`` of the other wiring; None if all its edges stayed.
    """

    token: object
    kept_rows: npt.NDArray[np.bool_] | None
    kept_edges: npt.NDArray[np.bool_] | None


def default_name(neuron_id: int) -> str:
    """Name used in messages when no label is known."""
    return f"neuron {neuron_id}"


class Topology:
    """Neurons (id and kind) and directed edges (source id, target id) of a feed-forward network.

    Attributes:
        ids: ``int64[N]``, stable neuron ids in table order ("rows").
        kinds: ``int8[N]``, values of :class:`Kind`.
        edges: ``int32[E, 2]``, source and target id of each edge in table order.

    A parameter *slot* is a position in the compact vector ``theta``: slot ``e`` is the weight of
    edge ``e``; the biases of the non-input neurons follow in row order.

    All arrays are read-only. Construction validates everything and raises
    :class:`TopologyError`; an existing ``Topology`` is therefore always sound.
    """

    __slots__ = ("__dict__", "edges", "ids", "kinds")

    def __init__(
        self,
        ids: npt.ArrayLike,
        kinds: npt.ArrayLike,
        edges: npt.ArrayLike = (),
        *,
        name_of: Callable[[int], str] = default_name,
    ) -> None:
        """Validate and freeze. ``name_of`` turns an id into the name used in error messages."""
        id_array = np.array(ids, dtype=np.int64).reshape(-1)
        kind_array = np.array(kinds, dtype=np.int8).reshape(-1)
        wide_edges = np.array(edges, dtype=np.int64).reshape(-1, 2)
        if id_array.shape != kind_array.shape:
            raise TopologyError(
                f"There are {id_array.size} neuron ids but {kind_array.size} neuron kinds."
            )
        if id_array.size and (id_array.min() < 0 or id_array.max() > MAX_NEURON_ID):
            raise TopologyError(f"Neuron ids must lie between 0 and {MAX_NEURON_ID}.")
        if kind_array.size and (kind_array.min() < 0 or kind_array.max() > Kind.OUTPUT):
            raise TopologyError("A neuron must be an input, a hidden neuron or an output.")
        unique, counts = np.unique(id_array, return_counts=True)
        if unique.size != id_array.size:
            twice = int(unique[counts > 1][0])
            raise TopologyError(f"The neuron id {twice} is used more than once.")
        self.ids = id_array
        self.kinds = kind_array
        self._check_edges(wide_edges, name_of)
        self.edges = wide_edges.astype(np.int32)
        for array in (self.ids, self.kinds, self.edges):
            array.flags.writeable = False
        self.__dict__["levels"] = self._levels_or_error(name_of)

    # ------------------------------------------------------------------ derived from another one
    @classmethod
    def trusted(cls, ids: IntArray, kinds: npt.NDArray[np.int8], edges: npt.ArrayLike) -> Topology:
        """Tables that are known to be sound, taken without a look (:mod:`nnplay.core.rewiring`)."""
        topology = object.__new__(cls)
        topology.ids, topology.kinds, topology.edges = ids, kinds, np.asarray(edges, np.int32)
        for array in (topology.ids, topology.kinds, topology.edges):
            array.flags.writeable = False
        return topology

    def take_derived(
        self,
        edge_rows: IntArray,
        levels: IntArray,
        sorted_edge_keys: tuple[IntArray, IntArray],
        origin: Origin,
    ) -> None:
        """Take what was found out on the way, before anybody else sees this wiring."""
        levels.flags.writeable = False
        self.__dict__.update(
            edge_rows=edge_rows, levels=levels, sorted_edge_keys=sorted_edge_keys, origin=origin
        )

    @cached_property
    def token(self) -> object:
        """Stands for this very wiring, without keeping it in memory."""
        return object()

    @property
    def origin(self) -> Origin | None:
        """How this wiring was derived, or None."""
        origin: Origin | None = self.__dict__.get("origin")
        return origin

    # ------------------------------------------------------------------ validation
    def _check_edges(self, edges: IntArray, name_of: Callable[[int], str]) -> None:
        if not edges.size:
            return
        known = np.isin(edges, self.ids)
        if not known.all():
            bad_row = int(np.flatnonzero(~known.all(axis=1))[0])
            source, target = (int(v) for v in edges[bad_row])
            missing = source if not known[bad_row, 0] else target
            raise TopologyError(
                f"The connection {source} → {target} refers to neuron {missing}, "
                "which does not exist."
            )
        loops = np.flatnonzero(edges[:, 0] == edges[:, 1])
        if loops.size:
            name = name_of(int(edges[loops[0], 0]))
            raise TopologyError(f"{capitalise(name)} cannot be connected to itself.")
        rows = self.rows(edges.reshape(-1)).reshape(-1, 2)
        into_input = np.flatnonzero(self.kinds[rows[:, 1]] == Kind.INPUT)
        if into_input.size:
            source, target = (int(v) for v in edges[into_input[0]])
            raise TopologyError(
                f"{capitalise(name_of(target))} is an input: it takes its value from the data, "
                f"so {name_of(source)} cannot feed it."
            )
        keys = self.edge_keys(rows[:, 0], rows[:, 1])
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        twice = np.flatnonzero(keys[1:] == keys[:-1])
        if twice.size:
            source, target = (int(v) for v in edges[order[twice[0]]])
            raise TopologyError(
                f"{capitalise(name_of(source))} and {name_of(target)} are already connected."
            )
        self.__dict__.update(edge_rows=rows, sorted_edge_keys=(keys, order))

    def _levels_or_error(self, name_of: Callable[[int], str]) -> IntArray:
        lowest = np.where(self.kinds == Kind.INPUT, 0, 1).astype(np.int64)
        levels = longest_paths(lowest, self.edge_rows)
        if levels is None:
            names = [name_of(neuron_id) for neuron_id in self._find_cycle()]
            if len(names) > MAX_NAMES:
                names = [*names[: MAX_NAMES - 2], "…", names[-1]]
            raise TopologyError(
                f"That would close a circle ({' → '.join(names)}); signals in a feed-forward "
                "network may only run forward."
            )
        levels.flags.writeable = False
        return levels

    def _find_cycle(self) -> list[int]:
        _, stuck = _peeled(np.zeros(self.ids.size, dtype=np.int64), self.edge_rows)
        # Whatever is stuck has a predecessor that is stuck, so walking back ends in a circle.
        predecessor = {int(t): int(s) for s, t in self.edge_rows if stuck[s] and stuck[t]}
        row = next(iter(predecessor))
        seen: dict[int, int] = {}
        while row not in seen:
            seen[row] = len(seen)
            row = predecessor[row]
        circle = list(seen)[seen[row] :][::-1]
        return [int(self.ids[r]) for r in [*circle, circle[0]]]

    # ------------------------------------------------------------------ looking things up
    @cached_property
    def row_of_id(self) -> dict[int, int]:
        """Row of every neuron id."""
        return {int(neuron_id): row for row, neuron_id in enumerate(self.ids)}

    def row(self, neuron_id: int) -> int:
        """Row of one neuron; raises :class:`TopologyError` if there is none with that id."""
        try:
            return self.row_of_id[int(neuron_id)]
        except KeyError:
            raise TopologyError(f"There is no neuron with the id {neuron_id}.") from None

    def rows(self, neuron_ids: npt.ArrayLike) -> IntArray:
        """Rows of many existing neurons, ``int64[len(neuron_ids)]``."""
        wanted = np.asarray(neuron_ids, dtype=np.int64)
        if self._row_table is not None:
            return self._row_table[wanted]
        order = self._id_order
        return order[np.searchsorted(self.ids[order], wanted)]

    def __contains__(self, neuron_id: object) -> bool:
        return neuron_id in self.row_of_id

    @cached_property
    def _row_table(self) -> IntArray | None:
        """Row by id, several times quicker than a search; None where ids are too sparse for it."""
        length = int(self.ids.max(initial=-1)) + 1
        if length > 4 * self.ids.size + 1000:
            return None
        table = np.full(length, -1, dtype=np.int64)
        table[self.ids] = np.arange(self.ids.size)
        return table

    @cached_property
    def _id_order(self) -> IntArray:
        return np.argsort(self.ids, kind="stable")

    @cached_property
    def edge_rows(self) -> IntArray:
        """``int64[E, 2]``: the edges with rows instead of ids."""
        return self.rows(self.edges.reshape(-1)).reshape(-1, 2)

    @cached_property
    def levels(self) -> IntArray:
        """``int64[N]``: 0 for inputs, otherwise the longest path from an input (at least 1)."""
        return self._levels_or_error(default_name)  # filled in by __init__

    @staticmethod
    def edge_keys(source_rows: IntArray, target_rows: IntArray) -> IntArray:
        """One number for each pair of rows; it does not depend on how many rows there are."""
        return (source_rows << 32) | target_rows

    @cached_property
    def sorted_edge_keys(self) -> tuple[IntArray, IntArray]:
        """The edges' keys in ascending order, and the slots they belong to: ``int64[E]`` each."""
        keys = self.edge_keys(self.edge_rows[:, 0], self.edge_rows[:, 1])
        order = np.argsort(keys, kind="stable")
        return keys[order], order

    def has_edge(self, source: int, target: int) -> bool:
        """Whether the connection source → target exists."""
        return self._edge_slot_or_none(source, target) is not None

    def edge_slot(self, source: int, target: int) -> int:
        """Slot of an edge's weight; raises :class:`TopologyError` if it does not exist."""
        slot = self._edge_slot_or_none(source, target)
        if slot is None:
            raise TopologyError(f"There is no connection {source} → {target}.")
        return slot

    def _edge_slot_or_none(self, source: int, target: int) -> int | None:
        if source not in self or target not in self:
            return None
        keys, order = self.sorted_edge_keys
        key = (self.row(source) << 32) | self.row(target)
        place = int(np.searchsorted(keys, key))
        if place == keys.size or keys[place] != key:
            return None
        return int(order[place])

    def edge_slots(self, source_rows: IntArray, target_rows: IntArray) -> IntArray:
        """Slots of many edges given by rows; -1 where there is no such edge."""
        keys, order = self.sorted_edge_keys
        wanted = self.edge_keys(source_rows, target_rows)
        if not keys.size:
            return np.full(wanted.shape, -1, dtype=np.int64)
        place = np.minimum(np.searchsorted(keys, wanted), keys.size - 1)
        return np.where(keys[place] == wanted, order[place], -1)

    @cached_property
    def bias_slots(self) -> IntArray:
        """``int64[N]``: slot of each row's bias; -1 for inputs, which have none."""
        slots = np.full(self.ids.size, -1, dtype=np.int64)
        with_bias = self.kinds != Kind.INPUT
        slots[with_bias] = len(self.edges) + np.arange(int(with_bias.sum()))
        slots.flags.writeable = False
        return slots

    def bias_slot(self, neuron_id: int) -> int:
        """Slot of a neuron's bias; raises :class:`TopologyError` for inputs."""
        slot = int(self.bias_slots[self.row(neuron_id)])
        if slot < 0:
            raise TopologyError(f"Neuron {neuron_id} is an input and has no bias.")
        return slot

    @cached_property
    def incoming_slots(self) -> tuple[IntArray, ...]:
        """For each row, the slots of its incoming edges in edge-table order."""
        return _grouped(self.edge_rows[:, 1], self.ids.size)

    @cached_property
    def outgoing_slots(self) -> tuple[IntArray, ...]:
        """For each row, the slots of its outgoing edges in edge-table order."""
        return _grouped(self.edge_rows[:, 0], self.ids.size)

    def incoming(self, neuron_id: int) -> list[tuple[int, int]]:
        """``(source id, slot)`` of every edge into the neuron."""
        slots = self.incoming_slots[self.row(neuron_id)]
        return [(int(self.edges[slot, 0]), int(slot)) for slot in slots]

    def outgoing(self, neuron_id: int) -> list[tuple[int, int]]:
        """``(target id, slot)`` of every edge out of the neuron."""
        slots = self.outgoing_slots[self.row(neuron_id)]
        return [(int(self.edges[slot, 1]), int(slot)) for slot in slots]

    # ------------------------------------------------------------------ counts and groups
    @property
    def neuron_count(self) -> int:
        """Number of neurons, inputs and outputs included."""
        return int(self.ids.size)

    @property
    def edge_count(self) -> int:
        """Number of connections."""
        return len(self.edges)

    @cached_property
    def parameter_count(self) -> int:
        """Length of ``theta``: one weight per edge and one bias per non-input neuron."""
        return self.edge_count + int((self.kinds != Kind.INPUT).sum())

    def ids_of(self, kind: Kind) -> tuple[int, ...]:
        """Ids of all neurons of one kind, in row order."""
        return tuple(int(neuron_id) for neuron_id in self.ids[self.kinds == kind])

    @cached_property
    def input_ids(self) -> tuple[int, ...]:
        """Ids of the inputs in row order: the order of the columns they read."""
        return self.ids_of(Kind.INPUT)

    @cached_property
    def hidden_ids(self) -> tuple[int, ...]:
        """Ids of the hidden neurons in row order."""
        return self.ids_of(Kind.HIDDEN)

    @cached_property
    def output_ids(self) -> tuple[int, ...]:
        """Ids of the outputs in row order: the order of predictions and targets."""
        return self.ids_of(Kind.OUTPUT)

    def kind_of(self, neuron_id: int) -> Kind:
        """Kind of one neuron."""
        return Kind(int(self.kinds[self.row(neuron_id)]))

    def level_of(self, neuron_id: int) -> int:
        """Level of one neuron (see :attr:`levels`)."""
        return int(self.levels[self.row(neuron_id)])

    @cached_property
    def is_layered(self) -> bool:
        """True if every edge runs between consecutive levels."""
        steps = self.levels[self.edge_rows[:, 1]] - self.levels[self.edge_rows[:, 0]]
        return bool((steps == 1).all())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Topology):
            return NotImplemented
        return (
            np.array_equal(self.ids, other.ids)
            and np.array_equal(self.kinds, other.kinds)
            and np.array_equal(self.edges, other.edges)
        )

    def __hash__(self) -> int:
        # Some edges tell wirings apart well enough; all of them would take a millisecond or more.
        some = self.edges[:: 1 + len(self.edges) // 1000]
        return hash((self.ids.tobytes(), self.kinds.tobytes(), len(self.edges), some.tobytes()))

    def __repr__(self) -> str:
        return (
            f"Topology({len(self.input_ids)} inputs, {len(self.hidden_ids)} hidden, "
            f"{len(self.output_ids)} outputs, {self.edge_count} edges)"
        )


def longest_paths(lowest: IntArray, edge_rows: IntArray) -> IntArray | None:
    """Length of the longest path to each row, at least ``lowest``; None if there is a circle.

    Args:
        lowest: ``int64[N]``, values of rows that nothing feeds.
        edge_rows: ``int64[E, 2]``, sources and targets.
    """
    sources, targets = edge_rows[:, 0], edge_rows[:, 1]
    levels = lowest
    # A round costs as much as all edges, which is best for few levels and hopeless for many.
    for _ in range(FLAT_ROUNDS):
        raised = levels.copy()
        np.maximum.at(raised, targets, levels[sources] + 1)
        if np.array_equal(raised, levels):
            return raised
        levels = raised
    levels, stuck = _peeled(lowest, edge_rows)
    return None if stuck.any() else levels


def _peeled(lowest: IntArray, edge_rows: IntArray) -> tuple[IntArray, npt.NDArray[np.bool_]]:
    """Longest paths, row by row; also the rows that lie on or behind a circle."""
    count = lowest.size
    waiting = np.bincount(edge_rows[:, 1], minlength=count).tolist()
    order = np.argsort(edge_rows[:, 0], kind="stable")
    successors = edge_rows[order, 1].tolist()
    first = np.searchsorted(edge_rows[order, 0], np.arange(count + 1)).tolist()
    levels = lowest.tolist()
    ready = [row for row in range(count) if not waiting[row]]
    while ready:
        row = ready.pop()
        for target in successors[first[row] : first[row + 1]]:
            levels[target] = max(levels[target], levels[row] + 1)
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
    return np.array(levels, dtype=np.int64), np.array(waiting) > 0


def carry_slots(before: Topology, after: Topology) -> tuple[IntArray, IntArray]:
    """Slots that survive a structural edit, matched by neuron ids.

    Returns ``(slots in before, slots in after)`` of equal length. An input that became a
    hidden neuron keeps nothing, since it had no bias.
    """
    if before is after:
        every = np.arange(before.parameter_count)
        return every, every
    if before.edge_count and after.edge_count:
        present = np.isin(before.edges, after.ids).all(axis=1)
        old_edges = np.flatnonzero(present)
        new_slots = after.edge_slots(
            after.rows(before.edges[old_edges, 0]), after.rows(before.edges[old_edges, 1])
        )
        old_edges, new_edges = old_edges[new_slots >= 0], new_slots[new_slots >= 0]
    else:
        old_edges = new_edges = np.empty(0, dtype=np.int64)
    shared = before.ids[np.isin(before.ids, after.ids)]
    old_bias = before.bias_slots[before.rows(shared)]
    new_bias = after.bias_slots[after.rows(shared)]
    both = (old_bias >= 0) & (new_bias >= 0)
    return (
        np.concatenate([old_edges, old_bias[both]]),
        np.concatenate([new_edges, new_bias[both]]),
    )


def fill_carried(
    result: npt.NDArray[Any], values: npt.NDArray[Any], before: Topology, after: Topology
) -> None:
    """Put into ``result[P]`` of one wiring what survives of ``values[P]`` of another."""
    origin = after.origin
    if origin is None or origin.token is not before.token:
        old, new = carry_slots(before, after)
        result[new] = values[old]
        return
    weights, biases = values[: before.edge_count], values[before.edge_count :]
    if origin.kept_edges is not None:
        weights = np.compress(origin.kept_edges, weights)
    if origin.kept_rows is not None:
        biases = np.compress(origin.kept_rows[before.kinds != Kind.INPUT], biases)
    result[: weights.size] = weights
    result[after.edge_count : after.edge_count + biases.size] = biases


def capitalise(sentence: str) -> str:
    """First letter upper case, the rest untouched (``str.capitalize`` lowers it)."""
    return sentence[:1].upper() + sentence[1:]


def _grouped(rows: IntArray, count: int) -> tuple[IntArray, ...]:
    order = np.argsort(rows, kind="stable")
    bounds: Sequence[int] = np.searchsorted(rows[order], np.arange(count + 1)).tolist()
    return tuple(order[a:b] for a, b in itertools.pairwise(bounds))


def next_free_id(ids: Iterable[int]) -> int:
    """The smallest id larger than all given ones."""
    return max((int(neuron_id) for neuron_id in ids), default=-1) + 1
