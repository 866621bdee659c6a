"""Whole networks of a shape, the direction, and arranging some neurons: each is one undo step."""

from pathlib import Path

import numpy as np
import pytest
from session.session_driver import Driver

from nnplay import library
from nnplay.core.program import Program
from nnplay.core.topology import Kind
from nnplay.formats.document_record import same_document
from nnplay.session.placement import shown_positions
from nnplay.templates import TEMPLATES, MlpShape, templated_document


def sizes(driver: Driver) -> list[int]:
    network = driver.session.network
    hidden = [len(network.level_ids(level)) for level in network.hidden_levels]
    return [len(network.topology.input_ids), *hidden, len(network.topology.output_ids)]


def outputs(driver: Driver) -> np.ndarray:
    """What the network as it is says to every sample, ``[samples, outputs]``."""
    session = driver.session
    network, prepared = session.network, session.prepared
    program = Program(network, prepared.sample_count)
    program.set_parameters(network.theta)
    program.forward(prepared.input_matrix(network, prepared.raw))
    rows = [network.topology.row(i) for i in network.topology.output_ids]
    return program.activations_compact()[rows].T


# ------------------------------------------------------------------ layered networks
def test_a_layered_network_replaces_the_present_one_in_one_step(driver: Driver) -> None:
    session = driver.session
    before = session.document
    shape = MlpShape((5, 3, 4), ("relu", "tanh", "sigmoid"), initializer="he_normal")
    assert session.replace_with_mlp(shape)
    assert sizes(driver) == [2, 5, 3, 4, 1]
    network = session.network
    for level, name, size in ((1, "relu", 5), (2, "tanh", 3), (3, "sigmoid", 4)):
        members = network.level_ids(level)
        assert len(members) == size
        assert {network.activation_of(i) for i in members} == {name}
    assert session.training.initializer == "he_normal"
    assert network.topology.edge_count == 2 * 5 + 5 * 3 + 3 * 4 + 4
    assert np.isfinite(network.theta).all()
    assert (network.theta[: network.topology.edge_count] != 0).all()
    assert not session.data_problem
    assert driver.steps == ["Make a layered network"]
    session.undo()
    assert same_document(session.document, before)
    session.redo()
    assert sizes(driver) == [2, 5, 3, 4, 1]


def test_neurons_that_stay_keep_their_numbers_and_training_goes_on(driver: Driver) -> None:
    session = driver.session
    assert session.step_batch()
    before = session.network
    bias = before.topology.hidden_ids[0]
    assert session.set_bias(bias, 7.5)
    before, step = session.network, session.shown_step
    shape = MlpShape((6, 2, 3), ("tanh",) * 3, keep_weights=True)
    assert session.replace_with_mlp(shape)
    after = session.network
    assert sizes(driver) == [2, 6, 2, 3, 1]
    assert session.shown_step == step > 0
    assert set(before.topology.hidden_ids) <= set(after.topology.hidden_ids)
    shared = 0
    for source, target in before.topology.edges.tolist():
        if after.topology.has_edge(source, target):
            shared += 1
            old, new = before.edge_slot(source, target), after.edge_slot(source, target)
            assert after.theta[new] == before.theta[old]
    assert shared == 2 * 4 + 4 * 2  # those into the output come from a new layer now
    assert after.theta[after.bias_slot(bias)] == 7.5
    assert not np.isnan(after.theta).any()


def test_without_keeping_everything_starts_anew(driver: Driver) -> None:
    session = driver.session
    assert session.step_batch()
    assert session.set_frozen([0], True)
    assert session.replace_with_mlp(MlpShape((4, 2), ("tanh", "tanh")))
    assert session.shown_step == 0
    assert not session.network.frozen.any()
    assert np.array_equal(session.document.initial, session.network.theta)


