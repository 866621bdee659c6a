"""Selecting by a question about the network."""

from collections.abc import Callable

import pytest
from session.session_driver import Driver

from nnplay.core.network import Network
from nnplay.core.topology import Topology
from nnplay.document import Document
from nnplay.session.selecting import SELECTIONS

MakeDriver = Callable[..., Driver]


def test_every_query_has_words() -> None:
    names = ("layer", "inputs", "outputs", "upstream", "downstream", "same_activation", "dead")
    assert set(SELECTIONS) == {*names, "invert", "none", "all"}
    for query in SELECTIONS.values():
        assert query.title
        assert query.tip.endswith(".")


# 2-4-2-1: inputs 0, 1; then 2 to 5; then 6, 7; output 8.
@pytest.mark.parametrize(
    ("name", "start", "wanted"),
    [
        ("layer", {2}, {2, 3, 4, 5}),
        ("layer", {0, 6}, {0, 1, 6, 7}),
        ("layer", {8}, {8}),
        ("inputs", {6}, {2, 3, 4, 5}),
        ("inputs", {6, 2}, {0, 1, 2, 3, 4, 5}),
        ("outputs", {2}, {6, 7}),
        ("upstream", {6}, {0, 1, 2, 3, 4, 5}),
        ("downstream", {2, 3}, {6, 7, 8}),
        ("same_activation", {2}, {2, 3, 4, 5, 6, 7, 8}),
        ("invert", {0, 1, 2}, {3, 4, 5, 6, 7, 8}),
        ("invert", set(range(9)), set()),
        ("all", set(), set(range(9))),
        ("none", {3}, set()),
    ],
)
def test_what_is_selected(driver: Driver, name: str, start: set[int], wanted: set[int]) -> None:
    session = driver.session
    session.select(start)
    assert session.select_query(name)
    assert session.selection.neurons == wanted
    assert not session.selection.edges
    assert not driver.steps
    assert not driver.notices


def test_it_starts_from_the_ends_of_connections(driver: Driver) -> None:
    session = driver.session
    session.select((), [(0, 2)])
    assert session.select_query("downstream")
    assert session.selection.neurons == {2, 3, 4, 5, 6, 7, 8}
    session.select((), [(0, 2)])
    assert session.select_query("invert")
    assert len(session.selection.edges) == session.network.topology.edge_count - 1
    assert not session.selection.neurons


def test_same_activation_leaves_inputs_alone(make_driver: MakeDriver) -> None:
    network = Network.mlp([2, 2, 2], activation="relu", output_activation="linear")
    session = make_driver(Document(network)).session
    session.select([4])
    assert session.select_query("same_activation")
    assert session.selection.neurons == {4, 5}  # inputs have none, though they count as linear
    session.select([0])
    assert not session.select_query("same_activation")


def test_outputs_are_one_layer_wherever_they_stand(make_driver: MakeDriver) -> None:
    network = Network.build(Topology([0, 1, 2, 3], [0, 1, 2, 2], [(0, 1), (1, 2), (0, 3)]))
    session = make_driver(Document(network)).session
    session.select([2])
    assert session.select_query("layer")
    assert session.selection.neurons == {2, 3}
    session.select([1])
    assert session.select_query("layer")
    assert session.selection.neurons == {1}


def test_dead_neurons_are_found_in_the_data(driver: Driver) -> None:
    session = driver.session
    assert not session.select_query("dead")
    session.set_activation([2, 3], "relu")
    session.set_biases([2], -50.0)
    assert session.select_query("dead")
    assert session.selection.neurons == {2}
    session.add_neuron(0, 0, 0)  # an input without a feature: the data do not fit any more
    if session.data_problem:
        assert not session.select_query("dead")


def test_what_cannot_be_selected_is_said(driver: Driver) -> None:
    session = driver.session
    for name in ("layer", "inputs", "upstream", "same_activation", "nonsense"):
        assert not session.select_query(name)
    session.select([0])
    assert not session.select_query("inputs")
    session.select([8])
    assert not session.select_query("downstream")
    assert session.selection.neurons == {8}
    assert len(driver.texts) == 7
    assert all(text.endswith(".") for text in driver.texts)
