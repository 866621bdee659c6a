"""Version, licences, and what nnplay is made of."""

from __future__ import annotations

import platform
from typing import Final

import numpy as np
import PySide6
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from nnplay import __version__
from nnplay.gui.dialogs.frame import Dialog
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import caption_label, label

__all__ = ["AboutDialog", "version_lines"]

_LICENCES: Final = (
    ("nnplay", "MIT licence"),
    ("Qt and PySide6", "LGPL 3"),
    ("NumPy, pandas, safetensors", "BSD and Apache 2 licences"),
    ("pyqtgraph", "MIT licence"),
    ("Inter, JetBrains Mono", "SIL Open Font Licence"),
    ("Data sets", "Listed in SOURCES.md"),
)


def version_lines() -> tuple[str, ...]:
    """What a report about a fault should say about the program's surroundings."""
    return (
        f"nnplay {__version__}",
        f"Python {platform.python_version()}, PySide6 {PySide6.__version__}, NumPy {np.__version__}",
        f"{platform.system()} {platform.release()}, {platform.machine()}",
    )


class AboutDialog(Dialog):
    """What this is, which version, and under which licences."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "About nnplay", "", "", parent)
        self.setFixedWidth(480)
        self._logo = QLabel(self)
        name = label("nnplay", "display", self)
        name.setFont(theme.ui_font(22, QFont.Weight.DemiBold))
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(name)
        words.addWidget(label(f"Version {__version__}", "secondary", self))
        top = QHBoxLayout()
        top.setSpacing(16)
        top.addWidget(self._logo)
        top.addLayout(words)
        top.addStretch(1)
        sentence = label(
            "A playground where you see a neural network learn and can touch every number in it.",
            "",
            self,
        )
        sentence.setWordWrap(True)
        self.body.addLayout(top)
        self.body.addWidget(sentence)
        self.body.addWidget(self._licences())
        self.details = label("\n".join(version_lines()[1:]), "small", self)
        self.details.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.body.addWidget(self.details)
        self.copy = self.add_button("Copy details", self._copy, on_left=True)
        self.close_button = self.add_button("Close", self.accept, is_default=True)
        self.close_button.setFocus(Qt.FocusReason.OtherFocusReason)
        theme.changed.connect(self._refresh)
        self._refresh()

    def _licences(self) -> QFrame:
        box = QFrame(self)
        box.setProperty("role", "box")
        grid = QGridLayout(box)
        grid.setContentsMargins(14, 11, 14, 12)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(5)
        grid.addWidget(caption_label("Licences", box), 0, 0, 1, 2)
        for row, (what, licence) in enumerate(_LICENCES, start=1):
            grid.addWidget(label(what, "", box), row, 0)
            grid.addWidget(label(licence, "secondary", box), row, 1)
        grid.setColumnStretch(1, 1)
        return box

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText("\n".join(version_lines()))
        self.copy.setText("Copied")

    def _refresh(self) -> None:
        self._logo.setPixmap(self.theme.picture("nnplay", 52))
