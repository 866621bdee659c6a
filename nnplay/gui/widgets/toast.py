"""Messages that appear above the canvas for a moment and never take the focus."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from nnplay.gui.theme import Theme
from nnplay.gui.widgets.controls import icon_button, label

__all__ = ["Toast"]

_ICONS: Final = {"info": "info", "warning": "warning", "error": "error"}
_ROLES: Final = {"info": "accent", "warning": "warn", "error": "error"}
_MARGIN: Final = 16


class Toast(QFrame):
    """One message at the lower edge of ``host``; a newer one takes its place.

    Passing remarks leave by themselves; warnings stay longer, errors until they are closed. The
    pointer on a message keeps it.

    Signals:
        closed(): the message went away.
    """

    closed = Signal()

    def __init__(self, theme: Theme, host: QWidget) -> None:
        super().__init__(host)
        self._theme, self._host = theme, host
        self._severity = "info"
        self._action: Callable[[], object] | None = None
        self.setProperty("role", "toast")
        self._picture = QLabel(self)
        self._text = label("", "", self)
        self._text.setWordWrap(True)
        self._button = QPushButton(self)
        self._button.setProperty("role", "link")
        self._button.clicked.connect(self._act)
        self._close = icon_button(theme, "close", "Close message", self.dismiss, self)
        self._close.setFixedSize(24, 24)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 8, 8, 8)
        layout.setSpacing(10)
        layout.addWidget(self._picture)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._button)
        layout.addWidget(self._close)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.dismiss)
        theme.changed.connect(self._refresh)
        host.installEventFilter(self)
        self.hide()

    def text(self) -> str:
        """What it says, or said last."""
        return self._text.text()

    def show_message(
        self,
        text: str,
        severity: str = "info",
        action_text: str = "",
        action: Callable[[], object] | None = None,
    ) -> None:
        """Show a message; ``severity`` is ``info``, ``warning`` or ``error``."""
        self._severity = severity if severity in _ICONS else "info"
        self._text.setText(text)
        self._action = action
        self._button.setText(action_text)
        self._button.setVisible(bool(action_text and action))
        self.setAccessibleName(text)
        self.setProperty("severity", self._severity)
        self.style().unpolish(self)
        self.style().polish(self)
        self._refresh()
        self._place()
        self.show()
        self.raise_()
        if self._severity == "error":
            self._timer.stop()
        else:
            seconds = 4 if self._severity == "info" else 9
            self._timer.start(1000 * (seconds + len(text) // 40))

    def dismiss(self) -> None:
        """Hide the message; a hovered one waits."""
        if self._timer.isActive() is False and self.underMouse() and self.sender() is self._timer:
            self._timer.start(2000)
            return
        self._timer.stop()
        self._action = None
        if self.isVisible():
            self.hide()
            self.closed.emit()

    def _act(self) -> None:
        action = self._action
        self.dismiss()
        if action is not None:
            action()

    def _refresh(self) -> None:
        picture = self._theme.pixmap(_ICONS[self._severity], 18, _ROLES[self._severity])
        self._picture.setPixmap(picture)

    def _place(self) -> None:
        room = self._host.width() - 2 * _MARGIN
        extra = 14 + 8 + 18 + 24 + 30
        if self._button.isVisibleTo(self):
            extra += self._button.sizeHint().width() + 10
        natural = self._text.fontMetrics().horizontalAdvance(self._text.text()) + extra + 6
        width = max(120, min(room, natural, 620))
        self.setFixedWidth(width)
        height = max(self.sizeHint().height(), self.layout().heightForWidth(width))  # type: ignore[union-attr]
        self.resize(width, height)
        self.move((self._host.width() - width) // 2, self._host.height() - height - _MARGIN)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._host and event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False
