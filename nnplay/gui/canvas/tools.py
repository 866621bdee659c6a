"""Gestures: what a pointer does between press and release, one object each.

A gesture shows its progress in the scene only. What it means is one call of a session verb on
release, so that Esc can leave no trace and undo takes one step.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtWidgets import QApplication

from nnplay.core.topology import Kind, TopologyError
from nnplay.gui.canvas.marks import ConnectionMark, SelectionMark
from nnplay.picture.neurons import Welcome

if TYPE_CHECKING:
    from nnplay.gui.canvas.scene import Hit, NetworkScene
    from nnplay.session.session import Session

__all__ = [
    "Add",
    "Connect",
    "Gesture",
    "Move",
    "Pan",
    "Pointer",
    "Press",
    "Stage",
    "add_neuron_at",
    "begin",
]

EdgeKey = tuple[int, int]


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
        say: shows a sentence at the pointer, or hides it with an empty one.
        open_menu: opens the context menu for a point.
    """

    scene: NetworkScene
    session: Session
    scroll: Callable[[float, float], None]
    say: Callable[[str], None]
    open_menu: Callable[[Pointer], None]


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


class Move(Gesture):
    """Click a neuron to select it, drag it with all selected ones to move them."""

    def __init__(self, stage: Stage, start: Pointer, neuron: int) -> None:
        super().__init__(stage, start)
        self.neuron = neuron
        session = stage.session
        selected = session.selection.neurons
        self._was_selected = neuron in selected
        if start.adds:
            session.select(selected ^ {neuron}, session.selection.edges)
        elif not self._was_selected:
            session.select({neuron}, ())
        self._moving = set(session.selection.neurons) & set(stage.scene.positions)

    def _places(self, pointer: Pointer) -> dict[int, tuple[float, float]]:
        way = pointer.scene - self.start.scene
        known = self.stage.session.positions
        return {
            i: (round(known[i][0] + way.x(), 1), round(known[i][1] + way.y(), 1))
            for i in self._moving
            if i in known
        }

    def drag(self, pointer: Pointer) -> None:
        self.stage.scene.edges.set_busy(True)
        self.stage.scene.move_to({**self.stage.session.positions, **self._places(pointer)})

    def release(self, pointer: Pointer) -> bool:
        session = self.stage.session
        if self.has_moved:
            places = self._places(pointer)
            if places:
                session.move_neurons(places, session.begin_gesture())
            # Where the session now says they are, in case it refused.
            self.stage.scene.move_to(session.positions)
        elif self._was_selected and not self.start.adds:
            session.select({self.neuron}, ())
        self.stage.scene.edges.set_busy(session.is_running)
        return True

    def cancel(self) -> None:
        self.stage.scene.move_to(self.stage.session.positions)
        self.stage.scene.edges.set_busy(self.stage.session.is_running)


class Press(Gesture):
    """Press empty ground or an edge: a click selects, a drag draws a selecting box."""

    def __init__(self, stage: Stage, start: Pointer, edge: EdgeKey | None) -> None:
        super().__init__(stage, start)
        self.edge = edge
        self._before = stage.session.selection
        self._mark: SelectionMark | None = None

    def drag(self, pointer: Pointer) -> None:
        scene = self.stage.scene
        if self._mark is None:
            self._mark = SelectionMark(scene.palette_of_roles)
            scene.addItem(self._mark)
        box = QRectF(self.start.scene, pointer.scene).normalized()
        self._mark.stretch(box)
        touched = scene.neurons_touching(box)
        if self.start.adds:
            self.stage.session.select(self._before.neurons | touched, self._before.edges)
        else:
            self.stage.session.select(touched, ())

    def release(self, pointer: Pointer) -> bool:
        if self.has_moved:
            self._remove_mark()
            return True
        session, before = self.stage.session, self._before
        if self.edge is None:
            if not self.start.adds:
                session.select((), ())
        elif self.start.adds:
            session.select(before.neurons, before.edges ^ {self.edge})
        else:
            session.select((), {self.edge})
        return True

    def cancel(self) -> None:
        self._remove_mark()
        self.stage.session.select(self._before.neurons, self._before.edges)

    def _remove_mark(self) -> None:
        if self._mark is not None:
            self.stage.scene.removeItem(self._mark)
            self._mark = None


