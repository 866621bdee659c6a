"""The reference backend: NumPy, in preallocated buffers. It can do everything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from nnplay.core.config import loss_settings
from nnplay.core.engine import Part, Plan
from nnplay.core.evaluation import Evaluator
from nnplay.core.large_batch import LargeBatch, SmallBatch, samples_at_once
from nnplay.core.optimizers import OPTIMIZERS
from nnplay.core.program import Program
from nnplay.core.regularizers import DeadLinks, MaxNorm, NormClip, ValueClip, penalty_gradient_adder

__all__ = ["NumpyEngine"]

Array = npt.NDArray[Any]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

# Calls of `steps` are made for this much work (parameters times samples), at most 16 steps.
_WORK_BETWEEN_LOOKS: Final = 40_000


class NumpyEngine:
    """See :class:`nnplay.core.engine.Engine`.

    Where the update is nothing but -(learning rate)·gradient, the rate is multiplied into the
    outputs' gradient, which is much shorter than the parameters'.
    """

    name = "numpy"

    def __init__(self, plan: Plan) -> None:
        config, layout = plan.config, plan.layout
        self._plan = plan
        self._program = Program(
            plan.network, 1, plan.parameters.dtype, shared_parameters=plan.parameters
        )
        self._loss = loss_settings(config)
        optimizer = OPTIMIZERS[config.optimizer]
        parameters, gradients = self._program.parameters, self._program.gradients
        self._parameters, self._gradients = parameters, gradients
        self.dead_links: BoolArray = np.zeros(layout.size, dtype=bool)

        mask = None
        if config.l1_dead_links or not plan.movable.all():
            mask = plan.movable.astype(parameters.dtype)
        l1 = 0.0 if config.l1_dead_links else config.l1
        penalised = bool(l1 or config.l2)
        clipped = bool(config.clip_norm or config.clip_value)
        self._folds_rate = optimizer.scales_linearly and not penalised and not clipped
        self._multiplies_rate = optimizer.scales_linearly and not self._folds_rate
        self._after_gradient = list(
            penalty_gradient_adder(parameters, gradients, layout.is_weight, l1, config.l2)
        )
        if mask is not None:
            self._after_gradient.append((np.multiply, (gradients, mask, gradients)))
        if config.clip_value:
            self._after_gradient.append((ValueClip(config.clip_value), (gradients,)))
        if config.clip_norm:
            self._after_gradient.append((NormClip(config.clip_norm), (gradients,)))
        self._update = optimizer.bind(
            config,
            parameters,
            gradients,
            plan.memory,
            mask,
            is_weight=layout.is_weight,
        )
        self._dead_links: DeadLinks | None = None
        if config.l1_dead_links and config.l1 and mask is not None:
            self._dead_links = DeadLinks(
                parameters, mask, layout.is_weight, self.dead_links, config.l1
            )
        self._max_norm: MaxNorm | None = None
        if config.max_norm:
            self._max_norm = MaxNorm(layout, parameters, mask, config.max_norm)

        self._rate = 1.0
        self._batches = self._make_batches(plan.train)
        self._on_train = Evaluator(self._program, plan.train_in_order, self._loss)
        self._on_test = None
        if plan.test is not None:
            self._on_test = Evaluator(self._program, plan.test, self._loss)
        work = max(1, layout.size * plan.batch_size)
        self.steps_at_once = max(1, min(16, _WORK_BETWEEN_LOOKS // work))

    def _make_batches(
        self, train: Part
    ) -> list[tuple[Callable[..., float], Array, Array, Array, FloatArray | None, slice]]:
        """Views of every batch in arrays that each epoch fills in its own order."""
        size = self._plan.batch_size
        self._kernels: dict[int, SmallBatch | LargeBatch] = {}
        batches = []
        for start in range(0, len(train), size):
            rows = slice(start, min(start + size, len(train)))
            count = rows.stop - start
            if count not in self._kernels:
                self._kernels[count] = self._kernel(count)
            inputs = train.inputs[rows]
            weights = None if train.weights is None else train.weights[rows]
            run = self._kernels[count].run
            batches.append((run, inputs, inputs.T, train.targets[:, rows], weights, rows))
        return batches

    def _kernel(self, samples: int) -> SmallBatch | LargeBatch:
        plan, program = self._plan, self._program
        if samples > samples_at_once(plan.layout, program.dtype.itemsize):
            return LargeBatch(program, samples, self._loss, plan.dropout, plan.look_around)
        return SmallBatch(program, samples, self._loss, plan.dropout)

    def steps(
        self, first: int, rates: FloatArray, update: int, masks: Array | None, losses: FloatArray
    ) -> None:
        """See :meth:`nnplay.core.engine.Engine.steps`."""
        if self._dead_links is not None:
            self._dead_links.look()
        with np.errstate(all="ignore"):
            before = 0
            for place, rate in enumerate(rates.tolist()):
                run, inputs, across, targets, weights, rows = self._batches[first + place]
                if self._folds_rate and rate != self._rate:
                    self._fold(rate)
                mask = None
                if masks is not None:
                    mask = masks[:, before : before + rows.stop - rows.start]
                    before += rows.stop - rows.start
                losses[place] = run(inputs, across, targets, weights, mask)
                for function, arguments in self._after_gradient:
                    function(*arguments)
                if self._multiplies_rate:
                    np.multiply(self._gradients, rate, self._gradients)
                self._update(update + place, rate)
                if self._dead_links is not None:
                    self._dead_links(rate)
                if self._max_norm is not None:
                    self._max_norm()

    def _fold(self, rate: float) -> None:
        self._rate = rate
        for kernel in self._kernels.values():
            kernel.set_factor(rate)

    def part_losses(self, look_around: Callable[[], None]) -> tuple[float, float]:
        """See :meth:`nnplay.core.engine.Engine.part_losses`."""
        with np.errstate(all="ignore"):
            train = self._on_train.loss(look_around)
            test = float("nan") if self._on_test is None else self._on_test.loss(look_around)
        return train, test
