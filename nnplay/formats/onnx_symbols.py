"""Which neuron is each element of a tensor: the values that an ONNX graph is traced with.

A traced tensor (:class:`Traced`) says of each element that it is ``scale · neuron + shift``. The
neurons stand in one growing table (:class:`Neurons`). A *sum* is a weighted sum of other neurons; a
function is applied to ``scale · neuron + shift`` of one other neuron. Scaling is therefore carried
along until something reads it, and folds into weights there. What nobody reads in the end is
never built.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from nnplay.core.activations import ACTIVATIONS
from nnplay.formats.errors import FormatError

__all__ = [
    "CODE",
    "FUNCTIONS",
    "INPUT",
    "SUM",
    "Cut",
    "Neurons",
    "Traced",
    "nearly",
    "snapped",
]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

# The last four are steps on the way to an activation and no neurons that could be shown.
FUNCTIONS: Final = (
    "input",
    "linear",
    *(name for name in ACTIVATIONS if name != "linear"),
    "exp",
    "erf",
    "cube",
    "cubic",  # u + 0.044715·u³
)
CODE: Final = {name: number for number, name in enumerate(FUNCTIONS)}
INPUT: Final = CODE["input"]
SUM: Final = CODE["linear"]
FIRST_STEP: Final = CODE["exp"]

MAX_CONNECTIONS: Final = 2_000_000
MAX_NEURONS: Final = 1_000_000
CLOSE: Final = 2e-6
"""Constants in files are rounded to 32 bits, sometimes twice."""


def nearly(a: npt.ArrayLike, b: npt.ArrayLike) -> bool:
    """Whether numbers agree as well as 32 bits allow."""
    return bool(np.allclose(a, b, rtol=CLOSE, atol=1e-12))


def snapped(values: FloatArray) -> FloatArray:
    """Factors that are 1 but for rounding, as 1."""
    return np.where(np.abs(values - 1.0) < CLOSE, 1.0, values)


@dataclass(frozen=True, eq=False)
class Traced:
    """A tensor for one sample.

    Attributes:
        ids: number of the neuron of each element; −1 for a constant, which ``shift`` holds.
        scale, shift: ``float64``, shaped like ``ids``.
        batch: the axis of samples, of length 1 here; None in a model that takes one sample.
    """

    ids: IntArray
    scale: FloatArray
    shift: FloatArray
    batch: int | None

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of all axes."""
        return self.ids.shape

    @property
    def is_plain(self) -> bool:
        """Whether elements are neurons as they are."""
        return bool((self.scale == 1.0).all() and (self.shift == 0.0).all())

    def taken(self, places: IntArray, batch: int | None) -> Traced:
        """Other elements in another shape, by flat index."""
        return Traced(
            self.ids.reshape(-1)[places],
            self.scale.reshape(-1)[places],
            self.shift.reshape(-1)[places],
            batch,
        )

    def times(self, factor: FloatArray | float) -> Traced:
        """Each element multiplied."""
        return replace(self, scale=self.scale * factor, shift=self.shift * factor)

    def plus(self, offset: FloatArray | float) -> Traced:
        """A number added to each element."""
        return replace(self, shift=self.shift + offset)

    def wide(self, shape: tuple[int, ...]) -> Traced:
        """Broadcast to a shape."""
        batch = None if self.batch is None else self.batch + len(shape) - len(self.shape)
        return Traced(
            np.broadcast_to(self.ids, shape),
            np.broadcast_to(self.scale, shape),
            np.broadcast_to(self.shift, shape),
            batch,
        )


@dataclass(frozen=True, eq=False)
class Cut:
    """What a tail makes of the network's outputs: a label, or probabilities by name."""

    origin: Traced
    is_map: bool
    names: tuple[str, ...] = ()


class _Column:
    """A numpy array that grows at its end."""

    def __init__(self, dtype: npt.DTypeLike) -> None:
        self._array = np.empty(1024, dtype=dtype)
        self.size = 0

    @property
    def values(self) -> npt.NDArray[Any]:
        return self._array[: self.size]

    def extend(self, values: npt.NDArray[Any]) -> None:
        need = self.size + values.size
        if need > self._array.size:
            grown = np.empty(max(need, 2 * self._array.size), dtype=self._array.dtype)
            grown[: self.size] = self.values
            self._array = grown
        self._array[self.size : need] = values
        self.size = need


