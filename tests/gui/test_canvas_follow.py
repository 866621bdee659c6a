"""The canvas follows the session: frames, edits, maps, themes, hovering, names of layers."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from gui.canvas_driver import Driver
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from nnplay.core.network import Network
from nnplay.core.topology import Kind, Topology
from nnplay.document import Document
from nnplay.picture.palette import DARK, LIGHT
from nnplay.setup import new_document


@pytest.fixture
def canvas(qtbot: QtBot, tmp_path: Path) -> Iterator[Driver]:
    """The default network: 2-4-2-1 on the circle."""
    driver = Driver(qtbot, tmp_path)
    yield driver
    driver.close()


def looks(driver: Driver) -> dict[int, object]:
    return {i: item.look for i, item in driver.view.network_scene.neuron_items.items()}


def test_maps_and_numbers_arrive_and_follow_the_probe(canvas: Driver, qtbot: QtBot) -> None:
    scene = canvas.view.network_scene
    assert scene.with_maps
    qtbot.waitUntil(lambda: all(look.image is not None for look in looks(canvas).values()))
    canvas.session.set_probe((1.5, -2.0))
    values = canvas.session.probe.activations
    for row, neuron_id in enumerate(canvas.network.topology.ids.tolist()):
        assert looks(canvas)[neuron_id].value == values[row]
    # The first input's map runs from orange on the left to blue on the right.
    image = looks(canvas)[canvas.network.topology.input_ids[0]].image
    left, right = image.pixelColor(1, 16), image.pixelColor(32, 16)
    assert left.red() > left.blue()
    assert right.blue() > right.red()


def test_frames_repaint_edges_and_numbers_and_keep_items(canvas: Driver, qtbot: QtBot) -> None:
    scene = canvas.view.network_scene
    items = dict(scene.neuron_items)
    picture = scene.edges.picture
    weights = canvas.network.theta.copy()
    with qtbot.waitSignal(canvas.session.frame_arrived, timeout=5000):
        canvas.session.start()
    qtbot.waitUntil(lambda: not np.array_equal(scene.edges.picture.network.theta, weights))
    assert scene.edges.picture is picture  # only its numbers are new
    assert dict(scene.neuron_items) == items
    canvas.session.pause()
    assert np.array_equal(scene.edges.picture.network.theta, canvas.network.theta)


def test_card_shows_live_numbers_while_training(canvas: Driver, qtbot: QtBot) -> None:
    source, target = (int(v) for v in canvas.network.topology.edges[2])
    canvas.hover(canvas.edge(source, target, 0.3))
    card = canvas.view.hovering.card
    qtbot.waitUntil(card.isVisible)
    assert card.text.rows[0][0] == "weight w"
    before = card.text.rows
    canvas.session.start()
    qtbot.waitUntil(lambda: card.text.rows != before, timeout=5000)
    canvas.session.pause()
    edge = canvas.network.edge(*canvas.view.hovering.hit.edge)
    activation = canvas.session.probe.activations[canvas.network.topology.row(edge.source)]
    assert card.text.rows[0][2] == edge.weight
    assert card.text.rows[2][2] == pytest.approx(edge.weight * activation)
    name, _, gradient = card.text.rows[3]
    delta = canvas.session.probe.delta[canvas.network.topology.row(edge.target)]
    assert name == "gradient of the loss"
    assert gradient == pytest.approx(delta * activation)


def test_hovering_a_neuron_tells_the_session(canvas: Driver, qtbot: QtBot) -> None:
    one = canvas.network.topology.hidden_ids[0]
    canvas.hover(canvas.neuron(one))
    assert canvas.session.hovered == one
    card = canvas.view.hovering.card
    qtbot.waitUntil(card.isVisible)
    names = [name for name, _, _ in card.text.rows]
    assert names == ["x₁", "x₂", "+ bias", "= weighted sum z", "activation a"]
    row = canvas.network.topology.row(one)
    assert card.text.rows[3][2] == canvas.session.probe.pre_activations[row]
    assert card.text.rows[4][2] == canvas.session.probe.activations[row]
    assert sum(value for _, _, value in card.text.rows[:3]) == pytest.approx(card.text.rows[3][2])
    assert not card.geometry().intersects(canvas.view._neuron_box(one))
    canvas.hover(canvas.empty())
    assert canvas.session.hovered is None
    assert not card.isVisible()


def test_deleting_what_is_hovered_closes_its_card(canvas: Driver, qtbot: QtBot) -> None:
    one = canvas.network.topology.hidden_ids[0]
    canvas.hover(canvas.neuron(one))
    qtbot.waitUntil(canvas.view.hovering.card.isVisible)
    canvas.session.remove([one])
    assert not canvas.view.hovering.card.isVisible()
    assert canvas.session.hovered is None


def test_edits_keep_surviving_items_and_their_numbers(canvas: Driver, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: all(look.image is not None for look in looks(canvas).values()))
    scene = canvas.view.network_scene
    before = dict(scene.neuron_items)
    canvas.session.add_to_level(1)
    after = scene.neuron_items
    assert all(after[i] is item for i, item in before.items())
    assert all(after[i].look.image is not None for i in before)
    assert len(after) == len(before) + 1
    assert len(scene.edges.picture.lines) == canvas.network.topology.edge_count


def test_other_documents_replace_everything(canvas: Driver, qtbot: QtBot) -> None:
    document, _ = new_document(data="iris")
    canvas.session.new_document(document)
    scene = canvas.view.network_scene
    assert set(scene.neuron_items) == set(document.network.topology.ids.tolist())
    assert not scene.with_maps  # four raw columns make no plane
    values = canvas.session.probe.activations
    for row, neuron_id in enumerate(document.network.topology.ids.tolist()):
        assert looks(canvas)[neuron_id].value == values[row]
        assert looks(canvas)[neuron_id].image is None
    inside = canvas.view.viewport().rect()
    assert all(inside.contains(canvas.neuron(i)) for i in scene.neuron_items)


def test_theme_repaints(canvas: Driver) -> None:
    def ground() -> str:
        return canvas.view.grab().toImage().pixelColor(450, 560).name().upper()

    assert ground() == DARK.canvas
    canvas.theme.set_mode("light")
    assert ground() == LIGHT.canvas
    assert canvas.view.network_scene.edges.palette is LIGHT


@pytest.mark.parametrize("zoom", [0.3, 1.0, 2.0])
def test_ground_has_a_grid_of_dots(canvas: Driver, zoom: float) -> None:
    canvas.view.navigation.zoom_to(zoom, QPointF(450, 300))
    pitch = {0.3: 96, 1.0: 24, 2.0: 24}[zoom]
    x, y = 5 * 96, 4 * 96  # multiples of every pitch, away from the network
    middle = canvas.view.navigation.to_window(QPointF(x, y))
    canvas.view.scroll_by(300 - middle.x(), 400 - middle.y())
    image = canvas.view.viewport().grab().toImage()
    here, next_dot = canvas.at(x, y), canvas.at(x + pitch, y)
    between = canvas.at(x + pitch / 2, y + pitch / 2)
    ground = QColor(DARK.canvas)

    def brightness(point: QPoint) -> int:
        around = [(dx, dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)]
        return max(image.pixelColor(point + QPoint(*way)).lightness() for way in around)

    assert brightness(here) > ground.lightness() + 8
    assert brightness(next_dot) > ground.lightness() + 8
    assert brightness(between) == ground.lightness()


def test_layers_are_named_counted_and_edited(canvas: Driver) -> None:
    headers = canvas.view.overlays.headers.headers
    texts = {(h._title.text(), h._caption.text()) for h in headers.values()}
    assert texts == {
        ("Input", "2 features"),
        ("Hidden 1", "4 · tanh"),
        ("Hidden 2", "2 · tanh"),
        ("Output", "1 · tanh"),
    }
    first = headers[Kind.HIDDEN, 1]
    first._more.click()
    assert first._caption.text() == "5 · tanh"
    first._fewer.click()
    first._fewer.click()
    assert first._caption.text() == "3 · tanh"
    x = np.mean([canvas.session.positions[i][0] for i in canvas.network.level_ids(1)])
    middle = canvas.view.navigation.to_window(QPointF(x, 0)).x()
    assert first.geometry().center().x() == pytest.approx(middle, abs=2)


def test_legend_explains_the_hovered_neuron(canvas: Driver, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: all(look.image is not None for look in looks(canvas).values()))
    legend = canvas.view.overlays.legend
    assert legend._texts == ("−1", "0", "1")
    canvas.hover(canvas.neuron(canvas.network.topology.input_ids[0]))
    low, middle, high = legend._texts
    assert middle == "0"
    assert low == f"−{high}"
    assert float(high) > 4.0


def test_numbers_on_edges_by_themselves_only_on_tiny_networks(qtbot: QtBot, tmp_path: Path) -> None:
    tiny = Network.mlp([2, 1], output_activation="linear", input_bindings=["x1", "x2"])
    driver = Driver(qtbot, tmp_path, Document(tiny.with_theta([0.1, 0.2, 0.3])))
    assert driver.view.shows_numbers
    driver.session.new_document(new_document()[0])
    assert not driver.view.shows_numbers
    driver.view.overlays.zoom.numbers.click()
    assert driver.view.network_scene.edges.shows_numbers
    driver.close()


def test_empty_canvas_says_what_to_do(qtbot: QtBot, tmp_path: Path) -> None:
    empty = Document(Network.build(Topology([], [])))
    driver = Driver(qtbot, tmp_path, empty)
    image = driver.view.viewport().grab().toImage()
    words = [image.pixelColor(x, y).lightness() for x in range(200, 700) for y in range(280, 310)]
    assert max(words) > 120  # light letters on the dark ground
    driver.double_click(driver.at(0, 0))
    assert driver.network.topology.neuron_count == 1
    driver.close()


def test_broken_numbers_are_shown_not_raised(canvas: Driver) -> None:
    scene = canvas.view.network_scene
    theta = canvas.network.theta.copy()
    theta[:3] = [np.nan, np.inf, -np.inf]
    scene.weigh(canvas.network.with_theta(theta))
    count = canvas.network.topology.neuron_count
    scene.set_values(np.array([np.nan, np.inf, -np.inf] + [0.0] * (count - 3)))
    maps = np.full((1, 32, 32), np.nan, dtype=np.float32)
    maps[0, 3, 3] = np.inf
    scene.set_maps([int(canvas.network.topology.ids[0])], maps)
    # An exception while painting is caught by Qt and fails the test; the picture is not empty.
    image = canvas.view.grab().toImage()
    assert len({image.pixel(x, image.height() // 2) for x in range(image.width())}) > 2
    assert scene.neuron_items[int(canvas.network.topology.ids[3])].look.value == 0.0


def test_canvas_is_described(canvas: Driver) -> None:
    assert canvas.view.accessibleName() == "Network canvas"
    assert "9 neurons and 18 connections" in canvas.view.accessibleDescription()
    for button in canvas.view.overlays.tools.buttons.values():
        assert button.accessibleName()
        assert button.toolTip()


def test_a_network_that_shrinks_is_fitted_again_unless_one_has_zoomed(canvas: Driver) -> None:
    view = canvas.view
    canvas.session.set_data(source="digits")
    small = view.navigation.scale
    assert small < 0.8
    canvas.session.set_data(source="circle")
    assert view.navigation.scale > 1.25 * small
    assert view.navigation.shows(view.network_scene.content_rect())
    canvas.session.set_data(source="digits")
    view.zoom_by(1.1)
    chosen = view.navigation.scale
    canvas.session.set_data(source="circle")
    assert view.navigation.scale == chosen
