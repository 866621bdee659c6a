"""Verbs for many things at once: one step each, exact undo, refusals in words, also during a run."""

from collections.abc import Callable

import numpy as np
import pytest
from session.session_driver import Driver, same_document

from nnplay.core import reference
from nnplay.core.network import Network
from nnplay.core.topology import Kind
from nnplay.document import Document
from nnplay.setup import new_document

MakeDriver = Callable[..., Driver]
X = np.random.default_rng(4).normal(size=(20, 2))


def outputs(network: Network) -> np.ndarray:
    rows = [network.topology.row(i) for i in network.topology.output_ids]
    return reference.evaluate(network, X).a[rows]


def is_one_exact_step(driver: Driver, before: Document, text: str) -> None:
    assert driver.steps[-1] == text
    assert driver.session.undo_stack.index() == len(driver.steps)
    after, count = driver.session.document, len(driver.steps)
    driver.session.undo()
    assert same_document(driver.session.document, before)
    driver.session.redo()
    assert same_document(driver.session.document, after)
    assert len(driver.steps) == count


def trained(driver: Driver) -> None:
    """Some steps with Adam, so that there is memory and the initial weights are others."""
    driver.session.set_training(optimizer="adam")
    for _ in range(3):
        assert driver.session.step_batch()


def test_neurons_are_connected_to_neurons(driver: Driver) -> None:
    session = driver.session
    trained(driver)
    before = session.document
    assert session.connect_many((0, 1), (6, 7, 8)) == 6
    is_one_exact_step(driver, before, "Connect 2 neurons to 3 (6 connections)")
    after = session.network
    assert all(after.edge(s, t).weight != 0 for s in (0, 1) for t in (6, 7, 8))
    assert not driver.notices
    assert session.connect_many([2], [0, 1, 2, 6, 8], "all") == 1
    assert driver.texts == [
        "4 connections left out: 1 is there already, 1 would close a circle, 2 lead into inputs."
    ]
    assert driver.steps[-1] == "Connect a neuron to 5 (1 connection)"
    assert session.connect_many([2], [8]) == 0
    assert "nothing to connect" in driver.texts[-1]
    assert session.connect_many([], [8]) == 0
    assert session.connect_many([999], [8]) == 0
    assert session.connect_many([0], [8], "nonsense") == 0
    assert session.connect_many([0], [8], "random", 0.0) == 0
    assert len(driver.texts) == 6


def test_one_to_one_and_at_random(make_driver: MakeDriver) -> None:
    driver = make_driver(new_document("circle", hidden=(30, 30))[0])
    session = driver.session
    first, second = session.network.level_ids(1), session.network.level_ids(2)
    session.remove((), [(s, t) for s in first for t in second])
    bare = session.document
    assert session.connect_many(first, second, "one_to_one") == 30
    assert all(session.network.topology.has_edge(*p) for p in zip(first, second, strict=True))
    session.undo()
    count = session.connect_many(first, second, "random", 0.3, seed=8)
    assert 190 < count < 350
    chosen = session.network.topology.edges.tolist()
    session.undo()
    assert same_document(session.document, bare)
    assert session.connect_many(first, second, "random", 0.3, seed=8) == count
    assert session.network.topology.edges.tolist() == chosen


def test_a_neuron_is_added_with_its_connections(driver: Driver) -> None:
    session = driver.session
    before = session.document
    new = session.add_connected(0, 8, 12.0, 34.0, "sin")
    assert new is not None
    is_one_exact_step(driver, before, "Add a connected neuron")
    topology = session.network.topology
    assert (topology.has_edge(0, new), topology.has_edge(new, 8)) == (True, True)
    assert session.network.activation_of(new) == "sin"
    assert session.positions[new] == (12.0, 34.0)
    alone = session.add_connected(None, None, 0.0, 0.0)
    assert alone is not None
    assert not session.network.topology.incoming(alone)
    assert session.network.activation_of(alone) == "tanh"
    steps = len(driver.steps)
    assert session.add_connected(8, 999, 0, 0) is None
    assert session.add_connected(2, 0, 0, 0) is None
    assert session.add_connected(2, None, 0, 0, "nonsense") is None
    assert len(driver.texts) == 3
    assert len(driver.steps) == steps


