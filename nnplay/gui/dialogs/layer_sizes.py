"""A row of hidden layer sizes that can be typed, stepped, added and removed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from nnplay.gui.dialogs.whole_number import WholeNumberField
from nnplay.gui.panels.form import FieldNote
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import icon_button, label

__all__ = ["MOST_LAYERS", "MOST_NEURONS", "LayerSizes", "SizeField", "keep_room"]

MOST_LAYERS: Final = 6
MOST_NEURONS: Final = 256
_USUAL: Final = 4
_SENTENCES: Final = {
    "empty": "Write how many neurons this layer has, such as 4.",
    "number": "“{text}” is no number of neurons. Write a whole one, such as 4.",
    "small": "A layer needs at least one neuron. Press − to remove the last layer.",
    "large": f"A layer can have at most {MOST_NEURONS} neurons here.",
}


class SizeField(WholeNumberField):
    """The number of neurons of one layer."""

    def __init__(self, theme: Theme, size: int, parent: QWidget | None = None) -> None:
        super().__init__(theme, size, 1, MOST_NEURONS, _SENTENCES, parent)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setFixedWidth(52)


class LayerSizes(QWidget):
    """Hidden layers from left to right, with − and + for the last one.

    Signals:
        changed(): a size was typed or stepped, or a layer came or went, by hand.
    """

    changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.none = label("None: the inputs feed the outputs directly.", "tertiary", self)
        # All of them from the start, so that the Tab key walks from left to right.
        self._all = [SizeField(theme, _USUAL, self) for _ in range(MOST_LAYERS)]
        self._count = 0
        self.fewer = icon_button(theme, "minus", "Remove the last layer", self._remove, self)
        self.more = icon_button(theme, "plus", "Add a layer", self._add, self)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.none)
        for number, field in enumerate(self._all, start=1):
            field.setAccessibleName(f"Neurons in hidden layer {number}")
            field.setToolTip(f"Hidden layer {number}")
            field.textChanged.connect(self._changed)
            row.addWidget(field)
        for button in (self.fewer, self.more):
            button.setProperty("role", "boxed")
            button.setFixedSize(30, 30)
            row.addWidget(button)
        row.addStretch(1)
        self.note = FieldNote(self)
        keep_room(self.note)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(5)
        layout.addLayout(row)
        layout.addWidget(self.note)
        self._show()

    @property
    def fields(self) -> Sequence[SizeField]:
        """The fields in use, from left to right."""
        return tuple(self._all[: self._count])

    def problem(self) -> str:
        """What is wrong with the first field that is not a size, or an empty text."""
        return next((p for p in (field.problem() for field in self.fields) if p), "")

    def sizes(self) -> tuple[int, ...]:
        """The sizes; raises ValueError while there is a :meth:`problem`."""
        return tuple(field.number() for field in self.fields)

    def set_sizes(self, sizes: Sequence[int]) -> None:
        """Show other sizes, at most :data:`MOST_LAYERS`; silent."""
        self._count = len(sizes)
        for field, size in zip(self.fields, sizes, strict=True):
            _set_silently(field, size)
        self._show()

    def focus_problem(self) -> None:
        """Put the keyboard into the first field that is not a size."""
        field = next((field for field in self.fields if field.problem()), None)
        if field is not None:
            field.setFocus(Qt.FocusReason.OtherFocusReason)
            field.selectAll()

    # ------------------------------------------------------------------ by hand
    def _add(self) -> None:
        if self._count < MOST_LAYERS:
            last = self.fields[-1] if self.fields else None
            size = _USUAL if last is None or last.problem() else last.number()
            _set_silently(self._all[self._count], size)
            self._count += 1
            self._changed()

    def _remove(self) -> None:
        if self._count:
            self._count -= 1
            self._changed()

    def _changed(self) -> None:
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        for index, field in enumerate(self._all):
            field.setVisible(index < self._count)
            field.mark()
        self.note.say(self.problem())
        self.none.setVisible(not self._count)
        is_full = self._count >= MOST_LAYERS
        # The keyboard must not be left on a button that has just been switched off.
        if self._count == 0 and self.fewer.hasFocus():
            self.more.setFocus(Qt.FocusReason.OtherFocusReason)
        elif is_full and self.more.hasFocus():
            self.fewer.setFocus(Qt.FocusReason.OtherFocusReason)
        self.fewer.setEnabled(self._count > 0)
        self.more.setEnabled(not is_full)
        self.more.setToolTip(f"{MOST_LAYERS} layers are the most" if is_full else "Add a layer")


def keep_room(note: FieldNote) -> None:
    """Give a note the height of one line, said or not, so that nothing below it moves."""
    policy = note.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    note.setSizePolicy(policy)
    note.setFixedHeight(note.fontMetrics().lineSpacing() + 2)


def _set_silently(field: SizeField, size: int) -> None:
    blocker = QSignalBlocker(field)
    field.setText(str(size))
    blocker.unblock()
