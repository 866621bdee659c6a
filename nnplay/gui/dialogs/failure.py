"""Tells that something went wrong inside nnplay, once, however often it does."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from nnplay.gui.dialogs.frame import Dialog
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import label

__all__ = ["FailureDialog"]

_WIDTH: Final = 560


class FailureDialog(Dialog):
    """What happened, whether the work is safe, and details to copy. The window stays usable."""

    def __init__(
        self, theme: Theme, summary: str, details: str, safety: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(
            theme,
            "Something went wrong",
            "Something went wrong inside nnplay",
            f"{safety} You can go on working. If it happens again, please report it with the "
            "details below.",
            parent,
        )
        self.setModal(False)
        self.setFixedWidth(_WIDTH)
        self._details = [details]
        self.summary = label(summary, "", self)
        self.summary.setWordWrap(True)
        self.summary.setTextFormat(Qt.TextFormat.PlainText)
        self.more = label("", "secondary", self)
        self.more.hide()
        self.text = QPlainTextEdit(self)
        self.text.setReadOnly(True)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setPlainText(details)
        self.text.setFixedHeight(170)
        self.text.setAccessibleName("Details")
        self.text.setTabChangesFocus(True)
        self.body.addWidget(self.summary)
        self.body.addWidget(self.more)
        self.body.addWidget(self.text)
        self.copy = self.add_button("&Copy details", self._copy, on_left=True)
        self.go_on = self.add_button("&Go on", self.accept, is_default=True)
        self.go_on.setFocus(Qt.FocusReason.OtherFocusReason)

    def add(self, details: str) -> None:
        """Something else went wrong while this is open."""
        self._details.append(details)
        count = len(self._details) - 1
        self.more.setText(f"And {count} more {'fault' if count == 1 else 'faults'} since.")
        self.more.show()
        self.text.setPlainText("\n".join(self._details))

    def _copy(self) -> None:
        from nnplay.gui.dialogs.about import version_lines

        QGuiApplication.clipboard().setText("\n".join((*version_lines(), "", *self._details)))
        self.copy.setText("Copied")
