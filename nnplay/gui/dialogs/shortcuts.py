"""All keys and gestures at a glance, with a field to find one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from nnplay.gui.actions import SPECS, key_text
from nnplay.gui.canvas.keys import CANVAS_KEYS, WALKING
from nnplay.gui.canvas.mouse import GESTURES
from nnplay.gui.canvas.strips import TOOLS
from nnplay.gui.dialogs.frame import Dialog
from nnplay.gui.menus import menu_places
from nnplay.gui.table.keys import TABLE_KEYS
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import caption_label, label

__all__ = ["Entry", "ShortcutsDialog", "entry_groups"]

# Where the menu's word changes with what is going on.
_WORDS: Final = {"toggle_training": "Play or pause"}


@dataclass(frozen=True)
class Entry:
    """One line: what is done, and the keys or gestures that do it."""

    text: str
    keys: tuple[str, ...]


def entry_groups() -> tuple[tuple[str, tuple[Entry, ...]], ...]:
    """All lines by group, from the tables that make the keys work.

    First the actions that have keys, by menu, then the canvas's keys and gestures, then those of
    the tables.
    """
    places = menu_places()
    groups: dict[str, list[Entry]] = {name: [] for name in dict.fromkeys(places.values())}
    for spec in SPECS:
        texts = [_native(key) for key in (*spec.canvas_keys, *spec.keys)]
        shown = tuple(dict.fromkeys(text for text in texts if text))
        if shown:
            words = _WORDS.get(spec.name, spec.text.replace("&", "").rstrip("…"))
            groups.setdefault(places.get(spec.name, "Window"), []).append(Entry(words, shown))
    canvas = [Entry(words, (key,)) for _, _, words, key in TOOLS]
    canvas += [Entry(*row) for row in WALKING]
    canvas += [Entry(row.words, row.shown) for row in CANVAS_KEYS if row.shown]
    groups["On the canvas"] = canvas
    groups["Mouse on the canvas"] = [Entry(words, (gesture,)) for words, gesture in GESTURES]
    groups["In tables"] = [Entry(row.words, row.shown) for row in TABLE_KEYS]
    return tuple((name, tuple(entries)) for name, entries in groups.items() if entries)


def _native(key: str | QKeySequence.StandardKey) -> str:
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


class _Row(QWidget):
    """Words on the left, keys on the right."""

    def __init__(self, entry: Entry, parent: QWidget) -> None:
        super().__init__(parent)
        self.haystack = f"{entry.text} {' '.join(entry.keys)}".casefold()
        self.setAccessibleName(f"{entry.text}: {' or '.join(entry.keys)}")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 3, 0, 3)
        layout.setSpacing(5)
        words = label(entry.text, "", self)
        words.setWordWrap(True)
        layout.addWidget(words, 1)
        for key in entry.keys[:2]:
            layout.addWidget(label(key, "key", self))


class _Group(QFrame):
    """The lines of one group in a box."""

    def __init__(self, title: str, entries: Sequence[Entry], parent: QWidget) -> None:
        super().__init__(parent)
        self.title = title.casefold()
        self.setProperty("role", "box")
        self.setAccessibleName(title)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 10, 12, 10)
        layout.setSpacing(0)
        layout.addWidget(caption_label(title, self))
        layout.addSpacing(4)
        self.rows = [_Row(entry, self) for entry in entries]
        for row in self.rows:
            layout.addWidget(row)

    def narrow(self, words: Sequence[str]) -> int:
        """Show the rows that hold all the words; returns how many."""
        shown = 0
        for row in self.rows:
            fits = all(word in row.haystack or word in self.title for word in words)
            row.setVisible(fits)
            shown += fits
        self.setVisible(shown > 0)
        return shown


class ShortcutsDialog(Dialog):
    """All keys in two columns."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(
            theme,
            "Keyboard shortcuts",
            "Keys and gestures",
            "Single letters work while the canvas has the focus; "
            f"{key_text('focus_canvas')} puts it there.",
            parent,
        )
        self.resize(880, 660)
        self.search = QLineEdit(self)
        self.search.setPlaceholderText("Find a command or a key")
        self.search.setAccessibleName("Find a command or a key")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._narrow)
        content = QWidget(self)
        content.setProperty("role", "content")
        columns = (QVBoxLayout(), QVBoxLayout())
        self.groups: list[_Group] = []
        heights = [0, 0]
        for title, entries in entry_groups():
            # The next group goes where there is most room left.
            shorter = 0 if heights[0] <= heights[1] else 1
            group = _Group(title, entries, content)
            self.groups.append(group)
            columns[shorter].addWidget(group)
            heights[shorter] += len(entries) + 2
        row = QHBoxLayout(content)
        row.setContentsMargins(0, 0, 6, 0)
        row.setSpacing(12)
        for column in columns:
            column.setSpacing(12)
            column.addStretch(1)
            row.addLayout(column, 1)
        self.area = QScrollArea(self)
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setAccessibleName("Keys and gestures")
        self.area.setWidget(content)
        self.nothing = label("", "secondary", self)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.nothing.hide()
        self.body.addWidget(self.search)
        self.body.addWidget(self.nothing, 1)
        self.body.addWidget(self.area, 1)
        self.close_button = self.add_button("Close", self.accept, is_default=True)
        self.search.setFocus(Qt.FocusReason.OtherFocusReason)

    def _narrow(self, text: str) -> None:
        words = text.casefold().split()
        found = sum(group.narrow(words) for group in self.groups)
        self.area.setVisible(found > 0)
        self.nothing.setVisible(found == 0)
        self.nothing.setText(f"Nothing here is called “{text.strip()}”. Try another word.")
