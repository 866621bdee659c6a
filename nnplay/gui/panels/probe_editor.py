"""The probe by hand: steps through the rows of the data, a slider and a number per input."""

from __future__ import annotations

from typing import Final

import numpy as np
from PySide6.QtWidgets import QVBoxLayout, QWidget

from nnplay.core.network import Network
from nnplay.core.targets import predicted_classes
from nnplay.data.errors import DataError
from nnplay.data.preparation import PreparedData
from nnplay.gui.panels.form import Section
from nnplay.gui.panels.probe_inputs import InputColumn, InputRows
from nnplay.gui.panels.probe_stepper import RowStepper
from nnplay.gui.panels.refresh import Refresher
from nnplay.gui.panels.words import neuron_label, plain_number
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import label
from nnplay.picture.text import pretty_label
from nnplay.session.session import Session

__all__ = ["ProbeEditor"]

_MOST_OUTPUTS: Final = 6
_SAMPLED: Final = 500
"""Rows looked at to see whether a column has whole numbers only."""

_FEWEST_STEPS: Final = 10
"""Columns of whole numbers with a smaller range, such as 0 and 1, have sliders in between too."""

_FREE_REACH: Final = 6.0
"""Range of inputs that no data speak about: the plane of the drawn sets."""


class ProbeEditor(QWidget):
    """Row, raw values and outputs of the probe; every change by hand moves it at once."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._known: tuple[PreparedData | None, object, tuple[str, ...]] | None = None
        self._fed: PreparedData | None = None
        probe = Section("Probe", self)
        self.stepper = RowStepper(session, theme, self)
        self.inputs = InputRows(self)
        self.inputs.value_changed.connect(self._change)
        probe.head.addWidget(self.stepper.part)
        probe.body.addWidget(self.stepper)
        probe.body.addWidget(self.inputs)
        output = Section("Output", self)
        self.verdict = label("", "", self)
        self.values = label("", "secondary", self)
        for words in (self.verdict, self.values):
            words.setWordWrap(True)
            output.body.addWidget(words)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(probe)
        layout.addWidget(output)
        refresher = Refresher(self, self.refresh)
        session.probe_changed.connect(refresher.request)
        session.network_changed.connect(refresher.request)
        session.data_changed.connect(refresher.request)
        session.document_replaced.connect(refresher.request)
        self.refresh()

    def refresh(self) -> None:
        """Take everything from the session as it is now."""
        self._follow_columns()
        self.stepper.refresh(self._fed)
        self.inputs.set_values(self._session.probe.raw)
        self._show_outputs()

    # ------------------------------------------------------------------ columns
    def _follow_columns(self) -> None:
        """Other columns with other data, or when the inputs no longer fit the data."""
        session, network = self._session, self._session.network
        prepared = session.prepared
        names = tuple(neuron_label(network, i) for i in network.topology.input_ids)
        known = self._known
        if (
            known is not None
            and known[0] is prepared
            and known[1] == network.outer_bindings
            and known[2] == names
        ):
            return
        self._known = prepared, network.outer_bindings, names
        read = None if prepared is None else _columns_read(prepared, network)
        if prepared is None or read is None:
            self._fed = None
            columns = tuple(
                InputColumn(place, name, name, -_FREE_REACH, _FREE_REACH)
                for place, name in enumerate(names)
            )
            self.inputs.set_columns(columns)
            return
        self._fed = prepared
        unread = [
            pretty_label(name) for place, name in enumerate(prepared.raw_names) if place not in read
        ]
        self.inputs.set_columns(_columns_of(prepared, read), unread)

    def _change(self, place: int, value: float) -> None:
        raw = list(self._session.probe.raw)
        if place < len(raw):
            raw[place] = value
            self._session.set_probe(raw)

    # ------------------------------------------------------------------ outputs
    def _show_outputs(self) -> None:
        session, network = self._session, self._session.network
        ids = network.topology.output_ids
        if not ids:
            self.verdict.setText("The network has no output yet.")
            self.values.setText("")
            return
        values = session.probe.activations[network.topology.rows(ids)]
        self.verdict.setText(self._verdict(values))
        self.verdict.setVisible(bool(self.verdict.text()))
        order = np.argsort(-np.nan_to_num(values, nan=-np.inf), kind="stable")
        if len(ids) <= _MOST_OUTPUTS:
            order = np.arange(len(ids))
        lines = [
            f"{neuron_label(network, ids[place])} = {plain_number(float(values[place]), 4)}"
            for place in order[:_MOST_OUTPUTS].tolist()
        ]
        if len(ids) > _MOST_OUTPUTS:
            lines.append(f"and {len(ids) - _MOST_OUTPUTS:,} smaller ones")
        self.values.setText("\n".join(lines))

    def _verdict(self, values: np.ndarray) -> str:
        """The class the network chooses, or its value in units of the target."""
        session, network, prepared = self._session, self._session.network, self._fed
        if prepared is None:
            return ""
        if not np.isfinite(values).all():
            return "The network gives no number here."
        try:
            places = prepared.output_places(network)
        except DataError:
            return ""  # the data panel says what is wrong
        if not prepared.is_classification:
            value = float(prepared.restore_target(values[None, :1])[0, 0])
            return f"{pretty_label(prepared.target_name)}: {plain_number(value, 4)}"
        chosen = int(predicted_classes(values[None], network, session.training.loss)[0])
        name = prepared.output_keys[chosen if len(places) == 1 else int(places[chosen])]
        return f"Class: {name}"


def _columns_read(prepared: PreparedData, network: Network) -> set[int] | None:
    """The raw columns that inputs of the network read; None when they do not fit the data."""
    try:
        wanted = set(prepared.input_columns(network).tolist())
    except DataError:
        return None
    read, start = set(), 0
    for feature in prepared.features:
        end = start + len(feature.keys)
        if not wanted.isdisjoint(range(start, end)):
            if feature.column is not None:
                read.add(feature.column)
            if feature.formula is not None:
                read.update(prepared.raw_names.index(name) for name in feature.formula.columns)
        start = end
    return read


def _columns_of(prepared: PreparedData, read: set[int]) -> tuple[InputColumn, ...]:
    some = prepared.raw[:_SAMPLED]
    whole = (some == np.round(some)).all(axis=0).tolist()
    columns = []
    for place in sorted(read):
        name = prepared.raw_names[place]
        low, high = prepared.domain[place]
        is_whole = whole[place] and high - low >= _FEWEST_STEPS
        if is_whole:
            low, high = float(np.ceil(low)), float(np.floor(high))
        words = prepared.raw_categories[place]
        columns.append(InputColumn(place, name, pretty_label(name), low, high, is_whole, words))
    return tuple(columns)
