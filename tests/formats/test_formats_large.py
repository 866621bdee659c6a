"""What makes large files quick changes no byte: the plain rules are spelled out here."""

import csv
import io
import json
import math
from contextlib import suppress

import numpy as np
import pytest
from formats.document_strategies import documents, json_values, network_only, texts
from hypothesis import example, given
from hypothesis import strategies as st

from nnplay.core.network import Network
from nnplay.document import Document
from nnplay.formats import csv_network, nnplay_json, registry, strict_json
from nnplay.formats.errors import FormatError
from nnplay.formats.network_record import network_to_record

WIDTH = 100


# ---------------------------------------------------------------------- the text twin
def plain_pretty(value, indent=0):
    """The layout by its rules alone: one value after the other."""
    if not isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    left, right = "{}" if isinstance(value, dict) else "[]"
    if not value:
        return left + right
    inner = "\n" + " " * (indent + 1)
    if isinstance(value, dict):
        parts = [
            json.dumps(key, ensure_ascii=False) + ": " + plain_pretty(item, indent + 1)
            for key, item in value.items()
        ]
    else:
        parts = [plain_pretty(item, indent + 1) for item in value]
    one_line = left + ", ".join(parts) + right
    is_short = len(one_line) + indent <= WIDTH and "\n" not in one_line
    if isinstance(value, list) and not any(isinstance(item, dict | list) for item in value):
        return one_line if is_short else plain_filled(parts, indent)
    if is_short and indent >= 2:
        return one_line
    return left + inner + ("," + inner).join(parts) + "\n" + " " * indent + right


def plain_filled(parts, indent):
    lines, line = [], ""
    for part in parts:
        if line and indent + 1 + len(line) + len(part) > WIDTH:
            lines.append(line.rstrip())
            line = ""
        line += part + ", "
    lines.append(line.removesuffix(", "))
    return "[" + "".join("\n" + " " * (indent + 1) + line for line in lines) + f"\n{' ' * indent}]"


# Texts that look like what stands between two values.
tricky = texts | st.sampled_from(["}, {", ", ", '"}, {"', "a, b", "}", "\\", "\n", "é" * 60])
scalars = st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(-1e9, 1e9) | tricky
records = st.dictionaries(st.sampled_from(["source", "weight", "é, ", "}, {"]), scalars)
lists = st.lists(records | st.dictionaries(texts, json_values, max_size=2), max_size=8) | st.lists(
    scalars, max_size=60
)


@given(value=st.dictionaries(tricky, lists | json_values, max_size=3), depth=st.integers(0, 4))
@example(value={"edges": [{}, {"a": 1}, {}]}, depth=2)
@example(value={"edges": [{"a": "}, {"}, {"a": 1}]}, depth=2)
@example(value={"edges": [{"a": 1}, {"a": "é" * 95}, {"a": [{"b": 2}]}]}, depth=2)
@example(value={"values": ["a, b", *range(60)]}, depth=1)
def test_json_is_laid_out_by_the_plain_rules(value, depth):
    for _ in range(depth):
        value = {"in": value}
    assert strict_json.pretty(value) == plain_pretty(value) + "\n"
    assert strict_json.parse(strict_json.pretty(value).encode()) == value


@pytest.mark.parametrize("length", range(68, 92))
def test_the_width_of_a_line_is_kept_to_the_sign(length):
    for depth in range(1, 5):
        value = [{"w": 1.5, "n": "x" * length}, {"w": 2}]
        for _ in range(depth):
            value = {"in": value}
        assert strict_json.pretty(value) == plain_pretty(value) + "\n"


@given(document=documents())
def test_the_bytes_of_documents_are_those_of_the_plain_rules(document):
    text = plain_pretty(nnplay_json.to_value(document)) + "\n"
    assert registry.write(document, "json") == text.encode()


@pytest.mark.parametrize("place", [0, -1])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_refused_in_long_lists_too(place, value):
    numbers = [0.5] * 200
    numbers[place] = value
    for whole in (numbers, {"a": {"b": [{"w": number} for number in numbers]}}):
        with pytest.raises(ValueError, match="not JSON compliant"):
            strict_json.pretty(whole)


