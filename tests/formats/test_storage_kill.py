"""SIGKILL in the middle of saving: the file is the old one or the new one, and whole."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
KILLING = Path(__file__).with_name("killing.py")


def killed(folder, kills, writer, seed=1):
    """Numbers of whole files, broken files, interrupted savings, and of leftovers in the end."""
    done = subprocess.run(
        [sys.executable, KILLING, folder, str(kills), str(seed), writer],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return tuple(map(int, done.stdout.split()))


def test_a_killed_process_leaves_the_old_file_or_the_new_one(tmp_path):
    whole, broken, interrupted, left = killed(tmp_path, 100, "store")
    assert (whole, broken) == (100, 0)
    assert interrupted > 20  # the kills did come in the middle
    assert left == 0  # the next saving cleans up


def test_the_test_would_notice(tmp_path):
    """A writer that truncates first loses documents under the same treatment."""
    whole, broken, _, _ = killed(tmp_path, 60, "naive")
    assert whole + broken == 60
    assert broken > 5


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_five_thousand_kills(tmp_path, figures):
    whole, broken, interrupted, left = killed(tmp_path, 5000, "store", seed=2)
    figures(
        f"5,000 kills while saving: {whole:,} files whole, {broken} broken, {interrupted:,} saves "
        f"cut off, {left} pieces left over"
    )
    assert (whole, broken, left) == (5000, 0, 0)
    assert interrupted > 1000
