"""Norms of the gradient, layer by layer and for the selected neurons, over epochs."""

from __future__ import annotations

from typing import Final

import numpy as np

from nnplay.core.layer_statistics import layer_gradient_norms, layers_of, neuron_gradient_norms
from nnplay.core.topology import Topology
from nnplay.gui.panels.words import neuron_label
from nnplay.gui.plots.header import text_toggle
from nnplay.gui.plots.insight.lines import EpochTrail, Line, LinesChart, line_pen
from nnplay.gui.plots.insight.page import PlotPage, layer_title
from nnplay.gui.theme import Theme
from nnplay.session.plot_requests import GradientWish, Stamped
from nnplay.session.session import Session

__all__ = ["GradientsPage"]

MOST_NEURONS: Final = 2000
"""Up to so many neurons each norm is recorded, so that any can be selected later."""
MOST_SELECTED: Final = 6


class GradientsPage(PlotPage):
    """Norms of ∂L/∂w over the training part, without penalties; recorded as long as it is seen."""

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__(session, theme, "Train: the gradient of each layer appears here.", "pulse")
        self.chart = LinesChart(session, theme, "Gradient norms over epochs")
        self.trail = EpochTrail()
        self._topology: Topology | None = None
        self._wish = GradientWish()
        self.log_button = text_toggle(
            "log", "Logarithmic axis: shows small gradients apart", self._log
        )
        self.log_button.setChecked(True)
        self.add_control(self.log_button)
        session.selection_changed.connect(self._refresher.request)
        session.document_replaced.connect(self.trail.clear)

    def wish(self) -> GradientWish:
        return self._wish

    def take(self, answer: Stamped) -> None:
        network, gradient = answer.network, answer.value
        assert isinstance(gradient, np.ndarray)  # noqa: S101
        if network.topology is not self._topology:
            self.trail.clear()
            self._topology = network.topology
        row = layer_gradient_norms(network, gradient)
        if network.topology.neuron_count <= MOST_NEURONS:
            row = np.concatenate([row, neuron_gradient_norms(network, gradient)])
        self.trail.add(answer.epoch, row)
        self._refresher.request()

    def _log(self, on: bool) -> None:
        self.chart.set_log_mode(on)
        self._refresher.request()

    def refresh(self) -> None:
        network = self._session.network
        if not len(self.trail) or network.topology is not self._topology:
            self.say()
            return
        palette, rows = self._theme.palette, self.trail.rows
        layers = layers_of(network)
        lines = [
            Line(layer_title(network, x.level), rows[:, i], line_pen(palette, i, len(layers)))
            for i, x in enumerate(layers)
        ]
        known = rows.shape[1] > len(layers)
        for neuron in sorted(self._session.selection.neurons)[:MOST_SELECTED] if known else ():
            if neuron in network.topology and neuron not in network.topology.input_ids:
                values = rows[:, len(layers) + network.topology.row(neuron)]
                pen = line_pen(palette, 0, 1, strong=True)
                lines.append(Line(neuron_label(network, neuron), values, pen))
        self.caption.setText("Length of the loss's gradient by the weights and biases of a layer")
        self.chart.set_lines(self.trail.epochs, lines)
        self.show_content(self.chart)
