"""The inspector for one connection: its weight, what it carries, its gradient."""

from __future__ import annotations

import math

from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from nnplay.gui.panels.facts import Facts
from nnplay.gui.panels.form import Section, link_button
from nnplay.gui.panels.formula_layout import sign_role
from nnplay.gui.panels.parameter_row import ParameterRow, reach_for
from nnplay.gui.panels.probe_words import probe_place
from nnplay.gui.panels.words import aligned_number, neuron_label
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import label
from nnplay.session.session import Session

__all__ = ["EdgePage"]


class EdgePage(QWidget):
    """Everything about one connection."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._theme = session, theme
        self._edge = (-1, -1)
        self.source = link_button("", self._select_source, self)
        self.target = link_button("", self._select_target, self)
        for button in (self.source, self.target):
            button.setStyleSheet("font-size: 15px;")
            button.setToolTip("Select this neuron.")
        arrow = label("→", "tertiary", self)
        top = QHBoxLayout()
        top.setContentsMargins(0, 4, 0, 0)
        top.setSpacing(4)
        top.addWidget(self.source)
        top.addWidget(arrow)
        top.addWidget(self.target)
        top.addStretch(1)

        weight = Section("Weight", self)
        self.weight = ParameterRow(theme, self)
        self.weight.name.is_link = False
        self.weight.value_changed.connect(self._value_changed)
        self.weight.held.connect(self._held)
        self.weight.released.connect(self._released)
        self.weight.lock_changed.connect(self._lock_changed)
        self.weight.enabled_changed.connect(self._enabled_changed)
        weight.body.addWidget(self.weight)

        numbers = Section("For this sample", self)
        self.probe_place = label("", "small", self)
        numbers.head.addWidget(self.probe_place)
        facts = Facts(theme, self)
        self.value = facts.add("Value at the source", "What the source neuron gives.")
        self.contribution = facts.add(
            "Adds to z of the target", "Weight times value: the term in the target’s sum."
        )
        self.share = facts.add(
            "Share of the target’s sum", "Size of this term among the sizes of all terms."
        )
        self.gradient = facts.add(
            "Gradient ∂loss/∂w",
            "How the loss of this sample changes with the weight: δ of the target times the value "
            "at the source. Training moves the weight against it.",
        )
        numbers.body.addWidget(facts)

        self.delete = QPushButton("Delete", self)
        self.delete.setToolTip("Remove the connection.")
        self.delete.clicked.connect(self._delete)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(0, 10, 0, 0)
        buttons.addWidget(self.delete)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(top)
        layout.addWidget(label("Connection", "small", self))
        layout.addWidget(weight)
        layout.addWidget(numbers)
        layout.addLayout(buttons)
        theme.changed.connect(self.refresh_numbers)

    # ------------------------------------------------------------------ showing
    def set_edge(self, source: int, target: int) -> None:
        """Show another connection."""
        if (source, target) != self._edge:
            if self.weight.is_held():
                self._released()
            self._edge = (source, target)
            self.weight.set_reach(2.0)
        self.refresh()

    def refresh(self) -> None:
        """Take everything from the session as it is now."""
        network = self._session.network
        source, target = self._edge
        if not network.topology.has_edge(source, target):
            return
        self.source.setText(neuron_label(network, source))
        self.target.setText(neuron_label(network, target))
        self.refresh_numbers()

    def refresh_numbers(self) -> None:
        """Take weight, flags and the probe's numbers."""
        session = self._session
        network, probe = session.network, session.probe
        topology = network.topology
        source, target = self._edge
        if not topology.has_edge(source, target):
            return
        if len(probe.activations) != topology.neuron_count:
            return
        slot = topology.edge_slot(source, target)
        weight, enabled = float(network.theta[slot]), bool(network.enabled[slot])
        self.weight.slot = slot
        self.weight.set_reach(max(self.weight.slider.limit(), reach_for(abs(weight))))
        self.weight.show_parameter("w", weight, frozen=bool(network.frozen[slot]), enabled=enabled)
        self.probe_place.setText(probe_place(session))
        value = float(probe.activations[topology.row(source)])
        term = weight * value if enabled else 0.0
        delta = float(probe.delta[topology.row(target)])
        slots = topology.incoming_slots[topology.row(target)]
        sizes = abs(
            network.effective_weights[slots] * probe.activations[topology.edge_rows[slots, 0]]
        )
        total = float(sizes.sum()) + abs(float(network.theta[topology.bias_slot(target)]))
        share = abs(term) / total if total > 0 else 0.0
        self._show(self.value, value)
        self._show(self.contribution, term)
        self._show(self.gradient, delta * value if enabled else math.nan)
        self.share.setText("–" if math.isnan(share) else f"{100 * share:.1f} %")

    def _show(self, fact: QLabel, value: float) -> None:
        fact.setText(aligned_number(value, 6, 12))
        colour = getattr(self._theme.palette, sign_role(value))
        if fact.property("colour") != colour:
            fact.setProperty("colour", colour)
            fact.setStyleSheet(f"color: {colour};")

    # ------------------------------------------------------------------ what the hand does
    def _value_changed(self, value: float, gesture: int) -> None:
        self._session.set_weight(*self._edge, value, gesture)

    def _held(self) -> None:
        self._session.hold_slot(self.weight.slot)

    def _released(self) -> None:
        self._session.release_slot(self.weight.slot)

    def _lock_changed(self, locked: bool) -> None:
        self._session.set_frozen([self.weight.slot], locked)

    def _enabled_changed(self, enabled: bool) -> None:
        self._session.set_enabled([self.weight.slot], enabled)

    def _select_source(self) -> None:
        self._session.select([self._edge[0]])

    def _select_target(self) -> None:
        self._session.select([self._edge[1]])

    def _delete(self) -> None:
        self._session.remove((), [self._edge])
