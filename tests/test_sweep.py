"""Sweeps: every combination once, the same numbers as training alone, and nothing left behind."""

import csv
import importlib.util
import io
import math
import os
import pickle
import subprocess
import sys
import threading
import time
from pathlib import Path

import joblib
import numpy as np
import pytest

import nnplay as api
from nnplay.core.errors import TrainingError
from nnplay.document import Document
from nnplay.formats.document_record import same_document
from nnplay.headless import redrawn, train
from nnplay.sweeps import Sweep, SweepProgress, SweepResult, run_sweep
from nnplay.sweeps.board import Board, Desk
from nnplay.sweeps.changes import SETTINGS, restarted, with_settings
from nnplay.sweeps.plan import SweepRun
from nnplay.sweeps.results import SweepRow
from nnplay.sweeps.usual import comparable_settings, usual_values
from nnplay.sweeps.words import SETTING_TITLES, setting_phrase

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def document() -> Document:
    return api.new_document("spiral", layers=[2, 4, 1], seed=7)[0]


def workers() -> set[int]:
    """Process ids of joblib's workers that are children of this process."""
    found = set()
    for entry in Path("/proc").iterdir():
        try:
            stat = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            line = (entry / "cmdline").read_bytes()
        except (OSError, IndexError):
            continue
        if int(stat[1]) == os.getpid() and stat[0] != "Z" and b"popen_loky" in line:
            found.add(int(entry.name))
    return found


def workers_left() -> set[int]:
    """Workers that do not end within ten seconds."""
    until = time.monotonic() + 10.0
    while (found := workers()) and time.monotonic() < until:
        time.sleep(0.02)
    return found


def numbers(result: SweepResult) -> list[tuple[object, ...]]:
    """Everything that must not depend on where and in which order runs were done."""
    return [
        (
            row.number,
            dict(row.settings),
            row.seed,
            row.epochs,
            row.loss_train,
            row.loss_test,
            row.best_loss_test,
            row.best_epoch,
            row.accuracy_test,
            row.problem,
        )
        for row in result.rows
    ]


# ------------------------------------------------------------------ the plan
def test_every_combination_has_every_seed_once_and_in_order(document):
    sweep = Sweep(document, {"learning_rate": [0.01, 0.1], "optimizer": ["sgd", "adam"]}, (3, 1))
    assert len(sweep) == 8
    runs = list(sweep.runs())
    assert [run.number for run in runs] == list(range(8))
    assert [(*run.settings.values(), run.seed) for run in runs] == [
        (0.01, "sgd", 3),
        (0.01, "sgd", 1),
        (0.01, "adam", 3),
        (0.01, "adam", 1),
        (0.1, "sgd", 3),
        (0.1, "sgd", 1),
        (0.1, "adam", 3),
        (0.1, "adam", 1),
    ]
    assert [run.combination for run in runs] == [0, 0, 1, 1, 2, 2, 3, 3]
    assert Sweep(document, {}, 3).seeds == (1, 2, 3)
    assert len(Sweep(document, {}, 3)) == 3


@pytest.mark.parametrize(
    ("settings", "options", "says"),
    [
        ({"learning_speed": [1]}, {}, "no training setting “learning_speed”. There are loss, "),
        ({"shuffle_seed": [1]}, {}, "no training setting “shuffle_seed”"),
        ({"l2": []}, {}, "no values to try for “l2”"),
        ({"l2": [0.1, 0.2, 0.1]}, {}, "The value 0.1 stands twice for “l2”."),
        ({}, {"seeds": 0}, "at least one seed"),
        ({}, {"seeds": (1, 1)}, "only once"),
        ({}, {"seeds": (-1,)}, "0 or more"),
        ({}, {"epochs": -1}, "epochs must be 0 or more"),
        ({}, {"redraw": "data"}, "“weights” or “everything”"),
        ({"l2": [k / 100 for k in range(101)]}, {"seeds": 100}, "10,100 runs, more than 10,000"),
    ],
)
def test_what_cannot_be_planned_is_said(document, settings, options, says):
    with pytest.raises(TrainingError, match=says.replace("(", r"\(")):
        Sweep(document, settings, **options)


