"""Walks through an ONNX graph and finds out which neuron each element is.

Operators that move elements are done on the elements' places; linear ones become weighted sums;
activations become neurons. Whatever is left is refused by name, with what to do about it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from nnplay.formats import onnx_patterns as patterns
from nnplay.formats.errors import FormatError
from nnplay.formats.onnx_model import Graph, GraphInput, Node, shown
from nnplay.formats.onnx_run import FOLDABLE, apply, axes_of
from nnplay.formats.onnx_symbols import MAX_CONNECTIONS, Neurons, Traced, nearly, snapped
from nnplay.formats.record import AnyArray

__all__ = ["OPERATORS", "Cut", "Trace", "trace"]

FloatArray = npt.NDArray[np.float64]

MAX_INPUTS: Final = 200_000
MAX_ELEMENTS: Final = 20_000_000
BOUNDLESS: Final = 1e30
"""Limits of a Clip from here on are none."""

WAYS_OUT: Final = {
    "Conv": "nnplay opens fully connected networks; convolutions share weights and stay outside.",
    "LSTM": "nnplay opens feed-forward networks; recurrent ones stay outside.",
    "GRU": "nnplay opens feed-forward networks; recurrent ones stay outside.",
    "RNN": "nnplay opens feed-forward networks; recurrent ones stay outside.",
    "LogSoftmax": "export the model with Softmax, or without either, instead.",
    "LayerNormalization": "it depends on all neurons of a sample, which no neuron of nnplay does; "
    "train the model with BatchNorm or without normalisation.",
    "HardSwish": "nnplay has no such activation; SiLU (swish) is its smooth twin.",
    "LinearClassifier": "export the classifier of scikit-learn as an MLPClassifier instead.",
}
WAY_OUT: Final = (
    "nnplay opens fully connected networks: Gemm or MatMul, activations, and what only moves or "
    "scales numbers. Export the part of the model that is one."
)
TAILS: Final = frozenset({"ArgMax", "ZipMap", "ArrayFeatureExtractor", "LabelEncoder", "TopK"})
BEHIND_TAILS: Final = TAILS | {"Cast", "Reshape", "Identity", "Squeeze", "Unsqueeze", "Flatten"}


@dataclass(frozen=True, eq=False)
class Cut:
    """What a tail makes of the network's outputs: a label, or probabilities by name."""

    origin: Traced
    is_map: bool
    names: tuple[str, ...] = ()


@dataclass
class Trace:
    """What was found.

    Attributes:
        neurons: the table.
        inputs: traced inputs by the graph's inputs, in order.
        results: what each of the graph's outputs is.
        folded, dropped, cut: names of nodes by operator, in order of appearance.
        remarks: sentences about what shows differently from what the file says.
    """

    neurons: Neurons
    inputs: list[tuple[GraphInput, Traced]]
    results: list[tuple[str, Traced | Cut]] = field(default_factory=list)
    folded: dict[str, int] = field(default_factory=dict)
    dropped: dict[str, int] = field(default_factory=dict)
    cut: dict[str, int] = field(default_factory=dict)
    remarks: dict[str, None] = field(default_factory=dict)


Value = AnyArray | Traced | Cut
Handler = Callable[["_Walker", Node, list[Any]], Traced]


def trace(graph: Graph) -> Trace:
    """Trace a graph from its inputs to its outputs; raises :class:`FormatError`."""
    return _Walker(graph).walk()


class _Walker:
    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.neurons = Neurons()
        self.samples = 1  # the number of samples a run that the file fixes
        self.trace = Trace(self.neurons, [])
        self._room = MAX_ELEMENTS

    # ------------------------------------------------------------------ walking
    def walk(self) -> Trace:
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
            if node.op not in _HANDLERS and node.op not in _MOVES:
                raise self._unknown(node)
            raise node.refused(
                "it works on constants only, which nnplay did not expect. Simplify the model "
                "(onnxsim), or export it again with constants folded."
            )
        if node.op == "Shape":
            return [self._shape(node, given[0])]
        if node.op not in _MOVES and node.op not in _HANDLERS:
            raise self._unknown(node)
        if (
            self.graph.opset < 7
            and node.op in ("Add", "Sub", "Mul", "Div")
            and ("axis" in node.attributes)
        ):
            raise node.refused("it spreads values in an old way. Export the model with opset 17.")
        made: Sequence[Traced]
        try:
            if node.op in _MOVES:
                made = _MOVES[node.op](self, node, given)
            else:
                made = [_HANDLERS[node.op](self, node, given)]
        except FormatError:
            raise
        except (
            *(ValueError, IndexError, TypeError, AttributeError),
            *(ZeroDivisionError, OverflowError, StopIteration, RuntimeError),
        ):
            raise node.refused(
                "its values do not fit together. The model is damaged; export it again."
            ) from None
        self.spend(node, sum(item.ids.size for item in made))
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


