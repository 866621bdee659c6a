"""ONNX operators of classifiers that are no neural networks, where they compute what one layer does."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nnplay.formats.onnx_model import Node
from nnplay.formats.onnx_sums import rows_by_matrix
from nnplay.formats.onnx_symbols import Cut, Traced

if TYPE_CHECKING:
    from nnplay.formats.onnx_trace import Walker

__all__ = ["CLASSIFIERS"]

Handler = Callable[["Walker", Node, list[Any]], list[Traced | Cut]]


def _linear_classifier(walker: Walker, node: Node, given: list[Any]) -> list[Traced | Cut]:
    """A weighted sum per class, then sigmoid or softmax: the layer of a logistic regression."""
    labels = node.attributes.get("classlabels_strings") or node.attributes.get("classlabels_ints")
    labels = labels if isinstance(labels, tuple) else ()
    weights = np.asarray(node.attributes.get("coefficients", ()), dtype=np.float64)
    bias = np.asarray(node.attributes.get("intercepts", ()), dtype=np.float64)
    inputs = given[0].shape[-1] if given[0].shape else 0
    fits = weights.size == inputs * len(labels) > 0 and bias.size in (0, len(labels))
    if not fits or len(labels) < 2:
        raise node.refused(
            f"it has {weights.size} weights for {len(labels)} classes and {inputs} inputs; nnplay "
            "shows one sum per class. Convert the model again with a recent skl2onnx."
        )
    matrix = walker.constant(node, weights.reshape(len(labels), inputs))
    offsets = walker.constant(node, bias if bias.size else np.zeros(len(labels)))
    transform = node.text("post_transform", "NONE")
    if transform not in ("NONE", "LOGISTIC", "SOFTMAX"):
        raise node.refused(
            f"it ends with {transform}, which no neuron of nnplay does. It may end with NONE, "
            "LOGISTIC or SOFTMAX."
        )
    mirrored = len(labels) == 2 and (matrix[0] == -matrix[1]).all() and offsets[0] == -offsets[1]
    if transform == "LOGISTIC" and mirrored:  # of two classes, one sum and its opposite
        one = rows_by_matrix(walker, node, given[0], matrix[1:].T).plus(offsets[1:])
        p = walker.neurons.applied("sigmoid", one)
        places = np.zeros((*p.shape[:-1], 2), dtype=np.int64)
        scores = p.taken(places, p.batch).times(np.array([-1.0, 1.0])).plus(np.array([1.0, 0.0]))
    else:
        scores = rows_by_matrix(walker, node, given[0], matrix.T).plus(offsets)
        if transform != "NONE":
            name = "sigmoid" if transform == "LOGISTIC" else "softmax"
            scores = walker.neurons.applied(name, scores)
    label = Cut(scores, False, tuple(str(name) for name in labels))
    walker.trace.classes.append(label)
    return [label, scores]


def _normalizer(walker: Walker, node: Node, given: list[Any]) -> list[Traced | Cut]:
    """Does nothing to probabilities, whose sum is 1 already."""
    a: Traced = given[0]
    neurons = walker.neurons
    ids, scale, shift = a.ids.reshape(-1), a.scale.reshape(-1), a.shift.reshape(-1)
    is_pair = (
        ids.size == 2
        and ids[0] == ids[1]
        and neurons.is_all(ids, "sigmoid")
        and sorted(zip(scale.tolist(), shift.tolist(), strict=True)) == [(-1.0, 1.0), (1.0, 0.0)]
    )
    is_softmax = (
        a.is_plain
        and neurons.is_all(ids, "softmax")
        and np.unique(ids).size == ids.size
        and np.array_equal(np.sort(ids), neurons.made_with(int(ids[0])))
    )
    if node.text("norm", "MAX") != "L1" or not (is_pair or is_softmax):
        raise node.refused(
            "it divides each value by the sum of them all, which no neuron of nnplay does. Export "
            "the model without it, or with softmax (in scikit-learn: LogisticRegression without "
            "OneVsRestClassifier)."
        )
    return [a]


CLASSIFIERS: Final[dict[str, Handler]] = {
    "LinearClassifier": _linear_classifier,
    "Normalizer": _normalizer,
}
"""Operators by name: (walker, node, what it reads) to its results."""
