"""Edits of many neurons: what is computed stays the same where that is promised."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from core.random_networks import Case, cases
from hypothesis import assume, given
from hypothesis import strategies as st

from nnplay.core import reference
from nnplay.core.connecting import choose_connections, insert_into_edge, pairs_of
from nnplay.core.dead_neurons import dead_neurons
from nnplay.core.errors import TrainingError
from nnplay.core.excerpt import excerpt_of, with_excerpt
from nnplay.core.folding import fold_linear, merge_levels, split_level
from nnplay.core.network import Network, NewNeuron, carry_values
from nnplay.core.number_edits import noisy, scaled, weak_edges
from nnplay.core.topology import Kind, Topology, TopologyError, carry_slots


def ones(sources: object, targets: object) -> float:
    return 1.0


def outputs(network: Network, x: np.ndarray) -> np.ndarray:
    rows = [network.topology.row(i) for i in network.topology.output_ids]
    with np.errstate(all="ignore"):
        return reference.evaluate(network, x).a[rows]


def assert_same_function(before: Network, after: Network, x: np.ndarray) -> None:
    one, other = outputs(before, x), outputs(after, x)
    # A step jumps where rounding may fall on either side.
    assume(not {"step", "square"} & set(before.activations))
    np.testing.assert_allclose(other, one, rtol=1e-7, atol=1e-9)


def assert_sound(topology: Topology) -> None:
    """What was derived is what the careful way finds."""
    again = Topology(topology.ids, topology.kinds, topology.edges)
    assert again == topology
    assert np.array_equal(again.levels, topology.levels)
    assert np.array_equal(again.edge_rows, topology.edge_rows)
    assert topology.edge_rows.dtype == np.int64
    for derived, checked in zip(topology.sorted_edge_keys, again.sorted_edge_keys, strict=True):
        assert np.array_equal(derived, checked)
    assert not any(a.flags.writeable for a in (topology.ids, topology.kinds, topology.edges))
    assert not topology.levels.flags.writeable


# ---------------------------------------------------------------------- the quick way
@given(cases(), st.data())
def test_edits_one_after_the_other_give_what_a_fresh_check_gives(
    case: Case, data: st.DataObject
) -> None:
    network = case.network
    for _ in range(data.draw(st.integers(1, 5))):
        before, topology = network, network.topology
        ids = topology.ids.tolist()
        gone = data.draw(st.lists(st.sampled_from(ids), max_size=3)) if ids else []
        random = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
        keep = random.random(topology.edge_count) < data.draw(st.sampled_from([0.5, 0.9, 1.0]))
        new = [
            NewNeuron(
                max(ids, default=0) + 5 + 2 * i, Kind(int(random.integers(3))), "sin", f"n{i}"
            )
            for i in range(int(random.integers(3)))
        ]
        names = [i for i in ids if i not in gone] + [n.id for n in new]
        pairs = random.choice(names, (int(random.integers(4)), 2)) if names else ()
        weights = random.normal(size=len(pairs))
        try:
            network = network.edited(
                gone=gone,
                keep_edges=keep if data.draw(st.booleans()) else None,
                neurons=new,
                edges=pairs,
                weights=weights,
            )
        except TopologyError:
            continue
        after = network.topology
        assert_sound(after)
        # Whatever survives keeps its number, as the search by ids finds it.
        old, kept = carry_slots(topology, after)
        # A connection that goes and comes back in one edit is a new one.
        stayed = (kept < after.edge_count - len(pairs)) | (kept >= after.edge_count)
        old, kept = old[stayed], kept[stayed]
        assert np.array_equal(network.theta[kept], before.theta[old])
        assert np.array_equal(network.frozen[kept], before.frozen[old])
        assert np.array_equal(network.enabled[kept], before.enabled[old])
        memory = random.normal(size=topology.parameter_count)
        carried = carry_values(memory, topology, after, np.nan)
        assert np.array_equal(carried[kept], memory[old])
        assert np.isnan(carried).sum() == after.parameter_count - kept.size
        for i in after.ids.tolist():
            if i in topology:
                assert replace(network.neuron(i), level=0) == replace(before.neuron(i), level=0)


@pytest.mark.parametrize(
    ("pairs", "sentence"),
    [
        ([(0, 3), (0, 3)], "already connected"),
        ([(0, 2)], "“x1” and “h1” are already connected"),
        ([(3, 3)], "cannot be connected to itself"),
        ([(4, 2)], "circle"),
        ([(2, 3), (3, 2)], "circle"),
        ([(2, 0)], "is an input"),
        ([(2, 99)], "does not exist"),
    ],
)
def test_what_cannot_be_is_refused_as_before(pairs: list[tuple[int, int]], sentence: str) -> None:
    network = Network.mlp([2, 2, 1]).disconnect([(0, 3)])
    with pytest.raises(TopologyError, match=sentence):
        network.connect_many(pairs, 1.0)


def test_ids_in_use_are_refused() -> None:
    network = Network.mlp([1, 1, 1])
    for new_id in (1, -1, 2**31):
        with pytest.raises(TopologyError):
            network.edited(neurons=[NewNeuron(new_id, Kind.HIDDEN, "tanh", "a")])


def test_a_long_path_is_followed_when_its_beginning_goes() -> None:
    ids = np.arange(300)
    kinds = np.r_[Kind.INPUT, np.full(298, Kind.HIDDEN), Kind.OUTPUT]
    network = Network.build(Topology(ids, kinds, np.stack([ids[:-1], ids[1:]], axis=1)))
    cut = network.disconnect([(150, 151)])
    assert_sound(cut.topology)
    assert cut.topology.levels[-1] == 149
    assert_sound(cut.connect(150, 151).topology)
    assert cut.connect(150, 151).topology.levels[-1] == 299


# ---------------------------------------------------------------------- connecting
@given(cases(), st.sampled_from(["all", "one_to_one", "random"]), st.data())
def test_all_connections_are_taken_that_can_be(
    case: Case, pattern: str, data: st.DataObject
) -> None:
    topology = case.network.topology
    some = st.lists(st.sampled_from(topology.ids.tolist()), min_size=1, unique=True)
    pairs = pairs_of(data.draw(some), data.draw(some), pattern, 0.5, 7)  # type: ignore[arg-type]
    choice = choose_connections(topology, pairs)
    assert len(choice.pairs) + choice.present + choice.circular + choice.into_inputs == len(pairs)
    after = Topology(topology.ids, topology.kinds, np.concatenate([topology.edges, choice.pairs]))
    taken = set(map(tuple, choice.pairs.tolist()))
    for source, target in pairs.tolist():
        if (source, target) not in taken:
            with pytest.raises(TopologyError):  # one more would be wrong
                Topology(after.ids, after.kinds, np.append(after.edges, [[source, target]], axis=0))


def test_a_long_circle_is_seen_whatever_comes_first() -> None:
    topology = Network.mlp([1, 3, 1]).topology
    choice = choose_connections(topology, [(2, 3), (1, 2), (3, 1)])
    assert choice.pairs.tolist() == [[2, 3], [1, 2]]
    assert choice.circular == 1


def test_patterns_of_pairs() -> None:
    assert pairs_of([1, 2], [3, 4], "all").tolist() == [[1, 3], [2, 3], [1, 4], [2, 4]]
    assert pairs_of([1, 2, 5], [3, 4], "one_to_one").tolist() == [[1, 3], [2, 4]]
    many = pairs_of(range(100), range(100, 200), "random", 0.3, 5)
    assert 2700 < len(many) < 3300
    assert np.array_equal(many, pairs_of(range(100), range(100, 200), "random", 0.3, 5))
    for density in (0.0, -1.0, 1.5, np.nan):
        with pytest.raises(TopologyError, match="density"):
            pairs_of([1], [2], "random", density)
    with pytest.raises(TopologyError, match="fewer"):
        pairs_of(range(2000), range(2000), "all")


@given(cases(), st.data())
def test_a_neuron_in_a_connection_changes_nothing(case: Case, data: st.DataObject) -> None:
    network = case.network
    assume(network.topology.edge_count > 0)
    slot = data.draw(st.integers(0, network.topology.edge_count - 1))
    source, target = network.topology.edges[slot].tolist()
    after, new = insert_into_edge(network, source, target)
    assert_same_function(network, after, case.x)
    assert after.activation_of(new) == "linear"
    assert after.edge(source, new) == replace(
        network.edge(source, target), target=new, slot=after.edge_slot(source, new)
    )
    assert not after.topology.has_edge(source, target)


# ---------------------------------------------------------------------- splitting and merging
@given(cases())
def test_a_split_layer_computes_the_same_and_merges_back(case: Case) -> None:
    network = case.network
    for level in network.hidden_levels:
        after, new = split_level(network, level)
        assert_same_function(network, after, case.x)
        assert len(new) == len(network.level_ids(level))
        back = fold_linear(after, new)
        assert_same_function(network, back, case.x)
        assert set(back.topology.ids.tolist()) == set(network.topology.ids.tolist())


@given(cases(), st.sampled_from(["front", "back"]))
def test_a_linear_layer_folds_exactly(case: Case, which: str) -> None:
    network = case.network
    for level, later in zip(network.hidden_levels, network.hidden_levels[1:], strict=False):
        chosen = network.level_ids(level if which == "front" else later)
        linear = network.set_activation(chosen, "linear")
        merged = merge_levels(linear, level, ones)
        assert merged.is_exact
        assert_same_function(linear, merged.network, case.x)
        assert merged.network.topology.neuron_count < network.topology.neuron_count


def test_folding_by_hand() -> None:
    # y = 2·h + 5·x + 1, h = 3·x + 4  →  y = 11·x + 9
    network = Network.mlp([1, 1, 1], activation="linear", output_activation="linear")
    network = network.connect(0, 2).with_parameters({0: 3.0, 1: 2.0, 2: 5.0, 3: 4.0, 4: 1.0})
    folded = fold_linear(network, [1])
    assert folded.topology.ids.tolist() == [0, 2]
    assert folded.edge(0, 2).weight == 11.0
    assert folded.neuron(2).bias == 9.0
    off = fold_linear(network.set_enabled([network.edge_slot(0, 2)], False), [1])
    assert off.edge(0, 2) == replace(folded.edge(0, 2), weight=6.0)
    silent = fold_linear(network.set_neurons_enabled([1], False), [1])
    assert (silent.edge(0, 2).weight, silent.neuron(2).bias) == (5.0, 1.0)


def test_layers_that_are_not_linear_stand_side_by_side() -> None:
    network = Network.mlp([2, 3, 2, 1], activation="tanh")
    merged = merge_levels(network, 1, ones)
    assert not merged.is_exact
    assert merged.drawn == 2 * 2 + 3 * 1
    assert merged.network.hidden_levels == (1,)
    assert merged.network.topology.edge_count == 5 * 2 + 5 * 1
    with pytest.raises(TopologyError, match="no hidden layer behind"):
        merge_levels(merged.network, 1, ones)


def test_folding_refuses_what_it_cannot_do() -> None:
    network = Network.mlp([1, 1, 1], activation="linear").with_parameters({0: 1e200, 1: 1e200})
    with pytest.raises(TopologyError, match="too large"):
        fold_linear(network, [1])
    with pytest.raises(TopologyError, match="Only hidden"):
        fold_linear(network.set_activation([1], "tanh"), [1])


# ---------------------------------------------------------------------- excerpts
@given(cases())
def test_a_whole_network_pasted_into_nothing_is_the_same(case: Case) -> None:
    network = case.network
    empty = Network.build(Topology((), ()))
    every = excerpt_of(network, network.topology.ids.tolist())
    assert not len(every.outer.ends)
    after, new = with_excerpt(empty, every, reconnect=False)
    assert new == tuple(range(len(network.topology.ids)))
    assert_sound(after.topology)
    assert after.labels == network.labels
    one, other = outputs(network, case.x), outputs(after, case.x)
    assert np.array_equal(one, other, equal_nan=True)
    assert np.array_equal(after.theta, network.theta)
    assert np.array_equal(after.frozen, network.frozen)
    assert np.array_equal(after.enabled, network.enabled)


@given(cases(), st.data())
def test_copies_that_hear_the_same_say_the_same(case: Case, data: st.DataObject) -> None:
    network = case.network
    hidden = network.topology.hidden_ids
    assume(hidden)
    chosen = data.draw(st.lists(st.sampled_from(hidden), min_size=1, unique=True))
    excerpt = excerpt_of(network, chosen)
    listening = np.isin(excerpt.outer.ends[:, 1], chosen)
    after, new = with_excerpt(
        network, replace(excerpt, outer=excerpt.outer.only(listening)), reconnect=True
    )
    assert_sound(after.topology)
    with np.errstate(all="ignore"):
        values = reference.evaluate(after, case.x).a
    for old, copy in zip((n.id for n in excerpt.neurons), new, strict=True):
        one, other = (values[after.topology.row(i)] for i in (old, copy))
        np.testing.assert_allclose(one, other, rtol=1e-7, atol=1e-9)
        assert after.label_of(copy) != network.label_of(old)
        assert replace(after.neuron(copy), id=old, label="", level=0) == replace(
            network.neuron(old), label="", level=0
        )
    assert np.array_equal(outputs(after, case.x), outputs(network, case.x), equal_nan=True)


def test_a_copy_is_joined_to_the_same_neurons_only() -> None:
    network = Network.mlp([2, 2, 1])
    excerpt = excerpt_of(network, [2])
    after, (new,) = with_excerpt(network, excerpt, reconnect=True)
    assert {s for s, _ in after.topology.incoming(new)} == {0, 1}
    assert {t for t, _ in after.topology.outgoing(new)} == {4}
    renamed = network.set_label(0, "another")
    after, (new,) = with_excerpt(renamed, excerpt, reconnect=True)
    assert {s for s, _ in after.topology.incoming(new)} == {1}
    after, (new,) = with_excerpt(network, excerpt, reconnect=False)
    assert not after.topology.incoming(new)


# ---------------------------------------------------------------------- dead neurons
@given(cases(samples=9))
def test_dead_neurons_are_those_the_reference_finds(case: Case) -> None:
    network = case.network
    with np.errstate(all="ignore"):
        values = reference.evaluate(network, case.x).a
    assume(np.isfinite(values).all())
    found = set(dead_neurons(network, case.x))
    for row, i in enumerate(network.topology.ids.tolist()):
        spread = float(np.ptp(values[row]))
        if (
            network.topology.kinds[row] == Kind.INPUT
            or not network.neuron_enabled[row]
            or spread > 1e-9 * (1 + np.abs(values[row]).max())
        ):
            assert i not in found
        elif spread == 0.0 and network.activations[row] != "softmax":
            silent = ~network.enabled[network.topology.incoming_slots[row]]
            if silent.all() or (network.activations[row] == "relu" and not values[row].any()):
                assert i in found


def test_a_relu_below_zero_is_dead_and_a_tanh_is_not() -> None:
    network = Network.mlp([1, 3, 1], activation="relu").set_activation([2, 4], "tanh")
    network = network.with_parameters({0: 1.0, 1: 1.0, 2: -1.0, 3: 1.0, 4: 1.0, 5: 1.0})
    network = network.set_bias(1, -10.0)
    x = np.linspace(-1, 1, 5000)[:, None]
    assert dead_neurons(network, x) == (1,)
    assert dead_neurons(network.set_enabled([1], False), x) == (1, 2)
    assert dead_neurons(network.set_neurons_enabled([1], False), x) == ()
    assert dead_neurons(network, np.empty((0, 1))) == ()


# ---------------------------------------------------------------------- numbers
def test_numbers_scale_shake_and_fall() -> None:
    values = np.array([1.0, -2.0, 0.0])
    assert scaled(values, -0.5).tolist() == [-0.5, 1.0, 0.0]
    many = np.zeros(10_000)
    assert np.array_equal(noisy(many, 0.5, 3), noisy(many, 0.5, 3))
    assert abs(noisy(many, 0.5, 3).std() - 0.5) < 0.02
    refused: tuple[Callable[[], object], ...] = (
        lambda: scaled(np.array([1e300]), 1e300),
        lambda: noisy(many, -1.0, 0),
        lambda: noisy(many, np.nan, 0),
        lambda: weak_edges(Network.mlp([1, 1]), [0], np.nan),
    )
    for call in refused:
        with pytest.raises(TrainingError):
            call()
    network = Network.mlp([2, 2, 1]).with_theta([0.1, -0.5, 0.5, -0.01, 2, 0, 0, 0, 0])
    assert weak_edges(network, range(9), 0.5).tolist() == [0, 3, 5]
    assert weak_edges(network, [4, 3, 3, 8], 0.5).tolist() == [3]
