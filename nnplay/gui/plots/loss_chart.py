"""The curves of the loss plot: train and test, as recorded and smoothed, linear or logarithmic."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QWidget

from nnplay.core.history import History
from nnplay.gui.panels.words import plain_number
from nnplay.gui.plots.chart import Chart, Crosshair
from nnplay.gui.plots.curve_item import Curve, CurvesItem
from nnplay.gui.plots.curve_legend import curve_pen
from nnplay.gui.plots.readout import ReadoutLine
from nnplay.gui.plots.recorder import CurveRecorder, MovingAverage
from nnplay.gui.plots.scales import decade_bounds, round_up
from nnplay.gui.theme import Theme

__all__ = ["LossChart"]

FloatArray = npt.NDArray[np.float64]

FIRST_EPOCHS: Final = 10.0
RAW_OPACITY: Final = 0.35


class _PartCurve:
    """One part of the data: its raw curve and its moving average, both bounded."""

    def __init__(self) -> None:
        self.raw = CurveRecorder()
        self.smooth = CurveRecorder()
        self._average = MovingAverage()
        self.smallest_positive = math.inf

    def clear(self) -> None:
        self.raw.clear()
        self.smooth.clear()
        self._average.clear()
        self.smallest_positive = math.inf

    def interrupt(self) -> None:
        """What comes now was measured on other data."""
        self.raw.interrupt()
        self.smooth.interrupt()
        self._average.clear()

    def extend(self, epochs: FloatArray, losses: FloatArray) -> None:
        self.raw.extend(epochs, losses)
        self.smooth.extend(epochs, self._average.extend(losses))
        positive = losses[(losses > 0.0) & np.isfinite(losses)]
        if positive.size:
            self.smallest_positive = min(self.smallest_positive, float(positive.min()))


class LossChart(Chart):
    """Loss over epochs. Feed it whole histories; only what is new is worked on.

    Zeros on a logarithmic axis are drawn at the lower border, a tenth below the smallest positive
    loss; the readout still says zero.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self._parts = {"test": _PartCurve(), "train": _PartCurve()}
        self._history = History()
        self._recorded = 0
        self._changes: tuple[float, ...] = ()
        self._logarithmic = False
        super().__init__(theme, "epoch", parent=parent)
        self.curves = CurvesItem()
        self.addItem(self.curves, ignoreBounds=True)

    # ------------------------------------------------------------------ data
    def set_history(
        self, history: History, is_cut: bool = False, changes: Sequence[float] = ()
    ) -> None:
        """Show a history.

        Args:
            history: the losses.
            is_cut: that it is not the previous one made longer.
            changes: epochs, ascending, after which the losses are those of other data.
        """
        before, count = self._history, self._recorded
        grown = (
            not is_cut
            and len(history) >= count
            and (
                count == 0
                or (
                    history.epochs[count - 1] == before.epochs[count - 1]
                    and history.train[count - 1] == before.train[count - 1]
                    and _until(changes, history.epochs[count - 1])
                    == _until(self._changes, history.epochs[count - 1])
                )
            )
        )
        if not grown:
            count = 0
            for part in self._parts.values():
                part.clear()
        cuts = np.searchsorted(history.epochs, changes, side="right").tolist()
        bounds = sorted({count, len(history), *(cut for cut in cuts if cut > count)})
        for start, end in itertools.pairwise(bounds):
            new = slice(start, end)
            for name, losses in (("train", history.train), ("test", history.test)):
                if start in cuts:
                    self._parts[name].interrupt()
                self._parts[name].extend(history.epochs[new], losses[new])
        self._history = history
        self._recorded = len(history)
        self._changes = tuple(changes)
        self._redraw()

    @property
    def history(self) -> History:
        """What is shown."""
        return self._history

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

    def _redraw(self) -> None:
        self._set_home()
        raw, smooth = [], []
        for name, part in self._parts.items():
            pen = curve_pen(self._theme.palette, name)
            faint = QColor(pen.color())
            faint.setAlphaF(RAW_OPACITY)
            x, y = part.raw.drawn()
            raw.append(Curve(x, self._height(y), QPen(faint, 1.0), part.raw.breaks))
            x, y = part.smooth.drawn()
            smooth.append(Curve(x, self._height(y), pen, part.smooth.breaks))
        self.curves.set_curves([*raw, *smooth])
        self._refresh_crosshair()

    def _height(self, losses: FloatArray) -> FloatArray:
        """View units of losses: themselves, or their exponents with zeros at the floor."""
        if not self._logarithmic:
            return losses
        return np.asarray(np.log10(np.maximum(losses, self._floor)), dtype=np.float64)

    @property
    def _floor(self) -> float:
        smallest = min(part.smallest_positive for part in self._parts.values())
        if not math.isfinite(smallest):
            return 1e-6
        has_zero = any(part.raw.lowest <= 0.0 for part in self._parts.values())
        return max(smallest / 10.0, 1e-300) if has_zero else smallest

    def _set_home(self) -> None:
        highest = max((p.raw.highest for p in self._parts.values() if len(p.raw)), default=1.0)
        last = float(self._history.epochs[-1]) if len(self._history) else 0.0
        x1 = max(FIRST_EPOCHS, round_up(last))
        if self._logarithmic:
            floor = self._floor
            low, high = (math.log10(v) for v in decade_bounds(floor, max(highest, floor)))
        else:
            low, high = 0.0, round_up(highest)
        # A little air, so that no line is cut in half by the border.
        self.set_home(-0.008 * x1, x1 * 1.01, low - 0.03 * (high - low), high + 0.03 * (high - low))

    # ------------------------------------------------------------------ reading
    def reading_at(self, x: float, y: float) -> Crosshair | None:
        """The recorded epoch nearest to ``x`` and its losses, as recorded, not smoothed."""
        history = self._history
        if not len(history):
            return None
        index = _nearest(history.epochs, x)
        lines = [ReadoutLine("epoch", f"{history.epochs[index]:,.0f}")]
        dots = []
        for name, losses in (("train", history.train), ("test", history.test)):
            value = float(losses[index])
            if math.isnan(value):
                continue
            pen = curve_pen(self._theme.palette, name)
            lines.append(ReadoutLine(name, plain_number(value, 5), pen))
            if math.isfinite(value):
                dots.append((float(self._height(np.array([value]))[0]), pen.color()))
        epoch = float(history.epochs[index])
        following = float(history.epochs[min(index + 1, len(history) - 1)])
        if any(epoch <= change < following or change == epoch for change in self._changes):
            lines.append(ReadoutLine("data changed here"))
        return Crosshair(epoch, tuple(lines), tuple(dots))

    def stepped(self, x: float | None, direction: int) -> float | None:
        """The next recorded epoch that is a visible step away."""
        epochs = self._history.epochs
        if not len(epochs):
            return None
        if x is None:
            return float(epochs[-1 if direction < 0 else 0])
        step = max(1, round(len(epochs) / 200))
        index = min(max(_nearest(epochs, x) + direction * step, 0), len(epochs) - 1)
        return float(epochs[index])

    def paint_overlay(self, painter: QPainter) -> None:
        """A dotted line where the data were changed, below what every chart says."""
        area = self.plot_rect
        for change in self._changes:
            x = round(self.place_of(change, 0.0).x()) + 0.5  # on one column of pixels
            if area.left() <= x <= area.right() + 1:
                pen = QPen(QColor(self._theme.palette.tertiary), 1.0)
                pen.setDashPattern([1.0, 3.0])
                painter.setPen(pen)
                painter.drawLine(QLineF(x, area.top(), x, area.bottom()))
        super().paint_overlay(painter)

    def apply_theme(self) -> None:
        super().apply_theme()
        self._redraw()


def _until(changes: Sequence[float], epoch: float) -> tuple[float, ...]:
    """The changes before an epoch."""
    return tuple(change for change in changes if change < epoch)


def _nearest(ascending: FloatArray, x: float) -> int:
    """Index of the entry nearest to ``x``."""
    after = int(np.searchsorted(ascending, x))
    if after == 0:
        return 0
    if after == len(ascending):
        return after - 1
    return after if ascending[after] - x < x - ascending[after - 1] else after - 1
