"""From gradient to step: penalties, clipping, all optimisers but L-BFGS, dead links, max-norm.

Everything works on the engine's own vectors, in the order that
:mod:`nnplay.core.engine` fixes. Formulas are those of :mod:`nnplay.core.optimizers` and
:mod:`nnplay.core.regularizers`.
"""

from __future__ import annotations

import math

from numba import njit

from nnplay.compiled import book as b
from nnplay.compiled.codes import OPTIMIZER_CODES
from nnplay.compiled.functions import OPTIONS, sign
from nnplay.compiled.vectors import floats, floats_at, integers
from nnplay.core.optimizers.rprop import GROW, LONGEST, SHORTEST, SHRINK

__all__ = ["shape_gradient", "update_parameters"]

_SGD = OPTIMIZER_CODES["sgd"]
_MOMENTUM = OPTIMIZER_CODES["momentum"]
_NESTEROV = OPTIMIZER_CODES["nesterov"]
_ADAGRAD = OPTIMIZER_CODES["adagrad"]
_RMSPROP = OPTIMIZER_CODES["rmsprop"]
_ADAM = OPTIMIZER_CODES["adam"]
_ADAMW = OPTIMIZER_CODES["adamw"]

# As in PyTorch's clip_grad_norm_.
_NORM_EPSILON = 1e-6


@njit(**OPTIONS)
def shape_gradient(book):
    """Add penalties, clear what must not move, and clip."""
    size, settings = book[b.SIZE], floats(book[b.SETTINGS])
    p, g, movable = floats(book[b.P]), floats(book[b.G]), floats(book[b.MOVABLE])
    is_weight = floats(book[b.IS_WEIGHT])
    l1, l2 = settings[b.L1], settings[b.L2]
    if l2 != 0.0:
        for i in range(size):
            g[i] += p[i] * (l2 * is_weight[i])
    if l1 != 0.0 and not book[b.DEAD_LINKS]:
        for i in range(size):
            g[i] += sign(p[i]) * (l1 * is_weight[i])
    if book[b.MASKED]:
        for i in range(size):
            g[i] *= movable[i]
    limit = settings[b.CLIP_VALUE]
    if limit != 0.0:
        for i in range(size):
            x = g[i]
            g[i] = limit if x > limit else (-limit if x < -limit else x)
    limit = settings[b.CLIP_NORM]
    if limit != 0.0:
        squares = 0.0
        for i in range(size):
            squares += g[i] * g[i]
        factor = limit / (math.sqrt(squares) + _NORM_EPSILON)
        if not factor >= 1.0:
            for i in range(size):
                g[i] *= factor


@njit(**OPTIONS)
def update_parameters(book, number, rate):
    """One update, the ``number``-th of the optimiser, and what follows it."""
    size, settings, code = book[b.SIZE], floats(book[b.SETTINGS]), book[b.OPTIMIZER]
    p, g, movable = floats(book[b.P]), floats(book[b.G]), floats(book[b.MOVABLE])
    m, v = floats(book[b.MEMORY]), floats(book[b.MEMORY + 1])
    epsilon = settings[b.EPSILON]
    if code == _SGD:
        for i in range(size):
            p[i] -= rate * g[i]
    elif code == _MOMENTUM:
        keep, share = settings[b.MOMENTUM], 1.0
        # Without momentum PyTorch takes no notice of dampening; the very first velocity is the
        # whole gradient.
        if keep != 0.0 and number > 1:
            share = 1.0 - settings[b.DAMPENING]
        for i in range(size):
            velocity = keep * m[i] + share * g[i]
            m[i] = velocity
            p[i] -= velocity * rate * movable[i]
    elif code == _NESTEROV:
        keep = settings[b.MOMENTUM]
        for i in range(size):
            velocity = keep * m[i] + g[i]
            m[i] = velocity
            p[i] -= (keep * velocity + g[i]) * rate * movable[i]
    elif code == _ADAGRAD:
        for i in range(size):
            square = m[i] + g[i] * g[i]
            m[i] = square
            p[i] -= g[i] * rate / (math.sqrt(square) + epsilon) * movable[i]
    elif code == _RMSPROP:
        keep = settings[b.RMS_DECAY]
        new = 1.0 - keep
        for i in range(size):
            square = m[i] * keep + g[i] * g[i] * new
            m[i] = square
            p[i] -= g[i] * rate / (math.sqrt(square) + epsilon) * movable[i]
    elif code in (_ADAM, _ADAMW):
        if code == _ADAMW:
            decay, is_weight = settings[b.WEIGHT_DECAY] * rate, floats(book[b.IS_WEIGHT])
            for i in range(size):
                p[i] *= 1.0 - decay * (movable[i] * is_weight[i])
        keep1, keep2 = settings[b.BETA1], settings[b.BETA2]
        new1, new2 = 1.0 - keep1, 1.0 - keep2
        root = 1.0 / math.sqrt(1.0 - keep2**number)
        step = rate / (1.0 - keep1**number)
        for i in range(size):
            first = m[i] * keep1 + g[i] * new1
            second = v[i] * keep2 + g[i] * g[i] * new2
            m[i] = first
            v[i] = second
            p[i] -= first * step / (math.sqrt(second) * root + epsilon) * movable[i]
    else:  # rprop
        for i in range(size):
            length = rate if v[i] == 0.0 else v[i]
            agreement = g[i] * m[i]
            factor = GROW if agreement > 0.0 else (SHRINK if agreement < 0.0 else 1.0)
            length *= factor
            length = SHORTEST if length < SHORTEST else (LONGEST if length > LONGEST else length)
            slope = 0.0 if agreement < 0.0 else g[i]
            v[i] = length
            m[i] = slope
            p[i] -= sign(slope) * length * movable[i]
    if book[b.DEAD_LINKS]:
        _pull(book, rate * settings[b.L1])
    if settings[b.MAX_NORM] != 0.0:
        _limit_norms(book, settings[b.MAX_NORM])


@njit(**OPTIONS)
def _pull(book, length):
    """The playground's L1: pull all weights towards 0; those that cross it die."""
    p, movable, is_weight = floats(book[b.P]), floats(book[b.MOVABLE]), floats(book[b.IS_WEIGHT])
    dead = integers(book[b.DEAD])
    for i in range(book[b.SIZE]):
        x = p[i]
        pulled = x - length * sign(x) * is_weight[i] * movable[i]
        if x * pulled < 0.0:
            pulled = 0.0
            movable[i] = 0.0
            dead[i] = 1
        p[i] = pulled


@njit(**OPTIONS)
def _limit_norms(book, limit):
    """Shorten every neuron's vector of incoming weights to the limit; biases take no part."""
    p, movable = floats(book[b.P]), floats(book[b.MOVABLE])
    begin, end = integers(book[b.ROW_BEGIN]), integers(book[b.ROW_END])
    for row in range(book[b.ROWS]):
        count = end[row] - begin[row] - 1
        if count < 1:
            continue
        w, moves = floats_at(p, begin[row] + 1), floats_at(movable, begin[row] + 1)
        squares = 0.0
        for i in range(count):
            squares += w[i] * w[i]
        length = math.sqrt(squares)
        if not length <= limit:
            factor = limit / length
            for i in range(count):
                w[i] *= factor if moves[i] > 0.0 else 1.0
