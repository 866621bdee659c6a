"""The features panel: boxes, columns, own formulas, and what it says when something is wrong."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from gui.panel_driver import LEFT, Bench
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox  # noqa: TID251
from pytestqt.qtbot import QtBot

from nnplay.gui.panels.features import FeaturesPanel
from nnplay.setup import new_document

Features = Bench[FeaturesPanel]


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Features]:
    made = Bench(qtbot, tmp_path, FeaturesPanel, size=(258, 400))
    yield made
    made.close()


@pytest.fixture
def iris(qtbot: QtBot, tmp_path: Path) -> Iterator[Features]:
    made = Bench(qtbot, tmp_path, FeaturesPanel, new_document("iris")[0], size=(258, 400))
    yield made
    made.close()


def box(bench: Features, text: str) -> QCheckBox:
    return next(b for b in bench.panel.boxes if b.text() == text)


def tick(bench: Features, widget: QCheckBox) -> None:
    bench.click(widget, QPoint(9, widget.height() // 2))


def inputs(bench: Features) -> list[str]:
    return [bench.network.label_of(i) for i in bench.network.topology.input_ids]


def test_the_standard_features_of_the_plane(bench: Features) -> None:
    assert [b.text() for b in bench.panel.boxes] == [
        "x₁", "x₂", "x₁²", "x₂²", "x₁·x₂", "sin x₁", "sin x₂",
    ]  # fmt: skip
    assert [b.isChecked() for b in bench.panel.boxes] == [True, True] + [False] * 5
    tick(bench, box(bench, "sin x₁"))
    assert inputs(bench) == ["x1", "x2", "sin(x1)"]
    assert bench.undo_count == 1
    first_level = {
        t for i in bench.network.topology.input_ids for t, _ in bench.network.topology.outgoing(i)
    }
    new = bench.network.topology.input_ids[2]
    assert {t for t, _ in bench.network.topology.outgoing(new)} == first_level
    weights = {
        (int(s), int(t)): bench.network.theta[k]
        for k, (s, t) in enumerate(bench.network.topology.edges)
    }
    tick(bench, box(bench, "x₁"))
    assert inputs(bench) == ["x2", "sin(x1)"]
    for (s, t), weight in weights.items():
        if bench.network.topology.has_edge(s, t):
            assert bench.network.edge(s, t).weight == weight
    bench.session.undo()
    bench.session.undo()
    assert [b.isChecked() for b in bench.panel.boxes] == [True, True] + [False] * 5


def test_the_last_input_stays_and_says_so(bench: Features) -> None:
    tick(bench, box(bench, "x₂"))
    tick(bench, box(bench, "x₁"))
    assert inputs(bench) == ["x1"]
    assert box(bench, "x₁").isChecked()
    assert "at least one" in bench.panel.note.text()
    assert bench.panel.note.isVisible()
    tick(bench, box(bench, "x₂"))
    assert not bench.panel.note.isVisible()


def test_an_own_formula_becomes_an_input_and_a_box(bench: Features) -> None:
    bench.type_into(bench.panel.formula, "x1² + x2²")
    assert inputs(bench) == ["x1", "x2", "x1^2+x2^2"]
    assert bench.panel.formula.text() == ""
    prepared = bench.session.prepared
    assert prepared is not None
    assert np.allclose(prepared.inputs[:, 2], (prepared.raw**2).sum(axis=1))
    own = bench.panel.boxes[-1]
    assert own.isChecked()
    tick(bench, own)
    assert inputs(bench) == ["x1", "x2"]
    assert bench.panel.boxes[-1].text() == own.text(), "a formula switched off can be had again"
    assert not bench.panel.boxes[-1].isChecked()
    tick(bench, bench.panel.boxes[-1])
    assert inputs(bench) == ["x1", "x2", "x1^2+x2^2"]


def test_a_formula_that_is_a_standard_feature_ticks_its_box(bench: Features) -> None:
    bench.type_into(bench.panel.formula, "x1 ** 2", finish=False)
    bench.click(bench.panel.add)
    assert box(bench, "x₁²").isChecked()
    assert len(bench.panel.boxes) == 7
    bench.type_into(bench.panel.formula, "x1²")
    assert "already" in bench.panel.note.text()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("q + 1", "“q”"),
        ("x1 +", "cannot be read"),
        ("__import__('os')", "does not"),
        ("log(x1)", ""),
        ("x1^9999", "exponent"),
        ("sin x1", "lacks a sign"),
    ],
)
def test_a_bad_formula_is_explained_and_stays_to_be_mended(
    bench: Features, text: str, words: str
) -> None:
    document = bench.session.document
    bench.type_into(bench.panel.formula, text)
    assert bench.session.document is document
    assert bench.panel.note.isVisible()
    assert words in bench.panel.note.text()
    assert bench.panel.formula.text() == text
    assert len(bench.panel.boxes) == 7
    QTest.keyClick(bench.panel.formula, Qt.Key.Key_Escape)
    assert bench.panel.formula.text() == ""
    assert not bench.panel.note.isVisible()


def test_columns_of_a_table_are_a_list(iris: Features) -> None:
    panel = iris.panel
    assert panel.boxes == []
    assert panel.columns.isVisible()
    items = [panel.columns.item(i) for i in range(panel.columns.count())]
    assert [item.text() for item in items] == [
        "sepal_length", "sepal_width", "petal_length", "petal_width",
    ]  # fmt: skip
    rect = panel.columns.visualItemRect(items[1])
    QTest.mouseClick(
        panel.columns.viewport(), LEFT, pos=QPoint(rect.left() + 18, rect.center().y())
    )
    assert inputs(iris) == ["sepal_length", "petal_length", "petal_width"]
    assert iris.undo_count == 1
    panel.columns.setFocus()
    panel.columns.setCurrentRow(0)
    QTest.keyClick(panel.columns, Qt.Key.Key_Space)
    assert inputs(iris) == ["petal_length", "petal_width"]
    iris.click(panel._all)
    assert len(inputs(iris)) == 4
    iris.click(panel._few)
    assert inputs(iris) == ["sepal_length"]
    iris.type_into(panel.formula, "petal_length*petal_width")
    assert inputs(iris) == ["sepal_length", "petal_length*petal_width"]
    assert panel.columns.count() == 5


def test_scaling(iris: Features) -> None:
    assert iris.panel.scale.isChecked()
    tick(iris, iris.panel.scale)
    assert iris.session.document.preparation.scale_inputs == "none"
    prepared = iris.session.prepared
    assert np.array_equal(prepared.inputs, prepared.raw)
    iris.session.undo()
    assert iris.panel.scale.isChecked()


def test_other_data_change_the_offers(bench: Features) -> None:
    bench.session.set_data(source="wine")
    assert bench.panel.boxes == []
    assert bench.panel.columns.count() == 13
    bench.session.set_data(source="moons")
    assert len(bench.panel.boxes) == 7
    bench.session.new_document(new_document("digits")[0])
    assert bench.panel.columns.count() == 64


def test_features_while_training(bench: Features) -> None:
    bench.session.start()
    bench.qtbot.waitUntil(lambda: bench.session.shown_step > 10, timeout=5000)
    tick(bench, box(bench, "x₂²"))
    assert bench.session.is_running
    step = bench.session.shown_step
    bench.qtbot.waitUntil(lambda: bench.session.shown_step > step + 20, timeout=5000)
    bench.session.pause()
    assert inputs(bench) == ["x1", "x2", "x2^2"]
