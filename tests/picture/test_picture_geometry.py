"""Edge lines and hits against plain loops over the definition of the curve."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nnplay.core.topology import Kind, Topology
from nnplay.picture.geometry import HALF, EdgeLines, neuron_at

COORDINATE = st.integers(-300, 300)


def bezier(p0, p1, p2, p3, t):
    """De Casteljau's construction, one point at a time."""

    def between(a, b):
        return (a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t)

    ab, bc, cd = between(p0, p1), between(p1, p2), between(p2, p3)
    return between(between(ab, bc), between(bc, cd))


def segment_distance(px, py, x0, y0, x1, y1):
    dx, dy = x1 - x0, y1 - y0
    length = dx * dx + dy * dy
    t = 0.0 if length == 0 else max(0.0, min(1.0, ((px - x0) * dx + (py - y0) * dy) / length))
    return math.hypot(px - x0 - t * dx, py - y0 - t * dy)


@st.composite
def scattered(draw):
    """A few inputs and outputs anywhere, some of them connected."""
    inputs, outputs = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    pairs = [(s, inputs + t) for s in range(inputs) for t in range(outputs)]
    edges = draw(st.lists(st.sampled_from(pairs), unique=True, min_size=1))
    kinds = [Kind.INPUT] * inputs + [Kind.OUTPUT] * outputs
    topology = Topology(range(inputs + outputs), kinds, edges)
    places = draw(
        st.lists(
            st.tuples(COORDINATE, COORDINATE),
            min_size=inputs + outputs,
            max_size=inputs + outputs,
        )
    )
    return topology, np.array(places, dtype=float)


def test_curve_points_are_those_of_a_cubic_with_horizontal_handles() -> None:
    topology = Topology([0, 1], [Kind.INPUT, Kind.OUTPUT], [(0, 1)])
    lines = EdgeLines(topology, np.array([[0.0, 0.0], [200.0, 90.0]]))
    start, end = (HALF, 0.0), (200.0 - HALF, 90.0)
    reach = (end[0] - start[0]) / 2
    corners = (start, (start[0] + reach, 0.0), (end[0] - reach, 90.0), end)
    for index, piece in enumerate(lines.segments[0]):
        expected = bezier(*corners, index / len(lines.segments[0]))
        assert np.allclose(piece[:2], expected)
    assert np.allclose(lines.segments[0, -1, 2:], end)


@given(scattered(), st.floats(1, 30), st.data())
def test_hit_agrees_with_a_loop_over_all_pieces(case, reach, data) -> None:
    topology, places = case
    lines = EdgeLines(topology, places)
    count = len(lines)
    # Somewhere near one of the edges, where it matters.
    near = data.draw(st.integers(0, count - 1))
    x, y = lines.point_on(near, data.draw(st.floats(0, 1)))
    x += data.draw(st.integers(-40, 40))
    y += data.draw(st.integers(-40, 40))
    halves = np.array(
        data.draw(st.lists(st.floats(0.4, 12.0), min_size=count, max_size=count)), dtype=float
    )
    among = np.array(
        data.draw(st.lists(st.integers(0, count - 1), unique=True).map(sorted)), dtype=np.int64
    )
    best = None
    for slot in among.tolist():
        distance = min(segment_distance(x, y, *piece) for piece in lines.segments[slot].tolist())
        if distance <= reach + halves[slot]:
            key = (round(distance, 6), -halves[slot])
            if best is None or key < best[0]:
                best = (key, slot)
    found = lines.hit(x, y, reach, halves, among)
    if best is None:
        assert found is None
    else:
        assert found is not None
        distance = min(segment_distance(x, y, *piece) for piece in lines.segments[found].tolist())
        # Equal up to rounding: either is right then.
        assert abs(distance - best[0][0]) <= 2e-6
        if abs(distance - best[0][0]) < 1e-9:
            assert halves[found] >= halves[best[1]] - 1e-9 or found == best[1]


@given(scattered(), COORDINATE, COORDINATE)
def test_neuron_under_a_point(case, x, y) -> None:
    _, places = case
    expected = None
    for row, (cx, cy) in enumerate(places.tolist()):
        if abs(x - cx) <= HALF and abs(y - cy) <= HALF:
            expected = row
    assert neuron_at(places, x, y) == expected


def test_many_edges_are_straight() -> None:
    kinds = [Kind.INPUT] * 20 + [Kind.OUTPUT] * 16
    edges = [(s, 20 + t) for s in range(20) for t in range(16)]
    topology = Topology(range(36), kinds, edges)
    lines = EdgeLines(topology, np.zeros((36, 2)))
    assert not lines.curved
    assert lines.segments.shape == (320, 1, 4)


def test_without_edges_nothing_is_hit() -> None:
    topology = Topology([0], [Kind.INPUT])
    lines = EdgeLines(topology, np.zeros((1, 2)))
    assert lines.hit(0, 0, 10, np.empty(0), np.empty(0, dtype=np.int64)) is None
    assert lines.bounds() == (0.0, 0.0, 0.0, 0.0)
    assert neuron_at(np.empty((0, 2)), 0, 0) is None
