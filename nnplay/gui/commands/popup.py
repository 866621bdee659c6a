"""The box at the upper edge of the window in which commands are searched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import shiboken6
from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPen,
)
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QGraphicsDropShadowEffect,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from nnplay.gui.commands.catalogue import Command, all_commands, neuron_commands
from nnplay.gui.commands.model import CommandsModel
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import label

if TYPE_CHECKING:
    from nnplay.gui.main_window import MainWindow

__all__ = ["CommandSearch"]

WIDTH: Final = 640
ROW: Final = 32
MOST_ROWS: Final = 12
_MOVES: Final = {
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_PageUp: -10,
    Qt.Key.Key_PageDown: 10,
}


class _Row(QStyledItemDelegate):
    """Icon, title with the typed letters in the accent, place, keys."""

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(100, ROW)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        model = index.model()
        if not isinstance(model, CommandsModel):
            return
        found = model.found[index.row()]
        command, palette = found.command, self._theme.palette
        box: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        is_current = bool(option.state & QStyle.StateFlag.State_Selected)
        if is_current:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(palette.colour("accent_soft"))
            painter.drawRoundedRect(box.adjusted(4, 1, -4, -1), 6, 6)
        off = bool(command.problem)
        icon = command.icon or ("clock" if found.is_recent else "chevron_right")
        side = 16
        at = QRect(box.left() + 14, box.center().y() - side // 2 + 1, side, side)
        role = "tertiary" if off or not command.icon else "secondary"
        painter.drawPixmap(at, self._theme.pixmap(icon, side, role))
        right = self._paint_keys(painter, box, "" if off else command.keys)
        small = self._theme.ui_font(11)
        painter.setFont(small)
        place = command.problem or command.place
        width = min(QFontMetrics(small).horizontalAdvance(place) + 4, box.width() * 3 // 5)
        painter.setPen(palette.colour("warn_text" if off else "tertiary_text"))
        line = QRect(right - width - 10, box.top(), width, box.height())
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        shown = QFontMetrics(small).elidedText(place, Qt.TextElideMode.ElideRight, width)
        painter.drawText(line, middle, shown)
        colour = palette.colour("tertiary_text" if off else "text")
        self._paint_title(
            painter,
            QRect(at.right() + 11, box.top(), line.left() - at.right() - 20, box.height()),
            command.title,
            found.places,
            colour,
        )
        painter.restore()

    def _paint_keys(self, painter: QPainter, box: QRect, keys: str) -> int:
        """Keys as caps at the right end; returns where they begin."""
        right, palette = box.right() - 12, self._theme.palette
        font = self._theme.ui_font(11)
        painter.setFont(font)
        metrics = QFontMetrics(font)
        for key in reversed(keys.split(", ")[:2] if keys else []):
            width = metrics.horizontalAdvance(key) + 12
            cap = QRect(right - width, box.center().y() - 9, width, 19)
            painter.setPen(QPen(palette.colour("border_strong"), 1))
            painter.setBrush(palette.colour("card"))
            painter.drawRoundedRect(cap, 4, 4)
            painter.setPen(palette.colour("secondary"))
            painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, key)
            right -= width + 5
        return right

    def _paint_title(
        self, painter: QPainter, box: QRect, title: str, places: tuple[int, ...], colour: QColor
    ) -> None:
        plain, bold = self._theme.ui_font(13), self._theme.ui_font(13, QFont.Weight.DemiBold)
        accent = self._theme.palette.colour("accent_text")
        marked = set(places)
        shown = QFontMetrics(plain).elidedText(title, Qt.TextElideMode.ElideRight, box.width())
        x = box.left()
        start = 0
        while start < len(shown):
            is_marked = start in marked
            end = start
            while end < len(shown) and (end in marked) == is_marked:
                end += 1
            painter.setFont(bold if is_marked else plain)
            painter.setPen(accent if is_marked else colour)
            width = painter.fontMetrics().horizontalAdvance(shown[start:end])
            painter.drawText(
                QRect(x, box.top(), width + 4, box.height()),
                Qt.AlignmentFlag.AlignVCenter,
                shown[start:end],
            )
            x += width
            start = end


class CommandSearch(QFrame):
    """Lives while it is open; closes with Esc, a click elsewhere or a command."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.setObjectName("command_search")
        self.setProperty("role", "toast")
        self.setAccessibleName("Command search")
        self._focus_before = QApplication.focusWidget()
        self.model = CommandsModel(
            all_commands(window), self._neurons, window.session.settings, self
        )
        self.field = QLineEdit(self)
        self.field.setPlaceholderText("Type a command, a neuron's name or an example")
        self.field.setAccessibleName("Find a command")
        self.field.setClearButtonEnabled(True)
        self.field.textChanged.connect(self._search)
        self.field.installEventFilter(self)
        self.list = QListView(self)
        self.list.setModel(self.model)
        self.list.setItemDelegate(_Row(window.theme, self.list))
        self.list.setUniformItemSizes(True)
        self.list.setAccessibleName("Commands")
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setMouseTracking(True)
        self.list.setStyleSheet("QListView { border: none; background: transparent; }")
        self.list.entered.connect(self.list.setCurrentIndex)
        self.list.clicked.connect(self._run)
        self.nothing = label("", "secondary", self)
        self.nothing.setContentsMargins(12, 8, 12, 10)
        self.nothing.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(6)
        layout.addWidget(self.field)
        layout.addWidget(self.list)
        layout.addWidget(self.nothing)
        shadow = QGraphicsDropShadowEffect(self)
        shadow.setBlurRadius(36)
        shadow.setOffset(0, 8)
        shadow.setColor(QColor(0, 0, 0, 140 if window.theme.is_dark else 70))
        self.setGraphicsEffect(shadow)
        window.installEventFilter(self)
        QApplication.instance().installEventFilter(self)  # type: ignore[union-attr]
        self._search("")

    def open(self) -> None:
        """Show it and take the keyboard."""
        self._place()
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def _neurons(self) -> list[Command]:
        return neuron_commands(self._window)

    def _place(self) -> None:
        width = min(WIDTH, self._window.width() - 40)
        rows = max(1, min(MOST_ROWS, self.model.rowCount()))
        self.list.setFixedHeight(rows * ROW + 2)
        top = self._window.header.mapTo(self._window, self._window.header.rect().topLeft()).y() + 6
        self.setFixedWidth(width)
        self.adjustSize()
        self.move((self._window.width() - width) // 2, top)

    # ------------------------------------------------------------------ searching
    def _search(self, text: str) -> None:
        self.model.search(text)
        has_any = self.model.rowCount() > 0
        self.list.setVisible(has_any)
        self.nothing.setVisible(not has_any)
        self.nothing.setText(f"Nothing here is called “{text.strip()}”. Try another word.")
        if has_any:
            self._go(0)
        self._place()

    def _go(self, row: int) -> None:
        index = self.model.index(min(max(row, 0), self.model.rowCount() - 1), 0)
        self.list.setCurrentIndex(index)
        self.list.scrollTo(index)
        self.field.setAccessibleDescription(
            str(index.data(Qt.ItemDataRole.AccessibleTextRole) or "")
        )

    def _run(self, index: QModelIndex) -> None:
        if not index.isValid():
            return
        command = self.model.found[index.row()].command
        if command.problem:
            self._window.session.refuse(command.problem)
            return
        self.model.used(command)
        self.close_search()
        command.run()

    def close_search(self) -> None:
        """Go away and give the keyboard back."""
        if self.isHidden():
            return
        self._window.removeEventFilter(self)
        QApplication.instance().removeEventFilter(self)  # type: ignore[union-attr]
        self.hide()
        before = self._focus_before
        if before is not None and shiboken6.isValid(before) and before.isVisible():
            before.setFocus(Qt.FocusReason.PopupFocusReason)
        else:
            self._window.focus_canvas()
        self.deleteLater()

    # ------------------------------------------------------------------ keys and clicks
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.field and isinstance(event, QKeyEvent):
            return event.type() == QEvent.Type.KeyPress and self._key(event)
        if watched is self._window and event.type() == QEvent.Type.Resize:
            self._place()
        elif isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseButtonPress:
            inside = isinstance(watched, QWidget) and (
                watched is self or self.isAncestorOf(watched)
            )
            if isinstance(watched, QWidget) and not inside:
                self.close_search()  # the click does what it does anywhere else
        return False

    def _key(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        row = self.list.currentIndex().row()
        if key == Qt.Key.Key_Escape:
            self.close_search()
        elif key in _MOVES:
            count, step = self.model.rowCount(), _MOVES[key]
            if count and abs(step) == 1:
                self._go((row + step) % count)  # round and round, as in other programs
            elif count:
                self._go(row + step)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._run(self.list.currentIndex())
        elif key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            pass  # there is nowhere else to go
        else:
            return False
        return True
