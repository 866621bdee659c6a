"""A drawing of an activation function and its derivative, with a mark at the neuron's z."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from nnplay.core.activations import ACTIVATIONS
from nnplay.gui.panels.words import aligned_number, plain_number
from nnplay.gui.theme import Theme
from nnplay.gui.widgets.activation_shapes import sampled

__all__ = ["ActivationPlot"]

_HEIGHT: Final = 112
_REACH: Final = 4.0
_POINTS: Final = 121
_LEGEND: Final = 18


class ActivationPlot(QWidget):
    """f(z) as a solid line, f′(z) dashed, and what the probe makes of them.

    For softmax both are drawn for two outputs, the other's z at 0, and nothing is marked: its
    value depends on all outputs.

    Args:
        draws_tangent: draw the tangent at the mark in place of the curve of f′(z).
    """

    def __init__(
        self, theme: Theme, parent: QWidget | None = None, *, draws_tangent: bool = False
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._draws_tangent = draws_tangent
        self._name, self._z, self._a = "linear", math.nan, math.nan
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(200, _HEIGHT)

    def values(self) -> tuple[float, float, float]:
        """Marked z, f(z) and f′(z); NaN where nothing is marked."""
        known = ACTIVATIONS.get(self._name)
        if known is None or known.is_group or not math.isfinite(self._z):
            return math.nan, math.nan, math.nan
        value, slope = sampled(self._name, np.array([self._z]))
        return self._z, float(value[0]), float(slope[0])

    def show_point(self, name: str, z: float) -> None:
        """Draw an activation with a mark at ``z``; NaN marks nothing."""
        if (name, z) == (self._name, self._z):
            return
        self._name, self._z = name, z
        known = ACTIVATIONS.get(name)
        marked, value, slope = self.values()
        if known is not None:
            words = f"Curve of {known.title}: {known.formula}; {known.derivative_formula}."
            if math.isfinite(marked):
                words += (
                    f" At z = {plain_number(marked, 3)} it is {plain_number(value, 3)} with slope "
                    f"{plain_number(slope, 3)}."
                )
            self.setAccessibleName(words)
            self.setToolTip(words)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        palette = self._theme.palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(palette.colour("border"), 1))
        painter.setBrush(palette.colour("card"))
        painter.drawRoundedRect(frame, 8, 8)
        if self._name not in ACTIVATIONS:
            painter.end()
            return
        marked, value, slope = self.values()
        reach = _REACH
        if math.isfinite(marked):
            reach = min(max(_REACH, 1.15 * abs(marked)), 1e6)
        z = np.linspace(-reach, reach, _POINTS)
        with np.errstate(all="ignore"):
            values, slopes = sampled(self._name, z)
        low = min(-0.25, float(np.nanmin(values)), float(np.nanmin(slopes)))
        high = max(1.1, float(np.nanmax(values)), float(np.nanmax(slopes)))
        inner = frame.adjusted(10, 8 + _LEGEND, -10, -8)

        def place(x: float, y: float) -> QPointF:
            return QPointF(
                inner.left() + (x + reach) / (2 * reach) * inner.width(),
                inner.bottom() - (y - low) / (high - low) * inner.height(),
            )

        painter.setPen(QPen(palette.colour("border_strong"), 1))
        painter.drawLine(place(-reach, 0), place(reach, 0))
        painter.drawLine(place(0, low), place(0, high))
        dashed = QPen(palette.colour("secondary"), 1.4)
        dashed.setStyle(Qt.PenStyle.DashLine)
        if self._draws_tangent and math.isfinite(marked):
            half = 0.45 * reach / max(1.0, abs(slope))
            ends = (marked - half, marked + half)
            painter.setPen(dashed)
            start, end = (place(x, value + slope * (x - marked)) for x in ends)
            painter.drawLine(start, end)
        lines = [(slopes, dashed), (values, QPen(palette.colour("accent"), 2))]
        across = np.linspace(inner.left(), inner.right(), _POINTS).tolist()
        for numbers, pen in lines[1:] if self._draws_tangent else lines:
            heights = inner.bottom() - (numbers - low) / (high - low) * inner.height()
            points = [QPointF(x, y) for x, y in zip(across, heights.tolist(), strict=True)]
            painter.setPen(pen)
            painter.drawPolyline(QPolygonF(points))
        if math.isfinite(marked):
            marks = ((slope, "secondary"), (value, "accent"))
            for y, role in marks[1:] if self._draws_tangent else marks:
                painter.setPen(QPen(palette.colour("card"), 1.5))
                painter.setBrush(palette.colour(role))
                painter.drawEllipse(place(marked, y), 4, 4)
        self._draw_legend(painter, frame, value, slope)
        painter.end()

    def _draw_legend(self, painter: QPainter, frame: QRectF, value: float, slope: float) -> None:
        palette = self._theme.palette
        painter.setFont(self._theme.mono_font(11))
        line = QRectF(frame.left() + 10, frame.top() + 5, frame.width() - 20, _LEGEND)
        for left, role, word, number in (
            (0.0, "accent", "f(z)", value),
            (line.width() / 2, "secondary", "f′(z)", slope),
        ):
            if role == "secondary" and self._draws_tangent and math.isnan(number):
                continue  # a tangent needs a point
            pen = QPen(palette.colour(role), 2)
            if role == "secondary":
                pen.setStyle(Qt.PenStyle.DashLine)
            painter.setPen(pen)
            y = line.center().y()
            painter.drawLine(QPointF(line.left() + left, y), QPointF(line.left() + left + 14, y))
            painter.setPen(palette.colour("text"))
            text = word if math.isnan(number) else f"{word} ={aligned_number(number)}"
            where = line.adjusted(left + 20, 0, 0, 0)
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
            painter.drawText(where, flags, text)
