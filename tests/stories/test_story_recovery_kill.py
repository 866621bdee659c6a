"""SIGKILL at any moment of work: at most two seconds of edits are lost, also while training."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RECOVERING = Path(__file__).with_name("recovering.py")
# In the runs here progress of training is kept every 1.5 s instead of every 10.
LONGEST_TRAINING = 1.5 + 2.0


def killed(
    folder: Path, kills: int, how: str, seed: int = 1, parameters: int = 0
) -> tuple[int, int, float, float]:
    """Kills that left something to recover, kills in training, ages of lost edits and steps."""
    done = subprocess.run(
        [sys.executable, RECOVERING, folder, str(kills), str(seed), how, str(parameters)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    count, recovered, training, edits, steps = done.stdout.split()
    assert int(count) == kills
    return int(recovered), int(training), float(edits), float(steps)


def test_a_killed_window_loses_at_most_two_seconds(tmp_path: Path) -> None:
    recovered, training, edits, steps = killed(tmp_path, 5, "safe")
    assert recovered >= 2  # the others came within a second of saving: then the file has it all
    assert training >= 1
    assert 0 < edits <= 2.0
    assert steps <= LONGEST_TRAINING


def test_the_test_would_notice(tmp_path: Path) -> None:
    """Waiting for the hands to rest, as is often done, loses all of a long drag."""
    _, _, edits, _ = killed(tmp_path, 2, "careless")
    assert edits > 2.0


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(("kills", "parameters"), [(200, 0), (30, 100_000)])
def test_hundreds_of_killed_windows(
    tmp_path: Path, kills: int, parameters: int, figures: Callable[[str], None]
) -> None:
    recovered, training, edits, steps = killed(tmp_path, kills, "safe", 2, parameters)
    figures(
        f"{kills} windows killed ({parameters or 'few'} parameters), {training} in training: "
        f"{recovered} offered again, edits lost up to {edits:.2f} s, steps up to {steps:.2f} s"
    )
    assert recovered > kills * 0.5
    assert training > kills * 0.2
    assert edits <= 2.0
    assert steps <= LONGEST_TRAINING
