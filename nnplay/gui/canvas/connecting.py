"""The gesture that draws connections, with a preview and the reason when one cannot be."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, Qt

from nnplay.core.connecting import choose_connections
from nnplay.core.network import Network
from nnplay.core.topology import TopologyError
from nnplay.gui.canvas.gesture import Gesture, Pointer, Stage, is_drag
from nnplay.gui.canvas.marks import ConnectionMark, NewLine
from nnplay.picture.geometry import NEURON_SIZE
from nnplay.picture.neurons import Welcome

__all__ = ["Connect", "new_pairs", "refusal_of"]

# More lines than this would say no more.
MOST_LINES = 240


def refusal_of(network: Network, source: int, target: int) -> str:
    """The sentence that says why source → target cannot be, or nothing."""
    try:
        network.connect(source, target)
    except TopologyError as error:
        return str(error)
    return ""


def new_pairs(
    network: Network, sources: list[int], targets: list[int]
) -> tuple[set[tuple[int, int]], str]:
    """The connections that can be made, and a sentence about those that cannot."""
    wanted = [(s, t) for t in targets for s in sources if s != t or len(sources) == 1]
    if not wanted:
        return set(), ""
    pairs = choose_connections(network.topology, np.array(wanted)).pairs
    possible = {(s, t) for s, t in pairs.tolist()}
    refused = next((pair for pair in wanted if pair not in possible), None)
    if refused is None:
        return possible, ""
    reason = refusal_of(network, *refused) or "Together they would close a circle."
    if not possible:
        return possible, reason
    left = len(wanted) - len(possible)
    return possible, f"{left} of {len(wanted)} connections will be left out. {reason}"


class Connect(Gesture):
    """Drag from a neuron's port to another neuron, or click one and then the other.

    From one of several selected neurons, all of them are connected. With Shift every neuron the
    pointer passes is connected. A drop on empty ground makes a neuron there.
    """

    def __init__(self, stage: Stage, start: Pointer, source: int) -> None:
        super().__init__(stage, start)
        self.source = source
        selected = stage.session.selection.neurons
        self._sources = sorted(selected) if source in selected else [source]
        self._passed: list[int] = []
        self._hovered: int | None = None
        self._possible: set[tuple[int, int]] = set()
        self._refusal = ""
        self._is_asked: object = None
        mark = ConnectionMark(stage.scene.palette_of_roles, downwards=stage.scene.downwards)
        stage.scene.addItem(mark)
        self._mark: ConnectionMark | None = mark
        self._draw(start.scene, None)

    @property
    def cursor(self) -> Qt.CursorShape:
        refused = bool(self._refusal) and not self._possible
        return Qt.CursorShape.ForbiddenCursor if refused else Qt.CursorShape.CrossCursor

    @property
    def _targets(self) -> list[int]:
        more = [] if self._hovered is None or self._hovered in self._passed else [self._hovered]
        return self._passed + more

    # ------------------------------------------------------------------ pointer
    def move(self, pointer: Pointer) -> None:
        self.has_moved = self.has_moved or is_drag(self.start, pointer)
        self.drag(pointer)

    def drag(self, pointer: Pointer) -> None:
        scene = self.stage.scene
        if self._mark is None or self.source not in scene.positions:
            return
        hovered = scene.hit(pointer.scene.x(), pointer.scene.y(), 1.0).neuron
        if hovered is None and self.has_moved:
            # Just beside a neuron that one is meant: a new one would lie half on it.
            beside = scene.neuron_in_the_way(pointer.scene.x(), pointer.scene.y())
            hovered = None if beside in self._sources else beside
        if hovered == self.source and not self._has_left(pointer):
            hovered = None
        self._hovered = hovered
        collects = bool(pointer.modifiers & Qt.KeyboardModifier.ShiftModifier)
        if collects and hovered is not None and hovered not in (*self._passed, *self._sources):
            possible, _ = new_pairs(self.stage.session.network, self._sources, [hovered])
            if possible:
                self._passed.append(hovered)
        self._ask()
        self.stage.say(self._refusal)
        self._draw(pointer.scene, self._newcomer(pointer))

    def _has_left(self, pointer: Pointer) -> bool:
        way = pointer.scene - self.stage.scene.port_of(self.source)
        return (way.y() if self.stage.scene.downwards else way.x()) < -14.0

    def _ask(self) -> None:
        """Find out what is possible, once for the same neurons."""
        targets = self._targets
        if targets == self._is_asked:
            return
        self._is_asked = targets
        network = self.stage.session.network
        self._possible, self._refusal = new_pairs(network, self._sources, targets)
        if self._hovered is None:
            self._refusal = ""
            self.stage.scene.set_welcome(None, Welcome.UNASKED)
            return
        welcome = Welcome.YES if any(t == self._hovered for _, t in self._possible) else Welcome.NO
        self.stage.scene.set_welcome(self._hovered, welcome)

    def _newcomer(self, pointer: Pointer) -> QPointF | None:
        """Where a drop would make a neuron."""
        if self._targets or not self.has_moved:
            return None
        way = pointer.scene - QPointF(*self.stage.scene.positions[self.source])
        clear = max(abs(way.x()), abs(way.y())) > 1.3 * NEURON_SIZE
        return pointer.scene if clear else None

    def _draw(self, pointer: QPointF, newcomer: QPointF | None) -> None:
        if self._mark is None:
            return
        scene, lines = self.stage.scene, []
        sources = [i for i in self._sources if i in scene.positions]
        targets = [i for i in self._targets if i in scene.positions]
        for target in targets:
            for source in sources:
                possible = (source, target) in self._possible
                if source != target or len(sources) == 1:
                    end = scene.entry_of(target) if possible else pointer
                    lines.append(NewLine(scene.port_of(source), end, not possible))
        if not targets:
            lines = [NewLine(scene.port_of(source), pointer) for source in sources]
        self._mark.show_lines(lines[:MOST_LINES], newcomer)

    # ------------------------------------------------------------------ ending
    def press(self, pointer: Pointer) -> bool:
        self.drag(pointer)
        collects = bool(pointer.modifiers & Qt.KeyboardModifier.ShiftModifier)
        if collects and self._hovered is not None:
            return False  # the next click takes another one
        return self._finish(None)

    def release(self, pointer: Pointer) -> bool:
        if not self.has_moved:
            return False  # a click: the line follows the pointer until the next click
        self.drag(pointer)
        return self._finish(self._newcomer(pointer))

    def _finish(self, newcomer: QPointF | None) -> bool:
        targets, refusal, possible = self._targets, self._refusal, self._possible
        session, sources = self.stage.session, self._sources
        self._clear()
        self.stage.say("")
        if targets and not possible:
            self.stage.say(refusal)  # stays a moment, so that it can be read
        elif len(possible) == 1:
            session.connect(*next(iter(possible)))
        elif targets:
            session.connect_many(sources, targets)
        elif newcomer is not None:
            place = round(newcomer.x(), 1), round(newcomer.y(), 1)
            new_id = session.add_connected(sources, None, *place)
            if new_id is not None:
                session.select({new_id}, ())
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
