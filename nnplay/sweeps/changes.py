"""How a run's document comes about: settings put in, and everything drawn anew from a seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, Final, Literal

import numpy as np

from nnplay.core.config import TrainingConfig, TrainingState
from nnplay.core.errors import TrainingError
from nnplay.core.history import History
from nnplay.core.initializers import draw_parameters
from nnplay.core.network import Network
from nnplay.core.topology import Kind
from nnplay.document import Document
from nnplay.headless import redrawn, with_dead_links_on

__all__ = ["SETTINGS", "Redraw", "restarted", "with_dropout", "with_settings"]

Redraw = Literal["weights", "everything"]

SETTINGS: Final = (
    *(field.name for field in fields(TrainingConfig) if field.name != "shuffle_seed"),
    "dropout",
)
"""Names of what can be set: the fields of :class:`TrainingConfig` (shuffling has the run's seed),
and ``dropout``, one rate for all hidden neurons."""


def with_settings(document: Document, settings: Mapping[str, Any]) -> Document:
    """The document with other settings; they are checked when training begins.

    Raises:
        TrainingError: there is no setting of such a name, or a dropout rate is none.
    """
    for name in settings:
        if name not in SETTINGS:
            raise TrainingError(
                f"There is no training setting “{name}”. There are {', '.join(SETTINGS)}."
            )
    chosen = dict(settings)
    rate = chosen.pop("dropout", None)
    try:
        document = replace(document, training=replace(document.training, **chosen))
    except (TypeError, ValueError):
        raise TrainingError("The class weights must be a list of numbers.") from None
    if rate is not None:
        document = document.with_network(with_dropout(document.network, rate))
    return document


def with_dropout(network: Network, rate: float) -> Network:
    """The network with one dropout rate, 0 ≤ rate < 1, for all hidden neurons.

    Raises:
        TrainingError: the rate lies outside.
    """
    if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0.0 <= rate < 1.0:
        raise TrainingError(f"The dropout rate must be at least 0 and less than 1, not {rate}.")
    rates = np.where(network.topology.kinds == Kind.HIDDEN, float(rate), network.dropout)
    rates.flags.writeable = False
    return replace(network, dropout=rates)


def restarted(document: Document, seed: int, redraw: Redraw = "weights") -> Document:
    """The document before any training, with chance of its own.

    Args:
        document: what to begin anew.
        seed: which chance. A document's own initial weights are those of draw 0.
        redraw: ``weights``: data and split stay; the initial weights are draw number ``seed`` of
            the document's seed (locked parameters keep their values), and ``seed`` drives
            shuffling and dropout. ``everything``: ``seed`` becomes the document's seed, so that
            generated data, split, weights and shuffling all change.
    """
    if redraw == "everything":
        return redrawn(document, seed)
    network = with_dead_links_on(document)
    training = document.training
    theta = draw_parameters(
        network, training.initializer, document.seed, seed, value=training.initial_value
    )
    network = network.with_theta(np.where(network.frozen, network.theta, theta))
    return replace(
        document,
        network=network,
        initial=network.theta,
        training=replace(training, shuffle_seed=seed),
        draw=seed,
        state=TrainingState(),
        history=History(),
    )
