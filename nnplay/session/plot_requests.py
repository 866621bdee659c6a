"""What the further plots want computed about the session as it is shown; see ``Session.watch``.

Every wish works on an even share of the data of at most
:data:`nnplay.core.layer_statistics.MOST_ROWS` rows, on the evaluator's thread, and while training
takes a small share of the time only.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import numpy.typing as npt

from nnplay.core import layer_statistics as statistics
from nnplay.core.errors import TrainingError
from nnplay.core.network import Network
from nnplay.core.program import Program
from nnplay.core.projections import grid_lines
from nnplay.core.samples import Samples
from nnplay.core.targets import predicted_classes
from nnplay.data.errors import DataError
from nnplay.data.preparation import PreparedData
from nnplay.session.map_columns import Plane, plane_of
from nnplay.session.parameter_trail import exact_epoch

if TYPE_CHECKING:
    from nnplay.session.session import Session

__all__ = [
    "AnswersWish",
    "LayerWish",
    "NoAnswer",
    "PartName",
    "PlotWish",
    "Predictions",
    "SampleActivations",
    "SampleWish",
    "Stamped",
    "answers_of",
]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
PartName = Literal["train", "test"]

SHARE: Final = 0.08
"""Share of the time a plot's work may take while training."""
INTERVAL: Final = 0.125
"""Seconds between two answers while training, at least."""


@dataclass(frozen=True)
class NoAnswer:
    """Why there is nothing to show, as a sentence."""

    problem: str


@dataclass(frozen=True, eq=False)
class Stamped:
    """An answer and what it is about.

    Attributes:
        epoch: fractional epoch of the network looked at.
        network: that network.
        value: what was wished for, or :class:`NoAnswer`.
    """

    epoch: float
    network: Network
    value: object


@dataclass
class _Pace:
    """How long the latest job took and when it was done (``time.monotonic()``)."""

    seconds: float = 0.0
    ready: float = -math.inf


@dataclass(frozen=True)
class PlotWish:
    """A wish of a plot.

    Attributes:
        part: samples looked at.
        turn: another number asks again for the same.
    """

    part: PartName = "train"
    turn: int = 0
    pace: _Pace = field(default_factory=_Pace, compare=False)

    def job(self, session: Session) -> Callable[[], object] | None:
        """The work; None while it would slow training down."""
        pace = self.pace
        if session.is_running and time.monotonic() < pace.ready + max(
            INTERVAL, pace.seconds / SHARE
        ):
            return None
        network, epoch = session.network, exact_epoch(session)
        work: Callable[[], object]
        try:
            work = self._work(session)
        except (DataError, TrainingError) as error:
            problem = NoAnswer(str(error))
            work = lambda: problem  # noqa: E731

        def timed() -> Stamped:
            start = time.monotonic()
            value: object
            try:
                value = work()
            except (DataError, TrainingError) as error:
                value = NoAnswer(str(error))
            pace.ready = time.monotonic()
            pace.seconds = pace.ready - start
            return Stamped(epoch, network, value)

        return timed

    def _work(self, session: Session) -> Callable[[], object]:
        raise NotImplementedError  # every wish has its own

    def _samples(self, session: Session) -> Samples:
        """The samples of the part; raises :class:`DataError` with a sentence."""
        if session.prepared is None or session.data_problem:
            raise DataError(
                session.data_problem or "There are no data yet; choose some in the Data panel."
            )
        train, test = session.workspace.data.samples(session.live_document)
        if self.part == "train":
            return train
        if test is None or not len(test):
            raise DataError("No sample is kept for testing. Choose a smaller share for training.")
        return test


@dataclass(frozen=True)
class LayerWish(PlotWish):
    """One quantity in every layer (:class:`nnplay.core.layer_statistics.LayerStatistics`)."""

    quantity: statistics.Quantity = "activation"

    def _work(self, session: Session) -> Callable[[], object]:
        samples = statistics.shared_samples(self._samples(session))
        network, config = session.network, session.training
        return lambda: statistics.measure_layers(network, samples, config, self.quantity)


@dataclass(frozen=True, eq=False)
class SampleActivations:
    """Activations of neurons for samples sorted by class or target.

    Attributes:
        neurons: ``int64[k]``, network rows of the neurons.
        rows: ``int64[n]``, rows of the data.
        keys: ``float64[n]``, class of the data or raw target of each sample, ascending.
        values: ``float32[k, n]``, activations.
        grid: ``float32[lines, points, k]``, activations along a grid over two columns; empty
            unless there are two numeric columns and it was asked for.
        plane: where that grid lies; None without one.
    """

    neurons: IntArray
    rows: IntArray
    keys: FloatArray
    values: npt.NDArray[np.float32]
    grid: npt.NDArray[np.float32]
    plane: Plane | None = None


