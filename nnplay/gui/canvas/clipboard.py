"""The system's clipboard: part of a network as text that any editor can keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QPointF
from PySide6.QtGui import QGuiApplication

if TYPE_CHECKING:
    from nnplay.session.session import Session

__all__ = ["can_paste", "copy", "cut", "paste"]


def copy(session: Session) -> bool:
    """Put the selected neurons on the clipboard; False, with a sentence, if there are none."""
    return _offer(session.copy_selection())


def cut(session: Session) -> bool:
    """The same, and remove them."""
    return _offer(session.cut_selection())


def _offer(text: str) -> bool:
    if not text:
        return False
    data = QMimeData()
    data.setText(text)
    data.setData(_mime_type(), text.encode())
    QGuiApplication.clipboard().setMimeData(data)
    return True


def _mime_type() -> str:
    from nnplay.session.clipboard import MIME_TYPE  # brings numpy; the menus are there before it

    return MIME_TYPE


def can_paste() -> bool:
    """Whether there is anything to try."""
    data = QGuiApplication.clipboard().mimeData()
    return data is not None and (data.hasFormat(_mime_type()) or data.hasText())


def paste(session: Session, place: QPointF) -> bool:
    """Put what is on the clipboard around a point of the scene; refused if it is no network."""
    data = QGuiApplication.clipboard().mimeData()
    if data is None or not can_paste():
        return session.refuse("There is nothing to paste. Copy some neurons first.")
    if data.hasFormat(_mime_type()):
        text = bytes(data.data(_mime_type()).data()).decode("utf-8", errors="replace")
    else:
        text = data.text()
    return bool(session.paste(text, round(place.x(), 1), round(place.y(), 1)))