class Neurons:
    """The table of everything that was traced.

    A neuron is a row: its function, what it is applied to (``pre``, ``scale``, ``shift``), the node
    that made it, and for a sum the place of its terms; ``shift`` of a sum is its bias.
    """

    def __init__(self) -> None:
        self._function = _Column(np.int16)
        self._pre = _Column(np.int64)
        self._scale = _Column(np.float64)
        self._shift = _Column(np.float64)
        self._maker = _Column(np.int32)
        self._first = _Column(np.int64)
        self._count = _Column(np.int64)
        self._source = _Column(np.int64)
        self._weight = _Column(np.float64)
        self.maker = 0  # set by whoever walks through the graph
        self.dropped_zeros = 0

    @property
    def function(self) -> npt.NDArray[np.int16]:
        """Code of each neuron's function."""
        return self._function.values

    @property
    def makers(self) -> npt.NDArray[np.int32]:
        """Number of the node that made each neuron."""
        return self._maker.values

    def is_all(self, ids: IntArray, name: str) -> bool:
        """Whether all of them are neurons with this function."""
        return bool((ids >= 0).all() and (self.function[ids] == CODE[name]).all())

    def made_with(self, neuron: int) -> IntArray:
        """Ids of all neurons with the same function that the same node made, this one included."""
        return np.flatnonzero(
            (self.makers == self.makers[neuron]) & (self.function == self.function[neuron])
        )

    def before(self, traced: Traced) -> Traced:
        """What the functions of a tensor's neurons were applied to."""
        ids = traced.ids
        return Traced(
            self._pre.values[ids], self._scale.values[ids], self._shift.values[ids], traced.batch
        )

    # ------------------------------------------------------------------ making neurons
    def inputs(self, shape: tuple[int, ...], batch: int | None) -> Traced:
        """New input neurons."""
        count = int(np.prod(shape, dtype=np.int64))
        ids = self._add(
            count, INPUT, np.full(count, -1), np.ones(count), np.zeros(count), None
        ).reshape(shape)
        return Traced(ids, np.ones(shape), np.zeros(shape), batch)

    def applied(self, name: str, u: Traced) -> Traced:
        """New neurons: a function of each element."""
        ids = self._add(
            u.ids.size,
            CODE[name],
            u.ids.reshape(-1),
            snapped(u.scale).reshape(-1),
            u.shift.reshape(-1),
            None,
        ).reshape(u.shape)
        return Traced(ids, np.ones(u.shape), np.zeros(u.shape), u.batch)

    def sums(
        self,
        shape: tuple[int, ...],
        batch: int | None,
        targets: IntArray,
        sources: IntArray,
        weights: FloatArray,
        bias: FloatArray,
    ) -> Traced:
        """New sums.

        Args:
            shape: of the result.
            batch: its axis of samples.
            targets: ``int64[T]``, flat place in the result of each term.
            sources: ``int64[T]``, neuron of each term; −1 counts nothing.
            weights: ``float64[T]``.
            bias: ``float64``, of the result's shape.
        """
        kept = sources >= 0
        used = kept & (weights != 0.0)
        if used.any():
            self.dropped_zeros += int(kept.sum()) - int(used.sum())
            kept = used
        if not kept.all():
            targets, sources, weights = targets[kept], sources[kept], weights[kept]
        count = bias.size
        keys = targets * max(1, self.function.size) + sources
        if keys.size and not (np.diff(keys) > 0).all():
            keys, place = np.unique(keys, return_inverse=True)
            weights = np.bincount(place.reshape(-1), weights, keys.size).astype(np.float64)
            targets = keys // max(1, self.function.size)
            sources = keys - targets * max(1, self.function.size)
        if self._source.size + sources.size > MAX_CONNECTIONS:
            raise FormatError(
                f"The network has more than {MAX_CONNECTIONS:,} connections, more than nnplay can "
                "show. Choose a smaller one."
            )
        counts = np.bincount(targets, minlength=count).astype(np.int64)
        first = self._source.size + np.cumsum(counts) - counts
        self._source.extend(sources)
        self._weight.extend(weights)
        ids = self._add(
            count,
            SUM,
            np.full(count, -1),
            np.ones(count),
            bias.reshape(-1),
            (first, counts),
        ).reshape(shape)
        return Traced(ids, np.ones(shape), np.zeros(shape), batch)

    def _add(
        self,
        count: int,
        code: int,
        pre: IntArray,
        scale: FloatArray,
        shift: FloatArray,
        terms: tuple[IntArray, IntArray] | None,
    ) -> IntArray:
        start = self._function.size
        if start + count > MAX_NEURONS:
            raise FormatError(
                f"The network has more than {MAX_NEURONS:,} neurons, more than nnplay can show. "
                "Choose a smaller one."
            )
        first, counts = terms or (np.zeros(count, np.int64), np.zeros(count, np.int64))
        self._function.extend(np.full(count, code, dtype=np.int16))
        self._pre.extend(pre)
        self._scale.extend(scale)
        self._shift.extend(shift)
        self._maker.extend(np.full(count, self.maker, dtype=np.int32))
        self._first.extend(first)
        self._count.extend(counts)
        return np.arange(start, start + count)

    # ------------------------------------------------------------------ looking into sums
    def terms(
        self, ids: IntArray, scale: FloatArray, shift: FloatArray
    ) -> tuple[IntArray, IntArray, FloatArray, FloatArray]:
        """``scale · neuron + shift`` as weighted sums, sums among the neurons opened up.

        All arguments are flat, of length n. Returns the place (0 to n − 1), source and weight of
        each term, ordered by place, and the biases ``float64[n]``.
        """
        known = (ids >= 0) & (scale != 0.0)
        safe = np.where(known, ids, 0)
        is_sum = known & (self.function[safe] == SUM)
        counts = np.where(is_sum, self._count.values[safe], known.astype(np.int64))
        bias = shift + np.where(is_sum, scale * self._shift.values[safe], 0.0)
        places = np.repeat(np.arange(ids.size), counts)
        starts = np.cumsum(counts) - counts
        index = np.arange(places.size) - starts[places]
        sources, weights = safe[places], scale[places]
        inside = is_sum[places]
        at = self._first.values[safe[places[inside]]] + index[inside]
        sources[inside] = self._source.values[at]
        weights[inside] *= self._weight.values[at]
        return places, sources, weights, bias

    def incoming(self, ids: IntArray) -> tuple[IntArray, IntArray, FloatArray, FloatArray]:
        """Connections into built neurons: place in ``ids``, source, weight; and the biases."""
        is_sum = self.function[ids] == SUM
        base = np.where(is_sum, ids, self._pre.values[ids])
        scale = np.where(is_sum, 1.0, self._scale.values[ids])
        shift = np.where(is_sum, 0.0, self._shift.values[ids])
        nothing = self.function[ids] == INPUT
        return self.terms(np.where(nothing, -1, base), scale, shift)
