"""Top of the inspector for one neuron: its picture, its name to edit, what it is."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent, QFont, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from nnplay.core.topology import Kind
from nnplay.gui.panels.neuron_tile import NeuronTile
from nnplay.gui.panels.words import neuron_place
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import label
from nnplay.picture.layers import activation_title
from nnplay.session.session import Session

__all__ = ["LabelField", "NeuronHeader"]


class LabelField(QLineEdit):
    """The name of a neuron: looks like a heading, becomes a field when the keyboard is on it."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._neuron = -1
        self.setProperty("role", "heading")
        self.setFont(theme.ui_font(15, QFont.Weight.DemiBold))
        self.setMaxLength(80)
        self.setPlaceholderText("Name")
        self.setAccessibleName("Name of the neuron")
        self.setToolTip("Click to rename the neuron.")
        self.editingFinished.connect(self._commit)

    def show_label(self, neuron_id: int, text: str) -> None:
        """Show a neuron's name, unless one is being typed for the same neuron."""
        typing = self.hasFocus() and self.isModified()
        if neuron_id == self._neuron and typing:
            return
        if neuron_id != self._neuron and typing:
            self._commit()
        self._neuron = neuron_id
        if text != self.text():
            self.setText(text)
            self.setCursorPosition(0)
        self.setModified(False)

    def _commit(self) -> None:
        if self.isModified() and self._neuron in self._session.network.topology:
            self.setModified(False)
            self._session.set_label(self._neuron, self.text())
            self.setText(self._session.network.label_of(self._neuron))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._neuron in self._session.network.topology:
            self.setText(self._session.network.label_of(self._neuron))
            self.setModified(False)
            self.clearFocus()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.setCursorPosition(0)


class NeuronHeader(QWidget):
    """Picture, name, activation, connections and place of one neuron."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.tile = NeuronTile(session, theme, self)
        self.name = LabelField(session, theme, self)
        self.chip = label("", "chip", self)
        self.degree = label("", "secondary", self)
        self.place = label("", "small", self)
        facts = QHBoxLayout()
        facts.setContentsMargins(0, 0, 0, 0)
        facts.setSpacing(8)
        facts.addWidget(self.chip)
        facts.addWidget(self.degree)
        facts.addStretch(1)
        words = QVBoxLayout()
        words.setContentsMargins(0, 0, 0, 0)
        words.setSpacing(3)
        words.addStretch(1)
        words.addWidget(self.name)
        words.addLayout(facts)
        words.addWidget(self.place)
        words.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(self.tile)
        layout.addLayout(words, 1)

    def set_neuron(self, neuron_id: int) -> None:
        """Show a neuron as it is now."""
        network = self._session.network
        topology = network.topology
        kind = topology.kind_of(neuron_id)
        self.tile.set_neuron(neuron_id)
        self.name.show_label(neuron_id, network.label_of(neuron_id))
        is_input = kind == Kind.INPUT
        self.chip.setText(
            "input" if is_input else activation_title(network.activation_of(neuron_id))
        )
        row = topology.row(neuron_id)
        incoming, outgoing = topology.incoming_slots[row].size, topology.outgoing_slots[row].size
        self.degree.setText(f"{outgoing} out" if is_input else f"{incoming} in · {outgoing} out")
        self.place.setText(
            f"{neuron_place(network, neuron_id)} · level {topology.level_of(neuron_id)}"
        )

    def refresh(self) -> None:
        """Take the present value."""
        self.tile.refresh()
