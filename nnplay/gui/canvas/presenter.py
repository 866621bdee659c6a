"""Keeps the scene in step with the session: every past-tense signal ends in a repaint here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from nnplay.core.network import Network
from nnplay.gui.canvas.hovering import Hovering
from nnplay.gui.canvas.scene import NetworkScene
from nnplay.gui.canvas.transition import Transition

if TYPE_CHECKING:
    from nnplay.session.session import Session
    from nnplay.session.values import MapResult

__all__ = ["MAP_KEY", "Presenter"]

MAP_KEY: Final = "canvas"


class Presenter(QObject):
    """Listens to the session and tells the scene what to show.

    Signals:
        replaced(): another document is shown.
        rebuilt(bool): neurons, connections or names changed; True if the wiring is another one.
        moved(): neurons stand elsewhere.
        turned(): the network runs from top to bottom now, or from left to right.
        measured(): scales may have changed (new numbers or maps).
    """

    replaced = Signal()
    rebuilt = Signal(bool)
    moved = Signal()
    turned = Signal()
    measured = Signal()

    def __init__(
        self,
        session: Session,
        scene: NetworkScene,
        hovering: Hovering,
        transition: Transition,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._session, self._scene, self._hovering = session, scene, hovering
        self._transition = transition
        self.shows_activations = True
        """Whether neurons show what they say; response maps show nothing else."""
        session.document_replaced.connect(self._take_document)
        session.network_changed.connect(self._take_network)
        session.positions_changed.connect(self._take_positions)
        session.direction_changed.connect(self._take_direction)
        session.selection_changed.connect(self._take_selection)
        session.frame_arrived.connect(self._take_frame)
        session.probe_changed.connect(self._take_probe)
        session.data_changed.connect(self._take_data)
        session.map_columns_changed.connect(self._take_data)
        session.maps_arrived.connect(self._take_maps)
        session.run_state_changed.connect(self._take_run_state)

    def show(self) -> None:
        """Show everything as the session has it now."""
        session, scene = self._session, self._scene
        scene.downwards = session.runs_downwards
        scene.show_network(session.network, session.positions, with_maps=self._wants_maps())
        scene.edges.set_busy(session.is_running)
        self._take_selection()
        self._take_probe()

    def _wants_maps(self) -> bool:
        """Maps need a plane: two numeric raw columns, all there are or chosen ones."""
        session = self._session
        return (
            self.shows_activations and not session.data_problem and session.map_columns is not None
        )

    def _take_document(self) -> None:
        self.show()
        self._hovering.forget_missing()
        self.replaced.emit()

    def _take_network(self, before: Network, after: Network) -> None:
        same_wiring = self._scene.network.topology is after.topology
        if (
            same_wiring
            and before.labels is after.labels
            and before.activations is after.activations
            and before.neuron_enabled is after.neuron_enabled
        ):
            self._take_numbers(after)
            return
        self._transition.note()
        self.show()
        self._hovering.forget_missing()
        self.rebuilt.emit(not same_wiring)
        self._transition.go()

    def _take_numbers(self, network: Network) -> None:
        self._scene.weigh(network)
        self._hovering.refresh()
        self.measured.emit()

    def _take_positions(self, changed: object) -> None:
        if self._transition.leads_to(self._session.positions):
            return  # neurons are on their way there
        if self._scene.positions != self._session.positions:
            self._transition.note()
            self._scene.move_to(self._session.positions)
            self.moved.emit()
            self._transition.go()

    def _take_direction(self) -> None:
        self._transition.note()
        self.show()
        self.turned.emit()
        self._transition.go()

    def _take_selection(self) -> None:
        selection = self._session.selection
        self._scene.set_selection(selection.neurons, selection.edges)

    def _take_frame(self, frame: object) -> None:
        network = self._session.network
        if network.topology is self._scene.network.topology:
            self._take_numbers(network)

    def _take_probe(self) -> None:
        probe = self._session.probe
        self._scene.set_values(None if probe is None else probe.activations)
        self._hovering.refresh()

    def _take_data(self) -> None:
        if self._wants_maps() != self._scene.with_maps:
            self.show()
            self.rebuilt.emit(False)

    def _take_maps(self, key: str, result: MapResult) -> None:
        if key == MAP_KEY:
            self._scene.set_maps(result.neurons, result.values)
            self.measured.emit()

    def _take_run_state(self, state: object) -> None:
        self._scene.edges.set_busy(self._session.is_running)
