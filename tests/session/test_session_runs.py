"""Training runs: real threads, segments, live edits, ends of every kind."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from session.session_driver import Driver, same_document, trainer_for

from nnplay.core import large_batch
from nnplay.core.history import EpochRecord, History
from nnplay.core.topology import Kind
from nnplay.core.training import Trainer
from nnplay.document import Document
from nnplay.session import run as run_module
from nnplay.session.mailbox import Mailbox
from nnplay.session.messages import MeasureLosses, SetParameters
from nnplay.setup import new_document

MakeDriver = Callable[..., Driver]


def documents() -> dict[str, Document]:
    return {
        "default": new_document("circle")[0],
        "momentum": new_document(
            "spiral", seed=3, training={"optimizer": "momentum", "learning_rate": 0.01}
        )[0],
        "adam on iris": new_document("iris", seed=1)[0],
        "short last batch": new_document("gauss", noise=20, training={"batch_size": 7})[0],
    }


# ---------------------------------------------------------------------- the same as headless
@pytest.mark.parametrize("name", documents())
def test_a_run_is_bit_identical_to_a_headless_one(make_driver: MakeDriver, name: str) -> None:
    document = documents()[name]
    driver = make_driver(document)
    session = driver.session
    assert session.start(40)
    # A restless window: painting, probing and looking at maps must not leak into the numbers.
    while session.is_running:
        session.paint_gate.clear()
        driver.spin(0.001)
        session.paint_gate.set()
        session.set_probe(session.prepared.raw[3])
        driver.spin(0.002)
    trainer = trainer_for(document)
    before = trainer.evaluate()
    records = [EpochRecord(0, before.loss_train, before.loss_test)]
    trainer.run(40, records.append)
    assert session.shown_epoch == 40
    assert np.array_equal(session.network.theta, trainer.theta)
    assert session.document.history.same_as(History().append_many(records))
    for key, values in trainer.state.optimizer_arrays.items():
        assert np.array_equal(session.document.state.optimizer_arrays[key], values)


def test_pauses_and_single_steps_do_not_change_the_numbers(driver: Driver) -> None:
    session = driver.session
    start = session.document
    for _ in range(5):
        driver.train_until_step(session.shown_step + 40)
        session.pause()
        assert session.step_batch()
    total = session.shown_step
    trainer = trainer_for(start)
    records = trainer.advance(total, None)
    assert np.array_equal(session.network.theta, trainer.theta)
    assert session.curve.epochs.tolist() == [0.0, *(r.epoch for r in records)]
    assert session.curve.train.tolist()[1:] == [r.loss_train for r in records]


# ---------------------------------------------------------------------- one undoable step
def test_a_run_is_one_step(driver: Driver) -> None:
    session = driver.session
    start = session.document
    assert session.run_epochs(30)
    assert session.run_state.kind == "running"
    driver.until(lambda: not session.is_running)
    assert driver.steps == ["Train 30 epochs"]
    trained = session.document
    assert trained.state.epoch == session.shown_epoch == 30
    assert len(session.curve) == 31
    session.undo()
    assert same_document(session.document, start)
    assert (session.shown_epoch, len(session.curve)) == (0, 0)
    session.redo()
    assert same_document(session.document, trained)


def test_run_epochs_during_a_run_counts_from_now(driver: Driver) -> None:
    session = driver.session
    driver.train_until_step(100)
    assert session.run_epochs(5)
    driver.until(lambda: not session.is_running)
    assert session.document.state.batch_in_epoch == 0
    assert not session.start(0)


def test_single_steps_say_what_they_are(driver: Driver) -> None:
    session = driver.session
    session.step_batch()
    assert driver.steps == ["Train 1 step"]
    assert session.shown_step == 1
    assert driver.count("frame_arrived") == 1
    session.undo()
    assert session.shown_step == 0


def test_modified_from_the_first_step_on(driver: Driver, tmp_path: Path) -> None:
    session = driver.session
    assert not session.is_modified
    session.start()
    driver.until(lambda: session.shown_step > 0)
    assert session.is_modified
    assert session.save(tmp_path / "a.nnplay")
    assert session.is_running
    driver.until(lambda: session.is_modified)
    session.pause()
    session.undo()
    assert not session.is_modified  # back at what was saved
    flags = [arguments[0] for name, arguments in driver.heard if name == "modified_changed"]
    assert flags == [True, False, True, False]


# ---------------------------------------------------------------------- edits on the way
def test_every_edit_closes_a_segment_and_training_goes_on(driver: Driver) -> None:
    session = driver.session
    documents = [session.document]
    driver.train_until_step(50)
    session.set_training(learning_rate=0.1)
    assert session.is_running
    assert driver.steps[0].startswith("Train ")
    assert driver.steps[1] == "Set the learning rate"
    driver.train_until_step(session.shown_step + 50)
    session.set_weight(0, 2, 0.5)
    assert session.network.edge(0, 2).weight == 0.5
    driver.train_until_step(session.shown_step + 50)
    new = session.add_neuron(Kind.HIDDEN, 0, 0)
    session.connect(0, new)
    driver.train_until_step(session.shown_step + 50)
    session.set_data(noise=30)
    driver.train_until_step(session.shown_step + 50)
    session.set_activation([2], "relu")
    driver.train_until_step(session.shown_step + 50)
    session.set_seed(9)
    driver.train_until_step(session.shown_step + 50)
    assert session.is_running
    session.pause()
    kinds = [text.split()[0] for text in driver.steps]
    # Between drawing a neuron and connecting it there may have been time for some steps.
    assert 7 <= kinds.count("Train") <= 8
    assert driver.texts == []
    for _ in driver.steps:
        session.undo()
    assert same_document(session.document, documents[0])


def test_segments_add_up_to_the_same_numbers_headless(driver: Driver) -> None:
    """Replaying the undo stack with a plain trainer gives the same bits."""
    session = driver.session
    start = session.document
    driver.train_until_step(60)
    session.set_training(learning_rate=0.2)
    driver.train_until_step(session.shown_step + 60)
    session.set_parameters({3: -0.75})
    driver.train_until_step(session.shown_step + 60)
    session.set_training(optimizer="adam", batch_size=16)
    driver.train_until_step(session.shown_step + 60)
    session.pause()
    end = session.document
    marks = []
    for index in range(len(driver.steps) + 1):
        session.undo_to(index)
        marks.append(session.document)
    trainer = trainer_for(start)
    trainer.advance(marks[1].state.step, None)
    trainer.set_config(marks[2].training)
    trainer.advance(marks[3].state.step - marks[1].state.step, None)
    trainer.set_parameters({3: -0.75})
    trainer.advance(marks[5].state.step - marks[3].state.step, None)
    trainer.set_config(marks[6].training)
    trainer.advance(marks[7].state.step - marks[5].state.step, None)
    assert np.array_equal(trainer.theta, end.network.theta)
    assert same_document(session.document, end)


def test_200_live_edits_none_is_lost(driver: Driver) -> None:
    session = driver.session
    session.set_frozen(list(range(session.network.topology.parameter_count)), True)
    session.start()
    random = np.random.default_rng(0)
    wanted = session.network.theta.copy()
    for number in range(200):
        slot, value = int(random.integers(wanted.size)), float(random.normal())
        gesture = session.begin_gesture() if number % 3 else None
        assert session.set_parameters({slot: value}, gesture)
        wanted[slot] = value
        if gesture is not None and number % 2:
            assert session.set_parameters({slot: value + 1}, gesture)
            wanted[slot] = value + 1
        assert np.array_equal(session.network.theta, wanted)
        if number % 10 == 0:
            driver.spin(0.002)
            assert np.array_equal(session.network.theta, wanted)
    session.pause()
    assert np.array_equal(session.network.theta, wanted)
    edits = [text for text in driver.steps if not text.startswith("Train")]
    assert len(edits) == 1 + 200


def test_a_dragged_weight_is_one_step_while_training_goes_on(driver: Driver) -> None:
    session = driver.session
    driver.train_until_step(100)
    before = session.shown_step
    gesture = session.begin_gesture()
    session.hold_slot(0)
    for value in np.linspace(0, 1, 50):
        session.set_weight(0, 2, float(value), gesture)
        assert session.network.edge(0, 2).weight == value
        driver.spin(0.002)
        assert session.network.edge(0, 2).weight == value, "training moved a held weight"
    assert session.shown_step > before
    session.release_slot(0)
    driver.until(lambda: session.network.edge(0, 2).weight != 1.0)
    session.pause()
    assert [text.split()[0] for text in driver.steps] == ["Train", "Set", "Train"]
    assert not session.network.frozen.any()
    session.undo()
    assert session.network.edge(0, 2).weight == 1.0
    after_edit = session.document
    session.undo()
    theta = session.network.theta
    session.redo()
    assert same_document(session.document, after_edit)
    assert np.flatnonzero(theta != session.network.theta).tolist() == [0]


def test_a_dragged_learning_rate_is_one_step(driver: Driver) -> None:
    session = driver.session
    driver.train_until_step(100)
    gesture = session.begin_gesture()
    for value in np.linspace(0.01, 0.2, 30):
        session.set_training(gesture, learning_rate=float(value))
        driver.spin(0.001)
    assert session.is_running
    session.pause()
    assert [text.split()[0] for text in driver.steps] == ["Train", "Set", "Train"]
    session.undo()
    assert session.training.learning_rate == 0.2
    session.undo()
    assert session.training.learning_rate == 0.03


def test_a_drag_that_began_before_the_run_closes_a_segment(driver: Driver) -> None:
    session = driver.session
    start, gesture = session.document, session.begin_gesture()
    session.set_weight(0, 2, 0.1, gesture)
    before_run = session.document
    session.start()
    driver.until(lambda: session.shown_step > 20)
    session.set_weight(0, 2, 0.9, gesture)
    driver.until(lambda: session.shown_step > session.document.state.step + 20)
    session.pause()
    assert [text.split()[0] for text in driver.steps] == ["Set", "Train", "Set", "Train"]
    assert session.document.initial[0] == 0.1  # what training started from
    session.undo()
    session.undo()
    trained = session.document
    again = trainer_for(before_run)
    again.advance(trained.state.step, None)
    assert np.array_equal(again.theta, trained.network.theta)
    session.undo()
    assert same_document(session.document, before_run)
    session.undo()
    assert same_document(session.document, start)


def test_moving_and_renaming_do_not_split_a_run(driver: Driver) -> None:
    session = driver.session
    driver.train_until_step(100)
    session.move_neurons({2: (1.0, 2.0)})
    session.set_label(2, "two")
    assert session.network.label_of(2) == "two"
    assert not np.array_equal(session.network.theta, session.document.network.theta)
    driver.train_until_step(session.shown_step + 100)
    session.pause()
    assert driver.steps[:2] == ["Move a neuron", "Rename a neuron"]
    assert driver.steps[2].startswith("Train")
    assert session.network.label_of(2) == "two"
    session.undo()
    assert session.network.label_of(2) == "two"
    assert session.shown_step == 0


def test_structure_keeps_the_optimisers_memory(make_driver: MakeDriver) -> None:
    driver = make_driver(new_document("circle", training={"optimizer": "adam"})[0])
    session = driver.session
    driver.train_until_step(200)
    new = session.add_neuron(Kind.HIDDEN, 0, 0)
    edited = session.document
    session.undo_stack.command(0)
    memory = edited.state.optimizer_arrays["second_moment"]
    bias = edited.network.topology.bias_slot(new)
    kept = np.delete(np.arange(memory.size), bias)
    assert memory[bias] == 0
    assert (memory[kept] > 0).all()
    session.pause()
    session.undo()
    trainer = trainer_for(edited)
    session.redo()
    trainer.advance(session.shown_step - edited.state.step, None)
    assert np.array_equal(trainer.theta, session.network.theta)
    assert session.document.state.optimizer_step == session.shown_step


def test_refused_edits_leave_the_run_alone(driver: Driver) -> None:
    session = driver.session
    driver.train_until_step(50)
    assert not session.connect(2, 0)
    assert not session.set_training(learning_rate=-1.0)
    assert not session.set_training(loss="binary_cross_entropy")
    assert not session.set_weight(0, 2, float("nan"))
    assert not session.set_training(learning_rate=0.03)  # no change
    assert session.is_running
    step = session.shown_step
    driver.until(lambda: session.shown_step > step)
    session.pause()
    assert len(driver.steps) == 1
    assert len(driver.texts) == 4


def test_a_fault_in_an_edit_leaves_the_run_alone(driver: Driver) -> None:
    session = driver.session
    driver.train_until_step(100)
    with pytest.raises(ZeroDivisionError):
        session.edit("Divide", lambda document: 1 // 0)
    assert session.is_running
    step = session.shown_step
    driver.until(lambda: session.shown_step > step + 100)
    session.pause()
    assert [text.split()[0] for text in driver.steps] == ["Train"]


def test_an_edit_that_leaves_nothing_to_train_stops_the_run(driver: Driver) -> None:
    session = driver.session
    driver.train_until_step(50)
    output = session.network.topology.output_ids[0]
    assert session.remove([output])
    assert not session.is_running
    assert driver.texts[0].startswith("Training stopped.")
    assert driver.steps[1] == "Delete a neuron"
    session.undo()
    assert session.start(1)
    driver.until(lambda: not session.is_running)


# ---------------------------------------------------------------------- undo, redo, save, close
def test_undo_during_a_run_takes_the_segment_back_and_stops(driver: Driver) -> None:
    session = driver.session
    start = session.document
    session.set_weight(0, 2, 0.4)
    edited = session.document
    driver.train_until_step(50)
    session.undo()
    assert not session.is_running
    assert same_document(session.document, edited)
    session.undo()
    assert same_document(session.document, start)
    session.redo()
    session.redo()
    assert session.shown_step >= 50


def test_redo_during_a_run_commits_first(driver: Driver) -> None:
    session = driver.session
    session.set_weight(0, 2, 0.4)
    session.undo()
    driver.train_until_step(50)
    session.redo()
    assert not session.is_running
    assert len(driver.steps) == 1
    assert driver.steps[0].startswith("Train")
    assert session.shown_step >= 50


def test_save_during_a_run_holds_what_was_learnt_and_goes_on(
    driver: Driver, tmp_path: Path
) -> None:
    from nnplay import library

    session = driver.session
    driver.train_until_step(50)
    assert session.save(tmp_path / "a.nnplay")
    assert session.is_running
    saved = library.load(tmp_path / "a.nnplay")
    assert saved.state.step >= 50
    assert saved.history.epochs[0] == 0
    driver.until(lambda: session.shown_step > saved.state.step)
    session.pause()
    session.undo()
    assert np.array_equal(saved.network.theta, session.network.theta)
    assert not session.is_modified


def test_reset_stops_and_can_be_undone(driver: Driver) -> None:
    session = driver.session
    initial = session.network.theta
    driver.train_until_step(50)
    session.reset()
    assert not session.is_running
    assert np.array_equal(session.network.theta, initial)
    session.undo()
    assert session.shown_step >= 50


def test_another_document_ends_the_run(driver: Driver) -> None:
    session = driver.session
    driver.train_until_step(50)
    driver.heard.clear()
    other = new_document("xor")[0]
    session.new_document(other)
    assert session.document is other
    assert not session.is_running
    assert not session.is_modified
    assert driver.steps == []
    assert "document_replaced" in driver.names()
    driver.spin(0.05)
    assert session.network is other.network


def test_shutdown_commits_and_leaves_no_thread(make_driver: MakeDriver) -> None:
    driver = make_driver()
    driver.train_until_step(50)
    driver.session.shutdown()
    names = [thread.name for thread in threading.enumerate()]
    assert not [name for name in names if name.startswith("nnplay")]
    assert driver.session.document.state.step >= 50
    driver.session.shutdown()  # once more does no harm


# ---------------------------------------------------------------------- bad ends
def exploding() -> Document:
    document, _ = new_document("reg-plane", training={"learning_rate": 0.03})
    return replace(
        document,
        training=replace(document.training, learning_rate=1e3, optimizer="momentum"),
    )


def test_divergence_names_its_step_and_leads_back_to_the_start(make_driver: MakeDriver) -> None:
    document = exploding()
    driver = make_driver(document)
    session = driver.session
    driver.train_until_step(10**9)
    assert not session.is_running
    assert session.run_state.kind == "diverged"
    trainer = trainer_for(document)
    outcome = trainer.run(10_000)
    assert f"step {outcome.step:,}" in driver.texts[-1]
    assert "learning rate" in driver.texts[-1]
    assert same_document(session.document, document)
    assert session.shown_step == 0
    # The way out that is offered works.
    notice = driver.notices[-1]
    notice.action()
    assert session.training.learning_rate == 100.0
    session.undo_to(0)
    assert same_document(session.document, document)


def test_divergence_in_a_single_step(make_driver: MakeDriver) -> None:
    document = exploding()
    driver = make_driver(
        replace(document, training=replace(document.training, learning_rate=1e300))
    )
    session = driver.session
    results = [session.step_batch() for _ in range(3)]
    assert False in results
    assert np.isfinite(session.network.theta).all()
    assert "learning rate" in driver.texts[-1]


def test_a_fault_in_the_thread_is_said_and_nothing_is_lost(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = driver.session
    start = session.document
    advance, calls = Trainer.advance, iter(range(10**9))

    def broken(self: Trainer, *arguments: object) -> object:
        if next(calls) > 200:
            raise RuntimeError("out of luck")
        return advance(self, *arguments)

    monkeypatch.setattr(Trainer, "advance", broken)
    driver.train_until_step(10**9)
    monkeypatch.undo()
    assert session.run_state.kind == "failed"
    assert "out of luck" in driver.texts[-1]
    assert driver.notices[-1].severity == "error"
    assert session.shown_step > 0
    trainer = trainer_for(start)
    trainer.advance(session.shown_step, None)
    assert np.array_equal(trainer.theta, session.network.theta)
    assert session.start(1)
    driver.until(lambda: not session.is_running)


def test_edits_under_way_survive_a_fault(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    session = driver.session
    session.start()
    driver.until(lambda: session.shown_step > 10)
    gesture = session.begin_gesture()
    session.set_parameters({0: 0.5}, gesture)

    def broken(self: SetParameters, trainer: Trainer) -> Trainer:
        raise RuntimeError("out of luck")

    monkeypatch.setattr(SetParameters, "apply", broken)
    session.set_parameters({0: 0.75}, gesture)
    driver.until(lambda: not session.is_running)
    assert session.network.theta[0] == 0.75
    assert "out of luck" in driver.texts[-1]


@pytest.mark.parametrize(
    "change",
    [{"learning_rate": -1.0}, {"loss": "binary_cross_entropy"}, {"batch_size": 0}],
)
def test_a_foreign_document_that_cannot_be_trained(
    make_driver: MakeDriver, change: dict[str, object]
) -> None:
    document, _ = new_document("circle")
    driver = make_driver(replace(document, training=replace(document.training, **change)))
    session = driver.session
    assert not session.start()
    assert not session.step_batch()
    assert len(driver.texts) == 2
    assert not session.is_running
    assert session.document.state.step == 0


# ---------------------------------------------------------------------- the first row of the curve
def test_the_losses_before_training_are_measured_beside_the_window(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = driver.session
    present, threads = Trainer.present_losses, []
    go_on = threading.Event()

    def slow(self: Trainer, _abandon: object) -> EpochRecord:
        threads.append(threading.current_thread().name)
        assert go_on.wait(20)
        return present(self)

    monkeypatch.setattr(Trainer, "present_losses", slow)
    before = trainer_for(session.document).evaluate()
    assert session.start(3)  # comes back although nothing is measured yet
    driver.until(lambda: bool(threads))
    assert len(session.curve) == 0
    go_on.set()
    driver.until(lambda: not session.is_running)
    session.run_epochs(2)  # the curve has its row already
    driver.until(lambda: not session.is_running)
    assert threads == ["nnplay-training"]
    curve = session.document.history
    assert curve.epochs.tolist() == [0, 1, 2, 3, 4, 5]
    assert (curve.train[0], curve.test[0]) == (before.loss_train, before.loss_test)


@pytest.mark.parametrize("is_given_up", [False, True])
@pytest.mark.parametrize("edit", ["weight", "activation", "save", "epochs", "data"])
def test_what_happens_before_the_first_step_leaves_one_first_row(
    driver: Driver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, edit: str, is_given_up: bool
) -> None:
    session = driver.session
    present, held = Trainer.present_losses, threading.Event()

    def until_asked_to_rest(self: Trainer, abandon: Callable[[], bool]) -> EpochRecord | None:
        run = session._runner._run
        end = time.monotonic() + 20
        while not held.is_set() and not run._park_wanted and time.monotonic() < end:
            time.sleep(0.001)
        held.set()
        return None if is_given_up and abandon() else present(self)

    monkeypatch.setattr(Trainer, "present_losses", until_asked_to_rest)
    assert session.start(4)
    if edit == "weight":
        session.set_weight(0, 2, 3.0)
    elif edit == "activation":
        session.set_activation([2], "relu")
    elif edit == "save":
        assert session.save(tmp_path / "a.nnplay")
    elif edit == "epochs":
        session.run_epochs(4)
    else:
        session.set_data(noise=30)
    assert held.is_set()
    start = session.document
    driver.until(lambda: not session.is_running)
    before = trainer_for(start).evaluate()
    curve = session.document.history
    assert curve.epochs.tolist() == [0, 1, 2, 3, 4]
    assert (curve.train[0], curve.test[0]) == (before.loss_train, before.loss_test)


def test_a_run_stopped_before_its_first_step_measures_nothing(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured: list[Trainer] = []
    monkeypatch.setattr(Trainer, "present_losses", lambda self, _abandon: measured.append(self))
    trainer = trainer_for(driver.session.document)
    run = run_module.TrainingRun(trainer, None, driver.session.paint_gate, lambda: None)
    run.send(MeasureLosses())
    run._stop_wanted = True  # asked for before the thread looks around
    run.start()
    assert run.stop().kind == "stopped"
    assert (measured, trainer.state.step) == ([], 0)


# ---------------------------------------------------------------------- long steps
@pytest.fixture
def large_batches(monkeypatch: pytest.MonkeyPatch) -> Document:
    """The default network on full batches that count as large: 16 samples at once."""
    monkeypatch.setattr(large_batch, "_WORK_AT_ONCE", 1)
    monkeypatch.setattr(large_batch, "_FEWEST_SAMPLES", 16)
    return new_document("circle", training={"batch_size": 1000})[0]


def test_nobody_waits_for_the_end_of_a_long_step(
    make_driver: MakeDriver, large_batches: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = make_driver(large_batches).session
    look, chunks = Trainer._look_around, threading.Semaphore(0)
    awaited: list[int] = []

    def slow(self: Trainer) -> None:
        chunks.release()
        time.sleep(0.005)  # long enough for somebody to come
        if session._runner._run._park_wanted:
            awaited.append(self.step)
        look(self)

    monkeypatch.setattr(Trainer, "_look_around", slow)
    assert session.start()
    for number in range(8):
        while chunks.acquire(blocking=False):
            pass
        for _ in range(1 + number):  # somewhere in a step
            assert chunks.acquire(timeout=20)
        session.set_weight(0, 2, number / 10)
        assert session.is_running
    # A step looks around 15 times: the first look at which somebody waits is the last one.
    assert 1 <= len(awaited) <= 8
    session.pause()


def test_steps_that_were_given_up_leave_no_trace(
    make_driver: MakeDriver, large_batches: Document
) -> None:
    driver = make_driver(large_batches)
    session = driver.session
    assert session.start(60)
    for _ in range(40):
        if session._runner.park():
            session._runner.go_on()
        driver.spin(0.001)
    driver.until(lambda: not session.is_running)
    trainer = trainer_for(large_batches)
    before = trainer.evaluate()
    records = [EpochRecord(0, before.loss_train, before.loss_test)]
    trainer.run(60, records.append)
    assert np.array_equal(session.network.theta, trainer.theta)
    assert session.document.history.same_as(History().append_many(records))


def test_a_long_single_step_is_done_beside_the_window(
    make_driver: MakeDriver, large_batches: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = make_driver(large_batches)
    session = driver.session
    advance, threads = Trainer.advance, []

    def noted(self: Trainer, *arguments: object) -> object:
        threads.append(threading.current_thread().name)
        return advance(self, *arguments)

    monkeypatch.setattr(Trainer, "advance", noted)
    assert session.step_batch()
    driver.until(lambda: not session.is_running)
    assert threads == ["nnplay-training"]
    assert session.document.state.step == 1
    assert driver.steps == ["Train 1 epoch"]
    trainer = trainer_for(large_batches)
    trainer.step()
    assert np.array_equal(session.network.theta, trainer.theta)


# ---------------------------------------------------------------------- mailbox and frames
def test_no_loss_is_lost_on_the_way(driver: Driver) -> None:
    session = driver.session
    records: list[EpochRecord] = []
    losses: list[float] = []

    def note(frame: object) -> None:
        records.extend(frame.records)
        losses.extend(frame.batch_losses.tolist())

    session.frame_arrived.connect(note)
    session.start(300)
    while session.is_running:
        time.sleep(0.02)  # a lazy window
        driver.spin(0.001)
        if session.is_running and session.shown_epoch < 250:
            session.move_neurons({2: (float(session.shown_step), 0.0)})
            session.set_training(learning_rate=0.03 + session.shown_step * 1e-9)
    assert [record.epoch for record in records] == list(range(301))
    assert len(losses) == session.shown_step == 300 * 25


def test_the_mailbox_rings_once_until_it_is_emptied() -> None:
    rings: list[int] = []
    box = Mailbox(lambda: rings.append(1))
    theta, document = np.zeros(3), new_document("circle")[0]
    assert box.collect() is None

    def work() -> None:
        for epoch in range(5000):
            box.post(theta, document.state, epoch, [EpochRecord(epoch, 0.0, 0.0)], [0.5])

    thread = threading.Thread(target=work)
    thread.start()
    epochs: list[int] = []
    collected = 0
    while thread.is_alive() or collected < len(rings):
        frame = box.collect()
        if frame is not None:
            collected += 1
            epochs += [record.epoch for record in frame.records]
    thread.join()
    assert epochs == list(range(5000))
    assert len(rings) == collected


def test_frames_come_at_most_sixty_times_a_second_and_are_read_only(driver: Driver) -> None:
    session = driver.session
    session.start()
    driver.until(lambda: session.shown_step > 0)
    driver.heard.clear()
    driver.spin(1.0)
    session.pause()
    frames = [arguments[0] for name, arguments in driver.heard if name == "frame_arrived"]
    assert 10 <= len(frames) <= 65
    assert not frames[0].theta.flags.writeable
    assert not session.network.theta.flags.writeable
    # Structure and numbers of idle edits are told by network_changed; frames only by their own.
    assert driver.count("network_changed") == 1
    assert driver.count("probe_changed") >= len(frames) - 1


def test_painting_halts_training_but_not_for_ever(driver: Driver) -> None:
    session = driver.session
    driver.train_until_step(50)
    session.paint_gate.clear()
    time.sleep(0.005)
    driver.spin(0.001)
    seen = session.shown_step
    time.sleep(0.02)
    driver.spin(0.001)
    assert session.shown_step <= seen + 200  # at 40,000 steps a second this would be 800
    # A verb while the gate is closed does not wait for it.
    began = time.monotonic()
    assert session.set_weight(0, 2, 0.3)
    assert time.monotonic() - began < 0.03
    time.sleep(0.3)
    driver.spin(0.05)
    assert session.shown_step > seen  # a view that forgot to open the gate
    session.paint_gate.set()


def test_resting_again_at_once_cannot_deadlock(driver: Driver) -> None:
    trainer = trainer_for(driver.session.document)
    run = run_module.TrainingRun(trainer, None, driver.session.paint_gate, lambda: None)
    run.start()
    for _ in range(3000):
        assert run.park()
        run.resume()
    assert run.stop().kind == "stopped"


def test_a_slow_run_says_how_slow_in_parts_of_epochs(driver: Driver) -> None:
    session = driver.session
    session.set_speed(20.0)
    session.start()
    driver.spin(0.6)
    state = session.run_state
    assert 0 < state.steps_per_second < 40
    assert state.epochs_per_second * session.batches_per_epoch == pytest.approx(
        state.steps_per_second
    )
    session.pause()


def test_speeds_are_told(driver: Driver) -> None:
    session = driver.session
    session.start()
    driver.spin(0.8)
    assert session.run_state.steps_per_second > 100
    assert session.run_state.epochs_per_second == pytest.approx(
        session.run_state.steps_per_second / session.batches_per_epoch, rel=0.1
    )
    session.pause()
    assert session.run_state.kind == "idle"
    assert session.run_state.steps_per_second == 0
    kinds = [arguments[0].kind for name, arguments in driver.heard if name == "run_state_changed"]
    assert 4 <= len(kinds) <= 8
    assert kinds[-1] == "idle"
