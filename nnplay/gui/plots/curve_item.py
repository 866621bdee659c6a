"""Curves in a pyqtgraph plot, drawn in pixels: few pieces, constant width, no work for bounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPen, QTransform

from nnplay.gui.plots.recorder import thinned

__all__ = ["Curve", "CurvesItem"]

FloatArray = npt.NDArray[np.float64]

HAIRLINE: Final = 1.0
"""Lines up to this width are drawn faster than their points are thinned."""
FLAT: Final = 0.12
"""How far, in pixels, a curve may be from the one drawn."""


@dataclass(frozen=True, eq=False)
class Curve:
    """A curve to draw.

    Attributes:
        x: ``float64[n]`` in view units, ascending, finite.
        y: ``float64[n]``, finite.
        pen: with its width in pixels.
    """

    x: FloatArray
    y: FloatArray
    pen: QPen


class CurvesItem(pg.GraphicsObject):
    """Draws curves in order, later ones on top."""

    def __init__(self) -> None:
        super().__init__()
        self._curves: tuple[Curve, ...] = ()
        self.drawn_points = 0

    @property
    def curves(self) -> tuple[Curve, ...]:
        """What is drawn."""
        return self._curves

    def set_curves(self, curves: Sequence[Curve]) -> None:
        """Draw other curves."""
        self._curves = tuple(curves)
        self.update()

    def boundingRect(self) -> QRectF:
        # All that is seen: the view clips, and nobody asks this item for a range. The item's own
        # viewRect lags behind the view's.
        view = self.getViewBox()
        return QRectF() if view is None else QRectF(view.viewRect())

    def viewTransformChanged(self) -> None:
        self.prepareGeometryChange()

    def paint(self, painter: QPainter, *_: Any) -> None:
        transform = painter.transform()
        seen = self.boundingRect()
        painter.save()
        painter.resetTransform()
        painter.setClipRect(transform.mapRect(seen).toAlignedRect())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.drawn_points = 0
        for curve in self._curves:
            x, y = _in_pixels(curve, transform, seen)
            if len(x) > 1:
                if curve.pen.widthF() > HAIRLINE:
                    x, y = thinned(x, y, FLAT)
                self.drawn_points += len(x)
                painter.setPen(curve.pen)
                painter.drawPolyline(pg.functions.arrayToQPolygonF(x, y))
        painter.restore()


def _in_pixels(curve: Curve, transform: QTransform, seen: QRectF) -> tuple[FloatArray, FloatArray]:
    """The visible part, and one point on either side of it."""
    first = max(0, int(np.searchsorted(curve.x, seen.left())) - 1)
    last = int(np.searchsorted(curve.x, seen.right(), side="right")) + 1
    x = curve.x[first:last] * transform.m11() + transform.dx()
    y = curve.y[first:last] * transform.m22() + transform.dy()
    # A point far outside is as good just outside, and painters count in whole pixels.
    return x, np.clip(y, -30_000.0, 30_000.0)
