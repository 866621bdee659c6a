"""A list of things by a number: name, bar, number; painted, so that thousands of rows cost nothing."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import (
    QAbstractListModel,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from nnplay.gui.theme import Theme

__all__ = ["RankList", "RankRow"]

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole
_ROW: Final = 24
_BAR: Final = 8


@dataclass(frozen=True)
class RankRow:
    """One row.

    Attributes:
        key: what it stands for.
        name: words at the left. text: the number at the right.
        bar: −1 … 1, its length; the sign decides side and colour.
        tip: a sentence for the tooltip and screen readers.
    """

    key: Hashable
    name: str
    text: str
    bar: float
    tip: str = ""


class _Model(QAbstractListModel):
    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.rows: tuple[RankRow, ...] = ()

    def take(self, rows: Sequence[RankRow]) -> None:
        """Other rows; the same number of them keeps selection and place."""
        if len(rows) == len(self.rows):
            self.rows = tuple(rows)
            if rows:
                self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
            return
        self.beginResetModel()
        self.rows = tuple(rows)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        row = self.rows[index.row()]
        if role == Role.DisplayRole:
            return row.name
        if role == Role.AccessibleTextRole:
            return f"{row.name}: {row.text}"
        if role == Role.ToolTipRole:
            return row.tip or None
        return None


class _Delegate(QStyledItemDelegate):
    def __init__(self, theme: Theme, rank: RankList) -> None:
        super().__init__(rank)
        self._theme, self._rank = theme, rank

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(120, _ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        palette, row = self._theme.palette, self._rank.rows[index.row()]
        box: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        painter.setPen(Qt.PenStyle.NoPen)
        if chosen or hovered:
            painter.setBrush(palette.colour("accent_soft" if chosen else "hover"))
            painter.drawRoundedRect(box.adjusted(0, 1, -1, -1), 5, 5)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(palette.colour("accent"), 1.5))
            painter.drawRoundedRect(QRectF(box).adjusted(1, 1.5, -1.5, -1.5), 5, 5)
        numbers = self._theme.mono_font(11)
        painter.setFont(numbers)
        text_width = self._rank.text_width
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        left = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.setPen(palette.colour("text"))
        painter.drawText(box.adjusted(0, 0, -6, 0), right, row.text)
        inner = box.width() - 12 - text_width - 8
        name_width = int(inner * self._rank.name_share)
        painter.setFont(self._theme.ui_font(12))
        name = painter.fontMetrics().elidedText(
            row.name, Qt.TextElideMode.ElideMiddle, name_width - 6
        )
        painter.drawText(QRect(box.left() + 6, box.top(), name_width, box.height()), left, name)
        track = QRectF(
            box.left() + 6 + name_width,
            box.center().y() - _BAR / 2 + 1,
            max(0, inner - name_width),
            _BAR,
        )
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(palette.colour("border"))
        painter.drawRoundedRect(track.adjusted(0, 2.5, 0, -2.5), 1.5, 1.5)
        start = track.left() + (track.width() / 2 if self._rank.is_signed else 0.0)
        room = track.right() - start
        length = max(-1.0, min(1.0, row.bar)) * room
        bar = QRectF(min(start, start + length), track.top(), abs(length), _BAR)
        painter.setBrush(palette.colour("positive" if row.bar >= 0 else "negative"))
        painter.drawRoundedRect(bar, 2, 2)
        if self._rank.is_signed:
            painter.setBrush(palette.colour("secondary"))
            painter.drawRect(QRectF(start - 0.5, track.top() - 2, 1, _BAR + 4))
        painter.restore()


class RankList(QListView):
    """Shows :class:`RankRow` values.

    Signals:
        chosen(tuple): the keys of the rows selected by hand.
    """

    chosen = Signal(object)

    def __init__(
        self,
        theme: Theme,
        name: str,
        parent: QWidget | None = None,
        *,
        is_signed: bool = False,
        several: bool = False,
        name_share: float = 0.5,
    ) -> None:
        """Make an empty list.

        Args:
            theme: colours and type.
            name: for screen readers.
            parent: Qt parent.
            is_signed: whether bars start in the middle.
            several: whether more than one row can be selected.
            name_share: share of the room beside the number that names get.
        """
        super().__init__(parent)
        self.is_signed, self.name_share = is_signed, name_share
        self.text_width = 48
        self._model = _Model(self)
        self._theme = theme
        self.setModel(self._model)
        self.setItemDelegate(_Delegate(theme, self))
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setAccessibleName(name)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        modes = QAbstractItemView.SelectionMode
        self.setSelectionMode(modes.ExtendedSelection if several else modes.SingleSelection)
        self.selectionModel().selectionChanged.connect(self._tell)
        theme.changed.connect(self.viewport().update)

    @property
    def rows(self) -> tuple[RankRow, ...]:
        """What is shown."""
        return self._model.rows

    def show_rows(self, rows: Sequence[RankRow]) -> None:
        """Show other rows."""
        self.text_width = 24
        if rows:
            metrics = QFontMetrics(self._theme.mono_font(11))
            widest = max((row.text for row in rows), key=len)
            self.text_width = metrics.horizontalAdvance(widest)
        if [row.key for row in rows] != [row.key for row in self.rows]:
            self.clearSelection()
        self._model.take(rows)
        self.viewport().update()

    def chosen_keys(self) -> tuple[Hashable, ...]:
        """Keys of the selected rows, from top to bottom."""
        places = sorted(index.row() for index in self.selectionModel().selectedIndexes())
        return tuple(self.rows[place].key for place in places)

    def choose(self, places: Sequence[int]) -> None:
        """Select rows by their places."""
        model = self.selectionModel()
        model.clearSelection()
        for place in places:
            model.select(self._model.index(place), QItemSelectionModel.SelectionFlag.Select)

    def _tell(self, *_: object) -> None:
        self.chosen.emit(self.chosen_keys())
