"""The incoming weights of one neuron: rows with sliders, or a table when there are many."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from nnplay.gui.panels.parameter_row import ParameterRow, reach_for
from nnplay.gui.panels.weights_table import WeightsTable
from nnplay.gui.panels.words import neuron_label
from nnplay.gui.theme import Theme
from nnplay.session.session import Session

__all__ = ["MOST_ROWS", "WeightsList"]

# Rows of widgets get slow and long; beyond this a table shows only what is in sight.
MOST_ROWS: Final = 20


class WeightsList(QWidget):
    """Edits weights through the session; follows the network when :meth:`refresh` is called.

    Signals:
        source_clicked(int): the name of a neuron was clicked.
    """

    source_clicked = Signal(int)

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._theme = session, theme
        self._neuron = -1
        self._rows: list[ParameterRow] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(4)
        self.table: WeightsTable | None = None

    @property
    def rows(self) -> list[ParameterRow]:
        """The rows in use, in edge order; empty when the table is shown."""
        return [row for row in self._rows if not row.isHidden()]

    def set_neuron(self, neuron_id: int) -> None:
        """Show the weights into another neuron."""
        if neuron_id != self._neuron:
            self._let_go()
            self._neuron = neuron_id
            for row in self._rows:
                row.set_reach(2.0)
        self.refresh()

    def refresh(self) -> None:
        """Take names, values and flags from the network as it is now."""
        network = self._session.network
        topology = network.topology
        if self._neuron not in topology:
            return
        incoming = topology.incoming(self._neuron)
        many = len(incoming) > MOST_ROWS
        if many:
            self._show_table()
        elif self.table is not None:
            self.table.hide()
        wanted = 0 if many else len(incoming)
        self._make_rows(wanted)
        largest = max((abs(float(network.theta[slot])) for _, slot in incoming), default=0.0)
        for index, row in enumerate(self._rows):
            row.setVisible(index < wanted)
            if index >= wanted:
                continue
            source, slot = incoming[index]
            row.source, row.slot = source, slot
            # A reach that grows only: a knob must not move because another weight did.
            row.set_reach(max(row.slider.limit(), reach_for(largest)))
            row.show_parameter(
                neuron_label(network, source),
                float(network.theta[slot]),
                frozen=bool(network.frozen[slot]),
                enabled=bool(network.enabled[slot]),
            )

    def _show_table(self) -> None:
        if self.table is None:
            self.table = WeightsTable(self._session, self._theme, self)
            self.table.source_clicked.connect(self.source_clicked)
            self._layout.addWidget(self.table)
        self.table.set_neuron(self._neuron)
        self.table.show()

    def _make_rows(self, count: int) -> None:
        while len(self._rows) < count:
            row = ParameterRow(self._theme, self)
            row.value_changed.connect(self._value_changed)
            row.held.connect(self._held)
            row.released.connect(self._released)
            row.lock_changed.connect(self._lock_changed)
            row.enabled_changed.connect(self._enabled_changed)
            row.name_clicked.connect(self._name_clicked)
            row.name_hovered.connect(self._name_hovered)
            self._layout.insertWidget(len(self._rows), row)
            self._rows.append(row)

    def _let_go(self) -> None:
        for row in self._rows:
            if row.is_held():
                self._session.release_slot(row.slot)

    # ------------------------------------------------------------------ what the hand does
    def _row(self) -> ParameterRow:
        row = self.sender()
        assert isinstance(row, ParameterRow)  # noqa: S101 - only rows are connected
        return row

    def _value_changed(self, value: float, gesture: int) -> None:
        self._session.set_weight(self._row().source, self._neuron, value, gesture)

    def _held(self) -> None:
        self._session.hold_slot(self._row().slot)

    def _released(self) -> None:
        self._session.release_slot(self._row().slot)

    def _lock_changed(self, locked: bool) -> None:
        self._session.set_frozen([self._row().slot], locked)

    def _enabled_changed(self, enabled: bool) -> None:
        self._session.set_enabled([self._row().slot], enabled)

    def _name_clicked(self) -> None:
        self.source_clicked.emit(self._row().source)

    def _name_hovered(self, inside: bool) -> None:
        self._session.hover(self._row().source if inside else None)
