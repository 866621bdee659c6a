"""ONNX operators that move elements about: done on their places, with the axis of samples kept apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from nnplay.formats.onnx_model import WAY_OUT, Node
from nnplay.formats.onnx_run import apply, axes_of
from nnplay.formats.onnx_symbols import Traced
from nnplay.formats.record import AnyArray

if TYPE_CHECKING:
    from nnplay.formats.onnx_trace import Walker

__all__ = ["MOVES", "along_features"]

FloatArray = npt.NDArray[np.float64]
Handler = Callable[["Walker", Node, list[Any]], Traced]


def _moved(walker: Walker, node: Node, a: Traced, others: list[Any]) -> list[AnyArray]:
    places = np.arange(a.ids.size).reshape(a.shape)
    return apply(node, [places, *others], walker.graph.opset)


def _same(walker: Walker, node: Node, given: list[Any]) -> list[Traced]:
    return [given[0]] * max(1, len(node.outputs))


def _dropout(walker: Walker, node: Node, given: list[Any]) -> list[Traced]:
    mode = given[2] if len(given) > 2 else None
    if isinstance(mode, Traced) or (mode is not None and bool(np.any(mode))):
        raise node.refused("it is in training mode. Export the model after model.eval().")
    walker.trace.dropped[node.op] = walker.trace.dropped.get(node.op, 0) + 1
    return [given[0]]  # its mask is of no use to a network


def _cast(walker: Walker, node: Node, given: list[Any]) -> list[Traced]:
    a = given[0]
    is_step = walker.neurons.is_all(a.ids, "step") and a.is_plain
    if node.whole("to", 1) not in (1, 10, 11, 16) and not is_step:
        raise node.refused("it rounds computed values to whole numbers. " + WAY_OUT)
    return [a]


def _reshape(walker: Walker, node: Node, given: list[Any]) -> list[Traced]:
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


def _flatten(walker: Walker, node: Node, given: list[Any]) -> list[Traced]:
    a = given[0]
    axis = node.whole("axis", 1)
    if a.batch is not None and (a.batch != 0 or axis % max(1, len(a.shape)) == 0):
        raise node.refused("it mixes samples with features. Export it with axis 1.")
    return [a.taken(_moved(walker, node, a, [])[0], a.batch)]


def _squeeze(walker: Walker, node: Node, given: list[Any]) -> list[Traced]:
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


def _unsqueeze(walker: Walker, node: Node, given: list[Any]) -> list[Traced]:
    a = given[0]
    moved = _moved(walker, node, a, given[1:])[0]
    axes = axes_of(node, given, moved.ndim) or ()
    kept = [i for i in range(moved.ndim) if i not in axes]
    return [a.taken(moved, None if a.batch is None else kept[a.batch])]


def _transpose(walker: Walker, node: Node, given: list[Any]) -> list[Traced]:
    a = given[0]
    moved = _moved(walker, node, a, [])[0]
    perm = node.wholes("perm") or tuple(reversed(range(len(a.shape))))
    batch = None if a.batch is None else [p % len(a.shape) for p in perm].index(a.batch)
    return [a.taken(moved, batch)]


def along_features(node: Node, a: Traced, axis: int) -> int:
    """The axis counted from the front; refused if it is not there, or that of the samples."""
    rank = len(a.shape)
    if not -rank <= axis < rank:
        raise node.refused(f"its axis {axis} does not exist. The model is damaged.")
    if axis % rank == a.batch:
        raise node.refused(
            "it works along the samples instead of the features. Export the model so that each "
            "sample is computed by itself."
        )
    return axis % rank


def _concat(walker: Walker, node: Node, given: list[Any]) -> list[Traced]:
    first = next(value for value in given if isinstance(value, Traced))
    axis = along_features(node, first, node.whole("axis", 1))
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


def _gather(walker: Walker, node: Node, given: list[Any]) -> list[Traced]:
    a, index = given
    if not isinstance(a, Traced) or not isinstance(index, np.ndarray):
        raise node.refused("it chooses by a computed index. " + WAY_OUT)
    axis = along_features(node, a, node.whole("axis", 0))
    walker.spend(node, a.ids.size // max(1, a.shape[axis]) * index.size)
    moved = _moved(walker, node, a, [index])[0]
    batch = a.batch
    if batch is not None and batch > axis:
        batch += index.ndim - 1
    return [a.taken(moved, batch)]


def _cut_axes(walker: Walker, node: Node, given: list[Any]) -> list[Traced]:
    """Slice and Split."""
    a = given[0]
    if any(isinstance(value, Traced) for value in given[1:]):
        raise node.refused("it is cut at computed places. " + WAY_OUT)
    if node.op == "Split":
        along_features(node, a, node.whole("axis", 0))
    moved = _moved(walker, node, a, given[1:])
    if a.batch is not None and any(part.shape[a.batch] != 1 for part in moved):
        raise node.refused("it works along the samples instead of the features.")
    return [a.taken(part, a.batch) for part in moved]


MOVES: Final[dict[str, Callable[[Walker, Node, list[Any]], Sequence[Traced]]]] = {
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
"""Operators by name: (walker, node, what it reads) to its results."""
