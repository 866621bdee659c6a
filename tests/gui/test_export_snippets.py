"""What the export dialog says under "How to use it": pasted beside the file, it runs as it stands."""

import html.parser
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from gui.panel_driver import Bench
from latex_judge import assert_compiles, latex_program
from PySide6.QtGui import QGuiApplication, QImageReader
from PySide6.QtWidgets import QFileDialog  # noqa: TID251
from pytestqt.qtbot import QtBot

import nnplay
from nnplay.core.program import Program
from nnplay.document import Document
from nnplay.formats import registry
from nnplay.formats.running import has_module
from nnplay.gui.dialogs.export import ExportDialog
from nnplay.gui.dialogs.export_words import CHOICES

ROOT = Path(nnplay.__file__).parent.parent
STEMS = ("circle", "my 1st net-v2")
NEEDS = {
    "safetensors": "torch",
    "pytorch": "torch",
    "notebook": "torch",
    "script": "torch",
    "onnx": "onnxruntime",
}


@pytest.fixture(scope="module")
def documents() -> dict[str, Document]:
    plain, _ = nnplay.new_document("circle", hidden=[4, 2])
    prepared, _ = nnplay.new_document("diabetes", hidden=[3])
    return {
        "plain": nnplay.train(plain, 3).document,
        "prepared": nnplay.train(prepared, 2).document,
    }


@pytest.fixture(params=["plain"])
def bench(
    qtbot: QtBot,
    tmp_path_factory: pytest.TempPathFactory,
    documents: dict[str, Document],
    request: pytest.FixtureRequest,
) -> Iterator[Bench[ExportDialog]]:
    made = Bench(
        qtbot,
        tmp_path_factory.mktemp("state"),
        ExportDialog,
        documents[request.param],
        size=(960, 730),
    )
    yield made
    made.close()


def exported(
    bench: Bench[ExportDialog], monkeypatch: pytest.MonkeyPatch, name: str, file: Path
) -> str:
    """Export by mouse, copy the lines that use the file; these, from the clipboard."""
    panel = bench.panel
    bench.click(next(card for card in panel.formats.cards if card.name == name))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *given: (str(file), ""))
    bench.click(panel.export_button)
    bench.qtbot.waitUntil(panel.export_button.isEnabled, timeout=60_000)
    assert panel.outcome_box.severity == "ok", panel.outcome_box.sentence
    bench.click(panel.use.copy_button)
    return QGuiApplication.clipboard().text()


def expected(document: Document) -> list[float]:
    """What the network gives for zeros: with the preparation inside, where there is one."""
    if document.data.source == "circle":
        return list(np.array(Program(document.network, 1).forward(np.zeros((1, 2)))).reshape(-1))
    names: dict[str, object] = {"__name__": "exported"}
    exec(registry.write(document, "python"), names)
    predict = names["predict"]
    assert callable(predict)
    return list(predict([0.0] * 10))


