"""A graphics view to zoom and pan, with the canvas's ground and the network's scene in it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QMarginsF, QPointF, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QInputDevice,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QGraphicsView, QWidget

from nnplay.gui.canvas.ground import paint_ground
from nnplay.gui.canvas.layer_headers import HEADER_ROOM, HEADER_WIDTH
from nnplay.gui.canvas.navigation import Navigation
from nnplay.gui.canvas.scene import NetworkScene
from nnplay.gui.panels.turns import TURNS
from nnplay.gui.plots.painting import Gate
from nnplay.gui.theme import Theme

__all__ = ["ZoomableView"]

# Kept free of the network when it is fitted: tools left, names above, strips below.
MARGINS: Final = QMarginsF(76, HEADER_ROOM, 40, 66)
# From top to bottom names stand between the tools and the network.
MARGINS_DOWN: Final = QMarginsF(76 + HEADER_WIDTH, 24, 40, 66)
# Milliseconds after the last step of zooming until lines are smooth again.
REST: Final = 140
EMPTY: Final = "Nothing here yet. Double-click to place a neuron, or choose data on the left."


class ZoomableView(QGraphicsView):
    """Shows a network's scene; knows how to zoom, pan and fit, and nothing about sessions.

    Signals:
        view_moved(): another part of the scene is shown, or in another size.
    """

    view_moved = Signal()

    def __init__(self, theme: Theme, paint_gate: Gate, parent: QWidget | None = None) -> None:
        """``paint_gate`` is cleared while painting, so that the training thread waits."""
        self.network_scene = NetworkScene(theme.palette)  # a view does not own its scene
        super().__init__(self.network_scene, parent)
        self.theme = theme
        self._paint_gate = paint_gate
        self.navigation = Navigation(self, MARGINS)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
        self.setCacheMode(QGraphicsView.CacheModeFlag.CacheBackground)
        self.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontAdjustForAntialiasing)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self.setMinimumSize(320, 220)
        self.view_moved.connect(self._tell_scale)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST)
        self._rest.timeout.connect(self._draw_smoothly)

    def _tell_scale(self) -> None:
        edges = self.network_scene.edges
        if edges.zoom != self.navigation.scale:
            edges.set_scale(self.navigation.scale)
            self.network_scene.set_hasty(True)
            self._rest.start()

    def _draw_smoothly(self) -> None:
        self.network_scene.set_hasty(False)

    # ------------------------------------------------------------------ commands
    def fit(self) -> None:
        """Show the whole network."""
        self.navigation.margins = MARGINS_DOWN if self.network_scene.downwards else MARGINS
        self.navigation.fit(self.network_scene.content_rect())
        self.view_moved.emit()

    def zoom_by(self, factor: float) -> None:
        """Zoom around the middle of the window."""
        self.navigation.zoom(factor, QRectF(self.viewport().rect()).center())
        self.view_moved.emit()

    def show_full_size(self) -> None:
        """Zoom to 100 %."""
        self.navigation.zoom_to(1.0, QRectF(self.viewport().rect()).center())
        self.view_moved.emit()

    def scroll_by(self, across: float, down: float) -> None:
        """Move the picture by window pixels."""
        self.navigation.scroll(across, down)
        self.view_moved.emit()

    def reveal(self, place: QPointF) -> None:
        """Scroll so that a point of the scene is in sight."""
        at = self.navigation.to_window(place)
        room = QRectF(self.viewport().rect())
        if not room.adjusted(60, 60, -60, -60).contains(at):
            way = room.center() - at
            self.scroll_by(way.x(), way.y())

    # ------------------------------------------------------------------ events
    def wheelEvent(self, event: QWheelEvent) -> None:
        device = event.device()
        pad = device is not None and device.type() == QInputDevice.DeviceType.TouchPad
        pixels = event.pixelDelta()
        if pad and not pixels.isNull() and not event.modifiers():
            self.scroll_by(pixels.x(), pixels.y())
        else:
            self.navigation.zoom(1.2 ** (event.angleDelta().y() / 120.0), event.position())
            self.view_moved.emit()
        event.accept()

    def viewportEvent(self, event: QEvent) -> bool:
        if (
            isinstance(event, QNativeGestureEvent)
            and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture
        ):
            self.navigation.zoom(1.0 + event.value(), event.position())
            self.view_moved.emit()
            return True
        return super().viewportEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.navigation.is_fitted:
            self.fit()
        else:
            self.view_moved.emit()

    # ------------------------------------------------------------------ painting
    def paintEvent(self, event: QPaintEvent) -> None:
        # The training thread waits meanwhile, so that it does not fight for the interpreter.
        self._paint_gate.clear()
        try:
            super().paintEvent(event)
        finally:
            self._paint_gate.set()
        TURNS.picture_painted(self._paint_gate.close_for_turn)

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        paint_ground(painter, self.theme.palette, QRectF(rect), self.navigation.scale)

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        if len(self.network_scene.places):
            return
        painter.resetTransform()
        painter.setFont(self.theme.ui_font(13))
        painter.setPen(QColor(self.theme.palette.secondary))
        box = QRectF(self.viewport().rect()).adjusted(60, 0, -60, 0)
        flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
        painter.drawText(box, flags, EMPTY)
