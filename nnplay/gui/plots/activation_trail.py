"""Activations of the probed sample over epochs, one line per neuron."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from nnplay.core.topology import Kind
from nnplay.gui.panels.words import neuron_label, neuron_place, plain_number
from nnplay.gui.plots.activation_choice import MOST_LINES, choice_sentence, chosen_rows
from nnplay.gui.plots.chart import Chart, Crosshair, EndLabel
from nnplay.gui.plots.curve_item import Curve, CurvesItem
from nnplay.gui.plots.painting import gate_closed
from nnplay.gui.plots.readout import ReadoutLine
from nnplay.gui.plots.scales import round_up
from nnplay.gui.theme import Theme
from nnplay.session.session import Session
from nnplay.session.values import ActivationTrail

__all__ = ["ActivationTrailChart"]

FloatArray = npt.NDArray[np.float64]

REACH: Final = 14.0
"""How near, in pixels, the pointer must come to a line."""
LABEL_ROOM: Final = 64
MOST_LABELS: Final = 8
FAINT: Final = 0.55
CLICK: Final = 4


class ActivationTrailChart(Chart):
    """Faint lines for all neurons shown; outputs, the selected and the pointed one stand out."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        self._session = session
        self._rows: npt.NDArray[np.int64] = np.empty(0, dtype=np.int64)
        # The rows are rows of this one; a newer network is shown from the next choice on.
        self._topology = session.network.topology
        self._trail = ActivationTrail()
        # How far the view reaches above and below zero.
        self._top, self._bottom = 1.0, 1.0
        self._sentence = ""
        self._pressed: QPointF | None = None
        super().__init__(theme, "epoch", LABEL_ROOM, parent)
        self.curves = CurvesItem()
        self.addItem(self.curves, ignoreBounds=True)
        self._strong: list[int] = []
        self.setAccessibleName("Activations of the probed sample over epochs")

    @property
    def shown_ids(self) -> list[int]:
        """Ids of the neurons that have a line."""
        return [int(i) for i in self._topology.ids[self._rows]]

    @property
    def sentence(self) -> str:
        """What is left out, in words; empty if nothing is."""
        return self._sentence

    @property
    def highlighted(self) -> list[int]:
        """Ids of the neurons drawn strongly."""
        return [int(self._topology.ids[row]) for row in self._strong]

    # ------------------------------------------------------------------ content
    def choose(self) -> None:
        """Decide again which neurons have a line."""
        session = self._session
        network, trail = session.network, session.activation_trail
        self._topology = network.topology
        self._rows = chosen_rows(
            network, session.selection.neurons, trail.values, session.probe.activations, MOST_LINES
        )
        # The inputs of a probe that stays where it is are level lines: they only hide others.
        inputs = network.topology.kinds[self._rows] == Kind.INPUT
        wanted = {session.hovered, *session.selection.neurons}
        keep = [
            not is_input or int(network.topology.ids[row]) in wanted
            for row, is_input in zip(self._rows.tolist(), inputs.tolist(), strict=True)
        ]
        self._rows = self._rows[np.array(keep, dtype=bool)] if keep else self._rows
        candidates = int((network.topology.kinds != Kind.INPUT).sum())
        shown = int((network.topology.kinds[self._rows] != Kind.INPUT).sum())
        self._sentence = choice_sentence(shown, candidates, len(trail) > 1)
        self.refresh()

    def refresh(self) -> None:
        """Show the trail as it is now."""
        self._trail = trail = self._session.activation_trail
        topology = self._session.network.topology
        if topology is not self._topology:
            self.choose()
            return
        if not len(trail) or trail.values.shape[1] != topology.neuron_count:
            self._strong = []
            self.curves.set_curves(())
            self.set_end_labels(())
            self._refresh_crosshair()
            return
        rows = self._rows
        values = trail.values[:, rows].astype(np.float64)
        self._strong = self._strong_rows(rows)
        self._draw(rows)
        self._set_home(trail.epochs, values)
        self._label_ends(rows)
        self._refresh_crosshair()

    def _draw(self, rows: npt.NDArray[np.int64]) -> None:
        trail = self._trail
        faint = QColor(self._theme.palette.tertiary)
        faint.setAlphaF(FAINT)
        thin = QPen(faint, 1.0)
        # Faint lines show where the crowd goes; every second pixel is enough for that.
        stride = max(1, round(2.0 * len(trail) / max(1.0, self.plot_rect.width())))
        some = np.unique(np.append(np.arange(0, len(trail), stride), len(trail) - 1))
        quiet = [row for row in rows.tolist() if row not in self._strong]
        curves = [self._curve(row, some, thin) for row in quiet]
        every = np.arange(len(trail))
        curves += [self._curve(row, every, QPen(*self._look(row))) for row in self._strong]
        self.curves.set_curves(curves)

    def _curve(self, row: int, moments: npt.NDArray[np.int64], pen: QPen) -> Curve:
        y = self._trail.values[moments, row].astype(np.float64)
        finite = np.isfinite(y)  # a neuron may be younger than the trail
        return Curve(self._trail.epochs[moments][finite], y[finite], pen)

    def _strong_rows(self, rows: npt.NDArray[np.int64]) -> list[int]:
        topology, session = self._session.network.topology, self._session
        pointed = {session.hovered, *session.selection.neurons}
        strong = [
            row
            for row in rows.tolist()
            if topology.kinds[row] == Kind.OUTPUT or int(topology.ids[row]) in pointed
        ]
        if session.hovered is not None and session.hovered in topology:
            row = topology.row(session.hovered)
            if row not in strong and topology.kinds[row] != Kind.INPUT:
                strong.append(row)
        return strong

    def _look(self, row: int) -> tuple[QColor, float]:
        palette, session = self._theme.palette, self._session
        neuron = int(session.network.topology.ids[row])
        if neuron in (session.hovered, *session.selection.neurons):
            return QColor(palette.accent), 2.2
        return QColor(palette.text), 2.0

    def _set_home(self, epochs: FloatArray, values: FloatArray) -> None:
        finite = values[np.isfinite(values)]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
        self._top = _settled(high, self._top)
        self._bottom = _settled(-low, self._bottom)
        air = 0.03 * (self._top + self._bottom)
        start, end = float(epochs[0]), float(epochs[-1])
        # From a round epoch, so that the view only moves in steps.
        span = max(round_up(max(end - start, 1e-9)), 10.0 if start == 0.0 else 1.0)
        first = 0.0 if start < 0.2 * end else start
        span = max(span, round_up(end)) if first == 0.0 else span
        self.set_home(first, first + span * 1.01, -self._bottom - air, self._top + air)

    def _label_ends(self, rows: npt.NDArray[np.int64]) -> None:
        palette, network = self._theme.palette, self._session.network
        labelled = rows.tolist() if len(rows) <= MOST_LABELS else list(self._strong)
        labelled.sort(key=self._importance, reverse=True)
        labels = []
        for row in labelled:
            value = float(self._trail.values[-1, row])
            if not np.isfinite(value):
                continue
            colour = self._look(row)[0] if row in self._strong else QColor(palette.tertiary_text)
            if colour == QColor(palette.accent):
                colour = QColor(palette.accent_text)
            name = neuron_label(network, int(network.topology.ids[row]))
            labels.append(EndLabel(name, value, colour))
        self.set_end_labels(labels[:MOST_LINES])

    def _importance(self, row: int) -> tuple[bool, bool, float]:
        neuron = int(self._session.network.topology.ids[row])
        is_pointed = neuron == self._session.hovered or neuron in self._session.selection.neurons
        value = float(np.nan_to_num(self._trail.values[-1, row]))
        return is_pointed, row in self._strong, abs(value)

    # ------------------------------------------------------------------ reading and pointing
    def _nearest_row(self, index: int, y: float) -> int | None:
        rows = self._rows[self._rows < self._trail.values.shape[1]]
        if not len(rows):
            return None
        heights = self._trail.values[index, rows].astype(np.float64)
        per_unit = abs(self.place_of(0.0, 1.0).y() - self.place_of(0.0, 0.0).y())
        distances = np.abs(np.nan_to_num(heights, nan=np.inf) - y) * per_unit
        best = int(distances.argmin())
        return int(rows[best]) if distances[best] <= REACH else None

    def reading_at(self, x: float, y: float) -> Crosshair | None:
        """The line nearest to the pointer at the nearest recorded epoch."""
        epochs, network = self._trail.epochs, self._session.network
        if not len(epochs) or not self._is_current():
            return None
        index = int(np.abs(epochs - x).argmin())
        lines = [ReadoutLine("epoch", plain_number(float(epochs[index]), 6))]
        row = self._nearest_row(index, y)
        if row is None:
            return Crosshair(float(epochs[index]), tuple(lines))
        neuron = int(network.topology.ids[row])
        value = float(self._trail.values[index, row])
        colour = self._look(row)[0] if row in self._strong else QColor(self._theme.palette.text)
        lines.append(
            ReadoutLine(
                f"{neuron_place(network, neuron)} · {neuron_label(network, neuron)}",
                plain_number(value, 4),
                dot=colour,
            )
        )
        return Crosshair(float(epochs[index]), tuple(lines), ((value, colour),))

    def _is_current(self) -> bool:
        topology = self._session.network.topology
        return topology is self._topology and self._trail.values.shape[1] == topology.neuron_count

    def stepped(self, x: float | None, direction: int) -> float | None:
        """The next recorded moment."""
        epochs = self._trail.epochs
        if not len(epochs):
            return None
        if x is None:
            return float(epochs[-1 if direction < 0 else 0])
        step = max(1, round(len(epochs) / 100))
        index = int(np.abs(epochs - x).argmin()) + direction * step
        return float(epochs[min(max(index, 0), len(epochs) - 1)])

    def _point_at(self, place: tuple[float, float] | None) -> None:
        super()._point_at(place)
        neuron = None
        if place is not None and len(self._trail) and self._is_current():
            index = int(np.abs(self._trail.epochs - place[0]).argmin())
            row = self._nearest_row(index, place[1])
            neuron = None if row is None else int(self._session.network.topology.ids[row])
        self._session.hover(neuron)
        self.setCursor(
            Qt.CursorShape.ArrowCursor if neuron is None else Qt.CursorShape.PointingHandCursor
        )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        self._pressed = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        pressed, self._pressed = self._pressed, None
        is_click = pressed is not None and (event.position() - pressed).manhattanLength() <= CLICK
        neuron = self._session.hovered
        if is_click and event.button() == Qt.MouseButton.LeftButton and neuron is not None:
            self._session.select((neuron,))

    def apply_theme(self) -> None:
        super().apply_theme()
        self.refresh()

    def paintEvent(self, event: QPaintEvent) -> None:
        with gate_closed(self._session.paint_gate):
            super().paintEvent(event)


def _settled(needed: float, before: float) -> float:
    """A round reach for a value: it grows at once and shrinks late, so that nothing jumps."""
    reach = 0.0 if needed <= 0.0 else max(1.0, round_up(needed)) if needed > 0.5 else 0.5
    return reach if reach > before or reach < 0.4 * before else before
