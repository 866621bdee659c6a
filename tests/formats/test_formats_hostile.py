"""Broken and hostile files: one kind of exception, with the file's name, soon and in little memory."""

import io
import json
import os
import pickle
import re
import struct
import time
import tracemalloc
import zipfile

import numpy as np
import pytest

from nnplay.core.config import TrainingState
from nnplay.core.history import History
from nnplay.core.network import Network
from nnplay.data.recipe import Column, DataRecipe, RawTable
from nnplay.document import Document
from nnplay.formats import registry
from nnplay.formats.archive import read_members, write_members
from nnplay.formats.document_record import same_document
from nnplay.formats.errors import ActivationsUnknownError, FormatError
from nnplay.formats.nnplay_zip import SUMS

OPTIONS = {"activation": "relu", "output_activation": "linear"}
WRITERS = ("nnplay", "json", "npz", "safetensors", "csv")


def rich_document():
    """Something of everything a file can hold."""
    network = Network.mlp([2, 3, 2], activation="tanh", output_activation="softmax")
    network = network.with_theta(np.linspace(-1, 1, 17)).set_frozen([1], True)
    network = network.set_enabled([2], False).set_label(3, 'h "1",\nα').set_binding(0, "x1")
    words = Column("colour", np.array([0.0, 1.0, np.nan]), ("red", "green"))
    target = Column("kind", np.array([1.0, 0.0, 1.0]), ("a", "b"))
    memory = {"velocity": np.linspace(0, 1, 17)}
    return Document(
        network,
        {0: (1.5, -2.0)},
        data=DataRecipe("table", table=RawTable((words, target), "kind", ("a", "b"))),
        state=TrainingState(step=9, epoch=3, optimizer_arrays=memory),
        history=History(np.arange(4.0), np.linspace(1, 0, 4), np.array([1, np.nan, np.inf, 0])),
        view={"probe": [0.5, 0.6]},
        extra={"later": {"deep": [1, {"x": None}]}},
    )


def refused(data, name="bad.file", format_name=None, **options):
    """The sentence that a file is refused with; None if it can be read."""
    start = time.process_time()
    document, error = None, None
    try:
        document = registry.read(data, name, format_name, **options)
    except FormatError as found:
        error = found
    assert time.process_time() - start < 1.0
    if error is not None:
        assert error.file == name
        assert str(error).startswith(f"{name}: ")
        assert str(error).endswith(".")
        assert len(str(error)) < 600
        return error.reason
    assert document is not None
    # What can be read can be saved and is then the same.
    again = registry.read(registry.write(document, "nnplay"), "again", "nnplay")
    assert same_document(again, document)
    return None


# ------------------------------------------------------------------ random damage
def damaged(data, random):
    """Bytes with a few accidents: flipped, cut, doubled, moved, filled."""
    result = bytearray(data)
    for _ in range(int(random.integers(1, 4))):
        if not result:
            break
        place = int(random.integers(len(result)))
        length = int(random.integers(1, 40))
        match int(random.integers(6)):
            case 0:
                result[place] ^= 1 << int(random.integers(8))
            case 1:
                result[place : place + length] = random.bytes(length)
            case 2:
                del result[place : place + length]
            case 3:
                result[place:place] = result[place : place + length]
            case 4:
                del result[place:]
            case 5:
                result[place : place + 4] = struct.pack("<I", int(random.integers(2**32)))
    return bytes(result)


NASTY = [
    *(None, True, False, "", "x" * 300, "\0", "nnplay", "NaN", "-1", [], {}, [[]], [{}], {"a": 1}),
    *(0, 1, -1, 2, 7, 10**6, 2**31, 2**53, 2**63, -(2**63), 2**64, 10**400),
    *(0.5, -0.0, 1e308, -1e308, 5e-324, 1.0, 99.0),
]


