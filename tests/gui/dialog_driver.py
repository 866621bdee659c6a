"""A dialog with a real session, and a person at mouse and keyboard."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget  # noqa: TID251
from pytestqt.qtbot import QtBot

from nnplay.core.network import Network
from nnplay.session.session import Session

GATE = "and-gate"


def focus_name() -> str:
    """Accessible name, else the text, of what has the keyboard."""
    widget = QApplication.focusWidget()
    if widget is None:
        return ""
    return widget.accessibleName() or str(getattr(widget, "text", lambda: "")())


def press(*keys: object) -> None:
    """Keys to whatever has the keyboard: a key, or a pair of a key and its modifiers."""
    for key in keys:
        widget = QApplication.focusWidget() or QApplication.activeWindow()
        assert widget is not None, "nothing has the keyboard"
        if isinstance(key, tuple):
            QTest.keyClick(widget, *key)
        else:
            QTest.keyClick(widget, key)


def type_text(text: str) -> None:
    """A text to whatever has the keyboard."""
    widget = QApplication.focusWidget()
    assert widget is not None
    QTest.keyClicks(widget, text)


def meanwhile(qtbot: QtBot, act: Callable[[QDialog], object]) -> None:
    """Do something as soon as a dialog opened by ``exec()`` is there."""

    def look() -> None:
        window = QApplication.activeModalWidget()
        if isinstance(window, QDialog) and window.isActiveWindow():
            act(window)
        else:
            QTimer.singleShot(10, look)

    QTimer.singleShot(0, look)


def recent_file(session: Session, folder: Path, name: str) -> Path:
    """A saved document that the session remembers."""
    path = folder / name
    assert session.save(path)
    return path


def hidden_sizes(network: Network) -> list[int]:
    """Neurons in each hidden layer."""
    return [len(network.level_ids(level)) for level in network.hidden_levels]


def button_texts(widget: QWidget) -> list[str]:
    """Texts of the visible push buttons of a dialog."""
    from PySide6.QtWidgets import QPushButton  # noqa: TID251

    return [b.text() for b in widget.findChildren(QPushButton) if b.isVisible()]
