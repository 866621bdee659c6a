"""Questions that are asked before something would be lost."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from nnplay.gui.dialogs.frame import Dialog
from nnplay.gui.theme import Theme

__all__ = ["Answer", "UnsavedDialog", "ask_about_changes", "ask_to_replace"]

Answer = Literal["save", "discard", "cancel"]
_WIDTH = 440


class UnsavedDialog(Dialog):
    """Save, don't save, or stay.

    Attributes:
        answer: what was chosen; ``cancel`` until a button says otherwise.
    """

    def __init__(self, theme: Theme, title: str, parent: QWidget | None = None) -> None:
        super().__init__(
            theme,
            "Unsaved changes",
            f"Save changes to {title}?",
            "What you changed since the last save is lost if you don't save it.",
            parent,
        )
        self.answer: Answer = "cancel"
        self.setFixedWidth(_WIDTH)
        self.dont_save = self.add_button("&Don't save", self._discard, on_left=True)
        self.cancel = self.add_button("Cancel", self.reject)
        self.save = self.add_button("&Save", self._save, is_default=True)
        self.save.setFocus(Qt.FocusReason.OtherFocusReason)
        QWidget.setTabOrder(self.save, self.dont_save)
        QWidget.setTabOrder(self.dont_save, self.cancel)

    def _save(self) -> None:
        self.answer = "save"
        self.accept()

    def _discard(self) -> None:
        self.answer = "discard"
        self.accept()


def ask_about_changes(theme: Theme, title: str, parent: QWidget | None = None) -> Answer:
    """Ask what shall become of unsaved changes; closing the question means ``cancel``.

    Args:
        theme: colours and type.
        title: name of the document, as in the window's title.
        parent: window to stand above.
    """
    dialog = UnsavedDialog(theme, title, parent)
    dialog.exec()
    answer = dialog.answer
    dialog.deleteLater()
    return answer


def ask_to_replace(theme: Theme, name: str, parent: QWidget | None = None) -> bool:
    """Ask whether a file that exists may be replaced; the safe answer is the default."""
    dialog = Dialog(
        theme,
        "Replace file",
        f"Replace {name}?",
        "There is a file with this name already. What it holds now would be gone.",
        parent,
    )
    dialog.setFixedWidth(_WIDTH)
    dialog.add_button("Replace", dialog.accept, on_left=True)
    keep = dialog.add_button("Keep it", dialog.reject, is_default=True)
    keep.setFocus(Qt.FocusReason.OtherFocusReason)
    answer = dialog.exec() == Dialog.DialogCode.Accepted
    dialog.deleteLater()
    return answer
