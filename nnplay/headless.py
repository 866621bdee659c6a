"""Training a whole document without a window: for the command line and for Python."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nnplay.core.config import DEAD_LINKS, TrainingConfig, TrainingState
from nnplay.core.engine import Backend
from nnplay.core.errors import TrainingError
from nnplay.core.evaluation import Evaluation
from nnplay.core.history import HISTORY_LIMIT, EpochRecord, History
from nnplay.core.initializers import draw_parameters
from nnplay.core.network import Network
from nnplay.core.stopping import Stopper
from nnplay.core.training import Diverged, Trainer
from nnplay.data.preparation import prepare
from nnplay.document import Document

__all__ = ["TrainingResult", "redrawn", "train", "trainer_of", "with_dead_links_on"]


@dataclass(frozen=True, eq=False)
class TrainingResult:
    """What came of training a document.

    Attributes:
        document: the document after training. After divergence it holds the last finite weights.
        records: losses before the first epoch and after each.
        evaluation: losses and accuracies on both parts, at the end.
        diverged: None, or where the numbers grew beyond all bounds.
        stopped: None, or which condition ended it, as a sentence.
        backend: what computed, ``numpy`` or ``compiled``.
    """

    document: Document
    records: tuple[EpochRecord, ...]
    evaluation: Evaluation
    diverged: Diverged | None
    stopped: str | None = None
    backend: str = "numpy"

    @property
    def epochs(self) -> int:
        """Epochs that were completed."""
        return len(self.records) - 1


def trainer_of(document: Document, backend: str = "numpy") -> Trainer:
    """A trainer that goes on from where a document stands, on the document's own data.

    Its network, state and settings are later read from it; the document itself never changes.

    Args:
        document: what to train.
        backend: ``numpy``; ``compiled``, which is much faster for small networks; or ``auto``, which
            takes what suits the network. Compiling takes some seconds the first time ever.

    Raises:
        DataError: the data cannot be made, or do not fit the network's inputs and outputs.
        TrainingError: network, data and settings do not go together.
    """
    data = prepare(document.data, document.preparation, document.seed)
    train_samples, test_samples = data.train_and_test(document.network)
    return Trainer(
        document.network,
        (train_samples, test_samples),
        document.training,
        seed=document.seed,
        state=document.state,
        backend=_backend(backend),
    )


def _backend(name: str) -> Backend | None:
    if name == "numpy":
        return None
    from nnplay.compiled import choose  # numba takes its time

    return choose(name, wait=True)


def train(
    document: Document,
    epochs: int = 100,
    *,
    on_epoch: Callable[[EpochRecord], object] | None = None,
    backend: str = "numpy",
    **settings: Any,
) -> TrainingResult:
    """Train a document, going on from where it stands.

    The same document, epochs and settings give the same numbers, bit for bit, however the epochs
    are spread over calls.

    Args:
        document: what to train; it is not changed.
        epochs: how many times to go through the training part; a begun epoch counts as one.
        on_epoch: called after every epoch; it ends training by returning True.
        backend: what computes, see :func:`trainer_of`.
        settings: fields of :class:`TrainingConfig` to change first (``learning_rate=0.1``).

    Raises:
        DataError: the data cannot be made, or do not fit the network's inputs and outputs.
        TrainingError: network, data and settings do not go together, or an unknown setting.
    """
    trainer = trainer_of(document, backend)
    config = _changed(document.training, settings)
    if config != document.training:
        trainer.set_config(config)
    before = trainer.present_losses()
    records = [] if before is None else [before]

    stopper = Stopper(config, trainer.has_test)
    began, stop = time.perf_counter(), stopper.before(trainer.epoch)

    def keep(record: EpochRecord) -> bool:
        nonlocal stop
        records.append(record)
        ends = on_epoch is not None and on_epoch(record) is True
        seconds = time.perf_counter() - began
        stop = stopper.look(record, lambda: (trainer.theta, trainer.state), seconds)
        return ends or stop is not None

    outcome = trainer.run(epochs if stop is None else 0, keep)
    if stop is not None and stop.best is not None:
        trainer.take_back(*stop.best)
    # A document that was trained before has the row its records begin with.
    rows = records[1:] if len(document.history) else records
    trained = replace(
        document,
        network=trainer.network,
        training=config,
        state=trainer.state,
        history=document.history.append_many(rows).decimated(HISTORY_LIMIT),
    )
    return TrainingResult(
        trained,
        tuple(records),
        trainer.evaluate(),
        outcome if isinstance(outcome, Diverged) else None,
        None if stop is None else stop.sentence,
        trainer.backend_name,
    )


def _changed(config: TrainingConfig, settings: dict[str, Any]) -> TrainingConfig:
    try:
        return replace(config, **settings)
    except (TypeError, ValueError):
        unknown = sorted(set(settings) - set(vars(config)))
        if not unknown:
            raise TrainingError("The class weights must be a list of numbers.") from None
        raise TrainingError(
            f"There is no training setting “{unknown[0]}”. There are {', '.join(vars(config))}."
        ) from None


def with_dead_links_on(document: Document) -> Network:
    """The network with the connections on again that L1 has switched off in training."""
    if DEAD_LINKS not in document.state.optimizer_arrays:
        return document.network
    dead = np.flatnonzero(document.state.optimizer_arrays[DEAD_LINKS])
    return document.network.set_enabled(dead.tolist(), True)


def redrawn(document: Document, seed: int | None = None) -> Document:
    """The document before any training, with data, split and weights drawn from a seed.

    Args:
        document: what to begin anew.
        seed: the seed from now on; None keeps the document's.
    """
    chosen = document.seed if seed is None else seed
    training, network = document.training, with_dead_links_on(document)
    drawn = draw_parameters(network, training.initializer, chosen, 0, value=training.initial_value)
    # Locked parameters keep their values, as in the window.
    network = network.with_theta(np.where(network.frozen, network.theta, drawn))
    return replace(
        document,
        network=network,
        initial=network.theta,
        training=replace(document.training, shuffle_seed=None),
        seed=chosen,
        draw=0,
        state=TrainingState(),
        history=History(),
    )
