"""Verbs that edit many neurons or connections at once: each is one undoable step."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from nnplay.core.connecting import Choice, Pattern, choose_connections, insert_into_edge, pairs_of
from nnplay.core.errors import TrainingError
from nnplay.core.folding import merge_levels, split_level
from nnplay.core.initializers import draw_parameters
from nnplay.core.layer_edits import new_hidden, weights_for
from nnplay.core.network import Network
from nnplay.core.number_edits import noisy, scaled, weak_edges
from nnplay.core.plain_numbers import plain_number
from nnplay.core.topology import Kind, TopologyError
from nnplay.document import Document
from nnplay.session.editing import check_activation, things, usual_activation
from nnplay.session.new_weights import new_bias, new_weights
from nnplay.session.notices import Notice
from nnplay.session.placement import keep_places, open_gap

if TYPE_CHECKING:
    from nnplay.session.session import Session

__all__ = ["BatchEditor", "fresh_seed"]

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
# More parameters than this are undone by keeping both vectors instead of single numbers.
FEW_SLOTS: Final = 5_000


class BatchEditor:
    """Edits of many things at once, on behalf of the session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        # Where a dragged factor began: what it multiplies.
        self._scaling: tuple[int, tuple[int, ...], FloatArray] | None = None

    # ------------------------------------------------------------------ connections
    def connect_many(
        self,
        sources: Iterable[int],
        targets: Iterable[int],
        how: Pattern,
        density: float,
        seed: int | None,
    ) -> int:
        """Connect neurons with neurons; returns how many connections are new."""
        session = self._session
        from_ids, to_ids = list(dict.fromkeys(sources)), list(dict.fromkeys(targets))
        if not from_ids or not to_ids:
            session.refuse("Choose neurons to connect from and neurons to connect to.")
            return 0
        chosen_seed = fresh_seed() if seed is None else seed
        made: list[Choice] = []

        def edit(document: Document) -> Document:
            topology = document.network.topology
            for neuron_id in (*from_ids, *to_ids):
                topology.row(neuron_id)  # refused by name if it does not exist
            pairs = pairs_of(from_ids, to_ids, how, density, chosen_seed)
            choice = choose_connections(topology, pairs)
            made[:] = [choice]
            if not len(choice.pairs):
                raise TopologyError(_nothing_new(choice))
            weights = weights_for(new_weights(document), choice.pairs)
            network = document.network.connect_many(choice.pairs, weights)
            return keep_places(document, document.with_network(network))

        # The text tells the number of connections, which is known when they are chosen.
        wanted = self._count(from_ids, to_ids, how, density, chosen_seed)
        text = f"Connect {_neurons(len(from_ids))} to {len(to_ids)} ({_connections(wanted)})"
        if not session.edit(text, edit):
            return 0
        left_out = _left_out(made[0])
        if left_out:
            session.notice_posted.emit(Notice("info", left_out))
        return len(made[0].pairs)

    def _count(
        self, sources: list[int], targets: list[int], how: Pattern, density: float, seed: int
    ) -> int:
        topology = self._session.network.topology
        try:
            for neuron_id in (*sources, *targets):
                topology.row(neuron_id)
            pairs = pairs_of(sources, targets, how, density, seed)
        except TopologyError:
            return 0
        return len(choose_connections(topology, pairs).pairs)

    def add_connected(
        self,
        source: int | Collection[int] | None,
        target: int | None,
        x: float,
        y: float,
        activation: str | None,
    ) -> int | None:
        """Add a hidden neuron that is connected to what is given; returns its id."""
        made: list[int] = []
        if source is None:
            sources: tuple[int, ...] = ()
        else:
            sources = (source,) if isinstance(source, int) else tuple(source)
        ends_given = sources if target is None else (*sources, target)

        def edit(document: Document) -> Document:
            network = document.network
            if activation is not None:
                check_activation(activation)
            chosen = activation or usual_activation(network, Kind.HIDDEN)
            for neuron_id in ends_given:
                network.topology.row(neuron_id)
            new = new_hidden(network, 1, chosen, new_bias(document))
            new_id = new[0].id
            pairs = [(neuron_id, new_id) for neuron_id in sources]
            pairs += [] if target is None else [(new_id, target)]
            ends = np.array(pairs, dtype=np.int64).reshape(-1, 2)
            weights = weights_for(new_weights(document), ends)
            network = network.edited(neurons=new, edges=ends, weights=weights)
            made[:] = [new_id]
            return keep_places(document, document.with_network(network), {new_id: (x, y)})

        return made[0] if self._session.edit("Add a connected neuron", edit) else None

    def insert_into_edge(
        self, source: int, target: int, x: float | None, y: float | None
    ) -> int | None:
        """Put a linear neuron into a connection; returns its id."""
        made: list[int] = []

        def edit(document: Document) -> Document:
            network, new_id = insert_into_edge(document.network, source, target)
            made[:] = [new_id]
            placed = None if x is None or y is None else {new_id: (x, y)}
            return keep_places(document, document.with_network(network), placed, follow=True)

        return made[0] if self._session.edit("Insert a neuron into a connection", edit) else None

    def prune(self, slots: Iterable[int], threshold: float) -> int:
        """Remove weak connections; returns how many."""
        session = self._session
        chosen = self._checked(slots)
        if chosen is None:
            return 0
        try:
            count = weak_edges(session.network, chosen, threshold).size
        except TrainingError as error:
            session.refuse(str(error))
            return 0
        if not count:
            session.refuse(
                f"No connection among these has a weight below {plain_number(threshold)} in size."
            )
            return 0
        before: list[int] = []

        def edit(document: Document) -> Document:
            network = document.network
            keep = np.ones(network.topology.edge_count, dtype=bool)
            keep[weak_edges(network, chosen, threshold)] = False
            before[:] = [int((~keep).sum())]
            if keep.all():
                return document
            return keep_places(document, document.with_network(network.edited(keep_edges=keep)))

        text = f"Prune {_connections(count)} below {plain_number(threshold)}"
        return before[0] if session.edit(text, edit) else 0

    # ------------------------------------------------------------------ layers
    def split_level(self, level: int) -> tuple[int, ...]:
        """Put a layer of linear neurons behind a hidden layer; returns their ids."""
        made: list[tuple[int, ...]] = []

        def edit(document: Document) -> Document:
            network, new_ids = split_level(document.network, level)
            made[:] = [new_ids]
            sources = document.network.level_ids(level)
            return open_gap(document, document.with_network(network), new_ids, sources)

        return made[0] if self._session.edit("Split a layer", edit) else ()

    def merge_levels(self, level: int) -> bool:
        """Make one layer of a hidden layer and the next one."""
        session = self._session
        drawn: list[int] = []
        exact: list[bool] = []

        def edit(document: Document) -> Document:
            merged = merge_levels(document.network, level, new_weights(document))
            drawn[:], exact[:] = [merged.drawn], [merged.is_exact]
            return keep_places(document, document.with_network(merged.network), follow=True)

        if not session.edit("Merge two layers", edit):
            return False
        if exact[0]:
            said = "One of the layers was linear, so the network computes the same as before."
        else:
            said = (
                "Neither layer is linear, so the network computes something else now: the "
                f"connections between them are gone and {_connections(drawn[0])} have new weights."
            )
        session.notice_posted.emit(Notice("info", said))
        return True

    # ------------------------------------------------------------------ numbers
    def set_biases(self, neurons: Iterable[int], value: float, gesture: int | None) -> bool:
        """Give neurons a bias; inputs among them are left alone."""
        session = self._session
        topology = session.network.topology
        ids = [i for i in dict.fromkeys(neurons) if i in topology]
        slots = [int(topology.bias_slots[topology.row(i)]) for i in ids]
        chosen = np.array([slot for slot in slots if slot >= 0], dtype=np.int64)
        if not chosen.size:
            return session.refuse("Inputs have no bias; choose hidden neurons or outputs.")
        if not math.isfinite(value):
            return session.refuse("A weight or bias must be a finite number.")
        text = "Set a bias" if chosen.size == 1 else f"Set {chosen.size:,} biases"
        return self._set(text, chosen, np.full(chosen.size, float(value)), gesture)

    def scale_weights(self, slots: Iterable[int], factor: float, gesture: int | None) -> bool:
        """Multiply parameters; in a gesture the factor is about where the gesture began."""
        chosen = self._checked(slots)
        if chosen is None:
            return False
        if not math.isfinite(factor):
            return self._session.refuse("The factor must be a finite number.")
        values = self._session.network.theta[chosen]
        if gesture is not None:
            key = gesture, tuple(chosen.tolist())
            if self._scaling is None or self._scaling[:2] != key:
                self._scaling = (*key, values)
            values = self._scaling[2]
        text = f"Scale {_parameters(chosen.size)}"
        return self._set_tried(text, chosen, lambda: scaled(values, factor), gesture)

    def add_noise(self, slots: Iterable[int], amount: float, seed: int | None) -> bool:
        """Add normal noise to parameters."""
        chosen = self._checked(slots)
        if chosen is None:
            return False
        chosen_seed = fresh_seed() if seed is None else seed
        values = self._session.network.theta[chosen]
        text = f"Add noise to {_parameters(chosen.size)}"
        return self._set_tried(text, chosen, lambda: noisy(values, amount, chosen_seed), None)

    def initialise(self, slots: Iterable[int]) -> bool:
        """Draw parameters as the document's initialiser does.

        They get the numbers the present draw has for them; if they have these already, those of
        the next draw, so that asking again goes on giving others.
        """
        chosen = self._checked(slots)
        if chosen is None:
            return False

        def edit(document: Document) -> Document:
            network = document.network
            for draw in (document.draw, document.draw + 1):
                drawn = _drawn(document, draw)[chosen]
                if not np.array_equal(drawn, network.theta[chosen]):
                    break
            else:
                return document  # zeros and the like are the same in every draw
            theta = network.theta.copy()
            theta[chosen] = drawn
            return replace(document.with_network(network.with_theta(theta)), draw=draw)

        return self._session.edit(f"Initialise {_parameters(chosen.size)}", edit)

    def _checked(self, slots: Iterable[int]) -> IntArray | None:
        """Slots in ascending order; None, with a sentence, if there is something wrong."""
        chosen = np.unique(np.fromiter(slots, dtype=np.int64))
        count = self._session.network.topology.parameter_count
        if not chosen.size:
            self._session.refuse("Choose connections or neurons first.")
            return None
        if chosen[0] < 0 or chosen[-1] >= count:
            wrong = chosen[0] if chosen[0] < 0 else chosen[-1]
            self._session.refuse(f"There is no parameter number {wrong}.")
            return None
        return chosen

    def _set_tried(
        self, text: str, slots: IntArray, make: Callable[[], FloatArray], gesture: int | None
    ) -> bool:
        try:
            values = make()
        except TrainingError as error:
            return self._session.refuse(str(error))
        return self._set(text, slots, values, gesture)

    def _set(self, text: str, slots: IntArray, values: FloatArray, gesture: int | None) -> bool:
        session = self._session
        if slots.size <= FEW_SLOTS or session.is_running:
            by_slot: Mapping[int, float] = dict(zip(slots.tolist(), values.tolist(), strict=True))
            return session.edit_parameters(text, by_slot, gesture)

        def edit(document: Document) -> Document:
            network = document.network
            if np.array_equal(network.theta[slots], values):
                return document
            theta = network.theta.copy()
            theta[slots] = values
            return document.with_network(network.with_theta(theta))

        return session.edit(text, edit, gesture)

    # ------------------------------------------------------------------ switches
    def set_neurons_enabled(self, neurons: Collection[int], enabled: bool) -> bool:
        """Switch neurons on or off; they keep their numbers."""
        chosen = list(dict.fromkeys(neurons))
        if not chosen:
            return self._session.refuse("Select a neuron first.")

        def edit(document: Document) -> Document:
            network = document.network
            rows = [network.topology.row(i) for i in chosen]
            if (network.neuron_enabled[rows] == enabled).all():
                return document
            return replace(document, network=network.set_neurons_enabled(chosen, enabled))

        state = "on" if enabled else "off"
        return self._session.edit(f"Switch {things(len(chosen), 0)} {state}", edit)