def test_a_seed_redraws_weights_or_everything(document):
    weights = restarted(document, 5, "weights")
    assert (weights.seed, weights.draw, weights.training.shuffle_seed) == (7, 5, 5)
    assert weights.data == document.data
    assert weights.network.theta.tolist() != document.network.theta.tolist()
    assert weights.initial.tolist() == weights.network.theta.tolist()
    everything = restarted(document, 5, "everything")
    assert same_document(everything, redrawn(document, 5))
    # The document's own weights are draw 0 of its seed.
    assert restarted(document, 0).network.theta.tolist() == document.network.theta.tolist()


def test_what_l1_has_switched_off_is_on_again(document):
    settings = {"l1": 0.05, "l1_dead_links": True, "learning_rate": 0.1}
    trained = train(document, 30, **settings).document
    assert not trained.network.enabled.all()
    for redraw in ("weights", "everything"):
        assert restarted(trained, 5, redraw).network.enabled.all()


def test_locked_weights_keep_their_values(document):
    network = document.network.set_frozen([0, 3], True)
    from dataclasses import replace

    locked = replace(document, network=network)
    theta = restarted(locked, 4).network.theta
    assert theta[[0, 3]].tolist() == document.network.theta[[0, 3]].tolist()
    assert (theta[[1, 2]] != document.network.theta[[1, 2]]).all()


def test_dropout_goes_to_hidden_neurons_only(document):
    network = with_settings(document, {"dropout": 0.25}).network
    assert network.dropout.tolist() == [0, 0, 0.25, 0.25, 0.25, 0.25, 0]
    assert document.network.dropout.tolist() == [0] * 7
    for rate in (1.0, -0.1, math.nan, "half", True):
        with pytest.raises(TrainingError, match="dropout rate must be at least 0"):
            with_settings(document, {"dropout": rate})


# ------------------------------------------------------------------ the same numbers everywhere
@pytest.mark.parametrize("parallel", ["loky", "threading"])
@pytest.mark.parametrize("redraw", ["weights", "everything"])
def test_the_numbers_are_those_of_training_alone(document, parallel, redraw):
    trained = api.train(document, 3).document  # a sweep begins anew, whatever was learnt
    settings = {"learning_rate": [0.03, 0.3], "optimizer": ["momentum", "adam"]}
    sweep = Sweep(trained, settings, 2, 6, "numpy", redraw)
    result = run_sweep(sweep, jobs=2, parallel=parallel)
    assert [row.number for row in result.rows] == list(range(8))
    for row in result.rows:
        start = restarted(with_settings(trained, row.settings), row.seed, redraw)
        alone = api.train(start, 6)
        assert same_document(row.document, alone.document)
        assert row.loss_train == alone.evaluation.loss_train
        assert row.loss_test == alone.evaluation.loss_test
        assert row.accuracy_test == alone.evaluation.accuracy_test
        assert row.best_loss_test == min(record.loss_test for record in alone.records)
        assert row.curve.same_as(alone.document.history)
        assert row.epochs == 6
        assert row.problem == ""
        # Only numbers differ from the document: undo and views rely on the wiring being the same.
        assert row.document.network.topology is trained.network.topology
    assert len({row.loss_train for row in result.rows}) == 8


def test_jobs_and_the_callers_configuration_do_not_matter(document):
    # Long enough for threads to be seen at work, also by a busy processor.
    sweep = Sweep(document, {"batch_size": [5, 20]}, 2, 150, "numpy")
    expected = numbers(run_sweep(sweep, jobs=1))
    with joblib.parallel_config("threading", n_jobs=2):
        names: set[str] = set()
        result = run_sweep(
            sweep, on_progress=lambda _: names.update(t.name for t in threading.enumerate())
        )
    assert any("ThreadPool" in name or "Thread-" in name for name in names), names
    assert workers_left() == set()
    assert numbers(result) == expected


