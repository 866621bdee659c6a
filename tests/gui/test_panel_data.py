"""The data panel: choosing sets, sliders as single gestures, rebinding, problems with a way out."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from gui.panel_driver import Bench
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from nnplay.core.topology import Kind
from nnplay.data.catalogue import CATALOGUE
from nnplay.data.datasets import generate
from nnplay.data.recipe import DataRecipe
from nnplay.data.tables import choose_target, read_csv
from nnplay.gui.panels.data import DataPanel
from nnplay.gui.panels.thumbnails import sketch_of
from nnplay.picture.palette import DARK, LIGHT, class_colour
from nnplay.setup import new_document

Data = Bench[DataPanel]


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Data]:
    made = Bench(qtbot, tmp_path, DataPanel, size=(258, 640))
    yield made
    made.close()


def handle(slider) -> int:
    """x of the knob of a plain slider."""
    inner = slider.slider
    span = inner.maximum() - inner.minimum()
    share = (inner.value() - inner.minimum()) / span if span else 0
    return round(7 + share * (inner.width() - 14))


# ---------------------------------------------------------------------- choosing
def test_every_set_of_the_catalogue_has_a_tile(bench: Data) -> None:
    names = [*bench.panel.patterns.names(), *bench.panel.tables.names()]
    assert sorted(names) == sorted(CATALOGUE)
    for name in names:
        grid = bench.panel.patterns if name in bench.panel.patterns.names() else bench.panel.tables
        assert grid.tile(name).accessibleName() == CATALOGUE[name].title


@pytest.mark.parametrize("name", list(CATALOGUE))
def test_a_click_on_a_tile_takes_that_set_in_one_undo_step(bench: Data, name: str) -> None:
    panel = bench.panel
    is_table = name in panel.tables.names()
    panel.show_tab(1 if is_table else 0)
    grid = panel.tables if is_table else panel.patterns
    bench.qtbot.wait(20)
    bench.click(grid.tile(name))
    assert bench.session.document.data.source == name
    assert bench.session.data_problem == ""
    assert grid.tile(name).isChecked()
    assert (
        sum(t.isChecked() for g in (panel.patterns, panel.tables) for t in map(g.tile, g.names()))
        == 1
    )
    assert panel.title.text() == CATALOGUE[name].title
    assert bench.undo_count == (name != "circle")
    prepared = bench.session.prepared
    assert prepared is not None
    for part in (f"{prepared.sample_count:,}", f"{len(prepared.train_rows):,} train"):
        assert part in panel.facts.text()


def test_other_data_rebind_inputs_and_outputs_and_undo_brings_all_back(bench: Data) -> None:
    before = bench.network
    bench.panel.show_tab(1)
    bench.qtbot.wait(20)
    bench.click(bench.panel.tables.tile("iris"))
    network = bench.network
    labels = [network.label_of(i) for i in network.topology.input_ids]
    assert labels == list(CATALOGUE["iris"].raw_names)
    assert len(network.topology.output_ids) == 3
    assert set(network.output_activations) == {"softmax"}
    assert bench.session.training.loss == "softmax_cross_entropy"
    assert network.topology.hidden_ids == before.topology.hidden_ids
    bench.session.undo()
    assert bench.network.same_as(before)
    assert bench.panel.title.text() == "Circle"


def test_arrow_keys_walk_between_tiles(bench: Data) -> None:
    tile = bench.panel.patterns.tile("circle")
    tile.setFocus()
    QTest.keyClick(tile, Qt.Key.Key_Right)
    focused = bench.panel.focusWidget()
    assert focused is bench.panel.patterns.tile("xor")
    QTest.keyClick(focused, Qt.Key.Key_Down)
    assert bench.panel.focusWidget() is bench.panel.patterns.tile("moons")
    QTest.keyClick(bench.panel.focusWidget(), Qt.Key.Key_Up)
    assert bench.panel.focusWidget() is focused
    QTest.keyClick(focused, Qt.Key.Key_Space)
    assert bench.session.document.data.source == "xor"


def test_choosing_the_set_in_use_again_keeps_it_marked(bench: Data) -> None:
    tile = bench.panel.patterns.tile("circle")
    bench.click(tile)
    assert tile.isChecked()
    assert bench.undo_count == 0


# ---------------------------------------------------------------------- sliders
@pytest.mark.parametrize(
    ("name", "field"),
    [("noise", "noise"), ("train_share", "train_percent"), ("points", "sample_count")],
)
def test_a_drag_of_a_slider_is_one_undo_step(bench: Data, name: str, field: str) -> None:
    slider = getattr(bench.panel, name)
    before = getattr(bench.session.document.data, field)
    seen = []
    bench.session.data_changed.connect(lambda: seen.append(bench.session.prepared.sample_count))
    bench.drag(slider.slider, handle(slider), handle(slider) + 60)
    assert len(seen) > 3
    after = getattr(bench.session.document.data, field)
    assert after not in (before, None)
    assert bench.undo_count == 1
    bench.drag(slider.slider, handle(slider), handle(slider) - 30)
    assert bench.undo_count == 2
    bench.session.undo()
    assert getattr(bench.session.document.data, field) == after
    assert slider.value() == after
    bench.session.undo()
    assert getattr(bench.session.document.data, field) == before


def test_slider_values_are_what_is_used(bench: Data) -> None:
    panel = bench.panel
    panel.noise.slider.setFocus()
    for _ in range(5):
        QTest.keyClick(panel.noise.slider, Qt.Key.Key_Right)
    assert bench.session.document.data.noise == 5
    assert panel.noise.value_label.text() == "5 %"
    assert bench.undo_count == 1, "quick presses of a key are one step"
    panel.train_share.slider.setFocus()
    QTest.keyClick(panel.train_share.slider, Qt.Key.Key_End)
    assert len(bench.session.prepared.test_rows) == 0
    panel.points.slider.setFocus()
    QTest.keyClick(panel.points.slider, Qt.Key.Key_Right)
    assert bench.session.prepared.sample_count == 510
    assert "510 points" in panel.facts.text()
    assert "510 train / 0 test" in panel.facts.text()


def test_the_number_at_the_slider_is_the_number_of_points_also_under_the_hand(bench: Data) -> None:
    points = bench.panel.points
    start = handle(points)
    for x in (start + 61, start - 33, start + 7):
        bench.drag(points.slider, handle(points), x, release=False)
        count = bench.session.prepared.sample_count
        assert points.value_label.text() == f"{count:,}"
        assert f"{count:,} points" in bench.panel.facts.text()
        QTest.mouseRelease(points.slider, Qt.MouseButton.LeftButton, pos=QPoint(x, 5))
        assert points.value() == count
        assert count % 10 == 0


def test_data_change_while_training_goes_on(bench: Data) -> None:
    bench.session.start()
    bench.qtbot.waitUntil(lambda: bench.session.shown_step > 20, timeout=5000)
    bench.drag(bench.panel.noise.slider, handle(bench.panel.noise), handle(bench.panel.noise) + 80)
    assert bench.session.is_running
    step = bench.session.shown_step
    bench.qtbot.waitUntil(lambda: bench.session.shown_step > step + 50, timeout=5000)
    bench.session.pause()
    assert bench.session.document.data.noise > 5


def test_settings_a_set_does_not_have_are_greyed(bench: Data) -> None:
    assert bench.panel.noise.isEnabled()
    bench.session.set_data(source="xor-table")
    assert not bench.panel.noise.isEnabled()
    assert not bench.panel.points.isEnabled()
    assert bench.session.document.data.train_percent == 100
    bench.session.set_data(source="wine")
    assert bench.panel.points.isEnabled()
    assert bench.panel.points.value() == 178
    bench.drag(bench.panel.points.slider, handle(bench.panel.points), 100)
    few = bench.session.prepared.sample_count
    assert few < 178
    assert few % 10 == 0
    bench.panel.points.slider.setFocus()
    QTest.keyClick(bench.panel.points.slider, Qt.Key.Key_End)
    assert bench.session.prepared.sample_count == 178
    assert bench.session.document.data.sample_count is None


# ---------------------------------------------------------------------- own tables and problems
def test_open_csv_is_asked_of_the_window(bench: Data) -> None:
    with bench.qtbot.waitSignal(bench.panel.open_csv_requested, timeout=500):
        bench.click(bench.panel.open_csv)


def test_an_own_table_gets_a_tile_of_its_own(bench: Data) -> None:
    text = b"a,b,kind\n" + b"".join(
        b"%d,%d,%s\n" % (i, i * i, b"uv"[i % 2 :][:1]) for i in range(20)
    )
    table = choose_target(read_csv(text, "mine.csv"), "kind")
    assert bench.panel.tab() == 0
    assert bench.session.load_table(table, "mine.csv")
    assert bench.panel.tab() == 1
    assert bench.panel.title.text() == "mine.csv"
    tile = bench.panel.tables.tile("table")
    assert tile.isVisible()
    assert tile.isChecked()
    assert not bench.panel.noise.isEnabled()
    bench.qtbot.wait(50)
    bench.click(bench.panel.tables.tile("iris"))
    assert not tile.isVisible()
    bench.session.undo()
    assert tile.isVisible()
    assert tile.isChecked()


def test_the_column_to_predict_is_chosen_and_undone(bench: Data) -> None:
    assert not bench.panel.target_row.isVisible()
    text = b"a,b,kind\n" + b"".join(
        b"%d,%d,%s\n" % (i, i * i, b"uv"[i % 2 :][:1]) for i in range(20)
    )
    table = choose_target(read_csv(text, "mine.csv"), "kind")
    assert bench.session.load_table(table, "mine.csv")
    assert bench.panel.target_row.isVisible()
    assert bench.panel.target.value() == "kind"
    bench.choose(bench.panel.target, "b")
    assert bench.session.document.data.table.target == "b"
    assert bench.session.data_problem == ""
    # A number is predicted now: one linear output instead of classes.
    assert bench.network.output_activations == ("linear",)
    bench.session.undo()
    assert bench.panel.target.value() == "kind"
    bench.session.set_data(source="iris")
    assert not bench.panel.target_row.isVisible()


def test_a_problem_is_said_with_a_way_out_that_works(bench: Data) -> None:
    assert not bench.panel.problem.isVisible()
    bench.session.add_neuron(Kind.INPUT, 0, 0)
    assert bench.panel.problem.isVisible()
    assert bench.panel.problem.text() == bench.session.data_problem
    words = [button.text() for button in bench.panel.problem.buttons()]
    assert words == ["Fit the network to the data", "Undo the last step"]
    bench.click(bench.panel.problem.buttons()[0])
    assert bench.session.data_problem == ""
    assert not bench.panel.problem.isVisible()
    bench.session.undo()
    assert bench.panel.problem.isVisible()
    bench.click(bench.panel.problem.buttons()[1])
    assert bench.session.data_problem == ""


def test_another_document_shows_its_tab(bench: Data) -> None:
    bench.session.new_document(new_document("digits")[0])
    assert bench.panel.tab() == 1
    assert bench.panel.tables.isVisible()
    bench.session.new_document(new_document("moons")[0])
    assert bench.panel.tab() == 0
    assert bench.panel.patterns.tile("moons").isChecked()


def test_a_tab_to_look_around_in_stays_until_other_data_come(bench: Data) -> None:
    bench.panel.show_tab(1)
    bench.session.set_data(noise=20)
    assert bench.panel.tab() == 1
    bench.session.set_data(source="iris")
    bench.panel.show_tab(0)
    bench.session.set_data(train_percent=60)
    assert bench.panel.tab() == 0
    for _ in range(3):
        bench.session.undo()
    assert (bench.session.document.data.source, bench.panel.tab()) == ("circle", 0)
    bench.session.redo()
    bench.session.redo()
    assert (bench.session.document.data.source, bench.panel.tab()) == ("iris", 1)


# ---------------------------------------------------------------------- pictures
@pytest.mark.parametrize("name", ["circle", "spiral", "blobs", "iris", "xor-table"])
def test_sketches_are_of_real_points(name: str) -> None:
    sketch, table = sketch_of(name), generate(DataRecipe(source=name), 0)
    real = np.stack([c.values for c in table.input_columns], axis=1)
    target = table.column(table.target).values
    low, high = real.min(axis=0), real.max(axis=0)
    scaled = (real - low) / (high - low)
    pairs = [(i, j) for i in range(real.shape[1]) for j in range(real.shape[1]) if i != j]

    def found(i: int, j: int) -> bool:
        points = {
            (round(x, 9), round(y, 9), int(k)) for x, y, k in np.c_[scaled[:, [i, j]], target]
        }
        drawn = {
            (round(x, 9), round(y, 9), int(k))
            for (x, y), k in zip(sketch.points, sketch.classes, strict=True)
        }
        return drawn <= points

    assert any(found(i, j) for i, j in pairs)
    assert len(set(sketch.classes.tolist())) == len(table.classes)


def test_a_tile_is_painted_in_the_colours_of_the_classes_in_both_themes(bench: Data) -> None:
    tile = bench.panel.patterns.tile("xor-table")
    for palette, mode in ((DARK, "dark"), (LIGHT, "light")):
        bench.theme.set_mode(mode)
        bench.qtbot.wait(60)
        image = tile.grab().toImage()
        colours = {
            image.pixelColor(x, y).name().upper()
            for x in range(image.width())
            for y in range(image.height())
        }
        assert {class_colour(palette, k, 2).upper() for k in (0, 1)} <= colours
        assert palette.canvas.upper() in colours


def test_a_chosen_tile_has_the_accent_border(bench: Data) -> None:
    bench.qtbot.wait(60)
    bench.panel.setFocus()
    image = bench.panel.patterns.tile("circle").grab().toImage()
    other = bench.panel.patterns.tile("xor").grab().toImage()
    middle = QPoint(1, image.height() // 2)
    assert image.pixelColor(middle).name().upper() == DARK.accent.upper()
    assert other.pixelColor(middle).name().upper() != DARK.accent.upper()
