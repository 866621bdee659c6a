"""A list of activation functions in groups, each with its curve and formula."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt
from PySide6.QtGui import QIcon, QKeyEvent, QMouseEvent, QPaintEvent, QStandardItemModel
from PySide6.QtWidgets import (
    QStyle,
    QStyledItemDelegate,
    QStyleOptionComboBox,
    QStylePainter,
    QWidget,
)

from nnplay.gui.theme import Theme
from nnplay.gui.widgets.activation_shapes import (
    ICON,
    activation_groups,
    activation_icon,
    activation_tip,
)
from nnplay.gui.widgets.controls import Choice, caption_font

__all__ = ["ActivationChoice"]

_MOST_VISIBLE = 28
_FRAME = 28
# The arrow, and what the look leaves free at both sides of the words.
_AROUND_TEXT = 32


class ActivationChoice(Choice):
    """Chooses an activation; softmax is offered for outputs only.

    Curves are drawn when the list is first opened. The closed field shows words only, so that
    it fits into narrow rows.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None, *, name: str = "") -> None:
        self._theme = theme
        self._for_outputs: bool | None = None
        self._drawn_for: object = None
        super().__init__((), parent, name=name)
        self.setMaxVisibleItems(_MOST_VISIBLE)
        self.setIconSize(ICON)
        self.setItemDelegate(QStyledItemDelegate(self))  # so that the list looks as its style says
        self.view().installEventFilter(self)
        self.view().viewport().installEventFilter(self)
        self.currentIndexChanged.connect(self._show_tip)

    def offer(self, *, for_outputs: bool) -> None:
        """Offer what hidden neurons, or outputs, can have."""
        if for_outputs == self._for_outputs:
            return
        self._for_outputs, self._drawn_for = for_outputs, None
        before = self.value()
        with QSignalBlocker(self):
            self.clear()
            for caption, names in activation_groups(for_outputs=for_outputs):
                self._add_caption(caption)
                for name in names:
                    self._add(name)
        self.setCurrentIndex(-1)
        if before:
            self.set_value(before)

    def _add_caption(self, words: str) -> None:
        self.addItem(words)
        model = self.model()
        assert isinstance(model, QStandardItemModel)  # noqa: S101 - what a combo box makes itself
        item = model.item(self.count() - 1)
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        item.setFont(caption_font())

    def _add(self, name: str) -> None:
        from nnplay.core.activations import ACTIVATIONS

        self.addItem(ACTIVATIONS[name].title, name)
        place = self.count() - 1
        self.setItemData(place, activation_tip(name), Qt.ItemDataRole.ToolTipRole)

    def set_value(self, value: str) -> None:
        super().set_value(value)
        self._show_tip()

    def _show_tip(self) -> None:
        value = self.value()
        tip = f"{self.currentText()}: {activation_tip(value)}" if value else self.placeholderText()
        self.setToolTip(tip)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        view = self.view()
        if watched is view and isinstance(event, QKeyEvent):
            # Home would lead to the first caption, which cannot be chosen: nowhere, that is.
            if event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Home:
                view.setCurrentIndex(self.model().index(1, 0))
                return True
        elif isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseButtonRelease:
            # A click on a caption would choose what the pointer was on before.
            index = view.indexAt(event.position().toPoint())
            if watched is view.viewport() and not index.flags() & Qt.ItemFlag.ItemIsSelectable:
                return True
        return super().eventFilter(watched, event)

    def showPopup(self) -> None:
        palette = self._theme.palette
        if self._drawn_for is not palette:
            self._drawn_for = palette
            for place in range(self.count()):
                name = self.itemData(place)
                if name:
                    self.setItemIcon(place, activation_icon(self._theme, name))
        view = self.view()
        view.setMinimumWidth(max(self.width(), view.sizeHintForColumn(0) + _FRAME))
        super().showPopup()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QStylePainter(self)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        option.currentIcon = QIcon()
        if self.currentIndex() < 0 and self.placeholderText():
            option.currentText = self.placeholderText()
        option.currentText = self.fontMetrics().elidedText(
            option.currentText,
            Qt.TextElideMode.ElideRight,
            self.width() - _AROUND_TEXT,
        )
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        painter.end()
