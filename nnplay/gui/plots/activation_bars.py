"""Activations of the probed sample as bars: orange to the left of zero, blue to the right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QToolTip, QWidget

from nnplay.core.network import Network
from nnplay.core.topology import Kind
from nnplay.gui.panels.words import aligned_number, layer_name, neuron_label, neuron_place
from nnplay.gui.plots.activation_choice import MOST_ROWS, choice_sentence, chosen_rows
from nnplay.gui.plots.painting import gate_closed
from nnplay.gui.plots.scales import round_up
from nnplay.gui.theme import Theme
from nnplay.picture.palette import signed_colour
from nnplay.session.session import Session

__all__ = ["ActivationBars"]

LINE: Final = 20.0
COLUMN: Final = 146.0
GUTTER: Final = 18.0
VALUE_CHARACTERS: Final = 7


@dataclass(frozen=True)
class _Line:
    """One line of the list: the caption of a group, or a neuron (by row)."""

    column: int
    y: float
    row: int = -1
    caption: str = ""


class ActivationBars(QAbstractScrollArea):
    """One bar and number per neuron, grouped by layer, in as many columns as there is room for.

    Pointing at a bar points at the neuron everywhere, a click selects it, arrow keys move on.
    """

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._theme = theme
        self._rows = np.empty(0, dtype=np.int64)
        self._lines: list[_Line] = []
        self._columns = 1
        self._sentence = ""
        # Raw inputs may be many times larger than activations: each has its own scale.
        self._limits = {"inputs": 1.0, "neurons": 1.0}
        self.setFrameShape(self.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)
        self.setAccessibleName("Activations of the probed sample")
        theme.changed.connect(self.viewport().update)

    # ------------------------------------------------------------------ content
    @property
    def shown_ids(self) -> list[int]:
        """Ids of the neurons shown, in order."""
        return [int(i) for i in self._session.network.topology.ids[self._rows]]

    @property
    def sentence(self) -> str:
        """What is left out, in words; empty if nothing is."""
        return self._sentence

    def limit_of(self, neuron_id: int) -> float:
        """The value at the end of a full bar; inputs have a scale of their own."""
        is_input = self._session.network.topology.kind_of(neuron_id) == Kind.INPUT
        return self._limits["inputs" if is_input else "neurons"]

    def choose(self) -> None:
        """Decide again which neurons are shown: after a change of neurons or selection."""
        session = self._session
        network, trail = session.network, session.activation_trail
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
        values = self._session.probe.activations
        rows = self._rows[self._rows < len(values)]
        is_input = self._session.network.topology.kinds[rows] == Kind.INPUT
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
        room = max(LINE, self.viewport().height() - (LINE if self._sentence else 0.0))
        groups = _groups(self._session.network, self._rows)
        total = sum(len(rows) + 1 for _, rows in groups)
        fitting = max(1, int((width + GUTTER) / (COLUMN + GUTTER)))
        per_column = max(2, int(room / LINE))
        # No more columns than needed: wide bars are easier to compare.
        self._columns = max(1, min(fitting, -(-total // per_column)))
        self._lines = _flow(groups, self._columns, per_column, total)
        tallest = max((line.y for line in self._lines), default=0.0) + LINE
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, round(tallest - room)))
        bar.setPageStep(round(room))
        bar.setSingleStep(round(LINE))

    def _line_rect(self, line: _Line) -> QRectF:
        step = (self.viewport().width() + GUTTER) / self._columns
        return QRectF(
            line.column * step, line.y - self.verticalScrollBar().value(), step - GUTTER, LINE
        )

    def bar_rect(self, neuron_id: int) -> QRectF:
        """Where a neuron's line stands in the viewport; empty if it is not shown."""
        row = self._session.network.topology.row(neuron_id)
        for line in self._lines:
            if line.row == row:
                return self._line_rect(line)
        return QRectF()

    def _neuron_at(self, place: QPointF) -> int | None:
        ids = self._session.network.topology.ids
        for line in self._lines:
            if 0 <= line.row < len(ids) and self._line_rect(line).contains(place):
                return int(ids[line.row])
        return None

    # ------------------------------------------------------------------ painting
    def paintEvent(self, event: QPaintEvent) -> None:
        with gate_closed(self._session.paint_gate):
            painter = QPainter(self.viewport())
            self._paint(painter)
            painter.end()

    def _paint(self, painter: QPainter) -> None:
        palette, session = self._theme.palette, self._session
        network, values = session.network, session.probe.activations
        ids = network.topology.ids
        if len(values) != len(ids):
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        height = self.viewport().height()
        names, numbers = self._theme.ui_font(12), self._theme.mono_font(12)
        caption = self._theme.caption_font()
        value_width = QFontMetricsF(numbers).horizontalAdvance("0") * VALUE_CHARACTERS + 2.0
        metrics = QFontMetricsF(names)
        widest = max(
            (metrics.horizontalAdvance(neuron_label(network, int(ids[r]))) for r in self._rows),
            default=0.0,
        )
        flags = Qt.AlignmentFlag.AlignVCenter
        selected, hovered = session.selection.neurons, session.hovered
        for line in self._lines:
            area = self._line_rect(line)
            if area.bottom() < 0 or area.top() > height or line.row >= len(ids):
                continue
            if line.row < 0:
                painter.setFont(caption)
                painter.setPen(QColor(palette.tertiary_text))
                text = QFontMetricsF(caption).elidedText(
                    line.caption, Qt.TextElideMode.ElideRight, area.width()
                )
                painter.drawText(area, flags | Qt.AlignmentFlag.AlignLeft, text)
                continue
            neuron_id = int(ids[line.row])
            value = float(values[line.row])
            if neuron_id == hovered or neuron_id in selected:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(
                    QColor(palette.accent_soft if neuron_id in selected else palette.hover)
                )
                painter.drawRoundedRect(area.adjusted(-4, 0, 4, 0), 5, 5)
            name_width = min(widest + 8.0, 0.36 * area.width())
            painter.setFont(names)
            painter.setPen(QColor(palette.text if neuron_id in selected else palette.secondary))
            label = metrics.elidedText(
                neuron_label(network, neuron_id), Qt.TextElideMode.ElideMiddle, name_width - 6.0
            )
            painter.drawText(area, flags | Qt.AlignmentFlag.AlignLeft, label)
            track = area.adjusted(name_width, 0, -value_width - 6.0, 0)
            if track.width() >= 16.0:
                self._paint_bar(painter, track, value, self.limit_of(neuron_id))
            painter.setFont(numbers)
            painter.setPen(
                QColor(
                    palette.positive_text
                    if value > 0
                    else palette.negative_text
                    if value < 0
                    else palette.secondary
                )
            )
            painter.drawText(area, flags | Qt.AlignmentFlag.AlignRight, aligned_number(value))
        if self._sentence:
            self._paint_sentence(painter)
        if self.hasFocus():
            painter.setPen(QPen(QColor(palette.accent), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(
                QRectF(self.viewport().rect()).adjusted(0.8, 0.8, -0.8, -0.8), 5, 5
            )

    def _paint_bar(self, painter: QPainter, track: QRectF, value: float, limit: float) -> None:
        palette = self._theme.palette
        groove = QRectF(track.left(), track.center().y() - 2.0, track.width(), 4.0)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(palette.border))
        painter.drawRoundedRect(groove, 2, 2)
        zero = track.center().x()
        if np.isfinite(value) and value != 0.0:
            place = max(-1.0, min(1.0, value / limit))
            end = zero + place * track.width() / 2
            # Pale colours are for maps; a short bar is already small.
            strong = 0.55 + 0.45 * abs(place)
            painter.setBrush(signed_colour(palette, strong if value > 0 else -strong))
            bar = QRectF(min(zero, end), track.center().y() - 4.0, abs(end - zero), 8.0)
            radius = min(2.5, bar.width() / 2)
            painter.drawRoundedRect(bar, radius, radius)
        painter.setPen(QPen(QColor(palette.tertiary), 1.0))
        middle = track.center().y()
        painter.drawLine(QPointF(zero, middle - 6.0), QPointF(zero, middle + 6.0))

    def _paint_sentence(self, painter: QPainter) -> None:
        palette = self._theme.palette
        area = QRectF(0, self.viewport().height() - LINE, self.viewport().width(), LINE)
        painter.fillRect(area, QColor(palette.panel))
        font: QFont = self._theme.ui_font(11)
        painter.setFont(font)
        painter.setPen(QColor(palette.tertiary_text))
        text = QFontMetricsF(font).elidedText(
            self._sentence, Qt.TextElideMode.ElideRight, area.width()
        )
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)

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


