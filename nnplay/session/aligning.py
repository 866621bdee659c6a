"""Places of several neurons in line or at equal distances."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from nnplay.session.placement import moved

if TYPE_CHECKING:
    from nnplay.session.session import Session

__all__ = ["ALIGNMENTS", "align", "aligned", "distribute", "distributed"]

Position = tuple[float, float]
# Name: axis, and where along it the common line runs (0 first, ½ middle, 1 last).
ALIGNMENTS: Final[dict[str, tuple[int, float]]] = {
    "left": (0, 0.0),
    "right": (0, 1.0),
    "top": (1, 0.0),
    "bottom": (1, 1.0),
    "centre_x": (0, 0.5),
    "centre_y": (1, 0.5),
}
DIRECTIONS: Final[dict[str, int]] = {"horizontal": 0, "vertical": 1}


def aligned(places: Mapping[int, Position], how: str) -> dict[int, Position]:
    """All places on one line; ``how`` is a name in :data:`ALIGNMENTS`."""
    axis, share = ALIGNMENTS[how]
    values = [place[axis] for place in places.values()]
    line = min(values) + share * (max(values) - min(values))
    return {i: (line, y) if axis == 0 else (x, line) for i, (x, y) in places.items()}


def distributed(places: Mapping[int, Position], how: str) -> dict[int, Position]:
    """Places at equal distances between the outermost; ``how`` is ``horizontal`` or ``vertical``."""
    axis = DIRECTIONS[how]
    order = sorted(places, key=lambda i: (places[i][axis], i))
    first, last = places[order[0]][axis], places[order[-1]][axis]
    result = {}
    for number, neuron_id in enumerate(order):
        value = first + (last - first) * number / max(1, len(order) - 1)
        x, y = places[neuron_id]
        result[neuron_id] = (value, y) if axis == 0 else (x, value)
    return result


def align(session: Session, ids: Iterable[int], how: str) -> bool:
    """Put neurons on one line, as an undo step."""
    places = {i: session.positions[i] for i in ids if i in session.positions}
    if how not in ALIGNMENTS:
        return session.refuse(f"Neurons cannot be aligned to “{how}”.")
    if len(places) < 2:
        return session.refuse("Select at least two neurons to align.")
    return _move(session, f"Align {len(places)} neurons", aligned(places, how))


def distribute(session: Session, ids: Iterable[int], how: str) -> bool:
    """Put neurons at equal distances, as an undo step."""
    places = {i: session.positions[i] for i in ids if i in session.positions}
    if how not in DIRECTIONS:
        return session.refuse(f"Neurons cannot be distributed “{how}”.")
    if len(places) < 3:
        return session.refuse("Select at least three neurons to distribute.")
    return _move(session, f"Distribute {len(places)} neurons", distributed(places, how))


def _move(session: Session, text: str, places: Mapping[int, Position]) -> bool:
    return session.edit(text, lambda document: moved(document, places), affects_training=False)