# ---------------------------------------------------------------------- moving elements
def _moved(walker: _Walker, node: Node, a: Traced, others: list[Any]) -> list[AnyArray]:
    places = np.arange(a.ids.size).reshape(a.shape)
    return apply(node, [places, *others], walker.graph.opset)


def _same(walker: _Walker, node: Node, given: list[Any]) -> list[Traced]:
    return [given[0]] * max(1, len(node.outputs))


def _dropout(walker: _Walker, node: Node, given: list[Any]) -> list[Traced]:
    mode = given[2] if len(given) > 2 else None
    if isinstance(mode, Traced) or (mode is not None and bool(np.any(mode))):
        raise node.refused("it is in training mode. Export the model after model.eval().")
    walker.trace.dropped[node.op] = walker.trace.dropped.get(node.op, 0) + 1
    return [given[0]]  # its mask is of no use to a network


def _cast(walker: _Walker, node: Node, given: list[Any]) -> list[Traced]:
    a = given[0]
    is_step = walker.neurons.is_all(a.ids, "step") and a.is_plain
    if node.whole("to", 1) not in (1, 10, 11, 16) and not is_step:
        raise node.refused("it rounds computed values to whole numbers. " + WAY_OUT)
    return [a]


def _reshape(walker: _Walker, node: Node, given: list[Any]) -> list[Traced]:
    a = given[0]
    shape = node.wholes("shape") if len(given) < 2 else given[1]
    if shape is None or isinstance(shape, Traced):
        raise node.refused("its shape is not fixed. Export the model with fixed shapes.")
    wanted = [int(n) for n in np.asarray(shape).reshape(-1)]
    batch = None
    if a.batch is not None:
        if a.batch != 0:
            raise node.refused("it mixes samples with features. Export the model again.")
        if wanted and wanted[0] == walker.samples:
            wanted[0] = 1
        batch = 0
    places = np.arange(a.ids.size).reshape(a.shape)
    plain = Node("Reshape", node.name, node.inputs, node.outputs, {
        "allowzero": node.attributes.get("allowzero", 0)
    })  # fmt: skip
    moved = apply(plain, [places, np.array(wanted, dtype=np.int64)], walker.graph.opset)[0]
    if batch == 0 and (not moved.ndim or moved.shape[0] != 1):
        raise node.refused(
            "it puts features where the samples were. Export the model so that the first axis "
            "stays that of the samples."
        )
    return [a.taken(moved, batch)]


def _flatten(walker: _Walker, node: Node, given: list[Any]) -> list[Traced]:
    a = given[0]
    axis = node.whole("axis", 1)
    if a.batch is not None and (a.batch != 0 or axis % max(1, len(a.shape)) == 0):
        raise node.refused("it mixes samples with features. Export it with axis 1.")
    return [a.taken(_moved(walker, node, a, [])[0], a.batch)]


def _squeeze(walker: _Walker, node: Node, given: list[Any]) -> list[Traced]:
    a = given[0]
    axes = axes_of(node, given, len(a.shape))
    if axes is None:
        axes = tuple(i for i, length in enumerate(a.shape) if length == 1 and i != a.batch)
    batch = a.batch
    if batch is not None:
        if batch in axes:
            if walker.samples != 1:
                raise node.refused("it takes the axis of the samples away.")
            batch = None
        else:
            batch -= sum(axis < batch for axis in axes)
    places = np.arange(a.ids.size).reshape(a.shape)
    if any(a.shape[axis] != 1 for axis in axes):
        raise node.refused("it takes an axis away that holds more than one number.")
    return [a.taken(np.squeeze(places, tuple(set(axes))), batch)]


