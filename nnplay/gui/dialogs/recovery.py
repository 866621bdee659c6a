"""After a crash: what was not saved, and what shall become of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QGuiApplication, QPixmap
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from nnplay.gui.dialogs.frame import Dialog
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import label
from nnplay.session.orphans import Orphan

__all__ = ["RecoveryDialog", "changes_words", "time_words"]

_WIDTH: Final = 620
_PICTURE: Final = QSize(152, 96)
_ROWS_IN_SIGHT: Final = 4
_LARGEST_DRAWN: Final = 20_000
"""Parameters; the picture of a larger network would keep people waiting."""


class OrphanRow(QFrame):
    """One document: picture, name, time and what is new; ticked if it is meant.

    Attributes:
        tick: whether the buttons are about this document, too.
    """

    def __init__(self, theme: Theme, orphan: Orphan, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.orphan = orphan
        self.setProperty("role", "box")
        self.tick = QCheckBox(self)
        self.tick.setChecked(True)
        self.tick.setAccessibleName(orphan.origin.title)
        self.picture = QLabel(self)
        self.picture.setFixedSize(_PICTURE)
        self.picture.setPixmap(_picture(theme, orphan))
        name = label(orphan.origin.title, "", self)
        name.setFont(theme.ui_font(14, QFont.Weight.Medium))
        name.setTextFormat(Qt.TextFormat.PlainText)
        self.words = label(changes_words(orphan), "secondary", self)
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        path = orphan.origin.path
        if path is not None:
            self.setToolTip(str(path))
        text = QVBoxLayout()
        text.setSpacing(3)
        text.addStretch(1)
        text.addWidget(name)
        text.addWidget(self.words)
        text.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 10, 12, 10)
        layout.setSpacing(14)
        layout.addWidget(self.tick)
        layout.addWidget(self.picture)
        layout.addLayout(text, 1)
        self.tick.setVisible(False)


class RecoveryDialog(Dialog):
    """Recover or delete what is ticked; the rest, or with *Later* everything, is offered again.

    Attributes:
        answer: ``recover``, ``delete`` or ``later`` (also for Esc).
    """

    def __init__(
        self, theme: Theme, orphans: Sequence[Orphan], parent: QWidget | None = None
    ) -> None:
        several = len(orphans) > 1
        heading = "Unsaved documents were found" if several else "An unsaved document was found"
        super().__init__(
            theme,
            "Recover documents",
            heading,
            "nnplay ended unexpectedly, but your work was kept. Recovered documents open as they "
            "were; nothing is written to your files until you save.",
            parent,
        )
        self.setFixedWidth(_WIDTH)
        self.answer = "later"
        self.rows = [OrphanRow(theme, orphan, self) for orphan in orphans]
        self.body.addWidget(self._list())
        for row in self.rows:
            row.tick.setVisible(several)
            row.tick.toggled.connect(self._refresh)
        self.delete = self.add_button("&Delete", lambda: self._choose("delete"), on_left=True)
        self.later = self.add_button("&Later", self.reject)
        self.recover = self.add_button("&Recover", lambda: self._choose("recover"), is_default=True)
        self.recover.setFocus(Qt.FocusReason.OtherFocusReason)

    def _list(self) -> QWidget:
        content = QWidget(self)
        content.setProperty("role", "content")
        layout = QVBoxLayout(content)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for row in self.rows:
            layout.addWidget(row)
        if len(self.rows) <= _ROWS_IN_SIGHT:
            return content
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFixedHeight(_ROWS_IN_SIGHT * (_PICTURE.height() + 28))
        area.setWidget(content)
        return area

    @property
    def chosen(self) -> list[Orphan]:
        """What is ticked."""
        return [row.orphan for row in self.rows if row.tick.isChecked()]

    def _refresh(self) -> None:
        for button in (self.delete, self.recover):
            button.setEnabled(bool(self.chosen))

    def _choose(self, answer: str) -> None:
        if answer == "delete" and self.delete.property("sure") is None:
            # What is deleted here is gone for good: the second press means it.
            self.delete.setProperty("sure", True)
            self.delete.setText("Delete for &good")
            return
        self.answer = answer
        self.accept()


def _picture(theme: Theme, orphan: Orphan) -> QPixmap:
    document = orphan.document
    if document is None or document.network.topology.parameter_count > _LARGEST_DRAWN:
        return theme.pixmap("file", 32, "secondary")
    from nnplay.picture.render import thumbnail

    ratio = QGuiApplication.primaryScreen().devicePixelRatio()
    return QPixmap.fromImage(thumbnail(document, _PICTURE, theme.palette, ratio))


def changes_words(orphan: Orphan) -> str:
    """When the copy was made and what it has that the file has not."""
    if orphan.document is None:
        return orphan.problem
    origin = orphan.origin
    parts = []
    if origin.edits:
        parts.append(_counted(origin.edits, "change"))
    if origin.epochs:
        parts.append(_counted(origin.epochs, "epoch") + " trained")
    elif origin.steps:
        parts.append(_counted(origin.steps, "step") + " trained")
    since = "since the last save" if origin.path is not None else "never saved"
    return f"{time_words(orphan.written)} · {', '.join(parts) or 'changes'} {since}".replace(
        " never saved", ", never saved"
    )


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def time_words(seconds: float) -> str:
    """A moment as people say it: the time, and the day unless it is today."""
    when = datetime.fromtimestamp(seconds)
    if when.date() == datetime.now().date():
        return f"Today {when:%H:%M}"
    return f"{when.day} {when:%B %Y, %H:%M}"
