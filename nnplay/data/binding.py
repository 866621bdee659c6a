"""Which neuron reads which feature and predicts which class, and what happens when data change."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from nnplay.core.network import Network
from nnplay.core.topology import Kind, next_free_id
from nnplay.data.features import canonical_feature
from nnplay.data.preparation import PreparedData

__all__ = ["free_key", "output_label", "rebind", "wanted_output_keys"]

WeightOf = Callable[[int, int], float]


def output_label(prepared: PreparedData, key: str, output_count: int) -> str:
    """Label of an output: the class or target it stands for.

    A single output for two classes named by numbers (−1 and +1, 0 and 1) is simply ``y``.
    """
    if prepared.is_classification and output_count == 1 and _is_number(key):
        return "y"
    return key


def wanted_output_keys(network: Network, prepared: PreparedData) -> tuple[str, ...]:
    """What the outputs have to stand for: two classes need one output only.

    A network that already has two outputs keeps one for each of the two classes.
    """
    keys = prepared.output_keys
    if prepared.is_classification and len(keys) == 2 and len(network.topology.output_ids) != 2:
        return keys[1:]
    return keys


def free_key(network: Network, prepared: PreparedData, kind: Kind) -> str | None:
    """The first feature (or class) no input (or output) neuron stands for yet; None if all do."""
    keys = prepared.input_keys if kind == Kind.INPUT else wanted_output_keys(network, prepared)
    taken = set(_bindings(network, kind))
    return next((key for key in keys if key not in taken), None)


def rebind(
    network: Network, before: PreparedData | None, after: PreparedData, weight_of: WeightOf
) -> Network:
    """Fit inputs and outputs to other data.

    Inputs whose feature is gone are removed, features that are new get an input connected to all
    neurons of level 1; an input a person deleted earlier does not come back. Inputs without a
    binding take the feature they are called like, else the free ones in order. Outputs are kept by
    class name, bound or written on them; others take over the classes that are left, surplus ones go, and missing ones listen to whatever the outputs listened
    to. Everything that stays keeps its weights. When nothing has to change, ``network`` itself is
    returned.

    Args:
        network: the network as it is.
        before: the data it was bound to, None if unknown.
        after: the data it shall be bound to.
        weight_of: gives the weight of a new connection (source id, target id).
    """
    return _Rebinding(network, before, after, weight_of).result()


def _bindings(network: Network, kind: Kind) -> list[str | None]:
    return [network.bindings[network.topology.row(i)] for i in network.topology.ids_of(kind)]


def _is_number(text: str) -> bool:
    try:
        float(text.replace("−", "-"))
    except ValueError:
        return False
    return True


class _Rebinding:
    """One rebinding under way: ids by key, then the new wiring in a single step."""

    def __init__(
        self,
        network: Network,
        before: PreparedData | None,
        after: PreparedData,
        weight_of: WeightOf,
    ) -> None:
        self.network = network
        self.after = after
        self.weight_of = weight_of
        self.known = set(before.input_keys) if before is not None else None
        self.next_id = next_free_id(network.topology.ids)
        self.bindings: dict[int, str | None] = {}
        self.labels: dict[int, str] = {}
        self.activations: dict[int, str] = {}
        self.new_pairs: list[tuple[int, int]] = []

    def result(self) -> Network:
        topology = self.network.topology
        inputs = self._inputs()
        outputs = self._outputs(inputs)
        gone = (set(topology.input_ids) - set(inputs)) | (set(topology.output_ids) - set(outputs))
        order = self._order(inputs, outputs)
        new_ids = [i for i in order if i not in topology]
        if not gone and not new_ids and not self.bindings and order == topology.ids.tolist():
            return self.network
        kinds = {int(i): int(k) for i, k in zip(topology.ids, topology.kinds, strict=True)}
        kinds |= {i: int(Kind.INPUT if i in inputs else Kind.OUTPUT) for i in new_ids}
        keep = ~np.isin(topology.edges, sorted(gone)).any(axis=1)
        kept = topology.edges[keep]
        pairs = [(s, t) for s, t in self.new_pairs if s not in gone and t not in gone]
        rewired = self.network.rewired(
            order,
            [kinds[i] for i in order],
            np.concatenate([kept, np.array(pairs, dtype=np.int64).reshape(-1, 2)]),
            activations=self.activations,
            labels=self.labels,
            bindings=self.bindings,
        )
        weights = {len(kept) + i: self.weight_of(s, t) for i, (s, t) in enumerate(pairs)}
        return rewired.with_parameters(weights) if weights else rewired

    def _new_id(self) -> int:
        self.next_id += 1
        return self.next_id - 1

    def _order(self, inputs: Sequence[int], outputs: Sequence[int]) -> list[int]:
        """Inputs first in feature order; outputs in class order on the rows outputs had."""
        remaining = list(outputs)
        rest: list[int] = []
        for neuron_id, kind in zip(
            self.network.topology.ids.tolist(), self.network.topology.kinds, strict=True
        ):
            if kind == Kind.HIDDEN:
                rest.append(neuron_id)
            elif kind == Kind.OUTPUT and remaining:
                rest.append(remaining.pop(0))
        return [*inputs, *rest, *remaining]

    # ------------------------------------------------------------------ inputs
    def _inputs(self) -> list[int]:
        topology, keys = self.network.topology, self.after.input_keys
        by_key: dict[str, list[int]] = {key: [] for key in keys}
        unbound: list[int] = []
        for neuron_id, binding in zip(
            topology.input_ids, _bindings(self.network, Kind.INPUT), strict=True
        ):
            if binding is None:
                unbound.append(neuron_id)
                continue
            canonical = binding if binding in by_key else canonical_feature(binding)
            if canonical in by_key:
                by_key[canonical].append(neuron_id)
                if canonical != binding:
                    self.bindings[neuron_id] = canonical
        for neuron_id in sorted(unbound, key=lambda i: self.network.label_of(i) not in by_key):
            label = self.network.label_of(neuron_id)
            free = [key for key in keys if not by_key[key]]
            if free:
                key = label if label in free else free[0]
                by_key[key].append(neuron_id)
                self.bindings[neuron_id] = self.labels[neuron_id] = key
        first_level = [
            int(i)
            for i, level, kind in zip(topology.ids, topology.levels, topology.kinds, strict=True)
            if level == 1 and kind != Kind.INPUT
        ]
        for key in keys:
            if by_key[key] or (self.known is not None and key in self.known):
                continue
            new_id = self._new_id()
            by_key[key].append(new_id)
            self.bindings[new_id] = self.labels[new_id] = key
            self.activations[new_id] = "linear"
            self.new_pairs += [(new_id, target) for target in first_level]
        return [neuron_id for key in keys for neuron_id in by_key[key]]

    # ------------------------------------------------------------------ outputs
    def _outputs(self, inputs: Sequence[int]) -> list[int]:
        topology = self.network.topology
        keys = wanted_output_keys(self.network, self.after)
        holder: dict[str, int] = {}
        spare: list[int] = []
        for neuron_id, binding in zip(
            topology.output_ids, _bindings(self.network, Kind.OUTPUT), strict=True
        ):
            if binding is not None and binding in keys and binding not in holder:
                holder[binding] = neuron_id
            else:
                spare.append(neuron_id)
        called = {self.network.label_of(i): i for i in reversed(spare)}
        for key in keys:
            if key in holder or key not in called:
                continue
            holder[key] = called[key]
            self.bindings[called[key]] = key
            spare.remove(called[key])
        for key in keys:
            if key in holder:
                continue
            label = output_label(self.after, key, len(keys))
            if spare:
                neuron_id = spare.pop(0)
                self.bindings[neuron_id] = key
                self.labels[neuron_id] = label
                holder[key] = neuron_id
                continue
            neuron_id = self._new_id()
            self.bindings[neuron_id] = key
            self.labels[neuron_id] = label
            self.activations[neuron_id] = self._output_activation()
            self.new_pairs += [(source, neuron_id) for source in self._sources(inputs)]
            holder[key] = neuron_id
        if len(keys) != len(topology.output_ids):
            self._relabel(holder, len(keys))
        return [holder[key] for key in keys]

    def _relabel(self, holder: Mapping[str, int], count: int) -> None:
        """Names the data gave follow the number of outputs (y for one, −1 and +1 for two)."""
        for key, neuron_id in holder.items():
            if neuron_id not in self.network.topology:
                continue
            current = self.network.label_of(neuron_id)
            label = output_label(self.after, key, count)
            if current in ("y", key) and current != label:
                self.labels[neuron_id] = label
                self.bindings.setdefault(neuron_id, key)

    def _output_activation(self) -> str:
        names = self.network.output_activations
        return names[0] if names else ("tanh" if self.after.is_classification else "linear")

    def _sources(self, inputs: Sequence[int]) -> list[int]:
        """What a new output listens to: all that other outputs listened to, else the last layer."""
        topology = self.network.topology
        sources: dict[int, None] = {}
        kept_inputs = set(inputs)
        for output in topology.output_ids:
            for source, _ in topology.incoming(output):
                kind = topology.kind_of(source)
                if kind == Kind.HIDDEN or (kind == Kind.INPUT and source in kept_inputs):
                    sources[source] = None
            # New inputs feed the outputs directly when there is no hidden layer between.
            sources |= {s: None for s, t in self.new_pairs if t == output}
        if sources:
            return list(sources)
        if self.network.hidden_levels:
            return list(self.network.level_ids(self.network.hidden_levels[-1]))
        return list(inputs)
