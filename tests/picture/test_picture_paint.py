"""Pixels: colours by sign, strong over weak, maps, tiles, states; in both palettes."""

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage, QPainter

from nnplay.core.network import Network
from nnplay.core.topology import Kind, Topology
from nnplay.picture.arrange import arrange, position_array
from nnplay.picture.edges import EdgePicture
from nnplay.picture.geometry import EdgeLines
from nnplay.picture.looks import level_scales, make_looks, set_values
from nnplay.picture.maps import map_image
from nnplay.picture.neurons import LabelPlace, NeuronLook, NeuronPainter
from nnplay.picture.palette import DARK, LIGHT, Palette
from nnplay.picture.scales import ValueScale, scale_for
from nnplay.picture.strength import drawn_slots, edge_width, strengths, weight_scale
from nnplay.picture.text import pretty_label, short_number

PALETTES = pytest.mark.parametrize("palette", [DARK, LIGHT], ids=["dark", "light"])


@pytest.fixture(autouse=True)
def _application(qapp) -> None:
    """Fonts need an application."""


def sheet(palette: Palette, width: int = 300, height: int = 200) -> tuple[QImage, QPainter]:
    image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(QColor(palette.canvas))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    return image, painter


def lean(colour: QColor) -> int:
    """Positive for blue, negative for orange."""
    return colour.blue() - colour.red()


def pair(weights: list[float]) -> Network:
    """Inputs one above the other, all feeding one output."""
    count = len(weights)
    kinds = [Kind.INPUT] * count + [Kind.OUTPUT]
    topology = Topology(range(count + 1), kinds, [(i, count) for i in range(count)])
    return Network.build(topology, theta=[*weights, 0.0])


def paint_edges(
    network: Network, places: np.ndarray, palette: Palette, vector: bool = False, **marks
) -> QImage:
    image, painter = sheet(palette)
    picture = EdgePicture(EdgeLines(network.topology, places), network, **marks)
    picture.paint(painter, palette, vector=vector)
    painter.end()
    return image


@PALETTES
@pytest.mark.parametrize("vector", [False, True])
def test_edges_are_coloured_by_sign(palette: Palette, vector: bool) -> None:
    places = np.array([[20.0, 50.0], [20.0, 150.0], [280.0, 50.0]])
    image = paint_edges(pair([2.0, -2.0]), places, palette, vector)
    ground = lean(QColor(palette.canvas))
    assert lean(image.pixelColor(150, 50)) > ground + 30
    assert lean(image.pixelColor(60, 150)) < ground - 30


@PALETTES
@pytest.mark.parametrize("vector", [False, True])
def test_strong_edges_lie_over_weak_ones(palette: Palette, vector: bool) -> None:
    # Both cross in the middle; the strong negative one must win whatever the table order.
    for weights in ([0.05, -3.0], [-3.0, 0.05]):
        kinds = [Kind.INPUT, Kind.INPUT, Kind.OUTPUT, Kind.OUTPUT]
        topology = Topology(range(4), kinds, [(0, 3), (1, 2)])
        network = Network.build(topology, theta=[*weights, 0.0, 0.0])
        places = np.array([[20.0, 20.0], [20.0, 180.0], [280.0, 20.0], [280.0, 180.0]])
        image = paint_edges(network, places, palette, vector)
        assert lean(image.pixelColor(150, 100)) < lean(QColor(palette.canvas)) - 30


@PALETTES
def test_width_and_colour_grow_with_the_weight(palette: Palette) -> None:
    places = np.array([[20.0, 40.0], [20.0, 160.0], [280.0, 40.0], [280.0, 160.0]])
    kinds = [Kind.INPUT, Kind.INPUT, Kind.OUTPUT, Kind.OUTPUT]
    topology = Topology(range(4), kinds, [(0, 2), (1, 3)])
    image = paint_edges(Network.build(topology, theta=[3.0, 0.3, 0, 0]), places, palette)
    ground = QColor(palette.canvas)

    def thickness(y: int) -> int:
        return sum(
            abs(image.pixelColor(150, row).lightness() - ground.lightness()) > 4
            for row in range(y - 10, y + 10)
        )

    assert thickness(40) >= 4
    assert 1 <= thickness(160) <= 3
    assert lean(image.pixelColor(150, 40)) > lean(image.pixelColor(150, 160))


