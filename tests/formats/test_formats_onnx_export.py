"""ONNX exports under onnx's checker, onnxruntime and our own reader."""

import base64
import json
from dataclasses import replace

import numpy as np
import onnx
import pytest
from core.random_networks import cases
from formats.onnx_driver import (
    HAS_RUNTIME,
    by_nnplay,
    by_onnxruntime,
    in_use,
    opened,
    relative,
    without_metadata,
)
from hypothesis import assume, given, settings

from nnplay.core.activations import ACTIVATIONS
from nnplay.core.network import Network
from nnplay.core.topology import Topology
from nnplay.data.preparation import prepare
from nnplay.data.recipe import Preparation
from nnplay.document import Document
from nnplay.formats import onnx_file, onnx_run, registry
from nnplay.formats.errors import FormatError
from nnplay.formats.groups import plan_of
from nnplay.formats.onnx_model import parse
from nnplay.formats.verification import verify
from nnplay.library import export, load
from nnplay.setup import new_document

OPSETS = (13, 17, 20, 21)


def layered(activation="tanh", output_activation="linear", sizes=(3, 5, 4, 2), seed=5):
    network = Network.mlp(sizes, activation=activation, output_activation=output_activation)
    return network.with_theta(np.random.default_rng(seed).normal(size=network.theta.size))


def outputs_of(data, x):
    """By onnxruntime in the file's own numbers, and by our evaluator in 64 bits."""
    model = onnx.load_model_from_string(data)
    kind = model.graph.input[0].type.tensor_type.elem_type
    found = [onnx_run.run(parse(data), {"x": x}, "y")]
    if HAS_RUNTIME:
        found.append(by_onnxruntime(data, x.astype(np.float32 if kind == 1 else np.float64)))
    return found


# ------------------------------------------------------------------ the same function
@settings(max_examples=200)
@given(cases(samples=9))
def test_random_networks_compute_the_same(case):
    """All activations, skips, softmax, switched-off parts; at once, and one sample at a time."""
    number = int(case.x.size) % len(OPSETS)
    data = onnx_file.to_bytes(
        Document(case.network), opset=OPSETS[number], include_preparation=False
    )
    onnx.checker.check_model(onnx.load_model_from_string(data), full_check=True)
    expected = by_nnplay(case.network, case.x)
    for found in outputs_of(data, case.x):
        assert relative(found, expected) <= 1e-5
    for found in outputs_of(data, case.x[:1]):
        assert relative(found, expected[:1]) <= 1e-5


