"""The two palettes and the scale of signed numbers: blue is positive, orange is negative.

Colours are kept as ``#rrggbb`` strings by role, never by hue, so that a view that asks for
``palette.positive`` is right in both themes. Colours made for lines and areas are too pale for
text on some surfaces; text uses the ``*_text`` roles, which reach a contrast of 4.5 : 1 on every
surface (``tests/picture/test_picture_palette.py`` computes it).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtGui import QColor

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = [
    "CLASS_COLOURS",
    "DARK",
    "LIGHT",
    "SURFACES",
    "TEXT_ROLES",
    "Palette",
    "blend",
    "class_colour",
    "contrast_ratio",
    "signed_colour",
    "signed_table",
]


@dataclass(frozen=True)
class Palette:
    """Colours by role, as ``#rrggbb``.

    Attributes:
        is_dark: whether this is a light-on-dark palette.
        window: behind everything. panel: a card of the window. card: fields and boxes in a panel.
        hover: a card under the pointer. canvas: behind the network. grid: its dots.
        border, border_strong: outlines at rest, and of what wants to be noticed.
        text, secondary, tertiary: text by importance; tertiary is for captions and hints.
        accent: outlines, focus and marks. accent_soft: a tinted surface. accent_fill: filled
            buttons under white text. accent_fill_hover: those buttons under the pointer.
        positive, negative, zero: the signed scale. ok, warn, error: states.
        tertiary_text … error_text: the same hues, readable as text on every surface.
        on_accent: text on ``accent_fill``.
        shadow: colour below floating strips and menus.
    """

    is_dark: bool
    window: str
    panel: str
    card: str
    hover: str
    canvas: str
    grid: str
    border: str
    border_strong: str
    text: str
    secondary: str
    tertiary: str
    accent: str
    accent_soft: str
    accent_fill: str
    accent_fill_hover: str
    positive: str
    negative: str
    zero: str
    ok: str
    warn: str
    error: str
    tertiary_text: str
    accent_text: str
    positive_text: str
    negative_text: str
    ok_text: str
    warn_text: str
    error_text: str
    on_accent: str
    shadow: str

    def colour(self, role: str) -> QColor:
        """The colour of a role as a :class:`QColor`; raises AttributeError for unknown roles."""
        return QColor(getattr(self, role))


DARK = Palette(
    is_dark=True,
    window="#14161B",
    panel="#1A1D24",
    card="#20242D",
    hover="#262B36",
    canvas="#101217",
    grid="#262C37",
    border="#2A2F3A",
    border_strong="#383F4D",
    text="#E7EAF0",
    secondary="#9BA4B4",
    tertiary="#7D8798",
    accent="#5B8CFF",
    accent_soft="#1E2A47",
    accent_fill="#3668E0",
    accent_fill_hover="#2F5FD2",
    positive="#4C9AFF",
    negative="#FF9548",
    zero="#23272F",
    ok="#3DD68C",
    warn="#F5B94A",
    error="#FF6B6B",
    tertiary_text="#8A94A5",
    accent_text="#7FA6FF",
    positive_text="#5CA4FF",
    negative_text="#FF9B52",
    ok_text="#3DD68C",
    warn_text="#F5B94A",
    error_text="#FF7B7B",
    on_accent="#FFFFFF",
    shadow="#000000",
)

LIGHT = Palette(
    is_dark=False,
    window="#EEF0F4",
    panel="#FFFFFF",
    card="#F5F6F9",
    hover="#ECEEF3",
    canvas="#FAFBFC",
    grid="#DDE1E8",
    border="#DFE3EA",
    border_strong="#C9CFDA",
    text="#1A1E27",
    secondary="#586173",
    tertiary="#667080",
    accent="#2F68F5",
    accent_soft="#E4ECFF",
    accent_fill="#2F68F5",
    accent_fill_hover="#2459DE",
    positive="#1E78E6",
    negative="#E8720C",
    zero="#F1F2F5",
    ok="#12935A",
    warn="#B7791F",
    error="#D92D3A",
    tertiary_text="#5F6878",
    accent_text="#1F57DA",
    positive_text="#1560C0",
    negative_text="#AB4C00",
    ok_text="#0B6E42",
    warn_text="#825300",
    error_text="#BE1E2D",
    on_accent="#FFFFFF",
    shadow="#1A1E27",
)

# What text stands on, and the roles text is written in.
SURFACES = ("window", "panel", "card", "hover", "canvas", "accent_soft")
TEXT_ROLES = (
    "text",
    "secondary",
    "tertiary_text",
    "accent_text",
    "positive_text",
    "negative_text",
    "ok_text",
    "warn_text",
    "error_text",
)

# Ten hues that stay apart from each other and from both canvases.
CLASS_COLOURS = (
    "#3E8EF7",
    "#F08A24",
    "#2FA96B",
    "#B065E6",
    "#E5484D",
    "#16A3B8",
    "#E465AE",
    "#A8921A",
    "#A4714B",
    "#7F8AA0",
)


def blend(a: str, b: str, t: float) -> str:
    """The colour a fraction ``t`` (0 … 1) of the way from ``a`` to ``b``, as ``#rrggbb``."""
    t = min(1.0, max(0.0, t))
    first, second = _channels(a), _channels(b)
    mixed = (round(x + (y - x) * t) for x, y in zip(first, second, strict=True))
    return "#{:02x}{:02x}{:02x}".format(*mixed)


