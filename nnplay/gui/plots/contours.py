"""The line where a map crosses a level: marching squares over a grid of values."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["contour_segments"]

# For each of the 16 cases of a cell, which of its sides the line joins. Corners count
# 1 top left, 2 top right, 4 bottom right, 8 bottom left when above the level; sides are
# 0 top, 1 right, 2 bottom, 3 left. The two saddles (5 and 10) are split by the cell's mean.
_TOP, _RIGHT, _BOTTOM, _LEFT = range(4)
_PAIRS: Final = {
    1: ((_LEFT, _TOP),),
    2: ((_TOP, _RIGHT),),
    3: ((_LEFT, _RIGHT),),
    4: ((_RIGHT, _BOTTOM),),
    6: ((_TOP, _BOTTOM),),
    7: ((_LEFT, _BOTTOM),),
    8: ((_LEFT, _BOTTOM),),
    9: ((_TOP, _BOTTOM),),
    11: ((_RIGHT, _BOTTOM),),
    12: ((_LEFT, _RIGHT),),
    13: ((_TOP, _RIGHT),),
    14: ((_LEFT, _TOP),),
}
_SADDLES: Final = {
    # case: (pairs when the middle is above the level, pairs when it is below)
    5: (((_TOP, _RIGHT), (_LEFT, _BOTTOM)), ((_LEFT, _TOP), (_RIGHT, _BOTTOM))),
    10: (((_LEFT, _TOP), (_RIGHT, _BOTTOM)), ((_TOP, _RIGHT), (_LEFT, _BOTTOM))),
}


def contour_segments(
    values: npt.NDArray[np.floating], level: float = 0.0
) -> npt.NDArray[np.float64]:
    """Pieces of the line ``values == level``, with linear interpolation between grid points.

    Args:
        values: ``float[rows, columns]``, one value per grid point. Cells that touch a value that
            is not finite are left out.
        level: the height of the line. A grid point exactly at the level counts as above.

    Returns:
        ``float64[n, 4]``: ``x1, y1, x2, y2`` in grid units; x along columns, y along rows, grid
        point (row r, column c) at ``(c, r)``.
    """
    grid = np.asarray(values, dtype=np.float64) - level
    if grid.ndim != 2 or min(grid.shape) < 2:
        return np.empty((0, 4))
    above = grid >= 0.0
    case = (
        above[:-1, :-1] * 1 + above[:-1, 1:] * 2 + above[1:, 1:] * 4 + above[1:, :-1] * 8
    ).astype(np.int8)
    sound = np.isfinite(grid)
    whole = sound[:-1, :-1] & sound[:-1, 1:] & sound[1:, 1:] & sound[1:, :-1]
    rows, columns = np.nonzero((case > 0) & (case < 15) & whole)
    if not rows.size:
        return np.empty((0, 4))
    cases = case[rows, columns]
    corners = (
        grid[rows, columns],
        grid[rows, columns + 1],
        grid[rows + 1, columns + 1],
        grid[rows + 1, columns],
    )
    sides = _crossings(corners, rows, columns)
    middle_above = sum(corners) >= 0.0
    pieces = []
    for number, pairs in _PAIRS.items():
        pieces += _joined(sides, np.flatnonzero(cases == number), pairs)
    for number, (if_above, if_below) in _SADDLES.items():
        saddle = cases == number
        pieces += _joined(sides, np.flatnonzero(saddle & middle_above), if_above)
        pieces += _joined(sides, np.flatnonzero(saddle & ~middle_above), if_below)
    return np.concatenate(pieces) if pieces else np.empty((0, 4))


def _crossings(
    corners: tuple[npt.NDArray[np.float64], ...],
    rows: npt.NDArray[np.intp],
    columns: npt.NDArray[np.intp],
) -> npt.NDArray[np.float64]:
    """``float64[4, cells, 2]``: where the line would cross each side of each cell."""
    top_left, top_right, bottom_right, bottom_left = corners

    def share(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        step = a - b
        return np.clip(np.divide(a, step, out=np.full_like(a, 0.5), where=step != 0.0), 0.0, 1.0)

    points = np.empty((4, len(rows), 2))
    points[_TOP, :, 0], points[_TOP, :, 1] = columns + share(top_left, top_right), rows
    points[_BOTTOM, :, 0] = columns + share(bottom_left, bottom_right)
    points[_BOTTOM, :, 1] = rows + 1
    points[_LEFT, :, 0], points[_LEFT, :, 1] = columns, rows + share(top_left, bottom_left)
    points[_RIGHT, :, 0] = columns + 1
    points[_RIGHT, :, 1] = rows + share(top_right, bottom_right)
    return points


def _joined(
    sides: npt.NDArray[np.float64],
    cells: npt.NDArray[np.intp],
    pairs: tuple[tuple[int, int], ...],
) -> list[npt.NDArray[np.float64]]:
    if not cells.size:
        return []
    return [np.concatenate([sides[a, cells], sides[b, cells]], axis=1) for a, b in pairs]