def test_a_single_job_is_done_by_another_process_one_after_the_other(document):
    sweep = Sweep(document, {}, 3, 300, "numpy")
    under_way: list[int] = []
    before = 0

    def look(progress: SweepProgress) -> None:
        nonlocal before
        if before < progress.epochs:
            under_way.append(progress.finished * 300 + 300 - progress.epochs)
        before = progress.epochs

    run_sweep(sweep, jobs=1, on_progress=look)
    # With two at once, more than one run's epochs would be ahead of the finished ones.
    assert min(under_way) >= 0


# Said to be absent in the terminal summary where it is (see conftest.py).
if importlib.util.find_spec("distributed") is not None:

    @pytest.mark.parametrize("is_said_by_joblib", [True, False])
    def test_on_a_dask_cluster(document, tmp_path, is_said_by_joblib):
        sweep = Sweep(document, {"learning_rate": [0.03, 0.3]}, 2, 4, "numpy")
        expected = run_sweep(sweep, jobs=2, parallel="threading")
        place = tmp_path / "sweep.pickle"
        place.write_bytes(pickle.dumps(sweep))
        # In a process of its own: Dask leaves threads behind.
        done = subprocess.run(
            [sys.executable, "-c", ON_DASK, str(place), str(is_said_by_joblib)],
            capture_output=True,
            text=True,
            cwd=ROOT,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        found = [line.split() for line in done.stdout.splitlines()]
        assert found == [[str(r.number), repr(r.loss_train)] for r in expected.rows]


ON_DASK = """
import pickle, sys
import joblib
from distributed import Client
from nnplay.sweeps import run_sweep

if __name__ == "__main__":
    with open(sys.argv[1], "rb") as file:
        sweep = pickle.load(file)
    heard = []
    with Client(n_workers=2, threads_per_worker=1, dashboard_address=None):
        if sys.argv[2] == "True":
            with joblib.parallel_config("dask"):
                result = run_sweep(sweep, on_row=heard.append)
        else:
            result = run_sweep(sweep, parallel="dask", on_row=heard.append)
    assert len(heard) == 4
    for row in result.rows:
        assert row.document is not None
        print(row.number, repr(row.loss_train))
"""


def test_workers_start_without_qt_and_keep_to_one_core():
    code = (
        "import sys, nnplay.sweeps.worker as w; w._settle_in(); import threadpoolctl; "
        "print([m for m in sys.modules if m.startswith(('PySide6', 'pyqtgraph', 'pandas'))], "
        "{pool['num_threads'] for pool in threadpoolctl.threadpool_info()})"
    )
    clean = {k: v for k, v in os.environ.items() if not k.endswith("_NUM_THREADS")}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, env=clean
    )
    assert done.stdout.strip() in ("[] {1}", "[] set()"), done.stderr


# ------------------------------------------------------------------ what goes wrong
def test_a_bad_run_is_a_row_with_a_sentence(document):
    sweep = Sweep(document, {"momentum": [0.5, 3.0]}, 2, 2)
    heard: list[SweepRow] = []
    result = run_sweep(sweep, jobs=2, on_row=heard.append)
    good, bad = result.rows[:2], result.rows[2:]
    assert all(row.is_done and row.document is not None for row in good)
    assert all("momentum must be a number of at least 0 and less than 1" in r.problem for r in bad)
    assert all(row.document is None and math.isnan(row.loss) for row in bad)
    assert result.best in good
    assert sorted(row.number for row in heard) == [0, 1, 2, 3]
    assert result.summary().groups[1].failed == 2


def test_divergence_is_told_and_the_last_finite_weights_are_kept():
    document = api.new_document("reg-plane", layers=[2, 4, 1], activation="relu")[0]
    result = run_sweep(Sweep(document, {"learning_rate": [0.01, 1e3]}, 1, 20), jobs=2)
    fine, wild = result.rows
    assert not fine.diverged
    assert wild.diverged
    assert "diverged at step" in wild.problem
    assert np.isfinite(wild.document.network.theta).all()
    assert result.best is fine
    assert result.rows[1].number == 1
    assert math.isinf(result.summary().groups[1].median)


