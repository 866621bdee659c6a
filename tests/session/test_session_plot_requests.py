"""What plots ask for, where the parameters have been, and a landscape with a way out."""

import time

import numpy as np
import pytest
from session.session_driver import Driver

from nnplay.core.evaluation import evaluate_losses
from nnplay.core.landscape import Landscape, path_plane, random_plane, weight_plane
from nnplay.core.topology import Kind
from nnplay.session.epoch_requests import GradientWish, MetricWish
from nnplay.session.parameter_trail import exact_epoch
from nnplay.session.plot_requests import (
    AnswersWish,
    LayerWish,
    NoAnswer,
    Predictions,
    SampleActivations,
    SampleWish,
    Stamped,
)
from nnplay.session.values import RunState
from nnplay.setup import new_document


def train(driver: Driver, epochs: int) -> None:
    assert driver.session.run_epochs(epochs)
    driver.until(lambda: not driver.session.is_running)
    driver.spin(0.2)


def answer_of(driver: Driver, wish) -> object:
    job = wish.job(driver.session)
    assert job is not None
    stamped = job()
    assert isinstance(stamped, Stamped)
    assert stamped.network is driver.session.network
    return stamped.value


def test_answers_to_both_parts_make_the_confusion_matrix(driver: Driver) -> None:
    session, prepared = driver.session, driver.session.prepared
    train(driver, 20)
    for part in ("train", "test"):
        found = answer_of(driver, AnswersWish(part=part))
        assert isinstance(found, Predictions)
        rows = prepared.train_rows if part == "train" else prepared.test_rows
        assert sorted(rows.tolist()) == found.rows.tolist()
        np.testing.assert_array_equal(found.wanted, prepared.class_index[found.rows])
        matrix = found.confusion(2)
        assert matrix.sum() == len(rows)
        metric, losses = answer_of(driver, MetricWish()), session.losses
        assert isinstance(metric, np.ndarray)
        share = metric[0] if part == "train" else metric[1]
        engine = losses.accuracy_train if part == "train" else losses.accuracy_test
        assert np.trace(matrix) / matrix.sum() == pytest.approx(share) == engine
    assert session.shown_epoch == 20


def test_r_squared_is_that_of_scikit_learn(make_driver) -> None:
    from sklearn.metrics import r2_score

    driver = make_driver(new_document("reg-plane")[0])
    train(driver, 5)
    found = answer_of(driver, MetricWish())
    answers = answer_of(driver, AnswersWish(part="test"))
    assert isinstance(found, np.ndarray)
    assert found[1] == pytest.approx(r2_score(answers.wanted, answers.given))


def test_activations_come_sorted_by_class_for_one_layer_or_all(driver: Driver) -> None:
    session, prepared = driver.session, driver.session.prepared
    network = session.network
    every = answer_of(driver, SampleWish())
    assert isinstance(every, SampleActivations)
    assert every.neurons.tolist() == [2, 3, 4, 5, 6, 7, 8]
    assert (np.diff(every.keys) >= 0).all()
    np.testing.assert_array_equal(every.keys, prepared.class_index[every.rows])
    one = answer_of(driver, SampleWish(level=2, with_grid=True))
    assert one.neurons.tolist() == [6, 7]
    assert one.grid.shape[2] == 2
    columns = prepared.input_columns(network)
    place = 5
    x = prepared.inputs[every.rows[place], columns]
    wanted = hand_pass(network, x)
    np.testing.assert_allclose(every.values[:, place], wanted[every.neurons], atol=1e-6)
    (x0, _), (y0, _) = prepared.domain
    corner = prepared.input_matrix(network, np.array([[x0, y0]]))[0]
    np.testing.assert_allclose(one.grid[0, 0], hand_pass(network, corner)[[6, 7]], atol=1e-6)


def hand_pass(network, x: np.ndarray) -> np.ndarray:
    topology = network.topology
    values = np.zeros(topology.neuron_count)
    values[: len(x)] = x
    for row in np.argsort(topology.levels, kind="stable").tolist():
        if topology.bias_slots[row] < 0:
            continue
        total = network.theta[topology.bias_slots[row]]
        for slot in topology.incoming_slots[row].tolist():
            total += network.theta[slot] * values[topology.edge_rows[slot, 0]]
        assert network.activations[row] in ("tanh", "linear")
        values[row] = np.tanh(total) if network.activations[row] == "tanh" else total
    return values


def test_what_cannot_be_had_is_a_sentence(driver: Driver) -> None:
    assert isinstance(answer_of(driver, SampleWish(level=9)), NoAnswer)
    assert driver.session.set_data(train_percent=100)
    found = answer_of(driver, AnswersWish(part="test"))
    assert isinstance(found, NoAnswer)
    assert "testing" in found.problem
    driver.session.remove(neurons=driver.session.network.topology.output_ids)
    for wish in (GradientWish(), LayerWish(), MetricWish()):
        found = answer_of(driver, wish)
        assert isinstance(found, NoAnswer)
        assert found.problem.endswith(".")


