"""Accuracy (or R²) of both parts over epochs, beside the loss."""

from __future__ import annotations

import math

from nnplay.gui.panels.words import plain_number
from nnplay.gui.plots.curve_legend import curve_pen
from nnplay.gui.plots.insight.epoch_page import EpochPage
from nnplay.gui.plots.insight.lines import Line, LinesChart
from nnplay.gui.theme import Theme
from nnplay.session.epoch_requests import MetricWish
from nnplay.session.session import Session

__all__ = ["MetricsPage"]


class MetricsPage(EpochPage):
    """Recorded as long as it is seen."""

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__(
            session,
            theme,
            "Train: how many answers are right appears here.",
            "chart",
            MetricWish(),
            keeps_topology=True,
        )
        self.chart = LinesChart(session, theme, "Accuracy over epochs", 0.0, 1.0)

    def refresh(self) -> None:
        epochs, rows, gaps = self.curve()
        now = self.now
        if self.problem or not len(epochs) or now is None:
            self.say(self.problem)
            return
        prepared = self._session.prepared
        is_accuracy = prepared is not None and prepared.classes is not None
        name = "Accuracy" if is_accuracy else "R² (share of the spread explained)"
        train, test = (_text(value, is_accuracy) for value in now.tolist())
        self.caption.setText(
            f"{name}: train {train}" + (f", test {test}" if test else "") + self.share_words
        )
        palette = self._theme.palette
        lines = [
            Line(part, rows[:, place], curve_pen(palette, part))
            for place, part in ((1, "test"), (0, "train"))
        ]
        self.chart.set_lines(epochs, lines, gaps)
        self.show_content(self.chart)


def _text(value: float, is_accuracy: bool) -> str:
    if math.isnan(value):
        return ""
    return f"{100 * value:.1f} %" if is_accuracy else plain_number(value, 3)
