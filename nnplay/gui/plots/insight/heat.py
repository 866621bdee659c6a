"""Numbers as pictures: a scale from the panel's colour to the accent, and signed values."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QImage

from nnplay.picture.palette import Palette, blend, signed_table

__all__ = ["amount_image", "amount_table", "signed_image"]

Pixels = npt.NDArray[np.uint32]


@lru_cache(maxsize=8)
def amount_table(palette: Palette, count: int = 256) -> Pixels:
    """``uint32[count]`` of opaque pixels for amounts from nothing to the most there is."""
    end = blend(palette.accent, palette.text, 0.55)
    colours = []
    for place in np.linspace(0.0, 1.0, count).tolist():
        half = blend(palette.panel, palette.accent, min(1.0, 1.5 * place))
        colours.append(blend(half, end, max(0.0, 3.0 * place - 2.0)))
    table: Pixels = np.array([0xFF000000 | int(c[1:], 16) for c in colours], dtype=np.uint32)
    table.flags.writeable = False
    return table


def amount_image(palette: Palette, shares: npt.NDArray[np.floating]) -> QImage:
    """A picture of shares ``[rows, columns]`` in 0 … 1; NaN looks like the border colour."""
    return _image(amount_table(palette), shares, palette.border_strong)


def signed_image(palette: Palette, values: npt.NDArray[np.floating]) -> QImage:
    """A picture of numbers ``[rows, columns]`` in −1 … 1."""
    return _image(signed_table(palette), (values + 1.0) / 2.0, palette.zero)


def _image(table: Pixels, shares: npt.NDArray[np.floating], missing: str) -> QImage:
    sound = np.isfinite(shares)
    index = np.clip(np.where(sound, shares, 0.0) * len(table), 0, len(table) - 1).astype(np.intp)
    pixels = np.where(sound, table[index], np.uint32(0xFF000000 | int(missing[1:], 16)))
    pixels = np.ascontiguousarray(pixels, dtype=np.uint32)
    rows, columns = pixels.shape
    image = QImage(pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGB32)
    return image.copy()  # its own memory
