"""The rows of a sweep as a table that can be sorted."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from nnplay.gui.dialogs.sweep_chart import group_colour
from nnplay.gui.panels.words import plain_number
from nnplay.gui.theme import Theme
from nnplay.sweeps.plan import Sweep
from nnplay.sweeps.results import SweepRow
from nnplay.sweeps.words import SETTING_TITLES, value_words

__all__ = ["SweepModel", "SweepTable"]

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole


@dataclass(frozen=True)
class _Column:
    """One column: its header, its text and the value it is sorted by."""

    title: str
    text: Callable[[SweepRow], str]
    value: Callable[[SweepRow], Any]
    is_number: bool = True
    tip: str = ""


class SweepModel(QAbstractTableModel):
    """Rows as they arrive; the columns follow the sweep."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._columns: tuple[_Column, ...] = ()
        self._dots: dict[int, QPixmap] = {}
        self.rows: list[SweepRow] = []

    def set_sweep(self, sweep: Sweep, has_test: bool, has_accuracy: bool) -> None:
        """Begin with an empty table for a sweep."""
        self.beginResetModel()
        self.rows = []
        self._columns = _columns(sweep, has_test, has_accuracy)
        self.endResetModel()

    def title(self, column: int) -> str:
        """The header of a column."""
        return self._columns[column].title

    def add(self, row: SweepRow) -> None:
        """A run has ended."""
        place = len(self.rows)
        self.beginInsertRows(QModelIndex(), place, place)
        self.rows.append(row)
        self.endInsertRows()

    def replace(self, rows: Sequence[SweepRow]) -> None:
        """The rows in their final order, if they are not those already."""
        if [row.number for row in rows] != [row.number for row in self.rows]:
            self.beginResetModel()
            self.rows = list(rows)
            self.endResetModel()

    # ------------------------------------------------------------------ Qt's model
    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal or section >= len(self._columns):
            return None
        if role == Role.DisplayRole:
            return self._columns[section].title
        if role == Role.TextAlignmentRole:
            return _side(self._columns[section])
        if role == Role.ToolTipRole:
            return self._columns[section].tip or None
        return None

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        row, column = self.rows[index.row()], self._columns[index.column()]
        if role == Role.DisplayRole:
            return column.text(row)
        if role == Role.UserRole:
            return column.value(row)
        if role == Role.TextAlignmentRole:
            return _side(column)
        if role == Role.FontRole and column.is_number:
            return self._theme.mono_font()
        if role == Role.DecorationRole and index.column() == 0:
            return self._dot(row)
        if role == Role.ForegroundRole and not row.is_done:
            return self._theme.palette.colour("tertiary_text")
        if role == Role.ToolTipRole:
            return row.problem or row.ended or None
        return None

    def _dot(self, row: SweepRow) -> QPixmap:
        """A dot in the colour of the row's combination."""
        place = row.run.combination
        if place not in self._dots:
            ratio = 2.0
            dot = QPixmap(round(12 * ratio), round(12 * ratio))
            dot.setDevicePixelRatio(ratio)
            dot.fill(Qt.GlobalColor.transparent)
            painter = QPainter(dot)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(group_colour(place))
            painter.drawEllipse(2, 2, 8, 8)
            painter.end()
            self._dots[place] = dot
        return self._dots[place]


class SweepTable(QTableView):
    """The table. It is sorted by a click on a header.

    Signals:
        row_selected(object): the selected :class:`SweepRow`, or None.
    """

    row_selected = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.results = SweepModel(theme, self)
        self._sorted = QSortFilterProxyModel(self)
        self._sorted.setSourceModel(self.results)
        self._sorted.setSortRole(Role.UserRole)
        self.setModel(self._sorted)
        self.setSortingEnabled(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(26)
        self.horizontalHeader().setMinimumSectionSize(58)
        self.horizontalHeader().setHighlightSections(False)
        self.setAccessibleName("Results of all runs")
        self.selectionModel().selectionChanged.connect(self._selection_changed)

    def begin(self, sweep: Sweep, has_test: bool, has_accuracy: bool) -> None:
        """An empty table for a sweep, in the order of its runs."""
        self.results.set_sweep(sweep, has_test, has_accuracy)
        head = self.horizontalHeader()
        head.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        # Words of a setting need more room than numbers.
        for place in range(len(sweep.settings)):
            width = head.fontMetrics().horizontalAdvance(self.results.title(place)) + 54
            head.setSectionResizeMode(place, QHeaderView.ResizeMode.Interactive)
            head.resizeSection(place, max(96, width))
        self._sorted.sort(-1)
        self.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)

    def selected(self) -> SweepRow | None:
        """The selected row."""
        indexes = self.selectionModel().selectedRows()
        if not indexes:
            return None
        return self.results.rows[self._sorted.mapToSource(indexes[0]).row()]

    def select_number(self, number: int) -> None:
        """Select a run by its number and bring it in sight."""
        for place, row in enumerate(self.results.rows):
            if row.number == number:
                index = self._sorted.mapFromSource(self.results.index(place, 0))
                flags = QItemSelectionModel.SelectionFlag
                self.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
                self.scrollTo(index)

    def shown_numbers(self) -> list[int]:
        """Numbers of the runs from top to bottom."""
        count = self._sorted.rowCount()
        places = [self._sorted.mapToSource(self._sorted.index(i, 0)).row() for i in range(count)]
        return [self.results.rows[place].number for place in places]

    def _selection_changed(self) -> None:
        self.row_selected.emit(self.selected())


def _columns(sweep: Sweep, has_test: bool, has_accuracy: bool) -> tuple[_Column, ...]:
    columns = [_setting_column(sweep, name) for name in sweep.settings]
    columns.append(_Column("Seed", lambda r: str(r.seed), lambda r: r.seed))
    columns.append(_Column("Epochs", _epochs, lambda r: r.epochs))
    columns.append(_loss("Train loss", "loss_train"))
    if has_test:
        columns.append(_loss("Test loss", "loss_test"))
    if has_accuracy:
        part = "test" if has_test else "train"
        name = f"accuracy_{part}"
        where = "test" if has_test else "training"
        columns.append(
            _Column(
                "Right",
                lambda r: _share(getattr(r, name)),
                _sorter(name, -1.0),
                tip=f"Share of {where} samples answered correctly",
            )
        )
    columns.append(_Column("Seconds", lambda r: f"{r.seconds:.1f}", lambda r: r.seconds))
    return tuple(columns)


def _setting_column(sweep: Sweep, name: str) -> _Column:
    values = sweep.settings[name]
    title = SETTING_TITLES[name]
    return _Column(
        title[:1].upper() + title[1:],
        lambda r: value_words(r.settings[name], name),
        # By the order in which the values were given, which is that of numbers, too.
        lambda r: values.index(r.settings[name]),
        is_number=False,
    )


def _loss(title: str, name: str) -> _Column:
    return _Column(title, lambda r: _number(getattr(r, name), r), _sorter(name, 1.0))


def _sorter(name: str, sign: float) -> Callable[[SweepRow], float]:
    def value(row: SweepRow) -> float:
        found = float(getattr(row, name))
        # What failed comes last, however good its last finite weights were.
        return math.inf if math.isnan(found) or not row.is_done else sign * found

    return value


def _epochs(row: SweepRow) -> str:
    return f"{row.epochs:,}"


def _number(value: float, row: SweepRow) -> str:
    if row.diverged:
        return "diverged"
    if row.problem:
        return "failed"
    return plain_number(value, 4)


def _share(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.1%}"


def _side(column: _Column) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column.is_number else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
