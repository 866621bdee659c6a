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
from nnplay.gui.canvas.lasso import Lasso
from nnplay.gui.canvas.marks import SelectionMark
from nnplay.gui.canvas.moving import Move
from nnplay.gui.canvas.value_drag import DragValue

if TYPE_CHECKING:
    from nnplay.gui.canvas.scene import Hit
    from nnplay.session.session import Session

__all__ = ["Add", "Pan", "Press", "add_neuron_at", "begin", "insert_neuron"]

EdgeKey = tuple[int, int]


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
    """Add a hidden neuron where the pointer lets go; above a connection, into that."""

    @property
    def cursor(self) -> Qt.CursorShape:
        return Qt.CursorShape.CrossCursor

    def drag(self, pointer: Pointer) -> None:
        scene = self.stage.scene
        scene.set_hover(None, self._edge_at(pointer))

    def _edge_at(self, pointer: Pointer) -> EdgeKey | None:
        place = pointer.scene
        return self.stage.scene.hit(place.x(), place.y(), self.stage.scale()).edge

    def release(self, pointer: Pointer) -> bool:
        edge = self._edge_at(pointer)
        if edge is None:
            add_neuron_at(self.stage.session, pointer.scene)
        else:
            insert_neuron(self.stage.session, edge, pointer.scene)
        return True

    def cancel(self) -> None:
        self.stage.scene.set_hover(None, None)


class Pan(Gesture):
    """Drag the whole view; a right click that does not move opens the menu instead."""

    def __init__(self, stage: Stage, start: Pointer, opens_menu: bool) -> None:
        super().__init__(stage, start)
        self._opens_menu = opens_menu
        self._last = start.window

    @property
    def cursor(self) -> Qt.CursorShape:
        return Qt.CursorShape.ClosedHandCursor

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
        if hit.on_bias:
            return DragValue(stage, pointer, hit)
        return Move(stage, pointer, hit.neuron)
    if tool == "add":
        return Add(stage, pointer)
    if tool == "lasso" or pointer.modifiers & Qt.KeyboardModifier.AltModifier:
        return Lasso(stage, pointer)
    if hit.edge is not None and hit.edge in stage.session.selection.edges:
        return DragValue(stage, pointer, hit)
    return Press(stage, pointer, hit.edge)


def add_neuron_at(session: Session, place: QPointF) -> None:
    """Add a hidden neuron centred at a point of the scene and select it."""
    neuron_id = session.add_neuron(Kind.HIDDEN, round(place.x(), 1), round(place.y(), 1))
    if neuron_id is not None:
        session.select({neuron_id}, ())


def insert_neuron(session: Session, edge: EdgeKey, place: QPointF | None = None) -> None:
    """Put a linear neuron into a connection and select it; without a place, in its middle."""
    at = (None, None) if place is None else (round(place.x(), 1), round(place.y(), 1))
    neuron_id = session.insert_into_edge(*edge, *at)
    if neuron_id is not None:
        session.select({neuron_id}, ())
