"""The inspector with nothing selected: the whole network in numbers, and what to click."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from nnplay.core.network import Network
from nnplay.gui.panels.facts import Facts
from nnplay.gui.panels.form import Section
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import label
from nnplay.picture.layers import layer_groups
from nnplay.session.session import Session

__all__ = ["NetworkPage"]

_HINTS: Final = (
    ("pointer", "Click a neuron or a connection to see its numbers and change them."),
    ("add_neuron", "Double-click empty space for a new neuron."),
    ("connect", "Drag from the right edge of a neuron to another one to connect them."),
)


class NetworkPage(QWidget):
    """Summary of the network and a few hints."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._theme = session, theme
        self.heading = label("", "heading", self)
        self.heading.setFont(theme.ui_font(15, QFont.Weight.DemiBold))
        self.heading.setWordWrap(True)
        self.kind = label("", "secondary", self)
        self.kind.setWordWrap(True)
        numbers = Section("Network", self)
        facts = Facts(theme, self)
        self.neurons = facts.add("Neurons", "Inputs, hidden neurons and outputs together.")
        self.edges = facts.add("Connections", "Each carries one weight.")
        self.parameters = facts.add(
            "Parameters", "All numbers that training can change: weights and biases."
        )
        self.locked = facts.add("Locked", "Parameters that training leaves alone.")
        self.levels = facts.add("Levels", "The longest way a signal takes, inputs included.")
        numbers.body.addWidget(facts)
        hints = Section("Look closer", self, spacing=10)
        self._pictures: list[tuple[QLabel, str]] = []
        for icon, words in _HINTS:
            picture = QLabel(self)
            picture.setAlignment(Qt.AlignmentFlag.AlignTop)
            text = label(words, "secondary", self)
            text.setWordWrap(True)
            row = QHBoxLayout()
            row.setSpacing(10)
            row.addWidget(picture)
            row.addWidget(text, 1)
            hints.body.addLayout(row)
            self._pictures.append((picture, icon))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.heading)
        layout.addWidget(self.kind)
        layout.addWidget(numbers)
        layout.addWidget(hints)
        theme.changed.connect(self._refresh_pictures)
        self._refresh_pictures()

    def refresh(self) -> None:
        """Take everything from the session as it is now."""
        network = self._session.network
        topology = network.topology
        self.heading.setText(_sizes(network))
        self.kind.setText(_kind_words(network))
        self.neurons.setText(f"{topology.neuron_count:,}")
        self.edges.setText(f"{topology.edge_count:,}")
        self.parameters.setText(f"{topology.parameter_count:,}")
        self.locked.setText(f"{int(network.frozen.sum()):,}")
        levels = int(topology.levels.max()) + 1 if topology.neuron_count else 0
        self.levels.setText(f"{levels:,}")

    def refresh_numbers(self) -> None:
        """Nothing here changes with the weights."""

    def _refresh_pictures(self) -> None:
        for picture, icon in self._pictures:
            picture.setPixmap(self._theme.pixmap(icon, 18, "tertiary"))


def _sizes(network: Network) -> str:
    """``2 – 4 – 2 – 1``, the neurons per layer."""
    sizes = [str(len(group.rows)) for group in layer_groups(network)]
    return " – ".join(sizes) or "An empty network"


def _kind_words(network: Network) -> str:
    topology = network.topology
    if not topology.neuron_count:
        return "Choose a data set: it brings its inputs and outputs along."
    if not topology.output_ids:
        return "There is no output yet, so nothing can be learnt."
    if not topology.is_layered:
        return "Drawn freely: some connections skip layers."
    levels = topology.levels
    full = 0
    groups = layer_groups(network)
    for group, after in pairwise(groups):
        full += len(group.rows) * len(after.rows)
    full_words = "fully connected" if full == topology.edge_count else "partly connected"
    return f"Layers, {full_words}" if levels.max() > 1 else f"Inputs and outputs, {full_words}"
