"""What the session computes for views: probe, trail, losses, maps, data problems."""

import math
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from session.session_driver import Driver

from nnplay.core import reference
from nnplay.core.network import Network
from nnplay.core.topology import Kind
from nnplay.core.training import evaluate
from nnplay.document import Document
from nnplay.examples import example_path
from nnplay.library import load
from nnplay.session import probe as probe_module
from nnplay.session.evaluation import Programs, decision_map
from nnplay.session.evaluator import Evaluator
from nnplay.session.session import Session
from nnplay.session.values import MapRequest
from nnplay.setup import new_document

MakeDriver = Callable[..., Driver]


def by_hand(network: Network, inputs: list[float]) -> dict[int, float]:
    """A forward pass in plain Python, for tanh and linear neurons."""
    values: dict[int, float] = dict(zip(network.topology.input_ids, inputs, strict=True))
    order = np.argsort(network.topology.levels, kind="stable")
    for neuron_id in network.topology.ids[order].tolist():
        neuron = network.neuron(neuron_id)
        if neuron.kind == Kind.INPUT:
            continue
        z = neuron.bias + sum(
            values[s] * network.edge(s, neuron_id).weight
            for s, _ in network.topology.incoming(neuron_id)
        )
        values[neuron_id] = {"tanh": math.tanh, "linear": float}[neuron.activation](z)
    return values


# ---------------------------------------------------------------------- probe
def test_the_probe_starts_at_the_first_training_row(driver: Driver) -> None:
    session = driver.session
    row = int(session.prepared.train_rows[0])
    assert session.probe.row == row
    assert session.probe.raw == tuple(session.prepared.raw[row])
    assert (
        session.probe.target == session.prepared.output_keys[int(session.prepared.class_index[row])]
    )


def test_activations_and_deltas_of_the_probe_are_right(driver: Driver) -> None:
    session = driver.session
    new = session.add_neuron(Kind.HIDDEN, 0, 0)
    session.connect(0, new)
    session.connect(new, session.network.topology.output_ids[0])
    probe, network = session.probe, session.network
    expected = by_hand(network, list(probe.raw))
    for row, neuron_id in enumerate(network.topology.ids.tolist()):
        assert probe.activations[row] == pytest.approx(expected[neuron_id], abs=1e-14)
    # Deltas: the bias moves z alone, so the loss's slope by the bias is the delta.
    index = 1 if probe.target == session.prepared.output_keys[1] else 0
    target = (-1.0, 1.0)[index]
    h = 1e-6
    for neuron_id in network.topology.ids.tolist():
        row = network.topology.row(neuron_id)
        if network.topology.kind_of(neuron_id) == Kind.INPUT:
            assert math.isnan(probe.delta[row])
            assert math.isnan(probe.pre_activations[row])
            continue
        bias = network.neuron(neuron_id).bias
        output = network.topology.output_ids[0]
        up, down = (
            0.5
            * (by_hand(network.set_bias(neuron_id, bias + d), list(probe.raw))[output] - target)
            ** 2
            for d in (h, -h)
        )
        assert probe.delta[row] == pytest.approx((up - down) / (2 * h), abs=1e-8)


def test_the_probe_follows_everything_at_once(driver: Driver) -> None:
    session = driver.session
    session.set_probe((1.0, -2.0))
    assert session.probe.target is None
    assert np.isnan(session.probe.delta).all()
    assert session.probe_place == (1.0, -2.0)
    shown: list[float] = []
    session.network_changed.connect(lambda *_: shown.append(session.probe.activations[-1]))
    session.set_weight(0, 2, 1.5)
    expected = by_hand(session.network, [1.0, -2.0])
    assert session.probe.activations[-1] == pytest.approx(expected[8])
    assert shown == [session.probe.activations[-1]]  # ready before anybody is told
    session.undo()
    assert session.probe.activations[-1] == pytest.approx(by_hand(session.network, [1, -2])[8])
    driver.train_until_step(100)
    expected = by_hand(session.network, [1.0, -2.0])
    assert session.probe.activations[-1] == pytest.approx(expected[8])


def test_a_probed_row_follows_its_data(driver: Driver) -> None:
    session = driver.session
    session.probe_row(7)
    before = session.probe.raw
    session.set_seed(3)
    assert session.probe.row == 7
    assert session.probe.raw != before
    assert session.probe.raw == tuple(session.prepared.raw[7])
    session.probe_row(10**6)
    session.probe_row(-1)
    assert session.probe.row == 7
    session.set_data(source="iris")
    assert session.probe.row == 7
    assert len(session.probe.raw) == 4
    assert session.probe.target in session.prepared.classes


def test_the_probe_of_a_regression_is_in_target_units(make_driver: MakeDriver) -> None:
    document, _ = new_document("diabetes", seed=2)
    assert document.preparation.scale_targets == "standard"
    session = make_driver(document).session
    from nnplay.data.datasets import generate

    table = generate(document.data, document.seed)
    row = session.probe.row
    expected = float(table.column(table.target).values[row])
    assert session.probe.target == pytest.approx(expected)


