"""A field for a whole number that says at once what is wrong with a text."""

from __future__ import annotations

import re
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from nnplay.gui.theme import Theme

__all__ = ["WholeNumberField"]

_WHOLE: Final = re.compile(r"[+]?[0-9]{1,18}")
_NEGATIVE: Final = re.compile(r"[-−][0-9]+")
_STEPS: Final = {
    Qt.Key.Key_Up: 1,
    Qt.Key.Key_Down: -1,
    Qt.Key.Key_PageUp: 10,
    Qt.Key.Key_PageDown: -10,
}


class WholeNumberField(QLineEdit):
    """Unlike a :class:`~nnplay.gui.widgets.NumberField` it is read with every key, and Return is
    left to the dialog: there is nothing to commit.
    """

    def __init__(
        self,
        theme: Theme,
        value: int,
        low: int,
        high: int,
        sentences: dict[str, str],
        parent: QWidget | None = None,
    ) -> None:
        """Make a field.

        Args:
            theme: type.
            value: number shown at first; also where stepping starts from a useless text.
            low: smallest number allowed, at least 0.
            high: largest number allowed.
            sentences: what to say for an ``empty`` text, one that is no ``number`` (``{text}``
                stands for it), and numbers that are too ``small`` or too ``large``.
            parent: Qt parent.
        """
        super().__init__(str(value), parent)
        self._usual, self._low, self._high = value, low, high
        self._sentences = sentences
        self.setFont(theme.mono_font(13))
        self.setMaxLength(12)

    def problem(self) -> str:
        """A sentence when the text is no number for this field, else an empty text."""
        text = self.text().strip()
        if not text:
            return self._sentences["empty"]
        if _NEGATIVE.fullmatch(text):
            return self._sentences["small"]
        if not _WHOLE.fullmatch(text):
            return self._sentences["number"].format(text=text)
        if int(text) < self._low:
            return self._sentences["small"]
        if int(text) > self._high:
            return self._sentences["large"]
        return ""

    def number(self) -> int:
        """The number; raises ValueError while there is a :meth:`problem`."""
        problem = self.problem()
        if problem:
            raise ValueError(problem)
        return int(self.text())

    def mark(self) -> None:
        """Show the field in red while there is a problem."""
        invalid = bool(self.problem())
        if bool(self.property("invalid")) != invalid:
            self.setProperty("invalid", invalid)
            self.style().unpolish(self)
            self.style().polish(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = _STEPS.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self._step(step)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.selectAll()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus() and event.angleDelta().y():
            self._step(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
        else:
            event.ignore()

    def _step(self, step: int) -> None:
        start = self._usual if self.problem() else self.number()
        self.setText(str(min(max(start + step, self._low), self._high)))
        self.selectAll()
