"""Weights into one neuron as a model for tables."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from nnplay.gui.panels.words import MINUS, neuron_label
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import number_text
from nnplay.session.session import Session

__all__ = ["BAR", "LOCKED", "ON", "SOURCE", "WEIGHT", "Index", "WeightsModel"]

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole

SOURCE, BAR, WEIGHT, LOCKED, ON = range(5)
_HEADERS: Final = ("From", "", "Weight", "", "")


class WeightsModel(QAbstractTableModel):
    """Weights into one neuron, straight from the session's network."""

    def __init__(self, session: Session, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._theme = session, theme
        self._neuron = -1
        self._slots: list[int] = []
        self._topology: object = None
        self.largest = 1.0

    def set_neuron(self, neuron_id: int) -> None:
        """Show another neuron, or the same one after the network changed."""
        network = self._session.network
        if neuron_id != self._neuron or network.topology is not self._topology:
            self.beginResetModel()
            self._neuron, self._topology = neuron_id, network.topology
            self._slots = [slot for _, slot in network.topology.incoming(neuron_id)]
            self.endResetModel()
        weights = np.abs(network.theta[self._slots])
        self.largest = float(np.nanmax(weights, initial=0.0)) or 1.0

    def source(self, row: int) -> int:
        """Id of the neuron a row comes from."""
        return int(self._session.network.topology.edges[self._slots[row], 0])

    def weight(self, row: int) -> float:
        """Weight of a row."""
        return float(self._session.network.theta[self._slots[row]])

    def announce(self, first: int, last: int) -> None:
        """Values of some rows may have changed."""
        if self._slots:
            last = min(last, len(self._slots) - 1)
            self.dataChanged.emit(self.index(first, SOURCE), self.index(last, ON))

    # ------------------------------------------------------------------ Qt's model
    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._slots)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(_HEADERS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Role.DisplayRole:
            return _HEADERS[section]
        if role == Role.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section == WEIGHT else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if index.column() == WEIGHT:
            flags |= Qt.ItemFlag.ItemIsEditable
        if index.column() in (LOCKED, ON):
            flags |= Qt.ItemFlag.ItemIsUserCheckable
        return flags

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        network = self._session.network
        slot, column = self._slots[index.row()], index.column()
        if slot >= network.topology.edge_count:
            return None
        weight = float(network.theta[slot])
        if role == Role.DisplayRole:
            if column == SOURCE:
                return neuron_label(network, self.source(index.row()))
            if column == WEIGHT:
                return number_text(weight).replace("-", MINUS)
            return None
        if role == Role.CheckStateRole and column in (LOCKED, ON):
            on = network.frozen[slot] if column == LOCKED else network.enabled[slot]
            return Qt.CheckState.Checked if on else Qt.CheckState.Unchecked
        if role == Role.ForegroundRole and column == WEIGHT:
            if not network.enabled[slot]:
                return self._theme.palette.colour("tertiary_text")
            role_name = "positive_text" if weight >= 0 else "negative_text"
            return self._theme.palette.colour(role_name)
        if role == Role.FontRole and column == WEIGHT:
            return self._theme.mono_font()
        if role == Role.TextAlignmentRole and column == WEIGHT:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Role.ToolTipRole:
            tips = {
                WEIGHT: f"{weight!r}\nDouble-click to change it.",
                LOCKED: _LOCK_TIP,
                ON: _ON_TIP,
            }
            return tips.get(column, neuron_label(network, self.source(index.row())))
        if role == Role.AccessibleTextRole and column in (LOCKED, ON):
            return "Locked" if column == LOCKED else "Switched on"
        return None

    def setData(self, index: Index, value: Any, role: int = Role.EditRole) -> bool:
        slot = self._slots[index.row()]
        if role == Role.CheckStateRole:
            on = Qt.CheckState(value) == Qt.CheckState.Checked
            if index.column() == LOCKED:
                return self._session.set_frozen([slot], on)
            return self._session.set_enabled([slot], on)
        if role == Role.EditRole and index.column() == WEIGHT:
            return self._session.set_weight(
                self.source(index.row()), self._neuron, float(value), self._session.begin_gesture()
            )
        return False


_LOCK_TIP: Final = "Locked weights are left alone by training."
_ON_TIP: Final = "A connection that is off counts as 0 and keeps its weight."
