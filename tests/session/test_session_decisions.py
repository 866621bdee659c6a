"""Decisions about training that window, command line and Python have to agree on."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from session.session_driver import Driver, same_document, trainer_for

from nnplay import library
from nnplay.cli import main as command_line
from nnplay.core.history import EpochRecord
from nnplay.core.topology import Kind
from nnplay.core.training import Diverged, Trainer
from nnplay.session import undo_memory
from nnplay.session.session import Session
from nnplay.setup import new_document

MakeDriver = Callable[..., Driver]


@pytest.mark.parametrize("source", ["circle", "iris", "reg-gauss"])
def test_window_and_command_line_learn_the_same_bits(
    make_driver: MakeDriver, tmp_path: Path, source: str
) -> None:
    document = new_document(source, seed=5, training={"optimizer": "adam", "batch_size": 7})[0]
    place, log, out = tmp_path / "a.nnplay", tmp_path / "log.csv", tmp_path / "b.nnplay"
    library.save(document, place)
    asked = ["train", str(place), "--epochs", "25", "--log", str(log), "--out", str(out)]
    assert command_line(asked) == 0
    driver = make_driver()
    session = driver.session
    assert session.open_document(place)
    session.run_epochs(10)
    driver.until(lambda: not session.is_running)
    session.step_batch()  # and a pause in the middle of an epoch
    session.run_epochs(15)
    driver.until(lambda: not session.is_running)
    assert session.shown_epoch == 25
    header, *rows = log.read_text().splitlines()
    assert header == "epoch,loss_train,loss_test"
    logged = [[float(cell) for cell in row.split(",")] for row in rows]
    curve = session.curve
    assert logged == np.stack([curve.epochs, curve.train, curve.test], axis=1).tolist()
    trained = library.load(out)
    assert np.array_equal(trained.network.theta, session.network.theta)
    assert same_document(replace(trained, data=session.document.data), session.document)


def test_one_seed_fixes_everything_and_another_changes_everything(
    make_driver: MakeDriver,
) -> None:
    curves = []
    for seed in (3, 3, 4):
        driver = make_driver(new_document("circle", noise=20, seed=seed)[0])
        driver.session.run_epochs(3)
        driver.until(lambda session=driver.session: not session.is_running)
        curves.append(driver.session.curve)
    assert curves[0].same_as(curves[1])
    assert not set(curves[0].train) & set(curves[2].train)


def test_a_shuffle_seed_changes_the_order_alone(make_driver: MakeDriver) -> None:
    driver = make_driver()
    session = driver.session
    prepared, theta = session.prepared, session.network.theta
    curves = []
    for shuffle_seed in (None, 1):
        session.set_training(shuffle_seed=shuffle_seed)
        session.run_epochs(3)
        driver.until(lambda: not session.is_running)
        curves.append(session.curve)
        session.reset()
    assert session.prepared is prepared
    assert session.network.theta is theta or np.array_equal(session.network.theta, theta)
    assert curves[0].train[0] == curves[1].train[0]  # the same beginning
    assert not np.array_equal(curves[0].train[1:], curves[1].train[1:])


def test_a_seed_set_during_a_run_keeps_what_was_learnt(driver: Driver) -> None:
    session = driver.session
    driver.train_until_step(60)
    raw = session.prepared.raw
    assert session.set_seed(9)
    assert session.is_running
    assert not np.array_equal(session.prepared.raw, raw)
    session.pause()
    session.undo_to(2)
    assert driver.steps[1] == "Set the seed"
    after = session.document
    session.undo()
    assert np.array_equal(session.network.theta, after.network.theta)
    assert session.document.state is after.state
    assert np.array_equal(session.prepared.raw, raw)


def test_a_data_change_can_be_undone_during_a_run(driver: Driver) -> None:
    session = driver.session
    assert session.run_epochs(2)
    driver.until(lambda: not session.is_running)
    before, prepared = session.document, session.prepared
    assert session.set_data(source="iris")
    changed = session.document
    driver.train_until_step(session.shown_step + 20)
    session.undo()  # what was learnt since
    assert not session.is_running
    assert same_document(session.document, changed)
    session.undo()  # the data
    assert same_document(session.document, before)
    assert session.prepared is prepared
    assert session.data_problem == ""
    # Training goes on as if nothing had been.
    trainer = trainer_for(before)
    trainer.run(2)
    session.run_epochs(2)
    driver.until(lambda: not session.is_running)
    assert np.array_equal(session.network.theta, trainer.theta)


def test_initial_weights_follow_their_neurons_through_edits(driver: Driver) -> None:
    """Reset goes to the initial weights, also of a network that was rebuilt after training."""
    session = driver.session
    session.set_weight(0, 3, 0.375)
    initial = {(e.source, e.target): e.weight for e in session.network.edges}
    driver.train_until_step(50)
    session.pause()
    assert session.network.edge(0, 3).weight != 0.375
    session.remove([2])
    new = session.add_neuron(Kind.HIDDEN, 0, 0)
    session.connect(0, new)
    drawn = session.network.edge(0, new).weight
    driver.train_until_step(session.shown_step + 50)
    assert session.reset()
    assert session.network.edge(0, new).weight == drawn
    for edge in session.network.edges:
        if edge.target != new:
            assert edge.weight == initial[edge.source, edge.target]
    assert (session.shown_step, session.document.state.optimizer_arrays) == (0, {})


def test_new_weights_start_over_and_are_others_every_time(driver: Driver) -> None:
    session = driver.session
    first = session.network.theta
    driver.train_until_step(50)
    session.draw_new_weights()
    assert not session.is_running
    assert (session.shown_step, len(session.curve)) == (0, 0)
    second = session.network.theta
    session.draw_new_weights()
    third = session.network.theta
    assert not np.array_equal(first, second)
    assert not np.array_equal(second, third)
    driver.train_until_step(50)
    session.reset()
    assert np.array_equal(session.network.theta, third)  # those, not the very first
    session.undo_to(0)
    assert np.array_equal(session.network.theta, first)
    assert session.document.draw == 0


def test_a_weight_held_by_hand_is_saved_unlocked_and_stays_held(
    driver: Driver, tmp_path: Path
) -> None:
    session = driver.session
    session.start()
    session.hold_slot(0)
    gesture = session.begin_gesture()
    session.set_weight(0, 2, 0.25, gesture)
    driver.train_until_step(session.shown_step + 30)
    assert session.save(tmp_path / "a.nnplay")
    assert session.is_running
    assert not library.load(tmp_path / "a.nnplay").network.frozen.any()
    driver.train_until_step(session.shown_step + 30)
    assert session.network.edge(0, 2).weight == 0.25  # saving does not open the hand
    session.release_slot(0)
    driver.until(lambda: session.network.edge(0, 2).weight != 0.25)


def test_undo_memory_is_bounded_and_lies_in_the_state_folder(driver: Driver) -> None:
    memory = driver.session.workspace._memory
    assert memory._limit == undo_memory.LIMIT == 256 * 2**20
    assert memory._folder == driver.session.settings.folder


# ---------------------------------------------------------------------- divergence
@pytest.mark.parametrize("rate", [10.0, 1e4])
def test_the_way_out_of_divergence_leads_out(make_driver: MakeDriver, rate: float) -> None:
    document = new_document("reg-plane", activation="relu", training={"learning_rate": rate})[0]
    driver = make_driver(document)
    session = driver.session
    seen = 0
    while session.run_epochs(200):
        driver.until(lambda: not session.is_running)
        if session.run_state.kind != "diverged":
            break
        notice = driver.notices[-1]
        assert "diverged at step" in notice.text
        assert "of epoch 0, step 0 are back" in notice.text
        before = session.document
        assert np.array_equal(before.network.theta, document.network.theta)
        assert (session.shown_epoch, session.shown_step, len(session.curve)) == (0, 0, 0)
        assert np.isfinite(session.losses.loss_train)
        assert notice.action()
        assert session.run_state.kind == "idle"
        assert session.training.learning_rate == before.training.learning_rate / 10
        session.undo()
        assert session.document is before  # nothing is lost
        session.redo()
        seen += 1
        assert seen < 10
    assert seen >= 1
    assert session.shown_epoch == 200


def test_divergence_leads_back_to_the_last_weights_that_were_of_use(
    make_driver: MakeDriver,
) -> None:
    # Adam learns well with any rate at first; its steps become too large with the rate alone.
    driver = make_driver(new_document("reg-plane", training={"learning_rate": 0.03})[0])
    session = driver.session
    session.run_epochs(20)
    driver.until(lambda: not session.is_running)
    learnt, loss = session.document, session.losses.loss_train
    session.set_training(learning_rate=1e3)
    session.start()
    driver.until(lambda: not session.is_running)
    assert session.run_state.kind == "diverged"
    assert session.losses.loss_train <= loss
    assert session.shown_epoch >= learnt.state.epoch
    assert (
        f"of epoch {session.shown_epoch:,}, step {session.shown_step:,} are back"
        in (driver.texts[-1])
    )
    assert (session.curve.train <= session.curve.train[0]).all()


def test_frames_before_divergence_are_kept_as_far_as_they_are_of_use(
    make_driver: MakeDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Learning is fine until, out of the blue, a step is not finite."""
    advance, shown = Trainer.advance, []

    def unlucky(self: Trainer, *arguments: Any) -> list[EpochRecord]:
        records = advance(self, *arguments)
        if self.epoch >= 400 and shown and shown[-1] >= 100:
            self._diverged = Diverged(
                self.step_count + 1, self.epoch, np.inf, self.theta, self.state
            )
        return records

    monkeypatch.setattr(Trainer, "advance", unlucky)
    driver = make_driver()
    session = driver.session
    session.frame_arrived.connect(lambda frame: shown.append(frame.epoch))
    first = session.document
    session.start()
    driver.until(lambda: not session.is_running)
    assert session.run_state.kind == "diverged"
    assert session.shown_epoch >= 100
    assert session.losses.loss_train < session.curve.train[0]
    assert session.curve.epochs[-1] == session.shown_epoch
    assert len(driver.steps) == 1
    session.undo()
    assert same_document(session.document, first)


