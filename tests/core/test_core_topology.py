"""Wiring: what exists, what is refused and in which words, levels, looking things up."""

import itertools
from typing import Any

import numpy as np
import pytest
from core.random_networks import Case, cases
from hypothesis import given
from hypothesis import strategies as st

from nnplay.core.network import Network
from nnplay.core.topology import (
    FLAT_ROUNDS,
    Kind,
    Topology,
    TopologyError,
    carry_slots,
    longest_paths,
    next_free_id,
)

I, H, O = Kind.INPUT, Kind.HIDDEN, Kind.OUTPUT  # noqa: E741


@pytest.mark.parametrize(
    ("ids", "kinds", "edges", "sentence"),
    [
        ([1, 1], [I, O], [], "The neuron id 1 is used more than once."),
        ([1, 2], [I], [], "There are 2 neuron ids but 1 neuron kinds."),
        ([-1], [I], [], "Neuron ids must lie between 0 and 2147483647."),
        ([2**31], [I], [], "Neuron ids must lie between 0 and 2147483647."),
        ([1], [3], [], "A neuron must be an input, a hidden neuron or an output."),
        ([1], [-1], [], "A neuron must be an input, a hidden neuron or an output."),
        (
            [1, 2],
            [I, O],
            [(1, 2), (1, 9)],
            "The connection 1 → 9 refers to neuron 9, which does not exist.",
        ),
        (
            [1, 2],
            [I, O],
            [(7, 2)],
            "The connection 7 → 2 refers to neuron 7, which does not exist.",
        ),
        ([1, 2], [I, O], [(1, 2), (2, 2)], "Neuron 2 cannot be connected to itself."),
        (
            [1, 2],
            [I, O],
            [(2, 1)],
            "Neuron 1 is an input: it takes its value from the data, so neuron 2 cannot feed it.",
        ),
        ([1, 2], [I, O], [(1, 2), (1, 2)], "Neuron 1 and neuron 2 are already connected."),
        (
            [1, 2, 3, 4],
            [I, H, H, O],
            [(1, 2), (2, 3), (3, 2), (3, 4)],
            "That would close a circle (neuron 2 → neuron 3 → neuron 2); signals in a feed-forward "
            "network may only run forward.",
        ),
    ],
)
def test_wiring_that_cannot_exist_is_refused(
    ids: list[int], kinds: list[int], edges: list[tuple[int, int]], sentence: str
) -> None:
    with pytest.raises(TopologyError) as caught:
        Topology(ids, kinds, edges)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("source", "target", "sentence"),
    [
        ("h1", "h1", "“h1” cannot be connected to itself."),
        ("x1", "x1", "“x1” cannot be connected to itself."),
        ("x1", "h2", "“x1” and “h2” are already connected."),
        (
            "h1",
            "x2",
            "“x2” is an input: it takes its value from the data, so “h1” cannot feed it.",
        ),
        (
            "x1",
            "x2",
            "“x2” is an input: it takes its value from the data, so “x1” cannot feed it.",
        ),
    ],
)
def test_refusals_of_a_network_use_the_names_people_gave(
    source: str, target: str, sentence: str
) -> None:
    network = Network.mlp([2, 2, 2, 1])
    row = {label: i for i, label in enumerate(network.labels)}
    with pytest.raises(TopologyError) as caught:
        network.connect(row[source], row[target])
    assert str(caught.value) == sentence


def test_a_circle_is_named_along_its_way() -> None:
    network = Network.mlp([2, 1, 1, 1, 1]).set_label(3, "eye").set_label(4, "")
    with pytest.raises(TopologyError) as caught:
        network.connect(5, 2)
    names = str(caught.value).split("(")[1].split(")")[0].split(" → ")
    assert names[0] == names[-1]
    assert sorted(names[1:]) == sorted(["“h1”", "“eye”", "neuron 4", "“y”"])
    way = ["“h1”", "“eye”", "neuron 4", "“y”"]
    for before, after in itertools.pairwise(names):
        assert way[(way.index(before) + 1) % 4] == after


@pytest.mark.parametrize("length", [3, 12, 20, 500])
def test_long_circles_are_shortened(length: int) -> None:
    ids = list(range(length + 1))
    edges = [(i, i + 1) for i in range(length)] + [(length, 1)]
    with pytest.raises(TopologyError) as caught:
        Topology(ids, [I, *[H] * length], edges)
    names = str(caught.value).split("(")[1].split(")")[0].split(" → ")
    assert names[0] == names[-1]
    assert len(names) == min(length + 1, 12)
    assert ("…" in names) == (length + 1 > 12)


