"""Activations of every neuron for many samples, sorted by class, as a picture."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen

from nnplay.core.topology import Kind
from nnplay.gui.panels.words import neuron_label, neuron_place, plain_number
from nnplay.gui.plots.insight.heat import signed_image
from nnplay.gui.plots.insight.page import Drawing, PlotPage
from nnplay.gui.plots.map_points import colour_keys, point_colour
from nnplay.gui.plots.readout import ReadoutLine
from nnplay.gui.theme import Theme
from nnplay.picture.scales import largest_size, places, scale_for
from nnplay.session.plot_requests import SampleActivations, SampleWish, Stamped
from nnplay.session.session import Session

__all__ = ["DataHeatPage"]

BAND: Final = 7.0
LEFT: Final = 58.0
MOST_NEURONS: Final = 512


class _Heat(Drawing):
    """Rows are neurons, columns samples; a band below shows the classes."""

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__(session, theme, "Activations of all neurons for all data")
        self.found: SampleActivations | None = None
        self._neurons: list[int] = []
        self._image: QImage | None = None
        self._cursor = (0, 0)
        theme.changed.connect(self._paint_image)

    def show_activations(self, found: SampleActivations) -> None:
        """Other activations."""
        self.found = found
        topology = self._session.network.topology
        self._neurons = topology.ids[found.neurons].tolist()
        self._paint_image()

    def _paint_image(self) -> None:
        if self.found is None:
            return
        network, values = self._session.network, self.found.values
        scales = [
            scale_for(network.activations[row], largest_size(values[i]))
            for i, row in enumerate(self.found.neurons.tolist())
        ]
        self._image = signed_image(self._theme.palette, places(values, scales))
        self.update()

    @property
    def area(self) -> QRectF:
        """Where the picture is."""
        return QRectF(self.rect()).adjusted(LEFT, 4, -8, -(BAND + 18))

    def place_of(self, neuron: int, row: int) -> QPointF:
        """Where a neuron's activation for a row of the data stands."""
        assert self.found is not None  # noqa: S101
        area, (k, n) = self.area, self.found.values.shape
        line = self._neurons.index(neuron)
        column = int(np.flatnonzero(self.found.rows == row)[0])
        return QPointF(
            area.left() + (column + 0.5) / n * area.width(),
            area.top() + (line + 0.5) / k * area.height(),
        )

    def cell_at(self, place: QPointF) -> tuple[int, int] | None:
        """Line and column under a place."""
        if self.found is None or not self.area.contains(place):
            return None
        area, (k, n) = self.area, self.found.values.shape
        line = int((place.y() - area.top()) / area.height() * k)
        column = int((place.x() - area.left()) / area.width() * n)
        return min(line, k - 1), min(column, n - 1)

    def draw(self, painter: QPainter) -> None:
        found, prepared = self.found, self._session.prepared
        if found is None or self._image is None or prepared is None:
            return
        palette, area = self._theme.palette, self.area
        # More samples than pixels: averages; fewer: sharp cells.
        painter.setRenderHint(
            QPainter.RenderHint.SmoothPixmapTransform, found.values.shape[1] > area.width()
        )
        painter.drawImage(area, self._image)
        self._draw_names(painter, area)
        self._draw_band(painter, area)
        probe = self._session.probe.row
        hit = np.flatnonzero(found.rows == (-1 if probe is None else probe))
        if hit.size:
            x = area.left() + (int(hit[0]) + 0.5) / len(found.rows) * area.width()
            painter.setPen(QPen(QColor(palette.accent), 1.5))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom() + BAND + 3))
        step = area.height() / max(1, len(self._neurons))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(palette.accent), 1.5))
        for line, neuron in enumerate(self._neurons):
            if neuron in self._session.selection.neurons:
                painter.drawRect(QRectF(area.left(), area.top() + line * step, area.width(), step))

    def _draw_names(self, painter: QPainter, area: QRectF) -> None:
        palette, network = self._theme.palette, self._session.network
        topology = network.topology
        font = self._theme.ui_font(10)
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        step = area.height() / max(1, len(self._neurons))
        side = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        bottom = -1.0
        before = None
        for line, neuron in enumerate(self._neurons):
            y = area.top() + line * step
            layer = (topology.kind_of(neuron), topology.level_of(neuron))
            if topology.kind_of(neuron) == Kind.OUTPUT:
                layer = (Kind.OUTPUT, 0)
            if before is not None and layer != before:
                painter.setPen(QPen(QColor(palette.panel), 2.0))
                painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            before = layer
            middle = y + step / 2
            if middle - metrics.height() / 2 >= bottom - 2.0:
                name = neuron_label(network, neuron)
                text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, LEFT - 8)
                painter.setPen(QColor(palette.tertiary_text))
                head = QRectF(0, middle - metrics.height() / 2, LEFT - 6, metrics.height())
                painter.drawText(head, side, text)
                bottom = middle + metrics.height() / 2

    def _draw_band(self, painter: QPainter, area: QRectF) -> None:
        found, prepared = self.found, self._session.prepared
        if found is None or prepared is None:
            return
        keys = colour_keys(prepared, found.rows)
        starts = [0, *(np.flatnonzero(np.diff(keys)) + 1).tolist(), len(keys)]
        painter.setPen(Qt.PenStyle.NoPen)
        metrics = QFontMetricsF(painter.font())
        for start, end in itertools.pairwise(starts):
            left = area.left() + start / len(keys) * area.width()
            width = (end - start) / len(keys) * area.width()
            band = QRectF(left, area.bottom() + 3, width, BAND)
            painter.fillRect(band, point_colour(self._theme.palette, prepared, int(keys[start])))
            if prepared.classes is not None:
                name = prepared.classes[int(keys[start])]
                painter.setPen(QColor(self._theme.palette.tertiary_text))
                text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, width - 2)
                painter.drawText(
                    QRectF(left, band.bottom() + 1, width, metrics.height()),
                    Qt.AlignmentFlag.AlignHCenter,
                    text,
                )
        if prepared.classes is None and len(found.keys):
            painter.setPen(QColor(self._theme.palette.tertiary_text))
            foot = QRectF(area.left(), area.bottom() + BAND + 4, area.width(), metrics.height())
            painter.drawText(
                foot, Qt.AlignmentFlag.AlignLeft, plain_number(float(found.keys[0]), 3)
            )
            last = plain_number(float(found.keys[-1]), 3)
            painter.drawText(foot, Qt.AlignmentFlag.AlignRight, last)
            painter.drawText(foot, Qt.AlignmentFlag.AlignHCenter, f"by {prepared.target_name}")

    # ------------------------------------------------------------------ reading and pointing
    def read(self, place: QPointF) -> Sequence[ReadoutLine]:
        cell = self.cell_at(place)
        return () if cell is None else self._read_cell(*cell)

    def _read_cell(self, line: int, column: int) -> tuple[ReadoutLine, ...]:
        found, network = self.found, self._session.network
        assert found is not None  # noqa: S101
        neuron, prepared = self._neurons[line], self._session.prepared
        key = float(found.keys[column])
        named = prepared is not None and prepared.classes is not None
        target = prepared.classes[int(key)] if named else plain_number(key, 4)  # type: ignore[union-attr,index]
        return (
            ReadoutLine(f"{neuron_place(network, neuron)} · {neuron_label(network, neuron)}"),
            ReadoutLine("activation", plain_number(float(found.values[line, column]), 4)),
            ReadoutLine("row", f"{int(found.rows[column]) + 1:,}"),
            ReadoutLine("target", target),
        )

    def click(self, place: QPointF) -> None:
        cell = self.cell_at(place)
        if cell is not None:
            self._go_to(*cell)

    def _go_to(self, line: int, column: int) -> None:
        assert self.found is not None  # noqa: S101
        self._cursor = (line, column)
        self._session.select((self._neurons[line],))
        self._session.probe_row(int(self.found.rows[column]))
        words = [f"{x.name} {x.value}" for x in self._read_cell(line, column)]
        self.setAccessibleDescription(", ".join(words))

    def stepped(self, across: int, down: int) -> bool:
        if self.found is None:
            return False
        k, n = self.found.values.shape
        line = min(max(self._cursor[0] + down, 0), k - 1)
        self._go_to(line, min(max(self._cursor[1] + across, 0), n - 1))
        return True


class DataHeatPage(PlotPage):
    """An even share of at most 1,000 samples; click to select the neuron and probe the sample."""

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__(
            session, theme, "There are no data to send through the network yet.", "map"
        )
        self.drawing = _Heat(session, theme)
        self._wish = SampleWish()
        self._answer: Stamped | None = None
        session.selection_changed.connect(self.drawing.update)
        self.follow_probe(self.drawing)

    def wish(self) -> SampleWish:
        return self._wish

    def take(self, answer: Stamped) -> None:
        self._answer = answer
        self._refresher.request()

    def refresh(self) -> None:
        answer = self._answer
        if answer is None or answer.network.topology is not self._session.network.topology:
            self.say()
            return
        found = answer.value
        assert isinstance(found, SampleActivations)  # noqa: S101
        if len(found.neurons) > MOST_NEURONS:
            self.say(f"More than {MOST_NEURONS} neurons cannot be told apart in one picture.")
            return
        samples = len(found.rows)
        self.caption.setText(
            f"{len(found.neurons)} neurons × {samples:,} training samples by target"
        )
        self.drawing.show_activations(found)
        self.show_content(self.drawing)
