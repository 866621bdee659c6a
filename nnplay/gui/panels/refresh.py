"""Live numbers at a pace people can read, without work for panels nobody sees."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget

from nnplay.gui.panels.turns import TURNS

__all__ = ["READABLE_INTERVAL", "Refresher"]

# Digits that change more often than this only flicker.
READABLE_INTERVAL: Final = 66


class Refresher(QObject):
    """Calls ``refresh`` on :meth:`request`, at most once per interval, only when visible.

    With an interval of 0 every request is followed at once. While pictures follow one another,
    refreshes that come by the clock take turns between them.

    A request that comes while the widget is hidden is kept until it is shown.
    """

    def __init__(
        self, widget: QWidget, refresh: Callable[[], None], interval: int = READABLE_INTERVAL
    ) -> None:
        super().__init__(widget)
        self._widget = widget
        self._refresh = refresh
        self._wanted = False
        self._in_queue = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(interval)
        self._timer.timeout.connect(self._paced)
        widget.installEventFilter(self)

    def set_interval(self, interval: int) -> None:
        """Another shortest time between two refreshes, in ms; not 0."""
        if interval != self._timer.interval():
            self._timer.setInterval(interval)

    def request(self, *_: object) -> None:
        """Ask for a refresh; any signal may be connected, its arguments are ignored."""
        self._wanted = True
        if not self._timer.isActive() and not self._in_queue and self._widget.isVisible():
            self._now()
            if self._timer.interval():
                self._timer.start()

    def flush(self) -> None:
        """Refresh at once if something was asked for, visible or not."""
        if self._wanted:
            self._now()

    def _paced(self) -> None:
        if self._wanted and self._widget.isVisible():
            self._in_queue = TURNS.join(self, self._have_turn)
            if not self._in_queue:
                self._have_turn()

    def _have_turn(self) -> None:
        self._in_queue = False
        if self._wanted and self._widget.isVisible():
            self._now()
            self._timer.start()

    def _now(self) -> None:
        self._wanted = False
        self._refresh()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and self._wanted:
            self._now()
        return False