class Connect(Gesture):
    """Drag from a neuron's port to another neuron, or click one and then the other."""

    def __init__(self, stage: Stage, start: Pointer, source: int) -> None:
        super().__init__(stage, start)
        self.source = source
        self._target: int | None = None
        self._refusal = ""
        mark = ConnectionMark(stage.scene.palette_of_roles)
        mark.stretch(stage.scene.port_of(source), start.scene, False)
        stage.scene.addItem(mark)
        self._mark: ConnectionMark | None = mark

    def move(self, pointer: Pointer) -> None:
        self.has_moved = self.has_moved or is_drag(self.start, pointer)
        self.drag(pointer)

    def drag(self, pointer: Pointer) -> None:
        scene = self.stage.scene
        if self._mark is None or self.source not in scene.positions:
            return
        target = scene.hit(pointer.scene.x(), pointer.scene.y(), 1.0).neuron
        if target == self.source and not self._has_left(pointer):
            target = None
        if target != self._target:
            self._target = target
            self._refusal = "" if target is None else self._refusal_of(target)
            welcome = Welcome.NO if self._refusal else Welcome.YES
            scene.set_welcome(target, welcome)
        self.stage.say(self._refusal)
        end = pointer.scene
        if target is not None and not self._refusal:
            x, y = scene.positions[target]
            end = QPointF(x - 23.0, y)
        self._mark.stretch(scene.port_of(self.source), end, bool(self._refusal))

    def _has_left(self, pointer: Pointer) -> bool:
        way = pointer.scene - self.stage.scene.port_of(self.source)
        return way.x() < -14.0

    def _refusal_of(self, target: int) -> str:
        """The sentence that says why source → target cannot be, or nothing."""
        try:
            self.stage.session.network.connect(self.source, target)
        except TopologyError as error:
            return str(error)
        return ""

    def press(self, pointer: Pointer) -> bool:
        self.drag(pointer)
        return self._finish()

    def release(self, pointer: Pointer) -> bool:
        if not self.has_moved:
            return False  # a click: the line follows the pointer until the next click
        self.drag(pointer)
        return self._finish()

    def _finish(self) -> bool:
        target, refusal = self._target, self._refusal
        self._clear()
        if target is None:
            self.stage.say("")
        elif refusal:
            self.stage.say(refusal)  # stays a moment, so that it can be read
        else:
            self.stage.say("")
            self.stage.session.connect(self.source, target)
        return True

    def cancel(self) -> None:
        self._clear()
        self.stage.say("")

    def _clear(self) -> None:
        # Connecting changes the wiring, and that cancels gestures: this one is over by then.
        mark, self._mark = self._mark, None
        if mark is not None:
            self.stage.scene.set_welcome(None, Welcome.UNASKED)
            self.stage.scene.removeItem(mark)


class Add(Gesture):
    """Click to add a hidden neuron where the pointer is."""

    def drag(self, pointer: Pointer) -> None:
        """A press that wanders off still adds where it is released."""

    def release(self, pointer: Pointer) -> bool:
        add_neuron_at(self.stage.session, pointer.scene)
        return True

    def cancel(self) -> None:
        """Nothing has been done yet."""


class Pan(Gesture):
    """Drag the whole view; a right click that does not move opens the menu instead."""

    def __init__(self, stage: Stage, start: Pointer, opens_menu: bool) -> None:
        super().__init__(stage, start)
        self._opens_menu = opens_menu
        self._last = start.window

    def drag(self, pointer: Pointer) -> None:
        way = pointer.window - self._last
        self._last = pointer.window
        self.stage.scroll(way.x(), way.y())

    def release(self, pointer: Pointer) -> bool:
        if self._opens_menu and not self.has_moved:
            self.stage.open_menu(pointer)
        return True

    def cancel(self) -> None:
        way = self.start.window - self._last
        self.stage.scroll(way.x(), way.y())


def begin(
    stage: Stage, tool: str, pointer: Pointer, button: Qt.MouseButton, hit: Hit
) -> Gesture | None:
    """The gesture that a press starts, by tool, button and what lies below."""
    if button == Qt.MouseButton.MiddleButton:
        return Pan(stage, pointer, opens_menu=False)
    if button == Qt.MouseButton.RightButton:
        return Pan(stage, pointer, opens_menu=True)
    if button != Qt.MouseButton.LeftButton:
        return None
    if tool == "hand":
        return Pan(stage, pointer, opens_menu=False)
    if hit.neuron is not None:
        if hit.on_port or tool == "connect":
            return Connect(stage, pointer, hit.neuron)
        return Move(stage, pointer, hit.neuron)
    return Add(stage, pointer) if tool == "add" else Press(stage, pointer, hit.edge)


def add_neuron_at(session: Session, place: QPointF) -> None:
    """Add a hidden neuron centred at a point of the scene and select it."""
    neuron_id = session.add_neuron(Kind.HIDDEN, round(place.x(), 1), round(place.y(), 1))
    if neuron_id is not None:
        session.select({neuron_id}, ())