def test_a_fault_nobody_foresaw_does_not_end_the_others(document, monkeypatch):
    from nnplay.sweeps import worker

    whole = worker.train

    def train(start, *arguments, **options):
        if start.training.learning_rate == 0.5:
            raise ZeroDivisionError("oh")
        return whole(start, *arguments, **options)

    monkeypatch.setattr(worker, "train", train)
    sweep = Sweep(document, {"learning_rate": [0.1, 0.5]}, 1, 2)
    result = run_sweep(sweep, jobs=2, parallel="threading")
    assert result.rows[0].is_done
    assert "nobody foresaw (ZeroDivisionError: oh)" in result.rows[1].problem


def test_a_worker_that_dies_costs_rows_not_the_sweep(document):
    sweep = Sweep(document, {}, 3, 10**7)
    killed = False

    def kill(progress: SweepProgress) -> None:
        nonlocal killed
        if progress.epochs and not killed:
            killed = True
            for process in workers():
                os.kill(process, 9)

    result = run_sweep(sweep, jobs=2, on_progress=kill)
    assert killed
    assert not result.was_cancelled
    assert all("a worker process ended early" in row.problem for row in result.rows)
    assert workers_left() == set()


# ------------------------------------------------------------------ progress and ending early
@pytest.mark.parametrize("parallel", ["loky", "threading"])
def test_progress_is_heard_of_within_runs(document, parallel):
    sweep = Sweep(document, {}, 2, 400, "numpy")
    seen: list[SweepProgress] = []
    run_sweep(sweep, jobs=2, parallel=parallel, on_progress=seen.append)
    epochs = [progress.epochs for progress in seen]
    assert epochs == sorted(epochs)
    assert any(0 < p.epochs < 800 and p.finished == 0 for p in seen), (
        "only whole runs were heard of"
    )
    last = seen[-1]
    assert (last.finished, last.runs, last.epochs, last.share) == (2, 2, 800, 1.0)


@pytest.mark.parametrize("parallel", ["loky", "threading"])
def test_cancelled_midway_it_returns_soon_and_leaves_nothing(document, parallel):
    sweep = Sweep(document, {"learning_rate": [0.01, 0.02, 0.03]}, 2, 10**8)
    told = threading.Event()
    asked_at = 0.0

    def look(progress: SweepProgress) -> None:
        nonlocal asked_at
        if progress.epochs and not told.is_set():
            told.set()
            asked_at = time.monotonic()

    result = run_sweep(sweep, jobs=2, parallel=parallel, on_progress=look, should_stop=told.is_set)
    assert time.monotonic() - asked_at < 10  # minutes would be left
    assert result.was_cancelled
    assert [row.problem for row in result.rows] == [
        "This run was not done: the sweep was cancelled."
    ] * 6
    assert result.best is None
    assert workers_left() == set()
    assert not [t for t in threading.enumerate() if t.name == "nnplay-sweep"]


def test_a_step_of_minutes_is_not_waited_for(document, monkeypatch):
    """Processes that do not listen are ended."""
    sweep = Sweep(document, {"batch_size": [1]}, 2, 10**8)
    monkeypatch.setattr(Board, "stop", lambda _: None)
    began = False

    def look(progress: SweepProgress) -> None:
        nonlocal began
        began = began or progress.epochs > 0

    result = run_sweep(sweep, jobs=2, on_progress=look, should_stop=lambda: began)
    assert result.was_cancelled
    assert workers_left() == set()


def test_what_a_callback_raises_ends_the_sweep(document):
    class OddError(Exception):
        pass

    def raise_it(_row: SweepRow) -> None:
        raise OddError

    with pytest.raises(OddError):
        run_sweep(Sweep(document, {}, 4, 20), jobs=2, on_row=raise_it)
    assert workers_left() == set()


