"""The card of the welcome screen that leads into a calculation by hand."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from nnplay.gui.dialogs.cards import CardButton
from nnplay.gui.theme import Theme

__all__ = ["ByHandCard"]

_HEIGHT: Final = 62
_ICON: Final = 26
# The terms of the example's sum, coloured by sign, and what they come to.
_FORMULA: Final = "0.5 · 0.1 + 0.6 · 0.2 + 0.3 = "
_RESULT: Final = "0.47"


class ByHandCard(CardButton):
    """A slim card as wide as the gallery: an icon, words, and the calculation itself."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(
            theme,
            "Follow a number by hand",
            "One neuron, step by step: forward, loss, backward, update. Ready to go.",
            parent,
        )
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def sizeHint(self) -> QSize:
        return QSize(600, _HEIGHT)

    def paint_content(self, painter: QPainter) -> None:
        palette, theme = self.theme.palette, self.theme
        middle = self.height() / 2
        icon = theme.pixmap("calculate", _ICON, "accent")
        painter.drawPixmap(QPointF(18, middle - _ICON / 2), icon)
        mono = theme.mono_font(15, QFont.Weight.Medium)
        metrics = QFontMetrics(mono)
        result = metrics.horizontalAdvance(_RESULT)
        start = self.width() - 22 - result - metrics.horizontalAdvance(_FORMULA)
        line = int(Qt.AlignmentFlag.AlignVCenter)
        painter.setFont(mono)
        painter.setPen(palette.colour("secondary"))
        painter.drawText(QRectF(start, 0, self.width(), self.height()), line, _FORMULA)
        painter.setPen(palette.colour("positive_text"))
        box = QRectF(self.width() - 22 - result, 0, result + 4, self.height())
        painter.drawText(box, line, _RESULT)
        room = start - 60 - 16
        painter.setFont(theme.ui_font(13, QFont.Weight.DemiBold))
        painter.setPen(palette.colour("accent_text" if self.hasFocus() else "text"))
        painter.drawText(QRectF(60, middle - 20, room, 20), line, self.text())
        painter.setFont(theme.ui_font(12))
        painter.setPen(palette.colour("secondary"))
        words = painter.fontMetrics().elidedText(
            self.description, Qt.TextElideMode.ElideRight, int(room)
        )
        painter.drawText(QRectF(60, middle + 1, room, 18), line, words)
