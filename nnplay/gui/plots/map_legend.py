"""The colour scale beside a map: a signed strip with its numbers, or the names of the classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QLinearGradient, QPainter, QPen

from nnplay.gui.plots.map_picture import BLEND
from nnplay.gui.theme import Theme
from nnplay.picture.palette import blend, class_colour

__all__ = ["class_legend_width", "paint_class_legend", "paint_scale_legend", "scale_legend_width"]

STRIP: Final = 8.0
GAP: Final = 5.0
TEXT_SIZE: Final = 10
WIDEST_NAMES: Final = 92.0


def scale_legend_width(theme: Theme, texts: Sequence[str]) -> float:
    """Room a scale with these three numbers needs."""
    metrics = QFontMetricsF(theme.ui_font(TEXT_SIZE))
    return STRIP + GAP + max(metrics.horizontalAdvance(text) for text in texts) + 2.0


def paint_scale_legend(
    painter: QPainter,
    theme: Theme,
    area: QRectF,
    texts: Sequence[str],
    discretise: bool = False,
) -> None:
    """A strip from orange (low, at the bottom) to blue with ``(low, middle, high)`` beside it."""
    palette = theme.palette
    strip = QRectF(area.left(), area.top(), STRIP, area.height())
    gradient = QLinearGradient(strip.bottomLeft(), strip.topLeft())
    low, zero, high = (
        QColor(blend(colour, palette.panel, BLEND))
        for colour in (palette.negative, palette.zero, palette.positive)
    )
    stops = (
        ((0.0, low), (0.4999, low), (0.5, high), (1.0, high))
        if discretise
        else ((0.0, low), (0.5, zero), (1.0, high))
    )
    for place, colour in stops:
        gradient.setColorAt(place, colour)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(palette.border_strong), 1.0))
    painter.setBrush(gradient)
    painter.drawRoundedRect(strip, 3, 3)
    font = theme.ui_font(TEXT_SIZE)
    height = QFontMetricsF(font).height()
    painter.setFont(font)
    painter.setPen(QColor(palette.tertiary_text))
    left = strip.right() + GAP
    for text, middle in zip(
        texts,
        (area.bottom() - height / 2 + 2, area.center().y(), area.top() + height / 2 - 2),
        strict=True,
    ):
        painter.drawText(
            QRectF(left, middle - height / 2, area.right() - left + 2, height),
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
            text,
        )


def class_legend_width(theme: Theme, names: Sequence[str]) -> float:
    """Room the names of classes need, within reason."""
    metrics = QFontMetricsF(theme.ui_font(TEXT_SIZE))
    longest = max((metrics.horizontalAdvance(name) for name in names), default=0.0)
    return STRIP + GAP + min(longest + 2.0, WIDEST_NAMES)


def paint_class_legend(
    painter: QPainter, theme: Theme, area: QRectF, names: Sequence[str], count: int
) -> None:
    """A dot and a name per class, from the top; the last line counts those without room."""
    palette = theme.palette
    font = theme.ui_font(TEXT_SIZE)
    metrics = QFontMetricsF(font)
    step = metrics.height() + 3.0
    fitting = max(1, int(area.height() / step))
    shown = list(enumerate(names))
    if len(shown) > fitting:
        shown = shown[: fitting - 1]
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(font)
    y = area.top()
    room = area.right() - area.left() - STRIP - GAP
    flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    for index, name in shown:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(class_colour(palette, index, count)))
        painter.drawEllipse(QPointF(area.left() + STRIP / 2, y + step / 2), 4.0, 4.0)
        painter.setPen(QColor(palette.secondary))
        text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRectF(area.left() + STRIP + GAP, y, room + 2, step), flags, text)
        y += step
    if len(shown) < len(names):
        painter.setPen(QColor(palette.tertiary_text))
        painter.drawText(
            QRectF(area.left(), y, area.width(), step), flags, f"and {len(names) - len(shown)} more"
        )
