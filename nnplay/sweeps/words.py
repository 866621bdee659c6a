"""Words for settings and their values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from nnplay.core.initializers import INITIALIZERS
from nnplay.core.losses import LOSSES
from nnplay.core.optimizers import OPTIMIZERS
from nnplay.core.schedules import SCHEDULES

__all__ = ["SETTING_TITLES", "setting_phrase", "value_words"]

SETTING_TITLES: Final = {
    "loss": "loss",
    "optimizer": "optimiser",
    "learning_rate": "learning rate",
    "momentum": "momentum",
    "dampening": "dampening",
    "beta1": "β₁",
    "beta2": "β₂",
    "epsilon": "ε",
    "rms_decay": "RMS decay",
    "weight_decay": "weight decay",
    "batch_size": "batch size",
    "l1": "L1 rate",
    "l2": "L2 rate",
    "l1_dead_links": "L1 switches links off",
    "clip_norm": "longest gradient",
    "clip_value": "largest derivative",
    "max_norm": "max-norm",
    "schedule": "schedule",
    "schedule_epochs": "schedule epochs",
    "schedule_factor": "schedule factor",
    "warmup_epochs": "warm-up epochs",
    "huber_delta": "Huber δ",
    "label_smoothing": "label smoothing",
    "class_weights": "class weights",
    "initializer": "initialiser",
    "initial_value": "initial value",
    "shuffle": "shuffling",
    "precision": "precision",
    "early_stopping": "early stopping",
    "patience": "patience",
    "min_improvement": "least improvement",
    "stop_epoch": "last epoch",
    "stop_seconds": "most seconds",
    "stop_loss": "loss to stop at",
    "dropout": "dropout rate",
}
"""Names of settings for people, by name."""


def value_words(value: Any, name: str = "") -> str:
    """A value as people read it; for names in a table (of the setting ``name``), the title."""
    table = _TABLES.get(name, {})
    if isinstance(value, str) and value in table:
        return str(table[value].title)
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, tuple):
        return " : ".join(value_words(part) for part in value) or "alike"
    return str(value)


def setting_phrase(settings: Mapping[str, Any]) -> str:
    """Settings in running text: "learning rate 0.1, optimiser Adam"."""
    return ", ".join(
        f"{SETTING_TITLES.get(name, name)} {value_words(value, name)}"
        for name, value in settings.items()
    )


_TABLES: Final[Mapping[str, Mapping[str, Any]]] = {
    "initializer": INITIALIZERS,
    "loss": LOSSES,
    "optimizer": OPTIMIZERS,
    "schedule": SCHEDULES,
}
