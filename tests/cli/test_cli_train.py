"""``train``: the same numbers every time, honest logs, and nothing written unless asked."""

import csv
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import nnplay as api
from nnplay.core.training import Trainer
from nnplay.data.preparation import prepare
from nnplay.formats.document_record import same_document
from nnplay.library import load, save


def rows(name):
    with open(name, newline="") as file:
        return list(csv.reader(file))


def test_the_result_is_one_object_with_the_promised_keys(nnplay, spiral):
    result = nnplay("train", spiral, "--epochs", 3, "--json").json
    assert list(result) == [
        "epochs",
        "loss_train",
        "loss_test",
        "accuracy_train",
        "accuracy_test",
        "seconds",
        "backend",
        "stopped",
    ]
    assert result["epochs"] == 3
    assert result["backend"] == "numpy"
    assert result["seconds"] > 0
    # Judged by a trainer built by hand from core and data alone.
    document = load(spiral)
    data = prepare(document.data, document.preparation, document.seed)
    train, test = data.train_and_test(document.network)
    trainer = Trainer(document.network, (train, test), document.training, seed=document.seed)
    trainer.run(3)
    expected = trainer.evaluate()
    for name in ("loss_train", "loss_test", "accuracy_train", "accuracy_test"):
        assert result[name] == getattr(expected, name)


def test_accuracies_of_numbers_and_losses_without_test_part_are_null(nnplay):
    nnplay("new", "plane.nnplay", "--data", "reg-plane", "--train-percent", 100)
    result = nnplay("train", "plane.nnplay", "--epochs", 1, "--json").json
    assert result["accuracy_train"] is result["accuracy_test"] is result["loss_test"] is None
    assert result["loss_train"] > 0
    nnplay("train", "plane.nnplay", "--epochs", 1, "--log", "log.csv")
    assert [row[2] for row in rows("log.csv")] == ["loss_test", "", ""]


def test_twice_gives_the_same_bytes(nnplay, spiral):
    for name in ("a", "b"):
        nnplay("train", spiral, "--epochs", 7, "--out", f"{name}.nnplay", "--log", f"{name}.csv")
        nnplay("train", spiral, "--epochs", 7, "--out", f"{name}.nnplay.json")
    for ending in ("nnplay", "nnplay.json", "csv"):
        assert Path(f"a.{ending}").read_bytes() == Path(f"b.{ending}").read_bytes()
    assert same_document(load("a.nnplay"), load("a.nnplay.json"))


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
def test_in_two_parts_is_as_good_as_in_one(nnplay, spiral, optimizer):
    options = ("--optimizer", optimizer)
    nnplay("train", spiral, "--epochs", 8, *options, "--out", "whole.nnplay", "--log", "whole.csv")
    nnplay("train", spiral, "--epochs", 3, *options, "--out", "half.nnplay", "--log", "one.csv")
    nnplay("train", "half.nnplay", "--epochs", 5, "--out", "both.nnplay", "--log", "two.csv")
    assert Path("both.nnplay").read_bytes() == Path("whole.nnplay").read_bytes()
    assert rows("one.csv") + rows("two.csv")[2:] == rows("whole.csv")
    assert rows("one.csv")[-1] == rows("two.csv")[1]  # where the second run begins


def test_the_log_has_a_row_before_training_and_full_precision(nnplay, spiral):
    nnplay("train", spiral, "--epochs", 4, "--log", "log.csv", "--out", "out.nnplay")
    header, *body = rows("log.csv")
    assert header == ["epoch", "loss_train", "loss_test"]
    assert [row[0] for row in body] == ["0", "1", "2", "3", "4"]
    history = load("out.nnplay").history
    assert [float(row[1]) for row in body] == history.train.tolist()
    assert [float(row[2]) for row in body] == history.test.tolist()
    before = nnplay("train", spiral, "--epochs", 0, "--json").json
    assert (repr(before["loss_train"]), repr(before["loss_test"])) == (body[0][1], body[0][2])
    assert before["epochs"] == 0


