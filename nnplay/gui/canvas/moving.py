"""The gesture that moves neurons, with lines that show when they stand in line with others."""

from __future__ import annotations

from typing import Final

import numpy as np
from PySide6.QtCore import Qt

from nnplay.gui.canvas.gesture import Gesture, Pointer, Stage
from nnplay.gui.canvas.marks import GuideMark
from nnplay.gui.canvas.snapping import Guide, snap

__all__ = ["Move"]

# How far neurons jump into line, in window pixels.
REACH: Final = 6.0
FREE: Final = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


class Move(Gesture):
    """Click a neuron to select it, drag it with all selected ones to move them.

    They stop in line with other neurons and at equal distances; Ctrl or Alt lets them go anywhere.
    """

    def __init__(self, stage: Stage, start: Pointer, neuron: int) -> None:
        super().__init__(stage, start)
        self.neuron = neuron
        session, scene = stage.session, stage.scene
        selected = session.selection.neurons
        self._was_selected = neuron in selected
        if start.adds:
            session.select(selected ^ {neuron}, session.selection.edges)
        elif not self._was_selected:
            session.select({neuron}, ())
        moving = scene.moving_with(session.selection.neurons) & set(scene.positions)
        # The one in the hand first: it matters most for where they stop.
        self._moving = sorted(moving, key=lambda i: (i != neuron, i))
        topology = session.network.topology
        rows = [topology.row(i) for i in self._moving]
        self._starts = scene.places[rows].copy()
        self._others = np.delete(scene.places, rows, axis=0)
        self._mark: GuideMark | None = None

    @property
    def cursor(self) -> Qt.CursorShape:
        return Qt.CursorShape.ClosedHandCursor if self.has_moved else Qt.CursorShape.OpenHandCursor

    def _places(self, pointer: Pointer) -> tuple[dict[int, tuple[float, float]], tuple[Guide, ...]]:
        way = pointer.scene - self.start.scene
        places = self._starts + np.array([way.x(), way.y()])
        guides: tuple[Guide, ...] = ()
        if not pointer.modifiers & FREE:
            found = snap(places, self._others, REACH / max(self.stage.scale(), 1e-6))
            places, guides = places + found.shift, found.guides
        rounded = np.round(places, 1).tolist()
        return {i: (x, y) for i, (x, y) in zip(self._moving, rounded, strict=True)}, guides

    def drag(self, pointer: Pointer) -> None:
        scene = self.stage.scene
        scene.edges.set_busy(True)
        places, guides = self._places(pointer)
        scene.move_to({**self.stage.session.positions, **places})
        if self._mark is None and guides:
            self._mark = GuideMark(scene.palette_of_roles)
            scene.addItem(self._mark)
        if self._mark is not None:
            self._mark.show_guides(guides)

    def release(self, pointer: Pointer) -> bool:
        session = self.stage.session
        self._remove_mark()
        if self.has_moved:
            places, _ = self._places(pointer)
            if places:
                session.move_neurons(places, session.begin_gesture())
            # Where the session now says they are, in case it refused.
            self.stage.scene.move_to(session.positions)
        elif self._was_selected and not self.start.adds:
            session.select({self.neuron}, ())
        self.stage.scene.edges.set_busy(session.is_running)
        return True

    def cancel(self) -> None:
        self._remove_mark()
        self.stage.scene.move_to(self.stage.session.positions)
        self.stage.scene.edges.set_busy(self.stage.session.is_running)

    def _remove_mark(self) -> None:
        if self._mark is not None:
            self.stage.scene.removeItem(self._mark)
            self._mark = None
