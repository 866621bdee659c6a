"""The small menu that asks how many neurons are to be connected with many."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QMenu, QWidget

from nnplay.core.connecting import Pattern, choose_connections, pairs_of
from nnplay.gui.panels.words import count

if TYPE_CHECKING:
    from nnplay.session.session import Session

__all__ = ["pattern_menu"]

DENSITIES: Final = (0.1, 0.25, 0.5, 0.75)


def pattern_menu(
    parent: QWidget, session: Session, sources: list[int], targets: list[int]
) -> QMenu:
    """All with all, one to one, or at random with a density; each says how many it makes.

    One to one pairs the neurons as they stand, from top to bottom.
    """
    places = session.positions

    def as_they_stand(ids: list[int]) -> list[int]:
        return sorted(ids, key=lambda i: (places[i][1], places[i][0], i))

    first, second = as_they_stand(sources), as_they_stand(targets)
    menu = QMenu(parent)
    topology = session.network.topology

    def add(to: QMenu, words: str, how: Pattern, density: float = 1.0) -> None:
        to.addAction(words, partial(_connect, session, first, second, how, density))

    all_of_them = len(choose_connections(topology, pairs_of(first, second, "all")).pairs)
    pairs = pairs_of(first, second, "one_to_one")
    single = len(choose_connections(topology, pairs).pairs)
    add(menu, f"All with all ({count(all_of_them, 'connection')})", "all")
    add(menu, f"One to one, as they stand ({single})", "one_to_one")
    menu.addSeparator()
    for density in DENSITIES:
        about = round(density * all_of_them)
        add(menu, f"At random, {100 * density:.0f} % (about {about})", "random", density)
    return menu


def _connect(
    session: Session, sources: list[int], targets: list[int], how: Pattern, density: float
) -> None:
    session.connect_many(sources, targets, how, density)
