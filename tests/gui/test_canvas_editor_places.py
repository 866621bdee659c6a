"""Where neurons come to rest: guide lines, equal distances, aligning, nudging."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from gui.canvas_driver import ALT, CTRL, NONE, SHIFT, Driver
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QUndoStack
from pytestqt.qtbot import QtBot

from nnplay.core.network import Network
from nnplay.document import Document
from nnplay.gui.canvas.snapping import SIGHT, snap


@pytest.fixture
def canvas(qtbot: QtBot, tmp_path: Path) -> Iterator[Driver]:
    """2-3-1 at round places, so that one neuron can be dragged into line with others."""
    driver = Driver(qtbot, tmp_path, Document(Network.mlp([2, 3, 1])))
    x0, x1, h0, h1, h2, y = driver.network.topology.ids.tolist()
    driver.session.move_neurons(
        {
            x0: (0.0, -80.0),
            x1: (0.0, 90.0),
            h0: (200.0, -120.0),
            h1: (200.0, 0.0),
            h2: (260.0, 170.0),
            y: (420.0, 40.0),
        }
    )
    driver.view.fit()
    driver.session.undo_stack.clear()
    yield driver
    driver.close()


def stack(canvas: Driver) -> QUndoStack:
    return canvas.session.undo_stack


def pull(canvas: Driver, neuron: int, x: float, y: float, keys: Qt.KeyboardModifier = NONE) -> None:
    """Drag a neuron near a place, without letting go."""
    start = canvas.neuron(neuron)
    canvas.press(start)
    canvas.hover(start + QPoint(20, 20), keys)
    canvas.hover(canvas.at(x, y), keys)


def test_a_neuron_stops_in_line_with_others(canvas: Driver) -> None:
    h2 = canvas.network.topology.hidden_ids[2]
    count = len(canvas.view.network_scene.items())
    pull(canvas, h2, 203.0, 178.0)
    guides = canvas.view.gesture._mark.guides
    assert any(not g.is_gap and g.start[0] == g.end[0] == 200.0 for g in guides)
    assert canvas.view.viewport().cursor().shape() == Qt.CursorShape.ClosedHandCursor
    canvas.release(canvas.at(203.0, 178.0))
    assert canvas.session.positions[h2][0] == 200.0
    assert canvas.session.positions[h2][1] == pytest.approx(178.0, abs=1.0)
    assert stack(canvas).count() == 1
    assert len(canvas.view.network_scene.items()) == count


def test_a_neuron_stops_at_an_equal_distance(canvas: Driver) -> None:
    h2 = canvas.network.topology.hidden_ids[2]
    pull(canvas, h2, 197.0, 123.0)
    gaps = [g for g in canvas.view.gesture._mark.guides if g.is_gap]
    assert [(g.start[1], g.end[1]) for g in gaps] == [(-120.0, 0.0), (0.0, 120.0)]
    canvas.release(canvas.at(197.0, 123.0))
    assert canvas.session.positions[h2] == (200.0, 120.0)


@pytest.mark.parametrize("keys", [CTRL, ALT])
def test_a_key_lets_it_go_anywhere(canvas: Driver, keys: Qt.KeyboardModifier) -> None:
    h2 = canvas.network.topology.hidden_ids[2]
    pull(canvas, h2, 203.0, 178.0, keys)
    assert canvas.view.gesture._mark is None
    canvas.release(canvas.at(203.0, 178.0), keys)
    assert canvas.session.positions[h2][0] == pytest.approx(203.0, abs=1.0)
    assert canvas.session.positions[h2][0] != 200.0


def test_escape_removes_the_lines_and_the_move(canvas: Driver) -> None:
    h2 = canvas.network.topology.hidden_ids[2]
    before, count = dict(canvas.session.positions), len(canvas.view.network_scene.items())
    pull(canvas, h2, 203.0, 178.0)
    canvas.key(Qt.Key.Key_Escape)
    canvas.release(canvas.at(203.0, 178.0))
    assert dict(canvas.session.positions) == before
    assert len(canvas.view.network_scene.items()) == count
    assert stack(canvas).count() == 0


def test_another_level_is_only_another_place(canvas: Driver) -> None:
    one = canvas.network.topology.hidden_ids[0]
    level, topology = canvas.network.topology.level_of(one), canvas.network.topology
    pull(canvas, one, 430.0, -100.0)
    canvas.release(canvas.at(430.0, -100.0))
    assert canvas.network.topology is topology
    assert topology.level_of(one) == level


def test_keys_align_and_distribute(canvas: Driver) -> None:
    hidden = list(canvas.network.topology.hidden_ids)
    canvas.session.select(hidden)
    canvas.key(Qt.Key.Key_Left, ALT)
    assert {canvas.session.positions[i][0] for i in hidden} == {200.0}
    canvas.key(Qt.Key.Key_Y, ALT | SHIFT)
    assert [canvas.session.positions[i][1] for i in hidden] == [-120.0, 25.0, 170.0]
    canvas.key(Qt.Key.Key_Up, ALT)
    assert {canvas.session.positions[i][1] for i in hidden} == {-120.0}
    assert stack(canvas).count() == 3
    canvas.session.select(hidden[:1])
    canvas.key(Qt.Key.Key_X, ALT)
    assert "at least two" in canvas.notices[-1]


# ---------------------------------------------------------------------- the calculation itself
places = st.lists(
    st.tuples(st.floats(-300, 300, width=16), st.floats(-300, 300, width=16)),
    min_size=1,
    max_size=8,
)


@given(places, places, st.floats(0.5, 20.0))
def test_a_snap_is_short_and_every_guide_is_true(
    moving: list[tuple[float, float]], others: list[tuple[float, float]], reach: float
) -> None:
    hand, rest = np.array(moving, dtype=float), np.array(others, dtype=float)
    found = snap(hand, rest, reach)
    assert all(abs(way) <= reach + 1e-9 for way in found.shift)
    moved = hand + found.shift
    for guide in found.guides:
        (x0, y0), (x1, _y1) = guide.start, guide.end
        axis, at = (0, x0) if x0 == x1 else (1, y0)
        if not guide.is_gap:
            assert np.isclose(moved[:, axis], at, atol=2e-3).any()
            assert np.isclose(rest[:, axis], at, atol=0.2).any()
    gaps = [g for g in found.guides if g.is_gap]
    for first, second in zip(gaps[::2], gaps[1::2], strict=True):
        lengths = [np.hypot(*np.subtract(g.end, g.start)) for g in (first, second)]
        assert lengths[0] == pytest.approx(lengths[1], abs=1e-6)


def test_nobody_far_away_pulls() -> None:
    hand = np.array([[0.0, 0.0]])
    assert snap(hand, np.array([[3.0, SIGHT + 1]]), 6.0).shift == (0.0, 0.0)
    assert snap(hand, np.array([[3.0, SIGHT - 1]]), 6.0).shift == (3.0, 0.0)
    assert snap(hand, np.empty((0, 2)), 6.0).guides == ()
