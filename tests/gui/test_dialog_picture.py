"""Pictures of the network: the dialog, the clipboard, and every way to fail."""

import resource
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from gui.dialog_driver import press
from gui.panel_driver import Bench
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog  # noqa: TID251
from pytestqt.qtbot import QtBot

from nnplay.gui.dialogs.picture import PictureDialog
from nnplay.gui.picture_clipboard import SVG_TYPE
from nnplay.picture.options import PictureOptions
from nnplay.picture.palette import DARK, LIGHT
from nnplay.picture.render import PictureError, picture_image

Pictures = Bench[PictureDialog]


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Pictures]:
    made = Bench(qtbot, tmp_path / "state", PictureDialog, size=(940, 600))
    yield made
    made.close()


def press_segment(bench: Pictures, row: object, words: str) -> None:
    bench.click(next(b for b in row.buttons if b.text() == words))


def settle(bench: Pictures) -> None:
    bench.qtbot.waitUntil(lambda: not bench.panel._timer.isActive())


def answer(monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(place), ""))


def corner(image: QImage) -> QColor:
    return image.pixelColor(2, 2)


@pytest.mark.parametrize("kind", ["SVG", "PDF", "PNG"])
def test_every_format_is_written(
    bench: Pictures, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str
) -> None:
    press_segment(bench, bench.panel.format, kind)
    answer(monkeypatch, tmp_path / "figure")
    bench.click(bench.panel.export_button)
    assert not bench.panel.isVisible()
    content = (tmp_path / f"figure.{kind.lower()}").read_bytes()
    assert content.startswith({"SVG": b"<?xml", "PDF": b"%PDF-", "PNG": b"\x89PNG"}[kind])
    assert bench.notices[-1].text == f"The picture is in figure.{kind.lower()}."
    assert bench.undo_count == 0


@pytest.mark.parametrize("scale", [1, 2, 3])
def test_a_png_has_as_many_pixels_as_the_note_says(
    bench: Pictures, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, scale: int
) -> None:
    press_segment(bench, bench.panel.format, "PNG")
    settle(bench)
    press_segment(bench, bench.panel.scale, f"{scale}×")
    settle(bench)
    answer(monkeypatch, tmp_path / "figure.png")
    bench.click(bench.panel.export_button)
    image = QImage(str(tmp_path / "figure.png"))
    assert bench.panel.size_note.text() == f"{image.width():,} × {image.height():,} pixels"
    one = picture_image(bench.session.pictured_document, PictureOptions(scale=1))
    assert abs(image.width() - scale * one.width()) <= scale


def test_switches_are_seen_in_the_preview(bench: Pictures) -> None:
    dialog = bench.panel
    assert not dialog.switches["weights"].isChecked()
    before = dialog.preview.image
    for box in dialog.switches.values():
        box.click()
        settle(bench)
        assert dialog.preview.image != before
        before = dialog.preview.image
    assert dialog.options == PictureOptions(weights=True, biases=True, values=False, headers=False)


def test_colours_and_ground(bench: Pictures) -> None:
    dialog = bench.panel
    assert corner(dialog.preview.image) == QColor(LIGHT.canvas)
    press_segment(bench, dialog.colours, "Dark")
    settle(bench)
    assert corner(dialog.preview.image) == QColor(DARK.canvas)
    press_segment(bench, dialog.colours, "As shown")
    assert dialog.options.dark == bench.theme.is_dark
    dialog.transparent.click()
    settle(bench)
    assert corner(dialog.preview.image).alpha() == 0
    assert (
        dialog.preview.image.size()
        == picture_image(bench.session.pictured_document, dialog.options).size()
    )


def test_choices_are_remembered(bench: Pictures, qtbot: QtBot) -> None:
    press_segment(bench, bench.panel.format, "PDF")
    press_segment(bench, bench.panel.colours, "Dark")
    bench.panel.switches["biases"].click()
    again = PictureDialog(bench.session, bench.theme)
    qtbot.addWidget(again)
    assert again.format.value() == "pdf"
    assert again.options == PictureOptions(biases=True, dark=True)


def test_a_selection_alone_is_smaller_and_has_its_own_connections_only(
    qtbot: QtBot, tmp_path: Path
) -> None:
    def make(session, theme):
        session.select(session.network.level_ids(1) + session.network.level_ids(2))
        return PictureDialog(session, theme)

    bench = Bench(qtbot, tmp_path, make, size=(940, 600))
    whole = bench.panel.preview.image
    press_segment(bench, bench.panel.part, "Selection")
    settle(bench)
    assert bench.panel.preview.image.width() < whole.width()
    assert bench.panel.options.neurons == bench.session.selection.neurons
    bench.close()


def test_without_a_selection_only_everything_is_offered(bench: Pictures) -> None:
    assert [b.isEnabled() for b in bench.panel.part.buttons] == [True, False]


def test_arrow_keys_walk_through_a_row(bench: Pictures) -> None:
    assert bench.panel.format.buttons[0].hasFocus()
    press(Qt.Key.Key_Right)
    assert bench.panel.format.value() == "pdf"
    press(Qt.Key.Key_Right)
    assert bench.panel.format.value() == "png"
    press(Qt.Key.Key_Tab)
    assert bench.panel.scale.buttons[1].hasFocus()


def test_a_folder_that_is_not_there_is_said_and_the_dialog_stays(
    bench: Pictures, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    answer(monkeypatch, tmp_path / "missing" / "figure.svg")
    bench.click(bench.panel.export_button)
    assert bench.panel.isVisible()
    assert "missing" in bench.panel.problem.text()
    assert "Nothing was written." in bench.panel.problem.text()


def test_a_full_disk_leaves_the_old_picture_whole(
    bench: Pictures, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    place = tmp_path / "figure.svg"
    place.write_bytes(b"the old one")
    answer(monkeypatch, place)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        bench.click(bench.panel.export_button)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert bench.panel.isVisible()
    assert place.read_bytes() == b"the old one"
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["figure.svg"]


def test_copying_puts_pixels_and_lines_on_the_clipboard(bench: Pictures) -> None:
    bench.panel.switches["weights"].click()
    bench.click(bench.panel.copy_button)
    data = QGuiApplication.clipboard().mimeData()
    assert data.hasImage()
    png = QImage.fromData(data.data("image/png"))
    assert png.size() == picture_image(bench.session.pictured_document, bench.panel.options).size()
    root = ET.fromstring(bytes(data.data(SVG_TYPE).data()))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    words = [element.text or "" for element in root.iter()]
    weight = f"{bench.network.theta[0]:.2f}"
    assert any(weight.lstrip("-−") in word for word in words)
    assert bench.panel.copy_button.text() == "Copied"


def test_a_picture_too_large_for_memory_is_said(
    bench: Pictures, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise PictureError("The picture would be too large for memory.")

    monkeypatch.setattr("nnplay.gui.dialogs.picture.picture_image", fail)
    bench.panel.refresh()
    assert "too large" in bench.panel.problem.text()
    assert bench.panel.preview.image is None
