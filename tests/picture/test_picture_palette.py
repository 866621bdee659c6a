"""Colours: contrast of every text role on every surface, and the signed scale."""

import re
from dataclasses import fields

import numpy as np
import pytest

from nnplay.picture.palette import (
    CLASS_COLOURS,
    DARK,
    LIGHT,
    SURFACES,
    TEXT_ROLES,
    blend,
    class_colour,
    contrast_ratio,
    signed_colour,
    signed_table,
)

PALETTES = [pytest.param(DARK, id="dark"), pytest.param(LIGHT, id="light")]


def test_contrast_formula_against_known_pairs():
    assert contrast_ratio("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast_ratio("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast_ratio("#ff0000", "#ffffff") == pytest.approx(4.0, abs=0.01)


@pytest.mark.parametrize("palette", PALETTES)
@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("role", TEXT_ROLES)
def test_every_text_role_is_readable_on_every_surface(palette, role, surface):
    ratio = contrast_ratio(getattr(palette, role), getattr(palette, surface))
    assert ratio >= 4.5, f"{role} on {surface}: {ratio:.2f}"


@pytest.mark.parametrize("palette", PALETTES)
def test_filled_buttons_are_readable(palette):
    for fill in (palette.accent_fill, palette.accent_fill_hover):
        assert contrast_ratio(palette.on_accent, fill) >= 4.5


@pytest.mark.parametrize("palette", PALETTES)
def test_marks_stand_out_from_what_they_lie_on(palette):
    """Things that are not text need 3 : 1 (WCAG 1.4.11): signs, states, focus ring, classes."""
    for surface in (palette.canvas, palette.panel):
        for mark in (palette.positive, palette.accent, palette.ok, palette.warn, palette.error):
            assert contrast_ratio(mark, surface) >= 3.0
        assert contrast_ratio(palette.negative, surface) >= 2.9
        for colour in CLASS_COLOURS:
            assert contrast_ratio(colour, surface) >= 2.3


def test_all_colours_are_written_alike():
    for palette in (DARK, LIGHT):
        for field in fields(palette):
            if field.name != "is_dark":
                assert re.fullmatch(r"#[0-9A-F]{6}", getattr(palette, field.name)), field.name


def test_ten_classes_are_ten_different_colours():
    assert len(set(CLASS_COLOURS)) == 10
    channels = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in CLASS_COLOURS])
    distance = np.linalg.norm(channels[:, None] - channels[None], axis=2)
    assert distance[~np.eye(10, dtype=bool)].min() > 45


@pytest.mark.parametrize("palette", PALETTES)
def test_two_classes_are_the_ends_of_the_signed_scale(palette):
    assert class_colour(palette, 1, 2) == palette.positive
    assert class_colour(palette, 0, 2) == palette.negative
    assert class_colour(palette, 1, 3) == CLASS_COLOURS[1]
    assert class_colour(palette, 12, 13) == CLASS_COLOURS[2]


def test_blend_meets_both_ends_and_clamps():
    assert blend("#102030", "#ffffff", 0) == "#102030"
    assert blend("#102030", "#FFFFFF", 1) == "#ffffff"
    assert blend("#000000", "#ffffff", 0.5) == "#808080"
    assert blend("#000000", "#ffffff", 7) == "#ffffff"


@pytest.mark.parametrize("palette", PALETTES)
def test_signed_scale(palette):
    assert signed_colour(palette, 1.0).name() == palette.positive.lower()
    assert signed_colour(palette, -1.0).name() == palette.negative.lower()
    assert signed_colour(palette, 0.0).name() == palette.zero.lower()
    assert signed_colour(palette, float("nan")).name() == palette.zero.lower()
    assert signed_colour(palette, 40.0).name() == palette.positive.lower()
    table = signed_table(palette)
    assert table.dtype == np.uint32
    assert table.shape == (256,)
    assert table[0] == int("ff" + palette.negative[1:], 16)
    assert table[-1] == int("ff" + palette.positive[1:], 16)
    with pytest.raises(ValueError):
        table[0] = 0
    for index in (3, 100, 200):
        colour = signed_colour(palette, index / 255 * 2 - 1)
        assert abs(int(table[index]) - colour.rgb()) in {0, 1, 256, 257, 65536, 65537, 65792, 65793}
