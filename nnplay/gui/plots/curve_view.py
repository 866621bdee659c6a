"""For data with a single numeric column: the answer as a curve over that column."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap, QPolygonF, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from nnplay.core.network import Network
from nnplay.core.targets import class_codes
from nnplay.data.preparation import PreparedData
from nnplay.gui.panels.refresh import Refresher
from nnplay.gui.panels.words import plain_number
from nnplay.gui.plots.map_points import MapPoints, paint_points, point_radius
from nnplay.gui.plots.map_subject import MapSubject, looked_at, subject_of
from nnplay.gui.plots.plane import PlaneFrame, paint_axes
from nnplay.gui.plots.probe_plane import SNAP, ProbePlane
from nnplay.gui.plots.readout import ReadoutLine
from nnplay.gui.plots.scales import round_up
from nnplay.gui.theme import Theme
from nnplay.picture.palette import class_colour
from nnplay.picture.text import pretty_label
from nnplay.session.session import Session

__all__ = ["CurveView"]

FloatArray = npt.NDArray[np.float64]

SAMPLES: Final = 241
INTERVAL: Final = 50
LEFT: Final = 40.0
BOTTOM: Final = 20.0


class CurveView(ProbePlane):
    """The output (or the neuron looked at) over the only raw column, with samples and probe.

    With several outputs there is one curve per class, in the colours of the classes.

    Signals:
        subject_changed(title): something else is shown now.
    """

    subject_changed = Signal(str)

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(session, theme, parent)
        self._subject: MapSubject | None = None
        self._points: MapPoints | None = None
        self._heights: FloatArray = np.empty(0)
        self._x: FloatArray = np.empty(0)
        self._curves: FloatArray = np.empty((0, 0))
        self._show_test = True
        self._still: QPixmap | None = None
        self._still_key: tuple[object, ...] = ()
        self._limits = (-1.0, 1.0)
        self._frame = PlaneFrame(QRectF(0, 0, 1, 1), (0.0, 1.0, -1.0, 1.0))
        self.setAccessibleName("Output over the input, with probe")
        self._refresher = Refresher(self, self.refresh, INTERVAL)
        for signal in (
            session.probe_changed,
            session.network_changed,
            session.hovered_changed,
            session.selection_changed,
        ):
            signal.connect(self._refresher.request)
        session.data_changed.connect(self.take_data)
        session.document_replaced.connect(self.take_data)
        theme.changed.connect(self.update)

    def set_show_test(self, on: bool) -> None:
        """Draw the test points too."""
        self._show_test = on
        self.take_data()

    # ------------------------------------------------------------------ content
    @property
    def subject(self) -> MapSubject | None:
        """What is drawn."""
        return self._subject

    @property
    def title(self) -> str:
        """Name of what is drawn."""
        return "" if self._subject is None else self._subject.title

    @property
    def short_title(self) -> str:
        """The same where there is little room."""
        return "" if self._subject is None else self._subject.short_title

    @property
    def curves(self) -> FloatArray:
        """``float64[k, samples]``: the curves, in units of the target."""
        return self._curves

    @property
    def columns(self) -> tuple[int, ...]:
        return (0,)

    @property
    def frame(self) -> PlaneFrame:
        """Where the plot lies in the widget."""
        return self._frame

    def _is_fitting(self) -> bool:
        return self.prepared is not None and self.prepared.raw_numeric == (True,)

    def take_data(self) -> None:
        """Another data set, or another split of it."""
        prepared = self.prepared
        if prepared is None or not self._is_fitting():
            return
        self._points = MapPoints.of(prepared, with_test=self._show_test)
        self._limits = (0.0, 0.0)
        self.refresh()

    def refresh(self) -> None:
        """Compute the curves again."""
        prepared, network = self.prepared, self.session.network
        if prepared is None or not self._is_fitting() or self._points is None:
            return
        subject = subject_of(network, prepared, looked_at(self.session))
        is_new = subject != self._subject
        self._subject = subject
        low, high = prepared.domain[0]
        self._x = np.linspace(low, high, SAMPLES)
        every = None
        if subject is not None:
            every = self.responder.activations(network, prepared, self._x[:, None])
        if subject is None or every is None:
            self._curves = np.empty((0, SAMPLES))
        else:
            curves = every[network.topology.rows(subject.neurons)]
            self._curves = prepared.restore_target(curves) if subject.is_target else curves
        loss = self.session.training.loss
        self._heights = _target_heights(network, loss, prepared, self._points.rows)
        self._place()
        self.read_again()
        self.update()
        if is_new:
            self.subject_changed.emit("No output yet" if subject is None else subject.title)

    def _shows_answer(self) -> bool:
        """Whether targets and curves can be compared: the outputs are shown, not a hidden one."""
        subject, outputs = self._subject, self.session.network.topology.output_ids
        return subject is not None and all(i in outputs for i in subject.neurons)

    def _place(self) -> None:
        parts = [self._curves[np.isfinite(self._curves)]]
        if self._shows_answer():
            parts.append(self._heights)
        values = np.concatenate([part.reshape(-1) for part in parts])
        low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
        subject = self._subject
        if subject is not None and subject.fixed is not None and not subject.is_target:
            low, high = min(low, subject.fixed.low), max(high, subject.fixed.high)
        old_low, old_high = self._limits
        fits = old_low <= low and high <= old_high
        if not fits or (high - low) < 0.4 * (old_high - old_low):
            step = round_up(max(high - low, 1e-9)) / 8.0
            self._limits = (np.floor(low / step) * step, np.ceil(high / step) * step)
        if self.prepared is None:
            return
        margin = 0.06 * (self._limits[1] - self._limits[0]) or 1.0
        rect = QRectF(self.rect()).adjusted(LEFT + 6, 6, -10, -BOTTOM)
        x0, x1 = self.prepared.domain[0]
        self._frame = PlaneFrame(rect, (x0, x1, self._limits[0] - margin, self._limits[1] + margin))

    # ------------------------------------------------------------------ places and numbers
    def probe_place(self) -> QPointF | None:
        raw = self.session.probe.raw
        if len(raw) != 1 or not np.isfinite(raw[0]) or not len(self._curves):
            return None
        height = float(np.interp(raw[0], self._x, self._curves[0]))
        return self._frame.to_pixel(raw[0], height if np.isfinite(height) else 0.0)

    def raw_at(self, place: QPointF) -> tuple[float, ...]:
        return (self._frame.to_data(place)[0],)

    def _point_places(self) -> FloatArray:
        assert self._points is not None  # noqa: S101
        return np.stack([self._points.places[:, 0], self._heights], axis=1)

    def point_under(self, place: QPointF) -> int | None:
        if self._points is None or not self._shows_answer():
            return None
        index = self._frame.nearest(self._point_places(), place, SNAP)
        return None if index is None else int(self._points.rows[index])

    def lines_at(self, place: QPointF, point: int | None) -> list[ReadoutLine]:
        prepared, network, subject = self.prepared, self.session.network, self._subject
        if prepared is None or not self._is_fitting():
            return []
        x = self._frame.to_data(place)[0] if point is None else float(prepared.raw[point, 0])
        lines = [ReadoutLine(pretty_label(prepared.raw_names[0]), plain_number(x, 4))]
        every = self.responder.activations(network, prepared, [[x]])
        if subject is not None and every is not None:
            for index, neuron in enumerate(subject.neurons):
                if neuron not in network.topology:
                    continue
                value = float(every[network.topology.row(neuron), 0])
                if subject.is_target:
                    value = float(prepared.restore_target([[value]])[0, 0])
                name = pretty_label(network.label_of(neuron)) or "value"
                lines.append(ReadoutLine(name, plain_number(value, 4), pen=self._pen(index)))
        if point is not None:
            lines.append(self.sample_line(point))
        return lines

    def _pen(self, index: int) -> QPen:
        palette, subject = self.theme.palette, self._subject
        if subject is not None and subject.classes is not None:
            place = subject.class_places[index]
            return QPen(QColor(class_colour(palette, place, len(subject.classes))), 2.0)
        return QPen(QColor(palette.text), 2.0)

    # ------------------------------------------------------------------ painting
    def paint_ground(self, painter: QPainter) -> None:
        if self.prepared is None or not self._is_fitting():
            return
        painter.drawPixmap(0, 0, self._still_part(self.prepared))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.save()
        painter.setClipRect(self._frame.rect)
        for index, curve in enumerate(self._curves):
            finite = np.isfinite(curve)
            line = self._frame.pixels(np.stack([self._x[finite], curve[finite]], axis=1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(self._pen(index))
            painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in line.tolist()]))
        painter.restore()

    def _still_part(self, prepared: PreparedData) -> QPixmap:
        """Card, axes and samples: the same from one step of training to the next."""
        palette, ratio = self.theme.palette, self.devicePixelRatioF()
        key = (
            palette,
            prepared,
            self._frame,
            self._subject,
            self._points,
            self._heights.tobytes(),
            self.size(),
            ratio,
        )
        same = len(key) == len(self._still_key) and all(
            a is b or a == b for a, b in zip(key, self._still_key, strict=True)
        )
        if not same or self._still is None:
            self._still_key = key
            self._still = QPixmap(self.size() * ratio)
            self._still.setDevicePixelRatio(ratio)
            self._still.fill(QColor(palette.panel))
            painter = QPainter(self._still)
            self._paint_still(painter, prepared)
            painter.end()
        return self._still

    def _paint_still(self, painter: QPainter, prepared: PreparedData) -> None:
        palette = self.theme.palette
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect, subject = self._frame.rect, self._subject
        painter.setPen(QPen(QColor(palette.border), 1.0))
        painter.setBrush(QColor(palette.card))
        painter.drawRoundedRect(rect, 5, 5)
        name = prepared.target_name if subject is not None and subject.is_target else "a"
        names = (pretty_label(prepared.raw_names[0]), name)
        paint_axes(painter, self.theme, self._frame, names, LEFT - 4)
        painter.setClipRect(rect)
        if subject is not None and subject.fixed is not None and not subject.is_target:
            level = self._frame.to_pixel(0.0, subject.fixed.middle).y()
            pen = QPen(QColor(palette.border_strong), 1.0, Qt.PenStyle.DashLine)
            painter.setPen(pen)
            painter.drawLine(QLineF(rect.left(), level, rect.right(), level))
        if self._points is not None and self._shows_answer() and len(self._points.rows):
            pixels = self._frame.pixels(self._point_places())
            radius = point_radius(self._frame, len(pixels))
            paint_points(painter, palette, prepared, self._points, pixels, radius)

    def paint_probe(self, painter: QPainter, is_held: bool) -> None:
        place, palette = self.probe_place(), self.theme.palette
        if place is None:
            return
        rect = self._frame.rect
        painter.setPen(QPen(QColor(palette.accent), 2.0 if is_held else 1.5))
        painter.drawLine(QLineF(place.x(), rect.top(), place.x(), rect.bottom()))
        for index in range(len(self._curves)):
            height = float(np.interp(self.session.probe.raw[0], self._x, self._curves[index]))
            if np.isfinite(height):
                dot = self._frame.to_pixel(self.session.probe.raw[0], height)
                painter.setPen(QPen(QColor(palette.accent), 2.0))
                painter.setBrush(QColor(palette.panel))
                painter.drawEllipse(dot, 5.0, 5.0)

    def _is_on_probe(self, place: QPointF) -> bool:
        """The whole upright line is a handle."""
        probe = self.probe_place()
        return (
            probe is not None
            and self._frame.rect.contains(place)
            and abs(place.x() - probe.x()) <= 6.0
            and self.point_under(place) is None
        )

    # ------------------------------------------------------------------ events
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.take_data()


def _target_heights(
    network: Network, loss: str, prepared: PreparedData, rows: npt.NDArray[np.int64]
) -> FloatArray:
    """How high each sample stands: its target, as the output should give it."""
    if prepared.values is not None:
        return np.asarray(prepared.restore_target(prepared.values[rows])[:, 0], dtype=np.float64)
    if prepared.class_index is None:
        return np.zeros(len(rows))
    outputs = network.output_activations
    if len(outputs) != 1:
        return np.ones(len(rows))  # each at the top of its own class's curve
    low, high = class_codes(outputs, loss)
    return np.where(prepared.class_index[rows] == 1, high, low)
