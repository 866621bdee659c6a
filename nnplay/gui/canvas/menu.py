"""The canvas's context menu: what can be done with what is under the pointer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

from nnplay.core.activations import ACTIVATIONS
from nnplay.core.topology import Kind
from nnplay.gui.canvas.clipboard import can_paste, copy, cut, paste
from nnplay.gui.canvas.edits import (
    ALIGNING,
    CHANGING,
    CONNECT,
    INSERT,
    LOCK,
    REDRAW,
    SELECTING,
    SWITCH,
    TYPE,
    CanvasEdit,
    slots_of,
)
from nnplay.gui.canvas.scene import Hit
from nnplay.gui.panels.words import neuron_label
from nnplay.gui.widgets.activation_shapes import activation_groups, activation_tip

if TYPE_CHECKING:
    from nnplay.gui.canvas.view import CanvasView
    from nnplay.session.session import Session

__all__ = ["canvas_menu"]

EdgeKey = tuple[int, int]


def canvas_menu(view: CanvasView, hit: Hit, place: QPointF) -> QMenu:
    """A menu for what is at ``place`` in the scene; what is hit gets selected first."""
    session = view.session
    menu = QMenu(view)
    menu.setToolTipsVisible(True)
    selection = session.selection
    if hit.neuron is not None and hit.neuron not in selection.neurons:
        session.select({hit.neuron}, ())
    elif hit.edge is not None and hit.edge not in selection.edges:
        session.select((), {hit.edge})
    if hit.neuron is None and hit.edge is None:
        _Ground(view, menu, place)
    else:
        _Things(view, menu, hit)
    return menu


class _Builder:
    """Puts rows into a menu."""

    def __init__(self, view: CanvasView, menu: QMenu) -> None:
        self.view, self.session, self.menu = view, view.session, menu

    def row(
        self,
        words: str,
        run: Callable[[], object],
        key: str = "",
        *,
        menu: QMenu | None = None,
        tip: str = "",
    ) -> QAction:
        """A row with its key on the right."""
        native = QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
        action = (menu or self.menu).addAction(f"{words}\t{native}" if key else words)
        action.triggered.connect(lambda: run())
        # Qt shows the words as a tooltip where there is none.
        action.setToolTip(tip or words)
        return action

    def edit(self, edit: CanvasEdit, words: str = "", menu: QMenu | None = None) -> QAction:
        """A row of the table of edits."""
        run = partial(edit.run, self.view)
        return self.row(words or edit.short, run, edit.key, menu=menu, tip=edit.tip)

    def submenu(self, words: str, edits: Iterable[CanvasEdit]) -> None:
        """Several edits below one row."""
        menu = self.menu.addMenu(words)
        menu.setToolTipsVisible(True)
        for edit in edits:
            self.edit(edit, menu=menu)

    def line(self) -> None:
        """A line between groups."""
        self.menu.addSeparator()


class _Ground(_Builder):
    """Where there is nothing."""

    def __init__(self, view: CanvasView, menu: QMenu, place: QPointF) -> None:
        super().__init__(view, menu)
        for kind, words in (
            (Kind.HIDDEN, "Add a neuron here"),
            (Kind.INPUT, "Add an input here"),
            (Kind.OUTPUT, "Add an output here"),
        ):
            self.row(words, partial(_add_neuron, self.session, kind, place))
        self.line()
        action = self.row("Paste here", partial(paste, self.session, place), "Ctrl+V")
        action.setEnabled(can_paste())
        self.line()
        self.row("Select all", view.select_all, "Ctrl+A")
        if self.session.selection:
            self.submenu("Select", SELECTING)
        self.line()
        self.row("Arrange automatically", self.session.arrange, "Ctrl+L")
        self.row("Show everything", view.fit, "F")


class _Things(_Builder):
    """For neurons, connections, or several of them."""

    def __init__(self, view: CanvasView, menu: QMenu, hit: Hit) -> None:
        super().__init__(view, menu)
        topology = self.session.network.topology
        selection = self.session.selection
        self.neurons = sorted(i for i in selection.neurons if i in topology)
        self.edges = sorted(e for e in selection.edges if topology.has_edge(*e))
        changeable = [i for i in self.neurons if topology.kind_of(i) != Kind.INPUT]
        if changeable:
            _add_activations(menu.addMenu("Activation"), self.session, changeable)
        self._connect(hit)
        self.submenu("Select", SELECTING)
        if len(self.neurons) > 1:
            self.submenu("Align", ALIGNING)
        self.line()
        self._values(hit)
        self.line()
        if self.neurons:
            self.row("Cut", partial(cut, self.session), "Ctrl+X")
            self.row("Copy", partial(copy, self.session), "Ctrl+C")
            self.row("Duplicate", self.session.duplicate_selection, "Ctrl+D")
            self.line()
        self.row("Delete", self.session.remove_selection, "Del")

    def _connect(self, hit: Hit) -> None:
        session, topology = self.session, self.session.network.topology
        if len(self.neurons) == 2:
            source, target = sorted(
                self.neurons, key=lambda i: (topology.level_of(i), session.positions[i])
            )
            if not topology.has_edge(source, target):
                names = [neuron_label(session.network, i) for i in (source, target)]
                words = f"Connect {names[0]} to {names[1]}"
                self.row(words, partial(session.connect, source, target))
        if len(self.neurons) == 1 and hit.neuron is not None:
            self.row("Connect to …", partial(self.view.connect_from, hit.neuron), CONNECT.key)
        elif self.neurons:
            self.edit(CONNECT)
        if len(self.edges) == 1 and not self.neurons:
            self.edit(TYPE)
            self.edit(INSERT)

    def _values(self, hit: Hit) -> None:
        network, slots = self.session.network, slots_of(self.session)
        what = "weights and bias" if self.neurons else "the weight"
        if len(self.edges) > 1 and not self.neurons:
            what = "the weights"
        if slots:
            locked = bool(network.frozen[slots].all())
            self.edit(LOCK, f"{'Unlock' if locked else 'Lock'} {what}")
        if self.neurons:
            rows = [network.topology.row(i) for i in self.neurons]
            on = bool(network.neuron_enabled[rows].all())
            what = "the neuron" if len(self.neurons) == 1 else f"{len(self.neurons)} neurons"
        else:
            edge_slots = [network.topology.edge_slot(*edge) for edge in self.edges]
            on = bool(network.enabled[edge_slots].all())
            count = len(self.edges)
            what = "the connection" if count == 1 else f"{count} connections"
        self.edit(SWITCH, f"Switch {what} {'off' if on else 'on'}")
        if slots:
            self.edit(REDRAW, "Draw a new weight" if len(slots) == 1 else "Draw new values")
            self.submenu("Change", CHANGING)


def _add_activations(menu: QMenu, session: Session, neurons: Iterable[int]) -> None:
    chosen = list(neurons)
    topology = session.network.topology
    current = {session.network.activation_of(i) for i in chosen}
    only_outputs = all(topology.kind_of(i) == Kind.OUTPUT for i in chosen)
    menu.setToolTipsVisible(True)
    for _caption, names in activation_groups(for_outputs=only_outputs):
        if menu.actions():
            menu.addSeparator()
        for name in names:
            action = menu.addAction(
                ACTIVATIONS[name].title, partial(_call, session.set_activation, chosen, name)
            )
            action.setToolTip(activation_tip(name))
            action.setCheckable(True)
            action.setChecked(current == {name})


def _add_neuron(session: Session, kind: Kind, place: QPointF) -> None:
    neuron_id = session.add_neuron(kind, round(place.x(), 1), round(place.y(), 1))
    if neuron_id is not None:
        session.select({neuron_id}, ())


def _call(verb: Callable[..., object], *arguments: object) -> None:
    """Menus pass nothing on, and verbs' answers are of no use to them."""
    verb(*arguments)
