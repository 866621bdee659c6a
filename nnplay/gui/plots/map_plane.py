"""The plane of two raw columns: map, boundary, points and probe."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor, QHideEvent, QPainter, QPen, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from nnplay.gui.panels.words import plain_number
from nnplay.gui.plots.map_background import MapBackground
from nnplay.gui.plots.map_points import MapPoints, point_colour, point_radius
from nnplay.gui.plots.map_subject import MapSubject, looked_at, subject_of
from nnplay.gui.plots.plane import PlaneFrame
from nnplay.gui.plots.probe_plane import SNAP, ProbePlane
from nnplay.gui.plots.readout import ReadoutLine
from nnplay.gui.theme import Theme
from nnplay.picture.text import pretty_label
from nnplay.session.session import Session
from nnplay.session.values import MapRequest, MapResult

__all__ = ["MapPlane"]

RESOLUTIONS: Final = ((180.0, 60), (280.0, 80))
"""Cells along each side for planes up to so many pixels; smooth scaling does the rest."""
FULL_RESOLUTION: Final = 100
HELD: Final = "other columns held at the probe"
OWN_VALUES: Final = "with all its own values"


class MapPlane(ProbePlane):
    """Shows the output, or the neuron under the pointer or selected on the canvas.

    Signals:
        subject_changed(title): another neuron's map has arrived and is shown.
    """

    subject_changed = Signal(str)

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(session, theme, parent)
        self._wanted: MapSubject | None = None
        self._key = ("decision map", id(self))  # two maps may look at the same session
        self._background = MapBackground(theme)
        self._points: MapPoints | None = None
        self._marked: npt.NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self.setAccessibleName("Decision map with probe point")
        session.maps_arrived.connect(self._take_maps)
        session.hovered_changed.connect(self._choose_subject)
        session.selection_changed.connect(self._choose_subject)
        session.network_changed.connect(self._network_changed)
        session.data_changed.connect(self.take_data)
        session.document_replaced.connect(self.take_data)
        session.map_columns_changed.connect(self._take_columns)
        session.held_changed.connect(self._take_held)
        theme.changed.connect(self._theme_changed)

    # ------------------------------------------------------------------ switches
    def set_show_test(self, on: bool) -> None:
        """Draw the test points too."""
        self._background.show_test = on
        self.take_data()

    def set_discretise(self, on: bool) -> None:
        """Show the decision only, not how sure it is."""
        self._background.set_discretise(on)
        self.update()

    # ------------------------------------------------------------------ what is shown
    @property
    def subject(self) -> MapSubject | None:
        """What the picture shows now."""
        return self._background.subject

    @property
    def title(self) -> str:
        """Name of what the picture shows."""
        return "" if self.subject is None else self.subject.title

    @property
    def short_title(self) -> str:
        """The same where there is little room."""
        return "" if self.subject is None else self.subject.short_title

    @property
    def background(self) -> MapBackground:
        """The picture below the probe."""
        return self._background

    @property
    def frame(self) -> PlaneFrame:
        """Where the plane lies in the widget."""
        return self._background.frame

    def take_data(self) -> None:
        """Another data set, or another split of it."""
        self._marked = np.empty(0, dtype=np.int64)
        self._place_data()

    def _place_data(self) -> None:
        prepared, columns = self.prepared, self.session.map_columns
        if prepared is None or columns is None:
            return
        show_test = self._background.show_test
        self._points = MapPoints.of(prepared, with_test=show_test, columns=columns)
        self._background.set_data(prepared, self._points, columns)
        self._choose_subject()
        self.update()

    def _take_columns(self) -> None:
        self._background.clear_map()  # it lay over others
        self._place_data()

    def _network_changed(self, before: object, after: object) -> None:
        if any(
            getattr(before, name, None) is not getattr(after, name, None)
            for name in ("topology", "activations", "labels", "bindings")
        ):
            self._choose_subject()

    def _take_held(self) -> None:
        """While a hand changes a weight, the boundary before stays in sight."""
        if not self.session.held_slots:
            self._background.drop_ghost()
        elif not self._background.ghost:
            self._background.keep_ghost()
        self.update()

    def _choose_subject(self) -> None:
        prepared = self.prepared
        if prepared is None or self.session.map_columns is None or not self.isVisible():
            return
        wanted = subject_of(self.session.network, prepared, looked_at(self.session))
        if wanted == self._wanted:
            return
        self._wanted = wanted
        if wanted is None:
            self.session.watch(self._key, None)
            self._background.clear_map()
            self.subject_changed.emit("No output yet")
            self.update()
        else:
            # The old picture stays until the new map has arrived, title and all.
            self.session.watch(self._key, MapRequest(self._resolution(), wanted.neurons))

    def _resolution(self) -> int:
        side = min(self.width(), self.height())
        return next((cells for limit, cells in RESOLUTIONS if side <= limit), FULL_RESOLUTION)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._wanted is not None:
            self.session.watch(self._key, MapRequest(self._resolution(), self._wanted.neurons))

    def _take_maps(self, key: object, result: MapResult) -> None:
        wanted = self._wanted
        if key != self._key or wanted is None or result.neurons != wanted.neurons:
            return
        is_new = wanted != self._background.subject
        self._background.set_map(wanted, result)
        self.read_again()
        self.update()
        if is_new:
            self.subject_changed.emit(wanted.title)

    def _theme_changed(self) -> None:
        self._background.repaint_all()
        self.read_again()
        self.update()

    # ------------------------------------------------------------------ places and numbers
    @property
    def columns(self) -> tuple[int, int]:
        return self.session.map_columns or (0, 1)

    @property
    def has_held(self) -> bool:
        """Whether there are columns beside the plane, held at the probe."""
        return self.prepared is not None and len(self.prepared.raw_names) > 2

    def probe_place(self) -> QPointF | None:
        raw, (x, y) = self.session.probe.raw, self.columns
        if self.prepared is None or len(raw) != len(self.prepared.raw_names):
            return None
        if max(x, y) >= len(raw) or not np.isfinite((raw[x], raw[y])).all():
            return None
        return self.frame.to_pixel(raw[x], raw[y])

    def raw_at(self, place: QPointF) -> tuple[float, ...]:
        count = 2 if self.prepared is None else len(self.prepared.raw_names)
        raw = list(self.session.probe.raw) if count > 2 else [0.0, 0.0]
        for column, value in zip(self.columns, self.frame.to_data(place), strict=True):
            raw[column] = value
        return tuple(raw)

    def point_under(self, place: QPointF) -> int | None:
        if self._points is None:
            return None
        index = self.frame.nearest(self._points.places, place, SNAP)
        return None if index is None else int(self._points.rows[index])

    def lines_at(self, place: QPointF, point: int | None) -> list[ReadoutLine]:
        prepared = self.prepared
        if prepared is None or self.session.map_columns is None:
            return []
        raw = self.raw_at(place) if point is None else tuple(prepared.raw[point].tolist())
        if len(raw) != len(prepared.raw_names):
            return []  # the probe of other data
        lines = [
            ReadoutLine(pretty_label(prepared.raw_names[column]), plain_number(raw[column], 4))
            for column in self.columns
        ]
        lines += self._answers(raw)
        if point is not None:
            lines.append(self.sample_line(point))
        if self.has_held:
            lines.append(ReadoutLine(OWN_VALUES if point is not None else HELD))
        return lines

    def _answers(self, raw: tuple[float, ...]) -> list[ReadoutLine]:
        subject, prepared, network = self.subject, self.prepared, self.session.network
        if subject is None or prepared is None:
            return []
        if any(i not in network.topology for i in subject.neurons):
            return []
        every = self.responder.activations(network, prepared, [raw])
        if every is None:
            return []
        values = every[network.topology.rows(subject.neurons), 0]
        if subject.classes is not None:
            best = int(np.nan_to_num(values, nan=-np.inf).argmax())
            colour = point_colour(self.theme.palette, prepared, subject.class_places[best])
            text = plain_number(float(values[best]), 4)
            return [ReadoutLine(f"class {subject.classes[best]}", text, dot=colour)]
        value = float(values[0])
        if subject.is_target:
            value = float(prepared.restore_target([[value]])[0, 0])
        name = pretty_label(network.label_of(subject.neurons[0])) or "value"
        return [ReadoutLine(name, plain_number(value, 4))]

    # ------------------------------------------------------------------ painting and events
    def paint_ground(self, painter: QPainter) -> None:
        picture = self._background.pixmap(self.size(), self.devicePixelRatioF())
        painter.drawPixmap(0, 0, picture)
        if self._marked.size and self.prepared is not None:
            self._paint_marks(painter, self.prepared.raw[self._marked][:, list(self.columns)])

    def mark(self, rows: npt.NDArray[np.int64]) -> None:
        """Ring the samples in some rows of the data, for example those of the next batch."""
        if not np.array_equal(rows, self._marked):
            self._marked = rows
            self.update()

    def _paint_marks(self, painter: QPainter, places: npt.NDArray[np.float64]) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        count = 0 if self._points is None else len(self._points.rows)
        radius = point_radius(self.frame, count) + 2.5
        points = [self.frame.to_pixel(x, y) for x, y in places.tolist()]
        for colour, width in ((self.theme.palette.panel, 3.5), (self.theme.palette.text, 1.5)):
            painter.setPen(QPen(QColor(colour), width))
            for point in points:
                painter.drawEllipse(point, radius, radius)

    def paint_probe(self, painter: QPainter, is_held: bool) -> None:
        place = self.probe_place()
        if place is not None:
            palette = self.theme.palette
            count = 0 if self._points is None else len(self._points.rows)
            inside = point_radius(self.frame, count)
            paint_crosshair_ring(painter, palette.text, palette.panel, place, inside, is_held)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._wanted = None
        self.take_data()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._wanted = None
        self.session.watch(self._key, None)


def paint_crosshair_ring(
    painter: QPainter, colour: str, rim: str, place: QPointF, inside: float, is_held: bool = False
) -> None:
    """A ring with four ticks: unlike any sample, and visible on every colour.

    A point of radius ``inside`` that is probed stays in sight within the ring.
    """
    radius = max(6.5, inside + 3.5) + (1.0 if is_held else 0.0)
    ticks = []
    for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        direction = QPointF(dx, dy)
        ticks.append((place + direction * radius, place + direction * (radius + 4.5)))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen in (QPen(QColor(rim), 4.5), QPen(QColor(colour), 2.0)):
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawEllipse(place, radius, radius)
        for start, end in ticks:
            painter.drawLine(start, end)
