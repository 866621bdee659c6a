"""ONNX files that are damaged or made to do harm: one sentence, soon, within bounds."""

import resource

import numpy as np
import onnx
import pytest
from formats.refusals import refused
from onnx import TensorProto, helper, numpy_helper

from nnplay.core.network import Network
from nnplay.document import Document
from nnplay.formats import registry
from nnplay.formats.errors import FormatError
from nnplay.library import import_network, load

MEGABYTES_500 = 500 * 1024  # in kilobytes, as the system counts


def own():
    network = Network.mlp([2, 3, 2], activation="mish", output_activation="softmax")
    return registry.write(Document(network.with_theta(np.linspace(-1, 1, 17))), "onnx")


def test_every_cut_is_noticed():
    data = own()
    for size in {*range(1, len(data) - 1, 37), len(data) - 1}:
        assert refused(data[:size], "cut.onnx", "onnx") is not None


# ------------------------------------------------------------------ attacks
def graph_of(nodes, tensors=(), shape=(None, 4), outputs=("y",)):
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
        [numpy_helper.from_array(array, name) for name, array in tensors],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def node(op, inputs, outputs=("y",), **attributes):
    return helper.make_node(op, list(inputs), list(outputs), name="n", **attributes)


def many_doublings():
    nodes = [node("Concat", [f"v{i}"] * 2, [f"v{i + 1}"], axis=1) for i in range(60)]
    return graph_of([node("Identity", ["x"], ["v0"]), *nodes, node("Identity", ["v60"])])


def many_expansions():
    shape = np.array([100_000, 100_000], dtype=np.int64)
    nodes = [node("Expand", ["k", "shape"], ["big"]), node("Add", ["x", "big"])]
    return graph_of(nodes, [("shape", shape), ("k", np.ones(1, np.float32))])


def huge_constant():
    shape = np.array([2**20, 2**20], dtype=np.int64)
    return graph_of(
        [node("ConstantOfShape", ["shape"], ["big"]), node("MatMul", ["x", "big"])],
        [("shape", shape)],
    )


def outer_sum():
    nodes = [
        node("Reshape", ["x", "column"], ["c"]),
        node("Reshape", ["x", "row"], ["r"]),
        node("Add", ["c", "r"]),
    ]
    shapes = [("column", np.array([0, -1, 1])), ("row", np.array([0, 1, -1]))]
    return graph_of(nodes, shapes, (None, 100_000))


def huge_claim():
    model = graph_of([node("Add", ["x", "w"])], [("w", np.ones(4, np.float32))])
    model.graph.initializer[0].dims[0] = 2**61
    return model


def many_nodes():
    nodes = [node("Relu", [f"v{i}"], [f"v{i + 1}"]) for i in range(60_000)]
    return graph_of([node("Identity", ["x"], ["v0"]), *nodes], outputs=("v60000",))


def wide_input():
    return graph_of([node("Relu", ["x"])], (), (None, 2**40))


def many_axes():
    return graph_of([node("Unsqueeze", ["x", "axes"])], [("axes", np.arange(1, 60))])


def endless_sums():
    nodes = [node("Identity", ["x"], ["v0"])]
    tensors = [("w", np.ones((4, 4), np.float32))]
    for i in range(3000):
        nodes += [
            node("MatMul", [f"v{i}", "w"], [f"m{i}"]),
            node("Add", [f"v{i}", f"m{i}"], [f"v{i + 1}"]),
        ]
    return graph_of(nodes, tensors, outputs=("v3000",))


def inner_functions():
    model = graph_of([node("Relu", ["x"])])
    made = helper.make_function(
        "own", "f", ["a"], ["b"], [helper.make_node("Relu", ["a"], ["b"])],
        [helper.make_opsetid("", 17)],
    )  # fmt: skip
    model.functions.append(made)
    return model


def not_a_number():
    weights = np.ones((4, 2), np.float32)
    weights[2, 1] = np.nan
    return graph_of([node("MatMul", ["x", "w"])], [("w", weights)])


