"""A trainer for the search of a learning rate that is not misled by chance."""

from __future__ import annotations

from typing import Final

from nnplay.core.training import Trainer

__all__ = ["RateProbe"]

MOST_SAMPLES: Final = 20_000


class RateProbe:
    """Trains by mini-batches and answers with the loss over all training samples.

    The loss of one mini-batch jumps more from one to the next than a whole search changes it, and
    the search would follow the jumps. With more than :data:`MOST_SAMPLES` samples the loss of the
    mini-batch has to do, because looking at all of them would take too long.

    Args:
        trainer: what to train; it is used up by the search.
    """

    def __init__(self, trainer: Trainer) -> None:
        self._trainer = trainer
        samples = trainer.batches_per_epoch * trainer.config.batch_size
        self._sees_all = samples <= MOST_SAMPLES

    @property
    def diverged(self) -> object:
        """None, or where the numbers grew beyond all bounds."""
        return self._trainer.diverged

    def step(self, rate: float | None = None) -> float:
        """Train one mini-batch with a rate; returns the loss after it."""
        loss = self._trainer.step(rate)
        if not self._sees_all:
            return loss
        losses = self._trainer.present_losses()
        return loss if losses is None else losses.loss_train
