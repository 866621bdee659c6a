"""The health panel: sick neurons, ablation, the probe looked into, the next batch.

Its pages are made when they are first shown, and ask for their numbers only while they are in sight.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from nnplay.gui.dialogs.segments import Segments
from nnplay.gui.panels.refresh import Refresher
from nnplay.gui.theme import Theme
from nnplay.session.session import Session

if TYPE_CHECKING:
    from nnplay.session.insight import Subject

__all__ = ["HealthPanel"]

_PAGES: Final = (
    ("findings", "Findings", "Dead, saturated, duplicate and other sick neurons"),
    ("ablation", "Ablation", "What the loss would be without each neuron or connection"),
    ("probe", "Probe", "How inputs move the outputs, and what would flip the class"),
    ("batch", "Batch", "The next mini-batch, sample by sample"),
)
_LOOKS_AT: Final[dict[str, tuple[Subject, ...]]] = {
    "findings": ("health",),
    "ablation": (),
    "probe": ("saliency",),
    "batch": ("batch",),
}


class HealthPanel(QWidget):
    """Four pages behind a row of buttons.

    Signals:
        rows_marked(object): rows of the data to mark in the decision map, ``int64[k]``.
        badges_wanted(bool): sick neurons are to be marked on the canvas.
    """

    rows_marked = Signal(object)
    badges_wanted = Signal(bool)

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._theme = session, theme
        self._keeps_badges = False
        self.setAccessibleName("Health")
        self.pages: dict[str, QWidget] = {}
        self.segments = Segments(_PAGES, "Page", self, width=40)
        for button in self.segments.buttons:
            button.setStyleSheet("padding: 4px 4px; font-size: 12px;")
        self.segments.chosen.connect(self._choose)
        self._stack = QStackedWidget(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.segments)
        layout.addWidget(self._stack, 1)
        self._refresher = Refresher(self, self._refresh)

    @property
    def page(self) -> str:
        """Name of the page in front."""
        return self.segments.value()

    def show_page(self, name: str) -> None:
        """Bring a page to the front: ``findings``, ``ablation``, ``probe`` or ``batch``."""
        self.segments.set_value(name)
        self._choose(name)

    def set_badges(self, on: bool) -> None:
        """Mark sick neurons on the canvas also while this panel is out of sight."""
        self._keeps_badges = on
        page = self.pages.get("findings")
        if page is not None:
            box = getattr(page, "badges")  # noqa: B009 - pages are imported when they are made
            box.blockSignals(True)
            box.setChecked(on)
            box.blockSignals(False)
        self._tell_badges()

    # ------------------------------------------------------------------ pages
    def _choose(self, name: str) -> None:
        if not self.isVisible():
            return
        if name not in self.pages:
            self.pages[name] = self._make(name)
            self._stack.addWidget(self.pages[name])
        self._stack.setCurrentWidget(self.pages[name])
        self._session.insight.look(self, *_LOOKS_AT[name])
        self._refresh()
        if name != "batch":
            self.rows_marked.emit(np.empty(0, dtype=np.int64))
        self._tell_badges()

    def _make(self, name: str) -> QWidget:
        insight = self._session.insight
        if not self.pages:
            insight.changed.connect(self._news)
        if name == "findings":
            from nnplay.gui.panels.health_findings import FindingsPage

            findings = FindingsPage(self._session, self._theme, self)
            findings.badges.setChecked(self._keeps_badges)
            findings.badges_toggled.connect(self.set_badges)
            return findings
        if name == "ablation":
            from nnplay.gui.panels.health_ablation import AblationPage

            return AblationPage(self._session, self._theme, self)
        if name == "probe":
            from nnplay.gui.panels.health_probe import ProbePage

            return ProbePage(self._session, self._theme, self)
        from nnplay.gui.panels.health_batch import BatchPage

        batch = BatchPage(self._session, self._theme, self)
        batch.marked.connect(self.rows_marked)
        return batch

    def _news(self, subject: str) -> None:
        if subject in _LOOKS_AT[self.page]:
            self._refresher.request()

    def _refresh(self) -> None:
        page = self.pages.get(self.page)
        refresh = getattr(page, "refresh", None)
        if refresh is not None:
            refresh()

    def _tell_badges(self) -> None:
        on = self._keeps_badges or (self.isVisible() and self.page == "findings")
        self.badges_wanted.emit(on)

    # ------------------------------------------------------------------ in sight or not
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        # Behind the first picture of the panel, so that bringing it to the front costs nothing.
        QTimer.singleShot(0, self, self._shown)

    def _shown(self) -> None:
        if self.isVisible():
            self._choose(self.page)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self.pages:
            self._session.insight.look(self)
            self.rows_marked.emit(np.empty(0, dtype=np.int64))
        self._tell_badges()
