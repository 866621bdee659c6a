"""Cards of file formats: exactly one is chosen."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from nnplay.formats.registry import FORMATS, Format
from nnplay.gui.dialogs.cards import ButtonGrid, CardButton
from nnplay.gui.dialogs.export_words import purpose_of
from nnplay.gui.theme import Theme

__all__ = ["FormatCard", "FormatCards"]

_HEIGHT: Final = 80


class FormatCard(CardButton):
    """Title, file name ending, and what the format is for."""

    def __init__(self, theme: Theme, row: Format, parent: QWidget | None = None) -> None:
        super().__init__(theme, row.title, purpose_of(row.name), parent)
        self.name, self.suffix = row.name, row.suffixes[0]
        self.setCheckable(True)
        self.setAccessibleName(f"{row.title}, {self.suffix}")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(300, _HEIGHT)

    def nextCheckState(self) -> None:
        # A click on the chosen card must not leave none chosen.
        self.setChecked(True)

    def paint_ground(self, painter: QPainter) -> None:
        super().paint_ground(painter)
        if self.isChecked():
            painter.setBrush(self.theme.palette.colour("accent_soft"))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 9, 9)

    def paint_content(self, painter: QPainter) -> None:
        palette = self.theme.palette
        left, right = 38.0, self.width() - 14.0
        self._paint_dot(painter)
        mono = self.theme.mono_font(11)
        width = QFontMetrics(mono).horizontalAdvance(self.suffix)
        painter.setFont(mono)
        painter.setPen(palette.colour("secondary"))
        painter.drawText(
            QRectF(right - width, 11, width + 1, 18),
            int(Qt.AlignmentFlag.AlignVCenter),
            self.suffix,
        )
        painter.setFont(self.theme.ui_font(13, QFont.Weight.DemiBold))
        painter.setPen(palette.colour("text"))
        title = QRectF(left, 11, right - width - left - 8, 18)
        painter.drawText(title, int(Qt.AlignmentFlag.AlignVCenter), self.text())
        painter.setFont(self.theme.ui_font(12))
        painter.setPen(palette.colour("secondary"))
        flags = int(Qt.AlignmentFlag.AlignTop) | int(Qt.TextFlag.TextWordWrap)
        box = QRectF(left, 33, right - left, self.height() - 38)
        painter.drawText(box, flags, self.description)

    def _paint_dot(self, painter: QPainter) -> None:
        palette = self.theme.palette
        ring = QRectF(14, 13, 14, 14)
        painter.setPen(palette.colour("accent" if self.isChecked() else "border_strong"))
        painter.setBrush(palette.colour("accent_fill" if self.isChecked() else "panel"))
        painter.drawEllipse(ring)
        if self.isChecked():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(palette.colour("on_accent"))
            painter.drawEllipse(ring.center(), 2.6, 2.6)


class FormatCards(ButtonGrid):
    """All formats that can be written; walking with the arrow keys chooses.

    Signals:
        chosen(str): name of the format.
    """

    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(2, parent, spacing=10)
        self.setAccessibleName("Formats")
        self.cards = [FormatCard(theme, row, self) for row in FORMATS.values() if row.can_write]
        for card in self.cards:
            self.add(card)
            card.clicked.connect(self._clicked)

    def value(self) -> str:
        """Name of the chosen format, or an empty text."""
        return next((card.name for card in self.cards if card.isChecked()), "")

    def set_value(self, name: str) -> None:
        """Choose a format from code; silent."""
        for card in self.cards:
            card.setChecked(card.name == name)
            if card.name == name:
                self.set_entry(card)

    def arrived(self, button: QAbstractButton) -> None:
        button.click()

    def _clicked(self) -> None:
        card = self.sender()
        if isinstance(card, FormatCard):
            self.set_value(card.name)
            self.chosen.emit(card.name)
