"""The small map of a large network: where the view is, and a way to move it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QWheelEvent
from PySide6.QtWidgets import QWidget

from nnplay.gui.canvas.strips import Strip
from nnplay.gui.theme import Theme
from nnplay.picture.layers import layer_groups
from nnplay.picture.palette import blend

if TYPE_CHECKING:
    from nnplay.gui.canvas.scene import NetworkScene

__all__ = ["Overview"]

WIDEST: Final = 168.0
HIGHEST: Final = 112.0
MARGIN: Final = 7.0
# More neurons than this are shown as one box for each layer.
MOST_DOTS: Final = 400
# While more than this share of the network is in sight, the map would hide more than it tells.
MOST_SEEN: Final = 0.7


class Overview(Strip):
    """Shows the network's shape and a frame around what is visible.

    Signals:
        centre_asked(QPointF): show this point of the scene in the middle.
        zoom_asked(float): zoom by a factor.
    """

    centre_asked = Signal(QPointF)
    zoom_asked = Signal(float)

    def __init__(self, theme: Theme, scene: NetworkScene, parent: QWidget) -> None:
        super().__init__(theme, parent)
        self._scene = scene
        self.setAccessibleName("Overview of the network")
        self.setToolTip("Drag to move the view, turn the wheel to zoom")
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.is_wanted = True
        self.content = QRectF()
        self.visible_part = QRectF()
        self._picture = QPixmap()
        self._places: object = None
        self._grip: QPointF | None = None
        theme.changed.connect(self._forget)
        self.hide()

    # ------------------------------------------------------------------ what is shown
    def follow(self, to_window: Callable[[QPointF], QPointF], room: QSize) -> None:
        """Take what is visible; it hides while most of the network is in sight."""
        if self._places is not self._scene.places:
            self._places = self._scene.places
            self.content = self._scene.content_rect()
            self._picture = QPixmap()
        first = to_window(QPointF(0.0, 0.0))
        scale = to_window(QPointF(1.0, 0.0)).x() - first.x()
        self.visible_part = QRectF(
            -first.x() / scale, -first.y() / scale, room.width() / scale, room.height() / scale
        )
        seen = self.visible_part.intersected(self.content)
        area = self.content.width() * self.content.height()
        wanted = self.is_wanted and seen.width() * seen.height() < MOST_SEEN * area
        if wanted:
            share = self.share
            size = QSize(
                round(self.content.width() * share + 2 * MARGIN),
                round(self.content.height() * share + 2 * MARGIN),
            )
            if size != self.size():
                self.resize(size)
                self._picture = QPixmap()
            self.update()
        self.setVisible(wanted)

    @property
    def share(self) -> float:
        """Pixels of the map per canvas pixel."""
        width, height = max(self.content.width(), 1.0), max(self.content.height(), 1.0)
        return min(WIDEST / width, HIGHEST / height)

    def to_map(self, place: QPointF) -> QPointF:
        """Where a point of the scene is on the map."""
        return (place - self.content.topLeft()) * self.share + QPointF(MARGIN, MARGIN)

    def to_scene(self, place: QPointF) -> QPointF:
        """The point of the scene at a place of the map."""
        return (place - QPointF(MARGIN, MARGIN)) * (1 / self.share) + self.content.topLeft()

    def _forget(self) -> None:
        self._picture = QPixmap()
        self.update()

    # ------------------------------------------------------------------ painting
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._picture.isNull():
            self._picture = self._shape()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self.theme.palette
        frame = QRectF(
            self.to_map(self.visible_part.topLeft()), self.to_map(self.visible_part.bottomRight())
        )
        frame = frame.intersected(QRectF(self.rect()).adjusted(2.5, 2.5, -2.5, -2.5))
        fill = QColor(palette.accent)
        fill.setAlphaF(0.14)
        painter.setBrush(fill)
        painter.setPen(QPen(QColor(palette.accent), 1.5))
        painter.drawRoundedRect(frame, 3, 3)
        painter.end()

    def _shape(self) -> QPixmap:
        """Neurons as dots (of many: layers as boxes), joined by bands."""
        ratio = self.devicePixelRatioF()
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        palette, scene, share = self.theme.palette, self._scene, self.share
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(self.to_map(QPointF(0.0, 0.0)))
        painter.scale(share, share)
        painter.setPen(Qt.PenStyle.NoPen)
        places, halves = scene.places, scene.grids.halves
        boxes = []
        for group in layer_groups(scene.network):
            low = (places[group.rows] - halves[group.rows, None]).min(axis=0)
            high = (places[group.rows] + halves[group.rows, None]).max(axis=0)
            boxes.append(QRectF(QPointF(*low), QPointF(*high)))
        painter.setPen(QPen(QColor(palette.border_strong), 1.2 / share))
        for one, other in itertools.pairwise(boxes):
            painter.drawLine(one.center(), other.center())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(blend(palette.panel, palette.secondary, 0.7)))
        if len(places) <= MOST_DOTS:
            least = 1.2 / share
            radius = np.maximum(halves, least)
            for (x, y), half in zip(places.tolist(), radius.tolist(), strict=True):
                painter.drawRect(QRectF(x - half, y - half, 2 * half, 2 * half))
        else:
            for box in boxes:
                painter.drawRect(box)
        painter.end()
        return picture

    # ------------------------------------------------------------------ pointer
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        event.accept()
        place = self.to_scene(event.position())
        # Grabbed inside the frame it follows the hand; elsewhere it jumps there first.
        centre = self.visible_part.center()
        inside = self.visible_part.contains(place)
        self._grip = centre - place if inside else QPointF(0.0, 0.0)
        if not inside:
            self.centre_asked.emit(place)
        self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grip is not None:
            self.centre_asked.emit(self.to_scene(event.position()) + self._grip)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grip = None
        self.setCursor(Qt.CursorShape.OpenHandCursor)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.zoom_asked.emit(1.2 ** (event.angleDelta().y() / 120.0))
        event.accept()
