"""Losses and accuracies over whole data sets, in buffers of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from nnplay.core.config import LossChoice, LossSettings, loss_settings
from nnplay.core.engine import Part
from nnplay.core.errors import TrainingError
from nnplay.core.gradient import LossHead
from nnplay.core.losses import LOSSES
from nnplay.core.network import Network
from nnplay.core.parts import make_part
from nnplay.core.program import Program
from nnplay.core.samples import Samples
from nnplay.core.targets import accuracy
from nnplay.core.workspace import Workspace

__all__ = [
    "Evaluation",
    "Evaluator",
    "PartEvaluation",
    "evaluate",
    "evaluate_losses",
    "evaluate_part",
]

Array = npt.NDArray[Any]
FloatArray = npt.NDArray[np.float64]

# Fixed, so that sums never depend on anything but the data.
_CHUNK = 1024


class PartEvaluation(NamedTuple):
    """Loss (without penalty) and accuracy over one part; accuracy is None for numeric targets."""

    loss: float
    accuracy: float | None


@dataclass(frozen=True)
class Evaluation:
    """Losses and accuracies over both parts.

    Attributes:
        loss_train: mean loss over the training part, without penalty.
        loss_test: the same over the test part; NaN without test samples.
        accuracy_train: share of right classes, 0 to 1; None for numeric targets.
        accuracy_test: the same over the test part; None also without test samples.
    """

    loss_train: float
    loss_test: float
    accuracy_train: float | None
    accuracy_test: float | None


class Evaluator:
    """Evaluates one part again and again with the present parameters of a program.

    Args:
        program: gives plan and parameters; only its parameters are read, never its buffers.
        part: the samples.
        settings: the loss.
    """

    def __init__(self, program: Program, part: Part, settings: LossSettings) -> None:
        layout = program.layout
        heads: dict[int, tuple[Workspace, LossHead]] = {}
        self._chunks: list[tuple[Workspace, LossHead, Array, Array, FloatArray | None]] = []
        self._divisor = 0.0
        for start in range(0, len(part), _CHUNK):
            rows = slice(start, min(start + _CHUNK, len(part)))
            count = rows.stop - start
            if count not in heads:
                made = Workspace(program, count, inputs_apart=layout.inputs_apart)
                heads[count] = made, LossHead(made, settings)
            workspace, head = heads[count]
            targets = np.ascontiguousarray(part.targets[:, rows])
            weights = None if part.weights is None else part.weights[rows]
            share = count if weights is None else float(weights.sum())
            self._divisor += head.per_weight * share
            self._chunks.append((workspace, head, part.inputs[rows].T, targets, weights))

    def loss(self, look_around: Callable[[], None] | None = None) -> float:
        """Mean loss without penalty; NaN for no samples.

        Args:
            look_around: called between chunks of samples; may raise to give it up.
        """
        if not self._chunks:
            return float("nan")
        total = 0.0
        for place, (workspace, head, inputs, targets, weights) in enumerate(self._chunks):
            if place and look_around is not None:
                look_around()
            workspace.forward(inputs)
            total += head.total(targets, weights)
        return total / self._divisor

    def outputs(self) -> FloatArray:
        """Outputs ``float64[n, outputs]`` for all samples."""
        found = []
        for workspace, _, inputs, _, _ in self._chunks:
            workspace.forward(inputs)
            found.append(np.array(workspace.outputs(), dtype=np.float64))
        return np.concatenate(found)


def evaluate_part(
    program: Program, network: Network, samples: Samples, settings: LossSettings
) -> PartEvaluation:
    """Loss and accuracy with a program's present parameters; NaN and None for no samples."""
    if not len(samples):
        return PartEvaluation(float("nan"), None)
    part = make_part(samples, network, program.layout, settings, program.dtype)
    evaluator = Evaluator(program, part, settings)
    with np.errstate(all="ignore"):
        loss = evaluator.loss()
        share = accuracy(evaluator.outputs(), samples, network, settings.name)
    return PartEvaluation(loss, share)


def evaluate_losses(network: Network, samples: Samples, loss: LossChoice) -> PartEvaluation:
    """Loss (without penalty) and accuracy of a network over some samples.

    ``loss`` is a name in the loss table, or what tells more about the loss.

    Raises :class:`TrainingError` when they do not go together.
    """
    settings = loss_settings(loss)
    if settings.name not in LOSSES:
        raise TrainingError(
            f"There is no loss “{settings.name}”; choose one of {', '.join(LOSSES)}."
        )
    inputs = len(network.topology.input_ids)
    if samples.inputs.ndim != 2 or samples.inputs.shape[1] != inputs:
        columns = samples.inputs.shape[1] if samples.inputs.ndim == 2 else 1
        raise TrainingError(
            f"The data give {columns} input columns, but the network has {inputs} inputs."
        )
    return evaluate_part(Program(network, 1), network, samples, settings)


def evaluate(
    network: Network,
    train: Samples,
    test: Samples | None,
    loss: LossChoice,
) -> Evaluation:
    """Losses and accuracies of a network over both parts."""
    part = evaluate_losses(network, train, loss)
    other = PartEvaluation(float("nan"), None)
    if test is not None and len(test):
        other = evaluate_losses(network, test, loss)
    return Evaluation(part.loss, other.loss, part.accuracy, other.accuracy)
