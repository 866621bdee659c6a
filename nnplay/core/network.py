"""The immutable network everybody passes around: wiring, attributes and one parameter vector.

Every edit is a method that returns a new :class:`Network`; nothing is ever changed in place. All
values of a network can therefore be shared between threads, kept for undo and compared by
identity: ``before.topology is after.topology`` means that only numbers or names changed.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from nnplay.core.distinct import distinct
from nnplay.core.rewiring import rewired
from nnplay.core.topology import (
    Kind,
    Topology,
    TopologyError,
    capitalise,
    carry_slots,
    fill_carried,
    longest_paths,
    next_free_id,
)

__all__ = ["Edge", "Network", "Neuron", "NewNeuron", "carry_values"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Neuron:
    """Record view of one neuron, for people and files. ``bias`` is None for inputs."""

    id: int
    kind: Kind
    activation: str
    label: str
    binding: str | None
    bias: float | None
    level: int
    enabled: bool
    dropout: float


@dataclass(frozen=True)
class NewNeuron:
    """A neuron to be added; ``bias`` and its flags mean nothing for inputs."""

    id: int
    kind: Kind
    activation: str
    label: str
    binding: str | None = None
    bias: float = 0.0
    dropout: float = 0.0
    enabled: bool = True
    bias_frozen: bool = False
    bias_enabled: bool = True


@dataclass(frozen=True)
class Edge:
    """Record view of one connection."""

    source: int
    target: int
    weight: float
    slot: int
    frozen: bool
    enabled: bool


def _read_only(
    values: npt.ArrayLike, dtype: npt.DTypeLike, size: int, what: str
) -> npt.NDArray[Any]:
    array = np.array(values, dtype=dtype).reshape(-1)
    if array.size != size:
        raise TopologyError(f"The network needs {size} {what}, but {array.size} were given.")
    array.flags.writeable = False
    return array


@dataclass(frozen=True, eq=False)
class Network:
    """A feed-forward network of single neurons.

    Attributes:
        topology: who exists and who feeds whom.
        theta: ``float64[P]``, read-only: one weight per edge, then one bias per non-input neuron.
        activations: ``N`` activation names in row order (``"linear"`` for inputs).
        labels: ``N`` names shown to people.
        bindings: ``N`` keys that tie inputs to features and outputs to classes or targets.
        dropout: ``float64[N]``, probability that a hidden neuron is silenced in a step.
        frozen: ``bool[P]``, parameters that training leaves alone.
        enabled: ``bool[P]``, a disabled edge or bias counts as 0, is not trained and keeps its
            number.
        neuron_enabled: ``bool[N]``, a disabled neuron outputs 0.

    Raises :class:`TopologyError` when the pieces do not fit together.
    """

    topology: Topology
    theta: FloatArray
    activations: tuple[str, ...]
    labels: tuple[str, ...]
    bindings: tuple[str | None, ...]
    dropout: FloatArray
    frozen: BoolArray
    enabled: BoolArray
    neuron_enabled: BoolArray

    # ------------------------------------------------------------------ building
    @classmethod
    def build(
        cls,
        topology: Topology,
        *,
        theta: npt.ArrayLike | None = None,
        activations: Sequence[str] | None = None,
        labels: Sequence[str] | None = None,
        bindings: Sequence[str | None] | None = None,
        dropout: npt.ArrayLike | None = None,
        frozen: npt.ArrayLike | None = None,
        enabled: npt.ArrayLike | None = None,
        neuron_enabled: npt.ArrayLike | None = None,
    ) -> Network:
        """Make a network, filling in what is not given (zeros, linear, default labels)."""
        n, p = topology.neuron_count, topology.parameter_count
        if activations is None:
            activations = ["linear"] * n
        if labels is None:
            labels = default_labels(topology)
        if bindings is None:
            bindings = [None] * n
        for what, values in (
            ("activations", activations),
            ("labels", labels),
            ("bindings", bindings),
        ):
            if len(values) != n:
                raise TopologyError(f"The network needs {n} {what}, but {len(values)} were given.")
        network = cls(
            topology,
            _read_only(np.zeros(p) if theta is None else theta, np.float64, p, "parameters"),
            tuple(activations),
            tuple(labels),
            tuple(bindings),
            _read_only(np.zeros(n) if dropout is None else dropout, np.float64, n, "dropout rates"),
            _read_only(np.zeros(p) if frozen is None else frozen, np.bool_, p, "frozen flags"),
            _read_only(np.ones(p) if enabled is None else enabled, np.bool_, p, "enabled flags"),
            _read_only(
                np.ones(n) if neuron_enabled is None else neuron_enabled,
                np.bool_,
                n,
                "neuron flags",
            ),
        )
        network._check_activations()
        return network

    @classmethod
    def mlp(
        cls,
        sizes: Sequence[int],
        *,
        activation: str = "tanh",
        output_activation: str = "tanh",
        input_bindings: Sequence[str] | None = None,
        output_bindings: Sequence[str] | None = None,
    ) -> Network:
        """A fully connected layered network with all parameters zero.

        Args:
            sizes: neurons per layer, inputs first, outputs last (at least two entries, each >= 1).
            activation: activation of every hidden neuron.
            output_activation: activation of every output.
            input_bindings: feature key per input, also its label.
            output_bindings: class or target key per output, also its label.
        """
        if len(sizes) < 2 or any(size < 1 for size in sizes):
            raise TopologyError(
                "A layered network needs at least an input and an output layer, each with one "
                "neuron or more."
            )
        total = int(sum(sizes))
        starts = np.concatenate([[0], np.cumsum(sizes)])
        kinds = np.full(total, Kind.HIDDEN, dtype=np.int8)
        kinds[: sizes[0]] = Kind.INPUT
        kinds[total - sizes[-1] :] = Kind.OUTPUT
        blocks = []
        for layer in range(len(sizes) - 1):
            sources = np.arange(starts[layer], starts[layer + 1])
            targets = np.arange(starts[layer + 1], starts[layer + 2])
            # All edges into one neuron stand together, as in a row of an (out, in) matrix.
            blocks.append(
                np.stack([np.tile(sources, len(targets)), np.repeat(targets, len(sources))], 1)
            )
        topology = Topology(np.arange(total), kinds, np.concatenate(blocks))
        names = [
            "linear"
            if kind == Kind.INPUT
            else output_activation
            if kind == Kind.OUTPUT
            else activation
            for kind in kinds
        ]
        labels = list(default_labels(topology))
        bindings: list[str | None] = [None] * total
        for offset, keys in ((0, input_bindings), (total - sizes[-1], output_bindings)):
            for i, key in enumerate(keys or ()):
                labels[offset + i] = bindings[offset + i] = key
        return cls.build(topology, activations=names, labels=labels, bindings=bindings)

    def _check_activations(self) -> None:
        for row, name in enumerate(self.activations):
            if name == "softmax" and self.topology.kinds[row] != Kind.OUTPUT:
                raise TopologyError(
                    f"Softmax belongs to output neurons only, and {self._name_of_row(row)} is "
                    "not an output."
                )
        self.stages  # noqa: B018 - raises when softmax outputs depend on each other

    # ------------------------------------------------------------------ reading
    @cached_property
    def stages(self) -> npt.NDArray[np.int64]:
        """``int64[N]``: evaluation order. Like levels, but a softmax group counts as one neuron.

        The group is evaluated after its deepest member; whatever it feeds comes later still.
        """
        softmax = np.array([name == "softmax" for name in self.activations], dtype=bool)
        topology = self.topology
        if softmax.sum() < 2:
            return topology.levels
        if not softmax[topology.edge_rows[:, 0]].any():  # the usual case: they feed nobody
            together = topology.levels.copy()
            together[softmax] = together[softmax].max()
            together.flags.writeable = False
            return together
        node = np.arange(topology.neuron_count)
        node[softmax] = np.flatnonzero(softmax)[0]  # the group is one node
        lowest = np.where(topology.kinds == Kind.INPUT, 0, 1).astype(np.int64)
        paths = longest_paths(lowest, node[topology.edge_rows])
        if paths is not None:
            stages: npt.NDArray[np.int64] = paths[node]
            stages.flags.writeable = False
            return stages
        raise TopologyError(
            "The softmax outputs are computed together, so one of them cannot feed another."
        )

    def name_of(self, neuron_id: int) -> str:
        """Name for messages: the label in quotes, or "neuron 7" when it has none."""
        if neuron_id not in self.topology:
            return f"neuron {neuron_id}"
        return self._name_of_row(self.topology.row(neuron_id))

    def _name_of_row(self, row: int) -> str:
        label = self.labels[row]
        return f"“{label}”" if label else f"neuron {int(self.topology.ids[row])}"

    def neuron(self, neuron_id: int) -> Neuron:
        """Record view of one neuron; raises :class:`TopologyError` if it does not exist."""
        row = self.topology.row(neuron_id)
        slot = int(self.topology.bias_slots[row])
        return Neuron(
            id=int(self.topology.ids[row]),
            kind=Kind(int(self.topology.kinds[row])),
            activation=self.activations[row],
            label=self.labels[row],
            binding=self.bindings[row],
            bias=None if slot < 0 else float(self.theta[slot]),
            level=int(self.topology.levels[row]),
            enabled=bool(self.neuron_enabled[row]),
            dropout=float(self.dropout[row]),
        )

    @property
    def neurons(self) -> tuple[Neuron, ...]:
        """Record views of all neurons in row order."""
        return tuple(self.neuron(int(neuron_id)) for neuron_id in self.topology.ids)

    def edge(self, source: int, target: int) -> Edge:
        """Record view of one connection; raises :class:`TopologyError` if it does not exist."""
        return self._edge_at(self.edge_slot(source, target))

    def _edge_at(self, slot: int) -> Edge:
        source, target = self.topology.edges[slot]
        return Edge(
            int(source),
            int(target),
            float(self.theta[slot]),
            slot,
            bool(self.frozen[slot]),
            bool(self.enabled[slot]),
        )

    @property
    def edges(self) -> tuple[Edge, ...]:
        """Record views of all connections in edge-table order."""
        return tuple(self._edge_at(slot) for slot in range(self.topology.edge_count))

    def edge_slot(self, source: int, target: int) -> int:
        """Slot of a connection's weight; the :class:`TopologyError` names the neurons."""
        if not self.topology.has_edge(source, target):
            raise TopologyError(
                f"There is no connection from {self.name_of(source)} to {self.name_of(target)}."
            )
        return self.topology.edge_slot(source, target)

    def bias_slot(self, neuron_id: int) -> int:
        """Slot of a neuron's bias; the :class:`TopologyError` for inputs names the neuron."""
        row = self.topology.row(neuron_id)
        if self.topology.kinds[row] == Kind.INPUT:
            raise TopologyError(
                f"{capitalise(self._name_of_row(row))} is an input and has no bias."
            )
        return int(self.topology.bias_slots[row])

    def activation_of(self, neuron_id: int) -> str:
        """Activation name of one neuron."""
        return self.activations[self.topology.row(neuron_id)]

    def label_of(self, neuron_id: int) -> str:
        """Label of one neuron."""
        return self.labels[self.topology.row(neuron_id)]

    @property
    def output_activations(self) -> tuple[str, ...]:
        """Activation names of the outputs in row order."""
        return tuple(self.activation_of(neuron_id) for neuron_id in self.topology.output_ids)

    @cached_property
    def outer_bindings(self) -> tuple[tuple[str | None, ...], tuple[str | None, ...]]:
        """Bindings of the inputs and of the outputs in row order: what ties data to a network."""
        kinds = self.topology.kinds
        return (
            tuple(itertools.compress(self.bindings, kinds == Kind.INPUT)),
            tuple(itertools.compress(self.bindings, kinds == Kind.OUTPUT)),
        )

    @cached_property
    def effective_weights(self) -> FloatArray:
        """``float64[E]``: the weights that count, 0 for disabled edges."""
        edge_count = self.topology.edge_count
        return np.where(self.enabled[:edge_count], self.theta[:edge_count], 0.0)

    @property
    def is_chain_of_layers(self) -> bool:
        """True if every edge runs between consecutive levels and outputs share the last one."""
        levels = self.topology.levels[self.topology.kinds == Kind.OUTPUT]
        return (
            self.topology.is_layered
            and bool(levels.size)
            and bool((levels == self.topology.levels.max()).all())
        )

    def same_as(self, other: Network) -> bool:
        """Bit-for-bit equality of everything."""
        return (
            self.topology == other.topology
            and self.activations == other.activations
            and self.labels == other.labels
            and self.bindings == other.bindings
            and all(
                np.array_equal(getattr(self, name), getattr(other, name))
                for name in ("theta", "dropout", "frozen", "enabled", "neuron_enabled")
            )
        )

    # ------------------------------------------------------------------ edits of numbers and names
    def with_theta(self, theta: npt.ArrayLike) -> Network:
        """The same network with other parameters, ``float64[P]`` (copied)."""
        return replace(
            self,
            theta=_read_only(theta, np.float64, self.topology.parameter_count, "parameters"),
        )

    def with_parameters(self, values: Mapping[int, float]) -> Network:
        """Set single parameters by slot."""
        theta = self.theta.copy()
        for slot, value in values.items():
            theta[self._checked_slot(slot)] = value
        return self.with_theta(theta)

    def set_weight(self, source: int, target: int, value: float) -> Network:
        """Set the weight of an existing connection."""
        return self.with_parameters({self.edge_slot(source, target): value})

    def set_bias(self, neuron_id: int, value: float) -> Network:
        """Set the bias of a hidden or output neuron."""
        return self.with_parameters({self.bias_slot(neuron_id): value})

    def set_activation(self, neuron_ids: Iterable[int], activation: str) -> Network:
        """Set the activation of hidden or output neurons."""
        names = list(self.activations)
        for neuron_id in neuron_ids:
            row = self.topology.row(neuron_id)
            if self.topology.kinds[row] == Kind.INPUT:
                raise TopologyError(
                    f"{capitalise(self._name_of_row(row))} is an input and has no activation "
                    "function."
                )
            names[row] = activation
        changed = replace(self, activations=tuple(names))
        changed._check_activations()
        return changed

    def set_label(self, neuron_id: int, label: str) -> Network:
        """Rename a neuron; this never recompiles anything."""
        labels = list(self.labels)
        labels[self.topology.row(neuron_id)] = label
        return replace(self, labels=tuple(labels))

    def set_binding(self, neuron_id: int, binding: str | None) -> Network:
        """Tie an input to a feature or an output to a class or target."""
        bindings = list(self.bindings)
        bindings[self.topology.row(neuron_id)] = binding
        return replace(self, bindings=tuple(bindings))

    def set_frozen(self, slots: Iterable[int], frozen: bool) -> Network:
        """Lock or unlock parameters by slot."""
        return replace(self, frozen=self._flagged(self.frozen, slots, frozen))

    def set_enabled(self, slots: Iterable[int], enabled: bool) -> Network:
        """Switch connections (or biases) off and on, by slot, without losing their numbers."""
        return replace(self, enabled=self._flagged(self.enabled, slots, enabled))

    def with_enabled(self, enabled: npt.ArrayLike) -> Network:
        """The same network with other switches of its parameters, ``bool[P]`` (copied)."""
        count = self.topology.parameter_count
        return replace(self, enabled=_read_only(enabled, np.bool_, count, "enabled flags"))

    def set_neurons_enabled(self, neuron_ids: Iterable[int], enabled: bool) -> Network:
        """Switch neurons off and on; a neuron that is off gives 0 and keeps all its numbers."""
        flags = self.neuron_enabled.copy()
        flags[[self.topology.row(neuron_id) for neuron_id in neuron_ids]] = enabled
        flags.flags.writeable = False
        return replace(self, neuron_enabled=flags)

    def _flagged(self, flags: BoolArray, slots: Iterable[int], value: bool) -> BoolArray:
        chosen = [self._checked_slot(slot) for slot in slots]
        flags = flags.copy()
        flags[chosen] = value
        flags.flags.writeable = False
        return flags

    def _checked_slot(self, slot: int) -> int:
        if not 0 <= slot < self.theta.size:
            raise TopologyError(f"There is no parameter number {slot}.")
        return slot

    # ------------------------------------------------------------------ edits of structure
    def rewired(
        self,
        ids: npt.ArrayLike,
        kinds: npt.ArrayLike,
        edges: npt.ArrayLike,
        *,
        activations: Mapping[int, str] | None = None,
        labels: Mapping[int, str] | None = None,
        bindings: Mapping[int, str | None] | None = None,
        fill: float = 0.0,
    ) -> Network:
        """A network with other wiring; whatever survives (by id) keeps all its values.

        The mappings give attributes of new or changed neurons by id; new parameters are ``fill``.
        """

        def name_of(neuron_id: int) -> str:
            if neuron_id in self.topology:
                return self.name_of(neuron_id)
            return (labels or {}).get(neuron_id) or f"neuron {neuron_id}"

        topology = Topology(ids, kinds, edges, name_of=name_of)
        row_of = self.topology.row_of_id

        def gather(
            current: Sequence[object], given: Mapping[int, object] | None, default: object
        ) -> list[object]:
            given = given or {}
            return [
                given[neuron_id]
                if neuron_id in given
                else current[row_of[neuron_id]]
                if neuron_id in row_of
                else default
                for neuron_id in topology.ids.tolist()
            ]

        survivors = carry_slots(self.topology, topology)
        count = topology.parameter_count
        return Network.build(
            topology,
            theta=_carried(self.theta, survivors, count, fill),
            activations=gather(self.activations, activations, "linear"),  # type: ignore[arg-type]
            labels=gather(self.labels, labels, ""),  # type: ignore[arg-type]
            bindings=gather(self.bindings, bindings, None),  # type: ignore[arg-type]
            dropout=gather(self.dropout.tolist(), None, 0.0),  # type: ignore[arg-type]
            frozen=_carried(self.frozen, survivors, count, False),
            enabled=_carried(self.enabled, survivors, count, True),
            neuron_enabled=gather(self.neuron_enabled.tolist(), None, True),  # type: ignore[arg-type]
        )

    def edited(
        self,
        *,
        gone: Iterable[int] = (),
        keep_edges: BoolArray | None = None,
        neurons: Sequence[NewNeuron] = (),
        edges: npt.ArrayLike = (),
        weights: npt.ArrayLike = 0.0,
        edges_frozen: npt.ArrayLike = False,
        edges_enabled: npt.ArrayLike = True,
    ) -> Network:
        """A network some of whose neurons and connections are gone, and others new.

        What stays keeps its order and all its values; what is new follows behind it. This is the
        quick way to edit structure: it costs little more than copying what stays.

        Args:
            gone: ids of neurons that go, with all their connections.
            keep_edges: ``bool[E]``, connections that stay; None keeps all.
            neurons: the new neurons.
            edges: ``[m, 2]`` ids of the ends of new connections.
            weights: their weights, ``[m]`` or one for all.
            edges_frozen: ``bool[m]`` or one for all, whether training leaves them alone.
            edges_enabled: ``bool[m]`` or one for all, whether they are switched on.
        """
        before = self.topology
        keep_rows = None
        rows_gone = [before.row(neuron_id) for neuron_id in gone]
        if rows_gone:
            keep_rows = np.ones(before.neuron_count, dtype=bool)
            keep_rows[rows_gone] = False
        labels = {neuron.id: neuron.label for neuron in neurons}

        def name_of(neuron_id: int) -> str:
            label = labels.get(neuron_id)
            return f"“{label}”" if label else self.name_of(neuron_id)

        topology = rewired(
            before,
            keep_rows=keep_rows,
            keep_edges=keep_edges,
            new_ids=[neuron.id for neuron in neurons],
            new_kinds=[neuron.kind for neuron in neurons],
            new_edges=edges,
            name_of=name_of,
        )
        count = topology.parameter_count
        added = np.asarray(edges, dtype=np.int64).reshape(-1, 2)
        added_slots = slice(topology.edge_count - len(added), topology.edge_count)
        with_bias = [neuron for neuron in neurons if neuron.kind != Kind.INPUT]
        new_biases = slice(count - len(with_bias), count)

        def carried(
            values: npt.NDArray[Any], of_edges: npt.ArrayLike, of_biases: Sequence[float | bool]
        ) -> npt.NDArray[Any]:
            result = np.empty(count, dtype=values.dtype)
            fill_carried(result, values, before, topology)
            result[added_slots] = of_edges
            result[new_biases] = of_biases
            return result

        def kept(values: Iterable[Any]) -> list[Any]:
            return list(values if keep_rows is None else itertools.compress(values, keep_rows))

        return Network.build(
            topology,
            theta=carried(self.theta, weights, [n.bias for n in with_bias]),
            activations=kept(self.activations) + [n.activation for n in neurons],
            labels=kept(self.labels) + [n.label for n in neurons],
            bindings=kept(self.bindings) + [n.binding for n in neurons],
            dropout=np.append(kept(self.dropout.tolist()), [n.dropout for n in neurons]),
            frozen=carried(self.frozen, edges_frozen, [n.bias_frozen for n in with_bias]),
            enabled=carried(self.enabled, edges_enabled, [n.bias_enabled for n in with_bias]),
            neuron_enabled=kept(self.neuron_enabled.tolist()) + [n.enabled for n in neurons],
        )

    def add_neuron(
        self,
        kind: Kind = Kind.HIDDEN,
        *,
        activation: str = "tanh",
        label: str | None = None,
        binding: str | None = None,
        neuron_id: int | None = None,
        bias: float = 0.0,
    ) -> tuple[Network, int]:
        """Add an unconnected neuron; returns the new network and the new neuron's id."""
        new_id = next_free_id(self.topology.ids) if neuron_id is None else neuron_id
        name = self.free_label(kind) if label is None else label
        chosen = "linear" if kind == Kind.INPUT else activation
        neuron = NewNeuron(new_id, kind, chosen, name, binding, bias)
        return self.edited(neurons=[neuron]), new_id

    def remove_neurons(self, neuron_ids: Iterable[int]) -> Network:
        """Remove neurons with all their connections."""
        return self.edited(gone=neuron_ids)

    def connect(self, source: int, target: int, weight: float = 0.0) -> Network:
        """Add a connection; refused with :class:`TopologyError` if it cannot exist."""
        return self.edited(edges=[(source, target)], weights=weight)

    def connect_many(self, pairs: npt.ArrayLike, weights: npt.ArrayLike) -> Network:
        """Add several connections ``[m, 2]`` at once, or none."""
        return self.edited(edges=pairs, weights=weights)

    def disconnect(self, pairs: Iterable[tuple[int, int]]) -> Network:
        """Remove connections given as (source id, target id)."""
        return self.remove((), pairs)

    def remove(self, neuron_ids: Iterable[int], pairs: Iterable[tuple[int, int]] = ()) -> Network:
        """Remove connections and neurons in one go (what the Delete key does)."""
        slots = [self.edge_slot(source, target) for source, target in pairs]
        keep = np.ones(self.topology.edge_count, dtype=bool)
        keep[slots] = False
        return self.edited(gone=neuron_ids, keep_edges=keep if slots else None)

    # ------------------------------------------------------------------ layers and names
    def level_ids(self, level: int) -> tuple[int, ...]:
        """Ids of the hidden neurons on a level, or of the inputs for level 0, in row order."""
        wanted = Kind.INPUT if level == 0 else Kind.HIDDEN
        mask = (self.topology.levels == level) & (self.topology.kinds == wanted)
        return tuple(int(neuron_id) for neuron_id in self.topology.ids[mask])

    @cached_property
    def hidden_levels(self) -> tuple[int, ...]:
        """Levels that hold at least one hidden neuron, ascending."""
        hidden = self.topology.kinds == Kind.HIDDEN
        return tuple(int(level) for level in distinct(self.topology.levels[hidden]))

    def free_label(self, kind: Kind) -> str:
        """A short label no other neuron has: x1, x2 … for inputs, h1 … hidden, y1 … outputs."""
        return next(self.free_labels(kind))

    def free_labels(self, kind: Kind) -> Iterator[str]:
        """All labels :meth:`free_label` could give, in order."""
        prefix = {Kind.INPUT: "x", Kind.HIDDEN: "h", Kind.OUTPUT: "y"}[kind]
        taken = set(self.labels)
        names = (f"{prefix}{number}" for number in itertools.count(1))
        return (name for name in names if name not in taken)


