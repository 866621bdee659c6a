"""Small pictures of data sets, painted from their real numbers in the colours of their classes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from nnplay.data.datasets import generate
from nnplay.data.recipe import Column, DataRecipe, RawTable
from nnplay.picture.palette import Palette, class_colour, signed_colour

__all__ = ["Sketch", "paint_sketch", "sketch_of", "sketch_of_table"]

FloatArray = npt.NDArray[np.float64]

_MOST_POINTS: Final = 130
_MARGIN: Final = 0.1


@dataclass(frozen=True, eq=False)
class Sketch:
    """What a thumbnail shows, independent of size and colours.

    Attributes:
        points: ``float64[n, 2]`` in the unit square, y upwards.
        classes: ``int64[n]`` class indices, or None for numeric targets.
        class_count: number of classes, 0 for numeric targets.
        values: ``float64[n]`` in −1 … 1 for numeric targets, else None.
        pixels: ``float64[8, 8]`` in 0 … 1 when the set is made of pictures.
    """

    points: FloatArray
    classes: npt.NDArray[np.int64] | None = None
    class_count: int = 0
    values: FloatArray | None = None
    pixels: FloatArray | None = None


@lru_cache(maxsize=32)
def sketch_of(name: str) -> Sketch:
    """Sketch of a set of the catalogue, drawn with seed 0 and without noise."""
    return sketch_of_table(generate(DataRecipe(source=name), 0), is_images=name == "digits")


def sketch_of_table(table: RawTable, *, is_images: bool = False) -> Sketch:
    """Sketch of any table: the two numeric columns that tell most about the target."""
    target = table.column(table.target)
    rows = _spread(table.row_count, _MOST_POINTS if table.classes else 3 * _MOST_POINTS)
    if is_images:
        columns = [column.values for column in table.input_columns]
        picture = np.stack(columns, axis=1)[int(np.argmax(target.values == 3))]
        side = int(len(picture) ** 0.5)
        return Sketch(np.empty((0, 2)), pixels=(picture / picture.max()).reshape(side, side))
    x, y = _telling_columns(table, target)
    points = np.stack([_unit(x)[rows], _unit(y)[rows]], axis=1)
    if table.classes is None:
        values = target.values[rows] - np.nanmean(target.values)
        largest = float(np.nanmax(np.abs(values))) or 1.0
        order = np.argsort(np.abs(values), kind="stable")  # strong colours on top
        # The root brings middling values out: the sketch says where, not how much.
        shown = np.sign(values) * np.sqrt(np.abs(values) / largest)
        return Sketch(points[order], values=shown[order])
    return Sketch(points, target.values[rows].astype(np.int64), len(table.classes))


def _spread(count: int, most: int) -> npt.NDArray[np.int64]:
    """Rows spread over a table, in an order that mixes its classes."""
    rows = np.random.Generator(np.random.PCG64(0)).permutation(count)[:most]
    return rows.astype(np.int64)


def _telling_columns(table: RawTable, target: Column) -> tuple[FloatArray, FloatArray]:
    numeric = [c.values for c in table.input_columns if c.categories is None]
    numeric = numeric or [c.values for c in table.input_columns]
    if not numeric:
        row_numbers = np.arange(table.row_count, dtype=np.float64)
        return row_numbers, target.values
    if len(numeric) == 1:
        return numeric[0], target.values
    if len(numeric) == 2:
        return numeric[0], numeric[1]
    scores = [_telling(values, target, table.classes) for values in numeric]
    first, second = np.argsort(scores)[::-1][:2]
    return numeric[int(first)], numeric[int(second)]


def _telling(values: FloatArray, target: Column, classes: tuple[str, ...] | None) -> float:
    """Share of a column's variance that the target explains (η² or squared correlation)."""
    good = np.isfinite(values) & np.isfinite(target.values)
    x, t = values[good], target.values[good]
    spread = float(((x - x.mean()) ** 2).sum()) if x.size else 0.0
    if not spread:
        return 0.0
    if classes is None:
        t = t - t.mean()
        scale = spread * float((t**2).sum())
        return float(((x - x.mean()) * t).sum() ** 2 / scale) if scale else 0.0
    between = sum(
        float((t == k).sum()) * (float(x[t == k].mean()) - float(x.mean())) ** 2
        for k in range(len(classes))
        if (t == k).any()
    )
    return between / spread


def _unit(values: FloatArray) -> FloatArray:
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    return (values - low) / (high - low) if high > low else np.full(values.shape, 0.5)


def paint_sketch(painter: QPainter, sketch: Sketch, palette: Palette, box: QRectF) -> None:
    """Paint a sketch into a box of device-independent pixels."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    few = 0 < len(sketch.points) <= 20
    margin = box.width() * (0.24 if few else _MARGIN)
    inner = box.adjusted(margin, margin, -margin, -margin)
    if sketch.pixels is not None:
        _paint_pixels(painter, sketch.pixels, palette, inner)
        return
    count = len(sketch.points)
    radius = box.width() * (0.1 if few else 0.03)
    painter.setPen(Qt.PenStyle.NoPen)
    for index in range(count):
        x, y = sketch.points[index]
        if not (np.isfinite(x) and np.isfinite(y)):
            continue
        painter.setBrush(_colour(sketch, index, palette))
        centre = QPointF(inner.left() + x * inner.width(), inner.bottom() - y * inner.height())
        painter.drawEllipse(centre, radius, radius)


def _colour(sketch: Sketch, index: int, palette: Palette) -> QColor:
    if sketch.classes is not None:
        return QColor(class_colour(palette, int(sketch.classes[index]), sketch.class_count))
    values = sketch.values if sketch.values is not None else np.zeros(index + 1)
    return signed_colour(palette, float(values[index]))


def _paint_pixels(painter: QPainter, pixels: FloatArray, palette: Palette, box: QRectF) -> None:
    height, width = pixels.shape
    image = QImage(width, height, QImage.Format.Format_ARGB32)
    ink = QColor(palette.text)
    for y in range(height):
        for x in range(width):
            ink.setAlphaF(float(pixels[y, x]))
            image.setPixelColor(x, y, ink)
    painter.drawImage(box, image)
