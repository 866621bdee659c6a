"""Several curves over epochs: a bounded record of them, and their chart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor, QPaintEvent, QPen

from nnplay.gui.panels.words import plain_number
from nnplay.gui.plots.chart import Chart, Crosshair, EndLabel
from nnplay.gui.plots.curve_item import Curve, CurvesItem
from nnplay.gui.plots.painting import gate_closed
from nnplay.gui.plots.readout import ReadoutLine
from nnplay.gui.plots.scales import decade_bounds, round_up
from nnplay.gui.theme import Theme
from nnplay.picture.palette import Palette, blend
from nnplay.session.session import Session

__all__ = ["EpochTrail", "Line", "LinesChart", "line_pen"]

FloatArray = npt.NDArray[np.float64]

MOST_MOMENTS: Final = 400
MOST_READ: Final = 8
"""Lines the readout names at most."""
DRAWN_POINTS: Final = 1000


class EpochTrail:
    """Rows of numbers over epochs, bounded: when it is full, every second row is forgotten."""

    def __init__(self, limit: int = MOST_MOMENTS) -> None:
        self._limit = limit
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._epochs: list[float] = []
        self._rows: list[FloatArray] = []

    def __len__(self) -> int:
        return len(self._epochs)

    @property
    def epochs(self) -> FloatArray:
        """``float64[k]``, ascending."""
        return np.array(self._epochs)

    @property
    def rows(self) -> FloatArray:
        """``float64[k, columns]``."""
        return np.stack(self._rows) if self._rows else np.empty((0, 0))

    def cut(self, epoch: float) -> None:
        """Forget what lies behind an epoch, because it was undone."""
        while self._epochs and self._epochs[-1] > epoch:
            self._epochs.pop()
            self._rows.pop()

    def add(self, epoch: float, row: npt.ArrayLike) -> None:
        """A row for an epoch; what is known from there on (undone since) is forgotten."""
        values = np.asarray(row, dtype=np.float64)
        if self._rows and self._rows[-1].shape != values.shape:
            self.clear()
        while self._epochs and self._epochs[-1] >= epoch:
            self._epochs.pop()
            self._rows.pop()
        self._epochs.append(epoch)
        self._rows.append(values)
        if len(self._epochs) > self._limit:
            # The first row and the latest one stay.
            keep = [*range(0, len(self._epochs) - 1, 2), len(self._epochs) - 1]
            self._epochs = [self._epochs[i] for i in keep]
            self._rows = [self._rows[i] for i in keep]


@dataclass(frozen=True, eq=False)
class Line:
    """One curve: name, ``float64[k]`` values at the chart's epochs, and how it is drawn."""

    name: str
    values: FloatArray
    pen: QPen


def line_pen(palette: Palette, place: int, count: int, *, strong: bool = False) -> QPen:
    """How curve ``place`` of ``count`` is drawn: shades that never mean a sign or a class."""
    share = place / max(1, count - 1)
    colour = blend(palette.tertiary, palette.text, share) if count > 1 else palette.text
    pen = QPen(QColor(palette.accent if strong else colour), 2.2 if strong else 1.8)
    if place % 2 and not strong:
        pen.setDashPattern([5.0, 2.5])
    return pen


