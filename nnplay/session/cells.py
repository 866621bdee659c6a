"""Many values of many neurons and connections, of different kinds, set in one step."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from nnplay.core.activations import ACTIVATIONS
from nnplay.core.network import Network
from nnplay.core.topology import Kind
from nnplay.document import Document
from nnplay.session.commands import with_slots
from nnplay.session.pairing import refuse_pairing

if TYPE_CHECKING:
    from nnplay.session.session import Session

__all__ = ["CellValues", "set_cells"]

LONGEST_LABEL = 80


@dataclass
class CellValues:
    """What cells of a table shall hold.

    Attributes:
        parameters: weights and biases by slot.
        frozen: which parameters are locked, by slot.
        enabled: which connections are on, by slot.
        dropout: rates by neuron id.
        labels: names by neuron id.
        activations: names of the functions by neuron id.
        neurons_enabled: which neurons are on, by id.
    """

    parameters: dict[int, float] = field(default_factory=dict)
    frozen: dict[int, bool] = field(default_factory=dict)
    enabled: dict[int, bool] = field(default_factory=dict)
    dropout: dict[int, float] = field(default_factory=dict)
    labels: dict[int, str] = field(default_factory=dict)
    activations: dict[int, str] = field(default_factory=dict)
    neurons_enabled: dict[int, bool] = field(default_factory=dict)

    def _others(self) -> bool:
        return bool(
            self.frozen
            or self.enabled
            or self.dropout
            or self.labels
            or self.activations
            or self.neurons_enabled
        )


def set_cells(session: Session, text: str, values: CellValues) -> bool:
    """Set all values as one undoable step named ``text``; all of them or none.

    False if nothing changes, or if it is refused: a notice says why.
    """
    problem = _problem(session.network, values)
    if problem:
        return session.refuse(problem)
    if not values._others():
        return bool(values.parameters) and session.edit_parameters(text, values.parameters)

    def edit(document: Document) -> Document:
        network = _changed(document.network, values)
        if network is not document.network:
            after = replace(document, network=network)
            if values.activations:
                refuse_pairing(session, document, after)
            document = after
        theta = document.network.theta
        changed = {s: v for s, v in values.parameters.items() if float(theta[s]) != v}
        if changed:
            document = with_slots(document, changed, changed if not document.state.step else {})
        return document

    only_names = not values.parameters and values == CellValues(labels=values.labels)
    return session.edit(text, edit, affects_training=not only_names)


def _problem(network: Network, values: CellValues) -> str:
    topology = network.topology
    for slot, value in values.parameters.items():
        if not 0 <= slot < topology.parameter_count:
            return f"There is no parameter number {slot}."
        if not math.isfinite(value):
            return "A weight or bias must be a finite number."
    for neuron_id, rate in values.dropout.items():
        if not 0.0 <= rate < 1.0:
            return "A dropout rate is at least 0 and less than 1."
        if neuron_id not in topology or topology.kind_of(neuron_id) != Kind.HIDDEN:
            return "Only hidden neurons have dropout."
    for label in values.labels.values():
        if len(label) > LONGEST_LABEL:
            return f"A name may have at most {LONGEST_LABEL} letters."
    for neuron_id, name in values.activations.items():
        if name not in ACTIVATIONS:
            return f"There is no activation “{name}”."
        if topology.kind_of(neuron_id) == Kind.INPUT:
            return "An input passes its value on: it has no activation."
    return ""


def _changed(network: Network, values: CellValues) -> Network:
    """The network with everything but the parameters; the same one if nothing differs."""
    topology = network.topology
    for on in (True, False):
        locked = [s for s, v in values.frozen.items() if v == on and network.frozen[s] != on]
        if locked:
            network = network.set_frozen(locked, on)
        enabled = [s for s, v in values.enabled.items() if v == on and network.enabled[s] != on]
        if enabled:
            network = network.set_enabled(enabled, on)
    if values.dropout:
        dropout = network.dropout.copy()
        dropout[[topology.row(i) for i in values.dropout]] = list(values.dropout.values())
        if not np.array_equal(dropout, network.dropout):
            dropout.flags.writeable = False
            network = replace(network, dropout=dropout)
    if values.neurons_enabled:
        on_array = network.neuron_enabled.copy()
        on_array[[topology.row(i) for i in values.neurons_enabled]] = list(
            values.neurons_enabled.values()
        )
        if not np.array_equal(on_array, network.neuron_enabled):
            on_array.flags.writeable = False
            network = replace(network, neuron_enabled=on_array)
    by_name: dict[str, list[int]] = {}
    for neuron_id, name in values.activations.items():
        if network.activation_of(neuron_id) != name:
            by_name.setdefault(name, []).append(neuron_id)
    for name, ids in by_name.items():
        network = network.set_activation(ids, name)
    for neuron_id, label in values.labels.items():
        if network.label_of(neuron_id) != label:
            network = network.set_label(neuron_id, label)
    return network
