"""The documents opened or saved lately, as a list to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QImage, QPainter
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
from nnplay.library import read_thumbnail

__all__ = ["FileRow", "RecentFiles"]

_HEIGHT: Final = 46
_PICTURE: Final = QSize(54, 34)


class FileRow(CardButton):
    """One document: its picture if it has one, its name, and the folder it lies in."""

    def __init__(self, theme: Theme, path: Path, parent: QWidget | None = None) -> None:
        super().__init__(theme, path.name, folder_text(path), parent)
        self.path = path
        # The picture the document was saved with; it is small and read without the rest.
        self._picture = QImage.fromData(read_thumbnail(path))
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
        if self._picture.isNull():
            icon = self.theme.pixmap("file", 18, "secondary")
            centre = QPointF(6 + (_PICTURE.width() - 18) / 2, (self.height() - 18) / 2)
            painter.drawPixmap(centre, icon)
        else:
            top = (self.height() - _PICTURE.height()) / 2
            box = QRectF(6, top, _PICTURE.width(), _PICTURE.height())
            painter.drawImage(box, self._picture)
            painter.setPen(palette.colour("border"))
            painter.drawRect(box)
        left = _PICTURE.width() + 14.0
        room = self.width() - left - 8.0
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
