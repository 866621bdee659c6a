"""Weights and biases of what an edit adds to a document."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from nnplay.core.initializers import draw_weights, initial_bias
from nnplay.core.layer_edits import WeightsOf
from nnplay.document import Document

__all__ = ["new_bias", "new_weights"]

IntArray = npt.NDArray[np.int64]


def new_weights(document: Document) -> WeightsOf:
    """Draws weights of new connections from seed and neuron ids; they are never 0.

    A connection with weight 0 would be invisible, and neurons that start alike stay alike.
    """

    def drawn(document: Document, sources: IntArray, targets: IntArray) -> npt.NDArray[np.float64]:
        training = document.training
        return draw_weights(
            document.network,
            sources,
            targets,
            training.initializer,
            document.seed,
            document.draw,
            value=training.initial_value,
        )

    def weights(sources: IntArray, targets: IntArray) -> npt.NDArray[np.float64]:
        usual = drawn(document, sources, targets)
        none = usual == 0.0
        if none.any():
            spare = replace(document, training=replace(document.training, initializer="uniform"))
            usual[none] = drawn(spare, sources[none], targets[none])
        return usual

    return weights


def new_bias(document: Document) -> float:
    """The bias of a new neuron."""
    return initial_bias(document.training.initializer)
