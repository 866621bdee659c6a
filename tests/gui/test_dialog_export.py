"""The export dialog: choosing, writing, the report in words, and every way to fail."""

import resource
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from gui.dialog_driver import focus_name, meanwhile, press
from gui.panel_driver import Bench
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog  # noqa: TID251
from pytestqt.qtbot import QtBot

from nnplay import library
from nnplay.formats import python_function
from nnplay.formats.document_record import same_document
from nnplay.formats.registry import FORMATS
from nnplay.gui.dialogs.export import ExportDialog
from nnplay.gui.dialogs.export_words import CHOICES, size_text
from nnplay.gui.panels.words import plain_number

Export = Bench[ExportDialog]
KEY = Qt.Key


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Export]:
    made = Bench(qtbot, tmp_path / "state", ExportDialog, size=(960, 730))
    yield made
    made.close()


class Asked:
    """Stands for the system's file dialog: answers with a path, remembers what it was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, answer: Path | str) -> None:
        self.answer = str(answer)
        self.suggestions: list[Path] = []
        self.filters: list[str] = []
        monkeypatch.setattr(QFileDialog, "getSaveFileName", self.get)

    def get(self, parent: object, title: str, suggestion: str, filters: str) -> tuple[str, str]:
        self.suggestions.append(Path(suggestion))
        self.filters.append(filters)
        return self.answer, filters


def card_of(bench: Export, name: str) -> object:
    return next(card for card in bench.panel.formats.cards if card.name == name)


def finished(bench: Export) -> None:
    """Wait until an export has ended, well or not."""
    bench.qtbot.waitUntil(lambda: bench.panel.export_button.isEnabled(), timeout=60_000)


def test_everything_that_can_be_written_is_in_the_list(bench: Export) -> None:
    cards = bench.panel.formats.cards
    names = [card.name for card in cards]
    assert set(names) == {r.name for r in FORMATS.values() if r.can_write} | {
        *("svg", "pdf", "png", "tex")
    }
    assert len(set(names)) == len(names)
    assert len({card.description for card in cards}) == len(cards)
    assert all(card.description.endswith(".") for card in cards)
    assert bench.panel.outcome_box.severity == "info"
    assert "read back" in bench.panel.outcome_box.sentence


@pytest.mark.parametrize("name", list(CHOICES))
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_every_choice_has_a_preview_and_a_use(bench: Export, name: str, mode: str) -> None:
    panel = bench.panel
    panel.theme.set_mode(mode)
    bench.click(card_of(bench, name))
    panel.refresh()
    assert panel.purpose.text() == CHOICES[name].purpose
    code = panel.use.view.toPlainText()
    assert 3 <= len(code.splitlines()) <= 5, "as many as there is room for"
    assert panel.preview.isVisible()
    if CHOICES[name].is_picture and name != "tex":
        assert panel.preview.picture.isVisible()
        assert panel.preview.picture.image is not None
    else:
        assert len(panel.preview.view.toPlainText()) > 80
    bench.click(panel.use.copy_button)
    assert QGuiApplication.clipboard().text() == code
    assert panel.use.copy_button.text() == "Copied"
    # What is not for this format is not there.
    row = FORMATS.get(name)
    options = set(row.option_names) if row is not None else set()
    shown = {key for key, widget in panel.options._rows.items() if widget.isVisible()}
    assert shown - {"numbers", "dark"} == options - {"prefix"}
    assert panel.size().height() <= 740, "fits a small screen"


@pytest.mark.parametrize("name", [r.name for r in FORMATS.values() if r.can_write])
def test_every_format_writes_and_reports(
    bench: Export, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    place = tmp_path / f"out{FORMATS[name].suffixes[0]}"
    asked = Asked(monkeypatch, place)
    bench.click(card_of(bench, name))
    assert bench.panel.formats.value() == name
    bench.click(bench.panel.export_button)
    finished(bench)
    box = bench.panel.outcome_box
    assert box.severity == "ok", box.sentence
    assert box.sentence.startswith("Written")
    assert f"*{FORMATS[name].suffixes[0]}" in asked.filters[0]
    assert box.detail == f"{place} · {size_text(place.stat().st_size)}"
    if FORMATS[name].can_read:
        assert "25 parameters" in box.sentence
        again = library.import_network(place)
        assert again.network.same_as(bench.network)
        if FORMATS[name].carries == "document":
            assert same_document(again, bench.session.document)
    if name in ("npz", "safetensors", "csv"):
        assert box.sentence.startswith("Written and read back: ")
        assert "bit for bit the same" in box.sentence
        assert "outputs agree on 64 random inputs exactly." in box.sentence
    if name == "python":
        assert "run with Python" in box.sentence
        assert "outputs agree on 64 inputs" in box.sentence
    assert bench.panel.isVisible(), "stays for another one"
    assert bench.panel.folder_button.isVisible()
    assert focus_name() == "Done"
    press(KEY.Key_Return)
    assert not bench.panel.isVisible()
    assert bench.undo_count == 0
    assert bench.notices == []


@pytest.mark.parametrize("name", ["svg", "pdf", "png", "tex"])
def test_figures_are_written(
    bench: Export, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    Asked(monkeypatch, tmp_path / f"out.{name}")
    bench.click(card_of(bench, name))
    bench.click(bench.panel.options.numbers)
    bench.click(bench.panel.export_button)
    assert bench.panel.outcome_box.severity == "ok"
    assert bench.panel.options.picture.weights
    start = (tmp_path / f"out.{name}").read_bytes()[:60]
    assert any(sign in start for sign in (b"<?xml", b"%PDF", b"PNG", b"% A network"))


def test_a_long_export_shows_progress_and_can_be_given_up(
    bench: Export, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    place = tmp_path / "slow.py"
    place.write_text("precious")
    Asked(monkeypatch, place)
    code = "import time; time.sleep(60)"
    monkeypatch.setattr("nnplay.formats.python_function._RUNNER", code)
    bench.click(card_of(bench, "python"))
    bench.click(bench.panel.export_button)
    assert bench.panel.progress.isVisible()
    assert not bench.panel.export_button.isEnabled()
    assert bench.panel.outcome_box.sentence == "Writing and comparing …"
    press(KEY.Key_Escape)
    finished(bench)
    assert bench.panel.isVisible(), "only the export was given up"
    assert "Cancelled" in bench.panel.outcome_box.sentence
    assert place.read_text() == "precious"
    press(KEY.Key_Escape)
    assert not bench.panel.isVisible()


def test_an_export_that_computes_something_else_is_not_written(
    bench: Export, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    Asked(monkeypatch, tmp_path / "wrong.py")
    monkeypatch.setitem(python_function._ACTIVATIONS, "tanh", "math.tanh(z) * 1.001")
    bench.click(card_of(bench, "python"))
    bench.click(bench.panel.export_button)
    finished(bench)
    assert bench.panel.outcome_box.severity == "error"
    assert "other outputs" in bench.panel.outcome_box.sentence
    assert not (tmp_path / "wrong.py").exists()


def test_half_precision_is_said(
    bench: Export, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    place = tmp_path / "half.npz"
    Asked(monkeypatch, place)
    bench.click(card_of(bench, "npz"))
    bench.click(bench.panel.options.precision.buttons[1])
    assert bench.panel.dtype == "float32"
    bench.click(bench.panel.export_button)
    with np.load(place) as arrays:
        stored = arrays["layers.0.weight"]
        assert stored.dtype == np.float32
    rounding = np.abs(
        bench.network.theta - bench.network.theta.astype(np.float32).astype(np.float64)
    ).max()
    text = bench.panel.outcome_box.sentence
    assert f"rounded to 32 bits (largest deviation {plain_number(rounding, 2)})" in text
    assert "bit for bit" not in text
    assert not text.endswith("to 0.")


def test_precision_is_kept_for_each_format(bench: Export) -> None:
    options = bench.panel.options
    bench.click(card_of(bench, "npz"))
    assert bench.panel.dtype == "float64"
    bench.click(options.precision.buttons[1])
    bench.click(card_of(bench, "csv"))
    assert not options.precision.isVisible()
    assert bench.panel.dtype is None
    bench.click(card_of(bench, "safetensors"))
    assert bench.panel.dtype == "float64"
    bench.click(card_of(bench, "npz"))
    assert bench.panel.dtype == "float32", "the choice was kept"
    bench.click(card_of(bench, "c"))
    assert bench.panel.dtype == "float32", "usual for C"


def test_by_keyboard_only(bench: Export, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    place = tmp_path / "keys.csv"
    Asked(monkeypatch, place)
    press(KEY.Key_Home)
    assert bench.panel.formats.value() == "nnplay", "walking chooses"
    press(*[KEY.Key_Down] * 4)
    assert bench.panel.formats.value() == "csv"
    press(KEY.Key_Space)
    assert bench.panel.formats.value() == "csv"
    stops = []
    while focus_name() != "Export…":
        press(KEY.Key_Tab)
        stops.append(focus_name())
        assert len(stops) < 8
    press(KEY.Key_Return)
    assert bench.panel.outcome_box.severity == "ok"
    assert place.read_text().startswith("record")
    press(KEY.Key_Escape)
    assert not bench.panel.isVisible()


def test_return_on_a_card_exports(
    bench: Export, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked = Asked(monkeypatch, tmp_path / "a.nnplay")
    press(KEY.Key_Home, KEY.Key_Return)
    assert len(asked.suggestions) == 1
    assert bench.panel.outcome_box.severity == "ok"


def test_the_name_suggested(bench: Export, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked = Asked(monkeypatch, "")
    bench.click(card_of(bench, "npz"))
    bench.click(bench.panel.export_button)
    assert asked.suggestions == [Path.home() / "circle.npz"]
    assert bench.panel.outcome_box.severity == "info", "given up in the file dialog"
    bench.session.save(tmp_path / "my net.nnplay.json")
    bench.click(bench.panel.export_button)
    assert asked.suggestions[-1] == tmp_path / "my net.npz"
    bench.click(card_of(bench, "json"))
    bench.click(bench.panel.export_button)
    assert asked.suggestions[-1] == tmp_path / "my net.nnplay.json"


def test_the_format_is_remembered(qtbot: QtBot, tmp_path: Path, bench: Export) -> None:
    bench.click(card_of(bench, "csv"))
    bench.session.settings.flush()
    again = Bench(qtbot, tmp_path / "state", ExportDialog, size=(960, 730))
    assert again.panel.formats.value() == "csv"
    again.close()


def test_an_ending_is_added_and_no_other_file_replaced_unasked(
    bench: Export, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    Asked(monkeypatch, tmp_path / "weights")
    bench.click(card_of(bench, "npz"))
    bench.click(bench.panel.export_button)
    assert (tmp_path / "weights.npz").is_file()
    (tmp_path / "weights.npz").write_bytes(b"precious")
    questions: list[str] = []

    def keep(dialog: object) -> None:
        questions.append(dialog.heading.text())
        press(KEY.Key_Return)

    meanwhile(bench.qtbot, keep)
    bench.click(bench.panel.export_button)
    assert questions == ["Replace weights.npz?"]
    assert (tmp_path / "weights.npz").read_bytes() == b"precious"
    meanwhile(bench.qtbot, lambda _: press(KEY.Key_Tab, KEY.Key_Return))
    bench.click(bench.panel.export_button)
    assert library.import_network(tmp_path / "weights.npz").network.same_as(bench.network)


def fails(bench: Export, words: str) -> None:
    bench.click(bench.panel.export_button)
    box = bench.panel.outcome_box
    assert box.severity == "error"
    assert words in box.sentence
    assert bench.panel.isVisible()
    assert bench.panel.close_button.text() == "Cancel"
    assert bench.panel.export_button.isDefault()


@pytest.mark.parametrize(
    ("folder", "words"),
    [
        ("nowhere", "does not exist"),
        ("a_file", "does not exist"),
        ("/proc/sys", "cannot be written"),
    ],
)
def test_a_folder_that_cannot_be_written(
    bench: Export, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, folder: str, words: str
) -> None:
    (tmp_path / "a_file").write_bytes(b"")
    bench.click(card_of(bench, "npz"))
    Asked(monkeypatch, tmp_path / folder / "a.npz")
    fails(bench, words)
    # Another place, and the mistake is forgotten.
    Asked(monkeypatch, tmp_path / "a.npz")
    bench.click(bench.panel.export_button)
    assert bench.panel.outcome_box.severity == "ok"
    assert (tmp_path / "a.npz").is_file()


def test_a_disk_that_takes_no_more(
    bench: Export, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    place = folder / "a.npz"
    place.write_bytes(b"the old file")
    Asked(monkeypatch, place)
    bench.click(card_of(bench, "npz"))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    # The system itself refuses the thousandth byte.
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        fails(bench, "larger than the system allows")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert place.read_bytes() == b"the old file"
    assert list(folder.iterdir()) == [place], "nothing left over"


def test_a_file_that_is_protected_is_named(
    bench: Export, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "taken.csv").mkdir()
    bench.click(card_of(bench, "csv"))
    Asked(monkeypatch, tmp_path / "taken.csv")
    fails(bench, "this is a folder")
    assert str(tmp_path / "taken.csv") in bench.panel.outcome_box.sentence
    assert bench.notices == []


def test_weights_of_a_run_are_those_of_now(
    bench: Export, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    Asked(monkeypatch, tmp_path / "run.npz")
    bench.click(card_of(bench, "npz"))
    start = bench.network.theta.copy()
    bench.session.toggle()
    bench.qtbot.waitUntil(lambda: not np.array_equal(bench.session.network.theta, start))
    bench.click(bench.panel.export_button)
    assert bench.panel.outcome_box.severity == "ok"
    stored = library.import_network(tmp_path / "run.npz").network.theta
    assert not np.array_equal(stored, start)
    bench.session.pause()


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (12_345, "12.3 kB"),
        (2_500_000, "2.5 MB"),
    ],
)
def test_sizes_in_words(size: int, text: str) -> None:
    assert size_text(size) == text
