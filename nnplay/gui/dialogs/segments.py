"""A row of buttons of which one is pressed: a choice among few that is seen at a glance."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QToolButton, QWidget

__all__ = ["Segments"]


class Segments(QWidget):
    """Chooses one of a few values. The Tab key stops at the pressed one, arrow keys go on.

    Signals:
        chosen(str): another one was pressed, by hand.
    """

    chosen = Signal(str)

    def __init__(
        self,
        choices: Sequence[tuple[str, str, str]],
        name: str,
        parent: QWidget | None = None,
        *,
        width: int = 84,
    ) -> None:
        """``choices`` are value, words and tip of each button; ``name`` is for screen readers."""
        super().__init__(parent)
        self.setAccessibleName(name)
        self._values = [value for value, _, _ in choices]
        self._group = QButtonGroup(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for index, (_, words, tip) in enumerate(choices):
            button = _Segment(self, index)
            button.setText(words)
            button.setToolTip(tip)
            button.setAccessibleName(f"{name}: {words}")
            button.setAccessibleDescription(tip)
            button.setCheckable(True)
            button.setProperty("role", "segment")
            button.setFixedHeight(28)
            button.setMinimumWidth(width)
            self._group.addButton(button, index)
            layout.addWidget(button)
        layout.addStretch(1)
        self._group.idClicked.connect(self._clicked)
        self.set_value(self._values[0])

    @property
    def buttons(self) -> list[QToolButton]:
        """All buttons from left to right."""
        return [b for b in self._group.buttons() if isinstance(b, QToolButton)]

    def value(self) -> str:
        """The chosen value."""
        return self._values[self._group.checkedId()]

    def set_value(self, value: str) -> None:
        """Press another button; silent. Unknown values press the first."""
        index = self._values.index(value) if value in self._values else 0
        self.buttons[index].setChecked(True)
        self._show_entry()

    def walk(self, index: int) -> None:
        """Press the button at a place, with the keyboard."""
        if 0 <= index < len(self._values) and self.buttons[index].isEnabled():
            self.buttons[index].click()
            self.buttons[index].setFocus(Qt.FocusReason.OtherFocusReason)

    def _clicked(self, index: int) -> None:
        self._show_entry()
        self.chosen.emit(self._values[index])

    def _show_entry(self) -> None:
        for button in self.buttons:
            is_entry = button.isChecked()
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus if is_entry else Qt.FocusPolicy.NoFocus)


class _Segment(QToolButton):
    def __init__(self, row: Segments, index: int) -> None:
        super().__init__(row)
        self._row, self._index = row, index

    def keyPressEvent(self, event: QKeyEvent) -> None:
        way = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if way is None:
            super().keyPressEvent(event)
        else:
            self._row.walk(self._index + way)
