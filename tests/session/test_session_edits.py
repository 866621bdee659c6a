"""Edits at rest: what verbs do, undo and redo, gestures, refusals, signals."""

from collections.abc import Callable

import numpy as np
import pytest
from session.session_driver import Driver, same_document

from nnplay.core.initializers import draw_parameters
from nnplay.core.network import Network
from nnplay.core.topology import Kind
from nnplay.document import Document
from nnplay.session.session import Session
from nnplay.setup import new_document

MakeDriver = Callable[..., Driver]


def first_edge(driver: Driver) -> tuple[int, int]:
    source, target = driver.session.network.topology.edges[0].tolist()
    return source, target


def undo_and_redo_are_exact(driver: Driver, before: Document) -> None:
    after = driver.session.document
    driver.session.undo()
    assert same_document(driver.session.document, before)
    driver.session.redo()
    assert same_document(driver.session.document, after)


def test_a_weight_is_set_undone_and_redone(driver: Driver) -> None:
    session, (s, t) = driver.session, first_edge(driver)
    before = session.document
    assert session.set_weight(s, t, 0.25)
    assert session.network.edge(s, t).weight == 0.25
    assert session.document.initial[0] == 0.25  # nothing trained yet: hand edits are initial
    assert session.is_modified
    assert driver.count("network_changed") == 1
    _, (old, new) = next(h for h in driver.heard if h[0] == "network_changed")
    assert old.topology is new.topology
    assert old.edge(s, t).weight != 0.25 == new.edge(s, t).weight
    undo_and_redo_are_exact(driver, before)
    session.undo()
    assert not session.is_modified


def test_the_same_value_again_is_no_step(driver: Driver) -> None:
    s, t = first_edge(driver)
    assert not driver.session.set_weight(s, t, driver.session.network.edge(s, t).weight)
    assert driver.steps == []


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_a_weight_must_be_finite(driver: Driver, value: float) -> None:
    s, t = first_edge(driver)
    assert not driver.session.set_weight(s, t, value)
    assert not driver.session.set_bias(t, value)
    assert "finite" in driver.texts[0]
    assert driver.steps == []


def test_one_gesture_is_one_step_and_two_are_two(driver: Driver) -> None:
    session, (s, t) = driver.session, first_edge(driver)
    start = session.document
    first, second = session.begin_gesture(), session.begin_gesture()
    for value in (0.1, 0.2, 0.3):
        session.set_weight(s, t, value, first)
    middle = session.document
    for value in (0.4, 0.5):
        session.set_weight(s, t, value, second)
    assert len(driver.steps) == 2
    session.undo()
    assert same_document(session.document, middle)
    session.undo()
    assert same_document(session.document, start)
    session.redo()
    assert session.network.edge(s, t).weight == 0.3


def test_a_gesture_over_several_parameters_takes_all_back(driver: Driver) -> None:
    session = driver.session
    start, gesture = session.document, session.begin_gesture()
    session.set_parameters({0: 0.1}, gesture)
    session.set_parameters({0: 0.2, 3: 0.9}, gesture)
    session.set_parameters({3: 0.8, 5: -1.0}, gesture)
    assert len(driver.steps) == 1
    undo_and_redo_are_exact(driver, start)


def test_a_gesture_does_not_swallow_what_was_saved(driver: Driver, tmp_path: object) -> None:
    session = driver.session
    gesture = session.begin_gesture()
    session.set_parameters({0: 0.1}, gesture)
    assert session.save(tmp_path / "a.nnplay")  # type: ignore[operator]
    session.set_parameters({0: 0.2}, gesture)
    assert session.is_modified
    session.undo()
    assert not session.is_modified
    assert session.network.theta[0] == 0.1


def test_a_gesture_after_undo_starts_anew(driver: Driver) -> None:
    session = driver.session
    start, gesture = session.document, session.begin_gesture()
    session.set_parameters({0: 0.1}, gesture)
    session.undo()
    session.set_parameters({0: 0.2}, gesture)
    session.undo()
    assert same_document(session.document, start)


