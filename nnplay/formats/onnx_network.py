"""From a traced ONNX graph to a network: outputs, what they need, names, and words about it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from nnplay.core.activations import ACTIVATIONS
from nnplay.core.network import Network
from nnplay.core.topology import Kind, Topology, TopologyError
from nnplay.formats.errors import FormatError
from nnplay.formats.onnx_model import WAY_OUT, Graph, GraphInput, shown
from nnplay.formats.onnx_symbols import CODE, FIRST_STEP, FUNCTIONS, INPUT, Traced, snapped
from nnplay.formats.onnx_trace import Cut, Trace

__all__ = ["image_shape", "network_of", "report"]

IntArray = npt.NDArray[np.int64]

MOST_LABELS: Final = 10_000
FEWEST_PIXELS: Final = 4


def network_of(graph: Graph, found: Trace) -> tuple[Network, tuple[str, ...]]:
    """The network of a traced graph, and sentences about what became of its outputs.

    Raises:
        FormatError: a step that is no activation is left over, or no network can be that way.
    """
    outputs, names, notes = _outputs(found)
    neurons = found.neurons
    output_ids, extra = _own_outputs(found, outputs)
    if extra:
        notes.append(
            "The outputs are scaled copies of other neurons, so linear output neurons were added."
        )
    targets, sources, weights, reached, bias = _everything(found, output_ids)
    _check(graph, found, reached, output_ids)
    is_output = np.zeros(neurons.function.size, dtype=bool)
    is_output[output_ids] = True
    input_ids = np.concatenate([traced.ids.reshape(-1) for _, traced in found.inputs])
    hidden = np.sort(reached[~is_output[reached] & (neurons.function[reached] != INPUT)])
    order = np.concatenate([input_ids, hidden, output_ids])
    row = np.full(neurons.function.size, -1, dtype=np.int64)
    row[order] = np.arange(order.size)
    kinds = np.full(order.size, int(Kind.HIDDEN))
    kinds[: input_ids.size] = int(Kind.INPUT)
    kinds[order.size - output_ids.size :] = int(Kind.OUTPUT)
    source_rows, target_rows = row[sources], row[targets]
    sorting = np.lexsort((source_rows, target_rows))
    biases = np.zeros(neurons.function.size)
    biases[reached] = bias
    theta = np.concatenate([weights[sorting], biases[order[input_ids.size :]]])
    if not np.isfinite(theta).all():
        raise FormatError(
            "A weight is not finite once everything is folded together. The model was probably "
            "saved after its training had failed; use an earlier one."
        )
    codes = neurons.function[order].tolist()
    try:
        network = Network.build(
            Topology(
                np.arange(order.size),
                kinds,
                np.stack([source_rows[sorting], target_rows[sorting]], axis=1),
            ),
            theta=theta,
            activations=["linear" if code == INPUT else FUNCTIONS[code] for code in codes],
        )
    except TopologyError as error:
        raise FormatError(f"The network cannot exist: {error}") from None
    if neurons.dropped_zeros:
        notes.append(f"{neurons.dropped_zeros:,} weights of exactly 0 became no connections.")
    return _labelled(network, found, names), tuple(notes)


def _outputs(found: Trace) -> tuple[Traced, tuple[str, ...], list[str]]:
    """All output elements in a row, the names they have, and notes."""
    notes: list[str] = []
    straight = [(name, made) for name, made in found.results if isinstance(made, Traced)]
    maps = [(name, made) for name, made in found.results if isinstance(made, Cut) and made.is_map]
    labels = [made for _, made in found.results if isinstance(made, Cut) and not made.is_map]
    names: tuple[str, ...] = ()
    if straight:
        parts = [made for _, made in straight]
        if len(straight) == 1:
            ids = straight[0][1].ids
            names = next(
                (cut.names for cut in found.classes if np.array_equal(cut.origin.ids, ids)), ()
            )
    elif maps:
        parts, names = [maps[0][1].origin], maps[0][1].names
    elif labels:
        parts = [labels[0].origin]
    else:
        raise FormatError("No output depends on the inputs, so it is no network.")
    if any(part.batch not in (0, None) for part in parts):
        raise FormatError(
            "The first axis of an output is not that of the samples. Export the model without its "
            "last transposition."
        )
    flat = Traced(
        np.concatenate([part.ids.reshape(-1) for part in parts]),
        np.concatenate([part.scale.reshape(-1) for part in parts]),
        np.concatenate([part.shift.reshape(-1) for part in parts]),
        None,
    )
    if not flat.ids.size:
        raise FormatError("The outputs are empty, so it is no network.")
    if found.cut:
        what = _listed(found.cut)
        notes.append(
            f"What turns outputs into labels was cut off ({what}); the outputs are the numbers "
            "before it."
        )
    if (
        flat.ids.size == 2
        and flat.ids[0] == flat.ids[1]
        and found.neurons.is_all(flat.ids, "sigmoid")
        and flat.scale.tolist() == [-1.0, 1.0]
        and flat.shift.tolist() == [1.0, 0.0]
    ):
        notes.append("The two outputs 1 − p and p are shown as one, p, for the second class.")
        flat = flat.taken(np.array([1]), None)
        names = names[1:]
    return flat, names, notes


def _own_outputs(found: Trace, flat: Traced) -> tuple[IntArray, int]:
    """Ids of the output neurons, and how many had to be made.

    A neuron that is an output as it is stays itself; inputs, scaled values and repetitions get a
    linear neuron of their own.
    """
    neurons = found.neurons
    flat = replace(flat, scale=snapped(flat.scale))
    safe = np.where(flat.ids >= 0, flat.ids, 0)
    first = np.zeros(flat.ids.size, dtype=bool)
    first[np.unique(flat.ids, return_index=True)[1]] = True
    ready = (
        first
        & (flat.ids >= 0)
        & (flat.scale == 1.0)
        & (flat.shift == 0.0)
        & (neurons.function[safe] != INPUT)
    )
    result = np.array(flat.ids)
    rest = np.flatnonzero(~ready)
    if not rest.size:
        return result, 0
    is_sum = neurons.function[safe[rest]] == CODE["linear"]
    places, sources, weights, bias = neurons.terms(
        flat.ids[rest], flat.scale[rest], flat.shift[rest]
    )
    made = neurons.sums(rest.shape, None, places, sources, weights, bias)
    result[rest] = made.ids
    return result, int((~is_sum).sum())


def _everything(
    found: Trace, output_ids: IntArray
) -> tuple[IntArray, IntArray, npt.NDArray[np.float64], IntArray, npt.NDArray[np.float64]]:
    """All connections that outputs depend on, and the neurons with their biases."""
    neurons = found.neurons
    seen = np.zeros(neurons.function.size, dtype=bool)
    frontier = np.unique(output_ids)
    targets, sources, weights, reached, biases = [], [], [], [], []
    while frontier.size:
        seen[frontier] = True
        places, source, weight, bias = neurons.incoming(frontier)
        targets.append(frontier[places])
        sources.append(source)
        weights.append(weight)
        reached.append(frontier)
        biases.append(bias)
        unseen = source[~seen[source]]
        frontier = np.unique(unseen)
    return (
        np.concatenate(targets),
        np.concatenate(sources),
        np.concatenate(weights),
        np.concatenate(reached),
        np.concatenate(biases),
    )


def _check(graph: Graph, found: Trace, reached: IntArray, output_ids: IntArray) -> None:
    neurons = found.neurons
    codes = neurons.function[reached]
    steps = np.flatnonzero(codes >= FIRST_STEP)
    if steps.size:
        node = graph.nodes[int(neurons.makers[reached[steps].min()])]
        raise node.refused(
            "it is understood as a part of an activation only, and here it is none. " + WAY_OUT
        )
    softmax = reached[codes == CODE["softmax"]]
    if softmax.size:
        node = graph.nodes[int(neurons.makers[softmax.min()])]
        if not np.isin(softmax, output_ids).all():
            raise node.refused(
                "it is not at the end of the network. nnplay has softmax for outputs only."
            )
        group = neurons.makers[softmax]
        if (group != group[0]).any() or (
            np.flatnonzero(
                (neurons.function == CODE["softmax"]) & (neurons.makers == group[0])
            ).size
            != softmax.size
        ):
            raise node.refused("nnplay has one softmax over all of its outputs, not parts of it.")


def image_shape(inputs: list[tuple[GraphInput, Traced]]) -> tuple[int, int] | None:
    """(lines, columns) if the only input is a picture with one value a pixel, else None."""
    if len(inputs) != 1:
        return None
    traced = inputs[0][1]
    sizes = [n for axis, n in enumerate(traced.shape) if axis != traced.batch]
    if len(sizes) == 3 and 1 in (sizes[0], sizes[2]):
        sizes = sizes[1:] if sizes[0] == 1 else sizes[:2]
    if len(sizes) == 2 and min(sizes) > 1 and sizes[0] * sizes[1] >= FEWEST_PIXELS:
        return sizes[0], sizes[1]
    return None


def _labelled(network: Network, found: Trace, output_names: tuple[str, ...]) -> Network:
    labels = list(network.labels)
    shape = image_shape(found.inputs)
    if shape is not None:
        lines, columns = shape
        labels[: lines * columns] = [
            f"pixel_{line}_{column}" for line in range(lines) for column in range(columns)
        ]
    elif len(found.inputs) > 1:
        place = 0
        for given, traced in found.inputs:
            count = traced.ids.size
            name = shown(given.name)
            labels[place : place + count] = (
                [name] if count == 1 else [f"{name} {number}" for number in range(1, count + 1)]
            )
            place += count
    if output_names:
        labels[len(labels) - len(output_names) :] = [shown(name) for name in output_names]
    return replace(network, labels=tuple(labels))


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(op if count == 1 else f"{count} × {op}" for op, count in counts.items())


def report(graph: Graph, found: Trace, network: Network) -> tuple[str, ...]:
    """Sentences about an import: what shows, what was folded, dropped, cut, and read besides."""
    topology = network.topology
    parts = []
    for level in range(1, int(topology.levels.max(initial=0)) + 1):
        rows = np.flatnonzero(topology.levels == level)
        names = sorted({ACTIVATIONS[network.activations[row]].title for row in rows.tolist()})
        few = ", ".join(names[:3]) + (" …" if len(names) > 3 else "")
        parts.append(f"{rows.size:,} ({few})")
    shape = image_shape(found.inputs)
    picture = f" as a picture of {shape[0]} × {shape[1]} pixels" if shape else ""
    some = parts if len(parts) <= 8 else [*parts[:4], "…", *parts[-3:]]
    notes = [
        f"Shown are {len(topology.input_ids):,} inputs{picture} and layers of {', '.join(some)} "
        "neurons.",
        *graph.notes,
    ]
    if found.folded:
        notes.append(f"Folded into weights: {_listed(found.folded)}.")
    if found.dropped:
        notes.append(
            f"Left out, because it does nothing once a network is trained: {_listed(found.dropped)}."
        )
    notes.extend(found.remarks)
    return tuple(notes)
