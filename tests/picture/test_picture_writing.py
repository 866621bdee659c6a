"""Kept texts look like texts written anew, and all maps at once like one after the other."""

import numpy as np
import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QImage, QPainter

from nnplay.picture.fonts import mono_font, ui_font
from nnplay.picture.maps import PADDING, map_image, map_images
from nnplay.picture.palette import DARK, signed_table
from nnplay.picture.scales import ValueScale, places
from nnplay.picture.writing import MOST_KEPT, Writer

Side = Qt.AlignmentFlag


@pytest.fixture(autouse=True)
def _application(qapp: object) -> None:
    """Fonts need an application."""


def pixels(image: QImage) -> np.ndarray:
    data = np.frombuffer(image.constBits(), np.uint32)
    return data.reshape(image.height(), image.width()).copy()


@pytest.mark.parametrize("zoom", [0.7, 1.0, 1.37, 2.0])
@pytest.mark.parametrize("side", [Side.AlignLeft, Side.AlignRight, Side.AlignHCenter])
def test_kept_texts_stand_where_texts_stand(zoom: float, side: Qt.AlignmentFlag) -> None:
    for font in (ui_font(13), mono_font(11)):
        kept, plain = Writer(font), Writer(font, vector=True)
        for text in ("−0.83", "x₁²", "sin x₂", "0.05"):
            images = []
            for writer in (kept, plain, kept):
                image = QImage(160, 60, QImage.Format.Format_RGB32)
                image.fill(QColor("#101010"))
                painter = QPainter(image)
                painter.setPen(QColor("#f0f0f0"))
                painter.translate(8.3, 6.6)
                painter.scale(zoom, zoom)
                writer.write(painter, QRectF(1.5, 2.5, 66.0, 17.0), side, text)
                painter.end()
                images.append(pixels(image) & 0xFF)
            first, expected, again = (image.astype(int) for image in images)
            assert np.array_equal(first, again)
            assert expected.max() > 150
            # Glyphs stand on quarters of a pixel; the last one may be rounded the other way.
            assert np.abs(first - expected).sum() <= 0.12 * np.abs(expected - 16).sum()


def test_the_application_s_font_moves_no_text(qapp: QGuiApplication) -> None:
    before = qapp.font()
    font = ui_font(13)
    dressed = QFont(font.family())
    dressed.setFeature(QFont.Tag("tnum"), 1)
    try:
        qapp.setFont(dressed)
        for text in ("1111", "0.05", "sin x₂"):
            image = QImage(160, 40, QImage.Format.Format_RGB32)
            image.fill(0)
            painter = QPainter(image)
            painter.setPen(QColor("white"))
            Writer(font).write(painter, QRectF(0, 0, 150, 40), Side.AlignRight, text)
            painter.end()
            columns = np.flatnonzero((pixels(image) & 0xFF).max(axis=0) > 60)
            assert 147 <= columns[-1] <= 150, text
    finally:
        qapp.setFont(before)


def test_widths_and_cut_texts_are_those_of_the_font() -> None:
    writer = Writer(ui_font(10))
    assert writer.advance("") == 0
    assert writer.advance("wide") > writer.advance("w") == writer.advance("w") > 0
    assert writer.elided("short", 200) == writer.elided("short", 200) == "short"
    assert "…" in writer.elided("a very long name indeed", 40)


def test_no_more_texts_are_kept_than_there_is_room_for() -> None:
    writer = Writer(mono_font(11))
    for number in range(MOST_KEPT + 10):
        writer.advance(str(number))
    assert len(writer._advances) <= MOST_KEPT


def test_maps_at_once_are_those_one_by_one() -> None:
    random = np.random.default_rng(0)
    values = random.normal(size=(4, 5, 7)).astype(np.float32)
    values[0, 1, 2], values[1, 0, 0], values[2, 4, 6] = np.nan, np.inf, -np.inf
    scales = [
        ValueScale(-1.0, 0.0, 1.0),
        ValueScale(0.0, 0.5, 1.0),
        ValueScale(0.0, 0.0, 1.0),
        ValueScale(-3.0, 0.0, 3.0),
    ]
    for one, scale, placed in zip(values, scales, places(values, scales), strict=True):
        assert np.array_equal(placed, scale.place(one), equal_nan=True)
    table = signed_table(DARK)
    for image, one, scale in zip(map_images(values, scales, DARK), values, scales, strict=True):
        assert (image.width(), image.height()) == (7 + 2 * PADDING, 5 + 2 * PADDING)
        assert image == map_image(one, scale, DARK)
        shown = pixels(image)
        place = np.nan_to_num(scale.place(one), nan=0.0)
        wanted = table[np.minimum((place + 1.0) * 128, 255).astype(int)]
        assert np.array_equal(shown, np.pad(wanted, PADDING, mode="edge"))
