"""The loss at the outputs of a network, and the backward pass from there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from nnplay.core.activations import ACTIVATIONS, softmax_pull_back
from nnplay.core.config import LossSettings
from nnplay.core.layout import Stage
from nnplay.core.losses import LOSSES
from nnplay.core.workspace import Gather, Workspace

__all__ = ["Gradient", "LossHead"]

Array = npt.NDArray[Any]
FloatArray = npt.NDArray[np.float64]
Call = tuple[Callable[..., object], tuple[Any, ...]]


class LossHead:
    """A loss joined to the outputs of a workspace.

    Args:
        workspace: whose outputs are judged.
        loss: the loss.
        gradient: where to write the gradient ``[outputs, samples]``; a buffer of its own if None.

    Switched-off outputs give 0 and take no part in losses that are computed from z.
    """

    def __init__(
        self, workspace: Workspace, settings: LossSettings, gradient: Array | None = None
    ) -> None:
        layout = workspace.layout
        outputs = layout.output_places.size
        loss = LOSSES[settings.name]
        delta = settings.huber_delta
        self.per_weight = loss.divisor(max(1, outputs), 1)
        self.divisor: float = self.per_weight * workspace.samples
        self.workspace = workspace
        self.chosen: npt.NDArray[np.int64] | None = None
        if loss.wants_logits and not layout.output_enabled.all():
            self.chosen = np.flatnonzero(layout.output_enabled)
        places = layout.output_places if self.chosen is None else layout.output_places[self.chosen]
        shape = (places.size, workspace.samples)
        self.gradient: Array = np.empty(shape, workspace.a.dtype) if gradient is None else gradient
        self._places = places
        self.total: Callable[..., float]
        """Undivided loss for targets ``[outputs, samples]`` and, if there are any, weights
        ``[samples]``; writes the undivided gradient."""
        if not places.size:
            self.total = _nothing_lost
            return
        if self.chosen is None and workspace.output_rows is not None:
            rows = workspace.output_rows
            self.total = loss.bind(workspace.z[rows], workspace.a[rows], self.gradient, delta)
            return
        self._z = np.empty(shape, workspace.a.dtype)
        self._a = np.empty(shape, workspace.a.dtype)
        self._evaluate = loss.bind(self._z, self._a, self.gradient, delta)
        self.total = self._gathered_total

    def _gathered_total(self, y: Array, weights: FloatArray | None = None) -> float:
        Gather(self.workspace.z)(self._places, self._z)
        Gather(self.workspace.a)(self._places, self._a)
        return self._evaluate(y if self.chosen is None else y[self.chosen], weights)


def _nothing_lost(_y: Array, _weights: FloatArray | None = None) -> float:
    return 0.0


class Gradient:
    """The backward pass of one workspace for one loss, into the program's gradient vector.

    Args:
        workspace: where the forward pass ran.
        settings: the loss.
        factor: multiplied into the gradient (a learning rate, for instance).

    Attributes:
        divisor: what the undivided loss is divided by.
    """

    def __init__(self, workspace: Workspace, settings: LossSettings, factor: float = 1.0) -> None:
        self.workspace = workspace
        loss = LOSSES[settings.name]
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
        self.head = LossHead(workspace, settings, target)
        self._loss = loss
        self._scale = np.empty((), dtype=workspace.a.dtype)
        self.set_factor(factor)
        self._scaling = (self.head.gradient, self._scale, self.head.gradient)
        self._clear = not self._direct
        # With dropout they are computed on the way forward.
        self._derivatives = [] if workspace.dropout is not None else self._derivative_calls()
        self._calls: list[Call] = []
        self._input_products: list[tuple[Callable[..., object], Array]] = []
        self._list_calls()

    def set_factor(self, factor: float, weights: FloatArray | None = None) -> None:
        """Choose what the mean loss's gradient is multiplied by; ``weights`` ``[samples]``."""
        self.divisor = self.head.divisor
        if weights is not None:
            self.divisor = self.head.per_weight * float(weights.sum())
        self._scale[...] = factor / self.divisor if self.divisor else 0.0

    def backward(
        self, y: Array, batch: Array | None = None, weights: FloatArray | None = None
    ) -> float:
        """Gradient for targets ``[outputs, samples]``; returns the undivided loss.

        ``batch`` ``[samples, 1 + inputs]`` is the transpose of what the forward pass read, for
        workspaces that read inputs where they lie. ``weights`` ``[samples]`` must be those given to
        :meth:`set_factor` before.
        """
        for derivative, z, a, out in self._derivatives:
            derivative(z, a, out)
        if self._clear:
            self.workspace.d.fill(0.0)
        total = self.head.total(y) if weights is None else self.head.total(y, weights)
        np.multiply(*self._scaling)
        for function, arguments in self._calls:
            function(*arguments)
        for product, out in self._input_products:
            product(batch, out)
        return total

    def _derivative_calls(self) -> list[tuple[Callable[..., object], Array, Array, Array]]:
        """One call per stretch of equal activation, across stages where only ones lie between."""
        stretches: list[tuple[str, int, int]] = []
        for stage in self.workspace.layout.stages:
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
        z, a, f = self.workspace.z, self.workspace.a, self.workspace.f
        return [(ACTIVATIONS[name].derivative, z[i:j], a[i:j], f[i:j]) for name, i, j in stretches]

    def _list_calls(self) -> None:
        workspace = self.workspace
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
        layout = self.workspace.layout
        chosen = np.arange(layout.output_places.size)
        if self.head.chosen is not None:
            chosen = self.head.chosen
        places = layout.output_places[chosen]
        here = np.flatnonzero((places >= stage.start) & (places < stage.stop))
        if here.size:
            self._calls.append(
                (_add_rows, (self.workspace.d, places[here], self.head.gradient, here))
            )

    def _multiply_derivatives(self, stage: Stage) -> None:
        """dE/da becomes dE/dz for a whole stage."""
        workspace = self.workspace
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
        if workspace.dropout is not None:
            silenced = workspace.dropout.rows
            here = silenced[(silenced >= stage.start) & (silenced < stage.stop)]
            needed[here - stage.start] = True
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
        workspace = self.workspace
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
