"""Pictures of large networks: heat maps of weights, grids of neurons, pixels, folded layouts."""

import math

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QImage

from nnplay.core.network import Network
from nnplay.core.topology import Kind, Topology
from nnplay.picture.arrange import arrange, position_array
from nnplay.picture.edges import EdgePicture
from nnplay.picture.folding import folded_places, unfolded_places
from nnplay.picture.geometry import NEURON_SIZE, PITCH, EdgeLines
from nnplay.picture.grid_picture import incoming_weights
from nnplay.picture.grids import grids_of, half_sizes, pixel_shape
from nnplay.picture.palette import DARK, LIGHT, Palette, blend
from nnplay.picture.strength import MAPPED_FROM, size_below
from nnplay.picture.weight_maps import WeightMaps, shows_maps, strongest_per_cell, weight_image

PIXELS = [f"pixel_{row}_{column}" for row in range(8) for column in range(8)]


def pixel_network(hidden: int = 5, seed: int = 3) -> Network:
    network = Network.mlp([64, hidden, 3], input_bindings=PIXELS)
    theta = np.random.default_rng(seed).normal(0, 1, network.topology.parameter_count)
    return network.with_theta(theta)


def expected(palette: Palette, weight: float, scale: float) -> QColor:
    """The signed colour by its definition: zero blended towards the sign's hue by size."""
    share = max(-1.0, min(1.0, weight / scale))
    return QColor(
        blend(palette.zero, palette.positive if share > 0 else palette.negative, abs(share))
    )


def close(one: QColor, other: QColor, tolerance: int = 3) -> bool:
    return all(
        abs(a - b) <= tolerance for a, b in zip(one.getRgb()[:3], other.getRgb()[:3], strict=True)
    )


# ---------------------------------------------------------------------- heat maps
@pytest.mark.parametrize("palette", [DARK, LIGHT])
def test_heat_map_has_a_line_per_target_and_a_column_per_source(palette: Palette) -> None:
    network = Network.mlp([6, 4, 2])
    theta = np.random.default_rng(0).normal(0, 1, network.topology.parameter_count)
    network = network.with_theta(theta)
    first = WeightMaps(network).maps[0]
    image = weight_image(first, network.effective_weights, 2.0, palette)
    assert (image.height(), image.width()) == (4, 6)
    ids = network.topology
    for line, target in enumerate(ids.hidden_ids):
        for column, source in enumerate(ids.input_ids):
            weight = network.edge(source, target).weight
            assert close(image.pixelColor(column, line), expected(palette, weight, 2.0))


