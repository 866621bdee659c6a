"""The first thing people see: examples to start from, and the documents of last time."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from nnplay.gui.dialogs.by_hand_card import ByHandCard
from nnplay.gui.dialogs.frame import MARGIN, Dialog
from nnplay.gui.dialogs.gallery import Gallery
from nnplay.gui.dialogs.recent import RecentFiles
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import caption_label, label
from nnplay.session.session import Session

__all__ = ["WelcomeDialog"]

_WIDTH: Final = 1148
_SIDE: Final = 236


class WelcomeDialog(Dialog):
    """Examples, recent documents, and the ways to a network of one's own.

    Signals:
        example_chosen(str): name of an example.
        file_chosen(object): path of a recent document.
        new_asked(): a network shall be made from scratch.
        open_asked(): a file shall be asked for.
        by_hand_asked(): a single neuron shall be calculated by hand.
    """

    example_chosen = Signal(str)
    file_chosen = Signal(object)
    new_asked = Signal()
    open_asked = Signal()
    by_hand_asked = Signal()

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Welcome to nnplay", "", "", parent)
        self.setFixedWidth(_WIDTH)
        self.new_network = self._side_button("&New network…", self._ask_new)
        self.open_file = self._side_button("&Open…", self._ask_open)
        self.recent = RecentFiles(theme, session.settings.recent_files, self)
        self.recent.chosen.connect(self._choose_file)
        self.gallery = Gallery(theme, self)
        self.gallery.chosen.connect(self._choose_example)
        self.by_hand = ByHandCard(theme, self)
        self.by_hand.clicked.connect(self._ask_by_hand)
        self._logo = QLabel(self)
        self.close_button = self.add_button("Close", self.reject)

        layout = QHBoxLayout()
        layout.setSpacing(MARGIN)
        layout.addWidget(self._side())
        layout.addWidget(_hairline(self))
        layout.addLayout(self._stage(), 1)
        self.body.addLayout(layout, 1)
        theme.changed.connect(self._refresh)
        self._refresh()
        order = (
            self.gallery.cards[0],
            self.by_hand,
            self.new_network,
            self.open_file,
            *self.recent.rows[:1],
            self.close_button,
        )
        for before, after in pairwise(order):
            QWidget.setTabOrder(before, after)
        self.gallery.cards[0].setFocus(Qt.FocusReason.OtherFocusReason)

    def _side(self) -> QWidget:
        column = QWidget(self)
        column.setFixedWidth(_SIDE)
        name = label("nnplay", "display", self)
        name.setFont(self.theme.ui_font(22, QFont.Weight.DemiBold))
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(self._logo)
        top.addWidget(name)
        top.addStretch(1)
        sentence = label(
            "See a neural network think, and touch every number in it.", "secondary", self
        )
        sentence.setWordWrap(True)
        side = QVBoxLayout(column)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(8)
        side.addLayout(top)
        side.addWidget(sentence)
        side.addSpacing(8)
        side.addWidget(self.new_network)
        side.addWidget(self.open_file)
        side.addSpacing(12)
        side.addWidget(caption_label("Recent", self))
        side.addWidget(self.recent, 1)
        return column

    def _stage(self) -> QVBoxLayout:
        heading = label("Start from an example", "heading", self)
        heading.setFont(self.theme.ui_font(15, QFont.Weight.DemiBold))
        sentence = label("Each is ready to train; change whatever you like.", "secondary", self)
        stage = QVBoxLayout()
        stage.setSpacing(2)
        stage.addWidget(heading)
        stage.addWidget(sentence)
        stage.addSpacing(12)
        stage.addWidget(self.gallery)
        stage.addSpacing(12)
        stage.addWidget(self.by_hand)
        stage.addStretch(1)
        return stage

    def _side_button(self, text: str, clicked: object) -> QPushButton:
        button = QPushButton(text, self)
        button.setAutoDefault(False)
        button.clicked.connect(clicked)
        return button

    def _refresh(self) -> None:
        self._logo.setPixmap(self.theme.picture("nnplay", 40))
        self.new_network.setIcon(self.theme.icon("plus", "secondary", 16))
        self.open_file.setIcon(self.theme.icon("folder", "secondary", 16))

    # ------------------------------------------------------------------ what the hand does
    # The dialog closes first: what follows may open another window above the main one.
    def _choose_example(self, name: str) -> None:
        self.accept()
        self.example_chosen.emit(name)

    def _choose_file(self, path: Path) -> None:
        self.accept()
        self.file_chosen.emit(path)

    def _ask_new(self) -> None:
        self.accept()
        self.new_asked.emit()

    def _ask_by_hand(self) -> None:
        self.accept()
        self.by_hand_asked.emit()

    def _ask_open(self) -> None:
        self.accept()
        self.open_asked.emit()


def _hairline(parent: QWidget) -> QFrame:
    line = QFrame(parent)
    line.setProperty("role", "separator")
    line.setFixedWidth(1)
    return line
