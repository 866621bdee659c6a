"""Loss curves of all runs of a sweep: a colour per combination, thin runs, a thick median."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QPen
from PySide6.QtWidgets import QWidget

from nnplay.gui.panels.words import plain_number
from nnplay.gui.plots.chart import Chart, Crosshair
from nnplay.gui.plots.curve_item import Curve, CurvesItem
from nnplay.gui.plots.readout import ReadoutLine
from nnplay.gui.plots.scales import decade_bounds, round_up
from nnplay.gui.theme import Theme
from nnplay.picture.palette import CLASS_COLOURS
from nnplay.sweeps.results import SweepRow

__all__ = ["SweepChart", "group_colour"]

FloatArray = npt.NDArray[np.float64]

THIN_OPACITY: Final = 0.38
FAINT_OPACITY: Final = 0.14
MOST_READ: Final = 8


def group_colour(combination: int) -> QColor:
    """The colour of a combination of settings."""
    return QColor(CLASS_COLOURS[combination % len(CLASS_COLOURS)])


class SweepChart(Chart):
    """Feed it rows as they arrive; it draws the judged loss (test, or training) over epochs."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self._rows: list[SweepRow] = []
        self._names: Mapping[int, str] = {}
        self._medians: dict[int, tuple[FloatArray, FloatArray]] = {}
        self._marked: int | None = None
        self._logarithmic = False
        super().__init__(theme, "epoch", parent=parent)
        self.curves = CurvesItem()
        self.addItem(self.curves, ignoreBounds=True)
        self.setAccessibleName("Loss curves of all runs")

    def sizeHint(self) -> QSize:
        return QSize(560, 260)

    def set_names(self, names: Mapping[int, str]) -> None:
        """What the combinations are called, by number."""
        self._names = names

    def set_rows(self, rows: Sequence[SweepRow]) -> None:
        """Show these runs."""
        self._rows = [row for row in rows if len(row.curve)]
        by_group: dict[int, list[SweepRow]] = {}
        for row in self._rows:
            by_group.setdefault(row.run.combination, []).append(row)
        self._medians = {place: _median(rows) for place, rows in sorted(by_group.items())}
        self._redraw()

    @property
    def medians(self) -> Mapping[int, tuple[FloatArray, FloatArray]]:
        """Epochs and median losses by combination."""
        return self._medians

    def mark(self, number: int | None) -> None:
        """Make one run stand out, by its number in the sweep; None for all alike."""
        if number != self._marked:
            self._marked = number
            self._redraw()

    @property
    def marked(self) -> int | None:
        """The run that stands out."""
        return self._marked

    @property
    def is_logarithmic(self) -> bool:
        """Whether the y axis shows powers of ten."""
        return self._logarithmic

    def set_log_mode(self, on: bool) -> None:
        """Switch between a linear and a logarithmic loss axis; the view goes home."""
        self._logarithmic = on
        self.set_logarithmic(on)
        self._redraw()
        self.reset_view()

    # ------------------------------------------------------------------ drawing
    def _redraw(self) -> None:
        self._set_home()
        curves = []
        opacity = THIN_OPACITY if self._marked is None else FAINT_OPACITY
        for row in self._rows:
            if row.number != self._marked:
                curves.append(self._curve(*judged(row), _pen(row.run.combination, 1.0, opacity)))
        for place, (epochs, losses) in self._medians.items():
            strength = 1.0 if self._marked is None else 0.4
            curves.append(self._curve(epochs, losses, _pen(place, 2.2, strength)))
        for row in self._rows:
            if row.number == self._marked:
                under = QPen(QColor(self._theme.palette.panel), 5.0)
                curves.append(self._curve(*judged(row), under))
                curves.append(self._curve(*judged(row), _pen(row.run.combination, 2.6, 1.0)))
        self.curves.set_curves(curves)
        self._refresh_crosshair()

    def _curve(self, epochs: FloatArray, losses: FloatArray, pen: QPen) -> Curve:
        known = np.isfinite(losses)
        return Curve(epochs[known], self._height(losses[known]), pen)

    def _height(self, losses: FloatArray) -> FloatArray:
        if not self._logarithmic:
            return losses
        return np.asarray(np.log10(np.maximum(losses, self._floor())), dtype=np.float64)

    def _floor(self) -> float:
        smallest = [_smallest_positive(judged(row)[1]) for row in self._rows]
        return min((v for v in smallest if math.isfinite(v)), default=1e-6)

    def _set_home(self) -> None:
        last = max((float(row.curve.epochs[-1]) for row in self._rows), default=0.0)
        x1 = max(1.0, last)
        # One run that grows beyond all bounds must not flatten all others.
        medians = [losses[np.isfinite(losses)] for _, losses in self._medians.values()]
        firsts = [float(judged(row)[1][0]) for row in self._rows]
        tops = [float(losses.max()) for losses in medians if losses.size]
        limit = 4.0 * max((v for v in firsts if math.isfinite(v)), default=1.0)
        highest = min(max(tops, default=1.0), limit)
        if self._logarithmic:
            floor = self._floor()
            low, high = (math.log10(v) for v in decade_bounds(floor, max(highest, floor)))
        else:
            low, high = 0.0, round_up(highest)
        self.set_home(-0.008 * x1, x1 * 1.01, low - 0.03 * (high - low), high + 0.03 * (high - low))

    # ------------------------------------------------------------------ reading
    def reading_at(self, x: float, y: float) -> Crosshair | None:
        """The median of every combination at the epoch nearest to ``x``, best first."""
        if not self._medians:
            return None
        longest = max(self._medians.values(), key=lambda curve: len(curve[0]))[0]
        epoch = float(longest[int(np.argmin(np.abs(longest - x)))])
        read: list[tuple[float, int]] = []
        for place, (epochs, losses) in self._medians.items():
            index = int(np.argmin(np.abs(epochs - epoch)))
            if abs(float(epochs[index]) - epoch) <= 1e-9 + _gap(epochs):
                read.append((float(losses[index]), place))
        read.sort(key=lambda item: (math.isnan(item[0]), item[0]))
        lines = [ReadoutLine("epoch", f"{epoch:,.0f}")]
        marked = next((row for row in self._rows if row.number == self._marked), None)
        if marked is not None:
            epochs, losses = judged(marked)
            value = float(losses[int(np.argmin(np.abs(epochs - epoch)))])
            pen = _pen(marked.run.combination, 2.6, 1.0)
            lines.append(ReadoutLine(f"selected, seed {marked.seed}", plain_number(value, 4), pen))
        dots = []
        for value, place in read[:MOST_READ]:
            name = self._names.get(place, "") or "median"
            lines.append(ReadoutLine(name, plain_number(value, 4), _pen(place, 2.2, 1.0)))
            if math.isfinite(value):
                dots.append((float(self._height(np.array([value]))[0]), group_colour(place)))
        if len(read) > MOST_READ:
            lines.append(ReadoutLine(f"and {len(read) - MOST_READ} more"))
        return Crosshair(epoch, tuple(lines), tuple(dots))

    def stepped(self, x: float | None, direction: int) -> float | None:
        """The next recorded epoch that is a visible step away."""
        if not self._medians:
            return None
        epochs = max(self._medians.values(), key=lambda curve: len(curve[0]))[0]
        if x is None:
            return float(epochs[-1 if direction < 0 else 0])
        index = int(np.argmin(np.abs(epochs - x))) + direction * max(1, round(len(epochs) / 200))
        return float(epochs[min(max(index, 0), len(epochs) - 1)])

    def apply_theme(self) -> None:
        super().apply_theme()
        self._redraw()


