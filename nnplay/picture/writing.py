"""Short texts that are painted again and again: laid out once."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetrics, QFontMetricsF, QPainter, QStaticText

__all__ = ["Writer"]

# All numbers that fit below a neuron are about this many.
MOST_KEPT: Final = 4000


class Writer:
    """Writes in one font. It looks as ``QPainter.drawText`` does and takes a tenth of the time.

    With ``vector`` texts are handed on as texts, for devices that keep them.
    """

    def __init__(self, font: QFont, *, vector: bool = False) -> None:
        self._font = font
        self._vector = vector
        self._metrics = QFontMetrics(font)
        self._kept: dict[str, tuple[QStaticText, float, float]] = {}
        self._advances: dict[str, int] = {}
        self._elided: dict[tuple[str, int], str] = {}

    def write(self, painter: QPainter, box: QRectF, side: Qt.AlignmentFlag, text: str) -> None:
        """Write a line into the middle height of a box, at a ``side`` of it or in its centre."""
        painter.setFont(self._font)
        if self._vector:
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | side, text)
            return
        kept = self._kept.get(text)
        if kept is None:
            kept = self._keep(text)
        static, width, height = kept
        x = box.left()
        if side == Qt.AlignmentFlag.AlignRight:
            x += box.width() - width
        elif side == Qt.AlignmentFlag.AlignHCenter:
            x += (box.width() - width) / 2
        painter.drawStaticText(QPointF(x, box.top() + (box.height() - height) / 2), static)

    def advance(self, text: str) -> int:
        """Width of a text in whole pixels."""
        known = self._advances.get(text)
        if known is None:
            _make_room(self._advances)
            known = self._advances[text] = self._metrics.horizontalAdvance(text)
        return known

    def elided(self, text: str, room: int) -> str:
        """A text without its middle so that it fits: names in a row often begin alike."""
        known = self._elided.get((text, room))
        if known is None:
            _make_room(self._elided)
            known = self._metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, room)
            self._elided[text, room] = known
        return known

    def _keep(self, text: str) -> tuple[QStaticText, float, float]:
        static = QStaticText(text)
        static.setTextFormat(Qt.TextFormat.PlainText)
        static.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
        static.prepare(font=self._font)
        _make_room(self._kept)
        exact = QFontMetricsF(self._font)
        kept = self._kept[text] = static, exact.horizontalAdvance(text), exact.height()
        return kept


def _make_room(kept: dict[Any, Any]) -> None:
    if len(kept) >= MOST_KEPT:
        kept.clear()
