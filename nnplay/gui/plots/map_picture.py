"""From a map's values to its picture: pixels, boundary, and the value at a place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor, QImage

from nnplay.gui.plots.contours import contour_segments
from nnplay.gui.plots.map_subject import MapSubject
from nnplay.picture.palette import Palette, class_colour, signed_table
from nnplay.picture.scales import ValueScale

__all__ = ["BLEND", "MapPicture", "map_picture"]

FloatArray = npt.NDArray[np.float64]
FloatMaps = npt.NDArray[np.float32]

BLEND: Final = 0.38
"""How far map colours are blended into the panel, so that points stay visible on them."""


@dataclass(frozen=True, eq=False)
class MapPicture:
    """A painted map.

    Attributes:
        image: one pixel per cell, row 0 is the highest y; with one repeated pixel all round.
        boundary: ``float64[n, 4]`` pieces of line in shares of the plane (0 … 1, y downwards).
        scale: the scale used, None when classes are shown.
    """

    image: QImage
    boundary: FloatArray
    scale: ValueScale | None


def map_picture(
    values: FloatMaps,
    subject: MapSubject,
    palette: Palette,
    *,
    discretise: bool = False,
    scale_before: ValueScale | None = None,
) -> MapPicture:
    """Paint maps ``float32[k, rows, columns]`` of the subject's ``k`` neurons."""
    if subject.classes is not None:
        race = _Race.of(values)
        pixels = _class_pixels(race, subject, palette, discretise)
        return MapPicture(_image(pixels), _class_boundary(race), None)
    scale = subject.scale_for(values[0], scale_before)
    placed = np.nan_to_num(scale.place(values[0]), nan=0.0)
    if discretise:
        placed = np.where(placed >= 0.0, 1.0, -1.0)
    table = _blended_table(palette)
    index = np.minimum((placed + 1.0) * (len(table) / 2), len(table) - 1).astype(np.intp)
    boundary = np.empty((0, 4))
    if subject.has_boundary:
        boundary = _shares(contour_segments(values[0], scale.middle), values.shape[1:])
    return MapPicture(_image(table[index]), boundary, scale)


def _blended_table(palette: Palette) -> npt.NDArray[np.uint32]:
    table = signed_table(palette)
    channels = np.stack([(table >> shift) & 255 for shift in (16, 8, 0)], axis=-1)
    return _packed(_blended(channels.astype(np.float64), palette))


def _blended(rgb: FloatArray, palette: Palette) -> FloatArray:
    return rgb + (_channels(palette.panel) - rgb) * BLEND


def _channels(colour: str) -> FloatArray:
    parsed = QColor(colour)
    return np.array([parsed.red(), parsed.green(), parsed.blue()], dtype=np.float64)


def _packed(rgb: FloatArray) -> npt.NDArray[np.uint32]:
    whole = np.rint(rgb).astype(np.uint32)
    return np.asarray(
        np.uint32(0xFF000000) | (whole[..., 0] << 16) | (whole[..., 1] << 8) | whole[..., 2],
        dtype=np.uint32,
    )


def _image(pixels: npt.NDArray[np.uint32]) -> QImage:
    # A repeated rim lets smooth scaling reach the border without mixing in nothing.
    padded = np.ascontiguousarray(np.pad(pixels, 1, mode="edge"))
    height, width = padded.shape
    image = QImage(padded.data, width, height, 4 * width, QImage.Format.Format_RGB32)
    return image.copy()  # owns its pixels; the array goes away


@dataclass(frozen=True, eq=False)
class _Race:
    """Which class is ahead at every place, and by how much it leads the next."""

    winner: npt.NDArray[np.intp]
    best: FloatMaps
    second: FloatMaps
    values: FloatMaps

    @classmethod
    def of(cls, values: FloatMaps) -> _Race:
        clean = np.nan_to_num(values, nan=0.0)
        winner = clean.argmax(axis=0)
        best = clean.max(axis=0)
        others = clean.copy()
        np.put_along_axis(others, winner[None], -np.inf, axis=0)
        return cls(winner, best, others.max(axis=0), clean)


def _class_pixels(
    race: _Race, subject: MapSubject, palette: Palette, discretise: bool
) -> npt.NDArray[np.uint32]:
    count = max(len(race.values), max(subject.class_places, default=0) + 1)
    colours = np.stack(
        [_channels(class_colour(palette, place, count)) for place in subject.class_places]
    )
    zero = _channels(palette.zero)
    if discretise or len(race.values) < 2:
        strength = np.ones(race.winner.shape)
    else:
        strength = np.clip((race.best - race.second) / subject.class_span, 0.0, 1.0)
    rgb = zero + (colours[race.winner] - zero) * strength[..., None]
    return _packed(_blended(rgb, palette))


def _class_boundary(race: _Race) -> FloatArray:
    """Where the largest output changes: for each winner, where it equals the best other one."""
    winners = np.flatnonzero(np.bincount(race.winner.reshape(-1)))
    pieces = [np.empty((0, 4))]
    # A border belongs to two classes: those of the last one are drawn by all others.
    for index in winners[:-1]:
        lead = race.values[index] - np.where(race.winner == index, race.second, race.best)
        pieces.append(contour_segments(lead))
    return _shares(np.concatenate(pieces), race.winner.shape)


def _shares(segments: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    """Grid units (cell centres) to shares of the plane."""
    rows, columns = shape
    return np.asarray((segments + 0.5) / np.array([columns, rows, columns, rows]), np.float64)
