"""Files that people write by hand or with other programs: what opens, and what is said if it does not."""

import json

import numpy as np
import pytest
from formats.onnx_driver import HAS_RUNTIME, by_nnplay, by_onnxruntime, opened
from onnx import TensorProto, helper, numpy_helper

import nnplay
from nnplay.formats import registry
from nnplay.formats.errors import ActivationsUnknownError, FormatError

HEAD = "record,id,kind,source,target,weight"
NEURONS = "neuron,1,input,,,\nneuron,2,hidden,,,\nneuron,3,output,,,"
EDGES = "edge,,,1,2,0.5\nedge,,,2,3,-2"


def table(*rows: str) -> bytes:
    return "\n".join((HEAD, *rows, "")).encode()


def test_a_table_without_activations_asks_for_them():
    data = table(NEURONS, EDGES)
    with pytest.raises(ActivationsUnknownError, match="--activation tanh --output-activation"):
        registry.read(data, "net.csv")
    with pytest.raises(ActivationsUnknownError) as caught:
        registry.read(data, "net.csv", activation="relu")
    assert "--activation tanh" not in str(caught.value)
    network = registry.read(data, "net.csv", activation="relu", output_activation="sigmoid").network
    x = np.array([[3.0], [-3.0]])
    expected = 1 / (1 + np.exp(2 * np.maximum(0.5 * x, 0)))
    np.testing.assert_allclose(by_nnplay(network, x), expected)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ((NEURONS, EDGES, "edge,,,1,2,7"), "already connected"),
        ((NEURONS, EDGES, "edge,,,2,2,7"), "Neuron 2 cannot be connected to itself"),
        ((NEURONS, "edge,,,1,2,nan"), "Line 5: weight must be a finite number"),
        ((NEURONS.replace("input", "inputs"), EDGES), "Line 2: kind must be one of"),
    ],
)
def test_mistakes_in_a_table_are_named(rows, words):
    with pytest.raises(FormatError, match=words):
        registry.read(table(*rows), "n.csv", activation="relu", output_activation="linear")


def test_a_table_of_data_is_no_network_and_the_columns_are_said():
    with pytest.raises(FormatError, match=r"id, kind, source, target, weight.*nnplay new --data"):
        registry.read(b"source,target,weight\n1,3,0.5\n", "edges.csv")


@pytest.mark.parametrize("value", [[[1, 2], [3, 4]], {"class_name": "Sequential"}, {}, 3, None])
def test_json_of_other_programs_is_called_that(value):
    with pytest.raises(FormatError, match=r"was not written by nnplay.*\.onnx.*data table"):
        registry.read(json.dumps(value).encode(), "other.json", "json")


def test_broken_json_says_where_in_whole_words():
    with pytest.raises(FormatError, match=r"Line 1, column 13: .*\(unterminated string\)\."):
        registry.read(b'{"format": {"name', "cut.json")


def test_what_can_never_be_shown_is_said_before_what_could_be_mended():
    """An open number of features can be mended, which would be in vain here."""
    node = helper.make_node("LSTM", ["x", "k", "k"], ["y"], hidden_size=2, name="rnn")
    graph = helper.make_graph(
        [node],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [3, "n", 4])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(np.ones((1, 8, 4), dtype=np.float32), "k")],
    )
    with pytest.raises(FormatError, match=r"LSTM “rnn”.*recurrent"):
        opened(helper.make_model(graph).SerializeToString())


# ------------------------------------------------------------------ onnx.helper
R = np.random.default_rng(0)
WEIGHTS = {
    "w1": R.normal(size=(4, 5)),
    "b1": R.normal(size=5),
    "w2": R.normal(size=(5, 2)),
    "b2": R.normal(size=2),
}
LAYERS = [
    helper.make_node("MatMul", ["x", "w1"], ["a"]),
    helper.make_node("Add", ["a", "b1"], ["b"]),
    helper.make_node("Relu", ["b"], ["c"]),
    helper.make_node("Gemm", ["c", "w2", "b2"], ["y"]),
]


def by_hand(opset=17, version=8, shape=("n", 4), dtype=np.float32, nodes=(), output="y"):
    """A model as people put it together; nodes have no names."""
    kind = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    graph = helper.make_graph(
        [*LAYERS, *nodes],
        "g",
        [helper.make_tensor_value_info("x", kind, shape)],
        [helper.make_tensor_value_info(output, kind, None)],
        [numpy_helper.from_array(value.astype(dtype), name) for name, value in WEIGHTS.items()],
    )
    imports = [helper.make_opsetid("", opset)]
    return helper.make_model(graph, opset_imports=imports, ir_version=version).SerializeToString()


@pytest.mark.parametrize(
    "options",
    [
        {"opset": 9, "version": 4},
        {"opset": 21, "version": 10},
        {"opset": 28, "version": 14},  # what onnx.helper makes unasked
        {"shape": (1, 4)},
        {"shape": (8, 4)},
        {"dtype": np.float64},
        {"dtype": np.float16},
        {"nodes": [helper.make_node("Exp", ["b"], ["unused"])]},
        {"nodes": [helper.make_node("Softmax", ["y"], ["p"], axis=-1)], "output": "p"},
    ],
    ids=str,
)
def test_models_put_together_with_onnx_helper_open(options, tmp_path):
    path = tmp_path / "model.onnx"
    path.write_bytes(by_hand(**options))
    network = nnplay.import_network(path).network
    x = R.normal(size=(options.get("shape", (8,))[0], 4)).astype(options.get("dtype", np.float32))
    z = np.maximum(x @ WEIGHTS["w1"] + WEIGHTS["b1"], 0) @ WEIGHTS["w2"] + WEIGHTS["b2"]
    if options.get("output") == "p":
        z = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    rough = 5e-3 if options.get("dtype") is np.float16 else 1e-5
    np.testing.assert_allclose(by_nnplay(network, x), z, rtol=rough, atol=rough)
    if HAS_RUNTIME and options.get("opset", 17) <= 21:
        theirs = by_onnxruntime(path.read_bytes(), x)
        np.testing.assert_allclose(by_nnplay(network, x), theirs, rtol=rough, atol=rough)
