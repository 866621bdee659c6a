"""Norms of the gradient, layer by layer and for the selected neurons, over epochs."""

from __future__ import annotations

from typing import Final

from nnplay.core.layer_statistics import layers_of
from nnplay.gui.panels.words import neuron_label
from nnplay.gui.plots.header import text_toggle
from nnplay.gui.plots.insight.epoch_page import EpochPage
from nnplay.gui.plots.insight.lines import Line, LinesChart, line_pen
from nnplay.gui.plots.insight.page import layer_title
from nnplay.gui.theme import Theme
from nnplay.session.epoch_requests import MOST_NEURONS, GradientWish
from nnplay.session.session import Session

__all__ = ["GradientsPage"]

MOST_SELECTED: Final = 6


class GradientsPage(EpochPage):
    """Norms of ∂L/∂w over the training part, without penalties; recorded as long as it is seen."""

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__(
            session,
            theme,
            "Train: the gradient of each layer appears here.",
            "pulse",
            GradientWish(),
            keeps_topology=False,
        )
        self.chart = LinesChart(session, theme, "Gradient norms over epochs")
        self.log_button = text_toggle(
            "log", "Logarithmic axis: shows small gradients apart", self._log
        )
        self.log_button.setChecked(True)
        self.add_control(self.log_button)
        session.selection_changed.connect(self._refresher.request)

    def _log(self, on: bool) -> None:
        self.chart.set_log_mode(on)
        self._refresher.request()

    def refresh(self) -> None:
        network, layers = self._session.network, layers_of(self._session.network)
        neurons = self._selected()
        places = [len(layers) + network.topology.row(neuron) for neuron in neurons]
        epochs, rows, gaps = self.curve([*range(len(layers)), *places])
        if self.problem or not len(epochs):
            self.say(self.problem)
            return
        palette = self._theme.palette
        lines = [
            Line(layer_title(network, x.level), rows[:, i], line_pen(palette, i, len(layers)))
            for i, x in enumerate(layers)
        ]
        for place, neuron in enumerate(neurons, len(layers)):
            pen = line_pen(palette, 0, 1, strong=True)
            lines.append(Line(neuron_label(network, neuron), rows[:, place], pen))
        self.caption.setText(
            "Length of the loss's gradient by the weights and biases of a layer" + self.share_words
        )
        self.chart.set_lines(epochs, lines, gaps)
        self.show_content(self.chart)

    def _selected(self) -> list[int]:
        """The selected neurons that have a curve of their own."""
        topology = self._session.network.topology
        if topology.neuron_count > MOST_NEURONS:
            return []
        inputs = set(topology.input_ids)
        chosen = sorted(self._session.selection.neurons)
        return [i for i in chosen if i in topology and i not in inputs][:MOST_SELECTED]
