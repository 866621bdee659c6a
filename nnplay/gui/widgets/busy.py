"""What is being read or written when it takes longer, and the way out of it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from nnplay.gui.widgets.controls import label

__all__ = ["BusyCard"]

_WIDTH = 340
_MARGIN = 16


class BusyCard(QFrame):
    """A small card at the upper edge of ``host`` with moving progress and *Cancel*.

    Signals:
        cancelled(): the button was pressed.
    """

    cancelled = Signal()

    def __init__(self, host: QWidget) -> None:
        super().__init__(host)
        self._host = host
        self.setProperty("role", "toast")
        self._text = label("", "", self)
        self._text.setWordWrap(True)
        progress = QProgressBar(self)
        # How long it takes is not known beforehand.
        progress.setRange(0, 0)
        progress.setTextVisible(False)
        progress.setFixedHeight(6)
        progress.setAccessibleName("Progress")
        self.cancel = QPushButton("Cancel", self)
        self.cancel.clicked.connect(self.cancelled)
        words = QVBoxLayout()
        words.setSpacing(8)
        words.addWidget(self._text)
        words.addWidget(progress)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 10, 10, 10)
        layout.setSpacing(14)
        layout.addLayout(words, 1)
        layout.addWidget(self.cancel)
        self.setFixedWidth(_WIDTH)
        host.installEventFilter(self)
        self.hide()

    def text(self) -> str:
        """What it says."""
        return self._text.text()

    def show_text(self, text: str) -> None:
        """Say what is under way; an empty text takes the card away."""
        self._text.setText(text)
        self.setAccessibleName(text)
        if text:
            self._place()
            self.raise_()
        self.setVisible(bool(text))

    def _place(self) -> None:
        self.adjustSize()
        self.move((self._host.width() - self.width()) // 2, _MARGIN)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._host and event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False
