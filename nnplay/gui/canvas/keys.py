"""What keys do while the canvas has the focus: one table, which the shortcut sheet shows too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from nnplay.gui.canvas.clipboard import copy, cut
from nnplay.gui.canvas.edits import ALIGNING, CHANGING, EDITS, SELECTING, SHAPING, CanvasEdit
from nnplay.gui.canvas.strips import TOOLS

if TYPE_CHECKING:
    from nnplay.gui.canvas.view import CanvasView

__all__ = ["CANVAS_KEYS", "TOOL_KEYS", "WALKING", "CanvasKey", "handle_key"]

Key = Qt.Key
ARROWS: Final = {
    Key.Key_Left: (-1.0, 0.0),
    Key.Key_Right: (1.0, 0.0),
    Key.Key_Up: (0.0, -1.0),
    Key.Key_Down: (0.0, 1.0),
}
TOOL_KEYS: Final = {Qt.Key(ord(key)): name for name, _, _, key in TOOLS}
NUDGE: Final = 8.0
FINE_NUDGE: Final = 1.0
SCROLL: Final = 60.0
# Tab is Qt's own: it leads through the canvas before it leaves (see CanvasView.focusNextPrevChild).
WALKING: Final = (("Next neuron or connection, or the one before", ("Tab", "Shift+Tab")),)


@dataclass(frozen=True)
class CanvasKey:
    """What some keys do on the canvas.

    Attributes:
        words: what it is, for people.
        keys: the keys as Qt writes them.
        run: does it, given the canvas and the key; False if there is nothing to do.
        shown: the keys as the shortcut sheet shows them; empty if an action of the window has
            them already.
        in_search: whether the command search offers it (then the key does not matter).
        repeats: whether holding the key does it again and again.
    """

    words: str
    keys: tuple[str, ...]
    run: Callable[[CanvasView, QKeyEvent | None], bool | None]
    shown: tuple[str, ...] = ()
    in_search: bool = False
    repeats: bool = True


def _arrow(view: CanvasView, event: QKeyEvent | None) -> bool:
    """Walk from a connection, nudge what is selected, or move the view if nothing is."""
    if event is None:
        return False
    across, down = ARROWS[Qt.Key(event.key())]
    session = view.session
    chosen = view.network_scene.moving_with(session.selection.neurons)
    if not chosen:
        if view.walker.step_from_edge(across, down):
            return True
        view.scroll_by(-across * SCROLL, -down * SCROLL)
        return True
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
    return True


def _walk(view: CanvasView, event: QKeyEvent | None) -> bool:
    return event is not None and view.walker.step(*ARROWS[Qt.Key(event.key())])


def _walk_edges(view: CanvasView, event: QKeyEvent | None) -> bool:
    return event is not None and view.walker.step_onto_edge(*ARROWS[Qt.Key(event.key())])


def _numbers(view: CanvasView, event: QKeyEvent | None = None) -> None:
    view.set_shows_numbers(not view.shows_numbers)


def _delete(view: CanvasView, event: QKeyEvent | None = None) -> None:
    view.session.remove_selection()


def _play(view: CanvasView, event: QKeyEvent | None = None) -> None:
    view.session.toggle()


def _edit(edit: CanvasEdit, view: CanvasView, event: QKeyEvent | None = None) -> None:
    edit.run(view)


def _cut(view: CanvasView, event: QKeyEvent | None = None) -> None:
    cut(view.session)


def _copy(view: CanvasView, event: QKeyEvent | None = None) -> None:
    copy(view.session)


def _duplicate(view: CanvasView, event: QKeyEvent | None = None) -> None:
    view.session.duplicate_selection()


def _arrow_keys(modifiers: str = "") -> tuple[str, ...]:
    return tuple(f"{modifiers}{name}" for name in ("Left", "Right", "Up", "Down"))


CANVAS_KEYS: Final = (
    CanvasKey(
        "Inspect or edit what is selected",
        ("Return", "Enter"),
        lambda view, _: view.activate_selected(),
        ("Return",),
        in_search=True,
    ),
    CanvasKey(
        "Move the selected neurons",
        _arrow_keys(),
        _arrow,
        ("← → ↑ ↓",),
    ),
    CanvasKey("… by single pixels", _arrow_keys("Shift+"), _arrow, ("Shift+← → ↑ ↓",)),
    CanvasKey("Go to the next neuron that way", _arrow_keys("Ctrl+"), _walk, ("Ctrl+← → ↑ ↓",)),
    CanvasKey(
        "Go onto a connection, and on from there with arrows",
        _arrow_keys("Ctrl+Shift+"),
        _walk_edges,
        ("Ctrl+Shift+← → ↑ ↓",),
    ),
    CanvasKey(
        "Open the menu of what is selected",
        ("Menu", "Shift+F10"),
        lambda view, _: view.open_menu_here(),
        ("Menu", "Shift+F10"),
        in_search=True,
        repeats=False,
    ),
    CanvasKey("Write the weights on the connections", ("W",), _numbers, ("W",), in_search=True),
    CanvasKey(
        "Give up a gesture; select nothing", ("Esc",), lambda view, _: view.escape(), ("Esc",)
    ),
    *(
        CanvasKey(
            edit.title,
            (edit.key,) if edit.key else (),
            partial(_edit, edit),
            (edit.key,) if edit.key else (),
            in_search=edit not in SELECTING,  # it knows these by itself, and what hinders them
            repeats=False,
        )
        for edit in (*EDITS, *CHANGING, *SHAPING, *ALIGNING, *SELECTING)
    ),
    # Actions of the window, for a canvas that stands alone.
    CanvasKey("Cut", ("Ctrl+X",), _cut),
    CanvasKey("Copy", ("Ctrl+C",), _copy),
    CanvasKey("Paste", ("Ctrl+V",), lambda view, _: view.paste()),
    CanvasKey("Duplicate", ("Ctrl+D",), _duplicate),
    CanvasKey("Select all", ("Ctrl+A",), lambda view, _: view.select_all()),
    CanvasKey("Delete", ("Del", "Backspace"), _delete),
    CanvasKey("Zoom in", ("+", "=", "Ctrl++", "Ctrl+="), lambda view, _: view.zoom_by(1.25)),
    CanvasKey("Zoom out", ("-", "Ctrl+-"), lambda view, _: view.zoom_by(1 / 1.25)),
    CanvasKey("Show everything", ("F", "Ctrl+0"), lambda view, _: view.fit()),
    CanvasKey("Actual size", ("1",), lambda view, _: view.show_full_size()),
    CanvasKey("Play", ("Space",), _play, repeats=False),
)


def _combination(text: str) -> int:
    combination = QKeySequence(text)[0]  # type: ignore[index]  # missing in Qt's stubs
    assert isinstance(combination, QKeyCombination)  # noqa: S101 - what Qt gives
    return combination.toCombined()


@cache
def _by_key() -> dict[int, CanvasKey]:
    return {_combination(text): row for row in CANVAS_KEYS for text in row.keys}


def handle_key(view: CanvasView, event: QKeyEvent) -> bool:
    """Do what a key means; False if it means nothing here."""
    key = Qt.Key(event.key())
    # A number pad's keys mean the same; Shift is part of how some signs are typed.
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    tries = [QKeyCombination(modifiers, key).toCombined()]
    if key in (Key.Key_Plus, Key.Key_Equal, Key.Key_Minus):
        without = modifiers & ~Qt.KeyboardModifier.ShiftModifier
        tries.append(QKeyCombination(without, key).toCombined())
    for combined in tries:
        row = _by_key().get(combined)
        if row is not None:
            if event.isAutoRepeat() and not row.repeats:
                return True
            return row.run(view, event) is not False
    if not modifiers and key in TOOL_KEYS:
        view.set_tool(TOOL_KEYS[key])
        return True
    return False
