"""Verbs that edit the network by hand: each checks first, then makes one undoable change."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from nnplay.core.activations import ACTIVATIONS
from nnplay.core.layer_edits import add_to_level, insert_layer, remove_level, weights_for
from nnplay.core.network import Network
from nnplay.core.topology import Kind, TopologyError
from nnplay.data.binding import free_key, output_label
from nnplay.document import Document
from nnplay.session.new_weights import new_bias, new_weights
from nnplay.session.pairing import refuse_pairing
from nnplay.session.placement import keep_places, moved, open_gap, rearranged, turned

if TYPE_CHECKING:
    from nnplay.session.session import Session

__all__ = ["Editor", "check_activation", "things", "usual_activation"]

EdgeKey = tuple[int, int]
LONGEST_LABEL: Final = 80


class Editor:
    """Edits of structure, parameters, names and places, on behalf of the session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    # ------------------------------------------------------------------ structure
    def add_neuron(self, kind: Kind, x: float, y: float, activation: str | None) -> int | None:
        """Add an unconnected neuron at a place; returns its id, or None if refused."""
        kind = Kind(kind)
        made: list[int] = []

        def edit(document: Document) -> Document:
            network = document.network
            if activation is not None:
                check_activation(activation)
            chosen = activation or usual_activation(network, kind)
            binding = label = None
            prepared = self._session.prepared
            if prepared is not None and kind != Kind.HIDDEN:
                binding = free_key(network, prepared, kind)
            if binding is not None and prepared is not None:
                count = len(network.topology.output_ids) + 1
                label = binding if kind == Kind.INPUT else output_label(prepared, binding, count)
            network, new_id = network.add_neuron(
                kind,
                activation=chosen,
                label=label,
                binding=binding,
                bias=new_bias(document),
            )
            made[:] = [new_id]
            return keep_places(document, document.with_network(network), {new_id: (x, y)})

        if not self._session.edit(f"Add {_KIND_NAMES[kind]}", edit):
            return None
        return made[0]

    def connect(self, source: int, target: int) -> bool:
        """Connect two neurons with a small random weight."""

        def edit(document: Document) -> Document:
            pairs = np.array([(source, target)])
            weights = weights_for(new_weights(document), pairs)
            network = document.network.connect_many(pairs, weights)
            return keep_places(document, document.with_network(network))

        return self._session.edit("Connect", edit)

    def remove(self, neurons: Iterable[int], edges: Iterable[EdgeKey]) -> bool:
        """Remove neurons with their connections, and further connections."""
        gone, pairs = frozenset(neurons), frozenset(edges)
        if not gone and not pairs:
            return False

        def edit(document: Document) -> Document:
            network = document.network.remove(gone, sorted(pairs))
            return keep_places(document, document.with_network(network))

        return self._session.edit(f"Delete {things(len(gone), len(pairs))}", edit)

    def add_to_level(self, level: int) -> int | None:
        """Add a neuron beside the hidden neurons of a level, fully wired."""
        made: list[int] = []

        def edit(document: Document) -> Document:
            network, new_id = add_to_level(
                document.network, level, new_weights(document), bias=new_bias(document)
            )
            made[:] = [new_id]
            return keep_places(document, document.with_network(network), follow=True)

        return made[0] if self._session.edit("Add a neuron to a layer", edit) else None

    def remove_from_level(self, level: int) -> bool:
        """Remove the last hidden neuron of a level; the last one takes the layer with it."""

        def edit(document: Document) -> Document:
            members = document.network.level_ids(level)
            if level == 0 or not members:
                raise TopologyError(f"There is no hidden layer at level {level}.")
            if len(members) == 1:
                network = remove_level(document.network, level, new_weights(document))
            else:
                network = document.network.remove_neurons([members[-1]])
            return keep_places(document, document.with_network(network), follow=True)

        return self._session.edit("Remove a neuron from a layer", edit)

    def insert_layer(self, after_level: int, size: int) -> bool:
        """Insert a full hidden layer behind a level."""

        def edit(document: Document) -> Document:
            network, new_ids = insert_layer(
                document.network,
                after_level,
                size,
                new_weights(document),
                activation=usual_activation(document.network, Kind.HIDDEN),
                bias=new_bias(document),
            )
            sources = {s for new_id in new_ids for s, _ in network.topology.incoming(new_id)}
            return open_gap(document, document.with_network(network), new_ids, sources)

        return self._session.edit("Insert a layer", edit)

    def remove_level(self, level: int) -> bool:
        """Remove a hidden layer and join what came before to what comes after."""

        def edit(document: Document) -> Document:
            network = remove_level(document.network, level, new_weights(document))
            return keep_places(document, document.with_network(network), follow=True)

        return self._session.edit("Remove a layer", edit)

    # ------------------------------------------------------------------ numbers
    def set_parameters(
        self, values: Mapping[int, float], gesture: int | None, text: str = "Set weights"
    ) -> bool:
        """Set weights and biases by slot."""
        network = self._session.network
        for slot, value in values.items():
            if not 0 <= slot < network.topology.parameter_count:
                return self._session.refuse(f"There is no parameter number {slot}.")
            if not math.isfinite(value):
                return self._session.refuse("A weight or bias must be a finite number.")
        chosen = {int(slot): float(value) for slot, value in values.items()}
        return self._session.edit_parameters(text, chosen, gesture)

    def set_weight(self, source: int, target: int, value: float, gesture: int | None) -> bool:
        """Set one weight."""
        try:
            slot = self._session.network.topology.edge_slot(source, target)
        except TopologyError as error:
            return self._session.refuse(str(error))
        return self.set_parameters({slot: value}, gesture, "Set a weight")

    def set_bias(self, neuron_id: int, value: float, gesture: int | None) -> bool:
        """Set one bias."""
        try:
            slot = self._session.network.topology.bias_slot(neuron_id)
        except TopologyError as error:
            return self._session.refuse(str(error))
        return self.set_parameters({slot: value}, gesture, "Set a bias")

    def set_flags(self, slots: Iterable[int], *, frozen: bool | None, enabled: bool | None) -> bool:
        """Lock or unlock parameters, or switch connections off and on."""
        chosen = sorted({int(slot) for slot in slots})
        topology = self._session.network.topology
        limit = topology.parameter_count if enabled is None else topology.edge_count
        for slot in chosen:
            if not 0 <= slot < limit:
                what = "parameter" if enabled is None else "connection"
                return self._session.refuse(f"There is no {what} number {slot}.")

        def edit(document: Document) -> Document:
            network = document.network
            if frozen is not None and (network.frozen[chosen] != frozen).any():
                network = network.set_frozen(chosen, frozen)
            if enabled is not None and (network.enabled[chosen] != enabled).any():
                network = network.set_enabled(chosen, enabled)
            if network is document.network:
                return document
            return replace(document, network=network)

        if frozen is not None:
            text = "Lock parameters" if frozen else "Unlock parameters"
        else:
            text = "Switch connections on" if enabled else "Switch connections off"
        return self._session.edit(text, edit)

    # ------------------------------------------------------------------ names and functions
    def set_activation(self, neuron_ids: Collection[int], activation: str) -> bool:
        """Give neurons an activation; inputs among them are left alone."""
        session = self._session

        def edit(document: Document) -> Document:
            check_activation(activation)
            network = document.network
            chosen = [i for i in neuron_ids if network.topology.kind_of(i) != Kind.INPUT]
            if not chosen:
                chosen = list(neuron_ids)  # only inputs: refused with a sentence
            if all(network.activation_of(i) == activation for i in chosen):
                return document
            after = replace(document, network=network.set_activation(chosen, activation))
            refuse_pairing(session, document, after)
            return after

        return session.edit("Set the activation", edit)

    def set_level_activation(self, level: int, activation: str) -> bool:
        """Give all hidden neurons of a level an activation."""
        members = self._session.network.level_ids(level) if level > 0 else ()
        if not members:
            return self._session.refuse(f"There is no hidden layer at level {level}.")
        return self.set_activation(members, activation)

    def set_dropout(
        self, neuron_ids: Collection[int], rate: float, gesture: int | None = None
    ) -> bool:
        """Silence hidden neurons in a share of the steps; others among them are left alone."""
        if not 0.0 <= rate < 1.0:  # NaN is refused too
            return self._session.refuse("A dropout rate is at least 0 and less than 1.")

        def edit(document: Document) -> Document:
            network = document.network
            topology = network.topology
            rows = [topology.row(i) for i in neuron_ids if topology.kind_of(i) == Kind.HIDDEN]
            if not rows:
                raise TopologyError("Only hidden neurons have dropout; choose some of them.")
            if (network.dropout[rows] == rate).all():
                return document
            dropout = network.dropout.copy()
            dropout[rows] = rate
            dropout.flags.writeable = False
            return replace(document, network=replace(network, dropout=dropout))

        return self._session.edit("Set dropout", edit, gesture)

    def set_label(self, neuron_id: int, text: str) -> bool:
        """Rename a neuron."""
        label = " ".join(text.split())
        if len(label) > LONGEST_LABEL:
            return self._session.refuse(f"A name may have at most {LONGEST_LABEL} letters.")

        def edit(document: Document) -> Document:
            if document.network.label_of(neuron_id) == label:
                return document
            return replace(document, network=document.network.set_label(neuron_id, label))

        return self._session.edit("Rename a neuron", edit, affects_training=False)

    # ------------------------------------------------------------------ places
    def move(self, places: Mapping[int, tuple[float, float]], gesture: int | None) -> bool:
        """Put neurons somewhere on the canvas."""
        topology = self._session.network.topology
        chosen = {
            int(i): (float(x), float(y))
            for i, (x, y) in places.items()
            if i in topology and math.isfinite(x) and math.isfinite(y)
        }
        if not chosen:
            return False
        text = "Move a neuron" if len(chosen) == 1 else f"Move {len(chosen)} neurons"
        return self._session.edit(
            text, lambda document: moved(document, chosen), gesture, affects_training=False
        )

    def arrange(self, neurons: Collection[int] | None) -> bool:
        """Back to the automatic arrangement, for all neurons or for some."""
        chosen = None if neurons is None else frozenset(neurons)

        def edit(document: Document) -> Document:
            if chosen is not None:
                return rearranged(document, chosen)
            return replace(document, positions={}) if document.positions else document

        if chosen is None or len(chosen) == self._session.network.topology.neuron_count:
            text = "Arrange"
        elif not chosen:
            return False
        else:
            text = "Arrange a neuron" if len(chosen) == 1 else f"Arrange {len(chosen)} neurons"
        return self._session.edit(text, edit, affects_training=False)

    def set_direction(self, *, downwards: bool) -> bool:
        """Show the network from top to bottom or from left to right."""
        text = "Show from top to bottom" if downwards else "Show from left to right"
        return self._session.edit(
            text, lambda document: turned(document, downwards=downwards), affects_training=False
        )


_KIND_NAMES: Final = {
    Kind.INPUT: "an input",
    Kind.HIDDEN: "a neuron",
    Kind.OUTPUT: "an output",
}


def check_activation(name: str) -> None:
    """Raise :class:`TopologyError` for an activation that does not exist."""
    if name not in ACTIVATIONS:
        raise TopologyError(
            f"There is no activation “{name}”; choose one of {', '.join(ACTIVATIONS)}."
        )


def usual_activation(network: Network, kind: Kind) -> str:
    """The activation most neurons of a kind have; tanh where there are none."""
    topology = network.topology
    names = Counter(network.activation_of(i) for i in topology.ids_of(kind))
    return names.most_common(1)[0][0] if names else "tanh"


def things(neurons: int, edges: int) -> str:
    """So many neurons and connections, in words."""
    parts = []
    if neurons:
        parts.append("a neuron" if neurons == 1 else f"{neurons} neurons")
    if edges:
        parts.append("a connection" if edges == 1 else f"{edges} connections")
    return " and ".join(parts)