def test_what_cannot_be_is_refused_with_a_sentence(driver: Driver) -> None:
    session = driver.session
    before = session.document
    for shape, words in (
        (MlpShape((0,), ("tanh",)), "at least one neuron"),
        (MlpShape((3,), ("wave",)), "no activation “wave”"),
        (MlpShape((3, 3), ("tanh",)), "needs an activation"),
        (MlpShape((3,), ("tanh",), initializer="luck"), "no initialiser “luck”"),
        (MlpShape((2000, 2000), ("tanh", "tanh")), "2,000,000"),
    ):
        assert not session.replace_with_mlp(shape)
        assert words in driver.texts[-1]
    assert not session.apply_template("maze")
    assert "no template “maze”" in driver.texts[-1]
    assert not session.apply_template("mlp", {"colour": 3})
    assert "no setting “colour”" in driver.texts[-1]
    assert not session.apply_template("mlp", {"width": 0})
    assert "from 1 to 1000" in driver.texts[-1]
    assert session.document is before
    assert driver.steps == []


def test_outputs_that_do_not_suit_the_loss_are_refused_with_a_remedy(driver: Driver) -> None:
    session = driver.session
    assert session.set_activation(session.network.topology.output_ids, "sigmoid")
    assert session.set_training(loss="binary_cross_entropy")
    assert not session.replace_with_mlp(MlpShape((3,), ("tanh",), output_activation="tanh"))
    assert driver.notices[-1].action is not None


# ------------------------------------------------------------------ templates
@pytest.mark.parametrize("name", TEMPLATES)
def test_every_template_is_one_step_and_can_be_trained(driver: Driver, name: str) -> None:
    session = driver.session
    before = session.document
    assert session.apply_template(name)
    assert not session.data_problem
    assert driver.steps == [f"Use the template {TEMPLATES[name].title}"]
    assert np.isfinite(outputs(driver)).all()
    places = shown_positions(session.document)
    assert len(set(places.values())) == session.network.topology.neuron_count
    assert session.step_batch()
    session.undo()
    session.undo()
    assert same_document(session.document, before)


def test_residual_networks_add_what_stood_two_layers_before(driver: Driver) -> None:
    session = driver.session
    assert session.apply_template("residual", {"depth": 2, "width": 3})
    network = session.network
    layers = [network.level_ids(level) for level in network.hidden_levels]
    assert [len(layer) for layer in layers] == [3] * 5
    for start in (0, 2):
        for source, target in zip(layers[start], layers[start + 2], strict=True):
            assert network.theta[network.edge_slot(source, target)] == 1.0
    skips = [
        (s, t)
        for s, t in network.topology.edges.tolist()
        if network.topology.level_of(t) - network.topology.level_of(s) > 1
    ]
    assert len(skips) == 6


def test_wide_and_deep_joins_every_input_to_every_output(driver: Driver) -> None:
    session = driver.session
    assert session.apply_template("wide_and_deep", {"width": 4})
    topology = session.network.topology
    for source in topology.input_ids:
        for target in topology.output_ids:
            assert topology.has_edge(source, target)


def test_xor_by_hand_is_right_without_training(driver: Driver) -> None:
    session = driver.session
    assert session.set_direction(downwards=True)
    assert session.apply_template("xor")
    assert session.runs_downwards
    raw = session.prepared.raw
    truth = (raw[:, 0] != raw[:, 1]).astype(float)
    assert sorted(truth) == [0.0, 0.0, 1.0, 1.0]
    assert np.abs(outputs(driver)[:, 0] - truth).max() < 1e-3
    assert session.shown_step == 0
    assert "data of its own" in driver.texts[-1]


def test_the_autoencoder_learns_to_bring_its_patterns_back(driver: Driver) -> None:
    session = driver.session
    assert session.apply_template("autoencoder")
    assert sizes(driver) == [8, 3, 8]
    from nnplay.headless import train

    trained = train(session.document, 600).document
    assert session.new_document(trained) is None
    assert outputs(driver).argmax(axis=1).tolist() == list(range(8))


