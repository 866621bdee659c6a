"""Activations of the probed sample as bars: orange to the left of zero, blue to the right."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QToolTip, QWidget

from nnplay.core.topology import Kind
from nnplay.gui.panels.words import aligned_number, neuron_label, neuron_place
from nnplay.gui.plots.activation_choice import MOST_ROWS, choice_sentence, chosen_rows
from nnplay.gui.plots.activation_lines import LINE, Line, captioned_groups, flow
from nnplay.gui.plots.activation_painting import (
    NARROWEST_BAR,
    paint_bar,
    paint_groove,
    paint_sentence,
)
from nnplay.gui.plots.painting import gate_closed
from nnplay.gui.plots.scales import round_up
from nnplay.gui.theme import Theme
from nnplay.session.session import Session

__all__ = ["ActivationBars"]

FloatArray = npt.NDArray[np.float64]

COLUMN: Final = 146.0
GUTTER: Final = 18.0
VALUE_CHARACTERS: Final = 7


class ActivationBars(QAbstractScrollArea):
    """One bar and number per neuron, grouped by layer, in as many columns as there is room for.

    Pointing at a bar points at the neuron everywhere, a click selects it, arrow keys move on.
    """

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._theme = theme
        self._rows = np.empty(0, dtype=np.int64)
        # The rows are rows of this one; a newer network is shown from the next choice on.
        self._topology = session.network.topology
        self._lines: list[Line] = []
        # Row, line and track of every neuron shown, in content coordinates.
        self._bars: list[tuple[int, QRectF, QRectF]] = []
        self._widest_name = self._value_width = 0.0
        self._ground_picture: QPixmap | None = None
        self._ground_key: tuple[object, ...] = ()
        self._columns = 1
        self._sentence = ""
        # Raw inputs may be many times larger than activations: each has its own scale.
        self._limits = {"inputs": 1.0, "neurons": 1.0}
        self.setFrameShape(self.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        # It fills itself, so that the card below is not painted with every number.
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Activations of the probed sample")
        theme.changed.connect(self.viewport().update)

    # ------------------------------------------------------------------ content
    @property
    def shown_ids(self) -> list[int]:
        """Ids of the neurons shown, in order."""
        return [int(i) for i in self._topology.ids[self._rows]]

    @property
    def sentence(self) -> str:
        """What is left out, in words; empty if nothing is."""
        return self._sentence

    def limit_of(self, neuron_id: int) -> float:
        """The value at the end of a full bar; inputs have a scale of their own."""
        is_input = self._topology.kind_of(neuron_id) == Kind.INPUT
        return self._limits["inputs" if is_input else "neurons"]

    def choose(self) -> None:
        """Decide again which neurons are shown: after a change of neurons or selection."""
        session = self._session
        network, trail = session.network, session.activation_trail
        self._topology = network.topology
        self._rows = chosen_rows(
            network,
            session.selection.neurons,
            trail.values,
            session.probe.activations,
            MOST_ROWS,
        )
        self._sentence = choice_sentence(
            len(self._rows), network.topology.neuron_count, len(trail) > 1
        )
        self._arrange()
        self.refresh()

    def refresh(self) -> None:
        """Other values of the same neurons."""
        values, rows = self._session.probe.activations, self._rows
        if self._session.network.topology is not self._topology or len(values) <= rows.max(
            initial=-1
        ):
            return
        is_input = self._topology.kinds[rows] == Kind.INPUT
        for name, chosen in (("inputs", rows[is_input]), ("neurons", rows[~is_input])):
            sizes = np.abs(values[chosen])
            sizes = sizes[np.isfinite(sizes)]
            needed = max(1.0, round_up(float(sizes.max()))) if sizes.size else 1.0
            # Grows at once and shrinks late, so that bars do not jump to and fro.
            if needed > self._limits[name] or needed < 0.4 * self._limits[name]:
                self._limits[name] = needed
        self.viewport().update()

    def _arrange(self) -> None:
        """Place captions and neurons in columns of about the same height."""
        width = self.viewport().width()
        room = self._room()
        network = self._session.network
        if network.topology is not self._topology:
            return
        groups = captioned_groups(network, self._rows)
        total = sum(len(rows) + 1 for _, rows in groups)
        fitting = max(1, int((width + GUTTER) / (COLUMN + GUTTER)))
        per_column = max(2, int(room / LINE))
        # No more columns than needed: wide bars are easier to compare.
        self._columns = max(1, min(fitting, -(-total // per_column)))
        self._lines = flow(groups, self._columns, per_column)
        tallest = max((line.y for line in self._lines), default=0.0) + LINE
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, round(tallest - room)))
        bar.setPageStep(round(room))
        bar.setSingleStep(round(LINE))
        names, numbers = (
            QFontMetricsF(font) for font in (self._theme.ui_font(12), self._theme.mono_font(12))
        )
        labels = [neuron_label(network, int(network.topology.ids[row])) for row in self._rows]
        self._widest_name = max((names.horizontalAdvance(text) for text in labels), default=0.0)
        self._value_width = numbers.horizontalAdvance("0") * VALUE_CHARACTERS + 2.0
        self._bars = []
        for line in self._lines:
            if line.row >= 0:
                area = self._line_rect(line).translated(0.0, bar.value())
                self._bars.append((line.row, area, self._track(area)))

    def _room(self) -> float:
        """Height for the lines, without the sentence below."""
        return max(LINE, self.viewport().height() - (LINE if self._sentence else 0.0))

    def _line_rect(self, line: Line) -> QRectF:
        step = (self.viewport().width() + GUTTER) / self._columns
        return QRectF(
            line.column * step, line.y - self.verticalScrollBar().value(), step - GUTTER, LINE
        )

    def bar_rect(self, neuron_id: int) -> QRectF:
        """Where a neuron's line stands in the viewport; empty if it is not shown."""
        if neuron_id not in self._topology:
            return QRectF()
        row = self._topology.row(neuron_id)
        for line in self._lines:
            if line.row == row:
                return self._line_rect(line)
        return QRectF()

    def _neuron_at(self, place: QPointF) -> int | None:
        ids = self._topology.ids
        for line in self._lines:
            if line.row >= 0 and self._line_rect(line).contains(place):
                return int(ids[line.row])
        return None

    # ------------------------------------------------------------------ painting
    def paintEvent(self, event: QPaintEvent) -> None:
        with gate_closed(self._session.paint_gate):
            painter = QPainter(self.viewport())
            self._paint(painter)
            painter.end()

    def _paint(self, painter: QPainter) -> None:
        session = self._session
        network, values = session.network, session.probe.activations
        if network.topology is not self._topology or len(values) != len(self._topology.ids):
            painter.fillRect(self.viewport().rect(), QColor(self._theme.palette.panel))
            return
        painter.drawPixmap(0, 0, self._ground())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        scroll, height = self.verticalScrollBar().value(), self.viewport().height()
        painter.save()
        painter.setClipRect(0, 0, self.viewport().width(), round(self._room()))
        painter.translate(0.0, -scroll)
        self._paint_values(painter, values, QRectF(0, scroll, 1, height))
        painter.restore()
        if self._sentence:
            area = QRectF(0, self.viewport().height() - LINE, self.viewport().width(), LINE)
            paint_sentence(painter, self._theme, area, self._sentence)
        if self.hasFocus():
            painter.setPen(QPen(QColor(self._theme.palette.accent), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(
                QRectF(self.viewport().rect()).adjusted(0.8, 0.8, -0.8, -0.8), 5, 5
            )

    def _ground(self) -> QPixmap:
        """Everything but bars and numbers; painted again only when it looks different."""
        session, ratio = self._session, self.devicePixelRatioF()
        key = (
            self._theme.palette,
            session.hovered,
            session.selection,
            session.network.labels,
            self.verticalScrollBar().value(),
            self.viewport().size(),
            ratio,
            self._lines,
        )
        same = len(key) == len(self._ground_key) and all(
            a is b or a == b for a, b in zip(key, self._ground_key, strict=True)
        )
        if not same or self._ground_picture is None:
            self._ground_key = key
            self._ground_picture = QPixmap(self.viewport().size() * ratio)
            self._ground_picture.setDevicePixelRatio(ratio)
            self._ground_picture.fill(QColor(self._theme.palette.panel))
            painter = QPainter(self._ground_picture)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for line in self._lines:
                area = self._line_rect(line)
                if area.bottom() >= 0 and area.top() <= self.viewport().height():
                    self._paint_line(painter, line, area)
            painter.end()
        return self._ground_picture

    def _paint_line(self, painter: QPainter, line: Line, area: QRectF) -> None:
        """A caption, or the name and the groove of a neuron."""
        palette, network = self._theme.palette, self._session.network
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        if line.row < 0:
            caption = self._theme.caption_font()
            painter.setFont(caption)
            painter.setPen(QColor(palette.tertiary_text))
            text = QFontMetricsF(caption).elidedText(
                line.caption, Qt.TextElideMode.ElideRight, area.width()
            )
            painter.drawText(area, flags, text)
            return
        neuron_id = int(network.topology.ids[line.row])
        is_selected = neuron_id in self._session.selection.neurons
        painter.setPen(Qt.PenStyle.NoPen)
        if is_selected or neuron_id == self._session.hovered:
            painter.setBrush(QColor(palette.accent_soft if is_selected else palette.hover))
            painter.drawRoundedRect(area.adjusted(-4, 0, 4, 0), 5, 5)
        names = self._theme.ui_font(12)
        track = self._track(area)
        painter.setFont(names)
        painter.setPen(QColor(palette.text if is_selected else palette.secondary))
        label = QFontMetricsF(names).elidedText(
            neuron_label(network, neuron_id),
            Qt.TextElideMode.ElideMiddle,
            track.left() - area.left() - 6.0,
        )
        painter.drawText(area, flags, label)
        if track.width() >= NARROWEST_BAR:
            paint_groove(painter, palette, track)

    def _track(self, area: QRectF) -> QRectF:
        """Where the bar of a line may be."""
        name_width = min(self._widest_name + 8.0, 0.36 * area.width())
        return area.adjusted(name_width, 0, -self._value_width - 6.0, 0)

    def _paint_values(self, painter: QPainter, values: FloatArray, seen: QRectF) -> None:
        palette = self._theme.palette
        positive, negative = QColor(palette.positive_text), QColor(palette.negative_text)
        neutral = QColor(palette.secondary)
        kinds = self._session.network.topology.kinds
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.setFont(self._theme.mono_font(12))
        for row, area, track in self._bars:
            if area.bottom() < seen.top() or area.top() > seen.bottom() or row >= len(values):
                continue
            value = float(values[row])
            if track.width() >= NARROWEST_BAR:
                limit = self._limits["inputs" if kinds[row] == Kind.INPUT else "neurons"]
                paint_bar(painter, palette, track, value, limit)
            painter.setPen(positive if value > 0 else negative if value < 0 else neutral)
            painter.drawText(area, flags, aligned_number(value))

    # ------------------------------------------------------------------ events
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        neuron = self._neuron_at(event.position())
        self._session.hover(neuron)
        self.viewport().setCursor(
            Qt.CursorShape.ArrowCursor if neuron is None else Qt.CursorShape.PointingHandCursor
        )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        neuron = self._neuron_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and neuron is not None:
            self._session.select((neuron,))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._session.hover(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        direction = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        ids = self.shown_ids
        if direction is None or not ids:
            super().keyPressEvent(event)
            return
        chosen = [i for i in ids if i in self._session.selection.neurons]
        index = ids.index(chosen[0]) + direction if chosen else (0 if direction > 0 else -1)
        neuron = ids[max(0, min(index, len(ids) - 1)) if chosen else index]
        self._session.select((neuron,))
        area = self.bar_rect(neuron)
        bar = self.verticalScrollBar()
        if area.top() < 0:
            bar.setValue(bar.value() + round(area.top()))
        elif area.bottom() > self.viewport().height() - LINE:
            bar.setValue(bar.value() + round(area.bottom() - self.viewport().height() + LINE))

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            neuron = self._neuron_at(QPointF(event.pos()))
            if neuron is None:
                QToolTip.hideText()
            else:
                self._show_tip(event.globalPos(), neuron)
            return True
        return super().viewportEvent(event)

    def _show_tip(self, place: QPoint, neuron: int) -> None:
        session = self._session
        network, row = session.network, session.network.topology.row(neuron)
        text = neuron_place(network, neuron)
        if network.topology.kind_of(neuron) != Kind.INPUT:
            z = float(session.probe.pre_activations[row])
            a = float(session.probe.activations[row])
            text += (
                f"\nz = {aligned_number(z).strip()}"
                f"\na = {network.activations[row]}(z) = {aligned_number(a).strip()}"
            )
        QToolTip.showText(place, text, self)
