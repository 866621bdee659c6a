"""Small switches for the headers of the plots' cards."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QSizePolicy, QToolButton

from nnplay.gui.theme import Theme
from nnplay.gui.widgets.controls import icon_button

__all__ = ["icon_toggle", "show_as_icon", "text_toggle"]

HEIGHT = 26


def text_toggle(text: str, tip: str, toggled: Callable[[bool], object]) -> QToolButton:
    """A word that can be switched on and off."""
    button = QToolButton()
    button.setText(text)
    button.setProperty("role", "boxed")
    button.ensurePolished()
    # The word must stay whole where the header is narrow; the words beside it give way.
    width = max(34, button.sizeHint().width())
    button.setProperty("word_width", width)
    button.setMinimumWidth(width)
    button.setFixedHeight(HEIGHT)
    button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    _finish(button, tip, toggled)
    button.setAccessibleName(tip.split(":")[0])
    return button


def show_as_icon(button: QToolButton, theme: Theme, icon: str, on: bool) -> None:
    """A toggle made by :func:`text_toggle` as a drawing, where its word has no room."""
    button.setToolButtonStyle(
        Qt.ToolButtonStyle.ToolButtonIconOnly if on else Qt.ToolButtonStyle.ToolButtonTextOnly
    )
    button.setIcon(theme.icon(icon, size=16) if on else QIcon())
    button.setIconSize(QSize(16, 16))
    button.setFixedWidth(HEIGHT + 2 if on else int(button.property("word_width")))


def icon_toggle(
    theme: Theme, icon: str, tip: str, toggled: Callable[[bool], object], *, checked: bool = False
) -> QToolButton:
    """A drawing that can be switched on and off."""
    button = icon_button(theme, icon, tip)
    button.setIconSize(QSize(16, 16))
    button.setFixedSize(HEIGHT + 2, HEIGHT)
    button.setCheckable(True)
    button.setChecked(checked)
    _finish(button, tip, toggled)
    return button


def _finish(button: QToolButton, tip: str, toggled: Callable[[bool], object]) -> None:
    button.setCheckable(True)
    button.setToolTip(tip)
    # Reached with Tab; a click leaves the focus, and with it Space, on the canvas.
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.toggled.connect(toggled)
