"""What all gestures have in common: where the pointer is, what they work with, how they end."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QApplication

if TYPE_CHECKING:
    from nnplay.gui.canvas.scene import NetworkScene
    from nnplay.gui.canvas.what_if import WhatIf
    from nnplay.session.session import Session

__all__ = ["Gesture", "Pointer", "Stage", "is_drag"]


@dataclass(frozen=True)
class Pointer:
    """Where the pointer is, in the scene and in the window, and which keys are held."""

    scene: QPointF
    window: QPointF
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier

    @property
    def adds(self) -> bool:
        """Whether a click adds to the selection."""
        held = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        return bool(self.modifiers & held)


@dataclass(frozen=True)
class Stage:
    """What gestures work with.

    Attributes:
        scene: shows the network.
        session: is asked for changes.
        scroll: moves the view by a number of window pixels.
        say: shows at the pointer why something cannot be, or hides it with an empty sentence.
        hint: the same for what can be done next.
        open_menu: opens the context menu for a point.
        choose_pattern: asks how (sources, targets) are to be connected, at a point.
        scale: the view's zoom, window pixels per scene pixel.
        what_if: tells what comes of a value that is in a hand.
    """

    scene: NetworkScene
    session: Session
    scroll: Callable[[float, float], None]
    say: Callable[[str], None]
    hint: Callable[[str], None]
    open_menu: Callable[[Pointer], None]
    choose_pattern: Callable[[list[int], list[int], Pointer], None]
    scale: Callable[[], float]
    what_if: WhatIf


def is_drag(start: Pointer, now: Pointer) -> bool:
    """Whether the pointer has gone far enough for a drag, not just a shaky click."""
    way = now.window - start.window
    return way.manhattanLength() >= QApplication.startDragDistance()


class Gesture(ABC):
    """Base of all gestures; made by the press that starts it."""

    def __init__(self, stage: Stage, start: Pointer) -> None:
        self.stage = stage
        self.start = start
        self.has_moved = False

    @property
    def cursor(self) -> Qt.CursorShape:
        """What the pointer looks like meanwhile."""
        return Qt.CursorShape.ArrowCursor

    def move(self, pointer: Pointer) -> None:
        """The pointer is somewhere else."""
        if not self.has_moved and is_drag(self.start, pointer):
            self.has_moved = True
        if self.has_moved:
            self.drag(pointer)

    def press(self, pointer: Pointer) -> bool:
        """Another press, for gestures that go on without a button; True ends the gesture."""
        return True

    @abstractmethod
    def drag(self, pointer: Pointer) -> None:
        """The pointer moves after it has gone far enough."""

    @abstractmethod
    def release(self, pointer: Pointer) -> bool:
        """The button is up: do it. False keeps the gesture going without a button."""

    @abstractmethod
    def cancel(self) -> None:
        """Leave no trace."""
