"""The plan of evaluation: where every neuron and every parameter stands in dense blocks.

A plan is pure data, compiled once per wiring, activations and switched-off neurons. Neurons are
ordered by stage (see :attr:`nnplay.core.network.Network.stages`), inside a stage by activation, so
that one call serves a run of neurons. Every stage is preceded by a row of ones. A stage reads its
sources as one block: a contiguous span of rows that starts at the ones row before its earliest
source, or, where that span would be mostly unused, a gathered list of rows. Column 0 of a block's
matrix therefore is the bias. Entries without a connection are *padding*: always 0, and invisible
outside.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from nnplay.core.activations import ACTIVATIONS
from nnplay.core.distinct import distinct
from nnplay.core.errors import TrainingError
from nnplay.core.network import Network
from nnplay.core.topology import Kind, capitalise

__all__ = ["Layout", "Run", "Stage", "layout_of"]

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

# A span is replaced by a gather when it is at least this long and less than half used.
_GATHER_FROM = 64


@dataclass(frozen=True)
class Run:
    """Neighbouring enabled neurons of one stage with the same activation: rows start to stop."""

    activation: str
    start: int
    stop: int


@dataclass(frozen=True, eq=False)
class Stage:
    """Neurons that are evaluated together, and the block of parameters in front of them.

    Attributes:
        start, stop: their plan rows.
        source_start, source_stop: span of plan rows they read; its first row is a row of ones.
        source_rows: plan rows they read if gathered (the first is a row of ones), else None.
        offset: where their matrix begins in the padded parameter vector.
        columns: width of the matrix ``[stop - start, columns]``.
        runs: runs of enabled neurons by activation; neurons in no run are switched off and give 0.
    """

    start: int
    stop: int
    source_start: int
    source_stop: int
    source_rows: IntArray | None
    offset: int
    columns: int
    runs: tuple[Run, ...]

    @property
    def size(self) -> int:
        """Number of neurons."""
        return self.stop - self.start


@dataclass(frozen=True, eq=False)
class Layout:
    """A compiled plan.

    Attributes:
        row_count: plan rows, rows of ones included.
        places: ``int64[N]``, plan row of each neuron in network row order; inputs stand at
            1, 2, ... in network order.
        input_count: number of inputs.
        input_enabled: ``bool[inputs]``; a switched-off input gives 0.
        stages: all stages but the inputs, in order of evaluation.
        size: length S of the padded parameter vector.
        positions: ``int64[P]``, padded position of each compact slot.
        is_weight: ``bool[S]``, true for connections, false for biases and padding.
        is_padding: ``bool[S]``.
        inputs_apart: whether every stage reads either all of the inputs and nothing else, or no
            input at all; a batch can then be read where it lies instead of being copied.
        output_places: ``int64[outputs]``, plan row of each output.
        output_enabled: ``bool[outputs]``.
        outputs_are_ends: whether no output feeds another neuron.
    """

    row_count: int
    places: IntArray
    input_count: int
    input_enabled: BoolArray
    stages: tuple[Stage, ...]
    size: int
    positions: IntArray
    is_weight: BoolArray
    is_padding: BoolArray
    inputs_apart: bool
    output_places: IntArray
    output_enabled: BoolArray
    outputs_are_ends: bool

    @property
    def output_span(self) -> tuple[int, int] | None:
        """Plan rows of the outputs if they stand together and in order, else None."""
        places = self.output_places
        if not places.size or not (np.diff(places) == 1).all():
            return None
        return int(places[0]), int(places[-1]) + 1

    def pack(self, values: npt.ArrayLike, out: npt.NDArray[np.generic]) -> None:
        """Write a compact vector ``[P]`` into a padded one ``[S]``; padding is untouched."""
        out[self.positions] = values


def layout_of(network: Network) -> Layout:
    """The plan of a network, from a small cache where possible.

    Labels, parameters, and frozen or disabled connections never change a plan.
    """
    return _compile(_Key(network))


class _Key:
    """What a plan depends on, usable as a dictionary key."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.enabled = network.neuron_enabled.tobytes()
        self._hash = hash((network.topology, network.activations, self.enabled))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, _Key)
            and self.enabled == other.enabled
            and self.network.activations == other.network.activations
            and (
                self.network.topology is other.network.topology
                or self.network.topology == other.network.topology
            )
        )


