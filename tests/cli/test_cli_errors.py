"""What was not understood ends with 2, what cannot be done with 1, and both with a sentence."""

import os
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from formats.document_strategies import documents
from hypothesis import given, settings
from hypothesis import strategies as st

from nnplay import __version__
from nnplay.cli import COMMANDS, main
from nnplay.formats import registry
from nnplay.library import load


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("train",), "train: the following arguments are required: DOC."),
        (("train", "d.nnplay", "--lr", "abc"), "--lr: “abc” is not a number."),
        (("train", "d.nnplay", "--lr", "0"), "--lr: 0 is not above zero."),
        (("train", "d.nnplay", "--lr", "-1"), "--lr: -1 is not above zero."),
        (("train", "d.nnplay", "--lr", "9**9**9"), "--lr: "),
        (("train", "d.nnplay", "--epochs", "1.5"), "“1.5” is not a whole number from 0 on."),
        (("train", "d.nnplay", "--epochs", "-1"), "“-1” is not a whole number from 0 on."),
        (("train", "d.nnplay", "--epochs", "9" * 5000), "is not a whole number"),
        (("train", "d.nnplay", "--batch", "0"), "from 1 on"),
        (("train", "d.nnplay", "--seed", "-1"), "from 0 to 2^64 − 1."),
        (("train", "d.nnplay", "--seed", str(2**64)), "from 0 to 2^64 − 1."),
        (("train", "d.nnplay", "--optimizer", "sdg"), "there is no optimiser “sdg”; there are sgd"),
        (("train", "d.nnplay", "--epoch", "3"), "unrecognized arguments"),
        (("train", "d.nnplay", "--lr"), "expected one argument"),
        (("new", "d.nnplay", "--layers", "2,,1"), "“” is not a whole number"),
        (("new", "d.nnplay", "--layers", "2,0,1"), "“0” is not a whole number from 1 to 100000."),
        (("new", "d.nnplay", "--activation", "swish"), "there is no activation “swish”"),
        (("new", "d.nnplay", "--noise", "51"), "from 0 to 50"),
        (("explain", "d.nnplay"), "required: --input."),
        (("export", "d.nnplay"), "required: OUT."),
        (("--wrong",), "there is no option --wrong."),
        (("trian", "d.nnplay"), "there is neither a command nor a file named trian."),
    ],
)
def test_not_understood(nnplay, arguments, says):
    complaint = nnplay(*arguments, code=2).complaint
    assert says in complaint
    assert complaint.endswith((" --help.", "Did you mean train?"))


@pytest.mark.parametrize("command", sorted(set(COMMANDS) - {"new"}))
def test_every_command_names_the_file_it_cannot_read(nnplay, command):
    rest = {
        "predict": ["rows.csv"],
        "explain": ["--input", "1,2"],
        "export": ["out.npz"],
        "import": ["out.nnplay"],
        "render": ["out.svg"],
        "diff": ["none.nnplay"],
    }.get(command, [])
    code = 2 if command == "diff" else 1  # as with diff, 1 means a difference
    said = nnplay(command, "none.nnplay", *rest, code=code).complaint
    assert said == ("none.nnplay cannot be read: there is no such file or folder. Check the name.")
    Path("folder").mkdir()
    assert "folder cannot be read: this is a folder" in (
        nnplay(command, "folder", *rest, code=code).complaint
    )
    for content, reason in (
        (b"", "The file is empty."),
        (b"hello\n", "this is not valid JSON"),
        (b"PK\x03\x04 broken", "The file is damaged or only part of it is there. Please"),
        (b"\x00\xff" * 50, ""),
        (b'{"format": {"name": "nnplay", "major": 2}}', "newer nnplay"),
        (b'{"weights": [1, 2]}', "was not written by nnplay"),
    ):
        Path("bad.nnplay.json").write_bytes(content)
        said = nnplay(command, "bad.nnplay.json", *rest, code=code).complaint
        assert said.startswith("bad.nnplay.json: ")
        assert reason in said
    assert not [path for path in Path().iterdir() if path.name.startswith("out")]


