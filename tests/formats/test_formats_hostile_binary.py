"""Archives and tensors that are no network: each trick by itself."""

import json
import os
import pickle
import struct
import tracemalloc
import zipfile
from contextlib import nullcontext

import numpy as np
import pytest
from formats.refusals import (
    OPTIONS,
    archive,
    counted,
    header,
    npy,
    refused,
    repacked,
    rich_document,
)

from nnplay.core.network import Network
from nnplay.document import Document
from nnplay.formats import registry
from nnplay.formats.archive import read_members, write_members
from nnplay.formats.errors import ActivationsUnknownError
from nnplay.formats.nnplay_zip import SUMS


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
    with pytest.warns() if len({n for n, _ in members}) < len(members) else nullcontext():
        data = archive(members)
    reason = refused(data, "bad.npz", **OPTIONS)
    assert reason is not None
    assert says in reason
    assert not (tmp_path / "was-run").exists()


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
        (tensors({"0.weight": entry()}, bytes(8), {"nnplay_json": "{}"}), "not written by nnplay"),
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


def test_an_archive_vouches_for_every_member():
    """Also where the zip's own checksums are right: somebody edited it, or put something in."""
    members = read_members(registry.write(rich_document(), "nnplay"))
    edited = {**members, "document.json": members["document.json"].replace(b"probe", b"prove")}
    assert "“document.json” was changed or damaged after saving." in (
        refused(write_members(edited), "d.nnplay") or ""
    )
    more = {**members, "extra.txt": b"hello"}
    assert "does not vouch for its member “extra.txt”" in (
        refused(write_members(more), "d.nnplay") or ""
    )
    less = {name: data for name, data in members.items() if name != "params/initial.npy"}
    assert less.keys() == members.keys()  # this document has none
    del less["history/test.npy"]
    assert "“history/test.npy” is missing from the archive." in (
        refused(write_members(less), "d.nnplay") or ""
    )
    kept = {name: data for name, data in members.items() if name != SUMS}
    assert "does not vouch" in (refused(write_members(kept), "d.nnplay") or "")
    # What a newer version put in and vouches for is kept.
    newer = repacked({**members, "later/film.bin": b"\x00\x01"})
    again = registry.write(registry.read(newer, "d.nnplay"), "nnplay")
    assert read_members(again)["later/film.bin"] == b"\x00\x01"
