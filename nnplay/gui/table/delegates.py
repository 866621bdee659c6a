"""Editors and painters of cells: the same number field and lists as everywhere."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractItemModel, QEvent, QObject, QRect, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPalette, QPen
from PySide6.QtWidgets import (
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from nnplay.core.topology import Kind
from nnplay.gui.table.model import Index, TableModel
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import NumberField
from nnplay.gui.widgets.activation_choice import ActivationChoice

__all__ = ["ActivationDelegate", "NameDelegate", "NumberDelegate", "SwitchDelegate"]

Role = Qt.ItemDataRole
_BOX = 16


class NumberDelegate(QStyledItemDelegate):
    """Numbers, with a decimal point or comma; what is no number stays open to be mended."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        colour = index.data(Role.ForegroundRole)
        if colour is not None:  # a selected number keeps the colour of its sign
            option.palette.setColor(QPalette.ColorRole.HighlightedText, colour)

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        model = index.model()
        assert isinstance(model, TableModel)  # noqa: S101 - made for these models only
        field = NumberField(model.number(index), parent)
        column = model.COLUMNS[index.column()]
        field.setAccessibleName(
            f"{column.title} of {model.row_name(int(model.order[index.row()]))}"
        )
        field.value_changed.connect(self._stepped)
        return field

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        model = index.model()
        if isinstance(editor, NumberField) and isinstance(model, TableModel):
            untouched = not editor.isModified() and not editor.hasFocus()
            editor.set_value(model.number(index))
            if untouched:
                editor.selectAll()

    def setModelData(self, editor: QWidget, model: Any, index: Index) -> None:
        if isinstance(editor, NumberField) and isinstance(model, TableModel):
            editor.commit()
            if not editor.property("invalid") and editor.value() != model.number(index):
                model.setData(index, repr(editor.value()), Role.EditRole)

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


class NameDelegate(QStyledItemDelegate):
    """Names; what is being typed is left alone when values change around it."""

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        field = QLineEdit(parent)
        field.setAccessibleName("Name")
        return field

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        model = index.model()
        if isinstance(editor, QLineEdit) and isinstance(model, TableModel):
            if editor.property("filled"):
                return
            network = model.shown.network
            editor.setText(network.labels[int(model.order[index.row()])])
            editor.setProperty("filled", True)
            editor.selectAll()

    def setModelData(self, editor: QWidget, model: Any, index: Index) -> None:
        if isinstance(editor, QLineEdit):
            model.setData(index, editor.text(), Role.EditRole)


class ActivationDelegate(QStyledItemDelegate):
    """Activations, chosen from the list with curves."""

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        model = index.model()
        assert isinstance(model, TableModel)  # noqa: S101 - made for these models only
        row = int(model.order[index.row()])
        choice = ActivationChoice(self._theme, parent, name="Activation")
        choice.offer(for_outputs=model.shown.network.topology.kinds[row] == Kind.OUTPUT)
        choice.chosen.connect(self._chosen)
        return choice

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        model = index.model()
        if isinstance(editor, ActivationChoice) and isinstance(model, TableModel):
            row = int(model.order[index.row()])
            editor.set_value(model.shown.network.activations[row])

    def setModelData(self, editor: QWidget, model: Any, index: Index) -> None:
        if isinstance(editor, ActivationChoice) and editor.value():
            model.setData(index, editor.value(), Role.EditRole)

    def _chosen(self) -> None:
        choice = self.sender()
        self.commitData.emit(choice)
        self.closeEditor.emit(choice)


class SwitchDelegate(QStyledItemDelegate):
    """A check box in the middle of its cell."""

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        palette = self._theme.palette
        state = index.data(Role.CheckStateRole)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, palette.colour("accent_soft"))
        if state is not None:
            on = Qt.CheckState(state) == Qt.CheckState.Checked
            box = QRect(0, 0, _BOX, _BOX)
            box.moveCenter(option.rect.center())
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(palette.colour("accent_fill" if on else "border_strong"), 1))
            painter.setBrush(palette.colour("accent_fill" if on else "panel"))
            painter.drawRoundedRect(box, 4.5, 4.5)
            painter.restore()
            if on:
                painter.drawPixmap(
                    box.adjusted(2, 2, -2, -2), self._theme.pixmap("check", 12, "on_accent")
                )
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(palette.colour("accent"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(option.rect.adjusted(0, 0, -1, -1))

    def editorEvent(
        self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: Index
    ) -> bool:
        if not index.flags() & Qt.ItemFlag.ItemIsUserCheckable:
            return False
        if isinstance(event, QMouseEvent):
            wanted = (
                event.type() == QEvent.Type.MouseButtonRelease
                and event.button() == Qt.MouseButton.LeftButton
                and not event.modifiers()
                and option.rect.contains(event.position().toPoint())
            )
        else:
            wanted = (
                isinstance(event, QKeyEvent)
                and event.type() == QEvent.Type.KeyPress
                and event.key() == Qt.Key.Key_Space
            )
        if not wanted:
            return False
        on = Qt.CheckState(index.data(Role.CheckStateRole)) == Qt.CheckState.Checked
        state = Qt.CheckState.Unchecked if on else Qt.CheckState.Checked
        return model.setData(index, state, Role.CheckStateRole)
