"""The small box that reads a plot under the pointer: painted, and never outside its bounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from nnplay.gui.theme import Theme

__all__ = ["ReadoutLine", "paint_readout", "readout_place"]

PADDING: Final = 8.0
GAP: Final = 12.0
SAMPLE: Final = 14.0
TEXT_SIZE: Final = 11


@dataclass(frozen=True)
class ReadoutLine:
    """One line: an optional mark, a name and a value.

    Attributes:
        name: what is read, in words.
        value: its value as text, set in digits of equal width.
        pen: a piece of line before the name, as the curve is drawn.
        dot: a coloured dot before the name.
    """

    name: str
    value: str = ""
    pen: QPen | None = None
    dot: QColor | None = None


def readout_place(size: tuple[float, float], anchor: QPointF, bounds: QRectF) -> QRectF:
    """Where a box of ``size`` goes: right of the anchor and above it, or wherever it fits.

    The box stays inside ``bounds`` as long as it is not larger than them.
    """
    width, height = size
    x = anchor.x() + GAP
    if x + width > bounds.right():
        x = anchor.x() - GAP - width
    y = anchor.y() - GAP - height
    if y < bounds.top():
        y = anchor.y() + GAP
    x = max(bounds.left(), min(x, bounds.right() - width))
    y = max(bounds.top(), min(y, bounds.bottom() - height))
    return QRectF(x, y, width, height)


def paint_readout(
    painter: QPainter,
    theme: Theme,
    lines: Sequence[ReadoutLine],
    anchor: QPointF,
    bounds: QRectF,
) -> QRectF:
    """Paint the box near ``anchor``; returns where it came to stand."""
    palette = theme.palette
    names, values = theme.ui_font(TEXT_SIZE), theme.mono_font(TEXT_SIZE)
    name_metrics, value_metrics = QFontMetricsF(names), QFontMetricsF(values)
    marked = any(line.pen is not None or line.dot is not None for line in lines)
    indent = SAMPLE + 6.0 if marked else 0.0
    room = max(40.0, bounds.width() - 2 * PADDING - indent)
    value_width = max((value_metrics.horizontalAdvance(line.value) for line in lines), default=0.0)
    gap = 10.0 if value_width else 0.0
    name_room = max(20.0, room - value_width - gap)
    texts = [
        name_metrics.elidedText(line.name, Qt.TextElideMode.ElideRight, name_room) for line in lines
    ]
    name_width = max((name_metrics.horizontalAdvance(text) for text in texts), default=0.0)
    step = max(name_metrics.height(), value_metrics.height()) + 1.0
    size = (
        indent + name_width + gap + value_width + 2 * PADDING,
        step * len(lines) + 2 * PADDING - 4.0,
    )
    box = readout_place(size, anchor, bounds)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    surface = QColor(palette.card)
    surface.setAlphaF(0.96)
    painter.setPen(QPen(QColor(palette.border_strong), 1.0))
    painter.setBrush(surface)
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 7, 7)
    y = box.top() + PADDING - 2.0
    for line, text in zip(lines, texts, strict=True):
        row = QRectF(box.left() + PADDING, y, size[0] - 2 * PADDING, step)
        middle = row.center().y()
        if line.pen is not None:
            painter.setPen(line.pen)
            painter.drawLine(QLineF(row.left(), middle, row.left() + SAMPLE, middle))
        elif line.dot is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(line.dot)
            painter.drawEllipse(QPointF(row.left() + SAMPLE / 2, middle), 4.0, 4.0)
        painter.setFont(names)
        painter.setPen(QColor(palette.secondary))
        left = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(row.adjusted(indent, 0, 0, 0), left, text)
        painter.setFont(values)
        painter.setPen(QColor(palette.text))
        painter.drawText(
            row, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, line.value
        )
        y += step
    painter.restore()
    return box
