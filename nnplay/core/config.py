"""How a network is trained, and how far training has come, as immutable values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from numbers import Real
from typing import Any, Final

import numpy as np
import numpy.typing as npt

__all__ = [
    "DEAD_LINKS",
    "LossChoice",
    "LossSettings",
    "TrainingConfig",
    "TrainingState",
    "as_whole_number",
    "carried_state",
    "loss_settings",
]

FloatArray = npt.NDArray[np.float64]

DEAD_LINKS: Final = "dead_links"
"""Name of the vector that remembers which connections L1 has switched off (1), until a reset."""


def as_whole_number(value: Any) -> Any:
    """A whole number of any type (8, 8.0, NumPy's 8) as ``int``.

    Anything else comes back unchanged, for checks to refuse.
    """
    is_whole = type(value) is not bool and isinstance(value, Real) and value % 1 == 0
    return int(value) if is_whole else value


@dataclass(frozen=True)
class LossSettings:
    """A loss and what it can be told; see :class:`TrainingConfig` for the meanings."""

    name: str
    huber_delta: float = 1.0
    label_smoothing: float = 0.0
    class_weights: tuple[float, ...] = ()


@dataclass(frozen=True)
class TrainingConfig:
    """Everything the training panel offers. Defaults are those of the standard playground.

    Attributes:
        loss: name in the loss table.
        optimizer: name in the optimiser table.
        learning_rate: step size, > 0; the schedule multiplies it.
        momentum: velocity kept from step to step (``momentum``, ``nesterov``), in [0, 1).
        dampening: share of the gradient that ``momentum`` leaves out of its velocity, in [0, 1].
        beta1, beta2, epsilon: decay rates of Adam and AdamW, and the number that keeps all
            adaptive optimisers from dividing by 0.
        rms_decay: memory of squared gradients in ``rmsprop``, in [0, 1) (PyTorch's alpha).
        weight_decay: ``adamw``'s decoupled decay of weights, >= 0 (biases never decay).
        batch_size: samples per step, >= 1; the last batch of an epoch may be shorter.
        l1, l2: penalty rates on weights (biases are never penalised): l1·Σ|w| + l2·½Σw².
        l1_dead_links: the standard playground's L1: a weight that the penalty would carry across
            zero becomes 0 and its connection is switched off.
        clip_norm: longest gradient over all parameters together; 0 is no limit.
        clip_value: largest size of each single derivative; 0 is no limit.
        max_norm: longest vector of incoming weights of a neuron after each step; 0 is no limit.
        schedule: name in the table of schedules: how the learning rate changes over epochs.
        schedule_epochs: its length or period in epochs (``plateau``: its patience), >= 1.
        schedule_factor: what it multiplies by (``step``, ``exponential``, ``plateau``), or the
            share of the rate it ends at (``cosine``), in (0, 1] (``cosine``: [0, 1]).
        warmup_epochs: epochs over which the rate rises to its full size in front of any schedule.
        huber_delta: where ``huber`` turns from squared to absolute, > 0.
        label_smoothing: share of each class target spread over all classes, in [0, 1).
        class_weights: one weight > 0 per class that multiplies its samples' loss; empty: all alike.
        initializer: name in the initialiser table.
        initial_value: every weight of the ``constant`` initialiser.
        shuffle: whether samples are drawn in a new order every epoch.
        shuffle_seed: seed of shuffling; None means the document's seed.
        precision: ``float64``, or ``float32`` for speed in large networks.
        early_stopping: stop when the test loss (without test data: the training loss) has not
            improved for ``patience`` epochs, and return to the best weights.
        patience: epochs without improvement, >= 1.
        min_improvement: how much smaller a loss must be to count as improved, >= 0.
        stop_epoch: epoch to stop at; 0 is no limit.
        stop_seconds: seconds of training to stop after; 0 is no limit.
        stop_loss: training loss at or below which training stops; 0 is no limit.

    Numbers of other types, such as NumPy's, become Python's own, so that equal settings are the
    same bytes in a file. Nothing is checked here (see :func:`nnplay.core.checks.check_config`).
    """

    loss: str = "half_squared"
    optimizer: str = "sgd"
    learning_rate: float = 0.03
    momentum: float = 0.9
    dampening: float = 0.0
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    rms_decay: float = 0.99
    weight_decay: float = 0.01
    batch_size: int = 10
    l1: float = 0.0
    l2: float = 0.0
    l1_dead_links: bool = False
    clip_norm: float = 0.0
    clip_value: float = 0.0
    max_norm: float = 0.0
    schedule: str = "constant"
    schedule_epochs: int = 100
    schedule_factor: float = 0.5
    warmup_epochs: int = 0
    huber_delta: float = 1.0
    label_smoothing: float = 0.0
    class_weights: tuple[float, ...] = ()
    initializer: str = "playground"
    initial_value: float = 0.1
    shuffle: bool = True
    shuffle_seed: int | None = None
    precision: str = "float64"
    early_stopping: bool = False
    patience: int = 20
    min_improvement: float = 0.0
    stop_epoch: int = 0
    stop_seconds: float = 0.0
    stop_loss: float = 0.0

    def __post_init__(self) -> None:
        for field_ in fields(self):
            value = getattr(self, field_.name)
            if isinstance(field_.default, bool):
                if isinstance(value, np.bool_) or (isinstance(value, Real) and value in (0, 1)):
                    object.__setattr__(self, field_.name, bool(value))
            elif isinstance(field_.default, float):
                if type(value) is not bool and isinstance(value, Real):
                    object.__setattr__(self, field_.name, float(value))
            elif isinstance(field_.default, int) or field_.default is None:
                object.__setattr__(self, field_.name, as_whole_number(value))
        object.__setattr__(self, "class_weights", tuple(float(w) for w in self.class_weights))


LossChoice = str | LossSettings | TrainingConfig
"""A loss by name, or with what it is told."""


def loss_settings(loss: LossChoice) -> LossSettings:
    """The loss meant by a name, or by training settings."""
    if isinstance(loss, LossSettings):
        return loss
    if isinstance(loss, str):
        return LossSettings(loss)
    return LossSettings(loss.loss, loss.huber_delta, loss.label_smoothing, loss.class_weights)


@dataclass(frozen=True, eq=False)
class TrainingState:
    """How far training has come, apart from the parameters themselves.

    Attributes:
        step: batches done since the start.
        epoch: complete epochs done.
        batch_in_epoch: batches of the running epoch already done (0 at an epoch's start).
        optimizer_arrays: the optimiser's memory by name, each ``float64[P]`` in compact order
            (momentum: ``velocity``; Adam: ``first_moment``, ``second_moment``; …), read-only.
        optimizer_step: updates since the optimiser's memory was last empty (Adam's t).
        counters: small numbers schedule and optimiser remember, by name (``plateau``: its best
            loss, bad epochs and present factor), finite.
        backend: name of the backend that made the latest step; empty before any.
    """

    step: int = 0
    epoch: int = 0
    batch_in_epoch: int = 0
    optimizer_arrays: Mapping[str, FloatArray] = field(default_factory=dict)
    optimizer_step: int = 0
    counters: Mapping[str, float] = field(default_factory=dict)
    backend: str = ""


def carried_state(
    state: TrainingState, before: TrainingConfig, after: TrainingConfig
) -> TrainingState:
    """What is left of a training state when settings change.

    Another optimiser remembers other things, another schedule too. When the batch size changes
    inside an epoch, the epoch goes on at the last whole new batch, so that no sample is left out.
    """
    moved = state.batch_in_epoch and after.batch_size != before.batch_size
    others = (after.optimizer, after.schedule) != (before.optimizer, before.schedule)
    if not (moved or others):
        return state  # the very same, so that others see that nothing was touched
    arrays, updates, batch = state.optimizer_arrays, state.optimizer_step, state.batch_in_epoch
    counters = state.counters
    if after.optimizer != before.optimizer:
        arrays = {name: values for name, values in arrays.items() if name == DEAD_LINKS}
        counters = {name: value for name, value in counters.items() if name.startswith("plateau")}
        updates = 0
    if after.schedule != before.schedule:
        counters = {
            name: value for name, value in counters.items() if not name.startswith("plateau")
        }
    if moved:
        batch = batch * before.batch_size // after.batch_size
    return replace(
        state,
        batch_in_epoch=batch,
        optimizer_arrays=arrays,
        optimizer_step=updates,
        counters=counters,
    )