def judged(row: SweepRow) -> tuple[FloatArray, FloatArray]:
    """Epochs and the loss a run is judged by: test, or training without test data."""
    curve = row.curve
    losses = curve.train if np.isnan(curve.test).all() else curve.test
    return curve.epochs, losses


def _median(rows: Sequence[SweepRow]) -> tuple[FloatArray, FloatArray]:
    """Median over runs at every epoch that all of the longest have; ended runs keep their last."""
    epochs = max((row.curve.epochs for row in rows), key=len)
    stacked = []
    for row in rows:
        mine, losses = judged(row)
        places = np.minimum(np.searchsorted(mine, epochs), len(mine) - 1)
        stacked.append(losses[places])
    return epochs, np.asarray(np.median(np.array(stacked), axis=0), dtype=np.float64)


def _gap(epochs: FloatArray) -> float:
    return float(np.diff(epochs).max()) if len(epochs) > 1 else 0.0


def _pen(combination: int, width: float, opacity: float) -> QPen:
    colour = group_colour(combination)
    colour.setAlphaF(opacity)
    return QPen(colour, width)


def _smallest_positive(losses: FloatArray) -> float:
    positive = losses[(losses > 0.0) & np.isfinite(losses)]
    return float(positive.min()) if positive.size else math.inf
