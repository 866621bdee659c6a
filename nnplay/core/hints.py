"""Advice about choices that are allowed but seldom wise. Nothing here stops a training.

What cannot work at all is refused by :mod:`nnplay.core.checks`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from nnplay.core.activations import ACTIVATIONS
from nnplay.core.config import TrainingConfig
from nnplay.core.losses import LOSSES
from nnplay.core.network import Network
from nnplay.core.optimizers import OPTIMIZERS
from nnplay.core.plain_numbers import plain_number
from nnplay.core.samples import Samples
from nnplay.core.topology import Kind, capitalise

__all__ = ["Hint", "training_hints"]

_SQUARED: Final = ("half_squared", "mse")
_DISTANCES: Final = (*_SQUARED, "mae", "huber")
# Steps as long as slopes are steep; the others' steps are about as long as the rate itself.
_STEPPED_BY_SLOPE: Final = ("sgd", "momentum", "nesterov", "lbfgs")
_LARGEST_RATE: Final = 3.0
_LARGEST_STEP: Final = 1.0
_SMALLEST_RATE: Final = 1e-6
_NAMES: Final = 3


@dataclass(frozen=True)
class Hint:
    """One piece of advice.

    Attributes:
        key: what it is about; the same advice always has the same key.
        sentence: the advice, for people.
        remedy: changes that follow it: names of training settings with their new values, or
            ``output_activation`` with an activation for all outputs. None if there is no simple one.
    """

    key: str
    sentence: str
    remedy: dict[str, Any] | None = None


def training_hints(
    network: Network, config: TrainingConfig, samples: Samples | None = None
) -> tuple[Hint, ...]:
    """What is worth saying about a network and its training settings, most important first.

    Args:
        network: the network.
        config: training settings with known names.
        samples: the training part; without it, nothing is said about targets and batches.

    Takes a few passes over connections and targets at most.
    """
    return (
        *_about_wiring(network),
        *_about_outputs(network, config, samples),
        *_about_learning_rate(config),
        *_about_settings(network, config, samples),
    )


def _about_wiring(network: Network) -> Iterator[Hint]:
    if network.theta.size and (network.frozen | ~network.enabled).all():
        yield Hint(
            "all_frozen",
            "Every weight and bias is locked or switched off, so training changes nothing; unlock "
            "some of them.",
        )
    topology = network.topology
    reached = _reached(network)
    lost = [i for i in topology.output_ids if not reached[topology.row(i)]]
    if lost:
        names = _names(network, lost)
        yield Hint(
            "disconnected_outputs",
            f"{capitalise(names)} {'is' if len(lost) == 1 else 'are'} not connected to any input "
            "and can only learn a constant; add connections.",
        )
    on = network.neuron_enabled & (topology.kinds == Kind.HIDDEN)
    steps = [
        int(topology.ids[row])
        for row in np.flatnonzero(on).tolist()
        if network.activations[row] == "step"
    ]
    if steps:
        yield Hint(
            "step_hidden",
            f"{capitalise(_names(network, steps))} {'has' if len(steps) == 1 else 'have'} the step "
            "function, whose slope is 0 everywhere: the weights into such neurons never change. "
            "Sigmoid is its smooth relative.",
        )


def _about_outputs(
    network: Network, config: TrainingConfig, samples: Samples | None
) -> Iterator[Hint]:
    present = set(network.output_activations)
    loss = config.loss
    if not present or loss not in LOSSES:
        return
    title = LOSSES[loss].title
    whole_group = present == {"softmax"} and len(network.topology.output_ids) > 1
    if "step" in present and not LOSSES[loss].wants_logits:
        yield Hint(
            "step_output",
            "The step function's slope is 0 everywhere, so outputs that have it learn nothing; "
            "sigmoid is its smooth relative.",
            {"output_activation": "sigmoid"},
        )
    if "softmax" in present and loss in _DISTANCES:
        yield Hint(
            "softmax_squared",
            f"Softmax outputs learn slowly with {title}: where they are surely wrong, its gradient "
            "is almost 0. Softmax cross-entropy is made for them.",
            {"loss": "softmax_cross_entropy"} if whole_group else None,
        )
    is_classes = samples is not None and samples.classes is not None
    if present == {"sigmoid"} and loss in _DISTANCES and is_classes:
        yield Hint(
            "sigmoid_squared",
            f"Sigmoid outputs tell classes apart more quickly with Binary cross-entropy than with "
            f"{title}, whose gradient is almost 0 where they are surely wrong.",
            {"loss": "binary_cross_entropy"},
        )
    if loss == "hinge":
        short = [n for n in network.output_activations if not _reaches(n, -1.0, 1.0)]
        if short:
            yield Hint(
                "hinge_range",
                f"Hinge wants outputs of −1 and below or 1 and above, but {_title(short[0])} goes "
                f"{_range_words(short[0])}; linear outputs reach both.",
                {"output_activation": "linear"},
            )
    elif samples is not None and samples.values is not None and not LOSSES[loss].wants_logits:
        yield from _about_range(network, samples.values)


def _about_range(network: Network, values: npt.NDArray[np.float64]) -> Iterator[Hint]:
    names = network.output_activations
    if not values.size or values.shape[1:] != (len(names),):
        return
    for name, low, high in zip(
        names, values.min(axis=0).tolist(), values.max(axis=0).tolist(), strict=True
    ):
        if not _reaches(name, low, high):
            yield Hint(
                "output_range",
                f"The targets reach from {_number(low)} to {_number(high)}, but {_title(name)} "
                f"outputs go {_range_words(name)}, so some cannot be learned; linear outputs reach "
                "all of them.",
                {"output_activation": "linear"},
            )
            return


def _about_learning_rate(config: TrainingConfig) -> Iterator[Hint]:
    rate, known = config.learning_rate, OPTIMIZERS.get(config.optimizer)
    if known is None:
        return
    usual = known.usual_rate
    if rate > (_LARGEST_RATE if config.optimizer in _STEPPED_BY_SLOPE else _LARGEST_STEP):
        yield Hint(
            "learning_rate_large",
            f"A learning rate of {plain_number(rate)} is very large for {known.title}: weights will probably "
            f"jump about or grow without end. {plain_number(usual)} is a usual start.",
            {"learning_rate": usual},
        )
    elif 0.0 < rate < _SMALLEST_RATE:
        yield Hint(
            "learning_rate_small",
            f"A learning rate of {plain_number(rate)} is so small that nothing will seem to move; {plain_number(usual)} is "
            "a usual start.",
            {"learning_rate": usual},
        )


def _about_settings(
    network: Network, config: TrainingConfig, samples: Samples | None
) -> Iterator[Hint]:
    if config.optimizer == "lbfgs":
        if samples is not None and config.batch_size < len(samples):
            yield Hint(
                "lbfgs_batches",
                "L-BFGS learns the curve of the loss from one step to the next, which batches of "
                "different samples spoil; let a batch hold all samples.",
                {"batch_size": len(samples)},
            )
        hidden = network.neuron_enabled & (network.topology.kinds == Kind.HIDDEN)
        if (network.dropout[hidden] > 0.0).any():
            yield Hint(
                "lbfgs_dropout",
                "L-BFGS learns the curve of the loss from one step to the next, which dropout "
                "spoils, as it trains another network in every step; set dropout to 0, or choose "
                "Adam.",
                {"optimizer": "adam", "learning_rate": OPTIMIZERS["adam"].usual_rate},
            )
    numeric = samples is not None and samples.classes is None
    smooths = config.loss in LOSSES and LOSSES[config.loss].smooths_labels
    if config.label_smoothing > 0.0 and (numeric or not smooths):
        why = "numeric targets" if numeric else LOSSES[config.loss].title
        yield Hint(
            "smoothing_unused",
            f"Label smoothing has no effect on {why}; it belongs to classes and cross-entropies.",
            {"label_smoothing": 0.0},
        )
    if config.class_weights and numeric:
        yield Hint(
            "class_weights_unused",
            "Class weights have no effect on numeric targets.",
            {"class_weights": ()},
        )


# ---------------------------------------------------------------- helpers
def _reached(network: Network) -> npt.NDArray[np.bool_]:
    """``bool[N]``: which neurons an input has a say in, along what is switched on."""
    topology = network.topology
    on = network.neuron_enabled
    reached: npt.NDArray[np.bool_] = (topology.kinds == Kind.INPUT) & on
    edges = topology.edge_rows[network.enabled[: topology.edge_count]]
    levels = topology.levels[edges[:, 1]]
    order = np.argsort(levels, kind="stable")
    for part in np.split(order, np.flatnonzero(np.diff(levels[order])) + 1):
        sources, targets = edges[part].T
        reached[targets[reached[sources]]] = True
        reached &= on
    return reached


def _reaches(activation: str, low: float, high: float) -> bool:
    known = ACTIVATIONS.get(activation)
    return known is None or (known.range[0] <= low and high <= known.range[1])


def _range_words(activation: str) -> str:
    low, high = ACTIVATIONS[activation].range
    if not np.isfinite(high):
        return f"no lower than {_number(low)}"
    return f"from {_number(low)} to {_number(high)} only"


def _number(value: float) -> str:
    return f"{value:.3g}".replace("-", "−")


def _title(activation: str) -> str:
    return ACTIVATIONS[activation].title if activation in ACTIVATIONS else activation


def _names(network: Network, ids: list[int]) -> str:
    names = [network.name_of(i) for i in ids[:_NAMES]]
    if len(ids) > _NAMES:
        return f"{', '.join(names)} and {len(ids) - _NAMES} more"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
