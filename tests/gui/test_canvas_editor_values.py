"""Weights and biases changed where they are: dragged, turned by the wheel, typed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from gui.canvas_driver import ALT, CTRL, SHIFT, Driver
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QGuiApplication, QUndoStack
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from nnplay.formats.document_record import same_document


@pytest.fixture
def canvas(qtbot: QtBot, tmp_path: Path) -> Iterator[Driver]:
    """The default network: 2-4-2-1 on the circle."""
    driver = Driver(qtbot, tmp_path)
    qtbot.waitUntil(lambda: driver.session.losses is not None)
    yield driver
    driver.close()


def stack(canvas: Driver) -> QUndoStack:
    return canvas.session.undo_stack


def selected_edge(canvas: Driver) -> tuple[tuple[int, int], QPoint]:
    edge = tuple(int(v) for v in canvas.network.topology.edges[0])
    spot = canvas.edge(*edge, 0.3)
    canvas.click(spot)
    assert canvas.session.selection.edges == {edge}
    return edge, spot


def weight(canvas: Driver, edge: tuple[int, int]) -> float:
    return canvas.network.edge(*edge).weight


def bias_dot(canvas: Driver, neuron: int) -> QPoint:
    place = canvas.view.network_scene.bias_of(neuron)
    return canvas.at(place.x(), place.y())


# ---------------------------------------------------------------------- dragging
def test_dragging_a_selected_edge_changes_its_weight_live(canvas: Driver, qtbot: QtBot) -> None:
    edge, spot = selected_edge(canvas)
    old, loss = weight(canvas, edge), canvas.session.losses.loss_train
    canvas.press(spot)
    assert canvas.view.viewport().cursor().shape() == Qt.CursorShape.SizeVerCursor
    slot = canvas.network.topology.edge_slot(*edge)
    canvas.hover(spot - QPoint(0, 30))
    assert weight(canvas, edge) == pytest.approx(old + 0.3)
    assert canvas.session.held_slots == {slot}
    canvas.hover(spot - QPoint(40, 80))
    assert weight(canvas, edge) == pytest.approx(old + 0.8), "only up and down counts"
    card = canvas.view.values.what_if.card
    assert card.isVisible()
    qtbot.waitUntil(lambda: canvas.session.losses.loss_train != loss)
    rows = {name: words for name, words, _ in card.text.rows}
    assert rows["weight"] == f"{old:.4f} → {old + 0.8:.4f}".replace("-", "−")
    new = canvas.session.losses.loss_train
    assert rows["loss"] == f"{loss:.4f} → {new:.4f}"
    assert "%" in rows["accuracy"]
    canvas.release(spot - QPoint(40, 80))
    assert not card.isVisible()
    assert canvas.session.held_slots == frozenset()
    assert stack(canvas).count() == 1
    canvas.session.undo()
    assert weight(canvas, edge) == old


def test_shift_makes_it_fine(canvas: Driver) -> None:
    edge, spot = selected_edge(canvas)
    old = weight(canvas, edge)
    canvas.press(spot)
    canvas.hover(spot - QPoint(0, 20))
    canvas.hover(spot - QPoint(0, 60), SHIFT)
    assert weight(canvas, edge) == pytest.approx(old + 0.2 + 0.04)
    canvas.release(spot - QPoint(0, 60))


def test_an_edge_that_is_not_selected_is_not_changed_by_a_drag(canvas: Driver) -> None:
    edge = tuple(int(v) for v in canvas.network.topology.edges[0])
    theta = canvas.network.theta
    spot = canvas.edge(*edge, 0.3)
    canvas.drag(spot, spot - QPoint(0, 60))
    assert canvas.network.theta is theta


@pytest.mark.parametrize("is_running", [False, True])
def test_escape_takes_a_drag_back(canvas: Driver, qtbot: QtBot, is_running: bool) -> None:
    edge, spot = selected_edge(canvas)
    if is_running:
        canvas.session.start()
        qtbot.waitUntil(lambda: canvas.session.shown_epoch > 2, timeout=10000)
    steps = stack(canvas).count()
    canvas.press(spot)
    canvas.hover(spot - QPoint(0, 12))
    (slot,) = canvas.session.held_slots
    old = weight(canvas, edge) - 0.12
    canvas.hover(spot - QPoint(0, 50))
    assert weight(canvas, edge) == pytest.approx(old + 0.5, abs=1e-6)
    canvas.key(Qt.Key.Key_Escape)
    assert canvas.session.held_slots == frozenset()
    assert not canvas.view.values.what_if.card.isVisible()
    if is_running:
        assert canvas.session.is_running
        canvas.session.pause()
        assert abs(weight(canvas, edge) - old) < 0.5
        assert slot == canvas.network.topology.edge_slot(*edge)
    else:
        assert weight(canvas, edge) == pytest.approx(old)
        assert stack(canvas).count() == steps
        assert not stack(canvas).canRedo()
    canvas.release(spot - QPoint(0, 50))


def test_all_selected_edges_move_along(canvas: Driver) -> None:
    edge, spot = selected_edge(canvas)
    other = tuple(int(v) for v in canvas.network.topology.edges[-1])
    canvas.click(canvas.edge(*other, 0.4), CTRL)
    old = weight(canvas, edge), weight(canvas, other)
    canvas.drag(spot, spot + QPoint(0, 50))
    assert weight(canvas, edge) == pytest.approx(old[0] - 0.5)
    assert weight(canvas, other) == pytest.approx(old[1] - 0.5)
    assert stack(canvas).count() == 1


def test_a_click_on_one_of_several_selected_edges_selects_just_it(canvas: Driver) -> None:
    edge, spot = selected_edge(canvas)
    other = tuple(int(v) for v in canvas.network.topology.edges[-1])
    canvas.click(canvas.edge(*other, 0.4), SHIFT)
    assert canvas.session.selection.edges == {edge, other}
    canvas.click(spot)
    assert canvas.session.selection.edges == {edge}
    canvas.click(spot, CTRL)
    assert not canvas.session.selection.edges


def test_a_bias_dot_is_dragged_and_a_click_on_it_selects(canvas: Driver) -> None:
    one = canvas.network.topology.hidden_ids[1]
    spot = bias_dot(canvas, one)
    old = canvas.network.neuron(one).bias
    canvas.hover(spot)
    assert canvas.view.viewport().cursor().shape() == Qt.CursorShape.SizeVerCursor
    canvas.click(spot)
    assert canvas.session.selection.neurons == {one}
    positions = dict(canvas.session.positions)
    canvas.press(spot)
    canvas.hover(spot - QPoint(0, 40))
    assert canvas.session.hovered == one, "its map stays in sight"
    assert canvas.view.values.what_if.card.text.title.startswith("Bias of")
    canvas.release(spot - QPoint(0, 40))
    assert canvas.network.neuron(one).bias == pytest.approx(old + 0.4)
    assert dict(canvas.session.positions) == positions
    assert stack(canvas).count() == 1


# ---------------------------------------------------------------------- the wheel
def test_alt_and_wheel_changes_what_is_under_the_pointer(canvas: Driver, qtbot: QtBot) -> None:
    edge = tuple(int(v) for v in canvas.network.topology.edges[0])
    spot = canvas.edge(*edge, 0.3)
    old, scale = weight(canvas, edge), canvas.view.navigation.scale
    canvas.hover(spot)
    for _ in range(3):
        canvas.wheel(spot, 1, ALT)
    assert weight(canvas, edge) == pytest.approx(old + 0.15)
    canvas.wheel(spot, -1, ALT | SHIFT)
    assert weight(canvas, edge) == pytest.approx(old + 0.145)
    assert canvas.view.navigation.scale == scale
    assert canvas.view.values.what_if.card.isVisible()
    assert stack(canvas).count() == 1
    qtbot.waitUntil(lambda: not canvas.view.values.what_if.card.isVisible(), timeout=3000)
    assert canvas.session.held_slots == frozenset()
    canvas.wheel(spot, 1, ALT)
    assert stack(canvas).count() == 2, "after a rest it is another step"
    canvas.view.values.wheel.end()


def test_plain_wheel_zooms_unless_the_edge_is_selected(canvas: Driver) -> None:
    edge = tuple(int(v) for v in canvas.network.topology.edges[0])
    spot = canvas.edge(*edge, 0.3)
    theta, scale = canvas.network.theta, canvas.view.navigation.scale
    canvas.wheel(spot, 1)
    assert canvas.view.navigation.scale > scale
    assert canvas.network.theta is theta
    canvas.view.fit()
    spot = canvas.edge(*edge, 0.3)
    canvas.click(spot)
    old, scale = weight(canvas, edge), canvas.view.navigation.scale
    canvas.wheel(spot, 2)
    assert weight(canvas, edge) == pytest.approx(old + 0.1)
    assert canvas.view.navigation.scale == scale
    canvas.wheel(spot, 1, CTRL)
    assert canvas.view.navigation.scale > scale, "with Ctrl it always zooms"
    assert canvas.session.held_slots == frozenset()


def test_escape_takes_the_wheel_back(canvas: Driver) -> None:
    edge, spot = selected_edge(canvas)
    old = weight(canvas, edge)
    canvas.wheel(spot, 3)
    canvas.key(Qt.Key.Key_Escape)
    assert weight(canvas, edge) == old
    assert stack(canvas).count() == 0
    assert canvas.session.selection.edges == {edge}, "the selection stays for the next Esc"
    canvas.key(Qt.Key.Key_Escape)
    assert not canvas.session.selection.edges


def test_alt_and_wheel_on_a_bias_dot(canvas: Driver) -> None:
    one = canvas.network.topology.output_ids[0]
    old = canvas.network.neuron(one).bias
    canvas.wheel(bias_dot(canvas, one), -2, ALT)
    assert canvas.network.neuron(one).bias == pytest.approx(old - 0.1)
    canvas.view.values.wheel.end()


# ---------------------------------------------------------------------- typing
@pytest.mark.parametrize(
    ("text", "value"), [("1.5", 1.5), ("-0,25", -0.25), ("1/8", 0.125), ("2e-1", 0.2)]
)
def test_double_click_on_an_edge_types_its_weight(canvas: Driver, text: str, value: float) -> None:
    edge = tuple(int(v) for v in canvas.network.topology.edges[0])
    spot = canvas.edge(*edge, 0.3)
    canvas.double_click(spot)
    field = canvas.view.values.field
    assert field.isVisible()
    assert field.hasFocus()
    assert field.geometry().adjusted(-20, -20, 20, 20).contains(spot)
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert not field.isVisible()
    assert weight(canvas, edge) == value
    assert stack(canvas).count() == 1
    assert canvas.view.hasFocus()


def test_double_click_on_a_bias_types_it(canvas: Driver) -> None:
    one = canvas.network.topology.hidden_ids[0]
    canvas.double_click(bias_dot(canvas, one))
    field = canvas.view.values.field
    assert "Bias" in field.accessibleName()
    QTest.keyClicks(field, "3/4")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert canvas.network.neuron(one).bias == 0.75


def test_escape_in_the_field_changes_nothing(canvas: Driver) -> None:
    edge, spot = selected_edge(canvas)
    theta = canvas.network.theta
    canvas.double_click(spot)
    field = canvas.view.values.field
    QTest.keyClicks(field, "9")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert not field.isVisible()
    assert canvas.network.theta is theta
    assert canvas.view.hasFocus()
    assert canvas.session.selection.edges == {edge}


def test_nonsense_is_refused_and_the_field_stays(canvas: Driver) -> None:
    _edge, spot = selected_edge(canvas)
    canvas.double_click(spot)
    field = canvas.view.values.field
    QTest.keyClicks(field, "many")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert field.isVisible()
    assert field.property("invalid")
    tip = next(w for w in QGuiApplication.topLevelWindows() if "tooltip" in w.objectName())
    assert tip.isVisible()
    assert "“many” is not a number" in field.toolTip()
    here = QRect(field.mapToGlobal(QPoint(0, 0)), field.size())
    here.adjust(0, -16, 0, 0)  # on a desktop the tip is that much taller than off screen
    assert not tip.geometry().intersects(here), "over the pointer it would go away at once"
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert stack(canvas).count() == 0


def test_a_click_elsewhere_takes_what_is_typed(canvas: Driver) -> None:
    edge, spot = selected_edge(canvas)
    canvas.double_click(spot)
    QTest.keyClicks(canvas.view.values.field, "0.5")
    canvas.click(canvas.empty())
    assert not canvas.view.values.field.isVisible()
    assert weight(canvas, edge) == 0.5


def test_a_key_opens_the_field_of_what_is_selected(canvas: Driver) -> None:
    edge, _ = selected_edge(canvas)
    canvas.key(Qt.Key.Key_Return, SHIFT)
    field = canvas.view.values.field
    assert field.isVisible()
    QTest.keyClicks(field, "0,125")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert weight(canvas, edge) == 0.125
    canvas.session.select([canvas.network.topology.input_ids[0]])
    canvas.key(Qt.Key.Key_Return, SHIFT)
    assert not field.isVisible()
    assert "bias" in canvas.notices[-1]


def test_the_field_goes_when_its_edge_goes(canvas: Driver) -> None:
    edge, spot = selected_edge(canvas)
    canvas.double_click(spot)
    QTest.keyClicks(canvas.view.values.field, "7")
    canvas.session.remove((), [edge])
    assert not canvas.view.values.field.isVisible()
    assert stack(canvas).count() == 1


def test_what_could_be_redone_can_be_redone_after_esc(canvas: Driver) -> None:
    edge, spot = selected_edge(canvas)
    canvas.session.set_weight(*edge, 1.5)
    canvas.session.add_to_level(1)
    end = canvas.session.document
    canvas.session.undo()
    canvas.session.undo()
    start = canvas.session.document
    canvas.press(spot)
    canvas.hover(spot - QPoint(0, 30))
    assert not stack(canvas).canRedo()
    canvas.key(Qt.Key.Key_Escape)
    canvas.release(spot)
    assert same_document(canvas.session.document, start)
    assert canvas.session.selection.edges == {edge}
    assert [stack(canvas).text(i) for i in range(stack(canvas).count())] == [
        "Set a weight",
        "Add a neuron to a layer",
    ]
    canvas.session.redo()
    assert weight(canvas, edge) == 1.5
    canvas.session.redo()
    assert same_document(canvas.session.document, end)
