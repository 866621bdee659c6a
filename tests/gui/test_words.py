"""Numbers as people read them, everywhere in one style."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnplay.gui.panels.training_numbers import loss_text
from nnplay.gui.panels.words import plain_number
from nnplay.gui.plots.chart import _Axis


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.25, 6, "0.25"),
        (-1e-7, 6, "−1e−7"),
        (1.5e-4, 2, "0.00015"),
        (1.23e-5, 6, "1.23e−5"),
        (100_000.0, 4, "100000"),
        (123_456.0, 3, "123456"),
        (2e6, 4, "2e6"),
        (-3.5e20, 4, "−3.5e20"),
        (math.nan, 4, "–"),
        (math.inf, 4, "inf"),
    ],
)
def test_plain_numbers(value: float, digits: int, text: str) -> None:
    assert plain_number(value, digits) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_plain_numbers_tell_the_number(value: float) -> None:
    text = plain_number(value, 6)
    assert "-" not in text
    assert "+" not in text
    assert float(text.replace("−", "-")) == pytest.approx(value, rel=1e-5)


def test_losses_have_the_same_exponents() -> None:
    assert loss_text(1.5e-5) == "1.5e−5"
    assert loss_text(2e7) == "2.0e7"


def test_many_epochs_are_written_alike_along_an_axis(qapp: object) -> None:
    axis = _Axis("bottom")
    texts = axis.tickStrings([80_000.0, 100_000.0, 120_000.0], 1.0, 20_000.0)
    assert texts == ["80,000", "100,000", "120,000"]
    assert axis.tickStrings([0.0, 2000.0], 1.0, 2000.0) == ["0", "2000"]
    assert axis.tickStrings([-0.5, 0.5], 1.0, 0.5) == ["−0.5", "0.5"]
