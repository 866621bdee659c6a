"""The ONNX format: writing, reading, and the proof by onnx's checker and onnxruntime."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from nnplay.document import Document
from nnplay.formats.errors import FormatError
from nnplay.formats.groups import plan_of
from nnplay.formats.onnx_export import DEFAULT_OPSET, to_bytes
from nnplay.formats.onnx_import import from_bytes, read
from nnplay.formats.onnx_model import parse
from nnplay.formats.onnx_run import run
from nnplay.formats.proving import deviation_of, includes_preparation, trial_of

if TYPE_CHECKING:
    import threading

    from nnplay.formats.verification import Proof

__all__ = ["from_bytes", "prove", "read", "to_bytes"]

TOLERANCE: Final = 1e-5
SINGLE_ROWS: Final = 4


def prove(
    document: Document,
    data: bytes,
    *,
    stop: threading.Event | None = None,
    dtype: str = "float32",
    opset: int = DEFAULT_OPSET,
    batch: int | None = None,
    include_preparation: bool | None = None,
) -> Proof:
    """Check a written model: by onnx's checker, by reading it back, and by running it.

    It is run by nnplay's own evaluator in 64 bits and, where it is installed, by onnxruntime as
    its users will: 64 samples at once, and one by one.

    Raises:
        FormatError: the model is not sound, or does not give the network or its outputs back.
    """
    import onnx

    from nnplay.formats.verification import Proof

    try:
        onnx.checker.check_model(onnx.load_model_from_string(data), full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        first = str(error).strip().splitlines()[0]
        raise FormatError(f"The model does not pass onnx's own check ({first[:200]}).") from None
    if not from_bytes(data).network.same_as(document.network):
        raise FormatError("The export does not read back as the same network.")
    if stop is not None and stop.is_set():
        raise FormatError("The export was given up.")
    plan = plan_of(document)
    trial = trial_of(plan, includes_preparation(plan, include_preparation), dtype)
    graph = parse(data)
    found = _in_parts(lambda rows: run(graph, {"x": rows}, "y"), trial.inputs, batch)
    own = deviation_of(trial, found, TOLERANCE, "nnplay's own evaluator")
    if importlib.util.find_spec("onnxruntime") is None:
        return Proof(
            "nnplay's own evaluator",
            own,
            "onnxruntime is not installed here, so it was not asked.",
        )
    judge, outputs = _by_onnxruntime(data, trial.inputs.astype(dtype), batch)
    return Proof(judge, deviation_of(trial, outputs, TOLERANCE, judge))


def _in_parts(model: Any, inputs: npt.NDArray[Any], batch: int | None) -> npt.NDArray[np.float64]:
    """Outputs for all rows by a model that takes any or a fixed number of rows."""
    if batch is None:
        return np.asarray(model(inputs), dtype=np.float64)
    count = len(inputs)
    filled = np.resize(inputs, (-(-count // batch) * batch, inputs.shape[1]))
    parts = [model(filled[i : i + batch]) for i in range(0, len(filled), batch)]
    return np.concatenate(parts)[:count].astype(np.float64)


def _by_onnxruntime(
    data: bytes, inputs: npt.NDArray[Any], batch: int | None
) -> tuple[str, npt.NDArray[np.float64]]:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    judge = f"onnxruntime {onnxruntime.__version__}"
    try:
        session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])

        def model(rows: npt.NDArray[Any]) -> npt.NDArray[Any]:
            result: npt.NDArray[Any] = session.run(["y"], {"x": rows})[0]
            return result

        together = _in_parts(model, inputs, batch)
        single = together if batch is not None else np.array(together)
        if batch is None:  # one sample at a time must give the same, too
            for i in range(SINGLE_ROWS):
                single[i] = model(inputs[i : i + 1])[0]
    except Exception as error:
        # Its exceptions share no base class of their own.
        first = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise FormatError(f"onnxruntime cannot run the model ({first[:200]}).") from None
    return judge, single
