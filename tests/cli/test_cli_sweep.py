"""``sweep``: tables, files and refusals; the same numbers as ``train``."""

import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nnplay.cli.settings import OPTIONS
from nnplay.library import load

SETTINGS = ("--set", "lr=.03,1/10", "--set", "optimizer=sgd,adam", "--seeds", 2, "--epochs", 5)


def rows(name):
    with open(name, newline="") as file:
        return list(csv.DictReader(file))


def test_table_curves_best_and_verdict(nnplay, spiral):
    files = ("--out", "table.csv", "--curves", "curves.csv", "--best", "best.nnplay")
    said = nnplay("sweep", spiral, *SETTINGS, "--jobs", 2, *files)
    table = rows("table.csv")
    assert [(r["run"], r["lr"], r["optimizer"], r["seed"]) for r in table] == [
        ("1", "0.03", "sgd", "1"),
        ("2", "0.03", "sgd", "2"),
        ("3", "0.03", "adam", "1"),
        ("4", "0.03", "adam", "2"),
        ("5", "0.1", "sgd", "1"),
        ("6", "0.1", "sgd", "2"),
        ("7", "0.1", "adam", "1"),
        ("8", "0.1", "adam", "2"),
    ]
    # Every row is what train makes of it, bit for bit, and the best one is saved.
    for row in (table[3], table[4]):
        options = ("--lr", row["lr"], "--optimizer", row["optimizer"])
        alone = nnplay(
            "train", spiral, *options, "--weights-seed", row["seed"], "--epochs", 5, "--json"
        ).json
        assert float(row["loss_train"]) == alone["loss_train"]
        assert float(row["loss_test"]) == alone["loss_test"]
        assert float(row["accuracy_test"]) == alone["accuracy_test"]
    best = min(table, key=lambda row: float(row["loss_test"]))
    options = ("--lr", best["lr"], "--optimizer", best["optimizer"], "--epochs", 5)
    nnplay("train", spiral, *options, "--weights-seed", best["seed"], "--out", "alone.nnplay")
    assert Path("best.nnplay").read_bytes() == Path("alone.nnplay").read_bytes()
    curves = rows("curves.csv")
    assert len(curves) == 8 * 6
    assert [r["epoch"] for r in curves[:6]] == list("012345")
    assert curves[5]["loss_train"] == table[0]["loss_train"]
    lines = said.out.splitlines()
    assert lines[0].split() == (
        [
            "run",
            "lr",
            "optimizer",
            "seed",
            "epochs",
            "loss",
            "train",
            "loss",
            "test",
            "right",
            "train",
            "right",
            "test",
            "seconds",
        ]
    )
    assert len({len(line.rstrip()) for line in lines[:9]}) == 1  # aligned
    assert lines[10].startswith("Best: learning rate ")
    assert lines[11:] == [
        "table written to table.csv",
        "curves written to curves.csv",
        f"run {best['run']} saved as best.nnplay",
    ]
    assert said.err == ""  # no bar where no terminal is


def test_everything_redrawn_is_train_fresh(nnplay, spiral):
    nnplay(
        *("sweep", spiral, "--set", "lr=0.1", "--seeds", "4,9", "--seeds-redraw", "everything"),
        *("--epochs", 3, "--jobs", 2, "--out", "table.csv"),
    )
    for row in rows("table.csv"):
        fresh = ("--fresh", "--seed", row["seed"], "--lr", 0.1, "--epochs", 3, "--json")
        assert nnplay("train", spiral, *fresh).json["loss_test"] == float(row["loss_test"])


def test_as_json(nnplay, spiral):
    said = nnplay("sweep", spiral, *SETTINGS, "--parallel", "threading", "--json").json
    assert [run["run"] for run in said["runs"]] == list(range(1, 9))
    first = said["runs"][0]
    assert first["settings"] == {"lr": 0.03, "optimizer": "sgd"}
    assert (first["seed"], first["epochs"], first["diverged"], first["problem"]) == (
        1,
        5,
        False,
        None,
    )
    assert said["measure"] == "loss_test"
    assert len(said["summary"]) == 4
    best = min(said["runs"], key=lambda run: run["loss_test"])
    assert said["best_run"] == best["run"]


