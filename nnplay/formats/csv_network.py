"""A network as one CSV table: a row per neuron and per edge, told apart by the column ``record``."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Final

import numpy as np

from nnplay.core.activations import ACTIVATIONS
from nnplay.core.network import Network
from nnplay.document import Document
from nnplay.formats.bare_network import document_around, need_activations
from nnplay.formats.errors import FormatError
from nnplay.formats.network_record import KINDS, network_from_record, network_to_record
from nnplay.formats.record import AnyArray
from nnplay.formats.strict_json import shown

__all__ = ["COLUMNS", "compared", "from_bytes", "to_bytes"]

COLUMNS: Final = (
    "record",
    "id",
    "kind",
    "label",
    "activation",
    "binding",
    "bias",
    "source",
    "target",
    "weight",
    "frozen",
    "enabled",
    "bias_enabled",
    "dropout",
    "x",
    "y",
)
MAX_CELL: Final = 1_000_000
FLAGS: Final = ("0", "1")
WORDS: Final = {"1": True, "true": True, "0": False, "false": False}


# ------------------------------------------------------------------ writing
def to_bytes(document: Document) -> bytes:
    """The network as UTF-8 CSV with full precision; the same network gives the same bytes."""
    network = document.network
    neurons, arrays = network_to_record(network, document.positions)
    edge_count = network.topology.edge_count
    theta = network.theta.tolist()
    frozen, enabled = network.frozen.tolist(), network.enabled.tolist()
    lines = [",".join(COLUMNS)]
    slot = edge_count
    for neuron in neurons:
        row: dict[str, Any] = {"record": "neuron", **neuron}
        row["x"], row["y"] = row.pop("position", ("", ""))
        row["activation"] = neuron.get("activation", "linear")
        row["enabled"] = _word(neuron.get("enabled", True))
        if neuron["kind"] != "input":
            row["bias"] = theta[slot]
            row["frozen"] = _word(frozen[slot])
            row["bias_enabled"] = _word(enabled[slot])
            slot += 1
        lines.append(_line(row))
    # Numbers need no quotes. There can be 100,000 edges, hence no record for each of them.
    before = "edge" + "," * COLUMNS.index("source")
    after = "," * (len(COLUMNS) - 1 - COLUMNS.index("enabled"))
    lines += [
        f"{before}{source},{target},{weight!r},{_word(is_frozen)},{_word(is_enabled)}{after}"
        for (source, target), weight, is_frozen, is_enabled in zip(
            arrays["params/edges"].tolist(),
            theta[:edge_count],
            frozen[:edge_count],
            enabled[:edge_count],
            strict=True,
        )
    ]
    return ("\n".join(lines) + "\n").encode()


def _line(row: Mapping[str, object]) -> str:
    # csv.writer leaves a lone carriage return unquoted, and then reads it as the line's end.
    return ",".join(_cell(str(row.get(column, ""))) for column in COLUMNS)


def _cell(text: str) -> str:
    if any(sign in text for sign in '",\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text


def _word(flag: object) -> str:
    return "1" if flag else "0"


# ------------------------------------------------------------------ reading
def from_bytes(
    data: bytes, activation: str | None = None, output_activation: str | None = None
) -> Document:
    """A document from such a table; raises :class:`FormatError` with the line.

    Where activations are in no row and not given, it is :class:`ActivationsUnknownError`.

    Columns may stand in any order, and all but ``record``, ``id``, ``kind``, ``source``,
    ``target`` and ``weight`` may be missing. A table with semicolons (as spreadsheets write it
    where the comma is the decimal sign) may have decimal commas.

    Args:
        data: the file's bytes.
        activation: activation of hidden neurons whose row does not say it.
        output_activation: the same for outputs.
    """
    neurons: list[dict[str, Any]] = []
    biases: list[tuple[float, bool, bool]] = []
    edges: list[tuple[int, int]] = []
    weights: list[tuple[float, bool, bool]] = []
    given = {"hidden": activation, "output": output_activation}
    table = _table(data)
    as_edge = _PlainEdge(table)
    for line, cells in table.rows:
        plain = as_edge.read(cells)
        if plain is not None:
            edges.append(plain[0])
            weights.append(plain[1])
            continue
        row = _Row(line, dict(zip(table.header, cells, strict=True)), table.decimal_comma)
        kind = row.text("record")
        if kind == "neuron":
            record = _neuron(row, given)
            neurons.append(record)
            if record["kind"] != "input":
                biases.append(
                    (
                        row.number("bias", 0.0),
                        row.flag("frozen", False),
                        row.flag("bias_enabled", True),
                    )
                )
            elif row.text("bias"):
                raise row.wrong("bias", "empty for an input")
        elif kind == "edge":
            edges.append((row.integer("source"), row.integer("target")))
            weights.append(
                (row.number("weight"), row.flag("frozen", False), row.flag("enabled", True))
            )
        else:
            raise row.wrong("record", "“neuron” or “edge”")
    silent = {record["kind"] for record in neurons if "activation" not in record}
    need_activations("hidden" in silent, "output" in silent)
    numbers = weights + biases
    arrays: dict[str, AnyArray] = {
        "params/edges": np.array(edges, dtype=np.int64).reshape(-1, 2),
        "params/theta": np.array([number for number, _, _ in numbers], dtype=np.float64),
        "params/frozen": np.array([frozen for _, frozen, _ in numbers], dtype=np.bool_),
        "params/enabled": np.array([enabled for _, _, enabled in numbers], dtype=np.bool_),
    }
    network, positions, _ = network_from_record(neurons, arrays)
    bindings_known = bool(table.rows) and "binding" in table.header
    return document_around(network, positions, bindings_known=bindings_known)


def compared(document: Document, data: bytes, again: Document) -> tuple[Network, Network]:
    """The network that should be in the table, and the one that is (``again`` is the table)."""
    return document.network, again.network


@dataclass(frozen=True)
class _Table:
    """Header and rows of cells, each with the number of its line."""

    header: list[str]
    rows: list[tuple[int, list[str]]]
    decimal_comma: bool


class _PlainEdge:
    """Reads the rows that are as nnplay writes edges, which are nearly all, without a detour."""

    def __init__(self, table: _Table) -> None:
        places = {name: place for place, name in enumerate(table.header)}
        names = ("record", "source", "target", "weight", "frozen", "enabled")
        is_usual = places.keys() >= set(names) and not table.decimal_comma
        self._places = itemgetter(*(places[name] for name in names)) if is_usual else None

    def read(self, cells: list[str]) -> tuple[tuple[int, int], tuple[float, bool, bool]] | None:
        """The edge in a row; None for any other row and for what has to be looked at closely."""
        if self._places is None:
            return None
        record, source, target, weight, frozen, enabled = self._places(cells)
        if record != "edge" or frozen not in FLAGS or enabled not in FLAGS:
            return None
        # Nine digits are less than any bound of an id.
        if not (len(source) <= 9 and len(target) <= 9 and source.isdecimal()):
            return None
        if not target.isdecimal() or "_" in weight:
            return None
        try:
            number = float(weight)
        except ValueError:
            return None
        if not math.isfinite(number):
            return None
        return (int(source), int(target)), (number, frozen == "1", enabled == "1")


class _Row:
    """One line of the table; asks for cells by column name."""

    def __init__(self, line: int, cells: dict[str, str], decimal_comma: bool) -> None:
        self.line = line
        self.cells = cells
        self.decimal_comma = decimal_comma

    def text(self, column: str) -> str:
        return self.cells.get(column, "")

    def wrong(self, column: str, expected: str) -> FormatError:
        return FormatError(
            f"Line {self.line}: {column} must be {expected}, but it is {shown(self.text(column))}."
        )

    def number(self, column: str, default: float | None = None) -> float:
        text = self.text(column).strip()
        if not text and default is not None:
            return default
        if self.decimal_comma:
            text = text.replace(",", ".")
        try:
            value = float(text)
        except ValueError:
            raise self.wrong(column, "a number") from None
        if not math.isfinite(value) or "_" in text:
            raise self.wrong(column, "a finite number")
        return value

    def integer(self, column: str) -> int:
        value = self.number(column)
        if not value.is_integer() or not 0 <= value < 2**31:
            raise self.wrong(column, "a whole number")
        return int(value)

    def flag(self, column: str, default: bool) -> bool:
        text = self.text(column).strip().lower()
        if text and text not in WORDS:
            raise self.wrong(column, "1 or 0")
        return WORDS.get(text, default)


def _neuron(row: _Row, given: dict[str, str | None]) -> dict[str, Any]:
    if row.text("kind") not in KINDS:
        raise row.wrong("kind", "one of " + ", ".join(KINDS))
    record: dict[str, Any] = {
        "id": row.integer("id"),
        "kind": row.text("kind"),
        "label": row.text("label"),
        "enabled": row.flag("enabled", True),
        "dropout": row.number("dropout", 0.0),
    }
    activation = row.text("activation") or given.get(record["kind"])
    if activation:
        if activation not in ACTIVATIONS:
            raise row.wrong("activation", "one of " + ", ".join(ACTIVATIONS))
        record["activation"] = activation
    if row.text("binding"):
        record["binding"] = row.text("binding")
    if row.text("x") or row.text("y"):
        record["position"] = [row.number("x"), row.number("y")]
    return record


def _table(data: bytes) -> _Table:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")  # what spreadsheets write where UTF-8 is not asked
    delimiter = text[6:7] if text[6:7] in (";", "\t") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    # Cells may hold line breaks, so the reader's own line count is what people see.
    limit = csv.field_size_limit(MAX_CELL)
    try:
        header = next(reader, [])
        if not header or header[0] != "record":
            raise FormatError(
                "The first column is not “record”, so this is no table of a network, which has a "
                "row per neuron and per connection (record, id, kind, source, target, weight). "
                "A table of data is opened with “Open data table” in the File menu, or with "
                "nnplay new --data."
            )
        if len(set(header)) != len(header):
            raise FormatError("Two columns have the same name.")
        rows: list[tuple[int, list[str]]] = []
        for cells in reader:
            if not cells or not any(cells):
                continue
            if len(cells) != len(header):
                raise FormatError(
                    f"Line {reader.line_num} has {len(cells)} cells, but the header has "
                    f"{len(header)}."
                )
            rows.append((reader.line_num, cells))
    except csv.Error as error:
        raise FormatError(f"Line {reader.line_num} is not valid CSV ({error}).") from None
    finally:
        csv.field_size_limit(limit)  # it holds for the whole of Python
    return _Table(header, rows, delimiter != ",")
