"""Small pieces every panel uses: captions, icon buttons, choices, empty states."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QAction, QFont, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from nnplay.gui.theme import ICON_SIZE, Theme
from nnplay.picture.fonts import ui_font

__all__ = [
    "Choice",
    "EmptyState",
    "caption_font",
    "caption_label",
    "icon_button",
    "label",
    "separator",
]


def label(text: str, role: str = "", parent: QWidget | None = None) -> QLabel:
    """A label that looks as its role says (see ``stylesheet.py``); never interpreted as HTML."""
    result = QLabel(text, parent)
    result.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        result.setProperty("role", role)
    return result


def caption_label(text: str, parent: QWidget | None = None) -> QLabel:
    """Small spaced capitals above a group of controls."""
    result = label(text, "caption", parent)
    result.setFont(caption_font())
    return result


def caption_font() -> QFont:
    """The type of captions."""
    font = ui_font(11, QFont.Weight.DemiBold)
    font.setCapitalization(QFont.Capitalization.AllUppercase)
    font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 0.6)
    return font


def separator(*, vertical: bool = True, parent: QWidget | None = None) -> QFrame:
    """A hairline between groups."""
    line = QFrame(parent)
    line.setProperty("role", "separator")
    if vertical:
        line.setFixedSize(1, 24)
    else:
        line.setFixedHeight(1)
    return line


class _IconButton(QToolButton):
    """A tool button that finds its icon again when the theme changes."""

    def __init__(self, theme: Theme, icon: str, role: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self._theme, self._icon, self._role = theme, icon, role
        self.setIconSize(QSize(ICON_SIZE, ICON_SIZE))
        self.setFixedSize(32, 32)
        # Reached with Tab; a click leaves the focus, and with it Space, on the canvas.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAutoRaise(True)
        theme.changed.connect(self._refresh)
        self._refresh()

    def set_icon_name(self, icon: str) -> None:
        """Show another drawing."""
        if icon != self._icon:
            self._icon = icon
            self._refresh()

    def _refresh(self) -> None:
        self.setIcon(self._theme.icon(self._icon, self._role))


def icon_button(
    theme: Theme,
    icon: str,
    action: QAction | str,
    clicked: Callable[[], object] | None = None,
    parent: QWidget | None = None,
    *,
    role: str = "secondary",
) -> _IconButton:
    """A 32 × 32 button with a drawing.

    Args:
        theme: where the colours come from.
        icon: a name of ``resources/icons``.
        action: an action to trigger (text, tooltip and state follow it), or a tooltip, which is
            then the accessible name too.
        clicked: called on a click, for buttons without an action.
        parent: Qt parent.
        role: palette role of the drawing.
    """
    button = _IconButton(theme, icon, role, parent)
    if isinstance(action, QAction):
        button.setDefaultAction(action)
        button.setIcon(theme.icon(icon, role))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        button.setAccessibleName(action.iconText())
        # A changed action puts its own icon, of which there is none, back.
        action.changed.connect(button._refresh)
    else:
        button.setToolTip(action)
        button.setAccessibleName(action)
    if clicked is not None:
        button.clicked.connect(clicked)
    return button


class Choice(QComboBox):
    """A drop-down list of (value, title) pairs.

    Signals:
        chosen(str): a value picked by hand; setting it from code is silent.
    """

    chosen = Signal(str)

    def __init__(
        self,
        items: Iterable[tuple[str, str]] = (),
        parent: QWidget | None = None,
        *,
        name: str = "",
    ) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMaxVisibleItems(16)
        if name:
            self.setAccessibleName(name)
        self.set_items(items)
        self.activated.connect(self._activated)

    def set_items(self, items: Iterable[tuple[str, str]]) -> None:
        """Replace the list, keeping the value if it is still there; silent."""
        before = self.value()
        with QSignalBlocker(self):
            self.clear()
            for value, title in items:
                self.addItem(title, value)
        if before:
            self.set_value(before)

    def value(self) -> str:
        """The chosen value, or an empty text."""
        return str(self.currentData() or "")

    def set_value(self, value: str) -> None:
        """Choose a value without a signal; unknown values leave the field empty."""
        if value != self.value() or self.currentIndex() < 0:
            with QSignalBlocker(self):
                self.setCurrentIndex(self.findData(value))

    def _activated(self) -> None:
        self.chosen.emit(self.value())

    def wheelEvent(self, event: QWheelEvent) -> None:
        # A list that changes while a panel is scrolled is a trap.
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class EmptyState(QWidget):
    """What a panel shows when it has nothing to show: a drawing, a sentence, a way out.

    Where there is no room for all, the drawing goes first.

    Signals:
        clicked(): the button was pressed.
    """

    clicked = Signal()

    def __init__(
        self,
        theme: Theme,
        icon: str,
        sentence: str,
        button_text: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme, self._icon = theme, icon
        self._picture = QLabel(self)
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._sentence = label(sentence, "secondary", self)
        self._sentence.setWordWrap(True)
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.button = QPushButton(button_text, self)
        self.button.setVisible(bool(button_text))
        self.button.clicked.connect(self.clicked)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.button)
        row.addStretch(1)
        self._rows = layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(10)
        layout.addStretch(1)
        layout.addWidget(self._picture)
        layout.addWidget(self._sentence)
        layout.addLayout(row)
        layout.addStretch(1)
        theme.changed.connect(self._refresh)
        self._refresh()

    def set_sentence(self, sentence: str) -> None:
        """Say something else."""
        self._sentence.setText(sentence)
        self._sentence.setToolTip(sentence)
        self._make_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        margins, between = self._rows.contentsMargins(), self._rows.spacing()
        words = self._sentence.heightForWidth(self.width() - margins.left() - margins.right())
        rest = self.height() - margins.top() - margins.bottom() - words
        if self.button.text():
            rest -= self.button.sizeHint().height() + between
        self._picture.setVisible(rest >= self._picture.sizeHint().height() + between)

    def sentence(self) -> str:
        """What it says."""
        return self._sentence.text()

    def set_button(self, text: str) -> None:
        """Name the button, or hide it with an empty text."""
        self.button.setText(text)
        self.button.setVisible(bool(text))
        self._make_room()

    def _refresh(self) -> None:
        self._picture.setPixmap(self._theme.pixmap(self._icon, 28, "tertiary"))
