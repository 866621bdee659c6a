"""What happens to a network when its data change: survivors keep their weights."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnplay.core.network import Network
from nnplay.core.topology import Kind
from nnplay.data.binding import free_key, rebind
from nnplay.data.catalogue import CATALOGUE
from nnplay.data.preparation import prepare
from nnplay.data.recipe import DataRecipe

SEVEN = ("x1", "x2", "x1^2", "x2^2", "x1*x2", "sin(x1)", "sin(x2)")


def data(source: str = "circle", features: tuple[str, ...] | None = None):
    preparation = CATALOGUE[source].default_preparation
    if features is not None:
        preparation = preparation.with_features(features)
    return prepare(DataRecipe(source), preparation, 0)


def network_of(inputs=("x1", "x2"), hidden=(4, 2), outputs=("+1",)) -> Network:
    network = Network.mlp(
        [len(inputs), *hidden, len(outputs)], input_bindings=inputs, output_bindings=outputs
    )
    size = network.topology.parameter_count
    return network.with_theta(np.linspace(1.0, 2.0, size))


def no_weight(source: int, target: int) -> float:
    raise AssertionError(f"nothing new was to be connected: {source} → {target}")


def weights(network: Network) -> dict[tuple[int, int], float]:
    return {(e.source, e.target): e.weight for e in network.edges}


def keys(network: Network, kind: Kind) -> tuple[str | None, ...]:
    return tuple(network.bindings[network.topology.row(i)] for i in network.topology.ids_of(kind))


def test_nothing_to_change_gives_the_very_same_network():
    network = network_of()
    for source in ("circle", "xor", "gauss", "spiral", "moons"):
        assert rebind(network, data(), data(source), no_weight) is network


def test_a_new_feature_is_connected_to_the_whole_first_level_and_the_rest_stays():
    network = network_of()
    after = data(features=("x1", "x1^2", "x2"))
    changed = rebind(network, data(), after, lambda s, t: 100.0 * s + t)
    assert keys(changed, Kind.INPUT) == ("x1", "x1^2", "x2")
    new_id = changed.topology.input_ids[1]
    assert new_id not in network.topology
    old, new = weights(network), weights(changed)
    assert {pair: new[pair] for pair in old} == old
    added = {pair: w for pair, w in new.items() if pair not in old}
    assert added == {(new_id, t): 100.0 * new_id + t for t in network.level_ids(1)}
    for neuron in network.neurons:
        if neuron.kind != Kind.INPUT:
            assert changed.neuron(neuron.id).bias == neuron.bias
            assert changed.neuron(neuron.id).label == neuron.label
    assert changed.label_of(new_id) == "x1^2"
    after.samples(changed)


def test_a_removed_feature_takes_only_its_own_connections():
    network = network_of()
    changed = rebind(network, data(), data(features=("x2",)), no_weight)
    assert keys(changed, Kind.INPUT) == ("x2",)
    kept = {pair: w for pair, w in weights(network).items() if pair[0] != 0}
    assert weights(changed) == kept


def test_an_input_deleted_by_hand_does_not_come_back_with_the_next_noise_setting():
    network = network_of().remove_neurons([0])
    assert rebind(network, data(), data("xor"), no_weight) is network


def test_frozen_and_disabled_flags_survive():
    network = network_of().set_frozen([1, 9], True).set_enabled([3], False)
    changed = rebind(network, data(), data(features=("x1", "x2", "x1*x2")), lambda s, t: 0.0)
    for edge in network.edges:
        same = changed.edge(edge.source, edge.target)
        assert (same.frozen, same.enabled) == (edge.frozen, edge.enabled)


def test_without_hidden_neurons_new_inputs_feed_the_outputs():
    network = network_of(hidden=())
    changed = rebind(network, data(), data(features=("x1", "x2", "x1^2")), lambda s, t: 7.0)
    output = changed.topology.output_ids[0]
    assert sorted(w for (_, t), w in weights(changed).items() if t == output)[-1] == 7.0
    assert changed.topology.edge_count == 3


def test_one_output_becomes_three_and_one_again():
    network = network_of()
    three = rebind(network, data(), data("blobs"), lambda s, t: 0.5)
    assert keys(three, Kind.OUTPUT) == ("A", "B", "C")
    old_output = network.topology.output_ids[0]
    assert three.topology.output_ids[0] == old_output
    assert three.neuron(old_output).bias == network.neuron(old_output).bias
    for output in three.topology.output_ids[1:]:
        assert {s for s, _ in three.topology.incoming(output)} == set(network.level_ids(2))
        assert three.activation_of(output) == "tanh"
    data("blobs").samples(three)
    one = rebind(three, data("blobs"), data(), no_weight)
    assert keys(one, Kind.OUTPUT) == ("+1",)
    assert weights(one) == weights(network)
    assert one.label_of(old_output) == "y"


def test_two_outputs_stay_two_for_two_classes():
    network = network_of(outputs=("−1", "+1"))
    changed = rebind(network, data(), data("xor-table"), no_weight)
    assert keys(changed, Kind.OUTPUT) == ("0", "1")
    assert weights(changed) == weights(network)
    data("xor-table").samples(changed)


def test_classes_keep_their_outputs_when_the_order_differs():
    network = network_of(outputs=("C", "A", "B"))
    changed = rebind(network, None, data("blobs"), no_weight)
    by_key = dict(zip(keys(changed, Kind.OUTPUT), changed.topology.output_ids, strict=True))
    before = dict(zip(keys(network, Kind.OUTPUT), network.topology.output_ids, strict=True))
    assert by_key == before
    assert weights(changed) == weights(network)


def test_labels_people_gave_stay():
    network = network_of().set_label(0, "left").set_label(8, "answer")
    changed = rebind(network, data(), data(features=("x1", "x2", "x1^2")), lambda s, t: 0.0)
    assert changed.label_of(0) == "left"
    assert changed.label_of(8) == "answer"


def test_inputs_without_a_binding_take_the_free_features_names_first():
    network = Network.mlp([3, 2, 1])  # labelled x1, x2, x3
    changed = rebind(network, None, data(features=("x2", "x1", "x1^2")), no_weight)
    bound = {i: changed.bindings[changed.topology.row(i)] for i in (0, 1, 2)}
    assert bound == {0: "x1", 1: "x2", 2: "x1^2"}
    assert keys(changed, Kind.OUTPUT) == ("+1",)
    data(features=("x2", "x1", "x1^2")).samples(changed)


def test_a_network_that_lost_all_inputs_and_outputs_gets_them_again():
    network = network_of()
    bare = network.remove_neurons([*network.topology.input_ids, *network.topology.output_ids])
    after = data("iris")
    changed = rebind(bare, None, after, lambda s, t: 1.0)
    assert keys(changed, Kind.INPUT) == after.input_keys
    assert keys(changed, Kind.OUTPUT) == after.output_keys
    for output in changed.topology.output_ids:
        assert changed.topology.incoming(output)
    after.samples(changed)


def test_an_empty_canvas_becomes_a_network():
    nothing = network_of().remove_neurons(range(9))
    after = data("blobs")
    changed = rebind(nothing, None, after, lambda s, t: 1.0)
    assert changed.topology.edge_count == 6
    after.samples(changed)


@given(
    st.lists(st.sampled_from(SEVEN), min_size=1, unique=True),
    st.lists(st.sampled_from(SEVEN), min_size=1, unique=True),
    st.sampled_from(["circle", "blobs", "reg-plane", "and-table"]),
    st.lists(st.integers(1, 3), max_size=2),
)
def test_survivors_always_keep_everything(before, after, source, hidden):
    first, second = data("circle", tuple(before)), data(source, tuple(after))
    network = network_of(tuple(before), hidden)
    changed = rebind(network, first, second, lambda s, t: -9.0)
    assert keys(changed, Kind.INPUT) == tuple(after)
    kept_inputs = {
        i for i in network.topology.input_ids if network.bindings[network.topology.row(i)] in after
    }
    for (s, t), weight in weights(network).items():
        if s in kept_inputs or network.topology.kind_of(s) != Kind.INPUT:
            assert weights(changed)[s, t] == weight
    new = {pair: w for pair, w in weights(changed).items() if pair not in weights(network)}
    assert set(new.values()) <= {-9.0}
    second.samples(changed)
    # And it has settled: doing it again changes nothing.
    assert rebind(changed, second, second, no_weight) is changed


@pytest.mark.parametrize("source", CATALOGUE)
def test_every_set_can_follow_every_other(source: str):
    network, before = network_of(), data()
    for other in CATALOGUE:
        after = data(other)
        network = rebind(network, before, after, lambda s, t: 0.1)
        after.samples(network)
        back = data(source)
        back.samples(rebind(network, after, back, lambda s, t: 0.1))
        before = after


def test_the_next_free_feature_and_class():
    prepared = data(features=("x1", "x2", "x1^2"))
    network = network_of()
    assert free_key(network, prepared, Kind.INPUT) == "x1^2"
    assert free_key(network, prepared, Kind.OUTPUT) is None
    assert free_key(network.remove_neurons([8]), prepared, Kind.OUTPUT) == "+1"
    assert free_key(network, data("blobs"), Kind.OUTPUT) == "A"
