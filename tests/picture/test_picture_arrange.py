"""Automatic places: nothing overlaps, inputs stand left, outputs right, known places stay."""

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnplay.core.layer_edits import add_to_level
from nnplay.core.network import Network
from nnplay.core.topology import Kind, Topology
from nnplay.document import Document
from nnplay.picture.arrange import arrange, position_array, turned
from nnplay.picture.geometry import NEURON_SIZE, PITCH, PITCH_DOWN, curve_points, edge_ends


@st.composite
def networks(draw):
    """Any feed-forward wiring of up to 14 neurons, with ids that are not row numbers."""
    count = draw(st.integers(1, 14))
    kinds = draw(st.lists(st.sampled_from(list(Kind)), min_size=count, max_size=count))
    ids = draw(st.permutations(range(3, 3 + 2 * count, 2)))
    pairs = [
        (ids[a], ids[b])
        for a in range(count)
        for b in range(a + 1, count)
        if kinds[b] != Kind.INPUT
    ]
    edges = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    return Network.build(Topology(ids, kinds, edges))


def overlaps(a: tuple[float, float], b: tuple[float, float]) -> bool:
    return abs(a[0] - b[0]) < NEURON_SIZE + 8 and abs(a[1] - b[1]) < NEURON_SIZE + 8


@given(networks())
def test_fresh_places_never_overlap(network: Network) -> None:
    places = arrange(network)
    assert places.keys() == set(network.topology.ids.tolist())
    for one, other in combinations(places, 2):
        assert not overlaps(places[one], places[other])
    assert arrange(network) == places


@given(networks(), st.data())
def test_known_places_stay_and_others_avoid_them(network: Network, data) -> None:
    ids = network.topology.ids.tolist()
    known = data.draw(
        st.dictionaries(
            st.sampled_from(ids),
            st.tuples(st.integers(-400, 400), st.integers(-200, 200)),
        )
    )
    places = arrange(network, {**known, 999_999: (0.0, 0.0)})
    assert places.keys() == set(ids)
    for neuron_id, place in known.items():
        assert places[neuron_id] == place
    for one, other in combinations(places, 2):
        if one not in known or other not in known:
            assert not overlaps(places[one], places[other])


def test_layers_stand_in_columns() -> None:
    network = Network.mlp([3, 5, 4, 2])
    places = position_array(network, arrange(network))
    columns = [places[rows] for rows in np.split(np.arange(14), [3, 8, 12])]
    across = []
    for column in columns:
        assert np.ptp(column[:, 0]) == 0
        assert np.allclose(np.diff(column[:, 1]), PITCH)  # in table order, from the top
        assert abs(column[:, 1].mean()) < 1e-9
        across.append(column[0, 0])
    assert across == sorted(across)
    assert min(np.diff(across)) >= 150


def test_large_layers_become_blocks_in_reading_order() -> None:
    network = Network.mlp([64, 20, 3])
    places = position_array(network, arrange(network))
    pixels = places[:64].reshape(8, 8, 2)
    assert np.allclose(np.diff(pixels[:, :, 0], axis=1), PITCH)
    assert np.allclose(np.diff(pixels[:, :, 1], axis=0), PITCH)
    assert np.ptp(places[:, 1]) < 13 * PITCH
    assert places[:64, 0].max() < places[64:84, 0].min() < places[84:, 0].min()


def columns_are_clear(places: dict[int, tuple[float, float]], sizes: list[int]) -> None:
    """No two boxes overlap, and every layer ends well before the next one begins."""
    xy = np.array(list(places.values()))
    gaps = np.abs(xy[:, None] - xy[None]).max(axis=2) + np.diag(np.full(len(xy), np.inf))
    assert gaps.min() >= NEURON_SIZE + 8
    layers = np.split(np.array([places[i] for i in sorted(places)]), np.cumsum(sizes)[:-1])
    for one, following in pairwise(layers):
        assert following[:, 0].min() - one[:, 0].max() >= NEURON_SIZE + 60


@pytest.mark.parametrize("inputs", range(5, 101))
def test_a_layer_of_any_size_leaves_room_for_its_block(inputs: int) -> None:
    sizes = [inputs, 8, 30, 3]
    columns_are_clear(arrange(Network.mlp(sizes)), sizes)


