"""Where in the history of losses the data were changed, as far as this window has seen it."""

from __future__ import annotations

from dataclasses import dataclass

from nnplay.data.recipe import DataRecipe, Preparation
from nnplay.session.session import Session

__all__ = ["DataChanges"]

Measured = tuple[DataRecipe, Preparation, int]
"""What fixes the samples that losses are measured on: recipe, preparation and seed."""


@dataclass(frozen=True)
class _Change:
    """The data ``before`` were measured up to ``epoch``, the data ``after`` from then on."""

    epoch: float
    before: Measured
    after: Measured


class DataChanges:
    """Epochs after which losses are those of other data.

    Documents keep no such marks, so that only changes of this session are known. Undo takes them
    back and redo brings them again.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self.restart()

    def restart(self) -> None:
        """Another document is shown."""
        self._changes: list[_Change] = []
        self._first = self._measured()

    @property
    def epochs(self) -> tuple[float, ...]:
        """Ascending; only those the curve has reached."""
        return tuple(change.epoch for change in self._changes)

    def follow(self) -> None:
        """Compare the data with those of the curve's end, after any change of either."""
        curve, now = self._session.curve, self._measured()
        last = float(curve.epochs[-1]) if len(curve) else 0.0
        changes = self._changes
        while changes and changes[-1].epoch > last:
            changes.pop()
        before = changes[-1].after if changes else self._first
        if before == now:
            return
        if changes and changes[-1].epoch == last:
            before = changes.pop().before
        if len(curve) < 2:
            self._first = now  # nothing has been trained on the former data
        elif before != now:
            changes.append(_Change(last, before, now))

    def _measured(self) -> Measured:
        document = self._session.document
        return document.data, document.preparation, document.seed