@lru_cache(maxsize=16)
def _compile(key: _Key) -> Layout:
    network = key.network
    topology = network.topology
    stage_of_row = network.stages
    places, bounds = _place_neurons(network)
    source_rows, target_rows = topology.edge_rows[:, 0], topology.edge_rows[:, 1]
    source_places, target_places = places[source_rows], places[target_rows]
    # First row of ones at or before each plan row.
    ones_before = np.repeat([start - 1 for start, _ in bounds], [b - a + 1 for a, b in bounds])

    edge_count = topology.edge_count
    positions = np.empty(topology.parameter_count, dtype=np.int64)
    edges_by_stage = np.argsort(stage_of_row[target_rows], kind="stable")
    sorted_stages = stage_of_row[target_rows][edges_by_stage]
    row_at = np.full(len(ones_before), -1, dtype=np.int64)
    row_at[places] = np.arange(places.size)
    stages: list[Stage] = []
    offset = 0
    input_stop = bounds[0][1]
    inputs_apart = True
    numbers = [n for n in distinct(stage_of_row).tolist() if n > 0]
    for number, (start, stop) in zip(numbers, bounds[1:], strict=True):
        left, right = np.searchsorted(sorted_stages, [number, number + 1])
        edges = edges_by_stage[left:right]
        used = distinct(source_places[edges])
        gathered: IntArray | None = None
        if not used.size:
            first, last = 0, 1
        else:
            first, last = int(ones_before[used[0]]), int(used[-1]) + 1
            if first == 0 and last <= input_stop:
                last = input_stop
            elif last - first >= _GATHER_FROM and 2 * (used.size + 1) < last - first:
                gathered = np.concatenate([[first], used])
                inputs_apart &= bool(used[0] >= input_stop)
            else:
                inputs_apart &= first > 0
        columns = last - first if gathered is None else gathered.size
        column = (
            source_places[edges] - first
            if gathered is None
            else np.searchsorted(gathered, source_places[edges])
        )
        positions[edges] = offset + (target_places[edges] - start) * columns + column
        rows = row_at[start:stop]
        positions[topology.bias_slots[rows]] = offset + np.arange(stop - start) * columns
        stages.append(
            Stage(start, stop, first, last, gathered, offset, columns, _runs(network, rows, start))
        )
        offset += (stop - start) * columns

    is_weight = np.zeros(offset, dtype=bool)
    is_weight[positions[:edge_count]] = True
    is_padding = np.ones(offset, dtype=bool)
    is_padding[positions] = False
    outputs = topology.kinds == Kind.OUTPUT
    return Layout(
        row_count=len(ones_before),
        places=places,
        input_count=len(topology.input_ids),
        input_enabled=network.neuron_enabled[topology.kinds == Kind.INPUT],
        stages=tuple(stages),
        size=offset,
        positions=positions,
        is_weight=is_weight,
        is_padding=is_padding,
        inputs_apart=inputs_apart,
        output_places=places[outputs],
        output_enabled=network.neuron_enabled[outputs],
        outputs_are_ends=not outputs[source_rows].any(),
    )


def _place_neurons(network: Network) -> tuple[IntArray, list[tuple[int, int]]]:
    """Plan row of every neuron, and the plan rows (start, stop) of every stage, inputs first."""
    topology = network.topology
    stages = network.stages
    inputs = topology.kinds == Kind.INPUT
    names = {name: number for number, name in enumerate(sorted(set(network.activations)))}
    codes = np.array([names[name] for name in network.activations], dtype=np.int64)
    codes[inputs] = 0
    disabled = ~network.neuron_enabled & ~inputs
    order = np.lexsort(
        (np.arange(stages.size), codes, topology.kinds == Kind.OUTPUT, disabled, stages)
    )
    places = np.empty(stages.size, dtype=np.int64)
    bounds: list[tuple[int, int]] = []
    counts = {0: 0} | dict(zip(*np.unique(stages, return_counts=True), strict=True))
    row = seen = 0
    for number in sorted(counts):
        count = int(counts[number])
        places[order[seen : seen + count]] = np.arange(row + 1, row + 1 + count)
        bounds.append((row + 1, row + 1 + count))
        row += 1 + count
        seen += count
    return places, bounds


def _runs(network: Network, rows: IntArray, start: int) -> tuple[Run, ...]:
    runs: list[Run] = []
    for place, row in enumerate(rows.tolist(), start):
        if not network.neuron_enabled[row]:
            continue
        name = network.activations[row]
        if name not in ACTIVATIONS:
            raise TrainingError(
                f"{capitalise(network.name_of(int(network.topology.ids[row])))} has the unknown "
                f"activation “{name}”; choose one of {', '.join(ACTIVATIONS)}."
            )
        if runs and runs[-1].activation == name and runs[-1].stop == place:
            runs[-1] = Run(name, runs[-1].start, place + 1)
        else:
            runs.append(Run(name, place, place + 1))
    return tuple(runs)
