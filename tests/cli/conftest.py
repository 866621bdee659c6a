"""Runs commands inside this process, in an empty folder, and judges how they end."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from nnplay.cli import main


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert self.out.count("\n") == 1, "one object on one line"
        return json.loads(self.out)

    @property
    def notes(self) -> list[str]:
        return [line.removeprefix("note: ") for line in self.err.splitlines() if line]

    @property
    def complaint(self) -> str:
        """The last line on stderr without the program's name: a sentence, never a traceback."""
        assert self.code in (1, 2)
        assert "Traceback" not in self.err
        assert "nobody foresaw" not in self.err
        line = self.err.splitlines()[-1]
        assert re.fullmatch(r"nnplay: \S.*[.?]", line), line
        return line.removeprefix("nnplay: ")


Run = Callable[..., Ended]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def nnplay(folder: Path, capfd: pytest.CaptureFixture[str]) -> Run:
    """``nnplay("train", "x.nnplay", code=0)``: run a command and check its exit code."""

    def run(*arguments: object, code: int = 0) -> Ended:
        capfd.readouterr()
        found = main([str(argument) for argument in arguments])
        captured = capfd.readouterr()
        ended = Ended(found, captured.out, captured.err)
        assert found == code, ended
        if code:
            assert ended.complaint
            assert ended.out == "" or code == 1
        return ended

    return run


@pytest.fixture
def spiral(nnplay: Run) -> str:
    nnplay("new", "spiral.nnplay", "--data", "spiral", "--layers", "2,4,1", "--seed", 7)
    return "spiral.nnplay"
