"""Products over tiles of samples, written for LLVM so that sums stay in registers.

A tile is 4, 8, 12 or 16 neighbouring numbers, one to four *quarters*: one neuron's values for as
many samples. All pointers are raw (``float64*`` or ``int64*``); the caller answers for bounds. A sum
of products over whole tiles keeps its sums in vector registers and reads every weight once, which
no loop that Numba vectorises by itself does. Nothing here assumes that numbers are finite.
"""

from __future__ import annotations

from collections.abc import Callable
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
_QUARTER = ir.VectorType(_DOUBLE, 4)
_FLOATS = types.CPointer(types.float64)
_INTEGERS = types.CPointer(types.int64)


def _number(value: int) -> Any:
    return ir.Constant(_INT64, value)


def _splat(builder: Any, value: Any) -> Any:
    empty = ir.Constant(_QUARTER, ir.Undefined)
    first = builder.insert_element(empty, value, ir.Constant(_INT32, 0))
    return _shuffle(builder, first, empty, [0, 0, 0, 0])


def _multiply_add(builder: Any, x: Any, y: Any, z: Any) -> Any:
    product = builder.fmul(x, y, flags=("contract",))
    return builder.fadd(product, z, flags=("contract",))


def _load(builder: Any, pointer: Any, index: Any) -> Any:
    place = builder.bitcast(builder.gep(pointer, [index]), _QUARTER.as_pointer())
    return builder.load(place, align=8)


def _store(builder: Any, value: Any, pointer: Any, index: Any) -> None:
    place = builder.bitcast(builder.gep(pointer, [index]), _QUARTER.as_pointer())
    builder.store(value, place, align=8)


def _load_tile(builder: Any, pointer: Any, index: Any, quarters: int) -> list[Any]:
    return [
        _load(builder, pointer, builder.add(index, _number(4 * quarter)))
        for quarter in range(quarters)
    ]


def _weight(builder: Any, pointer: Any, index: Any) -> Any:
    return _splat(builder, builder.load(builder.gep(pointer, [index])))


