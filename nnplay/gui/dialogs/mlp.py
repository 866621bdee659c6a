"""Makes a layered network: sizes typed or stepped, an activation for each layer, and a look at it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from nnplay.core.initializers import INITIALIZERS
from nnplay.document import Document
from nnplay.gui.dialogs.frame import MARGIN, Dialog
from nnplay.gui.dialogs.layer_sizes import keep_room
from nnplay.gui.dialogs.preview import NetworkPreview, layer_text
from nnplay.gui.panels.form import FieldNote, ScrollColumn, Section
from nnplay.gui.panels.words import count
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import Choice, icon_button, label
from nnplay.gui.widgets.activation_choice import ActivationChoice
from nnplay.session.notices import Notice
from nnplay.session.session import Session
from nnplay.templates import MlpShape

__all__ = ["LayerRow", "MlpDialog", "read_sizes"]

MOST_LAYERS: Final = 12
MOST_NEURONS: Final = 2048
_PAUSE_MS: Final = 60
_SEPARATORS: Final = re.compile(r"[\s,;–—×x-]+")


def read_sizes(text: str) -> tuple[int, ...]:
    """Layer sizes as people type them: "2, 8, 8, 1", "2-8-8-1"; ValueError says what is wrong."""
    parts = [part for part in _SEPARATORS.split(text.strip()) if part]
    if len(parts) < 2:
        raise ValueError("Write at least two sizes, inputs and outputs, such as 2, 8, 1.")
    if len(parts) - 2 > MOST_LAYERS:
        raise ValueError(f"At most {MOST_LAYERS} hidden layers can be made here.")
    for part in parts:
        if not part.isascii() or not part.isdigit():
            raise ValueError(f"“{part}” is no number of neurons. Write sizes such as 2, 8, 8, 1.")
        if not 1 <= int(part) <= MOST_NEURONS:
            raise ValueError(f"A layer has 1 to {MOST_NEURONS:,} neurons, not {part}.")
    return tuple(int(part) for part in parts)


class LayerRow(QWidget):
    """One hidden layer: its number, − and + around its size, its activation, and a way out.

    Signals:
        changed(): size or activation was changed by hand.
        removed(): the layer shall go.
    """

    changed = Signal()
    removed = Signal()

    def __init__(
        self, theme: Theme, size: int, activation: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._size = size
        self.name = label("", "", self)
        self.name.setFixedWidth(64)
        self.fewer = icon_button(theme, "minus", "One neuron less", self._less, self)
        self.more = icon_button(theme, "plus", "One neuron more", self._add, self)
        self.number = label("", "", self)
        self.number.setFont(theme.mono_font(13))
        self.number.setFixedWidth(44)
        self.number.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.activation = ActivationChoice(theme, self, name="Activation")
        self.activation.offer(for_outputs=False)
        self.activation.set_value(activation)
        self.activation.chosen.connect(self._chosen)
        self.gone = icon_button(theme, "close", "Remove this layer", self.removed.emit, self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for widget in (self.name, self.fewer, self.number, self.more):
            layout.addWidget(widget)
        layout.addSpacing(8)
        layout.addWidget(self.activation, 1)
        layout.addWidget(self.gone)
        for button in (self.fewer, self.more, self.gone):
            button.setFixedSize(28, 28)
        for button in (self.fewer, self.more):
            button.setProperty("role", "boxed")
        self._show()

    @property
    def size_of_layer(self) -> int:
        """How many neurons it has."""
        return self._size

    def set_size(self, size: int) -> None:
        """Show another size; silent."""
        self._size = size
        self._show()

    def set_number(self, number: int) -> None:
        """Say which hidden layer this is."""
        self.name.setText(f"Hidden {number}")
        self.activation.setAccessibleName(f"Activation of hidden layer {number}")
        self.fewer.setAccessibleName(f"One neuron less in hidden layer {number}")
        self.more.setAccessibleName(f"One neuron more in hidden layer {number}")
        self.gone.setAccessibleName(f"Remove hidden layer {number}")

    def _less(self) -> None:
        self._step(-1)

    def _add(self) -> None:
        self._step(1)

    def _step(self, way: int) -> None:
        size = min(max(self._size + way, 1), MOST_NEURONS)
        if size != self._size:
            self._size = size
            self._show()
            self.changed.emit()

    def _chosen(self) -> None:
        self.changed.emit()

    def _show(self) -> None:
        self.number.setText(str(self._size))
        self.fewer.setEnabled(self._size > 1)
        self.more.setEnabled(self._size < MOST_NEURONS)


class MlpDialog(Dialog):
    """After ``exec()`` was accepted, the network has been replaced, as one undoable step."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(
            theme,
            "Make an MLP",
            "Make a multi-layer perceptron",
            "A network in layers, each fully connected to the next, in place of the present one. "
            "One undo brings that back.",
            parent,
        )
        self.setFixedWidth(940)
        self._session = session
        network = session.network
        self._ends = len(network.topology.input_ids), len(network.topology.output_ids)
        self._shape: MlpShape | None = None
        self.rows: list[LayerRow] = []
        self.sizes = QLineEdit(self)
        self.sizes.setFont(theme.mono_font(13))
        self.sizes.setAccessibleName("Sizes of all layers")
        self.sizes.setPlaceholderText("2, 8, 8, 1")
        self.sizes.setToolTip("Neurons of all layers from inputs to outputs, such as 2, 8, 8, 1")
        self.sizes.textEdited.connect(self._typed)
        self.size_note = FieldNote(self)
        keep_room(self.size_note)
        self.column = ScrollColumn(self, spacing=6)
        self.column.column.addStretch(1)
        self.add_layer = QPushButton("Add a layer", self)
        self.add_layer.setAutoDefault(False)
        self.add_layer.clicked.connect(self._add_row)
        self.output = ActivationChoice(theme, self, name="Activation of the outputs")
        self.output.offer(for_outputs=True)
        present = set(network.output_activations)
        self._output = present.pop() if len(present) == 1 else ""
        self.output.set_value(self._output)
        self.output.chosen.connect(self._changed)
        self.initializer = Choice(
            [(name, entry.title) for name, entry in INITIALIZERS.items()], self, name="Initialiser"
        )
        self.initializer.set_value(session.training.initializer)
        self.initializer.chosen.connect(self._changed)
        self.keep = QCheckBox("Keep the weights of neurons that stay", self)
        self.keep.setToolTip(
            "Neurons and connections that are in both networks keep their numbers, and training "
            "goes on from where it is."
        )
        self.keep.toggled.connect(self._changed)
        self.preview = NetworkPreview(theme, self)
        self.summary = label("", "title", self)
        self.summary.setFont(theme.ui_font(13, QFont.Weight.DemiBold))
        self.problem = FieldNote(self)
        layout = QHBoxLayout()
        layout.setSpacing(MARGIN)
        layout.addLayout(self._left(), 1)
        layout.addLayout(self._right(), 1)
        self.body.addLayout(layout)
        self.add_button("Cancel", self.reject)
        self.make_button = self.add_button("Make the network", self.accept, is_default=True)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE_MS)
        self._timer.timeout.connect(self.refresh)
        hidden = [network.level_ids(level) for level in network.hidden_levels][:MOST_LAYERS]
        self._show_rows(
            [len(ids) for ids in hidden], [network.activation_of(ids[0]) for ids in hidden]
        )
        self._write_sizes()
        self.refresh()
        self.sizes.setFocus(Qt.FocusReason.OtherFocusReason)
        self.sizes.selectAll()

    def _left(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(6)
        self.preview.setMinimumHeight(360)
        column.addWidget(self.preview, 1)
        column.addWidget(self.summary)
        column.addWidget(self.problem)
        return column

    def _right(self) -> QVBoxLayout:
        sizes = Section("Layers, from inputs to outputs", self)
        sizes.body.addWidget(self.sizes)
        sizes.body.addWidget(self.size_note)
        self.column.setFixedHeight(206)
        sizes.body.addWidget(self.column)
        sizes.body.addWidget(self.add_layer, 0, Qt.AlignmentFlag.AlignLeft)
        pair = QHBoxLayout()
        pair.setSpacing(16)
        for caption, field in (("Outputs", self.output), ("Initialiser", self.initializer)):
            section = Section(caption, self)
            section.body.addWidget(field)
            pair.addWidget(section, 1)
        column = QVBoxLayout()
        column.setSpacing(6)
        column.addWidget(sizes)
        column.addLayout(pair)
        column.addSpacing(6)
        column.addWidget(self.keep)
        column.addStretch(1)
        return column

    # ------------------------------------------------------------------ layers
    def _show_rows(self, sizes: Sequence[int], activations: Sequence[str]) -> None:
        while len(self.rows) > len(sizes):
            row = self.rows.pop()
            self.column.column.removeWidget(row)
            row.hide()
            row.deleteLater()
        for index, size in enumerate(sizes):
            if index < len(self.rows):
                self.rows[index].set_size(size)
                continue
            usual = self.rows[-1].activation.value() if self.rows else "tanh"
            name = activations[index] if index < len(activations) else usual
            row = LayerRow(self.theme, size, name, self)
            row.changed.connect(self._rows_changed)
            row.removed.connect(self._remove_row)
            self.rows.append(row)
            self.column.column.insertWidget(index, row)
        for number, row in enumerate(self.rows, start=1):
            row.set_number(number)
        self.add_layer.setEnabled(len(self.rows) < MOST_LAYERS)

    def _add_row(self) -> None:
        sizes = [row.size_of_layer for row in self.rows]
        self._show_rows([*sizes, sizes[-1] if sizes else 4], [])
        self._rows_changed()

    def _remove_row(self) -> None:
        gone = self.sender()
        if isinstance(gone, LayerRow) and gone in self.rows:
            self.rows.remove(gone)
            self.column.column.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
            self._show_rows([row.size_of_layer for row in self.rows], [])
            self.sizes.setFocus(Qt.FocusReason.OtherFocusReason)
            self._rows_changed()

    def _rows_changed(self) -> None:
        self._write_sizes()
        self._changed()

    def _write_sizes(self) -> None:
        hidden = [row.size_of_layer for row in self.rows]
        with QSignalBlocker(self.sizes):
            self.sizes.setText(", ".join(map(str, (self._ends[0], *hidden, self._ends[1]))))
        self._mark("")

    def _typed(self, text: str) -> None:
        try:
            sizes = read_sizes(text)
        except ValueError as error:
            self._mark(str(error))
        else:
            self._show_rows(sizes[1:-1], [])
            self._mark(self._ends_note(sizes))
        self._timer.start()

    def _ends_note(self, sizes: Sequence[int]) -> str:
        for size, wanted, what in (
            (sizes[0], self._ends[0], "input"),
            (sizes[-1], self._ends[1], "output"),
        ):
            if size != wanted:
                return f"The data ask for {count(wanted, what)}, not {size}. Write {wanted} there."
        return ""

    def _mark(self, problem: str) -> None:
        self.size_note.say(problem)
        if bool(self.sizes.property("invalid")) != bool(problem):
            self.sizes.setProperty("invalid", bool(problem))
            self.sizes.style().unpolish(self.sizes)
            self.sizes.style().polish(self.sizes)

    # ------------------------------------------------------------------ what it will be
    @property
    def shape(self) -> MlpShape:
        """What the rows and fields say."""
        output = self.output.value()
        return MlpShape(
            tuple(row.size_of_layer for row in self.rows),
            tuple(row.activation.value() for row in self.rows),
            output if output and output != self._output else None,
            self.initializer.value(),
            self.keep.isChecked(),
        )

    def _changed(self) -> None:
        self._timer.start()

    def refresh(self) -> None:
        """Build the network from the fields as they are now, and show it."""
        self._timer.stop()
        made: Document | None = None
        self.problem.clear()
        if not self.size_note.text():
            try:
                made = self._session.shaper.shaped(self.shape)
            except ValueError as error:
                self.problem.say(str(error))
        self.preview.show_document(made)
        words = ""
        if made is not None:
            parameters = count(len(made.network.theta), "parameter")
            words = f"{layer_text(made)}, {parameters}"
            if self._session.prepared is None:
                self.problem.say("The data cannot be used, so inputs and outputs stay as they are.")
        self.summary.setText(words)
        self._shape = None if made is None else self.shape

    def accept(self) -> None:
        """Replace the network and close, or lead to what needs another look."""
        self.refresh()
        if self._shape is None:
            self.sizes.setFocus(Qt.FocusReason.OtherFocusReason)
            self.sizes.selectAll()
            return
        failures: list[Notice] = []
        self._session.notice_posted.connect(failures.append)
        try:
            done = self._session.replace_with_mlp(self._shape)
        finally:
            self._session.notice_posted.disconnect(failures.append)
        if done or not failures:  # the same network as before is no failure
            super().accept()
        else:
            self.problem.say(failures[-1].text)