@PALETTES
def test_chosen_edges_shine_and_halos_show(palette: Palette) -> None:
    places = np.array([[20.0, 100.0], [280.0, 100.0]])
    plain = paint_edges(pair([1.0]), places, palette)
    slot = np.array([0])
    chosen = paint_edges(pair([1.0]), places, palette, chosen=slot)
    haloed = paint_edges(pair([1.0]), places, palette, chosen=slot, haloed=slot)
    assert lean(chosen.pixelColor(150, 100)) > lean(plain.pixelColor(150, 100)) + 20
    assert plain.pixelColor(150, 104) == QColor(palette.canvas)
    assert haloed.pixelColor(150, 104) != QColor(palette.canvas)


@pytest.mark.parametrize("palette", [DARK, LIGHT])
@pytest.mark.parametrize("weight", [1.0, -1.0])
def test_the_halo_of_a_chosen_edge_has_no_hue_of_a_sign(palette: Palette, weight: float) -> None:
    places = np.array([[50.0, 100.0], [250.0, 100.0]])
    slot = np.array([0])
    image = paint_edges(pair([weight]), places, palette, chosen=slot, haloed=slot)
    halo = image.pixelColor(150, 104)
    assert abs(halo.lightness() - QColor(palette.canvas).lightness()) > 60
    assert abs(halo.red() - halo.blue()) < 24


def test_disabled_edges_are_dashed_and_grey() -> None:
    network = pair([3.0]).set_enabled([0], False)
    image = paint_edges(network, np.array([[20.0, 100.0], [280.0, 100.0]]), DARK)
    row = [image.pixelColor(x, 100).lightness() for x in range(60, 240)]
    assert max(row) > min(row) + 10  # gaps
    assert max(lean(image.pixelColor(x, 100)) for x in range(60, 240)) < 40


def test_batches_and_paths_paint_the_same_picture() -> None:
    rng = np.random.default_rng(5)
    network = Network.mlp([3, 4, 2])
    network = network.with_theta(rng.normal(size=network.topology.parameter_count))
    places = np.array(
        [[30, 40 + 60 * i] for i in range(3)]
        + [[150, 20 + 50 * i] for i in range(4)]
        + [[270, 70], [270, 130]],
        dtype=float,
    )
    batches = paint_edges(network, places, DARK)
    paths = paint_edges(network, places, DARK, vector=True)
    a = np.frombuffer(batches.constBits(), np.uint8).astype(int)
    b = np.frombuffer(paths.constBits(), np.uint8).astype(int)
    assert np.abs(a - b).mean() < 1.0


# ---------------------------------------------------------------------- strengths
def test_strengths() -> None:
    assert weight_scale(np.array([0.1, -2.0])) == 2.0
    assert weight_scale(np.array([0.01])) == 0.25  # small weights stay thin
    assert weight_scale(np.array([np.nan, np.inf, 3.0])) == 3.0
    assert weight_scale(np.empty(0)) == 1.0
    many = np.full(1000, 0.5)
    many[0] = 100.0
    assert weight_scale(many) == 0.5  # one outlier does not pale all others
    shares = strengths(np.array([0.0, 1.0, -2.0, 5.0, np.nan]), 2.0)
    assert shares.tolist() == [0.0, 0.5, 1.0, 1.0, 1.0]
    assert edge_width(np.array([0.0, 1.0])).tolist() == pytest.approx([0.8, 5.0])


def test_of_very_many_edges_the_strongest_into_each_neuron_are_drawn() -> None:
    network = Network.mlp([90, 50, 3])  # 4,650 edges
    rng = np.random.default_rng(0)
    network = network.with_theta(rng.normal(size=network.topology.parameter_count))
    always = np.array([7])
    chosen = drawn_slots(network, always)
    assert 7 in chosen
    assert chosen.size <= 3001
    targets = network.topology.edges[:, 1]
    weights = np.abs(network.theta)
    kept = 3000 // 53
    for target in np.unique(targets).tolist():
        mine = np.flatnonzero(targets == target)
        strongest = mine[np.argsort(-weights[mine])][:kept]
        drawn = chosen[np.isin(chosen, mine) & (chosen != 7)]
        assert set(drawn.tolist()) - {7} <= set(strongest.tolist())
        assert set(strongest.tolist()) <= set(chosen.tolist())


