"""What is wrong with which neurons: a row for each finding, with reasons, cures and thresholds."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from nnplay.core.ailments import AILMENTS, Finding, Severity
from nnplay.gui.panels.fold import FoldButton
from nnplay.gui.panels.words import count
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import label
from nnplay.picture.badges import paint_badge
from nnplay.session.session import Session

__all__ = ["FindingRow", "FindingsPage"]

MOST_ROWS: Final = 40


class _Mark(QWidget):
    """The mark of a severity."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.severity: Severity = "note"
        self.setFixedSize(QSize(18, 18))
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        palette = self._theme.palette
        paint_badge(painter, palette, self.severity, QPointF(9, 9), 7.0, palette.card)
        painter.end()


class FindingRow(QFrame):
    """One finding; a click selects its neurons.

    Signals:
        clicked(object): the finding.
    """

    clicked = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "box")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.finding: Finding | None = None
        self._mark = _Mark(theme, self)
        self._title = label("", "", self)
        self._title.setFont(theme.ui_font(12, QFont.Weight.DemiBold))
        self._sentence = label("", "", self)
        self._cures = label("", "secondary", self)
        for text in (self._sentence, self._cures):
            text.setWordWrap(True)
            text.setFont(theme.ui_font(12))
        words = QVBoxLayout()
        words.setSpacing(3)
        for widget in (self._title, self._sentence, self._cures):
            words.addWidget(widget)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(9, 8, 9, 8)
        layout.setSpacing(8)
        layout.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(words, 1)

    def show_finding(self, finding: Finding) -> None:
        """Show a finding."""
        self.finding = finding
        self._mark.severity = finding.severity
        self._mark.update()
        self._title.setText(finding.ailment.title)
        self._sentence.setText(finding.sentence)
        self._cures.setText(f"What helps: {_small(finding.ailment.cures)}")
        self.setAccessibleName(f"{finding.ailment.title}. {finding.sentence}")
        self.setAccessibleDescription(
            f"{finding.ailment.cures} Return selects {count(len(finding.neurons), 'neuron')}."
        )
        self.setToolTip("Select " + count(len(finding.neurons), "neuron") + " on the canvas")

    def show_chosen(self, chosen: bool) -> None:
        """Mark the row whose neurons are selected."""
        state = "all" if chosen else ""
        if state != (self.property("chosen") or ""):
            self.setProperty("chosen", state)
            self.style().unpolish(self)
            self.style().polish(self)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit(self.finding)
            event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.clicked.emit(self.finding)
        else:
            super().keyPressEvent(event)


def _small(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


class FindingsPage(QWidget):
    """All findings of the latest report.

    Signals:
        badges_toggled(bool): marks on the canvas were asked for, or not.
    """

    badges_toggled = Signal(bool)

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._theme = session, theme
        self.summary = label("", "", self)
        self.summary.setWordWrap(True)
        self.badges = QCheckBox("Marks on the canvas", self)
        self.badges.setToolTip(
            "Mark sick neurons on the canvas also while this panel is not in sight"
        )
        self.badges.toggled.connect(self.badges_toggled)
        self.area = QScrollArea(self)
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._content = QWidget(self.area)
        self._content.setProperty("role", "content")
        self.area.setWidget(self._content)
        self.rows: list[FindingRow] = []
        self._more = label("", "secondary", self)
        self._fold = FoldButton(theme, "Thresholds", self)
        self._fold.toggled.connect(self._show_thresholds)
        self._thresholds = QWidget(self)
        self._fill_thresholds()
        self._thresholds.hide()
        self._list = QVBoxLayout()
        self._list.setSpacing(6)
        column = QVBoxLayout(self._content)
        column.setContentsMargins(0, 0, 2, 0)
        column.setSpacing(6)
        column.addLayout(self._list)
        column.addWidget(self._more)
        column.addWidget(self._fold)
        column.addWidget(self._thresholds)
        column.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.summary)
        layout.addWidget(self.area, 1)
        layout.addWidget(self.badges)
        session.selection_changed.connect(self._mark_chosen)
        self.refresh()

    def _fill_thresholds(self) -> None:
        layout = QVBoxLayout(self._thresholds)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for ailment in AILMENTS.values():
            line = label(f"{ailment.title}: {ailment.threshold}.", "secondary", self._thresholds)
            line.setFont(self._theme.ui_font(12))
            line.setWordWrap(True)
            layout.addWidget(line)

    def _show_thresholds(self, shows: bool) -> None:
        self._thresholds.setVisible(shows)

    def refresh(self) -> None:
        """Show the latest report."""
        insight = self._session.insight
        report, problem = insight.health, insight.problem("health")
        findings = () if report is None else report.findings
        if report is None:
            self.summary.setText(problem or "Looking at the data …")
        elif not findings:
            self.summary.setText(f"Healthy: nothing found on {self._samples()}.")
        else:
            self.summary.setText(f"{count(len(findings), 'finding')} on {self._samples()}.")
        while len(self.rows) < min(len(findings), MOST_ROWS):
            row = FindingRow(self._theme, self._content)
            row.clicked.connect(self._select)
            self._list.addWidget(row)
            self.rows.append(row)
        for place, row in enumerate(self.rows):
            row.setVisible(place < len(findings))
            if place < len(findings):
                row.show_finding(findings[place])
        hidden = len(findings) - MOST_ROWS
        self._more.setText(f"… and {hidden:,} more." if hidden > 0 else "")
        self._more.setVisible(hidden > 0)
        self._mark_chosen()

    def _samples(self) -> str:
        report = self._session.insight.health
        assert report is not None  # noqa: S101
        if report.samples < report.total:
            return f"{report.samples:,} of {count(report.total, 'training sample')}"
        return count(report.total, "training sample")

    def _select(self, finding: Finding | None) -> None:
        if finding is not None:
            self._session.select(finding.neurons, ())

    def _mark_chosen(self) -> None:
        chosen = self._session.selection.neurons
        for row in self.rows:
            if row.finding is not None:
                row.show_chosen(bool(chosen) and chosen == frozenset(row.finding.neurons))
