"""Saving replaces a file as a whole or not at all, whatever the disk does."""

import errno
import os
import resource
import stat
import subprocess
import sys
import tempfile
import tracemalloc
from pathlib import Path

import pytest

from nnplay import storage
from nnplay.core.network import Network
from nnplay.data.tables import read_csv
from nnplay.document import Document
from nnplay.formats.document_record import same_document
from nnplay.library import load, save
from nnplay.storage import StorageError, check_writable, read_file, write_file

ROOT = Path(__file__).resolve().parents[2]
OLD, NEW = b"old contents", b"new contents" * 1000


@pytest.fixture
def place(tmp_path):
    path = tmp_path / "document.nnplay"
    path.write_bytes(OLD)
    return path


def sentence(action, *arguments):
    with pytest.raises(StorageError) as caught:
        action(*arguments)
    text = str(caught.value)
    assert text.endswith(".")
    assert "Errno" not in text
    return text


# ------------------------------------------------------------------ what holds on a good day
def test_a_file_is_replaced_and_nothing_is_left_over(place):
    write_file(place, NEW)
    assert place.read_bytes() == NEW
    write_file(place.with_name("another"), b"")
    assert sorted(path.name for path in place.parent.iterdir()) == ["another", place.name]


def test_links_stay_links(place, tmp_path):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "link").symlink_to(place)
    (folder / "chain").symlink_to("link")
    write_file(folder / "chain", NEW)
    assert (folder / "chain").is_symlink()
    assert (folder / "link").is_symlink()
    assert place.read_bytes() == NEW
    dangling = folder / "dangling"
    dangling.symlink_to(tmp_path / "later")
    write_file(dangling, NEW)
    assert (tmp_path / "later").read_bytes() == NEW
    assert dangling.is_symlink()


def test_the_mode_stays_and_new_files_follow_the_umask(place):
    place.chmod(0o640)
    write_file(place, NEW)
    assert stat.S_IMODE(place.stat().st_mode) == 0o640
    before = os.umask(0o027)
    try:
        write_file(place.with_name("fresh"), NEW)
    finally:
        os.umask(before)
    assert stat.S_IMODE(place.with_name("fresh").stat().st_mode) == 0o640


def test_names_as_long_as_the_disk_allows(tmp_path):
    path = tmp_path / ("ä" * 124 + ".nnplay")
    write_file(path, NEW)
    assert path.read_bytes() == NEW
    said = sentence(write_file, tmp_path / ("a" * 300), NEW)
    assert "the name is too long" in said


def test_what_a_killed_process_left_is_removed_and_what_lives_is_not(place):
    import fcntl

    dead = place.with_name(f".{place.name}.abc{storage.TEMPORARY}")
    alive = place.with_name(f".{place.name}.xyz{storage.TEMPORARY}")
    other = place.with_name(f".other.abc{storage.TEMPORARY}")
    for path in (dead, alive, other):
        path.write_bytes(b"half")
    with open(alive, "rb") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        write_file(place, NEW)
    assert not dead.exists()
    assert alive.exists()
    assert other.exists()


# ------------------------------------------------------------------ bad days, staged
@pytest.mark.parametrize("call", ["write", "fsync", "replace", "fchmod", "mkstemp"])
@pytest.mark.parametrize(
    ("number", "says"),
    [
        (errno.ENOSPC, "the disk is full. Free some space or choose another disk"),
        (errno.EIO, "the disk reports an error"),
        (errno.EACCES, "you have no permission"),
        (errno.EROFS, "the disk is read-only"),
        (errno.EDQUOT, "your disk quota is used up"),
        (errno.ENOTSUP, "not supported"),
    ],
)
def test_a_failure_at_any_point_leaves_the_old_file(place, monkeypatch, call, number, says):
    def fail(*_, **__):
        raise OSError(number, os.strerror(number))

    owner = storage.tempfile if call == "mkstemp" else storage.os
    with monkeypatch.context() as patch:
        patch.setattr(owner, call, fail)
        said = sentence(write_file, place, NEW)
    assert said.startswith(f"{place} cannot be written: ")
    assert says in said
    assert place.read_bytes() == OLD
    assert list(place.parent.iterdir()) == [place]
    write_file(place, NEW)
    assert place.read_bytes() == NEW


