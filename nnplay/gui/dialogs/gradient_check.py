"""Checks the gradients: backpropagation beside differentiation by complex steps, the worst first."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QProgressBar,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from nnplay.core.diagnostics import GradientCheck
from nnplay.core.network import Network
from nnplay.core.topology import capitalise
from nnplay.gui.dialogs.frame import Dialog
from nnplay.gui.panels.words import count, plain_number
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import label
from nnplay.session.session import Session

__all__ = ["GradientCheckDialog"]

_LISTED: Final = 50
_HEADINGS: Final = ("Parameter", "Backpropagation", "Complex step", "Relative error")


class GradientCheckDialog(Dialog):
    """It begins by itself; a click on a row selects its connection or neuron."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(
            theme,
            "Check the gradients",
            "Check the gradients",
            "Every parameter's gradient is computed in two ways that share no code: by "
            "backpropagation, and by a complex step, which is exact to rounding.",
            parent,
        )
        self.resize(720, 560)
        self._session = session
        self._inquiry = session.insight.gradient_check
        self._network: Network | None = None
        self.outcome: GradientCheck | None = None
        self.verdict = label("", "", self)
        self.verdict.setFont(theme.ui_font(14, QFont.Weight.DemiBold))
        self.details = label("", "secondary", self)
        self.details.setWordWrap(True)
        self.progress = QProgressBar(self)
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(6)
        self.progress.setAccessibleName("Progress of the check")
        self._mark = QLabel(self)
        self.table = self._make_table()
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self._mark)
        top.addWidget(self.verdict, 1)
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addLayout(top)
        words.addWidget(self.details)
        words.addWidget(self.progress)
        self.body.setSpacing(10)
        self.body.addLayout(words)
        self.body.addWidget(self.table, 1)
        self.again_button = self.add_button("Check again", self._again_or_cancel, on_left=True)
        self.close_button = self.add_button("Close", self.accept, is_default=True)
        self._inquiry.changed.connect(self._show)
        self._inquiry.advanced.connect(self._advance)
        self._inquiry.found.connect(self._found)
        self._inquiry.failed.connect(self._failed)
        self.start()
        self.close_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _make_table(self) -> QTableWidget:
        table = QTableWidget(0, len(_HEADINGS), self)
        table.setHorizontalHeaderLabels(_HEADINGS)
        table.setAccessibleName("Parameters, largest error first")
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(26)
        table.setShowGrid(False)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setTabKeyNavigation(False)
        table.setFrameShape(QFrame.Shape.StyledPanel)
        first = table.horizontalHeaderItem(0)
        if first is not None:
            first.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        table.itemSelectionChanged.connect(self._select)
        return table

    # ------------------------------------------------------------------ checking
    def start(self) -> None:
        """Check from the beginning."""
        self._network = self._session.network
        self.outcome = None
        self._say("", "Checking …", "")
        self.table.setRowCount(0)
        self.progress.setRange(0, 0)
        self._session.insight.check_gradients(_LISTED)
        self._show()

    def _again_or_cancel(self) -> None:
        if self._inquiry.is_running:
            self._inquiry.cancel()
        else:
            self.start()

    def _advance(self, done: int, total: int) -> None:
        self.progress.setRange(0, total)
        self.progress.setValue(done)

    def _failed(self, sentence: str) -> None:
        if sentence:
            self._say("warning", "It could not be checked", sentence)
        else:
            self._say("", "Given up", "Check again whenever you like.")
        self._show()

    def _found(self, result: GradientCheck) -> None:
        self.outcome = result
        if not result.checked:
            self._say("info", "Nothing to check", "The network has no parameters, or no samples.")
            return
        error = plain_number(result.worst_relative_error, 2)
        some = f"{result.checked:,} of " if result.checked < result.parameters else ""
        details = (
            f"{some}{count(result.parameters, 'parameter')} on {count(result.samples, 'sample')}; "
            f"the largest relative error is {error}."
        )
        if result.passed:
            self._say("check", "Backpropagation is right", details)
        else:
            self._say(
                "warning",
                "The two disagree",
                f"{details} At kinks such as ReLU's at 0 both may be right; otherwise this is a "
                "fault of nnplay worth telling.",
            )
        self._fill(result)
        self._show()

    def _fill(self, result: GradientCheck) -> None:
        self.table.blockSignals(True)
        self.table.setRowCount(len(result.worst))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for place, one in enumerate(result.worst):
            texts = (
                capitalise(one.name.removeprefix("the ")),
                plain_number(one.backpropagated, 8),
                plain_number(one.by_complex_step, 8),
                plain_number(one.relative_error, 2),
            )
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                if column:
                    item.setTextAlignment(right)
                    item.setFont(self.theme.mono_font(12))
                self.table.setItem(place, column, item)
        self.table.clearSelection()
        self.table.blockSignals(False)

    def _select(self) -> None:
        rows = {index.row() for index in self.table.selectedIndexes()}
        network = self._session.network
        if self.outcome is None or len(rows) != 1 or self._network is None:
            return
        if network.topology is not self._network.topology:
            return
        slot = self.outcome.worst[rows.pop()].slot
        if slot < network.topology.edge_count:
            source, target = network.topology.edges[slot].tolist()
            self._session.select((), [(source, target)])
        else:
            row = int((network.topology.bias_slots == slot).argmax())
            self._session.select([int(network.topology.ids[row])], ())

    # ------------------------------------------------------------------ words
    def _say(self, icon: str, verdict: str, details: str) -> None:
        role = {"check": "ok", "warning": "warn", "info": "accent"}.get(icon, "secondary")
        self._mark.setVisible(bool(icon))
        if icon:
            self._mark.setPixmap(self.theme.pixmap(icon, 18, role))
        self.verdict.setText(verdict)
        self.details.setText(details)
        self.details.setVisible(bool(details))

    def _show(self) -> None:
        running = self._inquiry.is_running
        self.progress.setVisible(running)
        self.again_button.setText("Cancel" if running else "Check again")

    def done(self, result: int) -> None:
        self._inquiry.cancel()
        super().done(result)
