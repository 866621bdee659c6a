"""One step over a batch so large that it takes long: its gradient is summed in fixed chunks.

Where the chunks lie depends on network and batch size alone, so the numbers do not depend on who
looked around in between, nor how often.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from nnplay.core.config import LossSettings
from nnplay.core.engine import Dropout
from nnplay.core.gradient import Gradient
from nnplay.core.layout import Layout
from nnplay.core.program import Program
from nnplay.core.workspace import Workspace

__all__ = ["LargeBatch", "SmallBatch", "samples_at_once"]

Array = npt.NDArray[Any]
FloatArray = npt.NDArray[np.float64]

# Bytes of parameters times samples that take about 5 ms; an activation counts as much as 20
# parameters. Smaller chunks than this make matrix products slow.
_WORK_AT_ONCE: Final = 64_000_000
_ACTIVATION_WORK: Final = 20
_FEWEST_SAMPLES: Final = 128


def samples_at_once(layout: Layout, item_size: int = 8) -> int:
    """How many samples are trained on in one go; larger batches are summed in such chunks.

    Args:
        layout: the plan.
        item_size: bytes of a number.
    """
    work = (layout.size + _ACTIVATION_WORK * layout.row_count) * item_size
    return max(_FEWEST_SAMPLES, _WORK_AT_ONCE // max(1, work))


class SmallBatch:
    """Forward and back over a batch in one go.

    Args:
        program: whose parameters are used and whose gradient is written.
        samples: size of the batch.
        loss: the loss.
        dropout: neurons that may be silenced, or None.
    """

    def __init__(
        self, program: Program, samples: int, loss: LossSettings, dropout: Dropout | None
    ) -> None:
        apart = program.layout.inputs_apart
        self.workspace = Workspace(program, samples, inputs_apart=apart, dropout=dropout)
        self.gradient = Gradient(self.workspace, loss)
        self._factor = 1.0

    def set_factor(self, factor: float) -> None:
        """Choose what the gradient is multiplied by (a learning rate, for instance)."""
        self._factor = factor
        self.gradient.set_factor(factor)

    def run(
        self,
        inputs: Array,
        inputs_across: Array,
        y: Array,
        weights: FloatArray | None,
        mask: Array | None,
    ) -> float:
        """Gradient of the mean loss; returns that loss.

        Args:
            inputs: ``[samples, 1 + inputs]``, a column of ones in front.
            inputs_across: the same transposed, ``[1 + inputs, samples]``.
            y: targets ``[outputs, samples]``.
            weights: ``[samples]``, or None if all are 1.
            mask: ``[dropout rows, samples]``, or None without dropout.
        """
        workspace, gradient = self.workspace, self.gradient
        if mask is not None:
            np.copyto(workspace.mask, mask)
        workspace.forward(inputs_across)
        if weights is None:
            return gradient.backward(y, inputs) / gradient.divisor
        gradient.set_factor(self._factor, weights)
        total = gradient.backward(y, inputs, weights)
        return total / gradient.divisor if gradient.divisor else 0.0


class LargeBatch:
    """Forward and back over a batch that takes long; see :class:`SmallBatch`.

    Args:
        look_around: called before every chunk but the first; may raise to give the step up, which
            leaves the parameters as they were.
    """

    def __init__(
        self,
        program: Program,
        samples: int,
        loss: LossSettings,
        dropout: Dropout | None,
        look_around: Callable[[], None],
    ) -> None:
        layout = program.layout
        self._gradients = program.gradients
        self._sum = np.empty_like(program.gradients)
        self._look_around = look_around
        self._factor = 1.0
        self._samples = samples
        size = samples_at_once(layout, program.dtype.itemsize)
        kernels: dict[int, SmallBatch] = {}
        self._chunks: list[tuple[SmallBatch, slice]] = []
        for start in range(0, samples, size):
            count = min(size, samples - start)
            if count not in kernels:
                kernels[count] = SmallBatch(program, count, loss, dropout)
            self._chunks.append((kernels[count], slice(start, start + count)))

    def set_factor(self, factor: float) -> None:
        """Choose what the gradient is multiplied by (a learning rate, for instance)."""
        self._factor = factor

    def run(
        self,
        inputs: Array,
        inputs_across: Array,
        y: Array,
        weights: FloatArray | None,
        mask: Array | None,
    ) -> float:
        """Gradient of the mean loss; returns that loss. See :meth:`SmallBatch.run`."""
        total = 0.0
        whole = self._samples if weights is None else float(weights.sum())
        self._sum.fill(0.0)
        for kernel, rows in self._chunks:
            if rows.start:
                self._look_around()
            part = None if weights is None else weights[rows]
            share = (rows.stop - rows.start if part is None else float(part.sum())) / whole
            kernel.set_factor(self._factor * share)
            masked = None if mask is None else mask[:, rows]
            chunk = inputs[rows]
            total += share * kernel.run(chunk, chunk.T, y[:, rows], part, masked)
            np.add(self._sum, self._gradients, self._sum)
        np.copyto(self._gradients, self._sum)
        return total
