"""Makes the attack files anew: ``python tests/attacks/make_attacks.py``. The same bytes every time."""

import io
import json
import pickle
import struct
import zipfile
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent / "files"
CANARY = "nnplay-attack-canary"


class Runs:
    """Unpickling it creates a file."""

    def __reduce__(self):
        return open, (CANARY, "w")


def zipped(members, compress=zipfile.ZIP_STORED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compress) as archive:
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name), data, compress)
    return buffer.getvalue()


def npy(shape, descr="'<f8'", body=b""):
    header = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}"
    header += " " * (-(len(header) + 11) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + body


def safetensors(header, body=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


def tensor(shape, start, end, dtype="F64"):
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}


def torch_zip(payload):
    return zipped([("archive/data.pkl", payload), ("archive/version", b"3\n")])


def onnx_models():
    from onnx import TensorProto, helper

    def model(nodes, initializers=(), inputs=(1, 2)):
        graph = helper.make_graph(
            nodes,
            "g",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, list(inputs))],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
            list(initializers),
        )
        made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        return made.SerializeToString(deterministic=True)

    outside = TensorProto(name="w", dims=[1, 2], data_type=TensorProto.FLOAT)
    outside.data_location = TensorProto.EXTERNAL
    for key, value in (("location", "../../../../etc/passwd"), ("offset", "0"), ("length", "8")):
        outside.external_data.add(key=key, value=value)
    gemm = helper.make_node("Gemm", ["x", "w"], ["y"], transB=1)
    huge = TensorProto(name="w", dims=[10**9, 10**9], data_type=TensorProto.FLOAT, raw_data=b"")
    loop = [helper.make_node("Relu", ["b"], ["a"]), helper.make_node("Relu", ["a"], ["y"])]
    shape = helper.make_tensor("s", TensorProto.INT64, [2], [10**6, 10**6])
    return {
        "outside.onnx": model([gemm], [outside]),
        "huge.onnx": model([gemm], [huge]),
        "unknown-input.onnx": model(loop),
        "expand.onnx": model([helper.make_node("Expand", ["x", "s"], ["y"])], [shape]),
        "conv.onnx": model(
            [helper.make_node("Conv", ["x", "w"], ["y"], name="conv1")],
            [helper.make_tensor("w", TensorProto.FLOAT, [1, 1, 2], [1, 2])],
            (1, 1, 5),
        ),
        "control-good.onnx": model(
            [gemm], [helper.make_tensor("w", TensorProto.FLOAT, [1, 2], [1, 2])]
        ),
    }


def files():
    row = b"record,id,kind,source,target,weight,activation\n"
    net = row + b"neuron,0,input,,,,\nneuron,1,hidden,,,,tanh\nneuron,2,output,,,,tanh\n"
    matrix = np.zeros((1, 2)).tobytes()
    good = {"0.weight": tensor([1, 2], 0, 16)}
    legacy = pickle.dumps(Runs(), protocol=2)
    twin = '{"format": {"name": "nnplay", "major": 1, "minor": 0}, "seed": %s}'
    made = {
        "bomb.npz": zipped([("a.npy", b"\0" * 300_000_000)], zipfile.ZIP_DEFLATED),
        "bomb.nnplay": zipped(
            [("mimetype", b"application/x-nnplay"), ("document.json", b" " * 300_000_000)],
            zipfile.ZIP_DEFLATED,
        ),
        "huge-shape.npz": zipped([("0.weight.npy", npy("(1000000, 1000000)"))]),
        "negative-shape.npz": zipped([("0.weight.npy", npy("(-1, 2)"))]),
        "object.npz": zipped([("0.weight.npy", npy("(1,)", "'|O'", pickle.dumps(Runs())))]),
        "code-in-header.npz": zipped([("0.weight.npy", npy("(open('x', 'w'),)"))]),
        "outside.nnplay": zipped(
            [("mimetype", b"application/x-nnplay"), ("../../evil", b"x"), ("document.json", b"{}")]
        ),
        "deep.json": b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
        "nan.json": (twin % "NaN").encode(),
        "infinite.json": (twin % "1e999").encode(),
        "long-number.json": (twin % ("9" * 50_000)).encode(),
        "twice.json": b'{"format": 1, "format": 2}',
        "overlap.safetensors": safetensors(
            {"0.weight": tensor([1, 2], 0, 16), "2.weight": tensor([1, 1], 8, 16)}, matrix
        ),
        "hole.safetensors": safetensors({"0.weight": tensor([1, 2], 8, 24)}, matrix + b"\0" * 8),
        "twice.safetensors": safetensors(
            b'{"0.weight":{"dtype":"F64","shape":[1,2],"data_offsets":[0,16]},'
            b'"0.weight":{"dtype":"F64","shape":[1,2],"data_offsets":[0,16]}}',
            matrix,
        ),
        "huge.safetensors": safetensors({"0.weight": tensor([10**9, 10**9], 0, 8 * 10**18)}),
        "long-header.safetensors": struct.pack("<Q", 2**62) + b"{}",
        "nan.safetensors": safetensors(good, struct.pack("<dd", float("nan"), 1.0)),
        "trailing.safetensors": safetensors(good, matrix + b"PK\x03\x04"),
        "circle.csv": net + b"edge,,,0,1,1,\nedge,,,1,2,1,\nedge,,,2,1,1,\n",
        "into-input.csv": net + b"edge,,,1,0,1,\n",
        "many.csv": row + b"neuron,0,input,,,,\n" + b"edge,,,0,0,1,\n" * 2000,
        "formula.csv": net + b"edge,,,0,1,\"=cmd|' /C calc'!A0\",\n",
        "runs.pt": torch_zip(legacy),
        "runs-legacy.pt": legacy,
        "cut.pt": torch_zip(legacy)[:60],
        "control-good.safetensors": safetensors(good, matrix),
        "control-good.csv": net + b"edge,,,0,1,1,\nedge,,,1,2,1,\n",
    }
    return made | onnx_models()


if __name__ == "__main__":
    HERE.mkdir(exist_ok=True)
    for name, data in files().items():
        (HERE / name).write_bytes(data)
