"""Comparing settings and looking for rates beside the window: threads, undo, and ends."""

import csv
import os
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from session.session_driver import same_document

from nnplay.core.rate_finder import RateCurve
from nnplay.headless import train
from nnplay.sweeps.changes import restarted, with_settings
from nnplay.sweeps.results import SweepResult, SweepRow


def worker_processes() -> int:
    count = 0
    for entry in Path("/proc").iterdir():
        try:
            stat = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            line = (entry / "cmdline").read_bytes()
        except (OSError, IndexError):
            continue
        count += int(stat[1]) == os.getpid() and stat[0] != "Z" and b"popen_loky" in line
    return count


class Heard:
    """What a sweeping says."""

    def __init__(self, session) -> None:
        self.rows: list[SweepRow] = []
        self.results: list[SweepResult] = []
        self.threads: set[threading.Thread] = set()
        sweeping = session.sweeping
        sweeping.row_arrived.connect(self.row)
        sweeping.finished.connect(self.results.append)

    def row(self, row: SweepRow) -> None:
        self.threads.add(threading.current_thread())
        self.rows.append(row)


def test_rows_arrive_on_the_gui_thread_and_the_document_stays(driver):
    session = driver.session
    before, heard = session.document, Heard(session)
    assert session.sweeping.start({"learning_rate": (0.03, 0.3)}, 2, 5, 2) == ""
    assert session.sweeping.is_running
    assert session.sweeping.start({}, 1, 1, 1) == "A comparison is under way already."
    driver.until(lambda: heard.results)
    assert not session.sweeping.is_running
    assert session.document is before
    assert heard.threads == {threading.main_thread()}
    result = heard.results[0]
    assert sorted(row.number for row in heard.rows) == [0, 1, 2, 3]
    assert [row.number for row in result.rows] == [0, 1, 2, 3]
    assert all(row.is_done for row in result.rows)
    assert worker_processes() == 0


def test_a_result_becomes_the_network_in_one_step_and_undo_brings_the_old_one_back(driver):
    session, heard = driver.session, Heard(driver.session)
    session.move_neurons({3: (500.0, 40.0)})
    places = dict(session.positions)
    session.set_view("loss_log", True)
    before = session.document
    steps = len(driver.steps)
    session.sweeping.start({"learning_rate": (0.1,), "optimizer": ("adam",)}, 3, 4, 2)
    driver.until(lambda: heard.results)
    row = heard.results[0].rows[2]
    assert session.sweeping.use(row)
    assert driver.steps[steps:] == ["Use the result: learning rate 0.1, optimiser Adam, seed 3"]
    alone = train(restarted(with_settings(before, row.settings), 3), 4).document
    after = session.document
    assert same_document(after, replace(alone, positions=before.positions))
    assert dict(session.positions) == places
    assert session.view["loss_log"] is True
    assert session.shown_epoch == 4
    assert session.curve.same_as(row.document.history)
    assert session.training.learning_rate == 0.1
    session.undo()
    assert session.document is before
    assert session.shown_epoch == 0
    session.redo()
    assert same_document(session.document, after)
    # Training goes on from there as from any other document.
    assert session.step_batch()
    assert session.shown_step == after.state.step + 1


def test_it_is_used_during_a_run_and_after_an_edit(driver):
    session, heard = driver.session, Heard(driver.session)
    session.sweeping.start({"l2": (0.01,)}, 1, 3, 1)
    driver.until(lambda: heard.results)
    row = heard.results[0].rows[0]
    added = session.add_to_level(1)
    assert added is not None
    driver.train_until_step(40)
    assert session.sweeping.use(row)
    assert not session.is_running
    assert added not in session.network.topology
    assert session.shown_epoch == 3
    assert set(session.positions) == set(session.network.topology.ids.tolist())
    assert driver.steps[-1] == "Use the result: L2 rate 0.01, seed 1"
    session.undo()
    assert added in session.network.topology
    assert session.shown_step >= 40


def test_the_window_goes_on_meanwhile(driver):
    session, heard = driver.session, Heard(driver.session)
    session.sweeping.start({"learning_rate": (0.01, 0.02)}, 2, 10**7, 2)
    driver.until(lambda: worker_processes() >= 2)
    driver.train_until_step(100)
    assert session.is_running
    session.pause()
    assert session.shown_step >= 100
    assert session.sweeping.is_running
    session.sweeping.cancel()
    driver.until(lambda: heard.results)
    assert heard.results[0].was_cancelled
    assert worker_processes() == 0


