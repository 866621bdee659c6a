"""The command search: everything the window can do, by keyboard and mouse."""

import pytest
from gui.dialog_driver import press, type_text
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication  # noqa: TID251
from stories.person import CTRL, SHIFT, Person

from nnplay.core.activations import ACTIVATIONS
from nnplay.examples import EXAMPLES
from nnplay.gui.actions import SPECS
from nnplay.gui.canvas.keys import CANVAS_KEYS
from nnplay.gui.canvas.strips import TOOLS
from nnplay.gui.commands.catalogue import all_commands
from nnplay.gui.commands.popup import CommandSearch
from nnplay.session.selecting import SELECTIONS

Key = Qt.Key


def search(person: Person) -> CommandSearch:
    """Open the search with the keyboard."""
    person.key(Key.Key_K, CTRL)
    found = person.window.findChild(CommandSearch, "command_search")
    assert found is not None
    person.until(lambda: found.field.hasFocus())
    return found


def titles(found: CommandSearch) -> list[str]:
    return [row.command.title for row in found.model.found]


# ---------------------------------------------------------------------- everything is in it
def test_everything_has_a_place_in_the_search(person: Person) -> None:
    keys = {command.key for command in all_commands(person.window)}
    assert {spec.name for spec in SPECS} - {"commands"} <= keys
    assert {f"tool:{name}" for name, *_ in TOOLS} <= keys
    assert {f"activation:{name}" for name in ACTIVATIONS} <= keys
    assert {f"example:{example.name}" for example in EXAMPLES} <= keys
    assert {f"select:{name}" for name in SELECTIONS} <= keys
    assert {f"canvas:{row.words}" for row in CANVAS_KEYS if row.in_search} <= keys
    assert len(keys) == len(all_commands(person.window))


def test_places_and_keys_are_shown(person: Person) -> None:
    by_key = {command.key: command for command in all_commands(person.window)}
    assert by_key["save"].place == "File"
    assert by_key["save"].keys == "Ctrl+S"
    assert by_key["reset"].keys == "Ctrl+R, R"
    assert by_key["undo"].problem == "There is nothing to undo."
    assert by_key["activation:tanh"].problem == "Select a hidden neuron or an output first."


# ---------------------------------------------------------------------- by hand
@pytest.mark.parametrize(("key", "keys"), [(Key.Key_K, CTRL), (Key.Key_P, CTRL | SHIFT)])
def test_open_type_and_run(person: Person, key: Qt.Key, keys: Qt.KeyboardModifier) -> None:
    person.key(key, keys)
    found = person.window.findChild(CommandSearch, "command_search")
    assert found is not None
    assert found.isVisible()
    type_text("light")
    assert titles(found)[0] == "Theme: light"
    press(Key.Key_Return)
    assert not person.window.theme.is_dark
    assert not found.isVisible()
    assert person.canvas.hasFocus(), "the keyboard goes back to where it was"


def test_escape_and_a_click_elsewhere_close_it(person: Person) -> None:
    found = search(person)
    press(Key.Key_Escape)
    assert not found.isVisible()
    person.qtbot.wait(10)
    found = search(person)
    person.click(person.at(-300, -200))
    assert not found.isVisible()
    assert not person.session.undo_stack.count()


def test_arrows_go_round_and_the_mouse_runs(person: Person) -> None:
    found = search(person)
    press(Key.Key_Up)
    assert found.list.currentIndex().row() == found.model.rowCount() - 1
    press(Key.Key_Down)
    assert found.list.currentIndex().row() == 0
    type_text("Tool: Connect")
    place = found.list.visualRect(found.model.index(0)).center()
    QTest.mouseClick(found.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert person.canvas.tool == "connect"


def test_set_an_activation_and_go_to_a_neuron(person: Person) -> None:
    found = search(person)
    type_text("go to neuron h5")
    assert titles(found)[0] == "Go to neuron h5"
    press(Key.Key_Return)
    five = person.network.topology.ids.tolist()[6]
    assert person.session.selection.neurons == {five}
    assert "h₅" in person.canvas.walker.spoken
    person.qtbot.wait(10)
    search(person)
    type_text("softplus")
    press(Key.Key_Return)
    assert person.network.activation_of(five) == "softplus"


def test_what_is_off_says_why_and_stays_open(person: Person) -> None:
    found = search(person)
    type_text("undo")
    row = found.model.found[0].command
    assert (row.title, row.problem) == ("Undo", "There is nothing to undo.")
    press(Key.Key_Return)
    assert found.isVisible()
    assert person.notices[-1].text == "There is nothing to undo."


def test_nothing_found_says_so(person: Person) -> None:
    found = search(person)
    type_text("xqzxq")
    assert found.nothing.isVisible()
    assert "“xqzxq”" in found.nothing.text()
    press(Key.Key_Return)
    assert found.isVisible()


def test_what_was_used_lately_comes_first(person: Person) -> None:
    for words in ("zoom in", "light"):
        search(person)
        type_text(words)
        press(Key.Key_Return)
        person.qtbot.wait(10)
    found = search(person)
    assert titles(found)[:2] == ["Theme: light", "Zoom in"]
    assert found.model.found[0].is_recent
    assert not found.model.found[2].is_recent


def test_a_second_press_closes_and_nothing_is_left(person: Person) -> None:
    search(person)
    person.key(Key.Key_K, CTRL)
    person.qtbot.waitUntil(lambda: person.window.findChild(CommandSearch) is None)
    assert QApplication.focusWidget() is person.canvas
