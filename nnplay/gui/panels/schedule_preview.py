"""A small drawing of the learning rate over the coming epochs."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from nnplay.gui.panels.words import plain_number
from nnplay.gui.theme import Theme

__all__ = ["SchedulePreview"]

FloatArray = npt.NDArray[np.float64]

_HEIGHT: Final = 84
_LINE: Final = 15


class SchedulePreview(QWidget):
    """The rate from the first epoch to the last one shown, with a mark where training is now."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._epochs: FloatArray = np.empty(0)
        self._rates: FloatArray = np.empty(0)
        self._now = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(200, _HEIGHT)

    def curve(self) -> tuple[FloatArray, FloatArray]:
        """Epochs and rates as they are drawn."""
        return self._epochs, self._rates

    def now(self) -> float:
        """The epoch that is marked."""
        return self._now

    def set_curve(self, epochs: FloatArray, rates: FloatArray, now: float) -> None:
        """Show rates ``float64[n]`` at ascending ``epochs``, and the present epoch."""
        self._epochs, self._rates, self._now = epochs, rates, now
        first, last = (plain_number(float(rates[i]), 3) for i in (0, -1))
        text = (
            f"Learning rate from {first} at epoch {epochs[0]:,.0f} to {last} at epoch "
            f"{epochs[-1]:,.0f}; the line marks the present epoch, {now:,.0f}."
        )
        self.setAccessibleName(text)
        self.setToolTip(text)
        self.update()

    def set_now(self, now: float) -> None:
        """Move the mark."""
        if now != self._now:
            self.set_curve(self._epochs, self._rates, now)

    def paintEvent(self, event: QPaintEvent) -> None:
        palette = self._theme.palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(palette.colour("border"), 1))
        painter.setBrush(palette.colour("card"))
        painter.drawRoundedRect(frame, 8, 8)
        if not self._rates.size:
            painter.end()
            return
        inner = frame.adjusted(10, 8, -10, -8 - _LINE)
        first, last = float(self._epochs[0]), float(self._epochs[-1])
        top = float(self._rates.max()) or 1.0

        def place(epoch: float, rate: float) -> QPointF:
            across = (epoch - first) / (last - first or 1.0)
            return QPointF(
                inner.left() + across * inner.width(), inner.bottom() - rate / top * inner.height()
            )

        painter.setPen(QPen(palette.colour("border_strong"), 1))
        painter.drawLine(place(first, 0.0), place(last, 0.0))
        points = QPolygonF(
            [place(e, r) for e, r in zip(self._epochs.tolist(), self._rates.tolist(), strict=True)]
        )
        painter.setPen(QPen(palette.colour("accent"), 1.8))
        painter.drawPolyline(points)
        self._draw_now(painter, place(self._now, 0.0).x(), inner)
        painter.setFont(self._theme.mono_font(10))
        painter.setPen(palette.colour("tertiary_text"))
        below = QRectF(inner.left(), inner.bottom() + 4, inner.width(), _LINE)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, f"epoch {first:,.0f}")
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, f"{last:,.0f}")
        words = f"highest {plain_number(top, 3)}"
        painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, words)
        painter.end()

    def _draw_now(self, painter: QPainter, x: float, inner: QRectF) -> None:
        palette = self._theme.palette
        rate = float(np.interp(self._now, self._epochs, self._rates))
        top = float(self._rates.max()) or 1.0
        y = inner.bottom() - rate / top * inner.height()
        pen = QPen(palette.colour("secondary"), 1)
        pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.drawLine(QPointF(x, inner.top()), QPointF(x, inner.bottom()))
        painter.setPen(QPen(palette.colour("card"), 1.5))
        painter.setBrush(palette.colour("text"))
        painter.drawEllipse(QPointF(x, y), 3.5, 3.5)
