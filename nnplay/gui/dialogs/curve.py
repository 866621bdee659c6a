"""A small drawing of an activation function."""

from __future__ import annotations

from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from nnplay.core.activations import ACTIVATIONS
from nnplay.gui.theme import Theme
from nnplay.gui.widgets.activation_shapes import sampled

__all__ = ["ActivationCurve"]

_REACH: Final = 4.0
_POINTS: Final = 81


class ActivationCurve(QWidget):
    """The function between z = −4 and z = 4, with both axes; softmax is drawn for two outputs."""

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._name = theme, name
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(104, 64)

    def show_activation(self, name: str) -> None:
        """Draw another function."""
        self._name = name
        self.setAccessibleName(f"Curve of {ACTIVATIONS[name].title}: {ACTIVATIONS[name].formula}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        palette = self._theme.palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(palette.colour("border"), 1))
        painter.setBrush(palette.colour("canvas"))
        painter.drawRoundedRect(frame, 8, 8)
        inner = frame.adjusted(8, 7, -8, -7)
        z = np.linspace(-_REACH, _REACH, _POINTS)
        values = sampled(self._name, z)[0]
        low = min(-0.25, float(values.min()))
        high = max(1.0, float(values.max()))

        def place(x: float, y: float) -> QPointF:
            across = (x + _REACH) / (2 * _REACH)
            return QPointF(
                inner.left() + across * inner.width(),
                inner.bottom() - (y - low) / (high - low) * inner.height(),
            )

        painter.setPen(QPen(palette.colour("border_strong"), 1))
        painter.drawLine(place(-_REACH, 0), place(_REACH, 0))
        painter.drawLine(place(0, low), place(0, high))
        painter.setPen(QPen(palette.colour("accent"), 2))
        points = [place(float(x), float(y)) for x, y in zip(z, values, strict=True)]
        painter.drawPolyline(QPolygonF(points))
        painter.end()
