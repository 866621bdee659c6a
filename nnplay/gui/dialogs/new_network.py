"""Makes a network from scratch: data, hidden layers, activation, seed, and a look at it."""

from __future__ import annotations

import random
from typing import Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from nnplay.data.catalogue import CATALOGUE
from nnplay.data.errors import DataError
from nnplay.document import Document
from nnplay.gui.dialogs.dataset_choice import OWN_TABLE, DatasetChoice
from nnplay.gui.dialogs.frame import MARGIN, Dialog
from nnplay.gui.dialogs.layer_sizes import LayerSizes, keep_room
from nnplay.gui.dialogs.preview import NetworkPreview, layer_text
from nnplay.gui.dialogs.whole_number import WholeNumberField
from nnplay.gui.panels.form import FieldNote, Section
from nnplay.gui.panels.words import count
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import icon_button, label
from nnplay.gui.widgets.activation_choice import ActivationChoice
from nnplay.session.session import Session
from nnplay.session.setup_editing import MAX_SEED
from nnplay.setup import TABLE_HIDDEN_SIZES, new_document

__all__ = ["NewNetworkDialog"]

_PAUSE_MS: Final = 60
_SEED_SENTENCES: Final = {
    "empty": "Write a whole number, such as 0.",
    "number": "“{text}” is no whole number. Any from 0 on will do.",
    "small": "A seed is 0 or more.",
    "large": f"A seed is at most {MAX_SEED:,}.",
}


