"""For data of many columns: answers against the truth, as a table of classes or as a cloud."""

from __future__ import annotations

from typing import Final

import numpy as np
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QWidget

from nnplay.gui.panels.refresh import Refresher
from nnplay.gui.panels.words import count, plain_number
from nnplay.gui.plots.answer_table import AnswerTable, Cell
from nnplay.gui.plots.answers import Answers, answers_of
from nnplay.gui.plots.painting import gate_closed
from nnplay.gui.plots.plane import PlaneFrame, fitted_frame, paint_axes
from nnplay.gui.plots.readout import ReadoutLine, paint_readout
from nnplay.gui.plots.responses import Responder
from nnplay.gui.theme import Theme
from nnplay.session.session import Session

__all__ = ["AnswersView"]

INTERVAL: Final = 120
REACH: Final = 10.0
LEFT: Final = 44.0
BOTTOM: Final = 22.0


class AnswersView(QWidget):
    """Shows every sample of a part by what is true of it and what the network says.

    A click (or Return) puts the probe on a sample: of a table's cell on the next one each time.

    Signals:
        subject_changed(title): how many answers are right, or how far they are off.
    """

    subject_changed = Signal(str)

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._theme = session, theme
        self._responder = Responder()
        self._answers: Answers | None = None
        self._wants_test = True
        self._title = ""
        self._painted_row: int | None = None
        self._pointer: QPointF | None = None
        self._cursor: Cell = (0, 0)
        self.table = AnswerTable(theme)
        self._frame = PlaneFrame(QRectF(0, 0, 1, 1), (0.0, 1.0, 0.0, 1.0))
        self.setMouseTracking(True)
        # It fills itself, so that the card below need not be painted.
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Answers against the truth")
        self._refresher = Refresher(self, self.refresh, INTERVAL)
        for signal in (
            session.probe_changed,
            session.network_changed,
            session.data_changed,
            session.document_replaced,
            session.setup_changed,
        ):
            signal.connect(self._refresher.request)
        theme.changed.connect(self.update)
        self._refresher.request()

    # ------------------------------------------------------------------ content
    @property
    def answers(self) -> Answers | None:
        """What is shown."""
        return self._answers

    @property
    def frame(self) -> PlaneFrame:
        """Where the cloud lies in the widget."""
        return self._frame

    def set_test(self, on: bool) -> None:
        """Show the test part, or else the training part."""
        self._wants_test = on
        self.refresh()

    def refresh(self) -> None:
        """Ask the network again; paints only what is news."""
        session, prepared = self._session, self._session.prepared
        before, self._answers = self._answers, None
        if prepared is not None and not session.data_problem:
            wants_test = self._wants_test and len(prepared.test_rows) > 0
            self._answers = answers_of(
                session.network, prepared, self._responder, session.training.loss, test=wants_test
            )
            if self._answers is not None and prepared.classes is not None:
                counts = self._answers.table(len(prepared.classes))
                self.table.set_content(prepared.classes, counts)
        title = self._summary()
        if title != self._title:
            self._title = title
            self.setAccessibleDescription(title)
            self.subject_changed.emit(title)
        probed = session.probe.row
        if probed != self._painted_row or not _same(before, self._answers):
            self._painted_row = probed
            self.update()

    @property
    def title(self) -> str:
        """The answers in one line."""
        return self._title

    @property
    def short_title(self) -> str:
        """The same where there is little room: "43/45"."""
        return self._title.replace(" of ", "/").replace(" right", "").replace(" on average", "")

    def _summary(self) -> str:
        answers = self._answers
        if answers is None:
            return ""
        asked = len(answers.rows)
        if self._is_table():
            right = int((answers.given == answers.wanted).sum())
            return f"{right:,} of {asked:,} right"
        off = np.abs(answers.given - answers.wanted)
        off = off[np.isfinite(off)]
        return f"off by {plain_number(float(off.mean()), 3)} on average" if off.size else ""

    def _is_table(self) -> bool:
        prepared = self._session.prepared
        return prepared is not None and prepared.classes is not None

    # ------------------------------------------------------------------ places
    def _place(self) -> None:
        room = QRectF(self.rect()).adjusted(4, 2, -6, -4)
        if self._is_table():
            self.table.place(room)
            return
        answers = self._answers
        if answers is None:
            return
        values = np.concatenate([answers.wanted, answers.given])
        values = values[np.isfinite(values)]
        # Answers that are far off before training must not press all others together.
        low, high = float(answers.wanted.min()), float(answers.wanted.max())
        span = (high - low) or 1.0
        low = max(float(values.min()), low - 0.5 * span) - 0.04 * span
        high = min(float(values.max()), high + 0.5 * span) + 0.04 * span
        area = room.adjusted(LEFT, 4, 0, -BOTTOM + 4)
        self._frame = fitted_frame(area, (low, high, low, high))

    def _places(self) -> np.ndarray:
        assert self._answers is not None  # noqa: S101
        low, high = self._frame.domain[:2]
        points = np.stack([self._answers.wanted, self._answers.given], axis=1)
        points = np.nan_to_num(points.astype(np.float64), nan=low)
        return self._frame.pixels(np.clip(points, low, high))

    def place_of(self, index: int) -> QPointF:
        """Where the sample of that number in :attr:`answers` stands in the cloud."""
        self._place()
        return QPointF(*self._places()[index].tolist())

    def _sample_at(self, place: QPointF) -> int | None:
        if self._answers is None or not len(self._answers.rows):
            return None
        offsets = self._places() - (place.x(), place.y())
        distances = np.hypot(offsets[:, 0], offsets[:, 1])
        index = int(distances.argmin())
        return index if distances[index] <= REACH else None

    # ------------------------------------------------------------------ reading
    @property
    def readout(self) -> tuple[ReadoutLine, ...]:
        """What the box under the pointer says."""
        answers, prepared = self._answers, self._session.prepared
        if self._pointer is None or answers is None or prepared is None:
            return ()
        if prepared.classes is not None:
            cell = self.table.cell_at(self._pointer)
            return () if cell is None else self._read_cell(cell, prepared.classes)
        index = self._sample_at(self._pointer)
        if index is None:
            return ()
        return (
            ReadoutLine("row", f"{int(answers.rows[index]) + 1:,}"),
            ReadoutLine("target", plain_number(float(answers.wanted[index]), 4)),
            ReadoutLine("answer", plain_number(float(answers.given[index]), 4)),
        )

    def _read_cell(self, cell: Cell, classes: tuple[str, ...]) -> tuple[ReadoutLine, ...]:
        number = int(self.table.counts[cell])
        total = int(self.table.counts[cell[0]].sum())
        lines = (
            ReadoutLine("true", classes[cell[0]]),
            ReadoutLine("answer", classes[cell[1]]),
            ReadoutLine("samples", f"{number:,} of {total:,}"),
        )
        return (*lines, ReadoutLine("Click to probe one of them")) if number else lines

    # ------------------------------------------------------------------ painting
    def paintEvent(self, event: QPaintEvent) -> None:
        with gate_closed(self._session.paint_gate):
            painter = QPainter(self)
            painter.fillRect(self.rect(), QColor(self._theme.palette.panel))
            self._place()
            if self._answers is not None:
                if self._is_table():
                    self._paint_table(painter)
                else:
                    self._paint_cloud(painter)
            lines = self.readout
            if lines and self._pointer is not None:
                bounds = QRectF(self.rect()).adjusted(2, 2, -2, -2)
                paint_readout(painter, self._theme, lines, self._pointer, bounds)
            painter.end()

    def _probed(self) -> int | None:
        """Number of the probed sample among those shown."""
        row = self._session.probe.row
        if row is None or self._answers is None:
            return None
        found = np.flatnonzero(self._answers.rows == row)
        return int(found[0]) if found.size else None

    def _paint_table(self, painter: QPainter) -> None:
        assert self._answers is not None  # noqa: S101
        probed, marked = self._probed(), None
        if probed is not None:
            marked = (int(self._answers.wanted[probed]), int(self._answers.given[probed]))
        pointed = self._cursor if self.hasFocus() else None
        if self._pointer is not None:
            pointed = self.table.cell_at(self._pointer)
        self.table.paint(painter, marked, pointed)

    def _paint_cloud(self, painter: QPainter) -> None:
        palette, frame = self._theme.palette, self._frame
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(palette.accent if self.hasFocus() else palette.border), 1.0))
        painter.setBrush(QColor(palette.card))
        painter.drawRoundedRect(frame.rect, 5, 5)
        paint_axes(painter, self._theme, frame, ("target", "answer"), LEFT - 4)
        painter.setPen(QPen(QColor(palette.tertiary), 1.0, Qt.PenStyle.DashLine))
        painter.drawLine(QLineF(frame.rect.bottomLeft(), frame.rect.topRight()))
        dot = QColor(palette.text)
        dot.setAlphaF(0.55)
        pen = QPen(dot, 4.0 if len(self._places()) < 500 else 3.0)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        places = self._places()
        painter.drawPoints(QPolygonF([QPointF(x, y) for x, y in places.tolist()]))
        probed = self._probed()
        if probed is not None:
            painter.setPen(QPen(QColor(palette.accent), 2.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QPointF(*places[probed].tolist()), 6.0, 6.0)

    def sizeHint(self) -> QSize:
        return QSize(300, 240)

    # ------------------------------------------------------------------ events
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer = event.position()
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._pointer = None
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._answers is None:
            return
        if self._is_table():
            cell = self.table.cell_at(event.position())
            if cell is not None:
                self._cursor = cell
                self._probe_next(cell)
        elif (index := self._sample_at(event.position())) is not None:
            self._session.probe_row(int(self._answers.rows[index]))

    def _probe_next(self, cell: Cell) -> None:
        """Probe the sample of a cell after the one probed now, and after the last the first."""
        answers = self._answers
        if answers is None:
            return
        rows = answers.rows[(answers.wanted == cell[0]) & (answers.given == cell[1])]
        if rows.size:
            now = self._session.probe.row
            later = rows[rows > (-1 if now is None else now)]
            self._session.probe_row(int(later[0] if later.size else rows[0]))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        step = {
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
        }.get(key)
        if self._answers is None:
            super().keyPressEvent(event)
        elif self._is_table() and step is not None:
            last = len(self.table.counts) - 1
            row, column = (self._cursor[i] + step[i] for i in range(2))
            self._cursor = (min(max(row, 0), last), min(max(column, 0), last))
            self._say_cell()
            self.update()
        elif self._is_table() and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._probe_next(self._cursor)
        elif not self._is_table() and step is not None:
            self._step_sample(step[1] - step[0])
        else:
            super().keyPressEvent(event)

    def _say_cell(self) -> None:
        prepared = self._session.prepared
        if prepared is not None and prepared.classes is not None:
            number = count(int(self.table.counts[self._cursor]), "sample")
            true, answer = (prepared.classes[i] for i in self._cursor)
            self.setAccessibleDescription(f"{true} taken for {answer}: {number}")

    def _step_sample(self, direction: int) -> None:
        """Probe the sample with the next larger or smaller target."""
        assert self._answers is not None  # noqa: S101
        order = np.argsort(self._answers.wanted, kind="stable")
        probed = self._probed()
        place = 0 if probed is None else int(np.flatnonzero(order == probed)[0]) + direction
        place = min(max(place, 0), len(order) - 1)
        self._session.probe_row(int(self._answers.rows[order[place]]))

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()


def _same(before: Answers | None, after: Answers | None) -> bool:
    """Whether two sets of answers look the same."""
    if before is None or after is None:
        return before is after
    return np.array_equal(before.rows, after.rows) and np.array_equal(before.given, after.given)
