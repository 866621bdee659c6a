"""Figures and thumbnails: files of each kind, readable, sharp, the same every time."""

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from PySide6.QtCore import QByteArray, QSize
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from nnplay.core.network import Network
from nnplay.core.reference import evaluate
from nnplay.core.topology import Topology
from nnplay.data.recipe import DataRecipe, Preparation
from nnplay.document import Document
from nnplay.picture.geometry import NEURON_SIZE
from nnplay.picture.palette import DARK, LIGHT, Palette, contrast_ratio
from nnplay.picture.render import PictureError, render_bytes, render_file, thumbnail
from nnplay.picture.responses import probe_values, response_maps
from nnplay.setup import new_document


@pytest.fixture(autouse=True)
def _application(qapp) -> None:
    """Fonts need an application."""


@pytest.fixture
def document() -> Document:
    network = Network.mlp([2, 3, 1], input_bindings=["x1", "x2"], output_bindings=["y"])
    theta = np.random.default_rng(2).normal(size=network.topology.parameter_count)
    return Document(network.with_theta(theta), view={"probe": [1.0, -2.0]})


def spread(image: QImage) -> int:
    """Number of different colours on a coarse grid."""
    return len(
        {image.pixel(x, y) for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)}
    )


@pytest.mark.parametrize("dark", [False, True])
def test_png_is_sharp_and_on_the_right_ground(document: Document, dark: bool) -> None:
    image = QImage.fromData(render_bytes(document, "png", dark=dark))
    assert image.width() > 900  # 2 pixels per canvas pixel
    assert image.pixelColor(1, 1).name().upper() == (DARK if dark else LIGHT).canvas
    assert spread(image) > 100


def test_svg_is_sound_and_looks_like_the_png(document: Document) -> None:
    data = render_bytes(document, "svg", numbers=True)
    root = ET.fromstring(data)
    words = "".join(root.itertext())
    for expected in ("Input", "Hidden 1", "3 · tanh", "x₁", "Output"):
        assert expected in words
    renderer = QSvgRenderer(QByteArray(data))
    assert renderer.isValid()
    png = QImage.fromData(render_bytes(document, "png", numbers=True))
    image = QImage(png.size(), QImage.Format.Format_ARGB32)
    image.fill(QColor("red"))
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    a = image.scaled(120, 60).convertToFormat(QImage.Format.Format_RGB888)
    b = png.scaled(120, 60).convertToFormat(QImage.Format.Format_RGB888)
    difference = np.abs(
        np.frombuffer(a.constBits(), np.uint8).astype(int)
        - np.frombuffer(b.constBits(), np.uint8).astype(int)
    )
    assert difference.mean() < 8


def test_svg_is_the_same_every_time(document: Document) -> None:
    assert render_bytes(document, "svg") == render_bytes(document, "svg")


def test_pdf_has_one_page_of_the_pictures_size(document: Document) -> None:
    data = render_bytes(document, "pdf")
    assert data.startswith(b"%PDF-")
    assert data.rstrip().endswith(b"%%EOF")
    assert data.count(b"/Type /Page\n") == 1


def test_numbers_are_written_when_asked(document: Document) -> None:
    weight = document.network.theta[0]
    text = f"{abs(weight):.2f}"
    plain = "".join(ET.fromstring(render_bytes(document, "svg")).itertext())
    numbered = render_bytes(document, "svg", numbers=True)
    written = "".join(ET.fromstring(numbered).itertext())
    assert text in written
    assert len(written) > len(plain) + 4 * document.network.topology.parameter_count


def test_files(document: Document, tmp_path: Path) -> None:
    for kind in ("svg", "png", "pdf"):
        render_file(document, tmp_path / f"figure.{kind.upper()}", dark=True, numbers=True)
        assert (tmp_path / f"figure.{kind.upper()}").stat().st_size > 1000
    with pytest.raises(PictureError, match="gif"):
        render_file(document, tmp_path / "figure.gif")
    with pytest.raises(PictureError, match="ending"):
        render_file(document, tmp_path / "figure")
    with pytest.raises(OSError, match=r"."):
        render_file(document, tmp_path / "nowhere" / "figure.svg")


