import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from nnplay.gui.plots.contours import contour_segments


def test_a_circle_comes_out_as_a_circle() -> None:
    size, radius = 100, 30.0
    y, x = np.mgrid[:size, :size].astype(float)
    centre = (size - 1) / 2 + 0.3
    field = np.hypot(x - centre, y - centre) - radius
    pieces = contour_segments(field)
    ends = pieces.reshape(-1, 2)
    away = np.hypot(ends[:, 0] - centre, ends[:, 1] - centre) - radius
    assert abs(away).max() < 0.01
    length = np.hypot(pieces[:, 2] - pieces[:, 0], pieces[:, 3] - pieces[:, 1]).sum()
    assert length == pytest.approx(2 * np.pi * radius, rel=2e-3)


def test_the_circle_is_closed() -> None:
    y, x = np.mgrid[:40, :40].astype(float)
    ends = contour_segments(np.hypot(x - 19.2, y - 20.7) - 11.0).reshape(-1, 2)
    _, counts = np.unique(ends.round(9), axis=0, return_counts=True)
    assert (counts == 2).all()


def test_a_straight_line_is_exact_at_any_level() -> None:
    y, x = np.mgrid[:9, :9].astype(float)
    pieces = contour_segments(2.0 * x + y, level=9.3)
    ends = pieces.reshape(-1, 2)
    np.testing.assert_allclose(2.0 * ends[:, 0] + ends[:, 1], 9.3, atol=1e-12)


@pytest.mark.parametrize("middle", [1.0, -1.0])
def test_saddles_join_what_the_middle_joins(middle: float) -> None:
    # Top left and bottom right are high; the mean's sign decides whether they touch.
    grid = np.array([[1.0, -1.0], [-1.0, 1.0]]) + 0.2 * middle
    pieces = contour_segments(grid)
    assert len(pieces) == 2
    centres = (pieces[:, :2] + pieces[:, 2:]) / 2
    for x, y in centres:
        # Lines that part the low corners run near them, (1, 0) and (0, 1); else the high ones.
        near_low = min(np.hypot(x - 1, y), np.hypot(x, y - 1)) < 0.5
        assert near_low == (middle > 0)


@given(
    arrays.arrays(
        np.float64,
        st.tuples(st.integers(2, 9), st.integers(2, 9)),
        elements=st.floats(-3, 3, allow_nan=False, width=16),
    )
)
def test_pieces_lie_on_sides_with_the_level_between_their_ends(grid: np.ndarray) -> None:
    pieces = contour_segments(grid)
    for x, y in pieces.reshape(-1, 2):
        on_row, on_column = y == int(y), x == int(x)
        assert on_row or on_column
        r, c = int(np.floor(y)), int(np.floor(x))
        r1, c1 = int(np.ceil(y)), int(np.ceil(x))
        low, high = sorted((grid[r, c], grid[r1, c1]))
        assert low <= 0.0 <= high
        # Linear interpolation along the side gives the level.
        share = (x - c) + (y - r)
        assert (1 - share) * grid[r, c] + share * grid[r1, c1] == pytest.approx(0.0, abs=1e-9)


@given(
    arrays.arrays(
        np.float64,
        st.tuples(st.integers(3, 8), st.integers(3, 8)),
        elements=st.sampled_from([-1.0, -0.5, 0.25, 2.0]),
    )
)
def test_lines_end_only_at_the_rim(grid: np.ndarray) -> None:
    pieces = contour_segments(grid)
    ends, counts = np.unique(pieces.reshape(-1, 2).round(9), axis=0, return_counts=True)
    height, width = grid.shape
    for (x, y), count in zip(ends, counts, strict=True):
        rim = x in (0, width - 1) or y in (0, height - 1)
        assert count == 2 or (rim and count == 1)


def test_nothing_to_draw() -> None:
    assert contour_segments(np.ones((5, 5))).shape == (0, 4)
    assert contour_segments(np.full((5, 5), np.nan)).shape == (0, 4)
    assert contour_segments(np.array([[1.0, -1.0]])).shape == (0, 4)


def test_holes_in_the_map_are_left_out() -> None:
    grid = np.array([[-1.0, 1.0, 1.0], [-1.0, 1.0, np.nan], [-1.0, 1.0, 1.0]])
    assert len(contour_segments(grid)) == 2
    assert len(contour_segments(np.array([[-1.0, np.inf], [-1.0, 1.0]]))) == 0
