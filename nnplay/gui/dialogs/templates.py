"""Well-known shapes of networks to choose from, each with its picture and a sentence."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QImage, QShowEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QHBoxLayout, QWidget

from nnplay.gui.dialogs.cards import ButtonGrid
from nnplay.gui.dialogs.frame import Dialog
from nnplay.gui.dialogs.gallery import PictureCard
from nnplay.gui.dialogs.layer_sizes import keep_room
from nnplay.gui.dialogs.whole_number import WholeNumberField
from nnplay.gui.panels.form import FieldNote, Section
from nnplay.gui.theme import Theme
from nnplay.gui.widgets.activation_choice import ActivationChoice
from nnplay.picture.arrange import turned
from nnplay.picture.palette import Palette
from nnplay.picture.render import thumbnail
from nnplay.session.notices import Notice
from nnplay.session.session import Session
from nnplay.templates import TEMPLATES

__all__ = ["TemplatesDialog"]

_PAUSE_MS: Final = 60
_COLUMNS: Final = 3
_FIELDS: Final = {
    "depth": ("Depth", 1, 12, "How many hidden layers, or blocks of two in a residual network"),
    "width": ("Neurons in a layer", 1, 256, "How many neurons each hidden layer has"),
    "narrow": ("Neurons in the middle", 1, 64, "How many neurons the narrow layer has"),
}


class _Cards(ButtonGrid):
    """Arrow keys choose."""

    def arrived(self, button: QAbstractButton) -> None:
        button.click()


class TemplatesDialog(Dialog):
    """After ``exec()`` was accepted, the network has been replaced, as one undoable step."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(
            theme,
            "Templates",
            "Start from a well-known shape",
            "The network is replaced, between inputs and outputs that suit the data. One undo "
            "brings it back.",
            parent,
        )
        self.setFixedWidth(900)
        self._session = session
        self._settings = {name: dict(entry.settings) for name, entry in TEMPLATES.items()}
        self.grid = _Cards(_COLUMNS, self)
        self.grid.setAccessibleName("Templates")
        self._group = QButtonGroup(self)
        self.cards: dict[str, PictureCard] = {}
        for name, entry in TEMPLATES.items():
            draw = partial(self._picture, name)
            card = PictureCard(theme, name, entry.title, entry.sentence, draw, self)
            card.setCheckable(True)
            self._group.addButton(card)
            self.grid.add(card)
            self.cards[name] = card
        self._group.buttonClicked.connect(self._chosen)
        self.fields: dict[str, WholeNumberField] = {}
        settings = QHBoxLayout()
        settings.setSpacing(16)
        for name, (words, low, high, tip) in _FIELDS.items():
            sentences = {
                "empty": f"{words}: write a whole number.",
                "number": words + ": “{text}” is no whole number.",
                "small": f"{words}: at least {low}.",
                "large": f"{words}: at most {high}.",
            }
            field = WholeNumberField(theme, low, low, high, sentences, self)
            field.setAccessibleName(words)
            field.setToolTip(tip)
            field.textEdited.connect(self._typed)
            field.textChanged.connect(self._typed)
            self.fields[name] = field
            self._add_section(settings, words, field)
        self.activation = ActivationChoice(theme, self, name="Activation of hidden neurons")
        self.activation.offer(for_outputs=False)
        self.activation.chosen.connect(self._typed)
        self._add_section(settings, "Activation", self.activation)
        self.problem = FieldNote(self)
        keep_room(self.problem)
        self.body.addWidget(self.grid)
        self.body.addLayout(settings)
        self.body.addWidget(self.problem)
        self.add_button("Cancel", self.reject)
        self.use_button = self.add_button("Use this template", self.accept, is_default=True)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE_MS)
        self._timer.timeout.connect(self._repaint_chosen)
        self._painting = QTimer(self)
        self._painting.setInterval(8)
        self._painting.timeout.connect(self._paint_next)
        theme.changed.connect(self._painting.start)
        self.choose("mlp")

    def _add_section(self, row: QHBoxLayout, words: str, field: QWidget) -> None:
        section = Section(words, self)
        section.body.addWidget(field)
        row.addWidget(section, 1)

    # ------------------------------------------------------------------ choosing
    @property
    def chosen(self) -> str:
        """Name of the chosen template."""
        return next(name for name, card in self.cards.items() if card.isChecked())

    def choose(self, name: str) -> None:
        """Choose a template, and put the keyboard on it."""
        self.cards[name].setChecked(True)
        self.grid.set_entry(self.cards[name])
        self.cards[name].setFocus(Qt.FocusReason.OtherFocusReason)
        self._show_settings()

    def _chosen(self) -> None:
        self._show_settings()

    def _show_settings(self) -> None:
        settings = self._settings[self.chosen]
        for name, field in self.fields.items():
            field.blockSignals(True)
            field.setEnabled(name in settings)
            field.setText(str(settings.get(name, "")))
            field.blockSignals(False)
            if name in settings:
                field.mark()
        self.activation.setEnabled("activation" in settings)
        self.activation.set_value(str(settings.get("activation", "")))
        self.problem.clear()

    def _typed(self) -> None:
        settings = self._settings[self.chosen]
        self.problem.clear()
        for name, field in self.fields.items():
            if name not in settings:
                continue
            field.mark()
            if field.problem():
                self.problem.say(field.problem())
            else:
                settings[name] = field.number()
        if "activation" in settings and self.activation.value():
            settings["activation"] = self.activation.value()
        self._timer.start()

    # ------------------------------------------------------------------ pictures
    def _picture(
        self, name: str, width: int, height: int, ratio: float, palette: Palette
    ) -> QImage:
        try:
            document = self._session.shaper.templated(name, self._settings[name])
        except ValueError:  # said when it is chosen
            image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
            image.fill(palette.colour("canvas"))
            return image
        # Cards are wide: from left to right there is room for every shape.
        return thumbnail(turned(document, downwards=False), (width, height), palette, ratio)

    def _repaint_chosen(self) -> None:
        card = self.cards[self.chosen]
        card.forget_picture()
        card.paint_picture()

    def _paint_next(self) -> None:
        missing = next((card for card in self.cards.values() if not card.is_painted), None)
        if missing is None or not self.isVisible():
            self._painting.stop()
        else:
            missing.paint_picture()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._painting.start()

    # ------------------------------------------------------------------ using it
    def accept(self) -> None:
        """Replace the network and close; say what is wrong otherwise."""
        self._typed()
        name = self.chosen
        wrong = next(
            (f for n, f in self.fields.items() if n in self._settings[name] and f.problem()), None
        )
        if wrong is not None:
            wrong.setFocus(Qt.FocusReason.OtherFocusReason)
            wrong.selectAll()
            return
        settings: dict[str, Any] = self._settings[name]
        failures: list[Notice] = []
        self._session.notice_posted.connect(failures.append)
        try:
            done = self._session.apply_template(name, settings)
        finally:
            self._session.notice_posted.disconnect(failures.append)
        if done:
            super().accept()
        else:
            self.problem.say(failures[-1].text if failures else "The network is this one already.")