def test_renders_without_display_and_application(tmp_path: Path) -> None:
    code = (
        "from nnplay.setup import new_document\n"
        "from nnplay.picture.render import render_file\n"
        f"render_file(new_document()[0], {str(tmp_path / 'a.png')!r})\n"
        "import sys; assert 'PySide6.QtWidgets' not in sys.modules\n"
    )
    environment = {k: v for k, v in os.environ.items() if k not in {"DISPLAY", "QT_QPA_PLATFORM"}}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    assert spread(QImage(str(tmp_path / "a.png"))) > 50


def test_thumbnails_have_the_size_and_ratio_asked_for(document: Document) -> None:
    image = thumbnail(document, (220, 130), DARK, 2.0)
    assert (image.width(), image.height()) == (440, 260)
    assert image.devicePixelRatio() == 2.0
    assert spread(image) > 30
    small = thumbnail(document, QSize(90, 60), LIGHT)
    assert small.pixelColor(0, 0).name().upper() == LIGHT.canvas


@pytest.mark.parametrize("data", ["circle", "iris", "digits", "reg-plane"])
def test_every_kind_of_document_has_a_picture(data: str) -> None:
    document = new_document(data=data)[0]
    assert spread(QImage.fromData(render_bytes(document, "png"))) > 20


@pytest.mark.parametrize("palette", [DARK, LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize("data", ["circle", "iris"])
def test_neurons_and_edges_stand_out_in_small_thumbnails(data: str, palette: Palette) -> None:
    document, _ = new_document(data, hidden=[4, 3], seed=2)
    image = thumbnail(document, (152, 96), palette)
    ratios = np.array(
        [
            contrast_ratio(palette.canvas, image.pixelColor(x, y).name())
            for x in range(image.width())
            for y in range(image.height())
        ]
    )
    # At the least, the tiles; a picture that is nearly empty has next to none of these.
    count = document.network.topology.neuron_count
    tile = (NEURON_SIZE * 0.2) ** 2
    assert (ratios > 1.3).sum() > 0.7 * count * tile
    assert ratios.max() > 3.0


def test_names_are_written_where_they_can_be_read(document: Document) -> None:
    def differs(document: Document, size: tuple[int, int]) -> bool:
        plain, named = (thumbnail(document, size, DARK, names=names) for names in (False, True))
        return plain != named

    assert differs(document, (640, 360))
    tall = Document(Network.mlp([3, 30, 2]))
    assert not differs(tall, (640, 360))
    assert differs(tall, (1600, 2200))


def test_networks_without_neurons_edges_or_data() -> None:
    empty = Document(Network.build(Topology([], [])))
    lonely = Document(Network.build(Topology([4], [0])))
    broken = Document(Network.mlp([2, 1]), data=DataRecipe(source="table"))
    unbound = Document(Network.mlp([2, 1]), preparation=Preparation(features=("x1",)))
    for document in (empty, lonely, broken, unbound):
        for kind in ("svg", "png", "pdf"):
            assert render_bytes(document, kind, numbers=True)
        assert not thumbnail(document, (60, 40), DARK).isNull()


def test_maps_and_probe_agree_with_the_reference(document: Document) -> None:
    maps = response_maps(document, 8)
    assert maps is not None
    # The middle of the first pixel: left, top.
    steps = (np.arange(8) + 0.5) / 8 * 12 - 6
    points = np.array([[steps[0], -steps[0]], [steps[5], -steps[2]]])
    values = np.asarray(evaluate(document.network, points).a)
    for row in range(document.network.topology.neuron_count):
        assert maps[row][0, 0] == pytest.approx(values[row, 0])
        assert maps[row][2, 5] == pytest.approx(values[row, 1])
    probe = probe_values(document)
    assert probe is not None
    expected = np.asarray(evaluate(document.network, np.array([[1.0, -2.0]])).a)
    assert probe == pytest.approx(expected[:, 0])


@pytest.mark.parametrize("probe", [None, "x", [1.0], [1, 2, 3], ["a", "b"], [None, 1.0]])
def test_strange_probes_are_ignored(document: Document, probe: object) -> None:
    from dataclasses import replace

    assert probe_values(replace(document, view={"probe": probe})) is None
