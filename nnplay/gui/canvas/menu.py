"""The canvas's context menu: what can be done with what is under the pointer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QMenu, QWidget

from nnplay.core.activations import ACTIVATIONS
from nnplay.core.topology import Kind
from nnplay.gui.canvas.scene import Hit
from nnplay.gui.panels.words import neuron_label
from nnplay.gui.widgets.activation_shapes import activation_groups, activation_tip

if TYPE_CHECKING:
    from nnplay.session.session import Session

__all__ = ["canvas_menu"]

EdgeKey = tuple[int, int]


def canvas_menu(
    parent: QWidget,
    session: Session,
    hit: Hit,
    place: QPointF,
    connect_from: Callable[[int], None],
    fit: Callable[[], None],
) -> QMenu:
    """A menu for what is at ``place`` in the scene; what is hit gets selected first.

    ``connect_from`` starts a connection at a neuron, ``fit`` shows everything.
    """
    menu = QMenu(parent)
    selection = session.selection
    if hit.neuron is not None and hit.neuron not in selection.neurons:
        session.select({hit.neuron}, ())
    elif hit.edge is not None and hit.edge not in selection.edges:
        session.select((), {hit.edge})
    if hit.neuron is None and hit.edge is None:
        _add_ground(menu, session, place, fit)
    else:
        _add_things(menu, session, hit, connect_from)
    return menu


def _add_ground(menu: QMenu, session: Session, place: QPointF, fit: Callable[[], None]) -> None:
    for kind, words in (
        (Kind.HIDDEN, "Add a neuron here"),
        (Kind.INPUT, "Add an input here"),
        (Kind.OUTPUT, "Add an output here"),
    ):
        menu.addAction(words, partial(_add_neuron, session, kind, place))
    menu.addSeparator()
    menu.addAction("Arrange automatically", partial(_call, session.arrange))
    menu.addAction("Show everything", fit)


def _add_things(
    menu: QMenu, session: Session, hit: Hit, connect_from: Callable[[int], None]
) -> None:
    network = session.network
    topology = network.topology
    neurons = session.selection.neurons & set(topology.ids.tolist())
    edges = frozenset(e for e in session.selection.edges if topology.has_edge(*e))
    if len(neurons) == 2:
        source, target = sorted(neurons, key=lambda i: (topology.level_of(i), session.positions[i]))
        if not topology.has_edge(source, target):
            words = f"Connect {neuron_label(network, source)} to {neuron_label(network, target)}"
            menu.addAction(words, partial(_call, session.connect, source, target))
    elif hit.neuron is not None:
        menu.addAction("Connect to …", partial(connect_from, hit.neuron))
    changeable = [i for i in neurons if topology.kind_of(i) != Kind.INPUT]
    if changeable:
        _add_activations(menu.addMenu("Activation"), session, changeable)
    menu.addSeparator()
    edge_slots = [topology.edge_slot(*edge) for edge in edges]
    incoming = [slot for i in neurons for _, slot in topology.incoming(i)]
    biases = [topology.bias_slot(i) for i in changeable]
    slots = sorted({*edge_slots, *incoming, *biases})
    if slots:
        locked = bool(network.frozen[slots].all())
        if neurons:
            words = "Unlock weights and bias" if locked else "Lock weights and bias"
        else:
            words = "Unlock the weight" if locked else "Lock the weight"
        menu.addAction(words, partial(_call, session.set_frozen, slots, not locked))
    switchable = sorted({*edge_slots, *incoming})
    if switchable:
        on = bool(network.enabled[switchable].all())
        what = "incoming connections" if neurons else "the connection"
        words = f"Switch {what} {'off' if on else 'on'}"
        menu.addAction(words, partial(_call, session.set_enabled, switchable, not on))
    menu.addSeparator()
    menu.addAction("Delete", partial(_call, session.remove, neurons, edges))


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
