"""The history: every step by its name, the present one marked, and a click goes there."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    QTimer,
)
from PySide6.QtGui import QFont, QKeyEvent, QPainter, QPen, QShowEvent
from PySide6.QtWidgets import (
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from nnplay.gui.panels.refresh import Refresher
from nnplay.gui.panels.words import count
from nnplay.gui.theme import Theme
from nnplay.session.session import Session

__all__ = ["HistoryModel", "HistoryPanel"]

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole
ROW: Final = 28
STEP_ROLE: Final = int(Role.UserRole)
_ENTER: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class HistoryModel(QAbstractListModel):
    """Row 0 is the beginning, row i the state after step i; a run has a row of its own below."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._names: list[str] = []
        self._is_running = False
        self.present = 0
        self.saved = -1
        self.take()

    @property
    def step_count(self) -> int:
        """Steps that can be undone or done again."""
        return len(self._names)

    def take(self) -> None:
        """Take the steps from the session's stack, touching only the rows that differ."""
        stack = self._session.undo_stack
        names = [stack.text(place) for place in range(stack.count())]
        running = self._session.is_running
        same = 0
        for old, new in zip(self._names, names, strict=False):
            if old != new:
                break
            same += 1
        if len(names) != len(self._names) or same < len(names) or running != self._is_running:
            old_end = len(self._names) + self._is_running
            if old_end > same:
                self.beginRemoveRows(QModelIndex(), same + 1, old_end)
                self._names, self._is_running = self._names[:same], False
                self.endRemoveRows()
            new_end = len(names) + running
            if new_end > same:
                self.beginInsertRows(QModelIndex(), same + 1, new_end)
                self._names, self._is_running = names, running
                self.endInsertRows()
        self.present, self.saved = stack.index(), stack.cleanIndex()
        self.dataChanged.emit(self.index(0), self.index(self.rowCount() - 1))

    def is_run(self, row: int) -> bool:
        """Whether a row stands for the run that goes on."""
        return self._is_running and row == len(self._names) + 1

    def is_present(self, row: int) -> bool:
        """Whether a row is what is shown now."""
        return self.is_run(row) if self._is_running else row == self.present

    def text(self, row: int) -> str:
        """The words of a row."""
        if row == 0:
            return "Beginning"
        if self.is_run(row):
            done = self._session.shown_epoch - self._session.document.state.epoch
            return f"Training: {count(max(done, 0), 'epoch')} so far"
        return self._names[row - 1]

    def note(self, row: int) -> str:
        """What else there is to say about a row."""
        return "saved" if row == self.saved and self._session.path is not None else ""

    # ------------------------------------------------------------------ Qt's model
    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else 1 + len(self._names) + self._is_running

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        row = index.row()
        if role == Role.DisplayRole:
            return self.text(row)
        if role == Role.AccessibleTextRole:
            state = "now" if self.is_present(row) else ("undone" if row > self.present else "")
            return ", ".join(part for part in (self.text(row), state, self.note(row)) if part)
        if role == Role.ToolTipRole:
            if self.is_present(row):
                return "This is shown now."
            return f"Go back to “{self.text(row)}”." if row < self.present else "Do it again."
        return None


class _StepDelegate(QStyledItemDelegate):
    """A step as a dot on a line: filled up to the present one, which is marked."""

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(80, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        if not isinstance(model, HistoryModel):
            return
        palette, row = self._theme.palette, index.row()
        box: QRect = option.rect
        present, undone = model.is_present(row), row > model.present and not model.is_run(row)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        painter.setPen(Qt.PenStyle.NoPen)
        if present or hovered:
            painter.setBrush(palette.colour("accent_soft" if present else "hover"))
            painter.drawRoundedRect(box.adjusted(2, 1, -2, -1), 6, 6)
        if selected and option.state & QStyle.StateFlag.State_HasFocus:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(palette.colour("accent"), 1.5))
            painter.drawRoundedRect(box.adjusted(2, 1, -2, -1), 6, 6)
        x, y = box.left() + 17, box.center().y() + 1
        painter.setPen(QPen(palette.colour("border_strong"), 1.4))
        if row > 0:
            painter.drawLine(x, box.top(), x, y - 5)
        if row + 1 < model.rowCount():
            painter.drawLine(x, y + 5, x, box.bottom() + 1)
        size = 4 if present else 3
        painter.setPen(QPen(palette.colour("accent" if not undone else "tertiary"), 1.5))
        painter.setBrush(palette.colour("panel" if undone else "accent"))
        painter.drawEllipse(x - size, y - size, 2 * size, 2 * size)
        note, right = model.note(row), box.right() - 10
        if note:
            font = self._theme.ui_font(11, QFont.Weight.DemiBold)
            painter.setFont(font)
            width = painter.fontMetrics().horizontalAdvance(note) + 14
            chip = QRect(right - width, y - 9, width, 18)
            painter.setPen(QPen(palette.colour("ok"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(chip, 9, 9)
            painter.setPen(palette.colour("ok_text"))
            painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, note)
            right -= width + 6
        weight = QFont.Weight.DemiBold if present else QFont.Weight.Normal
        painter.setFont(self._theme.ui_font(12, weight))
        role = "accent_text" if present else ("tertiary_text" if undone else "text")
        painter.setPen(palette.colour(role))
        room = QRect(x + 14, box.top(), right - x - 14, box.height())
        words = painter.fontMetrics().elidedText(
            model.text(row), Qt.TextElideMode.ElideRight, room.width()
        )
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, words)
        painter.restore()


class _StepList(QListView):
    """Return and Space go to the step the keyboard is on; arrows alone only look."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (*_ENTER, Qt.Key.Key_Space) and self.currentIndex().isValid():
            if not event.isAutoRepeat():
                self.clicked.emit(self.currentIndex())
            return
        super().keyPressEvent(event)


class HistoryPanel(QWidget):
    """The steps of the session's undo stack."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setAccessibleName("History")
        self.model = HistoryModel(session, self)
        self.list = _StepList(self)
        self.list.setModel(self.model)
        self.list.setItemDelegate(_StepDelegate(theme, self.list))
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAccessibleName("Steps")
        self.list.setAccessibleDescription("Return goes to a step; what comes after it is kept.")
        self.list.clicked.connect(self._go)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.list)
        self._refresher = Refresher(self, self._refresh)
        stack = session.undo_stack
        stack.indexChanged.connect(self._refresher.request)
        stack.cleanChanged.connect(self._refresher.request)
        session.frame_arrived.connect(self._refresher.request)
        session.run_state_changed.connect(self._refresher.request)
        session.document_replaced.connect(self._refresher.request)
        session.title_changed.connect(self._refresher.request)
        theme.changed.connect(self._repaint)
        self._shown = -1
        self._refresh()

    def _refresh(self) -> None:
        self.model.take()
        rows = self.model.rowCount()
        present = rows - 1 if self._session.is_running else self.model.present
        if present != self._shown:
            self._shown = present
            index = self.model.index(present)
            self.list.setCurrentIndex(index)
            self.list.scrollTo(self.model.index(min(present + 1, rows - 1)))
            self.list.scrollTo(index)  # with the step that can be done again, if there is room

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        # Scrolling while the list had no size yet, or was hidden, came to nothing.
        QTimer.singleShot(0, self, lambda: self.list.scrollTo(self.list.currentIndex()))

    def _repaint(self) -> None:
        self.list.viewport().update()

    def _go(self, index: QModelIndex) -> None:
        row = index.row()
        if not self.model.is_run(row):
            self._session.undo_to(row)
            self._refresher.request()
            self._refresher.flush()
