"""The activation plot: what every neuron says to the probed sample, now or over epochs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from nnplay.gui.panels.refresh import Refresher
from nnplay.gui.plots.activation_bars import ActivationBars
from nnplay.gui.plots.header import text_toggle
from nnplay.gui.theme import Theme
from nnplay.gui.widgets.controls import EmptyState, label
from nnplay.session.session import Session

if TYPE_CHECKING:
    from nnplay.gui.plots.activation_trail import ActivationTrailChart

__all__ = ["ActivationPlot"]

INTERVAL: Final = 50
HINT: Final = "Train, or step batch by batch: the activations leave their trail here."


class ActivationPlot(QWidget):
    """Two views of the same numbers: bars of this moment, and lines over epochs."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._theme = theme
        self.bars = ActivationBars(session, theme)
        self._trail: ActivationTrailChart | None = None
        self.empty = EmptyState(theme, "pulse", HINT)
        self._note = label("", "small", self)
        self._note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._note.hide()
        self._pages = QStackedWidget(self)
        self._pages.addWidget(self.bars)
        self._pages.addWidget(self.empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self._pages, 1)
        layout.addWidget(self._note)
        self.setMinimumSize(180, 110)
        self.over_time_button = text_toggle(
            "over epochs", "Over epochs: follow the activations while training", self.show_trail
        )
        self._values = Refresher(self, self._refresh, INTERVAL)
        self._choice = Refresher(self, self._choose, INTERVAL)
        session.probe_changed.connect(self._values.request)
        session.history_changed.connect(self._values.request)
        session.hovered_changed.connect(self._values.request)
        session.selection_changed.connect(self._choice.request)
        session.network_changed.connect(self._network_changed)
        session.document_replaced.connect(self._choose)
        # Which neurons vary most is known better after a while; rows that change places all the
        # time could not be read.
        session.run_state_changed.connect(self._run_state_changed)
        theme.changed.connect(self._choice.request)
        self._was_running = session.is_running
        self._choice.request()

    def header_widgets(self) -> list[QWidget]:
        """The switch between the two views."""
        return [self.over_time_button]

    def sizeHint(self) -> QSize:
        return QSize(380, 220)

    @property
    def trail(self) -> ActivationTrailChart | None:
        """The lines over epochs, once they were asked for."""
        return self._trail

    def flush(self) -> None:
        """Show what has arrived at once (benchmarks and tests)."""
        self._choice.flush()
        self._values.flush()

    def show_trail(self, on: bool) -> None:
        """Lines over epochs instead of bars."""
        if on and self._trail is None:
            from nnplay.gui.plots.activation_trail import ActivationTrailChart

            self._trail = ActivationTrailChart(self._session, self._theme)
            self._pages.addWidget(self._trail)
        if self.over_time_button.isChecked() != on:
            self.over_time_button.setChecked(on)
        self._choice.request()
        self._choice.flush()

    # ------------------------------------------------------------------ following the session
    def _network_changed(self, before: object, after: object) -> None:
        same = getattr(before, "topology", None) is getattr(after, "topology", None) and getattr(
            before, "labels", None
        ) == getattr(after, "labels", None)
        if same:
            self._values.request()
        else:
            # At once: what stood for a row may be gone.
            self._choose()

    def _run_state_changed(self) -> None:
        running = self._session.is_running
        if running != self._was_running:
            self._was_running = running
            self._choice.request()

    def _choose(self) -> None:
        if self.over_time_button.isChecked() and self._trail is not None:
            self._trail.choose()
        else:
            self.bars.choose()
        self._show_page()

    def _refresh(self) -> None:
        if self.over_time_button.isChecked() and self._trail is not None:
            self._trail.refresh()
        else:
            self.bars.refresh()
        self._show_page()

    def _show_page(self) -> None:
        page: QWidget = self.bars
        note = ""
        if self.over_time_button.isChecked() and self._trail is not None:
            has_trail = len(self._session.activation_trail) > 1
            page = self._trail if has_trail else self.empty
            note = self._trail.sentence if has_trail else ""
        if self._pages.currentWidget() is not page:
            self._pages.setCurrentWidget(page)
        self._note.setText(note)
        self._note.setVisible(bool(note))