def test_inputs_follow_the_data_and_without_data_it_is_said(driver: Driver) -> None:
    session = driver.session
    assert session.remove([session.network.topology.input_ids[0]])
    assert session.replace_with_mlp(MlpShape((3,), ("tanh",)))
    assert sizes(driver) == [2, 3, 1]  # the input that was deleted is back
    broken = session.document
    from dataclasses import replace

    session.new_document(replace(broken, data=replace(broken.data, source="gone")))
    assert session.prepared is None
    assert session.replace_with_mlp(MlpShape((2,), ("tanh",)))
    assert sizes(driver) == [2, 2, 1]
    assert "left as they are" in driver.texts[-1]


def test_templates_do_not_touch_the_document_they_are_built_from(driver: Driver) -> None:
    document = driver.session.document
    theta = document.network.theta.copy()
    for name in TEMPLATES:
        templated_document(document, name, {})
    assert np.array_equal(document.network.theta, theta)


# ------------------------------------------------------------------ direction and arranging
def test_the_direction_is_an_edit_that_is_saved(driver: Driver, tmp_path: Path) -> None:
    session = driver.session
    right = dict(session.positions)
    assert session.set_direction(downwards=True)
    assert session.runs_downwards
    down = dict(session.positions)
    inputs = {down[i][1] for i in session.network.topology.input_ids}
    output = down[session.network.topology.output_ids[0]]
    assert len(inputs) == 1
    assert output[1] > inputs.pop()
    session.undo()
    assert not session.runs_downwards
    assert session.positions == right
    session.redo()
    session.set_view("direction", "sideways")  # an edit is not overruled by a setting
    assert session.save(tmp_path / "down.nnplay")
    assert library.load(tmp_path / "down.nnplay").view["direction"] == "down"
    session.undo()
    assert session.save(tmp_path / "right.nnplay")
    assert "direction" not in library.load(tmp_path / "right.nnplay").view
    assert session.open_document(tmp_path / "down.nnplay")
    assert session.runs_downwards
    assert session.positions == down


def test_layers_inserted_among_placed_neurons_make_room_downwards(driver: Driver) -> None:
    session = driver.session
    session.set_direction(downwards=True)
    first = session.network.level_ids(1)
    x, y = session.positions[first[0]]
    session.move_neurons({first[0]: (x + 3.0, y)})
    before = dict(session.positions)
    assert session.insert_layer(1, 3)
    new = [i for i in session.network.topology.ids.tolist() if i not in before]
    lowest = max(before[i][1] for i in first)
    assert {session.positions[i][1] for i in new} == {lowest + 160.0}
    output = session.network.topology.output_ids[0]
    assert session.positions[output][1] == before[output][1] + 160.0


def test_arranging_a_selection_leaves_all_others_exactly_where_they_are(driver: Driver) -> None:
    session = driver.session
    hidden = session.network.level_ids(1)
    messy = {i: (33.3 + 7 * n, 411.1 + 5 * n) for n, i in enumerate(hidden)}
    session.move_neurons(messy)
    before = dict(session.positions)
    assert session.arrange(hidden)
    after = session.positions
    assert all(after[i] == before[i] for i in before if i not in hidden)
    assert all(after[i] != before[i] for i in hidden)
    assert len({after[i][0] for i in hidden}) == 1
    session.undo()
    assert session.positions == before


def test_arranging_the_others_keeps_what_was_placed_by_hand(driver: Driver) -> None:
    session = driver.session
    kept = session.network.level_ids(1)[0]
    session.move_neurons({i: (1.5 * n, 2.5 * n) for n, i in enumerate(session.positions)})
    place = session.positions[kept]
    others = [i for i in session.positions if i != kept]
    assert session.arrange(others)
    assert session.positions[kept] == place
    spots = list(session.positions.values())
    for n, (x, y) in enumerate(spots):
        for other in spots[n + 1 :]:
            assert max(abs(x - other[0]), abs(y - other[1])) > 46


def test_arranging_nobody_or_everybody(driver: Driver) -> None:
    session = driver.session
    fresh = dict(session.positions)
    assert not session.arrange([])
    neuron = session.add_neuron(Kind.HIDDEN, 500.0, 500.0)
    session.remove([neuron])
    session.move_neurons(dict.fromkeys(fresh, (0.0, 0.0)))
    assert session.arrange(list(fresh))
    assert session.positions == fresh
