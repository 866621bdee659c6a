"""The whole path in the window: another shape, turned, arranged, copied, exported, undone."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from stories.conftest import OpenWindow
from stories.person import CTRL, SHIFT, Key, Person

from nnplay.gui.dialogs.mlp import MlpDialog
from nnplay.gui.dialogs.picture import PictureDialog
from nnplay.gui.dialogs.templates import TemplatesDialog
from nnplay.gui.picture_clipboard import SVG_TYPE

ALT = Qt.KeyboardModifier.AltModifier


def come_back(person: Person) -> None:
    """A dialog or menu has closed; what a window manager does then, nobody does without a screen."""
    person.check_dialogs()
    person.window.activateWindow()
    person.until(person.window.isActiveWindow)
    person.canvas.setFocus()


def test_a_teacher_makes_a_network_turns_it_and_takes_a_picture(
    open_window: OpenWindow, tmp_path: Path
) -> None:
    person = open_window()
    actions = person.window.actions_table

    def make(dialog: MlpDialog) -> None:
        QTest.keyClick(dialog.sizes, Key.Key_A, CTRL)
        QTest.keyClicks(dialog.sizes, "2, 5, 3, 1")
        QTest.keyClick(dialog.sizes, Key.Key_Return)

    person.with_dialog(make, MlpDialog)
    person.key(Key.Key_M, CTRL)
    come_back(person)
    assert [len(person.network.level_ids(n)) for n in person.network.hidden_levels] == [5, 3]

    person.choose_from_menu("View", "From top to bottom")
    assert person.session.runs_downwards
    assert actions["downwards"].isChecked()

    # One neuron is put aside by hand, the others are arranged around it.
    neuron = person.network.topology.hidden_ids[0]
    person.drag(
        person.neuron(neuron), person.neuron(neuron) + (person.at(60, 40) - person.at(0, 0))
    )
    place = person.session.positions[neuron]
    assert actions["arrange_others"].isEnabled()
    person.choose_from_menu("Edit", "Arrange the others")
    assert person.session.positions[neuron] == place
    come_back(person)
    person.key(Key.Key_L, CTRL)
    assert person.session.positions[neuron] != place

    person.key(Key.Key_C, CTRL | SHIFT)
    data = QGuiApplication.clipboard().mimeData()
    assert data.hasImage()
    assert SVG_TYPE in data.formats()
    assert "clipboard" in person.notices[-1].text

    def export(dialog: PictureDialog) -> None:
        person.with_file_dialog(tmp_path / "figure.svg")
        person.press(dialog.export_button)

    person.with_dialog(export, PictureDialog)
    person.choose_from_menu("File", "Export picture…")
    come_back(person)
    assert (tmp_path / "figure.svg").read_bytes().startswith(b"<?xml")

    while person.session.undo_stack.canUndo():
        person.key(Key.Key_Z, CTRL)
    assert not person.session.runs_downwards
    assert not actions["downwards"].isChecked()
    assert [len(person.network.level_ids(n)) for n in person.network.hidden_levels] == [4, 2]
    assert not person.sees_errors()


def test_a_template_is_chosen_from_the_menu_and_trains(open_window: OpenWindow) -> None:
    person = open_window()

    def choose(dialog: TemplatesDialog) -> None:
        person.press(dialog.cards["xor"])
        person.press(dialog.use_button)

    person.with_dialog(choose, TemplatesDialog)
    person.choose_from_menu("Edit", "Templates…")
    come_back(person)
    assert person.session.document.title == "XOR by hand"
    person.until(lambda: person.session.losses is not None)
    assert person.session.losses.accuracy_train == 1.0
    person.key(Key.Key_Z, CTRL)
    assert person.session.document.title != "XOR by hand"


def test_reduced_motion_is_a_choice_that_stays(open_window: OpenWindow) -> None:
    person = open_window()
    action = person.window.actions_table["reduce_motion"]
    assert action.isChecked()  # without a screen
    person.choose_from_menu("View", "Reduce motion")
    assert not action.isChecked()
    assert not person.canvas.transition.is_reduced
    person.key(Key.Key_M, CTRL | ALT)
    assert person.canvas.transition.is_reduced