def test_a_gesture_of_places(driver: Driver) -> None:
    session = driver.session
    before, gesture = dict(session.positions), session.begin_gesture()
    for x in (10.0, 20.0, 30.0):
        session.move_neurons({3: (x, 5.0)}, gesture)
    assert driver.steps == ["Move a neuron"]
    assert session.positions[3] == (30.0, 5.0)
    # Nobody else moves when the automatic arrangement ends.
    assert {i: p for i, p in session.positions.items() if i != 3} == {
        i: p for i, p in before.items() if i != 3
    }
    changed = [arguments[0] for name, arguments in driver.heard if name == "positions_changed"]
    assert changed == [{3}, {3}, {3}]
    session.undo()
    assert dict(session.positions) == before
    session.arrange()
    assert session.document.positions == {}


# ---------------------------------------------------------------------- structure
def test_a_drawn_neuron_stands_where_it_was_drawn_and_waits(driver: Driver) -> None:
    session, before = driver.session, driver.session.document
    session.set_activation(session.network.topology.hidden_ids[:3], "relu")
    session.set_activation(session.network.topology.hidden_ids[3:4], "sigmoid")
    before = session.document
    new = session.add_neuron(Kind.HIDDEN, 123.0, -45.0)
    assert new is not None
    assert session.positions[new] == (123.0, -45.0)
    assert session.network.activation_of(new) == "relu"  # what most hidden neurons have
    assert session.network.topology.incoming(new) == session.network.topology.outgoing(new) == []
    undo_and_redo_are_exact(driver, before)


def test_a_new_connection_is_drawn_from_the_seed_and_never_zero(make_driver: MakeDriver) -> None:
    weights = []
    for _ in range(2):
        driver = make_driver()
        new = driver.session.add_neuron(Kind.HIDDEN, 0, 0)
        assert driver.session.connect(0, new)
        weights.append(driver.session.network.edge(0, new).weight)
    assert weights[0] == weights[1] != 0
    document, _ = new_document("circle", training={"initializer": "zeros"})
    driver = make_driver(document)
    driver.session.remove(edges=[(0, 2), (1, 2)])
    driver.session.connect(0, 2)
    driver.session.connect(1, 2)
    a, b = driver.session.network.edge(0, 2).weight, driver.session.network.edge(1, 2).weight
    assert a not in (0, b)
    assert b != 0


def test_cycles_are_refused_with_names(driver: Driver) -> None:
    session, (s, t) = driver.session, first_edge(driver)
    hidden = session.network.topology.hidden_ids
    before = session.document
    assert not session.connect(t, s)
    assert not session.connect(hidden[-1], hidden[0])
    assert not session.connect(hidden[0], hidden[0])
    assert not session.connect(s, t)
    assert not session.connect(s, 999)
    assert session.document is before
    assert driver.steps == []
    assert len(driver.texts) == 5
    assert "circle" in driver.texts[1]


def test_deleting_a_selection(driver: Driver) -> None:
    session, (s, t) = driver.session, first_edge(driver)
    before = session.document
    session.select([t], [(s, t), (1, t)])
    session.remove_selection()
    assert t not in session.network.topology
    assert not session.selection
    assert driver.steps == ["Delete a neuron and 2 connections"]
    undo_and_redo_are_exact(driver, before)
    assert not session.remove()


def test_layers(driver: Driver) -> None:
    session = driver.session
    documents = [session.document]
    new = session.add_to_level(1)
    documents.append(session.document)
    assert session.network.topology.level_of(new) == 1
    assert session.insert_layer(1, 3)
    documents.append(session.document)
    assert [len(session.network.level_ids(n)) for n in (1, 2, 3)] == [5, 3, 2]
    assert session.remove_from_level(2)
    documents.append(session.document)
    assert session.remove_level(2)
    documents.append(session.document)
    assert session.set_level_activation(1, "relu")
    documents.append(session.document)
    assert session.network.activation_of(new) == "relu"
    assert session.document.positions == {}  # still arranged automatically
    for document in reversed(documents[:-1]):
        session.undo()
        assert same_document(session.document, document)
    for document in documents[1:]:
        session.redo()
        assert same_document(session.document, document)


