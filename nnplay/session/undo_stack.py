"""The undo stack, safe from Python's garbage collector."""

from __future__ import annotations

from PySide6.QtGui import QUndoStack
from shiboken6 import isValid

__all__ = ["UndoStack"]


class UndoStack(QUndoStack):
    """A QUndoStack that lets go of its commands before the garbage collector takes them apart.

    Session, stack and commands know each other, so it is the collector that ends them, in any order.
    A command that is taken apart first is deleted by Python while the stack still means to delete it
    too: the process dies. Finalisers run before anything is taken apart (PEP 442).
    """

    def __del__(self) -> None:
        if isValid(self):
            self.blockSignals(True)
            self.clear()
