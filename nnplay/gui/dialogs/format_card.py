"""The list of file formats in groups: exactly one is chosen."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from nnplay.formats.registry import GROUPS
from nnplay.gui.dialogs.cards import ButtonGrid, CardButton
from nnplay.gui.dialogs.export_words import CHOICES, Choice
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import caption_label

__all__ = ["FormatCard", "FormatCards"]

_HEIGHT: Final = 28


class FormatCard(CardButton):
    """A line with title and file name ending."""

    def __init__(self, theme: Theme, choice: Choice, parent: QWidget | None = None) -> None:
        super().__init__(theme, choice.title, choice.purpose, parent)
        self.name, self.suffix = choice.name, choice.suffix
        self.setCheckable(True)
        self.setToolTip(choice.purpose)
        self.setAccessibleName(f"{choice.title}, {self.suffix}")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(240, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def nextCheckState(self) -> None:
        # A click on the chosen line must not leave none chosen.
        self.setChecked(True)

    def paint_ground(self, painter: QPainter) -> None:
        role = "accent_soft" if self.isChecked() else "hover" if self.underMouse() else ""
        if role:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.theme.palette.colour(role))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)

    def paint_frame(self, painter: QPainter) -> None:
        if self.hasFocus() or self.isChecked():
            super().paint_frame(painter)

    def paint_content(self, painter: QPainter) -> None:
        palette = self.theme.palette
        left, right, height = 12.0, self.width() - 12.0, float(self.height())
        centred = int(Qt.AlignmentFlag.AlignVCenter)
        mono = self.theme.mono_font(11)
        width = QFontMetrics(mono).horizontalAdvance(self.suffix)
        painter.setFont(mono)
        painter.setPen(palette.colour("secondary"))
        painter.drawText(QRectF(right - width, 0, width + 1, height), centred, self.suffix)
        weight = QFont.Weight.DemiBold if self.isChecked() else QFont.Weight.Normal
        painter.setFont(self.theme.ui_font(13, weight))
        painter.setPen(palette.colour("text"))
        title = QRectF(left, 0, right - width - left - 8, height)
        painter.drawText(title, centred, self.text())


class FormatCards(ButtonGrid):
    """All kinds of files that can be written; walking with the arrow keys chooses.

    Signals:
        chosen(str): name of the choice.
    """

    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(1, parent, spacing=1)
        self.setAccessibleName("Formats")
        self.cards = [FormatCard(theme, choice, self) for choice in CHOICES.values()]
        line, group = 0, ""
        for card in self.cards:
            own = CHOICES[card.name].group
            if own != group:
                caption = caption_label(GROUPS[own], self)
                caption.setContentsMargins(12, 0 if line == 0 else 8, 0, 1)
                self._grid.addWidget(caption, line, 0)
                line, group = line + 1, own
            self.add(card, line)
            line += 1
            card.clicked.connect(self._clicked)
        self._grid.setRowStretch(line, 1)

    def value(self) -> str:
        """Name of the chosen format."""
        return next((card.name for card in self.cards if card.isChecked()), self.cards[0].name)

    def set_value(self, name: str) -> None:
        """Choose a format; no signal."""
        for card in self.cards:
            card.setChecked(card.name == name)
            if card.name == name:
                self.set_entry(card)

    def _clicked(self) -> None:
        card = self.sender()
        if isinstance(card, FormatCard):
            self._choose(card)

    def arrived(self, button: QAbstractButton) -> None:
        if isinstance(button, FormatCard):
            self._choose(button)

    def _choose(self, card: FormatCard) -> None:
        self.set_value(card.name)
        self.chosen.emit(card.name)
