"""Walks through an ONNX graph and finds out which neuron each element is.

Operators that move elements are done on the elements' places; linear ones become weighted sums;
activations become neurons. Whatever is left is refused by name, with what to do about it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from nnplay.formats.errors import FormatError
from nnplay.formats.onnx_bends import BENDS
from nnplay.formats.onnx_classifiers import CLASSIFIERS
from nnplay.formats.onnx_model import WAY_OUT, Graph, GraphInput, Node, shown
from nnplay.formats.onnx_moves import MOVES
from nnplay.formats.onnx_run import FOLDABLE, apply
from nnplay.formats.onnx_sums import SUMS
from nnplay.formats.onnx_symbols import Cut, Neurons, Traced
from nnplay.formats.record import AnyArray

__all__ = ["OPERATORS", "Cut", "Trace", "Walker", "trace"]

FloatArray = npt.NDArray[np.float64]

MAX_INPUTS: Final = 200_000
MAX_ELEMENTS: Final = 20_000_000

WAYS_OUT: Final = {
    "Conv": "nnplay opens fully connected networks; convolutions share weights and stay outside.",
    "LSTM": "nnplay opens feed-forward networks; recurrent ones stay outside.",
    "GRU": "nnplay opens feed-forward networks; recurrent ones stay outside.",
    "RNN": "nnplay opens feed-forward networks; recurrent ones stay outside.",
    "LogSoftmax": "nnplay shows probabilities, not their logarithms. Export the model with Softmax, "
    "or without either, instead.",
    "LayerNormalization": "it depends on all neurons of a sample, which no neuron of nnplay does; "
    "train the model with BatchNorm or without normalisation.",
}
HANDLERS: Final = {**SUMS, **BENDS}
OPERATORS: Final = frozenset({*HANDLERS, *MOVES, *CLASSIFIERS})
"""Operators that are understood where they work on values of the network."""
TAILS: Final = frozenset({"ArgMax", "ZipMap", "ArrayFeatureExtractor", "LabelEncoder", "TopK"})
BEHIND_TAILS: Final = TAILS | {"Cast", "Reshape", "Identity", "Squeeze", "Unsqueeze", "Flatten"}


@dataclass
class Trace:
    """What was found.

    Attributes:
        neurons: the table.
        inputs: traced inputs by the graph's inputs, in order.
        results: what each of the graph's outputs is.
        folded, dropped, cut: names of nodes by operator, in order of appearance.
        remarks: sentences about what shows differently from what the file says.
        classes: scores of classes whose names the file says.
    """

    neurons: Neurons
    inputs: list[tuple[GraphInput, Traced]]
    results: list[tuple[str, Traced | Cut]] = field(default_factory=list)
    folded: dict[str, int] = field(default_factory=dict)
    dropped: dict[str, int] = field(default_factory=dict)
    cut: dict[str, int] = field(default_factory=dict)
    remarks: dict[str, None] = field(default_factory=dict)
    classes: list[Cut] = field(default_factory=list)


Value = AnyArray | Traced | Cut


def trace(graph: Graph) -> Trace:
    """Trace a graph from its inputs to its outputs; raises :class:`FormatError`."""
    return Walker(graph).walk()


class Walker:
    """Goes from node to node and knows what each value of the graph is."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.neurons = Neurons()
        self.samples = 1  # the number of samples a run that the file fixes
        self.trace = Trace(self.neurons, [])
        self._room = MAX_ELEMENTS

    # ------------------------------------------------------------------ walking
    def walk(self) -> Trace:
        """Trace everything; raises :class:`FormatError`."""
        for node in self.graph.nodes:
            if node.op in WAYS_OUT:  # nothing else that may be amiss is worth mending
                raise self._unknown(node)
        values: dict[str, Value] = dict(self.graph.constants)
        self._make_inputs(values)
        made_later = {name for node in self.graph.nodes for name in node.outputs}
        for number, node in enumerate(self.graph.nodes):
            self.neurons.maker = number
            given: list[Value | None] = []
            for name in node.inputs:
                if name and name not in values:
                    if name in made_later:
                        raise node.refused(
                            f"it reads “{shown(name)}” before that is computed. The graph runs in "
                            "a circle or is out of order; export the model again."
                        )
                    raise node.refused(
                        f"it reads “{shown(name)}”, which is not in the file. The model is "
                        "damaged; export it again."
                    )
                given.append(values[name] if name else None)
            results = self._step(node, given)
            for name, result in zip(node.outputs, results, strict=False):
                if name in values:
                    raise node.refused(f"its result “{shown(name)}” is there already.")
                values[name] = result
        for name in self.graph.outputs:
            found = values.get(name)
            if found is None:
                raise FormatError(
                    f"The output “{shown(name)}” is never computed. The model is damaged; export "
                    "it again."
                )
            if isinstance(found, Traced | Cut):
                self.trace.results.append((name, found))
        return self.trace

    def _make_inputs(self, values: dict[str, Value]) -> None:
        total = 0
        for given in self.graph.inputs:
            name = shown(given.name)
            if not given.is_float:
                raise FormatError(
                    f"The input “{name}” takes no decimal numbers. nnplay opens networks whose "
                    "inputs are float32 or float64."
                )
            shape = given.shape
            if shape is None or any(length is None for length in shape[1:]):
                raise FormatError(
                    f"The file does not say how many numbers the input “{name}” takes. Export the "
                    "model with a fixed number of features; only the first axis, that of the "
                    "samples, may be open."
                )
            lengths = tuple(int(length or 1) for length in shape)
            batch: int | None = 0
            if len(shape) == 0 or (len(shape) == 1 and shape[0] is not None):
                batch = None  # a single sample without an axis of samples
            if batch is not None:
                self.samples = lengths[0]
                lengths = (1, *lengths[1:])
            total += math.prod(lengths)
            if total > MAX_INPUTS:
                raise FormatError(
                    f"The model takes {min(total, 10**18):,} numbers; nnplay shows up to "
                    f"{MAX_INPUTS:,} inputs."
                )
            traced = self.neurons.inputs(lengths, batch)
            self.trace.inputs.append((given, traced))
            values[given.name] = traced
        if not self.trace.inputs:
            raise FormatError("The model takes no inputs, so it is no network.")

    def _step(self, node: Node, given: list[Value | None]) -> Sequence[Value]:
        if any(isinstance(value, Cut) for value in given) or node.op in TAILS:
            return self._tail(node, given)
        if not any(isinstance(value, Traced) for value in given):
            if node.op in FOLDABLE:
                results = apply(node, given, self.graph.opset, self._room)  # type: ignore[arg-type]
                self._room -= sum(array.size for array in results)
                return results
            if node.op not in OPERATORS:
                raise self._unknown(node)
            raise node.refused(
                "it works on constants only, which nnplay did not expect. Simplify the model "
                "(onnxsim), or export it again with constants folded."
            )
        if node.op == "Shape":
            return [self._shape(node, given[0])]
        if node.op not in OPERATORS:
            raise self._unknown(node)
        if (
            self.graph.opset < 7
            and node.op in ("Add", "Sub", "Mul", "Div")
            and ("axis" in node.attributes)
        ):
            raise node.refused("it spreads values in an old way. Export the model with opset 17.")
        made: Sequence[Traced | Cut]
        try:
            if node.op in MOVES:
                made = MOVES[node.op](self, node, given)
            elif node.op in CLASSIFIERS:
                made = CLASSIFIERS[node.op](self, node, given)
            else:
                made = [HANDLERS[node.op](self, node, given)]
        except FormatError:
            raise
        except (
            *(ValueError, IndexError, TypeError, AttributeError),
            *(ZeroDivisionError, OverflowError, StopIteration, RuntimeError),
        ):
            raise node.refused(
                "its values do not fit together. The model is damaged; export it again."
            ) from None
        self.spend(node, sum(item.ids.size for item in made if isinstance(item, Traced)))
        return made

    def spend(self, node: Node, count: int) -> None:
        """Count elements, so that no file can ask for more than there is room for."""
        self._room -= count
        if self._room < 0:
            raise node.refused("the model computes too many numbers for a network to show.")

    @staticmethod
    def _unknown(node: Node) -> FormatError:
        return node.refused(WAYS_OUT.get(node.op, WAY_OUT))

    def _tail(self, node: Node, given: list[Value | None]) -> list[Value]:
        first = given[0] if given else None
        origin = next((v for v in given if isinstance(v, Cut | Traced)), None)
        if node.op not in BEHIND_TAILS or origin is None:
            raise node.refused(
                "it computes with predicted labels. Export the network without what follows it."
            )
        self.trace.cut[node.op] = self.trace.cut.get(node.op, 0) + 1
        traced = origin.origin if isinstance(origin, Cut) else origin
        names: tuple[str, ...] = ()
        if node.op == "ZipMap":
            labels = node.attributes.get("classlabels_strings") or node.attributes.get(
                "classlabels_int64s"
            )
            if isinstance(labels, tuple) and len(labels) == traced.ids.size:
                names = tuple(str(label) for label in labels)
        is_map = node.op == "ZipMap" and isinstance(first, Traced)
        return [Cut(traced, is_map, names)] * max(1, len(node.outputs))

    def _shape(self, node: Node, value: Any) -> AnyArray:
        shape = list(value.shape)
        if value.batch is not None:
            shape[value.batch] = self.samples
        start, end = node.whole("start", 0), node.whole("end", len(shape))
        return np.array(shape[start:end], dtype=np.int64)

    # ------------------------------------------------------------------ constants and shapes
    def constant(self, node: Node, value: object, traced: Traced | None = None) -> FloatArray:
        """A constant as float64; its axis of samples, if it has one, must not tell them apart."""
        if not isinstance(value, np.ndarray) or value.dtype.kind not in "fiub":
            raise node.refused(
                "it combines two computed values in a way no neuron of nnplay does. "
                "Only fixed weights can be multiplied."
            )
        array = value.astype(np.float64)
        if not np.isfinite(array).all():
            raise node.refused("it reads a constant that is not finite. Export the model again.")
        if traced is not None and traced.batch is not None:
            axis = array.ndim - (len(traced.shape) - traced.batch)
            if axis >= 0 and array.shape[axis] != 1:
                rows = np.take(array, [0], axis=axis)
                if array.shape[axis] != self.samples or not (array == rows).all():
                    raise node.refused("it treats samples differently. Export the model again.")
                array = rows
        return array

    def pair(self, node: Node, a: Traced, b: Traced) -> tuple[Traced, Traced]:
        """Two tensors with the same shape and the same axis of samples."""
        shape = np.broadcast_shapes(a.shape, b.shape)
        self.spend(node, math.prod(shape))
        wide_a, wide_b = a.wide(shape), b.wide(shape)
        if wide_a.batch != wide_b.batch:
            raise node.refused("it mixes samples with features. Export the model again.")
        return wide_a, wide_b

    def over(self, node: Node, a: Traced, value: object) -> tuple[Traced, FloatArray]:
        """A tensor and a constant with the same shape."""
        array = self.constant(node, value, a)
        shape = np.broadcast_shapes(a.shape, array.shape)
        self.spend(node, math.prod(shape))
        return a.wide(shape), np.broadcast_to(array, shape)

    def note_folded(self, node: Node) -> None:
        """Remember for the report that a node became part of weights."""
        self.trace.folded[node.op] = self.trace.folded.get(node.op, 0) + 1

    def total(self, node: Node, parts: Sequence[Traced]) -> Traced:
        """The sum of tensors of one shape, sums among them opened up."""
        size = parts[0].ids.size
        terms = [
            self.neurons.terms(p.ids.reshape(-1), p.scale.reshape(-1), p.shift.reshape(-1))
            for p in parts
        ]
        bias = np.sum([term[3] for term in terms], axis=0)
        return self.neurons.sums(
            parts[0].shape,
            parts[0].batch,
            np.concatenate([term[0] for term in terms]),
            np.concatenate([term[1] for term in terms]),
            np.concatenate([term[2] for term in terms]),
            bias.reshape(size),
        )
