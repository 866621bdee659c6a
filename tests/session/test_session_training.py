"""Training settings and dropout as edits: named, undoable, refused with a sentence."""

from dataclasses import fields

import pytest
from session.session_driver import Driver, same_document

from nnplay.core.config import TrainingConfig
from nnplay.headless import trainer_of

OTHER_VALUES = {
    "loss": "mse",
    "optimizer": "adam",
    "initializer": "zeros",
    "precision": "float32",
    "class_weights": (1.0, 2.0),
    "shuffle_seed": 3,
    "schedule": "cosine",
}


@pytest.mark.parametrize("key", [field.name for field in fields(TrainingConfig)])
def test_every_setting_is_an_undo_step_with_a_name_of_its_own(driver: Driver, key: str) -> None:
    session = driver.session
    before = session.document
    value = getattr(before.training, key)
    if key in OTHER_VALUES:
        other = OTHER_VALUES[key]
    elif isinstance(value, bool):
        other = not value
    else:
        other = value + 1 if isinstance(value, int) else value / 2 + 0.01
    assert session.set_training(**{key: other})
    assert getattr(session.training, key) == other
    assert driver.steps[-1].startswith("Set the ")
    assert "_" not in driver.steps[-1]
    session.undo()
    assert same_document(session.document, before)


def test_the_names_of_settings_differ(driver: Driver) -> None:
    for field in fields(TrainingConfig):
        value = getattr(driver.session.training, field.name)
        if field.name in OTHER_VALUES:
            driver.session.set_training(**{field.name: OTHER_VALUES[field.name]})
        elif isinstance(value, bool):
            driver.session.set_training(**{field.name: not value})
        else:
            step = 1 if isinstance(value, int) else value / 2 + 0.01
            driver.session.set_training(
                **{field.name: step if isinstance(value, float) else value + step}
            )
    assert len(set(driver.steps)) == len(fields(TrainingConfig))


def test_dropout_of_hidden_neurons_is_one_step_per_gesture(driver: Driver) -> None:
    session = driver.session
    before = session.document
    hidden = session.network.topology.hidden_ids
    others = (*session.network.topology.input_ids, *session.network.topology.output_ids)
    assert session.set_dropout([*hidden, *others], 0.25)
    assert {session.network.neuron(i).dropout for i in hidden} == {0.25}
    assert {session.network.neuron(i).dropout for i in others} == {0.0}
    assert driver.count("network_changed") == 1
    assert not session.set_dropout(hidden, 0.25), "nothing changes"
    gesture = session.begin_gesture()
    assert session.set_dropout(hidden[:1], 0.3, gesture)
    assert session.set_dropout(hidden[:1], 0.4, gesture)
    assert driver.steps == ["Set dropout", "Set dropout"]
    session.undo()
    assert session.network.neuron(hidden[0]).dropout == 0.25
    session.undo()
    assert same_document(session.document, before)


@pytest.mark.parametrize("rate", [-0.1, 1.0, 2.0, float("nan"), float("inf")])
def test_impossible_dropout_is_refused(driver: Driver, rate: float) -> None:
    session = driver.session
    before = session.document
    assert not session.set_dropout(session.network.topology.hidden_ids, rate)
    assert session.document is before
    assert "less than 1" in driver.texts[-1]


def test_inputs_and_outputs_have_no_dropout(driver: Driver) -> None:
    session = driver.session
    before = session.document
    assert not session.set_dropout(session.network.topology.output_ids, 0.5)
    assert session.document is before
    assert "hidden" in driver.texts[-1]


def test_precision_there_and_back_between_two_steps_costs_no_digits(driver: Driver) -> None:
    session = driver.session
    session.backends.set_wish("numpy")
    session.set_speed(20.0)
    session.start()
    driver.until(lambda: session.shown_step > 1)
    session.set_training(precision="float32")
    session.set_training(precision="float64")
    start, step = session.document, session.shown_step
    driver.until(lambda: session.shown_step > step + 3)
    session.pause()
    trainer = trainer_of(start)
    trainer.advance(session.shown_step - start.state.step, None)
    assert start.training.precision == "float64"
    assert session.network.theta.tobytes() == trainer.theta.tobytes()
