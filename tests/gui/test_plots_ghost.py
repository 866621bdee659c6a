"""The boundary before a hand took a weight stays in the map until the hand lets go."""

from pathlib import Path

import numpy as np
from gui.plot_driver import PlotBench, pixels
from pytestqt.qtbot import QtBot

from nnplay.gui.plots.contours import contour_segments
from nnplay.gui.plots.decision_map import DecisionMap
from nnplay.gui.plots.map_ghost import chains


def test_pieces_of_a_circle_become_one_closed_line() -> None:
    y, x = np.mgrid[-10:11, -10:11]
    pieces = contour_segments(25.5 - (x**2 + y**2).astype(float))
    np.random.default_rng(0).shuffle(pieces)
    flipped = pieces.copy()
    flipped[::2] = flipped[::2, [2, 3, 0, 1]]
    (line,) = chains(flipped)
    assert len(line) == len(pieces) + 1
    assert (line[0] == line[-1]).all()
    steps = np.hypot(*np.diff(line, axis=0).T)
    assert steps.max() < 1.5


def test_two_open_lines_stay_two() -> None:
    values = np.tile(np.array([-1.0, 1.0, 1.0, -1.0]), (6, 1))
    lines = chains(contour_segments(values))
    assert sorted(len(line) for line in lines) == [6, 6]
    assert all(np.ptp(line[:, 0]) == 0.0 for line in lines)
    assert chains(np.empty((0, 4))) == []


def test_the_ghost_comes_with_a_hand_and_goes_with_it(qtbot: QtBot, tmp_path: Path) -> None:
    bench = PlotBench(qtbot, tmp_path, DecisionMap)
    try:
        bench.train(60)
        session, plane = bench.session, bench.plot.plane
        qtbot.waitUntil(lambda: plane.background._picture is not None)
        qtbot.wait(200)
        background = plane.background
        boundary = background._picture.boundary
        assert len(boundary)
        before = pixels(plane)
        edge = tuple(int(v) for v in session.network.topology.edges[-1])
        slot = session.network.topology.edge_slot(*edge)
        session.hold_slot(slot)
        kept = np.concatenate(background.ghost)
        assert {tuple(p) for p in kept.round(6)} <= {
            tuple(p) for p in boundary.reshape(-1, 2).round(6)
        }
        gesture = session.begin_gesture()
        session.set_weight(*edge, session.network.edge(*edge).weight + 2.5, gesture)
        qtbot.waitUntil(lambda: len(background._picture.boundary) != len(boundary))
        assert np.array_equal(np.concatenate(background.ghost), kept)
        with_ghost = pixels(plane)
        session.release_slot(slot)
        assert background.ghost == []
        without = pixels(plane)
        assert (with_ghost != without).any(), "the ghost is painted"
        session.undo()
        qtbot.waitUntil(lambda: np.array_equal(background._picture.boundary, boundary))
        assert (pixels(plane) == before).all()
    finally:
        bench.close()
