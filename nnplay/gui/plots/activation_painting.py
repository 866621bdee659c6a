"""Painting of one bar and of the sentence below the bars."""

from __future__ import annotations

from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from nnplay.gui.theme import Theme
from nnplay.picture.palette import Palette, signed_colour

__all__ = ["NARROWEST_BAR", "paint_bar", "paint_groove", "paint_sentence"]

NARROWEST_BAR: Final = 16.0
"""Below this width a bar says nothing."""


def paint_groove(painter: QPainter, palette: Palette, track: QRectF) -> None:
    """The line along which a bar reaches."""
    groove = QRectF(track.left(), track.center().y() - 2.0, track.width(), 4.0)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(palette.border))
    painter.drawRoundedRect(groove, 2, 2)


def paint_bar(
    painter: QPainter, palette: Palette, track: QRectF, value: float, limit: float
) -> None:
    """A bar from the middle of its track, full at ``limit``, and the mark of zero."""
    zero, middle = track.center().x(), track.center().y()
    if np.isfinite(value) and value != 0.0:
        place = max(-1.0, min(1.0, value / limit))
        end = zero + place * track.width() / 2
        # Pale colours are for maps; a short bar is already small.
        strong = 0.55 + 0.45 * abs(place)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(signed_colour(palette, strong if value > 0 else -strong))
        bar = QRectF(min(zero, end), middle - 4.0, abs(end - zero), 8.0)
        radius = min(2.5, bar.width() / 2)
        painter.drawRoundedRect(bar, radius, radius)
    painter.setPen(QPen(QColor(palette.tertiary), 1.0))
    painter.drawLine(QPointF(zero, middle - 6.0), QPointF(zero, middle + 6.0))


def paint_sentence(painter: QPainter, theme: Theme, area: QRectF, sentence: str) -> None:
    """What is left out, on its own ground."""
    painter.fillRect(area, QColor(theme.palette.panel))
    font = theme.ui_font(11)
    painter.setFont(font)
    painter.setPen(QColor(theme.palette.tertiary_text))
    text = QFontMetricsF(font).elidedText(sentence, Qt.TextElideMode.ElideRight, area.width())
    painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
