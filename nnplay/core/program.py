"""A compiled network: forward and backward passes in preallocated buffers.

Buffers are ``[plan rows, samples]`` with the samples innermost, so that a stage is one product
``weights · sources`` into a contiguous block and one call per activation. Everything a pass does is
listed once, as bound functions with their arguments; a pass only walks through the lists.

Products use ``ndarray.dot`` with a buffer: unlike the matmul operator, it lets other threads run
while BLAS works.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from nnplay.core.activations import ACTIVATIONS, softmax_pull_back
from nnplay.core.layout import Layout, Stage, layout_of
from nnplay.core.losses import LOSSES, Loss
from nnplay.core.network import Network

__all__ = ["Gradient", "LossHead", "Program", "Workspace"]

Array = npt.NDArray[Any]
FloatArray = npt.NDArray[np.float64]
Call = tuple[Callable[..., object], tuple[Any, ...]]

_KEPT_WORKSPACES = 4


class Program:
    """A network ready to run on batches of samples.

    Args:
        network: what to compile; its parameters are loaded.
        batch_size: number of samples the buffers are made for at once. Other numbers work too and
            get buffers of their own, of which a few are kept.
        dtype: ``numpy.float64``, or ``numpy.float32`` for speed.

    A program belongs to one thread. Raises :class:`nnplay.core.errors.TrainingError` for an
    activation that does not exist.
    """

    def __init__(
        self, network: Network, batch_size: int, dtype: npt.DTypeLike = np.float64
    ) -> None:
        self.layout: Layout = layout_of(network)
        self.dtype = np.dtype(dtype)
        self.parameters: Array = np.zeros(self.layout.size, dtype=self.dtype)
        self.gradients: Array = np.zeros(self.layout.size, dtype=self.dtype)
        self._enabled = network.enabled
        self._all_enabled = bool(network.enabled.all())
        self._workspaces: dict[int, Workspace] = {}
        self.set_parameters(network.theta)
        self._current = self._workspace(max(1, batch_size))

    def set_parameters(self, theta: npt.ArrayLike) -> None:
        """Load compact parameters ``[P]``; disabled connections count as 0."""
        values = np.asarray(theta)
        if not self._all_enabled:
            values = np.where(self._enabled, values, 0.0)
        self.layout.pack(values, self.parameters)

    def matrix(self, vector: Array, stage: Stage) -> Array:
        """View of a stage's matrix ``[neurons, columns]`` in a padded vector."""
        end = stage.offset + stage.size * stage.columns
        return vector[stage.offset : end].reshape(stage.size, stage.columns)

    def _workspace(self, samples: int) -> Workspace:
        workspace = self._workspaces.pop(samples, None)
        if workspace is None:
            workspace = Workspace(self, samples)
        self._workspaces[samples] = workspace
        if len(self._workspaces) > _KEPT_WORKSPACES:
            del self._workspaces[next(iter(self._workspaces))]
        return workspace

    # ------------------------------------------------------------------ running
    def set_inputs(self, x: npt.ArrayLike) -> None:
        """Load inputs ``[samples, inputs]`` for following calls of :meth:`run`."""
        inputs = np.asarray(x)
        self._current = self._workspace(len(inputs))
        self._current.load_inputs(inputs)

    def run(self) -> Array:
        """Forward pass over the loaded inputs; see :meth:`forward`."""
        with np.errstate(all="ignore"):
            self._current.forward()
        return self._current.outputs()

    def forward(self, x: npt.ArrayLike) -> Array:
        """Outputs ``[samples, outputs]`` for inputs ``[samples, inputs]``.

        The result is a view that the next pass overwrites.
        """
        self.set_inputs(x)
        return self.run()

    def backward(self, x: npt.ArrayLike, y: npt.ArrayLike, loss: str) -> float:
        """Forward and backward pass; returns the mean loss, without penalty.

        Args:
            x: inputs ``[samples, inputs]``.
            y: encoded targets ``[samples, outputs]``.
            loss: name in the loss table.

        Afterwards :attr:`gradient` and :meth:`deltas_compact` belong to these samples.
        """
        targets = np.asarray(y, dtype=self.dtype).T
        self.set_inputs(x)
        workspace = self._current
        kernel = workspace.gradient_for(LOSSES[loss])
        with np.errstate(all="ignore"):
            workspace.forward()
            total = kernel.backward(targets)
        return total / kernel.divisor

    @property
    def gradient(self) -> FloatArray:
        """Gradient of the last :meth:`backward`, compact ``float64[P]``; 0 where disabled."""
        compact = self.gradients[self.layout.positions].astype(np.float64)
        if not self._all_enabled:
            compact[~self._enabled] = 0.0
        return compact

    def activations_compact(self, out: Array | None = None) -> Array:
        """Activations of all neurons ``[N, samples]`` in network row order (copied)."""
        return self._rows(self._current.a, out)

    def pre_activations(self, out: Array | None = None) -> Array:
        """Weighted sums z of all neurons ``[N, samples]`` in network row order; 0 for inputs."""
        return self._rows(self._current.z, out)

    def derivatives_compact(self) -> Array:
        """f'(z) of all neurons ``[N, samples]`` after :meth:`backward`; 0 for inputs.

        For softmax it is the diagonal of the Jacobian matrix.
        """
        return self._current.derivatives()[self.layout.places]

    def deltas_compact(self) -> Array:
        """dE/dz of all neurons ``[N, samples]`` after :meth:`backward`; 0 for inputs."""
        deltas = self._rows(self._current.d, None)
        deltas[self.layout.places <= self.layout.input_count] = 0.0
        return deltas

    def _rows(self, buffer: Array, out: Array | None) -> Array:
        if out is None:
            return buffer[self.layout.places]
        return buffer.take(self.layout.places, axis=0, out=out, mode="clip")