def _unsqueeze(walker: _Walker, node: Node, given: list[Any]) -> list[Traced]:
    a = given[0]
    moved = _moved(walker, node, a, given[1:])[0]
    axes = axes_of(node, given, moved.ndim) or ()
    kept = [i for i in range(moved.ndim) if i not in axes]
    return [a.taken(moved, None if a.batch is None else kept[a.batch])]


def _transpose(walker: _Walker, node: Node, given: list[Any]) -> list[Traced]:
    a = given[0]
    moved = _moved(walker, node, a, [])[0]
    perm = node.wholes("perm") or tuple(reversed(range(len(a.shape))))
    batch = None if a.batch is None else [p % len(a.shape) for p in perm].index(a.batch)
    return [a.taken(moved, batch)]


def _along_features(node: Node, a: Traced, axis: int) -> int:
    rank = len(a.shape)
    if not -rank <= axis < rank:
        raise node.refused(f"its axis {axis} does not exist. The model is damaged.")
    if axis % rank == a.batch:
        raise node.refused(
            "it works along the samples instead of the features. Export the model so that each "
            "sample is computed by itself."
        )
    return axis % rank


def _concat(walker: _Walker, node: Node, given: list[Any]) -> list[Traced]:
    first = next(value for value in given if isinstance(value, Traced))
    axis = _along_features(node, first, node.whole("axis", 1))
    parts = []
    for value in given:
        if isinstance(value, Traced):
            if value.batch != first.batch or len(value.shape) != len(first.shape):
                raise node.refused("its parts do not fit together. Export the model again.")
            parts.append(value)
            continue
        array = walker.constant(node, value, first)
        nobody = np.full(array.shape, -1, dtype=np.int64)
        parts.append(Traced(nobody, np.zeros(array.shape), array, first.batch))
    walker.spend(node, sum(part.ids.size for part in parts))
    try:
        return [
            Traced(
                np.concatenate([part.ids for part in parts], axis=axis),
                np.concatenate([part.scale for part in parts], axis=axis),
                np.concatenate([part.shift for part in parts], axis=axis),
                first.batch,
            )
        ]
    except ValueError:
        raise node.refused("its parts do not fit together. Export the model again.") from None


