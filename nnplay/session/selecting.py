"""What else can be selected, starting from what is selected now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from nnplay.core.dead_neurons import dead_neurons
from nnplay.core.network import Network
from nnplay.core.topology import Kind
from nnplay.session.values import Selection

if TYPE_CHECKING:
    from nnplay.session.session import Session

__all__ = ["SELECTIONS", "SelectionQuery", "query"]

BoolArray = npt.NDArray[np.bool_]
Find = Callable[[Network, BoolArray], BoolArray]


@dataclass(frozen=True)
class SelectionQuery:
    """One way to select.

    Attributes:
        title: words for menus.
        tip: a sentence that explains it.
        find: ``find(network, chosen)`` gives ``bool[N]``, the neurons to select, from the neurons
            that are selected now (or at the ends of selected connections).
        needs_selection: whether it starts from a selection.
        nothing: what to say if there is nothing to select.
    """

    title: str
    tip: str
    find: Find
    needs_selection: bool = True
    nothing: str = "There is nothing to select."


def _layer(network: Network, chosen: BoolArray) -> BoolArray:
    topology = network.topology
    # Outputs are one layer wherever they stand.
    layer = np.where(topology.kinds == Kind.OUTPUT, -1, topology.levels)
    return np.isin(layer, layer[chosen])


def _inputs(network: Network, chosen: BoolArray) -> BoolArray:
    rows = network.topology.edge_rows
    found = np.zeros_like(chosen)
    found[rows[chosen[rows[:, 1]], 0]] = True
    return found


def _outputs(network: Network, chosen: BoolArray) -> BoolArray:
    rows = network.topology.edge_rows
    found = np.zeros_like(chosen)
    found[rows[chosen[rows[:, 0]], 1]] = True
    return found


def _closed(step: Find) -> Find:
    """Everything that is reached by going on and on."""

    def find(network: Network, chosen: BoolArray) -> BoolArray:
        found = step(network, chosen)
        newest = found
        while newest.any():
            newest = step(network, newest) & ~found
            found = found | newest
        return found

    return find


def _same_activation(network: Network, chosen: BoolArray) -> BoolArray:
    has_one = network.topology.kinds != Kind.INPUT
    names = np.array(network.activations)
    same: BoolArray = has_one & np.isin(names, names[chosen & has_one])
    return same


def _invert(network: Network, chosen: BoolArray) -> BoolArray:
    return ~chosen


def _none(network: Network, chosen: BoolArray) -> BoolArray:
    return np.zeros_like(chosen)


def _all(network: Network, chosen: BoolArray) -> BoolArray:
    return np.ones_like(chosen)


SELECTIONS: Final[dict[str, SelectionQuery]] = {
    "all": SelectionQuery("All neurons", "Select every neuron.", _all, needs_selection=False),
    "none": SelectionQuery("Nothing", "Select nothing.", _none, needs_selection=False),
    "invert": SelectionQuery(
        "The others",
        "Select the neurons that are not selected, and no others.",
        _invert,
        needs_selection=False,
    ),
    "layer": SelectionQuery(
        "Whole layers", "Select all neurons in the layers of the selected ones.", _layer
    ),
    "inputs": SelectionQuery(
        "What feeds them",
        "Select the neurons with a connection into a selected one.",
        _inputs,
        nothing="Nothing feeds the selected neurons.",
    ),
    "outputs": SelectionQuery(
        "What they feed",
        "Select the neurons with a connection from a selected one.",
        _outputs,
        nothing="The selected neurons feed nothing.",
    ),
    "upstream": SelectionQuery(
        "Everything upstream",
        "Select all neurons from which signals reach a selected one.",
        _closed(_inputs),
        nothing="Nothing feeds the selected neurons.",
    ),
    "downstream": SelectionQuery(
        "Everything downstream",
        "Select all neurons that signals of a selected one reach.",
        _closed(_outputs),
        nothing="The selected neurons feed nothing.",
    ),
    "same_activation": SelectionQuery(
        "Same activation",
        "Select all neurons with the activation function of a selected one.",
        _same_activation,
        nothing="Inputs have no activation function; select another neuron first.",
    ),
    "dead": SelectionQuery(
        "Dead neurons",
        "Select the neurons whose activation is the same whatever sample comes.",
        _none,  # needs the data, see below
        needs_selection=False,
        nothing="No neuron is dead: every one answers to the training data.",
    ),
}
"""All ways to select by name, in the order of a menu."""


def query(session: Session, name: str) -> bool:
    """Select by a name of the table; False, with a sentence, if there is nothing to select."""
    found = SELECTIONS.get(name)
    if found is None:
        return session.refuse(f"There is no way to select called “{name}”.")
    network, selection = session.network, session.selection
    topology = network.topology
    chosen = np.zeros(topology.neuron_count, dtype=bool)
    ends = {i for edge in selection.edges for i in edge} if not selection.neurons else ()
    chosen[[topology.row(i) for i in (*selection.neurons, *ends) if i in topology]] = True
    if found.needs_selection and not chosen.any():
        return session.refuse("Select a neuron or a connection first.")
    if name == "invert" and not selection.neurons and selection.edges:
        edges = [(s, t) for s, t in topology.edges.tolist() if (s, t) not in selection.edges]
        session.select((), edges)
        return bool(session.selection)
    if name == "dead":
        neurons = _dead(session)
        if neurons is None:
            return False
    else:
        neurons = tuple(topology.ids[found.find(network, chosen)].tolist())
    if not neurons and name not in ("none", "invert", "all"):
        return session.refuse(found.nothing)
    if Selection(frozenset(neurons)) != selection:
        session.select(neurons)
    return True


def _dead(session: Session) -> tuple[int, ...] | None:
    prepared = session.prepared
    if prepared is None or session.data_problem:
        session.refuse("Dead neurons are told by the data, and there are none that fit.")
        return None
    train, _ = session.workspace.data.samples(session.document)
    return dead_neurons(session.network, train.inputs)
