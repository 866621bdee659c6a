"""Everything on the plane that does not follow the mouse, painted once into a pixmap.

While the probe is dragged or training runs, most repaints only need this picture again.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPen, QPixmap, QTransform

from nnplay.data.preparation import PreparedData
from nnplay.gui.panels.words import plain_number
from nnplay.gui.plots.map_ghost import chains, paint_ghost
from nnplay.gui.plots.map_legend import (
    class_legend_width,
    paint_class_legend,
    paint_scale_legend,
    scale_legend_width,
)
from nnplay.gui.plots.map_picture import MapPicture, map_picture
from nnplay.gui.plots.map_points import MapPoints, paint_points, point_radius
from nnplay.gui.plots.map_subject import MapSubject
from nnplay.gui.plots.plane import TICK_SIZE, PlaneFrame, fitted_frame, paint_axes
from nnplay.gui.theme import Theme
from nnplay.picture.edges import draw_lines
from nnplay.picture.palette import blend
from nnplay.picture.scales import ValueScale
from nnplay.picture.text import pretty_label
from nnplay.session.values import MapResult

__all__ = ["MapBackground"]

FloatArray = npt.NDArray[np.float64]

TOP: Final = 6.0
BOTTOM: Final = 20.0
LEGEND_GAP: Final = 10.0
CORNER: Final = 5.0
PROJECTED: Final = 0.7
NAME_ROW: Final = 14.0


class MapBackground:
    """Map, boundary, points, axes and legend of a plane."""

    def __init__(self, theme: Theme) -> None:
        self.show_test = True
        self.subject: MapSubject | None = None
        self.frame = PlaneFrame(QRectF(0, 0, 1, 1), (0.0, 1.0, 0.0, 1.0))
        self._theme = theme
        self._discretise = False
        self._prepared: PreparedData | None = None
        self._points: MapPoints | None = None
        self._columns = (0, 1)
        self._result: MapResult | None = None
        self._picture: MapPicture | None = None
        self._scale: ValueScale | None = None
        self._ghost: list[FloatArray] = []
        self._size = QSize()
        self._ratio = 1.0
        self._whole: QPixmap | None = None
        self._point_layer: QPixmap | None = None

    # ------------------------------------------------------------------ what changes
    def set_data(
        self, prepared: PreparedData, points: MapPoints, columns: tuple[int, int] = (0, 1)
    ) -> None:
        """Other samples, or the same over other raw columns."""
        self._columns = columns
        self._prepared = prepared
        self._points = points
        self._forget_layout()

    def set_map(self, subject: MapSubject, result: MapResult) -> None:
        """A newer map."""
        if subject != self.subject:
            self._scale = None
            self._ghost = []  # the boundary of something else
            self._whole = None
        self.subject = subject
        self._result = result
        self._paint_map()

    def clear_map(self) -> None:
        """Nothing to show but the points."""
        self.subject = self._result = self._picture = self._scale = None
        self._forget_layout()

    @property
    def ghost(self) -> list[FloatArray]:
        """Lines of the boundary that is kept for comparison, in shares of the plane."""
        return self._ghost

    def keep_ghost(self) -> None:
        """From now on show the present boundary beside the ones to come."""
        picture = self._picture
        self._ghost = [] if picture is None else chains(picture.boundary)

    def drop_ghost(self) -> None:
        """Show only the present boundary again."""
        if self._ghost:
            self._ghost = []
            self._whole = None

    def set_discretise(self, on: bool) -> None:
        """Full colours on either side of the boundary."""
        self._discretise = on
        self._paint_map()

    def repaint_all(self) -> None:
        """The palette has changed."""
        self._paint_map()
        self._forget_layout()

    @property
    def scale(self) -> ValueScale | None:
        """The scale in use; None for classes."""
        return self._scale

    def _paint_map(self) -> None:
        if self.subject is None or self._result is None:
            return
        self._picture = map_picture(
            self._result.values,
            self.subject,
            self._theme.palette,
            discretise=self._discretise,
            scale_before=self._scale,
        )
        if self._picture.scale != self._scale:
            self._scale = self._picture.scale
            self._point_layer = None  # another legend may need another width
        self._whole = None

    def _forget_layout(self) -> None:
        self._whole = self._point_layer = None

    # ------------------------------------------------------------------ painting
    def pixmap(self, size: QSize, ratio: float) -> QPixmap:
        """The picture for a widget of this size on a screen of this pixel ratio."""
        if size != self._size or ratio != self._ratio:
            self._size, self._ratio = QSize(size), ratio
            self._forget_layout()
        if self._whole is None:
            if self._point_layer is None:
                self._place_frame()
                self._point_layer = self._blank()
                painter = QPainter(self._point_layer)
                self._paint_points(painter)
                self._paint_surroundings(painter)
                painter.end()
            self._whole = self._blank()
            painter = QPainter(self._whole)
            self._paint_plane(painter)
            painter.drawPixmap(0, 0, self._point_layer)
            painter.end()
        return self._whole

    def _blank(self) -> QPixmap:
        pixmap = QPixmap(self._size * self._ratio)
        pixmap.setDevicePixelRatio(self._ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        return pixmap

    def _place_frame(self) -> None:
        if self._prepared is None:
            return
        (x0, x1), (y0, y1) = (self._prepared.domain[column] for column in self._columns)
        left, right = self._number_room(), self._legend_width()
        whole = QRectF(0.0, 0.0, self._size.width(), self._size.height())
        top = TOP + (NAME_ROW if self._has_name_above() else 0.0)
        area = whole.adjusted(left + 8.0, top, -(right + LEGEND_GAP + 2.0), -BOTTOM)
        self.frame = fitted_frame(area, (x0, x1, y0, y1))

    def _number_room(self) -> float:
        """Room for the numbers of the y axis and its name."""
        if self._prepared is None:
            return 0.0
        metrics = QFontMetricsF(self._theme.ui_font(TICK_SIZE))
        low, high = self._prepared.domain[self._columns[1]]
        widest = max(
            metrics.horizontalAdvance(plain_number(float(f"{value:.2g}"), 4))
            for value in (low, high, (high - low) / 10.0)
        )
        if self._has_name_above():
            return max(widest, 14.0)
        name = metrics.horizontalAdvance(pretty_label(self._prepared.raw_names[self._columns[1]]))
        return max(widest, min(name, 0.16 * self._size.width()), 14.0)

    def _has_name_above(self) -> bool:
        """Whether the name of the y axis stands above it; names of chosen columns may be long."""
        return self._prepared is not None and len(self._prepared.raw_names) > 2

    def _legend_texts(self) -> tuple[str, str, str] | None:
        if self._scale is None:
            return None
        subject, prepared = self.subject, self._prepared
        if subject is not None and subject.is_target and prepared is not None:
            scale = self._scale
            values = prepared.restore_target([[scale.low], [scale.middle], [scale.high]])[:, 0]
            low, middle, high = (plain_number(float(value), 3) for value in values)
            return low, middle, high
        return self._scale.texts

    def _class_names(self) -> tuple[str, ...] | None:
        if self.subject is None or self.subject.classes is None or self._prepared is None:
            return None
        return self._prepared.classes

    def _legend_width(self) -> float:
        names = self._class_names()
        if names is not None:
            return min(class_legend_width(self._theme, names), 0.3 * self._size.width())
        texts = self._legend_texts()
        return scale_legend_width(self._theme, texts or ("−1", "0", "1"))

    def _paint_plane(self, painter: QPainter) -> None:
        palette = self._theme.palette
        rect = self.frame.rect
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setPen(Qt.PenStyle.NoPen)
        if self._picture is None:
            painter.setBrush(QColor(palette.card))
            painter.drawRoundedRect(rect, CORNER, CORNER)
            return
        image = self._picture.image
        # The image has one repeated pixel all round; its inside covers the rectangle.
        cell_x = rect.width() / (image.width() - 2)
        cell_y = rect.height() / (image.height() - 2)
        brush = QBrush(image)
        brush.setTransform(
            QTransform.fromTranslate(rect.left() - cell_x, rect.top() - cell_y).scale(
                cell_x, cell_y
            )
        )
        painter.setBrush(brush)
        painter.drawRoundedRect(rect, CORNER, CORNER)
        if self._ghost:
            paint_ghost(painter, palette, rect, self._ghost)
        boundary = self._picture.boundary
        if len(boundary):
            width, height = rect.width(), rect.height()
            ends = np.ascontiguousarray(boundary * (width, height, width, height))
            ends += (rect.left(), rect.top(), rect.left(), rect.top())
            painter.save()
            painter.setClipRect(rect)
            pen = QPen(QColor(blend(palette.text, palette.panel, 0.12)), 1.5)
            painter.setPen(pen)
            draw_lines(painter, ends, len(ends))
            painter.restore()

    def _paint_points(self, painter: QPainter) -> None:
        if self._prepared is None or self._points is None or not len(self._points.rows):
            return
        pixels = self.frame.pixels(self._points.places)
        painter.save()
        painter.setClipRect(self.frame.rect)
        if len(self._prepared.raw_names) > 2:
            painter.setOpacity(PROJECTED)  # most of them lie beside the plane that is shown
        paint_points(
            painter,
            self._theme.palette,
            self._prepared,
            self._points,
            pixels,
            point_radius(self.frame, len(pixels)),
        )
        painter.restore()

    def _paint_surroundings(self, painter: QPainter) -> None:
        if self._prepared is None:
            return
        rect = self.frame.rect
        x, y = (pretty_label(self._prepared.raw_names[column]) for column in self._columns)
        room = self._number_room()
        if self._has_name_above():
            start = rect.left() - 6.0 - room
            row = QRectF(
                max(0.0, start), rect.top() - NAME_ROW - 1.0, rect.right() - start, NAME_ROW
            )
            painter.setFont(self._theme.ui_font(TICK_SIZE))
            painter.setPen(QColor(self._theme.palette.secondary))
            text = QFontMetricsF(painter.font()).elidedText(
                y, Qt.TextElideMode.ElideMiddle, row.width()
            )
            painter.drawText(row, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
            y = ""
        paint_axes(painter, self._theme, self.frame, (x, y), room)
        left = rect.right() + LEGEND_GAP
        area = QRectF(left, rect.top(), self._legend_width(), rect.height())
        classes, texts = self._class_names(), self._legend_texts()
        if classes is not None:
            paint_class_legend(painter, self._theme, area, classes, len(classes))
        elif texts is not None:
            paint_scale_legend(painter, self._theme, area, texts, self._discretise)
