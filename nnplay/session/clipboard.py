"""Copying, cutting, pasting and duplicating part of the network, as text."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from nnplay.core.excerpt import Excerpt, excerpt_of, with_excerpt
from nnplay.core.network import Network, NewNeuron
from nnplay.core.topology import Kind
from nnplay.data.preparation import PreparedData
from nnplay.document import Document
from nnplay.formats.errors import FormatError
from nnplay.formats.selection_text import excerpt_from_text, excerpt_to_text
from nnplay.session.editing import things
from nnplay.session.notices import Notice
from nnplay.session.pairing import refuse_pairing
from nnplay.session.placement import keep_places
from nnplay.session.values import Selection

if TYPE_CHECKING:
    from nnplay.session.session import Session

__all__ = ["MIME_TYPE", "Clipboard"]

Position = tuple[float, float]
MIME_TYPE: Final = "application/x-nnplay-network+json"
# How far a duplicate stands from what it was made of, in canvas pixels.
OFFSET: Final = 40.0
# Where pasted neurons stand that came without a place.
BELOW: Final = 60.0


class Clipboard:
    """Makes text of the selection and neurons of text, on behalf of the session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def copy(self) -> str:
        """The selected neurons as text; empty, with a sentence, if there are none."""
        session = self._session
        excerpt = self._selected("copy")
        if excerpt is None:
            return ""
        try:
            return excerpt_to_text(excerpt, session.positions)
        except FormatError as error:
            session.refuse(str(error))
            return ""

    def cut(self) -> str:
        """Copy and remove."""
        session = self._session
        text = self.copy()
        if not text:
            return ""
        gone = session.selection.neurons

        def edit(document: Document) -> Document:
            return keep_places(
                document, document.with_network(document.network.remove_neurons(sorted(gone)))
            )

        return text if session.edit(f"Cut {things(len(gone), 0)}", edit) else ""

    def paste(self, text: str, x: float, y: float) -> tuple[int, ...]:
        """Put copied neurons around a place; returns their ids."""
        if not (math.isfinite(x) and math.isfinite(y)):
            return ()
        try:
            excerpt, places = excerpt_from_text(text)
        except FormatError as error:
            self._session.refuse(f"This cannot be pasted. {error}")
            return ()
        ids = [neuron.id for neuron in excerpt.neurons]
        missing = [i for i in ids if i not in places]
        bottom = max((place[1] for place in places.values()), default=0.0)
        left = min((place[0] for place in places.values()), default=0.0)
        for number, neuron_id in enumerate(missing):
            places[neuron_id] = (left + number * BELOW, bottom + (BELOW if len(places) else 0.0))
        middle_x, middle_y = (
            (min(values) + max(values)) / 2 for values in zip(*places.values(), strict=True)
        )
        shift = x - middle_x, y - middle_y
        return self._add("Paste", excerpt, places, shift)

    def duplicate(self) -> tuple[int, ...]:
        """A copy of the selected neurons beside them, connected as they are; returns its ids."""
        excerpt = self._selected("duplicate")
        if excerpt is None:
            return ()
        return self._add("Duplicate", excerpt, dict(self._session.positions), (OFFSET, OFFSET))

    # ------------------------------------------------------------------ details
    def _selected(self, what: str) -> Excerpt | None:
        session = self._session
        if not session.selection.neurons:
            session.refuse(f"Select the neurons to {what} first.")
            return None
        return excerpt_of(session.network, sorted(session.selection.neurons))

    def _add(
        self,
        verb: str,
        excerpt: Excerpt,
        places: dict[int, Position],
        shift: Position,
    ) -> tuple[int, ...]:
        session = self._session
        made: list[tuple[int, ...]] = []
        became_hidden: list[int] = []

        def edit(document: Document) -> Document:
            adapted, count = _adapted(excerpt, document.network, session.prepared)
            became_hidden[:] = [count]
            network, new_ids = with_excerpt(document.network, adapted, reconnect=True)
            made[:] = [new_ids]
            placed = {
                new: (places[old.id][0] + shift[0], places[old.id][1] + shift[1])
                for old, new in zip(adapted.neurons, new_ids, strict=True)
            }
            after = keep_places(document, document.with_network(network), placed)
            refuse_pairing(session, document, after)
            return after

        with session.announced_together():
            if not session.edit(f"{verb} {things(len(excerpt.neurons), 0)}", edit):
                return ()
            session.workspace.selection = Selection(frozenset(made[0]))
        if became_hidden[0]:
            self._say(became_hidden[0])
        return made[0]

    def _say(self, count: int) -> None:
        what = (
            "One output became a hidden neuron" if count == 1 else f"{count} outputs became hidden"
        )
        reason = "because every class or target has its output already"
        self._session.notice_posted.emit(Notice("info", f"{what}, {reason}."))


def _adapted(
    excerpt: Excerpt, network: Network, prepared: PreparedData | None
) -> tuple[Excerpt, int]:
    """The excerpt with bindings that suit the data, and how many outputs became hidden neurons.

    An input may read a feature that another one reads, too; what it cannot read is replaced by a
    feature that is free. An output takes its own class or target, or another one that is free;
    without one it becomes a hidden neuron, because the network could not be trained with it.
    """
    if prepared is None:
        return excerpt, 0
    inputs, outputs = (set(bindings) for bindings in network.outer_bindings)
    output_count = len(network.topology.output_ids)
    neurons: list[NewNeuron] = []
    became_hidden = 0
    for neuron in excerpt.neurons:
        new = neuron
        if neuron.kind == Kind.INPUT:
            if neuron.binding not in prepared.input_keys:
                free = (key for key in prepared.input_keys if key not in inputs)
                new = replace(neuron, binding=next(free, None))
            inputs.add(new.binding)
        elif neuron.kind == Kind.OUTPUT:
            keys = prepared.output_keys
            if prepared.is_classification and len(keys) == 2 and output_count != 2:
                keys = keys[1:]  # two classes need one output only
            open_keys = [key for key in keys if key not in outputs]
            if open_keys:
                own = neuron.binding in prepared.output_keys and neuron.binding not in outputs
                new = neuron if own else replace(neuron, binding=open_keys[0])
                outputs.add(new.binding)
                output_count += 1
            else:
                activation = "linear" if neuron.activation == "softmax" else neuron.activation
                new = replace(neuron, kind=Kind.HIDDEN, binding=None, activation=activation)
                became_hidden += 1
        neurons.append(new)
    return replace(excerpt, neurons=tuple(neurons)), became_hidden