def _gather(walker: _Walker, node: Node, given: list[Any]) -> list[Traced]:
    a, index = given
    if not isinstance(a, Traced) or not isinstance(index, np.ndarray):
        raise node.refused("it chooses by a computed index. " + WAY_OUT)
    axis = _along_features(node, a, node.whole("axis", 0))
    walker.spend(node, a.ids.size // max(1, a.shape[axis]) * index.size)
    moved = _moved(walker, node, a, [index])[0]
    batch = a.batch
    if batch is not None and batch > axis:
        batch += index.ndim - 1
    return [a.taken(moved, batch)]


def _cut_axes(walker: _Walker, node: Node, given: list[Any]) -> list[Traced]:
    """Slice and Split."""
    a = given[0]
    if any(isinstance(value, Traced) for value in given[1:]):
        raise node.refused("it is cut at computed places. " + WAY_OUT)
    if node.op == "Split":
        _along_features(node, a, node.whole("axis", 0))
    moved = _moved(walker, node, a, given[1:])
    if a.batch is not None and any(part.shape[a.batch] != 1 for part in moved):
        raise node.refused("it works along the samples instead of the features.")
    return [a.taken(part, a.batch) for part in moved]


_MOVES: Final[dict[str, Callable[[_Walker, Node, list[Any]], Sequence[Traced]]]] = {
    "Identity": _same,
    "Dropout": _dropout,
    "Cast": _cast,
    "Reshape": _reshape,
    "Flatten": _flatten,
    "Squeeze": _squeeze,
    "Unsqueeze": _unsqueeze,
    "Transpose": _transpose,
    "Concat": _concat,
    "Gather": _gather,
    "Slice": _cut_axes,
    "Split": _cut_axes,
}


# ---------------------------------------------------------------------- weighted sums
def _rows_by_matrix(walker: _Walker, node: Node, a: Traced, matrix: FloatArray) -> Traced:
    """``a[…, K] · matrix[K, M]``."""
    inner, outer = matrix.shape
    if not a.shape or a.shape[-1] != inner or a.batch == len(a.shape) - 1:
        raise node.refused(
            f"its matrix {inner} × {outer} does not fit the values it is given. The model is "
            "damaged; export it again."
        )
    lead = a.shape[:-1]
    count = math.prod(lead)
    walker.spend(node, count * max(inner, outer))
    if count * (int(np.count_nonzero(matrix)) or matrix.size) > MAX_CONNECTIONS:
        raise node.refused(
            f"it has more than {MAX_CONNECTIONS:,} connections, more than nnplay can show. Choose "
            "a smaller network."
        )
    ids, scale = a.ids.reshape(count, inner), a.scale.reshape(count, inner)
    bias = a.shift.reshape(count, inner).dot(matrix).reshape(-1)
    filled = matrix.T != 0.0
    if filled.any() and not filled.all():
        walker.neurons.dropped_zeros += count * int(filled.size - filled.sum())
        rows, columns = np.nonzero(filled)
    else:
        rows, columns = np.divmod(np.arange(outer * inner), max(1, inner))
    weights = matrix[columns, rows]
    targets = (np.arange(count)[:, None] * outer + rows).reshape(-1)
    return walker.neurons.sums(
        (*lead, outer),
        a.batch,
        targets,
        ids[:, columns].reshape(-1),
        (scale[:, columns] * weights).reshape(-1),
        bias,
    )


def _swapped(a: Traced) -> Traced:
    last = len(a.shape) - 1
    batch = {last: last - 1, last - 1: last}.get(a.batch, a.batch) if a.batch is not None else None
    return Traced(a.ids.swapaxes(-1, -2), a.scale.swapaxes(-1, -2), a.shift.swapaxes(-1, -2), batch)


def _matmul(walker: _Walker, node: Node, given: list[Any]) -> Traced:
    a, b = given
    if isinstance(a, Traced):
        matrix = walker.constant(node, b)
        if matrix.ndim == 1:
            column = _rows_by_matrix(walker, node, a, matrix[:, None])
            return column.taken(np.arange(column.ids.size).reshape(column.shape[:-1]), a.batch)
        if matrix.ndim != 2:
            raise node.refused("it multiplies a stack of matrices. " + WAY_OUT)
        return _rows_by_matrix(walker, node, a, matrix)
    matrix = walker.constant(node, a)
    if matrix.ndim != 2:
        raise node.refused("it multiplies in an order no layer does. " + WAY_OUT)
    if len(b.shape) == 1:
        return _rows_by_matrix(walker, node, b, matrix.T)
    return _swapped(_rows_by_matrix(walker, node, _swapped(b), matrix.T))


def _gemm(walker: _Walker, node: Node, given: list[Any]) -> Traced:
    a, b = given[0], given[1]
    alpha, beta = node.number("alpha", 1.0), node.number("beta", 1.0)
    if isinstance(a, Traced):
        a = _swapped(a) if node.whole("transA", 0) else a
        matrix = walker.constant(node, b)
        if matrix.ndim != 2 or len(a.shape) != 2:
            raise node.refused("it does not multiply matrices. The model is damaged.")
        made = _rows_by_matrix(
            walker, node, a, alpha * (matrix.T if node.whole("transB", 0) else matrix)
        )
    elif isinstance(b, Traced):
        b = _swapped(b) if node.whole("transB", 0) else b
        matrix = alpha * walker.constant(node, a)
        if matrix.ndim != 2 or len(b.shape) != 2:
            raise node.refused("it does not multiply matrices. The model is damaged.")
        matrix = matrix.T if node.whole("transA", 0) else matrix
        made = _swapped(_rows_by_matrix(walker, node, _swapped(b), matrix.T))
    else:
        raise node.refused("it has no weights. " + WAY_OUT)
    if len(given) > 2 and given[2] is not None and beta:
        if isinstance(given[2], Traced):
            return walker.total(node, walker.pair(node, made, given[2].times(beta)))
        wide, bias = walker.over(node, made, given[2])
        return wide.plus(beta * bias)
    return made


def _add(walker: _Walker, node: Node, given: list[Any]) -> Traced:
    result: Any = given[0]
    for other in given[1:]:
        result = _add_two(walker, node, result, other)
    traced: Traced = result
    return traced


def _add_two(walker: _Walker, node: Node, a: Any, b: Any) -> Any:
    if not isinstance(a, Traced) and not isinstance(b, Traced):
        return walker.constant(node, a) + walker.constant(node, b)
    if not isinstance(a, Traced):
        a, b = b, a
    if not isinstance(b, Traced):
        wide, array = walker.over(node, a, b)
        return wide.plus(array)
    a, b = walker.pair(node, a, b)
    if (a.ids == b.ids).all():
        return Traced(a.ids, a.scale + b.scale, a.shift + b.shift, a.batch)
    found = patterns.combined_sum(walker.neurons, a, b)
    return found or walker.total(node, (a, b))


def _sub(walker: _Walker, node: Node, given: list[Any]) -> Traced:
    a, b = given
    negative = b.times(-1.0) if isinstance(b, Traced) else -walker.constant(node, b)
    return _add(walker, node, [a, negative])


def _mul(walker: _Walker, node: Node, given: list[Any]) -> Traced:
    a, b = given
    if not isinstance(a, Traced):
        a, b = b, a
    if not isinstance(b, Traced):
        wide, array = walker.over(node, a, b)
        return wide.times(array)
    a, b = walker.pair(node, a, b)
    found = patterns.product(walker.neurons, a, b)
    if found is None:
        raise node.refused(
            "it multiplies two computed values in a way no neuron of nnplay does. " + WAY_OUT
        )
    return found


def _div(walker: _Walker, node: Node, given: list[Any]) -> Traced:
    a, b = given
    if isinstance(b, Traced):
        if isinstance(a, Traced):
            a, b = walker.pair(node, a, b)
            found = patterns.combined_quotient(walker.neurons, a, b)
        else:
            wide, array = walker.over(node, b, a)
            found = patterns.inverse(walker.neurons, wide)
            found = None if found is None else found.times(array)
        if found is None:
            raise node.refused("it divides by computed values. " + WAY_OUT)
        return found
    wide, array = walker.over(node, a, b)
    if not array.all():
        raise node.refused("it divides by 0. Export the model again.")
    return Traced(wide.ids, wide.scale / array, wide.shift / array, wide.batch)


def _reciprocal(walker: _Walker, node: Node, given: list[Any]) -> Traced:
    return _div(walker, node, [np.ones(()), given[0]])


def _mean(walker: _Walker, node: Node, given: list[Any]) -> Traced:
    return _add(walker, node, given).times(1.0 / len(given))


def _pow(walker: _Walker, node: Node, given: list[Any]) -> Traced:
    a, b = given
    if isinstance(a, Traced):
        wide, power = walker.over(node, a, b)
        if (power == 1.0).all():
            return wide
        if (power == 2.0).all():
            return walker.neurons.applied("square", wide)
        if (power == 3.0).all():
            return walker.neurons.applied("cube", wide)
    raise node.refused("nnplay knows squares, but no other powers of computed values.")


def _reduce(walker: _Walker, node: Node, given: list[Any]) -> Traced:
    a = given[0]
    axes = axes_of(node, given, len(a.shape))
    if axes is None or (a.batch is not None and a.batch in axes):
        raise node.refused("it adds up samples instead of features.")
    keep = bool(node.whole("keepdims", 1))
    shape = tuple(1 if i in axes else n for i, n in enumerate(a.shape))
    places = np.broadcast_to(np.arange(math.prod(shape)).reshape(shape), a.shape).reshape(-1)
    count = math.prod(shape)
    factor = 1.0 if node.op == "ReduceSum" else count / max(1, a.ids.size)
    bias = np.bincount(places, a.shift.reshape(-1) * factor, count).astype(np.float64)
    order = np.argsort(places, kind="stable")
    made = walker.neurons.sums(
        shape,
        a.batch,
        places[order],
        a.ids.reshape(-1)[order],
        a.scale.reshape(-1)[order] * factor,
        bias,
    )
    if keep:
        return made
    kept = tuple(n for i, n in enumerate(a.shape) if i not in axes)
    batch = None if a.batch is None else a.batch - sum(axis < a.batch for axis in axes)
    return made.taken(np.arange(count).reshape(kept), batch)


def _batch_norm(walker: _Walker, node: Node, given: list[Any]) -> Traced:
    a = given[0]
    if node.whole("training_mode", 0) or a.batch not in (0, None) or len(given) != 5:
        raise node.refused("it is in training mode. Export the model after model.eval().")
    scale, bias, mean, variance = (walker.constant(node, value) for value in given[1:])
    spread = np.sqrt(variance + node.number("epsilon", 1e-5))
    if not (spread > 0).all():
        raise node.refused("it divides by 0. Export the model again.")
    factor = scale / spread
    shape = (-1, *(1,) * (len(a.shape) - 2)) if len(a.shape) > 1 else (-1,)
    walker.note_folded(node)
    a, factor = walker.over(node, a, factor.reshape(shape))
    return a.times(factor).plus((bias - mean * scale / spread).reshape(shape))


def _scaler(walker: _Walker, node: Node, given: list[Any]) -> Traced:
    a: Traced = given[0]
    for name, sign in (("offset", -1.0), ("scale", 1.0)):
        values = node.attributes.get(name)
        if values is None:
            continue
        wide, array = walker.over(node, a, np.asarray(values, dtype=np.float64))
        a = wide.plus(-array) if sign < 0 else wide.times(array)
    walker.note_folded(node)
    return a


def _linear_regressor(walker: _Walker, node: Node, given: list[Any]) -> Traced:
    targets = node.whole("targets", 1)
    weights = np.asarray(node.attributes.get("coefficients", ()), dtype=np.float64)
    if node.text("post_transform", "NONE") != "NONE":
        raise node.refused("it transforms its result, which nnplay cannot show.")
    made = _rows_by_matrix(
        walker, node, given[0], walker.constant(node, weights.reshape(targets, -1).T)
    )
    bias = node.attributes.get("intercepts")
    return made if bias is None else made.plus(np.asarray(bias, dtype=np.float64))


# ---------------------------------------------------------------------- activations
def _function(name: str) -> Handler:
    return lambda walker, node, given: walker.neurons.applied(name, given[0])


def _bent(walker: _Walker, u: Traced, below: npt.ArrayLike, smooth: str, outer: float) -> Traced:
    """``outer·(u if u > 0 else below·f(u))`` with f linear (leaky ReLU) or ELU, by two neurons."""
    below = np.broadcast_to(np.asarray(below, dtype=np.float64), u.shape)
    relu = walker.neurons.applied("relu", u).times(outer * (1.0 - below))
    other = u if smooth == "linear" else walker.neurons.applied(smooth, u)
    parts = (relu, other.times(outer * below))
    walker.trace.remarks[
        "An activation has a slope that nnplay's own does not have; it is shown as a ReLU beside "
        "another neuron, and their sum."
    ] = None
    size = u.ids.size
    flat = [(p.ids.reshape(-1), p.scale.reshape(-1), p.shift.reshape(-1)) for p in parts]
    places = np.tile(np.arange(size), 2)
    order = np.argsort(places, kind="stable")
    return walker.neurons.sums(
        u.shape,
        u.batch,
        places[order],
        np.concatenate([ids for ids, _, _ in flat])[order],
        np.concatenate([scale for _, scale, _ in flat])[order],
        flat[0][2] + flat[1][2],
    )


def _leaky(walker: _Walker, u: Traced, slope: npt.ArrayLike) -> Traced:
    slopes = np.broadcast_to(np.asarray(slope, dtype=np.float64), u.shape)
    if nearly(slopes, 0.01):
        return walker.neurons.applied("leaky_relu", u)
    if not slopes.any():
        return walker.neurons.applied("relu", u)
    return _bent(walker, u, slopes, "linear", 1.0)


def _leaky_relu(walker: _Walker, node: Node, given: list[Any]) -> Traced:
    return _leaky(walker, given[0], node.number("alpha", 0.01))


def _prelu(walker: _Walker, node: Node, given: list[Any]) -> Traced:
    return _leaky(walker, *walker.over(node, given[0], given[1]))


def _elu(walker: _Walker, node: Node, given: list[Any]) -> Traced:
    alpha = node.number("alpha", 1.0)
    if nearly(alpha, 1.0):
        return walker.neurons.applied("elu", given[0])
    return _bent(walker, given[0], alpha, "elu", 1.0)


def _selu(walker: _Walker, node: Node, given: list[Any]) -> Traced:
    from nnplay.core.activation_functions import SELU_ALPHA, SELU_SCALE

    alpha, gamma = node.number("alpha", SELU_ALPHA), node.number("gamma", SELU_SCALE)
    if nearly(alpha, SELU_ALPHA):
        return walker.neurons.applied("selu", given[0]).times(
            snapped(np.asarray(gamma / SELU_SCALE))
        )
    return _bent(walker, given[0], alpha, "elu", gamma)


def _celu(walker: _Walker, node: Node, given: list[Any]) -> Traced:
    alpha = node.number("alpha", 1.0)
    if alpha <= 0:
        raise node.refused("its alpha must be more than 0.")
    return walker.neurons.applied("elu", given[0].times(1.0 / alpha)).times(alpha)


def _gelu(walker: _Walker, node: Node, given: list[Any]) -> Traced:
    tanh = node.text("approximate", "none") == "tanh"
    return walker.neurons.applied("gelu_tanh" if tanh else "gelu", given[0])


def _hard_sigmoid(walker: _Walker, node: Node, given: list[Any]) -> Traced:
    alpha, beta = node.number("alpha", 0.2), node.number("beta", 0.5)
    u = given[0].times(snapped(np.asarray(6.0 * alpha)))
    offset = 6.0 * beta - 3.0
    return walker.neurons.applied("hard_sigmoid", u.plus(offset) if offset else u)


def _limited(walker: _Walker, node: Node, u: Traced, low: float, high: float) -> Traced:
    if low >= high:
        raise node.refused("its limits are in the wrong order, so it is a constant.")
    has_low, has_high = low > -BOUNDLESS, high < BOUNDLESS
    if not has_low and not has_high:
        return u
    if not has_high:
        return walker.neurons.applied("relu", u.plus(-low) if low else u).plus(low)
    if not has_low:
        return walker.neurons.applied("relu", u.times(-1.0).plus(high)).times(-1.0).plus(high)
    if low == 0.0:
        steep = snapped(u.scale * (6.0 / high))
        moved = Traced(u.ids, steep, u.shift * (6.0 / high) - 3.0, u.batch)
        return walker.neurons.applied("hard_sigmoid", moved).times(high)
    middle, half = (low + high) / 2, (high - low) / 2
    moved = u.plus(-middle).times(1.0 / half) if (middle, half) != (0.0, 1.0) else u
    result = walker.neurons.applied("hard_tanh", moved)
    return result if (middle, half) == (0.0, 1.0) else result.times(half).plus(middle)


def _limit(node: Node, value: Any, default: float) -> float:
    if value is None:
        return default
    array = np.asarray(value) if not isinstance(value, Traced) else np.empty(0)
    if array.size != 1 or array.dtype.kind not in "fiu":
        raise node.refused("its limits are not single numbers.")
    number = float(array.reshape(-1)[0])
    return default if math.isnan(number) else number


def _clip(walker: _Walker, node: Node, given: list[Any]) -> Traced:
    low = given[1] if len(given) > 1 else node.attributes.get("min")
    high = given[2] if len(given) > 2 else node.attributes.get("max")
    return _limited(
        walker, node, given[0], _limit(node, low, -math.inf), _limit(node, high, math.inf)
    )


def _max_min(walker: _Walker, node: Node, given: list[Any]) -> Traced:
    if len(given) == 1:
        alone: Traced = given[0]
        return alone
    if len(given) != 2:
        raise node.refused("nnplay knows no neuron that compares more than two values.")
    a, b = given
    if not isinstance(a, Traced):
        a, b = b, a
    if isinstance(b, Traced):
        a, b = walker.pair(node, a, b)
        # max(u, r·u) with 0 <= r < 1 is a leaky ReLU
        if node.op == "Max" and (a.ids == b.ids).all() and not a.shift.any() and not b.shift.any():
            steep, flat = (a, b) if np.abs(a.scale).sum() >= np.abs(b.scale).sum() else (b, a)
            with np.errstate(all="ignore"):
                ratio = flat.scale / steep.scale
            if np.isfinite(ratio).all() and (ratio >= 0).all() and (ratio < 1).all():
                return _leaky(walker, steep, ratio)
        raise node.refused("it compares two computed values, which no neuron of nnplay does.")
    wide, array = walker.over(node, a, b)
    limits = np.unique(array)
    if limits.size == 1:
        limit = float(limits[0])
        low, high = (limit, math.inf) if node.op == "Max" else (-math.inf, limit)
        return _limited(walker, node, wide, low, high)
    sign = 1.0 if node.op == "Max" else -1.0
    above = walker.neurons.applied("relu", wide.plus(-array).times(sign))
    return above.times(sign).plus(array)


def _greater(walker: _Walker, node: Node, given: list[Any]) -> Traced:
    a, b = given
    if isinstance(a, Traced) and isinstance(b, Traced):
        raise node.refused("it compares two computed values, which no neuron of nnplay does.")
    sign = 1.0 if (node.op == "Greater") == isinstance(a, Traced) else -1.0
    traced, value = (a, b) if isinstance(a, Traced) else (b, a)
    wide, array = walker.over(node, traced, value)
    return walker.neurons.applied("step", wide.plus(-array).times(sign))


def _where(walker: _Walker, node: Node, given: list[Any]) -> Traced:
    """``z`` above a threshold and ``softplus(z)`` below, as PyTorch has it."""
    if all(isinstance(value, Traced) for value in given):
        above: Traced
        z: Traced
        bent: Traced
        above, z, bent = given
        neurons = walker.neurons
        if (
            above.shape == z.shape == bent.shape
            and neurons.is_all(above.ids, "step")
            and neurons.is_all(bent.ids, "softplus")
            and above.is_plain
            and bent.is_plain
        ):
            limit, inner = neurons.before(above), neurons.before(bent)
            if (
                (limit.ids == z.ids).all()
                and (inner.ids == z.ids).all()
                and (limit.scale == z.scale).all()
                and (inner.scale == z.scale).all()
                and nearly(inner.shift, z.shift)
                and (z.shift - limit.shift >= 15.0).all()  # there softplus is z to seven digits
            ):
                return bent
    raise node.refused("it chooses between computed values, which no neuron of nnplay does.")


def _softmax(walker: _Walker, node: Node, given: list[Any]) -> Traced:
    a = given[0]
    rank = len(a.shape)
    recent = walker.graph.opset >= 13
    axis = _along_features(node, a, node.whole("axis", -1 if recent else 1)) if rank else 0
    axes = {axis} if recent else set(range(axis, rank))
    rest = [n for i, n in enumerate(a.shape) if i not in axes and i != a.batch]
    if math.prod(rest) != 1 or (a.batch is not None and a.batch in axes):
        raise node.refused(
            "it does not run over all outputs of a sample. nnplay has one softmax over the outputs."
        )
    return walker.neurons.applied("softmax", a)


def _exp(walker: _Walker, node: Node, given: list[Any]) -> Traced:
    return patterns.exponential(walker.neurons, given[0])


def _log(walker: _Walker, node: Node, given: list[Any]) -> Traced:
    found = patterns.logarithm(walker.neurons, given[0])
    if found is None:
        raise node.refused("nnplay has no neuron that takes a logarithm. " + WAY_OUT)
    return found


_HANDLERS: Final[dict[str, Handler]] = {
    "Gemm": _gemm,
    "MatMul": _matmul,
    "Add": _add,
    "Sum": _add,
    "Mean": _mean,
    "Sub": _sub,
    "Mul": _mul,
    "Div": _div,
    "Neg": lambda walker, node, given: given[0].times(-1.0),
    "Reciprocal": _reciprocal,
    "Pow": _pow,
    "ReduceSum": _reduce,
    "ReduceMean": _reduce,
    "BatchNormalization": _batch_norm,
    "Scaler": _scaler,
    "LinearRegressor": _linear_regressor,
    "Relu": _function("relu"),
    "Sigmoid": _function("sigmoid"),
    "Tanh": _function("tanh"),
    "Softplus": _function("softplus"),
    "Softsign": _function("softsign"),
    "Sin": _function("sin"),
    "Cos": _function("cos"),
    "Abs": _function("abs"),
    "Mish": _function("mish"),
    "Erf": _function("erf"),
    "LeakyRelu": _leaky_relu,
    "PRelu": _prelu,
    "Elu": _elu,
    "Selu": _selu,
    "Celu": _celu,
    "Gelu": _gelu,
    "HardSigmoid": _hard_sigmoid,
    "Clip": _clip,
    "Max": _max_min,
    "Min": _max_min,
    "Greater": _greater,
    "Less": _greater,
    "Softmax": _softmax,
    "Where": _where,
    "Exp": _exp,
    "Log": _log,
}

OPERATORS: Final = frozenset({*_HANDLERS, *_MOVES})
"""Operators that are understood where they work on values of the network."""