class Workspace:
    """Buffers of a program for one number of samples.

    Args:
        program: whose parameters are used.
        samples: number of samples.
        inputs_apart: read inputs where they lie (passed to :meth:`forward`) instead of from the
            buffer; only for layouts with ``inputs_apart``.
    """

    def __init__(self, program: Program, samples: int, *, inputs_apart: bool = False) -> None:
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
        self._kernels: dict[str, Gradient] = {}
        self.inputs_block = self.a[: 1 + layout.input_count]
        ones = np.ones(layout.row_count, dtype=bool)
        ones[layout.places] = False
        self.a[ones] = 1.0
        self.sources = [self._source(stage) for stage in layout.stages]
        self._forward: list[tuple[Callable[..., object], Array | None, Array]] = []
        for stage, source in zip(layout.stages, self.sources, strict=True):
            if stage.source_rows is not None and source is not None:
                self._forward.append((_Gather(self.a), stage.source_rows, source))
            weights = program.matrix(program.parameters, stage)
            self._forward.append((weights.dot, source, self.z[stage.start : stage.stop]))
            for run in stage.runs:
                rows = slice(run.start, run.stop)
                function = ACTIVATIONS[run.activation].function
                self._forward.append((function, self.z[rows], self.a[rows]))
        span = layout.output_span
        self.output_rows: slice | None = None if span is None else slice(*span)

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

    def gradient_for(self, loss: Loss) -> Gradient:
        """The backward pass for a loss, made once."""
        if loss.name not in self._kernels:
            self._kernels[loss.name] = Gradient(self, loss)
        return self._kernels[loss.name]


class _Gather:
    """Copies chosen rows of a buffer into a block."""

    def __init__(self, buffer: Array) -> None:
        self._take = buffer.take

    def __call__(self, rows: Array, out: Array) -> None:
        self._take(rows, 0, out, "clip")


