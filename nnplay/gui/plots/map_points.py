"""The samples on a map: train points filled, test points ringed, coloured by class or value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from nnplay.core.distinct import distinct
from nnplay.data.preparation import PreparedData
from nnplay.gui.plots.plane import PlaneFrame
from nnplay.gui.plots.scales import round_up
from nnplay.picture.palette import Palette, blend, class_colour, signed_colour
from nnplay.picture.scales import ValueScale, largest_size

__all__ = [
    "DRAWN_SAMPLES",
    "MapPoints",
    "colour_keys",
    "paint_points",
    "point_colour",
    "point_radius",
]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

DRAWN_SAMPLES: Final = 4000
"""More points than these would only paint the map over; an even share of them is drawn."""
VALUE_STEPS: Final = 16
FEW_RADIUS: Final = 6.0


@dataclass(frozen=True, eq=False)
class MapPoints:
    """Samples to draw.

    Attributes:
        rows: ``int64[n]``, row of the data of each point.
        places: ``float64[n, 2]`` raw values.
        is_test: ``bool[n]``.
        colour_keys: ``int64[n]``, class index, or a step of the value scale.
        is_thinned: whether some samples were left out.
    """

    rows: IntArray
    places: FloatArray
    is_test: npt.NDArray[np.bool_]
    colour_keys: IntArray
    is_thinned: bool

    @classmethod
    def of(
        cls, prepared: PreparedData, *, with_test: bool, columns: tuple[int, ...] | None = None
    ) -> MapPoints:
        """The samples over two raw columns; without a choice the first two (or one, then x)."""
        parts = [(prepared.train_rows, False)]
        if with_test:
            # Test points first: the filled ones must not hide under rings.
            parts.insert(0, (prepared.test_rows, True))
        total = sum(len(rows) for rows, _ in parts)
        stride = -(-total // DRAWN_SAMPLES) if total else 1
        rows = np.concatenate([rows[::stride] for rows, _ in parts])
        is_test = np.concatenate(
            [np.full(len(rows[::stride]), test, dtype=bool) for rows, test in parts]
        )
        raw = prepared.raw[rows]
        places = raw[:, :2] if columns is None else raw[:, list(columns)]
        return cls(rows, places, is_test, colour_keys(prepared, rows), stride > 1)


def value_scale(prepared: PreparedData) -> ValueScale:
    """The scale on which numeric targets are coloured: symmetric around zero, in scaled units."""
    size = round_up(largest_size(prepared.values if prepared.values is not None else 1.0))
    return ValueScale(-size, 0.0, size)


def colour_keys(prepared: PreparedData, rows: IntArray) -> IntArray:
    """Class index, or step of the value scale, of rows of the data."""
    if prepared.class_index is not None:
        return np.asarray(prepared.class_index[rows], dtype=np.int64)
    if prepared.values is None:
        return np.zeros(len(rows), dtype=np.int64)
    placed = value_scale(prepared).place(prepared.values[rows, 0])
    return np.asarray(np.rint(placed * VALUE_STEPS), dtype=np.int64)


def point_colour(palette: Palette, prepared: PreparedData, key: int) -> QColor:
    """Colour of a point from its colour key; a little towards the text, so that it stands out."""
    if prepared.classes is not None:
        base = class_colour(palette, key, len(prepared.classes))
    else:
        base = signed_colour(palette, key / VALUE_STEPS).name()
    return QColor(blend(base, "#FFFFFF", 0.16 if palette.is_dark else 0.04))


def point_radius(frame: PlaneFrame, count: int) -> float:
    """Radius in pixels: smaller on small maps and among many points, 6 for the four of a table."""
    size = min(frame.rect.width(), frame.rect.height())
    crowd = 1.0 if count <= 600 else 0.8 if count <= 1500 else 0.6
    few = min(FEW_RADIUS, 8.5 * max(count, 1) ** -0.25, size / 16.0)
    return float(max(min(4.0, max(2.0, size / 80.0)) * crowd, few))


def paint_points(
    painter: QPainter,
    palette: Palette,
    prepared: PreparedData,
    points: MapPoints,
    pixels: FloatArray,
    radius: float,
) -> None:
    """Draw points at ``pixels``, ``float64[n, 2]`` widget coordinates."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    # In a crowd of small points, rims would be all there is to see.
    rim_width = min(1.0, 0.3 * radius)
    rim = QPen(QColor(palette.canvas if palette.is_dark else palette.panel), rim_width)
    halo = QPen(rim)
    halo.setWidthF(radius * 0.5 + 1.6 * rim_width)
    for is_test in (True, False):
        for key in distinct(points.colour_keys):
            chosen = pixels[(points.is_test == is_test) & (points.colour_keys == key)]
            colour = point_colour(palette, prepared, int(key))
            places = [QPointF(x, y) for x, y in chosen.tolist()]
            if is_test:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                ring = QPen(colour, radius * 0.5)
                for place in places:
                    painter.setPen(halo)
                    painter.drawEllipse(place, radius * 0.85, radius * 0.85)
                    painter.setPen(ring)
                    painter.drawEllipse(place, radius * 0.85, radius * 0.85)
            else:
                painter.setPen(rim)
                painter.setBrush(colour)
                for place in places:
                    painter.drawEllipse(place, radius, radius)