def test_function_and_memory_survive_what_promises_it(driver: Driver) -> None:
    session = driver.session
    trained(driver)
    start, memory = outputs(session.network), session.document.state.optimizer_arrays
    old, first = session.network, session.document
    before = session.document
    new = session.insert_into_edge(0, 2, 5.0, 6.0)
    assert new is not None
    is_one_exact_step(driver, before, "Insert a neuron into a connection")
    assert session.positions[new] == (5.0, 6.0)
    before = session.document
    layer = session.split_level(2)
    assert len(layer) == len(before.network.level_ids(2)) > 0
    is_one_exact_step(driver, before, "Split a layer")
    np.testing.assert_allclose(outputs(session.network), start, rtol=1e-12)
    # A connection that survived keeps what the optimiser knows about it.
    state = session.document.state
    slot, was = session.network.edge_slot(1, 2), old.edge_slot(1, 2)
    for name, values in memory.items():
        if values.size == old.topology.parameter_count:
            assert state.optimizer_arrays[name][slot] == values[was] != 0
    assert session.document.initial[slot] == first.initial[was] != first.network.theta[was]


def test_layers_merge_and_say_how(driver: Driver) -> None:
    session = driver.session
    start = outputs(session.network)
    assert session.split_level(1)
    before = session.document
    assert session.merge_levels(1)
    is_one_exact_step(driver, before, "Merge two layers")
    assert "the same as before" in driver.texts[-1]
    np.testing.assert_allclose(outputs(session.network), start, rtol=1e-12)
    assert session.merge_levels(1)
    assert "something else now" in driver.texts[-1]
    assert session.network.hidden_levels == (1,)
    assert not session.merge_levels(1)
    assert not session.split_level(7)
    assert not session.merge_levels(0)
    assert "no hidden layer" in driver.texts[-1]


def test_biases_are_set_together(driver: Driver) -> None:
    session = driver.session
    before, gesture = session.document, session.begin_gesture()
    for value in (0.5, 0.75):
        assert session.set_biases([0, 2, 3], value, gesture)
    is_one_exact_step(driver, before, "Set 2 biases")
    assert [session.network.neuron(i).bias for i in (2, 3, 4)] == [0.75, 0.75, 0.1]
    assert not session.set_biases([0, 1], 1.0)
    assert not session.set_biases([2], float("nan"))
    assert len(driver.texts) == 2


@pytest.mark.parametrize("hidden", [(4, 2), (90, 70)])
def test_a_dragged_factor_is_about_the_beginning(
    make_driver: MakeDriver, hidden: tuple[int, ...]
) -> None:
    driver = make_driver(new_document("circle", hidden=hidden)[0])
    session = driver.session
    before, gesture = session.document, session.begin_gesture()
    slots = range(session.network.topology.edge_count)
    theta = session.network.theta
    for factor in (1.5, 0.1, 2.0):
        assert session.scale_weights(slots, factor, gesture)
    assert np.array_equal(session.network.theta[slots], theta[slots] * 2.0)
    assert np.array_equal(session.network.theta[len(slots) :], theta[len(slots) :])
    is_one_exact_step(driver, before, f"Scale {len(slots):,} parameters")
    assert session.scale_weights(slots, 2.0)
    assert np.array_equal(session.network.theta[slots], theta[slots] * 4.0)
    assert len(driver.steps) == 2
    assert not session.scale_weights(slots, float("inf"))
    assert session.scale_weights(slots, 1e300)
    assert not session.scale_weights(slots, 1e300)
    assert not session.scale_weights([-1], 2.0)
    assert not session.scale_weights([10**6], 2.0)
    assert not session.scale_weights([], 2.0)


def test_noise_and_new_draws(driver: Driver) -> None:
    session = driver.session
    before = session.document
    assert session.add_noise([0, 3], 0.5, seed=2)
    is_one_exact_step(driver, before, "Add noise to 2 parameters")
    changed = session.network.theta != before.network.theta
    assert np.flatnonzero(changed).tolist() == [0, 3]
    first = session.document
    assert session.initialise([0])
    # What the document's own draw has for this slot.
    assert session.network.theta[0] == before.network.theta[0]
    assert session.network.theta[3] == first.network.theta[3]
    values = [session.network.theta[0]]
    for _ in range(3):
        assert session.initialise([0])
        values.append(session.network.theta[0])
    assert len(set(values)) == 4
    assert driver.steps[-1] == "Initialise a parameter"
    assert not session.add_noise([0], -1.0)
    session.set_training(initializer="zeros")
    assert session.initialise([0, 3])
    assert session.network.theta[[0, 3]].tolist() == [0.0, 0.0]
    assert not session.initialise([0, 3])