@pytest.mark.parametrize(
    "act",
    [
        lambda s: s.reset(),
        lambda s: s.set_weight(0, 2, 0.5),
        lambda s: s.set_data(source="circle"),
        lambda s: s.undo(),
        lambda s: s.new_document(new_document("xor")[0]),
        lambda s: s.set_training(learning_rate=0.01),
    ],
)
def test_diverged_is_said_until_somebody_does_something(
    make_driver: MakeDriver, act: Callable[[Session], object]
) -> None:
    driver = make_driver(
        new_document("reg-plane", activation="relu", training={"learning_rate": 1e4})[0]
    )
    session = driver.session
    session.run_epochs(200)
    driver.until(lambda: not session.is_running)
    assert session.run_state.kind == "diverged"
    heard = driver.count("run_state_changed")
    act(session)
    assert session.run_state.kind == "idle"
    assert driver.count("run_state_changed") == heard + 1


def test_the_way_out_spares_what_was_done_since(make_driver: MakeDriver) -> None:
    driver = make_driver(
        new_document("reg-plane", activation="relu", training={"learning_rate": 1e4})[0]
    )
    session = driver.session
    session.run_epochs(200)
    driver.until(lambda: not session.is_running)
    assert session.run_state.kind == "diverged"
    session.set_weight(0, 2, 0.5)
    theta = session.network.theta
    driver.notices[-1].action()
    assert np.array_equal(session.network.theta, theta)
    assert session.training.learning_rate == 1e3


