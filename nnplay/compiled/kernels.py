"""The kernel: many training steps, or the loss of samples.

Only the process that compiles imports this module, and with it Numba; see
:mod:`nnplay.compiled.compiling`. The compiled code needs neither.
"""

from __future__ import annotations

from numba import int64

from nnplay.compiled import book as b
from nnplay.compiled.exchange import deliver, fetch
from nnplay.compiled.losing import BINARY_CROSS_ENTROPY, lose
from nnplay.compiled.passes import backward, forward, load_inputs
from nnplay.compiled.updating import shape_gradient, update_parameters
from nnplay.compiled.vectors import floats, integers

__all__ = ["SIGNATURE", "kernel"]

SIGNATURE = int64(*[int64] * 8)


def kernel(address, part, first, steps, update, masks, begin, end):
    """Train on consecutive batches, or sum the losses of samples. Always returns 0.

    Args:
        address: of the book.
        part: ``TRAIN`` for steps (see :meth:`nnplay.core.engine.Engine.steps`); another part for the
            undivided loss of its samples ``begin`` to ``end``, left in the settings.
        first: number of the first batch.
        steps: how many.
        update: the optimiser's number of the first update.
        masks: address of the multipliers of dropout for the first sample; 0 for none.
        begin: first sample of each batch, at the beginning of a tile.
        end: behind the last sample of each batch. A large batch is done in several calls; the last
            of them makes the step.
    """
    book = integers(address)
    settings, g, d = floats(book[b.SETTINGS]), floats(book[b.G]), floats(book[b.D])
    rates, losses = floats(book[b.RATES]), floats(book[b.LOSSES])
    training = part == b.TRAIN
    samples = book[part + b.SAMPLES]
    batch = book[b.BATCH] if training else samples
    wants_logits = book[b.LOSS] >= BINARY_CROSS_ENTROPY
    lanes = book[b.WIDTH_OF_TILES]
    inner, all_rows = book[b.COLUMNS] * lanes, book[b.ROWS] * lanes
    stride = book[b.MASK_STRIDE]
    fetch(book, training)
    for step in range(steps):
        start = (first + step) * batch
        stop = min(start + batch, samples)
        if begin == 0 or not training:
            settings[b.TOTAL] = 0.0
        if begin == 0 and training:
            settings[b.TOTAL_WEIGHT] = stop - start
            if book[part + b.WEIGHTS] != 0:
                weights = floats(book[part + b.WEIGHTS])
                settings[b.TOTAL_WEIGHT] = 0.0
                for sample in range(start, stop):
                    settings[b.TOTAL_WEIGHT] += weights[sample]
            for i in range(book[b.SIZE]):
                g[i] = 0.0
        divisor = settings[b.TOTAL_WEIGHT] * settings[b.PER_WEIGHT]
        scale = 1.0 / divisor if training and divisor != 0.0 else 0.0
        for sample in range(start + begin, min(start + end, stop), lanes):
            count = min(lanes, min(start + end, stop) - sample)
            load_inputs(book, part, sample, count)
            mask = 0 if masks == 0 else masks + 8 * (sample - first * batch)
            forward(book, mask, stride, count)
            if training:
                for i in range(inner, all_rows):
                    d[i] = 0.0
            settings[b.TOTAL] += lose(book, part, sample, count, scale)
            if training:
                backward(book, wants_logits)
        if training and start + end >= stop:
            losses[step] = settings[b.TOTAL] / divisor if divisor != 0.0 else 0.0
            shape_gradient(book)
            update_parameters(book, update + step, rates[step])
            if step == steps - 1:
                deliver(book)
    return 0