class LinesChart(Chart):
    """Curves that share their epochs.

    Args:
        session: for the paint gate.
        theme: colours.
        name: what a screen reader calls it.
        floor, ceiling: what a linear axis shows at least; None leaves it to the values.
    """

    def __init__(
        self,
        session: Session,
        theme: Theme,
        name: str,
        floor: float | None = None,
        ceiling: float | None = None,
    ) -> None:
        self._session = session
        self._epochs: FloatArray = np.empty(0)
        self._lines: tuple[Line, ...] = ()
        self._gaps: FloatArray = np.empty(0)
        self._floor, self._ceiling = floor, ceiling
        self._is_log = False
        super().__init__(theme, "epoch", 74)
        self.curves = CurvesItem()
        self.addItem(self.curves, ignoreBounds=True)
        self.setAccessibleName(name)
        self.setAccessibleDescription(
            "Arrow keys read the curves, Home shows all of them, the wheel zooms."
        )

    @property
    def lines(self) -> tuple[Line, ...]:
        """What is drawn."""
        return self._lines

    @property
    def epochs(self) -> FloatArray:
        """Where."""
        return self._epochs

    @property
    def gaps(self) -> FloatArray:
        """``float64[g]``: after these epochs no line runs to the next point."""
        return self._gaps

    def set_log_mode(self, on: bool) -> None:
        """Powers of ten along y."""
        self._is_log = on
        self.set_logarithmic(on)

    def set_lines(
        self, epochs: FloatArray, lines: Sequence[Line], gaps: FloatArray | None = None
    ) -> None:
        """Draw other curves; nothing joins the points on either side of a gap."""
        self._epochs, self._lines = epochs, tuple(lines)
        self._gaps = np.empty(0) if gaps is None else gaps
        heights = [self._height(line.values) for line in self._lines]
        stride = max(1, math.ceil(len(epochs) * len(lines) / DRAWN_POINTS))
        curves, labels = [], []
        for line, y in zip(self._lines, heights, strict=True):
            sound = np.flatnonzero(np.isfinite(y))
            if not sound.size:
                continue
            some = np.unique(np.append(sound[::stride], sound[-1]))
            curves.append(Curve(epochs[some], y[some], line.pen, self._gaps))
            labels.append(EndLabel(line.name, float(y[sound[-1]]), line.pen.color()))
        self.curves.set_curves(curves)
        self._set_home(heights)
        self.set_end_labels(labels[::-1])  # what is drawn last lies on top and is named first
        self._refresh_crosshair()

    def _height(self, values: FloatArray) -> FloatArray:
        if not self._is_log:
            return values
        with np.errstate(all="ignore"):
            found = np.log10(values)
        return np.where(values > 0.0, found, np.nan)

    def _set_home(self, heights: Sequence[FloatArray]) -> None:
        every = np.concatenate(heights) if heights else np.empty(0)
        every = every[np.isfinite(every)]
        low, high = (float(every.min()), float(every.max())) if every.size else (0.0, 1.0)
        if self._is_log:
            bounds = decade_bounds(10.0 ** max(low, -300.0), 10.0 ** min(high, 300.0))
            low, high = (math.log10(value) for value in bounds)
        else:
            low = low if self._floor is None else min(low, self._floor)
            high = high if self._ceiling is None else max(high, self._ceiling)
            if self._floor is None or self._ceiling is None:
                low, high = -round_up(-low) if low < 0 else 0.0, round_up(high) if high > 0 else 0.0
            if high <= low:
                high = low + 1.0
        air = 0.04 * (high - low)
        first, last = self._epochs[[0, -1]].tolist() if len(self._epochs) else (0.0, 0.0)
        # What was recorded late begins late, so that it does not stand in a corner.
        start = 0.0 if first < 0.2 * last else first
        end = start + max(10.0 if start == 0.0 else 1.0, round_up(last - start))
        margin = 0.01 * (end - start)
        # The name of the axis stands left of its first number.
        before = margin if start == 0.0 else 6.0 * margin
        self.set_home(start - before, end + margin, low - air, high + air)

    # ------------------------------------------------------------------ reading
    def reading_at(self, x: float, y: float) -> Crosshair | None:
        if not len(self._epochs):
            return None
        index = int(np.abs(self._epochs - x).argmin())
        read = [ReadoutLine("epoch", plain_number(float(self._epochs[index]), 5))]
        dots = []
        heights = [float(self._height(line.values[index : index + 1])[0]) for line in self._lines]
        order = sorted(range(len(heights)), key=lambda i: abs(np.nan_to_num(heights[i] - y)))
        nearest = set(order[:MOST_READ])
        for place, line in enumerate(self._lines):
            if place not in nearest:
                continue
            read.append(
                ReadoutLine(line.name, plain_number(float(line.values[index]), 4), line.pen)
            )
            if math.isfinite(heights[place]):
                dots.append((heights[place], line.pen.color()))
        if len(self._lines) > MOST_READ:
            read.append(ReadoutLine(f"the {MOST_READ} nearest of {len(self._lines)}"))
        return Crosshair(float(self._epochs[index]), tuple(read), tuple(dots))

    def stepped(self, x: float | None, direction: int) -> float | None:
        if not len(self._epochs):
            return None
        if x is None:
            return float(self._epochs[-1 if direction < 0 else 0])
        step = max(1, round(len(self._epochs) / 100))
        index = int(np.abs(self._epochs - x).argmin()) + direction * step
        return float(self._epochs[min(max(index, 0), len(self._epochs) - 1)])

    def paintEvent(self, event: QPaintEvent) -> None:
        with gate_closed(self._session.paint_gate):
            super().paintEvent(event)