@pytest.mark.parametrize(
    "number",
    ["1e309", "1E309", "-1e+309", "1e0400", "1" + "0" * 309 + ".0", "1" + "0" * 250 + "e99"],
)
@pytest.mark.parametrize("before", ["", " " * 37, "0.25, " * 61])
def test_numbers_beyond_all_bounds_are_found_wherever_they_stand(number, before):
    with pytest.raises(FormatError, match="too large"):
        strict_json.parse(f"[{before}{number}]".encode())


@given(value=st.floats(allow_nan=False, allow_infinity=False), before=st.integers(0, 120))
@example(value=1.7976931348623157e308, before=0)
@example(value=5e-324, before=0)
def test_numbers_within_bounds_come_back(value, before):
    assert strict_json.parse(b" " * before + repr(value).encode()) == value
    in_full = f"{value:.400f}"
    assert strict_json.parse(f"[{in_full}]".encode()) == [float(in_full)]


@pytest.mark.parametrize(
    "text", ['\\"', "\\\\", '\\\\\\"', '[\\"[', "\\u005b", "[[[[{{{{", "\\\\\\\\"]
)
def test_brackets_in_texts_are_no_depth(text):
    inside = f'"{text}{"[" * 100}"'
    assert len(strict_json.parse(f"[{inside}, {inside}]".encode())) == 2
    deep = "[" * 70 + "]" * 70
    with pytest.raises(FormatError, match="levels deep"):
        strict_json.parse(f"[{inside}, {deep}]".encode())


# ---------------------------------------------------------------------- edges read in short
@pytest.mark.parametrize(
    ("edge", "found"),
    [
        ({"source": 0, "target": 1, "weight": 1}, (1.0, False, True, None)),
        ({"source": 0.0, "target": 1, "weight": 0.5}, (0.5, False, True, None)),
        ({"source": 0, "target": 1, "weight": -0.0, "frozen": True}, (-0.0, True, True, None)),
        ({"source": 0, "target": 1, "weight": 2.5, "enabled": False}, (2.5, False, False, None)),
        ({"source": 0, "target": 1, "weight": 2.5, "new": [1]}, (2.5, False, True, {"new": [1]})),
    ],
)
def test_json_edges_of_every_kind_are_read(edge, found):
    value = nnplay_json.to_value(Document(Network.mlp([1, 1])))
    value["network"]["edges"] = [edge]
    document = nnplay_json.from_value(value)
    network = document.network
    weight, frozen, enabled, extra = found
    assert repr(float(network.theta[0])) == repr(weight)
    assert (bool(network.frozen[0]), bool(network.enabled[0])) == (frozen, enabled)
    assert document.extra.get("network", {}).get("edges", {}).get("0 1") == extra
    assert nnplay_json.to_value(document)["network"]["edges"] == [
        {
            "source": 0,
            "target": 1,
            **{k: v for k, v in edge.items() if k not in ("source", "target")},
        }
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"source": True},
        {"source": -1},
        {"target": 2**31},
        {"target": None},
        {"weight": math.nan},
        {"weight": True},
        {"weight": "1"},
    ],
)
def test_json_edges_are_refused_with_their_place(changes):
    value = nnplay_json.to_value(Document(Network.mlp([1, 1])))
    value["network"]["edges"] = [{"source": 0, "target": 1, "weight": 0.5} | changes]
    with pytest.raises(FormatError, match=rf"network\.edges\[0\]\.{next(iter(changes))}"):
        nnplay_json.from_value(value)


# ---------------------------------------------------------------------- the table
def plain_table(document):
    """The rows by their rules alone, one cell after the other."""
    network = document.network
    neurons, arrays = network_to_record(network, document.positions)
    count = network.topology.edge_count
    rows = []
    slot = count
    for neuron in neurons:
        row = {**neuron, "record": "neuron", "activation": neuron.get("activation", "linear")}
        row["x"], row["y"] = row.pop("position", ("", ""))
        row["enabled"] = int(neuron.get("enabled", True))
        if neuron["kind"] != "input":
            row["bias"] = float(network.theta[slot])
            row["frozen"] = int(network.frozen[slot])
            row["bias_enabled"] = int(network.enabled[slot])
            slot += 1
        rows.append(row)
    for place, (source, target) in enumerate(arrays["params/edges"].tolist()):
        rows.append(
            {
                "record": "edge",
                "source": source,
                "target": target,
                "weight": float(network.theta[place]),
                "frozen": int(network.frozen[place]),
                "enabled": int(network.enabled[place]),
            }
        )
    lines = [",".join(csv_network.COLUMNS)]
    for row in rows:
        cells = [str(row.get(column, "")) for column in csv_network.COLUMNS]
        lines.append(
            ",".join(
                '"' + cell.replace('"', '""') + '"' if set(cell) & set('",\r\n') else cell
                for cell in cells
            )
        )
    return ("\n".join(lines) + "\n").encode()