def default_labels(topology: Topology) -> tuple[str, ...]:
    """Labels x1, x2 … / h1, h2 … / y1, y2 … (a single output is y) in row order."""
    counts = dict.fromkeys(Kind, 0)
    prefixes = {Kind.INPUT: "x", Kind.HIDDEN: "h", Kind.OUTPUT: "y"}
    labels = []
    for value in topology.kinds:
        kind = Kind(int(value))
        counts[kind] += 1
        labels.append(f"{prefixes[kind]}{counts[kind]}")
    if counts[Kind.OUTPUT] == 1:
        labels = ["y" if label == "y1" else label for label in labels]
    return tuple(labels)


def carry_values(
    values: npt.NDArray[Any], before: Topology, after: Topology, fill: float | bool
) -> npt.NDArray[Any]:
    """Carry a vector parallel to ``theta`` (initial weights, optimiser state) through an edit.

    Values of surviving parameters are kept, matched by neuron ids; new ones get ``fill``.
    """
    if before is after:
        return values
    result = np.full(after.parameter_count, fill, dtype=values.dtype)
    fill_carried(result, values, before, after)
    return result


def _carried(
    values: npt.NDArray[Any],
    survivors: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]],
    count: int,
    fill: float | bool,
) -> npt.NDArray[Any]:
    result = np.full(count, fill, dtype=values.dtype)
    old, new = survivors
    result[new] = values[old]
    return result
