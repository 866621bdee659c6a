"""The table view: neurons and connections behind two tabs, with a filter."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QLineEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from nnplay.core.network import Network
from nnplay.gui.panels.form import FieldNote
from nnplay.gui.panels.refresh import Refresher
from nnplay.gui.table.filtering import FilterError
from nnplay.gui.table.models import EdgesModel, NeuronsModel
from nnplay.gui.table.view import NetworkTable
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import label
from nnplay.session.session import Session

__all__ = ["TableView"]

# Live numbers at a pace people can read, in ms.
_PACE: Final = 150
_FILTER_TIP: Final = (
    "Words find names; w > 0,5 and |w| < 0.01 compare numbers; locked and off find switches.\n"
    "Several terms must all hold. While training, rows stay where they are."
)


class _FilterField(QLineEdit):
    """A field that Esc empties, and leaves when it is empty."""

    left = Signal()
    down = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            if self.text():
                self.clear()
            else:
                self.left.emit()
        elif event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.down.emit()
        else:
            super().keyPressEvent(event)


class TableView(QWidget):
    """Both tables, kept in step with the session.

    Signals:
        left(): the keyboard shall go back to the canvas.
        switched(int): the other table is shown, 0 for neurons and 1 for connections.
    """

    TITLES: Final = ("Neurons", "Connections")

    left = Signal()
    switched = Signal(int)

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setAccessibleName("Table of neurons and connections")
        self.neurons = NetworkTable(NeuronsModel(session, theme), self)
        self.edges = NetworkTable(EdgesModel(session, theme), self)
        self._tables = (self.neurons, self.edges)
        self._filters = ["", ""]
        self._stale = [True, True]
        self._was_running = False
        self._has_other_selection = False
        for table in self._tables:
            table.table.setParent(table)
            table.left.connect(self.left)
            table.arranged.connect(self._show_counts)
        self._stack = QStackedWidget(self)
        for table in self._tables:
            self._stack.addWidget(table)
        self.filter = _FilterField(self)
        self.filter.setPlaceholderText("Filter: h1, w > 0.5, locked …")
        self.filter.setToolTip(_FILTER_TIP)
        self.filter.setAccessibleName("Filter")
        self.filter.setAccessibleDescription(_FILTER_TIP)
        self.filter.setClearButtonEnabled(True)
        self.filter.setMinimumWidth(72)
        self.filter.setFixedHeight(28)
        self.filter.setMaximumWidth(300)
        self.filter.left.connect(self.left)
        self.filter.down.connect(self.focus_table)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(120)
        self._later.timeout.connect(self._apply_filter)
        self.filter.textChanged.connect(self._filter_edited)
        self.note = FieldNote(self)
        self.counted = label("", "small", self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.note)
        layout.addWidget(self._stack, 1)
        self._refresher = Refresher(self, self._refresh, _PACE)
        session.frame_arrived.connect(self._refresher.request)
        session.probe_changed.connect(self._refresher.request)
        session.network_changed.connect(self._network_changed)
        session.document_replaced.connect(self._replaced)
        session.selection_changed.connect(self._selection_changed)
        session.run_state_changed.connect(self._run_changed)
        self._refresher.request()

    def header_widgets(self) -> list[QWidget]:
        """What stands in the header of the card."""
        return [self.counted, self.filter]

    # ------------------------------------------------------------------ which table
    @property
    def current(self) -> NetworkTable:
        """The table in sight."""
        return self._tables[self._stack.currentIndex()]

    def show_table(self, place: int) -> None:
        """Show neurons (0) or connections (1), each with its own filter."""
        if place != self._stack.currentIndex():
            had_focus = self.current.hasFocus()
            self._stack.setCurrentIndex(place)
            if had_focus:
                self.current.setFocus()
            self.switched.emit(place)
        with QSignalBlocker(self.filter):
            self.filter.setText(self._filters[place])
        self.note.clear()
        self._has_other_selection = True
        self._refresh()
        self._show_counts()

    def focus_table(self) -> None:
        """Put the keyboard on the table in sight, on a cell."""
        table = self.current
        table.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if not table.currentIndex().isValid() and table.table.rowCount():
            table.setCurrentIndex(table.table.index(0, 0))

    # ------------------------------------------------------------------ following
    def _network_changed(self, before: Network, after: Network) -> None:
        if before.topology is not after.topology:
            self._replaced()
            return
        if before.labels is not after.labels or before.activations is not after.activations:
            for table in self._tables:
                table.table.take_names()
        if self._session.is_running and before.frozen is after.frozen:
            self._refresher.request()
        else:
            self._refresh()  # a hand's own change is seen at once

    def _replaced(self) -> None:
        """Rows mean other things from now on: that must not wait."""
        self._stale = [True, True]
        self._refresh()

    def _refresh(self) -> None:
        """Bring the table in sight up to date."""
        if not self.isVisible():
            self._refresher.request()
            return
        place = self._stack.currentIndex()
        if self._stale[place]:
            self._stale[place] = False
            self.current.take_structure()
            self._apply_filter()
        else:
            self.current.table.take_values()
            self.current.repaint_values()
        if self._has_other_selection:
            self._has_other_selection = False
            self.current.show_selection()

    def _run_changed(self) -> None:
        running = self._session.is_running
        if self._was_running and not running and self.isVisible():
            self._refresh()
            if self.current.table.depends_on_values:
                self.current.rearrange()
        self._was_running = running

    def _selection_changed(self) -> None:
        selection = self._session.selection
        focus = QApplication.focusWidget()
        if focus is None or not self.isAncestorOf(focus):
            if selection.edges and not selection.neurons:
                self.show_table(1)
            elif selection.neurons and not selection.edges:
                self.show_table(0)
        # The table in sight follows at once; the other one when it is shown.
        self._has_other_selection = True
        if self.isVisible() and not self._stale[self._stack.currentIndex()]:
            self.current.show_selection()

    # ------------------------------------------------------------------ filtering
    def _filter_edited(self) -> None:
        self._later.start()

    def _apply_filter(self) -> None:
        self._later.stop()
        place = self._stack.currentIndex()
        try:
            self.current.set_filter(self.filter.text())
        except FilterError as error:
            self.note.say(str(error))
            return
        self._filters[place] = self.filter.text()
        self.note.clear()

    def _show_counts(self) -> None:
        topology = self._session.network.topology
        totals = (topology.neuron_count, topology.edge_count)
        shown, total = self.current.table.rowCount(), totals[self._stack.currentIndex()]
        self.counted.setText(f"{shown:,} of {total:,}" if shown != total else f"{total:,}")
