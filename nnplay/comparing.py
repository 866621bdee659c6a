"""What differs between two documents: wiring, numbers and settings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from nnplay.core.network import Network
from nnplay.core.topology import Kind
from nnplay.document import Document

__all__ = ["Change", "Difference", "compare"]


@dataclass(frozen=True)
class Change:
    """One thing that differs.

    Attributes:
        what: what it belongs to, for people: ``h1 → y``, ``learning_rate`` …
        before, after: its values; None where it is missing.
    """

    what: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Difference:
    """Everything that differs.

    Attributes:
        structure: neurons and connections that are missing on either side, or of another kind.
        weights: weights and biases, the largest change first.
        settings: data, preparation, training settings, title, seed and switches of neurons.
    """

    structure: tuple[Change, ...]
    weights: tuple[Change, ...]
    settings: tuple[Change, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs."""
        return not (self.structure or self.weights or self.settings)


def compare(before: Document, after: Document) -> Difference:
    """What differs between two documents; neurons are told apart by their ids."""
    one, two = before.network, after.network
    return Difference(
        structure=tuple(_structure(one, two)),
        weights=tuple(_weights(one, two)),
        settings=(*_neuron_settings(one, two), *_settings(before, after)),
    )


def _name(network: Network, neuron: int) -> str:
    return f"{network.label_of(neuron)} (neuron {neuron})"


def _edge_name(network: Network, source: int, target: int) -> str:
    return f"{network.label_of(source)} → {network.label_of(target)} ({source} → {target})"


def _structure(one: Network, two: Network) -> Iterable[Change]:
    kinds = [
        dict(zip(n.topology.ids.tolist(), n.topology.kinds.tolist(), strict=True))
        for n in (one, two)
    ]
    for neuron in sorted(kinds[0].keys() | kinds[1].keys()):
        first, second = kinds[0].get(neuron), kinds[1].get(neuron)
        if first != second:
            network = one if first is not None else two
            words = [None if k is None else Kind(k).name.lower() for k in (first, second)]
            yield Change(_name(network, neuron), *words)
    edges = [set(map(tuple, n.topology.edges.tolist())) for n in (one, two)]
    for source, target in sorted(edges[0] ^ edges[1]):
        is_before = (source, target) in edges[0]
        network = one if is_before else two
        weight = float(network.theta[network.edge_slot(source, target)])
        values = (weight, None) if is_before else (None, weight)
        yield Change(_edge_name(network, source, target), *values)


def _slots(network: Network) -> dict[tuple[int, int], int]:
    """Slot of each connection by its ends, and of each bias by (-1, neuron)."""
    topology = network.topology
    slots = {
        (source, target): slot for slot, (source, target) in enumerate(topology.edges.tolist())
    }
    for neuron, slot in zip(topology.ids.tolist(), topology.bias_slots.tolist(), strict=True):
        if slot >= 0:
            slots[-1, neuron] = slot
    return slots


def _weights(one: Network, two: Network) -> list[Change]:
    if one.topology is two.topology or one.topology == two.topology:
        pairs = {key: (slot, slot) for key, slot in _slots(one).items()}
    else:
        other = _slots(two)
        pairs = {key: (slot, other[key]) for key, slot in _slots(one).items() if key in other}
    changes = []
    for (source, target), (first, second) in pairs.items():
        before, after = float(one.theta[first]), float(two.theta[second])
        if before != after:
            name = (
                f"bias of {_name(one, target)}" if source < 0 else _edge_name(one, source, target)
            )
            changes.append(Change(name, before, after))
    return sorted(changes, key=lambda change: -abs(change.after - change.before))


def _neuron_settings(one: Network, two: Network) -> Iterable[Change]:
    both = np.intersect1d(one.topology.ids, two.topology.ids).tolist()
    for neuron in both:
        first, second = one.topology.row(neuron), two.topology.row(neuron)
        for word, values in (
            ("activation", (one.activations[first], two.activations[second])),
            ("label", (one.labels[first], two.labels[second])),
            ("binding", (one.bindings[first], two.bindings[second])),
            ("dropout", (float(one.dropout[first]), float(two.dropout[second]))),
            ("enabled", (bool(one.neuron_enabled[first]), bool(two.neuron_enabled[second]))),
        ):
            if values[0] != values[1]:
                yield Change(f"{word} of {_name(one, neuron)}", *values)
    others = _slots(two)
    for key, slot in _slots(one).items():
        if key not in others:
            continue
        for word, flags in (
            ("frozen", (one.frozen, two.frozen)),
            ("enabled", (one.enabled, two.enabled)),
        ):
            values = bool(flags[0][slot]), bool(flags[1][others[key]])
            if values[0] != values[1]:
                source, target = key
                what = (
                    f"bias of {_name(one, target)}"
                    if source < 0
                    else _edge_name(one, source, target)
                )
                yield Change(f"{word}: {what}", *values)


def _settings(before: Document, after: Document) -> Iterable[Change]:
    for name in ("title", "seed", "draw"):
        first, second = getattr(before, name), getattr(after, name)
        if first != second:
            yield Change(name, first, second)
    for part in ("data", "preparation", "training"):
        one, two = getattr(before, part), getattr(after, part)
        for field in fields(one):
            first, second = getattr(one, field.name), getattr(two, field.name)
            if field.name == "table":
                if not _same_table(first, second):
                    yield Change("data.table", _table_words(first), _table_words(second))
            elif first != second:
                yield Change(f"{part}.{field.name}", first, second)
    if before.state.epoch != after.state.epoch:
        yield Change("trained epochs", before.state.epoch, after.state.epoch)


def _same_table(one: Any, two: Any) -> bool:
    if one is None or two is None:
        return one is two
    return (
        one.target == two.target
        and one.classes == two.classes
        and len(one.columns) == len(two.columns)
        and all(
            a.name == b.name
            and a.categories == b.categories
            and np.array_equal(a.values, b.values, equal_nan=True)
            for a, b in zip(one.columns, two.columns, strict=True)
        )
    )


def _table_words(table: Any) -> str | None:
    if table is None:
        return None
    return f"{table.row_count} rows, {len(table.columns)} columns"
