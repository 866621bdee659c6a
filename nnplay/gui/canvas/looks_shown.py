"""What neurons and connections show: weights or gradients or updates; activations, means or δ; marks.

Everything unusual comes from the session's insight, which computes it only while the canvas is in
sight and shows it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from nnplay.core.ailments import SEVERITIES, Severity
from nnplay.gui.canvas.looks_chosen import (
    EDGES,
    EDGES_KEY,
    NEURONS,
    NEURONS_KEY,
    EdgesShow,
    NeuronsShow,
    edges_shown,
    neurons_shown,
)
from nnplay.gui.canvas.neuron_numbers import NeuronNumbers
from nnplay.picture.scales import ValueScale, largest_size
from nnplay.picture.text import fine_number

if TYPE_CHECKING:
    from nnplay.gui.canvas.view import CanvasView
    from nnplay.session.insight import Subject

__all__ = ["EDGES", "NEURONS", "CanvasLooks", "EdgesShow", "NeuronsShow"]


class CanvasLooks(QObject):
    """Shows one thing in the neurons and one in the connections of a canvas.

    What is chosen is saved with the document and is no edit.
    """

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self._view, self._session = view, view.session
        self._scene = view.network_scene
        self.edges: str = "weights"
        self.neurons: str = "activation"
        self.shows_badges = False
        self.scale_texts: tuple[str, str, str] | None = None
        self._insight = self._session.insight
        self._insight.changed.connect(self._news)
        view.presenter.rebuilt.connect(self._rebuilt)
        self._session.run_state_changed.connect(self._run_state_changed)

    # ------------------------------------------------------------------ choosing
    def show_edges(self, name: EdgesShow) -> None:
        """Draw ``weights``, ``gradients`` or ``updates``."""
        if name != self.edges:
            self._session.set_view(EDGES_KEY, name)
            self._set_edges(name)
            self._changed()

    def show_neurons(self, name: NeuronsShow) -> None:
        """Show ``activation``, ``mean`` or ``delta``."""
        if name != self.neurons:
            self._session.set_view(NEURONS_KEY, name)
            self._set_neurons(name)
            self._changed()

    def take_document(self) -> None:
        """Show what the document asks for."""
        edges = edges_shown(self._session.view)
        neurons = neurons_shown(self._session.view)
        if (edges, neurons) == (self.edges, self.neurons):
            self._push()
            return
        self._set_edges(edges)
        self._set_neurons(neurons)
        self._changed()

    def _set_edges(self, name: str) -> None:
        self.edges = name
        self._scene.set_edge_numbers(None)

    def _set_neurons(self, name: str) -> None:
        self.neurons = name
        self._scene.set_neuron_numbers(None)
        presenter = self._view.presenter
        presenter.shows_activations = name == "activation"
        presenter.show()

    def show_badges(self, on: bool) -> None:
        """Mark the health of the neurons, or not."""
        if on != self.shows_badges:
            self.shows_badges = on
            self._changed()

    def _changed(self) -> None:
        self.look()
        self._push()
        self._view.looks_changed.emit()
        self._view.refresh_legend()

    @property
    def edges_title(self) -> str:
        """What the legend calls the numbers of the connections."""
        return EDGES[self.edges][1]

    @property
    def neurons_title(self) -> str:
        """What the legend calls the numbers of the neurons."""
        return NEURONS[self.neurons][1]

    def open_menu(self, button: QWidget) -> None:
        """Let one choose, in a menu above a button."""
        menu = QMenu(self._view)
        for title, table, shown, choose in (
            ("Connections", EDGES, self.edges, self.show_edges),
            ("Neurons", NEURONS, self.neurons, self.show_neurons),
        ):
            if not menu.isEmpty():
                menu.addSeparator()
            group = QActionGroup(menu)
            for name, (words, _) in table.items():
                action = menu.addAction(f"{title}: {words}")
                action.setCheckable(True)
                action.setChecked(name == shown)
                group.addAction(action)
                action.triggered.connect(lambda _=False, n=name, c=choose: c(n))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(button.mapToGlobal(QPoint(0, -menu.sizeHint().height() - 6)))

    # ------------------------------------------------------------------ following
    def look(self) -> None:
        """Ask for what is shown while the canvas is in sight, and for nothing else."""
        subjects: list[Subject] = []
        if self._view.isVisible():
            if self.shows_badges or self.neurons != "activation" or self.edges == "gradients":
                subjects.append("health")
            if self.edges == "updates":
                subjects.append("updates")
        self._insight.look(self, *subjects)

    def _news(self, subject: str) -> None:
        if subject == "updates" and self.edges == "updates":
            self._push_edges()
        elif subject == "health":
            self._push()
            self._view.refresh_legend()

    def _rebuilt(self, *_: object) -> None:
        self._push()

    def _run_state_changed(self, *_: object) -> None:
        if not self._session.is_running and self.edges != "weights":
            self._push_edges()

    def _push(self) -> None:
        """Give the scene what is known."""
        self._push_edges()
        self._push_neurons()
        self._push_badges()

    def _push_edges(self) -> None:
        if self.edges == "weights":
            return
        count = self._session.network.topology.edge_count
        values = np.zeros(count)  # nothing known yet: nothing is drawn strongly
        report, update = self._insight.health, self._insight.update
        if self.edges == "gradients" and report is not None:
            values = np.nan_to_num(report.gradient[:count])
        elif self.edges == "updates" and update is not None:
            values = np.nan_to_num(update.change[:count])
        self._scene.set_edge_numbers(values)

    def _push_neurons(self) -> None:
        if self.neurons == "activation":
            return
        report = self._insight.health
        self.scale_texts = None
        if report is None:
            nothing = np.full(self._session.network.topology.neuron_count, np.nan)
            self._scene.set_neuron_numbers(NeuronNumbers(nothing))
        elif self.neurons == "mean":
            self._scene.set_neuron_numbers(NeuronNumbers(report.mean, report.spread))
        else:
            largest = largest_size(report.delta) or 1.0
            scale = ValueScale(-largest, 0.0, largest)
            text = fine_number(largest)
            self.scale_texts = (f"−{text}", "0", f"+{text}")
            self._scene.set_neuron_numbers(NeuronNumbers(report.delta, None, scale))

    def _push_badges(self) -> None:
        report = self._insight.health if self.shows_badges else None
        badges: dict[int, Severity] = {}
        for found in reversed(report.findings if report is not None else ()):
            for neuron_id in found.neurons:  # the worst, which comes first, has the last word
                known = badges.get(neuron_id)
                if known is None or SEVERITIES.index(found.severity) < SEVERITIES.index(known):
                    badges[neuron_id] = found.severity
        self._scene.set_badges(badges)
