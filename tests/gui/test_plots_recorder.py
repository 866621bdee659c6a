import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnplay.gui.plots.recorder import CurveRecorder, MovingAverage

finite = st.floats(-1e6, 1e6, allow_nan=False)


@given(
    chunks=st.lists(st.lists(finite, max_size=120), max_size=12),
    limit=st.integers(4, 40),
)
def test_extremes_are_never_lost_and_points_stay_few(chunks: list[list[float]], limit: int) -> None:
    recorder = CurveRecorder(limit)
    seen: list[float] = []
    for chunk in chunks:
        recorder.extend(np.arange(len(seen), len(seen) + len(chunk)), chunk)
        seen += chunk
        x, y = recorder.drawn()
        assert len(x) == len(y) <= limit
        assert len(recorder) == len(seen)
        if seen:
            assert min(seen) == y.min() == recorder.lowest
            assert max(seen) == y.max() == recorder.highest
            assert (np.diff(x) > 0).all()
            # Every drawn point is a real one, and the newest is always there.
            assert [seen[int(i)] for i in x] == y.tolist()
            assert x[-1] == len(seen) - 1


@given(values=st.lists(finite, min_size=1, max_size=400), cuts=st.lists(st.integers(0, 400)))
def test_drawing_does_not_depend_on_how_points_arrived(
    values: list[float], cuts: list[int]
) -> None:
    at_once, in_pieces = CurveRecorder(30), CurveRecorder(30)
    x = np.arange(len(values), dtype=float)
    at_once.extend(x, values)
    borders = sorted({0, len(values), *(cut for cut in cuts if cut < len(values))})
    for a, b in itertools.pairwise(borders):
        in_pieces.extend(x[a:b], values[a:b])
    for one, other in zip(at_once.drawn(), in_pieces.drawn(), strict=True):
        assert one.tolist() == other.tolist()


@given(values=st.lists(finite, min_size=1, max_size=500), limit=st.integers(4, 30))
def test_each_bin_keeps_its_own_extremes(values: list[float], limit: int) -> None:
    recorder = CurveRecorder(limit)
    recorder.extend(np.arange(len(values)), values)
    drawn = dict(zip(*(part.tolist() for part in recorder.drawn()), strict=True))
    for start in range(0, len(values), recorder.stride):
        part = values[start : start + recorder.stride]
        inside = [v for x, v in drawn.items() if start <= x < start + recorder.stride]
        assert min(inside) == min(part)
        assert max(inside) == max(part)


def test_a_hundred_thousand_points_become_a_thousand_and_keep_one_spike() -> None:
    recorder = CurveRecorder()
    values = np.linspace(1.0, 0.1, 100_000)
    values[77_777] = 9.0
    recorder.extend(np.arange(100_000), values)
    x, y = recorder.drawn()
    assert 400 < len(x) <= 1000
    assert x[np.argmax(y)] == 77_777


def test_values_that_are_not_finite_are_left_out() -> None:
    recorder = CurveRecorder()
    recorder.extend([0, 1, 2, 3], [1.0, np.nan, np.inf, 2.0])
    assert recorder.drawn()[0].tolist() == [0.0, 3.0]
    recorder.extend([4], [np.nan])
    assert len(recorder) == 2


def test_an_empty_recorder_draws_nothing_and_clear_forgets() -> None:
    recorder = CurveRecorder()
    assert [len(part) for part in recorder.drawn()] == [0, 0]
    assert np.isnan(recorder.lowest)
    recorder.extend(np.arange(5000), np.arange(5000.0))
    recorder.clear()
    assert [len(part) for part in recorder.drawn()] == [0, 0]
    recorder.extend([7], [3.0])
    assert recorder.drawn()[1].tolist() == [3.0]


def test_too_few_points_are_refused() -> None:
    with pytest.raises(ValueError, match="four"):
        CurveRecorder(3)


@given(chunks=st.lists(st.lists(st.floats(0, 1e3), max_size=90), max_size=6))
def test_the_average_is_the_mean_of_the_window_however_it_arrives(
    chunks: list[list[float]],
) -> None:
    average = MovingAverage()
    got = np.concatenate([average.extend(np.array(chunk)) for chunk in chunks] + [np.empty(0)])
    values = [value for chunk in chunks for value in chunk]
    for i, value in enumerate(got):
        window = min(1 + i // 20, 50)
        assert value == pytest.approx(sum(values[i + 1 - window : i + 1]) / window, abs=1e-9)
    assert len(got) == len(values)


def test_a_huge_first_loss_does_not_blur_small_late_ones() -> None:
    average = MovingAverage()
    values = np.full(3000, 1e-9)
    values[0] = 1e12
    assert average.extend(values)[-1] == pytest.approx(1e-9, rel=1e-12)


@given(
    values=st.lists(st.one_of(finite, st.just(float("nan"))), max_size=200),
    cuts=st.lists(st.integers(0, 200)),
)
def test_a_value_that_is_missing_breaks_the_line(values: list[float], cuts: list[int]) -> None:
    recorder = CurveRecorder(1000)
    borders = sorted({0, len(values), *(cut for cut in cuts if cut < len(values))})
    for a, b in itertools.pairwise(borders):
        recorder.extend(np.arange(a, b), values[a:b])
    known = [i for i, value in enumerate(values) if np.isfinite(value)]
    gaps = [a for a, b in itertools.pairwise(known) if b > a + 1]
    assert recorder.breaks.tolist() == gaps


@given(values=st.lists(st.one_of(finite, st.just(float("nan"))), min_size=1, max_size=300))
def test_the_average_begins_anew_behind_a_gap(values: list[float]) -> None:
    average = MovingAverage()
    middle = len(values) // 2
    got = np.concatenate([average.extend(np.array(v)) for v in (values[:middle], values[middle:])])
    since = 0
    for i, value in enumerate(got):
        if not np.isfinite(values[i]):
            since = 0
            assert np.isnan(value)
            continue
        window = min(1 + since // 20, 50)
        assert value == pytest.approx(np.mean(values[i + 1 - window : i + 1]), abs=1e-6)
        since += 1
