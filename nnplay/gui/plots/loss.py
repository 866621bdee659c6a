"""The loss plot: what training did to the loss, epoch by epoch."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QStackedLayout, QWidget

from nnplay.gui.panels.refresh import Refresher
from nnplay.gui.plots.curve_legend import CurveLegend
from nnplay.gui.plots.data_changes import DataChanges
from nnplay.gui.plots.header import text_toggle
from nnplay.gui.theme import Theme
from nnplay.gui.widgets.controls import EmptyState
from nnplay.session.session import Session

if TYPE_CHECKING:
    from nnplay.gui.plots.loss_chart import LossChart

__all__ = ["LossPlot"]

INTERVAL: Final = 50
"""Milliseconds between two updates at least."""
CALM_INTERVAL: Final = 100
CALM: Final = 1000
"""From so many epochs on the curve changes slowly, and updates come at the longer interval."""
BEHIND_FIRST_PAINT: Final = 250
"""Milliseconds after the first showing until the chart is made, so that no run waits for it."""
NARROWEST: Final = 180
"""Pixels below which the switch of the axis gives way."""
HINT: Final = "Press Space to train: the loss appears here."


class LossPlot(QWidget):
    """Train and test loss of the document, growing while it trains and cut back by undo.

    The chart itself, and pyqtgraph with it, is made when it is needed or a moment after the first
    showing: the window's first paint does not wait for it.
    """

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._theme = theme
        self._chart: LossChart | None = None
        self._longest_shown = 0
        self._was_cut = True
        self._changes = DataChanges(session)
        self.empty = EmptyState(theme, "chart", HINT)
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.addWidget(self.empty)
        self.setMinimumSize(140, 110)
        self.legend = CurveLegend(theme)
        self.log_button = text_toggle(
            "log", "Logarithmic loss axis: shows small losses apart", self._set_log_mode
        )
        self._refresher = Refresher(self, self._refresh, INTERVAL)
        self._numbers = Refresher(self, self._refresh_numbers)
        session.history_changed.connect(self._note_history)
        session.losses_changed.connect(self._numbers.request)
        session.document_replaced.connect(self._note_document)
        session.setup_changed.connect(self._note_setup)
        session.data_changed.connect(self._note_setup)
        self._refresher.request()
        self._numbers.request()

    def header_widgets(self) -> list[QWidget]:
        """Legend with the present losses, and the switch of the axis."""
        return [self.legend, self.log_button]

    @property
    def chart(self) -> LossChart:
        """The curves."""
        if self._chart is None:
            from nnplay.gui.plots.loss_chart import LossChart

            self._chart = LossChart(self._theme)
            self._chart.setAccessibleName("Loss over epochs")
            self._chart.setAccessibleDescription(
                "Arrow keys read the curve, Home shows all of it, the wheel zooms."
            )
            self._stack.addWidget(self._chart)
        return self._chart

    def _set_log_mode(self, on: bool) -> None:
        self.chart.set_log_mode(on)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # In the narrowest window the names of the tabs have the header for themselves.
        if self.log_button.parent() is not None:
            self.log_button.setVisible(self.width() >= NARROWEST)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._chart is None:
            QTimer.singleShot(BEHIND_FIRST_PAINT, self, self._make_ready)

    def _make_ready(self) -> None:
        self.chart.ensurePolished()

    def flush(self) -> None:
        """Show what has arrived at once (benchmarks and tests)."""
        self._refresher.flush()
        self._numbers.flush()

    # ------------------------------------------------------------------ following the session
    def _note_history(self) -> None:
        length = len(self._session.curve)
        self._changes.follow()
        # A cut may be made good again before the next update: then the curve is another one.
        self._was_cut = self._was_cut or length < self._longest_shown
        self._longest_shown = length
        self._refresher.request()
        self._numbers.request()

    def _note_setup(self) -> None:
        self._changes.follow()
        self._refresher.request()

    def _note_document(self) -> None:
        self._was_cut = True
        self._changes.restart()
        if self._chart is not None:
            self._chart.reset_view()
        self._note_history()

    def _refresh(self) -> None:
        curve = self._session.curve
        self._refresher.set_interval(INTERVAL if len(curve) < CALM else CALM_INTERVAL)
        # The loss before training is one point: no curve yet.
        has_curve = len(curve) > 1
        if has_curve or self._chart is not None:
            self.chart.set_history(curve, self._was_cut, self._changes.epochs)
            self._was_cut = False
        self._stack.setCurrentWidget(self.chart if has_curve else self.empty)
        if not has_curve:
            self.empty.set_sentence(self._session.data_problem or HINT)

    def _refresh_numbers(self) -> None:
        """Losses as they are now, also after an edit by hand."""
        session = self._session
        losses, curve = session.losses, session.curve
        train = test = math.nan
        if session.is_running and len(curve):
            train, test = float(curve.train[-1]), float(curve.test[-1])
        elif losses is not None:
            train = float(losses.loss_train)
            test = math.nan if losses.loss_test is None else float(losses.loss_test)
        self.legend.set_values(train, test)
