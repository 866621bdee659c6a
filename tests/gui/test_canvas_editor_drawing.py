"""Drawing connections and neurons with real events: one, many, into the empty, into an edge."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from gui.canvas_driver import ALT, LEFT, NONE, SHIFT, Driver
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QUndoStack
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu  # noqa: TID251
from pytestqt.qtbot import QtBot

from nnplay.core.network import Network
from nnplay.core.reference import evaluate
from nnplay.core.topology import Kind
from nnplay.document import Document
from nnplay.gui.canvas.connecting import Connect

OFFSCREEN_MENUS = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def canvas(qtbot: QtBot, tmp_path: Path) -> Iterator[Driver]:
    """The default network: 2-4-2-1 on the circle."""
    driver = Driver(qtbot, tmp_path)
    yield driver
    driver.close()


@pytest.fixture
def loose(qtbot: QtBot, tmp_path: Path) -> Iterator[Driver]:
    """3-3-2 with one connection only, so that there is something to draw."""
    full = Network.mlp([3, 3, 2])
    keep = [tuple(int(v) for v in edge) for edge in full.topology.edges[1:]]
    driver = Driver(qtbot, tmp_path, Document(full.remove((), keep)))
    columns = {0: (0.0, -160.0), 1: (0.0, 0.0), 2: (0.0, 160.0)}
    ids = driver.network.topology.ids.tolist()
    places = {ids[i]: place for i, place in columns.items()}
    places |= {ids[3 + i]: (220.0, -160.0 + 160.0 * i) for i in range(3)}
    places |= {ids[6 + i]: (440.0, -80.0 + 160.0 * i) for i in range(2)}
    driver.session.move_neurons(places)
    driver.view.fit()
    driver.session.undo_stack.clear()
    yield driver
    driver.close()


def stack(canvas: Driver) -> QUndoStack:
    return canvas.session.undo_stack


def edges(canvas: Driver) -> set[tuple[int, int]]:
    return {(int(s), int(t)) for s, t in canvas.network.topology.edges}


def items(canvas: Driver) -> int:
    return len(canvas.view.network_scene.items())


def ids(canvas: Driver) -> tuple[list[int], list[int], list[int]]:
    topology = canvas.network.topology
    return list(topology.input_ids), list(topology.hidden_ids), list(topology.output_ids)


# ---------------------------------------------------------------------- into the empty
def test_a_drop_just_beside_a_neuron_means_that_one(canvas: Driver) -> None:
    ids = canvas.network.topology.ids.tolist()
    source, output = ids[0], ids[-1]
    x, y = canvas.view.network_scene.positions[output]
    canvas.drag(canvas.port(source), canvas.at(x - 26.0, y + 6.0))
    assert canvas.network.topology.has_edge(source, output)
    assert canvas.network.topology.ids.tolist() == ids, "no neuron lies half on another"


def test_a_drop_on_the_ground_makes_a_connected_neuron(canvas: Driver) -> None:
    source = canvas.network.topology.input_ids[0]
    count, start = items(canvas), canvas.port(source)
    spot = canvas.empty()
    where = canvas.view.navigation.to_scene(QPointF(spot))
    canvas.press(start)
    canvas.hover(start + (spot - start) * 0.5)
    canvas.hover(spot)
    mark = canvas.view.gesture._mark
    assert mark._newcomer is not None, "the neuron to come is shown"
    canvas.release(spot)
    (new,) = canvas.session.selection.neurons
    assert canvas.network.topology.kind_of(new) == Kind.HIDDEN
    assert (source, new) in edges(canvas)
    assert canvas.session.positions[new] == pytest.approx((where.x(), where.y()), abs=0.1)
    assert stack(canvas).count() == 1
    assert items(canvas) == count + 1
    canvas.session.undo()
    assert new not in canvas.network.topology
    assert items(canvas) == count


def test_a_short_pull_makes_nothing(canvas: Driver) -> None:
    source = canvas.network.topology.hidden_ids[0]
    start = canvas.port(source)
    canvas.drag(start, start + QPoint(16, 4))
    assert stack(canvas).count() == 0
    assert canvas.view.gesture is None


def test_several_selected_feed_one_new_neuron(loose: Driver) -> None:
    inputs, _, _ = ids(loose)
    loose.session.select(inputs)
    loose.drag(loose.port(inputs[1]), loose.at(120, 260))
    (new,) = loose.session.selection.neurons
    assert {(i, new) for i in inputs} <= edges(loose)
    assert stack(loose).count() == 1


# ---------------------------------------------------------------------- many at once
def test_shift_connects_all_neurons_that_are_passed(loose: Driver) -> None:
    inputs, hidden, _ = ids(loose)
    before, count = edges(loose), items(loose)
    loose.press(loose.port(inputs[1]))
    for neuron in hidden:
        loose.hover(loose.neuron(neuron), SHIFT)
    assert items(loose) == count + 1
    assert len(loose.view.gesture._mark._lines) == 3
    loose.release(loose.at(300, 250), SHIFT)
    assert edges(loose) == before | {(inputs[1], i) for i in hidden}
    assert stack(loose).count() == 1
    assert items(loose) == count
    loose.session.undo()
    assert edges(loose) == before


def test_without_shift_only_the_last_one_is_connected(loose: Driver) -> None:
    inputs, hidden, _ = ids(loose)
    before = edges(loose)
    loose.press(loose.port(inputs[1]))
    for neuron in hidden:
        loose.hover(loose.neuron(neuron))
    loose.release(loose.neuron(hidden[2]))
    assert edges(loose) == before | {(inputs[1], hidden[2])}


def test_all_selected_are_connected_from_one_port(loose: Driver) -> None:
    inputs, hidden, _ = ids(loose)
    before = edges(loose)
    loose.session.select(inputs)
    loose.press(loose.port(inputs[2]))
    loose.hover(loose.neuron(hidden[1]) - QPoint(0, 60))
    loose.hover(loose.neuron(hidden[1]))
    lines = loose.view.gesture._mark._lines
    assert len(lines) == 3
    assert not any(line.is_refused for line in lines)
    loose.release(loose.neuron(hidden[1]))
    assert edges(loose) == before | {(i, hidden[1]) for i in inputs}
    assert stack(loose).count() == 1


def test_what_cannot_be_is_shown_and_said_while_dragging(loose: Driver) -> None:
    inputs, hidden, _ = ids(loose)
    loose.session.select(inputs)
    loose.press(loose.port(inputs[0]))
    loose.hover(loose.neuron(hidden[1]))
    loose.hover(loose.neuron(hidden[0]))  # the first input is connected to it already
    card = loose.view.hovering.card
    assert card.isVisible()
    assert "1 of 3" in card.text.note
    assert "already" in card.text.note
    assert sum(line.is_refused for line in loose.view.gesture._mark._lines) == 1
    loose.release(loose.neuron(hidden[0]))
    assert {(i, hidden[0]) for i in inputs} <= edges(loose)


def test_all_refused_is_forbidden_and_changes_nothing(loose: Driver) -> None:
    inputs, hidden, outputs = ids(loose)
    loose.session.select([*hidden, *outputs])
    count = items(loose)
    loose.press(loose.port(hidden[0]))
    loose.hover(loose.neuron(inputs[1]))
    assert loose.view.viewport().cursor().shape() == Qt.CursorShape.ForbiddenCursor
    assert "input" in loose.view.hovering.card.text.note
    loose.release(loose.neuron(inputs[1]))
    assert stack(loose).count() == 0
    assert items(loose) == count


def test_escape_leaves_no_trace_of_many(loose: Driver) -> None:
    inputs, hidden, _ = ids(loose)
    loose.session.select(inputs)
    before, count = loose.network, items(loose)
    loose.press(loose.port(inputs[1]))
    for neuron in hidden:
        loose.hover(loose.neuron(neuron), SHIFT)
    loose.key(Qt.Key.Key_Escape)
    loose.release(loose.neuron(hidden[2]))
    assert loose.network is before
    assert items(loose) == count
    assert loose.session.selection.neurons == set(inputs)
    assert not loose.view.hovering.card.isVisible()


# ---------------------------------------------------------------------- selection to selection
def choose(canvas: Driver, words: str) -> None:
    menu = next(menu for menu in canvas.view.findChildren(QMenu) if menu.isVisible())
    next(action for action in menu.actions() if action.text().startswith(words)).trigger()
    menu.close()


def lasso(canvas: Driver, neurons: list[int], keys: Qt.KeyboardModifier = NONE) -> None:
    """Draw around neurons."""
    places = np.array([canvas.session.positions[i] for i in neurons])
    (x0, y0), (x1, y1) = places.min(axis=0) - 45, places.max(axis=0) + 45
    corners = [(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, (y0 + y1) / 2)]
    points = [canvas.at(*corner) for corner in corners]
    canvas.press(points[0], keys)
    for point in points[1:]:
        canvas.hover(point, keys)
    canvas.release(points[-1], keys)


@OFFSCREEN_MENUS
@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("All with all (8", {(s, t) for s in range(3) for t in range(3)}),
        ("One to one, as they stand (2)", {(i, i) for i in range(3)}),
    ],
)
def test_selection_to_selection(loose: Driver, words: str, wanted: set[tuple[int, int]]) -> None:
    inputs, hidden, _ = ids(loose)
    before = edges(loose)
    loose.session.select(inputs)
    loose.key(Qt.Key.Key_C, SHIFT)
    assert "draw around" in loose.view.hovering.card.text.note
    lasso(loose, hidden)
    assert loose.view.gesture is None
    choose(loose, words)
    assert edges(loose) == before | {(inputs[s], hidden[t]) for s, t in wanted}
    assert stack(loose).count() == 1


@OFFSCREEN_MENUS
def test_selection_to_selection_at_random(loose: Driver) -> None:
    inputs, hidden, _ = ids(loose)
    loose.session.select(inputs)
    loose.key(Qt.Key.Key_C, SHIFT)
    lasso(loose, hidden)
    menu = next(menu for menu in loose.view.findChildren(QMenu) if menu.isVisible())
    assert [action.text() for action in menu.actions() if "random" in action.text()] == [
        "At random, 10 % (about 1)",
        "At random, 25 % (about 2)",
        "At random, 50 % (about 4)",
        "At random, 75 % (about 6)",
    ]
    choose(loose, "At random, 75")
    assert len(edges(loose)) <= 9


def test_selection_to_one_neuron_needs_no_question(loose: Driver) -> None:
    inputs, _, outputs = ids(loose)
    loose.session.select(inputs)
    loose.key(Qt.Key.Key_C, SHIFT)
    loose.hover(loose.neuron(outputs[0]))
    assert len(loose.view.gesture._mark._lines) == 3
    QTest.mouseClick(loose.view.viewport(), LEFT, NONE, loose.neuron(outputs[0]))
    assert {(i, outputs[0]) for i in inputs} <= edges(loose)
    assert loose.view.gesture is None
    assert not loose.view.hovering.card.isVisible()


def test_drawing_around_nobody_asks_again_and_escape_ends_it(loose: Driver) -> None:
    inputs, _, _ = ids(loose)
    before, count = loose.network, items(loose)
    loose.session.select(inputs)
    loose.key(Qt.Key.Key_C, SHIFT)
    lasso(loose, inputs)
    assert "no other neuron" in loose.view.hovering.card.text.note
    assert loose.view.gesture is not None
    loose.key(Qt.Key.Key_Escape)
    assert loose.network is before
    assert items(loose) == count
    assert loose.session.selection.neurons == set(inputs)
    assert not loose.view.hovering.card.isVisible()


def test_nothing_selected_is_said(loose: Driver) -> None:
    loose.key(Qt.Key.Key_C, SHIFT)
    assert loose.view.gesture is None
    assert "Select the neurons" in loose.notices[-1]


# ---------------------------------------------------------------------- into a connection
def answers(canvas: Driver) -> np.ndarray:
    network, (output,) = canvas.network, ids(canvas)[2]
    points = np.random.default_rng(0).normal(size=(20, 2))
    return evaluate(network, points).a[network.topology.row(output)]


def test_the_add_tool_inserts_into_a_connection(canvas: Driver) -> None:
    edge = tuple(int(v) for v in canvas.network.topology.edges[0])
    before = answers(canvas)
    canvas.key(Qt.Key.Key_N)
    spot = canvas.edge(*edge, 0.4)
    canvas.hover(spot)
    assert canvas.view.viewport().cursor().shape() == Qt.CursorShape.CrossCursor
    canvas.click(spot)
    (new,) = canvas.session.selection.neurons
    assert {(edge[0], new), (new, edge[1])} <= edges(canvas)
    assert edge not in edges(canvas)
    assert np.allclose(answers(canvas), before, atol=1e-12)
    assert stack(canvas).count() == 1
    canvas.session.undo()
    assert edge in edges(canvas)


def test_a_neuron_dragged_with_the_add_tool_falls_into_a_connection(canvas: Driver) -> None:
    edge = tuple(int(v) for v in canvas.network.topology.edges[0])
    canvas.key(Qt.Key.Key_N)
    slot = canvas.network.topology.edge_slot(*edge)
    canvas.press(canvas.empty())
    canvas.hover(canvas.edge(*edge, 0.35))
    assert canvas.view.network_scene.edges.picture.hovered == slot
    canvas.release(canvas.edge(*edge, 0.35))
    assert edge not in edges(canvas)
    canvas.press(canvas.empty())
    canvas.hover(canvas.empty() - QPoint(30, 0))
    count = canvas.network.topology.neuron_count
    canvas.key(Qt.Key.Key_Escape)
    canvas.release(canvas.empty())
    assert canvas.network.topology.neuron_count == count


def test_a_key_inserts_into_the_selected_connection(canvas: Driver) -> None:
    edge = tuple(int(v) for v in canvas.network.topology.edges[0])
    canvas.click(canvas.edge(*edge, 0.3))
    canvas.key(Qt.Key.Key_I)
    assert edge not in edges(canvas)
    assert len(canvas.session.selection.neurons) == 1
    canvas.key(Qt.Key.Key_I)
    assert "Select one connection" in canvas.notices[-1]


# ---------------------------------------------------------------------- tools
@pytest.mark.parametrize(
    ("key", "tool", "shape"),
    [
        (Qt.Key.Key_H, "hand", Qt.CursorShape.OpenHandCursor),
        (Qt.Key.Key_N, "add", Qt.CursorShape.CrossCursor),
        (Qt.Key.Key_L, "lasso", Qt.CursorShape.CrossCursor),
        (Qt.Key.Key_C, "connect", Qt.CursorShape.ArrowCursor),
        (Qt.Key.Key_V, "select", Qt.CursorShape.ArrowCursor),
    ],
)
def test_single_keys_choose_tools(
    canvas: Driver, key: Qt.Key, tool: str, shape: Qt.CursorShape
) -> None:
    canvas.hover(canvas.empty())
    canvas.key(key)
    assert canvas.view.tool == tool
    assert canvas.view.overlays.tools.buttons[tool].isChecked()
    assert canvas.view.viewport().cursor().shape() == shape
    tip = canvas.view.overlays.tools.buttons[tool].toolTip()
    assert f"({chr(key.value)})" in tip


def test_the_connect_tool_draws_from_anywhere_on_a_neuron(canvas: Driver) -> None:
    source, target = canvas.network.topology.input_ids[0], canvas.network.topology.output_ids[0]
    canvas.key(Qt.Key.Key_C)
    canvas.hover(canvas.neuron(source))
    assert canvas.view.viewport().cursor().shape() == Qt.CursorShape.CrossCursor
    canvas.press(canvas.neuron(source))
    assert isinstance(canvas.view.gesture, Connect)
    canvas.hover(canvas.neuron(target) - QPoint(90, 20))
    canvas.release(canvas.neuron(target))
    assert (source, target) in edges(canvas)


# ---------------------------------------------------------------------- lasso
@pytest.mark.parametrize("way", ["tool", "alt"])
def test_the_lasso_selects_what_it_goes_around(loose: Driver, way: str) -> None:
    _inputs, hidden, outputs = ids(loose)
    if way == "tool":
        loose.key(Qt.Key.Key_L)
    count = items(loose)
    lasso(loose, hidden, ALT if way == "alt" else NONE)
    assert loose.session.selection.neurons == set(hidden)
    lasso(loose, outputs, (ALT if way == "alt" else NONE) | SHIFT)
    assert loose.session.selection.neurons == {*hidden, *outputs}
    assert items(loose) == count
    assert stack(loose).count() == 0
    loose.press(loose.at(-60, -240), ALT if way == "alt" else NONE)
    loose.hover(loose.at(60, -240), ALT if way == "alt" else NONE)
    loose.hover(loose.at(60, 240), ALT if way == "alt" else NONE)
    assert loose.session.selection.neurons != {*hidden, *outputs}
    loose.key(Qt.Key.Key_Escape)
    assert loose.session.selection.neurons == {*hidden, *outputs}
    loose.release(loose.at(60, 240))
    assert items(loose) == count
    if way == "tool":
        loose.click(loose.at(330, 250))
        assert not loose.session.selection.neurons


def test_a_triangle_leaves_out_what_its_box_would_take(loose: Driver) -> None:
    inputs, hidden, _ = ids(loose)
    loose.key(Qt.Key.Key_L)
    corners = [(-50, -220), (300, -220), (-50, 60)]
    loose.press(loose.at(*corners[0]))
    for corner in (*corners[1:], (-50, -200)):
        loose.hover(loose.at(*corner))
    loose.release(loose.at(-50, -200))
    # The second hidden neuron stands below the slanting side.
    assert loose.session.selection.neurons == {inputs[0], inputs[1], hidden[0]}
