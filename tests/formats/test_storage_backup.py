"""One backup: what a file held before is kept as ``name~``."""

import os
import stat
from pathlib import Path

import pytest

from nnplay import library
from nnplay.core.network import Network
from nnplay.document import Document
from nnplay.storage import StorageError, backup_path, write_file


def test_the_version_before_is_kept_and_only_that(tmp_path):
    path = tmp_path / "a.nnplay"
    for version in (b"one", b"two", b"three"):
        write_file(path, version, keep_backup=True)
    assert path.read_bytes() == b"three"
    assert backup_path(path).read_bytes() == b"two"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.nnplay", "a.nnplay~"]


def test_saving_the_same_again_does_not_cost_the_backup(tmp_path):
    path = tmp_path / "a"
    for version in (b"one", b"two", b"two"):
        write_file(path, version, keep_backup=True)
    assert backup_path(path).read_bytes() == b"one"


def test_without_the_wish_there_is_none(tmp_path):
    path = tmp_path / "a"
    write_file(path, b"one")
    write_file(path, b"two")
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_save_leaves_both_versions(tmp_path, monkeypatch):
    path = tmp_path / "a"
    write_file(path, b"one", keep_backup=True)
    write_file(path, b"two", keep_backup=True)

    def full(handle, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(StorageError, match="full"):
        write_file(path, b"three", keep_backup=True)
    assert (path.read_bytes(), backup_path(path).read_bytes()) == (b"two", b"one")
    assert len(list(tmp_path.iterdir())) == 2


def test_links_and_modes_are_kept(tmp_path):
    path, link = tmp_path / "a", tmp_path / "elsewhere" / "link"
    link.parent.mkdir()
    path.write_bytes(b"one")
    path.chmod(0o640)
    link.symlink_to(path)
    write_file(link, b"two", keep_backup=True)
    assert link.is_symlink()
    assert backup_path(link) == tmp_path / "a~"
    assert (tmp_path / "a~").read_bytes() == b"one"
    assert {stat.S_IMODE(p.stat().st_mode) for p in (path, tmp_path / "a~")} == {0o640}
    assert list(link.parent.iterdir()) == [link]


def test_a_disk_without_second_names_gets_a_copy(tmp_path, monkeypatch):
    def refused(source, target):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refused)
    path = tmp_path / "a"
    write_file(path, b"one", keep_backup=True)
    write_file(path, b"two", keep_backup=True)
    assert backup_path(path).read_bytes() == b"one"
    assert len(list(tmp_path.iterdir())) == 2


def test_a_backup_that_cannot_be_made_does_not_keep_from_saving(tmp_path):
    path = tmp_path / "a"
    write_file(path, b"one")
    backup_path(path).mkdir()
    write_file(path, b"two", keep_backup=True)
    assert path.read_bytes() == b"two"
    long = tmp_path / ("x" * 255)
    write_file(long, b"one", keep_backup=True)
    write_file(long, b"two", keep_backup=True)
    assert long.read_bytes() == b"two"


def test_a_backup_that_is_another_name_of_the_file_is_let_go(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"one")
    os.link(path, backup_path(path))
    write_file(path, b"two", keep_backup=True)
    assert (path.read_bytes(), backup_path(path).read_bytes()) == (b"two", b"one")
    assert len(list(tmp_path.iterdir())) == 2


def test_a_backup_opens_as_a_document(tmp_path: Path) -> None:
    for ending in ("nnplay", "nnplay.json"):
        path = tmp_path / f"a.{ending}"
        for title in ("first", "second"):
            library.save(Document(Network.mlp([2, 1]), title=title), path, keep_backup=True)
        assert library.load(path).title == "second"
        assert library.load_backup(path).title == "first"
    with pytest.raises(StorageError, match="no such file"):
        library.load_backup(tmp_path / "never.nnplay")