def longest_path(topology: Topology, neuron: int) -> int:
    """The definition of a level, by recursion."""
    if topology.kind_of(neuron) == Kind.INPUT:
        return 0
    return 1 + max((longest_path(topology, s) for s, _ in topology.incoming(neuron)), default=0)


@given(cases())
def test_levels_and_look_ups_are_what_the_edge_table_says(case: Case) -> None:
    topology = case.network.topology
    edges = topology.edges.tolist()
    for row, neuron in enumerate(topology.ids.tolist()):
        assert topology.row(neuron) == row
        assert topology.level_of(neuron) == longest_path(topology, neuron)
        assert topology.incoming(neuron) == [
            (s, i) for i, (s, t) in enumerate(edges) if t == neuron
        ]
        assert topology.outgoing(neuron) == [
            (t, i) for i, (s, t) in enumerate(edges) if s == neuron
        ]
    for slot, (source, target) in enumerate(edges):
        assert topology.edge_slot(source, target) == slot
        assert topology.has_edge(source, target)
        assert not topology.has_edge(target, source)
        assert topology.level_of(source) < topology.level_of(target)
    others = [i for i in topology.ids.tolist() if topology.kind_of(i) != Kind.INPUT]
    assert [topology.bias_slot(i) for i in others] == list(
        range(len(edges), topology.parameter_count)
    )
    counts = (topology.input_ids, topology.hidden_ids, topology.output_ids)
    assert sum(map(len, counts)) == topology.neuron_count
    for array in (topology.ids, topology.kinds, topology.edges, topology.levels):
        assert not array.flags.writeable


def test_unconnected_neurons_stand_on_level_one() -> None:
    assert Topology([5, 3, 9], [O, I, H]).levels.tolist() == [1, 0, 1]
    assert Topology([], []).levels.tolist() == []


@pytest.mark.parametrize("depth", [FLAT_ROUNDS - 1, FLAT_ROUNDS, FLAT_ROUNDS + 1, 3000])
def test_very_deep_networks_have_levels_too(depth: int) -> None:
    edges = np.array([(i, i + 1) for i in range(depth)] + [(0, depth)])
    levels = Topology(range(depth + 1), [I, *[H] * depth], edges[::-1]).levels
    assert levels.tolist() == list(range(depth + 1))


@given(cases())
def test_both_ways_to_find_levels_agree(case: Case) -> None:
    wiring = case.network.topology
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("nnplay.core.topology.FLAT_ROUNDS", 0)  # as for very deep networks
        deep = Topology(wiring.ids, wiring.kinds, wiring.edges)
    assert deep.levels.tolist() == wiring.levels.tolist()


@given(st.integers(0, 2**32 - 1), st.integers(1, 9))
def test_circles_are_found_wherever_they_are(seed: int, count: int) -> None:
    random = np.random.default_rng(seed)
    pairs = [(i, j) for i in range(count) for j in range(count) if i != j and random.random() < 0.3]
    edges = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    # A graph has a circle if and only if some power of its matrix has a diagonal entry.
    matrix = np.zeros((count, count), dtype=bool)
    matrix[edges[:, 0], edges[:, 1]] = True
    reach = matrix.copy()
    for _ in range(count):
        reach = reach | (reach[:, :, None] & matrix[None]).any(axis=1)
    found = longest_paths(np.ones(count, dtype=np.int64), edges)
    assert (found is None) == bool(reach.diagonal().any())


def test_what_does_not_exist_is_said_to_be_missing() -> None:
    topology = Topology([4, 7], [I, O], [(4, 7)])
    for ask, sentence in (
        (lambda: topology.row(5), "There is no neuron with the id 5."),
        (lambda: topology.edge_slot(7, 4), "There is no connection 7 → 4."),
        (lambda: topology.edge_slot(4, 99), "There is no connection 4 → 99."),
        (lambda: topology.bias_slot(4), "Neuron 4 is an input and has no bias."),
        (lambda: topology.bias_slot(99), "There is no neuron with the id 99."),
    ):
        with pytest.raises(TopologyError) as caught:
            ask()
        assert str(caught.value) == sentence
    assert 4 in topology
    assert 5 not in topology
    assert topology.edge_slots(np.array([0, 1]), np.array([1, 0])).tolist() == [0, -1]
    assert Topology([1], [I]).edge_slots(np.array([0]), np.array([0])).tolist() == [-1]


