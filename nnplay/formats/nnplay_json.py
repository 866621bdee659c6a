"""The text twin ``.nnplay.json``: the whole document as JSON for people and version control.

Same head as in the archive, with the arrays woven in: a bias stands in its neuron's record, every
edge is a record of its own. Numbers are written so that they read back bit for bit.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from nnplay.document import Document
from nnplay.formats import strict_json
from nnplay.formats.document_record import document_from_record, document_to_record
from nnplay.formats.errors import FormatError
from nnplay.formats.fields import Fields, as_number
from nnplay.formats.record import MAX_ELEMENTS, AnyArray, Record, check_version

__all__ = ["from_bytes", "from_value", "to_bytes", "to_value"]

MAX_ID: Final = 2**31 - 1


# ------------------------------------------------------------------ writing
def to_bytes(document: Document) -> bytes:
    """The document as UTF-8 JSON; the same document always gives the same bytes."""
    return strict_json.pretty(to_value(document)).encode()


def to_value(document: Document) -> dict[str, Any]:
    """The document as plain JSON values, arrays woven in."""
    record = document_to_record(document)
    head, arrays = record.head, record.arrays
    network = head["network"]
    unknown_edges = network.pop("edges", {})
    theta = arrays["params/theta"].tolist()
    frozen = _flags(arrays.get("params/frozen"), False)
    enabled = _flags(arrays.get("params/enabled"), True)
    pairs = arrays["params/edges"].tolist()
    edges: list[dict[str, Any]] = [
        {"source": source, "target": target, "weight": weight}
        for (source, target), weight in zip(pairs, theta[: len(pairs)], strict=True)
    ]
    if frozen or enabled or unknown_edges:
        for slot, edge in enumerate(edges):
            if frozen and frozen[slot]:
                edge["frozen"] = True
            if enabled and not enabled[slot]:
                edge["enabled"] = False
            edge.update(unknown_edges.get(f"{edge['source']} {edge['target']}", {}))
    slot = len(edges)
    for neuron in network["neurons"]:
        if neuron["kind"] == "input":
            continue
        neuron["bias"] = theta[slot]
        if frozen and frozen[slot]:
            neuron["bias_frozen"] = True
        if enabled and not enabled[slot]:
            neuron["bias_enabled"] = False
        slot += 1
    network["edges"] = edges
    if "params/initial" in arrays:
        head["initial"] = arrays["params/initial"].tolist()
    optimizer = {
        name.removeprefix("optimizer/"): arrays[name].tolist()
        for name in sorted(arrays)
        if name.startswith("optimizer/")
    }
    if optimizer:
        head["state"]["optimizer"] = optimizer
    if "history/epochs" in arrays:
        head["history"] = {
            key: [_open_number(value) for value in arrays[f"history/{key}"].tolist()]
            for key in ("epochs", "train", "test")
        }
    if "data/table" in arrays:
        for column, values in zip(
            head["data"]["table"]["columns"], arrays["data/table"].T.tolist(), strict=True
        ):
            column["values"] = [None if math.isnan(value) else value for value in values]
    return head


def _flags(array: AnyArray | None, default: bool) -> list[bool] | None:
    return None if array is None or (array == default).all() else array.tolist()


def _open_number(value: float) -> float | str | None:
    """NaN as null and infinities as text: a diverged loss is worth keeping, too."""
    if math.isnan(value):
        return None
    return value if math.isfinite(value) else str(value)


# ------------------------------------------------------------------ reading
def from_bytes(data: bytes) -> Document:
    """The document in a text twin; raises :class:`FormatError`."""
    return from_value(strict_json.parse(data))


def from_value(value: Any) -> Document:
    """The document in plain JSON values; raises :class:`FormatError`."""
    top = Fields(value if isinstance(value, dict) else {}, "")
    check_version(top)
    head = dict(value)
    arrays: dict[str, AnyArray] = {}
    head["network"] = _take_network(top.section("network"), arrays)
    state = dict(top.section("state").values)
    if state.get("optimizer") is not None:
        optimizer = Fields(state.pop("optimizer"), "state.optimizer")
        for name in optimizer.values:
            arrays[f"optimizer/{name}"] = _numbers(optimizer, name)
    head["state"] = state
    if head.pop("initial", None) is not None:
        arrays["params/initial"] = _numbers(top, "initial")
    if head.pop("history", None) is not None:
        history = top.section("history")
        for key in ("epochs", "train", "test"):
            arrays[f"history/{key}"] = _open_numbers(history, key)
    data = top.section("data")
    if data.get("table", None) is not None:
        head["data"] = {**data.values, "table": _take_table(data.section("table"), arrays)}
    return document_from_record(Record(head, arrays))


def _take_network(network: Fields, arrays: dict[str, AnyArray]) -> dict[str, Any]:
    neurons, biases, bias_frozen, bias_enabled = [], [], [], []
    for index, item in enumerate(network.items("neurons", limit=MAX_ELEMENTS)):
        neuron = Fields(item, f"network.neurons[{index}]")
        if neuron.get("kind", "") != "input":
            biases.append(neuron.number("bias", 0.0))
            bias_frozen.append(neuron.flag("bias_frozen", False))
            bias_enabled.append(neuron.flag("bias_enabled", True))
        elif neuron.get("bias", None) is not None:
            raise FormatError(f"{neuron.place} is an input and cannot have a bias.")
        neurons.append(
            {k: v for k, v in item.items() if k not in ("bias", "bias_frozen", "bias_enabled")}
        )
    pairs, weights, frozen, enabled = [], [], [], []
    unknown: dict[str, Any] = {}
    for index, item in enumerate(network.items("edges", [], limit=MAX_ELEMENTS)):
        if _is_plain_edge(item):
            pairs.append((item["source"], item["target"]))
            weights.append(item["weight"])
            frozen.append(False)
            enabled.append(True)
            continue
        edge = Fields(item, f"network.edges[{index}]")
        source = edge.integer("source", high=MAX_ID)
        target = edge.integer("target", high=MAX_ID)
        pairs.append((source, target))
        weights.append(edge.number("weight"))
        frozen.append(edge.flag("frozen", False))
        enabled.append(edge.flag("enabled", True))
        rest = edge.rest()
        if rest:
            unknown[f"{source} {target}"] = rest
    arrays["params/edges"] = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    arrays["params/theta"] = np.array(weights + biases, dtype=np.float64)
    arrays["params/frozen"] = np.array(frozen + bias_frozen, dtype=np.bool_)
    arrays["params/enabled"] = np.array(enabled + bias_enabled, dtype=np.bool_)
    result = {**network.values, "neurons": neurons}
    result.pop("edges", None)
    if unknown:
        result["edges"] = unknown
    return result


def _is_plain_edge(item: Any) -> bool:
    """Whether an edge is as most are: nothing to check any further, nothing to keep."""
    if type(item) is not dict or len(item) != 3:
        return False
    source, target, weight = item.get("source"), item.get("target"), item.get("weight")
    return (
        type(source) is int
        and 0 <= source <= MAX_ID
        and type(target) is int
        and 0 <= target <= MAX_ID
        and type(weight) is float
        and math.isfinite(weight)
    )


def _take_table(table: Fields, arrays: dict[str, AnyArray]) -> dict[str, Any]:
    columns, kept = [], []
    for index, item in enumerate(table.items("columns", limit=100_000)):
        column = Fields(item, f"data.table.columns[{index}]")
        columns.append(_open_numbers(column, "values"))
        kept.append({key: value for key, value in item.items() if key != "values"})
    lengths = {len(column) for column in columns}
    if len(lengths) != 1:
        raise FormatError("data.table.columns must be one column or more, all of equal length.")
    arrays["data/table"] = np.stack(columns, axis=1)
    return {**table.values, "columns": kept}


def _numbers(fields: Fields, name: str) -> npt.NDArray[np.float64]:
    values = [as_number(value) for value in fields.items(name)]
    if None in values:
        raise FormatError(f"{fields.at(name)}[{values.index(None)}] must be a finite number.")
    return np.array(values, dtype=np.float64)


def _open_numbers(fields: Fields, name: str) -> npt.NDArray[np.float64]:
    special = {None: math.nan, "inf": math.inf, "-inf": -math.inf}
    values = []
    for index, item in enumerate(fields.items(name)):
        value = special[item] if item is None or item in ("inf", "-inf") else as_number(item)
        if value is None:
            raise FormatError(f"{fields.at(name)}[{index}] must be a number or null.")
        values.append(value)
    return np.array(values, dtype=np.float64)
