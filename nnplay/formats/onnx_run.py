"""A small evaluator of ONNX graphs: what exports write, and arithmetic on constants.

It judges exports and files that claim to be one. Floating-point numbers are computed in one type
throughout, so that a graph can be compared with a network without the rounding of 32 bits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from nnplay.core import activation_functions as functions
from nnplay.core.special import erf
from nnplay.formats.errors import FormatError
from nnplay.formats.onnx_model import FLOATS, TYPES, Graph, Node
from nnplay.formats.record import AnyArray

__all__ = ["FOLDABLE", "apply", "axes_of", "run"]

MAX_PRODUCED: Final = 50_000_000
MAX_AXES: Final = 16


def run(
    graph: Graph, feeds: Mapping[str, AnyArray], wanted: str, dtype: npt.DTypeLike = np.float64
) -> AnyArray:
    """The value called ``wanted`` for given inputs (or inner values) by name.

    Raises:
        FormatError: an operation is unknown, does not fit its values, or something is missing.
    """
    values = {name: _cast(array, dtype) for name, array in feeds.items()}
    room = MAX_PRODUCED
    for node in _needed(graph, values, wanted):
        given: list[AnyArray | None] = []
        for name in node.inputs:
            if name == "":
                given.append(None)
            elif name in values:
                given.append(values[name])
            elif name in graph.constants:
                given.append(_cast(graph.constants[name], dtype))
            else:
                raise node.refused(f"it reads “{name[:60]}”, which is not there.")
        made = [_cast(array, dtype) for array in apply(node, given, graph.opset, room)]
        room -= sum(array.size for array in made)
        values.update(zip(node.outputs, made, strict=False))
    if wanted not in values:
        raise FormatError(f"The model does not compute “{wanted[:60]}”.")
    return values[wanted]


def _needed(graph: Graph, known: Mapping[str, Any], wanted: str) -> list[Node]:
    makers = {name: node for node in graph.nodes for name in node.outputs}
    needed: set[int] = set()
    stack = [wanted]
    while stack:
        name = stack.pop()
        node = None if name in known else makers.get(name)
        if node is not None and id(node) not in needed:
            needed.add(id(node))
            stack.extend(node.inputs)
    return [node for node in graph.nodes if id(node) in needed]


def _cast(array: AnyArray, dtype: npt.DTypeLike) -> AnyArray:
    return array.astype(dtype) if array.dtype.kind == "f" else array


def apply(
    node: Node, inputs: Sequence[AnyArray | None], opset: int, room: int = MAX_PRODUCED
) -> list[AnyArray]:
    """The results of one node; raises :class:`FormatError`."""
    if node.op not in _OPERATIONS:
        raise node.refused("nnplay cannot compute this operator.")
    try:
        with np.errstate(all="ignore"):
            made = _OPERATIONS[node.op](node, list(inputs), opset, room)
    except FormatError:
        raise
    except (
        *(ValueError, IndexError, TypeError, AttributeError, KeyError),
        *(OverflowError, ZeroDivisionError, RuntimeError),
    ):
        raise node.refused(
            "its values do not fit together. The model is damaged; export it again."
        ) from None
    results = [np.asarray(array) for array in made]
    if any(array.ndim > MAX_AXES for array in results):
        raise node.refused(f"its result has more than {MAX_AXES} axes.")
    return results


def axes_of(node: Node, inputs: Sequence[AnyArray | None], rank: int) -> tuple[int, ...] | None:
    """The axes a node works on, given as an attribute or as the second input; None for all."""
    axes = node.wholes("axes")
    if axes is None and len(inputs) > 1 and inputs[1] is not None:
        axes = tuple(int(axis) for axis in inputs[1].reshape(-1))
    if axes is None:
        return None
    return tuple(_axis(node, axis, rank) for axis in axes)


def _axis(node: Node, axis: int, rank: int) -> int:
    if not -rank <= axis < rank:
        raise node.refused(f"its axis {axis} does not exist.")
    return axis % rank


Inputs = list[Any]


def _check(node: Node, count: int, room: int) -> None:
    if count > room:
        raise node.refused("its result would be too large.")


def _binary(function: Callable[[Any, Any], Any]) -> Callable[..., list[AnyArray]]:
    def compute(node: Node, inputs: Inputs, opset: int, room: int) -> list[AnyArray]:
        result = inputs[0]
        for other in inputs[1:]:
            _check(node, math.prod(np.broadcast_shapes(result.shape, other.shape)), room)
            result = function(result, other)
        return [result]

    return compute


def _unary(function: Callable[[AnyArray], AnyArray]) -> Callable[..., list[AnyArray]]:
    return lambda node, inputs, opset, room: [function(inputs[0])]


def _ours(function: Callable[[AnyArray, AnyArray], object]) -> Callable[..., list[AnyArray]]:
    def compute(node: Node, inputs: Inputs, opset: int, room: int) -> list[AnyArray]:
        out = np.empty_like(inputs[0])
        function(inputs[0], out)
        return [out]

    return compute


def _divide(a: AnyArray, b: AnyArray) -> AnyArray:
    if a.dtype.kind in "iu" and b.dtype.kind in "iu":
        if not b.all():
            raise ValueError("division by zero")
        return np.asarray(np.trunc(a / b)).astype(a.dtype)
    return np.asarray(np.true_divide(a, b))


def _gemm(node: Node, inputs: Inputs, opset: int, room: int) -> list[AnyArray]:
    a = inputs[0].T if node.whole("transA", 0) else inputs[0]
    b = inputs[1].T if node.whole("transB", 0) else inputs[1]
    _check(node, a.shape[0] * b.shape[1], room)
    result = node.number("alpha", 1.0) * a.dot(b)
    if len(inputs) > 2 and inputs[2] is not None:
        result = result + node.number("beta", 1.0) * inputs[2]
    return [result]


def _matmul(node: Node, inputs: Inputs, opset: int, room: int) -> list[AnyArray]:
    a, b = inputs
    _check(
        node, (a.size // max(1, a.shape[-1])) * (b.size // max(1, b.shape[-min(2, b.ndim)])), room
    )
    return [np.matmul(a, b)]


def _softmax(node: Node, inputs: Inputs, opset: int, room: int) -> list[AnyArray]:
    z = inputs[0]
    axis = _axis(node, node.whole("axis", -1 if opset >= 13 else 1), z.ndim)
    axes = (axis,) if opset >= 13 else tuple(range(axis, z.ndim))
    power = np.exp(z - z.max(axis=axes, keepdims=True))
    return [power / power.sum(axis=axes, keepdims=True)]


def _clip(node: Node, inputs: Inputs, opset: int, room: int) -> list[AnyArray]:
    low = inputs[1] if len(inputs) > 1 else node.attributes.get("min")
    high = inputs[2] if len(inputs) > 2 else node.attributes.get("max")
    result = inputs[0]
    result = result if low is None else np.maximum(result, np.asarray(low, result.dtype))
    return [result if high is None else np.minimum(result, np.asarray(high, result.dtype))]


def _concat(node: Node, inputs: Inputs, opset: int, room: int) -> list[AnyArray]:
    _check(node, sum(array.size for array in inputs), room)
    return [np.concatenate(inputs, axis=node.whole("axis", 0))]


def _gather(node: Node, inputs: Inputs, opset: int, room: int) -> list[AnyArray]:
    array, index = inputs
    axis = _axis(node, node.whole("axis", 0), array.ndim)
    _check(node, array.size // max(1, array.shape[axis]) * index.size, room)
    return [np.take(array, index, axis=axis)]


def _reshape(node: Node, inputs: Inputs, opset: int, room: int) -> list[AnyArray]:
    array = inputs[0]
    shape = (node.wholes("shape") or ()) if len(inputs) < 2 else inputs[1].reshape(-1).tolist()
    zeros = node.whole("allowzero", 0)
    wanted = [array.shape[i] if n == 0 and not zeros else int(n) for i, n in enumerate(shape)]
    return [array.reshape(wanted)]


def _flatten(node: Node, inputs: Inputs, opset: int, room: int) -> list[AnyArray]:
    array = inputs[0]
    axis = node.whole("axis", 1)
    axis = axis + array.ndim if axis < 0 else axis
    return [array.reshape(math.prod(array.shape[:axis]), -1 if array.size else 0)]


def _squeeze(node: Node, inputs: Inputs, opset: int, room: int) -> list[AnyArray]:
    return [np.squeeze(inputs[0], axes_of(node, inputs, inputs[0].ndim))]


def _unsqueeze(node: Node, inputs: Inputs, opset: int, room: int) -> list[AnyArray]:
    count = len(node.wholes("axes") or ()) or (inputs[1].size if len(inputs) > 1 else 0)
    if inputs[0].ndim + count > 8:
        raise ValueError("too many axes")
    return [np.expand_dims(inputs[0], axes_of(node, inputs, inputs[0].ndim + count) or ())]


def _reduce(function: Callable[..., AnyArray]) -> Callable[..., list[AnyArray]]:
    def compute(node: Node, inputs: Inputs, opset: int, room: int) -> list[AnyArray]:
        axes = axes_of(node, inputs, inputs[0].ndim)
        return [function(inputs[0], axis=axes, keepdims=bool(node.whole("keepdims", 1)))]

    return compute


def _type_of(node: Node, number: int) -> np.dtype[Any]:
    if number not in TYPES:
        raise node.refused("it converts to a type of number that nnplay does not know.")
    return np.dtype(np.float64 if number in FLOATS else TYPES[number])


def _convert(node: Node, inputs: Inputs, opset: int, room: int) -> list[AnyArray]:
    return [inputs[0].astype(_type_of(node, node.whole("to", 1)))]


def _slice(node: Node, inputs: Inputs, opset: int, room: int) -> list[AnyArray]:
    array = inputs[0]
    starts, ends = node.wholes("starts"), node.wholes("ends")
    if starts is None or ends is None:
        starts, ends = inputs[1].reshape(-1).tolist(), inputs[2].reshape(-1).tolist()
    axes = node.wholes("axes") or tuple(range(len(starts)))
    if len(inputs) > 3 and inputs[3] is not None:
        axes = tuple(inputs[3].reshape(-1).tolist())
    steps = [1] * len(starts)
    if len(inputs) > 4 and inputs[4] is not None:
        steps = inputs[4].reshape(-1).tolist()
    parts = [slice(None)] * array.ndim
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        axis = _axis(node, axis, array.ndim)
        length = array.shape[axis]
        if step < 0:
            end = None if end < -length else end
        parts[axis] = slice(start, end, step)
    return [array[tuple(parts)]]


def _split(node: Node, inputs: Inputs, opset: int, room: int) -> list[AnyArray]:
    array = inputs[0]
    axis = _axis(node, node.whole("axis", 0), array.ndim)
    sizes = node.wholes("split")
    if sizes is None and len(inputs) > 1 and inputs[1] is not None:
        sizes = tuple(inputs[1].reshape(-1).tolist())
    if sizes is None:
        parts = node.whole("num_outputs", len(node.outputs))
        size = -(-array.shape[axis] // parts)
        sizes = tuple(min(size, array.shape[axis] - i * size) for i in range(parts))
    if sum(sizes) != array.shape[axis] or min(sizes) < 0 or len(sizes) != len(node.outputs):
        raise ValueError("sizes")
    return list(np.split(array, np.cumsum(sizes)[:-1], axis=axis))


def _constant(node: Node, inputs: Inputs, opset: int, room: int) -> list[AnyArray]:
    for name in ("value", "value_float", "value_int", "value_floats", "value_ints"):
        value = node.attributes.get(name)
        if value is not None:
            array = np.asarray(value)
            if array.dtype.kind == "f" and np.isnan(array).any():
                raise node.refused("it is not a number. Export the model again.")
            return [array]
    if node.attributes.get("value_strings") is not None or "value_string" in node.attributes:
        return [np.array(node.attributes.get("value_strings", ""), dtype=object)]
    raise node.refused("it holds no value.")


def _constant_of_shape(node: Node, inputs: Inputs, opset: int, room: int) -> list[AnyArray]:
    shape = tuple(int(n) for n in inputs[0].reshape(-1))
    if min(shape, default=0) < 0:
        raise ValueError("negative")
    _check(node, math.prod(shape), min(room, 1_000_000))
    value = node.attributes.get("value")
    return [np.full(shape, 0.0 if value is None else value.reshape(-1)[0])]


def _expand(node: Node, inputs: Inputs, opset: int, room: int) -> list[AnyArray]:
    shape = np.broadcast_shapes(inputs[0].shape, tuple(int(n) for n in inputs[1].reshape(-1)))
    _check(node, math.prod(shape), room)
    return [np.broadcast_to(inputs[0], shape)]


def _gelu(node: Node, inputs: Inputs, opset: int, room: int) -> list[AnyArray]:
    tanh = node.text("approximate", "none") == "tanh"
    return _ours(functions.gelu_tanh if tanh else functions.gelu)(node, inputs, opset, room)


def _leaky(node: Node, inputs: Inputs, opset: int, room: int) -> list[AnyArray]:
    z = inputs[0]
    return [np.where(z > 0, z, z * node.number("alpha", 0.01))]


def _elu(node: Node, inputs: Inputs, opset: int, room: int) -> list[AnyArray]:
    z = inputs[0]
    return [np.where(z > 0, z, node.number("alpha", 1.0) * np.expm1(np.minimum(z, 0)))]


def _selu(node: Node, inputs: Inputs, opset: int, room: int) -> list[AnyArray]:
    z = inputs[0]
    alpha = node.number("alpha", functions.SELU_ALPHA)
    gamma = node.number("gamma", functions.SELU_SCALE)
    return [gamma * np.where(z > 0, z, alpha * np.expm1(np.minimum(z, 0)))]


def _hard_sigmoid(node: Node, inputs: Inputs, opset: int, room: int) -> list[AnyArray]:
    z = node.number("alpha", 0.2) * inputs[0] + node.number("beta", 0.5)
    return [np.clip(z, 0.0, 1.0)]


def _same(values: Iterable[Any]) -> list[Any]:
    return list(values)


_SHAPE_OPERATIONS: Final[dict[str, Callable[..., list[AnyArray]]]] = {
    "Constant": _constant,
    "ConstantOfShape": _constant_of_shape,
    "Identity": lambda node, inputs, opset, room: _same(inputs[:1]),
    "Shape": lambda node, inputs, opset, room: [np.array(inputs[0].shape, dtype=np.int64)],
    "Concat": _concat,
    "Gather": _gather,
    "Reshape": _reshape,
    "Flatten": _flatten,
    "Squeeze": _squeeze,
    "Unsqueeze": _unsqueeze,
    "Transpose": lambda node, inputs, opset, room: [
        np.transpose(inputs[0], node.wholes("perm") or None)
    ],
    "Slice": _slice,
    "Split": _split,
    "Cast": _convert,
    "Expand": _expand,
}
_ARITHMETIC: Final[dict[str, Callable[..., list[AnyArray]]]] = {
    "Add": _binary(np.add),
    "Sub": _binary(np.subtract),
    "Mul": _binary(np.multiply),
    "Div": _binary(_divide),
    "Pow": _binary(np.power),
    "Max": _binary(np.maximum),
    "Min": _binary(np.minimum),
    "Sum": _binary(np.add),
    "Neg": _unary(np.negative),
    "Abs": _unary(np.abs),
    "Sqrt": _unary(np.sqrt),
    "Reciprocal": _unary(np.reciprocal),
    "Exp": _unary(np.exp),
    "Log": _unary(np.log),
    "MatMul": _matmul,
    "Gemm": _gemm,
    "ReduceSum": _reduce(np.sum),
    "ReduceMean": _reduce(np.mean),
}
_FUNCTIONS: Final[dict[str, Callable[..., list[AnyArray]]]] = {
    "Equal": _binary(np.equal),
    "Greater": _binary(np.greater),
    "Less": _binary(np.less),
    "Sign": _unary(np.sign),
    "Sin": _unary(np.sin),
    "Cos": _unary(np.cos),
    "Tan": _unary(np.tan),
    "Tanh": _unary(np.tanh),
    "Erf": _unary(erf),
    "Relu": _ours(functions.relu),
    "Sigmoid": _ours(functions.sigmoid),
    "Softplus": _ours(functions.softplus),
    "Softsign": _ours(functions.softsign),
    "Mish": _ours(functions.mish),
    "HardSigmoid": _hard_sigmoid,
    "LeakyRelu": _leaky,
    "Elu": _elu,
    "Selu": _selu,
    "Gelu": _gelu,
    "Clip": _clip,
    "Softmax": _softmax,
}
_OPERATIONS: Final = {**_SHAPE_OPERATIONS, **_ARITHMETIC, **_FUNCTIONS}

FOLDABLE: Final = frozenset({*_SHAPE_OPERATIONS, *_ARITHMETIC})
"""Operators that are computed at once when everything they read is known."""
