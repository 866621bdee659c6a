"""The gesture that draws a connection, with a preview and the reason when it cannot be."""

from __future__ import annotations

from nnplay.core.topology import TopologyError
from nnplay.gui.canvas.gesture import Gesture, Pointer, Stage, is_drag
from nnplay.gui.canvas.marks import ConnectionMark
from nnplay.picture.neurons import Welcome

__all__ = ["Connect"]


class Connect(Gesture):
    """Drag from a neuron's port to another neuron, or click one and then the other."""

    def __init__(self, stage: Stage, start: Pointer, source: int) -> None:
        super().__init__(stage, start)
        self.source = source
        self._target: int | None = None
        self._refusal = ""
        mark = ConnectionMark(stage.scene.palette_of_roles, downwards=stage.scene.downwards)
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
            end = scene.entry_of(target)
        self._mark.stretch(scene.port_of(self.source), end, bool(self._refusal))

    def _has_left(self, pointer: Pointer) -> bool:
        way = pointer.scene - self.stage.scene.port_of(self.source)
        return (way.y() if self.stage.scene.downwards else way.x()) < -14.0

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