def test_a_wish_takes_a_small_share_of_the_time_while_training(driver: Driver) -> None:
    session, wish = driver.session, GradientWish()
    answer_of(driver, wish)
    wish.pace.seconds = 1000.0
    assert wish.job(session) is not None
    session.start()
    try:
        assert wish.job(session) is None
        wish.pace.seconds, wish.pace.ready = 0.0, time.monotonic() - 10.0
        assert wish.job(session) is not None
    finally:
        session.pause()


def test_a_watched_wish_answers_for_what_is_shown(driver: Driver) -> None:
    session = driver.session
    heard: list[tuple[object, Stamped]] = []
    session.insight_arrived.connect(lambda key, value: heard.append((key, value)))
    session.watch("mine", GradientWish())
    driver.until(lambda: len(heard) == 1)
    session.set_bias(session.network.topology.hidden_ids[0], 0.7)
    driver.until(lambda: len(heard) > 1 and heard[-1][1].network is session.network)
    session.watch("mine", None)
    session.set_bias(session.network.topology.hidden_ids[0], 0.1)
    driver.spin(0.2)
    assert heard[-1][1].network is not session.network


def test_the_trail_of_parameters_follows_training_and_is_cut_by_undo(driver: Driver) -> None:
    session = driver.session
    trail = session.parameter_trail
    start = session.network.theta
    assert trail.epochs.tolist() == [0.0]
    train(driver, 30)
    assert trail.epochs[-1] == 30.0 == exact_epoch(session)
    assert (np.diff(trail.epochs) > 0).all()
    np.testing.assert_array_equal(trail.thetas[0], start.astype(np.float32))
    np.testing.assert_array_equal(trail.thetas[-1], session.network.theta.astype(np.float32))
    np.testing.assert_array_equal(trail.values([3, 0])[-1], trail.thetas[-1][[3, 0]])
    session.set_bias(session.network.topology.hidden_ids[0], 0.7)
    assert trail.epochs[-1] == 30.0
    np.testing.assert_array_equal(trail.thetas[-1], session.network.theta.astype(np.float32))
    session.undo()
    session.undo()
    assert trail.epochs.tolist() == [0.0]
    np.testing.assert_array_equal(trail.thetas[0], start.astype(np.float32))
    session.add_neuron(Kind.HIDDEN, 0.0, 0.0)
    assert trail.thetas.shape == (1, session.network.theta.size)


def test_the_trail_stays_bounded_and_keeps_its_ends(driver: Driver, monkeypatch) -> None:
    session = driver.session
    monkeypatch.setattr("nnplay.session.parameter_trail.MOST_MOMENTS", 8)
    trail = session.parameter_trail
    for _ in range(40):
        session.step_batch()
        driver.until(lambda: not session.is_running)
    assert len(trail) <= 8
    assert trail.epochs[0] == 0.0
    assert trail.epochs[-1] == exact_epoch(session)


def test_a_landscape_is_scanned_beside_the_window(driver: Driver) -> None:
    session = driver.session
    scan = session.landscape_scan
    rows: list[tuple[int, int]] = []
    found: list[Landscape] = []
    scan.advanced.connect(lambda done, of: rows.append((done, of)))
    scan.found.connect(found.append)
    network = session.network
    assert scan.start(lambda n: weight_plane(n, 0, 1), 7)
    assert not scan.start(lambda n: weight_plane(n, 0, 1), 7)
    driver.until(lambda: bool(found))
    assert rows[-1] == (7, 7)
    train, _ = session.workspace.data.samples(session.document)
    wanted = evaluate_losses(network, train, session.training).loss
    assert found[0].losses[3, 3] == pytest.approx(wanted, rel=1e-12)
    assert session.network is network
    assert not scan.is_running


def test_a_landscape_can_be_cancelled_and_fails_kindly(driver: Driver) -> None:
    scan = driver.session.landscape_scan
    told: list[str] = []
    found: list[Landscape] = []
    scan.failed.connect(told.append)
    scan.found.connect(found.append)
    scan.start(lambda n: random_plane(n, 1), 400)
    start = time.monotonic()
    scan.cancel()
    driver.until(lambda: told == [""])
    assert time.monotonic() - start < 5.0
    assert not found
    scan.start(lambda n: path_plane(n, np.empty((0, n.theta.size))), 5)
    driver.until(lambda: len(told) == 2)
    assert "too short" in told[1]


def test_the_session_ends_a_scan_under_way(driver: Driver) -> None:
    driver.session.landscape_scan.start(lambda n: random_plane(n, 1), 1000)
    driver.session.shutdown()
    assert not driver.session.landscape_scan.is_running
    assert driver.session.run_state == RunState()
