"""The compiled backend: one generic kernel over the plan, many steps a call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from nnplay.compiled import book as b
from nnplay.compiled.book import LANES
from nnplay.compiled.filling import Filled
from nnplay.compiled.loading import Kernel
from nnplay.compiled.tables import tile_width
from nnplay.core.engine import Plan

__all__ = ["CompiledEngine"]

Array = npt.NDArray[Any]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

# What a step costs, in units of about 0.1 ns: per parameter and tile, per neuron and tile, and for
# itself. Only calls are sized with it, never numbers.
_PARAMETER_COST: Final = 40
_NEURON_COST: Final = 400
_STEP_COST: Final = 3_000
# A call of `steps` should take about 0.2 ms, and no call into the kernel more than about 2 ms.
_CALL_COST: Final = 2_000_000
_LONGEST_COST: Final = 20_000_000


class CompiledEngine:
    """See :class:`nnplay.core.engine.Engine`.

    Args:
        plan: one that :func:`nnplay.compiled.supports`.
        kernel: does the arithmetic.
    """

    name = "compiled"

    def __init__(self, plan: Plan, kernel: Kernel) -> None:
        self._plan, self._kernel = plan, kernel
        lanes = tile_width(plan.batch_size)
        self._training = Filled(plan, lanes)
        # Whole parts are quickest in the widest tiles.
        self._judging = self._training if lanes == LANES else Filled(plan, LANES)
        self.dead_links: BoolArray = np.zeros(plan.layout.size, dtype=bool)
        size, rows = self._training.slots.size, plan.layout.row_count
        tile = _STEP_COST + _PARAMETER_COST * size + _NEURON_COST * rows
        tiles = -(-plan.batch_size // lanes)
        self.steps_at_once = max(1, _CALL_COST // (tile * tiles))
        self._tiles_at_once = max(1, _LONGEST_COST // tile)
        self._samples_at_once = lanes * self._tiles_at_once

    def steps(
        self, first: int, rates: FloatArray, update: int, masks: Array | None, losses: FloatArray
    ) -> None:
        """See :meth:`nnplay.core.engine.Engine.steps`."""
        filled = self._training
        if deadly := bool(filled.book[b.DEAD_LINKS]):
            dead = self.dead_links[filled.slots]
            filled.dead[:] = dead
            filled.movable[:] = filled.may_move & ~dead
        address = 0
        if masks is not None:
            masks = np.ascontiguousarray(masks, dtype=np.float64)
            address = masks.ctypes.data
            filled.book[b.MASK_STRIDE] = masks.shape[1]
        batch, count = self._plan.batch_size, len(rates)
        if batch <= self._samples_at_once:
            filled.rates[:count] = rates
            self._kernel(filled.address, b.TRAIN, first, count, update, address, 0, batch)
            losses[:] = filled.losses[:count]
        else:
            for step in range(count):
                filled.rates[0] = rates[step]
                mask = address and address + 8 * step * batch
                self._long_step(first + step, update + step, mask)
                losses[step] = filled.losses[0]
        if deadly:
            self.dead_links[filled.slots] = filled.dead != 0

    def _long_step(self, batch: int, update: int, masks: int) -> None:
        """One step in parts, so that somebody may look around; its sums are the same as in one."""
        size, chunk = self._plan.batch_size, self._samples_at_once
        size = min(size, len(self._plan.train) - batch * size)
        for begin in range(0, size, chunk):
            if begin:
                self._plan.look_around()
            end = min(begin + chunk, size)
            self._kernel(self._training.address, b.TRAIN, batch, 1, update, masks, begin, end)

    def part_losses(self, look_around: Callable[[], None]) -> tuple[float, float]:
        """See :meth:`nnplay.core.engine.Engine.part_losses`."""
        filled, chunk = self._judging, LANES * self._tiles_at_once
        found = [float("nan"), float("nan")]
        for number, part in enumerate((b.TRAIN_IN_ORDER, b.TEST)):
            samples = int(filled.book[part + b.SAMPLES])
            if not samples:
                continue
            total = 0.0
            for begin in range(0, samples, chunk):
                if begin or number:
                    look_around()
                end = min(begin + chunk, samples)
                self._kernel(filled.address, part, 0, 1, 0, 0, begin, end)
                total += float(filled.settings[b.TOTAL])
            divisor = filled.divisors[part]
            found[number] = total / divisor if divisor else float("nan")
        return found[0], found[1]
