"""Accuracy (or R²) of both parts over epochs, beside the loss."""

from __future__ import annotations

import math

from nnplay.gui.panels.words import plain_number
from nnplay.gui.plots.curve_legend import curve_pen
from nnplay.gui.plots.insight.lines import EpochTrail, Line, LinesChart
from nnplay.gui.plots.insight.page import PlotPage
from nnplay.gui.theme import Theme
from nnplay.session.plot_requests import Metric, MetricWish, Stamped
from nnplay.session.session import Session

__all__ = ["MetricsPage"]


class MetricsPage(PlotPage):
    """Recorded as long as it is seen."""

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__(session, theme, "Train: how many answers are right appears here.")
        self.chart = LinesChart(session, theme, "Accuracy over epochs", 0.0, 1.0)
        self.trail = EpochTrail()
        self._is_accuracy = True
        self._data: object = None
        self._wish = MetricWish()
        session.document_replaced.connect(self.trail.clear)

    def wish(self) -> MetricWish:
        return self._wish

    def take(self, answer: Stamped) -> None:
        metric = answer.value
        assert isinstance(metric, Metric)  # noqa: S101
        if self._session.prepared is not self._data or metric.is_accuracy != self._is_accuracy:
            # What was measured on other data tells nothing about these.
            self.trail.clear()
            self._data, self._is_accuracy = self._session.prepared, metric.is_accuracy
        self.trail.add(answer.epoch, [metric.train, metric.test])
        self._refresher.request()

    def refresh(self) -> None:
        if not len(self.trail):
            self.say()
            return
        name = "Accuracy" if self._is_accuracy else "R² (share of the spread explained)"
        train, test = self.trail.rows[-1]
        self.caption.setText(
            f"{name}: train {self._text(train)}"
            + ("" if math.isnan(test) else f", test {self._text(test)}")
        )
        palette = self._theme.palette
        lines = [
            Line(part, self.trail.rows[:, place], curve_pen(palette, part))
            for place, part in ((1, "test"), (0, "train"))
        ]
        self.chart.set_lines(self.trail.epochs, lines)
        self.show_content(self.chart)

    def _text(self, value: float) -> str:
        return f"{100 * value:.1f} %" if self._is_accuracy else plain_number(value, 3)
