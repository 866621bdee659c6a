import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnplay.gui.plots.scales import axis_ticks, exact_number, round_up, short_number


@given(st.floats(1e-300, 1e300))
def test_rounding_up_never_falls_short_and_never_doubles(value: float) -> None:
    assert value * (1 - 1e-9) <= round_up(value) <= value * 1.34


def test_round_numbers_stay() -> None:
    for value in (1.0, 1.25, 20.0, 0.5, 8e-7, 1000.0):
        assert round_up(value) == pytest.approx(value)
    assert round_up(0.0) == round_up(math.nan) == round_up(math.inf) == 1.0


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6), st.integers(2, 12))
def test_ticks_lie_inside_and_are_few_and_even(low: float, span: float, most: int) -> None:
    ticks = axis_ticks(low, low + span, most)
    assert len(ticks) <= most
    assert all(low - span * 1e-6 <= tick <= low + span * (1 + 1e-6) for tick in ticks)
    steps = [b - a for a, b in itertools.pairwise(ticks)]
    assert not steps or max(steps) - min(steps) < 1e-6 * span


def test_ticks_of_the_usual_domain() -> None:
    assert axis_ticks(-6, 6, 7) == [-6, -4, -2, 0, 2, 4, 6]
    assert axis_ticks(3.0, 3.0, 5) == [3.0]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.47, "0.470"),
        (-0.5, "−0.500"),
        (0.0, "0.000"),
        (-0.0, "0.000"),
        (-0.0004, "−4.0e−4"),
        (123.456, "123.46"),
        (1234.5, "1234.5"),
        (98765.4, "98765"),
        (1.5e7, "1.5e7"),
        (math.nan, "–"),
        (-math.inf, "−∞"),
    ],
)
def test_short_numbers(value: float, text: str) -> None:
    assert short_number(value) == text


def test_exact_numbers() -> None:
    assert exact_number(-0.123456789) == "−0.123457"
    assert exact_number(math.inf) == "∞"
