"""A network from top to bottom: ports, curves, names, headers, keys, and gliding to new places."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from gui.canvas_driver import Driver
from PySide6.QtCore import QPointF, Qt
from pytestqt.qtbot import QtBot

from nnplay.core.network import Network
from nnplay.core.topology import Kind
from nnplay.document import Document
from nnplay.gui.canvas.transition import MOST_NEURONS
from nnplay.picture.geometry import HALF
from nnplay.picture.neurons import LabelPlace


@pytest.fixture
def canvas(qtbot: QtBot, tmp_path: Path) -> Iterator[Driver]:
    driver = Driver(qtbot, tmp_path)
    yield driver
    driver.close()


def look(canvas: Driver, neuron_id: int):
    return canvas.view.network_scene.neuron_items[neuron_id].look


# ------------------------------------------------------------------ from top to bottom
def test_ports_stand_below_and_connections_are_drawn_from_them(canvas: Driver) -> None:
    session = canvas.session
    assert session.set_direction(downwards=True)
    source, target = session.network.topology.input_ids[0], session.network.topology.output_ids[0]
    x, y = session.positions[source]
    assert canvas.view.network_scene.port_of(source) == QPointF(x, y + HALF)
    canvas.drag(canvas.port(source), canvas.neuron(target))
    assert session.network.topology.has_edge(source, target)
    # The old port, at the right side, is a part of the neuron now.
    hit = canvas.view.network_scene.hit(x + HALF - 2, y, 1.0)
    assert hit.neuron == source
    assert not hit.on_port


def test_curves_leave_below_and_arrive_above(canvas: Driver) -> None:
    session = canvas.session
    session.set_direction(downwards=True)
    scene = canvas.view.network_scene
    for slot, (source, target) in enumerate(session.network.topology.edges.tolist()):
        first, last = scene.edges.picture.lines.segments[slot][[0, -1]]
        (x0, y0), (x1, y1) = scene.positions[source], scene.positions[target]
        assert np.allclose(first[:2], (x0, y0 + HALF))
        assert np.allclose(last[2:], (x1, y1 - HALF))
        assert abs(first[2] - first[0]) < 0.2 * (first[3] - first[1])  # it sets out downwards


def test_names_stand_above_inputs_and_under_outputs(canvas: Driver) -> None:
    session = canvas.session
    session.set_direction(downwards=True)
    topology = session.network.topology
    assert {look(canvas, i).label_place for i in topology.input_ids} == {LabelPlace.ABOVE}
    assert {look(canvas, i).label_place for i in topology.output_ids} == {LabelPlace.UNDER}
    content = canvas.view.network_scene.content_rect()
    top = min(session.positions[i][1] for i in topology.input_ids)
    assert content.top() <= top - HALF - 26
    session.undo()
    assert {look(canvas, i).label_place for i in topology.input_ids} == {LabelPlace.LEFT}


def test_headers_stand_beside_their_rows_from_top_to_bottom(canvas: Driver) -> None:
    session = canvas.session
    session.set_direction(downwards=True)
    headers = canvas.view.overlays.headers.headers
    tools = canvas.view.overlays.tools.geometry()
    last = -1e9
    for key in ((Kind.INPUT, 0), (Kind.HIDDEN, 1), (Kind.HIDDEN, 2), (Kind.OUTPUT, -1)):
        header = headers[key]
        assert header.isVisible()
        box = header.geometry()
        rows = header.group.rows
        middle = canvas.at(0, canvas.view.network_scene.places[rows, 1].mean()).y()
        assert abs(box.center().y() - middle) <= 2
        assert box.left() > tools.right()
        assert box.top() > last
        last = box.bottom()
        for neuron in rows.tolist():
            place = canvas.neuron(int(session.network.topology.ids[neuron]))
            assert not box.contains(place)
    session.undo()
    assert headers[Kind.HIDDEN, 1].geometry().top() == 12


def test_tab_walks_a_row_from_left_to_right(canvas: Driver) -> None:
    session = canvas.session
    session.set_direction(downwards=True)
    session.select([session.network.topology.input_ids[0]], ())
    seen = []
    for _ in range(3):
        canvas.key(Qt.Key.Key_Tab)
        seen += session.selection.neurons
    first = sorted(session.network.level_ids(1), key=lambda i: session.positions[i][0])
    assert seen == [session.network.topology.input_ids[1], *first[:2]]


# ------------------------------------------------------------------ gliding
def gliding(qtbot: QtBot, folder: Path, document: Document | None = None) -> Driver:
    driver = Driver(qtbot, folder, document)
    driver.view.transition.set_reduced(False)
    return driver


def messy(driver: Driver) -> dict[int, tuple[float, float]]:
    places = {i: (y * 1.7, -x * 0.6) for i, (x, y) in driver.session.positions.items()}
    driver.session.move_neurons(places)
    driver.view.transition.finish()
    return places


def test_neurons_glide_to_where_they_are_arranged(qtbot: QtBot, tmp_path: Path) -> None:
    driver = gliding(qtbot, tmp_path)
    messy(driver)
    scene, transition = driver.view.network_scene, driver.view.transition
    before = {i: driver.neuron(i) for i in scene.positions}
    seen = {i: driver.at(*p) for i, p in scene.positions.items()}
    assert before == seen
    driver.session.arrange()
    assert transition.is_running
    # Nothing has jumped: in the window everybody still is where they were.
    for i, place in scene.positions.items():
        assert (driver.at(*place) - seen[i]).manhattanLength() <= 2
    qtbot.waitUntil(lambda: not transition.is_running, timeout=3000)
    assert scene.positions == driver.session.positions
    driver.close()


def test_undo_and_inserted_layers_glide_too(qtbot: QtBot, tmp_path: Path) -> None:
    driver = gliding(qtbot, tmp_path)
    transition = driver.view.transition
    assert driver.session.insert_layer(1, 3)
    assert transition.is_running
    driver.session.undo()  # in the midst of it: back from where they are now
    assert transition.is_running
    qtbot.waitUntil(lambda: not transition.is_running, timeout=3000)
    assert driver.view.network_scene.positions == driver.session.positions
    driver.close()


def test_a_press_ends_the_journey_at_once(qtbot: QtBot, tmp_path: Path) -> None:
    driver = gliding(qtbot, tmp_path)
    messy(driver)
    driver.session.arrange()
    assert driver.view.transition.is_running
    driver.press(driver.empty())
    assert not driver.view.transition.is_running
    assert driver.view.network_scene.positions == driver.session.positions
    driver.release(driver.empty())
    driver.close()


def test_dragging_never_glides(qtbot: QtBot, tmp_path: Path) -> None:
    driver = gliding(qtbot, tmp_path)
    neuron = driver.network.topology.hidden_ids[0]
    start = driver.neuron(neuron)
    driver.hover(start)
    driver.press(start)
    driver.hover(start + (driver.empty() - start) * 0.5)
    assert not driver.view.transition.is_running
    driver.session.set_direction(downwards=True)  # while something is held
    assert not driver.view.transition.is_running
    driver.release(start)
    driver.close()


def test_nudges_and_large_networks_jump(qtbot: QtBot, tmp_path: Path) -> None:
    driver = gliding(qtbot, tmp_path)
    driver.session.select([driver.network.topology.hidden_ids[0]], ())
    driver.key(Qt.Key.Key_Down)
    assert not driver.view.transition.is_running
    large = Network.mlp([MOST_NEURONS, 1])
    driver.session.new_document(Document(large))
    driver.session.move_neurons({0: (-900.0, 900.0)})
    assert not driver.view.transition.is_running
    driver.close()


def test_with_reduced_motion_everything_jumps(canvas: Driver, monkeypatch) -> None:
    transition = canvas.view.transition
    assert transition.is_reduced  # without a screen nobody looks
    messy(canvas)
    canvas.session.arrange()
    assert not transition.is_running
    assert canvas.view.network_scene.positions == canvas.session.positions
    transition.set_reduced(False)
    monkeypatch.setenv("NNPLAY_REDUCE_MOTION", "1")
    assert not transition.is_reduced  # a choice counts more than the environment
    transition.set_reduced(True)
    assert transition.is_reduced


def test_training_goes_on_while_neurons_glide(qtbot: QtBot, tmp_path: Path) -> None:
    driver = gliding(qtbot, tmp_path)
    messy(driver)
    session = driver.session
    assert session.start()
    qtbot.waitUntil(lambda: session.shown_step > 0, timeout=10_000)
    session.arrange()
    assert driver.view.transition.is_running
    step = session.shown_step
    qtbot.waitUntil(lambda: not driver.view.transition.is_running, timeout=5000)
    qtbot.waitUntil(lambda: session.shown_step > step, timeout=10_000)
    session.pause()
    assert driver.view.network_scene.positions == session.positions
    driver.close()
