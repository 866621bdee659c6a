"""Gestures: what a pointer does between press and release, one object each.

A gesture shows its progress in the scene only. What it means is one call of a session verb on
release, so that Esc can leave no trace and undo takes one step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt

from nnplay.core.topology import Kind
from nnplay.gui.canvas.connecting import Connect
from nnplay.gui.canvas.gesture import Gesture, Pointer, Stage
from nnplay.gui.canvas.marks import SelectionMark

if TYPE_CHECKING:
    from nnplay.gui.canvas.scene import Hit
    from nnplay.session.session import Session

__all__ = ["Add", "Move", "Pan", "Press", "add_neuron_at", "begin"]

EdgeKey = tuple[int, int]


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
        self._moving = stage.scene.moving_with(session.selection.neurons)

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
