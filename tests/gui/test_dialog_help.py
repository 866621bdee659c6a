"""Keyboard shortcuts and About."""

from collections.abc import Iterator

import pytest
from gui.dialog_driver import press, type_text
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtWidgets import QLabel  # noqa: TID251
from pytestqt.qtbot import QtBot

import nnplay
from nnplay.gui.actions import SPECS
from nnplay.gui.canvas.keys import TOOL_KEYS
from nnplay.gui.dialogs.about import AboutDialog, version_lines
from nnplay.gui.dialogs.shortcuts import ShortcutsDialog, entry_groups
from nnplay.gui.theme import Theme

KEY = Qt.Key


@pytest.fixture
def shortcuts(qtbot: QtBot) -> Iterator[ShortcutsDialog]:
    dialog = ShortcutsDialog(Theme("dark"))
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitExposed(dialog)
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    yield dialog
    dialog.close()


def shown(dialog: ShortcutsDialog) -> list[str]:
    return [r.accessibleName() for group in dialog.groups for r in group.rows if r.isVisible()]


def test_every_key_of_every_action_is_listed(qapp: object) -> None:
    keys = {key for _, entries in entry_groups() for entry in entries for key in entry.keys}
    for spec in SPECS:
        for key in (*spec.keys, *spec.canvas_keys):
            text = QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
            assert not text or text in keys, spec.name
    assert {chr(key.value) for key in TOOL_KEYS} <= keys


def test_groups_follow_the_menus(qapp: object) -> None:
    groups = dict(entry_groups())
    assert list(groups)[:5] == ["File", "Edit", "Train", "View", "Help"]
    assert [entry.text for entry in groups["Edit"]][:2] == ["Undo", "Redo"]
    assert "Play or pause" in [entry.text for entry in groups["Train"]]
    assert all(entries for entries in groups.values())


def test_finding(shortcuts: ShortcutsDialog) -> None:
    everything = shown(shortcuts)
    assert len(everything) == sum(len(entries) for _, entries in entry_groups())
    type_text("undo")
    assert shown(shortcuts) == ["Undo: Ctrl+Z"]
    shortcuts.search.clear()
    type_text("ctrl+s")
    assert "Save: Ctrl+S" in shown(shortcuts)
    assert not any("Undo" in line for line in shown(shortcuts))
    shortcuts.search.clear()
    type_text("train epoch")
    assert len(shown(shortcuts)) == 2, "words of the group and of the line"
    shortcuts.search.clear()
    assert shown(shortcuts) == everything


def test_finding_nothing_says_so(shortcuts: ShortcutsDialog) -> None:
    type_text("teleport")
    assert shown(shortcuts) == []
    assert shortcuts.nothing.isVisible()
    assert "“teleport”" in shortcuts.nothing.text()
    shortcuts.search.clear()
    assert not shortcuts.nothing.isVisible()


@pytest.mark.parametrize("key", [KEY.Key_Return, KEY.Key_Escape])
def test_closing(shortcuts: ShortcutsDialog, key: KEY) -> None:
    press(key)
    assert not shortcuts.isVisible()


def test_about(qtbot: QtBot) -> None:
    dialog = AboutDialog(Theme("light"))
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitExposed(dialog)
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    texts = [label.text() for label in dialog.findChildren(QLabel)]
    assert f"Version {nnplay.__version__}" in texts
    assert {"MIT licence", "LGPL 3", "SIL Open Font Licence"} <= set(texts)
    press(KEY.Key_Tab, KEY.Key_Return)
    assert QGuiApplication.clipboard().text() == "\n".join(version_lines())
    assert dialog.copy.text() == "Copied"
    press(KEY.Key_Escape)
    assert not dialog.isVisible()
