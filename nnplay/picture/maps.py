"""Response maps as images: one look-up per pixel in the signed colour table."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QImage

from nnplay.picture.palette import Palette, signed_table
from nnplay.picture.scales import ValueScale

__all__ = ["PADDING", "map_image"]

# One repeated pixel all round: a smoothly scaled brush would mix opposite edges without it.
PADDING = 1


def map_image(
    values: npt.NDArray[np.floating], scale: ValueScale, palette: Palette, padding: int = PADDING
) -> QImage:
    """The image of a map, ``values[rows, columns]`` with row 0 on top.

    The image is larger than the map by ``padding`` repeated pixels on each side.
    """
    table = signed_table(palette)
    half = len(table) / 2
    index = (np.nan_to_num(scale.place(values), nan=0.0) + 1.0) * half
    pixels = table[np.minimum(index, len(table) - 1).astype(np.intp)]
    if padding:
        pixels = np.pad(pixels, padding, mode="edge")
    pixels = np.ascontiguousarray(pixels, dtype=np.uint32)
    height, width = pixels.shape
    image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGB32)
    return image.copy()  # owns its pixels; the array goes away
