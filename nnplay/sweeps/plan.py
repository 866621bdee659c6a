"""What a sweep does: which runs there are, in which order, and what they are called."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from nnplay.core.errors import TrainingError
from nnplay.document import Document
from nnplay.sweeps.changes import SETTINGS, Redraw, restarted, with_settings

__all__ = ["MOST_RUNS", "Sweep", "SweepRun"]

MOST_RUNS: Final = 10_000


@dataclass(frozen=True)
class SweepRun:
    """One run of a sweep.

    Attributes:
        number: place in the sweep, from 0.
        combination: number of its combination of settings, from 0.
        settings: values of the settings that are swept, by name.
        seed: drives initial weights and shuffling (see :func:`nnplay.sweeps.changes.restarted`).
    """

    number: int
    combination: int
    settings: Mapping[str, Any]
    seed: int


class Sweep:
    """A document, values to try for some of its settings, and seeds: every combination is a run.

    Runs are ordered by settings as they were given, the last setting changing fastest, and for
    each combination by seed. All of them begin anew, whatever the document has learnt.

    Args:
        document: what to train; it is not changed.
        settings: values to try by name of the setting (``learning_rate``, ``dropout`` …).
        seeds: how many (5 means 1, 2, 3, 4, 5), or which.
        epochs: how long each run trains; stopping rules of the settings may end it earlier.
        backend: what computes: ``auto``, ``numpy`` or ``compiled``.
        redraw: what a seed changes: ``weights`` (initial weights and shuffling; data and split
            stay, so that runs differ by training alone) or ``everything`` (generated data and
            split too).

    Raises:
        TrainingError: an unknown or empty setting, a value twice, no seeds, or too many runs.
    """

    def __init__(
        self,
        document: Document,
        settings: Mapping[str, Sequence[Any]],
        seeds: int | Sequence[int] = 5,
        epochs: int = 100,
        backend: str = "numpy",
        redraw: Redraw = "weights",
    ) -> None:
        self.document = document
        self.settings: dict[str, tuple[Any, ...]] = {n: tuple(v) for n, v in settings.items()}
        self.seeds = tuple(range(1, seeds + 1)) if isinstance(seeds, int) else tuple(seeds)
        self.epochs = epochs
        self.backend = backend
        self.redraw: Redraw = redraw
        self._check()

    def _check(self) -> None:
        for name, values in self.settings.items():
            if name not in SETTINGS:
                raise TrainingError(
                    f"There is no training setting “{name}”. There are {', '.join(SETTINGS)}."
                )
            if not values:
                raise TrainingError(f"There are no values to try for “{name}”.")
            if len(set(values)) < len(values):
                twice = next(v for v in values if values.count(v) > 1)
                raise TrainingError(f"The value {twice} stands twice for “{name}”.")
        if not self.seeds:
            raise TrainingError("A sweep needs at least one seed.")
        if len(set(self.seeds)) < len(self.seeds):
            raise TrainingError("Every seed can be used only once.")
        if min(self.seeds) < 0:
            raise TrainingError("A seed is 0 or more.")
        if self.epochs < 0:
            raise TrainingError("The number of epochs must be 0 or more.")
        if self.redraw not in ("weights", "everything"):
            raise TrainingError("Seeds redraw either “weights” or “everything”.")
        if len(self) > MOST_RUNS:
            raise TrainingError(
                f"These are {len(self):,} runs, more than {MOST_RUNS:,}; try fewer values or seeds."
            )

    def __len__(self) -> int:
        return self.combination_count * len(self.seeds)

    @property
    def combination_count(self) -> int:
        """How many combinations of settings there are."""
        count = 1
        for values in self.settings.values():
            count *= len(values)
        return count

    @property
    def combinations(self) -> tuple[dict[str, Any], ...]:
        """All combinations of settings, in order."""
        names = tuple(self.settings)
        return tuple(
            dict(zip(names, values, strict=True))
            for values in itertools.product(*self.settings.values())
        )

    def runs(self) -> Iterator[SweepRun]:
        """All runs, in order."""
        for place, combination in enumerate(self.combinations):
            for index, seed in enumerate(self.seeds):
                yield SweepRun(place * len(self.seeds) + index, place, combination, seed)

    def start_of(self, run: SweepRun) -> Document:
        """The document a run begins with. ``nnplay.train`` does the same with it as the run.

        Raises:
            TrainingError: the settings cannot be (an unknown initialiser, a dropout rate of 2 …).
        """
        return restarted(with_settings(self.document, run.settings), run.seed, self.redraw)
