"""The two bundled typefaces: Inter for words, JetBrains Mono for numbers."""

from __future__ import annotations

from functools import cache

from PySide6.QtGui import QFont, QFontDatabase

from nnplay.assets import resource_folder

__all__ = ["load_fonts", "mono_font", "ui_font"]

UI_FAMILY = "Inter"
MONO_FAMILY = "JetBrains Mono"


@cache
def load_fonts() -> tuple[str, ...]:
    """Register the bundled font files once; returns the families found.

    Needs a QGuiApplication. Without these, a machine with no fonts shows boxes.
    """
    families: list[str] = []
    for path in sorted((resource_folder() / "fonts").glob("*.[ot]tf")):
        number = QFontDatabase.addApplicationFont(str(path))
        if number >= 0:
            families += QFontDatabase.applicationFontFamilies(number)
    return tuple(dict.fromkeys(families))


def ui_font(size: float, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Inter in pixels of the picture, unhinted so that it scales evenly; digits of equal width."""
    return _font(UI_FAMILY, size, weight)


def mono_font(size: float, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """JetBrains Mono in pixels of the picture: digits of equal width."""
    return _font(MONO_FAMILY, size, weight)


def _font(family: str, size: float, weight: QFont.Weight) -> QFont:
    load_fonts()
    font = QFont(family)
    # Pixel sizes are whole numbers in Qt; fractions come through the point size at 72 dpi only,
    # so sizes are rounded here and scaled by the painter.
    font.setPixelSize(max(1, round(size)))
    font.setWeight(weight)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    # Said here, as painters would take it over from the application's font, and measuring would not.
    font.setFeature(QFont.Tag("tnum"), 1)
    return font
