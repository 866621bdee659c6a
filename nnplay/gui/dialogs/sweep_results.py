"""What a sweep has found so far: curves, legend, table, and a sentence."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSplitter,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from nnplay.gui.dialogs.sweep_chart import SweepChart, group_colour
from nnplay.gui.dialogs.sweep_table import SweepTable
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import EmptyState, caption_label, label
from nnplay.sweeps.plan import Sweep
from nnplay.sweeps.results import SweepResult, SweepRow
from nnplay.sweeps.words import value_words

__all__ = ["SweepResults"]

_EMPTY = (
    "Nothing has been compared yet. Choose values and press Start: the loss of every run is drawn "
    "here, and the table below says which value is best, and whether that is more than luck."
)
MOST_NAMES = 12


class _Swatch(QLabel):
    """A piece of line in the colour of a combination."""

    def __init__(self, combination: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._combination = combination
        self.setFixedSize(16, 14)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(group_colour(self._combination), 3.0)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawLine(3, 7, 13, 7)
        painter.end()


class SweepResults(QWidget):
    """Fed row by row while a sweep goes on.

    Signals:
        row_selected(): another row is selected, or none.
    """

    row_selected = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.result: SweepResult | None = None
        self.rows: list[SweepRow] = []
        self._sweep: Sweep | None = None
        self.empty = EmptyState(theme, "chart", _EMPTY, parent=self)
        self.caption = caption_label("Loss of every run, thick: median", self)
        self.log = QToolButton(self)
        self.log.setText("Log")
        self.log.setCheckable(True)
        self.log.setProperty("role", "segment")
        self.log.setFixedSize(44, 26)
        self.log.setToolTip("Show the loss in powers of ten")
        self.log.setAccessibleName("Logarithmic loss axis")
        self.chart = SweepChart(theme, self)
        self.log.toggled.connect(self.chart.set_log_mode)
        self._legend = QGridLayout()
        self._legend.setHorizontalSpacing(6)
        self._legend.setVerticalSpacing(2)
        self._names: list[QWidget] = []
        self.table = SweepTable(theme, self)
        self.table.row_selected.connect(self._selected)
        self.verdict = label("", "", self)
        self.verdict.setWordWrap(True)
        self.verdict.setMinimumHeight(2 * self.verdict.fontMetrics().lineSpacing() + 2)
        self.verdict.setAlignment(Qt.AlignmentFlag.AlignTop)
        head = QHBoxLayout()
        head.addWidget(self.caption)
        head.addStretch(1)
        head.addWidget(self.log)
        frame = QFrame(self)
        frame.setProperty("role", "panel")
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(6, 4, 6, 4)
        inside.addWidget(self.chart)
        above = QWidget(self)
        upper = QVBoxLayout(above)
        upper.setContentsMargins(0, 0, 0, 0)
        upper.setSpacing(6)
        upper.addLayout(head)
        upper.addWidget(frame, 1)
        upper.addLayout(self._legend)
        split = QSplitter(Qt.Orientation.Vertical, self)
        split.setChildrenCollapsible(False)
        split.setHandleWidth(8)
        split.addWidget(above)
        split.addWidget(self.table)
        split.setSizes([300, 190])
        full = QWidget(self)
        layout = QVBoxLayout(full)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(split, 1)
        layout.addWidget(self.verdict)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(full)

    # ------------------------------------------------------------------ feeding
    def begin(self, sweep: Sweep) -> None:
        """Nothing is known of this sweep yet."""
        self._sweep, self.result, self.rows = sweep, None, []
        self.chart.mark(None)
        self.chart.set_names(self._group_names(sweep))
        self.chart.set_rows([])
        self._show_legend(sweep)
        self.table.begin(sweep, has_test=True, has_accuracy=True)
        self.verdict.setText("")
        self._stack.setCurrentIndex(1)

    def add(self, row: SweepRow) -> None:
        """A run has ended."""
        if self._sweep is None:
            return
        if not self.rows and row.is_done:
            has_test = not math.isnan(row.loss_test)
            has_accuracy = not math.isnan(row.accuracy_train)
            if not (has_test and has_accuracy):
                self.table.begin(self._sweep, has_test, has_accuracy)
        self.rows.append(row)
        self.table.results.add(row)
        self.chart.set_rows(self.rows)

    def finish(self, result: SweepResult) -> None:
        """All is known; the best run is selected."""
        self.result = result
        self.rows = [row for row in result.rows if not row.was_cancelled]
        self.table.results.replace(self.rows)
        self.chart.set_rows(self.rows)
        if not self.rows:
            self._stack.setCurrentIndex(0)
            self.result = None
            return
        failed = next((row.problem for row in self.rows if not row.is_done), "")
        some_done = any(row.is_done for row in self.rows)
        self.verdict.setText(result.summary().sentence if some_done else failed)
        best = result.best
        if best is not None and self.table.selected() is None:
            self.table.select_number(best.number)

    def fail(self, sentence: str) -> None:
        """There is nothing to show, and a reason."""
        self.empty.set_sentence(sentence)
        self._stack.setCurrentIndex(0)

    def selected(self) -> SweepRow | None:
        """The selected run."""
        return self.table.selected()

    # ------------------------------------------------------------------ details
    def _selected(self, row: SweepRow | None) -> None:
        self.chart.mark(None if row is None else row.number)
        self.row_selected.emit()

    @staticmethod
    def _group_names(sweep: Sweep) -> dict[int, str]:
        return {
            place: " · ".join(value_words(value, name) for name, value in settings.items())
            or "all runs"
            for place, settings in enumerate(sweep.combinations)
        }

    def _show_legend(self, sweep: Sweep) -> None:
        for widget in self._names:
            self._legend.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self._names = []
        names: Sequence[tuple[int, str]] = list(self._group_names(sweep).items())
        longest = max(len(name) for _, name in names)
        columns = 6 if longest <= 8 else 4 if longest <= 18 else 3
        for index, (place, name) in enumerate(names[:MOST_NAMES]):
            row, column = divmod(index, columns)
            pair = (_Swatch(place, self), label(name, "secondary", self))
            for offset, widget in enumerate(pair):
                self._legend.addWidget(widget, row, 2 * column + offset)
                self._names.append(widget)
        for column in range(columns):
            self._legend.setColumnStretch(2 * column + 1, 1)
        if len(names) > MOST_NAMES:
            more = label(f"and {len(names) - MOST_NAMES} more, see the table", "tertiary", self)
            self._legend.addWidget(more, MOST_NAMES // columns + 1, 0, 1, 2 * columns)
            self._names.append(more)
