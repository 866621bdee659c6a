"""Paints lines of an explanation; every number that comes from elsewhere can be followed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QFocusEvent,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from nnplay.gui.panels.explain_rows import Line, Link, lines_text
from nnplay.gui.theme import Theme

__all__ = ["ExplainSheet"]

_PADDING: Final = 10
_LINE: Final = 19

Write = Callable[[int], list[Line]]
Edge = tuple[int, int]


class ExplainSheet(QWidget):
    """Lines of numbers. Arrow keys go from link to link, Return follows one.

    Signals:
        followed(object): where the link leads that was clicked, see ``explain_rows.Place``.
        pointed(object): the connection of the line under pointer or keyboard, None for none.
        focus_moved(float): the keyboard went to a link at this y.
    """

    followed = Signal(object)
    pointed = Signal(object)
    focus_moved = Signal(float)

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._name = theme, name
        self._write: Write | None = None
        self._lines: list[Line] = []
        self._written = -1
        self._hovered: tuple[int, Link | None] = (-1, None)
        self._current = 0
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)
        theme.changed.connect(self.update)

    # ------------------------------------------------------------------ content
    def show_lines(self, write: Write) -> None:
        """Show what ``write(columns)`` gives; only another number of lines changes the height."""
        before = len(self._lines)
        self._write = write
        self._written = -1
        if len(self.lines()) != before:
            self.updateGeometry()
        if self._hovered[0] >= len(self._lines):
            self._hovered = (-1, None)
        if QAccessible.isActive():
            self.setAccessibleDescription(lines_text(self._lines))
        self.update()

    def lines(self) -> list[Line]:
        """The lines as painted at the present width."""
        columns = self.columns()
        if columns != self._written and self._write is not None:
            self._written = columns
            self._lines = self._write(columns)
        return self._lines

    def text(self) -> str:
        """The lines with six decimals."""
        return "" if self._write is None else lines_text(self._write(66))

    def columns(self) -> int:
        """Characters that fit into a line."""
        return max(30, int((self.width() - 2 * _PADDING) / self._cell()))

    def _cell(self) -> float:
        return QFontMetricsF(self._theme.mono_font()).horizontalAdvance("0")

    def sizeHint(self) -> QSize:
        return QSize(240, 2 * _PADDING + _LINE * max(1, len(self.lines())))

    def minimumSizeHint(self) -> QSize:
        return QSize(200, self.sizeHint().height())

    # ------------------------------------------------------------------ links
    def links(self) -> list[tuple[int, Link]]:
        """All links with the numbers of their lines, in reading order."""
        return [(i, link) for i, line in enumerate(self.lines()) for link in line.links]

    def rect_of(self, line: int, link: Link) -> QRectF:
        """Where a link is painted."""
        cell = self._cell()
        return QRectF(
            _PADDING + link.column * cell - 2,
            _PADDING + line * _LINE,
            link.width * cell + 4,
            _LINE,
        )

    def _at(self, place: QPointF) -> tuple[int, Link | None]:
        index = int((place.y() - _PADDING) // _LINE)
        lines = self.lines()
        if place.y() < _PADDING or not 0 <= index < len(lines):
            return -1, None
        for link in lines[index].links:
            if self.rect_of(index, link).contains(place):
                return index, link
        return index, None

    # ------------------------------------------------------------------ painting
    def paintEvent(self, event: QPaintEvent) -> None:
        palette, lines = self._theme.palette, self.lines()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(palette.colour("border"), 1))
        painter.setBrush(palette.colour("card"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        font = QFont(self._theme.mono_font())
        bold = QFont(font)
        bold.setWeight(QFont.Weight.DemiBold)
        metrics = QFontMetricsF(font)
        cell = metrics.horizontalAdvance("0")
        baseline = (_LINE + metrics.ascent() - metrics.descent()) / 2
        hovered, link = self._hovered
        for index, line in enumerate(lines):
            top = _PADDING + index * _LINE
            if index == hovered and line.links:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(palette.colour("hover"))
                painter.drawRoundedRect(QRectF(4, top, self.width() - 8, _LINE), 5, 5)
            if line.rule_above:
                painter.setPen(QPen(palette.colour("border_strong"), 1))
                right = self.width() - _PADDING
                painter.drawLine(QPointF(_PADDING, top + 0.5), QPointF(right, top + 0.5))
            for piece in line.pieces:
                painter.setFont(bold if piece.bold else font)
                painter.setPen(palette.colour(piece.role))
                painter.drawText(
                    QPointF(_PADDING + piece.column * cell, top + baseline), piece.text
                )
        if link is not None:
            where = self.rect_of(hovered, link)
            painter.setPen(QPen(palette.colour("accent"), 1))
            y = where.bottom() - 2
            painter.drawLine(QPointF(where.left() + 2, y), QPointF(where.right() - 2, y))
        links = self.links()
        if self.hasFocus() and links:
            index, link = links[min(self._current, len(links) - 1)]
            painter.setPen(QPen(palette.colour("accent"), 1.6))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self.rect_of(index, link).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.end()

    # ------------------------------------------------------------------ pointer
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        found = self._at(event.position())
        if found == self._hovered:
            return
        line_changed = found[0] != self._hovered[0]
        self._hovered = found
        index, link = found
        self.setToolTip("" if link is None else link.words)
        if link is not None:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        else:
            self.unsetCursor()
        if line_changed:
            self.pointed.emit(self._lines[index].edge if index >= 0 else None)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        if self._hovered[0] >= 0:
            self._hovered = (-1, None)
            self.pointed.emit(None)
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        _, link = self._at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and link is not None:
            self.followed.emit(link.place)

    # ------------------------------------------------------------------ keyboard
    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._tell_current()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.pointed.emit(None)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        links = self.links()
        if not links or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            super().keyPressEvent(event)
            return
        self._current = min(self._current, len(links) - 1)
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.followed.emit(links[self._current][1].place)
            return
        moves = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1}
        target = self._current
        if key in moves:
            target += moves[Qt.Key(key)]
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            target = self._in_next_line(links, 1 if key == Qt.Key.Key_Down else -1)
        elif key == Qt.Key.Key_Home:
            target = 0
        elif key == Qt.Key.Key_End:
            target = len(links) - 1
        else:
            super().keyPressEvent(event)
            return
        self._current = min(max(target, 0), len(links) - 1)
        self._tell_current()

    def _in_next_line(self, links: list[tuple[int, Link]], way: int) -> int:
        line, link = links[self._current]
        later = sorted({i for i, _ in links if (i - line) * way > 0}, key=lambda i: i * way)
        if not later:
            return self._current
        there = [n for n, (i, _) in enumerate(links) if i == later[0]]
        return min(there, key=lambda n: abs(links[n][1].column - link.column))

    def _tell_current(self) -> None:
        links = self.links()
        if links:
            index, link = links[min(self._current, len(links) - 1)]
            self.pointed.emit(link.edge)
            self.focus_moved.emit(self.rect_of(index, link).center().y())
            self.setAccessibleDescription(f"{link.words}. {self._lines[index].text}")
        self.update()
