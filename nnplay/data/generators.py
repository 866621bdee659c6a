"""Seeded generators of the made-up data sets.

Formulas, sizes and noise of the first six are those of the TensorFlow Playground (its
``dataset.ts``); moons, blobs and the truth tables are ours. Every generator draws its positions
first and noise afterwards in units that the noise setting only scales, so that moving the noise
slider moves the same points instead of drawing others.

All return ``(points float64[n, 2], target float64[n])`` in generation order; a class target holds
class indices.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["GENERATORS", "truth_table"]

FloatArray = npt.NDArray[np.float64]
Points = tuple[FloatArray, FloatArray]


def _halves(count: int) -> tuple[int, int]:
    return count - count // 2, count // 2


def circle(count: int, noise: float, random: np.random.Generator) -> Points:
    """A disc of radius 2.5 inside a ring from 3.5 to 5; noise blurs the label, not the point."""
    inner, outer = _halves(count)
    radius = np.concatenate([random.uniform(0.0, 2.5, inner), random.uniform(3.5, 5.0, outer)])
    angle = random.uniform(0.0, 2.0 * np.pi, count)
    points = np.stack([radius * np.sin(angle), radius * np.cos(angle)], axis=1)
    moved = points + random.uniform(-5.0, 5.0, (count, 2)) * noise
    return points, (np.hypot(moved[:, 0], moved[:, 1]) < 2.5).astype(np.float64)


def xor(count: int, noise: float, random: np.random.Generator) -> Points:
    """Opposite quadrants, kept 0.3 clear of the axes."""
    points = random.uniform(-5.0, 5.0, (count, 2))
    points += np.where(points > 0.0, 0.3, -0.3)
    moved = points + random.uniform(-5.0, 5.0, (count, 2)) * noise
    return points, (moved[:, 0] * moved[:, 1] >= 0.0).astype(np.float64)


def gauss(count: int, noise: float, random: np.random.Generator) -> Points:
    """Two clouds around (2, 2) and (−2, −2); the variance grows from 0.5 to 4 with noise."""
    positive, negative = _halves(count)
    spread = np.sqrt(0.5 + (4.0 - 0.5) * noise / 0.5)
    target = np.concatenate([np.ones(positive), np.zeros(negative)])
    centre = np.where(target > 0.5, 2.0, -2.0)
    return centre[:, None] + spread * random.standard_normal((count, 2)), target


def spiral(count: int, noise: float, random: np.random.Generator) -> Points:
    """Two arms of 1.75 turns each, half a turn apart."""
    parts = []
    for arm_count, shift in zip(_halves(count), (0.0, np.pi), strict=True):
        step = np.arange(arm_count) / max(arm_count, 1)
        radius, angle = 5.0 * step, 1.75 * step * 2.0 * np.pi + shift
        parts.append(np.stack([radius * np.sin(angle), radius * np.cos(angle)], axis=1))
    points = np.concatenate(parts)
    target = np.concatenate([np.ones(len(parts[0])), np.zeros(len(parts[1]))])
    return points + random.uniform(-1.0, 1.0, (count, 2)) * noise, target


def reg_plane(count: int, noise: float, random: np.random.Generator) -> Points:
    """A slope: (x1 + x2) / 10."""
    points = random.uniform(-6.0, 6.0, (count, 2))
    moved = points + random.uniform(-6.0, 6.0, (count, 2)) * noise
    return points, moved.sum(axis=1) / 10.0


# Centre x, centre y, sign.
BUMPS: Final = (
    (-4.0, 2.5, 1.0),
    (0.0, 2.5, -1.0),
    (4.0, 2.5, 1.0),
    (-4.0, -2.5, -1.0),
    (0.0, -2.5, 1.0),
    (4.0, -2.5, -1.0),
)


def reg_gauss(count: int, noise: float, random: np.random.Generator) -> Points:
    """Six cones of radius 2, hills and hollows in turn; the largest magnitude counts."""
    points = random.uniform(-6.0, 6.0, (count, 2))
    moved = points + random.uniform(-6.0, 6.0, (count, 2)) * noise
    target = np.zeros(count)
    for x, y, sign in BUMPS:
        distance = np.hypot(moved[:, 0] - x, moved[:, 1] - y)
        height = sign * np.clip(1.0 - distance / 2.0, 0.0, 1.0)
        target = np.where(np.abs(height) > np.abs(target), height, target)
    return points, target


def moons(count: int, noise: float, random: np.random.Generator) -> Points:
    """Two half circles of radius 3 that reach into each other; noise is a share of the radius."""
    upper, lower = _halves(count)
    angles = np.pi * random.uniform(0.0, 1.0, count)
    target = np.concatenate([np.zeros(upper), np.ones(lower)])
    x = np.where(target < 0.5, np.cos(angles) - 0.5, 0.5 - np.cos(angles))
    y = np.where(target < 0.5, np.sin(angles) - 0.25, 0.25 - np.sin(angles))
    jitter = random.standard_normal((count, 2)) * noise
    return 3.0 * (np.stack([x, y], axis=1) + jitter), target


def blobs(count: int, noise: float, random: np.random.Generator) -> Points:
    """Three clouds on a circle of radius 3; the spread grows from 0.7 to 2 with noise."""
    target = (np.arange(count) % 3).astype(np.float64)
    angle = np.pi / 2.0 + target * 2.0 * np.pi / 3.0
    centres = 3.0 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return centres + (0.7 + 2.6 * noise) * random.standard_normal((count, 2)), target


def truth_table(function: Callable[[bool, bool], bool]) -> Points:
    """The four rows (0,0) (0,1) (1,0) (1,1) of a function of two truth values."""
    rows = [(False, False), (False, True), (True, False), (True, True)]
    return np.array(rows, dtype=np.float64), np.array([float(function(*row)) for row in rows])


GENERATORS: Final[dict[str, Callable[[int, float, np.random.Generator], Points]]] = {
    "circle": circle,
    "xor": xor,
    "gauss": gauss,
    "spiral": spiral,
    "reg-plane": reg_plane,
    "reg-gauss": reg_gauss,
    "moons": moons,
    "blobs": blobs,
}