class LossHead:
    """A loss joined to the outputs of a workspace.

    Args:
        workspace: whose outputs are judged.
        loss: the loss.
        gradient: where to write the gradient ``[outputs, samples]``; a buffer of its own if None.

    Switched-off outputs give 0 and take no part in losses that are computed from z.
    """

    def __init__(self, workspace: Workspace, loss: Loss, gradient: Array | None = None) -> None:
        layout = workspace.layout
        outputs = layout.output_places.size
        self.divisor = loss.divisor(max(1, outputs), workspace.samples)
        self._workspace = workspace
        self.chosen: npt.NDArray[np.int64] | None = None
        if loss.wants_logits and not layout.output_enabled.all():
            self.chosen = np.flatnonzero(layout.output_enabled)
        places = layout.output_places if self.chosen is None else layout.output_places[self.chosen]
        shape = (places.size, workspace.samples)
        self.gradient: Array = np.empty(shape, workspace.a.dtype) if gradient is None else gradient
        self._places = places
        self.total: Callable[[Array], float]
        """Undivided loss for targets ``[outputs, samples]``; writes the undivided gradient."""
        if not places.size:
            self.total = _nothing_lost
            return
        if self.chosen is None and workspace.output_rows is not None:
            rows = workspace.output_rows
            self.total = loss.bind(workspace.z[rows], workspace.a[rows], self.gradient)
            return
        self._z = np.empty(shape, workspace.a.dtype)
        self._a = np.empty(shape, workspace.a.dtype)
        self._evaluate = loss.bind(self._z, self._a, self.gradient)
        self.total = self._gathered_total

    def _gathered_total(self, y: Array) -> float:
        _Gather(self._workspace.z)(self._places, self._z)
        _Gather(self._workspace.a)(self._places, self._a)
        return self._evaluate(y if self.chosen is None else y[self.chosen])


def _nothing_lost(_y: Array) -> float:
    return 0.0


