"""The values the session shows: what is selected, probed, running and asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

__all__ = [
    "ActivationTrail",
    "BackendWish",
    "MapRequest",
    "MapResult",
    "Probe",
    "RunKind",
    "RunState",
    "Selection",
]

FloatArray = npt.NDArray[np.float64]
EdgeKey = tuple[int, int]
RunKind = Literal["idle", "running", "diverged", "failed"]
BackendWish = Literal["auto", "numpy", "compiled"]


@dataclass(frozen=True)
class Selection:
    """What is selected on the canvas: neuron ids and (source id, target id) pairs."""

    neurons: frozenset[int] = frozenset()
    edges: frozenset[EdgeKey] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.neurons or self.edges)


@dataclass(frozen=True, eq=False)
class Probe:
    """One sample sent through the network as it is shown now.

    Attributes:
        raw: one raw value per column of the data (an index for words). When the data do not fit
            the network, these are the values of its inputs themselves.
        inputs: ``float64[inputs]``, what the input neurons receive, in row order.
        target: class name, or value in the target's own units, of the row it was taken from; None
            for a point that is no row of the data.
        pre_activations: ``float64[N]`` in row order, NaN for inputs.
        activations: ``float64[N]`` in row order.
        delta: ``float64[N]``, derivative of the loss by each pre-activation; NaN for inputs and
            without a target.
        row: row of the data it was taken from, or None.
    """

    raw: tuple[float, ...]
    inputs: FloatArray
    target: float | str | None
    pre_activations: FloatArray
    activations: FloatArray
    delta: FloatArray
    row: int | None = None


@dataclass(frozen=True)
class RunState:
    """What training is doing.

    Attributes:
        kind: ``idle``, ``running``, or how the last run ended if it ended badly: ``diverged`` or
            ``failed``.
        epoch: complete epochs.
        step: batches since the start.
        steps_per_second: speed lately, 0 when idle.
        epochs_per_second: the same in epochs.
        steps_per_frame: steps done between two frames that were shown, lately; 0 when idle.
        backend: what computed the latest step, ``numpy`` or ``compiled``; empty before any.
        ending: why the latest run ended by itself, as a sentence, until somebody does something.
    """

    kind: RunKind = "idle"
    epoch: int = 0
    step: int = 0
    steps_per_second: float = 0.0
    epochs_per_second: float = 0.0
    steps_per_frame: float = 0.0
    backend: str = ""
    ending: str = ""


@dataclass(frozen=True)
class MapRequest:
    """A view's wish: activations over the plane of two raw columns.

    Attributes:
        resolution: points along each side.
        neurons: ids of the neurons wanted; None means all.
        x_column: raw column along x.
        y_column: raw column along y.
        held: raw values of all columns, of which those not along x or y count; empty when the
            data have only these two columns.

    Views need not care about the columns: the session puts in those chosen by
    :meth:`~nnplay.session.session.Session.set_map_columns`.
    """

    resolution: int = 50
    neurons: tuple[int, ...] | None = None
    x_column: int = 0
    y_column: int = 1
    held: tuple[float, ...] = ()


@dataclass(frozen=True, eq=False)
class MapResult:
    """Maps of neurons over the input plane.

    Attributes:
        values: ``float32[k, resolution, resolution]``, read-only; row 0 is the highest y.
        neurons: the ``k`` neuron ids.
        domain: (x0, x1, y0, y1); values stand for the centres of equal cells.
        generation: counts up; a later result has a larger number.
    """

    values: npt.NDArray[np.float32]
    neurons: tuple[int, ...]
    domain: tuple[float, float, float, float]
    generation: int


@dataclass(frozen=True, eq=False)
class ActivationTrail:
    """Recent activations of the probe, one row per recorded moment.

    Attributes:
        epochs: ``float64[k]``, fractional epochs, ascending.
        values: ``float32[k, N]``, columns in row order of the network shown; NaN for neurons that
            did not exist yet.
    """

    epochs: FloatArray = field(default_factory=lambda: np.empty(0))
    values: npt.NDArray[np.float32] = field(
        default_factory=lambda: np.empty((0, 0), dtype=np.float32)
    )

    def __len__(self) -> int:
        return len(self.epochs)
