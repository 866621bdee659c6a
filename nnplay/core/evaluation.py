"""Losses and accuracies over whole data sets, in buffers of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from nnplay.core.errors import TrainingError
from nnplay.core.losses import LOSSES
from nnplay.core.network import Network
from nnplay.core.program import LossHead, Program, Workspace
from nnplay.core.samples import Samples
from nnplay.core.targets import accuracy, encode_targets

__all__ = [
    "Evaluation",
    "Evaluator",
    "PartEvaluation",
    "evaluate",
    "evaluate_losses",
    "with_ones",
]

Array = npt.NDArray[Any]

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


def with_ones(inputs: Array, enabled: npt.NDArray[np.bool_], dtype: npt.DTypeLike) -> Array:
    """Inputs ``[n, inputs]`` with a column of ones in front; switched-off inputs are 0."""
    block = np.ones((len(inputs), inputs.shape[1] + 1), dtype=dtype)
    block[:, 1:] = np.where(enabled, inputs, 0.0)
    return block


class Evaluator:
    """Evaluates one part again and again with the present parameters of a program.

    Args:
        program: gives plan and parameters; only its parameters are read, never its buffers.
        network: the network the program was made from.
        samples: the part.
        loss: name in the loss table.
    """

    def __init__(self, program: Program, network: Network, samples: Samples, loss: str) -> None:
        self._samples = samples
        self._network = network
        self._loss = loss
        self._targets = encode_targets(samples, network, loss).astype(program.dtype, copy=False)
        layout = program.layout
        block = with_ones(samples.inputs, layout.input_enabled, program.dtype)
        workspaces: dict[int, tuple[Workspace, LossHead]] = {}
        self._chunks: list[tuple[Workspace, LossHead, Array, Array]] = []
        self._divisor = LOSSES[loss].divisor(max(1, layout.output_places.size), len(samples))
        for start in range(0, len(samples), _CHUNK):
            stop = min(start + _CHUNK, len(samples))
            if stop - start not in workspaces:
                made = Workspace(program, stop - start, inputs_apart=layout.inputs_apart)
                workspaces[stop - start] = made, LossHead(made, LOSSES[loss])
            workspace, head = workspaces[stop - start]
            # Targets lie as the outputs do, which is quickest for the loss.
            targets = np.ascontiguousarray(self._targets[start:stop].T)
            self._chunks.append((workspace, head, block[start:stop].T, targets))

    def loss(self, look_around: Callable[[], None] | None = None) -> float:
        """Mean loss without penalty; NaN for no samples.

        Args:
            look_around: called between chunks of samples; may raise to give it up.
        """
        if not self._chunks:
            return float("nan")
        total = 0.0
        for place, (workspace, head, inputs, targets) in enumerate(self._chunks):
            if place and look_around is not None:
                look_around()
            workspace.forward(inputs)
            total += head.total(targets)
        return total / self._divisor

    def loss_and_accuracy(self) -> PartEvaluation:
        """Mean loss and accuracy."""
        if not self._chunks:
            return PartEvaluation(float("nan"), None)
        total, outputs = 0.0, []
        for workspace, head, inputs, targets in self._chunks:
            workspace.forward(inputs)
            total += head.total(targets)
            outputs.append(np.array(workspace.outputs(), dtype=np.float64))
        share = accuracy(np.concatenate(outputs), self._samples, self._network, self._loss)
        return PartEvaluation(total / self._divisor, share)


def evaluate_losses(network: Network, samples: Samples, loss: str) -> PartEvaluation:
    """Loss (without penalty) and accuracy of a network over some samples.

    Raises :class:`TrainingError` when they do not go together.
    """
    if loss not in LOSSES:
        raise TrainingError(f"There is no loss “{loss}”; choose one of {', '.join(LOSSES)}.")
    inputs = len(network.topology.input_ids)
    if samples.inputs.ndim != 2 or samples.inputs.shape[1] != inputs:
        columns = samples.inputs.shape[1] if samples.inputs.ndim == 2 else 1
        raise TrainingError(
            f"The data give {columns} input columns, but the network has {inputs} inputs."
        )
    program = Program(network, 1)
    with np.errstate(all="ignore"):
        return Evaluator(program, network, samples, loss).loss_and_accuracy()


def evaluate(network: Network, train: Samples, test: Samples | None, loss: str) -> Evaluation:
    """Losses and accuracies of a network over both parts."""
    part = evaluate_losses(network, train, loss)
    other = PartEvaluation(float("nan"), None)
    if test is not None and len(test):
        other = evaluate_losses(network, test, loss)
    return Evaluation(part.loss, other.loss, part.accuracy, other.accuracy)
