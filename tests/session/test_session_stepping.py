"""Following a sample by hand: where it stands, what starts it again, and the step it really makes."""

from collections.abc import Callable

import numpy as np
import pytest
from session.session_driver import Driver, same_document, trainer_for

from nnplay.core.optimizers import OPTIMIZERS
from nnplay.core.samples import Samples
from nnplay.core.step_plan import Phase
from nnplay.core.training import Trainer
from nnplay.document import Document
from nnplay.examples import single_neuron, skip_connections


@pytest.fixture
def by_hand(make_driver: Callable[[Document | None], Driver]) -> Driver:
    return make_driver(single_neuron())


def to_end(driver: Driver) -> None:
    while driver.session.stepper.next("phase"):
        pass


def test_next_and_back_walk_through_the_worked_example(by_hand: Driver) -> None:
    stepper = by_hand.session.stepper
    assert stepper.open()
    said = []
    while stepper.next():
        said.append(stepper.words.formula)
    assert said[:4] == [
        "y: 0.5 · 0.1 = 0.05",
        "y: 0.6 · 0.2 = 0.12",
        "y: z = 0.17 + 0.3 = 0.47",
        "y: a = ReLU(0.47) = 0.47",
    ]
    assert stepper.phase == Phase.UPDATE
    again = [stepper.words.formula]
    while stepper.back() and stepper.position:
        again.append(stepper.words.formula)
    assert again == said[::-1]
    assert stepper.words.formula == ""


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_step_by_hand_is_the_trainer_s_bit_for_bit(by_hand: Driver, optimizer: str) -> None:
    session = by_hand.session
    session.set_training(optimizer=optimizer)
    for _ in range(3):  # so that there is a memory
        session.step_batch()
    trainer = trainer_for(session.document)
    before = session.document
    trainer.step()
    session.stepper.open()
    to_end(by_hand)
    assert session.stepper.can_apply
    assert session.stepper.apply()
    after = session.document
    np.testing.assert_array_equal(after.network.theta, trainer.theta)
    assert after.state.step == trainer.step_count
    assert after.state.optimizer_step == trainer.state.optimizer_step
    for name, values in trainer.state.optimizer_arrays.items():
        np.testing.assert_array_equal(after.state.optimizer_arrays[name], values)
    assert by_hand.steps[-1] == "One step by hand"
    session.undo()
    assert same_document(session.document, before)


def test_the_first_sample_of_the_next_batch_can_be_followed(driver: Driver) -> None:
    session = driver.session
    session.step_batch()
    document = session.document
    assert session.stepper.open("batch")
    trainer = trainer_for(document)
    trainer._set.arrange(trainer.epoch)  # the oracle: the trainer's own order
    place = trainer._batch * trainer._set.batch_size
    row = trainer._set._ordered.inputs[place, 1:]
    plan = session.stepper.plan
    assert plan is not None
    inputs = plan.known(0).a[: len(row)]
    np.testing.assert_array_equal(inputs, row)
    to_end(driver)
    session.stepper.apply()
    assert session.prepared is not None
    samples = session.prepared.samples(document.network)
    found = np.flatnonzero((samples.inputs == row).all(axis=1))[:1]
    assert samples.classes is not None
    one = Samples(
        samples.inputs[found], classes=samples.classes[found], class_count=samples.class_count
    )
    alone = Trainer(
        document.network, one, document.training, seed=document.seed, state=document.state
    )
    alone.step()
    np.testing.assert_array_equal(session.network.theta, alone.theta)
    # It is no part of the epoch: the batches go on where they were.
    assert session.document.state.batch_in_epoch == document.state.batch_in_epoch
    assert session.document.state.epoch == document.state.epoch


def test_the_update_has_to_be_followed_before_it_is_made(by_hand: Driver) -> None:
    stepper = by_hand.session.stepper
    stepper.open()
    before = by_hand.session.document
    assert not stepper.apply()
    assert "to its end first" in by_hand.texts[-1]
    assert by_hand.session.document is before


def test_other_numbers_start_it_again_and_it_says_so(
    make_driver: Callable[[Document | None], Driver],
) -> None:
    driver = make_driver(skip_connections())
    session = driver.session
    stepper = session.stepper
    stepper.open()
    assert stepper.source == "batch"  # the probe stands between the samples
    session.probe_row(2)
    assert stepper.position == 0
    stepper.open()
    assert stepper.source == "probe"
    stepper.next("phase")
    source, target = (int(i) for i in session.network.topology.edges[0])
    session.set_weight(source, target, 2.0)
    assert stepper.position == 0
    assert stepper.remark == "The numbers have changed: from the start again."
    assert stepper.plan is not None
    assert stepper.plan.network is session.network
    stepper.next()
    assert stepper.remark == ""
    session.set_probe((0.1, 0.2))
    assert stepper.position == 0
    assert "no target" in stepper.remark
    assert stepper.plan.end_of(Phase.LOSS) is None
    session.probe_row(3)
    assert stepper.plan.end_of(Phase.UPDATE) == len(stepper.plan)
    session.select(neurons=session.network.topology.ids.tolist()[:1])
    stepper.next("phase")
    place = stepper.position
    session.set_label(target, "other")  # names and places change no number
    session.move_neurons({target: (5.0, 5.0)})
    assert stepper.position == place
    assert "other" in {stepper.plan.network.labels[row] for row in stepper.plan.rows.tolist()}
    session.new_document(single_neuron())
    assert not stepper.is_open


def test_training_closes_it(driver: Driver) -> None:
    session = driver.session
    session.stepper.open()
    session.start()
    assert not session.stepper.is_open
    session.pause()


def test_opening_pauses_a_run(driver: Driver) -> None:
    driver.train_until_step(3)
    assert driver.session.stepper.open()
    assert not driver.session.is_running
    assert driver.session.stepper.is_open


def test_it_plays_at_a_speed_and_stops_at_the_end(by_hand: Driver) -> None:
    stepper = by_hand.session.stepper
    stepper.open()
    stepper.set_speed(200.0)
    stepper.play()
    by_hand.until(lambda: not stepper.is_playing)
    assert stepper.is_at_end
    stepper.play()  # from the start again
    assert stepper.position == 0
    stepper.back()
    stepper.next()
    stepper.back()
    assert not stepper.is_playing


def test_grains_go_by_neurons_layers_and_phases(
    make_driver: Callable[[Document | None], Driver],
) -> None:
    stepper = make_driver(single_neuron()).session.stepper
    stepper.open()
    stepper.set_grain("neuron")
    stepper.next()
    assert (stepper.position, list(stepper.present)) == (4, [0, 1, 2, 3])
    stepper.set_grain("phase")
    stepper.next()
    assert stepper.phase == Phase.LOSS
    assert stepper.jump_to(Phase.BACKWARD)
    assert stepper.position == 6
    stepper.jump(10_000)
    assert stepper.is_at_end


def test_data_that_do_not_fit_leave_the_way_forward(by_hand: Driver) -> None:
    session = by_hand.session
    session.remove(neurons=[session.network.topology.input_ids[0]])
    stepper = session.stepper
    assert stepper.open()
    assert stepper.plan is not None
    while stepper.next():
        assert stepper.phase == Phase.FORWARD or session.probe.row is not None
