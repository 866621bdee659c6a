"""The small marks of health: each severity has a shape of its own, so that colour is never alone."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from nnplay.core.ailments import Severity
from nnplay.picture.palette import Palette

__all__ = ["badge_role", "paint_badge"]

_ROLES: dict[Severity, str] = {"error": "error", "warning": "warn", "note": "accent"}


def badge_role(severity: Severity) -> str:
    """The palette's role of a severity."""
    return _ROLES[severity]


def paint_badge(
    painter: QPainter,
    palette: Palette,
    severity: Severity,
    centre: QPointF,
    radius: float,
    ground: str = "",
) -> None:
    """Draw a mark: a square on its tip for errors, a triangle for warnings, a disc for notes.

    ``ground`` is the colour around it, for its rim; the canvas's if empty.
    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(ground or palette.canvas), 1.4))
    painter.setBrush(palette.colour(_ROLES[severity]))
    x, y, r = centre.x(), centre.y(), radius
    if severity == "error":
        tips = [(x, y - 1.15 * r), (x + 1.15 * r, y), (x, y + 1.15 * r), (x - 1.15 * r, y)]
        painter.drawPolygon(QPolygonF([QPointF(*tip) for tip in tips]))
    elif severity == "warning":
        tips = [(x, y - 1.1 * r), (x + 1.15 * r, y + 0.85 * r), (x - 1.15 * r, y + 0.85 * r)]
        painter.drawPolygon(QPolygonF([QPointF(*tip) for tip in tips]))
    else:
        painter.drawEllipse(centre, 0.9 * r, 0.9 * r)
    # The stroke of an exclamation mark, or the dotted i of a note, cut out of it.
    ink = QColor(ground or palette.canvas)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink)
    w = 0.26 * r
    down = 0.12 * r if severity == "warning" else 0.0
    if severity == "note":
        painter.drawEllipse(QRectF(x - w / 2, y - 0.55 * r, w, w))
        painter.drawRect(QRectF(x - w / 2, y - 0.15 * r, w, 0.65 * r))
    else:
        painter.drawRect(QRectF(x - w / 2, y - 0.55 * r + down, w, 0.62 * r))
        painter.drawEllipse(QRectF(x - w / 2, y + 0.25 * r + down, w, w))
    painter.restore()
