"""The few undo commands. They swap values that were checked before, so they cannot fail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Protocol

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QUndoCommand

from nnplay.document import Document

__all__ = ["Change", "Command", "DocumentChange", "ParameterChange", "with_slots"]

FloatArray = npt.NDArray[np.float64]


def with_slots(
    document: Document, values: Mapping[int, float], initial: Mapping[int, float]
) -> Document:
    """The document with other parameters and initial parameters at single slots."""
    result = replace(document, network=document.network.with_parameters(values))
    if initial:
        vector = document.initial.copy()
        vector[list(initial)] = list(initial.values())
        vector.flags.writeable = False
        result = replace(result, initial=vector)
    return result


class Change(Protocol):
    """A step between two documents that can be taken in both directions."""

    def done(self, document: Document) -> Document:
        """The document after the step."""

    def undone(self, document: Document) -> Document:
        """The document before the step."""


class DocumentChange:
    """Keeps both documents; they share everything that did not change."""

    def __init__(self, before: Document, after: Document) -> None:
        self.before = before
        self.after = after

    def done(self, document: Document) -> Document:
        """The document after the step."""
        return self.after

    def undone(self, document: Document) -> Document:
        """The document before the step."""
        return self.before


class ParameterChange:
    """Keeps only the slots that changed, with their old and new values."""

    def __init__(self, document: Document, values: Mapping[int, float]) -> None:
        self.old: dict[int, float] = {}
        self.new: dict[int, float] = {}
        self.old_initial: dict[int, float] = {}
        # While nothing has been trained, hand edits change the initial weights too.
        self._follows = document.state.step == 0
        self.extend(document, values)

    def extend(self, document: Document, values: Mapping[int, float]) -> None:
        """Take further values of the same gesture in; ``document`` is the one before them."""
        for slot, value in values.items():
            self.old.setdefault(slot, float(document.network.theta[slot]))
            if self._follows:
                self.old_initial.setdefault(slot, float(document.initial[slot]))
            self.new[slot] = float(value)

    def done(self, document: Document) -> Document:
        """The document with the new values."""
        return with_slots(document, self.new, self.new if self._follows else {})

    def undone(self, document: Document) -> Document:
        """The document with the old values."""
        return with_slots(document, self.old, self.old_initial)


class Command(QUndoCommand):
    """One entry of the undo stack.

    Args:
        text: what was done, for menus and the history.
        change: the step itself.
        current: gives the present document.
        show: takes the new present document; it only stores it, announcing follows when the
            stack has settled.
    """

    def __init__(
        self,
        text: str,
        change: Change,
        current: Callable[[], Document],
        show: Callable[[Document], None],
    ) -> None:
        super().__init__(text)
        self.change = change
        self.is_given_up = False  # Qt drops the command from the stack when it is undone
        self._current = current
        self._show = show

    def redo(self) -> None:
        """Take the step (Qt calls it)."""
        self._show(self.change.done(self._current()))

    def undo(self) -> None:
        """Take it back (Qt calls it)."""
        self._show(self.change.undone(self._current()))
        self.setObsolete(self.is_given_up)
