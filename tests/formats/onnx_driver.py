"""Judges for ONNX files: onnxruntime where it is installed, and networks cut down to what counts."""

import importlib.util

import numpy as np
import onnx

from nnplay.core.program import Program
from nnplay.formats import registry

HAS_RUNTIME = importlib.util.find_spec("onnxruntime") is not None


def by_onnxruntime(data, *inputs, output=None):
    """The first output (or a named one), for inputs in the model's order."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    names = [given.name for given in session.get_inputs()]
    wanted = [output] if output else None
    result = session.run(wanted, dict(zip(names, inputs, strict=True)))[0]
    if isinstance(result, list):  # a ZipMap: probabilities by name
        result = np.array([list(row.values()) for row in result], dtype=np.float32)
    return result


def by_nnplay(network, x):
    x = np.asarray(x, dtype=np.float64).reshape(len(x), -1)
    return np.array(Program(network, len(x)).forward(x))


def relative(found, expected):
    """Largest difference, relative to the largest output if that is more than 1."""
    found, expected = np.asarray(found), np.asarray(expected)
    assert found.shape == expected.shape
    return float(np.abs(found - expected).max(initial=0.0) / np.abs(expected).max(initial=1.0))


def without_metadata(data):
    """The same model as any other program might have written it."""
    model = onnx.load_model_from_string(data)
    del model.metadata_props[:]
    return model.SerializeToString()


def opened(data, **options):
    """(network, notes) of an ONNX file."""
    document, notes = registry.read_with_notes(data, "model.onnx", **options)
    return document.network, notes


def in_use(network):
    """What outputs depend on: sorted activations, and sorted (source's, target's activation, weight).

    Connections and biases of weight 0 say nothing; inputs stay whether used or not.
    """
    topology = network.topology
    rows = topology.edge_rows
    alive = network.enabled[: len(rows)] & (network.theta[: len(rows)] != 0)
    alive &= network.neuron_enabled[rows].all(axis=1)
    needed = topology.kinds == 2
    while True:
        more = needed.copy()
        more[rows[alive & needed[rows[:, 1]], 0]] = True
        if (more == needed).all():
            break
        needed = more
    names = sorted(
        network.activations[row] for row in np.flatnonzero(needed & (topology.kinds != 0))
    )
    used = np.flatnonzero(alive & needed[rows[:, 1]])
    edges = sorted(
        (network.activations[a], network.activations[b], float(np.float32(w)))
        for (a, b), w in zip(rows[used].tolist(), network.theta[used].tolist(), strict=True)
    )
    return names, edges