def signed_colour(palette: Palette, value: float) -> QColor:
    """Colour of a number in −1 … 1 (clamped): orange below zero, blue above, faint around it.

    NaN has no colour and gets that of zero.
    """
    if value != value:  # NaN
        return QColor(palette.zero)
    end = palette.positive if value > 0 else palette.negative
    return QColor(blend(palette.zero, end, abs(value)))


@lru_cache(maxsize=16)
def signed_table(palette: Palette, n: int = 256) -> npt.NDArray[np.uint32]:
    """``uint32[n]`` of opaque ARGB pixels (``QImage.Format_RGB32``): entry 0 is −1, the last +1.

    A picture is then one array look-up: ``table[((values + 1) * (n / 2)).astype(int)]`` after
    clamping. The array is shared and read-only.
    """
    # Loaded here, because the window shows its colours before numpy is there.
    import numpy as np

    place = np.linspace(-1.0, 1.0, n)
    zero = np.array(_channels(palette.zero), dtype=np.float64)
    positive = np.array(_channels(palette.positive), dtype=np.float64)
    negative = np.array(_channels(palette.negative), dtype=np.float64)
    end = np.where(place[:, None] > 0, positive, negative)
    rgb: npt.NDArray[np.uint32] = np.rint(zero + (end - zero) * np.abs(place)[:, None]).astype(
        np.uint32
    )
    table: npt.NDArray[np.uint32] = (
        np.uint32(0xFF000000)
        | (rgb[:, 0] << np.uint32(16))
        | (rgb[:, 1] << np.uint32(8))
        | rgb[:, 2]
    )
    table.flags.writeable = False
    return table


def class_colour(palette: Palette, index: int, count: int) -> str:
    """Colour of class ``index`` of ``count``.

    Two classes are the two ends of the signed scale (index 1 is the positive one), so that points
    and maps agree; more classes take :data:`CLASS_COLOURS` in turn.
    """
    if count <= 2:
        return palette.positive if index == 1 else palette.negative
    return CLASS_COLOURS[index % len(CLASS_COLOURS)]


def contrast_ratio(a: str, b: str) -> float:
    """Contrast of two colours, 1 … 21, by the formula of WCAG 2.2 (relative luminance)."""
    lighter, darker = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@lru_cache(maxsize=256)
def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    linear = []
    for channel in _channels(colour):
        share = channel / 255
        linear.append(share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4)
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
