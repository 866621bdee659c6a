"""A section that folds away under its caption, with what is set in it beside the caption."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from nnplay.gui.theme import Theme
from nnplay.gui.widgets.controls import caption_font

__all__ = ["FoldButton"]

_HEIGHT = 28
_ARROW = 18
_GAP = 10


class FoldButton(QAbstractButton):
    """The caption of a section that can be folded: checked while the section is open.

    While it is closed, a few words at its right end say what is set inside.
    """

    def __init__(self, theme: Theme, caption: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._summary = theme, ""
        self.setText(caption)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._caption_font = caption_font()
        theme.changed.connect(self.update)
        self.toggled.connect(self._name)
        self._name()

    def sizeHint(self) -> QSize:
        words = QFontMetrics(self._caption_font).horizontalAdvance(self.text())
        return QSize(_ARROW + words + _GAP, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def summary(self) -> str:
        """The words at the right end."""
        return self._summary

    def set_summary(self, words: str) -> None:
        """Say what is set inside, in a few words."""
        if words != self._summary:
            self._summary = words
            self._name()
            self.update()

    def _name(self) -> None:
        verb = "Hide" if self.isChecked() else "Show"
        inside = f": {self._summary}" if self._summary and not self.isChecked() else ""
        self.setAccessibleName(f"{self.text()}{inside}")
        self.setToolTip(f"{verb} these settings{inside}.")

    def paintEvent(self, event: QPaintEvent) -> None:
        palette = self._theme.palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(-0.5, 1, -1, -1)
        if self.hasFocus() or self.underMouse():
            painter.setPen(
                QPen(palette.colour("accent"), 1.5) if self.hasFocus() else Qt.PenStyle.NoPen
            )
            painter.setBrush(palette.colour("hover"))
            painter.drawRoundedRect(frame, 6, 6)
        middle = self.height() / 2
        pen = QPen(palette.colour("text" if self.underMouse() else "secondary"), 1.6)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        if self.isChecked():
            arrow = [(3.0, -1.5), (6.5, 2.0), (10.0, -1.5)]
        else:
            arrow = [(5.0, -3.5), (8.5, 0.0), (5.0, 3.5)]
        painter.drawPolyline([QPointF(x, middle + y) for x, y in arrow])
        painter.setFont(self._caption_font)
        role = "text" if self.underMouse() else "tertiary_text"
        painter.setPen(palette.colour(role))
        words = QRectF(_ARROW, 0, self.width() - _ARROW, self.height())
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        used = painter.boundingRect(words, flags, self.text()).width()
        painter.drawText(words, flags, self.text())
        if self._summary and not self.isChecked():
            font = self._theme.ui_font(12)
            painter.setFont(font)
            painter.setPen(palette.colour("secondary"))
            room = words.adjusted(used + _GAP, 0, -4, 0)
            text = QFontMetrics(font).elidedText(
                self._summary, Qt.TextElideMode.ElideRight, int(room.width())
            )
            painter.drawText(
                room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, text
            )
        painter.end()