def test_without_out_nothing_is_written(nnplay, spiral, folder):
    before = {path: path.read_bytes() for path in folder.iterdir()}
    nnplay("train", spiral, "--epochs", 2)
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_the_seed_changes_shuffling_only(nnplay, spiral):
    for seed in (7, 8):
        nnplay("train", spiral, "--epochs", 3, "--seed", seed, "--log", f"{seed}.csv")
    nnplay("train", spiral, "--epochs", 3, "--log", "own.csv")
    assert rows("7.csv") == rows("own.csv")  # the document's own seed is 7
    assert rows("8.csv")[1] == rows("7.csv")[1]  # same data, same split, same weights
    assert rows("8.csv")[2:] != rows("7.csv")[2:]


def test_fresh_draws_everything_again(nnplay, spiral):
    nnplay("train", spiral, "--epochs", 3, "--out", "trained.nnplay", "--log", "first.csv")
    nnplay("train", "trained.nnplay", "--epochs", 3, "--fresh", "--log", "again.csv")
    assert rows("again.csv") == rows("first.csv")
    nnplay("train", "trained.nnplay", "--fresh", "--seed", 8, "--epochs", 0, "--out", "b.nnplay")
    nnplay("new", "c.nnplay", "--data", "spiral", "--layers", "2,4,1", "--seed", 8)
    redrawn, new = load("b.nnplay"), load("c.nnplay")
    assert redrawn.network.theta.tolist() == new.network.theta.tolist()
    assert (redrawn.seed, redrawn.state.step) == (8, 0)
    assert (
        nnplay("train", "b.nnplay", "--epochs", 2, "--json").json["loss_test"]
        == (nnplay("train", "c.nnplay", "--epochs", 2, "--json").json["loss_test"])
    )


