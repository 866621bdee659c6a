"""Forward and backward numbers of all neurons, averaged over samples, at parameters of choice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nnplay.core.config import loss_settings
from nnplay.core.engine import Part, Plan
from nnplay.core.gradient import LossHead
from nnplay.core.large_batch import SmallBatch, samples_at_once
from nnplay.core.network import Network
from nnplay.core.program import Program
from nnplay.core.samples import Samples
from nnplay.core.topology import Kind

__all__ = ["Averages", "SamplePass", "forward_averages"]

Array = npt.NDArray[Any]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Averages:
    """Forward and backward numbers, averaged over the samples; N neurons in row order.

    Attributes:
        z, a: ``float64[N]``; z is NaN for inputs.
        slope: ``float64[N]``, f'(z) (with dropout: times its multiplier); NaN for inputs and
            softmax, 0 for switched-off neurons.
        delta: ``float64[N]``, ∂L/∂z; NaN for inputs and without targets.
        own: ``float64[outputs]``, the loss's own derivative by each output: by its a, or by its z
            for the cross-entropies; 0 for a switched-off output of those. NaN without targets.
        targets: ``float64[outputs]``, encoded; NaN without targets.
        gradient: ``float64[P]``, ∂L/∂parameter without penalty; 0 where disabled, NaN without
            targets.
        loss: mean loss without penalty, None without targets.
    """

    z: FloatArray
    a: FloatArray
    slope: FloatArray
    delta: FloatArray
    own: FloatArray
    targets: FloatArray
    gradient: FloatArray
    loss: float | None


def forward_averages(network: Network, samples: Samples) -> Averages:
    """Without a target: the numbers that flow forward."""
    program = Program(network, max(1, len(samples)))
    program.forward(samples.inputs)
    topology = network.topology
    nothing = np.full(topology.neuron_count, np.nan)
    outputs = np.full(len(topology.output_ids), np.nan)
    z = program.pre_activations().mean(axis=1)
    slope = program.derivatives_compact().mean(axis=1)
    _blank(network, z, slope)
    return Averages(
        z=z,
        a=program.activations_compact().mean(axis=1),
        slope=slope,
        delta=nothing,
        own=outputs,
        targets=outputs,
        gradient=np.full(topology.parameter_count, np.nan),
        loss=None,
    )


def _blank(network: Network, z: FloatArray, slope: FloatArray) -> None:
    """NaN for numbers that do not exist."""
    is_input = network.topology.kinds == Kind.INPUT
    is_softmax = np.array([name == "softmax" for name in network.activations], dtype=bool)
    z[is_input] = np.nan
    slope[is_input | is_softmax] = np.nan


class SamplePass:
    """Forward and back over the samples of a plan, in chunks that fit."""

    def __init__(self, plan: Plan, mask: Array | None) -> None:
        self.plan, self._mask = plan, mask
        self._loss = loss_settings(plan.config)
        self.program = Program(plan.network, 1, shared_parameters=plan.parameters.copy())
        self._part: Part = plan.train_in_order
        self.size = min(len(self._part), samples_at_once(plan.layout))
        self._kernels: dict[int, SmallBatch] = {}

    def run(self, look: Callable[[SmallBatch, slice, float], None] | None = None) -> float:
        """Mean loss at the program's parameters; its gradient is left in ``gradient``.

        ``look(kernel, rows, share)`` sees every chunk behind its pass; all its backward numbers are
        shares in the mean loss already.
        """
        part, loss = self._part, 0.0
        weights = part.weights
        whole = float(len(part)) if weights is None else float(weights.sum())
        self.gradient = np.zeros_like(self.program.gradients)
        with np.errstate(all="ignore"):
            for start in range(0, len(part), self.size):
                rows = slice(start, min(start + self.size, len(part)))
                count = rows.stop - rows.start
                kernel = self._kernels.get(count)
                if kernel is None:
                    kernel = SmallBatch(self.program, count, self._loss, self.plan.dropout)
                    self._kernels[count] = kernel
                some = None if weights is None else weights[rows]
                share = (count if some is None else float(some.sum())) / whole
                kernel.set_factor(share)
                inputs = part.inputs[rows]
                mask = None if self._mask is None else self._mask[:, rows]
                loss += share * kernel.run(inputs, inputs.T, part.targets[:, rows], some, mask)
                self.gradient += self.program.gradients
                if look is not None:
                    look(kernel, rows, share)
        return loss

    def averages(self) -> Averages:
        """All numbers at the program's parameters."""
        plan, part, network = self.plan, self._part, self.plan.network
        layout, weights = plan.layout, self._part.weights
        shape = layout.row_count
        z, a, slope, delta = (np.zeros(shape) for _ in range(4))
        outputs = layout.output_places.size
        own, targets, inputs = np.zeros(outputs), np.zeros(outputs), np.zeros(layout.input_count)
        whole = float(len(part)) if weights is None else float(weights.sum())

        def look(kernel: SmallBatch, rows: slice, share: float) -> None:
            workspace = kernel.workspace
            some = None if weights is None else weights[rows]
            shares = np.ones(rows.stop - rows.start) if some is None else some
            shares = shares / whole
            z[:] += workspace.z.dot(shares)
            a[:] += workspace.a.dot(shares)
            slopes = workspace.f if plan.dropout is not None else workspace.derivatives()
            slope[:] += slopes.dot(shares)
            delta[:] += workspace.d.sum(axis=1)
            y = part.targets[:, rows]
            targets[:] += y.dot(shares)
            inputs[:] += part.inputs[rows, 1:].T.dot(shares)
            head = LossHead(workspace, self._loss)
            if head.gradient.size:
                head.total(y) if some is None else head.total(y, some)
                chosen = slice(None) if head.chosen is None else head.chosen
                divisor = kernel.gradient.divisor
                own[chosen] += share * head.gradient.sum(axis=1) / divisor if divisor else 0.0

        loss = self.run(look)
        places = layout.places
        z_, a_, slope_, delta_ = z[places], a[places], slope[places], delta[places]
        is_input = network.topology.kinds == Kind.INPUT
        a_[is_input] = inputs
        delta_[is_input] = np.nan
        _blank(network, z_, slope_)
        gradient = self.gradient[layout.positions]
        gradient[~network.enabled] = 0.0
        return Averages(z_, a_, slope_, delta_, own, targets, gradient, loss)
