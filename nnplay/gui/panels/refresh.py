"""Live numbers at a pace people can read, without work for panels nobody sees."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget

__all__ = ["READABLE_INTERVAL", "Refresher"]

# Digits that change more often than this only flicker.
READABLE_INTERVAL: Final = 66


class Refresher(QObject):
    """Calls ``refresh`` on :meth:`request`, at most once per interval, only when visible.

    With an interval of 0 every request is followed at once.

    A request that comes while the widget is hidden is kept until it is shown.
    """

    def __init__(
        self, widget: QWidget, refresh: Callable[[], None], interval: int = READABLE_INTERVAL
    ) -> None:
        super().__init__(widget)
        self._widget = widget
        self._refresh = refresh
        self._wanted = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(interval)
        self._timer.timeout.connect(self._paced)
        widget.installEventFilter(self)

    def request(self, *_: object) -> None:
        """Ask for a refresh; any signal may be connected, its arguments are ignored."""
        self._wanted = True
        if not self._timer.isActive() and self._widget.isVisible():
            self._now()
            if self._timer.interval():
                self._timer.start()

    def flush(self) -> None:
        """Refresh at once if something was asked for, visible or not."""
        if self._wanted:
            self._now()

    def _paced(self) -> None:
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
