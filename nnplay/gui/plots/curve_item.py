"""Curves in a pyqtgraph plot, drawn in pixels: few pieces, constant width, no work for bounds."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
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
LONE: Final = 1.5
"""Half the length, in pixels, of what stands for a point without neighbours."""


@dataclass(frozen=True, eq=False)
class Curve:
    """A curve to draw.

    Attributes:
        x: ``float64[n]`` in view units, ascending, finite.
        y: ``float64[n]``, finite.
        pen: with its width in pixels.
        breaks: ``float64[b]``, ascending: after these ``x`` no line runs to the next point.
    """

    x: FloatArray
    y: FloatArray
    pen: QPen
    breaks: FloatArray = field(default_factory=lambda: np.empty(0))


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
            painter.setPen(curve.pen)
            for x, y in _in_pixels(curve, transform, seen):
                if len(x) > 1:
                    if curve.pen.widthF() > HAIRLINE:
                        x, y = thinned(x, y, FLAT)
                elif len(curve.breaks):
                    # A point between two breaks would be no line at all.
                    x, y = x[0] + np.array([-LONE, LONE]), y.repeat(2)
                else:
                    continue
                self.drawn_points += len(x)
                painter.drawPolyline(pg.functions.arrayToQPolygonF(x, y))
        painter.restore()


def _in_pixels(
    curve: Curve, transform: QTransform, seen: QRectF
) -> list[tuple[FloatArray, FloatArray]]:
    """The visible pieces without a break, and one point on either side of what is seen."""
    first = max(0, int(np.searchsorted(curve.x, seen.left())) - 1)
    last = int(np.searchsorted(curve.x, seen.right(), side="right")) + 1
    places = curve.x[first:last]
    x = places * transform.m11() + transform.dx()
    # A point far outside is as good just outside, and painters count in whole pixels.
    y = np.clip(curve.y[first:last] * transform.m22() + transform.dy(), -30_000.0, 30_000.0)
    if not len(curve.breaks):
        return [(x, y)]
    cuts = np.searchsorted(places, curve.breaks, side="right").tolist()
    bounds = sorted({0, *cuts, len(places)})
    return [(x[a:b], y[a:b]) for a, b in itertools.pairwise(bounds)]