@dataclass(frozen=True)
class SampleWish(PlotWish):
    """Activations for many samples (:class:`SampleActivations`).

    Attributes:
        level: of the neurons: hidden ones on that level, -1 outputs, None all but inputs.
        with_grid: whether a grid over two numeric columns is wanted too, the others held at the
            probe (:func:`nnplay.session.map_columns.plane_of`).
        most: samples at most.
    """

    level: int | None = None
    with_grid: bool = False
    most: int = 1000

    def _work(self, session: Session) -> Callable[[], object]:
        self._samples(session)
        prepared, network = session.prepared, session.network
        assert prepared is not None  # noqa: S101
        plane = plane_of(session) if self.with_grid else None
        return lambda: self._look(network, prepared, plane)

    def _look(
        self, network: Network, prepared: PreparedData, plane: Plane | None
    ) -> SampleActivations:
        part = prepared.train_rows if self.part == "train" else prepared.test_rows
        rows = np.sort(part[statistics.even_share(len(part), self.most)])
        keys = _keys(prepared, rows)
        order = np.argsort(keys, kind="stable")
        rows, keys = rows[order], keys[order]
        layers = statistics.layers_of(network)
        members = [x.rows for x in layers if self.level is None or x.level == self.level]
        if not members:
            raise DataError("There is no such layer any more. Choose another one.")
        neurons = np.concatenate(members)
        inputs = prepared.inputs[np.ix_(rows, prepared.input_columns(network))]
        program = Program(network, max(1, len(rows)), np.float32)
        program.forward(inputs)
        values = program.activations_compact()[neurons]
        grid = np.empty((0, 0, len(neurons)), dtype=np.float32)
        if plane is not None:
            x, y = plane.columns
            lines = grid_lines((prepared.domain[x], prepared.domain[y]))
            raw = plane.raw(lines.reshape(-1, 2))
            with np.errstate(all="ignore"):
                program.forward(prepared.input_matrix(network, raw))
            bent = program.activations_compact()[neurons]
            grid = bent.T.reshape(lines.shape[0], lines.shape[1], len(neurons))
        return SampleActivations(neurons, rows, keys, values, grid, plane)


@dataclass(frozen=True, eq=False)
class Predictions:
    """Answers to samples of one part.

    Attributes:
        rows: ``int64[n]``, rows of the data.
        wanted: ``int64[n]`` classes or ``float64[n]`` values in units of the target.
        given: what the network says, in the same way.
    """

    rows: IntArray
    wanted: IntArray | FloatArray
    given: IntArray | FloatArray

    def confusion(self, classes: int) -> IntArray:
        """``int64[classes, classes]``: how often class ``row`` was taken for class ``column``."""
        places = self.wanted.astype(np.int64) * classes + self.given.astype(np.int64)
        return np.bincount(places, minlength=classes * classes).reshape(classes, classes)


@dataclass(frozen=True)
class AnswersWish(PlotWish):
    """What the network answers to the samples of a part (:class:`Predictions`)."""

    def _work(self, session: Session) -> Callable[[], object]:
        self._samples(session)
        prepared, network, loss = session.prepared, session.network, session.training.loss
        assert prepared is not None  # noqa: S101
        part = prepared.train_rows if self.part == "train" else prepared.test_rows
        rows = np.sort(part[statistics.even_share(len(part))])
        return lambda: answers_of(network, prepared, rows, loss)


def answers_of(network: Network, prepared: PreparedData, rows: IntArray, loss: str) -> Predictions:
    """What a network answers to rows of the data."""
    inputs = prepared.inputs[np.ix_(rows, prepared.input_columns(network))]
    outputs = np.array(Program(network, max(1, len(rows))).forward(inputs))
    if prepared.class_index is None:
        assert prepared.values is not None  # noqa: S101
        given = prepared.restore_target(outputs[:, :1])[:, 0]
        return Predictions(rows, prepared.restore_target(prepared.values[rows])[:, 0], given)
    chosen = predicted_classes(np.nan_to_num(outputs, nan=-np.inf), network, loss)
    if outputs.shape[1] > 1:
        chosen = prepared.output_places(network)[chosen]
    return Predictions(rows, prepared.class_index[rows], chosen.astype(np.int64))


def _keys(prepared: PreparedData, rows: IntArray) -> FloatArray:
    if prepared.class_index is not None:
        return prepared.class_index[rows].astype(np.float64)
    assert prepared.values is not None  # noqa: S101
    return prepared.restore_target(prepared.values[rows])[:, 0]