def test_a_disk_that_swallows_bytes_is_noticed(place, monkeypatch):
    """The trap of QSaveFile: fewer bytes arrive, and every call reports success."""
    write = os.write

    def swallow(handle, data):
        write(handle, bytes(data[: len(data) // 2]))
        return len(data)

    with monkeypatch.context() as patch:
        patch.setattr(storage.os, "write", swallow)
        assert "the disk is full" in sentence(write_file, place, NEW)
    assert place.read_bytes() == OLD
    assert list(place.parent.iterdir()) == [place]


def test_a_disk_that_takes_little_at_a_time_is_fine(place, monkeypatch):
    write = os.write
    monkeypatch.setattr(storage.os, "write", lambda handle, data: write(handle, data[:100]))
    write_file(place, NEW)
    assert place.read_bytes() == NEW


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_an_interruption_leaves_the_old_file(place, monkeypatch, error):
    def interrupt(*_):
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(storage.os, "replace", interrupt)
        with pytest.raises(error):
            write_file(place, NEW)
    assert place.read_bytes() == OLD
    assert list(place.parent.iterdir()) == [place]


def test_a_folder_that_cannot_be_synchronised_is_no_failure(place, monkeypatch):
    fsync = os.fsync

    def picky(handle):
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "not for folders")
        fsync(handle)

    monkeypatch.setattr(storage.os, "fsync", picky)
    write_file(place, NEW)
    assert place.read_bytes() == NEW


# ------------------------------------------------------------------ bad days, real
@pytest.fixture
def shared_place():
    """A file that another user could reach."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        path = Path(name) / "document.nnplay"
        path.write_bytes(OLD)
        yield path


def test_a_folder_without_permission(shared_place):
    """Real refusals by the system: for this moment the tests are nobody."""
    place, folder = shared_place, shared_place.parent
    old_user = os.geteuid()
    folder.chmod(0o555)
    if old_user == 0:
        os.seteuid(65534)
    try:
        for action in (
            lambda: write_file(place.with_name("new"), NEW),
            lambda: check_writable(place),
        ):
            assert "you have no permission. Choose another folder" in sentence(action)
        assert place.read_bytes() == OLD
    finally:
        os.seteuid(old_user)
        folder.chmod(0o755)


def test_a_file_without_permission(shared_place):
    place = shared_place
    place.chmod(0o000)
    old_user = os.geteuid()
    if old_user == 0:
        os.seteuid(65534)
    try:
        said = sentence(read_file, place)
    finally:
        os.seteuid(old_user)
    assert said == (
        f"{place} cannot be read: you have no permission. Choose another folder or change its "
        "permissions."
    )


def test_a_file_that_may_not_grow(tmp_path):
    """The system itself stops the file at 4 kB, in the middle of writing."""
    path = tmp_path / "document.nnplay"
    small = Document(Network.mlp([1, 1]), title="small")
    save(small, path)
    before = path.read_bytes()
    code = """
import resource, signal, sys
from nnplay.core.network import Network
from nnplay.data.tables import read_csv
from nnplay.document import Document
from nnplay.library import save
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    save(Document(Network.mlp([30, 30, 1])), sys.argv[1])
except OSError as error:
    print(type(error).__name__, error)
"""
    assert len(before) < 4096 < resource.RLIM_INFINITY % 2**63
    done = subprocess.run(
        [sys.executable, "-c", code, path],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.stdout == (
        f"StorageError {path} cannot be written: the file would become larger than the system "
        "allows. Choose another disk.\n"
    ), done.stderr
    assert path.read_bytes() == before
    assert same_document(load(path), small)
    assert list(tmp_path.iterdir()) == [path]


def mounted(folder):
    """A disk of 64 kB, where the tests may mount one."""
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def test_a_disk_that_is_full(tmp_path, monkeypatch):
    """A real small disk; where none can be mounted, writing fails as it would on one."""
    is_real = mounted(tmp_path)
    path = tmp_path / "document.nnplay"
    small, large = Document(Network.mlp([1, 1])), Document(Network.mlp([100, 100, 1]))
    try:
        save(small, path)
        if not is_real:
            write = os.write

            def full(handle, data):
                if os.fstat(handle).st_size > 50_000:
                    raise OSError(errno.ENOSPC, "full")
                return write(handle, data[:8192])

            monkeypatch.setattr(storage.os, "write", full)
        said = sentence(save, large, path)
        assert said == (
            f"{path} cannot be written: the disk is full. Free some space or choose another disk."
        )
        assert same_document(load(path), small)
        assert list(tmp_path.iterdir()) == [path]
        save(small, path)
    finally:
        if is_real:
            subprocess.run(["umount", tmp_path], check=True)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("missing/out", "the folder {folder}/missing does not exist. Make it first."),
        ("folder", "this is a folder. Add a file name."),
        ("loop", "circle"),
        ("pipe", "this is not a regular file."),
        ("file/out", "Make it first."),
        ("nul\0", "cannot contain a NUL character."),
        ("/", "this is a folder. Add a file name."),
        ("/dev/full", "this is not a regular file."),
    ],
)
def test_places_that_are_none(tmp_path, name, says):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(OLD)
    (tmp_path / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "pipe")
    before = sorted(tmp_path.iterdir())
    place = tmp_path / name
    for action in (lambda: write_file(place, NEW), lambda: check_writable(place)):
        said = sentence(action)
        assert says.format(folder=tmp_path) in said
        assert "\0" in name or said.startswith(f"{place} cannot be written: ")
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("missing", "there is no such file or folder. Check the name."),
        ("folder", "this is a folder. Choose a file."),
        ("file/x", "a part of the path is a file, not a folder."),
        ("loop", "its links lead in a circle."),
        ("pipe", "this is not a regular file. Choose a file."),
        ("/dev/zero", "this is not a regular file. Choose a file."),
        ("nul\0", "cannot contain a NUL character."),
    ],
)
def test_files_that_are_none(tmp_path, name, says):
    """Also a pipe that nobody writes into, and one that never ends."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(OLD)
    (tmp_path / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "pipe")
    assert says in sentence(read_file, tmp_path / name)


def test_a_file_beyond_the_cap_is_not_read(place):
    assert read_file(place, len(OLD)) == OLD
    assert "it is larger than 11 bytes" in sentence(read_file, place, len(OLD) - 1)


def test_reading_takes_the_memory_of_the_file_not_of_the_largest_one(place):
    """Room for the cap was made before: a gigabyte of address space for every small document."""
    tracemalloc.start()
    try:
        read_file(place)
        table = place.with_suffix(".csv")
        table.write_text("x,y\n1,2\n3,4\n")
        read_csv(table)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2**20


def test_a_file_that_does_not_know_its_size_is_read_whole():
    """As those in /proc; also a file that another program is still writing."""
    path = Path("/proc/self/status")
    assert path.stat().st_size == 0
    assert read_file(path).startswith(b"Name:")
    assert b"VmSize" in read_file(path)
    assert "larger than 20 bytes" in sentence(read_file, path, 20)
