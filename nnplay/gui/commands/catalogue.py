"""Everything the window can do, as commands to search through."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nnplay.core.activations import ACTIVATIONS
from nnplay.core.topology import Kind
from nnplay.examples import EXAMPLES
from nnplay.gui.actions import SPECS, ActionSpec, key_text
from nnplay.gui.canvas.edits import QUERY_KEYS
from nnplay.gui.canvas.keys import CANVAS_KEYS
from nnplay.gui.canvas.strips import TOOLS
from nnplay.gui.menus import menu_places, short_path
from nnplay.gui.panels.words import neuron_label, neuron_place
from nnplay.session.selecting import SELECTIONS

if TYPE_CHECKING:
    from nnplay.gui.main_window import MainWindow

__all__ = ["Command", "all_commands", "neuron_commands"]

# What can only be reached here or by its own key, and what would lead back here.
_LEFT_OUT: Final = frozenset({"commands"})
_WORDS: Final = {
    "clear_recent": "Clear the list of recent documents",
    "show_left": "Show or hide data and layers",
    "show_right": "Show or hide inspector and training",
    "show_bottom": "Show or hide the plots",
    "show_history": "Go to the history",
}
# Neurons are found by name; more of them would only be a list nobody reads.
MOST_NEURONS: Final = 20_000


@dataclass(frozen=True)
class Command:
    """One thing to do.

    Attributes:
        key: what it is remembered by.
        title: its words.
        place: where else it is found: a menu, the canvas.
        keys: its keys as people read them.
        run: does it.
        problem: why it cannot be done now; empty if it can.
        icon: drawing, a name of ``resources/icons``.
    """

    key: str
    title: str
    place: str
    keys: str
    run: Callable[[], object]
    problem: str = ""
    icon: str = ""


def all_commands(window: MainWindow) -> list[Command]:
    """All commands but the neurons, as things stand now."""
    return [
        *_actions(window),
        *_tools(window),
        *_canvas_keys(window),
        *_selection(window),
        *_queries(window),
        *_examples(window),
        *_recent(window),
    ]


def _actions(window: MainWindow) -> Iterator[Command]:
    places = menu_places()
    for spec in SPECS:
        if spec.name in _LEFT_OUT:
            continue
        action = window.actions_table[spec.name]
        title = _title(spec, action.text().split("\t")[0].replace("&", "").rstrip("…"))
        problem = ""
        if not action.isEnabled():
            problem = str(action.property("why") or "This cannot be done right now.")
        keys = key_text(spec.name, every=True)
        yield Command(
            spec.name,
            title,
            places.get(spec.name, "Canvas" if spec.canvas_keys else "Window"),
            keys,
            action.trigger,
            problem,
            spec.icon,
        )


def _title(spec: ActionSpec, words: str) -> str:
    """Words that say the whole, as no menu around them does."""
    if spec.name in _WORDS:
        return _WORDS[spec.name]
    if spec.group:
        return f"{spec.group.capitalize()}: {words[0].lower()}{words[1:]}"
    return words


def _tools(window: MainWindow) -> Iterator[Command]:
    for name, icon, words, key in TOOLS:
        run = partial(window.views.canvas.set_tool, name)
        yield Command(f"tool:{name}", f"Tool: {words}", "Canvas", key, run, icon=icon)


def _canvas_keys(window: MainWindow) -> Iterator[Command]:
    for row in CANVAS_KEYS:
        if row.in_search:
            run = partial(row.run, window.views.canvas)
            yield Command(f"canvas:{row.words}", row.words, "Canvas", ", ".join(row.shown[:1]), run)


def _selection(window: MainWindow) -> Iterator[Command]:
    session = window.session
    network, topology = session.network, session.network.topology
    chosen = [
        i for i in session.selection.neurons if i in topology and topology.kind_of(i) != Kind.INPUT
    ]
    problem = "" if chosen else "Select a hidden neuron or an output first."
    for name, row in ACTIVATIONS.items():
        why = problem
        if not why and all(network.activation_of(i) == name for i in chosen):
            why = "The selected neurons compute this already."
        yield Command(
            f"activation:{name}",
            f"Set activation: {row.title}",
            "Selection",
            "",
            partial(session.set_activation, chosen, name),
            why,
        )


def _queries(window: MainWindow) -> Iterator[Command]:
    session = window.session
    for name, row in SELECTIONS.items():
        problem = ""
        if row.needs_selection and not session.selection:
            problem = "Select a neuron or a connection first."
        run = partial(session.select_query, name)
        yield Command(
            f"select:{name}",
            f"Select: {row.title}",
            "Edit › Select",
            QUERY_KEYS.get(name, ""),
            run,
            problem,
            "select_all",
        )


def _examples(window: MainWindow) -> Iterator[Command]:
    for example in EXAMPLES:
        run = partial(window.files.show_example, example.name)
        title = f"Open example: {example.title}"
        yield Command(f"example:{example.name}", title, "Examples", "", run, icon="home")


def _recent(window: MainWindow) -> Iterator[Command]:
    for path in window.session.settings.recent_files:
        title = f"Open {short_path(Path(path)).replace('&&', '&')}"
        run = partial(window.files.open_path, path)
        yield Command(f"recent:{path}", title, "Recent", "", run, icon="file")


def neuron_commands(window: MainWindow) -> list[Command]:
    """A way to every neuron by its name."""
    network = window.session.network
    commands = []
    for neuron_id in network.topology.ids[:MOST_NEURONS].tolist():
        label = network.labels[network.topology.row(neuron_id)]
        shown = neuron_label(network, neuron_id)
        # The name as it is typed: x1 is found whether it is shown as x₁ or not.
        title = f"Go to neuron {label or shown}"
        commands.append(
            Command(
                f"neuron:{neuron_id}",
                title,
                neuron_place(network, neuron_id),
                "",
                partial(window.go_to_neuron, neuron_id),
                icon="crosshair",
            )
        )
    return commands
