"""When training stops by itself: limits, and a loss that has stopped improving.

A :class:`Stopper` is shown every epoch's record by whoever runs a trainer. It looks at whole
epochs, never at slices, so that it stops at the same epoch however steps are grouped.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nnplay.core.config import TrainingConfig, TrainingState
from nnplay.core.history import EpochRecord
from nnplay.core.plain_numbers import plain_number

__all__ = ["Best", "Stop", "Stopper"]

Best = tuple[npt.NDArray[np.float64], TrainingState]
"""Parameters ``float64[P]`` and the state that belongs to them."""


@dataclass(frozen=True, eq=False)
class Stop:
    """Training has stopped by itself.

    Attributes:
        kind: ``loss``, ``early``, ``epoch`` or ``seconds``.
        sentence: what happened, for people.
        best: for ``early``, what the caller returns to: the parameters and the state of the best
            epoch. None if training ends where it stands.
    """

    kind: str
    sentence: str
    best: Best | None = None


class Stopper:
    """Decides after every epoch whether training goes on; belongs to one run.

    Args:
        config: the settings; see their ``stop_…``, ``early_stopping`` and what follows.
        has_test: whether there are test samples. Early stopping then watches the test loss.
    """

    def __init__(self, config: TrainingConfig, has_test: bool) -> None:
        self._config, self._has_test = config, has_test
        self.forget()

    def forget(self) -> None:
        """Begin anew with patience: after edits, losses from before them compare with nothing."""
        self._best: Best | None = None
        self._best_loss, self._best_epoch = math.inf, 0
        self._waited = 0

    def set_config(self, config: TrainingConfig) -> None:
        """Go on with other settings; best weights are forgotten if losses mean something else."""
        if _measure(config) != _measure(self._config):
            self.forget()
        if not config.early_stopping:
            self.forget()
        self._config = config

    def before(self, epoch: int) -> Stop | None:
        """Whether there is nothing to do: the last epoch to train is already done.

        Args:
            epoch: complete epochs done.
        """
        limit = self._config.stop_epoch
        if not limit or epoch < limit:
            return None
        where = "where" if epoch == limit else f"and epoch {limit:,} is where"
        return Stop(
            "epoch",
            f"Training stands at epoch {epoch:,}, {where} it is to stop; raise the limit to train "
            "on.",
        )

    def look(
        self, record: EpochRecord, trainer_state: Callable[[], Best], seconds: float
    ) -> Stop | None:
        """Judge an epoch that has just ended.

        Args:
            record: its losses.
            trainer_state: gives parameters and state at the end of this epoch. It is called only
                when they are the best so far, and what it gives is kept and never changed.
            seconds: time trained in this run.
        """
        config = self._config
        if config.stop_loss and record.loss_train <= config.stop_loss:
            return Stop(
                "loss",
                f"Stopped after epoch {record.epoch:,}: the training loss of "
                f"{plain_number(record.loss_train, 3)} is no larger than the {plain_number(config.stop_loss)} asked for.",
            )
        early = self._look_for_improvement(record, trainer_state) if config.early_stopping else None
        if early is not None:
            return early
        if config.stop_epoch and record.epoch >= config.stop_epoch:
            return Stop("epoch", f"Stopped after epoch {record.epoch:,}, as asked.")
        if config.stop_seconds and seconds >= config.stop_seconds:
            span = _count(config.stop_seconds, "second")
            return Stop(
                "seconds", f"Stopped after epoch {record.epoch:,}: {span} of training are over."
            )
        return None

    def _look_for_improvement(
        self, record: EpochRecord, trainer_state: Callable[[], Best]
    ) -> Stop | None:
        config = self._config
        loss = record.loss_test if self._has_test else record.loss_train
        if loss < self._best_loss - config.min_improvement:
            self._best_loss, self._best_epoch = loss, record.epoch
            self._best, self._waited = trainer_state(), 0
            return None
        self._waited += 1
        if self._waited < config.patience:
            return None
        what = "test" if self._has_test else "training"
        much = (
            f" by more than {plain_number(config.min_improvement)}"
            if config.min_improvement
            else ""
        )
        text = (
            f"Stopped after epoch {record.epoch:,}: the {what} loss has not improved{much} for "
            f"{_count(self._waited, 'epoch')}."
        )
        best = self._best
        if best is not None:
            text += f" The weights of epoch {self._best_epoch:,} are back."
        self.forget()
        return Stop("early", text, best)


def _measure(config: TrainingConfig) -> tuple[Any, ...]:
    """What decides how large losses are."""
    return (config.loss, config.huber_delta, config.label_smoothing, config.class_weights)


def _count(number: float, unit: str) -> str:
    return f"{number:,.15g} {unit}{'' if number == 1 else 's'}"