def test_lists_as_people_write_them(nnplay, spiral):
    nnplay(
        *("sweep", spiral, "--set", "l2=0,001;1/4", "--set", "class-weights=1:2,1:1"),
        *("--set", "early_stopping=yes,no", "--set", "batch=5", "--seeds", "3,", "--epochs", 1),
        *("--parallel", "threading", "--out", "t.csv"),
    )
    table = rows("t.csv")
    assert [row["l2"] for row in table] == ["0.001"] * 4 + ["0.25"] * 4
    assert [row["class-weights"] for row in table[:4]] == ["1:2", "1:2", "1:1", "1:1"]
    assert [row["early-stopping"] for row in table[:2]] == ["yes", "no"]
    assert {row["seed"] for row in table} == {"3"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--set", "lrr=1"), "there is no setting “lrr” (did you mean lr?); there are lr, opti"),
        (("--set", "lr=0.1,abc"), "--set: lr: “abc” is not a number"),
        (("--set", "lr=0.1,-1"), "--set: lr: -1 is not above zero."),
        (("--set", "optimizer=sgd,sdg"), "optimizer: there is no optimiser “sdg”; there are sgd"),
        (("--set", "batch=0"), "batch: “0” is not a whole number from 1 on."),
        (("--set", "early-stopping=maybe"), "“maybe” is neither yes nor no."),
        (("--set", "lr"), "say which values to try, such as lr=…,…."),
        (("--set", "lr="), "say which values to try"),
        (("--seeds", "0"), "“0” is not a whole number from 1"),
        (("--seeds", "1,x"), "“x” is not a whole number"),
        (("--seeds-redraw", "data"), "there is no way to redraw “data”"),
        (("--parallel", "slurm"), "there is no way to work side by side “slurm”"),
        (("--jobs", "0"), "“0” is not a whole number from 1"),
        (("--backend", "gpu"), "there is no backend “gpu”; there are auto, numpy, compiled."),
    ],
)
def test_not_understood(nnplay, arguments, says):
    assert says in nnplay("sweep", "d.nnplay", *arguments, code=2).complaint


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--set", "lr=.1", "--set", "lr=.2"), "The setting lr is given twice; list all its value"),
        (("--set", "lr=.1,1/10"), "The value 0.1 stands twice for “learning_rate”."),
        (("--scheduler", "tcp://x:1"), "--scheduler is for --parallel dask."),
        (("--out", "missing/t.csv"), "missing/t.csv cannot be written"),
        (("--curves", "missing/t.csv"), "missing/t.csv cannot be written"),
        (("--best", "best.npz"), "A document is saved as .nnplay or .nnplay.json."),
    ],
)
def test_refused_before_any_work(nnplay, spiral, monkeypatch, arguments, says):
    from nnplay.cli import sweep

    monkeypatch.setattr(sweep, "run_sweep", lambda *_, **__: pytest.fail("work was done"))
    assert says in nnplay("sweep", spiral, *arguments, code=1).complaint


def test_runs_that_cannot_be_are_noted(nnplay, spiral):
    options = ("--seeds", 1, "--epochs", 1, "--parallel", "threading", "--out", "t.csv")
    said = nnplay("sweep", spiral, "--set", "momentum=.5,3", *options)
    assert said.notes == [
        "run 2 (momentum 3, seed 1): The momentum must be a number of at least 0 and less than 1, "
        "not 3.0."
    ]
    assert said.out.splitlines()[2].endswith("failed")
    assert rows("t.csv")[1]["problem"].startswith("The momentum must be")
    none = nnplay("sweep", spiral, "--set", "momentum=3", *options, "--best", "b.nnplay", code=1)
    assert "no run came to its end. The momentum must be" in none.complaint
    assert not Path("b.nnplay").exists()


