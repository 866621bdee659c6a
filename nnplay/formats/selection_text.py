"""Part of a network as text on the clipboard: JSON that people can read and edit.

``{"nnplay": "selection", "version": 1, "neurons": [...], "edges": [...], "outside": [...]}``.
A neuron is an object with ``id``, ``kind``, ``label``, ``activation``, ``bias`` and ``position``;
``binding``, ``dropout``, ``enabled``, ``bias_frozen`` and ``bias_enabled`` only where they are not
usual. An edge is ``[source, target, weight]``, followed by ``"frozen"`` and ``"off"`` where that
holds. Edges with one end outside are listed too; ``outside`` names the neurons at those ends.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from nnplay.core.activations import ACTIVATIONS
from nnplay.core.excerpt import Excerpt, ExcerptEdges
from nnplay.core.network import NewNeuron
from nnplay.core.topology import MAX_NEURON_ID, Kind
from nnplay.formats.errors import FormatError
from nnplay.formats.fields import Fields, as_number
from nnplay.formats.network_record import KIND_NAMES, KINDS
from nnplay.formats.strict_json import check_text, parse

__all__ = ["excerpt_from_text", "excerpt_to_text"]

Positions = dict[int, tuple[float, float]]
VERSION: Final = 1
MAX_LENGTH: Final = 16 * 2**20
MAX_NEURONS: Final = 20_000
MAX_EDGES: Final = 250_000
MAX_LABEL: Final = 80
FARTHEST: Final = 1e7
FLAGS: Final = ("frozen", "off")


def excerpt_to_text(excerpt: Excerpt, positions: Mapping[int, tuple[float, float]]) -> str:
    """The text; raises :class:`FormatError` if a number is not finite or it is too large."""
    if len(excerpt.neurons) > MAX_NEURONS:
        raise FormatError(f"At most {MAX_NEURONS:,} neurons can be copied at once.")
    neurons = [_neuron_record(neuron, positions) for neuron in excerpt.neurons]
    edges = [*_edge_records(excerpt.inner), *_edge_records(excerpt.outer)]
    if len(edges) > MAX_EDGES:
        raise FormatError(f"At most {MAX_EDGES:,} connections can be copied at once.")
    outside = [{"id": i, "label": label} for i, label in sorted(excerpt.outside.items())]
    head = {"nnplay": "selection", "version": VERSION}
    lists: dict[str, list[Any]] = {"neurons": neurons, "edges": edges, "outside": outside}
    try:
        parts = [json.dumps(head, allow_nan=False)[1:-1]]
        for name, items in lists.items():
            lines = ",\n  ".join(_line(item) for item in items)
            parts.append(f'"{name}": [\n  {lines}\n ]' if items else f'"{name}": []')
    except ValueError:
        raise FormatError("A number of the selection is not finite; set it to one first.") from None
    return "{" + ",\n ".join(parts) + "}\n"


def _line(item: object) -> str:
    return json.dumps(item, ensure_ascii=False, allow_nan=False)


def _neuron_record(
    neuron: NewNeuron, positions: Mapping[int, tuple[float, float]]
) -> dict[str, Any]:
    record: dict[str, Any] = {
        "id": neuron.id,
        "kind": KIND_NAMES[neuron.kind],
        "label": neuron.label,
    }
    if neuron.kind != Kind.INPUT:
        record |= {"activation": neuron.activation, "bias": neuron.bias}
        if neuron.bias_frozen:
            record["bias_frozen"] = True
        if not neuron.bias_enabled:
            record["bias_enabled"] = False
    if neuron.binding is not None:
        record["binding"] = neuron.binding
    if neuron.dropout:
        record["dropout"] = neuron.dropout
    if not neuron.enabled:
        record["enabled"] = False
    if neuron.id in positions:
        record["position"] = [float(value) for value in positions[neuron.id]]
    return record


def _edge_records(edges: ExcerptEdges) -> list[list[Any]]:
    records: list[list[Any]] = [
        [source, target, weight]
        for (source, target), weight in zip(
            edges.ends.tolist(), edges.weights.tolist(), strict=True
        )
    ]
    for place in np.flatnonzero(edges.frozen).tolist():
        records[place].append("frozen")
    for place in np.flatnonzero(~edges.enabled).tolist():
        records[place].append("off")
    return records


def excerpt_from_text(text: str) -> tuple[Excerpt, Positions]:
    """Read what :func:`excerpt_to_text` wrote, or what somebody made of it.

    Whether the neurons can be part of a network is found out by whoever puts them into one.

    Raises:
        FormatError: the text is something else, too large, or not sound.
    """
    if len(text) > MAX_LENGTH:
        raise FormatError(f"It is longer than {MAX_LENGTH // 2**20} million characters.")
    if not text.lstrip("\ufeff \t\r\n").startswith("{"):
        raise FormatError("It is no selection of neurons copied from nnplay.")
    # Half a character (a lone surrogate) becomes bytes that the reader refuses.
    values = parse(text.encode("utf-8", "surrogatepass"))
    fields = Fields(values, "")
    if not isinstance(values, dict) or values.get("nnplay") != "selection":
        raise FormatError("It is no selection of neurons copied from nnplay.")
    if fields.integer("version") != VERSION:
        raise FormatError("It was copied from a newer nnplay. Please update this one.")
    neurons: list[NewNeuron] = []
    positions: Positions = {}
    for index, record in enumerate(fields.items("neurons", limit=MAX_NEURONS)):
        neuron, position = _neuron(Fields(record, f"neurons[{index}]"))
        neurons.append(neuron)
        if position is not None:
            positions[neuron.id] = position
    if not neurons:
        raise FormatError("There is no neuron in it.")
    inside = {neuron.id for neuron in neurons}
    if len(inside) != len(neurons):
        raise FormatError("Two of its neurons have the same id.")
    outside: dict[int, str] = {}
    for index, record in enumerate(fields.items("outside", [], limit=MAX_EDGES)):
        other = Fields(record, f"outside[{index}]")
        outside[other.integer("id", high=MAX_NEURON_ID)] = _label(other)
    edges = _edges(fields.items("edges", [], limit=MAX_EDGES))
    first, second = (np.isin(edges.ends[:, end], list(inside)) for end in (0, 1))
    if not (first | second).all():
        raise FormatError("One of its connections has no end at any of its neurons.")
    inner = first & second
    return Excerpt(tuple(neurons), edges.only(inner), edges.only(~inner), outside), positions


def _neuron(fields: Fields) -> tuple[NewNeuron, tuple[float, float] | None]:
    kind = KINDS[fields.one_of("kind", KINDS)]
    is_input = kind == Kind.INPUT
    binding = fields.get("binding", None)
    dropout = fields.number("dropout", 0.0)
    if not 0.0 <= dropout < 1.0:
        raise fields.wrong("dropout", "from 0 to less than 1")
    neuron = NewNeuron(
        id=fields.integer("id", high=MAX_NEURON_ID),
        kind=kind,
        activation="linear" if is_input else fields.one_of("activation", ACTIVATIONS),
        label=_label(fields),
        binding=None if binding is None else fields.text("binding"),
        bias=0.0 if is_input else fields.number("bias", 0.0),
        dropout=dropout if kind == Kind.HIDDEN else 0.0,
        enabled=fields.flag("enabled", True),
        bias_frozen=fields.flag("bias_frozen", False),
        bias_enabled=fields.flag("bias_enabled", True),
    )
    position = fields.get("position", None)
    if position is None:
        return neuron, None
    numbers = [as_number(v) for v in position] if isinstance(position, list) else []
    if len(numbers) == 2:
        x, y = numbers
        if x is not None and y is not None and max(abs(x), abs(y)) <= FARTHEST:
            return neuron, (x, y)
    raise fields.wrong("position", "a pair of numbers [x, y] of a sensible size")


def _label(fields: Fields) -> str:
    label = " ".join(check_text(fields.text("label", ""), fields.at("label")).split())
    if len(label) > MAX_LABEL:
        raise fields.wrong("label", f"text of at most {MAX_LABEL} letters")
    return label


def _edges(records: list[Any]) -> ExcerptEdges:
    ends = np.empty((len(records), 2), dtype=np.int64)
    weights = np.empty(len(records))
    frozen = np.zeros(len(records), dtype=bool)
    enabled = np.ones(len(records), dtype=bool)
    for index, record in enumerate(records):
        if not isinstance(record, list) or not 3 <= len(record) <= 5:
            raise FormatError(f"edges[{index}] must be [source, target, weight].")
        source, target, weight, *flags = record
        number = as_number(weight)
        if not (_is_id(source) and _is_id(target)) or number is None:
            raise FormatError(f"edges[{index}] must be two neuron ids and a finite number.")
        if any(flag not in FLAGS for flag in flags if isinstance(flag, str)) or not all(
            isinstance(flag, str) for flag in flags
        ):
            raise FormatError(f"edges[{index}] can only be “frozen” or “off”.")
        ends[index], weights[index] = (source, target), number
        if flags:
            frozen[index], enabled[index] = "frozen" in flags, "off" not in flags
    return ExcerptEdges(ends, weights, frozen, enabled)


def _is_id(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_NEURON_ID
