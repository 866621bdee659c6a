"""Which settings are best, and whether that is more than luck of the seeds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from nnplay.sweeps.words import setting_phrase

if TYPE_CHECKING:
    from nnplay.sweeps.results import SweepResult, SweepRow

__all__ = ["Group", "Measure", "Summary"]

# With one of these swept, losses are different quantities.
_LOSS_SETTINGS: Final = frozenset({"loss", "huber_delta", "label_smoothing", "class_weights"})


@dataclass(frozen=True)
class Measure:
    """What runs are compared by.

    Attributes:
        name: field of a row; empty if nothing can be compared.
        title: for people.
        is_better_large: whether more is better.
    """

    name: str
    title: str
    is_better_large: bool = False

    def of(self, row: SweepRow) -> float:
        """Its value for a row; NaN where there is none."""
        return float(getattr(row, self.name)) if self.name else float("nan")

    def rank(self, row: SweepRow) -> float:
        """A number that is smaller for better rows."""
        return -self.of(row) if self.is_better_large else self.of(row)

    def text(self, value: float) -> str:
        """A value for people."""
        return f"{value:.1%}" if self.is_better_large else f"{value:.4g}"


@dataclass(frozen=True)
class Group:
    """The runs of one combination of settings.

    Attributes:
        combination: its number.
        settings: its values by name.
        runs: runs that were trained to their end.
        failed: runs that diverged or failed; those that were cancelled count nowhere.
        median: middle value of the measure over seeds; failed runs count as worst.
        low, high: quartiles: half of the seeds lie between them.
        best: the best value.
    """

    combination: int
    settings: Mapping[str, Any]
    runs: int
    failed: int
    median: float
    low: float
    high: float
    best: float

    @property
    def spread(self) -> float:
        """Distance between the quartiles; infinite when failed runs reach into them."""
        return self.high - self.low if math.isfinite(self.high - self.low) else math.inf


class Summary:
    """Medians and spreads.

    Attributes:
        measure: what is compared: test loss, without test data training loss; when the loss
            itself is swept, accuracy.
        groups: one per combination, in the sweep's order.
        best: the group with the best median, or None.
        is_clear: whether its lead over the next best is larger than the spread of both over seeds.
    """

    def __init__(self, result: SweepResult) -> None:
        self.measure = _measure(result)
        self.groups = _groups(result, self.measure)
        ranked = sorted(
            (group for group in self.groups if math.isfinite(group.median)),
            key=lambda g: -g.median if self.measure.is_better_large else g.median,
        )
        self.best: Group | None = ranked[0] if ranked else None
        self._next: Group | None = ranked[1] if len(ranked) > 1 else None
        self.is_clear = False
        if self.best is not None and self._next is not None:
            lead = abs(self._next.median - self.best.median)
            few = min(self.best.runs, self._next.runs) < 2
            self.is_clear = not few and lead > max(self.best.spread, self._next.spread)

    @property
    def sentence(self) -> str:
        """What came of it, for people."""
        if not self.measure.name:
            return (
                "Different losses cannot be compared with each other, and there is no accuracy "
                "to compare instead."
            )
        best, following, text = self.best, self._next, self.measure.text
        if best is None:
            return "No combination has a median: most of its runs diverged or failed."
        seeds = f"over {best.runs} seeds" if best.runs > 1 else "with one seed"
        if not best.settings:
            return f"Median {self.measure.title} {text(best.median)} {seeds}."
        first = (
            f"Best: {setting_phrase(best.settings)}, median {self.measure.title} "
            f"{text(best.median)} {seeds}."
        )
        if following is None:
            return first
        lead = abs(following.median - best.median)
        then = f"Next: {setting_phrase(following.settings)} ({text(following.median)})."
        if min(best.runs, following.runs) < 2:
            return f"{first} {then} With one seed nobody knows how much of that is luck."
        spread = max(best.spread, following.spread)
        if self.is_clear:
            verdict = f"Its lead ({text(lead)}) is larger than the spread over seeds"
        else:
            verdict = f"Its lead ({text(lead)}) is not larger than the spread over seeds"
        size = text(spread) if math.isfinite(spread) else "some runs failed"
        end = "." if self.is_clear else ": it may be luck."
        return f"{first} {then} {verdict} ({size}){end}"


def _measure(result: SweepResult) -> Measure:
    done = [row for row in result.rows if row.is_done]
    has_test = any(not math.isnan(row.loss_test) for row in done)
    part = "test" if has_test else "train"
    words = "test" if has_test else "training"
    if not _LOSS_SETTINGS & {n for n, v in result.sweep.settings.items() if len(v) > 1}:
        return Measure(f"loss_{part}", f"{words} loss")
    if any(not math.isnan(getattr(row, f"accuracy_{part}")) for row in done):
        return Measure(f"accuracy_{part}", f"{words} accuracy", is_better_large=True)
    return Measure("", "")


def _groups(result: SweepResult, measure: Measure) -> tuple[Group, ...]:
    rows: dict[int, list[SweepRow]] = {}
    for row in result.rows:
        if not row.was_cancelled:
            rows.setdefault(row.run.combination, []).append(row)
    worst = -math.inf if measure.is_better_large else math.inf
    groups = []
    for place, settings in enumerate(result.sweep.combinations):
        mine = rows.get(place, [])
        done = [row for row in mine if row.is_done]
        values = [measure.of(row) for row in done] + [worst] * (len(mine) - len(done))
        if not values or any(math.isnan(value) for value in values):
            middle = low = high = best = math.nan
        else:
            low, middle, high = (_quantile(values, q) for q in (0.25, 0.5, 0.75))
            best = max(values) if measure.is_better_large else min(values)
        groups.append(
            Group(place, settings, len(done), len(mine) - len(done), middle, low, high, best)
        )
    return tuple(groups)


def _quantile(values: list[float], share: float) -> float:
    """A quantile as NumPy's, also among infinite values."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below, above = ordered[math.floor(place)], ordered[math.ceil(place)]
    if not (math.isfinite(below) and math.isfinite(above)):
        return (
            below
            if place == math.floor(place) or below == above
            else (above if math.isinf(above) else below)
        )
    return below + (above - below) * (place - math.floor(place))
