"""The gesture that drags weights or a bias up and down, and what the wheel does to them."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QPoint, Qt, QTimer
from PySide6.QtGui import QWheelEvent

from nnplay.gui.canvas.gesture import Gesture, Pointer, Stage
from nnplay.gui.canvas.what_if import ValueEdit, WhatIf
from nnplay.gui.panels.words import neuron_label

if TYPE_CHECKING:
    from nnplay.gui.canvas.scene import Hit
    from nnplay.session.session import Session

__all__ = ["DragValue", "ValueWheel", "open_edit"]

EdgeKey = tuple[int, int]
# A notch of the wheel is as much as a hand that moves so many pixels.
PER_NOTCH: Final = 5.0
# Notches that follow each other within so many milliseconds are one step to undo.
BURST: Final = 900


def open_edit(session: Session, what_if: WhatIf, hit: Hit) -> ValueEdit | None:
    """Take the bias or weights at a place into a hand; a selected edge takes all selected along."""
    network = session.network
    topology = network.topology
    if hit.on_bias and hit.neuron is not None:
        edit = ValueEdit(session, [topology.bias_slot(hit.neuron)])
        what_if.start(edit, f"Bias of {neuron_label(network, hit.neuron)}", "bias")
        return edit
    if hit.edge is None:
        return None
    chosen: Collection[EdgeKey] = session.selection.edges
    if hit.edge not in chosen:
        chosen = {hit.edge}
    edit = ValueEdit(session, [topology.edge_slot(*edge) for edge in sorted(chosen)])
    source, target = (neuron_label(network, i) for i in hit.edge)
    what_if.start(edit, f"{source} → {target}" if len(chosen) == 1 else "", "weight")
    return edit


class DragValue(Gesture):
    """Drag a selected connection or a bias dot up or down; a click selects, as anywhere else."""

    def __init__(self, stage: Stage, start: Pointer, hit: Hit) -> None:
        super().__init__(stage, start)
        self._hit = hit
        self._edit: ValueEdit | None = None
        self._last = start.window.y()

    @property
    def cursor(self) -> Qt.CursorShape:
        return Qt.CursorShape.SizeVerCursor

    def drag(self, pointer: Pointer) -> None:
        if self._edit is None:
            self._edit = open_edit(self.stage.session, self.stage.what_if, self._hit)
        if self._edit is None:
            return
        way, self._last = self._last - pointer.window.y(), pointer.window.y()
        fine = bool(pointer.modifiers & Qt.KeyboardModifier.ShiftModifier)
        self._edit.move(way, fine=fine)
        self.stage.what_if.show_at(pointer.window.toPoint())

    def release(self, pointer: Pointer) -> bool:
        edit, self._edit = self._edit, None
        if edit is not None:
            edit.end()
            self.stage.what_if.end()
        elif not self.has_moved:
            self._select()
        return True

    def _select(self) -> None:
        session, hit = self.stage.session, self._hit
        before = session.selection
        if hit.neuron is not None:
            kept = before.neurons ^ {hit.neuron} if self.start.adds else {hit.neuron}
            session.select(kept, before.edges if self.start.adds else ())
        elif hit.edge is not None:
            kept_edges = before.edges ^ {hit.edge} if self.start.adds else {hit.edge}
            session.select(before.neurons if self.start.adds else (), kept_edges)

    def cancel(self) -> None:
        edit, self._edit = self._edit, None
        if edit is not None:
            edit.cancel()
        self.stage.what_if.end()


class ValueWheel(QObject):
    """Turns the wheel into changes of what is under the pointer; a burst is one step to undo."""

    def __init__(self, session: Session, what_if: WhatIf, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._what_if = session, what_if
        self._edit: ValueEdit | None = None
        self._hit: Hit | None = None
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(BURST)
        self._rest.timeout.connect(self.end)

    @property
    def is_turning(self) -> bool:
        """Whether a burst is under way."""
        return self._edit is not None

    def means(self, hit: Hit, modifiers: Qt.KeyboardModifier) -> bool:
        """Whether the wheel changes a value here instead of zooming."""
        if modifiers & Qt.KeyboardModifier.ControlModifier:
            return False
        if hit.edge is None and not hit.on_bias:
            return False
        if modifiers & Qt.KeyboardModifier.AltModifier:
            return True
        return hit.edge is not None and hit.edge in self._session.selection.edges

    def turn(self, event: QWheelEvent, hit: Hit, point: QPoint) -> None:
        """Change the value by what the wheel says."""
        if self._hit != hit or self._edit is None or not self._edit.is_possible:
            self.end()
            self._edit, self._hit = open_edit(self._session, self._what_if, hit), hit
        # With Alt some platforms turn the wheel's way by a right angle.
        way = event.angleDelta().y() or event.angleDelta().x()
        if self._edit is None or not way:
            return
        fine = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self._edit.move(way / 120.0 * PER_NOTCH, fine=fine)
        self._what_if.show_at(point)
        self._rest.start()

    def end(self) -> None:
        """The burst is over."""
        self._rest.stop()
        edit, self._edit, self._hit = self._edit, None, None
        if edit is not None:
            edit.end()
            self._what_if.end()

    def cancel(self) -> None:
        """Take the burst back."""
        self._rest.stop()
        edit, self._edit, self._hit = self._edit, None, None
        if edit is not None:
            edit.cancel()
            self._what_if.end()
