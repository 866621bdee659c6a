"""One table on the screen: keys, sorting, copying and pasting, and the selection it shares."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import numpy as np
from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QItemSelectionRange,
    QModelIndex,
    QPoint,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QWidget

from nnplay.gui.panels.words import count
from nnplay.gui.table.blocks import BlockError, block_text
from nnplay.gui.table.delegates import (
    ActivationDelegate,
    NameDelegate,
    NumberDelegate,
    SwitchDelegate,
)
from nnplay.gui.table.keys import key_row
from nnplay.gui.table.model import IntArray, TableModel
from nnplay.gui.table.pasting import pasted
from nnplay.session.session import Session

__all__ = ["NetworkTable"]

_ROW_HEIGHT: Final = 26
_Select = QItemSelectionModel.SelectionFlag


class NetworkTable(QTableView):
    """Shows a model of neurons or connections and turns keys into calls of session verbs.

    Signals:
        left(): Esc was pressed with nothing to give up.
        arranged(): rows were sorted or filtered anew.
    """

    left = Signal()
    arranged = Signal()

    def __init__(self, model: TableModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = model
        self._session: Session = model.session
        self._is_showing = False
        self.setModel(model)
        noun = f"{model.NOUN}s"
        self.setAccessibleName(noun.capitalize())
        self.setAccessibleDescription(
            f"All {noun}. Arrow keys move, Return edits a cell, Space switches, the menu key sorts."
        )
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectItems)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.AnyKeyPressed
        )
        self.setTabKeyNavigation(False)  # Tab leaves, as everywhere
        self.setStyleSheet("QTableView::item { padding: 0 5px; }")
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setCornerButtonEnabled(False)
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setMinimumSectionSize(_ROW_HEIGHT)
        rows.setDefaultSectionSize(_ROW_HEIGHT)
        self._dress_columns()
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._tell_selection)
        self.selectionModel().selectionChanged.connect(self._selection_moved)
        model.theme.changed.connect(self._repaint)

    def _dress_columns(self) -> None:
        columns = self.horizontalHeader()
        columns.setHighlightSections(False)
        columns.setMinimumSectionSize(36)
        columns.setStretchLastSection(False)
        columns.setSectionsClickable(True)
        columns.setSortIndicatorShown(True)
        columns.setSortIndicatorClearable(True)
        columns.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        columns.sortIndicatorChanged.connect(self._sort)
        # A click sorts; it does not select 100,000 cells along the way. And a header that asks for
        # each section whether all of its cells are selected would take seconds.
        columns.sectionPressed.disconnect()
        columns.sectionEntered.disconnect()
        columns.setSelectionModel(QItemSelectionModel(self.table, columns))
        columns.setAccessibleName(f"Columns of {self.table.NOUN}s")
        names, numbers = NameDelegate(self), NumberDelegate(self)
        switches = SwitchDelegate(self.table.theme, self)
        activations = ActivationDelegate(self.table.theme, self)
        for place, column in enumerate(self.table.COLUMNS):
            self.setColumnWidth(place, column.width)
            if column.sort == "switch":
                self.setItemDelegateForColumn(place, switches)
            elif column.sort == "number":
                self.setItemDelegateForColumn(place, numbers)
            elif column.key == "activation":
                self.setItemDelegateForColumn(place, activations)
            elif column.key == "name":
                self.setItemDelegateForColumn(place, names)

    # ------------------------------------------------------------------ following
    def take_structure(self) -> None:
        """Other rows; the current cell and what is in sight stay where they were."""
        place, current = self.verticalScrollBar().value(), self.currentIndex()
        row, column = current.row(), current.column()
        self._is_showing = True
        self.table.take_structure()
        self._is_showing = False
        if row >= 0 and self.table.rowCount():
            index = self.table.index(min(row, self.table.rowCount() - 1), max(column, 0))
            self.selectionModel().setCurrentIndex(index, _Select.NoUpdate)
        self.verticalScrollBar().setValue(place)
        self.show_selection()
        self.arranged.emit()

    def repaint_values(self) -> None:
        """The rows in sight have other values."""
        first = self.rowAt(0)
        if first < 0:
            return
        last = self.rowAt(self.viewport().height() - 1)
        if last < 0:
            last = self.table.rowCount() - 1
        self.table.dataChanged.emit(
            self.table.index(first, 0), self.table.index(last, len(self.table.COLUMNS) - 1)
        )

    def _repaint(self) -> None:
        self.viewport().update()

    def rearrange(self) -> None:
        """Sort and filter anew."""
        with self._rearranging():
            self.table.rearrange()

    def set_filter(self, text: str) -> None:
        """Show only rows that fit; raises FilterError for an unclear filter."""
        with self._rearranging():
            self.table.set_filter(text)

    @contextmanager
    def _rearranging(self) -> Iterator[None]:
        """Rows change places: the selection is taken from the session afterwards.

        Qt would keep every selected cell by itself, which takes seconds for many.
        """
        self._tell_selection_now()
        self._is_showing = True
        self.selectionModel().clearSelection()
        try:
            yield
        finally:
            self._is_showing = False
            self.show_selection()
            self.arranged.emit()

    def _tell_selection_now(self) -> None:
        if self._soon.isActive():
            self._soon.stop()
            self._tell_selection()

    def _sort(self, column: int, order: Qt.SortOrder) -> None:
        with self._rearranging():
            self.table.sort(column, order)
        current = self.currentIndex()
        if current.isValid():
            self.scrollTo(current)

    # ------------------------------------------------------------------ selection
    def selected_places(self) -> IntArray:
        """Table rows with a selected cell, ascending."""
        parts = [np.arange(r.top(), r.bottom() + 1) for r in self._ranges()]
        return np.unique(np.concatenate(parts)) if parts else np.arange(0)

    def _selected_columns(self) -> list[int]:
        return sorted({c for r in self._ranges() for c in range(r.left(), r.right() + 1)})

    def _ranges(self) -> list[QItemSelectionRange]:
        selection = self.selectionModel().selection()
        return [selection.at(place) for place in range(selection.count())]

    def _selection_moved(self) -> None:
        if not self._is_showing:
            self._soon.start()  # a drag over many rows asks once per turn of the loop

    def _tell_selection(self) -> None:
        """Select on the canvas what is selected here."""
        rows = self.table.order[self.selected_places()]
        wanted = self.table.selected(rows)
        if wanted != self._session.selection:
            self._is_showing = True
            self._session.select(wanted.neurons, wanted.edges)
            self._is_showing = False

    def show_selection(self) -> None:
        """Mark the rows of what is selected elsewhere; single cells stay as they are."""
        if self._is_showing:
            return
        self._soon.stop()
        places = self.table.places_of(self.table.selected_rows(self._session.selection))
        if np.array_equal(places, self.selected_places()):
            return
        marked = QItemSelection()
        last = len(self.table.COLUMNS) - 1
        breaks = np.flatnonzero(np.diff(places) > 1)
        firsts = places[np.concatenate(([0], breaks + 1))] if places.size else places
        lasts = places[np.concatenate((breaks, [places.size - 1]))] if places.size else places
        for first, end in zip(firsts.tolist(), lasts.tolist(), strict=True):
            marked.select(self.table.index(first, 0), self.table.index(end, last))
        self._is_showing = True
        self.selectionModel().select(marked, _Select.ClearAndSelect)
        if places.size and not self.hasFocus():
            column = max(self.currentIndex().column(), 0)
            first_index = self.table.index(int(places[0]), column)
            self.selectionModel().setCurrentIndex(first_index, _Select.NoUpdate)
            self.scrollTo(first_index)
        self._is_showing = False

    # ------------------------------------------------------------------ clipboard and rows
    def copy(self) -> None:
        """Put the selected cells on the clipboard, ready for a spreadsheet."""
        places, columns = self.selected_places().tolist(), self._selected_columns()
        if not places:
            return
        chosen = [self.table.COLUMNS[c] for c in columns]
        rows = [[self.table.copy_text(place, column) for column in chosen] for place in places]
        QGuiApplication.clipboard().setText(block_text(rows))

    def paste(self) -> None:
        """Write a block of cells over the selected ones, as one undoable step."""
        text = QGuiApplication.clipboard().text()
        current = self.currentIndex()
        try:
            values, cells = pasted(
                self.table,
                text,
                self.selected_places().tolist(),
                self._selected_columns(),
                (current.row(), current.column()) if current.isValid() else None,
            )
        except BlockError as error:
            self._session.refuse(str(error))
            return
        self._session.set_cells(f"Paste {count(cells, 'value')}", values)

    def remove_rows(self) -> None:
        """Remove the selected neurons or connections."""
        chosen = self.table.selected(self.table.order[self.selected_places()])
        self._session.remove(chosen.neurons, chosen.edges)

    # ------------------------------------------------------------------ keys and menus
    def event(self, event: QEvent) -> bool:
        # These keys belong to the table while it has the keyboard, not to the window's actions.
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            row = key_row(event)
            if row is not None and row.is_own:
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row = key_row(event)
        if row is not None:
            row.run(self)
        elif event.key() == Qt.Key.Key_Space:
            if self._is_switch(self.currentIndex()):
                self.edit_here()
            else:
                event.ignore()  # Space trains
        else:
            super().keyPressEvent(event)

    def _is_switch(self, index: QModelIndex) -> bool:
        return bool(index.isValid() and index.flags() & Qt.ItemFlag.ItemIsUserCheckable)

    def edit_here(self) -> None:
        """Edit the current cell, or switch it."""
        index = self.currentIndex()
        if self.state() == QAbstractItemView.State.EditingState:
            return  # Return has ended an edit and comes through to the table
        if self._is_switch(index):
            state = Qt.CheckState(index.data(Qt.ItemDataRole.CheckStateRole))
            on = state == Qt.CheckState.Checked
            self.table.setData(
                index,
                Qt.CheckState.Unchecked if on else Qt.CheckState.Checked,
                Qt.ItemDataRole.CheckStateRole,
            )
        elif index.isValid() and index.flags() & Qt.ItemFlag.ItemIsEditable:
            self.edit(index)

    def leave(self) -> None:
        """Give the keyboard back to the canvas."""
        self.left.emit()

    def open_menu_here(self) -> None:
        """The context menu at the current cell."""
        self._open_menu(self.visualRect(self.currentIndex()).center())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        event.accept()
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            self._open_menu(event.pos())  # the keys have done it already

    def _open_menu(self, place: QPoint) -> None:
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        column = self.currentIndex().column()
        if column >= 0:
            title = self.table.COLUMNS[column].title
            menu.addAction(f"Sort by {title}, rising", self._sort_up)
            menu.addAction(f"Sort by {title}, falling", self._sort_down)
            menu.addAction("The network's own order", self._sort_none)
            menu.addSeparator()
        chosen = self.selected_places().size
        copy = menu.addAction("Copy cells\tCtrl+C", self.copy)
        paste = menu.addAction("Paste cells\tCtrl+V", self.paste)
        menu.addSeparator()
        remove = menu.addAction(
            f"Delete {count(chosen, self.table.NOUN)}\tDel" if chosen else "Delete\tDel",
            self.remove_rows,
        )
        for action in (copy, paste, remove):
            action.setEnabled(chosen > 0)
        menu.popup(self.viewport().mapToGlobal(place))

    def _sort_up(self) -> None:
        column = self.currentIndex().column()
        self.horizontalHeader().setSortIndicator(column, Qt.SortOrder.AscendingOrder)

    def _sort_down(self) -> None:
        column = self.currentIndex().column()
        self.horizontalHeader().setSortIndicator(column, Qt.SortOrder.DescendingOrder)

    def _sort_none(self) -> None:
        self.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
