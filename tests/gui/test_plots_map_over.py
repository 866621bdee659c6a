"""Maps of data with many columns: choosing two of them, and the probe on their plane."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from gui.canvas_driver import Driver
from gui.plot_driver import PlotBench, pixels
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from nnplay.document import Document
from nnplay.gui.plots.decision_map import DecisionMap
from nnplay.gui.plots.map_over import MapOver
from nnplay.setup import new_document

Map = PlotBench[DecisionMap]
Opener = Callable[[Document], Map]


@pytest.fixture
def opened(qtbot: QtBot, tmp_path: Path) -> Iterator[Opener]:
    benches: list[Map] = []

    def open_one(document: Document) -> Map:
        benches.append(PlotBench(qtbot, tmp_path, DecisionMap, document))
        return benches[-1]

    yield open_one
    for bench in benches:
        bench.close()


@pytest.fixture
def iris(opened: Opener) -> Map:
    """Iris with its map switched on by a click."""
    bench = opened(new_document("iris")[0])
    bench.click(bench.plot.over_button)
    until_shown(bench)
    return bench


def until_shown(bench: Map) -> None:
    bench.qtbot.waitUntil(lambda: bench.plot.plane.subject is not None, timeout=5000)
    bench.plot.plane.repaint()


def pick(bench: Map, axis: str, name: str) -> None:
    """Choose a column with the keyboard, as in any drop-down list."""
    choice = bench.plot.over.x_choice if axis == "x" else bench.plot.over.y_choice
    choice.setFocus()
    target = choice.findText(name)
    assert target >= 0
    step = Qt.Key.Key_Down if target > choice.currentIndex() else Qt.Key.Key_Up
    while choice.currentIndex() != target:
        QTest.keyClick(choice, step)


def test_two_columns_have_nothing_to_choose(opened: Opener) -> None:
    bench = opened(new_document("circle")[0])
    until_shown(bench)
    assert not bench.plot.over.isVisible()
    assert not bench.plot.over_button.isVisible()
    assert bench.plot.plane.geometry() == bench.plot.rect()


def test_answers_stay_until_the_map_is_switched_on(opened: Opener) -> None:
    bench = opened(new_document("iris")[0])
    plot, session = bench.plot, bench.session
    assert plot.page is plot.answers
    assert plot.answers.geometry() == plot.rect()
    bench.click(plot.over_button)
    until_shown(bench)
    assert plot.page is plot.plane
    assert plot.over.isVisible()
    assert session.map_columns == (0, 1)
    assert plot.name == "Decision map"
    assert bench.undo_count == 0
    bench.click(plot.over_button)
    assert plot.page is plot.answers
    assert session.map_columns is None
    assert not plot.over.isVisible()


def test_columns_are_chosen_by_hand_and_kept(iris: Map) -> None:
    plot, session = iris.plot, iris.session
    before = pixels(plot.plane)
    pick(iris, "y", "petal width")
    pick(iris, "x", "petal length")
    assert session.map_columns == (2, 3)
    until_shown(iris)
    domain = session.prepared.domain  # type: ignore[union-attr]
    assert plot.plane.frame.domain == (*domain[2], *domain[3])
    assert not np.array_equal(pixels(plot.plane), before)
    # Off and on again, the same columns come back.
    iris.click(plot.over_button)
    iris.click(plot.over_button)
    assert session.map_columns == (2, 3)
    assert plot.over.x_choice.currentText() == "petal length"


def test_the_column_of_the_other_axis_changes_places(iris: Map) -> None:
    over: MapOver = iris.plot.over
    assert (over.x_choice.currentText(), over.y_choice.currentText()) == (
        "sepal length",
        "sepal width",
    )
    pick(iris, "x", "sepal width")
    assert iris.session.map_columns == (1, 0)
    assert over.y_choice.currentText() == "sepal length"


def test_dragging_the_probe_moves_it_along_the_two_columns_only(iris: Map) -> None:
    session, plane = iris.session, iris.plot.plane
    session.set_map_columns(3, 1)
    until_shown(iris)
    before, start = session.probe.raw, plane.probe_place()
    assert start is not None
    end = plane.frame.to_pixel(1.5, 3.0)
    iris.drag_by_hand(plane, start, end)
    after = session.probe.raw
    assert (after[3], after[1]) == pytest.approx((1.5, 3.0), abs=0.03)
    assert (after[0], after[2]) == (before[0], before[2])
    plane.setFocus()
    QTest.keyClick(plane, Qt.Key.Key_Right)
    (low, high), moved = session.prepared.domain[3], session.probe.raw  # type: ignore[union-attr]
    assert moved[3] == pytest.approx(after[3] + 0.01 * (high - low))
    assert moved[:3] == after[:3]


def test_the_pointer_reads_the_plane_and_says_what_is_held(iris: Map) -> None:
    session, plane, prepared = iris.session, iris.plot.plane, iris.session.prepared
    assert prepared is not None
    session.set_map_columns(2, 3)
    until_shown(iris)
    iris.hover(plane, plane.frame.to_pixel(2.9, 2.3))  # a place without samples
    lines = {line.name: line.value for line in plane.readout}
    assert list(lines)[:2] == ["petal length", "petal width"]
    assert "other columns held at the probe" in lines
    place = float(lines["petal length"]), float(lines["petal width"])
    session.set_probe([*session.probe.raw[:2], *place])
    outputs = session.network.topology.rows(session.network.topology.output_ids)
    assert float(next(v for n, v in lines.items() if n.startswith("class "))) == pytest.approx(
        session.probe.activations[outputs].max(), abs=2e-3
    )
    point = plane.frame.to_pixel(*prepared.raw[prepared.train_rows[3]][[2, 3]])
    iris.hover(plane, point)
    names = [line.name for line in plane.readout]
    assert any(name.endswith(" point") for name in names)
    assert "with all its own values" in names


def test_a_click_on_a_sample_takes_all_its_values(iris: Map) -> None:
    session, plane, prepared = iris.session, iris.plot.plane, iris.session.prepared
    assert prepared is not None
    place = plane.frame.to_pixel(*prepared.raw[prepared.train_rows[5]][:2])
    iris.press(plane, place)
    iris.release(plane, place)
    row = session.probe.row
    assert row is not None
    assert session.probe.raw == tuple(prepared.raw[row])
    assert plane.frame.to_pixel(*prepared.raw[row][:2]).toTuple() == pytest.approx(
        place.toTuple(), abs=7.0
    )


def test_the_map_changes_when_a_held_column_moves(iris: Map) -> None:
    session, plane = iris.session, iris.plot.plane
    iris.train(30)
    iris.qtbot.wait(100)
    arrived: list[object] = []
    session.maps_arrived.connect(lambda key, _: arrived.append(key))
    before = pixels(plane)
    raw = session.probe.raw
    session.set_probe((*raw[:2], 6.0, 2.2))
    iris.qtbot.waitUntil(lambda: bool(arrived))
    inside = plane.frame.rect.toRect()
    box = np.s_[inside.top() + 3 : inside.bottom() - 3, inside.left() + 3 : inside.right() - 3]
    assert (pixels(plane)[box] != before[box]).any(axis=-1).mean() > 0.2


def test_other_data_go_back_to_answers_and_undo_brings_the_map(iris: Map) -> None:
    plot, session = iris.plot, iris.session
    session.set_map_columns(2, 3)
    session.edit("Wine", lambda _: new_document("wine")[0])
    assert plot.page is plot.answers
    assert not plot.over_button.isChecked()
    session.undo()
    until_shown(iris)
    assert plot.page is plot.plane
    assert plot.over_button.isChecked()
    assert plot.over.x_choice.currentText() == "petal length"
    session.edit("Circle", lambda _: new_document("circle")[0])
    until_shown(iris)
    assert session.map_columns == (0, 1)
    assert not plot.over.isVisible()
    assert plot.plane.probe_place() is not None


def test_the_keyboard_and_the_pointer_reach_every_corner_of_the_plane(iris: Map) -> None:
    plane, domain = iris.plot.plane, iris.session.prepared.domain  # type: ignore[union-attr]
    corner = plane.frame.rect.bottomLeft() + QPointF(-2.0, 2.0)
    iris.press(plane, corner)
    iris.release(plane, corner)
    assert iris.session.probe.raw[:2] == pytest.approx((domain[0][0], domain[1][0]))


# ---------------------------------------------------------------------- the canvas
def test_neurons_show_maps_over_the_chosen_plane(qtbot: QtBot, tmp_path: Path) -> None:
    driver = Driver(qtbot, tmp_path, new_document("iris")[0])
    try:
        session, scene = driver.session, driver.view.network_scene
        inputs = session.network.topology.input_ids
        assert not scene.with_maps
        session.set_map_columns(2, 3)
        assert scene.with_maps
        qtbot.waitUntil(lambda: all(neuron_image(driver, i) is not None for i in inputs))
        # Along x, along y, and one that is held: a single colour.
        for neuron, across, along in ((inputs[2], True, False), (inputs[3], False, True)):
            image = neuron_image(driver, neuron)
            assert (image[25, 2] != image[25, -3]).any() == across
            assert (image[2, 25] != image[-3, 25]).any() == along
        held = neuron_image(driver, inputs[0])
        assert (held == held[0, 0]).all()
        session.set_map_columns(None)
        assert not scene.with_maps
    finally:
        driver.close()


def neuron_image(driver: Driver, neuron: int) -> np.ndarray | None:
    """``uint8[height, width, 4]``: the response map a neuron shows."""
    image = driver.view.network_scene.neuron_items[neuron].look.image
    if image is None:
        return None
    image = image.convertToFormat(QImage.Format.Format_RGBA8888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    return rows[:, : 4 * image.width()].reshape(image.height(), image.width(), 4).copy()