def twisted(value, random):
    """A JSON value with a few places changed to what nobody expects there."""
    places = []

    def walk(node):
        for key in list(node) if isinstance(node, dict) else range(len(node)):
            places.append((node, key))
            if isinstance(node[key], dict | list):
                walk(node[key])

    value = json.loads(json.dumps(value))
    walk(value)
    for _ in range(int(random.integers(1, 4))):
        node, key = places[int(random.integers(len(places)))]
        match int(random.integers(5)):
            case 0 if isinstance(node, list):
                node.append(node[int(random.integers(len(node)))] if node else 0)
            case 1 if isinstance(node, dict):
                node.pop(key, None)
            case 2 if isinstance(node, list) and node:
                node.pop()
            case 3:
                other, name = places[int(random.integers(len(places)))]
                taken = other.get(name) if isinstance(other, dict) else None
                put(node, key, json.loads(json.dumps(taken)) if taken is not node else 0)
            case _:
                put(node, key, NASTY[int(random.integers(len(NASTY)))])
    return value


def put(node, key, value):
    if isinstance(node, dict) or key < len(node):
        node[key] = value


def repacked(members):
    """An archive whose checksums are right, so that its contents must be judged themselves."""
    import hashlib

    members = {name: data for name, data in members.items() if name != SUMS}
    sums = "".join(f"{hashlib.sha256(d).hexdigest()}  {n}\n" for n, d in members.items())
    return write_members({**members, SUMS: sums.encode()})


def deep_damage(name, data, random):
    """Damage that gets past checksums and syntax."""
    if name == "json":
        return json.dumps(twisted(json.loads(data), random)).encode()
    if name in ("nnplay", "npz"):
        members = read_members(data)
        chosen = sorted(members)[int(random.integers(len(members)))]
        if chosen == "document.json" and random.random() < 0.8:
            members[chosen] = json.dumps(twisted(json.loads(members[chosen]), random)).encode()
        else:
            members[chosen] = damaged(members[chosen], random)
        return repacked(members) if name == "nnplay" else write_members(members)
    if name == "safetensors":
        length = struct.unpack_from("<Q", data)[0]
        header = json.loads(data[8 : 8 + length])
        if random.random() < 0.5:
            header = twisted(header, random)
        else:
            inside = twisted(json.loads(header["__metadata__"]["nnplay_json"]), random)
            header["__metadata__"]["nnplay_json"] = json.dumps(inside)
        text = json.dumps(header).encode()
        return struct.pack("<Q", len(text)) + text + data[8 + length :]
    lines = data.decode().split("\n")
    for _ in range(int(random.integers(1, 3))):
        row = int(random.integers(len(lines)))
        cells = lines[row].split(",")
        nasty = str(NASTY[int(random.integers(len(NASTY)))])
        cells[int(random.integers(len(cells)))] = nasty
        lines[row] = ",".join(cells)
    return "\n".join(lines).encode()


def sweep(name, count, seed):
    data = registry.write(rich_document(), name)
    random = np.random.default_rng(seed)
    outcomes = [0, 0]
    for number in range(count):
        bad = (damaged, lambda d, r: deep_damage(name, d, r))[number % 2](data, random)
        outcomes[refused(bad, "bad.file", name, **OPTIONS) is None] += 1
        if number % 16 == 0:  # also where the contents alone tell the format
            refused(bad, "bad.nnplay")
    return outcomes


@pytest.mark.parametrize("name", WRITERS)
def test_damaged_files_are_refused_or_read_whole(name):
    was_refused, was_read = sweep(name, 1000, 1)
    assert was_refused > 300
    assert was_read > 0


@pytest.mark.soak
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("name", WRITERS)
def test_a_hundred_thousand_damaged_files(name):
    sweep(name, 100_000, 2)