def test_ctrl_c_ends_it_cleanly(nnplay, spiral, folder):
    """A real process and its workers, interrupted as a terminal does it: the whole group."""
    command = [
        *(sys.executable, "-m", "nnplay", "sweep", spiral, "--set", "lr=.01,.1", "--jobs", "2"),
        *("--epochs", "100000000", "--out", "table.csv"),
    ]
    root = str(Path(__file__).resolve().parents[2])
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": root},
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + 60
        while len(_group(process.pid, b"popen_loky")) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(1.0)  # into the work
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=30)
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)  # it would work on beside all other tests
        raise
    assert process.returncode == 1
    assert out == ""
    assert err == "nnplay: interrupted; nothing was written.\n"
    assert not Path("table.csv").exists()
    deadline = time.monotonic() + 10
    while _group(process.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert _group(process.pid) == []


def _group(group: int, mark: bytes = b"") -> list[int]:
    """Living processes of a process group whose command line holds a text."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            stat = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            line = (entry / "cmdline").read_bytes()
        except (OSError, IndexError):
            continue
        if int(stat[2]) == group and stat[0] != "Z" and mark in line:
            found.append(int(entry.name))
    return found


# ------------------------------------------------------------------ the settings of train
def test_every_setting_is_an_option_of_train(nnplay, spiral):
    """Each option changes its own setting and nothing else, and is saved."""
    values = {
        "loss": "mse",
        "optimizer": "adamw",
        "class_weights": "1,2",
        "schedule": "cosine",
        "initializer": "he-normal",
        "precision": "float32",
        "batch_size": "7",
        "schedule_epochs": "9",
        "warmup_epochs": "2",
        "patience": "3",
        "stop_epoch": "40",
        "stop_seconds": "30",
        "learning_rate": "0.07",
    }
    switches = {"l1_dead_links", "shuffle", "early_stopping"}
    before = load(spiral)
    for option in OPTIONS:
        given = [f"--{option.name}"]
        if option.field in switches:
            now = getattr(before.training, option.field)
            given = [f"--no-{option.name}" if now else f"--{option.name}"]
        else:
            given.append(values.get(option.field, "0.25"))
        nnplay("train", spiral, *given, "--epochs", 0, "--out", "o.nnplay")
        after = load("o.nnplay")
        if option.field == "dropout":
            assert after.network.dropout.tolist() == [0, 0, 0.25, 0.25, 0.25, 0.25, 0]
            continue
        differs = {
            name
            for name, value in vars(after.training).items()
            if value != getattr(before.training, name)
        }
        assert differs == {option.field}


def test_early_stopping_is_said_in_words(nnplay, spiral):
    options = ("--early-stopping", "--patience", 2, "--min-improvement", 10, "--epochs", 50)
    said = nnplay("train", spiral, *options)
    lines = said.out.splitlines()
    assert lines[0].startswith("3 epochs in ")  # the first is where it begins to watch
    assert lines[0].endswith("(numpy)")
    assert "improve" in lines[1]
    result = nnplay("train", spiral, *options, "--json").json
    assert result["stopped"] == lines[1]
    assert nnplay("train", spiral, "--epochs", 1, "--json").json["stopped"] is None


def test_a_stop_loss_ends_training(nnplay, spiral):
    result = nnplay("train", spiral, "--stop-loss", 10, "--epochs", 50, "--json").json
    assert result["epochs"] == 1


def test_new_weights_use_the_initialiser_given(nnplay, spiral):
    options = ("--initializer", "constant", "--initial-value", "0.2", "--epochs", 0)
    nnplay("train", spiral, *options, "--weights-seed", 1, "--out", "w.nnplay")
    nnplay("train", spiral, *options, "--fresh", "--out", "f.nnplay")
    for name in ("w.nnplay", "f.nnplay"):
        assert set(load(name).network.theta[:12].tolist()) == {0.2}
    said = nnplay("train", spiral, "--fresh", "--weights-seed", 1, code=2).complaint
    assert "not allowed with argument" in said
