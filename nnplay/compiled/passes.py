"""Forward and backward over one tile of samples."""

from __future__ import annotations

from numba import njit

from nnplay.compiled import book as b
from nnplay.compiled.activating import SOFTMAX, activate, softmax, softmax_pull_back
from nnplay.compiled.book import LANES
from nnplay.compiled.functions import OPTIONS
from nnplay.compiled.vectors import (
    floats,
    floats_at,
    gather_row,
    integers,
    integers_at,
    outer,
    panel_1,
    panel_2,
    scatter_row,
)

__all__ = ["backward", "forward", "load_inputs"]


@njit(**OPTIONS)
def load_inputs(book, part, first, count):
    """Copy ``count`` samples into the rows of the inputs; lanes without one repeat the last."""
    inputs, a = floats(book[part + b.INPUTS]), floats(book[b.A])
    columns, lanes = book[b.COLUMNS], book[b.WIDTH_OF_TILES]
    for t in range(lanes):
        sample = first + (t if t < count else count - 1)
        x = floats_at(inputs, sample * columns)
        for column in range(columns):
            a[column * lanes + t] = x[column]


@njit(**OPTIONS)
def forward(book, masks, mask_stride, count):
    """Weighted sums, activations and derivatives of all neurons.

    ``masks`` points to the multiplier of the first dropout row for the first lane, rows
    ``mask_stride`` apart; 0 is no dropout.
    """
    stages, runs = integers(book[b.STAGE_TABLE]), integers(book[b.RUN_TABLE])
    mask_rows, places = integers(book[b.MASK_ROWS]), integers(book[b.PLACES])
    begin, end = integers(book[b.ROW_BEGIN]), integers(book[b.ROW_END])
    z, a, f, p = floats(book[b.Z]), floats(book[b.A]), floats(book[b.F]), floats(book[b.P])
    table, lanes = floats(book[b.LANE_TABLE]), book[b.WIDTH_OF_TILES]
    quarters = lanes // 4
    for number in range(book[b.STAGES]):
        stage = integers_at(stages, number * b.STAGE_WIDTH)
        start, stop = stage[b.START], stage[b.STOP]
        if stage[b.DENSE]:
            for i in range(start * lanes, stop * lanes):
                z[i] = 0.0
            x, width = floats_at(a, stage[b.SOURCE]), stage[b.WIDTH]
            w = floats_at(p, stage[b.OFFSET])
            row = start
            while row + 1 < stop:
                panel_2(floats_at(z, row * lanes), w, width, 1, x, width, quarters)
                w = floats_at(w, 2 * width)
                row += 2
            if row < stop:
                panel_1(floats_at(z, row * lanes), w, width, 1, x, width, quarters)
        else:
            for row in range(start, stop):
                first = begin[row]
                gather_row(
                    floats_at(z, row * lanes),
                    floats_at(p, first),
                    integers_at(places, first),
                    a,
                    end[row] - first,
                    quarters,
                )
        for number_of_run in range(stage[b.FIRST_RUN], stage[b.LAST_RUN]):
            code, size = runs[3 * number_of_run], runs[3 * number_of_run + 2]
            at = runs[3 * number_of_run + 1] * lanes
            if code == SOFTMAX:
                softmax(
                    floats_at(z, at),
                    floats_at(a, at),
                    size,
                    floats_at(table, b.LANE_LARGEST * LANES),
                    floats_at(table, b.LANE_TOTAL * LANES),
                    lanes,
                )
            else:
                activate(code, floats_at(z, at), floats_at(a, at), floats_at(f, at), size * lanes)
        if masks != 0:
            for number_of_mask in range(stage[b.FIRST_MASK], stage[b.LAST_MASK]):
                mask = floats_at(floats(masks), number_of_mask * mask_stride)
                at = mask_rows[number_of_mask] * lanes
                for t in range(count):
                    a[at + t] *= mask[t]
                    f[at + t] *= mask[t]


@njit(**OPTIONS)
def backward(book, wants_logits):
    """Add the tile's gradient, from dE/da (or, with logits, dE/dz) at the outputs."""
    stages, runs = integers(book[b.STAGE_TABLE]), integers(book[b.RUN_TABLE])
    places, stage_outputs = integers(book[b.PLACES]), integers(book[b.STAGE_OUTPUTS])
    output_rows = integers(book[b.OUTPUT_ROWS])
    begin, inner = integers(book[b.ROW_BEGIN]), integers(book[b.ROW_INNER])
    end = integers(book[b.ROW_END])
    a, f, d, e = floats(book[b.A]), floats(book[b.F]), floats(book[b.D]), floats(book[b.E])
    p, g, table = floats(book[b.P]), floats(book[b.G]), floats(book[b.LANE_TABLE])
    lanes = book[b.WIDTH_OF_TILES]
    quarters = lanes // 4
    for number in range(book[b.STAGES] - 1, -1, -1):
        stage = integers_at(stages, number * b.STAGE_WIDTH)
        start, stop = stage[b.START], stage[b.STOP]
        if not (wants_logits and book[b.ENDS]):
            for number_of_run in range(stage[b.FIRST_RUN], stage[b.LAST_RUN]):
                if runs[3 * number_of_run] == SOFTMAX:
                    at = runs[3 * number_of_run + 1] * lanes
                    softmax_pull_back(
                        floats_at(a, at),
                        floats_at(d, at),
                        runs[3 * number_of_run + 2],
                        floats_at(table, b.LANE_SUM * LANES),
                        lanes,
                    )
        for i in range(start * lanes, stop * lanes):
            d[i] *= f[i]
        if wants_logits:
            for k in range(stage[b.FIRST_OUTPUT], stage[b.LAST_OUTPUT]):
                output = stage_outputs[k]
                at = output_rows[output] * lanes
                for t in range(lanes):
                    d[at + t] += e[output * lanes + t]
        for row in range(start, stop):
            first = begin[row]
            here = floats_at(d, row * lanes)
            outer(
                here, a, integers_at(places, first), floats_at(g, first), end[row] - first, quarters
            )
        if stage[b.DENSE]:
            width, column = stage[b.WIDTH], stage[b.INNER]
            below, delta = floats_at(d, stage[b.SOURCE]), floats_at(d, start * lanes)
            w, size = floats_at(p, stage[b.OFFSET]), stop - start
            while column + 1 < width:
                panel_2(
                    floats_at(below, column * lanes),
                    floats_at(w, column),
                    1,
                    width,
                    delta,
                    size,
                    quarters,
                )
                column += 2
            if column < width:
                panel_1(
                    floats_at(below, column * lanes),
                    floats_at(w, column),
                    1,
                    width,
                    delta,
                    size,
                    quarters,
                )
        else:
            for row in range(start, stop):
                first = inner[row]
                scatter_row(
                    floats_at(d, row * lanes),
                    floats_at(p, first),
                    integers_at(places, first),
                    d,
                    end[row] - first,
                    quarters,
                )
