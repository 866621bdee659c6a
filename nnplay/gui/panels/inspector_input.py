"""The inspector for an input neuron: where its value comes from."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFormLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from nnplay.data.prepared import PreparedData
from nnplay.gui.panels.form import Section, link_button
from nnplay.gui.panels.neuron_header import NeuronHeader
from nnplay.gui.panels.probe_words import probe_place, raw_text
from nnplay.gui.panels.words import count, plain_number
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import label
from nnplay.picture.text import pretty_label
from nnplay.session.session import Session

__all__ = ["InputPage"]


class InputPage(QWidget):
    """Feature, raw values and the value that enters the network.

    Signals:
        probe_wanted(): the probe's values are to be changed.
    """

    probe_wanted = Signal()

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._theme = session, theme
        self._neuron = -1
        self.header = NeuronHeader(session, theme, self)
        source = Section("Value", self)
        self.probe_place = label("", "small", self)
        source.head.addWidget(self.probe_place)
        form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(8)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.feature = self._fact(form, "Feature")
        self.raw = self._fact(form, "Raw value")
        self.scaling = self._fact(form, "Scaling")
        self.value = self._fact(form, "Value used")
        source.body.addLayout(form)
        self.change = link_button("Change the probe", self.probe_wanted.emit, self)
        self.change.setToolTip("Set its values with sliders, or step through the data")
        source.body.addWidget(self.change)
        self._explanation = label("", "tertiary", self)
        self._explanation.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.header)
        layout.addWidget(source)
        layout.addWidget(self._explanation)

    def _fact(self, form: QFormLayout, words: str) -> QLabel:
        fact = label("", "", self)
        fact.setFont(self._theme.mono_font())
        fact.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        # Long names of columns wrap instead of widening the panel.
        fact.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        fact.setWordWrap(True)
        fact.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        fact.setAccessibleName(words)
        form.addRow(label(words, "secondary", self), fact)
        return fact

    def set_neuron(self, neuron_id: int) -> None:
        """Show another input."""
        self._neuron = neuron_id
        self.refresh()

    def refresh(self) -> None:
        """Take everything from the session as it is now."""
        session = self._session
        network = session.network
        if self._neuron not in network.topology:
            return
        self.header.set_neuron(self._neuron)
        binding = network.neuron(self._neuron).binding
        out = len(network.topology.outgoing(self._neuron))
        if binding is None:
            words = (
                "This input is not tied to the data yet, so it gets 0. Choose a feature in the "
                "Features panel, and it will take it."
            )
        else:
            words = (
                f"Inputs calculate nothing: they pass the value on to {count(out, 'neuron')}."
                if out
                else "Nothing listens to this input yet. Drag from its right edge to a neuron."
            )
        self._explanation.setText(words)
        self.refresh_numbers()

    def refresh_numbers(self) -> None:
        """Take the probe's numbers."""
        session = self._session
        network, prepared = session.network, session.prepared
        if self._neuron not in network.topology:
            return
        row = network.topology.row(self._neuron)
        self.header.refresh()
        self.probe_place.setText(probe_place(session))
        value = float(session.probe.activations[row])
        binding = network.bindings[row]
        self.feature.setText(pretty_label(binding) if binding else "–")
        self.value.setText(plain_number(value))
        raw, scaling = "–", "none"
        if prepared is not None and binding in prepared.input_keys:
            column = prepared.input_keys.index(binding)
            mean = float(prepared.input_scaling.means[column])
            deviation = float(prepared.input_scaling.deviations[column])
            if (mean, deviation) != (0.0, 1.0):
                scaling = f"(v − {plain_number(mean, 4)}) / {plain_number(deviation, 4)}"
            raw = self._raw_words(prepared, column)
        self.raw.setText(raw)
        self.scaling.setText(scaling)

    def _raw_words(self, prepared: PreparedData, key_column: int) -> str:
        """``x1 = 0.5``; for a formula, all raw columns it reads."""
        start = 0
        for feature in prepared.features:
            if key_column < start + len(feature.keys):
                break
            start += len(feature.keys)
        if len(self._session.probe.raw) != len(prepared.raw_names):
            return "–"
        if feature.column is not None:
            return raw_text(self._session, feature.column)
        names = feature.formula.columns if feature.formula is not None else ()
        parts = [
            f"{pretty_label(name)} = {raw_text(self._session, prepared.raw_names.index(name))}"
            for name in names[:3]
        ]
        return "\n".join(parts) or "–"