# ---------------------------------------------------------------------- neurons
def paint_neuron(look: NeuronLook, palette: Palette, detail: float = 2.0, vector=False) -> QImage:
    image, painter = sheet(palette, 200, 200)
    painter.translate(100, 100)
    painter.scale(detail, detail)
    NeuronPainter(palette, vector=vector).paint(painter, look, detail)
    painter.end()
    return image


@PALETTES
@pytest.mark.parametrize("vector", [False, True])
def test_a_map_is_the_right_way_up(palette: Palette, vector: bool) -> None:
    values = np.zeros((32, 32))
    values[:16, 16:] = 1.0  # top right
    values[16:, :16] = -1.0  # bottom left
    image = map_image(values, scale_for("tanh", 1.0), palette)
    picture = paint_neuron(NeuronLook(image=image), palette, vector=vector)
    assert picture.pixelColor(130, 70).name().upper() == palette.positive
    assert picture.pixelColor(70, 130).name().upper() == palette.negative
    neutral = QColor(palette.zero)
    assert abs(lean(picture.pixelColor(70, 70)) - lean(neutral)) < 12


def test_map_edges_do_not_mix_with_the_opposite_side() -> None:
    values = np.full((8, 8), -1.0)
    values[:, 4:] = 1.0
    image = map_image(values, scale_for("tanh", 1.0), DARK)
    picture = paint_neuron(NeuronLook(image=image), DARK, detail=4.0)
    # Just inside the border on both sides, 46 px at scale 4 around (100, 100).
    assert lean(picture.pixelColor(12, 100)) < -100
    assert lean(picture.pixelColor(187, 100)) > 100


@PALETTES
def test_tiles_show_sign_by_colour_and_gauge(palette: Palette) -> None:
    up = paint_neuron(NeuronLook(value=0.8, place=0.8, share=0.9), palette)
    down = paint_neuron(NeuronLook(value=-0.8, place=-0.8, share=0.1), palette)
    assert lean(up.pixelColor(80, 70)) > lean(down.pixelColor(80, 70)) + 40
    y = 100 + 2 * 15  # the gauge, near the bottom
    assert lean(up.pixelColor(118, y)) > lean(up.pixelColor(82, y)) + 20
    assert lean(down.pixelColor(82, y)) < lean(down.pixelColor(118, y)) - 20


def test_states_show() -> None:
    plain = paint_neuron(NeuronLook(value=0.0), DARK)
    selected = paint_neuron(NeuronLook(value=0.0, selected=True), DARK)
    port = paint_neuron(NeuronLook(value=0.0, shows_port=True), DARK)
    off = paint_neuron(NeuronLook(value=0.9, place=0.9, enabled=False), DARK)
    outside = (100 + 2 * 26, 100)
    assert plain.pixelColor(*outside) == QColor(DARK.canvas)
    assert selected.pixelColor(*outside).name().upper() == DARK.accent_soft
    assert port.pixelColor(100 + 2 * 25, 100).name().upper() == DARK.accent
    assert off != plain


def test_bias_dot_has_the_colour_of_its_sign() -> None:
    spot = (100 - 44, 100 + 44)
    positive = paint_neuron(NeuronLook(bias=0.5, bias_strength=1.0), DARK)
    negative = paint_neuron(NeuronLook(bias=-0.5, bias_strength=1.0), DARK)
    none = paint_neuron(NeuronLook(), DARK)
    assert positive.pixelColor(*spot).name().upper() == DARK.positive
    assert negative.pixelColor(*spot).name().upper() == DARK.negative
    assert none.pixelColor(*spot) == QColor(DARK.canvas)


def test_far_away_nothing_is_written() -> None:
    look = NeuronLook(label="x", label_place=LabelPlace.LEFT, value=0.5, image=None)
    far = paint_neuron(look, DARK, detail=0.3)
    assert far.pixelColor(100 - 12, 100) == QColor(DARK.canvas)


