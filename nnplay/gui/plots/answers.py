"""How the answers of a network agree with its data: what to show where no map can be drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from nnplay.core.network import Network
from nnplay.core.targets import predicted_classes
from nnplay.data.errors import DataError
from nnplay.data.preparation import PreparedData
from nnplay.gui.plots.responses import Responder

__all__ = ["MOST_SAMPLES", "Answers", "answers_of"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

MOST_SAMPLES: Final = 2000
"""Samples asked at most: more would cost time and could not be told apart."""


@dataclass(frozen=True, eq=False)
class Answers:
    """Answers to samples of one part of the data.

    Attributes:
        rows: ``int64[n]``, row of the data of each sample.
        given: ``int64[n]`` classes the network chose, or ``float64[n]`` values in units of the
            target.
        wanted: the same as the data have it.
        of: how many samples the part has; more than ``n`` if only a share was asked.
    """

    rows: IntArray
    given: IntArray | FloatArray
    wanted: IntArray | FloatArray
    of: int

    def table(self, classes: int) -> IntArray:
        """``int64[classes, classes]``: how often class ``row`` was taken for class ``column``."""
        counts = np.zeros((classes, classes), dtype=np.int64)
        np.add.at(counts, (self.wanted.astype(np.int64), self.given.astype(np.int64)), 1)
        return counts


def answers_of(
    network: Network, prepared: PreparedData, responder: Responder, loss: str, *, test: bool
) -> Answers | None:
    """Ask the network about the test or the training part (GUI thread, bounded work).

    Classes are decided as for the accuracy. Returns None when the data do not fit the network or
    the part is empty.
    """
    part = prepared.test_rows if test else prepared.train_rows
    outputs = network.topology.output_ids
    if not len(part) or not outputs:
        return None
    # An even share in a fixed order: the same samples every time.
    rows = np.sort(part[:: -(-len(part) // MOST_SAMPLES)])
    with np.errstate(all="ignore"):
        every = responder.activations(network, prepared, prepared.raw[rows])
    if every is None:
        return None
    values = every[network.topology.rows(outputs)]
    if prepared.class_index is None:
        if prepared.values is None:
            return None
        given = prepared.restore_target(values[:1].T)[:, 0]
        wanted = prepared.restore_target(prepared.values[rows])[:, 0]
        return Answers(rows, given, wanted, len(part))
    chosen = predicted_classes(np.nan_to_num(values.T, nan=-np.inf), network, loss)
    if len(outputs) > 1:
        try:
            chosen = prepared.output_places(network)[chosen]
        except DataError:
            return None  # the data panel says what is wrong
    return Answers(rows, chosen, prepared.class_index[rows], len(part))
