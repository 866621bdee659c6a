"""Tells listeners what is different, once the state has settled.

Whoever changes something stores it first and asks for an announcement afterwards. An announcement
compares what is there with what was told last, so that undo, redo, edits and frames all speak
with one voice. A listener may call further verbs: what they change is told after the present
announcement is through.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nnplay.core.history import History
from nnplay.core.network import Network
from nnplay.data.preparation import PreparedData
from nnplay.document import Document
from nnplay.session.evaluation import Evaluations
from nnplay.session.mailbox import Frame
from nnplay.session.placement import runs_downwards, shown_positions
from nnplay.session.probe import ProbeKeeper
from nnplay.session.values import Selection
from nnplay.session.workspace import Workspace

if TYPE_CHECKING:
    from nnplay.session.session import Session

__all__ = ["Announcer"]


@dataclass(frozen=True, eq=False)
class _Shown:
    """What listeners have been told so far."""

    document: Document
    network: Network
    positions: Mapping[int, tuple[float, float]]
    prepared: PreparedData | None
    problem: str
    curve: History
    selection: Selection
    epoch: float


class Announcer:
    """Compares, computes what follows (probe, losses, maps), and emits the session's signals."""

    def __init__(
        self,
        session: Session,
        workspace: Workspace,
        probe: ProbeKeeper,
        evaluations: Evaluations,
    ) -> None:
        self._session = session
        self._workspace = workspace
        self._probe = probe
        self._evaluations = evaluations
        self._frames: list[Frame] = []
        self._busy = self._again = False
        self._modified = False
        self._told = self._present()

    def add_frame(self, frame: Frame) -> None:
        """A frame has been stored; it is told with the next announcement."""
        self._frames.append(frame)

    def announce(self) -> None:
        """Tell what is different."""
        if self._busy:
            self._again = True
            return
        self._busy = True
        try:
            while True:
                self._again = False
                self._tell()
                if not self._again:
                    return
        finally:
            self._busy = False

    @contextmanager
    def together(self) -> Iterator[None]:
        """Several changes are told as one, at the end."""
        if self._busy:
            yield
            self._again = True
            return
        self._busy = True
        try:
            yield
        finally:
            self._busy = False
        self.announce()

    @contextmanager
    def silently(self) -> Iterator[None]:
        """Changes that :meth:`replaced` will tell as a whole."""
        was_busy, self._busy = self._busy, True
        try:
            yield
        finally:
            self._busy = was_busy

    def record_start(self) -> None:
        """The trail of the probe goes on from here."""
        self._probe.record(self._told.epoch, self._told.network)

    def probe_moved(self) -> None:
        """The probe is somewhere else."""
        if self._compute_probe():
            self._session.probe_changed.emit()

    def replaced(self) -> None:
        """Everything is different: another document is open."""
        self._frames.clear()
        self._told = self._present()
        session = self._session
        session.settled.emit()
        self._evaluations.invalidate()
        self._compute_probe()
        session.document_replaced.emit()
        session.probe_changed.emit()
        session.title_changed.emit()
        self.check_modified()
        self._evaluations.refresh(at_once=True)

    def check_modified(self) -> None:
        """Tell whether there is something unsaved, if that is news."""
        modified = self._session.is_modified
        if modified != self._modified:
            self._modified = modified
            self._session.modified_changed.emit(modified)

    # ------------------------------------------------------------------ details
    def _present(self) -> _Shown:
        workspace = self._workspace
        state = workspace.state
        batches = self._session.batches_per_epoch
        return _Shown(
            workspace.document,
            workspace.network,
            shown_positions(workspace.document),
            workspace.prepared,
            workspace.data_problem,
            workspace.curve,
            workspace.selection,
            state.epoch + (min(state.batch_in_epoch / batches, 1.0) if batches else 0.0),
        )

    def _compute_probe(self) -> bool:
        workspace = self._workspace
        return self._probe.compute(
            workspace.network, workspace.prepared, workspace.document.training
        )

    def _tell(self) -> None:
        before, now = self._told, self._present()
        frames, self._frames = self._frames, []
        self._told = now
        session = self._session
        session.settled.emit()  # first of all: whatever listeners do, the work is safe
        new_data = now.prepared is not before.prepared or now.problem != before.problem
        new_setup = _setup(now.document) != _setup(before.document)
        new_numbers = now.network is not before.network
        rewired = now.network.topology is not before.network.topology
        if rewired or new_data:
            self._evaluations.invalidate()
        new_probe = (new_numbers or new_data or new_setup) and self._compute_probe()
        self._follow_trail(before, now, advanced=bool(frames))
        if new_data:
            session.data_changed.emit()
        if new_setup:
            session.setup_changed.emit(before.document, now.document)
        if now.document.network is not before.document.network:
            session.network_changed.emit(before.network, now.network)
        for frame in frames:
            session.frame_arrived.emit(frame)
        if runs_downwards(now.document) != runs_downwards(before.document):
            session.direction_changed.emit()
        if now.positions is not before.positions:
            moved = {i for i, p in now.positions.items() if before.positions.get(i) != p}
            moved |= before.positions.keys() - now.positions.keys()
            if moved:
                session.positions_changed.emit(moved)
        if now.selection != before.selection:
            session.selection_changed.emit()
        if now.curve is not before.curve:
            session.history_changed.emit()
        if new_probe:
            session.probe_changed.emit()
        if now.document.title != before.document.title:
            session.title_changed.emit()
        self.check_modified()
        if new_numbers or new_data or new_setup:
            # While training, the thread computes at its own pace.
            self._evaluations.refresh(at_once=not session.is_running)

    def _follow_trail(self, before: _Shown, now: _Shown, *, advanced: bool) -> None:
        if now.epoch < before.epoch:
            self._probe.cut(now.epoch, now.network)
        elif advanced and now.epoch > before.epoch:
            self._probe.record(now.epoch, now.network)
        elif now.network.topology is not before.network.topology:
            self._probe.cut(now.epoch, now.network)


def _setup(document: Document) -> tuple[object, ...]:
    return document.data, document.preparation, document.training, document.seed