@settings(max_examples=200)
@given(cases(samples=9, switched_off=False))
def test_random_networks_come_back_from_the_graph_alone(case):
    topology = case.network.topology
    unfed = np.setdiff1d(np.flatnonzero(topology.kinds != 0), topology.edge_rows[:, 1])
    # A linear neuron that nobody feeds is a constant in a graph, and folds into biases.
    assume(all(case.network.activations[row] != "linear" for row in unfed))
    document = Document(case.network)
    data = onnx_file.to_bytes(document, include_preparation=False)
    network, _ = opened(without_metadata(data))
    assert relative(by_nnplay(network, case.x), by_nnplay(case.network, case.x)) <= 1e-5
    found, expected = in_use(network), in_use(case.network)
    assert found[0] == expected[0]
    assert [edge[:2] for edge in found[1]] == [edge[:2] for edge in expected[1]]
    np.testing.assert_allclose(
        [edge[2] for edge in found[1]], [edge[2] for edge in expected[1]], rtol=2e-6
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("opset", OPSETS)
@pytest.mark.parametrize("name", [n for n in ACTIVATIONS if n != "softmax"])
def test_every_activation_in_every_operator_set(name, opset, dtype):
    network = layered(name, sizes=(2, 40, 1))
    x = np.random.default_rng(1).normal(size=(50, 2)) * 3
    data = onnx_file.to_bytes(Document(network), dtype, opset, None, False)
    for found in outputs_of(data, x):
        # Where no runtime has the error function in 64 bits, 32 are taken.
        limit = 1e-5 if dtype == "float32" or name == "gelu" else 1e-8
        assert relative(found, by_nnplay(network, x)) <= limit


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", [n for n in ACTIVATIONS if n != "softmax"])
def test_activations_far_out(name, dtype):
    """Sums of ±90 overflow no exponential on the way to the right limit."""
    network = Network.mlp([1, 1, 1], activation=name, output_activation="linear")
    network = network.with_theta([1.0, 1.0, 0.0, 0.0])
    x = np.array([[-90.0], [-20.0], [20.0], [90.0]])
    data = onnx_file.to_bytes(Document(network), dtype, 17, None, False)
    for found in outputs_of(data, x):
        np.testing.assert_allclose(found, by_nnplay(network, x), rtol=1e-5, atol=1e-6)


# ------------------------------------------------------------------ the form of the file
def test_the_form_of_a_layered_model():
    data = registry.write(Document(layered(), title="t"), "onnx")
    model = onnx.load_model_from_string(data)
    assert [entry.version for entry in model.opset_import] == [17]
    assert model.ir_version == 8
    assert model.producer_name == "nnplay"
    assert "x1" in model.doc_string
    given_, made = model.graph.input[0], model.graph.output[0]
    dims = given_.type.tensor_type.shape.dim
    assert (given_.name, dims[0].dim_param, dims[1].dim_value) == ("x", "batch", 3)
    assert (made.name, made.type.tensor_type.shape.dim[1].dim_value) == ("y", 2)
    ops = [node.op_type for node in model.graph.node]
    assert ops == ["Gemm", "Tanh", "Gemm", "Tanh", "Gemm", "Identity"]
    gemm = model.graph.node[0]
    assert {a.name: a.i for a in gemm.attribute} == {"transB": 1}
    shapes = {tensor.name: tuple(tensor.dims) for tensor in model.graph.initializer}
    assert shapes[gemm.input[1]] == (5, 3)
    names = [node.name for node in model.graph.node]
    assert len(set(names)) == len(names)
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    assert json.loads(metadata["nnplay_json"])["format"]["name"] == "nnplay"
    assert registry.write(Document(layered(), title="t"), "onnx") == data


@pytest.mark.parametrize(("opset", "ir"), [(13, 7), (16, 8), (19, 9), (21, 10)])
def test_operator_set_and_format_version_go_together(opset, ir):
    model = onnx.load_model_from_string(onnx_file.to_bytes(Document(layered()), opset=opset))
    assert (model.ir_version, model.opset_import[0].version) == (ir, opset)


def test_a_fixed_number_of_samples(tmp_path):
    path = tmp_path / "one.onnx"
    report = export(Document(layered()), path, batch=1)
    assert report.output_deviation < 1e-5
    model = onnx.load(path)
    assert model.graph.input[0].type.tensor_type.shape.dim[0].dim_value == 1
    assert model.graph.output[0].type.tensor_type.shape.dim[0].dim_value == 1
    assert load(path).network.same_as(layered())


def test_skips_are_concatenated_and_sparse_groups_gathered():
    ids = np.arange(60)
    kinds = np.array([0] * 30 + [1] * 28 + [2] * 2)
    edges = [(i, 30 + i) for i in range(28)] + [(30 + i, 58) for i in range(28)]
    edges += [(i, 59) for i in (0, 3, 40)]
    network = Network.build(
        Topology(ids, kinds, edges),
        theta=np.random.default_rng(2).normal(size=len(edges) + 30),
        activations=["linear"] * 30 + ["tanh"] * 28 + ["linear"] * 2,
    )
    data = onnx_file.to_bytes(Document(network), include_preparation=False)
    ops = {node.op_type for node in onnx.load_model_from_string(data).graph.node}
    assert {"Concat", "Gather", "ReduceSum"} <= ops
    x = np.random.default_rng(3).normal(size=(5, 30))
    for found in outputs_of(data, x):
        assert relative(found, by_nnplay(network, x)) <= 1e-5
    assert in_use(opened(without_metadata(data))[0])[0] == in_use(network)[0]


# ------------------------------------------------------------------ preparation
FEATURES = (
    "x1",
    "x1*x2",
    "sin(x1) + cos(x2)",
    "max(x1, x2)^2",
    "-tan(x2)/3",
    "exp(min(x1, 0)) - tanh(x2)",
    "sqrt(abs(x1)) * sign(x2)",
    "log(x1^2 + 1)",
    "pi",
)


def shaken(document, scale=1.0):
    random = np.random.default_rng(4)
    network = document.network
    return document.with_network(network.with_theta(random.normal(size=network.theta.size) * scale))


def made(name, **options):
    document = new_document(name, **options)
    return shaken(document[0] if isinstance(document, tuple) else document)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_formulas_are_in_the_graph(dtype):
    document = made("circle", features=FEATURES)
    document = replace(document, preparation=replace(document.preparation, scale_inputs="standard"))
    data = onnx_file.to_bytes(document, dtype)
    prepared = prepare(document.data, document.preparation, document.seed)
    rows = prepared.raw[:40]
    expected = by_nnplay(document.network, prepared.input_matrix(document.network, rows))
    for found in outputs_of(data, rows):
        assert relative(found, expected) <= 1e-5
    assert load_bytes(data).network.same_as(document.network)


@pytest.mark.parametrize("name", ["penguins", "diabetes"])
def test_raw_columns_in_and_units_out(name):
    """Words as indices become one-hot, numbers are scaled, targets get their units back."""
    document = made(name)
    data = registry.write(document, "onnx")
    plan = plan_of(document)
    assert plan.has_preparation
    assert parse(data).inputs[0].shape == (None, len(plan.input_stage.raw_names))
    rows = plan.prepared.raw[:30]
    inner = by_nnplay(document.network, plan.prepared.input_matrix(document.network, rows))
    expected = plan.prepared.restore_target(inner)
    for found in outputs_of(data, rows):
        assert relative(found, expected) <= 1e-5
    metadata = parse(data).metadata
    columns = json.loads(metadata["columns"])
    assert [column["name"] for column in columns] == list(plan.input_stage.raw_names)
    if name == "penguins":
        assert json.loads(metadata["classes"]) == list(plan.output_stage.classes)
    bare = registry.write(document, "onnx", include_preparation=False)
    assert parse(bare).inputs[0].shape == (None, len(document.network.topology.input_ids))


def test_preparation_that_does_not_fit_is_said():
    document = replace(Document(layered()), preparation=Preparation(("x1",)))
    with pytest.raises(FormatError, match="preparation"):
        registry.write(document, "onnx", include_preparation=True)


# ------------------------------------------------------------------ coming back
def load_bytes(data):
    return registry.read(data, "model.onnx")


@settings(max_examples=60)
@given(cases(samples=2))
def test_own_files_come_back_bit_for_bit(case):
    document = Document(case.network, {int(case.network.topology.ids[0]): (1.5, 2.5)}, seed=7)
    again = load_bytes(registry.write(document, "onnx", include_preparation=False))
    assert again.network.same_as(case.network)
    assert again.positions == document.positions
    assert again.seed == 7


def test_large_networks_come_back_from_an_archive():
    network = layered(sizes=(200, 150, 10))
    data = registry.write(Document(network), "onnx")
    metadata = parse(data).metadata
    assert "nnplay_json" not in metadata
    assert base64.b64decode(metadata["nnplay_base64"])[:2] == b"PK"
    assert load_bytes(data).network.same_as(network)


def test_a_changed_graph_wins_over_the_metadata():
    model = onnx.load_model_from_string(registry.write(Document(layered()), "onnx"))
    tensor = model.graph.initializer[-1]
    values = onnx.numpy_helper.to_array(tensor) * 1.01
    tensor.CopyFrom(onnx.numpy_helper.from_array(values, tensor.name))
    network, notes = opened(model.SerializeToString())
    assert any("changed after nnplay wrote it" in note for note in notes)
    assert not network.same_as(layered())
    x = np.random.default_rng(0).normal(size=(5, 3))
    changed = onnx_run.run(parse(model.SerializeToString()), {"x": x}, "y")
    assert relative(by_nnplay(network, x), changed) < 1e-6
    assert relative(by_nnplay(layered(), x), changed) > 1e-4


# ------------------------------------------------------------------ options and proof
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"opset": 12}, "opset"),
        ({"opset": 22}, "opset"),
        ({"batch": 0}, "samples"),
        ({"dtype": "float16"}, "number type"),
    ],
)
def test_options_out_of_range(options, words):
    with pytest.raises(FormatError, match=words):
        registry.write(Document(layered()), "onnx", **options)


def test_weights_too_large_for_32_bits():
    network = layered().with_parameters({0: 1e200})
    with pytest.raises(FormatError, match="float64"):
        registry.write(Document(network), "onnx")
    document = Document(network)
    data = registry.write(document, "onnx", dtype="float64")
    assert verify(document, data, "onnx", dtype="float64").output_deviation < 1e-9


def test_the_proof_fails_for_another_networks_file():
    document = Document(layered())
    data = registry.write(document, "onnx")
    report = verify(document, data, "onnx")
    assert report.output_deviation < 1e-5
    assert report.proof.judge.startswith("onnxruntime" if HAS_RUNTIME else "nnplay")
    with pytest.raises(FormatError):
        verify(Document(layered(seed=6)), data, "onnx")


def test_the_proof_notices_a_graph_that_computes_something_else(monkeypatch):
    """A planted mistake of the writer: one activation for another."""
    from nnplay.formats.onnx_operators import ACTIVATION_WRITERS

    monkeypatch.setitem(ACTIVATION_WRITERS, "tanh", ACTIVATION_WRITERS["softsign"])
    document = Document(layered())
    with pytest.raises(FormatError):
        verify(document, registry.write(document, "onnx"), "onnx")
