"""What File > Open takes a file for, before anything is read."""

import os
from pathlib import Path

import pytest

from nnplay.gui.file_actions import file_name, is_table


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.csv", b"x,y\n1,2\n", True),
        ("a.TSV", b"x\ty\n1\t2\n", True),
        ("a.csv", b"record,id\nneuron,0\n", False),
        ("a.csv", b"\xef\xbb\xbfrecord,id\n", False),
        ("a.nnplay", b"x,y\n1,2\n", False),
        ("empty.csv", b"", True),
    ],
)
def test_a_table_is_told_from_a_network(
    tmp_path: Path, name: str, content: bytes, expected: bool
) -> None:
    place = tmp_path / name
    place.write_bytes(content)
    assert is_table(place) is expected


@pytest.mark.timeout(10)
def test_a_pipe_or_a_folder_named_like_a_table_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "folder.csv").mkdir()
    for name in ("pipe.csv", "folder.csv", "missing.csv"):
        assert not is_table(tmp_path / name)


@pytest.mark.parametrize(
    ("title", "name"),
    [("Circle", "Circle"), ('a/b\\c:"d"', "a-b-c--d-"), (" . ", "network"), ("x\n", "x-")],
)
def test_a_title_becomes_a_name_that_every_disk_takes(title: str, name: str) -> None:
    assert file_name(title) == name
