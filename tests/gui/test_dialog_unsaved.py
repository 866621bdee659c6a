"""Questions before something is lost: every answer by mouse and by keyboard."""

import pytest
from gui.dialog_driver import button_texts, focus_name, meanwhile, press
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QPushButton, QWidget  # noqa: TID251
from pytestqt.qtbot import QtBot

from nnplay.gui.dialogs.unsaved import UnsavedDialog, ask_about_changes, ask_to_replace
from nnplay.gui.theme import Theme

KEY = Qt.Key
ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        ((KEY.Key_Return,), "save"),
        ((KEY.Key_Enter,), "save"),
        ((KEY.Key_Escape,), "cancel"),
        ((KEY.Key_Tab, KEY.Key_Return), "discard"),
        ((KEY.Key_Tab, KEY.Key_Space), "discard"),
        ((KEY.Key_Tab, KEY.Key_Tab, KEY.Key_Return), "cancel"),
        (((KEY.Key_D, ALT),), "discard"),
        (((KEY.Key_S, ALT),), "save"),
    ],
)
def test_by_keyboard(qtbot: QtBot, window: QWidget, keys: tuple[object, ...], answer: str) -> None:
    meanwhile(qtbot, lambda _: press(*keys))
    assert ask_about_changes(Theme("dark"), "spiral.nnplay", window) == answer


@pytest.mark.parametrize(
    ("words", "answer"),
    [("&Save", "save"), ("&Don't save", "discard"), ("Cancel", "cancel"), ("", "cancel")],
)
def test_by_mouse(qtbot: QtBot, window: QWidget, words: str, answer: str) -> None:
    def act(dialog: QDialog) -> None:
        assert isinstance(dialog, UnsavedDialog)
        assert dialog.heading.text() == "Save changes to spiral.nnplay?"
        assert sorted(button_texts(dialog)) == ["&Don't save", "&Save", "Cancel"]
        assert focus_name() == "&Save"
        if not words:
            dialog.close()
            return
        button = next(b for b in dialog.findChildren(QPushButton) if b.text() == words)
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    meanwhile(qtbot, act)
    assert ask_about_changes(Theme("light"), "spiral.nnplay", window) == answer


@pytest.mark.parametrize(
    ("keys", "replaces"),
    [
        ((KEY.Key_Return,), False),
        ((KEY.Key_Escape,), False),
        ((KEY.Key_Tab, KEY.Key_Return), True),
    ],
)
def test_replacing_a_file(
    qtbot: QtBot, window: QWidget, keys: tuple[object, ...], replaces: bool
) -> None:
    meanwhile(qtbot, lambda _: press(*keys))
    assert ask_to_replace(Theme("dark"), "weights.npz", window) is replaces