def test_weak_connections_are_pruned(driver: Driver) -> None:
    session = driver.session
    session.set_parameters({0: 0.01, 1: -0.02, 2: 0.5})
    before = session.document
    assert session.prune([0, 1, 2, 20], 0.1) == 2
    is_one_exact_step(driver, before, "Prune 2 connections below 0.1")
    assert session.network.topology.edge_count == before.network.topology.edge_count - 2
    assert session.prune([0], 1e-9) == 0
    assert session.prune([0], float("nan")) == 0
    assert session.prune([999], 1.0) == 0
    assert len(driver.texts) == 3


def test_neurons_are_switched_off_and_on(driver: Driver) -> None:
    session = driver.session
    before = session.document
    assert session.set_neurons_enabled([2, 3], False)
    is_one_exact_step(driver, before, "Switch 2 neurons off")
    assert session.network.neuron_enabled.sum() == 7
    assert np.array_equal(session.network.theta, before.network.theta)
    assert not session.set_neurons_enabled([2, 3], False)
    assert session.set_neurons_enabled([2], True)
    assert driver.steps[-1] == "Switch a neuron on"
    assert not session.set_neurons_enabled([999], True)
    assert not session.set_neurons_enabled([], True)


def test_neurons_are_aligned_and_spread(driver: Driver) -> None:
    session = driver.session
    session.move_neurons({2: (0, 10), 3: (30, 20), 4: (90, 60)})
    before = session.document
    wanted = {
        "left": {2: (0, 10), 3: (0, 20), 4: (0, 60)},
        "right": {2: (90, 10), 3: (90, 20), 4: (90, 60)},
        "top": {2: (0, 10), 3: (30, 10), 4: (90, 10)},
        "bottom": {2: (0, 60), 3: (30, 60), 4: (90, 60)},
        "centre_x": {2: (45, 10), 3: (45, 20), 4: (45, 60)},
        "centre_y": {2: (0, 35), 3: (30, 35), 4: (90, 35)},
    }
    for how, places in wanted.items():
        assert session.align([2, 3, 4], how)
        assert {i: session.positions[i] for i in (2, 3, 4)} == places
        is_one_exact_step(driver, before, "Align 3 neurons")
        session.undo()
    assert session.distribute([4, 3, 2], "horizontal")
    assert {i: session.positions[i] for i in (2, 3, 4)} == {2: (0, 10), 3: (45, 20), 4: (90, 60)}
    assert session.distribute([2, 3, 4], "vertical")
    assert session.positions[3] == (45, 35)
    assert not session.distribute([2, 3, 4], "vertical")
    for refused in (
        session.align([2], "left"),
        session.align([2, 3], "nowhere"),
        session.distribute([2, 3], "horizontal"),
        session.distribute([2, 3, 4], "nowhere"),
    ):
        assert not refused
    assert len(driver.texts) == 4


def test_editing_structure_goes_on_training(driver: Driver) -> None:
    session = driver.session
    session.set_training(optimizer="adam", learning_rate=0.001)
    driver.train_until_step(50)
    verbs: list[Callable[[], object]] = [
        lambda: session.connect_many((0, 1), (6, 7)),
        lambda: session.insert_into_edge(0, 2),
        lambda: session.split_level(2),
        lambda: session.add_connected(0, 8, 0.0, 0.0),
        lambda: session.prune([session.network.edge_slot(0, 7)], 1e3) == 1,
        lambda: session.set_neurons_enabled([3], False),
        lambda: session.set_biases([2, 3], 0.25),
        lambda: session.scale_weights([0, 1], 1.5),
        lambda: session.initialise([0, 1]),
        lambda: session.merge_levels(1),
    ]
    for verb in verbs:
        assert verb()
        assert session.is_running
        driver.train_until_step(session.shown_step + 20)
        assert session.is_running, driver.texts
    session.pause()
    document = session.document
    memory = document.state.optimizer_arrays
    count = document.network.topology.parameter_count
    # A connection nobody touched has been there from the first step on.
    slot = document.network.edge_slot(1, 6)
    assert all(a.size == count for a in memory.values())
    assert any(a[slot] != 0 for a in memory.values())
    kinds = [step.split()[0] for step in driver.steps]
    assert kinds.count("Train") >= len(verbs), driver.steps
    last = session.undo_stack.count()
    end = session.document
    session.undo_to(0)
    session.undo_to(last)
    assert same_document(session.document, end)


def test_hand_edits_before_training_are_initial(driver: Driver) -> None:
    session = driver.session
    assert session.split_level(1)
    assert session.connect_many([0], [6])
    assert session.add_connected(0, None, 0, 0) is not None
    assert np.array_equal(session.document.initial, session.network.theta)
    assert session.network.topology.kind_of(9) == Kind.HIDDEN
