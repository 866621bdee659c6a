"""Nothing takes a window along: no document that opens, however damaged it was, and no size."""

import math
import os
import subprocess
import sys
from pathlib import Path

import pytest
from soak.fuzzing import fuzz_in_processes

# About one in six is opened and differs from the sound one; each of these takes a second.
FILES = min(int(os.environ.get("SOAK_FILES") or 10_000), 10_000)
FIRST = int(os.environ.get("SOAK_FIRST") or 0)
MINUTES = float(os.environ.get("SOAK_MINUTES") or "inf")
SHORT = 3
TESTS = Path(__file__).parents[1]
SIZES = 2 * 4 * 500


def test_a_few_damaged_documents_are_worked_with():
    outcome = fuzz_in_processes("soak.whole_windows:WINDOW", 42, SHORT)
    assert outcome.faults == []
    assert outcome.tried == SHORT
    assert outcome.opened > 0


def test_failures_inside_the_window_are_noticed():
    outcome = fuzz_in_processes("soak.whole_windows:FAILS", 42, SHORT - 1)
    assert "IndexError" in outcome.faults[0][1]


@pytest.mark.soak
@pytest.mark.timeout(40000)
def test_thousands_of_damaged_documents_are_worked_with(figures):
    seconds = math.inf if math.isinf(MINUTES) else 60 * MINUTES / 4
    outcome = fuzz_in_processes("soak.whole_windows:WINDOW", 4, FILES, FIRST, seconds)
    figures(outcome.line)
    assert outcome.faults == []
    assert outcome.opened > 0


def sizes_survived(data, first, last, how="safe"):
    """How many sizes a window was given, and how it all ended: None for well."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS), str(TESTS.parent)])}
    command = [sys.executable, "-m", "soak.resizing", data, str(first), str(last), how]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    *sizes, end = done.stdout.split("\n")[:-1]
    complaint = done.stderr.replace("This plugin does not support propagateSizeHints()", "").strip()
    if done.returncode or end != "done" or complaint:
        return len(sizes), f"ended ({done.returncode}) at {end}: {complaint[-300:]}"
    return len(sizes), None


def test_a_size_that_ends_the_process_is_noticed():
    """The way margins were made before, which ended the process at this very height."""
    tried, ended = sizes_survived("circle", 845, 849, "careless")
    assert ended is not None
    assert tried < 4


@pytest.mark.soak
@pytest.mark.timeout(4000)
@pytest.mark.parametrize("data", ["circle", "iris", "digits", "reg-plane"])
def test_windows_live_through_every_height(data, figures):
    tried, ended = sizes_survived(data, 600, 1100)
    figures(f"windows of “{data}” resized {tried:,} times: {ended or 'all well'}")
    assert ended is None
    assert tried == SIZES
