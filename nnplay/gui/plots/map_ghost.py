"""The decision boundary as it was before a hand took a weight: a faint dashed line."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from nnplay.picture.palette import Palette, blend

__all__ = ["chains", "paint_ghost"]

FloatArray = npt.NDArray[np.float64]
# Ends this close belong together, in units of the pieces.
_DIGITS: Final = 9


def chains(pieces: FloatArray) -> list[FloatArray]:
    """Join pieces of line end to end, so that dashes run along them.

    Args:
        pieces: ``float64[n, 4]``: ``x1, y1, x2, y2``, in any order and direction.

    Returns:
        Arrays ``float64[k, 2]`` of points; a closed line ends where it begins.
    """
    points = np.round(pieces.reshape(-1, 2, 2), _DIGITS) + 0.0
    ends: dict[tuple[float, float], list[int]] = {}
    corners = [[(float(x), float(y)) for x, y in piece] for piece in points]
    for index, piece in enumerate(corners):
        for corner in piece:
            ends.setdefault(corner, []).append(index)
    used = np.zeros(len(corners), dtype=bool)

    def follow(start: tuple[float, float]) -> list[tuple[float, float]]:
        line, at = [start], start
        while True:
            piece = next((index for index in ends[at] if not used[index]), None)
            if piece is None:
                return line
            used[piece] = True
            first, second = corners[piece]
            at = second if first == at else first
            line.append(at)

    # Open lines from their ends first, then those that are closed.
    loose = [corner for corner, pieces_there in ends.items() if len(pieces_there) == 1]
    lines = []
    for start in (*loose, *(piece[0] for piece in corners)):
        line = follow(start)
        if len(line) > 1:
            lines.append(np.array(line))
    return lines


def paint_ghost(painter: QPainter, palette: Palette, rect: QRectF, lines: list[FloatArray]) -> None:
    """Draw lines in shares of the plane, dashed and weaker than the boundary of now."""
    colour = QColor(blend(palette.text, palette.panel, 0.12))
    colour.setAlphaF(0.62)
    pen = QPen(colour, 1.4)
    pen.setDashPattern([4.0, 3.5])
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.save()
    painter.setClipRect(rect)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(pen)
    for line in lines:
        places = line * np.array([rect.width(), rect.height()]) + np.array(
            [rect.left(), rect.top()]
        )
        painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in places.tolist()]))
    painter.restore()
