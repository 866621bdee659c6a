"""The documents opened or saved lately, as a list to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from nnplay.gui.dialogs.cards import ButtonGrid, CardButton
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import label

__all__ = ["FileRow", "RecentFiles"]

_HEIGHT: Final = 46


class FileRow(CardButton):
    """One document: its name, and the folder it lies in."""

    def __init__(self, theme: Theme, path: Path, parent: QWidget | None = None) -> None:
        super().__init__(theme, path.name, folder_text(path), parent)
        self.path = path
        self.setToolTip(str(path))
        self.setAccessibleName(f"Open {path.name}")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(190, _HEIGHT)

    def paint_ground(self, painter: QPainter) -> None:
        # A quiet list: only the row under the pointer has a surface.
        if self.underMouse() or self.isDown():
            super().paint_ground(painter)

    def paint_frame(self, painter: QPainter) -> None:
        if self.hasFocus():
            super().paint_frame(painter)

    def paint_content(self, painter: QPainter) -> None:
        palette = self.theme.palette
        icon = self.theme.pixmap("file", 18, "secondary")
        painter.drawPixmap(QPointF(9, (self.height() - 18) / 2), icon)
        left, room = 36.0, self.width() - 44.0
        for text, font, role, y, mode in (
            (self.text(), self.theme.ui_font(13, QFont.Weight.Medium), "text", 5, "right"),
            (self.description, self.theme.ui_font(11), "tertiary_text", 24, "middle"),
        ):
            elide = Qt.TextElideMode.ElideRight if mode == "right" else Qt.TextElideMode.ElideMiddle
            painter.setFont(font)
            painter.setPen(palette.colour(role))
            shown = QFontMetrics(font).elidedText(text, elide, int(room))
            box = QRectF(left, y, room, 18)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter), shown)


class RecentFiles(QScrollArea):
    """A list of documents, or a sentence while there are none.

    Signals:
        chosen(object): the :class:`~pathlib.Path` of a document.
    """

    chosen = Signal(object)

    def __init__(self, theme: Theme, paths: Sequence[Path], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName("Recent documents")
        content = QWidget(self)
        content.setProperty("role", "content")
        layout = QVBoxLayout(content)
        layout.setContentsMargins(0, 0, 0, 0)
        self.empty = label(
            "Documents you save or open will wait for you here.", "tertiary", content
        )
        self.empty.setWordWrap(True)
        self.empty.setVisible(not paths)
        self._grid = _Rows(self, content)
        for path in paths:
            row = FileRow(theme, path, self._grid)
            row.clicked.connect(self._clicked)
            self._grid.add(row)
        self._grid.setVisible(bool(paths))
        layout.addWidget(self.empty)
        layout.addWidget(self._grid)
        layout.addStretch(1)
        self.setWidget(content)

    @property
    def rows(self) -> list[FileRow]:
        """The rows, latest document first."""
        return [row for row in self._grid.buttons if isinstance(row, FileRow)]

    def _clicked(self) -> None:
        row = self.sender()
        if isinstance(row, FileRow):
            self.chosen.emit(row.path)


class _Rows(ButtonGrid):
    """Rows below each other; the one the keyboard comes to is scrolled into sight."""

    def __init__(self, area: QScrollArea, parent: QWidget) -> None:
        super().__init__(1, parent, spacing=1)
        self._area = area

    def arrived(self, button: QAbstractButton) -> None:
        self._area.ensureWidgetVisible(button, 0, 8)


def folder_text(path: Path) -> str:
    """The folder of a file, with ``~`` for the home folder."""
    folder, home = path.parent, Path.home()
    if folder == home or home in folder.parents:
        return str(Path("~") / folder.relative_to(home))
    return str(folder)
