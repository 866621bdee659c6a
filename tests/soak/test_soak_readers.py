"""No damaged file makes a reader crash, hang, take too much memory or say anything but a sentence."""

import importlib.util
import os

import pytest
from soak.fuzz_worker import fuzz
from soak.fuzzing import Outcome, fuzz_in_processes
from soak.targets import TARGETS

FILES = int(os.environ.get("NNPLAY_SOAK_FILES", "100000"))
# A file of PyTorch's is read by a process of its own; it takes fifty times as long as others.
SHORT = {"torch": 40, "table": 1000}


def target_of(name):
    target = TARGETS[name]
    if target.missing and not importlib.util.find_spec(target.missing):
        pytest.skip(
            f"{target.missing} is not installed, so there is nothing that reads these files"
        )
    return target


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
        ("MUMBLES", 35, "said AssertionError"),
        ("UNSOUND", 36, "opened what is not sound"),
    ],
)
def test_the_harness_notices(reader, number, words, monkeypatch):
    monkeypatch.setenv("NNPLAY_SOAK_PATIENCE", "2")
    outcome = fuzz_in_processes(f"soak.bad_readers:{reader}", 1, 60)
    assert outcome.tried == 60
    assert [at for at, _ in outcome.faults] == [number]
    assert words in outcome.faults[0][1]


@pytest.mark.soak
@pytest.mark.timeout(20000)
@pytest.mark.parametrize("name", TARGETS)
def test_a_hundred_thousand_damaged_files(name, figures):
    target_of(name)
    outcome = fuzz_in_processes(name, 2, FILES)
    figures(outcome.line)
    assert outcome.faults == []
    assert outcome.tried == FILES
    assert outcome.opened > 0