def run(command: list[str] | str, folder: Path, **environment: str) -> str:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    done = subprocess.run(
        command,
        cwd=folder,
        shell=isinstance(command, str),
        env={**kept, "PATH": path, **environment},
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    return done.stdout.decode()


def numbers_in(text: str) -> list[float]:
    found = re.findall(r"-?\d+\.?\d*(?:e[-+]?\d+)?", re.sub("float(32|64)", "", text))
    return [float(number) for number in found]


def test_every_choice_is_tried_here() -> None:
    assert {*PROGRAMS, *READERS, *TRAINERS, *FIGURES} == set(CHOICES)


# ------------------------------------------------------------------ programs that compute
PROGRAMS = ("onnx", "pytorch", "python", "c")


@pytest.mark.parametrize(
    ("bench", "precision", "stem"),
    [("plain", "float32", STEMS[1]), ("prepared", "float64", STEMS[0])],
    indirect=["bench"],
)
@pytest.mark.parametrize("name", PROGRAMS)
def test_lines_that_compute_give_the_networks_outputs(
    bench: Bench[ExportDialog],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    name: str,
    stem: str,
    precision: str,
) -> None:
    panel = bench.panel
    bench.click(next(card for card in panel.formats.cards if card.name == name))
    if panel.dtype is not None:
        panel.options.precision.set_value(precision)
        panel.options.changed.emit()
    code = exported(bench, monkeypatch, name, tmp_path / f"{stem}{CHOICES[name].suffix}")
    if name == "c":
        if shutil.which("gcc") is None:
            return
        (tmp_path / "main.c").write_text(code)
        run("gcc -std=c99 -Wall -Wextra -Wpedantic -Werror -c main.c -o strict.o", tmp_path)
        command = code.splitlines()[0]
        assert command.startswith("// gcc ")
        printed = run(command.removeprefix("// "), tmp_path)
    else:
        (tmp_path / "use.py").write_text(code)
        compile(code, "use.py", "exec")
        if name in NEEDS and not has_module(NEEDS[name]):
            return
        printed = run([sys.executable, "use.py"], tmp_path)
    wanted = expected(bench.session.document)
    found = numbers_in(printed)[: len(wanted)]
    np.testing.assert_allclose(found, wanted, rtol=2e-3, atol=2e-4)


def test_lines_for_a_module_with_its_weights_beside_it(
    bench: Bench[ExportDialog], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bench.click(next(card for card in bench.panel.formats.cards if card.name == "pytorch"))
    bench.panel.options.weights.set_value("beside")
    bench.panel.options.changed.emit()
    code = exported(bench, monkeypatch, "pytorch", tmp_path / "my-net.py")
    assert {path.name for path in tmp_path.iterdir()} == {"my-net.py", "my-net.safetensors"}
    if has_module("torch"):
        (tmp_path / "use.py").write_text(code)
        printed = run([sys.executable, "use.py"], tmp_path)
        wanted = expected(bench.session.document)
        np.testing.assert_allclose(numbers_in(printed)[:1], wanted[:1], rtol=2e-3, atol=2e-4)


# ------------------------------------------------------------------ programs that read
READERS = {
    "nnplay": "1 outputs",
    "json": "1 outputs",
    "npz": ".",
    "safetensors": "layers.0.weight",
    "csv": "edge",
}


@pytest.mark.parametrize("stem", STEMS[1:])
@pytest.mark.parametrize("name", READERS)
def test_lines_that_read_a_file_find_what_is_in_it(
    bench: Bench[ExportDialog],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    name: str,
    stem: str,
) -> None:
    code = exported(bench, monkeypatch, name, tmp_path / f"{stem}{CHOICES[name].suffix}")
    (tmp_path / "use.py").write_text(code)
    if name in NEEDS and not has_module(NEEDS[name]):
        return
    own = {"PYTHONPATH": str(ROOT)} if "import nnplay" in code else {}
    printed = run([sys.executable, "use.py"], tmp_path, **own)
    assert READERS[name] in printed
    if name == "npz":
        weights = bench.network.theta[: bench.network.topology.edge_count]
        np.testing.assert_allclose(numbers_in(printed), weights, atol=1e-6)


# ------------------------------------------------------------------ programs that train
TRAINERS = ("notebook", "script")
RUNNER = (
    "import json, sys\n"
    "cells = json.load(open(sys.argv[1], encoding='utf-8'))['cells']\n"
    "names = {'__name__': '__main__'}\n"
    "for cell in cells:\n"
    "    if cell['cell_type'] == 'code':\n"
    "        exec(compile(''.join(cell['source']), 'cell', 'exec'), names)\n"
)


@pytest.mark.parametrize("stem", STEMS[1:])
@pytest.mark.parametrize("name", TRAINERS)
def test_lines_that_train_start_the_right_file(
    bench: Bench[ExportDialog],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    name: str,
    stem: str,
) -> None:
    file = tmp_path / f"{stem}{CHOICES[name].suffix}"
    install, command, remark = exported(bench, monkeypatch, name, file).splitlines()
    assert install.startswith("pip install torch")
    assert remark.startswith("# ")
    words = shlex.split(command)
    assert (tmp_path / words[-1]).resolve() == file
    if name == "notebook":
        assert words[:2] == ["jupyter", "lab"]
        assert json.loads(file.read_text(encoding="utf-8"))["nbformat"] == 4
    if not has_module("torch"):
        return
    if name == "script":
        run(command, tmp_path, MPLBACKEND="agg")
    else:  # Jupyter runs the cells one by one, in the notebook's folder
        run([sys.executable, "-c", RUNNER, words[-1]], tmp_path, MPLBACKEND="agg")


# ------------------------------------------------------------------ figures
FIGURES = ("svg", "png", "pdf", "tex")


class _Pictures(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.sources: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.sources.append(dict(attrs)["src"] or "")


@pytest.mark.parametrize("stem", [*STEMS, "a & b"])
@pytest.mark.parametrize("name", ["svg", "png"])
def test_lines_for_web_pages_show_the_file(
    bench: Bench[ExportDialog],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    name: str,
    stem: str,
) -> None:
    code = exported(bench, monkeypatch, name, tmp_path / f"{stem}.{name}")
    page = _Pictures()
    page.feed(code)
    assert page.sources == [f"{stem}.{name}"]
    reader = QImageReader(str(tmp_path / page.sources[0]))
    assert not reader.read().isNull(), reader.errorString()


@pytest.mark.parametrize("stem", STEMS)
def test_lines_for_papers_compile(
    bench: Bench[ExportDialog], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, stem: str
) -> None:
    code = exported(bench, monkeypatch, "pdf", tmp_path / f"{stem}.pdf")
    remark, preamble, body = code.splitlines()
    assert remark.startswith("% ")
    text = f"\\documentclass{{article}}\n{remark}\n{preamble}\n\\begin{{document}}\n{body}\n"
    assert_compiles(text + "\\end{document}\n", tmp_path, "paper")


@pytest.mark.parametrize("stem", STEMS)
def test_lines_for_a_tikz_figure_compile_it_alone_and_in_a_paper(
    bench: Bench[ExportDialog], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, stem: str
) -> None:
    file = tmp_path / f"{stem}.tex"
    command, remark, preamble = exported(bench, monkeypatch, "tex", file).splitlines()
    assert remark.startswith("% ")
    if latex_program() == "pdflatex":
        run(command, tmp_path)
        assert file.with_suffix(".pdf").stat().st_size > 1000
    text = file.read_text(encoding="utf-8")
    end = "\\end{tikzpicture}"
    picture = text[text.index("\\begin{tikzpicture}") : text.index(end) + len(end)]
    paper = f"\\documentclass{{article}}\\textwidth16cm\n{preamble}\n\\begin{{document}}\n"
    assert_compiles(f"{paper}\\noindent {picture}\n\\end{{document}}\n", tmp_path, "paper")