def test_processes_that_were_there_before_stay(document):
    from joblib.externals.loky import get_reusable_executor

    mine = get_reusable_executor(max_workers=2)
    assert mine.submit(abs, -3).result() == 3
    try:
        run_sweep(Sweep(document, {}, 2, 2), jobs=2)
        assert get_reusable_executor(max_workers=2).submit(abs, -4).result() == 4
    finally:
        get_reusable_executor().shutdown(kill_workers=True)


def test_a_desk_without_a_board_works_alone(tmp_path):
    desk = Desk(str(tmp_path / "elsewhere"), 0)
    assert not desk.tell(3)
    assert not desk.is_stopped()
    desk.close()
    with Board(2) as board:
        path = board.path
        desk = Desk(path, 1)
        assert not desk.tell(5)
        assert board.epochs() == [0, 5]
        board.stop()
        assert desk.is_stopped()
        desk.close()
    assert not Path(path).exists()


# ------------------------------------------------------------------ results
def row(document, sweep, number, loss_train=0.5, loss_test=0.5, problem="", accuracy=0.5):
    run = list(sweep.runs())[number]
    return SweepRow(
        run,
        3,
        loss_train,
        loss_test,
        accuracy_test=accuracy,
        accuracy_train=accuracy,
        problem=problem,
        seconds=1.0,
    )


def made(document, losses, settings=None, **options):
    """A result with given test losses, one list per learning rate."""
    settings = settings or {"learning_rate": [0.1 * (k + 1) for k in range(len(losses))]}
    sweep = Sweep(document, settings, len(losses[0]))
    flat = [loss for group in losses for loss in group]
    rows = [
        row(document, sweep, n, loss_test=v, problem="" if math.isfinite(v) else "Bad.", **options)
        for n, v in enumerate(flat)
    ]
    return SweepResult(sweep, rows[::-1])


def test_median_and_spread(document):
    summary = made(document, [[0.4, 0.1, 0.2, 0.3, 0.5], [0.9, 0.9, 0.9, 0.9, 0.9]]).summary()
    first = summary.groups[0]
    assert (first.median, first.low, first.high, first.best) == (0.3, 0.2, 0.4, 0.1)
    assert summary.best is first
    assert summary.is_clear  # 0.6 ahead, 0.2 apart
    assert summary.sentence == (
        "Best: learning rate 0.1, median test loss 0.3 over 5 seeds. Next: learning rate 0.2 "
        "(0.9). Its lead (0.6) is larger than the spread over seeds (0.2)."
    )


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 8])
def test_quartiles_are_numpys(document, size):
    values = np.random.default_rng(size).random(size).tolist()
    group = made(document, [values]).summary().groups[0]
    expected = np.quantile(values, [0.25, 0.5, 0.75])
    assert np.allclose([group.low, group.median, group.high], expected, rtol=1e-14, atol=0)


def test_a_small_lead_may_be_luck(document):
    summary = made(document, [[0.1, 0.2, 0.3], [0.15, 0.25, 0.35]]).summary()
    assert not summary.is_clear
    assert summary.sentence.endswith(
        "Its lead (0.05) is not larger than the spread over seeds (0.1): it may be luck."
    )
    one = made(document, [[0.1], [0.9]]).summary()
    assert not one.is_clear
    assert one.sentence.endswith("With one seed nobody knows how much of that is luck.")


def test_failed_runs_count_as_worst(document):
    nan = math.nan
    result = made(document, [[0.1, nan, nan], [0.3, 0.3, 0.4]])
    summary = result.summary()
    assert summary.best is summary.groups[1]
    assert math.isinf(summary.groups[0].median)
    assert result.best.number == 0  # the best single run is another question
    none = made(document, [[nan, nan]])
    assert none.best is None
    assert none.summary().sentence.startswith("No combination has a median")
    half = made(document, [[0.1, 0.1, nan], [0.3, 0.3, 0.3]]).summary()
    assert half.best is half.groups[0]
    assert not half.is_clear
    assert "(some runs failed): it may be luck." in half.sentence


