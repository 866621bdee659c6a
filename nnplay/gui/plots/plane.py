"""Between data and pixels: the plane's place in a widget, its axes and the nearest point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from nnplay.gui.panels.words import plain_number
from nnplay.gui.plots.scales import axis_ticks
from nnplay.gui.theme import Theme

__all__ = ["PlaneFrame", "fitted_frame", "paint_axes"]

FloatArray = npt.NDArray[np.float64]
Domain = tuple[float, float, float, float]

WIDEST: Final = 1.6
TICK_SIZE: Final = 10


@dataclass(frozen=True)
class PlaneFrame:
    """A rectangle of pixels that shows a rectangle of data.

    Attributes:
        rect: in widget coordinates.
        domain: (x0, x1, y0, y1) in data units.
    """

    rect: QRectF
    domain: Domain

    def to_pixel(self, x: float, y: float) -> QPointF:
        """Widget coordinates of a data point."""
        x0, x1, y0, y1 = self.domain
        return QPointF(
            self.rect.left() + (x - x0) / (x1 - x0) * self.rect.width(),
            self.rect.bottom() - (y - y0) / (y1 - y0) * self.rect.height(),
        )

    def to_data(self, place: QPointF) -> tuple[float, float]:
        """Data point of widget coordinates, kept inside the domain."""
        x0, x1, y0, y1 = self.domain
        x = x0 + (place.x() - self.rect.left()) / max(1.0, self.rect.width()) * (x1 - x0)
        y = y0 + (self.rect.bottom() - place.y()) / max(1.0, self.rect.height()) * (y1 - y0)
        return min(max(x, x0), x1), min(max(y, y0), y1)

    def pixels(self, points: FloatArray) -> FloatArray:
        """``float64[n, 2]`` widget coordinates of data points ``float64[n, 2]``."""
        x0, x1, y0, y1 = self.domain
        result = np.empty((len(points), 2))
        result[:, 0] = self.rect.left() + (points[:, 0] - x0) / (x1 - x0) * self.rect.width()
        result[:, 1] = self.rect.bottom() - (points[:, 1] - y0) / (y1 - y0) * self.rect.height()
        return result

    def nearest(self, points: FloatArray, place: QPointF, reach: float) -> int | None:
        """Index of the data point nearest to a place, at most ``reach`` pixels away."""
        if not len(points):
            return None
        offsets = self.pixels(points) - (place.x(), place.y())
        distances = np.hypot(offsets[:, 0], offsets[:, 1])
        index = int(distances.argmin())
        return index if distances[index] <= reach else None


def fitted_frame(area: QRectF, domain: Domain) -> PlaneFrame:
    """The largest frame in an area: square when both axes span the same, else up to 1.6 : 1."""
    x0, x1, y0, y1 = domain
    width, height = max(1.0, area.width()), max(1.0, area.height())
    alike = abs((x1 - x0) - (y1 - y0)) <= 0.01 * max(x1 - x0, y1 - y0)
    limit = 1.0 if alike else WIDEST
    width, height = min(width, limit * height), min(height, limit * width)
    rect = QRectF(0, 0, round(width), round(height))
    rect.moveCenter(area.center())
    rect.moveTo(round(rect.left()), round(rect.top()))
    return PlaneFrame(rect, domain)


def paint_axes(
    painter: QPainter, theme: Theme, frame: PlaneFrame, names: tuple[str, str], left: float
) -> None:
    """Numbers and names along the left and lower side; ``left`` is the room for the numbers."""
    palette, font = theme.palette, theme.ui_font(TICK_SIZE)
    painter.setFont(font)
    metrics = QFontMetricsF(font)
    rect = frame.rect
    x0, x1, y0, y1 = frame.domain
    colour = QColor(palette.tertiary_text)
    mark = QPen(QColor(palette.border_strong), 1.0)
    row = QRectF(rect.left(), rect.bottom() + 4, rect.width(), metrics.height())
    x_name = metrics.elidedText(names[0], Qt.TextElideMode.ElideMiddle, 0.6 * rect.width())
    name_start = rect.right() - metrics.horizontalAdvance(x_name)
    for tick in axis_ticks(x0, x1, max(3, int(rect.width() / 44))):
        place = frame.to_pixel(tick, y0).x()
        text = plain_number(0.0 if abs(tick) < 1e-9 * (x1 - x0) else tick, 4)
        half = metrics.horizontalAdvance(text) / 2
        painter.setPen(mark)
        painter.drawLine(QPointF(place, rect.bottom()), QPointF(place, rect.bottom() + 3))
        if place + half < name_start - 5:  # the name takes the place of the last numbers
            painter.setPen(colour)
            area = QRectF(place - half - 2, row.top(), 2 * half + 4, row.height())
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)
    painter.setPen(QColor(palette.secondary))
    painter.drawText(row, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, x_name)
    side = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    name_bottom = rect.top() + metrics.height() - 2
    for tick in axis_ticks(y0, y1, max(3, int(rect.height() / 34))):
        place = frame.to_pixel(x0, tick).y()
        text = plain_number(0.0 if abs(tick) < 1e-9 * (y1 - y0) else tick, 4)
        painter.setPen(mark)
        painter.drawLine(QPointF(rect.left() - 3, place), QPointF(rect.left(), place))
        if place - metrics.height() / 2 > name_bottom:
            painter.setPen(colour)
            painter.drawText(
                QRectF(
                    rect.left() - 6 - left, place - metrics.height() / 2, left, metrics.height()
                ),
                side,
                text,
            )
    painter.setPen(QColor(palette.secondary))
    y_name = metrics.elidedText(names[1], Qt.TextElideMode.ElideMiddle, left)
    painter.drawText(
        QRectF(rect.left() - 6 - left, rect.top() - 2, left, metrics.height()), side, y_name
    )