def test_equal_wiring_is_equal() -> None:
    one, same = (Topology([4, 7], [I, O], [(4, 7)]) for _ in range(2))
    assert one == same
    assert hash(one) == hash(same)
    for other in (
        Topology([4, 7], [I, O]),
        Topology([4, 7], [I, H], [(4, 7)]),
        Topology([4, 8], [I, O], [(4, 8)]),
    ):
        assert one != other
    assert one != "wiring"
    assert repr(one) == "Topology(1 inputs, 0 hidden, 1 outputs, 1 edges)"


def test_wiring_never_shares_memory_with_what_it_was_made_from() -> None:
    ids, kinds, edges = np.array([4, 7]), np.array([0, 2]), np.array([[4, 7]])
    topology = Topology(ids, kinds, edges)
    ids[0], kinds[0], edges[0, 0] = 9, 1, 9
    assert topology == Topology([4, 7], [I, O], [(4, 7)])


@pytest.mark.parametrize(
    ("sizes", "extra", "layered"),
    [([2, 3, 1], [], True), ([2, 3, 1], [(0, 5)], False), ([2, 1], [], True)],
)
def test_layered_means_from_level_to_level(
    sizes: list[int], extra: list[tuple[int, int]], layered: bool
) -> None:
    network = Network.mlp(sizes).connect_many(extra, [1.0] * len(extra))
    assert network.topology.is_layered is layered
    assert network.is_chain_of_layers is layered


def test_an_output_in_the_middle_is_no_chain_of_layers() -> None:
    topology = Topology([0, 1, 2, 3], [I, H, O, O], [(0, 1), (1, 2), (0, 3)])
    assert topology.is_layered
    assert not Network.build(topology).is_chain_of_layers
    assert not Network.build(Topology([0, 1], [I, H], [(0, 1)])).is_chain_of_layers


@given(cases(), st.integers(0, 2**32 - 1))
def test_slots_are_carried_by_neuron_ids(case: Case, seed: int) -> None:
    before = case.network.topology
    random = np.random.default_rng(seed)
    kept = before.ids[random.random(before.neuron_count) < 0.7]
    kept = np.append(random.permutation(kept), 999)
    kinds = [before.kind_of(i) if i in before else O for i in kept.tolist()]
    edges: list[Any] = [e for e in before.edges.tolist() if np.isin(e, kept).all()]
    edges = [edges[i] for i in random.permutation(len(edges))][: len(edges) * 3 // 4]
    edges += [(i, 999) for i in kept[:-1].tolist()][:2]
    after = Topology(kept, kinds, edges)

    def names(topology: Topology) -> list[Any]:
        return [
            *map(tuple, topology.edges.tolist()),
            *(i for i in topology.ids.tolist() if topology.kind_of(i) != Kind.INPUT),
        ]

    old, new = carry_slots(before, after)
    first, second = names(before), names(after)
    pairs = {(first[i], second[j]) for i, j in zip(old.tolist(), new.tolist(), strict=True)}
    assert pairs == {(name, name) for name in set(first) & set(second)}


def test_an_input_that_becomes_hidden_brings_no_bias() -> None:
    before = Topology([0, 1], [I, O], [(0, 1)])
    after = Topology([0, 1], [H, O], [(0, 1)])
    old, new = carry_slots(before, after)
    assert sorted(zip(old.tolist(), new.tolist(), strict=True)) == [(0, 0), (1, 2)]


def test_new_ids_are_never_reused_ones() -> None:
    assert next_free_id([]) == 0
    assert next_free_id(np.array([3, 9, 1])) == 10


@pytest.mark.parametrize("scale", [1, 3, 1_000_003])
def test_rows_are_found_for_dense_and_sparse_ids(scale: int) -> None:
    ids = np.array([7, 0, 3, 9, 4]) * scale
    topology = Topology(ids, [0, 0, 1, 1, 2], [(7 * scale, 3 * scale), (3 * scale, 4 * scale)])
    wanted = ids[[4, 0, 0, 2, 3, 1]]
    assert topology.rows(wanted).tolist() == [4, 0, 0, 2, 3, 1]
    assert topology.rows([]).tolist() == []
    assert topology.edge_rows.tolist() == [[0, 2], [2, 4]]
    assert Topology([], []).rows([]).tolist() == []
