"""The floating card at the pointer: live numbers of a neuron or edge, or why something is refused."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from nnplay.gui.canvas.card_place import clearest_place
from nnplay.gui.theme import Theme

__all__ = ["CardText", "HoverCard"]

PADDING = 10.0
LINE = 18.0
WIDEST = 300.0
# Side of a picture of cells.
PICTURE = 140.0


@dataclass(frozen=True)
class CardText:
    """What a card says.

    Attributes:
        title: the first line.
        rows: names and values; a value is coloured by its sign if one is given.
        note: a sentence below, wrapped.
        is_refusal: whether the card says why something cannot be done.
        picture: a picture of cells below all words, for example incoming weights.
    """

    title: str = ""
    rows: tuple[tuple[str, str, float], ...] = ()
    note: str = ""
    is_refusal: bool = False
    picture: QImage | None = None


class HoverCard(QWidget):
    """Painted at once from a :class:`CardText`; never takes the pointer."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.theme = theme
        self.text = CardText()
        self._numbers = theme.mono_font(12)
        self._words = theme.ui_font(12)
        self._title = theme.ui_font(12, QFont.Weight.DemiBold)
        self.hide()

    def say(self, text: CardText) -> None:
        """Take another text; the card keeps its place and grows or shrinks as needed."""
        if text == self.text:
            return
        self.text = text
        self.setAccessibleName(text.note or text.title)
        size = self.sizeHint()
        if size != self.size():
            self.resize(size)
        self.update()

    def show_at(self, point: QPoint, room: QSize) -> None:
        """Show beside a point of the parent, inside ``room``."""
        x, y = point.x() + 18, point.y() + 16
        if x + self.width() > room.width() - 6:
            x = point.x() - self.width() - 14
        if y + self.height() > room.height() - 6:
            y = point.y() - self.height() - 12
        self._appear(x, y)

    def show_clear_of(self, box: QRect, room: QSize, *studied: npt.NDArray[np.float64]) -> None:
        """Show where it hides least, see :func:`clearest_place`."""
        place = clearest_place(self.size(), box, room, *studied)
        self._appear(place.x(), place.y())

    def _appear(self, x: int, y: int) -> None:
        self.move(max(6, x), max(6, y))
        if not self.isVisible():
            self.raise_()
            self.show()

    # ------------------------------------------------------------------ Qt
    def _name_width(self) -> float:
        metrics = QFontMetricsF(self._words)
        return max((metrics.horizontalAdvance(name) for name, _, _ in self.text.rows), default=0.0)

    def _note_box(self, width: float) -> QRectF:
        flags = int(Qt.TextFlag.TextWordWrap)
        return QFontMetricsF(self._words).boundingRect(
            QRectF(0, 0, width, 400), flags, self.text.note
        )

    def _picture_size(self, picture: QImage) -> QSize:
        """Whole pixels for every cell, about :data:`PICTURE` in all."""
        cell = max(1, round(PICTURE / max(picture.width(), picture.height())))
        return picture.size() * cell

    def sizeHint(self) -> QSize:
        text = self.text
        width = QFontMetricsF(self._title).horizontalAdvance(text.title)
        numbers = QFontMetricsF(self._numbers)
        names = self._name_width()
        for _, value, _ in text.rows:
            width = max(width, names + 16 + numbers.horizontalAdvance(value))
        height = (LINE if text.title else 0.0) + LINE * len(text.rows)
        if text.note:
            box = self._note_box(max(width, WIDEST))
            width, height = max(width, box.width()), height + box.height() + 3
        if text.picture is not None:
            cells = self._picture_size(text.picture)
            width, height = max(width, cells.width()), height + cells.height() + 6
        return QSize(math.ceil(width + 2 * PADDING + 2), math.ceil(height + 2 * PADDING - 4))

    def paintEvent(self, event: QPaintEvent) -> None:
        palette, text = self.theme.palette, self.text
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        border = palette.error if text.is_refusal else palette.border_strong
        painter.setPen(QPen(QColor(border), 1.0))
        painter.setBrush(QColor(palette.card if palette.is_dark else palette.panel))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        y = PADDING - 3
        width = self.width() - 2 * PADDING
        left = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        if text.title:
            painter.setFont(self._title)
            painter.setPen(QColor(palette.text))
            painter.drawText(QRectF(PADDING, y, width + 1, LINE), left, text.title)
            y += LINE
        for name, value, sign in text.rows:
            painter.setFont(self._words)
            painter.setPen(QColor(palette.secondary))
            painter.drawText(QRectF(PADDING, y, width, LINE), left, name)
            painter.setFont(self._numbers)
            hue = palette.text
            if sign:
                hue = palette.positive_text if sign > 0 else palette.negative_text
            painter.setPen(QColor(hue))
            painter.drawText(QRectF(PADDING, y, width, LINE), right, value)
            y += LINE
        if text.note:
            painter.setFont(self._words)
            painter.setPen(QColor(palette.error_text if text.is_refusal else palette.secondary))
            box = QRectF(PADDING, y + 2, width + 1, self.height() - y)
            painter.drawText(box, int(Qt.TextFlag.TextWordWrap), text.note)
        if text.picture is not None:
            size = self._picture_size(text.picture)
            top = self.height() - PADDING + 2 - size.height()
            painter.drawImage(
                QRectF((self.width() - size.width()) / 2, top, size.width(), size.height()),
                text.picture,
            )
        painter.end()