def test_shutdown_ends_a_sweep_and_a_search(driver):
    session = driver.session
    session.sweeping.start({"learning_rate": (0.01, 0.02)}, 2, 10**7, 2)
    session.rate_finding.start(1e-6, 1.0, 5_000_000)
    driver.until(lambda: worker_processes() >= 2)
    start = time.monotonic()
    session.shutdown()
    assert time.monotonic() - start < 5
    deadline = time.monotonic() + 5  # a loaded machine may need longer than shutdown waits
    while worker_processes() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert worker_processes() == 0


def test_what_cannot_be_compared_is_a_sentence(driver):
    sweeping = driver.session.sweeping
    assert "at least one seed" in sweeping.start({"l2": (0.1,)}, 0, 1, 1)
    assert "no training setting “speed”" in sweeping.start({"speed": (1,)}, 1, 1, 1)
    assert not sweeping.is_running
    heard = Heard(driver.session)
    sweeping.start({"momentum": (3.0,)}, 1, 1, 1)
    driver.until(lambda: heard.results)
    row = heard.results[0].rows[0]
    assert not sweeping.use(row)
    assert driver.texts[-1] == row.problem
    assert "momentum" in row.problem


def test_a_fault_ends_with_a_sentence(driver, monkeypatch):
    from nnplay.sweeps import running

    def broken(*_, **__):
        raise ZeroDivisionError("oh")

    monkeypatch.setattr(running, "run_sweep", broken)
    said: list[str] = []
    driver.session.sweeping.failed.connect(said.append)
    driver.session.sweeping.start({}, 1, 1, 1)
    driver.until(lambda: said)
    assert "ZeroDivisionError: oh" in said[0]
    assert not driver.session.sweeping.is_running


def test_the_table_is_exported(driver, tmp_path):
    session, heard = driver.session, Heard(driver.session)
    session.sweeping.start({"learning_rate": (0.1,)}, 2, 1, 2)
    driver.until(lambda: heard.results)
    path = tmp_path / "table.csv"
    assert session.sweeping.export(heard.results[0], str(path)) == ""
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["learning_rate"] for row in rows] == ["0.1", "0.1"]
    assert "cannot be written" in session.sweeping.export(heard.results[0], "/no/where/t.csv")


# ------------------------------------------------------------------ looking for a rate
def test_a_rate_is_found_and_used_as_one_step(driver):
    session = driver.session
    session.set_data(source="gauss")
    points: list[tuple[float, float]] = []
    found: list[RateCurve] = []
    finding = session.rate_finding
    finding.advanced.connect(lambda rate, loss: points.append((rate, loss)))
    finding.found.connect(found.append)
    before = session.document
    assert finding.start(1e-4, 5.0, 80)
    assert not finding.start(1e-4, 5.0, 80)
    driver.until(lambda: found)
    assert session.document is before
    curve = found[0]
    assert [rate for rate, _ in points] == curve.rates.tolist()
    assert [loss for _, loss in points] == curve.smoothed.tolist()
    assert curve.suggestion is not None
    assert finding.use(curve.suggestion)
    assert session.training.learning_rate == curve.suggestion
    session.undo()
    assert session.document is before


@pytest.mark.parametrize("way", ["cancel", "end"])
def test_a_search_is_given_up(driver, way):
    finding = driver.session.rate_finding
    said: list[str] = []
    finding.failed.connect(said.append)
    finding.start(1e-6, 1.0, 5_000_000)
    if way == "cancel":
        finding.cancel()
        driver.until(lambda: not finding.is_running)
        assert said == [""]
    else:
        finding.end(5.0)
        driver.spin(0.05)
        assert said == []
    assert not [t for t in threading.enumerate() if t.name == "nnplay-rates"]


def test_a_search_that_cannot_be_says_why(driver):
    session = driver.session
    output = session.network.topology.output_ids[0]
    session.remove([output])
    said: list[str] = []
    session.rate_finding.failed.connect(said.append)
    session.rate_finding.start(1e-6, 1.0, 100)
    driver.until(lambda: said)
    assert said[0].endswith(".")
    assert not session.rate_finding.is_running
