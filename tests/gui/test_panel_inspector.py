"""The inspector with real mouse and keys: values, undo, live numbers, fields that are left alone."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from gui.panel_driver import LEFT, Bench, knob_x
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip  # noqa: TID251
from pytestqt.qtbot import QtBot

from nnplay.core.network import Network
from nnplay.core.reference import evaluate
from nnplay.core.targets import encode_targets
from nnplay.core.trace import explain
from nnplay.document import Document
from nnplay.gui.header import shape_text
from nnplay.gui.panels.inspector import InspectorPanel
from nnplay.gui.panels.parameter_row import ParameterRow
from nnplay.gui.panels.weights_model import LOCKED, ON, SOURCE, WEIGHT
from nnplay.setup import new_document

Inspector = Bench[InspectorPanel]


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Inspector]:
    """The default network 2-4-2-1 on the circle."""
    made = Bench(qtbot, tmp_path, InspectorPanel)
    yield made
    made.close()


@pytest.fixture
def open_document(qtbot: QtBot, tmp_path: Path) -> Iterator[object]:
    made: list[Inspector] = []

    def make(document: Document) -> Inspector:
        made.append(Bench(qtbot, tmp_path, InspectorPanel, document))
        return made[-1]

    yield make
    for each in made:
        each.close()


def pick(bench: Inspector, neuron_id: int) -> None:
    bench.session.select([neuron_id])


def rows(bench: Inspector) -> list[ParameterRow]:
    return bench.panel.neuron_page.weights.rows


def hidden(bench: Inspector) -> int:
    return bench.network.topology.hidden_ids[1]


# ---------------------------------------------------------------------- numbers typed
def test_a_fraction_typed_into_a_weight_is_one_undo_step(bench: Inspector) -> None:
    pick(bench, hidden(bench))
    source, slot = bench.network.topology.incoming(hidden(bench))[0]
    before = float(bench.network.theta[slot])
    field = rows(bench)[0].field
    assert field.text() == f"{before:.3f}"
    bench.type_into(field, "1/4")
    assert bench.network.edge(source, hidden(bench)).weight == 0.25
    assert field.text() == "0.250"
    assert rows(bench)[0].slider.number() == 0.25
    assert bench.undo_count == 1
    bench.session.undo()
    assert bench.network.theta[slot] == before
    bench.qtbot.waitUntil(lambda: field.text() == f"{before:.3f}")
    bench.session.redo()
    assert bench.network.theta[slot] == 0.25


def test_decimal_comma_and_leaving_the_field_commit(bench: Inspector) -> None:
    pick(bench, hidden(bench))
    field = rows(bench)[1].field
    bench.type_into(field, "-0,5", finish=False)
    assert bench.undo_count == 0
    rows(bench)[0].field.setFocus()
    assert bench.network.theta[rows(bench)[1].slot] == -0.5
    assert bench.undo_count == 1


@pytest.mark.parametrize("text", ["abc", "1/0", "", "1e400", "__import__('os')"])
def test_nonsense_changes_nothing_and_says_why(bench: Inspector, text: str) -> None:
    pick(bench, hidden(bench))
    before = bench.network.theta
    field = rows(bench)[0].field
    bench.type_into(field, text, finish=False)
    if not text:
        QTest.keyClick(field, Qt.Key.Key_Delete)
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert bench.network.theta is before
    assert field.property("invalid")
    assert field.toolTip().endswith("1/4.")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert not field.property("invalid")
    assert field.text() == f"{before[rows(bench)[0].slot]:.3f}"
    assert bench.undo_count == 0


def test_a_weight_left_with_nonsense_is_shown_again_and_said_beside_the_next_row(
    bench: Inspector,
) -> None:
    pick(bench, hidden(bench))
    first, second = rows(bench)[0].field, rows(bench)[1].field
    shown = first.text()
    bench.type_into(first, "abc", finish=False)
    bench.click(second)
    assert first.text() == shown
    assert not first.property("invalid")
    bench.qtbot.waitUntil(QToolTip.isVisible)
    assert (
        QToolTip.text()
        == f"“abc” is not a number. Write for example 0.03, 0,03 or 1/4. It is {shown} again."
    )
    (tip,) = [w for w in QApplication.topLevelWidgets() if w.inherits("QTipLabel")]
    next_row = QRect(second.mapToGlobal(QPoint()), second.size())
    assert not tip.geometry().intersects(next_row)
    QToolTip.hideText()
    assert bench.undo_count == 0


@pytest.mark.parametrize("text", ["3/8", "0,375"])
def test_the_bias_of_an_output_is_there_and_editable(bench: Inspector, text: str) -> None:
    output = bench.network.topology.output_ids[0]
    pick(bench, output)
    page = bench.panel.neuron_page
    assert bench.panel.page() is page
    assert page.bias.isVisible()
    bench.type_into(page.bias.field, text)
    assert bench.network.neuron(output).bias == 0.375
    assert bench.undo_count == 1
    assert page.formula.formula is not None
    bench.qtbot.waitUntil(lambda: page.formula.formula.bias == 0.375)


# ---------------------------------------------------------------------- sliders
def test_one_drag_is_one_undo_step_and_two_drags_are_two(bench: Inspector) -> None:
    pick(bench, hidden(bench))
    slider, slot = rows(bench)[0].slider, rows(bench)[0].slot
    start = float(bench.network.theta[slot])
    seen = []
    bench.session.network_changed.connect(lambda _, after: seen.append(after.theta[slot]))
    bench.drag(slider, knob_x(slider), knob_x(slider) + 20)
    assert len(seen) > 3, "the network follows while the knob moves"
    assert bench.undo_count == 1
    middle = float(bench.network.theta[slot])
    assert middle > start
    bench.drag(slider, knob_x(slider), knob_x(slider) - 30)
    assert bench.undo_count == 2
    bench.session.undo()
    assert bench.network.theta[slot] == middle
    bench.session.undo()
    assert bench.network.theta[slot] == start


def test_bias_slider_and_keys(bench: Inspector) -> None:
    pick(bench, hidden(bench))
    bias = bench.panel.neuron_page.bias
    bench.drag(bias.slider, knob_x(bias.slider), knob_x(bias.slider) - 25)
    value = bench.network.neuron(hidden(bench)).bias
    assert value is not None
    assert value < 0.0
    assert bias.field.text().startswith("-")
    bias.slider.setFocus()
    for _ in range(3):
        QTest.keyClick(bias.slider, Qt.Key.Key_Right)
    assert bench.undo_count == 2, "quick presses of a key are one step of their own"
    assert bench.network.neuron(hidden(bench)).bias == pytest.approx(value + 3 * 0.04)


def test_a_held_knob_stays_in_the_hand_while_training(bench: Inspector) -> None:
    pick(bench, hidden(bench))
    row = rows(bench)[0]
    slot = row.slot
    bench.session.start()
    bench.qtbot.waitUntil(lambda: bench.session.shown_step > 50, timeout=5000)
    bench.drag(row.slider, knob_x(row.slider), row.slider.width() - 12, release=False)
    held = row.slider.number()
    assert held > 1.0
    step = bench.session.shown_step
    bench.qtbot.waitUntil(lambda: bench.session.shown_step > step + 100, timeout=5000)
    assert bench.network.theta[slot] == held, "training moved a weight out of the hand"
    assert row.slider.number() == held
    QTest.mouseRelease(row.slider, LEFT, pos=QPoint(row.slider.width() - 12, 10))
    step = bench.session.shown_step
    bench.qtbot.waitUntil(lambda: bench.network.theta[slot] != held, timeout=5000)
    bench.session.pause()
    texts = [bench.session.undo_stack.text(i) for i in range(bench.undo_count)]
    assert [text.split()[0] for text in texts] == ["Train", "Set", "Train"]


def test_selecting_another_neuron_lets_go_of_a_held_knob(bench: Inspector) -> None:
    pick(bench, hidden(bench))
    row = rows(bench)[0]
    slot = row.slot
    bench.session.start()
    bench.drag(row.slider, knob_x(row.slider), knob_x(row.slider) + 10, release=False)
    pick(bench, bench.network.topology.hidden_ids[0])
    value = bench.network.theta[slot]
    bench.qtbot.waitUntil(lambda: bench.network.theta[slot] != value, timeout=5000)
    bench.session.pause()


# ---------------------------------------------------------------------- live numbers
def test_a_text_being_typed_is_never_overwritten_by_training(bench: Inspector) -> None:
    pick(bench, hidden(bench))
    first, second = rows(bench)[0], rows(bench)[1]
    bench.session.start()
    bench.type_into(first.field, "0.12", finish=False)
    other = second.field.text()
    bench.qtbot.waitUntil(lambda: second.field.text() != other, timeout=5000)
    step = bench.session.shown_step
    bench.qtbot.waitUntil(lambda: bench.session.shown_step > step + 200, timeout=5000)
    assert first.field.text() == "0.12"
    QTest.keyClicks(first.field, "5")
    QTest.keyClick(first.field, Qt.Key.Key_Return)
    bench.session.pause()
    texts = [bench.session.undo_stack.text(i) for i in range(bench.undo_count)]
    assert "Set a weight" in texts


def train_until(bench: Inspector, condition: Callable[[], bool]) -> None:
    bench.qtbot.waitUntil(condition, timeout=5000)
    step = bench.session.shown_step
    bench.qtbot.waitUntil(lambda: bench.session.shown_step > step + 200, timeout=5000)


def test_typing_over_everything_selected_replaces_it_while_training(bench: Inspector) -> None:
    pick(bench, hidden(bench))
    field, source = rows(bench)[0].field, rows(bench)[0].source
    bench.session.start()
    bench.click(field)
    QTest.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    selected = field.text()
    train_until(bench, lambda: field.text() != selected)  # all of it selected: it may change
    assert field.selectedText() == field.text()
    QTest.keyClicks(field, "-1/4")
    assert field.text() == "-1/4"
    bench.session.pause()
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert bench.network.edge(source, hidden(bench)).weight == -0.25


@pytest.mark.parametrize("end", [Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_Tab])
def test_a_cursor_in_a_number_holds_it_until_it_is_let_go(bench: Inspector, end: Qt.Key) -> None:
    pick(bench, hidden(bench))
    first, second = rows(bench)[0], rows(bench)[1]
    bench.session.start()
    bench.click(first.field)
    QTest.keyClick(first.field, Qt.Key.Key_Home)
    QTest.keyClick(first.field, Qt.Key.Key_Right)
    held, other = first.field.text(), second.field.text()
    train_until(bench, lambda: second.field.text() != other)
    assert (first.field.text(), first.field.cursorPosition()) == (held, 1)
    edits = bench.undo_count
    QTest.keyClick(first.field, end)
    assert bench.undo_count == edits  # looking is no edit
    bench.session.pause()
    shown = f"{bench.network.theta[first.slot]:.3f}"
    assert shown != held
    bench.qtbot.waitUntil(lambda: first.field.text() == shown, timeout=5000)


def test_a_number_is_held_while_the_mouse_selects_in_it(bench: Inspector) -> None:
    pick(bench, hidden(bench))
    first, second = rows(bench)[0], rows(bench)[1]
    bench.session.start()
    QTest.mousePress(first.field, LEFT, pos=QPoint(first.field.width() - 4, 10))
    QTest.mouseMove(first.field, QPoint(1, 10))
    held, other = first.field.text(), second.field.text()
    assert first.field.selectedText() == held
    train_until(bench, lambda: second.field.text() != other)
    assert first.field.text() == held
    QTest.mouseRelease(first.field, LEFT, pos=QPoint(1, 10))
    train_until(bench, lambda: first.field.text() != held)
    assert first.field.selectedText() == first.field.text()


def test_undo_with_the_cursor_in_a_field_shows_the_number_of_before(bench: Inspector) -> None:
    pick(bench, hidden(bench))
    field = rows(bench)[0].field
    before = field.text()
    bench.type_into(field, "1/4")
    bench.click(field)
    QTest.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    bench.session.undo()  # what the window does with a key the field leaves alone
    bench.qtbot.waitUntil(lambda: field.text() == before)


def test_formula_and_gradient_are_the_reference_numbers_and_follow_training(
    bench: Inspector,
) -> None:
    neuron = hidden(bench)
    pick(bench, neuron)
    for round_ in range(2):
        network, probe, prepared = bench.network, bench.session.probe, bench.session.prepared
        assert prepared is not None
        values = evaluate(network, prepared.input_matrix(network, np.array([probe.raw])))
        row = network.topology.row(neuron)
        formula = bench.panel.neuron_page.formula.formula
        assert formula is not None
        assert formula.z == pytest.approx(values.z[row, 0], abs=1e-12)
        assert formula.a == pytest.approx(values.a[row, 0], abs=1e-12)
        assert formula.derivative == pytest.approx(1 - values.a[row, 0] ** 2)
        for term in formula.terms:
            assert term.weight == network.theta[term.slot]
        everything = prepared.samples(network, "all")
        target = encode_targets(everything, network, "half_squared")[probe.row]
        trace = explain(network, probe.inputs, target, "half_squared")
        assert formula.delta == pytest.approx(trace.delta[row], abs=1e-12)
        text = bench.panel.neuron_page.formula.text()
        assert f"{abs(formula.z):.6f}" in text
        assert f"{abs(formula.delta):.6f}" in text
        if round_ == 0:
            bench.session.run_epochs(3)
            bench.qtbot.waitUntil(lambda: not bench.session.is_running, timeout=5000)
            bench.qtbot.wait(150)


def test_live_numbers_come_at_a_readable_pace_and_nothing_jumps(bench: Inspector) -> None:
    pick(bench, hidden(bench))
    bench.qtbot.wait(50)  # laid out
    view = bench.panel.neuron_page.formula
    frames, updates = [], []
    height = view.height()
    places = [row.geometry() for row in rows(bench)]
    bench.session.frame_arrived.connect(frames.append)
    original = view.set_formula

    def counted(formula: object) -> None:
        updates.append(formula)
        original(formula)

    view.set_formula = counted
    bench.session.start()
    bench.qtbot.waitUntil(lambda: len(frames) >= 40, timeout=8000)
    bench.session.pause()
    assert 3 <= len(updates) <= len(frames) // 2
    assert view.height() == height
    assert [row.geometry() for row in rows(bench)] == places


def test_a_hidden_inspector_does_no_work_and_is_right_when_shown(bench: Inspector) -> None:
    pick(bench, hidden(bench))
    bench.panel.hide()
    slot = rows(bench)[0].slot
    source = rows(bench)[0].source
    bench.session.set_weight(source, hidden(bench), 1.5)
    assert rows(bench)[0].field.value() != 1.5
    bench.panel.show()
    assert bench.panel.neuron_page.weights.rows[0].field.value() == 1.5
    assert bench.network.theta[slot] == 1.5


# ---------------------------------------------------------------------- header, flags, activation
def test_renaming_on_the_header(bench: Inspector) -> None:
    neuron = hidden(bench)
    pick(bench, neuron)
    name = bench.panel.neuron_page.header.name
    bench.click(name)
    name.selectAll()
    QTest.keyClicks(name, "edge detector")
    bench.session.run_epochs(2)
    bench.qtbot.waitUntil(lambda: not bench.session.is_running, timeout=5000)
    bench.session.set_activation([neuron], "relu")
    assert name.text() == "edge detector"
    QTest.keyClick(name, Qt.Key.Key_Return)
    assert bench.network.label_of(neuron) == "edge detector"
    bench.session.undo()
    bench.qtbot.waitUntil(lambda: name.text() == "h2")
    bench.click(name)
    name.selectAll()
    QTest.keyClicks(name, "nothing")
    QTest.keyClick(name, Qt.Key.Key_Escape)
    assert bench.network.label_of(neuron) == "h2"
    assert name.text() == "h2"


def test_a_name_being_typed_belongs_to_its_neuron(bench: Inspector) -> None:
    first, second = bench.network.topology.hidden_ids[:2]
    pick(bench, first)
    name = bench.panel.neuron_page.header.name
    bench.click(name)
    name.selectAll()
    QTest.keyClicks(name, "left")
    pick(bench, second)
    assert bench.network.label_of(first) == "left"
    assert bench.network.label_of(second) == "h2"
    assert name.text() == "h2"


def test_lock_and_switch_of_a_weight(bench: Inspector) -> None:
    pick(bench, hidden(bench))
    row = rows(bench)[0]
    bench.click(row.lock)
    assert bench.network.frozen[row.slot]
    weight = bench.network.theta[row.slot]
    bench.session.run_epochs(2)
    bench.qtbot.waitUntil(lambda: not bench.session.is_running, timeout=5000)
    assert bench.network.theta[row.slot] == weight
    bench.click(row.switch)
    assert not bench.network.enabled[row.slot]
    assert bench.network.theta[row.slot] == weight
    formula = bench.panel.neuron_page.formula
    bench.qtbot.waitUntil(lambda: formula.formula.terms[0].value == 0.0)
    assert not row.switch.isChecked()
    bench.session.undo()
    bench.qtbot.waitUntil(row.switch.isChecked)


def test_lock_all_and_delete(bench: Inspector) -> None:
    neuron = hidden(bench)
    pick(bench, neuron)
    page = bench.panel.neuron_page
    bench.click(page.lock_all)
    slots = [slot for _, slot in bench.network.topology.incoming(neuron)]
    slots.append(bench.network.topology.bias_slot(neuron))
    assert bench.network.frozen[slots].all()
    assert bench.network.frozen.sum() == len(slots)
    bench.qtbot.waitUntil(lambda: page.lock_all.text() == "Unlock all")
    bench.click(page.lock_all)
    assert not bench.network.frozen.any()
    bench.click(page.delete)
    assert neuron not in bench.network.topology
    bench.qtbot.waitUntil(lambda: bench.panel.page() is bench.panel.network_page)


def test_activation_choice(bench: Inspector) -> None:
    neuron = hidden(bench)
    pick(bench, neuron)
    choice = bench.panel.neuron_page.activation
    assert choice.findText("softmax") < 0, "softmax belongs to outputs"
    bench.choose(choice, "ReLU")
    assert bench.network.activation_of(neuron) == "relu"
    assert bench.undo_count == 1
    bench.qtbot.waitUntil(lambda: bench.panel.neuron_page.header.chip.text() == "ReLU")
    pick(bench, bench.network.topology.output_ids[0])
    assert choice.findText("softmax") >= 0


def test_a_refused_activation_leaves_the_choice_as_it_was(open_document) -> None:
    bench = open_document(new_document("iris")[0])
    pick(bench, bench.network.topology.output_ids[0])
    choice = bench.panel.neuron_page.activation
    bench.choose(choice, "tanh")
    assert [notice.severity for notice in bench.notices] == ["warning"]
    assert choice.value() == "softmax"
    assert bench.undo_count == 0


# ---------------------------------------------------------------------- other selections
def test_nothing_selected_says_what_there_is_and_what_to_click(bench: Inspector) -> None:
    page = bench.panel.network_page
    assert bench.panel.page() is page
    topology = bench.network.topology
    assert page.neurons.text() == str(topology.neuron_count)
    assert page.edges.text() == str(topology.edge_count)
    assert page.parameters.text() == str(topology.parameter_count)
    assert page.heading.text() == "2 – 4 – 2 – 1"
    bench.session.remove(topology.ids.tolist())
    assert page.heading.text() == "An empty network"


def test_header_and_inspector_count_neurons_in_the_same_way(bench: Inspector) -> None:
    network = bench.network
    bench.session.connect(network.topology.input_ids[0], network.topology.output_ids[0])
    assert shape_text(bench.network) == "9 neurons, 19 connections"
    page = bench.panel.network_page
    assert (page.neurons.text(), page.edges.text()) == ("9", "19")


def test_pointing_at_a_term_points_at_its_neuron_and_a_click_selects_it(bench: Inspector) -> None:
    pick(bench, hidden(bench))
    view = bench.panel.neuron_page.formula
    source = bench.network.topology.incoming(hidden(bench))[1][0]
    place = QPoint(60, 10 + 2 * 19 + 9)
    bench.qtbot.wait(50)  # laid out
    QTest.mouseMove(view, place - QPoint(0, 19))
    QTest.mouseMove(view, place)
    assert bench.session.hovered == source
    QTest.mouseClick(view, LEFT, pos=place)
    assert bench.session.selection.neurons == {source}
    bench.qtbot.waitUntil(lambda: bench.panel.page() is bench.panel.input_page)


def test_an_input_says_where_its_value_comes_from(open_document) -> None:
    document = new_document("iris")[0]
    bench = open_document(document)
    pick(bench, bench.network.topology.input_ids[2])
    page = bench.panel.input_page
    prepared, probe = bench.session.prepared, bench.session.probe
    assert page.feature.text() == "petal length"
    assert float(page.raw.text()) == probe.raw[2]
    used = float(page.value.text().replace("−", "-"))
    mean, deviation = (
        prepared.raw[prepared.train_rows, 2].mean(),
        prepared.raw[prepared.train_rows, 2].std(),
    )
    assert used == pytest.approx((probe.raw[2] - mean) / deviation, rel=1e-4)
    assert f"{mean:.4g}" in page.scaling.text()
    raw = list(probe.raw)
    raw[2] = 6.5
    bench.session.set_probe(raw)
    bench.qtbot.waitUntil(lambda: page.raw.text() == "6.5")
    assert page.probe_place.text() == "free point"


def test_a_feature_shows_the_raw_values_it_reads(open_document) -> None:
    bench = open_document(new_document("circle", features=("x1", "x2", "x1*x2"))[0])
    pick(bench, bench.network.topology.input_ids[2])
    x1, x2 = bench.session.probe.raw
    lines = bench.panel.input_page.raw.text().replace("−", "-").splitlines()
    assert [line.split(" = ")[0] for line in lines] == ["x₁", "x₂"]
    assert [float(line.split(" = ")[1]) for line in lines] == pytest.approx([x1, x2], rel=1e-4)
    value = float(bench.panel.input_page.value.text().replace("−", "-"))
    assert value == pytest.approx(x1 * x2, rel=1e-4)


def test_one_connection(bench: Inspector) -> None:
    source, target = (int(i) for i in bench.network.topology.edges[5])
    bench.session.select([], [(source, target)])
    page = bench.panel.edge_page
    assert bench.panel.page() is page
    bench.type_into(page.weight.field, "-3/4")
    assert bench.network.edge(source, target).weight == -0.75
    probe, topology = bench.session.probe, bench.network.topology
    a = probe.activations[topology.row(source)]
    bench.qtbot.waitUntil(
        lambda: (
            float(page.contribution.text().replace("−", "-")) == pytest.approx(-0.75 * a, abs=1e-6)
        )
    )
    delta = probe.delta[topology.row(target)]
    assert float(page.gradient.text().replace("−", "-")) == pytest.approx(delta * a, abs=1e-6)
    slider = page.weight.slider
    bench.drag(slider, knob_x(slider), knob_x(slider) + 30)
    assert bench.undo_count == 2
    bench.click(page.weight.lock)
    bench.click(page.weight.switch)
    edge = bench.network.edge(source, target)
    assert (edge.frozen, edge.enabled) == (True, False)
    bench.click(page.target)
    assert bench.session.selection.neurons == {target}
    bench.session.select([], [(source, target)])
    bench.click(page.delete)
    assert not bench.network.topology.has_edge(source, target)


def test_several_neurons_and_connections(bench: Inspector) -> None:
    topology = bench.network.topology
    chosen = [topology.input_ids[0], *topology.hidden_ids[:3]]
    edges = [tuple(int(i) for i in pair) for pair in topology.edges[:2]]
    bench.session.select(chosen, edges)
    page = bench.panel.several_page
    assert bench.panel.page() is page
    assert page.heading.text() == "4 neurons and 2 connections"
    assert page.kinds.text() == "1 input · 3 hidden"
    bench.choose(page.activation, "sigmoid")
    assert [bench.network.activation_of(i) for i in topology.hidden_ids[:4]] == ["sigmoid"] * 3 + [
        "tanh"
    ]
    bench.type_into(page.weight, "1/3")
    assert [bench.network.edge(*edge).weight for edge in edges] == [1 / 3, 1 / 3]
    assert bench.undo_count == 2
    bench.click(page.lock)
    assert bench.network.frozen.sum() == 3 * 2 + 3
    bench.click(page.switch_off)
    assert [bench.network.edge(*edge).enabled for edge in edges] == [False, False]
    bench.click(page.delete)
    assert bench.network.topology.neuron_count == topology.neuron_count - 4


# ---------------------------------------------------------------------- many weights
def test_many_weights_become_a_table_that_edits_too(open_document) -> None:
    bench = open_document(new_document("digits")[0])
    neuron = bench.network.topology.hidden_ids[0]
    pick(bench, neuron)
    assert rows(bench) == []
    table = bench.panel.neuron_page.weights.table
    assert table is not None
    model = table.weights
    assert model.rowCount() == 64
    index = model.index(2, WEIGHT)
    bench.panel.area.ensureWidgetVisible(table)
    place = table.visualRect(index).center()
    QTest.mouseClick(table.viewport(), LEFT, pos=place)
    QTest.mouseDClick(table.viewport(), LEFT, pos=place)
    editor = table.viewport().focusWidget() or table.focusWidget()
    bench.session.run_epochs(1)
    bench.qtbot.waitUntil(lambda: not bench.session.is_running, timeout=15000)
    QTest.keyClicks(editor, "1/4")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    bench.qtbot.wait(20)
    slot = bench.network.topology.incoming(neuron)[2][1]
    assert bench.network.theta[slot] == 0.25
    assert bench.session.undo_stack.undoText() == "Set a weight"
    QTest.mouseClick(table.viewport(), LEFT, pos=table.visualRect(model.index(0, LOCKED)).center())
    QTest.mouseClick(table.viewport(), LEFT, pos=table.visualRect(model.index(1, ON)).center())
    slots = [slot for _, slot in bench.network.topology.incoming(neuron)]
    assert bench.network.frozen[slots[0]]
    assert not bench.network.enabled[slots[1]]
    assert bench.undo_count == 4
    place = table.visualRect(model.index(1, SOURCE)).center()
    QTest.mouseClick(table.viewport(), LEFT, pos=place)
    QTest.mouseDClick(table.viewport(), LEFT, pos=place)
    assert bench.session.selection.neurons == {bench.network.topology.input_ids[1]}


def test_a_bad_number_in_the_table_keeps_the_editor_open(open_document) -> None:
    bench = open_document(new_document("digits")[0])
    pick(bench, bench.network.topology.hidden_ids[0])
    table = bench.panel.neuron_page.weights.table
    assert table is not None
    before = bench.network.theta
    index = table.weights.index(0, WEIGHT)
    table.setCurrentIndex(index)
    table.edit(index)
    editor = table.indexWidget(index)
    assert editor is not None
    editor.setFocus()
    QTest.keyClicks(editor, "a quarter")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert editor.property("invalid")
    assert bench.network.theta is before
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    bench.qtbot.waitUntil(lambda: table.indexWidget(index) is None)
    assert bench.network.theta is before


# ---------------------------------------------------------------------- following edits
def test_the_page_follows_structure(bench: Inspector) -> None:
    neuron = hidden(bench)
    pick(bench, neuron)
    assert len(rows(bench)) == 2
    bench.session.remove((), [(bench.network.topology.input_ids[0], neuron)])
    assert len(rows(bench)) == 1
    assert rows(bench)[0].name.name() == "x₂"
    bench.session.remove((), [(bench.network.topology.input_ids[1], neuron)])
    assert rows(bench) == []
    assert not bench.panel.neuron_page.weights.isVisible()
    bench.session.undo()
    assert len(rows(bench)) == 1


def test_another_document_shows_its_own_network(bench: Inspector) -> None:
    pick(bench, hidden(bench))
    bench.session.new_document(new_document("and-table")[0])
    assert bench.panel.page() is bench.panel.network_page
    network: Network = bench.network
    assert bench.panel.network_page.neurons.text() == str(network.topology.neuron_count)


def test_the_picture_is_a_map_on_the_plane_and_a_tile_elsewhere(
    bench: Inspector, open_document
) -> None:
    pick(bench, hidden(bench))
    tile = bench.panel.neuron_page.header.tile
    bench.qtbot.waitUntil(tile.has_map, timeout=3000)
    other = open_document(new_document("iris")[0])
    pick(other, other.network.topology.hidden_ids[0])
    other.qtbot.wait(100)
    assert not other.panel.neuron_page.header.tile.has_map()
