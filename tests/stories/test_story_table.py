"""The table beside the canvas, the history and the shortcut sheet, in the whole window."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton  # noqa: TID251
from stories.person import CTRL, NONE, SHIFT, Person

from nnplay.gui.actions import SPECS
from nnplay.gui.canvas.keys import CANVAS_KEYS, TOOL_KEYS
from nnplay.gui.dialogs.shortcuts import ShortcutsDialog
from nnplay.gui.widgets import NumberField

Key = Qt.Key


def focus_is_inside(widget: object) -> bool:
    focus = QApplication.focusWidget()
    return focus is widget or (focus is not None and widget.isAncestorOf(focus))  # type: ignore[attr-defined]


def test_the_table_comes_and_goes_with_one_key(person: Person) -> None:
    view, bench = person.window.views.table_view, person.window.workbench
    action = person.window.actions_table["show_table"]
    person.key(Key.Key_T, CTRL)
    assert bench.shows_table
    assert action.isChecked()
    assert focus_is_inside(view)
    person.key(Key.Key_Escape)
    assert person.canvas.hasFocus()
    assert bench.shows_table, "Esc only gives the keyboard back"
    person.key(Key.Key_T, CTRL)
    assert focus_is_inside(view), "it is in sight already: the keyboard goes there"
    person.key(Key.Key_T, CTRL)
    assert not bench.shows_table
    assert not action.isChecked()
    assert person.canvas.hasFocus()
    person.window.show_part("bottom")
    person.choose_from_menu("View", "Plots")
    assert bench.part("bottom").isHidden()
    person.key(Key.Key_T, CTRL)
    assert bench.shows_table
    assert bench.part("bottom").isVisible()


def test_the_cross_closes_the_table_wherever_the_keyboard_is(person: Person) -> None:
    bench = person.window.workbench
    person.key(Key.Key_T, CTRL)
    person.key(Key.Key_Escape)
    assert person.canvas.hasFocus()
    buttons = bench.cards["table"].findChildren(QToolButton)
    cross = next(b for b in buttons if b.toolTip() == "Show the plots again")
    QTest.mouseClick(cross, Qt.MouseButton.LeftButton)
    assert not bench.shows_table
    assert not person.window.actions_table["show_table"].isChecked()
    assert person.canvas.hasFocus()


def test_canvas_and_table_show_the_same(person: Person) -> None:
    person.key(Key.Key_T, CTRL)
    table = person.window.views.table_view.neurons
    three = person.network.topology.ids.tolist()[4]
    person.click(person.neuron(three))
    assert table.selected_places().tolist() == [4]
    place = table.visualRect(table.table.index(2, 0)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, NONE, place)
    QApplication.processEvents()
    ids = person.network.topology.ids.tolist()
    assert person.session.selection.neurons == {ids[2]}
    row = person.window.views.layers.rows[0]
    assert row.property("chosen") == "some"


def test_the_history_opens_at_the_present_step(person: Person) -> None:
    for rate in range(1, 31):
        person.session.set_training(learning_rate=rate / 100)
    QApplication.processEvents()
    person.key(Key.Key_H, CTRL)
    steps = person.window.views.history.list
    person.qtbot.waitUntil(
        lambda: steps.viewport().rect().contains(steps.visualRect(steps.currentIndex()))
    )
    assert steps.currentIndex().row() == person.session.undo_stack.count()


def test_copying_in_the_table_copies_cells(person: Person) -> None:
    person.key(Key.Key_T, CTRL)
    view = person.window.views.table_view
    view.show_table(1)
    view.edges.setFocus()
    view.edges.setCurrentIndex(view.edges.table.index(3, 2))
    person.key(Key.Key_C, CTRL)
    assert QGuiApplication.clipboard().text() == repr(float(person.network.theta[3]))
    QGuiApplication.clipboard().setText("0,5")
    person.key(Key.Key_V, CTRL)
    assert person.network.theta[3] == 0.5
    person.key(Key.Key_Z, CTRL)
    assert person.network.theta[3] != 0.5


def test_space_trains_from_the_table_too(person: Person) -> None:
    person.key(Key.Key_T, CTRL)
    person.key(Key.Key_Space)
    assert person.session.is_running
    person.key(Key.Key_Space)
    assert not person.session.is_running


def test_the_history_by_its_key(person: Person) -> None:
    person.session.set_bias(2, 0.5)
    person.session.set_bias(3, 0.5)
    person.key(Key.Key_H, CTRL)
    history = person.window.views.history
    assert history.isVisible()
    assert history.list.hasFocus()
    person.key(Key.Key_Home)
    person.key(Key.Key_Return)
    assert person.session.undo_stack.index() == 0


def test_question_mark_shows_the_sheet_with_the_canvas_keys(person: Person) -> None:
    seen: list[str] = []

    def look(dialog: object) -> None:
        assert isinstance(dialog, ShortcutsDialog)
        seen.extend(row.accessibleName() for group in dialog.groups for row in group.rows)
        QTest.keyClick(dialog, Key.Key_Escape)

    person.with_dialog(look, ShortcutsDialog)
    person.key("?")
    person.check_dialogs()
    assert "Keyboard shortcuts: ? or F1" in seen
    for row in CANVAS_KEYS:
        assert not row.shown or any(line.startswith(row.words) for line in seen), row.words


def test_no_key_means_two_things(person: Person) -> None:
    """Keys of the window, of actions on the canvas, of tools and of walking are all different."""
    window = [QKeySequence(key).toString() for spec in SPECS for key in spec.keys]
    canvas = [QKeySequence(key).toString() for spec in SPECS for key in spec.canvas_keys]
    walking = [QKeySequence(key).toString() for row in CANVAS_KEYS if row.shown for key in row.keys]
    tools = [QKeySequence(key).toString() for key in TOOL_KEYS]
    keys = [*window, *canvas, *walking, *tools]
    twice = {key for key in keys if key and keys.count(key) > 1}
    assert not twice


def test_return_on_a_connection_leads_to_its_weight(person: Person) -> None:
    person.key(Key.Key_Tab)
    person.key(Key.Key_Right, CTRL | SHIFT)
    (edge,) = person.session.selection.edges
    person.key(Key.Key_Return)
    field = QApplication.focusWidget()
    QTest.keyClicks(field, "0,625")
    person.key(Key.Key_Return)
    assert person.network.edge(*edge).weight == 0.625


def test_return_on_a_neuron_leads_to_its_bias(person: Person) -> None:
    for _ in range(3):
        person.key(Key.Key_Tab)
    (chosen,) = person.session.selection.neurons
    person.key(Key.Key_Return)
    field = QApplication.focusWidget()
    assert isinstance(field, NumberField)
    QTest.keyClicks(field, "0,25")
    person.key(Key.Key_Return)
    assert person.network.neuron(chosen).bias == 0.25
    person.key(Key.Key_4, CTRL)
    assert person.canvas.hasFocus()
    assert person.session.selection.neurons == {chosen}
