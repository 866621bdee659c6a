"""Runs that end by themselves, go at a walking pace, or switch connections off."""

import math
import time
from collections.abc import Callable

import numpy as np
import pytest
from session.session_driver import Driver, same_document

from nnplay import headless
from nnplay.core.config import DEAD_LINKS
from nnplay.setup import new_document

MakeDriver = Callable[..., Driver]


# ---------------------------------------------------------------- pace
def test_ten_steps_a_second_are_ten_steps_a_second_each_with_its_frame(driver: Driver) -> None:
    session = driver.session
    session.set_speed(10.0)
    frames: list[int] = []
    session.frame_arrived.connect(lambda frame: frames.append(frame.step))
    session.start()
    began = time.monotonic()
    driver.until(lambda: session.shown_step >= 6)
    seconds = time.monotonic() - began
    assert seconds > 0.4  # five waits of a tenth of a second, whatever the machine
    session.pause()
    assert frames == sorted(frames)
    assert set(range(1, 6)) <= set(frames)  # every single step was shown


def test_a_slow_run_answers_at_once(driver: Driver) -> None:
    session = driver.session
    session.set_speed(0.05)  # one step in twenty seconds
    session.start()
    driver.until(lambda: session.shown_step == 1)
    began = time.monotonic()
    assert session.set_weight(0, 2, 0.25)
    driver.until(lambda: session.network.edge(0, 2).weight == 0.25)
    session.pause()
    assert time.monotonic() - began < 5.0
    assert session.network.edge(0, 2).weight == 0.25
    assert session.document.state.step == 1
    assert driver.steps == ["Train 1 step", driver.steps[1]]


def test_the_pace_changes_while_a_run_goes_on(driver: Driver) -> None:
    session = driver.session
    heard: list[float] = []
    session.speed_changed.connect(heard.append)
    session.set_speed(2.0)
    session.start()
    driver.until(lambda: session.shown_step >= 1)
    session.set_speed(math.inf)
    driver.until(lambda: session.shown_step > 500)
    session.set_speed(1.0)
    driver.spin(0.3)
    before = session.shown_step
    driver.spin(0.5)
    assert session.shown_step <= before + 2
    session.pause()
    assert heard == [2.0, math.inf, 1.0]


def test_pace_does_not_change_the_numbers(make_driver: MakeDriver) -> None:
    document = new_document("circle", seed=3)[0]
    driver = make_driver(document)
    session = driver.session
    session.set_speed(400.0)
    session.run_epochs(2)
    driver.until(lambda: session.shown_step > 10)
    session.set_speed(math.inf)
    driver.until(lambda: not session.is_running)
    assert same_document(session.document, headless.train(document, 2).document)


def test_speed_zero_or_below_is_no_speed(driver: Driver) -> None:
    driver.session.set_speed(0.0)
    driver.session.set_speed(-3.0)
    assert driver.session.speed == math.inf


# ---------------------------------------------------------------- ends
def test_a_run_stops_at_its_epoch_and_says_so(driver: Driver) -> None:
    session = driver.session
    assert session.set_training(stop_epoch=12)
    assert session.start()
    driver.until(lambda: not session.is_running)
    assert session.document.state.epoch == 12
    assert session.document.state.batch_in_epoch == 0
    assert any("epoch 12" in text for text in driver.texts)
    assert driver.steps[-1] == "Train 12 epochs"
    # Said as long as nobody does anything, for whoever has missed the notice.
    assert "epoch 12" in session.run_state.ending
    session.undo()
    assert session.run_state.ending == ""
    session.redo()
    assert not session.start()
    assert "raise the limit" in driver.texts[-1]
    assert not session.run_epochs(3)
    assert session.step_batch()  # by hand a step is what one asks for
    session.undo()
    assert session.set_training(stop_epoch=15)
    assert session.start()
    driver.until(lambda: not session.is_running)
    assert session.document.state.epoch == 15


def test_early_stopping_returns_to_the_best_weights_and_can_be_undone(
    make_driver: MakeDriver,
) -> None:
    document = new_document(
        "xor",
        noise=40,
        sample_count=40,
        layers=[2, 12, 8, 1],
        training={"learning_rate": 0.3, "early_stopping": True, "patience": 15},
    )[0]
    driver = make_driver(document)
    session = driver.session
    first = session.document
    assert session.start()
    driver.until(lambda: not session.is_running)
    curve = session.document.history
    best = int(np.argmin(curve.test[1:])) + 1
    assert curve.epochs[-1] - curve.epochs[best] == 15
    back = pytest.approx(curve.test[best], rel=1e-12)
    driver.until(lambda: session.losses is not None and session.losses.loss_test == back)
    assert session.document.state.epoch == curve.epochs[-1]
    assert same_document(session.document, headless.train(document, 10_000).document)
    session.undo()
    assert same_document(session.document, first)


def test_a_loss_that_is_small_enough_ends_a_run(driver: Driver) -> None:
    session = driver.session
    assert session.set_training(stop_loss=0.2)
    session.start()
    driver.until(lambda: not session.is_running)
    assert session.document.history.train[-1] <= 0.2
    assert (session.document.history.train[1:-1] > 0.2).all()


def test_a_limit_set_during_a_run_is_heeded(driver: Driver) -> None:
    session = driver.session
    session.start()
    driver.until(lambda: session.shown_epoch > 3)
    assert session.set_training(stop_epoch=session.shown_epoch + 2000)
    driver.until(lambda: not session.is_running)
    assert session.document.state.epoch == session.training.stop_epoch


# ---------------------------------------------------------------- dead links
def test_links_that_l1_kills_are_switched_off_until_reset(driver: Driver) -> None:
    session = driver.session
    assert session.set_training(l1=0.3, l1_dead_links=True)
    first = session.document
    session.start()
    driver.until(lambda: not session.network.enabled.all())
    session.pause()
    network = session.network
    dead = ~network.enabled
    assert dead.any()
    assert not network.theta[dead].any()
    assert np.array_equal(session.document.network.enabled, network.enabled)
    assert (session.document.state.optimizer_arrays[DEAD_LINKS][dead] == 1).all()
    session.undo()
    assert session.network.enabled.all()
    session.redo()
    assert np.array_equal(session.network.enabled, network.enabled)
    assert session.reset()
    assert session.network.same_as(first.network)
