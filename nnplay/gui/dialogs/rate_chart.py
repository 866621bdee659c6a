"""Loss over the learning rate, with the suggestion marked."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from PySide6.QtCore import QLineF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QWidget

from nnplay.gui.panels.words import plain_number
from nnplay.gui.plots.chart import Chart, Crosshair
from nnplay.gui.plots.curve_item import Curve, CurvesItem
from nnplay.gui.plots.readout import ReadoutLine
from nnplay.gui.theme import Theme

__all__ = ["RateChart"]

_FIRST: Final = (1e-5, 10.0)


class RateChart(Chart):
    """Fed point by point; view units are exponents of ten of the rate."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self._exponents: list[float] = []
        self._losses: list[float] = []
        self._suggestion: float | None = None
        self._range = (math.log10(_FIRST[0]), math.log10(_FIRST[1]))
        super().__init__(theme, "", parent=parent)
        self._axes["bottom"].logarithmic = True
        self.curves = CurvesItem()
        self.addItem(self.curves, ignoreBounds=True)
        self.setAccessibleName("Loss over learning rate")
        self._redraw()

    def sizeHint(self) -> QSize:
        return QSize(560, 280)

    def clear_points(self, lowest: float, highest: float) -> None:
        """Begin with an empty curve over a range of rates."""
        self._exponents, self._losses, self._suggestion = [], [], None
        self._range = (math.log10(lowest), math.log10(highest))
        self.reset_view()
        self._redraw()

    def add_point(self, rate: float, loss: float) -> None:
        """The next rate and its loss."""
        self._exponents.append(math.log10(rate))
        self._losses.append(loss)
        self._redraw()

    @property
    def point_count(self) -> int:
        """How many rates are drawn."""
        return len(self._losses)

    @property
    def suggestion(self) -> float | None:
        """The rate that is marked."""
        return self._suggestion

    def suggest(self, rate: float | None) -> None:
        """Mark a rate."""
        self._suggestion = rate
        self._redraw()

    def _redraw(self) -> None:
        low, high = self._range
        x, y = np.array(self._exponents), np.array(self._losses)
        bottom, top = 0.0, 1.0
        if len(y):
            # The fall fills the view; the last losses, where the rate is far too large, need not.
            fall = max(float(y[0] - y.min()), 0.05 * float(y[0]))
            bottom, top = float(y.min()) - 0.3 * fall, float(y[0]) + 0.9 * fall
        width = high - low
        self.set_home(low - 0.01 * width, high + 0.01 * width, max(bottom, -0.03 * top), top)
        pen = QPen(QColor(self._theme.palette.text), 2.2)
        self.curves.set_curves([Curve(x, y, pen)] if len(y) else [])
        self._refresh_crosshair()

    def reading_at(self, x: float, y: float) -> Crosshair | None:
        """The rate nearest to the pointer and its loss."""
        if not self._exponents:
            return None
        index = int(np.argmin(np.abs(np.array(self._exponents) - x)))
        loss = self._losses[index]
        lines = (
            ReadoutLine("learning rate", plain_number(10.0 ** self._exponents[index], 3)),
            ReadoutLine("loss", plain_number(loss, 4)),
        )
        colour = QColor(self._theme.palette.text)
        return Crosshair(self._exponents[index], lines, ((loss, colour),))

    def stepped(self, x: float | None, direction: int) -> float | None:
        """The next rate."""
        if not self._exponents:
            return None
        if x is None:
            return self._exponents[-1 if direction < 0 else 0]
        index = int(np.argmin(np.abs(np.array(self._exponents) - x))) + direction
        return self._exponents[min(max(index, 0), len(self._exponents) - 1)]

    def paint_overlay(self, painter: QPainter) -> None:
        """The suggestion as a line with its number, below what every chart says."""
        if self._suggestion is not None:
            area = self.plot_rect
            x = self.place_of(math.log10(self._suggestion), 0.0).x()
            if area.left() <= x <= area.right():
                palette = self._theme.palette
                painter.setPen(QPen(QColor(palette.accent), 2.0))
                painter.drawLine(QLineF(x, area.top() + 20, x, area.bottom()))
                painter.setFont(self._theme.mono_font(12))
                text = plain_number(self._suggestion, 2)
                width = QFontMetricsF(painter.font()).horizontalAdvance(text) + 16
                left = min(max(area.left(), x - width / 2), area.right() - width)
                box = QRectF(left, area.top(), width, 20)
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(palette.accent_fill))
                painter.drawRoundedRect(box, 6, 6)
                painter.setPen(QColor(palette.on_accent))
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
        super().paint_overlay(painter)

    def apply_theme(self) -> None:
        super().apply_theme()
        self._redraw()