def test_the_last_neuron_takes_its_layer_along_and_bad_levels_are_refused(driver: Driver) -> None:
    session = driver.session
    assert session.remove_from_level(2)
    assert session.remove_from_level(2)
    assert session.network.hidden_levels == (1,)
    assert session.network.topology.is_layered
    for refused in (
        session.remove_from_level(0),
        session.remove_level(7),
        session.insert_layer(1, 0),
        session.set_level_activation(9, "tanh"),
    ):
        assert not refused
    assert session.add_to_level(5) is None
    assert len(driver.texts) == 5


def test_an_inserted_layer_finds_room_among_neurons_placed_by_hand(driver: Driver) -> None:
    session = driver.session
    session.move_neurons({2: (205.0, -80.0)})
    before = dict(session.positions)
    session.insert_layer(1, 2)
    new = session.network.level_ids(2)
    assert session.positions[2] == (205.0, -80.0)
    output = session.network.topology.output_ids[0]
    assert session.positions[output][0] > before[output][0]
    for neuron_id in new:
        x = session.positions[neuron_id][0]
        assert max(session.positions[i][0] for i in session.network.level_ids(1)) < x
        assert x < min(session.positions[i][0] for i in session.network.level_ids(3))
    places = list(session.positions.values())
    assert len(set(places)) == len(places)


def test_everything_can_be_deleted_and_comes_back(driver: Driver) -> None:
    session, before = driver.session, driver.session.document
    assert session.remove(session.network.topology.ids.tolist())
    assert session.network.topology.neuron_count == 0
    assert session.losses is None
    assert session.data_problem
    assert not session.start()
    assert driver.texts
    assert session.add_neuron(Kind.INPUT, 0, 0) is not None
    assert session.network.bindings == ("x1",)
    session.undo()
    undo_and_redo_are_exact(driver, before)
    session.undo()
    assert session.losses is not None
    assert session.data_problem == ""


def test_deleted_inputs_and_outputs_find_their_columns_again(driver: Driver) -> None:
    session = driver.session
    session.remove([1])
    new = session.add_neuron(Kind.INPUT, 0, 0)
    assert session.network.neuron(new).binding == "x2"
    output = session.network.topology.output_ids[0]
    session.remove([output])
    assert "output" in session.data_problem
    assert not session.start()
    new = session.add_neuron(Kind.OUTPUT, 0, 0)
    assert session.network.neuron(new).binding == "+1"
    assert session.network.neuron(new).label == "y"
    assert session.data_problem == ""


# ---------------------------------------------------------------------- names, functions, flags
def test_names_and_flags(driver: Driver) -> None:
    session, before = driver.session, driver.session.document
    assert session.set_label(3, "  warm   spot ")
    assert session.network.label_of(3) == "warm spot"
    assert session.network.topology is before.network.topology
    assert not session.set_label(3, "warm spot")
    assert not session.set_label(3, "x" * 200)
    assert not session.set_label(77, "nobody")
    assert session.set_frozen([0, 1], True)
    assert session.network.frozen[:2].all()
    assert not session.set_frozen([0, 1], True)
    assert session.set_enabled([2], False)
    assert not session.network.enabled[2]
    assert not session.set_enabled([session.network.topology.edge_count], False)  # a bias
    assert not session.set_frozen([999], True)
    for _ in driver.steps:
        session.undo()
    assert same_document(session.document, before)


def test_inputs_have_no_activation(driver: Driver) -> None:
    session = driver.session
    assert not session.set_activation([0], "relu")
    assert "input" in driver.texts[0]
    assert session.set_activation([0, 2], "relu")  # a mixed selection: the inputs are left alone
    assert session.network.activation_of(0) == "linear"
    assert session.network.activation_of(2) == "relu"
    assert not session.set_activation([2], "wobble")
    assert not session.set_activation([2], "softmax")