@pytest.mark.parametrize("inputs", range(5, 101))
def test_other_inputs_and_outputs_stand_beside_what_was_arranged_by_hand(inputs: int) -> None:
    sizes = [inputs, 4, 2, 3]
    network = Network.mlp(sizes)
    known = {inputs + i: (200.0 + 200.0 * (i // 4), 68.0 * (i % 4)) for i in range(6)}
    places = arrange(network, known)
    assert {i: places[i] for i in known} == known
    columns_are_clear(places, sizes)


def test_newcomers_continue_a_block_that_was_moved_by_hand() -> None:
    fresh = arrange(Network.mlp([2, 20, 1]))
    known = {i: (x + 9.0, y - 5.0) for i, (x, y) in fresh.items()}
    network = Network.mlp([2, 20, 1])
    for _ in range(4):
        network, _ = add_to_level(network, 1, lambda s, t: 1.0)
    places = arrange(network, known)
    new = [place for i, place in places.items() if i not in known]
    block = [known[i] for i in range(2, 22)]
    assert {x for x, _ in new} == {x for x, _ in block}
    assert min(y for _, y in new) == max(y for _, y in block) + PITCH
    assert max(y for _, y in new) == max(y for _, y in block) + 2 * PITCH


def test_outputs_that_feed_nobody_share_the_last_column() -> None:
    topology = Topology(
        [0, 1, 2, 3, 4],
        [Kind.INPUT, Kind.HIDDEN, Kind.HIDDEN, Kind.OUTPUT, Kind.OUTPUT],
        [(0, 1), (1, 2), (2, 3), (0, 4)],
    )
    places = arrange(Network.build(topology))
    assert places[3][0] == places[4][0] > places[2][0]


def test_skipping_edges_do_not_run_behind_neurons() -> None:
    topology = Topology([0, 1, 2], [Kind.INPUT, Kind.HIDDEN, Kind.OUTPUT], [(0, 1), (1, 2), (0, 2)])
    network = Network.build(topology)
    places = position_array(network, arrange(network))
    skipping = curve_points(edge_ends(topology, places), 60)[2]
    gaps = np.abs(skipping - places[1]).max(axis=1)
    assert gaps.min() > NEURON_SIZE / 2


def test_newcomers_go_below_a_column_arranged_by_hand() -> None:
    network = Network.mlp([2, 3, 1])
    known = {i: (x + 31.0, y - 17.0) for i, (x, y) in arrange(network).items()}
    grown, new_id = add_to_level(network, 1, lambda s, t: 1.0)
    places = arrange(grown, known)
    assert {i: p for i, p in places.items() if i != new_id} == known
    assert places[new_id][0] == known[2][0]
    assert places[new_id][1] > max(known[i][1] for i in (2, 3, 4))


def test_a_neuron_put_somewhere_by_hand_moves_nobody_else() -> None:
    network = Network.mlp([2, 4, 1])
    fresh = arrange(network)
    grown, new_id = network.add_neuron()
    places = arrange(grown, {new_id: (77.0, 300.0)})
    assert places == {**fresh, new_id: (77.0, 300.0)}


def test_nothing_to_place() -> None:
    assert arrange(Network.build(Topology([], []))) == {}


# ------------------------------------------------------------------ from top to bottom
def test_layers_stand_in_rows_from_top_to_bottom() -> None:
    network = Network.mlp([3, 5, 4, 2])
    places = position_array(network, arrange(network, downwards=True))
    rows = [places[members] for members in np.split(np.arange(14), [3, 8, 12])]
    downs = []
    for row in rows:
        assert np.ptp(row[:, 1]) == 0
        assert np.allclose(np.diff(row[:, 0]), PITCH_DOWN)  # in table order, from the left
        assert abs(row[:, 0].mean()) < 1e-9
        downs.append(row[0, 1])
    assert downs == sorted(downs)
    assert min(np.diff(downs)) >= NEURON_SIZE + 60


@given(networks(), st.data())
def test_downwards_nothing_overlaps_and_known_places_stay(network: Network, data) -> None:
    ids = network.topology.ids.tolist()
    place = st.tuples(st.integers(-400, 400), st.integers(-200, 200))
    known = data.draw(st.dictionaries(st.sampled_from(ids), place))
    places = arrange(network, known, downwards=True)
    for neuron_id, there in known.items():
        assert places[neuron_id] == there
    for one, other in combinations(places, 2):
        if one not in known or other not in known:
            assert not overlaps(places[one], places[other])


def test_blocks_read_line_by_line_in_both_directions() -> None:
    network = Network.mlp([4, 20, 3])
    for downwards in (False, True):
        places = arrange(network, downwards=downwards)
        block = [places[i] for i in range(4, 24)]
        assert block == sorted(block, key=lambda p: (p[1], p[0]))


def test_turning_and_turning_back_changes_nothing() -> None:
    network = Network.mlp([2, 3, 1])
    by_hand = {i: (x + 7.5, y - 3.25) for i, (x, y) in arrange(network).items()}
    document = Document(network, positions=by_hand, view={"probe": [1.0, 2.0]})
    down = turned(document, downwards=True)
    assert down.view == {"probe": [1.0, 2.0], "direction": "down"}
    for i, (x, y) in by_hand.items():
        assert down.positions[i] == (pytest.approx(y * PITCH_DOWN / PITCH), x)
    back = turned(down, downwards=False)
    assert back.view == document.view
    assert {i: pytest.approx(p) for i, p in back.positions.items()} == by_hand
    assert turned(document, downwards=False) is document
