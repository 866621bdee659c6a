"""ONNX models that still parse, with a few of their parts put wrong."""

import numpy as np
import onnx
from onnx import TensorProto
from soak.damage import chosen

NUMBERS = [0, 1, -1, 2, 3, 7, 64, 1000, 10**6, 10**9, 2**31, 2**40, 2**62, -(2**62)]
OPS = ["Gemm", "MatMul", "Concat", "Reshape", "Gather", "Slice", "Split", "Mul", "Add", "Softmax",
       "Transpose", "Squeeze", "Unsqueeze", "ReduceSum", "Clip", "Conv", "ZipMap", "ArgMax", "Expand",
       "ConstantOfShape", "Identity", "Erf", "Exp", "Pow", "Div", "Where", "PRelu", "Cast"]  # fmt: skip


def twisted_model(data, random):
    model = onnx.load_model_from_string(data)
    graph = model.graph
    for _ in range(int(random.integers(1, 4))):
        names = [name for node in graph.node for name in (*node.input, *node.output)] or ["x"]
        node = chosen(graph.node, random)
        match int(random.integers(10)):
            case 0:
                node.op_type = chosen(OPS, random)
            case 1 if node.input:
                node.input[int(random.integers(len(node.input)))] = chosen(names, random)
            case 2:
                node.input.append(chosen(names, random))
            case 3 if node.attribute:
                attribute = chosen(node.attribute, random)
                attribute.i = chosen(NUMBERS, random)
                if attribute.ints:
                    attribute.ints[0] = chosen(NUMBERS, random)
            case 4 if graph.initializer:
                tensor = chosen(graph.initializer, random)
                if tensor.dims:
                    tensor.dims[int(random.integers(len(tensor.dims)))] = chosen(NUMBERS, random)
            case 5 if graph.initializer:
                tensor = chosen(graph.initializer, random)
                tensor.data_type = int(random.integers(0, 20))
            case 6 if graph.initializer:
                _spoil(chosen(graph.initializer, random), random)
            case 7:
                dims = chosen(graph.input, random).type.tensor_type.shape.dim
                if dims:
                    dims[int(random.integers(len(dims)))].dim_value = chosen(NUMBERS, random)
            case 8:
                del graph.node[int(random.integers(len(graph.node)))]
                if not graph.node:
                    break
            case _:
                graph.node.append(node)
                if len(graph.node) > 2:
                    graph.node.insert(0, graph.node.pop())
    return model.SerializeToString()


def _spoil(tensor, random):
    """One number of a constant, or where a second file is said to hold it."""
    if tensor.external_data:
        entry = chosen(tensor.external_data, random)
        entry.value = str(chosen([*NUMBERS, "w", "../w", "", "1e3", "\0"], random))
    elif tensor.data_type == TensorProto.INT64 and len(tensor.raw_data) >= 8:
        values = np.frombuffer(tensor.raw_data[:8], np.int64).copy()
        values[int(random.integers(values.size))] = chosen(NUMBERS, random)
        tensor.raw_data = values.tobytes()
    elif len(tensor.raw_data) >= 4:
        bad = np.array(chosen([np.nan, np.inf, 1e38, -0.0], random), np.float32)
        tensor.raw_data = bad.tobytes() + tensor.raw_data[4:]
