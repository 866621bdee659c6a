"""The floating strip that hides the weakest connections."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QWidget

from nnplay.gui.canvas.strips import Strip
from nnplay.gui.theme import Theme

__all__ = ["OFFERED_FROM", "WEAKEST_KEY", "WeakestStrip", "share_of"]

# The document's view setting: percent of the connections that are hidden.
WEAKEST_KEY: Final = "hidden_weakest"
MOST: Final = 99
# Fewer connections than this can all be seen.
OFFERED_FROM: Final = 60


def share_of(setting: object) -> float:
    """The share (0 … 1) a view setting asks for; anything that is no percentage hides nothing."""
    if isinstance(setting, bool) or not isinstance(setting, (int, float)):
        return 0.0
    return min(MOST, max(0, round(setting))) / 100 if setting == setting else 0.0


class WeakestStrip(Strip):
    """A slider from nothing to 99 % and what it hides.

    Signals:
        share_chosen(int): percent of the connections to hide, the weakest ones.
        widened: there is more to write, so the strip needs another place.
    """

    share_chosen = Signal(int)
    widened = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, parent)
        self.setAccessibleName("Weak connections")
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider.setRange(0, MOST)
        self.slider.setPageStep(10)
        self.slider.setFixedWidth(110)
        self.slider.setAccessibleName("Hide the weakest connections, in percent")
        self.slider.setToolTip("Hide the weakest connections")
        self.label = QLabel(self)
        self.label.setFont(theme.ui_font(11))
        self.label.setProperty("role", "secondary")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 6, 10, 6)
        layout.setSpacing(8)
        layout.addWidget(self.label)
        layout.addWidget(self.slider)
        self.slider.valueChanged.connect(self.share_chosen)
        self.say(0, 0)

    def show_share(self, share: float) -> None:
        """Stand at a share (0 … 1) without asking for it."""
        self.slider.blockSignals(True)
        self.slider.setValue(round(100 * share))
        self.slider.blockSignals(False)

    def say(self, hidden: int, total: int) -> None:
        """Write how many connections are hidden because they are weak."""
        words = f"{hidden:,} of {total:,} hidden" if hidden else "Hide weak connections"
        if words != self.label.text():
            self.label.setText(words)
            self.slider.setAccessibleDescription(words)
        # Room for the longest words at once: the slider stays where the hand is.
        longest = self.label.fontMetrics().horizontalAdvance(f"{total:,} of {total:,} hidden")
        self.label.setMinimumWidth(max(longest, self.label.minimumWidth()))
        if self.sizeHint().width() > self.width():
            self.adjustSize()
            self.widened.emit()
