"""A table over the session's network: sorted and filtered by arrays, without an object per row."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar, Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from nnplay.gui.panels.words import MINUS
from nnplay.gui.table.blocks import BlockError
from nnplay.gui.table.columns import Column, Snapshot, natural_ranks
from nnplay.gui.table.filtering import filter_rows
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import number_text
from nnplay.session.cells import CellValues
from nnplay.session.session import Session
from nnplay.session.values import Selection

__all__ = ["Index", "TableModel"]

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole
IntArray = npt.NDArray[np.int64]
Array = npt.NDArray[np.generic]

_RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_CENTRE: Final = Qt.AlignmentFlag.AlignCenter


class TableModel(QAbstractTableModel):
    """Rows are positions in the network's own order, seen through ``order``.

    Order and filter are taken anew when the structure changes, a header is clicked, the filter
    changes or training comes to rest; values alone never move rows under a person's hand.
    """

    COLUMNS: ClassVar[Sequence[Column]] = ()
    NOUN: ClassVar[str] = ""

    def __init__(self, session: Session, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session, self.theme = session, theme
        self._cache: dict[str, Array] = {}
        self._ranks: dict[str, IntArray] = {}
        self._sorted_by: tuple[int, bool] | None = None
        self._filter = ""
        self.order: IntArray = np.arange(0)
        self._places: IntArray | None = None
        self.shown = Snapshot(session.network, session.probe)

    # ------------------------------------------------------------------ the network
    def source_count(self) -> int:
        """Rows there are without a filter."""
        raise NotImplementedError

    def selected(self, rows: IntArray) -> Selection:
        """What the session shall select for rows of the network."""
        raise NotImplementedError

    def selected_rows(self, selection: Selection) -> IntArray:
        """Rows of the network for what the session has selected."""
        raise NotImplementedError

    def change(self, values: CellValues, row: int, column: Column, text: str) -> None:
        """Put a cell's new text into ``values``; raises BlockError with a sentence."""
        raise NotImplementedError

    def switch(self, values: CellValues, row: int, column: Column, on: bool) -> None:
        """Put a switch's new state into ``values``."""
        raise NotImplementedError

    def row_name(self, row: int) -> str:
        """What a row of the network is, for people who hear the table."""
        raise NotImplementedError

    # ------------------------------------------------------------------ following
    def take_structure(self) -> None:
        """Other rows: everything is taken anew."""
        self.beginResetModel()
        self._take()
        self._ranks.clear()
        self._arrange()
        self.endResetModel()

    def take_values(self) -> None:
        """Other values in the same rows; the view repaints what is in sight."""
        self._take()

    def take_names(self) -> None:
        """Other words in the same rows."""
        self._ranks.clear()
        self._take()

    def _take(self) -> None:
        self.shown = Snapshot(self.session.network, self.session.probe)
        self._cache.clear()

    def rearrange(self) -> None:
        """Sort and filter anew; the selection and the current cell stay with their rows."""
        before = self.order
        self.layoutAboutToBeChanged.emit()
        old = self.persistentIndexList()
        rows = [int(before[index.row()]) if index.row() < before.size else -1 for index in old]
        self._arrange()
        places = self._row_places()
        new = [
            self.index(int(places[row]), index.column())
            if 0 <= row < places.size and places[row] >= 0
            else QModelIndex()
            for row, index in zip(rows, old, strict=True)
        ]
        self.changePersistentIndexList(old, new)
        self.layoutChanged.emit()

    def set_filter(self, text: str) -> None:
        """Show only rows that fit; raises FilterError and changes nothing if it is unclear."""
        text = text.strip()
        if text:
            filter_rows(text, self.COLUMNS, self.shown)
        if text != self._filter:
            self._filter = text
            self.rearrange()

    @property
    def depends_on_values(self) -> bool:
        """Whether training changes which rows are shown or their order."""
        live = {name for column in self.COLUMNS if column.live for name in column.names}
        by_value = self._sorted_by is not None and self.COLUMNS[self._sorted_by[0]].live
        return by_value or any(name in self._filter.casefold() for name in live)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._sorted_by = (column, order == Qt.SortOrder.DescendingOrder) if column >= 0 else None
        self.rearrange()

    def _arrange(self) -> None:
        self._places = None
        rows = np.arange(self.source_count())
        mask = filter_rows(self._filter, self.COLUMNS, self.shown) if self._filter else None
        if mask is not None:
            rows = rows[mask]
        if self._sorted_by is not None:
            column, descending = self._sorted_by
            keys = self._sort_keys(self.COLUMNS[column])[rows]
            if descending:
                keys = -keys  # NaN stays last, and equal rows keep their order
            rows = rows[np.argsort(keys, kind="stable")]
        self.order = rows

    def _sort_keys(self, column: Column) -> npt.NDArray[Any]:
        values = self.column_values(column)
        if column.words is None:
            return values
        if column.key == "kind":
            return values
        if column.key not in self._ranks:
            count = self.shown.network.topology.neuron_count
            words = [column.words(self.shown, code) for code in range(count)]
            self._ranks[column.key] = natural_ranks(words)
        return self._ranks[column.key][values.astype(np.int64)]

    def _row_places(self) -> IntArray:
        """``int64[rows of the network]``: where each stands in the table, -1 if it is hidden."""
        if self._places is None:
            self._places = np.full(self.source_count(), -1)
            self._places[self.order] = np.arange(self.order.size)
        return self._places

    def places_of(self, rows: IntArray) -> IntArray:
        """Table rows of rows of the network, ascending; hidden ones are left out."""
        places = self._row_places()[rows]
        return np.sort(places[places >= 0])

    # ------------------------------------------------------------------ cells
    def column_values(self, column: Column) -> npt.NDArray[Any]:
        """A whole column in the network's order."""
        values = self._cache.get(column.key)
        if values is None:
            values = self._cache[column.key] = column.values(self.shown)
        return values

    def cell_text(self, row: int, column: Column) -> str:
        """A cell of the table in words and short numbers."""
        value = self.column_values(column)[self.order[row]]
        if column.words is not None:
            return column.words(self.shown, int(value))
        if column.sort == "count":
            return str(int(value))
        if math.isnan(value):
            return ""
        if column.sort == "switch":
            return "yes" if value else "no"
        decimals = None if column.key == "dropout" else 3
        return number_text(float(value), decimals).replace("-", MINUS)

    def copy_text(self, row: int, column: Column) -> str:
        """A cell as it is copied: all digits, and a sign every program reads."""
        value = self.column_values(column)[self.order[row]]
        if column.sort == "number":
            return "" if math.isnan(value) else repr(float(value))
        return self.cell_text(row, column)

    def number(self, index: Index) -> float:
        """The number in a cell."""
        return float(self.column_values(self.COLUMNS[index.column()])[self.order[index.row()]])

    def can_edit(self, row: int, column: Column) -> bool:
        """Whether a cell can be changed at all."""
        if not column.editable:
            return False
        value = self.column_values(column)[self.order[row]]
        if column.key == "activation":
            return bool(self.cell_text(row, column))
        return column.words is not None or not math.isnan(value)

    # ------------------------------------------------------------------ Qt's model
    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else int(self.order.size)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Vertical:
            if role in (Role.DisplayRole, Role.AccessibleTextRole) and section < self.order.size:
                return self.row_name(int(self.order[section]))
            return None
        column = self.COLUMNS[section]
        if role == Role.DisplayRole:
            return column.title
        if role in (Role.ToolTipRole, Role.AccessibleDescriptionRole):
            return column.tip if role != Role.ToolTipRole else f"{column.tip}\nClick to sort."
        if role == Role.TextAlignmentRole:
            return _alignment(column)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        column = self.COLUMNS[index.column()]
        if self.can_edit(index.row(), column):
            if column.sort == "switch":
                flags |= Qt.ItemFlag.ItemIsUserCheckable
            else:
                flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        column, row = self.COLUMNS[index.column()], index.row()
        if row >= self.order.size:
            return None
        if role == Role.DisplayRole:
            return None if column.sort == "switch" else self.cell_text(row, column)
        if role == Role.EditRole:
            return self.copy_text(row, column)
        if role == Role.CheckStateRole and column.sort == "switch":
            value = self.column_values(column)[self.order[row]]
            if math.isnan(value):
                return None
            return Qt.CheckState.Checked if value else Qt.CheckState.Unchecked
        if role == Role.TextAlignmentRole:
            return _alignment(column)
        if role == Role.FontRole and column.sort in ("number", "count"):
            return self.theme.mono_font()
        if role == Role.ForegroundRole:
            return self._colour(row, column)
        if role in (Role.AccessibleTextRole, Role.AccessibleDescriptionRole):
            if role == Role.AccessibleDescriptionRole:
                return column.title
            return self.cell_text(row, column) or "empty"
        if role == Role.ToolTipRole and column.sort == "number":
            value = self.number(index)
            return None if math.isnan(value) else repr(value).replace("-", MINUS)
        return None

    def _colour(self, row: int, column: Column) -> Any:
        palette = self.theme.palette
        if column.sort == "number" and column.key != "dropout":
            value = float(self.column_values(column)[self.order[row]])
            return palette.colour("positive_text" if value >= 0 else "negative_text")
        if column.editable or column.key in ("from", "to"):
            return None
        return palette.colour("secondary")

    def setData(self, index: Index, value: Any, role: int = Role.EditRole) -> bool:
        column, row = self.COLUMNS[index.column()], int(self.order[index.row()])
        values = CellValues()
        if role == Role.CheckStateRole and column.sort == "switch":
            self.switch(values, row, column, Qt.CheckState(value) == Qt.CheckState.Checked)
        elif role == Role.EditRole:
            try:
                self.change(values, row, column, str(value))
            except BlockError as error:
                return self.session.refuse(str(error))
        else:
            return False
        is_done = self.session.set_cells(f"Set {_in_words(column)}", values)
        self.take_values()
        return is_done


def _in_words(column: Column) -> str:
    words = {
        "name": "a name",
        "activation": "an activation",
        "bias": "a bias",
        "weight": "a weight",
        "dropout": "dropout",
        "locked": "a lock",
        "on": "a switch",
    }
    return words[column.key]


def _alignment(column: Column) -> Qt.AlignmentFlag:
    if column.sort in ("switch", "count"):
        return _CENTRE
    return _LEFT if column.sort == "words" else _RIGHT