def fresh_seed() -> int:
    """A seed nobody can foresee; a verb takes it once, before it is tried."""
    return int(np.random.SeedSequence().generate_state(1)[0])


def _drawn(document: Document, draw: int) -> FloatArray:
    training = document.training
    network: Network = document.network
    return draw_parameters(
        network, training.initializer, document.seed, draw, value=training.initial_value
    )


def _neurons(count: int) -> str:
    return "a neuron" if count == 1 else f"{count:,} neurons"


def _connections(count: int) -> str:
    return "1 connection" if count == 1 else f"{count:,} connections"


def _parameters(count: int) -> str:
    return "a parameter" if count == 1 else f"{count:,} parameters"


def _reasons(choice: Choice) -> list[str]:
    reasons = []
    for count, one, many in (
        (choice.present, "is there already", "are there already"),
        (choice.circular, "would close a circle", "would close a circle"),
        (choice.into_inputs, "leads into an input", "lead into inputs"),
    ):
        if count:
            reasons.append(f"{count:,} {one if count == 1 else many}")
    return reasons


def _nothing_new(choice: Choice) -> str:
    reasons = _reasons(choice)
    if not reasons:
        return "With this density no connection was drawn; choose a larger one."
    return f"There is nothing to connect: of these connections, {', '.join(reasons)}."


def _left_out(choice: Choice) -> str:
    reasons = _reasons(choice)
    if not reasons:
        return ""
    left = choice.present + choice.circular + choice.into_inputs
    return f"{_connections(left)} left out: {', '.join(reasons)}."
