"""Networks as named tensors, shared by npz and safetensors.

Every network gives ``edges.source``, ``edges.target``, ``edges.weight``, ``neurons.id``,
``neurons.kind`` (0 input, 1 hidden, 2 output) and ``neurons.bias`` (0 for inputs). A layered
network also gives ``layers.0.weight`` (out, in), ``layers.0.bias`` and so on; connections that do
not exist are zeros there, and the metadata hold a mask. Stored weights are those that count: 0
where a connection or its neuron is switched off.

The metadata carry the network without loss (``nnplay_json``). On reading, an entry that equals
what was stored stands for the exact number in that JSON; any other entry was changed by another
program and wins.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from nnplay.core.activations import ACTIVATIONS
from nnplay.core.config import TrainingState
from nnplay.core.history import History
from nnplay.core.network import Network
from nnplay.core.topology import Kind
from nnplay.document import Document
from nnplay.formats import batch_norms, nnplay_json, strict_json
from nnplay.formats.bare_network import document_around, find_layers, from_edges, from_layers
from nnplay.formats.errors import FormatError
from nnplay.formats.record import AnyArray

__all__ = [
    "compared",
    "document_of",
    "effective_network",
    "layer_notes",
    "layer_slots",
    "metadata_of",
    "plain_document",
    "tensors_of",
]

DTYPES: Final = {"float64": np.float64, "float32": np.float32}
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class LayerSlots:
    """Where a layer's numbers stand in ``theta``.

    Attributes:
        weights: ``int64[out, in]``, slots; -1 where there is no connection.
        biases: ``int64[out]``, slots.
        sources: ``int64[in]``, neuron ids of the columns.
        targets: ``int64[out]``, neuron ids of the rows.
    """

    weights: IntArray
    biases: IntArray
    sources: IntArray
    targets: IntArray


def layer_slots(network: Network) -> list[LayerSlots]:
    """The layers of a layered network in forward order; empty for any other network.

    Layered means that every connection runs between consecutive levels, and that the last level
    holds all outputs and nothing else. Neurons of a layer stand in table order.
    """
    topology = network.topology
    if not network.is_chain_of_layers or not len(topology.input_ids):
        return []
    top = int(topology.levels.max())
    if (topology.kinds[topology.levels == top] != Kind.OUTPUT).any():
        return []
    rows = [np.flatnonzero(topology.levels == level) for level in range(top + 1)]
    if any(not len(level) for level in rows):
        return []
    return [
        LayerSlots(
            weights=topology.edge_slots(
                np.broadcast_to(before, (len(after), len(before))),
                np.broadcast_to(after[:, None], (len(after), len(before))),
            ),
            biases=topology.bias_slots[after],
            sources=topology.ids[before],
            targets=topology.ids[after],
        )
        for before, after in pairwise(rows)
    ]


def _value_at_zero(activation: str) -> float:
    z = np.zeros((1, 1))
    a = np.empty_like(z)
    ACTIVATIONS[activation].function(z, a)
    return float(a[0, 0])


def effective_network(network: Network) -> Network:
    """A network with everything switched on that gives the same outputs.

    Raises:
        FormatError: an output is switched off whose activation does not map 0 to 0.
    """
    topology = network.topology
    theta = np.where(network.enabled, network.theta, 0.0)
    for row in np.flatnonzero(~network.neuron_enabled):
        theta[topology.outgoing_slots[row]] = 0.0
        if topology.kinds[row] == Kind.OUTPUT:
            if _value_at_zero(network.activations[row]) != 0.0:
                raise FormatError(
                    f"The output “{network.labels[row]}” is switched off, which a file of weights "
                    "cannot say. Switch it on, or save as .nnplay."
                )
            theta[topology.incoming_slots[row]] = 0.0
            theta[topology.bias_slots[row]] = 0.0
    return replace(
        network.with_theta(theta),
        enabled=np.ones(theta.size, dtype=np.bool_),
        neuron_enabled=np.ones(topology.neuron_count, dtype=np.bool_),
    )


# ------------------------------------------------------------------ writing
def tensors_of(document: Document, dtype: str = "float64") -> dict[str, AnyArray]:
    """All tensors of a network by name, in the order they are written.

    Raises:
        FormatError: unknown ``dtype``, or a number that it cannot hold.
    """
    if dtype not in DTYPES:
        raise FormatError(f"There is no number type “{dtype}”; there are {', '.join(DTYPES)}.")
    network = effective_network(document.network)
    topology = network.topology
    with np.errstate(over="ignore"):
        theta = network.theta.astype(DTYPES[dtype])
    if not np.isfinite(theta).all():
        raise FormatError(f"A parameter is too large for {dtype}. Export it as float64.")
    tensors: dict[str, AnyArray] = {}
    for number, layer in enumerate(layer_slots(network)):
        exists = layer.weights >= 0
        matrix = np.zeros(exists.shape, dtype=theta.dtype)
        matrix[exists] = theta[layer.weights[exists]]
        tensors[f"layers.{number}.weight"] = matrix
        tensors[f"layers.{number}.bias"] = theta[layer.biases]
    tensors["edges.source"] = topology.edges[:, 0].astype(np.int64)
    tensors["edges.target"] = topology.edges[:, 1].astype(np.int64)
    tensors["edges.weight"] = theta[: topology.edge_count]
    bias = np.zeros(topology.neuron_count, dtype=theta.dtype)
    bias[topology.bias_slots >= 0] = theta[topology.edge_count :]
    tensors["neurons.id"] = topology.ids
    tensors["neurons.kind"] = topology.kinds
    tensors["neurons.bias"] = bias
    return tensors


def plain_document(document: Document) -> Document:
    """What travels with weights: the network with its settings.

    No training history and no imported table: weights that are passed on must not carry somebody's
    data along.
    """
    return replace(
        document,
        state=TrainingState(),
        history=History(),
        initial=document.network.theta,
        data=replace(document.data, table=None),
    )


def metadata_of(document: Document, *, with_network: bool = True) -> dict[str, str]:
    """Texts that travel with the tensors.

    ``nnplay_json`` is :func:`plain_document` as a text twin, unless it is stored otherwise
    (``with_network``). ``layers``
    lists, for layered networks, each layer's activations, neuron ids and, where connections are
    missing, a mask with one text of 0 and 1 per row. ``inputs`` says how raw values are scaled.
    """
    network = document.network
    metadata = {}
    if with_network:
        metadata["nnplay_json"] = _compact(nnplay_json.to_value(plain_document(document)))
    layers = []
    for layer in layer_slots(network):
        names = [network.activation_of(int(neuron_id)) for neuron_id in layer.targets]
        entry: dict[str, Any] = {
            "activation": names[0] if len(set(names)) == 1 else names,
            "neurons": layer.targets.tolist(),
        }
        exists = layer.weights >= 0
        if not exists.all():
            entry["mask"] = ["".join("1" if there else "0" for there in row) for row in exists]
        layers.append(entry)
    if layers:
        metadata["layers"] = _compact(layers)
    inputs = _input_scaling(document)
    if inputs:
        metadata["inputs"] = _compact(inputs)
    return metadata


def _input_scaling(document: Document) -> list[dict[str, Any]]:
    """For every input: its key and, where inputs are scaled, mean and standard deviation."""
    network = document.network
    keys = [network.neuron(i).binding or network.label_of(i) for i in network.topology.input_ids]
    if document.preparation.scale_inputs == "none":
        return [{"key": key} for key in keys]
    from nnplay.data.errors import DataError
    from nnplay.data.preparation import prepare

    try:
        data = prepare(document.data, document.preparation, document.seed)
    except DataError:
        return [{"key": key} for key in keys]  # the data are gone; the weights are still worth it
    places = {key: place for place, key in enumerate(data.input_keys)}
    return [
        {
            "key": key,
            "mean": float(data.input_scaling.means[places[key]]),
            "deviation": float(data.input_scaling.deviations[places[key]]),
        }
        if key in places
        else {"key": key}
        for key in keys
    ]


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


# ------------------------------------------------------------------ reading
def document_of(
    tensors: Mapping[str, AnyArray],
    metadata: Mapping[str, str],
    activation: str | None = None,
    output_activation: str | None = None,
) -> Document:
    """A document from tensors and metadata.

    Raises:
        ActivationsUnknownError: bare weights, and the activations were not given.
        FormatError: the tensors are no network, or contradict each other or the metadata.
    """
    if "nnplay_json" in metadata:
        base = nnplay_json.from_value(strict_json.parse(metadata["nnplay_json"].encode()))
        network = _merged(base.network, tensors)
        # Weights from elsewhere: what was known of the training before no longer holds.
        return replace(
            base, network=network, initial=network.theta, state=TrainingState(), history=History()
        )
    if "edges.source" in tensors:
        network = from_edges(tensors, activation, output_activation)
        return document_around(network)
    layers = find_layers(tensors)
    if not layers:
        raise FormatError(
            "There are neither layers (layers.0.weight …) nor edges (edges.source …) in it."
        )
    return document_around(from_layers(layers, activation, output_activation))


def layer_notes(tensors: Mapping[str, AnyArray]) -> tuple[str, ...]:
    """How bare layers were understood, in sentences for people."""
    if "edges.source" in tensors:
        return ()
    layers = find_layers(tensors)
    used = {f"{name}.{part}" for name, _ in layers for part in ("weight", "bias")}
    shown = [f"{name or 'weight'} ({m.shape[1]} → {m.shape[0]})" for name, (m, _) in layers[:8]]
    more = f" and {len(layers) - 8} more" if len(layers) > 8 else ""
    notes = [f"Layers in this order: {', '.join(shown)}{more}."]
    bare = [name for name, _ in layers if f"{name}.bias" not in tensors]
    if bare:
        notes.append(f"{len(bare)} of them have no biases; they are 0.")
    norms = batch_norms.owners(tensors)
    for norm, owner in norms.items():
        used |= {f"{norm}.{part}" for part in batch_norms.PARTS}
        notes.append(
            f"Batch normalisation {norm} was folded into {owner}, which stands right beside it, "
            f"with PyTorch's usual ε of {batch_norms.SAID}."
        )
    ignored = [name for name in tensors if name not in used]
    if ignored:
        names = ", ".join(ignored[:4])
        notes.append(f"Not used, because they belong to no layer: {names}.")
    return tuple(notes)


def compared(document: Document, tensors: Mapping[str, AnyArray]) -> tuple[Network, Network]:
    """The network that should be in the tensors, and the one found without the metadata.

    Raises:
        FormatError: another wiring, or layers that do not hold the same numbers as the edges.
    """
    network = effective_network(document.network)
    bare = from_edges(tensors, "linear", "linear")
    if bare.topology != network.topology:
        raise FormatError("The export holds another wiring than the network.")
    for (_, (matrix, bias)), layer in zip(find_layers(tensors), layer_slots(network), strict=True):
        exists = layer.weights >= 0
        if (
            matrix[~exists].any()
            or not np.array_equal(matrix[exists], bare.theta[layer.weights[exists]])
            or not np.array_equal(bias, bare.theta[layer.biases])
        ):
            raise FormatError("The export's layers and edges hold different numbers.")
    return network, network.with_theta(bare.theta)


def _merged(base: Network, tensors: Mapping[str, AnyArray]) -> Network:
    """The network of the metadata with whatever was changed in the tensors."""
    effective = effective_network(base).theta
    topology = base.topology
    candidates: list[tuple[str, FloatArray]] = []
    added: dict[tuple[int, int], float] = {}
    layers = find_layers(tensors)
    if layers:
        slots = layer_slots(base)
        if [layer[1][0].shape for layer in layers] != [layer.weights.shape for layer in slots]:
            raise FormatError(
                "The layers have other sizes than the network in nnplay_json. Remove nnplay_json "
                "to import the layers alone."
            )
        values = np.array(effective)
        for (name, (matrix, bias)), layer in zip(layers, slots, strict=True):
            exists = layer.weights >= 0
            _put(values, layer.weights[exists], matrix[exists], tensors[f"{name}.weight"].dtype)
            _put(values, layer.biases, bias, tensors[f"{name}.weight"].dtype)
            # Training elsewhere without the mask makes connections where there were none.
            for out, into in np.argwhere(~exists & (matrix != 0)):
                pair = int(layer.sources[into]), int(layer.targets[out])
                added[pair] = float(matrix[out, into])
        candidates.append(("layers", values))
    if "edges.source" in tensors:
        bare = from_edges(tensors, "linear", "linear")
        if bare.topology != topology:
            raise FormatError(
                "edges.* and neurons.* describe another network than nnplay_json. Remove "
                "nnplay_json to import the arrays alone."
            )
        values = np.array(effective)
        count = topology.edge_count
        _put(values, np.arange(count), bare.theta[:count], tensors["edges.weight"].dtype)
        _put(
            values,
            np.arange(count, len(values)),
            bare.theta[count:],
            tensors["neurons.bias"].dtype,
        )
        candidates.append(("edges", values))
    theta, enabled = np.array(base.theta), np.array(base.enabled)
    touched = np.zeros(theta.size, dtype=bool)
    for _, values in candidates:
        changed = values != effective
        conflict = changed & touched & (theta != values)
        if conflict.any():
            raise FormatError(
                "layers.* and edges.* were both changed and hold different numbers. Remove one of "
                "the two groups."
            )
        theta[changed] = values[changed]
        enabled[changed] = True
        touched |= changed
    network = base.with_theta(theta).set_enabled(np.flatnonzero(enabled), True)
    return network.connect_many(list(added), list(added.values())) if added else network


def _put(values: FloatArray, slots: IntArray, stored: FloatArray, dtype: np.dtype[Any]) -> None:
    """Write stored numbers where they differ from what would have been stored."""
    with np.errstate(over="ignore"):
        expected = values[slots].astype(dtype)
    changed = stored != expected
    values[slots[changed]] = stored[changed]