def test_settings_are_used_and_kept(nnplay, spiral):
    options = {
        "--lr": "1/8",
        "--optimizer": "momentum",
        "--batch": 5,
        "--loss": "mse",
        "--momentum": "0,5",
        "--l1": 0.001,
        "--l2": 0.002,
        "--seed": 9,
    }
    flat = [part for option in options.items() for part in option]
    nnplay("train", spiral, *flat, "--epochs", 2, "--out", "out.nnplay")
    trained = load("out.nnplay")
    assert trained.training == replace(
        load(spiral).training,
        learning_rate=0.125,
        optimizer="momentum",
        batch_size=5,
        loss="mse",
        momentum=0.5,
        l1=0.001,
        l2=0.002,
        shuffle_seed=9,
    )
    assert (trained.state.epoch, trained.state.step) == (2, 2 * 250 // 5)
    assert trained.state.optimizer_arrays.keys() == {"velocity"}
    assert trained.initial.tolist() == load(spiral).network.theta.tolist()


@pytest.fixture
def unbounded(nnplay):
    """Nothing in it keeps numbers small."""
    nnplay("new", "u.nnplay", "--data", "reg-plane", "--activation", "relu", "--layers", "2,4,1")
    nnplay("train", "u.nnplay", "--epochs", 0, "--lr", 1e3, "--out", "u.nnplay")
    return "u.nnplay"


def test_divergence_saves_nothing_and_says_where(nnplay, unbounded):
    Path("out.nnplay").write_bytes(b"the old file")
    ended = nnplay("train", unbounded, "--out", "out.nnplay", "--log", "log.csv", code=1)
    assert all(math.isfinite(float(row[1])) for row in rows("log.csv")[1:])
    assert "diverged at step" in ended.complaint
    assert "Nothing was saved." in ended.complaint
    assert Path("out.nnplay").read_bytes() == b"the old file"


def test_an_interrupted_run_writes_nothing(nnplay, spiral, monkeypatch):
    finish = Trainer.finish_epoch

    def finish_or_interrupt(trainer):
        if trainer.epoch == 3:
            raise KeyboardInterrupt
        finish(trainer)

    monkeypatch.setattr(Trainer, "finish_epoch", finish_or_interrupt)
    ended = nnplay("train", spiral, "--out", "o.nnplay", "--log", "l.csv", "--json", code=1)
    assert ended.complaint == "interrupted; nothing was written."
    assert ended.out == ""
    assert sorted(path.name for path in Path().iterdir()) == [spiral]


def test_a_place_that_cannot_be_written_is_refused_before_the_work(nnplay, spiral, monkeypatch):
    monkeypatch.setattr(Trainer, "run", lambda *_: pytest.fail("hours of work for nothing"))
    Path("folder").mkdir()
    for option, value in (
        ("--out", "missing/out.nnplay"),
        ("--out", "spiral.nnplay/out.nnplay"),
        ("--log", "missing/log.csv"),
        ("--log", "folder"),
    ):
        assert value in nnplay("train", spiral, option, value, code=1).complaint
    said = nnplay("train", spiral, "--out", "weights.npz", code=1).complaint
    assert said == "weights.npz: A document is saved as .nnplay or .nnplay.json."


def test_a_log_that_fails_does_not_cost_the_training(nnplay, spiral, monkeypatch):
    from nnplay.cli import train
    from nnplay.storage import StorageError

    def refuse(*_):
        raise StorageError("log.csv cannot be written: the disk is full.")

    monkeypatch.setattr(train, "write_file", refuse)
    nnplay("train", spiral, "--epochs", 2, "--out", "out.nnplay", "--log", "log.csv", code=1)
    assert load("out.nnplay").state.epoch == 2


def test_people_read_lines_and_programs_json(nnplay, spiral):
    said = nnplay("train", spiral, "--epochs", 2, "--out", "out.nnplay")
    first, train, test, saved = said.out.splitlines()
    assert first.startswith("2 epochs in ")
    assert train.startswith("training: loss 0.")
    assert "% right" in test
    assert saved == "saved as out.nnplay"
    assert said.err == ""  # no bar where no terminal is


# ------------------------------------------------------------------ the same from Python
def test_the_function_for_python_gives_what_the_command_gives(nnplay, spiral):
    nnplay("train", spiral, "--epochs", 4, "--lr", 0.1, "--out", "out.nnplay")
    seen = []
    document = load(spiral)
    result = api.train(document, 4, learning_rate=0.1, on_epoch=seen.append)
    save(result.document, "python.nnplay")
    assert Path("python.nnplay").read_bytes() == Path("out.nnplay").read_bytes()
    assert [record.epoch for record in result.records] == [0, 1, 2, 3, 4]
    assert list(result.records[1:]) == seen
    assert result.evaluation.loss_train == seen[-1].loss_train
    assert result.diverged is None
    assert document.state.epoch == 0  # the document itself stays as it was


def test_a_diverged_document_holds_the_last_finite_weights(unbounded):
    result = api.train(load(unbounded), 50, optimizer="momentum")
    assert result.diverged is not None
    assert np.isfinite(result.document.network.theta).all()
    assert result.document.network.theta.tolist() == result.diverged.last_finite_theta.tolist()
    assert math.isfinite(result.records[0].loss_train)


def test_an_unknown_setting_is_named(nnplay, spiral):
    with pytest.raises(api.TrainingError, match="no training setting “learning_speed”"):
        api.train(load(spiral), 1, learning_speed=3)


def test_the_trainer_of_a_document_goes_on_where_it_stands(nnplay, spiral):
    half = api.train(load(spiral), 2, optimizer="adam").document
    trainer = api.trainer_of(half)
    trainer.step()
    assert trainer.step_count == half.state.step + 1
    trainer.run(1)
    whole = api.train(load(spiral), 3, optimizer="adam").document
    assert trainer.theta.tolist() == whole.network.theta.tolist()


def test_a_network_that_cannot_learn_is_trained_with_a_word_about_it(nnplay, spiral):
    document = load(spiral)
    assert nnplay("train", spiral, "--epochs", 1).err == ""
    locked = document.network.set_frozen(range(document.network.theta.size), True)
    save(replace(document, network=locked), "locked.nnplay")
    (note,) = nnplay("train", "locked.nnplay", "--epochs", 1).notes
    assert "training changes nothing" in note