def test_unbound_inputs_are_probed_themselves(driver: Driver) -> None:
    session = driver.session
    session.add_neuron(Kind.INPUT, 0, 0)
    assert session.data_problem
    assert session.probe.raw == (0.0, 0.0, 0.0)
    session.set_probe((1.0, 2.0, 3.0))
    assert session.probe.inputs.tolist() == [1.0, 2.0, 3.0]
    assert session.probe.activations[-1] == 3.0
    session.undo()
    assert session.data_problem == ""
    assert len(session.probe.raw) == 2


def test_the_worked_example(make_driver: MakeDriver) -> None:
    network = Network.mlp([2, 1], output_activation="linear", input_bindings=["x1", "x2"])
    network = network.with_theta([0.1, 0.2, 0.3])
    session = make_driver(Document(network)).session
    session.set_probe((0.5, 0.6))
    assert session.probe.pre_activations[2] == pytest.approx(0.47, abs=1e-15)
    assert session.probe.activations[2] == pytest.approx(0.47, abs=1e-15)
    oracle = reference.evaluate(network, [[0.5, 0.6]])
    assert np.array_equal(session.probe.activations, oracle.a[:, 0])


# ---------------------------------------------------------------------- trail
def test_the_trail_is_bounded_and_cut_back(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe_module, "TRAIL_LIMIT", 60)
    session = driver.session
    for _ in range(150):
        session.step_batch()
    trail = session.activation_trail
    assert 30 <= len(trail) <= 60
    assert trail.epochs[0] == 0
    assert trail.epochs[-1] == session.shown_epoch == 6  # 25 steps each
    assert (np.diff(trail.epochs) > 0).all()
    assert trail.values.shape == (len(trail), 9)
    assert np.allclose(trail.values[-1], session.probe.activations, atol=1e-6)
    for _ in range(75):
        session.undo()
    assert session.activation_trail.epochs[-1] <= 3
    session.undo_to(0)
    assert len(session.activation_trail) == 1
    session.redo()
    assert len(session.activation_trail) >= 1


def test_the_trail_follows_neurons_and_starts_anew_with_the_probe(driver: Driver) -> None:
    session = driver.session
    driver.train_until_step(500)
    session.pause()
    before = session.activation_trail
    assert len(before) >= 2
    new = session.add_neuron(Kind.HIDDEN, 0, 0)
    session.remove([2])
    trail = session.activation_trail
    assert trail.values.shape == (len(before), 9)
    column = session.network.topology.row(new)
    assert np.isnan(trail.values[:, column]).all()
    old = 8  # the output's row before
    now = session.network.topology.row(8)
    assert np.array_equal(trail.values[:, now], before.values[:, old])
    session.set_probe((0.0, 0.0))
    assert len(session.activation_trail) == 0


# ---------------------------------------------------------------------- losses
def test_losses_follow_edits_at_once(driver: Driver) -> None:
    session = driver.session

    def expected() -> object:
        train, test = session.prepared.train_and_test(session.network)
        return evaluate(session.network, train, test, session.training.loss)

    assert session.losses == expected()
    before = session.losses
    session.set_weight(0, 2, 2.0)
    assert session.losses == expected() != before
    session.set_data(noise=40)
    assert session.losses == expected()
    session.set_training(loss="mse")
    assert session.losses == expected()
    session.undo_to(0)
    assert session.losses == before
    driver.train_until_step(200)
    session.pause()
    assert session.losses == expected()


def test_losses_and_maps_follow_training_at_a_measured_pace(driver: Driver) -> None:
    session = driver.session
    session.watch("canvas", MapRequest(resolution=20))
    session.start()
    driver.spin(0.3)
    driver.heard.clear()
    driver.spin(1.0)
    assert 8 <= driver.count("maps_arrived") <= 16
    assert 8 <= driver.count("losses_changed") <= 16
    session.pause()


# ---------------------------------------------------------------------- maps
def test_a_map_has_the_plane_the_right_way_up(driver: Driver) -> None:
    session = driver.session
    got: list[object] = []
    session.maps_arrived.connect(lambda key, result: got.append((key, result)))
    session.watch("map", MapRequest(resolution=30, neurons=(8, 0, 1)))
    driver.until(lambda: bool(got))
    key, result = got[-1]
    assert key == "map"
    assert result.neurons == (8, 0, 1)
    assert result.values.shape == (3, 30, 30)
    assert result.domain == (-6.0, 6.0, -6.0, 6.0)
    assert not result.values.flags.writeable
    x1, x2 = result.values[1], result.values[2]
    assert np.allclose(x1[0], np.linspace(-5.8, 5.8, 30), atol=1e-5)  # left to right
    assert np.allclose(x2[:, 0], np.linspace(5.8, -5.8, 30), atol=1e-5)  # the top is high
    for row, column in ((0, 0), (3, 20), (29, 11)):
        point = [-6 + (column + 0.5) * 0.4, 6 - (row + 0.5) * 0.4]
        assert result.values[0, row, column] == pytest.approx(
            by_hand(session.network, point)[8], abs=1e-4
        )


