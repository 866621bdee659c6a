"""The places on the way here, as links in one line that forgets its beginning."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetricsF, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from nnplay.gui.theme import Theme

__all__ = ["TrailLabel"]

_BETWEEN: Final = " › "


class TrailLabel(QLabel):
    """A breadcrumb.

    Signals:
        chosen(int): number of the place that was clicked.
    """

    chosen = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._places: list[tuple[int, str]] = []
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.LinksAccessibleByMouse
            | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self.setFont(theme.ui_font(12))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setToolTip("The way here; click a place to go back to it")
        self.linkActivated.connect(self._activated)
        theme.changed.connect(self._write)

    def show_trail(self, places: Sequence[tuple[int, str]]) -> None:
        """Show (number, name) of places, the present one last."""
        if list(places) != self._places:
            self._places = list(places)
            self._write()

    def places(self) -> list[str]:
        """The names that fit."""
        metrics, room = QFontMetricsF(self.font()), float(self.width() - 8)
        names: list[str] = []
        for _, name in reversed(self._places):
            room -= metrics.horizontalAdvance(name + _BETWEEN)
            if names and room < 0:
                break
            names.insert(0, name)
        return names

    def _write(self) -> None:
        palette = self._theme.palette
        shown = self._places[len(self._places) - len(self.places()) :]
        parts = []
        for number, name in shown[:-1]:
            colour = palette.accent_text
            parts.append(
                f'<a href="{number}" style="color:{colour};text-decoration:none">{escape(name)}</a>'
            )
        if shown:
            parts.append(f'<span style="color:{palette.text}">{escape(shown[-1][1])}</span>')
        self.setText(f'<span style="color:{palette.secondary}">{_BETWEEN}</span>'.join(parts))
        self.setAccessibleName("The way here: " + ", ".join(name for _, name in self._places))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._write()

    def _activated(self, link: str) -> None:
        self.chosen.emit(int(link))
