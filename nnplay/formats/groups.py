"""The plan that exporters follow: a network as a short list of groups of neurons.

A group holds the neurons of one stage with one activation; softmax outputs are one group by
themselves. What is switched off is folded away: a connection or bias counts 0, a neuron is in no
group and gives 0. Around the groups stand the data's preparation (raw columns to inputs) and, for
a number that is predicted, the way back to its own units.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from nnplay.core.network import Network
from nnplay.core.topology import Kind
from nnplay.data.errors import DataError
from nnplay.data.features import Formula
from nnplay.data.preparation import PreparedData, prepare
from nnplay.document import Document

__all__ = [
    "SPARSE_BELOW",
    "Group",
    "InputStage",
    "OutputStage",
    "Plan",
    "PlannedInput",
    "groups_of",
    "plan_of",
]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

SPARSE_BELOW: Final = 0.25
"""A group whose matrix is filled less than this is better written connection by connection."""


@dataclass(frozen=True, eq=False)
class Group:
    """Neurons that are computed together: ``activation(matrix · sources + bias)``.

    Attributes:
        stage: place in the order of evaluation, 1 or more; later groups may read earlier ones.
        activation: name in the table of activations, shared by all members.
        rows: ``int64[out]``, network rows of the members.
        source_rows: ``int64[in]``, network rows of everything a member reads, in the order in which
            they are computed; may be empty.
        targets: ``int64[E]``, index into ``rows`` of each connection.
        sources: ``int64[E]``, index into ``source_rows`` of each connection.
        weights: ``float64[E]``, ordered by target, then source.
        bias: ``float64[out]``.
    """

    stage: int
    activation: str
    rows: IntArray
    source_rows: IntArray
    targets: IntArray
    sources: IntArray
    weights: FloatArray
    bias: FloatArray

    @property
    def is_sparse(self) -> bool:
        """Whether less than a quarter of the matrix would be connections."""
        return self.weights.size < SPARSE_BELOW * self.rows.size * self.source_rows.size

    @cached_property
    def matrix(self) -> FloatArray:
        """``float64[out, in]``; 0 where there is no connection."""
        matrix = np.zeros((self.rows.size, self.source_rows.size))
        matrix[self.targets, self.sources] = self.weights
        return matrix

    @cached_property
    def padded(self) -> tuple[IntArray, FloatArray]:
        """Sparse rows: columns ``int64[out, width]`` and weights; filled up with column 0, weight 0."""
        counts = np.bincount(self.targets, minlength=self.rows.size)
        width = int(counts.max(initial=0))
        starts = np.cumsum(counts) - counts
        place = np.arange(self.targets.size) - starts[self.targets]
        columns = np.zeros((self.rows.size, width), dtype=np.int64)
        weights = np.zeros((self.rows.size, width))
        columns[self.targets, place] = self.sources
        weights[self.targets, place] = self.weights
        return columns, weights


@dataclass(frozen=True, eq=False)
class PlannedInput:
    """What one input neuron receives, before scaling.

    Attributes:
        key: the feature's key, for people.
        column: index of the raw column it is or compares with; -1 for a formula.
        category: 1 where the raw column holds this index, else 0; -1 for a plain column.
        formula: the formula over raw columns by name, or None.
    """

    key: str
    column: int
    category: int = -1
    formula: Formula | None = None


@dataclass(frozen=True, eq=False)
class InputStage:
    """From raw columns to input neurons: ``(feature − mean) / deviation``.

    Attributes:
        raw_names: names of the raw columns, in the order in which they are given.
        raw_categories: per raw column its words, or None for numbers; a word is given as its index.
        inputs: one per input neuron, in order.
        means, deviations: ``float64[inputs]``; 0 and 1 where nothing is scaled.
    """

    raw_names: tuple[str, ...]
    raw_categories: tuple[tuple[str, ...] | None, ...]
    inputs: tuple[PlannedInput, ...]
    means: FloatArray
    deviations: FloatArray

    @property
    def is_scaled(self) -> bool:
        """Whether any input is moved or stretched."""
        return bool((self.means != 0.0).any() or (self.deviations != 1.0).any())

    @property
    def is_trivial(self) -> bool:
        """Whether input neurons receive raw numeric columns as they are."""
        return not self.is_scaled and all(
            planned.formula is None and planned.category < 0 for planned in self.inputs
        )


@dataclass(frozen=True, eq=False)
class OutputStage:
    """What outputs mean.

    Attributes:
        names: what each output stands for: a class, or the target.
        classes: all class names in index order, or None when a number is predicted.
        mean, deviation: ``output · deviation + mean`` is in units of the target; 0 and 1 for
            classes and unscaled targets.
    """

    names: tuple[str, ...]
    classes: tuple[str, ...] | None
    mean: float
    deviation: float

    @property
    def is_trivial(self) -> bool:
        """Whether outputs are passed on as they are."""
        return self.mean == 0.0 and self.deviation == 1.0


@dataclass(frozen=True, eq=False)
class Plan:
    """A whole export.

    Attributes:
        network: what is exported.
        input_rows: ``int64[inputs]``, network rows of the input neurons.
        groups: in order of evaluation.
        output_rows: ``int64[outputs]``, network rows of the outputs.
        output_enabled: ``bool[outputs]``; a switched-off output gives 0 and is in no group.
        prepared: the data the stages were taken from, or None.
        input_stage, output_stage: the preparation; None where the data do not fit the network, or
            are not there.
    """

    network: Network
    input_rows: IntArray
    groups: tuple[Group, ...]
    output_rows: IntArray
    output_enabled: BoolArray
    prepared: PreparedData | None = None
    input_stage: InputStage | None = None
    output_stage: OutputStage | None = None

    @property
    def has_preparation(self) -> bool:
        """Whether there is a preparation that does anything."""
        return (self.input_stage is not None and not self.input_stage.is_trivial) or (
            self.output_stage is not None and not self.output_stage.is_trivial
        )

    def names_of(self, rows: IntArray) -> tuple[str, ...]:
        """Names for people of neurons by row: what they are bound to, or their labels."""
        network = self.network
        return tuple(network.bindings[row] or network.labels[row] for row in rows.tolist())


def groups_of(network: Network) -> tuple[Group, ...]:
    """The groups of a network in order of evaluation."""
    topology = network.topology
    names = sorted(set(network.activations))
    code = {name: number for number, name in enumerate(names)}
    codes = np.array([code[name] for name in network.activations], dtype=np.int64)
    is_input = topology.kinds == Kind.INPUT
    member = network.neuron_enabled & ~is_input
    key = network.stages.astype(np.int64) * len(names) + codes
    rows = np.flatnonzero(member)
    rows = rows[np.argsort(key[rows], kind="stable")]
    starts = np.flatnonzero(np.diff(key[rows], prepend=-1))
    number_of_row = np.full(topology.neuron_count, -1, dtype=np.int64)
    number_of_row[rows] = np.cumsum(np.diff(key[rows], prepend=-1) != 0) - 1
    # Inputs first, then members in the order in which they are computed.
    order = np.concatenate([np.flatnonzero(is_input), rows])
    place = np.full(topology.neuron_count, -1, dtype=np.int64)
    place[order] = np.arange(order.size)

    source_rows, target_rows = topology.edge_rows[:, 0], topology.edge_rows[:, 1]
    edge_count = topology.edge_count
    alive = network.enabled[:edge_count] & network.neuron_enabled[source_rows]
    edges = np.flatnonzero(alive & member[target_rows])
    sorted_edges = edges[np.lexsort((place[source_rows[edges]], place[target_rows[edges]]))]
    numbers = number_of_row[target_rows[sorted_edges]]
    bias = np.zeros(topology.neuron_count)
    slots = topology.bias_slots[rows]
    bias[rows] = np.where(network.enabled[slots], network.theta[slots], 0.0)

    groups = []
    bounds = np.append(starts, rows.size)
    for number in range(starts.size):
        members = rows[bounds[number] : bounds[number + 1]]
        left, right = np.searchsorted(numbers, [number, number + 1])
        own = sorted_edges[left:right]
        places = place[source_rows[own]]
        read, columns = np.unique(places, return_inverse=True)
        groups.append(
            Group(
                stage=int(network.stages[members[0]]),
                activation=network.activations[members[0]],
                rows=members,
                source_rows=order[read],
                targets=place[target_rows[own]] - int(place[members[0]]),
                sources=columns.reshape(-1).astype(np.int64),
                weights=network.theta[own],
                bias=bias[members],
            )
        )
    return tuple(groups)


def plan_of(document: Document) -> Plan:
    """The plan of a document's network, with the preparation of its data where they fit."""
    network = document.network
    kinds = network.topology.kinds
    output_rows = np.flatnonzero(kinds == Kind.OUTPUT)
    prepared, before, after = _stages(document)
    return Plan(
        network=network,
        input_rows=np.flatnonzero(kinds == Kind.INPUT),
        groups=groups_of(network),
        output_rows=output_rows,
        output_enabled=network.neuron_enabled[output_rows],
        prepared=prepared,
        input_stage=before,
        output_stage=after,
    )


def _stages(
    document: Document,
) -> tuple[PreparedData | None, InputStage | None, OutputStage | None]:
    network = document.network
    try:
        prepared = prepare(document.data, document.preparation, document.seed)
        columns = prepared.input_columns(network)
    except DataError:
        return None, None, None
    planned = [
        PlannedInput(
            key,
            -1 if feature.column is None else feature.column,
            category if feature.categories else -1,
            feature.formula,
        )
        for feature in prepared.features
        for category, key in enumerate(feature.keys)
    ]
    before = InputStage(
        raw_names=prepared.raw_names,
        raw_categories=prepared.raw_categories,
        inputs=tuple(planned[column] for column in columns.tolist()),
        means=prepared.input_scaling.means[columns],
        deviations=prepared.input_scaling.deviations[columns],
    )
    try:
        places = prepared.output_places(network)
    except DataError:
        return prepared, before, None
    after = OutputStage(
        names=tuple(prepared.output_keys[place] for place in places.tolist()),
        classes=prepared.classes,
        mean=float(prepared.target_scaling.means[0]),
        deviation=float(prepared.target_scaling.deviations[0]),
    )
    return prepared, before, after
