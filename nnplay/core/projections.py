"""Many dimensions on a plane: principal components, and grids bent by a network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Projection", "grid_lines", "principal_plane"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Projection:
    """A plane in a space of ``k`` dimensions.

    Attributes:
        centre: ``float64[k]``, the point that comes to (0, 0).
        axes: ``float64[2, k]``, orthonormal; zeros where there is no second dimension.
        shares: ``float64[2]``, share of the variance along each axis.
    """

    centre: FloatArray
    axes: FloatArray
    shares: FloatArray

    def apply(self, points: npt.ArrayLike) -> FloatArray:
        """``float64[n, 2]`` for points ``[n, k]``."""
        return np.asarray((np.asarray(points, np.float64) - self.centre).dot(self.axes.T))


def principal_plane(points: npt.ArrayLike, before: Projection | None = None) -> Projection:
    """The plane of the two directions along which points spread most.

    By singular value decomposition of the centred points (Pearson 1901; Jolliffe, Principal
    Component Analysis, 2nd ed., section 3.5).

    Args:
        points: ``[n, k]``; rows that are not finite are left out.
        before: the plane shown until now. Axes are turned over so that they point the same way,
            because their signs are arbitrary and a picture that flips cannot be followed.
    """
    values = np.asarray(points, dtype=np.float64)
    values = values[np.isfinite(values).all(axis=1)]
    size = values.shape[1]
    axes, shares = np.zeros((2, size)), np.zeros(2)
    if not len(values):
        return Projection(np.zeros(size), axes, shares)
    centre = values.mean(axis=0)
    _, spread, found = np.linalg.svd(values - centre, full_matrices=False)
    count = min(2, len(found))
    axes[:count] = found[:count]
    total = float(np.sum(spread**2))
    if total > 0.0:
        shares[:count] = spread[:count] ** 2 / total
    for place, axis in enumerate(axes):
        if before is not None and before.axes.shape == axes.shape and np.any(before.axes[place]):
            turned = float(np.sum(axis * before.axes[place])) < 0.0
        else:
            turned = bool(axis[np.abs(axis).argmax()] < 0.0)
        if turned:
            axes[place] = -axis
    return Projection(centre, axes, shares)


def grid_lines(
    domain: tuple[tuple[float, float], tuple[float, float]], lines: int = 9, points: int = 33
) -> FloatArray:
    """A grid over a rectangle as polylines, ``float64[2 · lines, points, 2]``.

    Args:
        domain: ((x0, x1), (y0, y1)).
        lines: lines in each direction, borders included.
        points: points of each line.
    """
    (x0, x1), (y0, y1) = domain
    along = np.linspace(0.0, 1.0, points)
    result = np.empty((2 * lines, points, 2))
    for place, share in enumerate(np.linspace(0.0, 1.0, lines)):
        result[place, :, 0] = x0 + share * (x1 - x0)
        result[place, :, 1] = y0 + along * (y1 - y0)
        result[lines + place, :, 0] = x0 + along * (x1 - x0)
        result[lines + place, :, 1] = y0 + share * (y1 - y0)
    return result
