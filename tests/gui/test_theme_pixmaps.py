"""Icons as pixmaps: drawn once, and again in other colours."""

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QColor, QImage, QPixmap

from nnplay.gui.theme import Theme


def strokes(pixmap: QPixmap) -> QColor:
    """The colour of the most opaque place."""
    image = pixmap.toImage().convertToFormat(QImage.Format.Format_ARGB32)
    places = [(x, y) for x in range(image.width()) for y in range(image.height())]
    return max((image.pixelColor(x, y) for x, y in places), key=lambda colour: colour.alpha())


def test_a_pixmap_is_drawn_once_for_each_size_and_role(qapp: QCoreApplication) -> None:
    theme = Theme("dark")
    first = theme.pixmap("check", 24, "text")
    assert theme.pixmap("check", 24, "text").cacheKey() == first.cacheKey()
    for other in (
        theme.pixmap("check", 12, "text"),
        theme.pixmap("check", 24, "accent"),
        theme.pixmap("close", 24, "text"),
    ):
        assert other.cacheKey() != first.cacheKey()
    assert theme.pixmap("check", 12, "text").width() < first.width()


@pytest.mark.parametrize("role", ["text", "secondary", "accent"])
def test_another_theme_brings_other_colours(qapp: QCoreApplication, role: str) -> None:
    theme = Theme("dark")
    for mode in ("dark", "light", "dark"):
        theme.set_mode(mode)
        found = strokes(theme.pixmap("check", 24, role))
        wanted = theme.palette.colour(role)
        assert found.alpha() > 200
        for channel in ("red", "green", "blue"):
            assert abs(getattr(found, channel)() - getattr(wanted, channel)()) <= 3
