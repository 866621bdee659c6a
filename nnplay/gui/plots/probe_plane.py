"""A plot with a probe in it: hover reads, drag moves the probe, a click takes a sample."""

from __future__ import annotations

from typing import Final

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QWidget

from nnplay.data.preparation import PreparedData
from nnplay.gui.panels.words import plain_number
from nnplay.gui.plots.map_points import point_colour
from nnplay.gui.plots.painting import gate_closed
from nnplay.gui.plots.plane import PlaneFrame
from nnplay.gui.plots.readout import ReadoutLine, paint_readout
from nnplay.gui.plots.responses import Responder
from nnplay.gui.theme import Theme
from nnplay.session.session import Session

__all__ = ["ProbePlane"]

GRAB: Final = 12.0
SNAP: Final = 7.0
DRAG_START: Final = 4.0
SMALL_STEP: Final = 0.01
LARGE_STEP: Final = 0.05


class ProbePlane(QWidget):
    """What the map and the curve share. Subclasses say where things are and paint the ground."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.theme = theme
        self.responder = Responder()
        self._pointer: QPointF | None = None
        self._readout: tuple[ReadoutLine, ...] = ()
        self._painted_raw: tuple[float, ...] | None = None
        # While the mouse is down: where it holds the probe, relative to the probe's middle.
        self._grip: QPointF | None = None
        self._pressed_at: QPointF | None = None
        self.setMouseTracking(True)
        # It fills itself, so that the card below is not painted fifteen times a second.
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(150, 100)
        session.probe_changed.connect(self._probe_changed)

    # ------------------------------------------------------------------ what subclasses answer
    @property
    def columns(self) -> tuple[int, ...]:
        """Raw columns along x and, if there is one, y."""
        raise AssertionError("a plane without columns")

    @property
    def frame(self) -> PlaneFrame:
        """Where the plot lies in the widget."""
        raise AssertionError("a plane without a frame")

    def paint_ground(self, painter: QPainter) -> None:
        """Everything below the probe."""
        raise AssertionError("a plane without a ground")

    def paint_probe(self, painter: QPainter, is_held: bool) -> None:
        """The probe itself."""
        raise AssertionError("a plane without a probe")

    def probe_place(self) -> QPointF | None:
        """Where the probe is, None if it cannot be shown."""
        raise AssertionError("a plane without a probe")

    def raw_at(self, place: QPointF) -> tuple[float, ...]:
        """Raw values of a place, kept inside the domain."""
        raise AssertionError("a plane without values")

    def point_under(self, place: QPointF) -> int | None:
        """Row of the data of the point at a place."""
        raise AssertionError("a plane without points")

    def lines_at(self, place: QPointF, point: int | None) -> list[ReadoutLine]:
        """What to read at a place or of a point."""
        raise AssertionError("a plane without numbers")

    # ------------------------------------------------------------------ reading
    @property
    def readout(self) -> tuple[ReadoutLine, ...]:
        """What the box under the pointer says, empty without a pointer."""
        return self._readout

    @property
    def is_dragging(self) -> bool:
        """Whether the mouse holds the probe."""
        return self._grip is not None

    def read_again(self) -> None:
        """Renew the numbers under the pointer."""
        if self._pointer is None or self.prepared is None:
            self._readout = ()
        else:
            point = self.point_under(self._pointer)
            self._readout = tuple(self.lines_at(self._pointer, point))

    @property
    def prepared(self) -> PreparedData | None:
        """The data, None if they cannot be had."""
        return self.session.prepared

    def sample_line(self, row: int) -> ReadoutLine:
        """Part and target of a sample."""
        prepared = self.prepared
        assert prepared is not None  # noqa: S101 - only asked about points of the data
        part = "test" if row in prepared.test_rows else "train"
        if prepared.classes is not None and prepared.class_index is not None:
            index = int(prepared.class_index[row])
            colour = point_colour(self.theme.palette, prepared, index)
            return ReadoutLine(f"{part} point", prepared.classes[index], dot=colour)
        value = 0.0
        if prepared.values is not None:
            value = float(prepared.restore_target(prepared.values[row : row + 1])[0, 0])
        return ReadoutLine(f"{part} point", plain_number(value, 4))

    def _probe_changed(self) -> None:
        if self._pointer is not None:
            self.read_again()
        elif self.session.probe.raw == self._painted_raw:
            return  # other activations of a probe that has stayed are not seen here
        self.update()

    def _move_probe(self, place: QPointF) -> None:
        self.session.set_probe(self.raw_at(place))
        self._describe()

    def _describe(self) -> None:
        """Say where the probe is, for those who do not see it."""
        probe, prepared, network = self.session.probe, self.prepared, self.session.network
        if prepared is None or len(probe.raw) != len(prepared.raw_names):
            return
        place = ", ".join(
            f"{prepared.raw_names[i]} {plain_number(probe.raw[i], 3)}" for i in self.columns
        )
        outputs = ", ".join(
            f"{network.label_of(i)} {probe.activations[network.topology.row(i)]:.3f}"
            for i in network.topology.output_ids
        )
        self.setAccessibleDescription(f"Probe at {place}: {outputs}")

    # ------------------------------------------------------------------ painting
    def paintEvent(self, event: QPaintEvent) -> None:
        with gate_closed(self.session.paint_gate):
            self._painted_raw = self.session.probe.raw
            painter = QPainter(self)
            painter.fillRect(self.rect(), QColor(self.theme.palette.panel))
            self.paint_ground(painter)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if self.hasFocus():
                painter.setPen(QPen(QColor(self.theme.palette.accent), 2.0))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(self.frame.rect.adjusted(-2, -2, 2, 2), 7, 7)
            if self.probe_place() is not None:
                painter.save()
                painter.setClipRect(self.frame.rect.adjusted(-12, -12, 12, 12))
                self.paint_probe(painter, self._grip is not None)
                painter.restore()
            if self._pointer is not None and self._readout:
                bounds = QRectF(self.rect()).adjusted(2, 2, -2, -2)
                paint_readout(painter, self.theme, self._readout, self._pointer, bounds)
            painter.end()

    def sizeHint(self) -> QSize:
        return QSize(300, 240)

    # ------------------------------------------------------------------ events
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self.prepared is None:
            return
        place = event.position()
        probe = self.probe_place()
        if self._is_on_probe(place) and probe is not None:
            self._grip = place - probe
        elif not self.frame.rect.adjusted(-3, -3, 3, 3).contains(place):
            return
        else:
            self._grip = QPointF(0.0, 0.0)
            point = self.point_under(place)
            if point is None:
                self._move_probe(place)
            else:
                # A click takes the sample itself; the probe leaves it only when really dragged.
                self._pressed_at = place
                self.session.probe_row(point)
                self._describe()
        # The probe is read by all other views; a box over it would only be in the way.
        self._pointer, self._readout = None, ()
        self._show_cursor(place)
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = event.position()
        if self._grip is not None:
            if self._pressed_at is not None:
                if (place - self._pressed_at).manhattanLength() < DRAG_START:
                    return
                self._pressed_at = None
            self._move_probe(place - self._grip)
        else:
            inside = self.frame.rect.adjusted(-1, -1, 1, 1).contains(place)
            self._pointer = place if inside else None
            self.read_again()
        self._show_cursor(place)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._grip = self._pressed_at = None
            self._show_cursor(event.position())
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._pointer, self._readout = None, ()
        self.update()

    def _is_on_probe(self, place: QPointF) -> bool:
        probe = self.probe_place()
        return probe is not None and float(np.hypot(*(place - probe).toTuple())) <= GRAB

    def _show_cursor(self, place: QPointF) -> None:
        if self._grip is not None:
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif self._is_on_probe(place):
            self.setCursor(Qt.CursorShape.OpenHandCursor)
        elif self.frame.rect.contains(place):
            self.setCursor(Qt.CursorShape.CrossCursor)
        else:
            self.unsetCursor()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {
            Qt.Key.Key_Left: (-1.0, 0.0),
            Qt.Key.Key_Right: (1.0, 0.0),
            Qt.Key.Key_Up: (0.0, 1.0),
            Qt.Key.Key_Down: (0.0, -1.0),
        }.get(Qt.Key(event.key()))
        raw, prepared = self.session.probe.raw, self.prepared
        if step is None or prepared is None or len(raw) != len(prepared.domain):
            super().keyPressEvent(event)
            return
        far = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        share = LARGE_STEP if far else SMALL_STEP
        moved = list(raw)
        # Zip drops the second direction where there is one column only.
        for column, way in zip(self.columns, step, strict=False):
            low, high = prepared.domain[column]
            moved[column] = min(max(raw[column] + way * share * (high - low), low), high)
        self.session.set_probe(moved)
        self._describe()
        event.accept()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()