def inner_graph():
    inside = helper.make_graph([helper.make_node("Relu", ["x"], ["z"])], "inside", [], [])
    branch = node("If", ["c"], then_branch=inside, else_branch=inside)
    return graph_of([branch], [("c", np.array(True))])


ATTACKS = {
    many_doublings: "too many numbers",
    many_expansions: "Expand",
    huge_constant: "ConstantOfShape",
    outer_sum: "too many numbers",
    huge_claim: "claims",
    many_nodes: "operations",
    wide_input: "inputs",
    many_axes: "Unsqueeze",
    endless_sums: "connections",
    inner_functions: "functions",
    not_a_number: "not finite",
    inner_graph: "If",
}


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_attacks_are_refused_soon_and_small(attack):
    data = attack().SerializeToString()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    reason = refused(data, "bad.onnx", "onnx")
    assert reason is not None
    assert ATTACKS[attack] in reason
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MEGABYTES_500


@pytest.mark.parametrize(
    "data", [b"", b"\0", b"hello", b"\x08\x08", b"\xff" * 500, b"\x0a" * 5000, b"{" * 900]
)
def test_other_things_are_no_models(data):
    assert refused(data, "bad.onnx", "onnx") is not None


# ------------------------------------------------------------------ second files
def outside(location, **entries):
    weights = np.ones((4, 2), np.float32)
    model = graph_of([node("MatMul", ["x", "w"])], [("w", weights)])
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in {"location": location, **entries}.items():
        tensor.external_data.add(key=key, value=str(value))
    return model.SerializeToString()


@pytest.mark.parametrize(
    "location",
    ["../secret", "/etc/passwd", "folder/w", "..", ".", "", "a\\b", "C:w", "w\0x", "link", "pipe",
     "folder", "nothing"],
)  # fmt: skip
def test_only_plain_files_beside_the_model_are_read(tmp_path, location):
    import os

    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "w").write_bytes(bytes(64))
    (tmp_path.parent / "secret").write_bytes(bytes(64))
    (tmp_path / "real").write_bytes(bytes(64))
    (tmp_path / "link").symlink_to(tmp_path / "real")
    os.mkfifo(tmp_path / "pipe")
    path = tmp_path / "m.onnx"
    path.write_bytes(outside(location))
    with pytest.raises(FormatError) as found:
        load(path)
    assert str(found.value).startswith("m.onnx: ")


@pytest.mark.parametrize(
    "entries",
    [{"offset": 40}, {"offset": -1}, {"length": 31}, {"offset": "1e3"}, {"offset": 2**62}],
)
def test_places_in_the_second_file_are_checked(tmp_path, entries):
    (tmp_path / "w").write_bytes(bytes(64))
    path = tmp_path / "m.onnx"
    path.write_bytes(outside("w", **entries))
    with pytest.raises(FormatError):
        load(path)


def test_a_good_second_file_is_read(tmp_path):
    (tmp_path / "w").write_bytes(b"junk" + np.arange(8, dtype="<f4").tobytes())
    path = tmp_path / "m.onnx"
    path.write_bytes(outside("w", offset=4, length=32))
    network = import_network(path).network
    assert sorted(network.theta[:7]) == [1, 2, 3, 4, 5, 6, 7] or 7.0 in network.theta
    with pytest.raises(FormatError, match="second file"):
        registry.read(path.read_bytes(), "m.onnx")


# ------------------------------------------------------------------ metadata that lie
@pytest.mark.parametrize("value", ["", "{", "[]", "null", '{"format": 1}', "{}", "\0"])
@pytest.mark.parametrize("key", ["nnplay_json", "nnplay_base64", "nnplay_graph"])
def test_broken_metadata_leave_the_graph(key, value):
    model = onnx.load_model_from_string(own())
    kept = {entry.key: entry.value for entry in model.metadata_props}
    helper.set_model_props(model, {**kept, key: value})
    document, notes = registry.read_with_notes(model.SerializeToString(), "m.onnx")
    assert len(document.network.topology.ids) == 7
    if key != "nnplay_graph" or value not in ("[]", "null", "{}", '{"format": 1}'):
        assert any("does not count" in note or "changed" in note for note in notes)
