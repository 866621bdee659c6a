"""Locks on documents: taken, refused, taken over; and what tells one version of a file from another."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QLockFile, QSysInfo

from nnplay.session.fingerprint import LARGEST, Fingerprint
from nnplay.session.locking import DocumentLock, holder_of, lock_path, taken


def test_a_lock_lies_beside_the_document_and_goes_with_it(tmp_path: Path) -> None:
    path = tmp_path / "a.nnplay"
    lock = DocumentLock()
    assert lock.take(path) is None
    assert lock.take(path) is None  # it is ours already
    assert lock_path(path) == tmp_path / ".~lock.a.nnplay"
    assert lock_path(path).exists()
    assert lock.holder_of(path) is None
    found = holder_of(path)
    assert found is not None
    assert (found.pid, found.is_here, found.words) == (os.getpid(), True, "in another window")
    lock.release()
    assert not lock_path(path).exists()
    assert holder_of(path) is None


def test_two_sessions_of_one_process_exclude_each_other(tmp_path: Path) -> None:
    path, link = tmp_path / "a.nnplay", tmp_path / "link.nnplay"
    path.write_bytes(b"x")
    link.symlink_to(path)
    first, second = DocumentLock(), DocumentLock()
    assert first.take(path) is None
    assert second.take(link) is not None  # the same file by another name
    first.release()
    assert second.take(link) is None
    second.release()


def test_taking_another_document_lets_go_of_the_first(tmp_path: Path) -> None:
    first, second = tmp_path / "a.nnplay", tmp_path / "b.nnplay"
    lock, other = DocumentLock(), DocumentLock()
    assert lock.take(first) is None
    assert other.take(second) is None
    assert lock.take(second) is not None
    assert lock_path(first).exists()  # a refusal changes nothing
    other.release()
    assert lock.take(second) is None
    assert not lock_path(first).exists()
    lock.release()


def test_the_lock_of_a_killed_process_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "a.nnplay"
    code = (
        "import os, signal, sys; from pathlib import Path\n"
        "from nnplay.session.locking import DocumentLock\n"
        "lock = DocumentLock()\n"
        "assert lock.take(Path(sys.argv[1])) is None\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], check=False)
    assert lock_path(path).exists()
    lock = DocumentLock()
    assert lock.take(path) is None
    assert str(os.getpid()) in lock_path(path).read_text()
    lock.release()


def test_a_process_number_that_is_used_again_is_no_owner(tmp_path: Path) -> None:
    """Inside a container every start may have the same number."""
    path = tmp_path / "a.nnplay"
    first = QLockFile(str(lock_path(path)))
    assert first.tryLock(0)
    text = lock_path(path).read_text()
    first.unlock()
    lock_path(path).write_text(text)  # says that this very process has it, which is not so
    lock = taken(lock_path(path))
    assert lock is not None
    lock.unlock()


def test_the_lock_of_another_computer_is_respected(tmp_path: Path) -> None:
    path = tmp_path / "a.nnplay"
    first = QLockFile(str(lock_path(path)))
    assert first.tryLock(0)
    lines = lock_path(path).read_text().splitlines()
    first.unlock()
    lines[2:4] = ["another-computer", "0" * 32]
    lock_path(path).write_text("\n".join(lines) + "\n")
    assert QSysInfo.machineHostName() != "another-computer"
    found = DocumentLock().take(path)
    assert found is not None
    assert not found.is_here
    assert "“another-computer”" in found.words
    assert lock_path(path).exists()


def test_a_place_where_no_lock_can_be_made_is_used_without(tmp_path: Path) -> None:
    lock = DocumentLock()
    assert lock.take(tmp_path / "missing" / "a.nnplay") is None
    lock.release()


# ---------------------------------------------------------------------- versions of a file
def test_contents_decide_not_the_clock(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"one")
    first = Fingerprint.of(path)
    os.utime(path, (1, 1))
    touched = Fingerprint.of(path)
    assert not touched.is_same_time(first)
    assert touched.is_same_file(first)
    path.write_bytes(b"two")
    os.utime(path, (1, 1))
    changed = Fingerprint.of(path)
    assert changed.is_same_time(touched)
    assert not changed.is_same_file(touched)


def test_a_file_that_is_not_there_has_a_fingerprint_too(tmp_path: Path) -> None:
    gone = Fingerprint.of(tmp_path / "missing")
    assert not gone.exists
    assert gone.is_same_file(Fingerprint.of(tmp_path / "neither"))


@pytest.mark.parametrize("size", [LARGEST, LARGEST + 1])
def test_huge_files_are_told_by_time_and_size(tmp_path: Path, size: int) -> None:
    path = tmp_path / "a"
    with path.open("wb") as file:
        file.truncate(size)
    assert bool(Fingerprint.of(path).digest) is (size <= LARGEST)