def test_heat_map_of_many_shows_the_strongest_of_every_cell_with_its_sign() -> None:
    network = Network.mlp([500, 200, 1])
    rng = np.random.default_rng(5)
    network = network.with_theta(rng.normal(0, 1, network.topology.parameter_count))
    first = WeightMaps(network).maps[0]
    lines, columns = first.shape
    assert lines < 200
    assert columns < 500
    matrix = np.zeros((200, 500))
    for slot, (source, target) in enumerate(network.topology.edge_rows.tolist()):
        if target < 700 and source < 500:
            matrix[target - 500, source] = network.theta[slot]
    table = strongest_per_cell(first, network.effective_weights)
    for line, column in [(0, 0), (lines - 1, columns - 1), (17, 101), (80, 3)]:
        rows = [t for t in range(200) if t * lines // 200 == line]
        sources = [s for s in range(500) if s * columns // 500 == column]
        block = matrix[np.ix_(rows, sources)].ravel()
        assert table[line, column] == block[np.argmax(np.abs(block))]
        slot = first.slot_at(network.theta, (column + 0.5) / columns, (line + 0.5) / lines)
        assert network.theta[slot] == table[line, column]


def test_missing_and_weak_connections_are_neutral() -> None:
    topology = Topology(
        range(4), [Kind.INPUT, Kind.INPUT, Kind.OUTPUT, Kind.OUTPUT], [(0, 2), (1, 2), (1, 3)]
    )
    network = Network.build(topology)
    network = network.with_theta(np.array([1.0, -0.1, 0.7, 0.0, 0.0]))
    only = WeightMaps(network).maps[0]
    image = weight_image(only, network.effective_weights, 1.0, DARK, weakest=0.5)
    colours = {(x, y): image.pixelColor(x, y) for x in range(2) for y in range(2)}
    assert close(colours[0, 0], QColor(DARK.positive))
    assert close(colours[0, 1], QColor(DARK.zero))  # there is none
    assert close(colours[1, 0], QColor(DARK.zero))  # too weak
    assert close(colours[1, 1], expected(DARK, 0.7, 1.0))


def test_heat_maps_stand_between_their_layers_and_hide_no_neuron() -> None:
    network = Network.mlp([784, 128, 10])
    places = position_array(network, arrange(network))
    halves = half_sizes(len(places), grids_of(network, places))
    maps = WeightMaps(network)
    maps.place(places, halves)
    assert len(maps.boxes) == 2
    for box, one in zip(maps.boxes, maps.maps, strict=True):
        assert box.left() > places[one.sources, 0].max()
        assert box.right() < places[one.targets, 0].min()
        inside = (np.abs(places - (box.center().x(), box.center().y())) < halves[:, None]).all(1)
        assert not inside.any()
        assert min(box.width(), box.height()) > 25


def test_maps_take_over_for_many_edges_or_far_away() -> None:
    assert not shows_maps(300, 0.05)  # every one of few lines can be told apart
    assert not shows_maps(2368, 1.0)
    assert shows_maps(2368, 0.2)
    assert shows_maps(MAPPED_FROM + 1, 4.0)


# ---------------------------------------------------------------------- pixels and grids
def test_names_that_read_like_pixels() -> None:
    assert pixel_shape(PIXELS) == (8, 8)
    assert pixel_shape([f"p{row}x{column}" for row in range(4) for column in range(6)]) == (4, 6)
    assert pixel_shape([f"px{i}" for i in range(1, 50)]) == (7, 7)
    assert pixel_shape([f"x{i}" for i in range(784)]) == (28, 28)
    assert pixel_shape([f"x{i}" for i in range(64)]) is None  # as many measurements as pixels
    assert pixel_shape([f"px{i}" for i in range(50)]) is None
    assert pixel_shape(PIXELS[::-1]) is None
    assert pixel_shape(["age", "height", *PIXELS[2:]]) is None
    assert pixel_shape(PIXELS[:8]) is None


def test_pixels_stand_as_a_grid_in_reading_order() -> None:
    network = pixel_network()
    places = position_array(network, arrange(network))
    (grid,) = grids_of(network, places)
    assert grid.kind == Kind.INPUT
    assert grid.pitch < NEURON_SIZE
    assert grid.cells.tolist() == np.arange(64).reshape(8, 8).tolist()
    for row in range(64):
        assert grid.row_at(*places[row]) == row
    left, top, width, height = grid.box
    assert grid.row_at(left - 1, top + 1) is None
    assert grid.row_at(left + width + 1, top + height / 2) is None
    values = np.arange(len(places), dtype=np.float64)
    assert grid.spread(values)[2, 5] == 21.0
    assert (half_sizes(len(places), (grid,))[:64] == grid.pitch / 2).all()


def test_small_layers_and_loose_neurons_are_no_grid() -> None:
    network = Network.mlp([64, 20, 3])
    places = position_array(network, arrange(network))
    assert grids_of(network, places) == ()
    network = pixel_network()
    places = position_array(network, arrange(network))
    places[11] += (3.0, 500.0)
    (grid,) = grids_of(network, places)
    assert grid.cells[1, 3] == -1
    assert 11 not in grid.rows
    assert grid.rows.size == 63
    assert math.isnan(grid.spread(np.ones(len(places)))[1, 3])


@pytest.mark.parametrize("downwards", [False, True])
def test_unfolding_and_folding_come_back(downwards: bool) -> None:
    network = pixel_network(40)
    places = position_array(network, arrange(network, downwards=downwards))
    (grid,) = grids_of(network, places)
    wide = position_array(network, unfolded_places(network, places, grid, downwards=downwards))
    assert grids_of(network, wide) == ()
    block = wide[:64].reshape(8, 8, 2)
    assert np.allclose(np.diff(block[:, :, 0], axis=1), PITCH)
    assert np.allclose(np.diff(block[:, :, 1], axis=0), PITCH)
    axis = 1 if downwards else 0
    assert wide[:64, axis].max() + PITCH < wide[64:, axis].min()
    back = folded_places(network, wide, np.arange(64))
    known = {
        **dict(zip(network.topology.ids.tolist(), map(tuple, wide.tolist()), strict=True)),
        **back,
    }
    (again,) = grids_of(network, position_array(network, known))
    assert (again.cells == grid.cells).all()


def test_very_large_layers_are_folded_from_the_start() -> None:
    network = Network.mlp([3, 400, 2])
    (grid,) = grids_of(network, position_array(network, arrange(network)))
    assert grid.kind == Kind.HIDDEN
    assert grid.cells.shape == (20, 20)


def test_pictures_of_incoming_weights_lie_like_the_grid() -> None:
    network = pixel_network()
    places = position_array(network, arrange(network))
    (one,) = incoming_weights(network, grids_of(network, places))
    assert one.rows.tolist() == [64, 65, 66, 67, 68]
    scale = one.scale(network)
    image = one.image(network, 66, DARK)
    assert image is not None
    target = int(network.topology.ids[66])
    for line in range(8):
        for column in range(8):
            weight = network.edge(8 * line + column, target).weight
            assert close(image.pixelColor(column, line), expected(DARK, weight, scale))
    assert one.image(network, 70, DARK) is None
    small = one.images(network, DARK)[2]
    cell = (small.width() - 2) // 8
    middle = QPointF(1 + 5.5 * cell, 1 + 2.5 * cell).toPoint()
    assert close(small.pixelColor(middle), image.pixelColor(5, 2))
    assert small.format() == QImage.Format.Format_RGB32


# ---------------------------------------------------------------------- which edges
def test_a_share_of_the_weakest_is_hidden() -> None:
    network = pixel_network(20)
    lines = EdgeLines(network.topology, position_array(network, arrange(network)))
    picture = EdgePicture(lines, network)
    total = network.topology.edge_count
    assert picture.drawn.size == total
    picture.weakest_share = 0.75
    picture.choose_drawn()
    sizes = np.abs(network.theta[:total])
    hidden = np.setdiff1d(np.arange(total), picture.drawn)
    assert hidden.size == int(0.75 * total)
    assert sizes[hidden].max() <= sizes[picture.drawn].min()
    # What is selected stays, however weak.
    picture.chosen = hidden[:3]
    picture.choose_drawn()
    assert np.isin(hidden[:3], picture.drawn).all()
    assert size_below(sizes, 0.0) == 0.0


def test_of_very_many_edges_only_a_neurons_own_are_lines() -> None:
    network = Network.mlp([784, 128, 10])
    lines = EdgeLines(network.topology, position_array(network, arrange(network)))
    picture = EdgePicture(lines, network, only_chosen=True)
    assert picture.drawn.size == 0
    row = 784 + 7
    topology = network.topology
    picture.own = np.union1d(topology.incoming_slots[row], topology.outgoing_slots[row])
    picture.choose_drawn()
    assert picture.drawn.tolist() == picture.own.tolist()
    assert picture.drawn.size == 794
    picture.chosen = np.arange(topology.edge_count)
    picture.choose_drawn()
    assert picture.drawn.size <= 1000
