"""From classes and values to the numbers the outputs should give, and back to right or wrong.

Data keep class indices; how a class is coded is derived here from the outputs' activations and
the loss, so that changing either never touches the data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nnplay.core.activations import ACTIVATIONS
from nnplay.core.errors import TrainingError
from nnplay.core.losses import LOSSES
from nnplay.core.network import Network
from nnplay.core.samples import Samples

__all__ = [
    "PairingProblem",
    "accuracy",
    "default_loss",
    "encode_targets",
    "pairing_problem",
    "predicted_classes",
]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class PairingProblem:
    """Outputs and loss that do not go together, and two ways out.

    Attributes:
        sentence: what is wrong, for people.
        loss: a loss that goes with the outputs as they are.
        output_activation: the activation the outputs need for the loss as it is, or None if no
            activation would help.
    """

    sentence: str
    loss: str
    output_activation: str | None


def default_loss(output_activation: str, classes: int | None) -> str:
    """The loss that fits outputs with one activation.

    Args:
        output_activation: the outputs' activation.
        classes: number of classes; None or 0 for numeric targets.
    """
    if classes and output_activation == "sigmoid":
        return "binary_cross_entropy"
    if classes and output_activation == "softmax":
        return "softmax_cross_entropy"
    return "half_squared"


def pairing_problem(network: Network, loss: str) -> PairingProblem | None:
    """None if outputs and loss go together, otherwise what is wrong and how to mend it.

    Binary cross-entropy needs sigmoid outputs, softmax cross-entropy a softmax group of two or
    more. The squared losses go with anything.
    """
    needed = LOSSES[loss].output_activation if loss in LOSSES else None
    present = network.output_activations
    if needed is None or not present:
        return None
    kinds = set(present)
    title = LOSSES[loss].title
    if needed == "softmax" and len(present) < 2:
        return PairingProblem(
            f"{title} needs two outputs or more, because a single softmax output is always 1; "
            f"change the loss to {LOSSES['half_squared'].title}, or use one sigmoid output.",
            "half_squared",
            None,
        )
    fitting = default_loss(present[0], 2) if len(kinds) == 1 else "half_squared"
    if fitting == "softmax_cross_entropy" and len(present) < 2:
        fitting = "half_squared"
    if kinds != {needed}:
        other = next(name for name in present if name != needed)
        return PairingProblem(
            f"{title} needs outputs with {ACTIVATIONS[needed].title}, but an output has "
            f"{_title(other)}; change the loss to {LOSSES[fitting].title} or the outputs to "
            f"{ACTIVATIONS[needed].title}.",
            fitting,
            needed,
        )
    return None


def _title(activation: str) -> str:
    return ACTIVATIONS[activation].title if activation in ACTIVATIONS else activation


def _codes(activations: Sequence[str], loss: str) -> tuple[FloatArray, FloatArray]:
    """The number for "not this class" and for "this class", per output."""
    logits = LOSSES[loss].wants_logits if loss in LOSSES else False
    off = [
        -1.0 if name in ACTIVATIONS and ACTIVATIONS[name].signed and not logits else 0.0
        for name in activations
    ]
    return np.array(off), np.ones(len(activations))


def encode_targets(samples: Samples, network: Network, loss: str) -> FloatArray:
    """What the outputs should give, ``float64[n, outputs]`` in output order.

    Numeric targets are used as they are. A class becomes 1 at its output and, at the others, -1
    for activations that reach below zero (linear, tanh) or 0 for the rest and for cross-entropies.
    A single output stands for the class with index 1.

    Raises :class:`TrainingError` when the numbers of outputs and targets differ or numeric targets
    lie outside what the loss is defined for.
    """
    outputs = len(network.topology.output_ids)
    if samples.classes is None:
        return _checked_values(samples.values, len(samples), outputs, loss)
    classes = samples.class_count
    if outputs == 1:
        if classes > 2:
            raise TrainingError(
                f"The data have {classes} classes, but the network has a single output; it needs "
                f"one output per class."
            )
    elif outputs != classes:
        raise TrainingError(
            f"The data have {classes} classes, but the network has {outputs} outputs; it needs "
            "one output per class" + (", or a single one." if classes == 2 else ".")
        )
    off, on = _codes(network.output_activations, loss)
    columns = np.array([1]) if outputs == 1 else np.arange(outputs)
    return np.where(samples.classes[:, None] == columns, on, off)


def _checked_values(values: FloatArray | None, count: int, outputs: int, loss: str) -> FloatArray:
    if values is None:
        raise TrainingError("The data have no target to learn; choose a target column.")
    if values.shape != (count, outputs):
        columns = values.shape[1] if values.ndim == 2 else 1
        raise TrainingError(
            f"The data have {columns} target column{'s' if columns != 1 else ''}, but the network "
            f"has {outputs} output{'s' if outputs != 1 else ''}."
        )
    needs_probabilities = loss in LOSSES and LOSSES[loss].wants_logits
    if needs_probabilities and values.size and (values.min() < 0.0 or values.max() > 1.0):
        raise TrainingError(
            f"{LOSSES[loss].title} needs targets between 0 and 1, but they reach from "
            f"{values.min():g} to {values.max():g}; use a squared loss."
        )
    if loss == "softmax_cross_entropy" and not np.allclose(values.sum(axis=1), 1.0):
        raise TrainingError(
            "Softmax cross-entropy needs targets that add up to 1 in every sample; use a squared "
            "loss."
        )
    return values


def predicted_classes(outputs: FloatArray, network: Network, loss: str) -> IntArray:
    """Class index per sample, ``int64[n]``, from outputs ``float64[n, outputs]``.

    A single output means class 1 above the middle of its two codes (0 for -1 and +1, 0.5 for 0
    and 1); several outputs mean the largest one.
    """
    off, on = _codes(network.output_activations, loss)
    if outputs.shape[1] == 1:
        above: IntArray = (outputs[:, 0] > 0.5 * (off[0] + on[0])).astype(np.int64)
        return above
    # With mixed codes, each output is compared on its own scale.
    scaled = outputs if (off == off[0]).all() else (outputs - off) / (on - off)
    return np.asarray(scaled.argmax(axis=1), dtype=np.int64)


def accuracy(outputs: FloatArray, samples: Samples, network: Network, loss: str) -> float | None:
    """Share of samples whose class is predicted, 0 to 1; None for numeric targets or no samples."""
    if samples.classes is None or not len(samples):
        return None
    return float((predicted_classes(outputs, network, loss) == samples.classes).mean())