def test_a_fault_in_a_single_step_is_said(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    from nnplay.core.training import Trainer

    session, before = driver.session, driver.session.document

    def broken(self: Trainer, *arguments: object) -> object:
        raise RuntimeError("out of luck")

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "advance", broken)
        assert not session.step_batch()
    assert session.run_state.kind == "failed"
    assert "out of luck" in driver.texts[-1]
    assert session.document is before
    assert session.step_batch()
    assert session.run_state.kind == "idle"


# ---------------------------------------------------------------------- a clean end
LEAVING = """
import sys, time
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from nnplay.session import reader, session as module
from nnplay.session.values import MapRequest
from nnplay.setup import new_document

app = QCoreApplication([])
folder = Path(sys.argv[1])
if sys.argv[2] == "left alone":
    module.LONGEST_SHUTDOWN = 0.0
reader.LONGEST_WAIT = -1.0
table = folder / "a.csv"
table.write_text("a,b\\n" + "1,2\\n3,4\\n" * 100)
session = module.Session(new_document("circle", hidden=(300, 300))[0], state_folder=folder)
session.watch("map", MapRequest(resolution=60))
session.start()
end = time.monotonic() + 0.3
while time.monotonic() < end:
    app.processEvents()
session.open_table(table)
session.shutdown()
print(session.document.state.step > 0, session.busy == "", session.is_running)
"""


@pytest.mark.parametrize("how", ["joined", "left alone"])
def test_a_process_that_leaves_in_the_middle_ends_cleanly(tmp_path: Path, how: str) -> None:
    root = Path(library.__file__).parents[1]
    ended = subprocess.run(
        [sys.executable, "-c", LEAVING, str(tmp_path), how],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.stdout, ended.stderr, ended.returncode) == ("True True False\n", "", 0)
