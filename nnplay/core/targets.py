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
from nnplay.core.plain_numbers import plain_number
from nnplay.core.samples import Samples

__all__ = [
    "PairingProblem",
    "accuracy",
    "class_codes",
    "default_loss",
    "encode_targets",
    "pairing_problem",
    "predicted_classes",
    "sample_weights",
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
    more. The other losses go with anything, wisely or not (see :mod:`nnplay.core.hints`).
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


def class_codes(activations: Sequence[str], loss: str) -> tuple[FloatArray, FloatArray]:
    """The number for "not this class" and for "this class", each ``float64[outputs]``.

    Outputs with an unknown activation count as unsigned (0 and 1).
    """
    on = np.ones(len(activations))
    fixed = LOSSES[loss].class_codes if loss in LOSSES else None
    if fixed is not None:
        return fixed[0] * on, fixed[1] * on
    off = [
        -1.0 if name in ACTIVATIONS and ACTIVATIONS[name].signed else 0.0 for name in activations
    ]
    return np.array(off), on


def encode_targets(
    samples: Samples,
    network: Network,
    loss: str,
    *,
    label_smoothing: float = 0.0,
    class_weights: Sequence[float] = (),
) -> FloatArray:
    """What the outputs should give, ``float64[n, outputs]`` in output order.

    Numeric targets are used as they are. A class becomes 1 at its output and, at the others, -1
    for activations that reach below zero (linear, tanh) or 0 for the rest and for cross-entropies;
    hinge always takes -1 and 1. A single output stands for the class with index 1.

    Args:
        samples: where the classes or values come from.
        network: tells number and activations of the outputs.
        loss: name in the loss table.
        label_smoothing: share s of a class target that is spread over all classes, in [0, 1):
            y' = (1 - s)·y + s / classes (a single output: + s / 2). Cross-entropies only.
        class_weights: one weight per class, or nothing. In ``softmax_cross_entropy`` every column
            is multiplied by its class's weight, as PyTorch does with smoothed targets; the other
            losses take weights through :func:`sample_weights`.

    Raises :class:`TrainingError` when the numbers of outputs, targets or weights differ or numeric
    targets lie outside what the loss is defined for.
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
    weights = _checked_weights(samples, class_weights)
    off, on = class_codes(network.output_activations, loss)
    columns = np.array([1]) if outputs == 1 else np.arange(outputs)
    targets = np.where(samples.classes[:, None] == columns, on, off)
    known = LOSSES.get(loss)
    if label_smoothing and known is not None and known.smooths_labels:
        targets = (1.0 - label_smoothing) * targets + label_smoothing / max(2, outputs)
    if weights is not None and known is not None and known.weights_in_targets:
        targets = targets * weights[columns]
    return targets


def sample_weights(
    samples: Samples, loss: str, class_weights: Sequence[float]
) -> FloatArray | None:
    """Weight of each sample's loss, ``float64[n]``: that of its class.

    None if all count alike: without weights, and for numeric targets. The loss of a batch is
    divided by the sum of its weights, with ``softmax_cross_entropy`` too, whose targets contain
    the weights already (see :mod:`nnplay.core.losses`).

    Raises :class:`TrainingError` unless there is one finite weight above 0 per class.
    """
    weights = _checked_weights(samples, class_weights)
    if weights is None or samples.classes is None:
        return None
    return weights[samples.classes]


def _checked_weights(samples: Samples, class_weights: Sequence[float]) -> FloatArray | None:
    if not len(class_weights) or samples.classes is None:
        return None
    weights = np.array(class_weights, dtype=np.float64)
    count, classes = weights.size, samples.class_count
    if count != classes:
        raise TrainingError(
            f"There {'is' if count == 1 else 'are'} {count} class weight"
            f"{'' if count == 1 else 's'}, but the data have {classes} classes; give one weight "
            "per class, or none."
        )
    if not (np.isfinite(weights) & (weights > 0.0)).all():
        raise TrainingError("Every class weight must be a number above 0.")
    return weights


def _checked_values(values: FloatArray | None, count: int, outputs: int, loss: str) -> FloatArray:
    if values is None:
        raise TrainingError("The data have no target to learn; choose a target column.")
    if values.shape != (count, outputs):
        columns = values.shape[1] if values.ndim == 2 else 1
        raise TrainingError(
            f"The data have {columns} target column{'s' if columns != 1 else ''}, but the network "
            f"has {outputs} output{'s' if outputs != 1 else ''}."
        )
    if loss not in LOSSES:
        return values
    title, codes = LOSSES[loss].title, LOSSES[loss].class_codes
    if LOSSES[loss].wants_logits:
        row = _first_row(~((values >= 0.0) & (values <= 1.0)))
        if row is not None:
            raise TrainingError(
                f"{title} needs targets between 0 and 1, but row {row + 1} has "
                f"{_listed(values[row])}; use a squared loss."
            )
    elif codes is not None:
        row = _first_row((values != codes[0]) & (values != codes[1]))
        if row is not None:
            raise TrainingError(
                f"{title} needs targets that are −1 or 1, but row {row + 1} has "
                f"{_listed(values[row])}; use a squared loss."
            )
    if loss == "softmax_cross_entropy":
        row = _first_row(~np.isclose(values.sum(axis=1, keepdims=True), 1.0))
        if row is not None:
            raise TrainingError(
                f"{title} needs targets that add up to 1 in every sample, but row {row + 1} has "
                f"{_listed(values[row])}; use a squared loss."
            )
    return values


def _first_row(wrong: npt.NDArray[np.bool_]) -> int | None:
    rows = np.flatnonzero(wrong.any(axis=1))
    return int(rows[0]) if rows.size else None


def _listed(values: FloatArray) -> str:
    text = ", ".join(plain_number(value) for value in values[:4].tolist())
    return text + (" …" if values.size > 4 else "")


def predicted_classes(outputs: FloatArray, network: Network, loss: str) -> IntArray:
    """Class index per sample, ``int64[n]``, from outputs ``float64[n, outputs]``.

    A single output means class 1 above the middle of its two codes (0 for -1 and +1, which
    hinge always has, 0.5 for 0 and 1); several outputs mean the largest one.
    """
    off, on = class_codes(network.output_activations, loss)
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
