"""Every gesture on the canvas with real events: what it does to the network, and its undo."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from gui.canvas_driver import CTRL, LEFT, MIDDLE, NONE, RIGHT, SHIFT, Driver
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QUndoStack, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu  # noqa: TID251
from pytestqt.qtbot import QtBot

from nnplay.core.topology import Kind


@pytest.fixture
def canvas(qtbot: QtBot, tmp_path: Path) -> Iterator[Driver]:
    """The default network: 2-4-2-1 on the circle."""
    driver = Driver(qtbot, tmp_path)
    yield driver
    driver.close()


def selected(driver: Driver) -> set[int]:
    return set(driver.session.selection.neurons)


def stack(driver: Driver) -> QUndoStack:
    return driver.session.undo_stack


# ---------------------------------------------------------------------- selecting
def test_click_selects_one_neuron_and_the_ground_none(canvas: Driver) -> None:
    first, second = canvas.network.topology.hidden_ids[:2]
    canvas.click(canvas.neuron(first))
    assert selected(canvas) == {first}
    canvas.click(canvas.neuron(second))
    assert selected(canvas) == {second}
    canvas.click(canvas.empty())
    assert selected(canvas) == set()
    assert stack(canvas).count() == 0


@pytest.mark.parametrize("keys", [CTRL, SHIFT])
def test_modifier_click_adds_and_takes_away(canvas: Driver, keys: Qt.KeyboardModifier) -> None:
    first, second = canvas.network.topology.hidden_ids[:2]
    canvas.click(canvas.neuron(first))
    canvas.click(canvas.neuron(second), keys)
    assert selected(canvas) == {first, second}
    canvas.click(canvas.neuron(first), keys)
    assert selected(canvas) == {second}


def test_click_on_one_of_many_selects_just_it(canvas: Driver) -> None:
    canvas.key(Qt.Key.Key_A, CTRL)
    assert selected(canvas) == set(canvas.network.topology.ids.tolist())
    one = canvas.network.topology.hidden_ids[2]
    canvas.click(canvas.neuron(one))
    assert selected(canvas) == {one}


def test_box_selects_what_it_touches(canvas: Driver) -> None:
    topology = canvas.network.topology
    column = [i for i in topology.hidden_ids if topology.level_of(i) == 1]
    x = canvas.session.positions[column[0]][0]
    canvas.drag(canvas.at(x - 50, -180), canvas.at(x + 20, 180))
    assert selected(canvas) == set(column)
    # Adding with Shift keeps what was there.
    output = topology.output_ids[0]
    ox, oy = canvas.session.positions[output]
    canvas.drag(canvas.at(ox - 20, oy - 60), canvas.at(ox + 30, oy + 40), SHIFT)
    assert selected(canvas) == {*column, output}


def test_escape_during_a_box_restores_the_selection(canvas: Driver) -> None:
    one = canvas.network.topology.hidden_ids[0]
    canvas.click(canvas.neuron(one))
    x, _ = canvas.session.positions[one]
    canvas.press(canvas.at(x - 60, -180))
    canvas.hover(canvas.at(x + 30, 180))
    assert len(selected(canvas)) > 1
    canvas.key(Qt.Key.Key_Escape)
    assert selected(canvas) == {one}
    canvas.release(canvas.at(x + 30, 180))
    assert selected(canvas) == {one}


def test_click_selects_an_edge_with_room_to_miss(canvas: Driver) -> None:
    source, target = (int(v) for v in canvas.network.topology.edges[0])
    spot = canvas.edge(source, target, 0.3)
    lines = canvas.view.network_scene.edges.picture.lines
    x0, y0 = lines.point_on(0, 0.28)
    x1, y1 = lines.point_on(0, 0.32)
    length = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5
    side = QPointF(-(y1 - y0) / length, (x1 - x0) / length)
    hits = [
        canvas.view.network_scene.hit(
            *(QPointF(*lines.point_on(0, 0.3)) + side * way).toTuple(), 1.0
        ).edge
        for way in (0.0, 6.0)
    ]
    assert hits[0] == (source, target)
    assert hits[1] is not None  # 6 px off still hits a line
    canvas.click(spot)
    assert canvas.session.selection.edges == {(source, target)}
    assert not selected(canvas)


def test_a_click_eight_pixels_beside_a_thick_edge_selects_it(canvas: Driver) -> None:
    source, target = (int(v) for v in canvas.network.topology.edges[0])
    others = [tuple(map(int, e)) for e in canvas.network.topology.edges[1:]]
    for edge in others:
        canvas.session.set_weight(*edge, 0.01)
    canvas.session.set_weight(source, target, 3.0)
    picture = canvas.view.network_scene.edges.picture
    half = float(picture.half_widths[0]) * canvas.view.navigation.scale
    assert half > 1.0
    # The first edge runs along the outside: above its middle there is nothing else.
    spot = canvas.edge(source, target, 0.5)
    above = [
        spot + QPoint(round(-way * 0.7), round(-way * 0.7)) for way in (half + 8.0, half + 14.0)
    ]
    canvas.click(above[0])
    assert canvas.session.selection.edges == {(source, target)}
    canvas.click(above[1])
    assert not canvas.session.selection.edges


# ---------------------------------------------------------------------- moving
def test_drag_moves_a_neuron_in_one_undo_step(canvas: Driver) -> None:
    one = canvas.network.topology.hidden_ids[1]
    before = dict(canvas.session.positions)
    scale = canvas.view.navigation.scale
    canvas.drag(canvas.neuron(one), canvas.neuron(one) + QPoint(60, -40))
    after = canvas.session.positions
    assert after[one][0] - before[one][0] == pytest.approx(60 / scale, abs=0.2)
    assert after[one][1] - before[one][1] == pytest.approx(-40 / scale, abs=0.2)
    assert {i: p for i, p in after.items() if i != one} == {
        i: p for i, p in before.items() if i != one
    }
    assert stack(canvas).count() == 1
    item = canvas.view.network_scene.neuron_items[one]
    assert (item.x(), item.y()) == after[one]
    canvas.session.undo()
    assert dict(canvas.session.positions) == before
    assert (item.x(), item.y()) == before[one]
    canvas.session.redo()
    assert canvas.session.positions[one] == after[one]


def test_two_drags_are_two_steps(canvas: Driver) -> None:
    one = canvas.network.topology.hidden_ids[1]
    for _ in range(2):
        canvas.drag(canvas.neuron(one), canvas.neuron(one) + QPoint(30, 30))
    assert stack(canvas).count() == 2


def test_drag_moves_all_selected(canvas: Driver) -> None:
    first, second, third = canvas.network.topology.hidden_ids[:3]
    before = dict(canvas.session.positions)
    canvas.click(canvas.neuron(first))
    canvas.click(canvas.neuron(second), CTRL)
    canvas.drag(canvas.neuron(second), canvas.neuron(second) + QPoint(0, 90))
    after = canvas.session.positions
    moved = {i for i in before if after[i] != before[i]}
    assert moved == {first, second}
    assert after[first][1] - before[first][1] == pytest.approx(after[second][1] - before[second][1])
    assert selected(canvas) == {first, second}
    assert third not in moved


def test_shaky_click_is_no_move(canvas: Driver) -> None:
    one = canvas.network.topology.hidden_ids[0]
    canvas.drag(canvas.neuron(one), canvas.neuron(one) + QPoint(3, 2))
    assert stack(canvas).count() == 0
    assert selected(canvas) == {one}


def test_escape_cancels_a_move_without_a_trace(canvas: Driver) -> None:
    one = canvas.network.topology.hidden_ids[0]
    before = dict(canvas.session.positions)
    start = canvas.neuron(one)
    canvas.press(start)
    canvas.hover(start + QPoint(80, 80))
    item = canvas.view.network_scene.neuron_items[one]
    assert (item.x(), item.y()) != before[one]
    canvas.key(Qt.Key.Key_Escape)
    assert (item.x(), item.y()) == before[one]
    canvas.release(start + QPoint(80, 80))
    assert dict(canvas.session.positions) == before
    assert stack(canvas).count() == 0


# ---------------------------------------------------------------------- connecting
def test_drag_from_port_connects(canvas: Driver) -> None:
    topology = canvas.network.topology
    source, target = topology.input_ids[0], topology.output_ids[0]
    assert not topology.has_edge(source, target)
    canvas.drag(canvas.port(source), canvas.neuron(target))
    assert canvas.network.topology.has_edge(source, target)
    assert canvas.network.edge(source, target).weight != 0.0
    assert stack(canvas).count() == 1
    canvas.session.undo()
    assert not canvas.network.topology.has_edge(source, target)


def test_port_appears_and_cursor_changes_on_hover(canvas: Driver) -> None:
    one = canvas.network.topology.hidden_ids[0]
    look = canvas.view.network_scene.neuron_items[one].look
    assert not look.shows_port
    canvas.hover(canvas.neuron(one))
    assert look.shows_port
    assert canvas.view.viewport().cursor().shape() == Qt.CursorShape.OpenHandCursor
    canvas.hover(canvas.port(one))
    assert look.shows_port
    assert canvas.view.viewport().cursor().shape() == Qt.CursorShape.CrossCursor
    canvas.hover(canvas.empty())
    assert not look.shows_port


def test_circle_is_refused_at_the_pointer_with_its_reason(canvas: Driver) -> None:
    topology = canvas.network.topology
    late = next(i for i in topology.hidden_ids if topology.level_of(i) == 2)
    early = topology.hidden_ids[0]
    canvas.press(canvas.port(late))
    canvas.hover(canvas.port(late) + QPoint(20, 20))
    canvas.hover(canvas.neuron(early))
    card = canvas.view.hovering.card
    assert card.isVisible()
    assert card.text.is_refusal
    assert "circle" in card.text.note
    assert canvas.network.label_of(early) in card.text.note
    canvas.release(canvas.neuron(early))
    assert canvas.network.topology is topology
    assert stack(canvas).count() == 0
    assert card.isVisible()  # stays long enough to be read
    canvas.click(canvas.empty())
    assert not card.isVisible()


def test_connection_to_itself_and_into_an_input_are_refused(canvas: Driver) -> None:
    topology = canvas.network.topology
    one, data = topology.hidden_ids[0], topology.input_ids[0]
    canvas.drag(canvas.port(one), canvas.at(*(v - 16 for v in canvas.session.positions[one])))
    assert "itself" in canvas.view.hovering.card.text.note
    canvas.drag(canvas.port(one), canvas.neuron(data))
    assert "input" in canvas.view.hovering.card.text.note
    assert canvas.network.topology is topology


def test_doubled_connection_is_refused(canvas: Driver) -> None:
    source, target = (int(v) for v in canvas.network.topology.edges[0])
    canvas.drag(canvas.port(source), canvas.neuron(target))
    assert "already connected" in canvas.view.hovering.card.text.note
    assert stack(canvas).count() == 0


def test_escape_gives_a_connection_up(canvas: Driver) -> None:
    topology = canvas.network.topology
    source, target = topology.input_ids[0], topology.output_ids[0]
    items = len(canvas.view.network_scene.items())
    canvas.press(canvas.port(source))
    canvas.hover(canvas.neuron(target))
    assert len(canvas.view.network_scene.items()) == items + 1
    canvas.key(Qt.Key.Key_Escape)
    assert len(canvas.view.network_scene.items()) == items
    canvas.release(canvas.neuron(target))
    assert not canvas.network.topology.has_edge(source, target)


def test_connect_by_two_clicks(canvas: Driver) -> None:
    topology = canvas.network.topology
    source, target = topology.input_ids[1], topology.output_ids[0]
    canvas.key(Qt.Key.Key_C)
    assert canvas.view.tool == "connect"
    canvas.click(canvas.neuron(source))
    canvas.hover(canvas.neuron(target))
    canvas.click(canvas.neuron(target))
    assert canvas.network.topology.has_edge(source, target)
    canvas.key(Qt.Key.Key_Escape)
    assert canvas.view.tool == "select"


def test_connection_survives_an_undo_that_removes_its_source(canvas: Driver) -> None:
    canvas.double_click(canvas.empty())
    new = next(iter(selected(canvas)))
    canvas.press(canvas.port(new))
    canvas.hover(canvas.neuron(canvas.network.topology.output_ids[0]))
    canvas.session.undo()
    assert canvas.view.gesture is None
    canvas.release(canvas.neuron(canvas.network.topology.output_ids[0]))
    assert new not in canvas.network.topology


# ---------------------------------------------------------------------- adding and removing
def test_double_click_adds_a_neuron_there(canvas: Driver) -> None:
    count = canvas.network.topology.neuron_count
    before = dict(canvas.session.positions)
    spot = canvas.empty()
    where = canvas.view.navigation.to_scene(QPointF(spot))
    canvas.double_click(spot)
    assert canvas.network.topology.neuron_count == count + 1
    new = next(iter(selected(canvas)))
    assert canvas.network.topology.kind_of(new) == Kind.HIDDEN
    assert canvas.session.positions[new] == pytest.approx((where.x(), where.y()), abs=0.2)
    # Nothing else jumps.
    assert {i: p for i, p in canvas.session.positions.items() if i != new} == before
    assert stack(canvas).count() == 1
    canvas.session.undo()
    assert canvas.network.topology.neuron_count == count
    assert new not in canvas.view.network_scene.neuron_items


def test_add_tool_adds_with_every_click(canvas: Driver) -> None:
    count = canvas.network.topology.neuron_count
    canvas.key(Qt.Key.Key_N)
    canvas.click(canvas.empty())
    canvas.click(canvas.empty() + QPoint(-60, 0))
    assert canvas.network.topology.neuron_count == count + 2


def test_delete_removes_what_is_selected(canvas: Driver) -> None:
    one = canvas.network.topology.hidden_ids[0]
    source, target = (int(v) for v in canvas.network.topology.edges[-1])
    canvas.click(canvas.neuron(one))
    canvas.click(canvas.edge(source, target, 0.4), CTRL)
    canvas.key(Qt.Key.Key_Delete)
    assert one not in canvas.network.topology
    assert not canvas.network.topology.has_edge(source, target)
    assert stack(canvas).count() == 1
    assert one not in canvas.view.network_scene.neuron_items
    canvas.session.undo()
    assert canvas.network.topology.has_edge(source, target)
    assert one in canvas.view.network_scene.neuron_items


def test_double_click_on_a_neuron_asks_for_it(canvas: Driver, qtbot: QtBot) -> None:
    one = canvas.network.topology.hidden_ids[0]
    with qtbot.waitSignal(canvas.view.neuron_activated) as signal:
        canvas.double_click(canvas.neuron(one))
    assert signal.args == [one]
    with qtbot.waitSignal(canvas.view.neuron_activated):
        canvas.key(Qt.Key.Key_Return)


# ---------------------------------------------------------------------- keyboard
def test_arrows_nudge_and_a_held_key_is_one_step(canvas: Driver) -> None:
    one = canvas.network.topology.hidden_ids[0]
    canvas.click(canvas.neuron(one))
    x, y = canvas.session.positions[one]
    canvas.key(Qt.Key.Key_Right)
    canvas.key(Qt.Key.Key_Up, SHIFT)
    assert canvas.session.positions[one] == (x + 8, y - 1)
    assert stack(canvas).count() == 2

    for repeated in (False, True, True):
        event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Down, NONE, "", repeated)
        QCoreApplication.sendEvent(canvas.view, event)
    assert canvas.session.positions[one] == (x + 8, y - 1 + 24)
    assert stack(canvas).count() == 3


def test_tab_walks_all_neurons_then_leaves(canvas: Driver) -> None:
    seen = []
    for _ in range(canvas.network.topology.neuron_count):
        canvas.key(Qt.Key.Key_Tab)
        seen += list(selected(canvas))
    assert sorted(seen) == sorted(canvas.network.topology.ids.tolist())
    levels = [canvas.network.topology.level_of(i) for i in seen]
    assert levels == sorted(levels)
    assert not canvas.view.focusNextPrevChild(True) or not canvas.view.hasFocus()


def test_space_starts_and_stops_training(canvas: Driver, qtbot: QtBot) -> None:
    canvas.key(Qt.Key.Key_Space)
    assert canvas.session.is_running
    qtbot.waitUntil(lambda: canvas.session.shown_epoch > 0, timeout=5000)
    canvas.key(Qt.Key.Key_Space)
    assert not canvas.session.is_running


# ---------------------------------------------------------------------- looking around
def wheel(canvas: Driver, point: QPoint, notches: int) -> None:

    event = QWheelEvent(
        QPointF(point),
        QPointF(canvas.view.viewport().mapToGlobal(point)),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        NONE,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QCoreApplication.sendEvent(canvas.view.viewport(), event)


def test_wheel_zooms_at_the_pointer(canvas: Driver) -> None:
    point = QPoint(300, 200)
    below = canvas.view.navigation.to_scene(QPointF(point))
    scale = canvas.view.navigation.scale
    wheel(canvas, point, 2)
    assert canvas.view.navigation.scale == pytest.approx(scale * 1.44)
    still = canvas.view.navigation.to_scene(QPointF(point))
    assert (still - below).manhattanLength() < 2.0
    wheel(canvas, point, -60)
    assert canvas.view.navigation.scale >= 0.08
    wheel(canvas, point, 80)
    assert canvas.view.navigation.scale <= 4.0
    canvas.key(Qt.Key.Key_F)
    assert canvas.view.navigation.scale == pytest.approx(scale)


@pytest.mark.parametrize("button", [MIDDLE, RIGHT])
def test_drag_pans(canvas: Driver, button: Qt.MouseButton) -> None:
    one = canvas.network.topology.hidden_ids[0]
    before = canvas.neuron(one)
    canvas.drag(canvas.empty(), canvas.empty() + QPoint(50, -30), button=button)
    assert canvas.neuron(one) - before == QPoint(50, -30)
    assert stack(canvas).count() == 0
    assert not canvas.view.findChildren(QMenu)


def test_hand_tool_pans(canvas: Driver) -> None:
    one = canvas.network.topology.hidden_ids[0]
    canvas.key(Qt.Key.Key_H)
    before = canvas.neuron(one)
    canvas.drag(before, before + QPoint(-40, 25))
    assert canvas.neuron(one) - before == QPoint(-40, 25)
    assert stack(canvas).count() == 0


def test_fit_shows_everything(canvas: Driver) -> None:
    canvas.view.navigation.zoom_to(3.0, QPointF(10, 10))
    canvas.key(Qt.Key.Key_0, CTRL)
    inside = canvas.view.viewport().rect()
    for neuron_id in canvas.network.topology.ids.tolist():
        assert inside.contains(canvas.neuron(neuron_id))


# ---------------------------------------------------------------------- menu
# Said by the offscreen platform whenever a menu opens.
OFFSCREEN_MENUS = pytest.mark.qt_log_ignore("This plugin does not support")


def menu_at(canvas: Driver, point: QPoint) -> QMenu:
    canvas.click(point, button=RIGHT)
    menus = [menu for menu in canvas.view.findChildren(QMenu) if menu.isVisible()]
    return menus[0]


def entry(menu: QMenu, words: str):
    return next(action for action in menu.actions() if action.text().split("\t")[0] == words)


@OFFSCREEN_MENUS
def test_menu_of_a_neuron(canvas: Driver) -> None:
    one = canvas.network.topology.hidden_ids[0]
    menu = menu_at(canvas, canvas.neuron(one))
    assert selected(canvas) == {one}
    activations = menu.findChild(QMenu)
    assert not any(action.text() == "softmax" for action in activations.actions())
    entry(activations, "ReLU").trigger()
    assert canvas.network.activation_of(one) == "relu"
    entry(menu, "Lock weights and bias").trigger()
    assert canvas.network.frozen[canvas.network.topology.bias_slot(one)]
    entry(menu, "Delete").trigger()
    assert one not in canvas.network.topology
    menu.close()


@OFFSCREEN_MENUS
def test_menu_of_an_edge_and_of_the_ground(canvas: Driver) -> None:
    source, target = (int(v) for v in canvas.network.topology.edges[0])
    menu = menu_at(canvas, canvas.edge(source, target, 0.3))
    entry(menu, "Switch the connection off").trigger()
    assert not canvas.network.edge(source, target).enabled
    menu.close()
    count = canvas.network.topology.neuron_count
    menu = menu_at(canvas, canvas.empty())
    entry(menu, "Add a neuron here").trigger()
    assert canvas.network.topology.neuron_count == count + 1
    menu.close()


@OFFSCREEN_MENUS
def test_two_selected_neurons_are_connected_by_keyboard(canvas: Driver) -> None:
    topology = canvas.network.topology
    source, target = topology.input_ids[0], topology.output_ids[0]
    canvas.session.select([target, source])
    event = QContextMenuEvent(
        QContextMenuEvent.Reason.Keyboard, QPoint(5, 5), canvas.view.mapToGlobal(QPoint(5, 5))
    )
    QCoreApplication.sendEvent(canvas.view.viewport(), event)
    menu = next(menu for menu in canvas.view.findChildren(QMenu) if menu.isVisible())
    entry(menu, "Connect x₁ to y").trigger()
    assert canvas.network.topology.has_edge(source, target)
    menu.close()


@OFFSCREEN_MENUS
def test_menu_starts_a_connection(canvas: Driver) -> None:
    topology = canvas.network.topology
    source, target = topology.input_ids[0], topology.output_ids[0]
    menu = menu_at(canvas, canvas.neuron(source))
    entry(menu, "Connect to …").trigger()
    menu.close()
    canvas.hover(canvas.neuron(target))
    QTest.mouseClick(canvas.view.viewport(), LEFT, NONE, canvas.neuron(target))
    assert canvas.network.topology.has_edge(source, target)
