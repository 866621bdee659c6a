"""nnplay --install-desktop, in a data folder of its own, with the programs of the desktop."""

import configparser
import os
import shlex
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from nnplay import desktop, library
from nnplay.assets import resource_path
from nnplay.cli import main
from nnplay.setup import new_document

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux desktops only")


@pytest.fixture
def data(tmp_path, monkeypatch):
    folder = tmp_path / "data folder"
    monkeypatch.setenv("XDG_DATA_HOME", str(folder))
    return folder


def files(folder: Path) -> set[str]:
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}


def test_what_is_installed_is_told_and_can_be_taken_away(data, capsys):
    assert main(["--install-desktop"]) == 0
    told = capsys.readouterr().out
    present = files(data)
    wanted = {
        "applications/nnplay.desktop",
        "mime/packages/nnplay.xml",
        "metainfo/nnplay.metainfo.xml",
        "icons/hicolor/scalable/apps/nnplay.svg",
        "icons/hicolor/256x256/apps/nnplay.png",
        "icons/hicolor/48x48/mimetypes/application-x-nnplay.png",
    }
    assert wanted <= present
    assert all(str(data / name) in told for name in wanted)
    assert main(["--install-desktop"]) == 0  # again is no harm
    capsys.readouterr()
    assert main(["--uninstall-desktop"]) == 0
    assert "removed" in capsys.readouterr().out
    assert not files(data) & wanted
    assert main(["--uninstall-desktop"]) == 0
    assert "nothing to remove" in capsys.readouterr().out


def test_a_folder_that_cannot_be_made_is_one_sentence(data, capsys):
    data.write_text("a file is in the way")
    assert main(["--install-desktop"]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_the_menu_entry_starts_this_nnplay(data, tmp_path, monkeypatch, capsys):
    for name in ("plain/nnplay", 'odd "folder" 100 % $HOME/nnplay'):
        program = tmp_path / name
        program.parent.mkdir()
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
        monkeypatch.setattr(sys, "argv", [str(program)])
        assert main(["--install-desktop"]) == 0
        parser = configparser.ConfigParser(interpolation=None, strict=True)
        parser.optionxform = str
        parser.read(data / "applications" / "nnplay.desktop")
        entry = parser["Desktop Entry"]
        assert entry["TryExec"] == str(program)
        # Undo the two layers of quoting of the specification.
        words = shlex.split(entry["Exec"].replace("\\\\", "\\"))
        plain = [word.replace("%%", "%").replace("\\$", "$") for word in words]
        assert plain == [str(program), "%F"]
    monkeypatch.setattr(sys, "argv", ["/nowhere/pytest"])
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert desktop._command() == ["/nowhere/python", "-m", "nnplay"]


def test_the_entry_names_the_types_that_are_defined():
    text = resource_path("desktop/nnplay.desktop").read_text()
    root = ET.parse(resource_path("desktop/nnplay.xml")).getroot()
    types = {e.get("type") for e in root if e.tag.endswith("mime-type")}
    assert types == {"application/x-nnplay", "application/x-nnplay+json"}
    line = next(row for row in text.splitlines() if row.startswith("MimeType="))
    assert set(line.removeprefix("MimeType=").strip(";").split(";")) == types
    info = ET.parse(resource_path("desktop/nnplay.metainfo.xml")).getroot()
    assert {e.text for e in info.iter("mediatype")} == types


def test_the_magic_fits_what_is_written(tmp_path):
    path = tmp_path / "a.nnplay"
    library.save(new_document("xor")[0], path)
    data = path.read_bytes()
    root = ET.parse(resource_path("desktop/nnplay.xml")).getroot()
    matches = [e for e in root.iter() if e.tag.endswith("match")]
    assert len(matches) == 3
    for match in matches:
        value = match.get("value").encode().decode("unicode_escape").encode("latin-1")
        start = int(match.get("offset"))
        assert data[start : start + len(value)] == value


@pytest.mark.parametrize(
    ("program", "arguments"),
    [
        ("desktop-file-validate", ["nnplay.desktop"]),
        ("appstreamcli", ["validate", "--no-net", "nnplay.metainfo.xml"]),
    ],
)
def test_the_programs_of_the_desktop_find_no_fault(program, arguments):
    found = shutil.which(program)
    if found is None:
        return  # the files are judged by the tests above, too
    folder = resource_path("desktop")
    done = subprocess.run(
        [found, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_desktop_recognises_a_document_whatever_its_name(data, tmp_path, capsys):
    assert main(["--install-desktop"]) == 0
    told = capsys.readouterr().out
    if shutil.which("update-mime-database") is None:
        assert "update-mime-database is not installed" in told
        return
    assert "ran update-mime-database" in told
    magic = (data / "mime" / "magic").read_bytes()
    assert b"[70:application/x-nnplay]" in magic
    assert b"application/x-nnplay:*.nnplay" in (data / "mime" / "globs2").read_bytes()
    assert os.path.exists(data / "mime" / "application" / "x-nnplay.xml")


def test_help_names_every_option(capsys):
    assert main(["--help"]) == 0
    told = capsys.readouterr().out
    for option in ("--version", "--help", "--install-desktop", "--uninstall-desktop"):
        assert option in told
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("nnplay ")
