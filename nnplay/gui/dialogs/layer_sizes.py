"""A row of hidden layer sizes that can be typed, stepped, added and removed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from nnplay.gui.dialogs.whole_number import WholeNumberField
from nnplay.gui.panels.form import FieldNote
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import icon_button, label

__all__ = ["MOST_LAYERS", "MOST_NEURONS", "LayerSizes", "SizeField"]

MOST_LAYERS: Final = 6
MOST_NEURONS: Final = 256
_USUAL: Final = 4
_SENTENCES: Final = {
    "empty": "Write how many neurons this layer has, such as 4.",
    "number": "Neurons are counted, and “{text}” is no count. Write a whole number, such as 4.",
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
        self._theme = theme
        self._fields: list[SizeField] = []
        self.none = label("None: the inputs feed the outputs directly.", "tertiary", self)
        self.fewer = icon_button(theme, "minus", "Remove the last layer", self._remove, self)
        self.more = icon_button(theme, "plus", "Add a layer", self._add, self)
        for button in (self.fewer, self.more):
            button.setProperty("role", "boxed")
            button.setFixedSize(30, 30)
        self.note = FieldNote(self)
        self._row = QHBoxLayout()
        self._row.setSpacing(6)
        holder = QGridLayout()
        holder.setContentsMargins(0, 0, 0, 0)
        holder.setHorizontalSpacing(6)
        holder.addWidget(self.none, 0, 0)
        holder.addLayout(self._row, 0, 1)
        holder.addWidget(self.fewer, 0, 2)
        holder.addWidget(self.more, 0, 3)
        holder.setColumnStretch(4, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(5)
        layout.addLayout(holder)
        layout.addWidget(self.note)
        self._show()

    @property
    def fields(self) -> Sequence[SizeField]:
        """The fields from left to right."""
        return tuple(self._fields)

    def problem(self) -> str:
        """What is wrong with the first field that is not a size, or an empty text."""
        return next((p for p in (field.problem() for field in self._fields) if p), "")

    def sizes(self) -> tuple[int, ...]:
        """The sizes; raises ValueError while there is a :meth:`problem`."""
        return tuple(field.number() for field in self._fields)

    def set_sizes(self, sizes: Sequence[int]) -> None:
        """Show other sizes; silent."""
        while len(self._fields) > len(sizes):
            self._drop()
        while len(self._fields) < len(sizes):
            self._append(1)
        for field, size in zip(self._fields, sizes, strict=True):
            field.blockSignals(True)
            field.setText(str(size))
            field.blockSignals(False)
        self._show()

    def focus_problem(self) -> None:
        """Put the keyboard into the first field that is not a size."""
        field = next((field for field in self._fields if field.problem()), None)
        if field is not None:
            field.setFocus(Qt.FocusReason.OtherFocusReason)
            field.selectAll()

    # ------------------------------------------------------------------ by hand
    def _add(self) -> None:
        if len(self._fields) < MOST_LAYERS:
            last = self._fields[-1] if self._fields else None
            usual = last is None or bool(last.problem())
            self._append(_USUAL if usual or last is None else last.number())
            self._changed()

    def _remove(self) -> None:
        if self._fields:
            self._drop()
            self._changed()

    def _append(self, size: int) -> None:
        field = SizeField(self._theme, size, self)
        number = len(self._fields) + 1
        field.setAccessibleName(f"Neurons in hidden layer {number}")
        field.setToolTip(f"Hidden layer {number}")
        field.textChanged.connect(self._changed)
        self.setTabOrder(self._fields[-1] if self._fields else self, field)
        self.setTabOrder(field, self.fewer)
        self._fields.append(field)
        self._row.addWidget(field)

    def _drop(self) -> None:
        field = self._fields.pop()
        if field.hasFocus():
            self.more.setFocus(Qt.FocusReason.OtherFocusReason)
        self._row.removeWidget(field)
        field.hide()
        field.deleteLater()

    def _changed(self) -> None:
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        for field in self._fields:
            field.mark()
        self.note.say(self.problem())
        self.none.setVisible(not self._fields)
        self.fewer.setEnabled(bool(self._fields))
        is_full = len(self._fields) >= MOST_LAYERS
        self.more.setEnabled(not is_full)
        self.more.setToolTip(f"{MOST_LAYERS} layers are the most" if is_full else "Add a layer")
