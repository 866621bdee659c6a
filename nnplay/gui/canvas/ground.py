"""The canvas's ground: its colour and a grid of dots."""

from __future__ import annotations

from typing import Final

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from nnplay.picture.edges import draw_lines
from nnplay.picture.palette import Palette

__all__ = ["paint_ground"]

GRID: Final = 24.0
CLOSEST: Final = 15.0
DOT: Final = 0.1
DOT_WIDTH: Final = 2.0


def paint_ground(painter: QPainter, palette: Palette, area: QRectF, scale: float) -> None:
    """Fill ``area`` (scene coordinates) and draw a dot every 24 canvas pixels.

    Zoomed out, every second dot goes until they are far enough apart.
    """
    painter.fillRect(area, QColor(palette.canvas))
    pitch = GRID
    while pitch * scale < CLOSEST:
        pitch *= 2
    x = np.arange(np.ceil(area.left() / pitch), np.floor(area.right() / pitch) + 1) * pitch
    y = np.arange(np.ceil(area.top() / pitch), np.floor(area.bottom() / pitch) + 1) * pitch
    if not x.size or not y.size:
        return
    dots = np.empty((y.size, x.size, 4))
    dots[:, :, 0] = x
    dots[:, :, 2] = x + DOT / scale  # Qt draws nothing for lines without any length
    dots[:, :, 1] = dots[:, :, 3] = y[:, None]
    pen = QPen(QColor(palette.grid), DOT_WIDTH / scale)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    draw_lines(painter, dots, x.size * y.size)
