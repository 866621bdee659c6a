"""Walking on the canvas with the keyboard, and what layers show of the selection."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from gui.canvas_driver import CTRL, NONE, SHIFT, Driver
from gui.panel_driver import Bench
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu  # noqa: TID251
from pytestqt.qtbot import QtBot

from nnplay.gui.canvas.keys import CANVAS_KEYS
from nnplay.gui.panels.layers import LayersPanel

Key = Qt.Key
CTRL_SHIFT = CTRL | SHIFT


@pytest.fixture
def canvas(qtbot: QtBot, tmp_path: Path) -> Iterator[Driver]:
    driver = Driver(qtbot, tmp_path)
    yield driver
    driver.close()


def neuron(canvas: Driver) -> str:
    (chosen,) = canvas.session.selection.neurons
    return canvas.network.label_of(chosen)


def edge(canvas: Driver) -> tuple[str, str]:
    ((source, target),) = canvas.session.selection.edges
    return canvas.network.label_of(source), canvas.network.label_of(target)


def test_ctrl_and_arrows_follow_the_picture(canvas: Driver) -> None:
    canvas.key(Key.Key_Tab)
    assert neuron(canvas) == "x1"
    seen = []
    for key in (Key.Key_Right, Key.Key_Down, Key.Key_Right, Key.Key_Right, Key.Key_Left):
        canvas.key(key, CTRL)
        seen.append(neuron(canvas))
    assert seen[0] in ("h1", "h2")
    assert seen[1] in ("h2", "h3")
    assert seen[2] in ("h5", "h6")
    assert seen[3] == "y"
    assert seen[4] in ("h5", "h6")
    x = canvas.session.positions
    assert canvas.session.undo_stack.count() == 0, "walking moves nothing"
    canvas.key(Key.Key_Right)
    assert canvas.session.positions != x, "plain arrows still nudge"


def test_the_ring_shows_where_the_keyboard_is(canvas: Driver) -> None:
    mark = canvas.view.walker.mark
    assert not mark.isVisible()
    canvas.key(Key.Key_Tab)
    assert mark.isVisible()
    (chosen,) = canvas.session.selection.neurons
    assert (mark.x(), mark.y()) == canvas.session.positions[chosen]
    canvas.key(Key.Key_Right)  # a nudge takes it along
    assert (mark.x(), mark.y()) == canvas.session.positions[chosen]
    canvas.click(canvas.neuron(canvas.network.topology.output_ids[0]))
    assert not mark.isVisible()


def test_walking_onto_and_along_connections(canvas: Driver) -> None:
    canvas.key(Key.Key_Tab)
    canvas.key(Key.Key_Right, CTRL_SHIFT)
    assert edge(canvas) == ("x1", "h1")
    assert canvas.view.walker.spoken.startswith("Connection from x₁ to h₁, weight ")
    canvas.key(Key.Key_Down)
    canvas.key(Key.Key_Down)
    assert edge(canvas) == ("x1", "h3")
    canvas.key(Key.Key_Right)
    assert neuron(canvas) == "h3"
    canvas.key(Key.Key_Left, CTRL_SHIFT)
    assert edge(canvas) == ("x1", "h3")
    canvas.key(Key.Key_Down)
    assert edge(canvas) == ("x2", "h3"), "seen from the target, its other inputs are beside"
    canvas.key(Key.Key_Left)
    assert neuron(canvas) == "x2"
    assert canvas.session.undo_stack.count() == 0


def test_tab_goes_on_from_a_connection_to_the_next(canvas: Driver) -> None:
    canvas.key(Key.Key_Tab)
    canvas.key(Key.Key_Right, CTRL_SHIFT)
    seen = [edge(canvas)]
    while canvas.view.walker.tab(True):
        seen.append(edge(canvas))
    assert len(seen) == len(set(seen)) == canvas.network.topology.edge_count
    canvas.key(Key.Key_Backtab, SHIFT)
    assert edge(canvas) == seen[-2]


def test_return_hands_a_connection_on(canvas: Driver, qtbot: QtBot) -> None:
    canvas.key(Key.Key_Tab)
    canvas.key(Key.Key_Right, CTRL_SHIFT)
    (chosen,) = canvas.session.selection.edges
    with qtbot.waitSignal(canvas.view.edge_activated) as signal:
        canvas.key(Key.Key_Return)
    assert tuple(signal.args) == chosen


@pytest.mark.parametrize(("key", "keys"), [(Key.Key_Menu, NONE), (Key.Key_F10, SHIFT)])
def test_the_menu_key_opens_the_menu_of_the_neuron(
    canvas: Driver, key: Qt.Key, keys: Qt.KeyboardModifier
) -> None:
    canvas.key(Key.Key_Tab)
    canvas.key(key, keys)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert any("Delete" in action.text() for action in menu.actions())
    menu.close()


def test_what_is_said_of_a_neuron(canvas: Driver) -> None:
    canvas.key(Key.Key_Tab)
    assert canvas.view.walker.spoken == "x₁, Input 1, 0 connections in, 4 out"
    hidden = canvas.network.topology.hidden_ids[0]
    canvas.session.set_bias(hidden, -0.25)
    canvas.view.walker.go_to_neuron(hidden)
    assert canvas.view.walker.spoken == (
        "h₁, Hidden 1 · neuron 1, tanh, bias −0.25, 2 connections in, 2 out"
    )


def test_no_key_of_the_canvas_has_two_meanings() -> None:
    keys = [key for row in CANVAS_KEYS for key in row.keys]
    assert len(keys) == len(set(keys))


# ---------------------------------------------------------------------- layers
def test_layers_show_what_is_selected(qtbot: QtBot, tmp_path: Path) -> None:
    bench = Bench(qtbot, tmp_path, LayersPanel, size=(280, 500))
    first, second = bench.panel.rows
    levels = [bench.network.level_ids(level) for level in bench.network.hidden_levels]
    bench.session.select([levels[0][1]])
    assert (first.property("chosen"), second.property("chosen") or "") == ("some", "")
    assert first.name.accessibleDescription() == "1 of 4 selected"
    bench.click(first.name)
    assert bench.session.selection.neurons == set(levels[0])
    assert first.property("chosen") == "all"
    QTest.mouseClick(second.name, Qt.MouseButton.LeftButton, CTRL)
    assert bench.session.selection.neurons == {*levels[0], *levels[1]}
    QTest.mouseClick(first.name, Qt.MouseButton.LeftButton, CTRL)
    assert bench.session.selection.neurons == set(levels[1])
    bench.session.select()
    assert not first.property("chosen")
    assert not second.property("chosen")
    bench.close()