def _groups(network: Network, rows: np.ndarray) -> list[tuple[str, list[int]]]:
    """Captions and rows: inputs, each hidden level, outputs."""
    groups: list[tuple[str, list[int]]] = []
    topology = network.topology
    for row in rows.tolist():
        kind = Kind(int(topology.kinds[row]))
        if kind == Kind.HIDDEN:
            caption = layer_name(network, int(topology.levels[row]))
        else:
            caption = "Inputs" if kind == Kind.INPUT else "Outputs"
            if len(topology.ids_of(kind)) == 1:
                caption = caption[:-1]
        if not groups or groups[-1][0] != caption:
            groups.append((caption, []))
        groups[-1][1].append(row)
    return groups


def _flow(
    groups: list[tuple[str, list[int]]], columns: int, per_column: int, total: int
) -> list[_Line]:
    """Lines of all groups, column by column; a group that is cut repeats its caption."""
    height = max(2, per_column, -(-(total + columns - 1) // columns))
    lines: list[_Line] = []
    column, used = 0, 0
    for caption, rows in groups:
        last = column == columns - 1
        # A caption must not stand alone at the bottom.
        if not last and used and used + 2 > height:
            column, used = column + 1, 0
        lines.append(_Line(column, used * LINE, caption=caption))
        used += 1
        for row in rows:
            if used >= height and column < columns - 1:
                column, used = column + 1, 0
                lines.append(_Line(column, 0.0, caption=caption))
                used = 1
            lines.append(_Line(column, used * LINE, row=row))
            used += 1
    return lines