def test_different_losses_are_compared_by_accuracy(document):
    settings = {"loss": ["mse", "half_squared"]}
    sweep = Sweep(document, settings, 1)
    rows = [row(document, sweep, 0, accuracy=0.9), row(document, sweep, 1, loss_test=0.1)]
    result = SweepResult(sweep, rows)
    assert result.summary().measure.name == "accuracy_test"
    assert result.best is rows[0]
    assert "median test accuracy 90.0%" in result.summary().sentence
    blind = SweepResult(sweep, [row(document, sweep, n, accuracy=math.nan) for n in (0, 1)])
    assert blind.best is None
    assert blind.summary().sentence.startswith("Different losses cannot be compared")


def test_the_table_as_csv(document):
    sweep = Sweep(document, {"learning_rate": [0.1], "class_weights": [(1.0, 2.0), ()]}, 1, 2)
    result = run_sweep(sweep, jobs=1)
    lines = list(csv.DictReader(io.StringIO(result.csv({"learning_rate": "lr"}))))
    assert [line["run"] for line in lines] == ["1", "2"]
    assert [line["lr"] for line in lines] == ["0.1", "0.1"]
    assert [line["class_weights"] for line in lines] == ["1:2", ""]
    for line, found in zip(lines, result.rows, strict=True):
        assert float(line["loss_test"]) == found.loss_test  # full precision
        assert (line["seed"], line["epochs"], line["diverged"], line["problem"]) == (
            "1",
            "2",
            "no",
            "",
        )
    curves = list(csv.DictReader(io.StringIO(result.curves_csv())))
    assert [c["epoch"] for c in curves] == ["0", "1", "2"] * 2
    assert [float(c["loss_train"]) for c in curves[:3]] == result.rows[0].curve.train.tolist()


def test_sentences_with_commas_stay_one_cell(document):
    sweep = Sweep(document, {}, 1)
    run = SweepRun(0, 0, {}, 1)
    result = SweepResult(sweep, [SweepRow(run, problem="Bad, “worse”\nand worst.")])
    line = next(csv.DictReader(io.StringIO(result.csv())))
    assert line["problem"] == "Bad, “worse”\nand worst."
    assert line["loss_train"] == ""


def test_rows_travel(document):
    result = run_sweep(Sweep(document, {}, 1, 2), jobs=1)
    copy = pickle.loads(pickle.dumps(result.rows[0].document))
    assert same_document(copy, result.rows[0].document)


# ------------------------------------------------------------------ words and usual values
def test_every_setting_has_a_title_and_values_to_try(document):
    assert set(SETTING_TITLES) == set(SETTINGS)
    for name in comparable_settings(document):
        offered, chosen = usual_values(document, name)
        assert len(chosen) >= 2, name
        assert set(chosen) <= set(offered), name
        assert len(set(offered)) == len(offered), name
        if name != "dropout":
            assert getattr(document.training, name) in chosen or name == "momentum", name
        for value in offered:
            with_settings(document, {name: value})


@pytest.mark.parametrize(
    ("now", "chosen"),
    [
        (0.03, (0.01, 0.03, 0.1)),
        (0.1, (0.03, 0.1, 0.3)),
        (0.05, (0.01, 0.05, 0.1)),
        (1.0, (0.3, 1.0, 3.0)),
    ],
)
def test_a_third_and_three_times_the_rate(document, now, chosen):
    other = with_settings(document, {"learning_rate": now})
    assert usual_values(other, "learning_rate")[1] == chosen


def test_phrases():
    assert setting_phrase({"learning_rate": 0.1, "optimizer": "adam"}) == (
        "learning rate 0.1, optimiser Adam"
    )
    assert setting_phrase({"early_stopping": True, "class_weights": (1.0, 2.5)}) == (
        "early stopping on, class weights 1 : 2.5"
    )
