"""Records models of other programs, with inputs and what onnxruntime makes of them.

    python tests/formats/models/record.py

needs torch, onnxscript, scikit-learn, skl2onnx and onnxruntime. The tests read what lies here, so that
files of other programs are tested where those are not installed; with them, the tests make the same
models anew (test_formats_onnx_live.py).
"""

import sys
from pathlib import Path

import numpy as np
import onnx

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent.parent))

from formats.foreign_models import SKLEARN, TORCH, by_sklearn, by_torch  # noqa: E402
from formats.onnx_driver import by_onnxruntime  # noqa: E402


def main():
    for name in TORCH:
        for dynamo in (False, True):
            keep(f"torch_{name}_{'dynamo' if dynamo else 'script'}", *by_torch(name, dynamo))
    for name in SKLEARN:
        keep(f"sklearn_{name}", *by_sklearn(name))


def keep(name, data, x, output):
    (HERE / f"{name}.onnx").write_bytes(bare(data))
    y = by_onnxruntime(data, x, output=output)
    np.savez(HERE / f"{name}.npz", x=x, y=np.asarray(y, dtype=np.float32))


def bare(data):
    """Without the exporter's notes on where each line of code stood on this machine."""
    model = onnx.load_model_from_string(data)
    graph = model.graph
    for item in (model, graph, *graph.node, *graph.input, *graph.output, *graph.value_info):
        del item.metadata_props[:]
        item.doc_string = ""
    for node in graph.node:
        for attribute in node.attribute:
            attribute.doc_string = ""
    del graph.value_info[:]
    return model.SerializeToString(deterministic=True)


if __name__ == "__main__":
    main()
