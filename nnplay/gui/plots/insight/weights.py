"""How weights and biases have moved over epochs: the selected ones, or those that moved most."""

from __future__ import annotations

from typing import Final

import numpy as np

from nnplay.core.network import Network
from nnplay.core.topology import Kind
from nnplay.gui.panels.words import neuron_label
from nnplay.gui.plots.insight.lines import Line, LinesChart, line_pen
from nnplay.gui.plots.insight.page import PlotPage
from nnplay.gui.theme import Theme
from nnplay.session.session import Session

__all__ = ["WeightsPage", "parameter_name", "selected_slots"]

MOST_LINES: Final = 12


def selected_slots(session: Session) -> list[int]:
    """Slots of the selected connections, then the biases and weights of the selected neurons."""
    topology, selection = session.network.topology, session.selection
    slots = [topology.edge_slot(*edge) for edge in sorted(selection.edges)]
    for neuron in sorted(selection.neurons):
        if topology.kind_of(neuron) != Kind.INPUT:
            slots.append(topology.bias_slot(neuron))
            slots += topology.incoming_slots[topology.row(neuron)].tolist()
    return list(dict.fromkeys(slots))


def parameter_name(network: Network, slot: int) -> str:
    """The name of a weight, such as "x1 → h2", or of a bias, such as "bias h2"."""
    topology = network.topology
    if slot < topology.edge_count:
        source, target = topology.edges[slot].tolist()
        return f"{neuron_label(network, source)} → {neuron_label(network, target)}"
    row = int(np.flatnonzero(topology.bias_slots == slot)[0])
    return f"bias {neuron_label(network, int(topology.ids[row]))}"


class WeightsPage(PlotPage):
    """Recorded from the first time it is shown; undo cuts it back."""

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__(session, theme, "Train: the weights leave their trail here.", "pulse")
        self.chart = LinesChart(session, theme, "Weights and biases over epochs")
        self.trail = session.parameter_trail
        for signal in (
            session.frame_arrived,
            session.network_changed,
            session.selection_changed,
            session.document_replaced,
            session.run_state_changed,
        ):
            signal.connect(self._refresher.request)

    @property
    def shown_slots(self) -> list[int]:
        """Slots that have a curve."""
        selected = selected_slots(self._session)
        if selected:
            return selected[:MOST_LINES]
        moved = np.abs(self.trail.change)
        return sorted(np.argsort(-moved, kind="stable")[:MOST_LINES].tolist())

    def refresh(self) -> None:
        if len(self.trail) < 2:
            self.say()
            return
        network, slots = self._session.network, self.shown_slots
        selected = len(selected_slots(self._session))
        if selected > len(slots):
            words = f"{len(slots)} of {selected} selected weights and biases"
        elif selected:
            words = "Selected weights and biases"
        else:
            words = "Those that moved most; select neurons or connections to see theirs"
        self.caption.setText(words)
        values = self.trail.values(slots)
        lines = [
            Line(
                parameter_name(network, slot),
                values[:, i],
                line_pen(self._theme.palette, i, len(slots)),
            )
            for i, slot in enumerate(slots)
        ]
        self.chart.set_lines(self.trail.epochs, lines)
        self.show_content(self.chart)
