"""The training settings as options: one table for ``train`` and ``sweep``."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from nnplay.cli.arguments import Parser, name_from, number, positive_number, whole_number
from nnplay.core.initializers import INITIALIZERS
from nnplay.core.losses import LOSSES
from nnplay.core.optimizers import OPTIMIZERS
from nnplay.core.schedules import SCHEDULES

__all__ = ["OPTIONS", "Option", "add_settings", "given_settings", "option_for"]


@dataclass(frozen=True)
class Option:
    """A setting as an option.

    Attributes:
        name: without dashes, as after ``--`` and in ``--set``.
        field: the setting.
        parse: its value from text; raises :class:`argparse.ArgumentTypeError` with a sentence.
        metavar: placeholder in help texts.
        help: what it is.
    """

    name: str
    field: str
    parse: Callable[[str], Any]
    metavar: str
    help: str


def _switch(text: str) -> bool:
    """On or off."""
    words = {"yes": True, "on": True, "true": True, "no": False, "off": False, "false": False}
    if text.strip().lower() not in words:
        raise argparse.ArgumentTypeError(f"“{text}” is neither yes nor no.")
    return words[text.strip().lower()]


def _weights(text: str) -> tuple[float, ...]:
    """Class weights such as ``1,2``, ``0,5;1`` or ``1:2``."""
    if not text.strip():
        return ()
    separator = next((mark for mark in ":;" if mark in text), ",")
    return tuple(positive_number(part) for part in text.split(separator))


_PRECISIONS: Final = ("float64", "float32")

OPTIONS: Final = (
    Option("lr", "learning_rate", positive_number, "RATE", "learning rate"),
    Option("optimizer", "optimizer", name_from(OPTIMIZERS, "optimiser"), "NAME", "optimiser"),
    Option("batch", "batch_size", whole_number(1), "N", "samples per step"),
    Option("loss", "loss", name_from(LOSSES, "loss"), "NAME", "what training makes small"),
    Option("momentum", "momentum", number, "RATE", "of momentum and nesterov"),
    Option("dampening", "dampening", number, "RATE", "of momentum"),
    Option("beta1", "beta1", number, "RATE", "of adam and adamw"),
    Option("beta2", "beta2", number, "RATE", "of adam and adamw"),
    Option("epsilon", "epsilon", positive_number, "NUMBER", "of adaptive optimisers"),
    Option("rms-decay", "rms_decay", number, "RATE", "of rmsprop"),
    Option("weight-decay", "weight_decay", number, "RATE", "of adamw"),
    Option("l1", "l1", number, "RATE", "penalty on |w|"),
    Option("l2", "l2", number, "RATE", "penalty on w²/2"),
    Option("l1-dead-links", "l1_dead_links", _switch, "", "L1 switches off links it makes 0"),
    Option("dropout", "dropout", number, "RATE", "of all hidden neurons"),
    Option("max-norm", "max_norm", number, "LENGTH", "longest incoming weights; 0: any"),
    Option("clip-norm", "clip_norm", number, "LENGTH", "longest gradient; 0: any"),
    Option("clip-value", "clip_value", number, "SIZE", "largest derivative; 0: any"),
    Option("schedule", "schedule", name_from(SCHEDULES, "schedule"), "NAME", "of the rate"),
    Option("schedule-epochs", "schedule_epochs", whole_number(1), "N", "its length or period"),
    Option("schedule-factor", "schedule_factor", number, "FACTOR", "what it multiplies by"),
    Option("warmup-epochs", "warmup_epochs", whole_number(0), "N", "the rate rises for so long"),
    Option("huber-delta", "huber_delta", positive_number, "NUMBER", "of the huber loss"),
    Option("label-smoothing", "label_smoothing", number, "SHARE", "of class targets"),
    Option("class-weights", "class_weights", _weights, "W,W,…", "one per class"),
    Option("initializer", "initializer", name_from(INITIALIZERS, "initialiser"), "NAME", "weights"),
    Option("initial-value", "initial_value", number, "NUMBER", "of the constant initialiser"),
    Option("shuffle", "shuffle", _switch, "", "a new order of samples every epoch"),
    Option("precision", "precision", name_from(_PRECISIONS, "precision"), "NAME", "of numbers"),
    Option("early-stopping", "early_stopping", _switch, "", "stop without improvement"),
    Option("patience", "patience", whole_number(1), "EPOCHS", "how long to wait for one"),
    Option("min-improvement", "min_improvement", number, "NUMBER", "what counts as one"),
    Option("stop-epoch", "stop_epoch", whole_number(0), "N", "stop there; 0: do not"),
    Option("stop-seconds", "stop_seconds", number, "SECONDS", "stop after these; 0: do not"),
    Option("stop-loss", "stop_loss", number, "LOSS", "training loss to stop at; 0: do not"),
)
"""All settings, in the order of help texts."""


def option_for(name: str) -> Option | None:
    """The option of a name, with ``-`` or ``_``, also by the name of its setting."""
    plain = name.strip().lower().removeprefix("--").replace("_", "-")
    for option in OPTIONS:
        if plain in (option.name, option.field.replace("_", "-")):
            return option
    return None


def add_settings(parser: Parser) -> None:
    """Declare an option for every setting."""
    group = parser.add_argument_group("settings")
    for option in OPTIONS:
        if option.parse is _switch:
            group.add_argument(
                f"--{option.name}",
                dest=option.field,
                action=argparse.BooleanOptionalAction,
                default=None,
                help=option.help,
            )
        else:
            group.add_argument(
                f"--{option.name}",
                dest=option.field,
                type=option.parse,
                metavar=option.metavar,
                help=option.help,
            )


def given_settings(arguments: argparse.Namespace) -> dict[str, Any]:
    """The settings that were given, by name."""
    values = {option.field: getattr(arguments, option.field) for option in OPTIONS}
    return {name: value for name, value in values.items() if value is not None}
