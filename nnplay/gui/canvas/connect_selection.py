"""The gesture that connects what is selected with what is chosen next."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPolygonF

from nnplay.gui.canvas.connecting import MOST_LINES, new_pairs
from nnplay.gui.canvas.gesture import Gesture, Pointer, Stage
from nnplay.gui.canvas.lasso import LassoMark, neurons_inside
from nnplay.gui.canvas.marks import ConnectionMark, NewLine

__all__ = ["ConnectSelection"]

ASK = "Click the neuron to connect to, or draw around several. Esc gives up."
NOBODY = "There is no other neuron inside. Draw around those to connect to, or click one."


class ConnectSelection(Gesture):
    """Goes on without a button until a neuron is clicked or some are drawn around."""

    def __init__(self, stage: Stage, start: Pointer) -> None:
        super().__init__(stage, start)
        self._sources = sorted(stage.session.selection.neurons)
        self._line: QPolygonF | None = None
        self._lasso: LassoMark | None = None
        self._refusal = ""
        mark = ConnectionMark(stage.scene.palette_of_roles, downwards=stage.scene.downwards)
        stage.scene.addItem(mark)
        self._mark: ConnectionMark | None = mark
        self._show([], start.scene)
        stage.hint(ASK)

    @property
    def cursor(self) -> Qt.CursorShape:
        return Qt.CursorShape.ForbiddenCursor if self._refusal else Qt.CursorShape.CrossCursor

    def move(self, pointer: Pointer) -> None:
        self.drag(pointer)

    def drag(self, pointer: Pointer) -> None:
        if self._line is not None:
            self._line.append(pointer.scene)
            if self._lasso is not None:
                self._lasso.follow(self._line)
            self._show(self._inside(), pointer.scene)
            return
        hovered = self._neuron_at(pointer)
        self._show([] if hovered is None else [hovered], pointer.scene)

    def _neuron_at(self, pointer: Pointer) -> int | None:
        return self.stage.scene.hit(pointer.scene.x(), pointer.scene.y(), 1.0).neuron

    def _inside(self) -> list[int]:
        if self._line is None:
            return []
        return sorted(neurons_inside(self.stage.scene, self._line) - set(self._sources))

    def _show(self, targets: list[int], pointer: QPointF) -> None:
        scene = self.stage.scene
        sources = [i for i in self._sources if i in scene.positions]
        if self._mark is None:
            return
        possible, sentence = new_pairs(self.stage.session.network, sources, targets)
        self._refusal = sentence if targets and not possible else ""
        if targets:
            self.stage.say(self._refusal)
        else:
            self.stage.hint(ASK if self._line is None else "")
        lines = [
            NewLine(scene.port_of(s), scene.entry_of(t), (s, t) not in possible)
            for t in targets
            for s in sources
            if s != t
        ]
        if not targets:
            lines = [NewLine(scene.port_of(source), pointer) for source in sources]
        self._mark.show_lines(lines[:MOST_LINES])

    # ------------------------------------------------------------------ ending
    def press(self, pointer: Pointer) -> bool:
        hovered = self._neuron_at(pointer)
        if hovered is not None:
            return self._finish([hovered], pointer)
        scene = self.stage.scene
        self._line = QPolygonF([pointer.scene])
        self._lasso = LassoMark(scene.palette_of_roles)
        scene.addItem(self._lasso)
        return False

    def release(self, pointer: Pointer) -> bool:
        if self._line is None:
            return False  # of the click that began this
        targets = self._inside()
        self._line = None
        self._remove_lasso()
        if targets:
            return self._finish(targets, pointer)
        self.stage.hint(NOBODY)
        return False

    def _finish(self, targets: list[int], pointer: Pointer) -> bool:
        sources, refusal = self._sources, self._refusal
        session = self.stage.session
        possible, sentence = new_pairs(session.network, sources, targets)
        self._clear()
        self.stage.say("")
        if not possible:
            self.stage.say(refusal or sentence)
        elif len(sources) > 1 and len(targets) > 1:
            self.stage.choose_pattern(sources, targets, pointer)
        else:
            session.connect_many(sources, targets)
        return True

    def cancel(self) -> None:
        self._clear()
        self.stage.say("")

    def _remove_lasso(self) -> None:
        lasso, self._lasso = self._lasso, None
        if lasso is not None:
            self.stage.scene.removeItem(lasso)

    def _clear(self) -> None:
        self._remove_lasso()
        mark, self._mark = self._mark, None
        if mark is not None:
            self.stage.scene.removeItem(mark)
