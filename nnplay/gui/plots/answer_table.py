"""A table of classes: how often each was taken for each, right answers on the diagonal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from nnplay.gui.theme import Theme
from nnplay.picture.palette import blend

__all__ = ["AnswerTable"]

IntArray = npt.NDArray[np.int64]
Cell = tuple[int, int]

TRUE: Final = "true"
HEAD: Final = 18.0
WIDEST_NAMES: Final = 90.0
TEXT_SIZE: Final = 11
LARGEST_CELL: Final = (96.0, 40.0)


class AnswerTable:
    """Places and paints the table; rows are the classes of the data, columns the answers.

    Attributes:
        shows_shares: whether cells say their share of the row in percent instead of counts.
    """

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._area = QRectF()
        self._names: tuple[str, ...] = ()
        self._counts: IntArray = np.zeros((0, 0), dtype=np.int64)
        self.shows_shares = False

    @property
    def counts(self) -> IntArray:
        """``int64[classes, classes]``."""
        return self._counts

    def set_content(self, names: Sequence[str], counts: IntArray) -> None:
        """Other classes or counts."""
        self._names, self._counts = tuple(names), counts

    def place(self, room: QRectF) -> None:
        """Fit the cells into a rectangle."""
        count = max(1, len(self._names))
        metrics = QFontMetricsF(self._theme.ui_font(TEXT_SIZE))
        widest = max((metrics.horizontalAdvance(name) for name in self._names), default=0.0)
        widest = max(widest, metrics.horizontalAdvance(TRUE))
        left = min(widest, WIDEST_NAMES, 0.3 * room.width()) + 8.0
        width = min((room.width() - left) / count, LARGEST_CELL[0])
        height = min((room.height() - 2 * HEAD) / count, LARGEST_CELL[1])
        spare = max(0.0, room.width() - left - width * count) / 2
        self._area = QRectF(
            room.left() + left + spare, room.top() + 2 * HEAD, width * count, height * count
        )

    def cell_rect(self, cell: Cell) -> QRectF:
        """Where a cell (true class, answer) stands."""
        count = max(1, len(self._names))
        width, height = self._area.width() / count, self._area.height() / count
        return QRectF(
            self._area.left() + cell[1] * width, self._area.top() + cell[0] * height, width, height
        )

    def cell_at(self, place: QPointF) -> Cell | None:
        """The cell under a place."""
        count = len(self._names)
        if not count or not self._area.contains(place):
            return None
        row = int((place.y() - self._area.top()) / self._area.height() * count)
        column = int((place.x() - self._area.left()) / self._area.width() * count)
        return min(row, count - 1), min(column, count - 1)

    # ------------------------------------------------------------------ painting
    def paint(self, painter: QPainter, marked: Cell | None, pointed: Cell | None) -> None:
        """Paint heads and cells; ``marked`` holds the probe, ``pointed`` the pointer or cursor."""
        palette = self._theme.palette
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_heads(painter)
        totals = self._counts.sum(axis=1)
        numbers = self._theme.mono_font(TEXT_SIZE)
        text_height = QFontMetricsF(numbers).height()
        for row in range(len(self._names)):
            for column in range(len(self._names)):
                area = self.cell_rect((row, column)).adjusted(1, 1, -1, -1)
                number = int(self._counts[row, column])
                share = number / int(totals[row]) if totals[row] else 0.0
                right = row == column
                strong = palette.ok if right else palette.error
                # Even one answer among many must be seen.
                weight = 0.1 + 0.35 * share if right else min(0.5, 0.12 + 0.5 * share)
                fill = blend(palette.card, strong, weight if number else 0.0)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(fill))
                painter.drawRoundedRect(area, 4, 4)
                if number and area.height() >= text_height - 4.0 and area.width() >= 12.0:
                    painter.setFont(numbers)
                    painter.setPen(QColor(palette.text))
                    text = f"{100 * share:.0f} %" if self.shows_shares else str(number)
                    painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)
        for cell, pen in (
            (pointed, QPen(QColor(palette.border_strong), 1.5)),
            (marked, QPen(QColor(palette.accent), 2.0)),
        ):
            if cell is not None:
                painter.setPen(pen)
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(self.cell_rect(cell).adjusted(1, 1, -1, -1), 4, 4)

    def _paint_heads(self, painter: QPainter) -> None:
        palette, font = self._theme.palette, self._theme.ui_font(TEXT_SIZE)
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        top = self._area.top()
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(QColor(palette.tertiary_text))
        painter.drawText(
            QRectF(self._area.left(), top - 2 * HEAD, self._area.width(), HEAD),
            middle | Qt.AlignmentFlag.AlignHCenter,
            "answer",
        )
        left = min(self._area.left() - 8.0, WIDEST_NAMES)
        side = middle | Qt.AlignmentFlag.AlignRight
        painter.drawText(QRectF(self._area.left() - left - 6, top - HEAD, left, HEAD), side, TRUE)
        painter.setPen(QColor(palette.secondary))
        for index, name in enumerate(self._names):
            cell = self.cell_rect((index, index))
            head = QRectF(cell.left(), top - HEAD, cell.width(), HEAD)
            text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, cell.width() - 2)
            painter.drawText(head, middle | Qt.AlignmentFlag.AlignHCenter, text)
            text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, left)
            if cell.height() >= metrics.height() - 4:
                head = QRectF(self._area.left() - left - 6, cell.top(), left, cell.height())
                painter.drawText(head, side, text)