class NewNetworkDialog(Dialog):
    """After ``exec()`` was accepted, :attr:`document` is the new document.

    Another data set brings the layers and the activation that suit it, until a person has
    chosen these by hand.
    """

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(
            theme,
            "New network",
            "New network",
            "Choose what it shall learn and how many neurons it has. "
            "Everything can be changed later.",
            parent,
        )
        self.setFixedWidth(980)
        recipe = session.document.data
        self._table, self._table_name = recipe.table, recipe.table_name
        self._chose_sizes = self._chose_activation = False
        self._made: Document | None = None
        self.data = DatasetChoice(theme, self._table, self._table_name, self)
        self.data.chosen.connect(self._data_chosen)
        self.layers = LayerSizes(theme, self)
        self.layers.changed.connect(self._sizes_changed)
        self.activation = ActivationChoice(theme, self, name="Activation of hidden neurons")
        self.activation.offer(for_outputs=False)
        self.activation.chosen.connect(self._activation_chosen)
        self.seed = WholeNumberField(theme, 0, 0, MAX_SEED, _SEED_SENTENCES, self)
        self.seed.setAccessibleName("Seed")
        self.seed.setToolTip("One number behind all chance: data, split and initial weights.")
        self.seed.textChanged.connect(self._seed_changed)
        self.dice = icon_button(theme, "dice", "Another seed", self._roll, self)
        self.dice.setFixedSize(28, 28)
        self.seed_note = FieldNote(self)
        keep_room(self.seed_note)
        self.preview = NetworkPreview(theme, self)
        self.summary = label("", "title", self)
        self.notes = label("", "secondary", self)
        self.problem = FieldNote(self)
        layout = QHBoxLayout()
        layout.setSpacing(MARGIN)
        layout.addLayout(self._left())
        layout.addLayout(self._right(), 1)
        self.body.addLayout(layout)
        self.cancel = self.add_button("Cancel", self.reject)
        self.create_button = self.add_button("Create network", self.accept, is_default=True)

        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE_MS)
        self._timer.timeout.connect(self.refresh)
        known = recipe.source in CATALOGUE or recipe.table is not None
        self.data.set_value(recipe.source if known else "circle")
        self._suit_data()
        self.refresh()
        self.data.tile(self.data.value()).setFocus(Qt.FocusReason.OtherFocusReason)

    def _left(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(0)
        self.data.setFixedWidth(476)
        column.addWidget(self.data)
        column.addStretch(1)
        return column

    def _right(self) -> QVBoxLayout:
        hidden = Section("Hidden layers, neurons in each", self)
        hidden.body.addWidget(self.layers)
        function = Section("Activation", self)
        function.body.addWidget(self.activation)
        chance = Section("Seed", self)
        seed = QHBoxLayout()
        seed.setSpacing(4)
        seed.addWidget(self.seed)
        seed.addWidget(self.dice)
        chance.body.addLayout(seed)
        pair = QHBoxLayout()
        pair.setSpacing(16)
        pair.addWidget(function, 1, Qt.AlignmentFlag.AlignTop)
        pair.addWidget(chance, 1, Qt.AlignmentFlag.AlignTop)
        self.preview.setMinimumHeight(190)
        self.summary.setFont(self.theme.ui_font(13, QFont.Weight.DemiBold))
        self.notes.setWordWrap(True)
        self.notes.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.notes.setFixedHeight(3 * self.notes.fontMetrics().lineSpacing())
        column = QVBoxLayout()
        column.setSpacing(6)
        column.addWidget(self.preview, 1)
        column.addSpacing(4)
        column.addWidget(self.summary)
        column.addWidget(self.notes)
        column.addWidget(self.problem)
        column.addWidget(hidden)
        column.addLayout(pair)
        column.addWidget(self.seed_note)
        return column

    # ------------------------------------------------------------------ what it will be
    @property
    def document(self) -> Document:
        """The new document; raises RuntimeError while the fields do not give one."""
        if self._made is None:
            raise RuntimeError("The dialog was not accepted.")
        return self._made

    def refresh(self) -> None:
        """Build the document from the fields as they are now, and show it."""
        self._timer.stop()
        problem = self.layers.problem() or self.seed.problem()
        self._made = None
        if not problem:
            try:
                self._made, notes = self._build()
                self.notes.setText(" ".join(notes))
                self.problem.clear()
            except DataError as error:
                self.problem.say(str(error))
        else:
            self.problem.clear()
        if self._made is None:
            self.notes.clear()
        self.preview.show_document(self._made)
        self.summary.setText("" if self._made is None else _summary(self._made))

    def _build(self) -> tuple[Document, tuple[str, ...]]:
        source = self.data.value()
        is_own = source == OWN_TABLE
        return new_document(
            source,
            hidden=self.layers.sizes(),
            # Left to what suits the data, which is then said in the notes.
            activation=self.activation.value() if self._chose_activation else None,
            seed=self.seed.number(),
            table=self._table if is_own else None,
            table_name=self._table_name if is_own else "",
        )

    def _suit_data(self) -> None:
        info = CATALOGUE.get(self.data.value())
        if not self._chose_sizes:
            self.layers.set_sizes(info.default_hidden_sizes if info else TABLE_HIDDEN_SIZES)
        if not self._chose_activation:
            self.activation.set_value(info.default_activation if info else "tanh")

    def accept(self) -> None:
        """Close with the document, or lead to the field that needs another look."""
        self.refresh()
        if self._made is not None:
            super().accept()
        elif self.layers.problem():
            self.layers.focus_problem()
        elif self.seed.problem():
            self.seed.setFocus(Qt.FocusReason.OtherFocusReason)
            self.seed.selectAll()

    # ------------------------------------------------------------------ what the hand does
    def _data_chosen(self) -> None:
        self._suit_data()
        self._timer.start()

    def _sizes_changed(self) -> None:
        self._chose_sizes = True
        self._timer.start()

    def _activation_chosen(self) -> None:
        self._chose_activation = True
        self._timer.start()

    def _seed_changed(self) -> None:
        self.seed.mark()
        self.seed_note.say(self.seed.problem())
        self._timer.start()

    def _roll(self) -> None:
        self.seed.setText(str(random.randrange(1, 10_000)))


def _summary(document: Document) -> str:
    parameters = count(len(document.network.theta), "parameter")
    return f"{layer_text(document)}, {parameters}"
