"""What views want computed about the network as it is shown: losses and decision maps.

Small jobs run at once on the calling thread, so that a map follows a dragged weight without lag;
everything else, and everything during training, goes to the evaluator's thread.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QTimer

from nnplay.core.errors import TrainingError
from nnplay.core.network import Network
from nnplay.core.program import Program
from nnplay.data.preparation import PreparedData
from nnplay.session.evaluator import Answer, Evaluator
from nnplay.session.map_columns import over_plane
from nnplay.session.notices import Notice
from nnplay.session.values import MapRequest, MapResult

if TYPE_CHECKING:
    from nnplay.core.training import Evaluation
    from nnplay.session.session import Session

__all__ = ["Evaluations", "Wish", "decision_map", "estimated_seconds"]

LOSSES_KEY: Final = "losses"
# At most 15 full maps a second, and as many full evaluations of the data.
SHORTEST_INTERVAL: Final = 1 / 15
SMALL_JOB_SECONDS: Final = 0.002
KEPT_PROGRAMS: Final = 4

FloatArray = npt.NDArray[np.float64]
Grid = npt.NDArray[np.float32]


class Wish(Protocol):
    """Anything else a view wants computed about the session as it is shown.

    Equal wishes mean the same. Answers come with ``insight_arrived``.
    """

    def job(self, session: Session) -> Callable[[], object] | None:
        """The work, over values nobody changes, for the evaluator's thread; None: not now."""


class Programs:
    """Compiled programs of one thread, and the grids they are fed with; the latest few."""

    def __init__(self) -> None:
        self._programs: OrderedDict[tuple[Any, ...], tuple[Network, Program]] = OrderedDict()
        self._grids: OrderedDict[tuple[Any, ...], tuple[PreparedData, Grid]] = OrderedDict()

    def grid(self, network: Network, prepared: PreparedData, request: MapRequest) -> Grid:
        """Inputs over the plane of a request; while a network trains they stay the same.

        Raises :class:`nnplay.data.errors.DataError` when the data do not fit the inputs.
        """
        topology = network.topology
        keys = tuple(network.bindings[topology.row(i)] for i in topology.input_ids)
        plane = request.x_column, request.y_column, request.held
        key = (id(prepared), request.resolution, plane, keys)
        found = self._grids.pop(key, None)
        # The data are kept beside their grid, so that their identity stays taken.
        if found is None:
            found = (prepared, _grid(network, prepared, request))
        self._grids[key] = found
        while len(self._grids) > KEPT_PROGRAMS:
            self._grids.popitem(last=False)
        return found[1]

    def ready(self, network: Network, samples: int, dtype: npt.DTypeLike) -> Program:
        """A program with the network's parameters loaded."""
        key = (
            id(network.topology),
            network.activations,
            id(network.enabled),
            id(network.neuron_enabled),
            samples,
            np.dtype(dtype),
        )
        found = self._programs.pop(key, None)
        # The network is kept beside its program, so that its arrays' identities stay taken.
        if found is None:
            found = (network, Program(network, samples, dtype))
        else:
            found[1].set_parameters(network.theta)
        self._programs[key] = found
        while len(self._programs) > KEPT_PROGRAMS:
            self._programs.popitem(last=False)
        return found[1]


def estimated_seconds(network: Network, samples: int) -> float:
    """A rough guess of how long a forward pass takes: products and activations."""
    return samples * (1e-9 * network.topology.edge_count + 8e-9 * network.topology.neuron_count)


def _grid(network: Network, prepared: PreparedData, request: MapRequest) -> Grid:
    size = max(2, request.resolution)
    (x0, x1), (y0, y1) = prepared.domain[request.x_column], prepared.domain[request.y_column]
    across = x0 + (np.arange(size) + 0.5) * ((x1 - x0) / size)
    down = y1 - (np.arange(size) + 0.5) * ((y1 - y0) / size)
    raw = np.empty((size * size, len(request.held) or 2))
    if request.held:
        raw[:] = request.held
    raw[:, request.x_column] = np.tile(across, size)
    raw[:, request.y_column] = np.repeat(down, size)
    with np.errstate(all="ignore"):
        return prepared.input_matrix(network, raw).astype(np.float32)


