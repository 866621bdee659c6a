"""Products over tiles of 16 samples, written for LLVM so that sums stay in registers.

A tile is 16 neighbouring numbers: one neuron's values for 16 samples. All pointers are raw
(``float64*`` or ``int64*``); the caller answers for bounds. A sum of products over whole tiles keeps
its 16 sums in vector registers and reads every weight once, which no loop that Numba
vectorises by itself does. Nothing here assumes that numbers are finite.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from nnplay.compiled.book import LANES

__all__ = [
    "bits_of",
    "float_of",
    "floats",
    "floats_at",
    "gather_row",
    "integers",
    "integers_at",
    "outer",
    "panel_1",
    "panel_2",
    "scatter_row",
]

_DOUBLE = ir.DoubleType()
_INT64 = ir.IntType(64)
_INT32 = ir.IntType(32)
_TILE = ir.VectorType(_DOUBLE, LANES)
_QUARTER = ir.VectorType(_DOUBLE, 4)
_FLOATS = types.CPointer(types.float64)
_INTEGERS = types.CPointer(types.int64)


def _number(value: int) -> Any:
    return ir.Constant(_INT64, value)


def _splat(builder: Any, value: Any) -> Any:
    empty = ir.Constant(_TILE, ir.Undefined)
    first = builder.insert_element(empty, value, ir.Constant(_INT32, 0))
    zeros = ir.Constant(ir.VectorType(_INT32, LANES), [0] * LANES)
    return builder.shuffle_vector(first, empty, zeros)


def _multiply_add(builder: Any, x: Any, y: Any, z: Any) -> Any:
    product = builder.fmul(x, y, flags=("contract",))
    return builder.fadd(product, z, flags=("contract",))


def _place(builder: Any, pointer: Any, index: Any, kind: Any) -> Any:
    """Address of a vector that begins at element ``index``."""
    return builder.bitcast(builder.gep(pointer, [index]), kind.as_pointer())


def _load(builder: Any, pointer: Any, index: Any, kind: Any) -> Any:
    return builder.load(_place(builder, pointer, index, kind), align=8)


def _store(builder: Any, value: Any, pointer: Any, index: Any, kind: Any) -> None:
    builder.store(value, _place(builder, pointer, index, kind), align=8)


def _shuffle(builder: Any, x: Any, y: Any, order: list[int]) -> Any:
    kind = ir.VectorType(_INT32, len(order))
    return builder.shuffle_vector(x, y, ir.Constant(kind, order))


def _four_sums(builder: Any, parts: list[Any]) -> Any:
    """The sums of the elements of four vectors of four, as one vector of four."""
    halves = []
    for x, y in (parts[:2], parts[2:]):
        even, odd = _shuffle(builder, x, y, [0, 4, 2, 6]), _shuffle(builder, x, y, [1, 5, 3, 7])
        halves.append(builder.fadd(even, odd))
    low = _shuffle(builder, halves[0], halves[1], [0, 1, 4, 5])
    high = _shuffle(builder, halves[0], halves[1], [2, 3, 6, 7])
    return builder.fadd(low, high)


@intrinsic
def floats(_context: Any, address: Any) -> Any:
    """An address as ``float64*``."""

    def build(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], _DOUBLE.as_pointer())

    return _FLOATS(types.int64), build


@intrinsic
def integers(_context: Any, address: Any) -> Any:
    """An address as ``int64*``."""

    def build(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], _INT64.as_pointer())

    return _INTEGERS(types.int64), build


@intrinsic
def floats_at(_context: Any, pointer: Any, index: Any) -> Any:
    """A ``float64*`` that begins ``index`` numbers further on."""

    def build(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.gep(arguments[0], [arguments[1]])

    return _FLOATS(_FLOATS, types.int64), build


@intrinsic
def integers_at(_context: Any, pointer: Any, index: Any) -> Any:
    """An ``int64*`` that begins ``index`` numbers further on."""

    def build(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.gep(arguments[0], [arguments[1]])

    return _INTEGERS(_INTEGERS, types.int64), build


@intrinsic
def bits_of(_context: Any, value: Any) -> Any:
    """The 64 bits of a float as a whole number."""

    def build(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], _INT64)

    return types.int64(types.float64), build


@intrinsic
def float_of(_context: Any, bits: Any) -> Any:
    """The float with these 64 bits."""

    def build(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], _DOUBLE)

    return types.float64(types.int64), build


def _panel(rows: int) -> Any:
    """``out[r] += Σ_c w[r·row_step + c·column_step] · x[c]`` for ``rows`` rows of tiles."""

    def build(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        out, w, row_step, column_step, x, count = arguments
        sums = []
        for row in range(rows):
            place = _number(row * LANES)
            sums.append(cgutils.alloca_once(builder, _TILE))
            builder.store(_load(builder, out, place, _TILE), sums[row])
        with cgutils.for_range(builder, count) as loop:
            tile = _load(builder, x, builder.mul(loop.index, _number(LANES)), _TILE)
            column = builder.mul(loop.index, column_step)
            for row in range(rows):
                place = builder.add(column, builder.mul(row_step, _number(row)))
                weight = _splat(builder, builder.load(builder.gep(w, [place])))
                total = _multiply_add(builder, weight, tile, builder.load(sums[row]))
                builder.store(total, sums[row])
        for row in range(rows):
            _store(builder, builder.load(sums[row]), out, _number(row * LANES), _TILE)
        return _context.get_dummy_value()

    signature = types.void(_FLOATS, _FLOATS, types.int64, types.int64, _FLOATS, types.int64)
    return signature, build


@intrinsic
def panel_1(
    _context: Any, out: Any, w: Any, row_step: Any, column_step: Any, x: Any, count: Any
) -> Any:
    """``out += Σ_c w[c·column_step] · x[c]``: one row of a dense block times ``count`` tiles."""
    return _panel(1)


@intrinsic
def panel_2(
    _context: Any, out: Any, w: Any, row_step: Any, column_step: Any, x: Any, count: Any
) -> Any:
    """Two neighbouring rows of a dense block times ``count`` tiles; see :func:`panel_1`."""
    return _panel(2)


@intrinsic
def gather_row(_context: Any, out: Any, w: Any, places: Any, x: Any, count: Any) -> Any:
    """``out = Σ_k w[k] · x[places[k]]``; places count numbers, not tiles."""

    def build(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        out, w, places, x, count = arguments
        sums = [cgutils.alloca_once(builder, _TILE) for _ in range(2)]
        for total in sums:
            builder.store(ir.Constant(_TILE, [0.0] * LANES), total)

        def add(index: Any, total: Any) -> None:
            tile = _load(builder, x, builder.load(builder.gep(places, [index])), _TILE)
            weight = _splat(builder, builder.load(builder.gep(w, [index])))
            builder.store(_multiply_add(builder, weight, tile, builder.load(total)), total)

        # Two chains of sums, as one alone would wait for itself.
        pairs = builder.lshr(count, _number(1))
        with cgutils.for_range(builder, pairs) as loop:
            first = builder.shl(loop.index, _number(1))
            add(first, sums[0])
            add(builder.add(first, _number(1)), sums[1])
        odd = builder.icmp_signed("!=", builder.and_(count, _number(1)), _number(0))
        with builder.if_then(odd):
            add(builder.sub(count, _number(1)), sums[0])
        total = builder.fadd(builder.load(sums[0]), builder.load(sums[1]))
        _store(builder, total, out, _number(0), _TILE)
        return _context.get_dummy_value()

    return types.void(_FLOATS, _FLOATS, _INTEGERS, _FLOATS, types.int64), build


@intrinsic
def scatter_row(_context: Any, d: Any, w: Any, places: Any, out: Any, count: Any) -> Any:
    """``out[places[k]] += w[k] · d`` for ``count`` different places."""

    def build(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        d, w, places, out, count = arguments
        tile = _load(builder, d, _number(0), _TILE)
        with cgutils.for_range(builder, count) as loop:
            place = builder.load(builder.gep(places, [loop.index]))
            weight = _splat(builder, builder.load(builder.gep(w, [loop.index])))
            before = _load(builder, out, place, _TILE)
            _store(builder, _multiply_add(builder, weight, tile, before), out, place, _TILE)
        return _context.get_dummy_value()

    return types.void(_FLOATS, _FLOATS, _INTEGERS, _FLOATS, types.int64), build


@intrinsic
def outer(_context: Any, d: Any, x: Any, places: Any, g: Any, count: Any) -> Any:
    """``g[k] += Σ_lanes d · x[places[k]]``: one neuron's derivatives, summed over the tile.

    Four products are summed across their lanes together.
    """

    def build(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        d, x, places, g, count = arguments
        parts = [_load(builder, d, _number(4 * i), _QUARTER) for i in range(LANES // 4)]

        def products(index: Any) -> Any:
            place = builder.load(builder.gep(places, [index]))
            total = None
            for i, part in enumerate(parts):
                at = builder.add(place, _number(4 * i))
                quarter = _load(builder, x, at, _QUARTER)
                total = (
                    builder.fmul(part, quarter, flags=("contract",))
                    if total is None
                    else _multiply_add(builder, part, quarter, total)
                )
            return total

        fours = builder.lshr(count, _number(2))
        with cgutils.for_range(builder, fours) as loop:
            first = builder.shl(loop.index, _number(2))
            four = [products(builder.add(first, _number(i))) for i in range(4)]
            sums = _four_sums(builder, four)
            total = builder.fadd(_load(builder, g, first, _QUARTER), sums)
            _store(builder, total, g, first, _QUARTER)
        with cgutils.for_range_slice(
            builder, builder.shl(fours, _number(2)), count, _number(1)
        ) as (index, _step):
            total = products(index)
            pair = builder.fadd(
                _shuffle(builder, total, total, [0, 1]), _shuffle(builder, total, total, [2, 3])
            )
            single = builder.fadd(
                builder.extract_element(pair, ir.Constant(_INT32, 0)),
                builder.extract_element(pair, ir.Constant(_INT32, 1)),
            )
            slot = builder.gep(g, [index])
            builder.store(builder.fadd(builder.load(slot), single), slot)
        return _context.get_dummy_value()

    return types.void(_FLOATS, _FLOATS, _INTEGERS, _FLOATS, types.int64), build
