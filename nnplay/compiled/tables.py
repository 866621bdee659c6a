"""A layout as the kernels read it: plain tables of whole numbers.

Parameters get the engine's own order: neuron by neuron, for each its bias first. Stages whose blocks
are mostly connected keep their whole matrix, padding included; of the others only what is connected
is kept, so that a sparse graph costs no more than its connections.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nnplay.compiled import book as b
from nnplay.compiled.book import LANES
from nnplay.core.engine import Dropout
from nnplay.core.layout import Layout, Stage

__all__ = ["Tables", "make_tables", "tile_width"]

IntArray = npt.NDArray[np.int64]

# A block is multiplied as a whole from this share of connections up: blocked products are about
# that much quicker than single rows.
_DENSE_FROM = 0.5


def tile_width(batch_size: int) -> int:
    """Samples in a tile: 4, 8, 12 or 16, so that as few lanes as possible stay empty."""
    tiles = -(-batch_size // LANES)
    return 4 * -(-batch_size // (4 * tiles))


@dataclass(frozen=True, eq=False)
class Tables:
    """Tables of :mod:`nnplay.compiled.book`, in the order of its names.

    Attributes:
        stages: ``[stages, STAGE_WIDTH]``.
        runs: ``[runs, 3]``: activation code, first row, number of rows.
        mask_rows: plan row of each dropout row.
        output_rows: ``[outputs]``, -1 for outputs that take no part in the loss.
        stage_outputs: outputs by stage.
        places: ``[E]``, place of each parameter's source.
        row_begin, row_inner, row_end: ``[rows]``, which parameters belong to a row; from
            ``row_inner`` on sources are neurons that learn.
        slots: ``[E]``, position of each parameter in the padded vector.
    """

    stages: IntArray
    runs: IntArray
    mask_rows: IntArray
    output_rows: IntArray
    stage_outputs: IntArray
    places: IntArray
    row_begin: IntArray
    row_inner: IntArray
    row_end: IntArray
    slots: IntArray


def make_tables(
    layout: Layout, codes: dict[str, int], dropout: Dropout | None, *, logits: bool, lanes: int
) -> Tables:
    """The tables of a layout.

    Args:
        layout: the plan.
        codes: number of each activation.
        dropout: rows that may be silenced, or None.
        lanes: samples in a tile.
        logits: whether the loss is computed from z, so that switched-off outputs are left out.
    """
    stages = np.zeros((len(layout.stages), b.STAGE_WIDTH), dtype=np.int64)
    runs: list[tuple[int, int, int]] = []
    begin, inner, end = (np.zeros(layout.row_count, dtype=np.int64) for _ in range(3))
    slots: list[IntArray] = []
    places: list[IntArray] = []
    mask_rows = np.zeros(0, np.int64) if dropout is None else dropout.rows.astype(np.int64)
    if (np.diff(mask_rows) < 0).any():
        raise ValueError("Rows of dropout must ascend.")
    output_rows = layout.output_places.astype(np.int64)
    if logits:
        output_rows = np.where(layout.output_enabled, output_rows, -1)
    stage_outputs: list[int] = []
    offset = 0
    for number, stage in enumerate(layout.stages):
        row = stages[number]
        row[b.START], row[b.STOP] = stage.start, stage.stop
        sources, first_inner = _sources(layout, stage)
        block = np.arange(stage.size * stage.columns).reshape(stage.size, stage.columns)
        connected = ~layout.is_padding[stage.offset + block]
        dense = stage.source_rows is None and connected.mean() >= _DENSE_FROM
        row[b.DENSE], row[b.OFFSET], row[b.WIDTH] = dense, offset, stage.columns
        row[b.SOURCE], row[b.INNER] = stage.source_start * lanes, first_inner
        if dense:
            connected = np.ones_like(connected)
        counts = connected.sum(axis=1)
        rows = slice(stage.start, stage.stop)
        begin[rows] = offset + np.concatenate([[0], np.cumsum(counts)[:-1]])
        end[rows] = begin[rows] + counts
        inner[rows] = begin[rows] + connected[:, :first_inner].sum(axis=1)
        slots.append(stage.offset + block[connected])
        places.append(np.broadcast_to(sources * lanes, connected.shape)[connected])
        offset += int(counts.sum())

        row[b.FIRST_RUN] = len(runs)
        runs += [(codes[run.activation], run.start, run.stop - run.start) for run in stage.runs]
        row[b.LAST_RUN] = len(runs)
        row[b.FIRST_MASK], row[b.LAST_MASK] = np.searchsorted(mask_rows, [stage.start, stage.stop])
        row[b.FIRST_OUTPUT] = len(stage_outputs)
        here = (output_rows >= stage.start) & (output_rows < stage.stop)
        stage_outputs += np.flatnonzero(here).tolist()
        row[b.LAST_OUTPUT] = len(stage_outputs)
    return Tables(
        stages,
        np.array(runs, dtype=np.int64).reshape(-1, 3),
        mask_rows,
        output_rows,
        np.array(stage_outputs, dtype=np.int64),
        np.concatenate(places) if places else np.zeros(0, np.int64),
        begin,
        inner,
        end,
        np.concatenate(slots) if slots else np.zeros(0, np.int64),
    )


def _sources(layout: Layout, stage: Stage) -> tuple[IntArray, int]:
    """Plan row of each column's source, and the first column whose source is no input."""
    if stage.source_rows is None:
        rows = np.arange(stage.source_start, stage.source_stop, dtype=np.int64)
    else:
        rows = stage.source_rows
    # Column 0 is the bias, even where its row of ones stands behind the inputs.
    return rows, max(1, int(np.searchsorted(rows, layout.input_count + 1)))
