"""Large networks on the canvas: pixels, heat maps, the slider, the map, folding, nothing leaked."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from gui.canvas_driver import Driver
from PySide6.QtCore import QCoreApplication, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from nnplay.core.network import Network
from nnplay.document import Document
from nnplay.gui.canvas.weakest import WEAKEST_KEY, share_of
from nnplay.library import load, save
from nnplay.setup import new_document


def large_network(sizes: tuple[int, ...]) -> Network:
    side = round(sizes[0] ** 0.5)
    names = [f"pixel_{i // side}_{i % side}" for i in range(sizes[0])]
    network = Network.mlp(sizes, input_bindings=names)
    theta = np.random.default_rng(1).normal(0, 0.3, network.topology.parameter_count)
    return network.with_theta(theta)


@pytest.fixture
def digits(qtbot: QtBot, tmp_path: Path) -> Iterator[Driver]:
    """64 pixels, hidden neurons, ten digits."""
    document, _ = new_document(data="digits", hidden=(12,))
    driver = Driver(qtbot, tmp_path, document)
    yield driver
    driver.close()


@pytest.fixture
def large(qtbot: QtBot, tmp_path: Path) -> Iterator[Driver]:
    """784-128-10: 101,632 connections."""
    driver = Driver(qtbot, tmp_path, Document(large_network((784, 128, 10))))
    yield driver
    driver.close()


def turn_wheel(widget, point: QPoint, steps: int) -> None:
    event = QWheelEvent(
        QPointF(point),
        widget.mapToGlobal(QPointF(point)),
        QPoint(),
        QPoint(0, 120 * steps),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QCoreApplication.sendEvent(widget, event)


# ---------------------------------------------------------------------- pixels
def test_pixels_are_one_picture_that_names_and_selects_its_neurons(
    digits: Driver, qtbot: QtBot
) -> None:
    scene, session = digits.view.network_scene, digits.session
    (item,) = scene.grids.items
    inputs = digits.network.topology.input_ids
    assert not scene.neuron_items.keys() & set(inputs)
    digits.hover(digits.neuron(inputs[19]))
    assert session.hovered == inputs[19]
    assert item.look.hovered == 19
    card = digits.view.hovering.card
    qtbot.waitUntil(card.isVisible)
    assert card.text.title.startswith("pixel_2_3")
    assert card.text.rows[0][2] == session.probe.activations[19]
    digits.click(digits.neuron(inputs[42]))
    assert session.selection.neurons == {inputs[42]}
    assert item.look.selected == {42}


def test_a_pixels_colour_is_its_value_and_follows_the_probe(digits: Driver) -> None:
    scene, palette = digits.view.network_scene, digits.theme.palette
    look = scene.grids.items[0].look
    for row in (0, 700):
        digits.session.probe_row(row)
        values = digits.session.probe.activations[:64].reshape(8, 8)
        image = look.image(palette)
        line, column = np.unravel_index(int(values.argmax()), (8, 8))
        brightest = image.pixelColor(int(column), int(line))
        assert brightest == QColor(palette.positive)
        assert np.array_equal(look.values, values)


def test_box_and_keyboard_reach_pixels(digits: Driver) -> None:
    scene, session = digits.view.network_scene, digits.session
    grid = scene.grids.grids[0]
    left, top, _, _ = grid.box
    start = digits.at(left - 12, top - 12)
    end = digits.at(left + 2.5 * grid.pitch, top + 1.5 * grid.pitch)
    digits.drag(start, end)
    ids = digits.network.topology.ids
    assert session.selection.neurons == {int(ids[row]) for row in grid.cells[:2, :3].ravel()}
    session.select({int(ids[63])}, ())
    digits.view.setFocus()
    before = dict(session.positions)
    digits.key(Qt.Key.Key_Right)
    moved = session.positions
    # A picture moves as a whole.
    assert all(moved[i][0] == pytest.approx(before[i][0] + 8.0) for i in ids[:64].tolist())
    assert len(scene.grids.items) == 1


def test_dragging_a_pixel_moves_the_picture_in_one_step(digits: Driver) -> None:
    session = digits.session
    ids = digits.network.topology.input_ids
    before = dict(session.positions)
    start = digits.neuron(ids[9])
    digits.drag(start, start + QPoint(-40, 30))
    ways = {
        (
            round(session.positions[i][0] - before[i][0], 1),
            round(session.positions[i][1] - before[i][1], 1),
        )
        for i in ids
    }
    assert len(ways) == 1
    assert ways != {(0.0, 0.0)}
    assert len(digits.view.network_scene.grids.items) == 1
    session.undo()
    assert all(session.positions[i] == before[i] for i in ids)


def test_hidden_neurons_show_their_weights_on_the_grid(digits: Driver, qtbot: QtBot) -> None:
    scene = digits.view.network_scene
    one = digits.network.topology.hidden_ids[3]
    before = scene.neuron_items[one].look.image.copy()
    digits.hover(digits.neuron(one))
    card = digits.view.hovering.card
    qtbot.waitUntil(card.isVisible)
    picture = card.text.picture
    assert (picture.width(), picture.height()) == (8, 8)
    assert card.height() > 140
    slots = [digits.network.topology.edge_slot(i, one) for i in digits.network.topology.input_ids]
    digits.session.set_weight(digits.network.topology.input_ids[0], one, -9.0)
    assert digits.network.theta[slots[0]] == -9.0
    assert scene.neuron_items[one].look.image != before
    assert card.text.picture.pixelColor(0, 0) == QColor(digits.theme.palette.negative)


def test_double_click_unfolds_the_picture_and_undo_folds_it(digits: Driver) -> None:
    scene, session = digits.view.network_scene, digits.session
    inputs = set(digits.network.topology.input_ids)
    session.select((), ())
    digits.double_click(digits.neuron(min(inputs)))
    assert not scene.grids.items
    assert inputs <= scene.neuron_items.keys()
    values = session.probe.activations
    rows = {i: digits.network.topology.row(i) for i in inputs}
    assert all(scene.neuron_items[i].look.value == values[rows[i]] for i in inputs)
    session.undo()
    assert len(scene.grids.items) == 1
    assert not inputs & scene.neuron_items.keys()
    # Any layer of sixteen or more folds when asked to.
    session.select(digits.network.topology.hidden_ids, ())
    assert not digits.view.large.toggle_fold()
    for _ in range(4):
        session.add_to_level(1)
    session.select(digits.network.topology.hidden_ids, ())
    assert digits.view.large.toggle_fold()
    assert len(scene.grids.items) == 2


# ---------------------------------------------------------------------- heat maps
def test_zoom_decides_between_lines_and_heat_maps(digits: Driver) -> None:
    edges = digits.view.network_scene.edges
    for _ in range(24):
        turn_wheel(digits.view.viewport(), QPoint(450, 300), 1)
    assert not edges.shows_maps
    assert edges.picture.drawn.size == digits.network.topology.edge_count
    for _ in range(60):
        turn_wheel(digits.view.viewport(), QPoint(450, 300), -1)
    assert edges.shows_maps
    assert edges.picture.drawn.size == 0
    for _ in range(24):
        turn_wheel(digits.view.viewport(), QPoint(450, 300), 1)
    assert not edges.shows_maps


def test_lines_are_smooth_again_after_zooming(large: Driver, qtbot: QtBot) -> None:
    edges = large.view.network_scene.edges
    turn_wheel(large.view.viewport(), QPoint(450, 300), 1)
    assert edges.is_hasty
    qtbot.waitUntil(lambda: not edges.is_hasty)


def test_a_hundred_thousand_edges_are_never_lines(large: Driver, qtbot: QtBot) -> None:
    scene = large.view.network_scene
    edges, topology = scene.edges, large.network.topology
    assert edges.shows_maps
    for _ in range(12):
        turn_wheel(large.view.viewport(), QPoint(450, 300), 1)
    assert edges.shows_maps
    large.view.fit()
    large.session.select(topology.ids.tolist(), ())
    assert edges.picture.drawn.size <= 1000
    large.session.select((), ())
    one = topology.hidden_ids[5]
    large.hover(large.neuron(one))
    row = topology.row(one)
    own = {*topology.incoming_slots[row].tolist(), *topology.outgoing_slots[row].tolist()}
    assert set(edges.picture.drawn.tolist()) == own
    large.hover(large.at(-300.0, -900.0))
    assert edges.picture.drawn.size == 0


def test_a_cell_of_a_heat_map_is_a_connection(large: Driver, qtbot: QtBot) -> None:
    edges = large.view.network_scene.edges
    box = edges._maps.boxes[1]  # 128 columns, 10 lines
    lines, columns = edges._maps.maps[1].shape
    assert (lines, columns) == (10, 128)
    place = large.at(box.left() + 40.5 / 128 * box.width(), box.top() + 3.5 / 10 * box.height())
    scene_place = large.view.navigation.to_scene(QPointF(place))
    column = int((scene_place.x() - box.left()) / box.width() * 128)
    topology = large.network.topology
    pair = (topology.hidden_ids[column], topology.output_ids[3])
    large.hover(place)
    assert large.view.hovering.hit.edge == pair
    large.click(place)
    assert large.session.selection.edges == {pair}


# ---------------------------------------------------------------------- the slider
def test_slider_hides_the_weakest_and_is_kept_in_the_document(
    digits: Driver, qtbot: QtBot, tmp_path: Path
) -> None:
    view, edges = digits.view, digits.view.network_scene.edges
    strip, total = view.overlays.weakest, digits.network.topology.edge_count
    assert strip.isHidden()
    QTest.mouseClick(view.overlays.zoom.weakest, Qt.MouseButton.LeftButton)
    assert strip.isVisible()
    assert strip.slider.accessibleName()
    right, place = view.overlays.zoom.geometry().right(), strip.geometry()
    assert place.right() == right
    for _ in range(5):
        QTest.keyClick(strip.slider, Qt.Key.Key_PageUp)
    assert strip.slider.value() == 50
    assert strip.geometry() == place, "it stays where the hand is"
    strip.say(1, 10**9)
    assert strip.width() > place.width()
    assert strip.geometry().right() == right
    strip.say(total // 2, total)
    hidden = total - edges.picture.drawn.size
    assert hidden == total // 2
    assert strip.label.text() == f"{hidden:,} of {total:,} hidden"
    sizes = np.abs(digits.network.theta[:total])
    assert sizes[edges.picture.drawn].min() >= np.median(sizes)
    assert digits.session.view[WEAKEST_KEY] == 50
    assert not digits.session.undo_stack.canUndo()
    path = tmp_path / "kept.nnplay"
    assert digits.session.save(path)
    digits.session.new_document(Document(Network.mlp([2, 3, 1])))
    assert edges.weakest_share == 0.0
    digits.session.new_document(load(path))
    assert edges.weakest_share == 0.5
    assert strip.slider.value() == 50
    assert strip.isVisible()
    QTest.keyClick(strip.slider, Qt.Key.Key_Home)
    assert edges.picture.drawn.size == total


def test_slider_reaches_heat_maps_and_small_networks_are_not_bothered(
    large: Driver, qtbot: QtBot
) -> None:
    strip, edges = large.view.overlays.weakest, large.view.network_scene.edges
    large.view.large.show_slider(True)
    strip.slider.setValue(90)
    assert edges.weak_count == pytest.approx(0.9 * 101_632, abs=1)
    assert "hidden" in strip.label.text()
    large.session.new_document(Document(Network.mlp([2, 3, 1])))
    assert large.view.overlays.zoom.weakest.isHidden()


@pytest.mark.parametrize(
    ("setting", "share"),
    [(None, 0.0), ("50", 0.0), (True, 0.0), (30, 0.3), (250, 0.99), (-3, 0.0), (float("nan"), 0.0)],
)
def test_settings_of_documents_are_checked(setting: object, share: float) -> None:
    assert share_of(setting) == share


# ---------------------------------------------------------------------- the map
def test_overview_shows_and_moves_what_is_visible(large: Driver, qtbot: QtBot) -> None:
    view, overview = large.view, large.view.overlays.overview
    assert not overview.isVisible()  # everything is in sight
    view.show_full_size()
    assert overview.isVisible()
    place = overview.geometry()
    assert view.rect().contains(place)
    assert not place.intersects(view.overlays.zoom.geometry())
    centre = overview.visible_part.center()
    grip = overview.to_map(centre).toPoint()
    QTest.mousePress(overview, Qt.MouseButton.LeftButton, pos=grip)
    QTest.mouseMove(overview, grip + QPoint(12, 6))
    QTest.mouseRelease(overview, Qt.MouseButton.LeftButton, pos=grip + QPoint(12, 6))
    way = overview.visible_part.center() - centre
    assert way.x() == pytest.approx(12 / overview.share, abs=3)
    assert way.y() == pytest.approx(6 / overview.share, abs=3)
    # A press elsewhere goes there at once.
    target = overview.to_map(QPointF(*view.network_scene.places[0])).toPoint()
    QTest.mouseClick(overview, Qt.MouseButton.LeftButton, pos=target)
    first = view.navigation.to_window(QPointF(*view.network_scene.places[0]))
    middle = view.viewport().rect().center()
    assert (first - QPointF(middle)).manhattanLength() < 3 / overview.share
    scale = view.navigation.scale
    turn_wheel(overview, target, 2)
    assert view.navigation.scale == pytest.approx(scale * 1.44)
    view.large.show_overview(False)
    assert not overview.isVisible()
    view.large.show_overview(True)
    assert overview.isVisible()
    view.fit()
    assert not overview.isVisible()


# ---------------------------------------------------------------------- nothing is leaked
def test_two_hundred_edits_leave_no_item_behind(digits: Driver, qtbot: QtBot) -> None:
    scene, session = digits.view.network_scene, digits.session
    rng = np.random.default_rng(4)
    start = len(scene.items())
    others = start - len(scene.neuron_items) - 1  # edges, and the mark of the keyboard
    for step in range(200):
        choice = int(rng.integers(5))
        if choice == 0:
            session.add_to_level(1)
        elif choice == 1:
            session.remove_from_level(1)
        elif choice == 2:
            pixel = digits.network.topology.input_ids[0]
            digits.view.large.toggle_fold(pixel)
        elif choice == 3:
            session.undo()
        elif len(digits.network.topology.hidden_ids) > 4:
            session.remove([digits.network.topology.hidden_ids[-1]])
        tiles = {
            int(digits.network.topology.ids[row]) for row in np.flatnonzero(~scene.grids.members)
        }
        assert scene.neuron_items.keys() == tiles
        assert len(scene.items()) == len(tiles) + len(scene.grids.items) + others, step
    while session.undo_stack.canUndo():
        session.undo()
    assert len(scene.items()) == start


def test_edits_touch_only_what_has_changed(large: Driver) -> None:
    scene = large.view.network_scene
    items = dict(scene.neuron_items)
    looks = {i: item.look for i, item in items.items()}
    large.session.add_to_level(1)
    assert len(scene.neuron_items) == len(items) + 1
    assert all(scene.neuron_items[i] is item for i, item in items.items())
    same = sum(scene.neuron_items[i].look is look for i, look in looks.items())
    assert same == len(items)


def test_dragging_one_of_many_paints_the_others_from_a_picture(
    digits: Driver, qtbot: QtBot
) -> None:
    view, edges = digits.view, digits.view.network_scene.edges
    one = digits.network.topology.hidden_ids[4]
    start = digits.neuron(one)
    digits.hover(start)
    digits.press(start)
    digits.hover(start + QPoint(30, 10))
    view.viewport().repaint()
    kept = edges._still.picture
    assert kept is not None
    digits.hover(start + QPoint(50, 25))
    view.viewport().repaint()
    assert edges._still.picture is kept
    moving = view.grab().toImage()
    # The same picture, painted without anything kept.
    edges._still.end()
    whole = view.grab().toImage()
    pictures = [
        np.frombuffer(one.constBits(), np.uint8).reshape(600, 900, 4)[:, :, :3].astype(int)
        for one in (moving, whole)
    ]
    other = (np.abs(pictures[0] - pictures[1]).max(axis=2) > 60).mean()
    assert other < 0.004  # where lines cross, another one may lie on top
    digits.release(start + QPoint(50, 25))


def test_saved_layout_of_pixels_comes_back_as_a_picture(digits: Driver, tmp_path: Path) -> None:
    ids = digits.network.topology.input_ids
    start = digits.neuron(ids[9])
    digits.drag(start, start + QPoint(-20, 10))
    path = tmp_path / "grid.nnplay"
    save(digits.session.document, path)
    digits.session.new_document(load(path))
    assert len(digits.view.network_scene.grids.items) == 1
