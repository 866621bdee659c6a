"""Response maps as images: one look-up per pixel in the signed colour table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QImage

from nnplay.picture.palette import Palette, signed_table
from nnplay.picture.scales import ValueScale, places

__all__ = ["PADDING", "map_image", "map_images"]

# One repeated pixel all round: a smoothly scaled brush would mix opposite edges without it.
PADDING = 1


def map_image(
    values: npt.NDArray[np.floating], scale: ValueScale, palette: Palette, padding: int = PADDING
) -> QImage:
    """The image of a map, ``values[rows, columns]`` with row 0 on top.

    The image is larger than the map by ``padding`` repeated pixels on each side.
    """
    return map_images(values[None], [scale], palette, padding)[0]


def map_images(
    values: npt.NDArray[np.floating],
    scales: Sequence[ValueScale],
    palette: Palette,
    padding: int = PADDING,
) -> list[QImage]:
    """The images of several maps ``values[maps, rows, columns]``, each with its own scale."""
    table = signed_table(palette)
    half = len(table) / 2
    index = (places(values, scales) + 1.0) * half
    # NaN is neutral.
    np.copyto(index, half, where=np.isnan(index))
    pixels = table[np.minimum(index, len(table) - 1).astype(np.intp)]
    count, rows, columns = pixels.shape
    framed = np.empty((count, rows + 2 * padding, columns + 2 * padding), dtype=np.uint32)
    framed[:, padding : padding + rows, padding : padding + columns] = pixels
    if padding:
        inner = slice(padding, padding + columns)
        framed[:, :padding, inner] = pixels[:, :1]
        framed[:, padding + rows :, inner] = pixels[:, -1:]
        framed[:, :, :padding] = framed[:, :, padding : padding + 1]
        framed[:, :, padding + columns :] = framed[:, :, padding + columns - 1 : padding + columns]
    height, width = framed.shape[1:]
    return [
        # A copy owns its pixels; the array goes away.
        QImage(one.data, width, height, 4 * width, QImage.Format.Format_RGB32).copy()
        for one in framed
    ]
