"""Networks as records: neurons in the head, edges and parameters as arrays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from nnplay.core.activations import ACTIVATIONS
from nnplay.core.network import Network
from nnplay.core.topology import Kind, Topology, TopologyError
from nnplay.formats.errors import FormatError
from nnplay.formats.fields import Fields, as_number
from nnplay.formats.record import AnyArray, take_array

__all__ = ["KINDS", "network_from_record", "network_to_record"]

KINDS = {"input": Kind.INPUT, "hidden": Kind.HIDDEN, "output": Kind.OUTPUT}
KIND_NAMES = {kind: name for name, kind in KINDS.items()}
Positions = dict[int, tuple[float, float]]


def network_to_record(
    network: Network, positions: Mapping[int, tuple[float, float]]
) -> tuple[list[dict[str, Any]], dict[str, AnyArray]]:
    """Neuron records (with canvas positions) and parameter arrays of a network.

    Raises:
        FormatError: a number is not finite; no file may hold it.
    """
    neurons = []
    for neuron in network.neurons:
        record: dict[str, Any] = {
            "id": neuron.id,
            "kind": KIND_NAMES[neuron.kind],
            "label": neuron.label,
        }
        if neuron.kind != Kind.INPUT or neuron.activation != "linear":
            record["activation"] = neuron.activation
        if neuron.binding is not None:
            record["binding"] = neuron.binding
        if neuron.dropout:
            record["dropout"] = neuron.dropout
        if not neuron.enabled:
            record["enabled"] = False
        if neuron.id in positions:
            record["position"] = [float(value) for value in positions[neuron.id]]
        neurons.append(record)
    arrays: dict[str, AnyArray] = {
        "params/edges": network.topology.edges,
        "params/theta": network.theta,
    }
    if network.frozen.any():
        arrays["params/frozen"] = network.frozen
    if not network.enabled.all():
        arrays["params/enabled"] = network.enabled
    return neurons, arrays


def network_from_record(
    neurons: list[Any], arrays: Mapping[str, AnyArray]
) -> tuple[Network, Positions, dict[str, Any]]:
    """Build a network from its records; also returns positions and unknown keys by neuron id.

    Raises:
        FormatError: anything is missing, of the wrong kind, or no feed-forward network.
    """
    ids, kinds = [], []
    activations, labels, dropout, enabled = [], [], [], []
    bindings: list[str | None] = []
    positions: Positions = {}
    unknown: dict[str, Any] = {}
    for index, values in enumerate(neurons):
        fields = Fields(values, f"network.neurons[{index}]")
        neuron_id = fields.integer("id", high=2**31 - 1)
        ids.append(neuron_id)
        kind = KINDS[fields.one_of("kind", KINDS)]
        kinds.append(kind)
        labels.append(fields.text("label", ""))
        activations.append(
            fields.one_of("activation", ACTIVATIONS, "linear")
            if kind == Kind.INPUT
            else fields.one_of("activation", ACTIVATIONS)
        )
        binding = fields.get("binding", None)
        bindings.append(None if binding is None else fields.text("binding"))
        dropout.append(_rate(fields))
        enabled.append(fields.flag("enabled", True))
        position = fields.get("position", None)
        if position is not None:
            positions[neuron_id] = _pair(position, fields)
        rest = fields.rest()
        if rest:
            unknown[str(neuron_id)] = rest
    edges = take_array(arrays, "params/edges", np.int64, (None, 2))
    return (
        _build(ids, kinds, edges, arrays, activations, labels, bindings, dropout, enabled),
        positions,
        unknown,
    )


def _build(
    ids: list[int],
    kinds: list[Kind],
    edges: npt.NDArray[np.int64],
    arrays: Mapping[str, AnyArray],
    activations: list[str],
    labels: list[str],
    bindings: list[str | None],
    dropout: list[float],
    enabled: list[bool],
) -> Network:
    names = dict(zip(ids, labels, strict=True))

    def name_of(neuron_id: int) -> str:
        return f"“{names[neuron_id]}”" if names.get(neuron_id) else f"neuron {neuron_id}"

    try:
        topology = Topology(ids, kinds, edges, name_of=name_of)
        count = topology.parameter_count
        flags = {
            key: take_array(arrays, f"params/{key}", np.bool_, (count,))
            for key in ("frozen", "enabled")
            if f"params/{key}" in arrays
        }
        return Network.build(
            topology,
            theta=take_array(arrays, "params/theta", np.float64, (count,)),
            activations=activations,
            labels=labels,
            bindings=bindings,
            dropout=dropout,
            neuron_enabled=enabled,
            **flags,
        )
    except TopologyError as error:
        raise FormatError(f"The network cannot exist: {error}") from None


def _rate(fields: Fields) -> float:
    rate = fields.number("dropout", 0.0)
    if not 0.0 <= rate < 1.0:
        raise fields.wrong("dropout", "from 0 to less than 1")
    return rate


def _pair(value: object, fields: Fields) -> tuple[float, float]:
    if isinstance(value, list) and len(value) == 2:
        x, y = as_number(value[0]), as_number(value[1])
        if x is not None and y is not None:
            return x, y
    raise fields.wrong("position", "a pair of finite numbers [x, y]")
