"""What the neurons of a document say, for pictures made without a session.

The window has an evaluator of its own that keeps maps fresh; here everything is computed once.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from nnplay.core.program import Program
from nnplay.data.catalogue import CATALOGUE
from nnplay.data.errors import DataError
from nnplay.data.preparation import PreparedData, prepare
from nnplay.document import Document

__all__ = ["probe_values", "response_maps"]

FloatArray = npt.NDArray[np.float64]
# Preparing a large imported table only to draw a thumbnail would keep people waiting.
MOST_NEURONS_WITH_MAPS = 2000


def _prepared(document: Document) -> PreparedData | None:
    try:
        return prepare(document.data, document.preparation, document.seed)
    except DataError:
        return None  # the window says why; a picture simply shows no data


def response_maps(document: Document, resolution: int) -> dict[int, npt.NDArray[np.float64]] | None:
    """Maps of all neurons by row, ``[resolution, resolution]`` with the highest y on top.

    None unless the data have exactly two numeric raw columns and fit the network's inputs.
    """
    network = document.network
    count = network.topology.neuron_count
    if not network.topology.input_ids or count > MOST_NEURONS_WITH_MAPS:
        return None
    info = CATALOGUE.get(document.data.source)
    if info is not None and len(info.raw_names) != 2:
        return None  # known without reading hundreds of rows
    prepared = _prepared(document)
    if prepared is None or len(prepared.raw_names) != 2 or not all(prepared.raw_numeric):
        return None
    (x0, x1), (y0, y1) = prepared.domain
    # Values at pixel centres.
    steps = (np.arange(resolution) + 0.5) / resolution
    grid_x, grid_y = np.meshgrid(x0 + (x1 - x0) * steps, y1 - (y1 - y0) * steps)
    raw = np.stack([grid_x.ravel(), grid_y.ravel()], axis=1)
    values = _evaluate(document, prepared, raw)
    if values is None:
        return None
    return {row: values[row].reshape(resolution, resolution) for row in range(count)}


def probe_values(document: Document) -> FloatArray | None:
    """Activations in row order for the probe kept in the document, None without one."""
    probe = document.view.get("probe")
    if not isinstance(probe, (list, tuple)) or not document.network.topology.input_ids:
        return None
    prepared = _prepared(document)
    if prepared is None or len(probe) != len(prepared.raw_names):
        return None
    try:
        raw = np.array([[float(value) for value in probe]])
    except (TypeError, ValueError):
        return None
    values = _evaluate(document, prepared, raw)
    return None if values is None else values[:, 0]


def _evaluate(document: Document, prepared: PreparedData, raw: FloatArray) -> FloatArray | None:
    """Activations of all neurons, ``float64[N, len(raw)]`` in row order."""
    try:
        inputs = prepared.input_matrix(document.network, raw)
    except DataError:
        return None
    program = Program(document.network, len(raw))
    program.set_parameters(document.network.theta)
    with np.errstate(all="ignore"):
        program.forward(inputs)
    return np.array(program.activations_compact(), dtype=np.float64)
