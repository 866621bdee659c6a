"""Where neurons stand on the canvas before and after an edit.

A document that nobody has arranged by hand stores no positions: the automatic arrangement follows
every edit of layers and features. As soon as a person puts a neuron somewhere, all places are
stored, and only newcomers are placed automatically.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Final

from nnplay.core.network import Network
from nnplay.document import Document
from nnplay.picture.arrange import arrange, runs_downwards, turned
from nnplay.picture.geometry import PITCH, PITCH_DOWN

__all__ = [
    "keep_places",
    "moved",
    "open_gap",
    "rearranged",
    "runs_downwards",
    "shown_positions",
    "turned",
]

Position = tuple[float, float]
GAP: Final = 160.0
KEPT: Final = 8

_arranged: OrderedDict[
    tuple[int, int, bool], tuple[Network, Mapping[int, Position], dict[int, Position]]
] = OrderedDict()


def shown_positions(document: Document) -> Mapping[int, Position]:
    """Positions of all neurons by id: the stored ones, and automatic ones for the rest."""
    network, stored = document.network, document.positions
    if stored.keys() == network.topology.row_of_id.keys():
        return stored
    downwards = runs_downwards(document)
    key = (id(network.topology), id(stored), downwards)
    found = _arranged.get(key)
    # Identities may be used again, so that the values themselves are compared.
    if found and found[0].topology is network.topology and found[1] is stored:
        return found[2]
    known = {i: p for i, p in stored.items() if i in network.topology}
    places = arrange(network, known, downwards=downwards)
    _arranged[key] = (network, stored, places)
    while len(_arranged) > KEPT:
        _arranged.popitem(last=False)
    return places


def moved(document: Document, places: Mapping[int, Position]) -> Document:
    """The document with neurons put somewhere by hand; all others keep their present places."""
    present = shown_positions(document)
    if all(present.get(i) == p for i, p in places.items()):
        return document
    return replace(document, positions={**present, **places})


def keep_places(
    before: Document,
    after: Document,
    placed: Mapping[int, Position] | None = None,
    *,
    follow: bool = False,
) -> Document:
    """``after`` an edit of structure, with every surviving neuron where it stood.

    Args:
        before: the document before the edit.
        after: the document after it.
        placed: places of new neurons chosen by hand.
        follow: keep following the automatic arrangement if ``before`` did.
    """
    if follow and not before.positions and not placed:
        return replace(after, positions={})
    known = {i: p for i, p in shown_positions(before).items() if i in after.network.topology}
    known.update(placed or {})
    downwards = runs_downwards(after)
    return replace(after, positions=arrange(after.network, known, downwards=downwards))


def rearranged(document: Document, neurons: Collection[int]) -> Document:
    """Some neurons are placed automatically; all others stay exactly where they are."""
    present = shown_positions(document)
    known = {i: place for i, place in present.items() if i not in neurons}
    if not known:
        return replace(document, positions={}) if document.positions else document
    places = arrange(document.network, known, downwards=runs_downwards(document))
    return document if places == present else replace(document, positions=places)


def open_gap(
    before: Document, after: Document, new_ids: Iterable[int], sources: Iterable[int]
) -> Document:
    """``after`` a layer was inserted: everything right of its sources makes room for it."""
    if not before.positions:
        return replace(after, positions={})
    present = shown_positions(before)
    source_places = [present[i] for i in sources if i in present]
    if not source_places:
        return keep_places(before, after)
    downwards = runs_downwards(after)
    if downwards:  # as if from left to right, with x and y exchanged
        present = {i: (y, x) for i, (x, y) in present.items()}
        source_places = [(y, x) for x, y in source_places]
    pitch = PITCH_DOWN if downwards else PITCH
    edge = max(x for x, _ in source_places)
    middle = sum(y for _, y in source_places) / len(source_places)
    known = {
        i: (x + GAP if x > edge else x, y)
        for i, (x, y) in present.items()
        if i in after.network.topology
    }
    new = list(new_ids)
    for place, neuron_id in enumerate(new):
        known[neuron_id] = (edge + GAP, middle + (place - (len(new) - 1) / 2) * pitch)
    if downwards:
        known = {i: (y, x) for i, (x, y) in known.items()}
    return replace(after, positions=arrange(after.network, known, downwards=downwards))