class Gradient:
    """The backward pass of one workspace for one loss, into the program's gradient vector.

    Args:
        workspace: where the forward pass ran.
        loss: the loss.
        factor: multiplied into the gradient (a learning rate, for instance).
    """

    def __init__(self, workspace: Workspace, loss: Loss, factor: float = 1.0) -> None:
        self._workspace = workspace
        layout = workspace.layout
        span = workspace.output_rows
        # Outputs together in the last stage: the loss writes its gradient where it belongs.
        self._direct = (
            span is not None
            and layout.outputs_are_ends
            and span.start >= layout.stages[-1].start
            and (not loss.wants_logits or bool(layout.output_enabled.all()))
        )
        target = workspace.d[span] if self._direct and span is not None else None
        self.head = LossHead(workspace, loss, target)
        self.divisor = self.head.divisor
        self._loss = loss
        scale = np.array(factor / self.divisor, dtype=workspace.a.dtype)
        self._scaling = (self.head.gradient, scale, self.head.gradient)
        self._clear = not self._direct
        self._derivatives = self._derivative_calls()
        self._calls: list[Call] = []
        self._input_products: list[tuple[Callable[..., object], Array]] = []
        self._list_calls()

    def backward(self, y: Array, batch: Array | None = None) -> float:
        """Gradient for targets ``[outputs, samples]``; returns the undivided loss.

        ``batch`` ``[samples, 1 + inputs]`` is the transpose of what the forward pass read, for
        workspaces that read inputs where they lie.
        """
        for derivative, z, a, out in self._derivatives:
            derivative(z, a, out)
        if self._clear:
            self._workspace.d.fill(0.0)
        total = self.head.total(y)
        np.multiply(*self._scaling)
        for function, arguments in self._calls:
            function(*arguments)
        for product, out in self._input_products:
            product(batch, out)
        return total

    def _derivative_calls(self) -> list[tuple[Callable[..., object], Array, Array, Array]]:
        """One call per stretch of equal activation, across stages where only ones lie between."""
        stretches: list[tuple[str, int, int]] = []
        for stage in self._workspace.layout.stages:
            for run in stage.runs:
                if run.activation == "linear" or ACTIVATIONS[run.activation].is_group:
                    continue
                between = run.start - stretches[-1][2] if stretches else -1
                if (
                    stretches
                    and stretches[-1][0] == run.activation
                    and (between == 0 or (between == 1 and run.start == stage.start))
                ):
                    stretches[-1] = (run.activation, stretches[-1][1], run.stop)
                else:
                    stretches.append((run.activation, run.start, run.stop))
        z, a, f = self._workspace.z, self._workspace.a, self._workspace.f
        return [(ACTIVATIONS[name].derivative, z[i:j], a[i:j], f[i:j]) for name, i, j in stretches]

    def _list_calls(self) -> None:
        workspace = self._workspace
        written: list[tuple[int, int]] = []
        plan = list(zip(workspace.layout.stages, workspace.sources, strict=True))
        for stage, source in reversed(plan):
            if not self._direct and not self._loss.wants_logits:
                self._add_output_gradient(stage)
            self._multiply_derivatives(stage)
            if not self._direct and self._loss.wants_logits:
                self._add_output_gradient(stage)
            delta = workspace.d[stage.start : stage.stop]
            matrix = workspace.program.matrix(workspace.program.gradients, stage)
            if source is None:
                self._input_products.append((delta.dot, matrix))
            else:
                self._calls.append((delta.dot, (source.T, matrix)))
            self._push_back(stage, delta, written)

    def _add_output_gradient(self, stage: Stage) -> None:
        layout = self._workspace.layout
        chosen = np.arange(layout.output_places.size)
        if self.head.chosen is not None:
            chosen = self.head.chosen
        places = layout.output_places[chosen]
        here = np.flatnonzero((places >= stage.start) & (places < stage.stop))
        if here.size:
            self._calls.append(
                (_add_rows, (self._workspace.d, places[here], self.head.gradient, here))
            )

    def _multiply_derivatives(self, stage: Stage) -> None:
        """dE/da becomes dE/dz for a whole stage."""
        workspace = self._workspace
        needed = np.zeros(stage.size, dtype=bool)
        enabled = np.zeros(stage.size, dtype=bool)
        for run in stage.runs:
            inside = slice(run.start - stage.start, run.stop - stage.start)
            enabled[inside] = True
            if ACTIVATIONS[run.activation].is_group:
                if not (self._direct and self._loss.wants_logits):
                    rows = slice(run.start, run.stop)
                    self._calls.append((softmax_pull_back, (workspace.a[rows], workspace.d[rows])))
            elif run.activation != "linear":
                needed[inside] = True
        needed |= ~enabled
        span = workspace.output_rows
        if self._direct and self._loss.wants_logits and span is not None:
            first, last = max(span.start, stage.start), min(span.stop, stage.stop)
            if first < last:
                needed[first - stage.start : last - stage.start] = False
        edges = np.flatnonzero(np.diff(np.concatenate([[0], needed.astype(np.int8), [0]])))
        for i, j in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            rows = slice(stage.start + i, stage.start + j)
            delta = workspace.d[rows]
            self._calls.append((np.multiply, (delta, workspace.f[rows], delta)))

    def _push_back(self, stage: Stage, delta: Array, written: list[tuple[int, int]]) -> None:
        """dE/da of the sources: written where this is the first share, else added."""
        workspace = self._workspace
        inputs = 1 + workspace.layout.input_count
        weights = workspace.program.matrix(workspace.program.parameters, stage)
        if stage.source_rows is not None:
            kept = np.flatnonzero(stage.source_rows >= inputs)
            if not kept.size:
                return
            # The first entry is a row of ones, which needs no gradient.
            kept = kept[stage.source_rows[kept] != stage.source_rows[0]]
            share = np.empty((stage.columns, workspace.samples), dtype=workspace.a.dtype)
            self._calls.append((weights.T.dot, (delta, share)))
            self._calls.append((_add_rows, (workspace.d, stage.source_rows[kept], share, kept)))
            written.append((int(stage.source_rows[kept[0]]), int(stage.source_rows[-1]) + 1))
            self._clear = True
            return
        first, last = max(stage.source_start, inputs), stage.source_stop
        if first >= last:
            return
        back = weights[:, first - stage.source_start :].T
        rows = workspace.d[first:last]
        if any(first < stop and start < last for start, stop in written) or self._clear:
            share = np.empty_like(rows)
            self._calls.append((back.dot, (delta, share)))
            self._calls.append((np.add, (rows, share, rows)))
            self._clear = True
        else:
            self._calls.append((back.dot, (delta, rows)))
        written.append((first, last))


def _add_rows(target: Array, rows: Array, source: Array, chosen: Array) -> None:
    """``target[rows] += source[chosen]`` for rows that are all different."""
    target[rows] += source[chosen]
