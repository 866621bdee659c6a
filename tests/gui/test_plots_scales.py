import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnplay.gui.plots.scales import axis_ticks, decade_bounds, decade_ticks, round_up


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


@given(st.floats(1e-200, 1e200), st.floats(1, 1e20))
def test_log_bounds_hold_the_numbers_closely(low: float, ratio: float) -> None:
    high = low * ratio
    start, end = decade_bounds(low, high)
    assert start < end
    assert start <= low * (1 + 1e-9)
    assert end >= high * (1 - 1e-9)
    assert start * 2.6 > low
    assert end < max(high * 2.6, start * 10.1)


@given(st.floats(-200, 200), st.floats(0.4, 60), st.integers(2, 9))
def test_log_ticks_lie_inside_and_are_few(low: float, span: float, most: int) -> None:
    ticks = decade_ticks(low, low + span, most)
    assert len(ticks) <= most
    assert all(low - 1e-6 <= tick <= low + span + 1e-6 for tick in ticks)
    assert ticks


def test_log_ticks_of_few_and_many_decades() -> None:
    assert decade_ticks(-3, 0, 6) == [-3, -2, -1, 0]
    assert decade_ticks(-12, 0, 6) == [-10, -5, 0]
    assert [round(10**tick, 9) for tick in decade_ticks(-1, -0.2, 6)] == [0.1, 0.2, 0.5]
