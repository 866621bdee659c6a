"""The open document, what is shown of it, and its undo stack.

Commands only store the new document; what changed is announced when the stack has settled
(``indexChanged``), so that a listener may call further verbs safely (see
:mod:`nnplay.session.announcing`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject

from nnplay.core.config import TrainingState
from nnplay.core.history import History
from nnplay.core.network import Network
from nnplay.document import Document
from nnplay.session.commands import Change, Command, DocumentChange, ParameterChange
from nnplay.session.data_keeper import DataKeeper
from nnplay.session.undo_memory import UndoMemory
from nnplay.session.undo_stack import UndoStack
from nnplay.session.values import Selection

__all__ = ["Live", "Workspace"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Live:
    """How far a run has come beyond the committed document.

    ``enabled`` says what is switched on; None if training switches nothing off.
    """

    theta: FloatArray
    state: TrainingState
    history: History
    enabled: npt.NDArray[np.bool_] | None = None

    def shown_in(self, network: Network) -> Network:
        """A network as training has made it."""
        network = network.with_theta(self.theta)
        return network if self.enabled is None else replace(network, enabled=self.enabled)


class Workspace:
    """Holds the committed document and, during a run, what has been learnt beyond it."""

    def __init__(
        self,
        parent: QObject,
        document: Document,
        announce: Callable[[], None],
        memory: UndoMemory,
    ) -> None:
        self._announce = announce
        self._memory = memory
        self._changes: list[Change] = []
        self._cut_off: list[tuple[str, Change]] = []  # steps to redo that the gesture ended
        self.data = DataKeeper()
        self.stack = UndoStack(parent)
        self._document = document
        self._live: Live | None = None
        self._network = document.network
        self._gesture: int | None = None
        self._gesture_change: Change | None = None
        self._gesture_index = -1
        self.selection = Selection()
        self.prepared, self.data_problem = self.data.look(document)

    # ------------------------------------------------------------------ reading
    @property
    def document(self) -> Document:
        """The committed document: what undo and redo swap."""
        return self._document

    @property
    def network(self) -> Network:
        """The network with the parameters it has right now."""
        return self._network

    @property
    def live(self) -> Live | None:
        """What a run has learnt beyond the document, or None."""
        return self._live

    @property
    def state(self) -> TrainingState:
        """How far training has come right now."""
        return self._live.state if self._live is not None else self._document.state

    @property
    def curve(self) -> History:
        """Loss curves up to now."""
        return self._live.history if self._live is not None else self._document.history

    @property
    def live_document(self) -> Document:
        """The committed document brought up to the last frame."""
        if self._live is None:
            return self._document
        return replace(
            self._document, network=self._network, state=self._live.state, history=self.curve
        )

    # ------------------------------------------------------------------ storing
    def store(self, document: Document) -> None:
        """Take another committed document without a word; :meth:`announce` follows."""
        before, self._document = self._document, document
        live = self._live
        if live is not None and live.theta.size == document.network.theta.size:
            self._network = live.shown_in(document.network)
        else:
            self._network = document.network
        if (
            before.data != document.data
            or before.preparation != document.preparation
            or before.seed != document.seed
            or before.network.topology is not document.network.topology
            or before.network.bindings != document.network.bindings
        ):
            self.prepared, self.data_problem = self.data.look(document)
        topology = document.network.topology
        if topology is not before.network.topology:
            self.selection = Selection(
                frozenset(i for i in self.selection.neurons if i in topology),
                frozenset(e for e in self.selection.edges if topology.has_edge(*e)),
            )

    def set_live(self, live: Live | None) -> None:
        """Take what a run has learnt (or forget it) without a word."""
        self._live = live
        network = self._document.network
        self._network = network if live is None else live.shown_in(network)

    def replace_all(self, document: Document) -> None:
        """Open another document: nothing of the old one can be undone."""
        self.end_gesture()
        self._live = None
        self.selection = Selection()
        self.store(document)
        self._changes.clear()
        self._cut_off = []
        self.stack.clear()
        self.stack.setClean()

    # ------------------------------------------------------------------ changing
    def continues(self, gesture: int | None) -> bool:
        """Whether a gesture's last command is still on top and not yet saved."""
        return (
            gesture is not None
            and gesture == self._gesture
            and self.stack.index() == self._gesture_index == self.stack.count()
            and not self.stack.isClean()
        )

    def end_gesture(self) -> None:
        """The next change becomes an undo step of its own."""
        self._gesture, self._gesture_change, self._gesture_index = None, None, -1

    def take_back(self, gesture: int) -> bool:
        """Undo a gesture's step and forget it; False if it is not the latest step."""
        if not self.continues(gesture):
            return False
        self.end_gesture()
        command = self.stack.command(self.stack.index() - 1)
        assert isinstance(command, Command)  # noqa: S101 - there are no others
        command.is_given_up = True
        selection = self.selection
        self.stack.undo()
        index = self.stack.index()
        del self._changes[index:]
        for text, change in self._cut_off:  # what could be redone before can be redone again
            self._changes.append(change)
            self.stack.push(Command(text, change, lambda: self._document, self.store))
        self.stack.setIndex(index)
        self._cut_off = []
        self.selection = selection
        return True

    def push(self, text: str, change: Change, gesture: int | None = None) -> None:
        """Put a checked change on the stack and make it."""
        # Known before the push, because listeners may make further changes during it.
        self._gesture, self._gesture_change = gesture, change
        self._gesture_index = self.stack.index() + 1
        self._cut_off = [
            (self.stack.text(i), self._changes[i])
            for i in range(self.stack.index(), self.stack.count())
            if gesture is not None
        ]
        del self._changes[self.stack.index() :]
        self._changes.append(change)
        self.stack.push(Command(text, change, lambda: self._document, self.store))
        self._remember()

    def _remember(self) -> None:
        if self._changes:
            self._memory.added(self._changes, self._document)

    def change(self, text: str, after: Document, gesture: int | None = None) -> None:
        """Make ``after`` the document, as an undo step or as part of the gesture's one."""
        if self.continues(gesture) and isinstance(self._gesture_change, DocumentChange):
            self._gesture_change.after = after
            self.store(after)
            self._remember()
            self._announce()
        else:
            self.push(text, DocumentChange(self._document, after), gesture)

    def change_parameters(
        self, text: str, values: Mapping[int, float], gesture: int | None = None
    ) -> None:
        """Set parameters by slot, as an undo step or as part of the gesture's one."""
        if self.continues(gesture) and isinstance(self._gesture_change, ParameterChange):
            self._gesture_change.extend(self._document, values)
            self.store(self._gesture_change.done(self._document))
            self._announce()
        else:
            self.push(text, ParameterChange(self._document, values), gesture)
