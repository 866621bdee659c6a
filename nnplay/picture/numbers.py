"""Weights and biases written into the picture."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from nnplay.core.network import Network
from nnplay.picture.fonts import mono_font
from nnplay.picture.geometry import HALF, EdgeLines
from nnplay.picture.palette import Palette
from nnplay.picture.text import fine_number, short_number

__all__ = ["number_places", "paint_biases", "paint_weights"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

BOX_WIDTH: Final = 42.0
BOX_HEIGHT: Final = 14.0
# Places along an edge that are tried for its number, the best first.
TRIED: Final = (0.5, 0.42, 0.58, 0.34, 0.66, 0.27, 0.73, 0.2, 0.8)


def number_places(lines: EdgeLines, positions: FloatArray, slots: IntArray) -> FloatArray:
    """``float64[len(slots), 2]``: centres of the weights' numbers, apart from each other.

    Each number sits on its own edge, at the first of several places that is clear of neurons, of
    the numbers placed before and of other edges; in a crowd the least crowded one is taken.
    """
    chosen = np.empty((slots.size, 2))
    reach = np.array([BOX_WIDTH, BOX_HEIGHT])
    body = reach / 2 + HALF  # a neuron that would be touched
    for index, slot in enumerate(slots.tolist()):
        best = (len(TRIED) * (len(slots) + 1) * 100, *lines.point_on(slot, TRIED[0]))
        for t in TRIED:
            x, y = lines.point_on(slot, t)
            gaps = np.abs(chosen[:index] - (x, y))
            clashes = int((gaps < reach).all(axis=1).sum())
            clashes += 4 * int((np.abs(positions - (x, y)) < body).all(axis=1).sum())
            clashes = 4 * clashes + int((lines.distances(x, y, slots) < 9.0).sum()) - 1
            if clashes < best[0]:
                best = (clashes, x, y)
            if clashes <= 0:
                break
        chosen[index] = best[1:]
    return chosen


def paint_weights(
    painter: QPainter,
    palette: Palette,
    network: Network,
    slots: IntArray,
    places: FloatArray,
    *,
    fine: bool = False,
) -> None:
    """Write the weights of ``slots`` at ``places``, in the colour of their sign.

    ``fine`` gives tiny numbers more digits.
    """
    painter.setFont(mono_font(10))
    backdrop = QColor(palette.canvas)
    backdrop.setAlphaF(0.86)
    metrics = painter.fontMetrics()
    for slot, (x, y) in zip(slots.tolist(), places.tolist(), strict=True):
        weight = float(network.theta[slot])
        text = fine_number(weight) if fine else short_number(weight)
        width = metrics.horizontalAdvance(text) + 6
        box = QRectF(x - width / 2, y - BOX_HEIGHT / 2, width, BOX_HEIGHT)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(backdrop)
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(_text_colour(palette, network, slot, weight))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def paint_biases(
    painter: QPainter,
    palette: Palette,
    network: Network,
    positions: FloatArray,
    *,
    below: bool,
    rows: IntArray | None = None,
) -> None:
    """Write every bias beside its dot: ``below`` the tile, or left of it if that is taken.

    Below, connections leave where a network runs from top to bottom. ``rows`` are the neurons
    meant; None means all.
    """
    painter.setFont(mono_font(10))
    slots = network.topology.bias_slots
    for row in range(len(slots)) if rows is None else rows.tolist():
        slot = int(slots[row])
        if slot < 0:
            continue
        x, y = positions[row].tolist()
        bias = float(network.theta[slot])
        painter.setPen(_text_colour(palette, network, slot, bias))
        if below:
            box = QRectF(x - HALF + 8, y + HALF + 2, 60, BOX_HEIGHT)
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        else:
            box = QRectF(x - HALF - 66, y + HALF - 8, 60, BOX_HEIGHT)
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(box, flags, short_number(bias))


def _text_colour(palette: Palette, network: Network, slot: int, value: float) -> QColor:
    if not network.enabled[slot]:
        return QColor(palette.tertiary_text)
    return QColor(palette.positive_text if value >= 0 else palette.negative_text)
