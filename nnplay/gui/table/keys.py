"""What keys do in the tables: one table, which the shortcut sheet shows too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

if TYPE_CHECKING:
    from nnplay.gui.table.view import NetworkTable

__all__ = ["TABLE_KEYS", "TableKey", "key_row"]


@dataclass(frozen=True)
class TableKey:
    """What some keys do in a table.

    Attributes:
        words: what it is, for people.
        keys: the keys as Qt writes them.
        run: does it.
        shown: the keys as the shortcut sheet shows them.
        is_own: whether an action of the window has the key too, and the table takes it from it.
    """

    words: str
    keys: tuple[str, ...]
    run: Callable[[NetworkTable], object]
    shown: tuple[str, ...]
    is_own: bool = False


TABLE_KEYS: Final = (
    TableKey("Edit a cell or switch it", ("Return", "Enter"), lambda t: t.edit_here(), ("Return",)),
    TableKey("Copy cells", ("Ctrl+C",), lambda t: t.copy(), ("Ctrl+C",), is_own=True),
    TableKey("Paste cells", ("Ctrl+V",), lambda t: t.paste(), ("Ctrl+V",), is_own=True),
    TableKey(
        "Delete the selected rows",
        ("Del", "Backspace"),
        lambda t: t.remove_rows(),
        ("Del",),
        is_own=True,
    ),
    TableKey("Select everything", ("Ctrl+A",), lambda t: t.selectAll(), ("Ctrl+A",), is_own=True),
    TableKey("Sort, copy, delete", ("Menu", "Shift+F10"), lambda t: t.open_menu_here(), ("Menu",)),
    TableKey("Back to the canvas", ("Esc",), lambda t: t.leave(), ("Esc",)),
)


@cache
def _by_key() -> dict[QKeySequence, TableKey]:
    return {QKeySequence(text): row for row in TABLE_KEYS for text in row.keys}


def key_row(event: QKeyEvent) -> TableKey | None:
    """What a key means in a table, if it means something here."""
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    return _by_key().get(QKeySequence(QKeyCombination(modifiers, Qt.Key(event.key()))))
