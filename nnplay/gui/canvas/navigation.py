"""Zooming, panning and fitting of a graphics view."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QMarginsF, QPointF, QRectF
from PySide6.QtGui import QTransform
from PySide6.QtWidgets import QGraphicsView

__all__ = ["Navigation"]

SMALLEST: Final = 0.08
LARGEST: Final = 4.0
LARGEST_FIT: Final = 1.2
SHRUNK: Final = 1.3
"""A fitted network is fitted again when it could be shown so many times larger."""


class Navigation:
    """Moves a view over its scene; remembers whether the person has chosen the view by hand."""

    def __init__(self, view: QGraphicsView, margins: QMarginsF) -> None:
        self._view = view
        self.margins = margins
        self.is_fitted = True

    @property
    def scale(self) -> float:
        """Window pixels per canvas pixel."""
        return self._view.transform().m11()

    def to_scene(self, point: QPointF) -> QPointF:
        """A point of the window (with fractions) in the scene."""
        inverse, _ = self._view.viewportTransform().inverted()
        return inverse.map(point)

    def to_window(self, point: QPointF) -> QPointF:
        """A point of the scene in the window (with fractions)."""
        return self._view.viewportTransform().map(point)

    def scroll(self, across: float, down: float) -> None:
        """Move the picture by window pixels."""
        self.is_fitted = False
        self._scroll(across, down)

    def _scroll(self, across: float, down: float) -> None:
        for bar, way in (
            (self._view.horizontalScrollBar(), across),
            (self._view.verticalScrollBar(), down),
        ):
            bar.setValue(bar.value() - round(way))

    def zoom(self, factor: float, anchor: QPointF) -> None:
        """Zoom by a factor; what is under ``anchor`` (window pixels) stays there."""
        self.zoom_to(self.scale * factor, anchor)

    def zoom_to(self, scale: float, anchor: QPointF) -> None:
        """Zoom to a scale, keeping what is under ``anchor``."""
        self.is_fitted = False
        below = self.to_scene(anchor)
        self._set_scale(min(LARGEST, max(SMALLEST, scale)))
        way = anchor - self.to_window(below)
        self._scroll(way.x(), way.y())

    def fit(self, content: QRectF) -> None:
        """Show all of ``content`` (scene coordinates) between the margins, not too large."""
        self.is_fitted = True
        if content.isEmpty():
            content = QRectF(-200, -150, 400, 300)
        room = self._room()
        self._set_scale(self._fitting_scale(content))
        way = room.center() - self.to_window(content.center())
        self._scroll(way.x(), way.y())

    def shows(self, content: QRectF) -> bool:
        """Whether all of ``content`` lies between the margins."""
        shown = QRectF(self.to_window(content.topLeft()), self.to_window(content.bottomRight()))
        return self._room().adjusted(-8, -8, 8, 8).contains(shown)

    def wastes_room(self, content: QRectF) -> bool:
        """Whether ``content`` has become so small that fitting it would enlarge it clearly."""
        return not content.isEmpty() and self._fitting_scale(content) > SHRUNK * self.scale

    def _fitting_scale(self, content: QRectF) -> float:
        room = self._room()
        scale = min(room.width() / content.width(), room.height() / content.height(), LARGEST_FIT)
        return max(SMALLEST, scale)

    def _room(self) -> QRectF:
        whole = QRectF(self._view.viewport().rect())
        room = whole.marginsRemoved(self.margins)
        if room.width() < 120 or room.height() < 90:
            return whole.adjusted(4, 4, -4, -4)
        return room

    def _set_scale(self, scale: float) -> None:
        # Always uniform: pens under an uneven scale are very slow.
        self._view.setTransform(QTransform.fromScale(scale, scale))
