"""Surface and hidden space of data with many columns: choosing two, the others at the probe."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gui.plot_driver import PlotBench
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from nnplay.data.recipe import Column, RawTable
from nnplay.document import Document
from nnplay.gui.plots.insight.panel import MorePlots
from nnplay.setup import new_document

Bench = PlotBench[Any]


def four_columns() -> Document:
    values = np.random.default_rng(3).normal([0, 1, 2, 3], [1, 2, 3, 4], (60, 4)).T
    columns = [Column(name, found) for name, found in zip("abcd", values, strict=True)]
    target = Column("y", 2.0 * values[0] - values[2] + values[3])
    table = RawTable((*columns, target), "y")
    return new_document("table", table=table, table_name="four.csv", hidden=(5, 3))[0]


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Bench]:
    made: Bench = PlotBench(qtbot, tmp_path / "state", MorePlots, four_columns())
    yield made
    made.close()


def shown(bench: Bench, page: Any, widget: Any) -> None:
    bench.qtbot.waitUntil(lambda: page.stack.currentWidget() is widget, timeout=8000)
    page.flush()


def pick(choice: Any, name: str) -> None:
    """Choose a column with the keyboard, as in any drop-down list."""
    choice.setFocus()
    target = choice.findText(name)
    assert target >= 0
    step = Qt.Key.Key_Down if target > choice.currentIndex() else Qt.Key.Key_Up
    while choice.currentIndex() != target:
        QTest.keyClick(choice, step)


def test_a_surface_over_chosen_columns_follows_the_probe(bench: Bench) -> None:
    bench.plot.show_plot("regression")
    page, session = bench.plot.page, bench.session
    assert not page.over.isVisible()
    bench.choose(page.view, "Surface")
    shown(bench, page, page.surface)
    assert page.over.isVisible()
    assert page.surface.found.plane.columns == (0, 1)
    pick(page.over.y_choice, "c")
    assert session.map_columns == (0, 2)
    bench.qtbot.waitUntil(lambda: page.surface.found.plane.columns == (0, 2))
    session.set_probe([0.0, -1.25, 0.0, 4.5])
    bench.qtbot.waitUntil(lambda: page.surface.found.plane.held == (0.0, -1.25, 0.0, 4.5))
    page.flush()
    words = page.caption.text().replace("−", "-")
    assert words.startswith("off by ")
    assert words.endswith(" · held at the probe: b -1.25, d 4.5")
    seen = page.surface.found
    session.set_probe([3.0, -1.25, -3.0, 4.5])  # along the plane nothing changes
    QTest.qWait(200)
    assert page.surface.found is seen
    bench.choose(page.view, "Predicted and true")
    shown(bench, page, page.cloud)
    assert not page.over.isVisible()


def test_the_grid_can_be_put_over_other_columns_and_away(bench: Bench) -> None:
    bench.plot.show_plot("hidden_space")
    page, session = bench.plot.page, bench.session
    shown(bench, page, page.drawing)
    assert page.over.isVisible()
    before = page.drawing.grid.copy()
    assert "grid over a and b" in page.caption.text()
    pick(page.over.x_choice, "d")  # on its way over b the axes change places
    bench.qtbot.waitUntil(lambda: "grid over d and a" in page.caption.text(), timeout=5000)
    assert session.map_columns == (3, 0)
    assert page.drawing.grid.shape == before.shape
    assert np.abs(page.drawing.grid - before).max() > 1e-3
    bench.click(page.grid_button)
    bench.qtbot.waitUntil(lambda: page.drawing.grid.size == 0, timeout=5000)
    assert not page.over.isVisible()
    assert "grid" not in page.caption.text()
    bench.click(page.grid_button)
    bench.qtbot.waitUntil(lambda: page.drawing.grid.size > 0, timeout=5000)


def test_both_pages_follow_the_document(bench: Bench) -> None:
    session = bench.session
    bench.plot.show_plot("regression")
    surface = bench.plot.page
    bench.choose(surface.view, "Surface")
    shown(bench, surface, surface.surface)
    session.new_document(new_document("reg-plane")[0])
    bench.qtbot.waitUntil(lambda: len(surface.surface.found.plane.held) == 2, timeout=5000)
    assert not surface.over.isVisible()
    surface.flush()
    assert "held" not in surface.caption.text()
    session.new_document(new_document("iris")[0])
    bench.qtbot.waitUntil(lambda: surface.stack.currentWidget() is surface.empty, timeout=5000)
    assert not surface.over.isVisible()
    bench.plot.show_plot("hidden_space")
    space = bench.plot.page
    shown(bench, space, space.drawing)
    names = [space.over.x_choice.itemText(i) for i in range(space.over.x_choice.count())]
    assert len(names) == 4