@pytest.mark.parametrize(
    ("command", "rest"),
    [
        ("new", ["{}"]),
        ("train", ["spiral.nnplay", "--epochs", "1", "--out", "{}"]),
        ("train", ["spiral.nnplay", "--epochs", "1", "--log", "{}"]),
        ("predict", ["spiral.nnplay", "rows.csv", "--out", "{}"]),
        ("export", ["spiral.nnplay", "{}"]),
        ("import", ["spiral.nnplay", "{}"]),
        ("render", ["spiral.nnplay", "{}"]),
    ],
)
def test_every_command_names_the_file_it_cannot_write(nnplay, qapp, spiral, command, rest):
    Path("rows.csv").write_text("x1,x2\n1,2\n")
    ending = ".svg" if command == "render" else ".nnplay"
    Path(f"folder{ending}").mkdir()
    for place, reason in (
        (f"missing/out{ending}", "does not exist. Make it first."),
        (f"folder{ending}", "this is a folder. Add a file name."),
        (f"rows.csv/out{ending}", ""),
    ):
        said = nnplay(command, *[part.format(place) for part in rest], code=1).complaint
        assert f"{place} cannot be written" in said
        assert reason in said
    assert not list(Path(f"folder{ending}").iterdir())


def test_help_and_version(nnplay):
    assert nnplay("--version").out == f"nnplay {__version__}\n"
    assert all(f"\n  {name} " in nnplay("--help").out for name in COMMANDS)
    for command in COMMANDS:
        assert nnplay(command, "--help").out.startswith(f"usage: nnplay {command} ")


def test_a_file_named_like_a_command_is_reached_with_a_path(nnplay, spiral, monkeypatch):
    """The first argument is a command only if it is exactly one."""
    opened = []
    window = SimpleNamespace(run=lambda files: opened.append(files) or 0)
    monkeypatch.setitem(sys.modules, "nnplay.app", window)
    Path("train").write_bytes(Path(spiral).read_bytes())
    nnplay("./train")
    nnplay("--", "train")
    nnplay()
    nnplay(spiral, "train")
    assert opened == [["./train"], ["train"], [], [spiral, "train"]]
    nnplay("train", "./train", "--epochs", 1)


def test_a_window_without_qt_is_a_sentence(nnplay, spiral, monkeypatch):
    monkeypatch.setitem(sys.modules, "nnplay.app", None)  # what a missing library looks like
    said = nnplay(spiral, code=1).complaint
    assert said.startswith("the window needs Qt, which cannot be loaded here")


def test_file_names_that_are_no_text(nnplay, spiral):
    name = os.fsdecode(b"caf\xe9.nnplay")
    nnplay("train", spiral, "--epochs", 1, "--out", name)
    assert load(name).state.epoch == 1
    assert "cannot be read" in nnplay("info", os.fsdecode(b"\xff.nnplay"), code=1).complaint
    assert nnplay("info", name).out.startswith("Spiral (caf")


def test_what_nobody_foresaw_is_a_sentence_too(nnplay, spiral, monkeypatch):
    from nnplay.cli import info

    def fail(_):
        raise ZeroDivisionError("surprise")

    monkeypatch.setattr(info, "import_with_notes", fail)
    assert main(["info", spiral]) == 1
    monkeypatch.setenv("NNPLAY_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        main(["info", spiral])


def test_too_little_memory_is_a_sentence(nnplay, spiral, monkeypatch):
    from nnplay.cli import train

    def fail(*_, **__):
        raise MemoryError

    monkeypatch.setattr(train, "train", fail)
    assert nnplay("train", spiral, code=1).complaint == (
        "this does not fit into the memory of this computer."
    )


# ------------------------------------------------------------------ any document at all
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # numbers of 1e308 multiply to infinity
@given(document=documents(), data=st.data())
@settings(max_examples=60)
def test_no_document_makes_a_command_stumble(document, data, tmp_path_factory, capfd):
    """Documents that nobody would make, but any file may hold."""
    folder = tmp_path_factory.mktemp("any")
    place = folder / "any.nnplay"
    place.write_bytes(registry.write(document, "nnplay"))
    rows = folder / "rows.csv"
    count = len(document.network.topology.input_ids)
    values = ",".join(map(str, np.arange(1.0, count + 1)))
    rows.write_text(values + "\n")
    options = {
        "train": ["--epochs", "1", "--batch", "1000000", "--json", "--out", f"{folder}/o.nnplay"],
        "predict": [str(rows)],
        "explain": ["--input", values, "--target", "1", "--json"],
        "export": [f"{folder}/out.npz", "--json"],
        "info": ["--json"],
        "check": ["--json"],
    }
    command = data.draw(st.sampled_from(sorted(options)))
    code = main([command, str(place), *options[command]])
    captured = capfd.readouterr()
    assert code in (0, 1), captured
    assert "nobody foresaw" not in captured.err
    if code and command != "check":
        assert re.search(r"^nnplay: .*[.?]$", captured.err, re.MULTILINE), captured
