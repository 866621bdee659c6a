"""Independent streams of random numbers, all derived from one seed.

A stream is keyed by what it is for and by a counter (draw number, epoch or step), so that resuming
a document needs no stored generator: the shuffle of epoch 7 is the same however it was reached.
"""

from __future__ import annotations

import enum

import numpy as np

__all__ = ["Stream", "random_stream"]


class Stream(enum.IntEnum):
    """What random numbers are for. The values are part of the file format: never renumber."""

    DATA = 0
    SPLIT = 1
    INIT = 2
    SHUFFLE = 3
    DROPOUT = 4


def random_stream(seed: int, stream: Stream, counter: int = 0, *more: int) -> np.random.Generator:
    """A fresh generator for one purpose; the same arguments always give the same numbers.

    Args:
        seed: the document's seed, a non-negative integer.
        stream: the purpose.
        counter: draw number (INIT), epoch (SHUFFLE) or step (DROPOUT).
        more: further non-negative numbers that tell streams apart, such as neuron ids.
    """
    key = [int(seed), int(stream), int(counter), *more]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(key)))
