"""All losses over one tile: the sum per lane, and its gradient at the outputs.

Formulas and values at kinks are those of :mod:`nnplay.core.losses`.
"""

from __future__ import annotations

import math

from numba import njit

from nnplay.compiled import book as b
from nnplay.compiled.book import LANES
from nnplay.compiled.codes import LOSS_CODES
from nnplay.compiled.functions import OPTIONS, exp, log1p_small, sign
from nnplay.compiled.vectors import floats, floats_at, integers

__all__ = ["BINARY_CROSS_ENTROPY", "SOFTMAX_CROSS_ENTROPY", "lose"]

_HALF_SQUARED = LOSS_CODES["half_squared"]
_MSE = LOSS_CODES["mse"]
_MAE = LOSS_CODES["mae"]
_HUBER = LOSS_CODES["huber"]
_HINGE = LOSS_CODES["hinge"]
BINARY_CROSS_ENTROPY = LOSS_CODES["binary_cross_entropy"]
SOFTMAX_CROSS_ENTROPY = LOSS_CODES["softmax_cross_entropy"]


@njit(**OPTIONS)
def lose(book, part, first, count, scale):
    """The undivided loss of ``count`` samples.

    The gradient, times ``scale``, is added to dE/da of the outputs or, for cross-entropies,
    written as dE/dz of each output. It is 0 in lanes without a sample.
    """
    code, outputs = book[b.LOSS], book[b.OUTPUTS]
    rows = integers(book[b.OUTPUT_ROWS])
    z, a, d, e = floats(book[b.Z]), floats(book[b.A]), floats(book[b.D]), floats(book[b.E])
    settings, table = floats(book[b.SETTINGS]), floats(book[b.LANE_TABLE])
    lanes = book[b.WIDTH_OF_TILES]
    weight, loss = floats_at(table, b.LANE_WEIGHT * LANES), floats_at(table, b.LANE_LOSS * LANES)
    y = floats_at(table, b.LANE_TARGET * LANES)
    delta = settings[b.HUBER_DELTA]
    weighted = book[part + b.WEIGHTS] != 0 and code != SOFTMAX_CROSS_ENTROPY
    for t in range(lanes):
        loss[t] = 0.0
        weight[t] = 0.0
    for t in range(count):
        weight[t] = 1.0
    if weighted:
        weights = floats_at(floats(book[part + b.WEIGHTS]), first)
        for t in range(count):
            weight[t] = weights[t]
    for output in range(outputs):
        row = rows[output]
        if row < 0:
            continue
        _load_targets(book, part, first, count, output, y)
        here, value = floats_at(d, row * lanes), floats_at(a, row * lanes)
        if code == _HALF_SQUARED:
            for t in range(lanes):
                x = value[t] - y[t]
                loss[t] += (0.5 * x * x) * weight[t]
                here[t] += x * weight[t] * scale
        elif code == _MSE:
            for t in range(lanes):
                x = value[t] - y[t]
                loss[t] += (x * x) * weight[t]
                here[t] += 2.0 * x * weight[t] * scale
        elif code == _MAE:
            for t in range(lanes):
                x = value[t] - y[t]
                loss[t] += abs(x) * weight[t]
                here[t] += sign(x) * weight[t] * scale
        elif code == _HUBER:
            for t in range(lanes):
                x = value[t] - y[t]
                near = delta if x > delta else (-delta if x < -delta else x)
                loss[t] += 0.5 * (near * (2.0 * x - near)) * weight[t]
                here[t] += near * weight[t] * scale
        elif code == _HINGE:
            for t in range(lanes):
                x = 1.0 - y[t] * value[t]
                missing = 0.0 if x < 0.0 else x
                loss[t] += missing * weight[t]
                here[t] -= sign(missing) * y[t] * weight[t] * scale
        elif code == BINARY_CROSS_ENTROPY:
            logit, out = floats_at(z, row * lanes), floats_at(e, output * lanes)
            for t in range(lanes):
                x = logit[t]
                above = 0.0 if x < 0.0 else x
                loss[t] += (above + log1p_small(exp(-abs(x))) - x * y[t]) * weight[t]
                out[t] = (value[t] - y[t]) * weight[t] * scale
    if code == SOFTMAX_CROSS_ENTROPY:
        _lose_softmax(book, part, first, count, scale)
    total = 0.0
    for t in range(count):
        total += loss[t]
    return total


@njit(**OPTIONS)
def _load_targets(book, part, first, count, output, y):
    """An output's targets, by lane; lanes without a sample repeat the last."""
    targets = floats(book[part + b.TARGETS])
    targets = floats_at(targets, output * book[part + b.SAMPLES] + first)
    for t in range(count):
        y[t] = targets[t]
    for t in range(count, book[b.WIDTH_OF_TILES]):
        y[t] = targets[count - 1]


@njit(**OPTIONS)
def _lose_softmax(book, part, first, count, scale):
    """The loss log Σ e^z - Σ y·z, shifted by the largest z; softmax has left that and the sum behind."""
    rows = integers(book[b.OUTPUT_ROWS])
    z, a, e = floats(book[b.Z]), floats(book[b.A]), floats(book[b.E])
    table, lanes = floats(book[b.LANE_TABLE]), book[b.WIDTH_OF_TILES]
    weight, loss = floats_at(table, b.LANE_WEIGHT * LANES), floats_at(table, b.LANE_LOSS * LANES)
    y, whole = floats_at(table, b.LANE_TARGET * LANES), floats_at(table, b.LANE_SUM * LANES)
    largest = floats_at(table, b.LANE_LARGEST * LANES)
    total = floats_at(table, b.LANE_TOTAL * LANES)
    some = False
    for t in range(lanes):
        whole[t] = 0.0
    for output in range(book[b.OUTPUTS]):
        if rows[output] < 0:
            continue
        some = True
        _load_targets(book, part, first, count, output, y)
        logit, out = floats_at(z, rows[output] * lanes), floats_at(e, output * lanes)
        for t in range(lanes):
            whole[t] += y[t]
            loss[t] -= y[t] * (logit[t] - largest[t])
            out[t] = y[t]
    if some:
        for t in range(count):
            loss[t] += math.log(total[t]) * whole[t]
    for output in range(book[b.OUTPUTS]):
        if rows[output] < 0:
            continue
        value, out = floats_at(a, rows[output] * lanes), floats_at(e, output * lanes)
        for t in range(lanes):
            out[t] = (value[t] * whole[t] - out[t]) * weight[t] * scale