@pytest.mark.parametrize("name", WRITERS)
def test_every_cut_is_noticed(name):
    """A download that broke off; only a table may lack its last line's end."""
    data = registry.write(rich_document(), name)
    for size in {*range(0, len(data) - 1, max(1, len(data) // 150)), len(data) - 2}:
        found = refused(data[:size], "cut.file", name)
        if found is None:
            assert name == "csv"
            continue
    assert refused(data, "whole.file", name) is None


@pytest.mark.parametrize("name", ["nnplay", "npz"])
def test_every_flipped_bit_of_an_archive_is_noticed_or_harmless(name):
    document = rich_document()
    data = registry.write(document, name)
    network = registry.read(data, "file", name).network
    random = np.random.default_rng(3)
    for place in random.choice(len(data), 300, replace=False).tolist():
        bad = bytearray(data)
        bad[place] ^= 1 << int(random.integers(8))
        if refused(bytes(bad), "bad.file", name) is None:
            assert registry.read(bytes(bad), "bad.file", name).network.same_as(network)


# ------------------------------------------------------------------ each trick by itself
def counted(value):
    """Test names: the sentence that is looked for, not the whole file."""
    return re.sub("[^a-z ]", "", value)[:30] if isinstance(value, str) else ""


def twin(**changes):
    """The text twin of a small network with changed keys."""
    value = json.loads(registry.write(Document(Network.mlp([2, 2, 1])), "json"))
    for place, new in changes.items():
        node = value
        *path, last = place.split("__")
        for key in path:
            node = node[int(key) if key.isdigit() else key]
        node[int(last) if last.isdigit() else last] = new
    return json.dumps(value).encode()


EDGE = {"source": 0, "target": 2, "weight": 1.0}


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (twin(network__neurons__1__id=0), "0"),
        (twin(network__neurons__2__label="h", network__neurons__3__id=2), "2"),
        (twin(network__neurons__2__kind="secret"), "must be one of input, hidden, output"),
        (twin(network__neurons__2__activation="swish"), "must be one of linear, relu"),
        (twin(network__neurons__2__bias="x"), "network.neurons[2].bias must be a finite number"),
        (twin(network__neurons__0__bias=1.0), "is an input and cannot have a bias"),
        (twin(network__neurons__2__position=[1]), "a pair of finite numbers"),
        (twin(network__neurons__2__dropout=1.0), "from 0 to less than 1"),
        (twin(network__neurons=5), "network.neurons must be a list"),
        (twin(network__edges__0=EDGE, network__edges__1=EDGE), "“h1”"),
        (twin(network__edges__0={**EDGE, "source": 77}), "77"),
        (twin(network__edges__0={**EDGE, "target": 0}), "The network cannot exist"),
        (twin(network__edges__0={**EDGE, "source": 2}), "The network cannot exist"),
        (twin(network__edges__0={**EDGE, "source": 4}), "The network cannot exist"),
        (twin(network__edges__0={**EDGE, "weight": None}), "weight"),
        (twin(network__edges__0={**EDGE, "source": -1}), "a whole number"),
        (twin(network__edges__0={**EDGE, "source": 2**40}), "a whole number"),
        (twin(initial=[1.0, 2.0]), "params/initial must have the size 9, but it is 2."),
        (twin(seed=-1), "seed must be a whole number"),
        (twin(seed=2**64), "seed must be a whole number"),
        (twin(training={"loss": "hinge"}), "training.loss must be one of"),
        (twin(training={"batch_size": 0}), "training.batch_size"),
        (twin(training={"batch_size": 1e300}), "training.batch_size"),
        (twin(data={"source": "table"}), None),  # opens; training says what is missing
        (twin(data={"source": "../../etc/passwd"}), "data.source must be one of"),
        (twin(data={"sample_count": 10**9}), "data.sample_count"),
        (twin(history={"epochs": [1, 0], "train": [1, 1], "test": [1, 1]}), "ascending"),
        (twin(history={"epochs": [0, 1], "train": [1], "test": [1, 1]}), "history/train"),
        (twin(view=[1]), "view must be an object"),
        (twin(title=5), "title must be text"),
        (twin(format={"name": "nnplay", "major": 99}), "newer nnplay (format 99.0"),
        (twin(format={"name": "nnplay", "major": "1"}), "format.major"),
        (twin(format={"name": "other"}), 'does not say "nnplay"'),
        (b"{}", 'does not say "nnplay"'),
        (b"[1, 2]", "object"),
        (twin().replace(b"0.0", b"NaN", 1), "NaN is not a number"),
        (twin().replace(b"0.0", b"1e999", 1), "too large; only finite numbers"),
        (twin().replace(b"0.0", b"9" * 5000, 1), "beyond all bounds"),
        (twin().replace(b'"seed"', b'"title": "b", "seed"', 1), "appears twice"),
        (twin(title="x").replace(b'"x"', b'"\\ud800"', 1), "broken text"),
        (twin(title="x").replace(b'"x"', b'"\xff"', 1), "not valid UTF-8"),
        (b"[" * 100_000 + b"]" * 100_000, "nested more than 64 levels"),
        (b'{"a":' * 100_000, "nested more than 64 levels"),
        (twin(view={"a": json.loads("[" * 60 + "]" * 60)}), "nested too deeply"),
        (b'"' + b'\\"' * 500_000, "JSON"),
        (b"{" + b'"\\"' * 300_000, "JSON"),
        (b"{" + b",".join(b'"%d":0' % i for i in range(40_000)) + b',"7":0}', "appears twice"),
    ],
    ids=counted,
)
def test_text_that_is_no_document(data, says):
    found = refused(data, "bad.nnplay.json", "json")
    if says is None:
        assert found is None
    else:
        assert found is not None
        assert says in found


def test_two_columns_of_one_name_are_found_quickly_among_many():
    columns = [{"name": f"c{i}", "values": []} for i in range(12_000)] + [
        {"name": "c11999", "values": []}
    ]
    data = twin(data={"source": "table", "table": {"target": "c1", "columns": columns}})
    assert "two columns named “c11999”" in (refused(data, "wide.nnplay.json") or "")


def test_a_cycle_is_refused_with_the_names_of_its_neurons():
    value = json.loads(twin())
    value["network"]["neurons"][2]["label"] = "first"
    value["network"]["neurons"][3]["label"] = "second"
    value["network"]["edges"] += [
        {"source": 2, "target": 3, "weight": 1.0},
        {"source": 3, "target": 2, "weight": 1.0},
    ]
    reason = refused(json.dumps(value).encode(), "circle.nnplay.json")
    assert reason is not None
    assert "“first”" in reason
    assert "“second”" in reason


def archive(members, **options):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", **options) as made:
        for name, data in members:
            made.writestr(name, data)
    return buffer.getvalue()


def npy(array, **options):
    buffer = io.BytesIO()
    np.save(buffer, array, **options)
    return buffer.getvalue()


def header(text, data=b""):
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + data


def test_a_bomb_is_not_unpacked():
    bomb = archive([("a.npy", b"\0" * 200_000_000)], compression=zipfile.ZIP_DEFLATED)
    assert len(bomb) < 1_000_000
    tracemalloc.start()
    reason = refused(bomb, "bomb.npz")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert reason is not None
    assert "claims to hold 200000000 bytes; it is not opened" in reason
    assert peak < 20_000_000


def test_a_bomb_that_lies_about_its_size_is_not_unpacked():
    bomb = bytearray(archive([("a.npy", b"\0" * 50_000_000)], compression=zipfile.ZIP_DEFLATED))
    place = bomb.rfind(b"PK\x01\x02")
    bomb[place + 24 : place + 28] = struct.pack("<I", 1000)  # the size in the directory
    tracemalloc.start()
    assert refused(bytes(bomb), "bomb.npz") is not None
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000


class Runs:
    """Opening this pickle would make a folder."""

    def __reduce__(self):
        return os.mkdir, ("was-run",)


@pytest.mark.parametrize(
    ("members", "says"),
    [
        ([("layers.0.weight.npy", npy(np.array([Runs()]), allow_pickle=True))], "Python objects"),
        ([("a.npy", pickle.dumps(Runs()))], "a is not a numpy array file."),
        ([("a.npy", header(b"{'descr':'<f8','fortran_order':False,'shape':(10**12,)}"))], "broken"),
        (
            [("a.npy", header(b"{'descr':'<f8','fortran_order':False,'shape':(1000000000000,)}"))],
            "claims 1e+12 numbers",
        ),
        (
            [("a.npy", header(b"{'descr':'<f8','fortran_order':False,'shape':(0,1000000000000)}"))],
            "",
        ),
        (
            [("a.npy", header(b"{'descr':'<f8','fortran_order':False,'shape':(3,)}", b"\0" * 16))],
            "should hold 24 bytes of numbers, but it holds 16",
        ),
        ([("a.npy", header(b"{'descr':'<U5','fortran_order':False,'shape':(1,)}"))], "plain"),
        ([("a.npy", header(b"__import__('os').mkdir('was-run')"))], "broken header"),
        ([("a.npy", header(b"(" * 9000))], "header"),
        ([("a.npy", header(b"-" * 9000 + b"1"))], "header"),
        ([("a.npy", npy(np.ones(1))), ("a.npy", npy(np.ones(1)))], "holds “a.npy” twice"),
        ([("../a.npy", npy(np.ones(1)))], "forbidden name"),
        ([("/a.npy", npy(np.ones(1)))], "forbidden name"),
        ([("a\\b.npy", npy(np.ones(1)))], "forbidden name"),
        ([("a.txt", b"hello")], "is no numpy array"),
        ([("a.npy", npy(np.ones((2, 2))))], "There are neither layers"),
        ([("0.weight.npy", npy(np.ones((2, 2, 3, 3))))], "4 dimensions"),
        ([("0.weight.npy", npy(np.array([[1.0, np.nan]])))], "not a finite number"),
        ([("0.bias.npy", npy(np.ones(2)))], "0.bias has no 0.weight beside it."),
        (
            [("0.weight.npy", npy(np.ones((3, 2)))), ("2.weight.npy", npy(np.ones((1, 4))))],
            "2.weight takes 4 inputs, but 0.weight gives 3 outputs.",
        ),
        (
            [("0.weight.npy", npy(np.ones((3, 2)))), ("0.bias.npy", npy(np.ones(2)))],
            "0.bias must have the size 3, but it is 2.",
        ),
        ([("0.weight.npy", npy(np.ones((2, 0))))], ""),
        ([("edges.source.npy", npy(np.array([0])))], "edges.target is missing."),
        ([(f"{i}.npy", b"") for i in range(10_001)], "more than 10000 members"),
    ],
    ids=counted,
)
def test_archives_that_are_no_network(members, says, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.warns() if len({n for n, _ in members}) < len(members) else no_warning():
        data = archive(members)
    reason = refused(data, "bad.npz", **OPTIONS)
    assert reason is not None
    assert says in reason
    assert not (tmp_path / "was-run").exists()


class no_warning:  # noqa: N801
    def __enter__(self):
        return self

    def __exit__(self, *_):
        return False


def edge_arrays(**changes):
    arrays = {
        "edges.source": np.array([0, 1, 2]),
        "edges.target": np.array([2, 2, 3]),
        "edges.weight": np.ones(3),
        "neurons.id": np.arange(4),
        "neurons.bias": np.zeros(4),
        "neurons.kind": np.array([0, 0, 1, 2]),
        **{name.replace("__", "."): value for name, value in changes.items()},
    }
    return archive([(f"{name}.npy", npy(value)) for name, value in arrays.items()])


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, None),
        ({"edges__source": np.array([0, 1, 3])}, "cannot exist"),  # a circle of one
        ({"edges__source": np.array([0, 3, 2])}, "cannot exist"),  # a circle of two
        ({"edges__source": np.array([0, 1, 9])}, "9"),
        ({"edges__source": np.array([0, 0, 2])}, "cannot exist"),  # the same edge twice
        ({"edges__source": np.array([0, 1])}, "size"),
        ({"edges__source": np.array([0.0, 1.0, 2.0])}, "must hold int64 numbers"),
        ({"edges__weight": np.array([1, np.inf, 0])}, "entry 1 is not a finite number"),
        ({"neurons__id": np.array([0, 0, 2, 3])}, "cannot exist"),
        ({"neurons__id": np.array([-1, 1, 2, 3])}, "cannot exist"),
        ({"neurons__kind": np.array([0, 0, 1, 7])}, "must be 0 (input), 1 (hidden) or 2"),
    ],
    ids=counted,
)
def test_edges_that_are_no_network(changes, says):
    reason = refused(edge_arrays(**changes), "edges.npz", **OPTIONS)
    assert (reason is None) == (says is None)
    assert says is None or says in (reason or "")