def decision_map(
    network: Network,
    prepared: PreparedData,
    request: MapRequest,
    programs: Programs,
    generation: int = 0,
) -> MapResult:
    """Activations over the plane of two raw columns, at the centres of equal cells.

    Raises :class:`nnplay.data.errors.DataError` when the data do not fit the inputs.
    """
    size = max(2, request.resolution)
    inputs = programs.grid(network, prepared, request)
    with np.errstate(all="ignore"):
        program = programs.ready(network, size * size, np.float32)
        program.forward(inputs)
    known = network.topology.row_of_id
    wanted = network.topology.ids.tolist() if request.neurons is None else request.neurons
    neurons = tuple(int(i) for i in wanted if i in known)
    values = program.activations_compact()
    if request.neurons is not None:
        values = values[[known[i] for i in neurons]]
    values = values.reshape(len(neurons), size, size)
    values.flags.writeable = False
    (x0, x1), (y0, y1) = prepared.domain[request.x_column], prepared.domain[request.y_column]
    return MapResult(values, neurons, (x0, x1, y0, y1), generation)


class Evaluations:
    """Decides what has to be computed when, on behalf of the session."""

    def __init__(self, session: Session, evaluator: Evaluator) -> None:
        self._session = session
        self._evaluator = evaluator
        self._requests: dict[Hashable, MapRequest | Wish] = {}
        self._own_programs, self._thread_programs = Programs(), Programs()
        self._generation = 0
        self._valid_from: dict[Hashable, int] = {}
        self._last_time = self._last_plane_time = -1.0
        self._plane: MapRequest | None = None
        self._failed: set[Hashable] = set()
        self.losses: Evaluation | None = None
        self._timer = QTimer(session)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(session.evaluate_now)
        self._plane_timer = QTimer(session)
        self._plane_timer.setSingleShot(True)
        self._plane_timer.timeout.connect(self._maps_now)

    # ------------------------------------------------------------------ wishes
    def watch(self, key: Hashable, request: MapRequest | Wish | None) -> None:
        """Note what a view wants to see from now on; None means nothing any more."""
        if request is None:
            self._requests.pop(key, None)
            self._evaluator.drop(key)
            self._valid_from[key] = self._generation + 1
        elif self._requests.get(key) != request:
            self._requests[key] = request
            self._valid_from[key] = self._generation + 1
            self._start(key, at_once=True)

    def invalidate(self) -> None:
        """Structure or data are different: answers under way are about something else."""
        self._generation += 1
        for key in [LOSSES_KEY, *self._requests]:
            self._valid_from[key] = self._generation + 1

    def refresh(self, *, at_once: bool) -> None:
        """The network shown is different: compute again, now or when it is time.

        Args:
            at_once: small jobs may run on this thread right away (idle edits).
        """
        if at_once and self._is_small():
            self.now(at_once=True)
            return
        wait = self._last_time + SHORTEST_INTERVAL - time.monotonic()
        if wait <= 0:
            self.now(at_once=False)
        elif not self._timer.isActive():
            self._timer.start(int(wait * 1000) + 1)

    def now(self, *, at_once: bool) -> None:
        """Compute everything that is wanted."""
        self._timer.stop()
        self._last_time = time.monotonic()
        for key in [LOSSES_KEY, *self._requests]:
            self._start(key, at_once=at_once)

    def stop(self) -> None:
        """Compute nothing later."""
        self._timer.stop()
        self._plane_timer.stop()

    def plane_changed(self) -> None:
        """Maps lie over other columns: those under way are about another plane."""
        for key in self._map_keys():
            self._valid_from[key] = self._generation + 1
        self._plane_timer.stop()
        self._maps_now(at_once=not self._session.is_running)

    def held_moved(self) -> None:
        """The probe has moved; maps follow if it holds columns that they do not show."""
        if not self._map_keys() or self._planned(MapRequest()) == self._plane:
            return
        if not self._session.is_running and self._is_small():
            self._maps_now(at_once=True)
            return
        wait = self._last_plane_time + SHORTEST_INTERVAL - time.monotonic()
        if wait <= 0:
            self._maps_now()
        elif not self._plane_timer.isActive():
            self._plane_timer.start(int(wait * 1000) + 1)

    def _maps_now(self, *, at_once: bool = False) -> None:
        self._last_plane_time = time.monotonic()
        for key in self._map_keys():
            self._start(key, at_once=at_once)

    def _map_keys(self) -> list[Hashable]:
        return [key for key, r in self._requests.items() if isinstance(r, MapRequest)]

    def _planned(self, request: MapRequest) -> MapRequest | None:
        """A view's request over the columns that are chosen, held where the probe is."""
        session, columns = self._session, self._session.map_columns
        if session.prepared is None or columns is None:
            return None
        return over_plane(request, columns, session.probe.raw, len(session.prepared.raw_names))

    # ------------------------------------------------------------------ jobs
    def _is_small(self) -> bool:
        network, prepared = self._session.network, self._session.prepared
        if prepared is None:
            return True
        samples = prepared.sample_count
        maps = (r for r in self._requests.values() if isinstance(r, MapRequest))
        samples += sum(r.resolution**2 for r in maps)
        return estimated_seconds(network, samples) < SMALL_JOB_SECONDS

    def _start(self, key: Hashable, *, at_once: bool) -> None:
        self._generation += 1
        request = self._requests.get(key)
        if request is not None and not isinstance(request, MapRequest):
            wished = request.job(self._session)
            if wished is not None:
                self._evaluator.submit(key, self._generation, wished)
            return
        job = self._losses_job() if request is None else self._map_job(request, at_once=at_once)
        if job is None:
            if key == LOSSES_KEY and self.losses is not None:
                self.losses = None
                self._session.losses_changed.emit()
            return
        if not at_once or not self._is_small():
            self._evaluator.submit(key, self._generation, job)
            return
        self._evaluator.drop(key)
        self._valid_from[key] = self._generation
        try:
            answer = Answer(key, self._generation, job())
        except Exception as error:
            answer = Answer(key, self._generation, None, error)
        self.deliver(answer)

    def _losses_job(self) -> Callable[[], object] | None:
        session = self._session
        document = session.live_document
        if session.data_problem or session.prepared is None:
            return None
        try:
            train, test = session.workspace.data.samples(document)
        except ValueError:
            return None
        from nnplay.core.training import evaluate

        network, loss = document.network, document.training
        return lambda: evaluate(network, train, test, loss)

    def _map_job(self, request: MapRequest, *, at_once: bool) -> Callable[[], object] | None:
        network, prepared = self._session.network, self._session.prepared
        planned = self._planned(request)
        self._plane = self._planned(MapRequest())
        if prepared is None or planned is None:
            return None
        try:
            prepared.input_columns(network)
        except ValueError:
            return None
        programs = self._own_programs if at_once and self._is_small() else self._thread_programs
        generation = self._generation
        return lambda: decision_map(network, prepared, planned, programs, generation)

    # ------------------------------------------------------------------ answers
    def deliver(self, answer: Answer) -> None:
        """Pass an answer on, unless it is about something that is no longer there."""
        if answer.generation < self._valid_from.get(answer.key, 0):
            return
        session = self._session
        if answer.error is not None:
            if answer.key == LOSSES_KEY and isinstance(answer.error, TrainingError):
                self.losses = None  # the set-up cannot be judged; starting a run says why
                session.losses_changed.emit()
            elif answer.key not in self._failed:
                self._failed.add(answer.key)  # once, not fifteen times a second
                text = f"Something could not be computed ({answer.error}). Nothing is lost."
                session.notice_posted.emit(Notice("error", text))
        elif answer.key == LOSSES_KEY:
            self.losses = answer.value  # type: ignore[assignment]
            session.losses_changed.emit()
        elif isinstance(self._requests.get(answer.key), MapRequest):
            session.maps_arrived.emit(answer.key, answer.value)
        elif answer.key in self._requests:
            session.insight_arrived.emit(answer.key, answer.value)
