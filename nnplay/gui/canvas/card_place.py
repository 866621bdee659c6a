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
# A covered point of the neuron's own connections weighs as much as this many covered pixels of
# other neurons, and a pixel of distance as much as this many.
POINT_WEIGHT: Final = 60.0
DISTANCE_WEIGHT: Final = 0.6


def clearest_place(
    size: QSize, box: QRect, room: QSize, others: FloatArray, points: FloatArray
) -> QPoint:
    """Top left corner for a card of ``size`` about what stands in ``box``.

    Of the places around the box and along the border of the room the one is taken that covers
    the least; near places win over far ones. The card never covers the box itself if there is
    any place beside it.

    Args:
        size: of the card.
        box: what the card is about.
        room: extent of the parent.
        others: ``float64[n, 4]``, left, top, right and bottom of what should stay in sight.
        points: ``float64[m, 2]``, points of lines that should stay in sight.
    """
    width, height = size.width(), size.height()
    right, bottom = room.width() - width - BORDER, room.height() - height - BORDER
    middle_x, middle_y = box.center().x() - width // 2, box.center().y() - height // 2
    beside, left = box.right() + BESIDE, box.left() - BESIDE - width
    below, above = box.bottom() + BESIDE, box.top() - BESIDE - height
    wanted = [(beside, middle_y), (left, middle_y), (middle_x, below), (middle_x, above)]
    wanted += [(x, y) for x in (beside, left) for y in (below, above)]
    wanted += [(x, y) for y in (bottom, BORDER) for x in (left, middle_x, beside, BORDER, right)]
    wanted += [(x, middle_y) for x in (right, BORDER)]
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
        _covered(cards, others)
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
