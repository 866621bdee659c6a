"""What all dialogs share: a title, a sentence, a body, buttons with verbs, and manners of keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QDialog,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from nnplay.gui.theme import Theme
from nnplay.gui.widgets import label, separator

__all__ = ["MARGIN", "Dialog"]

MARGIN: Final = 24
_ENTER: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Dialog(QDialog):
    """A modal window above its parent.

    Return presses the button that has the focus; in a field, or on what is chosen already, it
    presses the default button. Esc cancels.

    Attributes:
        theme: colours and type.
        body: vertical layout for the content.
    """

    def __init__(
        self, theme: Theme, title: str, heading: str, sentence: str, parent: QWidget | None = None
    ) -> None:
        """Make the frame.

        Args:
            theme: colours and type.
            title: of the window.
            heading: large words at the top; empty for a dialog that has its own top.
            sentence: what this is about, below the heading; may be empty.
            parent: window to stand above.
        """
        super().__init__(parent)
        self.theme = theme
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setModal(True)
        self.heading = label(heading, "heading", self)
        self.heading.setFont(theme.ui_font(18, QFont.Weight.DemiBold))
        self.heading.setStyleSheet("font-size: 18px;")
        self.heading.setVisible(bool(heading))
        self.heading.setWordWrap(True)
        self.sentence = label(sentence, "secondary", self)
        self.sentence.setWordWrap(True)
        self.sentence.setVisible(bool(sentence))
        self.body = QVBoxLayout()
        self.body.setContentsMargins(MARGIN, 0, MARGIN, 0)
        self.body.setSpacing(14)
        top = QVBoxLayout()
        top.setContentsMargins(MARGIN, 0, MARGIN, 0)
        top.setSpacing(6)
        top.addWidget(self.heading)
        top.addWidget(self.sentence)
        self._left_buttons = QHBoxLayout()
        self._left_buttons.setSpacing(8)
        self._right_buttons = QHBoxLayout()
        self._right_buttons.setSpacing(8)
        footer = QHBoxLayout()
        footer.setContentsMargins(MARGIN, 0, MARGIN, 0)
        footer.addLayout(self._left_buttons)
        footer.addStretch(1)
        footer.addLayout(self._right_buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 20, 0, 16)
        layout.setSpacing(0)
        if heading or sentence:
            layout.addLayout(top)
            layout.addSpacing(18)
        layout.addLayout(self.body, 1)
        layout.addSpacing(18)
        self._line = separator(vertical=False, parent=self)
        layout.addWidget(self._line)
        layout.addSpacing(14)
        layout.addLayout(footer)

    def add_button(
        self,
        text: str,
        clicked: Callable[[], object],
        *,
        is_default: bool = False,
        on_left: bool = False,
    ) -> QPushButton:
        """A button at the foot; the default one is what Return presses."""
        button = QPushButton(text, self)
        button.setAutoDefault(False)
        button.setMinimumWidth(84)
        button.clicked.connect(clicked)
        if is_default:
            button.setDefault(True)
            button.setProperty("role", "primary")
        (self._left_buttons if on_left else self._right_buttons).addWidget(button)
        return button

    def showEvent(self, event: QShowEvent) -> None:
        layout = self.layout()
        # Qt guesses the height of wrapped sentences for another width, and leaves a gap.
        if layout is not None and self.minimumWidth() == self.maximumWidth():
            self.resize(self.width(), layout.totalHeightForWidth(self.width()))
        super().showEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        focus = self.focusWidget()
        plain = not event.modifiers() & Qt.KeyboardModifier.ControlModifier
        # Without "auto default" Qt would press the default button, whatever has the focus.
        # That is right only for a button with nothing left to do: what it offers is chosen.
        if (
            event.key() in _ENTER
            and plain
            and isinstance(focus, QAbstractButton)
            and not focus.isChecked()
        ):
            if not event.isAutoRepeat() and focus.isEnabled():
                focus.click()
            event.accept()
            return
        super().keyPressEvent(event)
