"""Which neurons the activation plots show when there are more than people can read."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import numpy as np
import numpy.typing as npt

from nnplay.core.network import Network
from nnplay.core.topology import Kind

__all__ = ["MOST_LINES", "MOST_ROWS", "choice_sentence", "chosen_rows"]

MOST_ROWS: Final = 48
"""Rows of bars that can still be read."""
MOST_LINES: Final = 24
"""Curves over epochs that can still be told apart."""


def chosen_rows(
    network: Network,
    selected: Collection[int],
    trail: npt.NDArray[np.float32],
    activations: npt.NDArray[np.float64],
    most: int,
) -> npt.NDArray[np.int64]:
    """Rows of the neurons to show, ascending by level and row.

    All of them if there are at most ``most``; otherwise the selected ones, then the outputs, then
    those whose activation varied most over the recorded moments (or, without any, is largest).
    Inputs only come last: they do not vary while the probe stays where it is.
    """
    topology = network.topology
    count = topology.neuron_count
    rows = np.arange(count)
    if count > most:
        interest = np.abs(np.nan_to_num(activations, nan=0.0, posinf=0.0, neginf=0.0))
        largest = float(interest.max()) if count else 0.0
        interest = interest / (2.0 * largest) if largest > 0.0 else interest
        if len(trail) > 1 and trail.shape[1] == count:
            spread = np.ptp(np.nan_to_num(trail, nan=0.0), axis=0).astype(np.float64)
            widest = float(spread.max())
            if widest > 0.0:
                interest = 1.0 + spread / widest
        interest = np.where(topology.kinds == Kind.INPUT, -1.0, interest)
        interest[topology.kinds == Kind.OUTPUT] = 3.0
        for neuron_id in selected:
            if neuron_id in topology:
                interest[topology.row(neuron_id)] = 4.0
        rows = np.sort(np.argsort(-interest, kind="stable")[:most])
    # Outputs go last even when they stand beside hidden neurons.
    place = topology.levels[rows] + 0.5 * (topology.kinds[rows] == Kind.OUTPUT)
    return np.asarray(rows[np.argsort(place, kind="stable")], dtype=np.int64)


def choice_sentence(shown: int, count: int, by_change: bool) -> str:
    """Says what is left out; empty if nothing is."""
    if shown >= count:
        return ""
    rest = "those that vary most" if by_change else "the strongest"
    return f"{shown} of {count} neurons: outputs and {rest}"
