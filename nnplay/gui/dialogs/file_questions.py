"""Questions about a file that somebody else uses or has changed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget

from nnplay.gui.dialogs.frame import Dialog
from nnplay.gui.theme import Theme
from nnplay.session.locking import Holder

__all__ = ["Outside", "Overwrite", "Use", "ask_how_to_use", "ask_to_overwrite", "ask_what_is_right"]

Use = Literal["read_only", "copy", "cancel"]
Outside = Literal["reload", "keep", "save_as"]
Overwrite = Literal["overwrite", "save_as", "cancel"]
_WIDTH = 500


class ChoiceDialog(Dialog):
    """A few ways to go on; Esc takes the last one, which changes nothing.

    Attributes:
        answer: the name of what was chosen.
        buttons: the buttons by name.
    """

    def __init__(
        self,
        theme: Theme,
        title: str,
        heading: str,
        sentence: str,
        choices: Sequence[tuple[str, str]],
        default: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, title, heading, sentence, parent)
        self.setFixedWidth(_WIDTH)
        self.answer = choices[-1][0]
        self.buttons: dict[str, QPushButton] = {}
        for name, words in choices:
            self.buttons[name] = self.add_button(
                words, partial(self._choose, name), is_default=name == default
            )
        self.buttons[default].setFocus(Qt.FocusReason.OtherFocusReason)

    def _choose(self, name: str, _checked: bool = False) -> None:
        self.answer = name
        self.accept()


def _ask(dialog: ChoiceDialog) -> str:
    dialog.exec()
    answer = dialog.answer
    dialog.deleteLater()
    return answer


def ask_how_to_use(theme: Theme, name: str, holder: Holder, parent: QWidget | None = None) -> Use:
    """A document is open somewhere else."""
    sentence = (
        f"It is open {holder.words}. Two windows that save the same file would overwrite each "
        "other's changes. Read-only, you can look and train, and save under another name."
    )
    if not holder.is_here:
        sentence += f" If nobody uses it there any more, delete the file “.~lock.{name}” beside it."
    return _ask(  # type: ignore[return-value]
        ChoiceDialog(
            theme,
            "Document in use",
            f"{name} is in use",
            sentence,
            (
                ("read_only", "Open &read-only"),
                ("copy", "Open a &copy"),
                ("cancel", "Cancel"),
            ),
            "copy",
            parent,
        )
    )


def ask_what_is_right(
    theme: Theme, name: str, *, is_modified: bool, parent: QWidget | None = None
) -> Outside:
    """The file of the open document was changed by another program."""
    sentence = "Reloading shows what the file holds now; undo brings your version back."
    if is_modified:
        sentence = "You changed it here, too. " + sentence
    return _ask(  # type: ignore[return-value]
        ChoiceDialog(
            theme,
            "File changed",
            f"{name} was changed by another program",
            sentence,
            (
                ("reload", "&Reload"),
                ("save_as", "Save mine &as…"),
                ("keep", "&Keep mine"),
            ),
            "keep" if is_modified else "reload",
            parent,
        )
    )


def ask_to_overwrite(theme: Theme, name: str, parent: QWidget | None = None) -> Overwrite:
    """Saving would replace what another program has written."""
    return _ask(  # type: ignore[return-value]
        ChoiceDialog(
            theme,
            "File changed",
            f"Replace {name}?",
            "Another program has changed the file since you opened it. If you replace it, that "
            f"version is kept beside it as {name}~.",
            (
                ("overwrite", "&Replace"),
                ("save_as", "Save &as…"),
                ("cancel", "Cancel"),
            ),
            "save_as",
            parent,
        )
    )
