"""The steps of one sample, and what is known after each of them.

A plan lists what becomes known, in the order of a calculation on paper: forward (terms w·a, z, a),
the loss, backward (shares of ∂L/∂a, δ, ∂L/∂w), and the update. It works on any graph; softmax
outputs, which depend on each other, are done together. Positions count the steps that are done, so
that going on and going back are only other positions.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from nnplay.core.network import Network
from nnplay.core.topology import Kind
from nnplay.core.trace import Trace

__all__ = ["GRAINS", "NOTHING", "Does", "Grain", "Known", "Phase", "Step", "StepPlan"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Grain = Literal["term", "neuron", "layer", "phase"]
GRAINS: Final[tuple[Grain, ...]] = ("term", "neuron", "layer", "phase")
NEVER: Final = np.iinfo(np.int64).max
NOTHING: Final = -1


class Phase(enum.IntEnum):
    """The four parts of a step of training."""

    FORWARD = 0
    LOSS = 1
    BACKWARD = 2
    UPDATE = 3


class Does(enum.IntEnum):
    """What a step computes."""

    TERM = enum.auto()  # w·a on its way into a neuron
    BIAS = enum.auto()  # the sum's last term; gives z
    ACTIVATION = enum.auto()  # a = f(z)
    SOFTMAX = enum.auto()  # all activations of the softmax group
    OFF = enum.auto()  # a switched-off neuron: 0
    LOSS_SHARE = enum.auto()  # one output's share of the loss
    LOSS_SUM = enum.auto()
    OWN = enum.auto()  # the loss's own derivative by an output's activation
    CHAIN = enum.auto()  # w·δ on its way back
    DELTA = enum.auto()  # δ = ∂L/∂z
    SOFTMAX_DELTA = enum.auto()
    OFF_DELTA = enum.auto()
    GRADIENT = enum.auto()  # ∂L/∂w = δ·a
    BIAS_GRADIENT = enum.auto()
    UPDATE = enum.auto()  # of a weight or bias


@dataclass(frozen=True)
class Step:
    """One step of a plan.

    Attributes:
        index: its number, from 0.
        phase: part of the calculation.
        does: what it computes.
        row: the neuron it happens at, −1 for the whole loss.
        slot: the parameter it uses or finds the gradient of, −1 without one.
        value: the number that becomes known.
        running: the sum so far (terms and shares), the new parameter (updates), else NaN.
    """

    index: int
    phase: Phase
    does: Does
    row: int
    slot: int
    value: float
    running: float


@dataclass(frozen=True, eq=False)
class Known:
    """What is known at a position; NaN is unknown (or does not exist).

    Attributes:
        z, a, delta: ``float64[N]`` in row order.
        edges: ``float64[E]``, the latest number on each connection in this phase: w·a, w·δ, ∂L/∂w or
            Δw.
        gradient, change: ``float64[P]``, ∂L/∂parameter and Δparameter.
        loss: the loss, or NaN.
    """

    z: FloatArray
    a: FloatArray
    delta: FloatArray
    edges: FloatArray
    gradient: FloatArray
    change: FloatArray
    loss: float


@dataclass(frozen=True, eq=False)
class StepPlan:
    """All steps of one sample.

    Attributes:
        network: with the parameters before the update.
        trace: the engine's numbers.
        loss_name: name in the loss table.
        targets: ``float64[outputs]``, empty without a target.
        own: ``float64[N]``, the loss's own derivative by each output's a (by z if ``by_z``), else 0.
        by_z: whether the loss is derived by z.
        after: ``float64[P]``, the parameters after the update; empty without one.
        rate: the learning rate of the update.
        does, rows, slots: ``int64[S]``. values, running: ``float64[S]``.
        ends: ``int64[S]``, the coarsest grain each step ends (0 a term … 3 a phase).
        phases: ``int64[S]``.
    """

    network: Network
    trace: Trace
    loss_name: str
    targets: FloatArray
    own: FloatArray
    by_z: bool
    after: FloatArray
    rate: float
    does: IntArray
    rows: IntArray
    slots: IntArray
    values: FloatArray
    running: FloatArray
    ends: IntArray
    phases: IntArray

    def __len__(self) -> int:
        return len(self.does)

    def __getitem__(self, index: int) -> Step:
        if not 0 <= index < len(self):
            raise IndexError(index)
        return Step(
            index,
            Phase(int(self.phases[index])),
            Does(int(self.does[index])),
            int(self.rows[index]),
            int(self.slots[index]),
            float(self.values[index]),
            float(self.running[index]),
        )

    # ------------------------------------------------------------------ positions
    def next(self, position: int, grain: Grain = "term") -> int:
        """The next position at which a term, neuron, layer or phase is done; the end at most."""
        stops = self._stops[grain]
        place = int(np.searchsorted(stops, position, side="right"))
        return int(stops[place]) if place < len(stops) else len(self)

    def back(self, position: int, grain: Grain = "term") -> int:
        """The position before, where one was done; 0 at least."""
        stops = self._stops[grain]
        place = int(np.searchsorted(stops, position, side="left"))
        return int(stops[place - 1]) if place else 0

    def phase_at(self, position: int) -> Phase:
        """The phase of the step done last; of the first one at the beginning."""
        if not len(self):
            return Phase.FORWARD
        return Phase(int(self.phases[max(0, position - 1)]))

    def start_of(self, phase: Phase) -> int | None:
        """The position before a phase's first step, or None if the plan has no such phase."""
        found = np.flatnonzero(self.phases == phase)
        return int(found[0]) if found.size else None

    def end_of(self, phase: Phase) -> int | None:
        """The position at which a phase is done, or None if the plan has no such phase."""
        found = np.flatnonzero(self.phases == phase)
        return int(found[-1]) + 1 if found.size else None

    @cached_property
    def _stops(self) -> dict[Grain, IntArray]:
        return {grain: np.flatnonzero(self.ends >= i) + 1 for i, grain in enumerate(GRAINS)}

    # ------------------------------------------------------------------ what is known
    def known(self, position: int) -> Known:
        """Everything known after so many steps."""
        trace, phase = self.trace, self.phase_at(position)
        edge_count = self.network.topology.edge_count
        edges = np.full(edge_count, np.nan)
        done = slice(0, position)
        here = (self.phases[done] == phase) & (self.slots[done] >= 0)
        here &= self.slots[done] < edge_count
        chosen = np.flatnonzero(here)
        edges[self.slots[chosen]] = self.values[chosen]  # of several the latest one stays
        change = np.full(self.network.theta.size, np.nan)
        if self.after.size:
            change = self.after - self.network.theta
        gradient = np.full(self.network.theta.size, np.nan)
        if self.targets.size:
            gradient = trace.gradient
        loss = self._loss_at
        return Known(
            z=np.where(self._at["z"] <= position, trace.z, np.nan),
            a=np.where(self._at["a"] <= position, trace.a, np.nan),
            delta=np.where(self._at["delta"] <= position, trace.delta, np.nan),
            edges=edges,
            gradient=np.where(self._at["gradient"] <= position, gradient, np.nan),
            change=np.where(self._at["change"] <= position, change, np.nan),
            loss=np.nan if trace.loss is None or loss > position else trace.loss,
        )

    @cached_property
    def _loss_at(self) -> int:
        found = np.flatnonzero(self.does == Does.LOSS_SUM)
        return int(found[0]) + 1 if found.size else NEVER

    @cached_property
    def _at(self) -> dict[str, IntArray]:
        """Positions from which each number is known."""
        topology = self.network.topology
        rows, parameters = topology.neuron_count, topology.parameter_count
        at = {
            name: np.full(size, NEVER)
            for name, size in (
                ("z", rows),
                ("a", rows),
                ("delta", rows),
                ("gradient", parameters),
                ("change", parameters),
            )
        }
        at["a"][topology.kinds == Kind.INPUT] = 0
        numbers = np.arange(1, len(self) + 1)

        def note(name: str, by: IntArray, *kinds: Does) -> None:
            chosen = np.isin(self.does, kinds)
            at[name][by[chosen]] = numbers[chosen]

        note("z", self.rows, Does.BIAS)
        note("a", self.rows, Does.ACTIVATION, Does.OFF)
        note("delta", self.rows, Does.DELTA, Does.OFF_DELTA)
        note("gradient", self.slots, Does.GRADIENT, Does.BIAS_GRADIENT)
        note("change", self.slots, Does.UPDATE)
        for name, kind in (("a", Does.SOFTMAX), ("delta", Does.SOFTMAX_DELTA)):
            for index in np.flatnonzero(self.does == kind).tolist():
                at[name][self.softmax_rows] = index + 1
        # A switched-off neuron has no sum and no gradients to wait for.
        for index in np.flatnonzero(self.does == Does.OFF_DELTA).tolist():
            row = self.rows[index]
            at["gradient"][[*topology.incoming_slots[row], topology.bias_slots[row]]] = index + 1
        return at

    @cached_property
    def softmax_rows(self) -> IntArray:
        """Rows of the softmax group's members that are switched on."""
        is_softmax = np.array([name == "softmax" for name in self.network.activations], dtype=bool)
        return np.flatnonzero(is_softmax & self.network.neuron_enabled)
