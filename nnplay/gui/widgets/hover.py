"""Widgets that look as if the pointer were on them, though they moved away below it."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QApplication, QWidget

__all__ = ["forget_hover"]


def forget_hover(window: QWidget) -> None:
    """Tell the widgets of a window that the pointer has left them, where it has.

    Qt says so only when the mouse moves. A button that opens a dialog and is elsewhere afterwards
    stays lit without this, while the pointer rests.
    """
    place = QCursor.pos()
    for widget in window.findChildren(QWidget):
        if widget.underMouse() and not widget.rect().contains(widget.mapFromGlobal(place)):
            QApplication.sendEvent(widget, QEvent(QEvent.Type.Leave))
            widget.update()
