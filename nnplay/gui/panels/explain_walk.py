"""Where somebody has been on the way through the chain rule, as in a browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from nnplay.gui.panels.explain_rows import Place

__all__ = ["LOSS", "Walk"]

LOSS: Final[Place] = ()
"""The place where every walk begins: the loss."""
_LONGEST: Final = 200


class Walk:
    """Places visited, and which of them one is at."""

    def __init__(self) -> None:
        self._places: list[Place] = [LOSS]
        self._at = 0

    @property
    def place(self) -> Place:
        """Where one is."""
        return self._places[self._at]

    @property
    def can_go_back(self) -> bool:
        """Whether there is a place before."""
        return self._at > 0

    @property
    def can_go_forward(self) -> bool:
        """Whether one has come back from somewhere."""
        return self._at < len(self._places) - 1

    def trail(self, most: int) -> list[tuple[int, Place]]:
        """The latest places up to here with their numbers for :meth:`jump`."""
        first = max(0, self._at + 1 - most)
        return list(enumerate(self._places))[first : self._at + 1]

    def go(self, place: Place) -> None:
        """To a new place; what was ahead is forgotten."""
        if place == self.place:
            return
        del self._places[self._at + 1 :]
        self._places.append(place)
        del self._places[:-_LONGEST]
        self._at = len(self._places) - 1

    def step(self, way: int) -> Place:
        """One place back (−1) or forward (1), if there is one."""
        self._at = min(max(self._at + way, 0), len(self._places) - 1)
        return self.place

    def jump(self, number: int) -> Place:
        """To a place of the trail."""
        self._at = min(max(number, 0), len(self._places) - 1)
        return self.place

    def keep(self, exists: Callable[[Place], bool]) -> None:
        """Forget places that are no longer there."""
        ahead = [place for place in self._places[self._at + 1 :] if exists(place)]
        before = [place for place in self._places[: self._at + 1] if exists(place)] or [LOSS]
        self._places, self._at = before + ahead, len(before) - 1
