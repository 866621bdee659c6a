"""Many incoming weights of one neuron: a table that only works on the rows in sight."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QModelIndex,
    QObject,
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

from nnplay.gui.panels.weights_model import BAR, LOCKED, ON, SOURCE, WEIGHT, Index, WeightsModel
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import NumberField
from nnplay.session.session import Session

__all__ = ["WeightsTable"]

Role = Qt.ItemDataRole
_ROW_HEIGHT: Final = 28
_ROWS_IN_SIGHT: Final = 10


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
