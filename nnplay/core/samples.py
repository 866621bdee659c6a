"""The numbers a network is trained on: inputs ready to use and targets before encoding."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Samples"]


@dataclass(frozen=True, eq=False)
class Samples:
    """Inputs and targets of a part of a data set (training or test), rows are samples.

    Attributes:
        inputs: ``float64[n, inputs]``, one column per input neuron in row order, scaled.
        values: ``float64[n, outputs]`` numeric targets (scaled), or None for classes.
        classes: ``int64[n]`` class index of each sample, or None for numeric targets.
        class_count: number of classes (0 for numeric targets).

    How a class becomes numbers (±1, 0/1, one-hot) depends on the outputs' activation and the
    loss; :func:`nnplay.core.targets.encode_targets` does it when a program is compiled.
    """

    inputs: npt.NDArray[np.float64]
    values: npt.NDArray[np.float64] | None = None
    classes: npt.NDArray[np.int64] | None = None
    class_count: int = 0

    def __len__(self) -> int:
        return len(self.inputs)
