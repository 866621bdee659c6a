"""Values worth trying, for those who do not want to think of any."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, Final

from nnplay.core.initializers import INITIALIZERS
from nnplay.core.optimizers import OPTIMIZERS
from nnplay.core.schedules import SCHEDULES
from nnplay.core.topology import Kind
from nnplay.document import Document

__all__ = ["comparable_settings", "usual_values"]

_RATES: Final = (0.0, 0.0001, 0.001, 0.003, 0.01, 0.03, 0.1)


def comparable_settings(document: Document) -> tuple[str, ...]:
    """Settings a person may want to compare for this document, the most useful first."""
    names = ["learning_rate", "optimizer", "batch_size", "initializer", "schedule", "l2", "l1"]
    if Kind.HIDDEN in document.network.topology.kinds:
        names.append("dropout")
    names += ["momentum", "weight_decay", "label_smoothing", "early_stopping"]
    return tuple(names)


def usual_values(document: Document, name: str) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Values to offer for a setting, and those of them to begin with; the present one is there."""
    training = document.training
    if name == "learning_rate":
        rate = training.learning_rate
        # A third and three times, written as people write them: 0.01, 0.03, 0.1.
        near = [_rounded(rate * factor) for factor in (0.1, 1 / 3, 3.0, 10.0)]
        return tuple(sorted({rate, *near})), tuple(sorted({near[1], rate, near[2]}))
    if name == "optimizer":
        return _named(OPTIMIZERS, training.optimizer, ("sgd", "momentum", "adam"))
    if name == "initializer":
        useful = [name for name in INITIALIZERS if name not in ("zeros", "constant")]
        return _named(useful, training.initializer, ("glorot_uniform", "he_normal"))
    if name == "schedule":
        return _named(SCHEDULES, training.schedule, ("constant", "cosine"))
    if name == "batch_size":
        size = training.batch_size
        return tuple(sorted({1, 5, 10, 20, 50, 100, size})), tuple(sorted({1, 10, 50, size}))
    if name == "early_stopping":
        return (False, True), (False, True)
    if name == "dropout":
        return (0.0, 0.1, 0.2, 0.3, 0.5), (0.0, 0.2, 0.5)
    if name == "momentum":
        return (0.0, 0.5, 0.9, 0.95, 0.99), (0.5, 0.9, 0.99)
    if name == "label_smoothing":
        return (0.0, 0.05, 0.1, 0.2), (0.0, 0.1)
    now = float(getattr(training, name))
    return tuple(sorted({*_RATES, now})), tuple(sorted({0.0, 0.001, 0.01, now}))


def _named(
    table: Iterable[str], now: str, first: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names on offer, the present one among them, and those to begin with."""
    names = tuple(table)
    offered = names if now in names else (*names, now)
    return offered, tuple(name for name in offered if name == now or name in first)


def _rounded(value: float) -> float:
    """The nearest of …, 0.01, 0.03, 0.1, 0.3, …: the rates people try."""
    place = round(2.0 * math.log10(value))
    decade, is_three = divmod(place, 2)
    return float(f"{3 if is_three else 1}e{decade}")
