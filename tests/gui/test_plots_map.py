"""The decision map: reading, dragging the probe, other views for other data."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from gui.plot_driver import (
    PlotBench,
    pixels,
    share_of,
    sine_document,
    three_class_document,
)
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from nnplay.core.topology import Kind
from nnplay.data.recipe import Column, RawTable
from nnplay.document import Document
from nnplay.gui.plots.decision_map import DecisionMap
from nnplay.gui.plots.map_points import point_colour
from nnplay.picture.palette import class_colour, contrast_ratio
from nnplay.session.values import MapRequest, MapResult
from nnplay.setup import new_document

Map = PlotBench[DecisionMap]


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Map]:
    made: Map = PlotBench(qtbot, tmp_path, DecisionMap)
    until_shown(made)
    yield made
    made.close()


@pytest.fixture
def opened(qtbot: QtBot, tmp_path: Path) -> Iterator[Callable[[Document], Map]]:
    """Opens maps of other documents, and closes them in the end."""
    benches: list[Map] = []

    def open_one(document: Document) -> Map:
        benches.append(PlotBench(qtbot, tmp_path, DecisionMap, document))
        return benches[-1]

    yield open_one
    for bench in benches:
        bench.close()


Opener = Callable[[Document], Map]


def until_shown(bench: Map) -> None:
    bench.qtbot.waitUntil(lambda: bench.plot.plane.subject is not None, timeout=5000)
    bench.plot.plane.repaint()


def read(bench: Map) -> dict[str, str]:
    page = bench.plot.page
    return {line.name: line.value for line in page.readout}  # type: ignore[attr-defined]


def number(text: str) -> float:
    return float(text.replace("−", "-"))


# ---------------------------------------------------------------------- reading
def test_hover_reads_the_answer_at_the_place(bench: Map) -> None:
    plane, session = bench.plot.plane, bench.session
    place = plane.frame.to_pixel(-5.4, 5.4)  # a corner without samples
    bench.hover(plane, place)
    got = read(bench)
    x, y = number(got["x₁"]), number(got["x₂"])
    assert (x, y) == pytest.approx((-5.4, 5.4), abs=0.05)
    session.set_probe((x, y))
    output = session.network.topology.output_ids[0]
    assert number(got["y"]) == pytest.approx(
        session.probe.activations[session.network.topology.row(output)], abs=2e-3
    )
    bench.hover(plane, QPointF(2, 2))
    assert plane.readout == ()


def test_hover_on_a_sample_tells_its_part_and_class(bench: Map) -> None:
    plane, prepared = bench.plot.plane, bench.session.prepared
    assert prepared is not None
    for rows, part in ((prepared.train_rows, "train"), (prepared.test_rows, "test")):
        row = lonely(prepared.raw, rows)
        bench.hover(plane, plane.frame.to_pixel(*prepared.raw[row]))
        got = read(bench)
        assert prepared.classes is not None
        assert prepared.class_index is not None
        assert got[f"{part} point"] == prepared.classes[prepared.class_index[row]]
        assert number(got["x₁"]) == pytest.approx(prepared.raw[row, 0], abs=2e-3)


def lonely(raw: np.ndarray, rows: np.ndarray) -> int:
    """The row that is farthest from all others."""
    distances = np.hypot(*(raw[rows][:, None] - raw[None]).transpose(2, 0, 1))
    distances[distances == 0.0] = np.inf
    return int(rows[distances.min(axis=1).argmax()])


# ---------------------------------------------------------------------- the probe
def test_dragging_the_ring_moves_the_probe(bench: Map) -> None:
    plane, session = bench.plot.plane, bench.session
    start = plane.probe_place()
    assert start is not None
    told = []
    session.probe_changed.connect(lambda: told.append(session.probe.raw))
    # Held a little off its middle, it does not jump under the hand.
    grip = QPointF(3, -2)
    end = plane.frame.to_pixel(2.0, -3.0)
    bench.drag_by_hand(plane, start + grip, end + grip)
    assert session.probe.raw == pytest.approx((2.0, -3.0), abs=0.08)
    assert len(told) >= 4
    assert not plane.is_dragging
    assert plane.probe_place().toTuple() == pytest.approx(end.toTuple(), abs=1.0)
    assert bench.undo_count == 0  # looking is no edit
    assert "y " in plane.accessibleDescription()


def test_the_probe_stays_inside_the_plane(bench: Map) -> None:
    plane = bench.plot.plane
    start = plane.probe_place()
    assert start is not None
    bench.drag_by_hand(plane, start, QPointF(-40, plane.height() + 50))
    assert bench.session.probe.raw == pytest.approx((-6.0, -6.0))


def test_a_click_puts_the_probe_there_and_on_a_sample_takes_it(bench: Map) -> None:
    plane, session, prepared = bench.plot.plane, bench.session, bench.session.prepared
    assert prepared is not None
    place = plane.frame.to_pixel(-5.2, 5.2)
    bench.press(plane, place)
    bench.release(plane, place)
    assert session.probe.row is None
    assert session.probe.raw == pytest.approx((-5.2, 5.2), abs=0.08)
    row = lonely(prepared.raw, prepared.train_rows)
    place = plane.frame.to_pixel(*prepared.raw[row])
    bench.press(plane, place)
    bench.hover(plane, place + QPointF(1, 1))  # a shaky hand does not lose it
    bench.release(plane, place + QPointF(1, 1))
    assert session.probe.row == row
    assert session.probe.target is not None


def test_arrow_keys_move_the_probe(bench: Map) -> None:
    plane, session = bench.plot.plane, bench.session
    session.set_probe((0.0, 0.0))
    plane.setFocus()
    QTest.keyClick(plane, Qt.Key.Key_Right)
    assert session.probe.raw == pytest.approx((0.12, 0.0))
    QTest.keyClick(plane, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    assert session.probe.raw == pytest.approx((0.12, 0.6))
    for _ in range(60):
        QTest.keyClick(plane, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert session.probe.raw == pytest.approx((-6.0, 0.6))


# ---------------------------------------------------------------------- what is mapped
def test_hovered_and_selected_neurons_are_mapped(bench: Map) -> None:
    plane, session = bench.plot.plane, bench.session
    hidden = session.network.topology.ids_of(Kind.HIDDEN)[0]
    output = session.network.topology.output_ids[0]
    assert plane.subject is not None
    assert plane.subject.neurons == (output,)
    assert bench.plot.subject_name.text.startswith("Output")
    session.hover(hidden)
    bench.qtbot.waitUntil(lambda: plane.subject.neurons == (hidden,))
    assert "idden 1" in bench.plot.subject_name.text
    session.hover(None)
    bench.qtbot.waitUntil(lambda: plane.subject.neurons == (output,))
    session.select((hidden,))
    bench.qtbot.waitUntil(lambda: plane.subject.neurons == (hidden,))


def test_the_map_follows_a_run_and_a_weight_changed_by_hand(bench: Map) -> None:
    seen = []
    bench.session.maps_arrived.connect(lambda key, result: seen.append(result.generation))
    before = pixels(bench.plot.plane)
    bench.session.start()
    bench.qtbot.waitUntil(lambda: len(seen) >= 4, timeout=10000)
    bench.session.pause()
    assert (pixels(bench.plot.plane) != before).mean() > 0.05
    bench.qtbot.wait(100)
    before, count = pixels(bench.plot.plane), len(seen)
    output = bench.network.topology.output_ids[0]
    source, target = bench.network.topology.incoming(output)[0][0], output
    bench.session.set_weight(source, target, 4.0)
    bench.qtbot.waitUntil(lambda: len(seen) > count)
    assert (pixels(bench.plot.plane) != before).mean() > 0.01


def test_two_maps_of_one_session_both_get_theirs(bench: Map) -> None:
    second = DecisionMap(bench.session, bench.theme)
    bench.qtbot.addWidget(second)
    second.resize(700, 500)
    second.show()
    bench.qtbot.waitUntil(lambda: second.plane.subject is not None)
    arrived = {}
    bench.session.maps_arrived.connect(lambda key, result: arrived.update({key: result}))
    bench.session.draw_new_weights()
    bench.qtbot.waitUntil(lambda: len(arrived) == 2)
    # The large one is finer, and neither took the other's.
    assert sorted(result.values.shape[-1] for result in arrived.values()) == [80, 100]
    second.hide()


def test_hidden_it_asks_for_nothing(bench: Map) -> None:
    bench.panel.hide()
    arrived = []
    bench.session.maps_arrived.connect(lambda key, result: arrived.append(key))
    bench.session.draw_new_weights()
    bench.qtbot.wait(200)
    assert arrived == []
    bench.panel.show()
    bench.qtbot.waitUntil(lambda: bool(arrived), timeout=3000)


# ---------------------------------------------------------------------- the picture
def test_axes_legend_boundary_and_points_are_painted(bench: Map) -> None:
    plane = bench.plot.plane
    bench.train(40)
    bench.qtbot.wait(150)
    for mode in ("dark", "light"):
        bench.theme.set_mode(mode)  # type: ignore[arg-type]
        palette, rect = bench.theme.palette, plane.frame.rect.toRect()
        picture = pixels(plane)
        inside = picture[rect.top() : rect.bottom(), rect.left() : rect.right()]
        right = picture[rect.top() : rect.bottom(), rect.right() + 4 :]
        below = picture[rect.bottom() + 5 :, rect.left() : rect.right()]
        assert share_of(inside, palette.text, 50) > 0.005, "boundary"
        assert len(np.unique(right.reshape(-1, 3), axis=0)) > 40, "scale"
        assert share_of(below, palette.panel) < 0.99, "numbers"


def test_switches_for_test_points_and_sharp_colours(bench: Map) -> None:
    plane = bench.plot.plane
    bench.train(40)
    bench.qtbot.wait(150)
    with_rings = pixels(plane)
    bench.click(bench.plot.test_button)
    without = pixels(plane)
    assert (with_rings != without).any(axis=-1).mean() > 0.005
    row = bench.session.prepared.test_rows[0]  # type: ignore[union-attr]
    assert row not in plane._points.rows
    bench.click(bench.plot.sharp_button)
    sharp = pixels(plane)
    rect = plane.frame.rect.toRect().adjusted(2, 2, -2, -2)
    crop = (slice(rect.top(), rect.bottom()), slice(rect.left(), rect.right()))
    assert len(np.unique(sharp[crop].reshape(-1, 3), axis=0)) < len(
        np.unique(without[crop].reshape(-1, 3), axis=0)
    )
    bench.click(bench.plot.sharp_button)
    assert np.array_equal(pixels(plane)[crop], without[crop])


@pytest.mark.parametrize("mode", ["dark", "light"])
def test_four_points_are_large_and_the_probe_hides_none(opened: Opener, mode: str) -> None:
    bench = opened(new_document("xor-table")[0])
    bench.theme.set_mode(mode)  # type: ignore[arg-type]
    until_shown(bench)
    plane, prepared = bench.plot.plane, bench.session.prepared
    assert prepared is not None
    for row in range(4):
        bench.session.probe_row(row)
        picture = pixels(plane)
        place = plane.frame.to_pixel(*prepared.raw[row].tolist())
        colour = point_colour(bench.theme.palette, prepared, int(prepared.class_index[row]))
        x, y = round(place.x()), round(place.y())
        around = picture[y - 9 : y + 10, x - 9 : x + 10]
        # A disc of at least 5 pixels around the place: 78 pixels of its colour.
        seen = share_of(around, colour.name()) * around.shape[0] * around.shape[1]
        assert seen >= 75


def test_theme_repaints(bench: Map) -> None:
    dark = pixels(bench.plot.plane)
    bench.theme.set_mode("light")
    light = pixels(bench.plot.plane)
    assert share_of(dark, bench.theme.palette.panel) < 0.05
    assert share_of(light, bench.theme.palette.panel) > 0.4


# ---------------------------------------------------------------------- several classes
@pytest.fixture
def three(opened: Opener) -> Map:
    made = opened(three_class_document())
    until_shown(made)
    return made


def test_three_classes_share_the_plane(three: Map) -> None:
    plane, session, prepared = three.plot.plane, three.session, three.session.prepared
    three.train(60)
    three.qtbot.wait(200)
    assert plane.subject is not None
    assert plane.subject.classes == ("low", "middle", "high")
    assert prepared is not None
    assert prepared.class_index is not None
    three.click(three.plot.sharp_button)
    picture = plane.background._picture
    assert picture is not None
    assert len(picture.boundary) > 20
    right = 0
    for row in range(prepared.sample_count):
        three.session.probe_row(row)
        outputs = session.probe.activations[
            session.network.topology.rows(session.network.topology.output_ids)
        ]
        x, y = plane.frame.to_pixel(*prepared.raw[row]).toTuple()
        got = plane.lines_at(QPointF(x, y), row)
        winner = prepared.classes[int(outputs.argmax())]  # type: ignore[index]
        assert got[2].name == f"class {winner}"
        right += winner == prepared.classes[int(prepared.class_index[row])]  # type: ignore[index]
    assert right > 80


def test_the_border_of_classes_lies_where_the_winner_changes(three: Map) -> None:
    results: list[MapResult] = []
    three.session.maps_arrived.connect(
        lambda key, result: results.append(result) if key == "test" else None
    )
    three.train(60)
    outputs = three.network.topology.output_ids
    three.session.watch("test", MapRequest(100, outputs))
    three.qtbot.waitUntil(lambda: bool(results))
    three.qtbot.wait(150)
    winner = results[-1].values.argmax(axis=0)
    cells = winner.shape[0]
    changes = np.argwhere(winner[:, 1:] != winner[:, :-1])
    picture = three.plot.plane.background._picture
    assert picture is not None
    middles = (picture.boundary[:, :2] + picture.boundary[:, 2:]) / 2 * cells - 0.5
    for row, column in changes:
        distances = np.hypot(middles[:, 0] - column - 0.5, middles[:, 1] - row)
        assert distances.min() < 1.5
    assert class_colour(three.theme.palette, 0, 3) != class_colour(three.theme.palette, 1, 3)


# ---------------------------------------------------------------------- one column: a curve
@pytest.fixture
def sine(opened: Opener) -> Map:
    made = opened(sine_document())
    assert made.plot.page is made.plot.curve
    made.plot.curve.repaint()
    return made


def test_one_column_is_a_curve_in_units_of_the_target(sine: Map) -> None:
    curve, session, prepared = sine.plot.curve, sine.session, sine.session.prepared
    assert prepared is not None
    sine.train(150)
    curve.refresh()
    assert not sine.plot.sharp_button.isVisible()
    assert sine.plot.subject_name.text.startswith("Output")
    output = session.network.topology.output_ids[0]
    for x in (-2.0, 0.5, 2.5):
        session.set_probe((x,))
        answer = session.probe.activations[session.network.topology.row(output)]
        expected = float(prepared.restore_target([[answer]])[0, 0])
        assert float(np.interp(x, curve._x, curve.curves[0])) == pytest.approx(expected, abs=0.05)
    assert curve.curves.max() > 6.0
    sine.hover(curve, curve.frame.to_pixel(1.0, 0.0))
    assert number(read(sine)["x"]) == pytest.approx(1.0, abs=0.02)
    picture = pixels(curve)
    assert 0.003 < share_of(picture, sine.theme.palette.text) < 0.1


def test_the_line_of_the_probe_is_dragged_and_stepped(sine: Map) -> None:
    curve, session = sine.plot.curve, sine.session
    session.set_probe((-2.9,))
    start = curve.probe_place()
    assert start is not None
    top = QPointF(start.x(), curve.frame.rect.top() + 4)
    sine.drag_by_hand(curve, top, QPointF(curve.frame.to_pixel(2.0, 0.0).x(), top.y()))
    assert session.probe.raw == pytest.approx((2.0,), abs=0.05)
    curve.setFocus()
    before = session.probe.raw[0]
    QTest.keyClick(curve, Qt.Key.Key_Left)
    assert session.probe.raw[0] < before


# ---------------------------------------------------------------------- many columns: answers
@pytest.fixture
def iris(opened: Opener) -> Map:
    made = opened(new_document("iris")[0])
    assert made.plot.page is made.plot.answers
    return made


def test_many_columns_and_classes_are_a_table(iris: Map) -> None:
    view, session = iris.plot.answers, iris.session
    iris.train(60)
    view.refresh()
    losses = session.losses
    assert losses is not None
    iris.qtbot.waitUntil(lambda: session.losses is not None)
    counts = view.table.counts
    assert counts.sum() == len(session.prepared.test_rows)  # type: ignore[union-attr]
    share = np.trace(counts) / counts.sum()
    iris.qtbot.waitUntil(
        lambda: session.losses.accuracy_test == pytest.approx(share)  # type: ignore[union-attr]
    )
    assert iris.plot.subject_name.text == f"{np.trace(counts)} of {counts.sum()} right"
    iris.click(iris.plot.part_button)
    counts = view.table.counts
    assert counts.sum() == len(session.prepared.train_rows)  # type: ignore[union-attr]
    assert np.trace(counts) / counts.sum() == pytest.approx(
        session.losses.accuracy_train  # type: ignore[union-attr]
    )


@pytest.mark.parametrize("mode", ["dark", "light"])
def test_right_answers_have_one_hue_and_wrong_ones_another(iris: Map, mode: str) -> None:
    iris.theme.set_mode(mode)  # type: ignore[arg-type]
    palette, table = iris.theme.palette, iris.plot.answers.table
    table.set_content(("a", "b", "c"), np.array([[9, 1, 0], [0, 10, 0], [2, 0, 1]]))
    picture = pixels(iris.plot.answers)

    def fill(cell: tuple[int, int]) -> str:
        box = table.cell_rect(cell)
        return QColor(*picture[int(box.bottom()) - 4, int(box.center().x())].tolist()).name()

    diagonal = [fill((i, i)) for i in range(3)]
    assert fill((0, 2)) == QColor(palette.card).name()
    for colour in (*diagonal, fill((0, 1))):
        assert contrast_ratio(colour, palette.text) >= 4.5
    red, green = (QColor(fill((2, 0))), QColor(diagonal[1]))
    assert red.red() > red.green() + 15
    for colour in map(QColor, diagonal):
        assert colour.green() > colour.red()
        assert abs(colour.hslHue() - green.hslHue()) < 25
    card = QColor(palette.card)
    weights = [abs(QColor(colour).red() - card.red()) for colour in diagonal]
    assert weights[1] > weights[0] > weights[2]  # by share


def test_a_click_on_a_cell_probes_its_samples_in_turn(iris: Map) -> None:
    view, session, prepared = iris.plot.answers, iris.session, iris.session.prepared
    assert prepared is not None
    assert prepared.class_index is not None
    iris.train(60)
    view.refresh()
    view.repaint()
    place = view.table.cell_rect((0, 0)).center()
    iris.hover(view, place)
    got = read(iris)
    assert got["true"] == got["answer"] == "setosa"
    assert got["samples"].startswith(f"{view.table.counts[0, 0]} of")
    probed = set()
    for _ in range(int(view.table.counts[0, 0])):
        iris.press(view, place)
        iris.release(view, place)
        row = session.probe.row
        assert row is not None
        assert prepared.class_index[row] == 0
        assert row in prepared.test_rows
        probed.add(row)
    assert len(probed) == view.table.counts[0, 0]


def test_the_table_by_keyboard(iris: Map) -> None:
    view, session = iris.plot.answers, iris.session
    iris.train(60)
    view.refresh()
    view.setFocus()
    for _ in range(2):
        QTest.keyClick(view, Qt.Key.Key_Right)
        QTest.keyClick(view, Qt.Key.Key_Down)
    assert "virginica taken for virginica" in view.accessibleDescription()
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert session.probe.target == "virginica"


def test_many_columns_and_a_number_are_a_cloud(opened: Opener) -> None:
    bench = opened(new_document("diabetes")[0])
    view, session = bench.plot.answers, bench.session
    bench.train(10)
    view.refresh()
    view.repaint()
    answers, prepared = view.answers, session.prepared
    assert answers is not None
    assert prepared is not None
    index = int(answers.wanted.argmax())
    place = view.place_of(index)
    bench.hover(view, place)
    assert number(read(bench)["target"]) == pytest.approx(answers.wanted.max(), rel=1e-3)
    bench.press(view, place)
    bench.release(view, place)
    row = session.probe.row
    assert row == answers.rows[index]
    assert session.probe.target == pytest.approx(answers.wanted[index])
    given = session.probe.activations[
        session.network.topology.row(session.network.topology.output_ids[0])
    ]
    assert answers.given[index] == pytest.approx(prepared.restore_target([[given]])[0, 0])
    QTest.keyClick(view, Qt.Key.Key_Left)
    assert session.probe.target <= answers.wanted[index]  # type: ignore[operator]
    assert session.probe.row != row
    assert "on average" in bench.plot.subject_name.text


def test_other_data_bring_another_view_and_problems_are_said(iris: Map) -> None:
    plot, session = iris.plot, iris.session
    session.set_data(source="circle")
    assert plot.page is plot.plane
    assert plot.sharp_button.isVisible()
    until_shown(iris)
    session.undo()
    assert plot.page is plot.answers
    assert plot.subject_name.text.endswith("right")
    session.remove(neurons=session.network.topology.input_ids)
    assert plot.page is plot.empty
    assert plot.empty.sentence() == session.data_problem
    assert not plot.test_button.isVisible()


def test_words_in_a_column_are_no_place_on_a_map(opened: Opener) -> None:
    random = np.random.default_rng(0)
    table = RawTable(
        (
            Column("size", random.random(40)),
            Column("shape", random.integers(0, 2, 40).astype(float), ("round", "square")),
            Column("price", random.random(40)),
        ),
        "price",
    )
    document = new_document("table", table=table, table_name="t.csv", hidden=(3,))[0]
    bench = opened(document)
    assert bench.plot.page is bench.plot.answers
    assert bench.plot.answers.answers is not None
