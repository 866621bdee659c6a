"""Remarks about settings that will probably disappoint, each with a button that mends it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from nnplay.gui.panels.form import HintBox
from nnplay.gui.theme import Theme
from nnplay.session.hinting import Hinting
from nnplay.session.session import Session

__all__ = ["HintList"]

_INTERVAL = 150


class HintList(QWidget):
    """A box for each hint that was not dismissed; nothing at all without hints."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.hinting = Hinting(session, self)
        self._boxes: list[HintBox] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        # A timer of its own: a refresher waits for what is hidden, as this is without hints.
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_INTERVAL)
        self._timer.timeout.connect(self._show_boxes)
        self.hinting.changed.connect(self._request)
        self.hide()
        self._show_boxes()

    def boxes(self) -> list[HintBox]:
        """The boxes in view."""
        return [box for box in self._boxes if not box.isHidden()]

    def _request(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def _show_boxes(self) -> None:
        hints = self.hinting.hints()
        while len(self._boxes) < len(hints):
            box = HintBox(self._theme, self, severity="info")
            self._column.addWidget(box)
            self._boxes.append(box)
        for place, box in enumerate(self._boxes):
            if place >= len(hints):
                box.say("")
                continue
            hint = hints[place]
            ways_out: list[tuple[str, Callable[[], object]]] = [
                ("Not now", partial(self.hinting.dismiss, hint.key))
            ]
            if hint.mend is not None:
                ways_out.insert(0, (hint.words, hint.mend))
            box.say(hint.sentence, *ways_out)
        self.setVisible(bool(hints))
