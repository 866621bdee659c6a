"""ONNX operators that are weighted sums of their inputs, or scale them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from nnplay.formats import onnx_patterns as patterns
from nnplay.formats import onnx_pieces as pieces
from nnplay.formats.onnx_model import WAY_OUT, Node
from nnplay.formats.onnx_run import axes_of
from nnplay.formats.onnx_symbols import MAX_CONNECTIONS, Traced

if TYPE_CHECKING:
    from nnplay.formats.onnx_trace import Walker

__all__ = ["SUMS", "rows_by_matrix"]

FloatArray = npt.NDArray[np.float64]
Handler = Callable[["Walker", Node, list[Any]], Traced]


def rows_by_matrix(walker: Walker, node: Node, a: Traced, matrix: FloatArray) -> Traced:
    """``a[…, K] · matrix[K, M]``; raises :class:`FormatError` where sizes do not fit."""
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


def _matmul(walker: Walker, node: Node, given: list[Any]) -> Traced:
    a, b = given
    if isinstance(a, Traced):
        matrix = walker.constant(node, b)
        if matrix.ndim == 1:
            column = rows_by_matrix(walker, node, a, matrix[:, None])
            return column.taken(np.arange(column.ids.size).reshape(column.shape[:-1]), a.batch)
        if matrix.ndim != 2:
            raise node.refused("it multiplies a stack of matrices. " + WAY_OUT)
        return rows_by_matrix(walker, node, a, matrix)
    matrix = walker.constant(node, a)
    if matrix.ndim != 2:
        raise node.refused("it multiplies in an order no layer does. " + WAY_OUT)
    if len(b.shape) == 1:
        return rows_by_matrix(walker, node, b, matrix.T)
    return _swapped(rows_by_matrix(walker, node, _swapped(b), matrix.T))


def _gemm(walker: Walker, node: Node, given: list[Any]) -> Traced:
    a, b = given[0], given[1]
    alpha, beta = node.number("alpha", 1.0), node.number("beta", 1.0)
    if isinstance(a, Traced):
        a = _swapped(a) if node.whole("transA", 0) else a
        matrix = walker.constant(node, b)
        if matrix.ndim != 2 or len(a.shape) != 2:
            raise node.refused("it does not multiply matrices. The model is damaged.")
        made = rows_by_matrix(
            walker, node, a, alpha * (matrix.T if node.whole("transB", 0) else matrix)
        )
    elif isinstance(b, Traced):
        b = _swapped(b) if node.whole("transB", 0) else b
        matrix = alpha * walker.constant(node, a)
        if matrix.ndim != 2 or len(b.shape) != 2:
            raise node.refused("it does not multiply matrices. The model is damaged.")
        matrix = matrix.T if node.whole("transA", 0) else matrix
        made = _swapped(rows_by_matrix(walker, node, _swapped(b), matrix.T))
    else:
        raise node.refused("it has no weights. " + WAY_OUT)
    if len(given) > 2 and given[2] is not None and beta:
        if isinstance(given[2], Traced):
            return walker.total(node, walker.pair(node, made, given[2].times(beta)))
        wide, bias = walker.over(node, made, given[2])
        return wide.plus(beta * bias)
    return made


def _add(walker: Walker, node: Node, given: list[Any]) -> Traced:
    result: Any = given[0]
    for other in given[1:]:
        result = _add_two(walker, node, result, other)
    traced: Traced = result
    return traced


def _add_two(walker: Walker, node: Node, a: Any, b: Any) -> Any:
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


def _sub(walker: Walker, node: Node, given: list[Any]) -> Traced:
    a, b = given
    negative = b.times(-1.0) if isinstance(b, Traced) else -walker.constant(node, b)
    return _add(walker, node, [a, negative])


def _mul(walker: Walker, node: Node, given: list[Any]) -> Traced:
    a, b = given
    if not isinstance(a, Traced):
        a, b = b, a
    if not isinstance(b, Traced):
        wide, array = walker.over(node, a, b)
        return wide.times(array)
    a, b = walker.pair(node, a, b)
    found = patterns.product(walker.neurons, a, b) or pieces.hard_swish_product(walker, node, a, b)
    if found is None:
        raise node.refused(
            "it multiplies two computed values in a way no neuron of nnplay does. " + WAY_OUT
        )
    return found


def _div(walker: Walker, node: Node, given: list[Any]) -> Traced:
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
            if isinstance(a, Traced) and walker.neurons.is_all(b.ids, "linear"):
                raise node.refused(
                    "it divides by a sum of computed values, which no neuron of nnplay does. Train "
                    "the model with a softmax over all classes (in scikit-learn: no one-versus-rest)."
                )
            raise node.refused("it divides by computed values. " + WAY_OUT)
        return found
    wide, array = walker.over(node, a, b)
    if not array.all():
        raise node.refused("it divides by 0. Export the model again.")
    return Traced(wide.ids, wide.scale / array, wide.shift / array, wide.batch)


def _reciprocal(walker: Walker, node: Node, given: list[Any]) -> Traced:
    return _div(walker, node, [np.ones(()), given[0]])


def _mean(walker: Walker, node: Node, given: list[Any]) -> Traced:
    return _add(walker, node, given).times(1.0 / len(given))


def _pow(walker: Walker, node: Node, given: list[Any]) -> Traced:
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


def _reduce(walker: Walker, node: Node, given: list[Any]) -> Traced:
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


def _batch_norm(walker: Walker, node: Node, given: list[Any]) -> Traced:
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


def _scaler(walker: Walker, node: Node, given: list[Any]) -> Traced:
    a: Traced = given[0]
    for name, sign in (("offset", -1.0), ("scale", 1.0)):
        values = node.attributes.get(name)
        if values is None:
            continue
        wide, array = walker.over(node, a, np.asarray(values, dtype=np.float64))
        a = wide.plus(-array) if sign < 0 else wide.times(array)
    walker.note_folded(node)
    return a


def _linear_regressor(walker: Walker, node: Node, given: list[Any]) -> Traced:
    targets = node.whole("targets", 1)
    weights = np.asarray(node.attributes.get("coefficients", ()), dtype=np.float64)
    if node.text("post_transform", "NONE") != "NONE":
        raise node.refused("it transforms its result, which nnplay cannot show.")
    made = rows_by_matrix(
        walker, node, given[0], walker.constant(node, weights.reshape(targets, -1).T)
    )
    bias = node.attributes.get("intercepts")
    return made if bias is None else made.plus(np.asarray(bias, dtype=np.float64))


SUMS: Final[dict[str, Handler]] = {
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
}
"""Operators by name: (walker, node, what it reads) to its result."""