def test_a_loss_that_does_not_fit_is_refused_with_a_button_that_mends_it(driver: Driver) -> None:
    session, before = driver.session, driver.session.document
    assert not session.set_training(loss="binary_cross_entropy")
    assert session.document is before
    notice = driver.notices[-1]
    assert "sigmoid" in notice.text.lower()
    assert notice.action is not None
    notice.action()
    assert session.training.loss == "binary_cross_entropy"
    assert session.network.output_activations == ("sigmoid",)
    assert len(driver.steps) == 1
    # And the other way round: an activation that does not fit the loss.
    assert not session.set_activation(session.network.topology.output_ids, "tanh")
    driver.notices[-1].action()
    assert session.training.loss == "half_squared"
    assert session.network.output_activations == ("tanh",)
    session.undo()
    undo_and_redo_are_exact(driver, before)


# ---------------------------------------------------------------------- set-up
@pytest.mark.parametrize(
    "changes",
    [
        {"learning_rate": 0.0},
        {"learning_rate": float("nan")},
        {"batch_size": 0},
        {"momentum": 1.0},
        {"l1": -1.0},
        {"optimizer": "magic"},
        {"loss": "none"},
        {"initializer": "none"},
    ],
)
def test_impossible_settings_are_refused(driver: Driver, changes: dict[str, object]) -> None:
    before = driver.session.document
    assert not driver.session.set_training(**changes)
    assert driver.session.document is before
    assert len(driver.texts) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"noise": 51},
        {"noise": -1},
        {"train_percent": 0},
        {"train_percent": 101},
        {"sample_count": 0},
        {"noise": 2.5},
        {"train_percent": 50.5},
        {"sample_count": 10.5},
        {"source": "nowhere"},
        {"source": "table"},
    ],
)
def test_impossible_data_are_refused(driver: Driver, changes: dict[str, object]) -> None:
    before = driver.session.document
    assert not driver.session.set_data(**changes)
    assert driver.session.document is before
    assert len(driver.texts) == 1


def test_data_of_another_kind_bring_fitting_outputs_and_loss(driver: Driver) -> None:
    session = driver.session
    before, prepared = session.document, session.prepared
    assert session.set_data(source="iris")
    assert len(session.network.topology.input_ids) == 4
    assert session.network.output_activations == ("softmax",) * 3
    assert session.training.loss == "softmax_cross_entropy"
    assert session.data_problem == ""
    assert session.prepared is not prepared
    assert driver.count("data_changed") == driver.count("setup_changed") == 1
    assert driver.notices[-1].severity == "info"
    assert session.losses.accuracy_train is not None
    assert session.start(1)
    driver.until(lambda: not session.is_running)
    session.undo()
    session.undo()
    assert same_document(session.document, before)
    assert session.prepared is prepared  # remembered, not computed again
    session.set_data(source="reg-plane")
    assert session.losses.accuracy_train is None
    assert session.network.output_activations == ("linear",)


def test_a_noise_slider_is_one_step(driver: Driver) -> None:
    session, before = driver.session, driver.session.document
    gesture = session.begin_gesture()
    for noise in range(1, 20):
        session.set_data(gesture, noise=noise)
    assert len(driver.steps) == 1
    undo_and_redo_are_exact(driver, before)


def test_features_add_and_remove_inputs(driver: Driver) -> None:
    session, before = driver.session, driver.session.document
    assert session.set_features(("x1", "x2", "x1^2"))
    assert session.network.bindings.count("x1^2") == 1
    survivors = [session.network.edge(s, t).weight for s, t in before.network.topology.edges]
    assert survivors == before.network.theta[: before.network.topology.edge_count].tolist()
    assert not session.set_features(("x1", "nonsense("))
    assert not session.set_features(())
    assert len(driver.texts) == 2
    undo_and_redo_are_exact(driver, before)


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s.set_data(source="spiral"),
        lambda s: s.set_data(source="iris"),
        lambda s: s.set_features(("x1", "x2", "x1^2")),
        lambda s: s.set_scaling(inputs="standard"),
    ],
)
@pytest.mark.parametrize("running", [False, True])
def test_other_data_for_a_trained_network_offer_a_new_start(
    driver: Driver, change: Callable[[Session], bool], running: bool
) -> None:
    session = driver.session
    driver.train_until_step(100)
    if not running:
        session.pause()
    driver.notices.clear()
    assert change(session)
    assert session.shown_epoch > 0
    (notice,) = driver.notices
    assert notice.severity == "info"
    assert notice.text.endswith(
        "The network keeps what it has learnt. Start again with new initial weights?"
    )
    assert notice.action_text == "New initial weights"
    theta = session.network.theta
    assert notice.action()
    assert (session.shown_step, session.document.draw, session.is_running) == (0, 1, False)
    assert session.network.theta.shape == theta.shape
    assert not np.array_equal(session.network.theta, theta)


