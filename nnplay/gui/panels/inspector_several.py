"""The inspector for several things at once: what can be done to all of them."""

from __future__ import annotations

from collections import Counter
from typing import Final

from PySide6.QtGui import QFont
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from nnplay.core.topology import Kind
from nnplay.gui.panels.dropout_row import DropoutRow
from nnplay.gui.panels.form import Section
from nnplay.gui.panels.words import count
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import NumberField, label
from nnplay.gui.widgets.activation_choice import ActivationChoice
from nnplay.session.session import Session

__all__ = ["SeveralPage"]

_KINDS: Final = ((Kind.INPUT, "input"), (Kind.HIDDEN, "hidden"), (Kind.OUTPUT, "output"))


class SeveralPage(QWidget):
    """Counts, one activation for all, locks, switches, one weight for all."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.heading = label("", "heading", self)
        self.heading.setFont(theme.ui_font(15, QFont.Weight.DemiBold))
        self.heading.setWordWrap(True)
        self.kinds = label("", "secondary", self)

        self._neurons = Section("Neurons", self)
        name = "Activation function of all selected neurons"
        self.activation = ActivationChoice(theme, self, name=name)
        self.activation.setPlaceholderText("mixed")
        self.activation.setMinimumWidth(150)
        self.activation.chosen.connect(self._activation_chosen)
        row = QHBoxLayout()
        row.addWidget(label("Activation of all", "secondary", self))
        row.addStretch(1)
        row.addWidget(self.activation)
        self._neurons.body.addLayout(row)
        self.dropout = DropoutRow(session, theme, self)
        self._neurons.body.addWidget(self.dropout)

        self._edges = Section("Connections", self)
        self.weight = NumberField(0.0, self)
        self.weight.setFixedWidth(76)
        self.weight.setAccessibleName("Weight of all selected connections")
        self.weight.value_changed.connect(self._weight_changed)
        row = QHBoxLayout()
        row.addWidget(label("Weight of all", "secondary", self))
        row.addStretch(1)
        row.addWidget(self.weight)
        self._edges.body.addLayout(row)

        self.lock = QPushButton("Lock", self)
        self.lock.setToolTip("Training leaves locked weights and biases alone.")
        self.lock.clicked.connect(self._lock)
        self.unlock = QPushButton("Unlock", self)
        self.unlock.clicked.connect(self._unlock)
        self.switch_off = QPushButton("Switch off", self)
        self.switch_off.setToolTip("Connections that are off count as 0 and keep their weight.")
        self.switch_off.clicked.connect(self._switch_off)
        self.switch_on = QPushButton("Switch on", self)
        self.switch_on.clicked.connect(self._switch_on)
        self.delete = QPushButton("Delete", self)
        self.delete.clicked.connect(self._delete)
        grid = QGridLayout()
        grid.setContentsMargins(0, 10, 0, 0)
        grid.setSpacing(8)
        grid.addWidget(self.lock, 0, 0)
        grid.addWidget(self.unlock, 0, 1)
        grid.addWidget(self.switch_off, 1, 0)
        grid.addWidget(self.switch_on, 1, 1)
        grid.addWidget(self.delete, 2, 0)

        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.heading)
        layout.addWidget(self.kinds)
        layout.addWidget(self._neurons)
        layout.addWidget(self._edges)
        layout.addLayout(grid)

    # ------------------------------------------------------------------ showing
    def refresh(self) -> None:
        """Take everything from the session as it is now."""
        network, selection = self._session.network, self._session.selection
        neurons, edges = selection.neurons, selection.edges
        parts = []
        if neurons:
            parts.append(count(len(neurons), "neuron"))
        if edges:
            parts.append(count(len(edges), "connection"))
        self.heading.setText(" and ".join(parts))
        kinds = Counter(network.topology.kind_of(i) for i in neurons)
        words = [f"{kinds[kind]} {name}" for kind, name in _KINDS if kinds[kind]]
        self.kinds.setText(" · ".join(words))
        self.kinds.setVisible(bool(words))
        computing = self._computing()
        self._neurons.setVisible(bool(computing))
        self._edges.setVisible(bool(edges))
        self.switch_on.setVisible(bool(edges))
        self.switch_off.setVisible(bool(edges))
        lockable = bool(computing or edges)
        self.lock.setEnabled(lockable)
        self.unlock.setEnabled(lockable)
        self._show_activation()
        self.refresh_numbers()

    def refresh_numbers(self) -> None:
        """Take the weights; with different ones the field shows their mean."""
        network, edges = self._session.network, self._session.selection.edges
        if edges:
            weights = [network.edge(s, t).weight for s, t in edges]
            self.weight.set_value(sum(weights) / len(weights))
            same = len(set(weights)) == 1
            self.weight.set_hint("All weights" if same else "Mean of the selected weights")

    def _show_activation(self) -> None:
        network = self._session.network
        computing = self._computing()
        all_outputs = all(network.topology.kind_of(i) == Kind.OUTPUT for i in computing)
        self.activation.offer(for_outputs=all_outputs)
        names = {network.activation_of(i) for i in computing}
        self.activation.set_value(names.pop() if len(names) == 1 else "")
        self.dropout.set_neurons(
            [i for i in computing if network.topology.kind_of(i) == Kind.HIDDEN]
        )

    def _computing(self) -> list[int]:
        topology = self._session.network.topology
        return [i for i in self._session.selection.neurons if topology.kind_of(i) != Kind.INPUT]

    def _slots(self) -> list[int]:
        topology = self._session.network.topology
        slots = [topology.edge_slot(s, t) for s, t in self._session.selection.edges]
        for neuron_id in self._computing():
            slots += [slot for _, slot in topology.incoming(neuron_id)]
            slots.append(topology.bias_slot(neuron_id))
        return sorted(set(slots))

    def _edge_slots(self) -> list[int]:
        topology = self._session.network.topology
        return [topology.edge_slot(s, t) for s, t in self._session.selection.edges]

    # ------------------------------------------------------------------ what the hand does
    def _activation_chosen(self, name: str) -> None:
        self._session.set_activation(self._computing(), name)
        self._show_activation()

    def _weight_changed(self, value: float, gesture: int) -> None:
        self._session.set_parameters(dict.fromkeys(self._edge_slots(), value), gesture)

    def _lock(self) -> None:
        self._session.set_frozen(self._slots(), True)

    def _unlock(self) -> None:
        self._session.set_frozen(self._slots(), False)

    def _switch_off(self) -> None:
        self._session.set_enabled(self._edge_slots(), False)

    def _switch_on(self) -> None:
        self._session.set_enabled(self._edge_slots(), True)

    def _delete(self) -> None:
        self._session.remove_selection()
