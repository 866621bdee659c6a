"""Menus, keys and the clipboard of the canvas: what is done with a selection."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from gui.canvas_driver import ALT, CTRL, RIGHT, SHIFT, Driver
from PySide6.QtCore import QCoreApplication, QPoint, Qt
from PySide6.QtGui import QAction, QContextMenuEvent, QGuiApplication, QUndoStack
from PySide6.QtWidgets import QMenu  # noqa: TID251
from pytestqt.qtbot import QtBot

from nnplay.core.topology import Kind
from nnplay.gui.canvas.edits import ALIGNING, CHANGING, EDITS, SELECTING, SHAPING
from nnplay.gui.canvas.keys import CANVAS_KEYS
from nnplay.session.clipboard import MIME_TYPE

OFFSCREEN_MENUS = pytest.mark.qt_log_ignore("This plugin does not support")
Key = Qt.Key


@pytest.fixture
def canvas(qtbot: QtBot, tmp_path: Path) -> Iterator[Driver]:
    """The default network: 2-4-2-1 on the circle."""
    driver = Driver(qtbot, tmp_path)
    yield driver
    driver.close()


def stack(canvas: Driver) -> QUndoStack:
    return canvas.session.undo_stack


def hidden(canvas: Driver) -> list[int]:
    return list(canvas.network.topology.hidden_ids)


def words(action: QAction) -> str:
    return action.text().split("\t")[0]


def menu_at(canvas: Driver, point: QPoint) -> QMenu:
    canvas.click(point, button=RIGHT)
    return next(menu for menu in canvas.view.findChildren(QMenu) if menu.isVisible())


def rows(menu: QMenu) -> list[str]:
    return [words(action) if not action.isSeparator() else "-" for action in menu.actions()]


def pick(menu: QMenu, *path: str) -> None:
    top = menu
    for name in path[:-1]:
        menu = next(child for child in menu.findChildren(QMenu) if child.title() == name)
    next(a for a in menu.actions() if words(a) == path[-1]).trigger()
    top.close()


@OFFSCREEN_MENUS
def test_every_menu_is_short_and_grouped(canvas: Driver) -> None:
    first, second = hidden(canvas)[:2]
    edge = tuple(int(v) for v in canvas.network.topology.edges[0])
    menu = menu_at(canvas, canvas.neuron(first))
    assert rows(menu) == [
        *("Activation", "Connect to …", "Select", "-"),
        *("Lock weights and bias", "Switch the neuron off", "Draw new values", "Change", "-"),
        *("Cut", "Copy", "Duplicate", "-", "Delete"),
    ]
    menu.close()
    menu = menu_at(canvas, canvas.edge(*edge, 0.3))
    assert rows(menu) == [
        *("Type a value…", "Insert a neuron", "Select", "-"),
        *("Lock the weight", "Switch the connection off", "Draw a new weight", "Change"),
        *("-", "Delete"),
    ]
    menu.close()
    canvas.session.select([first, second])
    menu = menu_at(canvas, canvas.neuron(first))
    assert "Align" in rows(menu)
    assert "Switch 2 neurons off" in rows(menu)
    assert len([row for row in rows(menu) if row != "-"]) <= 14
    menu.close()
    canvas.session.select()
    menu = menu_at(canvas, canvas.empty())
    assert rows(menu)[:3] == ["Add a neuron here", "Add an input here", "Add an output here"]
    assert {"Paste here", "Select all", "Arrange automatically"} <= set(rows(menu))
    menu.close()


@OFFSCREEN_MENUS
def test_select_from_the_menu(canvas: Driver) -> None:
    one = hidden(canvas)[0]
    pick(menu_at(canvas, canvas.neuron(one)), "Select", "What feeds them")
    assert canvas.session.selection.neurons == set(canvas.network.topology.input_ids)
    pick(menu_at(canvas, canvas.neuron(one)), "Select", "Whole layers")
    assert canvas.session.selection.neurons == set(canvas.network.level_ids(1))


@OFFSCREEN_MENUS
def test_align_from_the_menu(canvas: Driver) -> None:
    chosen = [hidden(canvas)[0], hidden(canvas)[-1]]
    canvas.session.select(chosen)
    pick(menu_at(canvas, canvas.neuron(chosen[0])), "Align", "In a row")
    assert len({canvas.session.positions[i][1] for i in chosen}) == 1


def test_keys_of_selecting(canvas: Driver) -> None:
    topology = canvas.network.topology
    one = hidden(canvas)[0]
    for key, wanted in (
        (Key.Key_I, set(topology.input_ids)),
        (Key.Key_O, set(canvas.network.level_ids(2))),
        (Key.Key_D, {*canvas.network.level_ids(2), *topology.output_ids}),
        (Key.Key_L, set(canvas.network.level_ids(1))),
        (Key.Key_N, set(topology.ids.tolist()) - {one}),
    ):
        canvas.session.select([one])
        canvas.key(key, ALT)
        assert canvas.session.selection.neurons == wanted
    assert stack(canvas).count() == 0


# ---------------------------------------------------------------------- values and switches
def test_keys_lock_switch_and_draw(canvas: Driver) -> None:
    one = hidden(canvas)[0]
    topology = canvas.network.topology
    bias = topology.bias_slot(one)
    incoming = [slot for _, slot in topology.incoming(one)]
    canvas.session.select([one])
    canvas.key(Key.Key_L, SHIFT)
    assert canvas.network.frozen[[bias, *incoming]].all()
    canvas.key(Key.Key_L, SHIFT)
    assert not canvas.network.frozen.any()

    theta = canvas.network.theta
    canvas.key(Key.Key_R, SHIFT)
    changed = np.flatnonzero(canvas.network.theta != theta)
    assert set(incoming) <= set(changed.tolist()) <= {bias, *incoming}

    canvas.key(Key.Key_O)
    assert not canvas.network.neuron(one).enabled
    assert not canvas.view.network_scene.neuron_items[one].look.enabled
    canvas.key(Key.Key_O)
    assert canvas.network.neuron(one).enabled
    assert stack(canvas).count() == 5


def test_keys_switch_and_lock_a_connection(canvas: Driver) -> None:
    edge = tuple(int(v) for v in canvas.network.topology.edges[0])
    canvas.click(canvas.edge(*edge, 0.3))
    weight = canvas.network.edge(*edge).weight
    canvas.key(Key.Key_O)
    assert not canvas.network.edge(*edge).enabled
    assert canvas.network.edge(*edge).weight == weight
    canvas.key(Key.Key_L, SHIFT)
    assert canvas.network.edge(*edge).frozen
    canvas.session.undo()
    canvas.session.undo()
    assert canvas.network.edge(*edge).enabled


def test_without_a_selection_every_edit_says_what_it_needs(canvas: Driver) -> None:
    canvas.session.select()
    for edit in (*EDITS, *CHANGING, *SHAPING, *ALIGNING):
        canvas.notices.clear()
        edit.run(canvas.view)
        said = " ".join(canvas.notices)
        assert "elect" in said, edit.title
    assert stack(canvas).count() == 0
    assert canvas.view.gesture is None


def test_every_edit_has_a_key_of_its_own() -> None:
    edits = (*EDITS, *CHANGING, *SHAPING, *ALIGNING, *SELECTING)
    assert {edit.title for edit in edits if not edit.key} == {
        "Select: all neurons",
        "Select: nothing",
    }  # Ctrl+A and Esc
    keys = [key for row in CANVAS_KEYS for key in row.keys]
    assert len(keys) == len(set(keys))


# ---------------------------------------------------------------------- clipboard
def test_copy_and_paste_at_the_pointer(canvas: Driver) -> None:
    chosen = hidden(canvas)[:2]
    canvas.session.select(chosen)
    canvas.key(Key.Key_C, CTRL)
    data = QGuiApplication.clipboard().mimeData()
    assert data.hasFormat(MIME_TYPE)
    assert json.loads(data.text())
    count = canvas.network.topology.neuron_count
    canvas.hover(canvas.empty() - QPoint(40, 0))
    where = canvas.view.pointer_here().scene
    canvas.key(Key.Key_V, CTRL)
    new = canvas.session.selection.neurons
    assert len(new) == 2
    assert not new & set(chosen)
    assert canvas.network.topology.neuron_count == count + 2
    middle = np.mean([canvas.session.positions[i] for i in new], axis=0)
    assert middle == pytest.approx((where.x(), where.y()), abs=0.2)
    assert stack(canvas).count() == 1


def test_cut_paste_and_undo(canvas: Driver) -> None:
    one = hidden(canvas)[0]
    before = canvas.network
    canvas.session.select([one])
    canvas.key(Key.Key_X, CTRL)
    assert one not in canvas.network.topology
    canvas.key(Key.Key_V, CTRL)
    assert canvas.network.topology.neuron_count == before.topology.neuron_count
    canvas.session.undo()
    canvas.session.undo()
    assert canvas.network is before


def test_duplicate(canvas: Driver) -> None:
    one = hidden(canvas)[0]
    canvas.session.select([one])
    canvas.key(Key.Key_D, CTRL)
    (new,) = canvas.session.selection.neurons
    old_inputs = {i for i, _ in canvas.network.topology.incoming(one)}
    assert {i for i, _ in canvas.network.topology.incoming(new)} == old_inputs


@pytest.mark.parametrize("text", ["Dear Sir or Madam,", '{"a": 1}', ""])
def test_foreign_text_is_refused_with_a_sentence(canvas: Driver, text: str) -> None:
    QGuiApplication.clipboard().setText(text)
    before = canvas.network
    canvas.key(Key.Key_V, CTRL)
    assert canvas.network is before
    assert "paste" in canvas.notices[-1]


@OFFSCREEN_MENUS
def test_paste_here_pastes_where_the_menu_was_opened(canvas: Driver) -> None:
    canvas.session.select(hidden(canvas)[:1])
    canvas.key(Key.Key_C, CTRL)
    spot = canvas.empty() - QPoint(30, 0)
    place = canvas.view.navigation.to_scene(spot.toPointF())
    pick(menu_at(canvas, spot), "Paste here")
    (new,) = canvas.session.selection.neurons
    assert canvas.session.positions[new] == pytest.approx((place.x(), place.y()), abs=0.2)


# ---------------------------------------------------------------------- many at once
def test_keys_change_many_weights(canvas: Driver) -> None:
    one = hidden(canvas)[0]
    topology = canvas.network.topology
    slots = sorted([topology.bias_slot(one), *(slot for _, slot in topology.incoming(one))])
    before = canvas.network.theta.copy()
    canvas.session.select([one])
    for key, factor in ((Key.Key_PageUp, 2.0), (Key.Key_PageDown, 1.0), (Key.Key_M, -1.0)):
        canvas.key(key, ALT)
        assert canvas.network.theta[slots] == pytest.approx(factor * before[slots])
    canvas.key(Key.Key_R, ALT)
    changed = canvas.network.theta + before
    assert 0.0 < np.abs(changed[slots]).max() < 1.0
    canvas.key(Key.Key_0, ALT)
    assert canvas.network.neuron(one).bias == 0.0
    others = np.setdiff1d(np.arange(before.size), slots)
    assert np.array_equal(canvas.network.theta[others], before[others])
    assert stack(canvas).count() == 5


def test_a_key_removes_weak_connections(canvas: Driver) -> None:
    one = hidden(canvas)[0]
    (first, _), (second, _) = canvas.network.topology.incoming(one)
    canvas.session.set_weight(first, one, 0.05)
    canvas.session.set_weight(second, one, -0.5)
    canvas.session.select([one])
    canvas.key(Key.Key_P, ALT)
    assert [source for source, _ in canvas.network.topology.incoming(one)] == [second]


@OFFSCREEN_MENUS
def test_a_layer_is_split_and_merged(canvas: Driver) -> None:
    header = canvas.view.overlays.headers.headers[(Kind.HIDDEN, 1)]
    place = header.rect().center()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, header.mapToGlobal(place))
    QCoreApplication.sendEvent(header, event)
    menu = next(menu for menu in header.findChildren(QMenu) if menu.isVisible())
    pick(menu, "Split the layer")
    assert [len(canvas.network.level_ids(level)) for level in (1, 2, 3)] == [4, 4, 2]
    canvas.session.select(canvas.network.level_ids(1))
    canvas.key(Key.Key_G, ALT)
    assert [len(canvas.network.level_ids(level)) for level in (1, 2)] == [4, 2]
    assert stack(canvas).count() == 2