@given(document=documents())
def test_the_bytes_of_tables_are_those_of_the_plain_rules(document):
    assert registry.write(document, "csv") == plain_table(document)


def table_of(edge):
    rows = [{"record": "neuron", "id": "0", "kind": "input"}]
    rows.append({"record": "neuron", "id": "1", "kind": "output", "activation": "tanh"})
    rows.append({"record": "edge", "source": "0", "target": "1", "weight": "0.5"} | edge)
    lines = [",".join(csv_network.COLUMNS)]
    lines += [",".join(row.get(column, "") for column in csv_network.COLUMNS) for row in rows]
    return "\n".join(lines).encode()


@pytest.mark.parametrize(
    ("edge", "found"),
    [
        ({"frozen": "0", "enabled": "1"}, (0.5, False, True)),
        ({"frozen": "1", "enabled": "0", "weight": "-0.0"}, (-0.0, True, False)),
        ({}, (0.5, False, True)),
        ({"frozen": "TRUE", "enabled": " false "}, (0.5, True, False)),
        ({"frozen": "0", "enabled": "1", "source": "0.0", "target": " 1"}, (0.5, False, True)),
        ({"frozen": "0", "enabled": "1", "source": "0000000000"}, (0.5, False, True)),
        ({"frozen": "0", "enabled": "1", "weight": " 1e-3 "}, (0.001, False, True)),
    ],
)
def test_edges_of_a_table_are_read_however_they_are_written(edge, found):
    network = csv_network.from_bytes(table_of(edge)).network
    weight, frozen, enabled = found
    assert repr(float(network.theta[0])) == repr(weight)
    assert (bool(network.frozen[0]), bool(network.enabled[0])) == (frozen, enabled)


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("source", "-1"),
        ("source", "²"),
        ("source", "1_0"),
        ("target", "2147483648"),
        ("target", ""),
        ("weight", "inf"),
        ("weight", "1e999"),
        ("weight", "nan"),
        ("weight", "1_0"),
        ("weight", ""),
        ("frozen", "2"),
        ("enabled", "yes"),
        ("record", "edges"),
    ],
)
def test_a_wrong_cell_of_an_edge_is_named_with_its_line(column, cell):
    edge = {"frozen": "0", "enabled": "1"} | {column: cell}
    with pytest.raises(FormatError, match=f"^Line 4: {column} must be"):
        csv_network.from_bytes(table_of(edge))


@given(document=documents(), order=st.permutations(csv_network.COLUMNS[1:]))
def test_columns_may_stand_in_any_order(document, order):
    document = network_only(document)
    text = registry.write(document, "csv").decode()
    rows = list(csv.reader(io.StringIO(text, newline="")))
    places = [0, *(csv_network.COLUMNS.index(name) for name in order)]
    lines = [
        ",".join('"' + row[place].replace('"', '""') + '"' for place in places) for row in rows
    ]
    moved = csv_network.from_bytes("\n".join(lines).replace('"record"', "record", 1).encode())
    assert moved.network.same_as(csv_network.from_bytes(text.encode()).network)
    assert np.array_equal(moved.network.theta, document.network.theta)


@pytest.mark.parametrize("data", [b"record,id\n", b"id\n", b'record,id\n"broken'])
def test_reading_a_table_leaves_pythons_own_limit_alone(data):
    before = csv.field_size_limit(777)
    try:
        with suppress(FormatError):
            csv_network.from_bytes(data)
        assert csv.field_size_limit() == 777
    finally:
        csv.field_size_limit(before)
