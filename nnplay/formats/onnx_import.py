"""ONNX models as documents: traced element by element, or taken whole from nnplay's own metadata.

The metadata of nnplay's exports hold the network without loss. They are believed only if the graph
computes the same; after a change by another program the graph wins.
"""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any, Final

import numpy as np

from nnplay.core.config import TrainingState
from nnplay.core.history import History
from nnplay.core.program import Program
from nnplay.document import Document
from nnplay.formats import nnplay_json, nnplay_zip, strict_json
from nnplay.formats.bare_network import document_around
from nnplay.formats.errors import FormatError
from nnplay.formats.onnx_export import ARCHIVE_KEY, GRAPH_KEY, NETWORK_KEY
from nnplay.formats.onnx_model import Beside, Graph, parse
from nnplay.formats.onnx_network import image_shape, network_of, report
from nnplay.formats.onnx_run import run
from nnplay.formats.onnx_trace import trace

__all__ = ["from_bytes", "read"]

PROBES: Final = 16
TOLERANCE: Final = 1e-5


def from_bytes(data: bytes, beside: Beside | None = None) -> Document:
    """A document from an ONNX file; see :func:`read`."""
    return read(data, beside)[0]


def read(data: bytes, beside: Beside | None = None) -> tuple[Document, tuple[str, ...]]:
    """A document from an ONNX file, and sentences about how it was understood.

    Args:
        data: the file.
        beside: reads a file in the same folder, for weights that lie outside.

    Raises:
        FormatError: it is no sound model, or no fully connected network; the message names the
            operation that is in the way.
    """
    graph = parse(data, beside)
    notes: list[str] = []
    if NETWORK_KEY in graph.metadata or ARCHIVE_KEY in graph.metadata:
        own, problem = _own(graph)
        if own is not None:
            return own, ("The network was stored in the file without loss, and its graph agrees.",)
        notes.append(problem)
    found = trace(graph)
    network, remarks = network_of(graph, found)
    document = document_around(network)
    shape = image_shape(found.inputs)
    if shape is not None:
        document = replace(document, view={**document.view, "input_shape": list(shape)})
    return document, (*notes, *report(graph, found, network), *remarks)


def _own(graph: Graph) -> tuple[Document | None, str]:
    """The document in the metadata if the graph computes the same, else why it does not count."""
    try:
        base = _stored(graph)
        about: Any = strict_json.parse(graph.metadata.get(GRAPH_KEY, "{}").encode())
        network = base.network
        first, last, kind = (
            about.get(key, default) if isinstance(about, dict) else default
            for key, default in (("input", "x"), ("output", "y"), ("dtype", "float32"))
        )
        if not (isinstance(first, str) and isinstance(last, str)):
            raise FormatError("The description of the graph is broken.")
        count = len(network.topology.input_ids)
        probes = np.random.default_rng(0).normal(size=(PROBES, count))
        if graph.inputs and graph.inputs[0].shape and graph.inputs[0].shape[0] is not None:
            probes = probes[:1]
        # What was rounded in the file is rounded here, so that the graph must agree exactly.
        if kind == "float32":
            with np.errstate(over="ignore"):
                network = network.with_theta(network.theta.astype(np.float32))
        made = run(graph, {first: probes}, last)
        expected = np.array(Program(network, len(probes)).forward(probes))
        if made.shape != expected.shape or not _agree(made, expected):
            return None, (
                "The graph was changed after nnplay wrote it, so the network was read from the "
                "graph; labels and settings are not in it."
            )
    except (FormatError, UnicodeEncodeError) as error:
        reason = error.reason if isinstance(error, FormatError) else "broken text."
        return None, f"The network that nnplay stored in the file does not count: {reason}"
    return (
        replace(base, initial=base.network.theta, state=TrainingState(), history=History()),
        "",
    )


def _stored(graph: Graph) -> Document:
    if ARCHIVE_KEY not in graph.metadata:
        return nnplay_json.from_value(strict_json.parse(graph.metadata[NETWORK_KEY].encode()))
    try:
        packed = base64.b64decode(graph.metadata[ARCHIVE_KEY], validate=True)
    except ValueError:
        raise FormatError("It is no base64 text.") from None
    return nnplay_zip.from_bytes(packed)


def _agree(made: Any, expected: Any) -> bool:
    both = np.isfinite(expected)
    if (np.isfinite(made) != both).any():
        return False
    size = np.abs(np.where(both, expected, 0.0)).max(initial=1.0)
    return bool((np.abs(np.where(both, made - expected, 0.0)) <= TOLERANCE * size).all())
