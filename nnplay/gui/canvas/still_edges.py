"""Edges painted from a picture while a few neurons are dragged over the others."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPixmap

from nnplay.picture.edges import EdgePicture
from nnplay.picture.palette import Palette

__all__ = ["StillEdges"]

FloatArray = npt.NDArray[np.float64]


class StillEdges:
    """Keeps a picture of all edges that do not move, as long as the view stays where it is."""

    def __init__(self) -> None:
        self.moving: npt.NDArray[np.bool_] | None = None
        self.picture: QPixmap | None = None
        self._key: object = None

    def end(self) -> None:
        """Nothing is dragged any more."""
        self.moving = None
        self.forget()

    def forget(self) -> None:
        """The edges that stand still look different now."""
        self.picture = None

    def note_moved(self, before: FloatArray, after: FloatArray) -> None:
        """Neurons went from some places to others, ``float64[N, 2]`` each."""
        moved = (before != after).any(axis=1)
        if self.moving is None or (moved & ~self.moving).any():
            self.moving = moved if self.moving is None else self.moving | moved
            self.forget()

    def paint(self, painter: QPainter, edges: EdgePicture, palette: Palette) -> None:
        """Draw edges of neurons that are dragged, above a picture of all others."""
        moving = self.moving
        if moving is None:
            edges.paint(painter, palette)
            return
        rows = edges.network.topology.edge_rows
        touched = moving[rows[:, 0]] | moving[rows[:, 1]]
        device, at = painter.device(), painter.worldTransform()
        ratio = device.devicePixelRatio()
        key = (at.m11(), at.m22(), at.dx(), at.dy(), device.width(), device.height(), ratio)
        if self.picture is None or self._key != key:
            still = QPixmap(round(device.width() * ratio), round(device.height() * ratio))
            still.setDevicePixelRatio(ratio)
            still.fill(Qt.GlobalColor.transparent)
            inner = QPainter(still)
            inner.setRenderHints(painter.renderHints())
            inner.setWorldTransform(at)
            edges.paint(inner, palette, among=~touched)
            inner.end()
            self.picture, self._key = still, key
        painter.save()
        painter.resetTransform()
        painter.drawPixmap(0, 0, self.picture)
        painter.restore()
        edges.paint(painter, palette, among=touched)
