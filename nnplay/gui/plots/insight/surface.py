"""A surface of predictions over two inputs, seen from any side, with the samples around it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPen, QPolygonF

from nnplay.gui.panels.words import plain_number
from nnplay.gui.plots.insight.heat import amount_table
from nnplay.gui.plots.insight.page import Drawing
from nnplay.gui.plots.readout import ReadoutLine
from nnplay.gui.theme import Theme
from nnplay.picture.text import pretty_label
from nnplay.session.session import Session
from nnplay.session.surface_request import Surface

__all__ = ["SurfaceDrawing"]

FloatArray = npt.NDArray[np.float64]

REACH: Final = 9.0
TURN: Final = 0.01
"""Radians per pixel dragged."""
CLICK: Final = 4
NAMES: Final = 18
"""Pixels below for the names of the axes."""


class SurfaceDrawing(Drawing):
    """Drag to turn it; a click near a sample probes it."""

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__(session, theme, "Predictions over two inputs")
        self.setAccessibleDescription("Arrow keys turn the surface.")
        self.found: Surface | None = None
        self.azimuth, self.elevation = -0.65, 0.5
        self._grabbed: tuple[QPointF, float, float] | None = None
        self._heights = (-1.0, 1.0)

    def show_surface(self, found: Surface) -> None:
        """Another surface."""
        self.found = found
        # The true values fix the height, so that the surface is seen to come to them.
        true = found.samples[:, 2] if len(found.samples) else found.values.reshape(-1)
        low, high = float(np.nanmin(true)), float(np.nanmax(true))
        margin = 0.25 * (high - low) or 1.0
        self._heights = (low - margin, high + margin)
        self.update()

    # ------------------------------------------------------------------ places
    def seen(self, points: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Widget places ``[n, 2]`` and depths ``[n]`` (larger is nearer) of ``[n, 3]`` points."""
        assert self.found is not None  # noqa: S101
        ends = np.array(
            [
                [self.found.x[0], self.found.y[0], self._heights[0]],
                [self.found.x[-1], self.found.y[-1], self._heights[1]],
            ]
        )
        unit = 2.0 * (points - ends[0]) / (ends[1] - ends[0]) - 1.0
        unit[:, 2] = np.clip(np.nan_to_num(unit[:, 2], nan=0.0), -1.4, 1.4) * 0.62
        turn, lift = self.azimuth, self.elevation
        across = unit[:, 0] * math.cos(turn) + unit[:, 1] * math.sin(turn)
        away = -unit[:, 0] * math.sin(turn) + unit[:, 1] * math.cos(turn)
        up = unit[:, 2] * math.cos(lift) + away * math.sin(lift)
        area = QRectF(self.rect()).adjusted(6, 2, -6, -NAMES)
        scale = min(area.width() / 2.9, area.height() / 2.3)
        places = np.stack(
            [area.center().x() + across * scale, area.center().y() - up * scale], axis=1
        )
        return places, unit[:, 2] * math.sin(lift) - away * math.cos(lift)

    def draw(self, painter: QPainter) -> None:
        found, palette = self.found, self._theme.palette
        if found is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_floor(painter)
        n = len(found.x)
        grid = np.stack(
            [np.tile(found.x, n), np.repeat(found.y, n), found.values.reshape(-1)], axis=1
        )
        places, depths = self.seen(grid)
        corner = (np.arange(n - 1)[:, None] * n + np.arange(n - 1)).reshape(-1)
        quads = np.stack([corner, corner + 1, corner + n + 1, corner + n], axis=1)
        low, high = self._heights
        heights = grid[quads, 2].mean(axis=1)
        shares = np.clip(np.nan_to_num((heights - low) / (high - low)), 0.0, 1.0)
        table = amount_table(palette)
        index = (0.12 + 0.8 * shares) * (len(table) - 1)
        colours = table[index.astype(np.intp)].tolist()
        order = np.argsort(depths[quads].mean(axis=1), kind="stable").tolist()
        edge = QColor(palette.panel)
        edge.setAlphaF(0.5)
        painter.setPen(QPen(edge, 0.0))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        corners = places[quads].tolist()
        for quad in order:
            fill = QColor(colours[quad])
            fill.setAlphaF(0.86)
            painter.setBrush(fill)
            painter.drawConvexPolygon(QPolygonF([QPointF(x, y) for x, y in corners[quad]]))
        self._draw_samples(painter)

    def _draw_floor(self, painter: QPainter) -> None:
        found, palette = self.found, self._theme.palette
        assert found is not None  # noqa: S101
        (x0, x1), (y0, y1), z = found.x[[0, -1]], found.y[[0, -1]], self._heights[0]
        floor = np.array([[x0, y0, z], [x1, y0, z], [x1, y1, z], [x0, y1, z]])
        places, depths = self.seen(floor)
        painter.setPen(QPen(QColor(palette.border_strong), 1.0))
        painter.setBrush(QColor(palette.card))
        painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in places.tolist()]))
        prepared = self._session.prepared
        if prepared is None:
            return
        painter.setFont(self._theme.ui_font(10))
        painter.setPen(QColor(palette.secondary))
        # The names stand at the two sides that are nearest.
        for axis, sides in ((0, ((0, 1), (3, 2))), (1, ((0, 3), (1, 2)))):
            side = max(sides, key=lambda ends: depths[list(ends)].sum())
            x, y = places[list(side)].mean(axis=0).tolist()
            ends = (found.x if axis == 0 else found.y)[[0, -1]].tolist()
            name = pretty_label(prepared.raw_names[found.plane.columns[axis]])
            text = f"{name} {plain_number(ends[0], 3)} … {plain_number(ends[1], 3)}"
            self._write_below(painter, x, y, text)

    def _write_below(self, painter: QPainter, x: float, y: float, text: str) -> None:
        """Beside the middle of a lower side of the floor, away from the other one."""
        metrics, centre = painter.fontMetrics(), self.width() / 2.0
        away = max(-1.0, min(1.0, (x - centre) / 20.0))
        room = self.width() / 2.0 - 6.0 if abs(away) > 0.5 else self.width() - 12.0
        text = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, int(room))
        width = metrics.horizontalAdvance(text)
        left = x - width / 2.0 + away * (width / 2.0 + 4.0)
        left = max(6.0, min(self.width() - 6.0 - width, left))
        top = min(y + 3.0, self.height() - NAMES)
        painter.drawText(QPointF(left, top + metrics.ascent()), text)

    def _draw_samples(self, painter: QPainter) -> None:
        found, palette = self.found, self._theme.palette
        assert found is not None  # noqa: S101
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        true, _ = self.seen(found.samples[:, [0, 1, 2]])
        given, _ = self.seen(found.samples[:, [0, 1, 3]])
        stick = QColor(palette.text)
        stick.setAlphaF(0.3)
        painter.setPen(QPen(stick, 0.0))
        ends = np.concatenate([true, given], axis=1).tolist()
        painter.drawLines([QLineF(*end) for end in ends])
        colour = QColor(palette.text)
        colour.setAlphaF(0.7)
        dot = QPen(colour, 3.0)
        dot.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(dot)
        painter.drawPoints(QPolygonF([QPointF(x, y) for x, y in true.tolist()]))
        hit = np.flatnonzero(found.rows == self._session.probe.row)
        if hit.size:
            painter.setPen(QPen(QColor(palette.accent), 2.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QPointF(*true[int(hit[0])].tolist()), 6.0, 6.0)

    # ------------------------------------------------------------------ reading and turning
    def _nearest(self, place: QPointF) -> int | None:
        if self.found is None or not len(self.found.samples):
            return None
        places, _ = self.seen(self.found.samples[:, :3])
        away = np.hypot(*(places - (place.x(), place.y())).T)
        index = int(away.argmin())
        return index if away[index] <= REACH else None

    def read(self, place: QPointF) -> Sequence[ReadoutLine]:
        index = None if self._grabbed else self._nearest(place)
        if index is None or self.found is None:
            return ()
        _, _, true, given = self.found.samples[index].tolist()
        return (
            ReadoutLine("row", f"{int(self.found.rows[index]) + 1:,}"),
            ReadoutLine("target", plain_number(true, 4)),
            ReadoutLine("prediction", plain_number(given, 4)),
            ReadoutLine("residual", plain_number(true - given, 3)),
        )

    def click(self, place: QPointF) -> None:
        self._grabbed = (place, self.azimuth, self.elevation)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grabbed is not None and event.buttons() & Qt.MouseButton.LeftButton:
            start, azimuth, elevation = self._grabbed
            moved = event.position() - start
            self.azimuth = azimuth + TURN * moved.x()
            self.elevation = min(1.5, max(0.05, elevation + TURN * moved.y()))
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        grabbed, self._grabbed = self._grabbed, None
        if grabbed is not None and (event.position() - grabbed[0]).manhattanLength() <= CLICK:
            index = self._nearest(event.position())
            if index is not None and self.found is not None:
                self._session.probe_row(int(self.found.rows[index]))
        self.update()

    def stepped(self, across: int, down: int) -> bool:
        self.azimuth += 0.1 * across
        self.elevation = min(1.5, max(0.05, self.elevation + 0.1 * down))
        self.update()
        return True
