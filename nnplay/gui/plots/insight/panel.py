"""The card of further plots: a chooser in its header, and the plot chosen last below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QShowEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QStackedLayout, QToolButton, QWidget

from nnplay.gui.plots.insight.catalogue import PLOTS
from nnplay.gui.theme import Theme
from nnplay.session.session import Session

if TYPE_CHECKING:
    from nnplay.gui.plots.insight.page import PlotPage

__all__ = ["MorePlots"]


class MorePlots(QWidget):
    """Makes a plot when it is first seen.

    Signals:
        chosen(str): another plot was chosen; see :data:`PLOTS`.
    """

    chosen = Signal(str)

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._theme = session, theme
        self._pages: dict[str, PlotPage] = {}
        self._current = PLOTS[0].name
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self.setMinimumSize(140, 110)
        self.button = QToolButton()
        self.button.setProperty("role", "boxed")
        self.button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.button.setFixedHeight(26)
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.menu = QMenu(self)
        self.menu.setToolTipsVisible(True)
        group = QActionGroup(self.menu)
        for entry in PLOTS:
            action = QAction(entry.title, self.menu)
            action.setCheckable(True)
            action.setToolTip(entry.tip)
            action.setData(entry.name)
            group.addAction(action)
            self.menu.addAction(action)
        group.triggered.connect(self._triggered)
        self.button.setMenu(self.menu)
        self._name_button()

    def header_widgets(self) -> list[QWidget]:
        """The chooser."""
        return [self.button]

    @property
    def current(self) -> str:
        """Name of the plot chosen last."""
        return self._current

    @property
    def page(self) -> PlotPage | None:
        """Its view, once it has been seen."""
        return self._pages.get(self._current)

    @property
    def made(self) -> tuple[str, ...]:
        """Names of the plots that have a view."""
        return tuple(self._pages)

    def show_plot(self, name: str) -> None:
        """Choose a plot."""
        if not any(entry.name == name for entry in PLOTS):
            return
        changed, self._current = name != self._current, name
        self._name_button()
        if self.isVisible():
            self._bring()
        if changed:
            self.chosen.emit(name)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._bring()

    def _bring(self) -> None:
        if self._current not in self._pages:
            entry = next(entry for entry in PLOTS if entry.name == self._current)
            page = entry.make(self._session, self._theme)
            self._pages[self._current] = page
            self._stack.addWidget(page)
        self._stack.setCurrentWidget(self._pages[self._current])

    def _triggered(self, action: QAction) -> None:
        self.show_plot(str(action.data()))

    def _name_button(self) -> None:
        for action, entry in zip(self.menu.actions(), PLOTS, strict=True):
            if entry.name == self._current:
                action.setChecked(True)
                self.button.setText(f"{entry.short} ▾")
                self.button.setToolTip(f"{entry.tip}. Click for other plots")
                self.button.setAccessibleName(f"Plot: {entry.title}")