# ---------------------------------------------------------------------- scales and words
def test_scales_of_activations() -> None:
    assert scale_for("tanh", 55.0) == ValueScale(-1, 0, 1)
    assert scale_for("sigmoid", 55.0) == ValueScale(0, 0.5, 1)
    assert scale_for("softmax", 55.0) == ValueScale(0, 0, 1)
    assert scale_for("relu", 4.0) == ValueScale(-4, 0, 4)
    assert scale_for("linear", 0.0) == ValueScale(-1, 0, 1)
    assert scale_for("linear", float("inf")) == ValueScale(-1, 0, 1)
    assert scale_for("tanh", 6.0, is_input=True) == ValueScale(-6, 0, 6)
    assert scale_for("sigmoid", 1.0).place([0, 0.25, 2, np.nan]).tolist()[:3] == [-1, -0.5, 1]
    assert ValueScale(0, 0, 1).texts == ("", "0", "1")


def test_unbounded_values_are_compared_within_their_level() -> None:
    network = Network.mlp([2, 2, 1], activation="relu", output_activation="tanh")
    values = np.array([3.0, -6.0, 0.0, 8.0, 0.5])
    scales = level_scales(network, values)
    assert [s.high for s in scales] == [6, 6, 8, 8, 1]
    looks = make_looks(network, np.zeros((5, 2)), with_maps=False)
    set_values(looks, network, values)
    assert [look.place for look in looks] == [0.5, -1.0, 0.0, 1.0, 0.5]
    set_values(looks, network, None)
    assert all(look.value is None for look in looks)


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("x1", "x₁"),
        ("x1^2", "x₁²"),
        ("x1**3", "x₁³"),
        ("x1*x2", "x₁·x₂"),
        ("sin(x1)", "sin x₁"),
        ("h12", "h₁₂"),
        ("petal_length", "petal length"),
        ("petal length (cm)", "petal length (cm)"),
        ("breast-cancer", "breast-cancer"),
        ("width2", "width2"),
        ("", ""),
    ],
)
def test_labels_as_written_by_hand(label: str, shown: str) -> None:
    assert pretty_label(label) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.47, "0.47"),
        (-0.684, "−0.68"),
        (-0.001, "0.00"),
        (12.345, "12.3"),
        (-123.4, "−123"),
        (123456.0, "1e5"),
        (float("nan"), "–"),
        (float("-inf"), "−∞"),
    ],
)
def test_numbers_in_small_places(value: float, shown: str) -> None:
    assert short_number(value) == shown
    assert len(shown) <= 6


@pytest.mark.parametrize(
    ("labels", "shown"),
    [
        ([f"pixel_{i // 8}_{i % 8}" for i in range(64)], [f"{i // 8}_{i % 8}" for i in range(64)]),
        ([f"pixel_0_{i}" for i in range(20)], [f"0_{i}" for i in range(20)]),
        ([f"gene{i}" for i in range(1, 31)], [str(i) for i in range(1, 31)]),
        ([f"mean {i}th" for i in range(30)], [f"{i}th" for i in range(30)]),
        (["alpha", "alpine"] * 8, ["alpha", "alpine"] * 8),
        (["pixel_"] + [f"pixel_{i}" for i in range(20)], None),
    ],
)
def test_inputs_in_a_block_say_what_distinguishes_them(
    labels: list[str], shown: list[str] | None
) -> None:
    count = len(labels)
    network = Network.mlp([count, 2], input_bindings=labels)
    looks = make_looks(network, position_array(network, arrange(network)), with_maps=False)
    assert {look.label_place for look in looks[:count]} == {LabelPlace.INSIDE}
    assert [look.label for look in looks[:count]] == (labels if shown is None else shown)


def test_long_names_keep_both_their_ends() -> None:
    """The two names differ at their end only, and so do their tiles."""
    tiles = [
        paint_neuron(
            NeuronLook(label=name, label_place=LabelPlace.INSIDE, value=0.5), DARK, detail=1.0
        )
        for name in ("concave points worst", "concave points error")
    ]
    assert tiles[0] != tiles[1]
