"""The table view: sorting, filtering, editing, pasting, and a selection shared with the canvas."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from gui.panel_driver import LEFT, Bench
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu  # noqa: TID251
from pytestqt.qtbot import QtBot

from nnplay.gui.table.blocks import BlockError, block_text, number_from, read_block
from nnplay.gui.table.columns import EDGE_COLUMNS, NEURON_COLUMNS, Snapshot, natural_ranks
from nnplay.gui.table.filtering import FilterError, filter_rows
from nnplay.gui.table.panel import TableView
from nnplay.gui.table.view import NetworkTable
from nnplay.gui.widgets import NumberField
from nnplay.gui.widgets.activation_choice import ActivationChoice
from nnplay.setup import new_document

Key = Qt.Key
NONE, CTRL, SHIFT = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
)
Tables = Bench[TableView]


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Tables]:
    made = Bench(qtbot, tmp_path, TableView, size=(1000, 500))
    for widget in made.panel.header_widgets():
        widget.setParent(made.panel)
        widget.show()
    yield made
    made.close()


def column(table: NetworkTable, key: str) -> int:
    return [c.key for c in table.table.COLUMNS].index(key)


def cell(table: NetworkTable, row: int, key: str) -> str:
    return str(table.table.index(row, column(table, key)).data() or "")


def texts(table: NetworkTable, key: str) -> list[str]:
    return [cell(table, row, key) for row in range(table.table.rowCount())]


def middle(table: NetworkTable, row: int, key: str) -> QPoint:
    return table.visualRect(table.table.index(row, column(table, key))).center()


def click(
    table: NetworkTable,
    row: int,
    key: str,
    keys: Qt.KeyboardModifier = NONE,
    *,
    twice: bool = False,
) -> None:
    place = middle(table, row, key)
    QTest.mouseClick(table.viewport(), LEFT, keys, place)
    if twice:
        QTest.mouseDClick(table.viewport(), LEFT, keys, place)


def click_header(table: NetworkTable, key: str) -> None:
    header = table.horizontalHeader()
    x = header.sectionViewportPosition(column(table, key)) + 12
    QTest.mouseClick(header.viewport(), LEFT, NONE, QPoint(x, header.height() // 2))


def press(key: Qt.Key, keys: Qt.KeyboardModifier = NONE) -> None:
    target = QApplication.focusWidget()
    assert target is not None
    QTest.keyClick(target, key, keys)
    settle()  # an editor is closed a moment after Return


def settle() -> None:
    QApplication.processEvents()


# ---------------------------------------------------------------------- what is shown
def test_neurons_with_all_their_numbers(bench: Tables) -> None:
    table, network = bench.panel.neurons, bench.network
    assert table.table.rowCount() == network.topology.neuron_count
    assert texts(table, "name") == ["x₁", "x₂", "h₁", "h₂", "h₃", "h₄", "h₅", "h₆", "y"]
    assert texts(table, "kind")[:3] == ["Input", "Input", "Hidden"]
    assert texts(table, "level") == ["0", "0", "1", "1", "1", "1", "2", "2", "3"]
    assert texts(table, "incoming") == ["0", "0", "2", "2", "2", "2", "4", "4", "2"]
    assert texts(table, "outgoing") == ["4", "4", "2", "2", "2", "2", "1", "1", "0"]
    assert texts(table, "bias")[:2] == ["", ""]
    assert texts(table, "activation") == ["", "", *["tanh"] * 7]
    model = table.table
    shown = [model.number(model.index(row, column(table, "a"))) for row in range(9)]
    assert shown == bench.session.probe.activations.tolist()
    weights = bench.panel.edges
    bench.panel.show_table(1)
    assert texts(weights, "from")[0] == "x₁"
    slot = 5
    source = int(network.topology.edge_rows[slot, 0])
    expected = network.theta[slot] * bench.session.probe.activations[source]
    index = weights.table.index(slot, column(weights, "contribution"))
    assert weights.table.number(index) == expected


def test_headers_sort_up_down_and_back(bench: Tables) -> None:
    bench.panel.show_table(1)
    table, theta = bench.panel.edges, bench.network.theta
    count = bench.network.topology.edge_count
    click_header(table, "weight")
    assert table.table.order.tolist() == np.argsort(theta[:count], kind="stable").tolist()
    click_header(table, "weight")
    assert table.table.order.tolist() == np.argsort(-theta[:count], kind="stable").tolist()
    click_header(table, "weight")
    assert table.table.order.tolist() == list(range(count))


def test_inputs_without_bias_come_last_either_way(bench: Tables) -> None:
    table = bench.panel.neurons
    for _ in range(2):
        click_header(table, "bias")
        assert set(texts(table, "kind")[-2:]) == {"Input"}


def test_sorting_by_the_menu_key(bench: Tables) -> None:
    table = bench.panel.neurons
    click(table, 3, "bias")
    press(Key.Key_F10, SHIFT)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    QTest.keyClick(menu, Key.Key_Down)
    QTest.keyClick(menu, Key.Key_Down)
    QTest.keyClick(menu, Key.Key_Return)
    biases = [float(t.replace("−", "-")) for t in texts(table, "bias") if t]
    assert biases == sorted(biases, reverse=True)


@given(st.lists(st.integers(0, 300), min_size=1, max_size=20))
def test_names_sort_by_their_numbers(numbers: list[int]) -> None:
    words = [f"h{number}" for number in numbers]
    ranks = natural_ranks(words)
    order = sorted(range(len(words)), key=ranks.tolist().__getitem__)
    assert [numbers[i] for i in order] == sorted(numbers)


# ---------------------------------------------------------------------- filter
def kept(bench: Tables, text: str, *, edges: bool = True) -> list[int]:
    columns = EDGE_COLUMNS if edges else NEURON_COLUMNS
    mask = filter_rows(text, columns, Snapshot(bench.network, bench.session.probe))
    assert mask is not None
    return np.flatnonzero(mask).tolist()


def test_filters_mean_what_they_say(bench: Tables) -> None:
    bench.session.set_frozen([3, 4], True)
    bench.session.set_enabled([7], False)
    network = bench.network
    weights = network.theta[: network.topology.edge_count]
    assert kept(bench, "w > 0.1") == np.flatnonzero(weights > 0.1).tolist()
    assert kept(bench, "w>0,1") == kept(bench, "w > 0.1")
    assert kept(bench, "|w| < 0.2") == np.flatnonzero(np.abs(weights) < 0.2).tolist()
    assert kept(bench, "weight >= −0,1 and w<=0.1") == kept(bench, "|w| <= .1")
    assert kept(bench, "locked") == [3, 4]
    assert kept(bench, "off") == [7]
    assert kept(bench, "locked = no off") == [7]
    by_name = [
        slot
        for slot, (s, t) in enumerate(network.topology.edges.tolist())
        if "h1" in (network.label_of(s), network.label_of(t))
    ]
    assert kept(bench, "h1") == by_name == kept(bench, '"h₁"')
    assert kept(bench, "to = y") == [
        s for s, (_, t) in enumerate(network.topology.edges.tolist()) if t == 8
    ]
    assert kept(bench, "in = 4", edges=False) == [6, 7]
    assert kept(bench, "kind = hidden level > 1", edges=False) == [6, 7]
    assert kept(bench, "bias = 0", edges=False) == [
        row
        for row, slot in enumerate(network.topology.bias_slots.tolist())
        if slot >= 0 and network.theta[slot] == 0
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("q > 1", "There is no column “q” here. There are: from, to, w, locked, on, w·a."),
        ("w > abc", "“abc” is no number; write for example w > 0.5."),
        ("w >", "Write a value behind “w >”: w > 0.5."),
        ("> 3", "Write a column in front of “>”: w > 0.5."),
        ("from > 3", "“From” holds words; use = or ≠ with it."),
        ("locked > 3", "“Locked” is yes or no: locked = yes."),
    ],
)
def test_unclear_filters_are_explained(bench: Tables, text: str, sentence: str) -> None:
    with pytest.raises(FilterError) as failure:
        kept(bench, text)
    assert str(failure.value) == sentence


def test_typing_a_filter(bench: Tables, qtbot: QtBot) -> None:
    bench.panel.show_table(1)
    bench.panel.filter.setFocus()
    QTest.keyClicks(bench.panel.filter, "to = y")
    qtbot.waitUntil(lambda: bench.panel.edges.table.rowCount() == 2)
    assert bench.panel.counted.text() == "2 of 18"
    QTest.keyClicks(bench.panel.filter, " foo = 1")
    qtbot.waitUntil(lambda: not bench.panel.note.isHidden())
    assert "no column “foo”" in bench.panel.note.text()
    assert bench.panel.edges.table.rowCount() == 2, "the last clear filter stays"
    bench.panel.show_table(0)
    assert bench.panel.filter.text() == "", "each table has its own"
    bench.panel.show_table(1)
    assert bench.panel.filter.text() == "to = y"
    press(Key.Key_Escape)
    qtbot.waitUntil(lambda: bench.panel.edges.table.rowCount() == 18)
    press(Key.Key_Down)
    assert bench.panel.edges.hasFocus()


# ---------------------------------------------------------------------- selection
def test_selection_goes_both_ways(bench: Tables) -> None:
    table, ids = bench.panel.neurons, bench.network.topology.ids.tolist()
    bench.session.select([ids[3], ids[5]])
    assert table.selected_places().tolist() == [3, 5]
    click(table, 2, "name")
    settle()
    assert bench.session.selection.neurons == {ids[2]}
    click(table, 6, "kind", CTRL)
    settle()
    assert bench.session.selection.neurons == {ids[2], ids[6]}
    bench.panel.clearFocus()
    table.clearFocus()
    edge = tuple(bench.network.topology.edges[4].tolist())
    bench.session.select((), [edge])
    assert bench.panel.current is bench.panel.edges
    assert bench.panel.edges.selected_places().tolist() == [4]
    click(bench.panel.edges, 9, "to")
    settle()
    assert bench.session.selection.edges == {tuple(bench.network.topology.edges[9].tolist())}
    assert not bench.session.selection.neurons


def test_the_selection_survives_sorting_and_filtering(bench: Tables, qtbot: QtBot) -> None:
    table, ids = bench.panel.neurons, bench.network.topology.ids.tolist()
    click(table, 4, "name")
    settle()
    click_header(table, "a")
    assert [int(table.table.order[p]) for p in table.selected_places()] == [4]
    bench.panel.filter.setFocus()
    QTest.keyClicks(bench.panel.filter, "kind = input")
    qtbot.waitUntil(lambda: table.table.rowCount() == 2)
    settle()
    assert bench.session.selection.neurons == {ids[4]}, "hidden rows stay selected"
    bench.panel.filter.clear()
    qtbot.waitUntil(lambda: table.table.rowCount() == 9)
    assert [int(table.table.order[p]) for p in table.selected_places()] == [4]


# ---------------------------------------------------------------------- editing
def test_a_weight_is_typed_with_a_decimal_comma(bench: Tables) -> None:
    bench.panel.show_table(1)
    table = bench.panel.edges
    click(table, 2, "weight", twice=True)
    field = QApplication.focusWidget()
    assert isinstance(field, NumberField)
    field.selectAll()
    QTest.keyClicks(field, "0,75")
    press(Key.Key_Return)
    assert bench.network.theta[2] == 0.75
    assert bench.undo_count == 1
    bench.session.undo()
    assert bench.network.theta[2] != 0.75


def test_rubbish_stays_open_and_changes_nothing(bench: Tables) -> None:
    table = bench.panel.neurons
    click(table, 3, "bias", twice=True)
    field = QApplication.focusWidget()
    assert isinstance(field, NumberField)
    field.selectAll()
    QTest.keyClicks(field, "abc")
    QTest.keyClick(field, Key.Key_Return)
    assert field.isVisible()
    assert bench.undo_count == 0
    press(Key.Key_Escape)


def test_name_activation_and_switches(bench: Tables) -> None:
    table, topology = bench.panel.neurons, bench.network.topology
    click(table, 2, "name")
    press(Key.Key_Return)
    field = QApplication.focusWidget()
    assert isinstance(field, QLineEdit)
    assert field.text() == "h1"
    QTest.keyClicks(field, "edge finder")
    press(Key.Key_Return)
    assert bench.network.labels[2] == "edge finder"
    click(table, 3, "activation", twice=True)
    choice = table.findChild(ActivationChoice)
    assert choice is not None
    bench.choose(choice, "ReLU")
    assert bench.network.activations[3] == "relu"
    click(table, 4, "locked")
    assert bench.network.frozen[topology.bias_slots[4]]
    QTest.keyClick(table, Key.Key_Space)
    assert not bench.network.frozen[topology.bias_slots[4]]
    click(table, 4, "on")
    assert not bench.network.neuron_enabled[4]
    click(table, 5, "dropout", twice=True)
    field = QApplication.focusWidget()
    assert isinstance(field, NumberField)
    field.selectAll()
    QTest.keyClicks(field, "0,5")
    press(Key.Key_Return)
    assert bench.network.dropout[5] == 0.5
    assert bench.undo_count == 6


def test_cells_that_do_not_exist_cannot_be_edited(bench: Tables) -> None:
    table = bench.panel.neurons
    for row, key in ((0, "bias"), (0, "locked"), (0, "activation"), (8, "dropout"), (3, "z")):
        click(table, row, key)
        press(Key.Key_Return)
        assert QApplication.focusWidget() is table, key
    assert bench.undo_count == 0


def test_delete_removes_rows_as_one_step(bench: Tables) -> None:
    bench.panel.show_table(1)
    table, edges = bench.panel.edges, bench.network.topology.edges
    click(table, 1, "from")
    click(table, 4, "to", CTRL)
    settle()
    press(Key.Key_Delete)
    assert bench.network.topology.edges.tolist() == np.delete(edges, [1, 4], axis=0).tolist()
    assert bench.undo_count == 1
    bench.panel.show_table(0)
    settle()
    click(bench.panel.neurons, 3, "name")
    settle()
    press(Key.Key_Delete)
    assert bench.network.topology.neuron_count == 8
    assert bench.panel.neurons.table.rowCount() == 8


def test_training_refreshes_values_but_not_what_is_being_typed(bench: Tables, qtbot: QtBot) -> None:
    bench.panel.show_table(1)
    table = bench.panel.edges
    before = texts(table, "weight")
    click(table, 2, "weight", twice=True)
    field = QApplication.focusWidget()
    assert isinstance(field, NumberField)
    field.selectAll()
    QTest.keyClicks(field, "0,12")
    bench.session.start()
    qtbot.waitUntil(
        lambda: sum(a != b for a, b in zip(before, texts(table, "weight"), strict=True)) > 9,
        timeout=8000,
    )
    assert field.text() == "0,12"
    press(Key.Key_Return)
    assert not field.isVisible()
    bench.session.pause()
    names = [bench.session.undo_stack.text(i) for i in range(bench.undo_count)]
    assert "Set a weight" in names


def test_rows_do_not_move_while_training_but_after_it(bench: Tables, qtbot: QtBot) -> None:
    bench.panel.show_table(1)
    table = bench.panel.edges
    click_header(table, "weight")
    order = table.table.order.tolist()
    bench.session.set_training(learning_rate=0.3)
    bench.session.start()
    qtbot.waitUntil(lambda: bench.session.shown_epoch > 30, timeout=8000)
    assert table.table.order.tolist() == order
    bench.session.pause()
    weights = bench.network.theta[: len(order)]
    settle()
    assert table.table.order.tolist() == np.argsort(weights, kind="stable").tolist() != order


# ---------------------------------------------------------------------- clipboard
def paste(table: NetworkTable, text: str) -> None:
    QGuiApplication.clipboard().setText(text)
    table.setFocus()
    QTest.keyClick(table, Key.Key_V, CTRL)


def test_a_block_from_a_spreadsheet_is_one_step(bench: Tables) -> None:
    bench.panel.show_table(1)
    table, theta = bench.panel.edges, bench.network.theta
    click(table, 3, "weight")
    paste(table, "0,5\n−1,25\n1e-3\n")
    assert bench.network.theta[3:6].tolist() == [0.5, -1.25, 0.001]
    assert bench.undo_count == 1
    assert bench.session.undo_stack.text(0) == "Paste 3 values"
    bench.session.undo()
    assert np.array_equal(bench.network.theta, theta)


def test_a_block_of_several_columns(bench: Tables) -> None:
    table = bench.panel.neurons
    click(table, 2, "bias")
    click(table, 3, "dropout", SHIFT)
    paste(table, "1,5;yes;yes;0,25\n2,5;no;no;0")
    slots = bench.network.topology.bias_slots
    assert bench.network.theta[slots[[2, 3]]].tolist() == [1.5, 2.5]
    assert bench.network.frozen[slots[[2, 3]]].tolist() == [True, False]
    assert bench.network.neuron_enabled[[2, 3]].tolist() == [True, False]
    assert bench.network.dropout[[2, 3]].tolist() == [0.25, 0.0]
    assert bench.undo_count == 1


def test_one_number_fills_the_selected_cells(bench: Tables) -> None:
    bench.panel.show_table(1)
    table = bench.panel.edges
    click(table, 1, "weight")
    click(table, 4, "weight", SHIFT)
    paste(table, "0.125")
    assert bench.network.theta[1:5].tolist() == [0.125] * 4
    assert bench.undo_count == 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("1\nabc", "Row 2 (x₂ → h₁), column Weight: “abc” is no number. Nothing was pasted."),
        ("1\n\n3", "Row 2 (x₂ → h₁), column Weight: there is no number. Nothing was pasted."),
        ("1\nnan", "Row 2 (x₂ → h₁), column Weight: “nan” is no number. Nothing was pasted."),
        ("1;yes\n2", "Row 2 of the block has 1 cell, but row 1 has 2. Nothing was pasted."),
        ("1;x", "Row 1 (x₁ → h₁), column Locked: “x” is neither yes nor no. Nothing was pasted."),
        (
            "1;yes;yes;9",
            "Row 1 (x₁ → h₁), column w·a: this cell cannot be changed. Nothing was pasted.",
        ),
        (
            "1;yes;yes;1;1",
            "The block has 1 row and 5 columns, but from here there is room for 18 rows and "
            "4 columns. Nothing was pasted.",
        ),
        ("", "There is nothing to paste: the clipboard holds no text."),
    ],
)
def test_a_bad_block_is_refused_by_place(bench: Tables, text: str, sentence: str) -> None:
    bench.panel.show_table(1)
    table, before = bench.panel.edges, bench.network
    assert before.topology.edges[:2].tolist() == [[0, 2], [1, 2]]
    click(table, 0, "weight")
    paste(table, text)
    assert bench.notices[-1].text == sentence
    assert bench.network is before
    assert bench.undo_count == 0


def test_a_block_that_does_not_fit_the_selection(bench: Tables) -> None:
    bench.panel.show_table(1)
    table = bench.panel.edges
    click(table, 1, "weight")
    click(table, 3, "weight", SHIFT)
    paste(table, "1\n2")
    assert bench.notices[-1].text == (
        "The block has 2 rows and 1 column, but 3 rows and 1 column are selected. "
        "Nothing was pasted."
    )
    assert bench.undo_count == 0


def test_whole_rows_go_to_a_spreadsheet_and_come_back(bench: Tables) -> None:
    table = bench.panel.neurons
    table.setFocus()
    QTest.keyClick(table, Key.Key_A, CTRL)
    QTest.keyClick(table, Key.Key_C, CTRL)
    text = QGuiApplication.clipboard().text()
    rows = read_block(text)
    assert [len(row) for row in rows] == [len(NEURON_COLUMNS)] * 9
    paste(table, text)
    assert bench.undo_count == 0, "what is the same changes nothing"
    rows[2][column(table, "bias")] = "0,25"
    rows[2][column(table, "activation")] = "ReLU"
    paste(table, block_text(rows))
    assert bench.network.theta[bench.network.topology.bias_slots[2]] == 0.25
    assert bench.network.activations[2] == "relu"
    assert bench.undo_count == 1


words = st.text(
    st.characters(blacklist_characters="\t\n\r;", blacklist_categories=("Cs", "Cc", "Zl", "Zp")),
    max_size=6,
)


@given(st.lists(st.lists(words.map(str.strip), min_size=2, max_size=2), min_size=1, max_size=6))
def test_blocks_survive_the_clipboard(rows: list[list[str]]) -> None:
    rows[-1][0] = "end"  # empty lines at the end are no rows
    assert read_block(block_text(rows)) == rows
    assert read_block(block_text(rows).replace("\n", "\r\n") + "\r\n") == rows


@given(st.floats(allow_nan=False, allow_infinity=False), st.booleans(), st.booleans())
def test_numbers_in_blocks_are_exact(number: float, comma: bool, true_minus: bool) -> None:
    text = repr(number)
    if comma:
        text = text.replace(".", ",")
    if true_minus:
        text = text.replace("-", "−")
    assert number_from(text) == number


@given(words)
def test_what_is_no_number_never_becomes_one(text: str) -> None:
    try:
        value = number_from(text)
    except ValueError:
        return
    assert np.isfinite(value)
    assert any(sign.isdecimal() for sign in text)


@given(st.integers(1, 5), st.integers(1, 5))
def test_rows_of_other_lengths_are_refused(first: int, second: int) -> None:
    text = "\t".join("1" * first) + "\n" + "\t".join("1" * second)
    if first == second:
        assert read_block(text) == [["1"] * first] * 2
    elif min(first, second) >= 1:
        with pytest.raises(BlockError, match="Row 2 of the block"):
            read_block(text)


# ---------------------------------------------------------------------- by ear, and large
def test_tables_can_be_heard(bench: Tables) -> None:
    table = bench.panel.neurons
    interface = QAccessible.queryAccessibleInterface(table)
    assert interface.role() == QAccessible.Role.Table
    assert interface.text(QAccessible.Text.Name) == "Neurons"
    model = table.table
    locked = model.index(3, column(table, "locked"))
    assert locked.data(Qt.ItemDataRole.AccessibleTextRole) == "no"
    assert model.headerData(3, Qt.Orientation.Vertical) == "h₂"
    assert model.headerData(0, Qt.Orientation.Horizontal) == "Name"


def test_structure_edits_reach_the_table(bench: Tables) -> None:
    table = bench.panel.neurons
    click(table, 3, "name")
    settle()
    bench.session.add_to_level(1)
    assert table.table.rowCount() == 10
    assert [int(table.table.order[p]) for p in table.selected_places()] == [3]
    bench.session.new_document(new_document("iris")[0])
    assert table.table.rowCount() == bench.network.topology.neuron_count
    bench.session.select([])
    assert not table.selected_places().size
