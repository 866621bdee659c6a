"""The inspector for one hidden or output neuron: its calculation, activation, bias and weights."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from nnplay.core.activations import ACTIVATIONS
from nnplay.core.topology import Kind
from nnplay.gui.panels.activation_plot import ActivationPlot
from nnplay.gui.panels.dropout_row import DropoutRow
from nnplay.gui.panels.form import Section
from nnplay.gui.panels.formula import formula_of, strongest_slots
from nnplay.gui.panels.formula_view import FormulaView
from nnplay.gui.panels.neuron_header import NeuronHeader
from nnplay.gui.panels.parameter_row import ParameterRow, reach_for
from nnplay.gui.panels.probe_words import probe_place
from nnplay.gui.panels.weights_list import WeightsList
from nnplay.gui.panels.words import count
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import label
from nnplay.gui.widgets.activation_choice import ActivationChoice
from nnplay.session.session import Session

__all__ = ["NeuronPage"]


class NeuronPage(QWidget):
    """Everything about one neuron that computes something."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._neuron = -1
        self._shown: tuple[int, ...] = ()
        self._shown_for: tuple[object, ...] = ()
        self.header = NeuronHeader(session, theme, self)

        formula = Section("Formula", self)
        self.probe_place = label("", "small", self)
        self.probe_place.setToolTip(
            "The sample whose numbers are shown. Drag the probe on the map."
        )
        formula.head.addWidget(self.probe_place)
        self.formula = FormulaView(theme, self)
        self.formula.source_hovered.connect(self._source_hovered)
        self.formula.source_clicked.connect(self._select)
        formula.body.addWidget(self.formula)

        self.activation = ActivationChoice(theme, self, name="Activation function")
        self.activation.setMinimumWidth(150)
        self.activation.chosen.connect(self._activation_chosen)
        activation = QHBoxLayout()
        activation.setContentsMargins(0, 6, 0, 0)
        words = label("Activation", "secondary", self)
        words.setBuddy(self.activation)
        activation.addWidget(words)
        activation.addStretch(1)
        activation.addWidget(self.activation)
        self.plot = ActivationPlot(theme, self)
        self.remark = label("", "small", self)
        self.remark.setWordWrap(True)
        self.dropout = DropoutRow(session, theme, self)

        self._bias_section = Section("Bias", self)
        self.bias = ParameterRow(theme, self, what="bias")
        self.bias.value_changed.connect(self._bias_changed)
        self.bias.held.connect(self._bias_held)
        self.bias.released.connect(self._bias_released)
        self.bias.lock_changed.connect(self._bias_locked)
        self._bias_section.body.addWidget(self.bias)

        self._weights_section = Section("Weights", self)
        self.weights = WeightsList(session, theme, self)
        self.weights.source_clicked.connect(self._select)
        self._weights_section.body.addWidget(self.weights)
        self._nothing_in = label(
            "Nothing feeds this neuron yet. Drag from another neuron’s right edge to connect it.",
            "tertiary",
            self,
        )
        self._nothing_in.setWordWrap(True)
        self._weights_section.body.addWidget(self._nothing_in)

        self.lock_all = QPushButton("Lock all", self)
        self.lock_all.setToolTip("Training leaves locked weights and biases alone.")
        self.lock_all.clicked.connect(self._lock_all)
        self.delete = QPushButton("Delete", self)
        self.delete.setToolTip("Remove the neuron with its connections.")
        self.delete.clicked.connect(self._delete)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(0, 10, 0, 0)
        buttons.setSpacing(8)
        buttons.addWidget(self.lock_all)
        buttons.addWidget(self.delete)
        buttons.addStretch(1)

        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.header)
        layout.addWidget(formula)
        layout.addLayout(activation)
        layout.addWidget(self.plot)
        layout.addWidget(self.remark)
        layout.addWidget(self.dropout)
        layout.addWidget(self._bias_section)
        layout.addWidget(self._weights_section)
        layout.addLayout(buttons)

    # ------------------------------------------------------------------ showing
    def set_neuron(self, neuron_id: int) -> None:
        """Show another neuron."""
        if neuron_id != self._neuron:
            if self.bias.is_held():
                self._bias_released()
            self._neuron = neuron_id
            self.bias.set_reach(2.0)
        self.weights.set_neuron(neuron_id)
        self.refresh()

    def refresh(self) -> None:
        """Take everything from the session as it is now."""
        network = self._session.network
        topology = network.topology
        if self._neuron not in topology or topology.kind_of(self._neuron) == Kind.INPUT:
            return
        self.header.set_neuron(self._neuron)
        self._show_activation()
        slots = self._slots()
        incoming = len(slots) - 1
        self._nothing_in.setVisible(not incoming)
        self._weights_section.set_caption(f"Weights · {incoming}" if incoming > 4 else "Weights")
        self.weights.setVisible(bool(incoming))
        self.lock_all.setText("Unlock all" if network.frozen[slots].all() else "Lock all")
        self.refresh_numbers()

    def refresh_numbers(self) -> None:
        """Take weights, bias and the probe's numbers; names and wiring are the same."""
        session = self._session
        network, probe = session.network, session.probe
        topology = network.topology
        if self._neuron not in topology or len(probe.activations) != topology.neuron_count:
            return
        slot = topology.bias_slot(self._neuron)
        value = float(network.theta[slot])
        self.bias.slot = slot
        self.bias.set_reach(max(self.bias.slider.limit(), reach_for(abs(value))))
        self.bias.show_parameter(
            "b", value, frozen=bool(network.frozen[slot]), hint="The bias is added to the sum."
        )
        self.weights.refresh()
        self.header.refresh()
        # Which terms are listed is decided anew for another sample or network, not for each
        # frame: lines must not change places while they are read.
        shown_for = (self._neuron, topology, probe.raw)
        if shown_for != self._shown_for:
            self._shown_for = shown_for
            self._shown = strongest_slots(network, probe.activations, self._neuron)
        row = topology.row(self._neuron)
        self.plot.show_point(network.activations[row], float(probe.pre_activations[row]))
        self.formula.set_formula(
            formula_of(
                network,
                probe.pre_activations,
                probe.activations,
                probe.delta,
                self._neuron,
                self._shown,
            )
        )
        self.probe_place.setText(probe_place(session))

    def _show_activation(self) -> None:
        network = self._session.network
        is_output = network.topology.kind_of(self._neuron) == Kind.OUTPUT
        self.activation.offer(for_outputs=is_output)
        name = network.activation_of(self._neuron)
        self.activation.set_value(name)
        known = ACTIVATIONS.get(name)
        self.remark.setText(known.remark if known else "")
        self.remark.setVisible(bool(known and known.remark))
        self.dropout.set_neurons([] if is_output else [self._neuron])

    def _slots(self) -> list[int]:
        topology = self._session.network.topology
        incoming = [slot for _, slot in topology.incoming(self._neuron)]
        return [*incoming, topology.bias_slot(self._neuron)]

    # ------------------------------------------------------------------ what the hand does
    def _activation_chosen(self, name: str) -> None:
        if not self._session.set_activation([self._neuron], name):
            self._show_activation()

    def _bias_changed(self, value: float, gesture: int) -> None:
        self._session.set_bias(self._neuron, value, gesture)

    def _bias_held(self) -> None:
        self._session.hold_slot(self.bias.slot)

    def _bias_released(self) -> None:
        self._session.release_slot(self.bias.slot)

    def _bias_locked(self, locked: bool) -> None:
        self._session.set_frozen([self.bias.slot], locked)

    def _lock_all(self) -> None:
        slots = self._slots()
        self._session.set_frozen(slots, not self._session.network.frozen[slots].all())

    def _delete(self) -> None:
        self._session.remove([self._neuron])

    def _select(self, neuron_id: int) -> None:
        self._session.hover(None)
        self._session.select([neuron_id])

    def _source_hovered(self, neuron_id: int) -> None:
        self._session.hover(neuron_id if neuron_id >= 0 else None)

    def is_busy(self) -> bool:
        """Whether a knob of this page is held."""
        return self.bias.is_held() or any(row.is_held() for row in self.weights.rows)

    def words(self) -> str:
        """One line about the neuron, for screen readers."""
        return f"{self.header.name.text()}, {count(len(self._slots()) - 1, 'weight')}"
