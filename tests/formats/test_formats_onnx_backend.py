"""The onnx package's own test data: what opens computes what is recorded there."""

import importlib
import warnings
from pathlib import Path

import numpy as np
import onnx
from formats.onnx_driver import by_nnplay, opened, relative
from onnx import numpy_helper

from nnplay.formats.errors import FormatError
from nnplay.formats.onnx_run import FOLDABLE
from nnplay.formats.onnx_trace import OPERATORS

KNOWN = FOLDABLE | OPERATORS

FOLDER = Path(onnx.__file__).parent / "backend" / "test" / "data"
# Old exports of PyTorch modules: of these, what nnplay must be able to open.
MUST_OPEN = [
    "BatchNorm2d_eval",
    "ELU",
    "LeakyReLU",
    "LeakyReLU_with_negval",
    "Linear",
    "Linear_no_bias",
    "PReLU_1d",
    "PReLU_2d",
    "ReLU",
    "SELU",
    "Sigmoid",
    "Softmax",
    "Softmin",
    "Softplus",
    "Softsign",
    "Tanh",
    "operator_addconstant",
    "operator_chunk",
    "operator_clip",
    "operator_concat2",
    "operator_flatten",
    "operator_reduced_sum",
    "operator_view",
    "single_relu_model",
]
# Cases are made when these modules are imported; making those of all operators takes half a minute.
MODULES = ["abs", "add", "cast", "clip", "concat", "cos", "div", "dropout", "elu", "erf", "exp", "flatten",
    "gather", "gelu", "gemm", "greater", "hardsigmoid", "identity", "leakyrelu", "less",
    "matmul", "max", "mean", "min", "mish", "mul", "neg", "pow", "prelu", "reciprocal", "reducemean", "reducesum", "relu", "reshape",
    "selu", "sigmoid", "sin", "slice", "softmax", "softplus", "softsign", "split", "squeeze", "sub", "sum", "tanh", "transpose", "unsqueeze", "where"]  # fmt: skip


def recorded():
    """(name, model, inputs, output) of the models that lie in files."""
    for kind in ("pytorch-converted", "pytorch-operator", "simple"):
        for folder in sorted((FOLDER / kind).glob("test_*")):
            data = folder / "test_data_set_0"
            if not (data / "output_0.pb").exists():
                continue
            inputs = [tensor(path) for path in sorted(data.glob("input_*.pb"))]
            outputs = [tensor(path) for path in sorted(data.glob("output_*.pb"))]
            yield folder.name, (folder / "model.onnx").read_bytes(), inputs, outputs


def generated():
    """The same of the cases that are made in memory, one operator each."""
    node = importlib.import_module("onnx.backend.test.case.node")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in MODULES:
            importlib.import_module(f"onnx.backend.test.case.node.{name}")
        cases = list(getattr(node, "_NodeTestCases", None) or node.collect_testcases())
    for case in cases:
        if case.model is None or not case.data_sets:
            continue
        if all(node.op_type in KNOWN for node in case.model.graph.node):
            inputs, outputs = case.data_sets[0]
            yield case.name, case.model.SerializeToString(), inputs, outputs


def tensor(path):
    proto = onnx.TensorProto()
    try:
        proto.ParseFromString(path.read_bytes())
        return numpy_helper.to_array(proto)
    except Exception:
        return None  # a sequence or the like


def judged(models):
    """Names of the models that opened; whatever opens must compute what is recorded."""
    found = []
    for name, data, inputs, outputs in models:
        try:
            network, notes = opened(data)
        except FormatError:
            continue  # how refusals read is tested elsewhere
        if any("cut off" in note for note in notes):
            continue  # labels, where nnplay shows the numbers before them
        graph = onnx.load_model_from_string(data).graph
        constants = {item.name for item in graph.initializer}
        ranks = {len(i.type.tensor_type.shape.dim) for i in graph.input if i.name not in constants}
        arrays = [np.asarray(x) for x in inputs[: len(graph.input) - len(constants)]]
        if any(array.ndim == 0 for array in arrays):
            continue  # a setting given as an input
        samples = 1 if ranks <= {0, 1} else len(arrays[0])
        x = np.concatenate([array.reshape(samples, -1) for array in arrays], axis=1)
        y = [np.asarray(made, dtype=np.float64).reshape(samples, -1) for made in outputs]
        assert relative(by_nnplay(network, x), np.concatenate(y, axis=1)) <= 1e-5, name
        found.append(name)
    return found


def test_recorded_models_of_the_onnx_package():
    opened_names = {name.removeprefix("test_") for name in judged(recorded())}
    assert set(MUST_OPEN) <= opened_names, set(MUST_OPEN) - opened_names
    assert len(opened_names) >= 30
    print(len(opened_names), "models opened")


def test_single_operators_of_the_onnx_package():
    names = judged(generated())
    print(len(names), "cases opened")
    assert len(names) >= 60
    for name in ("test_relu", "test_selu_default", "test_hardsigmoid_default", "test_softsign",
                 "test_gelu_default_1", "test_mish", "test_flatten_axis1", "test_elu"):  # fmt: skip
        assert name in names
