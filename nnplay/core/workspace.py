"""Buffers of a compiled network for some number of samples, and the forward pass through them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from nnplay.core.activations import ACTIVATIONS
from nnplay.core.engine import Dropout
from nnplay.core.layout import Stage

if TYPE_CHECKING:
    from nnplay.core.program import Program

__all__ = ["Gather", "Workspace"]

Array = npt.NDArray[Any]


class Workspace:
    """Buffers of a program for one number of samples.

    Args:
        program: whose parameters are used.
        samples: number of samples.
        inputs_apart: read inputs where they lie (passed to :meth:`forward`) instead of from the
            buffer; only for layouts with ``inputs_apart``.
        dropout: neurons whose activations are multiplied by :attr:`mask`; None for none. The
            derivatives f'(z) are then computed on the way forward, before that, and multiplied too.

    Attributes:
        mask: ``[dropout rows, samples]``, multipliers of activations; to be filled before a pass.
    """

    def __init__(
        self,
        program: Program,
        samples: int,
        *,
        inputs_apart: bool = False,
        dropout: Dropout | None = None,
    ) -> None:
        layout = program.layout
        self.program = program
        self.layout = layout
        self.samples = samples
        self.inputs_apart = inputs_apart
        shape = (layout.row_count, samples)
        self.a: Array = np.zeros(shape, dtype=program.dtype)
        self.z: Array = np.zeros(shape, dtype=program.dtype)
        self._d: Array | None = None
        self._f: Array | None = None
        self.dropout = dropout
        silenced = 0 if dropout is None else dropout.rows.size
        self.mask: Array = np.ones((silenced, samples), dtype=program.dtype)
        self.inputs_block = self.a[: 1 + layout.input_count]
        ones = np.ones(layout.row_count, dtype=bool)
        ones[layout.places] = False
        self.a[ones] = 1.0
        self.sources = [self._source(stage) for stage in layout.stages]
        self._forward: list[tuple[Callable[..., object], Array | None, Array]] = []
        for stage, source in zip(layout.stages, self.sources, strict=True):
            if stage.source_rows is not None and source is not None:
                self._forward.append((Gather(self.a), stage.source_rows, source))
            weights = program.matrix(program.parameters, stage)
            self._forward.append((weights.dot, source, self.z[stage.start : stage.stop]))
            for run in stage.runs:
                rows = slice(run.start, run.stop)
                function = ACTIVATIONS[run.activation].function
                self._forward.append((function, self.z[rows], self.a[rows]))
            if dropout is not None:
                self._silence(stage, dropout)
        span = layout.output_span
        self.output_rows: slice | None = None if span is None else slice(*span)

    def _silence(self, stage: Stage, dropout: Dropout) -> None:
        """What dropout does to a stage: f'(z) first, then both a and f' times the mask."""
        for run in stage.runs:
            activation = ACTIVATIONS[run.activation]
            if not activation.is_group:
                rows = slice(run.start, run.stop)
                derivative = _Derivative(activation.derivative, self.z[rows])
                self._forward.append((derivative, self.a[rows], self.f[rows]))
        here = np.flatnonzero((dropout.rows >= stage.start) & (dropout.rows < stage.stop))
        for part in np.split(here, np.flatnonzero(np.diff(dropout.rows[here]) != 1) + 1):
            if not part.size:
                continue
            first = int(dropout.rows[part[0]])
            rows = slice(first, first + part.size)
            times = _Times(self.mask[part[0] : part[-1] + 1])
            self._forward.append((times, self.a[rows], self.a[rows]))
            self._forward.append((times, self.f[rows], self.f[rows]))

    def _source(self, stage: Stage) -> Array | None:
        if stage.source_rows is not None:
            return np.empty((stage.columns, self.samples), dtype=self.program.dtype)
        if self.inputs_apart and stage.source_start == 0 and stage.source_stop > 1:
            return None
        return self.a[stage.source_start : stage.source_stop]

    @property
    def d(self) -> Array:
        """dE/da on the way back, dE/dz afterwards, ``[plan rows, samples]``."""
        if self._d is None:
            self._d = np.zeros_like(self.a)
        return self._d

    @property
    def f(self) -> Array:
        """f'(z) for runs that need it; 1 for linear neurons, 0 for switched-off ones."""
        if self._f is None:
            self._f = np.zeros_like(self.a)
            for stage in self.layout.stages:
                for run in stage.runs:
                    if run.activation == "linear":
                        self._f[run.start : run.stop] = 1.0
        return self._f

    def load_inputs(self, x: Array) -> None:
        """Copy inputs ``[samples, inputs]`` into the buffer."""
        np.copyto(self.inputs_block[1:], x.T, casting="same_kind")
        if not self.layout.input_enabled.all():
            self.inputs_block[1:][~self.layout.input_enabled] = 0.0

    def forward(self, inputs: Array | None = None) -> None:
        """Forward pass; ``inputs`` ``[1 + inputs, samples]`` starts with a row of ones.

        Without it, the inputs loaded before are used.
        """
        if inputs is not None and not self.inputs_apart:
            np.copyto(self.inputs_block, inputs)
        for function, x, out in self._forward:
            function(inputs if x is None else x, out)

    def outputs(self) -> Array:
        """Outputs ``[samples, outputs]``: a view where possible."""
        if self.output_rows is not None:
            return self.a[self.output_rows].T
        return self.a[self.layout.output_places].T

    def derivatives(self) -> Array:
        """f'(z) of every plan row, computed afresh."""
        result = np.zeros_like(self.a)
        for stage in self.layout.stages:
            for run in stage.runs:
                rows = slice(run.start, run.stop)
                ACTIVATIONS[run.activation].derivative(self.z[rows], self.a[rows], result[rows])
        return result


class Gather:
    """Copies chosen rows of a buffer into a block."""

    def __init__(self, buffer: Array) -> None:
        self._take = buffer.take

    def __call__(self, rows: Array, out: Array) -> None:
        """Copy."""
        self._take(rows, 0, out, "clip")


class _Derivative:
    """f'(z) of some rows, called like an activation."""

    def __init__(self, derivative: Callable[[Array, Array, Array], object], z: Array) -> None:
        self._derivative, self._z = derivative, z

    def __call__(self, a: Array, out: Array) -> None:
        self._derivative(self._z, a, out)


class _Times:
    """Multiplies by a block of numbers, called like an activation."""

    def __init__(self, factors: Array) -> None:
        self._factors = factors

    def __call__(self, values: Array, out: Array) -> None:
        np.multiply(values, self._factors, out)
