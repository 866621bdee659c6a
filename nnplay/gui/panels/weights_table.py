"""Many incoming weights of one neuron: a table that only works on the rows in sight."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from nnplay.gui.panels.words import MINUS, neuron_label
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import NumberField, number_text
from nnplay.session.session import Session

__all__ = ["WeightsModel", "WeightsTable"]

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole

SOURCE, BAR, WEIGHT, LOCKED, ON = range(5)
_HEADERS: Final = ("From", "", "Weight", "", "")
_ROW_HEIGHT: Final = 28
_ROWS_IN_SIGHT: Final = 10


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


class _WeightDelegate(QStyledItemDelegate):
    """Edits with the same field as everywhere: 1/4 and 0,5 are numbers here too."""

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        model = index.model()
        assert isinstance(model, WeightsModel)  # noqa: S101 - made for this model only
        field = NumberField(model.weight(index.row()), parent)
        field.setAccessibleName(f"Weight from {index.sibling(index.row(), SOURCE).data()}")
        field.value_changed.connect(self._stepped)
        return field

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        model = index.model()
        if isinstance(editor, NumberField) and isinstance(model, WeightsModel):
            untouched = not editor.isModified()
            editor.set_value(model.weight(index.row()))
            if untouched:
                editor.selectAll()

    def setModelData(self, editor: QWidget, model: Any, index: Index) -> None:
        if isinstance(editor, NumberField):
            editor.commit()
            if not editor.property("invalid") and editor.value() != model.weight(index.row()):
                model.setData(index, editor.value(), Role.EditRole)

    def _stepped(self) -> None:
        self.commitData.emit(self.sender())

    def eventFilter(self, editor: QObject, event: QEvent) -> bool:
        if (
            isinstance(editor, NumberField)
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab)
        ):
            editor.commit()
            if editor.property("invalid"):
                return True  # the sentence stands there; the text waits to be mended
        return super().eventFilter(editor, event)


class _BarDelegate(QStyledItemDelegate):
    """A bar from zero: length is size, side and hue are the sign."""

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        model = index.model()
        if not isinstance(model, WeightsModel):
            return
        palette = self._theme.palette
        rect = option.rect
        share = max(-1.0, min(1.0, model.weight(index.row()) / model.largest))
        centre, reach = rect.center().x() + 0.5, rect.width() / 2 - 4
        painter.save()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(palette.colour("positive" if share >= 0 else "negative"))
        left = centre + min(0.0, share * reach)
        painter.drawRoundedRect(QRectF(left, rect.center().y() - 1.5, abs(share) * reach, 4), 2, 2)
        painter.setBrush(palette.colour("tertiary"))
        painter.drawRect(QRectF(centre - 0.5, rect.center().y() - 5, 1, 11))
        painter.restore()


class _FlagDelegate(QStyledItemDelegate):
    """The lock and the eye of the rows with sliders, as cells to click."""

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        on = Qt.CheckState(index.data(Role.CheckStateRole)) == Qt.CheckState.Checked
        if index.column() == LOCKED:
            icon, role = ("lock", "accent") if on else ("unlock", "tertiary")
        else:
            icon, role = ("eye", "tertiary") if on else ("eye_off", "warn")
        option_rect = option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option_rect, self._theme.palette.colour("accent_soft"))
        side = 15
        place = option_rect.center() - QPoint(side // 2, side // 2)
        painter.drawPixmap(place, self._theme.pixmap(icon, side, role))

    def editorEvent(
        self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: Index
    ) -> bool:
        pressed = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Space
        if event.type() == QEvent.Type.MouseButtonRelease or (
            event.type() == QEvent.Type.KeyPress and pressed
        ):
            on = Qt.CheckState(index.data(Role.CheckStateRole)) == Qt.CheckState.Checked
            state = Qt.CheckState.Unchecked if on else Qt.CheckState.Checked
            return model.setData(index, state, Role.CheckStateRole)
        return False


class WeightsTable(QTableView):
    """The table of a neuron's incoming weights.

    Signals:
        source_clicked(int): the name of a neuron was double-clicked.
    """

    source_clicked = Signal(int)

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.weights = WeightsModel(session, theme, self)
        self.setModel(self.weights)
        self.setItemDelegateForColumn(WEIGHT, _WeightDelegate(self))
        self.setItemDelegateForColumn(BAR, _BarDelegate(theme, self))
        for column in (LOCKED, ON):
            self.setItemDelegateForColumn(column, _FlagDelegate(theme, self))
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setAccessibleName("Incoming weights")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.AnyKeyPressed
        )
        rows = self.verticalHeader()
        rows.hide()
        rows.setDefaultSectionSize(_ROW_HEIGHT)
        rows.setMinimumSectionSize(_ROW_HEIGHT)
        columns = self.horizontalHeader()
        columns.setHighlightSections(False)
        columns.setMinimumSectionSize(24)
        for column, width in ((BAR, 54), (WEIGHT, 72), (LOCKED, 26), (ON, 26)):
            columns.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
            self.setColumnWidth(column, width)
        columns.setSectionResizeMode(SOURCE, QHeaderView.ResizeMode.Stretch)
        self.setMinimumHeight(_ROW_HEIGHT * (_ROWS_IN_SIGHT + 1))
        self.doubleClicked.connect(self._double_clicked)
        theme.changed.connect(self._repaint)

    def sizeHint(self) -> QSize:
        return QSize(240, _ROW_HEIGHT * (_ROWS_IN_SIGHT + 1))

    def set_neuron(self, neuron_id: int) -> None:
        """Show a neuron's weights as they are now."""
        self.weights.set_neuron(neuron_id)
        first = self.rowAt(0)
        last = self.rowAt(self.viewport().height())
        if first >= 0:
            self.weights.announce(first, last if last >= 0 else self.weights.rowCount() - 1)

    def _double_clicked(self, index: QModelIndex) -> None:
        if index.column() == SOURCE:
            self.source_clicked.emit(self.weights.source(index.row()))

    def _repaint(self) -> None:
        self.viewport().update()
