"""No damaged file makes a reader crash, hang, take too much memory or say anything but a sentence."""

import importlib.util
import math
import os
import time

import pytest
from soak.fuzz_worker import fuzz
from soak.fuzzing import Allowance, Outcome, fuzz_in_processes
from soak.targets import TARGETS

# A run may be shortened and go on another time: make soak SOAK_MINUTES=60 SOAK_FIRST=20000
FILES = int(os.environ.get("SOAK_FILES") or 100_000)
FIRST = int(os.environ.get("SOAK_FIRST") or 0)
ALLOWANCE = Allowance(60 * float(os.environ.get("SOAK_MINUTES") or "inf"), len(TARGETS))
# These take longer than others, those of PyTorch fifty times: each has a process of its own.
SHORT = {"torch": 40, "table": 1000, "recovery": 300, "thumbnail": 500}


def target_of(name):
    target = TARGETS[name]
    if target.missing and not importlib.util.find_spec(target.missing):
        pytest.skip(
            f"{target.missing} is not installed, so there is nothing that reads these files"
        )
    return target


@pytest.mark.no_qt_log  # Qt says what is wrong with remembered values
@pytest.mark.parametrize("name", TARGETS)
def test_two_thousand_damaged_files(name):
    outcome = Outcome(name)
    for figures in fuzz(target_of(name), 1, 0, SHORT.get(name, 2000)):
        outcome.add(figures)
    assert outcome.faults == []
    assert outcome.tried == SHORT.get(name, 2000)
    assert 0 < outcome.opened < outcome.tried * 0.95


@pytest.mark.parametrize(
    ("reader", "number", "words"),
    [
        ("CRASHES", 30, "ended the process"),
        ("HANGS", 31, "hung for more than 2 s"),
        ("SLOW", 32, "took 1.3"),
        ("FOREIGN", 33, "raised KeyError"),
        ("GREEDY", 34, "raised MemoryError"),
        ("GROWS", 59, "MB by now"),
        ("FILLS", 37, "does not fit into the memory"),
        ("MUMBLES", 35, "said AssertionError"),
        ("UNSOUND", 36, "opened what is not sound"),
    ],
)
def test_the_harness_notices(reader, number, words, monkeypatch):
    if reader == "HANGS":  # the others may take their time on a busy machine
        monkeypatch.setenv("NNPLAY_SOAK_PATIENCE", "2")
    outcome = fuzz_in_processes(f"soak.bad_readers:{reader}", 1, 60)
    assert outcome.tried == 60
    assert [at for at, _ in outcome.faults] == [number]
    assert words in outcome.faults[0][1]


@pytest.mark.soak
@pytest.mark.timeout(20000)
@pytest.mark.parametrize("name", TARGETS)
def test_a_hundred_thousand_damaged_files(name, figures):
    start = time.monotonic()
    try:
        target_of(name)
        outcome = fuzz_in_processes(name, 2, FILES, FIRST, ALLOWANCE.share())
    finally:
        ALLOWANCE.spend(time.monotonic() - start)
    figures(outcome.line)
    assert outcome.faults == []
    assert outcome.tried == FILES or outcome.next == FIRST + outcome.tried
    assert outcome.opened > 0


def test_a_run_stops_in_time_and_goes_on_where_it_stopped():
    first = fuzz_in_processes("selection", 1, 10**6, seconds=0.5)
    assert 0 < first.tried < 10**6
    assert first.next == first.tried
    assert f"SOAK_FIRST={first.next}" in first.line
    then = fuzz_in_processes("selection", 1, 1000, first.next)
    assert then.tried == 1000
    assert then.next is None


def test_time_that_is_left_goes_to_the_others():
    allowance = Allowance(60, 3)
    assert allowance.share() == 20
    allowance.spend(10)
    assert allowance.share() == 25
    allowance.spend(100)
    assert allowance.share() == 0
    assert Allowance(math.inf, 3).share() == math.inf
