"""The line at the lower edge: sentences are shown as far as there is room, and whole in the tooltip."""

import html
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from gui.panel_driver import Bench
from PySide6.QtGui import QFontMetrics
from pytestqt.qtbot import QtBot

from nnplay.gui.status_strip import StatusStrip

Strip = Bench[StatusStrip]


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Strip]:
    made = Bench(qtbot, tmp_path / "state", StatusStrip, size=(1280, 28))
    made.session.notice_posted.connect(made.panel.show_notice)
    yield made
    made.close()


def words_of(tooltip: str) -> str:
    return html.unescape(re.sub("<[^>]*>", " ", tooltip)).strip()


def test_an_import_is_said_whole_in_a_small_window(bench: Strip, tmp_path: Path) -> None:
    weights = {
        "layer1.weight": np.ones((7, 4)),
        "layer1.bias": np.ones(7),
        "layer2.weight": np.ones((3, 7)),
        "scale": np.ones(3),
    }
    np.savez(tmp_path / "a & b.npz", **weights)
    assert bench.session.import_file(tmp_path / "a & b.npz", "relu", "linear")
    label = bench.panel._notice
    bench.qtbot.waitUntil(lambda: label.width() > 400)
    sentence = (
        "a & b.npz was imported: 14 neurons and 59 parameters. "
        "Undo brings the network of before back."
    )
    assert label.text() == sentence == bench.panel.notice_text()
    assert QFontMetrics(label.font()).horizontalAdvance(sentence) <= label.width()
    tip = words_of(label.toolTip())
    assert tip.startswith(sentence)
    assert "Layers in this order: layer1 (4 → 7), layer2 (7 → 3)." in tip
    assert "Not used, because they belong to no layer: scale." in tip
    assert "Layers in this order" in label.accessibleName()


def test_a_long_sentence_ends_with_dots_and_follows_the_width(bench: Strip) -> None:
    strip, label = bench.panel, bench.panel._notice
    sentence = "This is a sentence that is far too long for a narrow window, <b>as it is</b>. " * 3
    bench.session.refuse(sentence)
    bench.qtbot.waitUntil(lambda: label.text().endswith("…"))
    assert sentence.startswith(label.text().removesuffix("…"))
    assert QFontMetrics(label.font()).horizontalAdvance(label.text()) <= label.width()
    assert strip.notice_text() == sentence
    assert "<b>as it is</b>" in words_of(label.toolTip())
    shown = len(label.text())
    strip.resize(2600, 28)
    bench.qtbot.waitUntil(lambda: len(label.text()) > shown)
    strip.resize(700, 28)
    bench.qtbot.waitUntil(lambda: len(label.text()) < shown)
    bench.session.document_replaced.emit()
    assert label.text() == label.toolTip() == ""
