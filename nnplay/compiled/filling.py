"""Fills the book that the kernel reads: everything about a plan, in one table."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from nnplay.compiled import book as b
from nnplay.compiled.book import LANES
from nnplay.compiled.codes import ACTIVATION_CODES, LOSS_CODES, OPTIMIZER_CODES
from nnplay.compiled.tables import make_tables
from nnplay.core.engine import Part, Plan
from nnplay.core.losses import LOSSES
from nnplay.core.optimizers import OPTIMIZERS

__all__ = ["Filled"]

Array = npt.NDArray[Any]
IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

# Bytes of a cache line.
_LINE: Final = 64


class Filled:
    """A book with buffers of its own, on the arrays of a plan.

    Args:
        plan: what to compute.
        lanes: samples in a tile.

    Attributes:
        book: the table, see :mod:`nnplay.compiled.book`.
        address: of the table.
        settings: numbers that the kernel reads and leaves behind.
        slots: position of each parameter in the padded vectors.
        rates, losses: of the steps of a call, as many as an epoch has.
        may_move: whether each parameter may move.
        movable: the same as numbers; dead links become 0.
        dead: 1 for dead links.
        divisors: by part, what its undivided loss is divided by.
    """

    def __init__(self, plan: Plan, lanes: int) -> None:
        layout, config = plan.layout, plan.config
        loss, optimizer = LOSSES[config.loss], OPTIMIZERS[config.optimizer]
        tables = make_tables(
            layout, ACTIVATION_CODES, plan.dropout, logits=loss.wants_logits, lanes=lanes
        )
        self.slots = tables.slots
        size, rows = tables.slots.size, layout.row_count
        outputs = layout.output_places.size
        self.book: IntArray = np.zeros(b.LENGTH, dtype=np.int64)
        self.address = int(self.book.ctypes.data)
        self._kept: list[Array] = []
        for place, value in (
            (b.STAGES, len(layout.stages)),
            (b.ROWS, rows),
            (b.SIZE, size),
            (b.COLUMNS, 1 + layout.input_count),
            (b.OUTPUTS, outputs),
            (b.LOSS, LOSS_CODES[config.loss]),
            (b.OPTIMIZER, OPTIMIZER_CODES[config.optimizer]),
            (b.BATCH, plan.batch_size),
            (b.ENDS, layout.outputs_are_ends),
            (b.ARRAYS, len(optimizer.array_names)),
            (b.MASKED, config.l1_dead_links or not plan.movable[tables.slots].all()),
            (b.WIDTH_OF_TILES, lanes),
            (b.DEAD_LINKS, bool(config.l1_dead_links and config.l1)),
        ):
            self.book[place] = value
        self.dead: IntArray = np.zeros(size, dtype=np.int64)
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
            (b.DEAD, self.dead),
        ):
            self._enter(place, table)
        self.settings = _settings(plan, max(1, outputs))
        self._enter(b.SETTINGS, self.settings)
        batches = -(-len(plan.train) // plan.batch_size)
        self.rates: FloatArray = np.zeros(batches)
        self.losses: FloatArray = np.zeros(batches)
        self._enter(b.RATES, self.rates)
        self._enter(b.LOSSES, self.losses)
        self._make_buffers(plan, lanes)
        self.may_move: BoolArray = plan.movable[tables.slots]
        self.movable = self.may_move.astype(np.float64)
        self._enter(b.MOVABLE, self.movable)
        self._enter(b.IS_WEIGHT, layout.is_weight[tables.slots].astype(np.float64))
        self._enter(b.PARAMETERS, plan.parameters)
        for number, name in enumerate(optimizer.array_names):
            self._enter(b.ARRAY + number, plan.memory[name])
        self.divisors: dict[int, float] = {}
        for place, part in (
            (b.TRAIN, plan.train),
            (b.TRAIN_IN_ORDER, plan.train_in_order),
            (b.TEST, plan.test),
        ):
            if part is not None:
                self._enter_part(place, part)
                whole = len(part) if part.weights is None else float(part.weights.sum())
                self.divisors[place] = whole * loss.divisor(max(1, outputs), 1)

    def _enter(self, place: int, array: Array) -> None:
        """Write an array's address into the book, and keep the array."""
        if not array.flags.c_contiguous or array.dtype not in (np.float64, np.int64):
            raise ValueError("Kernels read whole arrays of float64 or int64.")
        self._kept.append(array)
        self.book[place] = array.ctypes.data

    def _make_buffers(self, plan: Plan, lanes: int) -> None:
        layout = plan.layout
        rows = layout.row_count
        z, a, f, d = (_aligned(rows, lanes) for _ in range(4))
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
        self._enter(b.E, _aligned(layout.output_places.size, lanes))
        self._enter(b.LANE_TABLE, _aligned(b.LANE_ROWS, LANES))
        for place in (b.P, b.G, b.MEMORY, b.MEMORY + 1):
            self._enter(place, _aligned(self.slots.size))

    def _enter_part(self, place: int, part: Part) -> None:
        self._enter(place + b.INPUTS, part.inputs)
        self._enter(place + b.TARGETS, part.targets)
        if part.weights is not None:
            self._enter(place + b.WEIGHTS, part.weights)
        self.book[place + b.SAMPLES] = len(part)


def _settings(plan: Plan, outputs: int) -> FloatArray:
    config = plan.config
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


def _aligned(*shape: int) -> FloatArray:
    """Zeros that begin at a cache line, so that no vector of a tile straddles two."""
    size = math.prod(shape)
    room = np.zeros(size + _LINE // 8)
    first = -room.ctypes.data % _LINE // 8
    return room[first : first + size].reshape(shape)