def test_the_latest_map_is_of_the_latest_network(driver: Driver) -> None:
    session = driver.session
    got: list[object] = []
    session.maps_arrived.connect(lambda _, result: got.append(result))
    session.watch("map", MapRequest(resolution=100))
    for value in np.linspace(-1, 1, 20):
        session.set_weight(0, 2, float(value))
        driver.spin(0.001)
    driver.spin(0.3)
    expected = decision_map(session.network, session.prepared, MapRequest(100), Programs())
    assert np.array_equal(got[-1].values, expected.values)
    generations = [result.generation for result in got]
    assert generations == sorted(generations)


def test_no_map_without_a_plane_or_after_looking_away(driver: Driver) -> None:
    session = driver.session
    session.watch("map", MapRequest(resolution=10))
    driver.spin(0.05)
    driver.heard.clear()
    session.set_data(source="iris")
    driver.spin(0.2)
    assert driver.count("maps_arrived") == 0
    session.undo()
    driver.spin(0.05)
    assert driver.count("maps_arrived") >= 1
    session.watch("map", None)
    driver.heard.clear()
    session.set_weight(0, 2, 0.5)
    driver.spin(0.2)
    assert driver.count("maps_arrived") == 0


def test_maps_name_the_neurons_that_exist(driver: Driver) -> None:
    session = driver.session
    got: list[object] = []
    session.maps_arrived.connect(lambda _, result: got.append(result))
    session.watch("all", MapRequest(resolution=10))
    session.watch("some", MapRequest(resolution=10, neurons=(2, 3)))
    session.remove([2])
    driver.spin(0.3)
    assert got[-1].neurons == (3,)
    assert got[-2].neurons == tuple(session.network.topology.ids.tolist())


def test_the_evaluator_does_the_latest_wish_only() -> None:
    gate, rings, done = threading.Event(), [], []
    evaluator = Evaluator(lambda: rings.append(1))
    evaluator.submit("slow", 0, gate.wait)
    time.sleep(0.02)
    for number in range(100):
        evaluator.submit("map", number, lambda n=number: done.append(n) or n)
    evaluator.submit("other", 0, lambda: 1 / 0)
    evaluator.submit("gone", 0, lambda: done.append("gone"))
    evaluator.drop("gone")
    gate.set()
    end = time.monotonic() + 5
    answers: list[object] = []
    while len(answers) < 3 and time.monotonic() < end:
        answers += evaluator.collect()
        time.sleep(0.001)
    evaluator.end()
    evaluator.join(time.monotonic() + 5)
    assert done == [99]
    assert [answer.key for answer in answers] == ["slow", "map", "other"]
    assert isinstance(answers[2].error, ZeroDivisionError)
    assert 1 <= len(rings) <= 3
    evaluator.submit("late", 0, lambda: done.append("late"))
    evaluator.end()
    evaluator.join(time.monotonic() + 5)
    assert done == [99]


def test_a_fault_while_computing_is_said_once(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nnplay.session import evaluation

    def broken(*_: object) -> object:
        raise RuntimeError("out of luck")

    monkeypatch.setattr(evaluation, "decision_map", broken)
    driver.session.watch("map", MapRequest(resolution=10))
    for value in range(5):
        driver.session.set_weight(0, 2, float(value))
        driver.spin(0.1)
    assert len([text for text in driver.texts if "out of luck" in text]) == 1


def test_a_document_whose_data_cannot_be_had(make_driver: MakeDriver) -> None:
    document, _ = new_document("circle")
    broken = replace(document, preparation=document.preparation.with_features(("x1", "x7")))
    driver = make_driver(broken)
    session = driver.session
    assert session.prepared is None
    assert "x7" in session.data_problem
    assert session.losses is None
    assert not session.start()
    assert session.set_features(("x1", "x2"))
    assert session.data_problem == ""
    assert session.start(1)
    driver.until(lambda: not session.is_running)


def test_a_place_from_a_file_that_is_a_sample_has_its_target(tmp_path: Path) -> None:
    """The worked example keeps its probe at x = (0.5, 0.6), its one sample, whose target is 1."""
    session = Session(load(example_path("single-neuron")), state_folder=tmp_path)
    try:
        assert session.probe.row == 0
        assert session.probe.target == 1.0
        # ReLU'(0.47) = 1, so the gradient is a − 1 for half the squared error.
        assert session.probe.delta[-1] == pytest.approx(0.47 - 1.0, abs=1e-15)
        session.set_probe((0.5, 0.61))
        assert (session.probe.row, session.probe.target) == (None, None)
        session.set_probe((0.5, 0.6))
        assert session.probe.row == 0
    finally:
        session.shutdown()
