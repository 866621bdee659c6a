"""What keys do while the canvas has the focus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from nnplay.gui.canvas.strips import TOOLS

if TYPE_CHECKING:
    from nnplay.gui.canvas.view import CanvasView

__all__ = ["handle_key", "walk"]

ARROWS = {
    Qt.Key.Key_Left: (-1.0, 0.0),
    Qt.Key.Key_Right: (1.0, 0.0),
    Qt.Key.Key_Up: (0.0, -1.0),
    Qt.Key.Key_Down: (0.0, 1.0),
}
TOOL_KEYS = {Qt.Key(ord(key)): name for name, _, _, key in TOOLS}
NUDGE = 8.0
FINE_NUDGE = 1.0
SCROLL = 60.0


def handle_key(view: CanvasView, event: QKeyEvent) -> bool:
    """Do what a key means; False if it means nothing here."""
    session = view.session
    key = Qt.Key(event.key())
    plain = event.modifiers() in (
        Qt.KeyboardModifier.NoModifier,
        Qt.KeyboardModifier.KeypadModifier,
    )
    if event.matches(QKeySequence.StandardKey.SelectAll):
        view.select_all()
    elif event.matches(QKeySequence.StandardKey.Delete) or (plain and key == Qt.Key.Key_Backspace):
        session.remove_selection()
    elif key in ARROWS and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
        _arrow(view, event, *ARROWS[key])
    elif event.matches(QKeySequence.StandardKey.ZoomIn) or key in (
        Qt.Key.Key_Plus,
        Qt.Key.Key_Equal,
    ):
        view.zoom_by(1.25)
    elif event.matches(QKeySequence.StandardKey.ZoomOut) or (plain and key == Qt.Key.Key_Minus):
        view.zoom_by(1 / 1.25)
    elif key == Qt.Key.Key_0 and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
        view.fit()
    elif not plain:
        return False
    elif key == Qt.Key.Key_Space:
        if not event.isAutoRepeat():
            session.toggle()
    elif key == Qt.Key.Key_F:
        view.fit()
    elif key == Qt.Key.Key_1:
        view.show_full_size()
    elif key == Qt.Key.Key_W:
        view.set_shows_numbers(not view.shows_numbers)
    elif key == Qt.Key.Key_Escape:
        view.escape()
    elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
        return view.activate_selected()
    elif key in TOOL_KEYS:
        view.set_tool(TOOL_KEYS[key])
    else:
        return False
    return True


def _arrow(view: CanvasView, event: QKeyEvent, across: float, down: float) -> None:
    """Nudge what is selected, or move the view if nothing is."""
    session = view.session
    chosen = [i for i in session.selection.neurons if i in session.positions]
    if not chosen:
        view.scroll_by(-across * SCROLL, -down * SCROLL)
        return
    fine = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
    step = FINE_NUDGE if fine else NUDGE
    # A held key is one movement, and one step to undo.
    if not event.isAutoRepeat() or view.nudge_gesture is None:
        view.nudge_gesture = session.begin_gesture()
    places = session.positions
    session.move_neurons(
        {i: (places[i][0] + across * step, places[i][1] + down * step) for i in chosen},
        view.nudge_gesture,
    )


def walk(view: CanvasView, forward: bool) -> bool:
    """Select the next neuron in reading order; False at either end, so that Tab leaves."""
    session, scene = view.session, view.network_scene
    levels = scene.network.topology.levels
    ids = scene.network.topology.ids.tolist()
    if not ids:
        return False
    order = sorted(
        range(len(ids)), key=lambda row: (levels[row], scene.places[row, 1], scene.places[row, 0])
    )
    walked = [ids[row] for row in order]
    selected = session.selection.neurons
    if len(selected) == 1 and (current := next(iter(selected))) in walked:
        place = walked.index(current) + (1 if forward else -1)
        if not 0 <= place < len(walked):
            return False
    else:
        place = 0 if forward else len(walked) - 1
    neuron_id = walked[place]
    session.select({neuron_id}, ())
    view.reveal(QPointF(*scene.positions[neuron_id]))
    return True
