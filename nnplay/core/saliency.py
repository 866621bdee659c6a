"""How the outputs follow the inputs of one sample: slopes, and the smallest change that flips the class."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from nnplay.core.config import LossChoice, loss_settings
from nnplay.core.network import Network
from nnplay.core.program import Program
from nnplay.core.targets import class_codes, predicted_classes
from nnplay.core.topology import Kind

__all__ = ["Counterfactual", "Plane", "counterfactual", "saliency"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]
Feed = Callable[[FloatArray], FloatArray]

# Points looked at along a stretch at once; three rounds find the boundary to 1e-6 of it.
_ALONG: Final = 128
_ROUNDS: Final = 3
_STARTS: Final = 6
_DESCENTS: Final = 60
_REFINEMENTS: Final = 80
# Where the gradient is computed from raw values: the step of the central difference, in units.
_STEP: Final = 1e-5


def saliency(network: Network, x: npt.ArrayLike, program: Program | None = None) -> FloatArray:
    """∂a/∂x of every output by every input for one sample, ``float64[outputs, inputs]``.

    One backward pass per output, all at once as the samples of a batch: with a target one below the
    output, the derivative of ½(a − y)² by a is 1 there and 0 at the others. A large output takes a
    target as far away as it is large, so that nothing is lost to rounding.

    Args:
        network: with the parameters it has now.
        x: prepared inputs ``[inputs]``.
        program: of a network with the same plan, to save compiling; its parameters are used as
            they are.
    """
    topology = network.topology
    outputs, inputs = len(topology.output_ids), len(topology.input_ids)
    result = np.zeros((outputs, inputs))
    if not outputs or not inputs:
        return result
    batch = np.repeat(np.asarray(x, dtype=np.float64).reshape(1, -1), outputs, axis=0)
    program = Program(network, outputs) if program is None else program
    found = np.array(program.forward(batch), dtype=np.float64)
    sizes = np.maximum(1.0, np.abs(np.diagonal(found)))
    targets = found.copy()
    targets[np.arange(outputs), np.arange(outputs)] -= sizes
    program.backward(batch, targets, "half_squared")
    deltas = program.deltas_compact() * (outputs / sizes)
    # What the inputs feed is asked once per connection.
    columns = np.full(topology.neuron_count, -1)
    is_input = topology.kinds == Kind.INPUT
    columns[is_input] = np.arange(inputs)
    sources, targets_of = topology.edge_rows[:, 0], topology.edge_rows[:, 1]
    first = np.flatnonzero(is_input[sources] & network.neuron_enabled[sources])
    shares = network.effective_weights[first, None] * deltas[targets_of[first]]
    for output in range(outputs):
        result[output] = np.bincount(
            columns[sources[first]], weights=shares[:, output], minlength=inputs
        )
    return result


@dataclass(frozen=True)
class Plane:
    """Where raw values may be, and what counts as one step of each.

    Attributes:
        low, high: ``float64[columns]``, ends of every raw column.
        units: ``float64[columns]``, what a distance is measured in (the spread of the data).
        free: ``bool[columns]``, what may change; words and constant columns may not.
        feed: raw rows ``[n, columns]`` to prepared inputs ``[n, inputs]``.
    """

    low: FloatArray
    high: FloatArray
    units: FloatArray
    free: BoolArray
    feed: Feed


@dataclass(frozen=True, eq=False)
class Counterfactual:
    """What the search found.

    Attributes:
        raw: ``float64[columns]``, the nearest sample of another class that was found, or None.
        distance: Euclidean length of the change, in units; NaN if there is none.
        before: class of the sample as it is. after: class of what was found, −1 if there is none.
        tried: samples that went through the network.
    """

    raw: FloatArray | None
    distance: float
    before: int
    after: int
    tried: int


def counterfactual(
    network: Network,
    raw: npt.ArrayLike,
    plane: Plane,
    loss: LossChoice,
    *,
    others: npt.ArrayLike | None = None,
    look_around: Callable[[], None] | None = None,
) -> Counterfactual:
    """Search the smallest change of raw values that changes the predicted class.

    Starts are gradient steps towards each of the other classes, and samples that the network puts
    into another class. From a start the way back is cut at the boundary (scan and bisection); then
    the point slides along the boundary towards the sample as long as that brings it closer. What
    is found is a class change for certain; that there is no closer one is not proven.

    Args:
        network: with the parameters it has now.
        raw: the sample, ``[columns]``.
        plane: ranges, units, and the way to the inputs.
        loss: decides how outputs are read as classes.
        others: further raw rows to start from, for example the data.
        look_around: called again and again; may raise to give it up.
    """
    return _Search(network, plane, loss, look_around).run(
        np.asarray(raw, dtype=np.float64), None if others is None else np.asarray(others, float)
    )


class _Search:
    """Works in units: u = (raw − sample) / units, so that the sample is the origin."""

    def __init__(
        self,
        network: Network,
        plane: Plane,
        loss: LossChoice,
        look_around: Callable[[], None] | None,
    ) -> None:
        self._network, self._plane = network, plane
        self._loss = loss_settings(loss).name
        self._look_around = look_around
        self._program = Program(network, 1)
        self._off, self._on = class_codes(network.output_activations, self._loss)
        self._tried = 0
        self._sample = plane.low
        self._low = self._high = plane.low
        self._before = -1

    def run(self, raw: FloatArray, others: FloatArray | None) -> Counterfactual:
        plane = self._plane
        self._sample = raw
        # A sample outside of the ranges may stay where it is.
        low, high = np.minimum(plane.low, raw), np.maximum(plane.high, raw)
        self._low = np.where(plane.free, (low - raw) / plane.units, 0.0)
        self._high = np.where(plane.free, (high - raw) / plane.units, 0.0)
        origin = np.zeros(raw.size)
        self._before = int(self._classes(origin[None])[0])
        best: FloatArray | None = None
        if self._before >= 0 and plane.free.any():
            for start in self._starts(others):
                found = self._refined(start)
                if best is None or _length(found) < _length(best):
                    best = found
        if best is None:
            return Counterfactual(None, float("nan"), self._before, -1, self._tried)
        point = self._raw(best[None])[0]
        after = int(self._classes(best[None])[0])
        return Counterfactual(point, _length(best), self._before, after, self._tried)

    # ------------------------------------------------------------------ asking the network
    def _raw(self, points: FloatArray) -> FloatArray:
        raw = self._sample + points * self._plane.units
        plane = self._plane
        low, high = np.minimum(plane.low, self._sample), np.maximum(plane.high, self._sample)
        return np.where(points == 0.0, self._sample, np.clip(raw, low, high))

    def _classes(self, points: FloatArray) -> IntArray:
        """Class of every point; −1 where the inputs or outputs are not numbers."""
        if self._look_around is not None:
            self._look_around()
        self._tried += len(points)
        with np.errstate(all="ignore"):
            inputs = self._plane.feed(self._raw(points))
            outputs = np.array(self._program.forward(inputs), dtype=np.float64)
        classes = predicted_classes(outputs, self._network, self._loss)
        classes[~(np.isfinite(outputs).all(axis=1) & np.isfinite(inputs).all(axis=1))] = -1
        return classes

    def _is_other(self, points: FloatArray) -> BoolArray:
        classes = self._classes(points)
        return np.asarray((classes >= 0) & (classes != self._before), dtype=np.bool_)

    def _margins(self, point: FloatArray) -> tuple[FloatArray, FloatArray, IntArray]:
        """How far the class leads before every other, and its slopes ``[others, columns]``."""
        free = np.flatnonzero(self._plane.free)
        moves = np.zeros((2 * free.size, point.size))
        moves[np.arange(free.size), free] = _STEP
        moves[free.size + np.arange(free.size), free] = -_STEP
        with np.errstate(all="ignore"):
            inputs = self._plane.feed(self._raw(np.vstack([point[None], point + moves])))
        slopes = (inputs[1 : 1 + free.size] - inputs[1 + free.size :]) / (2 * _STEP)
        outputs = np.array(self._program.forward(inputs[:1])[0], dtype=np.float64)
        by_input = saliency(self._network, inputs[0], self._program)
        self._tried += 1
        widths = self._on - self._off
        places, by_input = (outputs - self._off) / widths, by_input / widths[:, None]
        by_column = np.zeros((len(places), point.size))
        by_column[:, free] = by_input.dot(slopes.T)
        if len(places) == 1:
            sign = 1.0 if self._before == 1 else -1.0
            return sign * (places - 0.5), sign * by_column, np.array([1 - self._before])
        rest = np.array([k for k in range(len(places)) if k != self._before])
        return (
            places[self._before] - places[rest],
            by_column[self._before] - by_column[rest],
            rest,
        )

    # ------------------------------------------------------------------ searching
    def _starts(self, others: FloatArray | None) -> list[FloatArray]:
        """Points of another class, each already moved back to the boundary."""
        found = []
        wanted = max(1, len(self._off))
        for which in range(min(wanted, _STARTS)):
            ahead = self._descend(which)
            if ahead is not None:
                found.append(ahead)
        if others is not None and len(others):
            points = (others - self._sample) / self._plane.units
            points = np.clip(np.where(self._plane.free, points, 0.0), self._low, self._high)
            flipped = points[self._is_other(points)]
            nearest = flipped[np.argsort((flipped**2).sum(axis=1), kind="stable")[:_STARTS]]
            found += [self._cut(np.zeros(point.size), point) for point in nearest]
        return found

    def _descend(self, which: int) -> FloatArray | None:
        """Steps against one lead's slope (the ``which``-th smallest at first), until it is lost."""
        point = np.zeros(self._sample.size)
        rival = -1
        for count in range(_DESCENTS):
            leads, slopes, rivals = self._margins(point)
            if rival < 0:
                if which >= len(rivals):
                    return None
                rival = int(rivals[np.argsort(leads, kind="stable")[which]])
            place = int(np.flatnonzero(rivals == rival)[0])
            lead, slope = float(leads[place]), slopes[place].copy()
            # What stands at the end of its range cannot go further.
            slope[(point <= self._low) & (slope > 0)] = 0.0
            slope[(point >= self._high) & (slope < 0)] = 0.0
            steep = float(slope.dot(slope))
            if not np.isfinite(steep) or steep <= 0.0:
                return None
            # A saturated slope promises far too much room: no step is longer than one unit.
            step = -slope * (max(lead, 0.0) * 1.05 + 1e-9) / steep
            length = _length(step)
            step *= min(1.0, (0.25 + 0.05 * count) / length) if length else 1.0
            ahead = np.clip(point + step, self._low, self._high)
            if bool(self._is_other(ahead[None])[0]):
                return self._cut(np.zeros(point.size), ahead)
            if _length(ahead - point) < 1e-12:
                return None
            point = ahead
        return None

    def _cut(self, inside: FloatArray, outside: FloatArray) -> FloatArray:
        """The first point of another class on the way from one point to another beyond."""
        low, high = 0.0, 1.0
        for _ in range(_ROUNDS):
            shares = np.linspace(low, high, _ALONG + 1)[1:]
            points = inside + shares[:, None] * (outside - inside)
            other = self._is_other(points)
            if not other.any():
                break
            first = int(other.argmax())
            low, high = (float(shares[first - 1]) if first else low), float(shares[first])
        return inside + high * (outside - inside)

    def _refined(self, point: FloatArray) -> FloatArray:
        """Slides along the boundary towards the origin."""
        share = 0.5
        for _ in range(_REFINEMENTS):
            _, slopes, rivals = self._margins(point)
            after = int(self._classes(point[None])[0])
            place = np.flatnonzero(rivals == after)
            if not place.size:
                break
            normal = -slopes[int(place[0])]
            length = _length(normal)
            if not np.isfinite(length) or length <= 0.0:
                break
            normal /= length
            ahead = self._nearer(point, normal, share)
            if ahead is None:
                share *= 0.5
                if share < 1e-3:
                    break
                continue
            gained = _length(point) - _length(ahead)
            point = ahead
            share = min(1.0, share * 1.5)
            if gained < 1e-7 * max(_length(point), 1e-9):
                break
        return point

    def _nearer(self, point: FloatArray, normal: FloatArray, share: float) -> FloatArray | None:
        """A point of another class nearer to the origin, along the boundary; None without one."""
        tangent = -(point - point.dot(normal) * normal)
        target = np.clip(point + share * tangent, self._low, self._high)
        reach = _length(point) * np.linspace(0.0, 1.0, _ALONG // 2) ** 3
        ways = np.clip(target + reach[:, None] * normal, self._low, self._high)
        lengths = np.sqrt((ways * ways).sum(axis=1))
        ways = ways[lengths < _length(point)]
        if not len(ways):
            return None
        other = self._is_other(ways)
        if not other.any():
            return None
        first = int(other.argmax())
        found = self._cut(np.zeros(point.size), ways[first])
        if first:
            along = self._cut(ways[first - 1], ways[first])
            found = min(found, self._cut(np.zeros(point.size), along), key=_length)
        return found if _length(found) < _length(point) else None


def _length(vector: FloatArray) -> float:
    return float(np.sqrt(vector.dot(vector)))