def test_weights_alone_ask_for_their_activations():
    data = archive([("0.weight.npy", npy(np.ones((3, 2)))), ("2.weight.npy", npy(np.ones((1, 3))))])
    with pytest.raises(ActivationsUnknownError, match="--activation tanh --output-activation"):
        registry.read(data, "bare.npz")
    network = registry.read(data, "bare.npz", **OPTIONS).network
    assert network.topology.edge_count == 9


def tensors(entries, body=b"", metadata=None):
    text = json.dumps({**({"__metadata__": metadata} if metadata else {}), **entries}).encode()
    return struct.pack("<Q", len(text)) + text + body


def entry(dtype="F64", shape=(1, 1), offsets=(0, 8)):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets)}


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (tensors({"0.weight": entry()}, bytes(8)), None),
        (tensors({"0.weight": entry()}, bytes(7)), "cut off"),
        (tensors({"0.weight": entry()}, bytes(9)), "longer than its header says"),
        (tensors({"0.weight": entry(offsets=(8, 16))}, bytes(16)), "leave holes"),
        (tensors({"a.weight": entry(), "b.weight": entry()}, bytes(8)), "overlap"),
        (tensors({"0.weight": entry(shape=(10**7, 10**7))}, bytes(8)), "claims 1e+14 numbers"),
        (tensors({"0.weight": entry(shape=(10**400, 1))}, bytes(8)), "claims 1e+300 numbers"),
        (tensors({"0.weight": entry(shape=(-1, 1))}, bytes(8)), "broken shape"),
        (tensors({"0.weight": entry(shape=(1.0, 1))}, bytes(8)), "broken shape"),
        (tensors({"0.weight": entry(dtype="BF16", offsets=(0, 2))}, bytes(2)), "as F32 or F64"),
        (tensors({"0.weight": entry()}, struct.pack("<d", np.nan)), "not finite"),
        (tensors({"0.weight": 5}, bytes(8)), "must be an object"),
        (tensors({"0.weight": entry()}, bytes(8), {"nnplay_json": "[" * 999}), "nested"),
        (tensors({"0.weight": entry()}, bytes(8), {"nnplay_json": "{}"}), "does not say"),
        (tensors({"0.weight": entry()}, bytes(8), {"nnplay_json": 5}), "must be text"),
        (struct.pack("<Q", 2**63) + b"{}", "cut off"),
        (struct.pack("<Q", 100) + b"{}", "cut off"),
        (b"\x05", "too short"),
        (struct.pack("<Q", 27) + b'{"a":{},"a":{},"b": 123.4 }', "appears twice"),
    ],
    ids=counted,
)
def test_safetensors_that_are_no_network(data, says):
    reason = refused(data, "bad.safetensors", "safetensors", **OPTIONS)
    assert (reason is None) == (says is None), reason
    assert says is None or says in (reason or "")


