"""How bars are laid out: captions and neurons, flowing through columns of equal height."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from nnplay.core.network import Network
from nnplay.core.topology import Kind
from nnplay.gui.panels.words import layer_name

__all__ = ["LINE", "Line", "captioned_groups", "flow"]

Group = tuple[str, list[int]]

LINE: Final = 20.0
"""Height of a line in pixels."""


@dataclass(frozen=True)
class Line:
    """One line of the list: the caption of a group, or a neuron (by row)."""

    column: int
    y: float
    row: int = -1
    caption: str = ""


def captioned_groups(network: Network, rows: npt.NDArray[np.int64]) -> list[Group]:
    """Captions and rows: inputs, each hidden level, outputs."""
    groups: list[Group] = []
    topology = network.topology
    for row in rows.tolist():
        kind = Kind(int(topology.kinds[row]))
        if kind == Kind.HIDDEN:
            caption = layer_name(network, int(topology.levels[row]))
        else:
            caption = "Inputs" if kind == Kind.INPUT else "Outputs"
            if len(topology.ids_of(kind)) == 1:
                caption = caption[:-1]
        if not groups or groups[-1][0] != caption:
            groups.append((caption, []))
        groups[-1][1].append(row)
    return groups


def flow(groups: list[Group], columns: int, per_column: int) -> list[Line]:
    """Lines of all groups, column by column; a group that is cut repeats its caption."""
    total = sum(len(rows) + 1 for _, rows in groups)
    height = max(2, per_column, -(-(total + columns - 1) // columns))
    lines: list[Line] = []
    column, used = 0, 0
    for caption, rows in groups:
        last = column == columns - 1
        # A caption must not stand alone at the bottom.
        if not last and used and used + 2 > height:
            column, used = column + 1, 0
        lines.append(Line(column, used * LINE, caption=caption))
        used += 1
        for row in rows:
            if used >= height and column < columns - 1:
                column, used = column + 1, 0
                lines.append(Line(column, 0.0, caption=caption))
                used = 1
            lines.append(Line(column, used * LINE, row=row))
            used += 1
    return lines
