"""The commands that fit what is typed, best first."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from nnplay.gui.commands.catalogue import Command
from nnplay.gui.commands.fuzzy import match
from nnplay.session.settings import Settings

__all__ = ["CommandsModel", "Found"]

Index = QModelIndex | QPersistentModelIndex
MOST_SHOWN: Final = 200
MOST_RECENT: Final = 24
_SETTING: Final = "commands_recent"
# What stands in front of every neuron's name.
NEURON_WORDS: Final = "go to neuron"
BEHIND_ALL: Final = 1_000_000


@dataclass(frozen=True)
class Found:
    """A command and the letters of its title that were typed."""

    command: Command
    places: tuple[int, ...]
    is_recent: bool


class CommandsModel(QAbstractListModel):
    """Searches commands; those used lately come first, unless others fit better.

    Args:
        commands: all but the neurons.
        neurons: makes the commands for neurons; asked when something is typed.
        settings: where the commands used lately are kept.
        parent: Qt parent.
    """

    def __init__(
        self,
        commands: Sequence[Command],
        neurons: Callable[[], list[Command]],
        settings: Settings,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._commands = list(commands)
        self._make_neurons = neurons
        self._neurons: list[Command] | None = None
        self._settings = settings
        self._recent = recent_keys(settings)
        self.found: list[Found] = []
        self.search("")

    def search(self, text: str) -> None:
        """Show what fits a text; everything for an empty one, without neurons."""
        ages = {key: age for age, key in enumerate(self._recent)}
        self.beginResetModel()
        if not text.strip():
            rows = [Found(c, (), c.key in ages) for c in self._commands]
            rows.sort(key=lambda row: ages.get(row.command.key, len(ages)))
            self.found = rows
        else:
            if self._neurons is None:
                self._neurons = self._make_neurons()
            scored = []
            words = text.casefold().split()
            # "neur" means commands about neurons, not every single neuron.
            names_none = all(word in NEURON_WORDS for word in words)
            for number, command in enumerate((*self._commands, *self._neurons)):
                fit = match(text, command.title)
                places = fit.places if fit is not None else ()
                score = fit.score if fit is not None else None
                if score is None:
                    # A menu's name helps, but only as a whole word or the beginning of one.
                    around = f" {command.place} {command.title}".casefold()
                    if not all(f" {word}" in around for word in words):
                        continue
                    score = 0
                age = ages.get(command.key)
                if age is not None:
                    score += 64 * (4 - min(age, 3))
                if command.problem:
                    score -= 128
                if names_none and number >= len(self._commands):
                    score -= BEHIND_ALL
                scored.append((-score, number, Found(command, places, age is not None)))
            scored.sort(key=lambda row: row[:2])
            self.found = [row for _, _, row in scored[:MOST_SHOWN]]
        self.endResetModel()

    def used(self, command: Command) -> None:
        """Remember that a command was used."""
        self._recent = [command.key, *(key for key in self._recent if key != command.key)]
        del self._recent[MOST_RECENT:]
        self._settings.set_text(_SETTING, json.dumps(self._recent))

    # ------------------------------------------------------------------ Qt's model
    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self.found)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        command = self.found[index.row()].command
        if role == Qt.ItemDataRole.DisplayRole:
            return command.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            parts = (command.title, command.place, command.keys, command.problem)
            return ", ".join(part for part in parts if part)
        if role == Qt.ItemDataRole.ToolTipRole:
            return command.problem or None
        return None


def recent_keys(settings: Settings) -> list[str]:
    """Keys of the commands used lately, latest first; whatever else stands there is ignored."""
    try:
        keys = json.loads(settings.text(_SETTING, "[]"))
    except ValueError:
        return []
    return [key for key in keys if isinstance(key, str)] if isinstance(keys, list) else []
