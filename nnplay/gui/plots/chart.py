"""What the line charts share: a quiet pyqtgraph plot with a home view and a readable crosshair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QGraphicsItem, QWidget

from nnplay.gui.panels.words import MINUS, plain_number
from nnplay.gui.plots.readout import ReadoutLine, paint_readout
from nnplay.gui.plots.scales import axis_ticks, decade_ticks
from nnplay.gui.theme import Theme

__all__ = ["Chart", "Crosshair", "EndLabel"]

LEFT_AXIS: Final = 46
BOTTOM_AXIS: Final = 22


@dataclass(frozen=True)
class Crosshair:
    """What the crosshair shows at one place.

    Attributes:
        x: where the upright line stands, in data units.
        lines: text of the readout.
        dots: ``(y, colour)`` of marks on the curves, y in view units.
    """

    x: float
    lines: tuple[ReadoutLine, ...]
    dots: tuple[tuple[float, QColor], ...] = ()


@dataclass(frozen=True)
class EndLabel:
    """A name at the right end of a curve: text, height in view units, colour."""

    text: str
    y: float
    colour: QColor


class _Axis(pg.AxisItem):
    """An axis with round numbers, and powers of ten when logarithmic."""

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation, maxTickLength=0, showValues=True)
        self.logarithmic = False
        self.setStyle(tickTextOffset=6, autoExpandTextSpace=False, hideOverlappingLabels=False)
        if orientation == "left":
            self.setWidth(LEFT_AXIS)
        else:
            self.setHeight(BOTTOM_AXIS)

    def boundingRect(self) -> QRectF:
        # With a grid pyqtgraph leaves no room for half a number above and below the axis, and
        # drops the numbers at its ends.
        return QRectF(super().boundingRect()).adjusted(0.0, -9.0, 0.0, 9.0)

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        most = max(2, int(size / (34 if self.orientation == "left" else 58)) + 1)
        ticks = decade_ticks(low, high, most) if self.logarithmic else axis_ticks(low, high, most)
        spacing = ticks[1] - ticks[0] if len(ticks) > 1 else 1.0
        return [(spacing, ticks)]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        if self.logarithmic:
            return [plain_number(float(f"{10.0**value:.2g}"), 4) for value in values]
        if spacing >= 1.0 and max(map(abs, values), default=0.0) >= 10_000.0:
            return [f"{value:,.0f}".replace("-", MINUS) for value in values]
        return [plain_number(value if abs(value) > 1e-9 * spacing else 0.0, 5) for value in values]


class _Overlay(QWidget):
    """Crosshair, readout and end labels, above the curves and without a share in the mouse."""

    def __init__(self, chart: Chart) -> None:
        super().__init__(chart)
        self._chart = chart
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._chart.paint_overlay(painter)
        painter.end()


class Chart(pg.PlotWidget):
    """A plot that keeps to its home view until the user zooms or pans; a double click goes back.

    Subclasses add curves and answer :meth:`reading_at`.

    Args:
        theme: colours.
        corner: name of the x axis, written in the corner left of its numbers.
        right_margin: room for labels at the curves' ends, in pixels.
    """

    pointed = Signal(object)
    """The x under the pointer in data units, or None when it leaves."""

    def __init__(
        self, theme: Theme, corner: str, right_margin: int = 18, parent: QWidget | None = None
    ) -> None:
        self._axes = {side: _Axis(side) for side in ("left", "bottom")}
        super().__init__(parent, axisItems=self._axes, background=None)
        self._theme = theme
        self._corner = corner
        self._home: tuple[float, float, float, float] | None = None
        self._at_home = True
        self._crosshair: Crosshair | None = None
        self._pointer_x: float | None = None
        self._end_labels: tuple[EndLabel, ...] = ()
        self.readout_box = QRectF()
        item = self.getPlotItem()
        item.setMenuEnabled(False)
        item.hideButtons()
        item.layout.setContentsMargins(0, 6, right_margin, 0)
        self._view: Any = item.getViewBox()
        self._view.setDefaultPadding(0.0)
        self._view.disableAutoRange()
        # Curves clip themselves to a rectangle, which painters do for nothing; a path costs.
        self._view.setFlag(QGraphicsItem.GraphicsItemFlag.ItemClipsChildrenToShape, False)
        self._view.sigRangeChangedManually.connect(self._moved_by_hand)
        self.setFrameShape(self.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(120, 80)
        self._overlay = _Overlay(self)
        self._overlay.raise_()
        theme.changed.connect(self.apply_theme)
        self._style()

    # ------------------------------------------------------------------ looks
    def apply_theme(self) -> None:
        """Take over the theme's colours; subclasses restyle their curves too."""
        self._style()
        self._refresh_crosshair()

    def _style(self) -> None:
        palette = self._theme.palette
        self.setBackground(palette.panel)
        grid = QPen(QColor(palette.border))
        for axis in self._axes.values():
            axis.setStyle(tickFont=self._theme.ui_font(11))
            axis.setTextPen(QColor(palette.tertiary_text))
            axis.setPen(QColor(0, 0, 0, 0))
            axis.setTickPen(grid)
        self._axes["left"].setGrid(255)
        self._overlay.update()

    # ------------------------------------------------------------------ what is shown
    def set_home(self, x0: float, x1: float, y0: float, y1: float) -> None:
        """The view to show, in view units (exponents on a log axis), unless the user moved it."""
        home = (x0, x1, y0, y1)
        if home != self._home:
            self._home = home
            if self._at_home:
                self._go_home()

    def reset_view(self) -> None:
        """Back to the home view."""
        self._at_home = True
        self._go_home()

    @property
    def is_at_home(self) -> bool:
        """False after the user zoomed or panned."""
        return self._at_home

    def _go_home(self) -> None:
        if self._home is not None:
            x0, x1, y0, y1 = self._home
            self._view.setRange(xRange=(x0, x1), yRange=(y0, y1), padding=0.0)
            # Now and not while painting, which would have everything painted once more.
            self._view.updateMatrix()
        self._refresh_crosshair()

    def _moved_by_hand(self, *_: object) -> None:
        self._at_home = False
        self._refresh_crosshair()

    def set_logarithmic(self, on: bool) -> None:
        """Label the y axis with powers of ten; curves must then be exponents."""
        axis = self._axes["left"]
        axis.logarithmic = on
        axis.picture = None
        axis.update()

    def set_end_labels(self, labels: Sequence[EndLabel]) -> None:
        """Names at the right ends of curves, the most important first."""
        self._end_labels = tuple(labels)
        self._overlay.update()

    # ------------------------------------------------------------------ reading
    def reading_at(self, x: float, y: float) -> Crosshair | None:
        """What to read near a place, in view units. Subclasses answer."""
        raise AssertionError("a chart without an answer to the pointer")

    def stepped(self, x: float | None, direction: int) -> float | None:
        """The next place for the crosshair when moved by keyboard. Subclasses may answer."""
        return x

    @property
    def crosshair(self) -> Crosshair | None:
        """What is read just now."""
        return self._crosshair

    def _refresh_crosshair(self) -> None:
        if self._pointer_x is None:
            self._crosshair = None
        else:
            self._crosshair = self.reading_at(self._pointer_x, self._pointer_y)
        self._overlay.update()

    _pointer_y: float = 0.0

    def _point_at(self, place: tuple[float, float] | None) -> None:
        self._pointer_x = None if place is None else place[0]
        if place is not None:
            self._pointer_y = place[1]
        self._refresh_crosshair()
        self.pointed.emit(self._pointer_x)

    def place_of(self, x: float, y: float) -> QPointF:
        """Widget coordinates of a place given in view units."""
        scene = self._view.mapViewToScene(QPointF(x, y))
        return QPointF(self.viewportTransform().map(scene))

    @property
    def plot_rect(self) -> QRectF:
        """The area of the curves, in widget coordinates."""
        return QRectF(self.viewportTransform().mapRect(self._view.sceneBoundingRect()))

    # ------------------------------------------------------------------ painting above the curves
    def paint_overlay(self, painter: QPainter) -> None:
        """Corner name, end labels, crosshair and readout."""
        palette = self._theme.palette
        area = self.plot_rect
        painter.setFont(self._theme.ui_font(11))
        painter.setPen(QColor(palette.tertiary_text))
        corner = QRectF(0, area.bottom(), area.left() - 6, BOTTOM_AXIS + 2)
        painter.drawText(
            corner, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._corner
        )
        self._paint_end_labels(painter, area)
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(palette.accent), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)
        self.readout_box = QRectF()
        if self._crosshair is None:
            return
        x = self.place_of(self._crosshair.x, 0.0).x()
        if not area.left() - 1 <= x <= area.right() + 1:
            return
        painter.setPen(QPen(QColor(palette.border_strong), 1.0))
        painter.drawLine(QLineF(x, area.top(), x, area.bottom()))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        heights = []
        for y, colour in self._crosshair.dots:
            place = self.place_of(self._crosshair.x, y)
            heights.append(place.y())
            if area.top() - 4 <= place.y() <= area.bottom() + 4:
                painter.setPen(QPen(QColor(palette.panel), 1.5))
                painter.setBrush(colour)
                painter.drawEllipse(place, 4.0, 4.0)
        # Beside the dots, on the half of the plot where they are not.
        low_half = not heights or sum(heights) / len(heights) > area.center().y()
        anchor = QPointF(x, area.top() if low_half else area.bottom())
        bounds = QRectF(self.rect()).adjusted(2, 2, -2, -2)
        self.readout_box = paint_readout(
            painter, self._theme, self._crosshair.lines, anchor, bounds
        )

    def _paint_end_labels(self, painter: QPainter, area: QRectF) -> None:
        if not self._end_labels:
            return
        metrics = QFontMetricsF(painter.font())
        step = metrics.height() - 1.0
        taken: list[float] = []
        room = self.width() - area.right() - 8.0
        for label in self._end_labels:
            place = self._free_place(self.place_of(0.0, label.y).y(), taken, step)
            if place is None:
                continue  # far from its curve it would name another one; the crosshair tells
            taken.append(place)
            text = metrics.elidedText(label.text, Qt.TextElideMode.ElideRight, room)
            painter.setPen(label.colour)
            painter.drawText(
                QRectF(area.right() + 6, place - step / 2, room, step),
                Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
                text,
            )

    def _free_place(self, wanted: float, taken: Sequence[float], step: float) -> float | None:
        """A height for a label at ``wanted`` or at most one line away from it."""
        top, bottom = self.plot_rect.top(), self.plot_rect.bottom()
        beside = [y + way * step for y in taken for way in (1, -1)]
        for place in [wanted, *sorted(beside, key=lambda y: abs(y - wanted))]:
            if (
                abs(place - wanted) <= step
                and top - 2 <= place <= bottom + 2
                and all(abs(place - y) >= step - 0.5 for y in taken)
            ):
                return place
        return None

    # ------------------------------------------------------------------ events
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if hasattr(self, "_overlay"):  # pyqtgraph resizes from its own constructor
            self._overlay.setGeometry(self.rect())
            self._overlay.raise_()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        position = event.position()
        if self.plot_rect.adjusted(-2, -2, 2, 2).contains(position):
            place = self._view.mapSceneToView(self.mapToScene(position.toPoint()))
            self._point_at((place.x(), place.y()))
        else:
            self._point_at(None)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        super().mouseDoubleClickEvent(event)
        self.reset_view()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._point_at(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        direction = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if direction is not None:
            x = self.stepped(self._pointer_x, direction)
            self._point_at(None if x is None else (x, 0.0))
        elif event.key() == Qt.Key.Key_Escape and self._pointer_x is not None:
            self._point_at(None)
        elif event.key() == Qt.Key.Key_Home:
            self.reset_view()
        else:
            event.ignore()
            return
        event.accept()