def test_a_training_state_smuggled_into_weights_does_not_survive():
    """Its arrays would no longer fit once other programs made new connections."""
    network = Network.mlp([2, 2, 1]).disconnect([(0, 2)])
    data = registry.write(Document(network), "safetensors")
    length = struct.unpack_from("<Q", data)[0]
    found = json.loads(data[8 : 8 + length])
    inside = json.loads(found["__metadata__"]["nnplay_json"])
    inside["state"] = {"step": 5, "optimizer": {"velocity": [0.0] * 8}}
    found["__metadata__"]["nnplay_json"] = json.dumps(inside)
    place = found["layers.0.weight"]["data_offsets"][0]
    body = bytearray(data[8 + length :])
    body[place : place + 8] = struct.pack("<d", 2.5)  # the connection that was missing
    text = json.dumps(found).encode()
    document = registry.read(struct.pack("<Q", len(text)) + text + body, "w.safetensors")
    assert document.network.topology.parameter_count == 9
    assert document.network.edge(0, 2).weight == 2.5
    assert document.state.optimizer_arrays == {}
    assert document.initial.size == 9


TABLE = "record,id,kind,label,activation,bias,source,target,weight\n"


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ("neuron,0,input,,,,,,\nneuron,1,output,,tanh,0.5,,,\nedge,,,,,,0,1,2\n", None),
        ("neuron,0,input,,,,,,\nneuron,0,output,,tanh,,,,\n", "cannot exist"),
        ("neuron,0,input,,,1,,,\n", "Line 2: bias must be empty for an input"),
        ("neuron,0,middle,,,,,,\n", "Line 2: kind must be one of input, hidden, output"),
        ("neuron,x,input,,,,,,\n", "Line 2: id must be a number"),
        ("neuron,1.5,input,,,,,,\n", "Line 2: id must be a whole number"),
        ("neuron,0,output,,swish,,,,\n", "Line 2: activation must be one of"),
        ("neuron,0,output,,,,,,\n", "activation"),
        ("neuron,0,output,,tanh,nan,,,\n", "Line 2: bias must be a finite number"),
        ("neuron,0,output,,tanh,1_0,,,\n", "Line 2: bias must be a finite number"),
        ("edge,,,,,,0,1,2\n", "cannot exist"),
        ("layer,0,input,,,,,,\n", "Line 2: record must be “neuron” or “edge”"),
        ("neuron,0,input\n", "Line 2 has 3 cells, but the header has 9."),
        ('neuron,0,input,"a,,,,,\n', "not valid CSV"),
    ],
    ids=counted,
)
def test_tables_that_are_no_network(rows, says):
    reason = refused((TABLE + rows).encode(), "bad.csv", "csv")
    assert (reason is None) == (says is None), reason
    assert says is None or says in (reason or "")


# ------------------------------------------------------------------ the other way round
@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize(
    "spoiled",
    [
        Document(Network.mlp([2, 1]), title="half \ud800"),
        Document(Network.mlp([2, 1]).set_label(0, "\udfff")),
        Document(Network.mlp([2, 1]), {0: (float("nan"), 0.0)}),
        Document(Network.mlp([2, 1]), view={"when": object()}),
    ],
    ids=["title", "label", "position", "view"],
)
def test_what_no_file_may_hold_is_refused_before_it_is_written(name, spoiled, tmp_path):
    from nnplay.library import export

    place = tmp_path / f"out.{name}"
    place.write_bytes(b"the old file")
    if (
        name == "csv"
        and np.isfinite(list(spoiled.positions.values())).all()
        and label_is_text(spoiled)
    ):
        export(spoiled, place, name)  # a table of a network carries neither title nor view
        assert registry.read(place.read_bytes(), "out.csv").network.same_as(spoiled.network)
        return
    with pytest.raises(FormatError) as caught:
        export(spoiled, place, name)
    assert caught.value.file == place.name
    assert place.read_bytes() == b"the old file"


def label_is_text(document):
    return all(label.isprintable() for label in document.network.labels)