def _for_each_width(builder: Any, quarters: Any, emit: Callable[[int], None]) -> None:
    """Emit code for one to four quarters, and choose among it by ``quarters``."""
    for width in range(1, LANES // 4 + 1):
        with builder.if_then(builder.icmp_signed("==", quarters, _number(width))):
            emit(width)


class _Sums:
    """Running sums of ``rows`` tiles, each in several chains, as one alone would wait for itself."""

    def __init__(self, builder: Any, rows: int, quarters: int) -> None:
        self._builder, self._rows, self._quarters = builder, rows, quarters
        self.chains = max(1, 8 // (rows * quarters))
        zero = ir.Constant(_QUARTER, [0.0] * 4)
        self._places = [
            [[cgutils.alloca_once(builder, _QUARTER) for _ in range(quarters)] for _ in range(rows)]
            for _ in range(self.chains)
        ]
        for chain in self._places:
            for row in chain:
                for place in row:
                    builder.store(zero, place)

    def add(self, chain: int, weights: list[Any], tile: list[Any]) -> None:
        """Add one tile, times one weight per row."""
        for weight, row in zip(weights, self._places[chain], strict=True):
            for quarter, place in zip(tile, row, strict=True):
                before = self._builder.load(place)
                self._builder.store(_multiply_add(self._builder, weight, quarter, before), place)

    def loop(self, count: Any, step: Callable[[Any, int], None]) -> None:
        """Call ``step(index, chain)`` for indices up to ``count``, chains in turn."""
        builder, size = self._builder, _number(self.chains)
        rounds = builder.udiv(count, size)
        with cgutils.for_range(builder, rounds) as loop:
            first = builder.mul(loop.index, size)
            for chain in range(self.chains):
                step(builder.add(first, _number(chain)), chain)
        if self.chains > 1:
            rest = builder.mul(rounds, size)
            with cgutils.for_range_slice(builder, rest, count, _number(1)) as (index, _):
                step(index, 0)

    def total(self, row: int, quarter: int) -> Any:
        """The sum of all chains."""
        builder = self._builder
        parts = [builder.load(chain[row][quarter]) for chain in self._places]
        while len(parts) > 1:
            parts = [
                builder.fadd(*parts[i : i + 2]) if i + 1 < len(parts) else parts[i]
                for i in range(0, len(parts), 2)
            ]
        return parts[0]


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


def _sum(builder: Any, x: Any) -> Any:
    """The sum of the elements of a vector of four."""
    pair = builder.fadd(_shuffle(builder, x, x, [0, 1]), _shuffle(builder, x, x, [2, 3]))
    first, second = (builder.extract_element(pair, ir.Constant(_INT32, i)) for i in range(2))
    return builder.fadd(first, second)


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

    def build(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        out, w, row_step, column_step, x, count, quarters = arguments

        def emit(width: int) -> None:
            sums = _Sums(builder, rows, width)

            def step(index: Any, chain: int) -> None:
                tile = _load_tile(builder, x, builder.mul(index, _number(4 * width)), width)
                column = builder.mul(index, column_step)
                places = [
                    builder.add(column, builder.mul(row_step, _number(row))) for row in range(rows)
                ]
                sums.add(chain, [_weight(builder, w, place) for place in places], tile)

            sums.loop(count, step)
            for row in range(rows):
                for quarter in range(width):
                    place = _number(4 * (row * width + quarter))
                    total = builder.fadd(_load(builder, out, place), sums.total(row, quarter))
                    _store(builder, total, out, place)

        _for_each_width(builder, quarters, emit)
        return context.get_dummy_value()

    numbers = [types.int64] * 2
    signature = types.void(_FLOATS, _FLOATS, *numbers, _FLOATS, *numbers)
    return signature, build


@intrinsic
def panel_1(
    _context: Any,
    out: Any,
    w: Any,
    row_step: Any,
    column_step: Any,
    x: Any,
    count: Any,
    quarters: Any,
) -> Any:
    """``out += Σ_c w[c·column_step] · x[c]``: one row of a dense block times ``count`` tiles."""
    return _panel(1)


@intrinsic
def panel_2(
    _context: Any,
    out: Any,
    w: Any,
    row_step: Any,
    column_step: Any,
    x: Any,
    count: Any,
    quarters: Any,
) -> Any:
    """Two neighbouring rows of a dense block times ``count`` tiles; see :func:`panel_1`."""
    return _panel(2)


@intrinsic
def gather_row(
    _context: Any, out: Any, w: Any, places: Any, x: Any, count: Any, quarters: Any
) -> Any:
    """``out = Σ_k w[k] · x[places[k]]``; places count numbers, not tiles."""

    def build(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        out, w, places, x, count, quarters = arguments

        def emit(width: int) -> None:
            sums = _Sums(builder, 1, width)

            def step(index: Any, chain: int) -> None:
                place = builder.load(builder.gep(places, [index]))
                tile = _load_tile(builder, x, place, width)
                sums.add(chain, [_weight(builder, w, index)], tile)

            sums.loop(count, step)
            for quarter in range(width):
                _store(builder, sums.total(0, quarter), out, _number(4 * quarter))

        _for_each_width(builder, quarters, emit)
        return context.get_dummy_value()

    return types.void(_FLOATS, _FLOATS, _INTEGERS, _FLOATS, types.int64, types.int64), build


@intrinsic
def scatter_row(
    _context: Any, d: Any, w: Any, places: Any, out: Any, count: Any, quarters: Any
) -> Any:
    """``out[places[k]] += w[k] · d`` for ``count`` different places."""

    def build(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        d, w, places, out, count, quarters = arguments

        def emit(width: int) -> None:
            tile = _load_tile(builder, d, _number(0), width)
            with cgutils.for_range(builder, count) as loop:
                place = builder.load(builder.gep(places, [loop.index]))
                weight = _weight(builder, w, loop.index)
                before = _load_tile(builder, out, place, width)
                for quarter in range(width):
                    total = _multiply_add(builder, weight, tile[quarter], before[quarter])
                    _store(builder, total, out, builder.add(place, _number(4 * quarter)))

        _for_each_width(builder, quarters, emit)
        return context.get_dummy_value()

    return types.void(_FLOATS, _FLOATS, _INTEGERS, _FLOATS, types.int64, types.int64), build


@intrinsic
def outer(_context: Any, d: Any, x: Any, places: Any, g: Any, count: Any, quarters: Any) -> Any:
    """``g[k] += Σ_lanes d · x[places[k]]``: one neuron's derivatives, summed over the tile.

    Four products are summed across their lanes together.
    """

    def build(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        d, x, places, g, count, quarters = arguments

        def emit(width: int) -> None:
            delta = _load_tile(builder, d, _number(0), width)

            def products(index: Any) -> Any:
                place = builder.load(builder.gep(places, [index]))
                tile = _load_tile(builder, x, place, width)
                total = builder.fmul(delta[0], tile[0], flags=("contract",))
                for one, other in zip(delta[1:], tile[1:], strict=True):
                    total = _multiply_add(builder, one, other, total)
                return total

            fours = builder.lshr(count, _number(2))
            with cgutils.for_range(builder, fours) as loop:
                first = builder.shl(loop.index, _number(2))
                four = [products(builder.add(first, _number(i))) for i in range(4)]
                sums = _four_sums(builder, four)
                _store(builder, builder.fadd(_load(builder, g, first), sums), g, first)
            rest = builder.shl(fours, _number(2))
            with cgutils.for_range_slice(builder, rest, count, _number(1)) as (index, _):
                single = _sum(builder, products(index))
                slot = builder.gep(g, [index])
                builder.store(builder.fadd(builder.load(slot), single), slot)

        _for_each_width(builder, quarters, emit)
        return context.get_dummy_value()

    return types.void(_FLOATS, _FLOATS, _INTEGERS, _FLOATS, types.int64, types.int64), build
