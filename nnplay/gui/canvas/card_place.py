"""Where a card about a neuron hides least of what is being studied."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPoint, QRect, QSize

__all__ = ["clearest_place"]

FloatArray = npt.NDArray[np.float64]

BORDER: Final = 6
BESIDE: Final = 22
# How many heights are tried.
ROWS: Final = 16
# What a place costs: per covered pixel of other neurons and of what floats above the network, per
# covered point of the neuron's own connections, per pixel of distance.
NEURON_WEIGHT: Final = 3.0
POINT_WEIGHT: Final = 60.0
DISTANCE_WEIGHT: Final = 0.6
FLOATING_WEIGHT: Final = 0.5


def clearest_place(
    size: QSize,
    box: QRect,
    room: QSize,
    others: FloatArray,
    points: FloatArray,
    floating: FloatArray,
) -> QPoint:
    """Top left corner for a card of ``size`` about what stands in ``box``.

    Of many places around the box and along the border of the room the one is taken that covers
    the least; near places win over far ones. The card never covers the box itself if there is
    any place beside it.

    Args:
        size: of the card.
        box: what the card is about.
        room: extent of the parent.
        others: ``float64[n, 4]``, left, top, right and bottom of what should stay in sight.
        points: ``float64[m, 2]``, points of lines that should stay in sight.
        floating: ``float64[k, 4]``, boxes that are better not covered, but matter less.
    """
    width, height = size.width(), size.height()
    right, bottom = room.width() - width - BORDER, room.height() - height - BORDER
    middle_x, middle_y = box.center().x() - width // 2, box.center().y() - height // 2
    beside, left = box.right() + BESIDE, box.left() - BESIDE - width
    below, above = box.bottom() + BESIDE, box.top() - BESIDE - height
    wanted: list[tuple[float, float]] = [
        (beside, middle_y),
        (left, middle_y),
        (middle_x, below),
        (middle_x, above),
    ]
    wanted += [(x, y) for x in (beside, left) for y in (below, above)]
    rows = np.linspace(BORDER, max(BORDER, bottom), ROWS).tolist()
    wanted += [(x, y) for y in rows for x in (left, middle_x, beside, BORDER, right)]
    xs, ys = np.array(wanted, dtype=np.float64).T
    xs = np.maximum(BORDER, np.minimum(xs, right))
    ys = np.maximum(BORDER, np.minimum(ys, bottom))
    cards = np.stack([xs, ys, xs + width, ys + height], axis=1)
    inside = (
        (points[:, 0] > cards[:, :1])
        & (points[:, 0] < cards[:, 2:3])
        & (points[:, 1] > cards[:, 1:2])
        & (points[:, 1] < cards[:, 3:4])
    )
    itself = np.array([[box.left() - 4, box.top() - 4, box.right() + 5, box.bottom() + 5]])
    distance = np.hypot(xs - middle_x, ys - middle_y)
    cost = (
        NEURON_WEIGHT * _covered(cards, others)
        + FLOATING_WEIGHT * _covered(cards, floating)
        + POINT_WEIGHT * inside.sum(axis=1)
        + DISTANCE_WEIGHT * distance
        + 1e6 * (_covered(cards, itself.astype(np.float64)) > 0.0)
    )
    best = int(np.argmin(cost))
    return QPoint(round(float(xs[best])), round(float(ys[best])))


def _covered(cards: FloatArray, boxes: FloatArray) -> FloatArray:
    """Area of ``boxes`` under each card, ``float64[k]``."""
    low = np.maximum(cards[:, None, :2], boxes[None, :, :2])
    high = np.minimum(cards[:, None, 2:], boxes[None, :, 2:])
    area: FloatArray = np.maximum(high - low, 0.0).prod(axis=2).sum(axis=1)
    return area
