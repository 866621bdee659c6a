"""The two tables: neurons and connections."""

from __future__ import annotations

import math
from typing import ClassVar, Final

import numpy as np

from nnplay.core.activations import ACTIVATIONS
from nnplay.gui.panels.words import neuron_label
from nnplay.gui.table.blocks import BlockError, number_from
from nnplay.gui.table.columns import EDGE_COLUMNS, NEURON_COLUMNS, Column
from nnplay.gui.table.model import IntArray, TableModel
from nnplay.session.cells import CellValues
from nnplay.session.known import known_slots
from nnplay.session.values import Selection

__all__ = ["EdgesModel", "NeuronsModel"]

_SWITCHES: Final = {
    **dict.fromkeys(("yes", "on", "true", "1"), True),
    **dict.fromkeys(("no", "off", "false", "0"), False),
}


class NeuronsModel(TableModel):
    """One row per neuron, in the network's order."""

    COLUMNS: ClassVar = NEURON_COLUMNS
    NOUN = "neuron"

    def source_count(self) -> int:
        return self.shown.network.topology.neuron_count

    def selected(self, rows: IntArray) -> Selection:
        return Selection(frozenset(self.shown.network.topology.ids[rows].tolist()))

    def selected_rows(self, selection: Selection) -> IntArray:
        topology = self.shown.network.topology
        known = [i for i in selection.neurons if i in topology]
        return topology.rows(known) if known else np.arange(0)

    def row_name(self, row: int) -> str:
        return neuron_label(self.shown.network, int(self.shown.network.topology.ids[row]))

    def change(self, values: CellValues, row: int, column: Column, text: str) -> None:
        topology = self.shown.network.topology
        neuron_id = int(topology.ids[row])
        if column.key == "name":
            values.labels[neuron_id] = " ".join(text.split())
        elif column.key == "activation":
            values.activations[neuron_id] = _activation(text)
        elif column.key == "bias":
            values.parameters[int(topology.bias_slots[row])] = _number(text)
        elif column.key == "dropout":
            rate = _number(text)
            if not 0 <= rate < 1:
                raise BlockError("A dropout rate is at least 0 and less than 1.")
            values.dropout[neuron_id] = rate
        elif column.sort == "switch":
            self.switch(values, row, column, _switch(text))

    def switch(self, values: CellValues, row: int, column: Column, on: bool) -> None:
        topology = self.shown.network.topology
        if column.key == "locked":
            values.frozen[int(topology.bias_slots[row])] = on
        else:
            values.neurons_enabled[int(topology.ids[row])] = on


class EdgesModel(TableModel):
    """One row per connection; a row is the slot of its weight."""

    COLUMNS: ClassVar = EDGE_COLUMNS
    NOUN = "connection"

    def source_count(self) -> int:
        return self.shown.network.topology.edge_count

    def selected(self, rows: IntArray) -> Selection:
        pairs = self.shown.network.topology.edges[rows].tolist()
        return Selection(frozenset(), frozenset((s, t) for s, t in pairs))

    def selected_rows(self, selection: Selection) -> IntArray:
        return known_slots(self.shown.network.topology, selection.edges)

    def row_name(self, row: int) -> str:
        network = self.shown.network
        source, target = network.topology.edges[row].tolist()
        return f"{neuron_label(network, source)} → {neuron_label(network, target)}"

    def change(self, values: CellValues, row: int, column: Column, text: str) -> None:
        if column.key == "weight":
            values.parameters[row] = _number(text)
        elif column.sort == "switch":
            self.switch(values, row, column, _switch(text))

    def switch(self, values: CellValues, row: int, column: Column, on: bool) -> None:
        (values.frozen if column.key == "locked" else values.enabled)[row] = on


def _number(text: str) -> float:
    try:
        value = number_from(text)
    except ValueError:
        what = f"“{text}” is no number." if text else "there is no number."
        raise BlockError(what) from None
    if not math.isfinite(value):
        raise BlockError("A weight or bias must be a finite number.")
    return value


def _switch(text: str) -> bool:
    if text.casefold() not in _SWITCHES:
        raise BlockError(f"“{text}” is neither yes nor no.")
    return _SWITCHES[text.casefold()]


def _activation(text: str) -> str:
    small = text.casefold()
    for name, row in ACTIVATIONS.items():
        if small in (name, row.title.casefold()):
            return name
    raise BlockError(f"There is no activation “{text}”.")