def test_nothing_is_offered_where_nothing_was_learnt(driver: Driver) -> None:
    session = driver.session
    session.set_data(source="spiral")
    session.set_features(("x1", "x2", "x1^2"))
    session.run_epochs(1)
    driver.until(lambda: not session.is_running)
    session.set_data(noise=10)  # the same task, a little harder
    session.set_data(sample_count=100)
    assert driver.notices == []


def test_a_seed_changes_data_but_not_weights(driver: Driver) -> None:
    session, before = driver.session, driver.session.document
    points = session.prepared.raw.copy()
    assert session.set_seed(5)
    assert not np.array_equal(session.prepared.raw, points)
    assert session.network is before.network
    assert session.draw_new_weights()
    expected = draw_parameters(session.network, "playground", 5, 1)
    assert np.array_equal(session.network.theta, expected)
    assert not session.set_seed(-1)
    session.undo()
    session.undo()
    assert same_document(session.document, before)


def test_a_seed_drives_shuffling_again_after_one_of_its_own(driver: Driver) -> None:
    session = driver.session
    session.set_training(shuffle_seed=9)  # as ``nnplay train --seed 9`` leaves it
    before = session.document
    assert session.set_seed(5)
    assert session.training.shuffle_seed is None
    session.undo()
    assert same_document(session.document, before)


def test_reset_goes_to_the_same_initial_weights(driver: Driver) -> None:
    session = driver.session
    session.set_weight(0, 2, 0.123)
    initial = session.network.theta
    driver.train_until_step(100)
    session.pause()
    trained = session.document
    session.set_weight(0, 2, 9.0)  # after training: no longer an initial weight
    assert session.reset()
    assert np.array_equal(session.network.theta, initial)
    assert (session.shown_epoch, session.shown_step, len(session.curve)) == (0, 0, 0)
    session.undo()
    session.undo()
    assert same_document(session.document, trained)
    session.redo()
    session.redo()
    assert not session.reset()  # nothing to take back


def test_new_weights_spare_locked_ones(driver: Driver) -> None:
    session = driver.session
    session.set_parameters({0: 7.0, 20: 8.0})
    session.set_frozen([0, 20], True)
    session.draw_new_weights()
    assert session.network.theta[0] == 7.0
    assert session.network.theta[20] == 8.0
    assert session.document.draw == 1


# ---------------------------------------------------------------------- listeners
def test_a_listener_may_call_verbs(driver: Driver) -> None:
    """Signals come after the stack has settled, one change after the other."""
    session = driver.session
    start = session.document
    order: list[tuple[float, float]] = []

    def respond(before: Network, after: Network) -> None:
        order.append((float(before.theta[0]), float(after.theta[0])))
        if after.theta[0] < 0.5 and session.undo_stack.index() == session.undo_stack.count():
            session.set_parameters({0: float(after.theta[0]) + 0.25})

    session.set_parameters({0: -0.25})
    session.network_changed.connect(respond)
    session.set_parameters({0: 0.0})
    assert order == [(-0.25, 0.0), (0.0, 0.25), (0.25, 0.5)]
    assert len(driver.steps) == 4
    session.undo_to(0)
    assert same_document(session.document, start)


def test_selection_and_hovering(driver: Driver) -> None:
    session = driver.session
    session.select([2, 3, 999], [(0, 2), (0, 999)])
    assert session.selection.neurons == {2, 3}
    assert session.selection.edges == {(0, 2)}
    session.select([2, 3], [(0, 2)])
    assert driver.count("selection_changed") == 1
    session.remove([2])
    assert session.selection.neurons == {3}
    assert not session.selection.edges
    session.hover(3)
    session.hover(3)
    assert driver.count("hovered_changed") == 1
    assert session.hovered == 3
