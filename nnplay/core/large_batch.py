"""One step over a batch so large that it takes long: its gradient is summed in fixed chunks.

Where the chunks lie depends on network and batch size alone, so the numbers do not depend on who
looked around in between, nor how often.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from nnplay.core.layout import Layout
from nnplay.core.losses import Loss
from nnplay.core.program import Gradient, Program, Workspace

__all__ = ["LargeBatch", "samples_at_once"]

Array = npt.NDArray[Any]

# Parameters times samples that take about 5 ms; an activation counts as much as 20 parameters.
_WORK_AT_ONCE: Final = 8_000_000
_ACTIVATION_WORK: Final = 20
_FEWEST_SAMPLES: Final = 64


def samples_at_once(layout: Layout) -> int:
    """How many samples are trained on in one go; larger batches are summed in such chunks."""
    work = layout.size + _ACTIVATION_WORK * layout.row_count
    return max(_FEWEST_SAMPLES, _WORK_AT_ONCE // max(1, work))


class LargeBatch:
    """Stands for the workspace and the gradient of a large batch.

    Args:
        program: whose parameters are used and whose gradient is written.
        samples: size of the batch.
        loss: the loss.
        factor: multiplied into the gradient (a learning rate, for instance).
        look_around: called before every chunk but the first; may raise to give the step up, which
            leaves the parameters as they were.
    """

    def __init__(
        self,
        program: Program,
        samples: int,
        loss: Loss,
        factor: float,
        look_around: Callable[[], None],
    ) -> None:
        layout = program.layout
        self.divisor = loss.divisor(max(1, layout.output_places.size), samples)
        self._gradients = program.gradients
        self._sum = np.empty_like(program.gradients)
        self._look_around = look_around
        size = samples_at_once(layout)
        kernels: dict[int, tuple[Workspace, Gradient]] = {}
        self._chunks: list[tuple[Workspace, Gradient, slice]] = []
        for start in range(0, samples, size):
            count = min(size, samples - start)
            if count not in kernels:
                workspace = Workspace(program, count, inputs_apart=layout.inputs_apart)
                share = loss.divisor(max(1, layout.output_places.size), count) / self.divisor
                kernels[count] = workspace, Gradient(workspace, loss, factor * share)
            self._chunks.append((*kernels[count], slice(start, start + count)))

    def forward(self, inputs: Array | None = None) -> None:
        """Nothing yet: every chunk goes forward and back at once in :meth:`backward`."""

    def backward(self, y: Array, batch: Array) -> float:
        """Gradient for targets ``[outputs, samples]``; returns the undivided loss.

        Args:
            y: the targets.
            batch: inputs ``[samples, 1 + inputs]``, a column of ones in front.
        """
        total = 0.0
        self._sum.fill(0.0)
        for workspace, gradient, rows in self._chunks:
            if rows.start:
                self._look_around()
            inputs = batch[rows]
            workspace.forward(inputs.T)
            total += gradient.backward(y[:, rows], inputs)
            np.add(self._sum, self._gradients, self._sum)
        np.copyto(self._gradients, self._sum)
        return total
