"""What can be done with the selection on the canvas: one table for keys, menus and the search."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from nnplay.core.topology import Kind
from nnplay.gui.canvas.tools import insert_neuron
from nnplay.session.selecting import SELECTIONS

if TYPE_CHECKING:
    from nnplay.gui.canvas.view import CanvasView
    from nnplay.session.session import Session

__all__ = [
    "ALIGNING",
    "CHANGING",
    "EDITS",
    "QUERY_KEYS",
    "SELECTING",
    "SHAPING",
    "CanvasEdit",
    "slots_of",
]

# What menus mean by a little noise and by a weak connection.
NOISE: Final = 0.1
WEAK: Final = 0.1


@dataclass(frozen=True)
class CanvasEdit:
    """One thing to do with the selection.

    Attributes:
        title: words for lists of everything, which say the whole.
        short: words for a menu, where the place says the rest.
        run: does it.
        key: its key, as Qt writes it.
        tip: one sentence more.
    """

    title: str
    short: str
    run: Callable[[CanvasView], object]
    key: str = ""
    tip: str = ""


def slots_of(session: Session) -> list[int]:
    """Parameters of the selection: selected connections, and what neurons get and add."""
    topology = session.network.topology
    selection = session.selection
    slots = {topology.edge_slot(*edge) for edge in selection.edges if topology.has_edge(*edge)}
    for neuron_id in selection.neurons:
        if neuron_id in topology and topology.kind_of(neuron_id) != Kind.INPUT:
            row = topology.row(neuron_id)
            slots.update(topology.incoming_slots[row].tolist())
            slots.add(topology.bias_slot(neuron_id))
    return sorted(slots)


def switch_lock(view: CanvasView) -> bool:
    """Lock all parameters of the selection, or unlock them if they all are."""
    session = view.session
    slots = slots_of(session)
    if not slots:
        return session.refuse("Select a neuron or a connection first; inputs have no weights.")
    return session.set_frozen(slots, not bool(session.network.frozen[slots].all()))


def switch_on_off(view: CanvasView) -> bool:
    """Switch the selected neurons off or on, or else the selected connections."""
    session = view.session
    network = session.network
    topology = network.topology
    neurons = sorted(i for i in session.selection.neurons if i in topology)
    if neurons:
        rows = [topology.row(i) for i in neurons]
        return session.set_neurons_enabled(neurons, not bool(network.neuron_enabled[rows].all()))
    slots = [topology.edge_slot(*edge) for edge in session.selection.edges]
    if not slots:
        return session.refuse("Select a neuron or a connection first.")
    return session.set_enabled(slots, not bool(network.enabled[slots].all()))


def redraw(view: CanvasView) -> bool:
    """Draw new values for the parameters of the selection."""
    session = view.session
    slots = slots_of(session)
    if not slots:
        return session.refuse("Select a neuron or a connection first; inputs have no weights.")
    return session.initialise(slots)


def insert(view: CanvasView) -> bool:
    """Put a neuron into the selected connection."""
    edges = view.session.selection.edges
    if len(edges) != 1:
        return view.session.refuse("Select one connection first.")
    insert_neuron(view.session, next(iter(edges)))
    return True


def type_value(view: CanvasView) -> bool:
    """Open the field for the value of the selected connection or bias."""
    return view.type_selected()


def _align(how: str, view: CanvasView) -> bool:
    return view.session.align(sorted(view.session.selection.neurons), how)


def _distribute(how: str, view: CanvasView) -> bool:
    return view.session.distribute(sorted(view.session.selection.neurons), how)


def _query(name: str, view: CanvasView) -> bool:
    return view.session.select_query(name)


def _scale(factor: float, view: CanvasView) -> bool:
    slots = slots_of(view.session)
    if not slots:
        return view.session.refuse("Select a neuron or a connection first; inputs have no weights.")
    return view.session.scale_weights(slots, factor)


def _add_noise(view: CanvasView) -> bool:
    slots = slots_of(view.session)
    if not slots:
        return view.session.refuse("Select a neuron or a connection first; inputs have no weights.")
    return view.session.add_noise(slots, NOISE)


def _prune(view: CanvasView) -> bool:
    """Remove the weak ones among the selected connections and those into selected neurons."""
    session = view.session
    edge_count = session.network.topology.edge_count
    slots = [slot for slot in slots_of(session) if slot < edge_count]
    if not slots:
        return session.refuse("Select connections, or neurons that others feed, first.")
    return session.prune(slots, WEAK) > 0


def _clear_biases(view: CanvasView) -> bool:
    neurons = sorted(view.session.selection.neurons)
    if not neurons:
        return view.session.refuse("Select neurons first.")
    return view.session.set_biases(neurons, 0.0)


def _selected_level(session: Session) -> int | None:
    """The one hidden layer that the selection is in."""
    topology = session.network.topology
    kinds = [topology.kind_of(i) for i in session.selection.neurons]
    levels = {topology.level_of(i) for i in session.selection.neurons}
    if len(levels) == 1 and all(kind == Kind.HIDDEN for kind in kinds):
        return levels.pop()
    session.refuse("Select neurons of one hidden layer first.")
    return None


def _split(view: CanvasView) -> bool:
    level = _selected_level(view.session)
    return level is not None and bool(view.session.split_level(level))


def _merge(view: CanvasView) -> bool:
    level = _selected_level(view.session)
    return level is not None and view.session.merge_levels(level)


CONNECT: Final = CanvasEdit(
    "Connect the selection to…",
    "Connect to …",
    lambda view: view.connect_selected(),
    "Shift+C",
    "Then click a neuron, or draw around several.",
)
INSERT: Final = CanvasEdit(
    "Insert a neuron into the connection",
    "Insert a neuron",
    insert,
    "I",
    "A linear neuron in its middle: the network computes the same.",
)
TYPE: Final = CanvasEdit(
    "Type the weight or bias of what is selected", "Type a value…", type_value, "Shift+Return"
)
LOCK: Final = CanvasEdit(
    "Lock or unlock the selection",
    "Lock",
    switch_lock,
    "Shift+L",
    "Training leaves locked weights and biases alone.",
)
SWITCH: Final = CanvasEdit(
    "Switch the selection off or on",
    "Switch off",
    switch_on_off,
    "O",
    "What is off counts as 0 and keeps its numbers.",
)
REDRAW: Final = CanvasEdit(
    "Draw new values for the selection",
    "Draw new values",
    redraw,
    "Shift+R",
    "Weights and biases as at the beginning, drawn anew.",
)
EDITS: Final = (CONNECT, INSERT, TYPE, LOCK, SWITCH, REDRAW)

CHANGING: Final = (
    CanvasEdit("Double the selected weights", "Double", partial(_scale, 2.0), "Alt+PgUp"),
    CanvasEdit("Halve the selected weights", "Halve", partial(_scale, 0.5), "Alt+PgDown"),
    CanvasEdit(
        "Turn the signs of the selected weights", "Turn the signs", partial(_scale, -1.0), "Alt+M"
    ),
    CanvasEdit(
        "Add a little noise to the selected weights",
        "Add a little noise",
        _add_noise,
        "Alt+R",
        f"Normal noise with a deviation of {NOISE:g}.",
    ),
    CanvasEdit("Set the selected biases to 0", "Set biases to 0", _clear_biases, "Alt+0"),
    CanvasEdit(
        "Remove the weak ones among the selected connections",
        "Remove weak connections",
        _prune,
        "Alt+P",
        f"Those with a weight between −{WEAK:g} and {WEAK:g}.",
    ),
)
SHAPING: Final = (
    CanvasEdit(
        "Split the layer of the selection",
        "Split the layer",
        _split,
        "Alt+S",
        "A linear layer behind it: the network computes the same.",
    ),
    CanvasEdit(
        "Merge the layer of the selection with the next",
        "Merge with the next layer",
        _merge,
        "Alt+G",
        "Exact if one of them is linear.",
    ),
)

ALIGNING: Final = (
    CanvasEdit("Align left", "Left edges", partial(_align, "left"), "Alt+Left"),
    CanvasEdit("Align right", "Right edges", partial(_align, "right"), "Alt+Right"),
    CanvasEdit("Align top", "Top edges", partial(_align, "top"), "Alt+Up"),
    CanvasEdit("Align bottom", "Bottom edges", partial(_align, "bottom"), "Alt+Down"),
    CanvasEdit("Align in a column", "In a column", partial(_align, "centre_x"), "Alt+X"),
    CanvasEdit("Align in a row", "In a row", partial(_align, "centre_y"), "Alt+Y"),
    CanvasEdit(
        "Distribute from left to right",
        "Equal distances across",
        partial(_distribute, "horizontal"),
        "Alt+Shift+X",
    ),
    CanvasEdit(
        "Distribute from top to bottom",
        "Equal distances down",
        partial(_distribute, "vertical"),
        "Alt+Shift+Y",
    ),
)

# “All” and “nothing” have keys of their own: Ctrl+A and Esc.
QUERY_KEYS: Final = {
    "invert": "Alt+N",
    "layer": "Alt+L",
    "inputs": "Alt+I",
    "outputs": "Alt+O",
    "upstream": "Alt+U",
    "downstream": "Alt+D",
    "same_activation": "Alt+A",
    "dead": "Alt+Z",
}
SELECTING: Final = tuple(
    CanvasEdit(
        f"Select: {query.title[0].lower()}{query.title[1:]}",
        query.title,
        partial(_query, name),
        QUERY_KEYS.get(name, ""),
        query.tip,
    )
    for name, query in SELECTIONS.items()
)
