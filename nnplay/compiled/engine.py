"""The compiled backend: one generic kernel over the plan, many steps a call."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from nnplay.compiled import book as b
from nnplay.compiled.book import LANES
from nnplay.compiled.codes import ACTIVATION_CODES, LOSS_CODES, OPTIMIZER_CODES
from nnplay.compiled.loading import Kernel
from nnplay.compiled.tables import make_tables
from nnplay.core.engine import Part, Plan
from nnplay.core.losses import LOSSES
from nnplay.core.optimizers import OPTIMIZERS

__all__ = ["CompiledEngine"]

Array = npt.NDArray[Any]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

# What a step costs, in units of about 0.1 ns: per parameter and tile, per neuron and tile, and for
# itself. Only calls are sized with it, never numbers.
_PARAMETER_COST: Final = 40
_NEURON_COST: Final = 400
_STEP_COST: Final = 3_000
# A call of `steps` should take about 0.2 ms, and no call into a kernel more than about 2 ms.
_CALL_COST: Final = 2_000_000
_LONGEST_COST: Final = 20_000_000
# Bytes of a cache line.
_LINE: Final = 64


class CompiledEngine:
    """See :class:`nnplay.core.engine.Engine`.

    Args:
        plan: one that :func:`nnplay.compiled.supports`.
        kernel: does the arithmetic.
    """

    name = "compiled"

    def __init__(self, plan: Plan, kernel: Kernel) -> None:
        self._plan, self._kernel = plan, kernel
        layout, config = plan.layout, plan.config
        loss = LOSS_CODES[config.loss]
        optimizer = OPTIMIZERS[config.optimizer]
        self._lanes = lanes = tile_width(plan.batch_size)
        tables = make_tables(
            layout,
            ACTIVATION_CODES,
            plan.dropout,
            logits=LOSSES[config.loss].wants_logits,
            lanes=lanes,
        )
        self._slots = tables.slots
        size, rows = tables.slots.size, layout.row_count
        outputs = layout.output_places.size
        self._book = np.zeros(b.LENGTH, dtype=np.int64)
        self._kept: list[Array] = []
        for place, value in (
            (b.STAGES, len(layout.stages)),
            (b.ROWS, rows),
            (b.SIZE, size),
            (b.COLUMNS, 1 + layout.input_count),
            (b.OUTPUTS, outputs),
            (b.LOSS, loss),
            (b.OPTIMIZER, OPTIMIZER_CODES[config.optimizer]),
            (b.BATCH, plan.batch_size),
            (b.ENDS, layout.outputs_are_ends),
            (b.ARRAYS, len(optimizer.array_names)),
            (b.MASKED, config.l1_dead_links or not plan.movable[tables.slots].all()),
            (b.WIDTH_OF_TILES, lanes),
            (b.DEAD_LINKS, bool(config.l1_dead_links and config.l1)),
        ):
            self._book[place] = value
        for place, table in (
            (b.STAGE_TABLE, tables.stages),
            (b.RUN_TABLE, tables.runs),
            (b.MASK_ROWS, tables.mask_rows),
            (b.OUTPUT_ROWS, tables.output_rows),
            (b.STAGE_OUTPUTS, tables.stage_outputs),
            (b.PLACES, tables.places),
            (b.ROW_BEGIN, tables.row_begin),
            (b.ROW_INNER, tables.row_inner),
            (b.ROW_END, tables.row_end),
            (b.SLOTS, tables.slots),
        ):
            self._enter(place, table)
        self._dead = np.zeros(size, dtype=np.int64)
        self._enter(b.DEAD, self._dead)
        self._settings = self._make_settings(max(1, outputs))
        self._enter(b.SETTINGS, self._settings)
        batches = -(-len(plan.train) // plan.batch_size)
        self._rates, self._losses = np.zeros(batches), np.zeros(batches)
        self._enter(b.RATES, self._rates)
        self._enter(b.LOSSES, self._losses)
        self._make_buffers(rows, outputs)
        for place in (b.P, b.G, b.MEMORY, b.MEMORY + 1):
            self._enter(place, _aligned(size))
        self._may_move = plan.movable[tables.slots]
        self._movable = self._may_move.astype(np.float64)
        self._enter(b.MOVABLE, self._movable)
        self._enter(b.IS_WEIGHT, layout.is_weight[tables.slots].astype(np.float64))
        self._enter(b.PARAMETERS, plan.parameters)
        for number, name in enumerate(optimizer.array_names):
            self._enter(b.ARRAY + number, plan.memory[name])
        self._divisors: dict[int, float] = {}
        for place, part in (
            (b.TRAIN, plan.train),
            (b.TRAIN_IN_ORDER, plan.train_in_order),
            (b.TEST, plan.test),
        ):
            if part is not None:
                self._enter_part(place, part, max(1, outputs))
        self.dead_links: BoolArray = np.zeros(layout.size, dtype=bool)
        self._address = self._book.ctypes.data

        tile = _STEP_COST + _PARAMETER_COST * size + _NEURON_COST * rows
        tiles = -(-plan.batch_size // lanes)
        self.steps_at_once = max(1, _CALL_COST // (tile * tiles))
        self._samples_at_once = lanes * max(1, _LONGEST_COST // tile)

    def _enter(self, place: int, array: Array) -> None:
        """Write an array's address into the book, and keep the array."""
        if not array.flags.c_contiguous or array.dtype not in (np.float64, np.int64):
            raise ValueError("Kernels read whole arrays of float64 or int64.")
        self._kept.append(array)
        self._book[place] = array.ctypes.data

    def _make_settings(self, outputs: int) -> FloatArray:
        config = self._plan.config
        settings = np.zeros(b.SETTINGS_LENGTH)
        for place, value in (
            (b.L1, config.l1),
            (b.L2, config.l2),
            (b.CLIP_VALUE, config.clip_value),
            (b.CLIP_NORM, config.clip_norm),
            (b.MAX_NORM, config.max_norm),
            (b.HUBER_DELTA, config.huber_delta),
            (b.MOMENTUM, config.momentum),
            (b.DAMPENING, config.dampening),
            (b.BETA1, config.beta1),
            (b.BETA2, config.beta2),
            (b.EPSILON, config.epsilon),
            (b.RMS_DECAY, config.rms_decay),
            (b.WEIGHT_DECAY, config.weight_decay),
            (b.PER_WEIGHT, LOSSES[config.loss].divisor(outputs, 1)),
        ):
            settings[place] = value
        return settings

    def _make_buffers(self, rows: int, outputs: int) -> None:
        layout = self._plan.layout
        z, a, f, d = (_aligned(rows, self._lanes) for _ in range(4))
        ones = np.ones(rows, dtype=bool)
        ones[layout.places] = False
        a[ones] = 1.0
        for stage in layout.stages:
            for run in stage.runs:
                if run.activation == "softmax":
                    # Its derivative is no number per neuron; see `softmax_pull_back`.
                    f[run.start : run.stop] = 1.0
        for place, buffer in ((b.Z, z), (b.A, a), (b.F, f), (b.D, d)):
            self._enter(place, buffer)
        self._enter(b.E, _aligned(outputs, self._lanes))
        self._enter(b.LANE_TABLE, _aligned(b.LANE_ROWS, LANES))

    def _enter_part(self, place: int, part: Part, outputs: int) -> None:
        self._enter(place + b.INPUTS, part.inputs)
        self._enter(place + b.TARGETS, part.targets)
        if part.weights is not None:
            self._enter(place + b.WEIGHTS, part.weights)
        self._book[place + b.SAMPLES] = len(part)
        whole = len(part) if part.weights is None else float(part.weights.sum())
        self._divisors[place] = whole * LOSSES[self._plan.config.loss].divisor(outputs, 1)

    def steps(
        self, first: int, rates: FloatArray, update: int, masks: Array | None, losses: FloatArray
    ) -> None:
        """See :meth:`nnplay.core.engine.Engine.steps`."""
        if deadly := bool(self._book[b.DEAD_LINKS]):
            dead = self.dead_links[self._slots]
            self._dead[:] = dead
            self._movable[:] = self._may_move & ~dead
        count = len(rates)
        self._rates[:count] = rates
        address = 0
        if masks is not None:
            masks = np.ascontiguousarray(masks, dtype=np.float64)
            address = masks.ctypes.data
            self._book[b.MASK_STRIDE] = masks.shape[1]
        batch = self._plan.batch_size
        if batch <= self._samples_at_once:
            self._kernel(self._address, b.TRAIN, first, count, update, address, 0, batch)
        else:
            for step in range(count):
                self._long_step(first, step, update, address)
        losses[:] = self._losses[:count]
        if deadly:
            self.dead_links[self._slots] = self._dead != 0

    def _long_step(self, first: int, step: int, update: int, masks: int) -> None:
        """One step in parts, so that somebody may look around; its sums are the same as in one."""
        batch, chunk = self._plan.batch_size, self._samples_at_once
        start = (first + step) * batch
        size = min(batch, len(self._plan.train) - start)
        if masks:
            masks += 8 * step * batch
        self._rates[0] = self._rates[step]
        for begin in range(0, size, chunk):
            if begin:
                self._plan.look_around()
            end = min(begin + chunk, size)
            self._kernel(self._address, b.TRAIN, first + step, 1, update + step, masks, begin, end)
        self._losses[step] = self._losses[0]

    def part_losses(self, look_around: Callable[[], None]) -> tuple[float, float]:
        """See :meth:`nnplay.core.engine.Engine.part_losses`."""
        found = [float("nan"), float("nan")]
        for number, part in enumerate((b.TRAIN_IN_ORDER, b.TEST)):
            samples = int(self._book[part + b.SAMPLES])
            if not samples:
                continue
            total = 0.0
            for begin in range(0, samples, self._samples_at_once):
                if begin or number:
                    look_around()
                end = min(begin + self._samples_at_once, samples)
                self._kernel(self._address, part, 0, 1, 0, 0, begin, end)
                total += float(self._settings[b.TOTAL])
            divisor = self._divisors[part]
            found[number] = total / divisor if divisor else float("nan")
        return found[0], found[1]


def tile_width(batch_size: int) -> int:
    """Samples in a tile: 4, 8, 12 or 16, so that as few lanes as possible stay empty."""
    tiles = -(-batch_size // LANES)
    return 4 * -(-batch_size // (4 * tiles))


def _aligned(*shape: int) -> FloatArray:
    """Zeros that begin at a cache line, so that no vector of a tile straddles two."""
    size = math.prod(shape)
    room = np.zeros(size + _LINE // 8)
    first = -room.ctypes.data % _LINE // 8
    return room[first : first + size].reshape(shape)
