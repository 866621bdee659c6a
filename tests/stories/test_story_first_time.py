"""What a person runs into in the first hour, in the whole window."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QScrollArea  # noqa: TID251
from stories.person import LEFT, Key, Person

from nnplay.gui.canvas.menu import canvas_menu
from nnplay.gui.canvas.scene import Hit


@pytest.mark.parametrize("text", ["-1", "0"])
def test_a_bad_learning_rate_gets_one_sentence_wherever_it_is_typed(
    person: Person, text: str
) -> None:
    sentences = []
    for field in (person.window.header.rate, person.window.views.training.settings.learning_rate):
        field.refused.connect(sentences.append)
        person.type_into(field, text)
        QTest.keyClick(field, Key.Key_Escape)
    assert sentences == ["The learning rate must be above 0, for example 0.03 or 1/30."] * 2
    assert person.session.training.learning_rate == 0.03


def test_divergence_leaves_a_window_that_can_go_on(person: Person) -> None:
    window = person.window
    window.files.show_example("single-neuron")
    person.session.set_data(source="reg-plane")
    person.type_into(window.views.training.settings.learning_rate, "10")
    window.focus_canvas()
    start = person.network.theta
    person.key(Key.Key_Space)
    person.until(lambda: person.session.run_state.kind == "diverged")
    person.until(lambda: window.views.status.texts()[:2] == ("Diverged", "epoch 0"))
    assert (person.network.theta == start).all()
    assert person.session.losses.loss_train < 100
    toast = window.views.toast
    assert "The weights of epoch 0, step 0 are back." in toast.text()
    person.press(toast._button)
    assert person.session.training.learning_rate == 1
    person.until(lambda: window.views.status.texts()[0] == "Ready")


def test_a_table_of_ones_own_is_shown_with_what_was_left_out(
    person: Person, tmp_path: Path
) -> None:
    views = person.window.views
    place = tmp_path / "plants.csv"
    place.write_text(
        "id,date,width,kind\n"
        + "".join(
            f"{i + 1},2024-{1 + i // 28:02}-{1 + i % 28:02},{'x' if i == 9 else i / 4},{'uv'[i % 2]}\n"
            for i in range(50)
        )
    )
    button = views.data.open_csv
    views.data.findChild(QScrollArea).ensureWidgetVisible(button)
    QTest.mouseMove(button, button.rect().center())
    person.until(button.underMouse)
    pointed = QCursor.pos()
    person.with_file_dialog(place)
    person.press(button)
    person.check_dialogs()
    # The pointer rests, but the button has another place now.
    person.until(lambda: not button.rect().contains(button.mapFromGlobal(pointed)))
    person.until(lambda: not button.underMouse())
    assert views.data.tab() == 1
    assert views.data.tables.tile("table").isVisible()
    assert views.data.tables.tile("table").isChecked()
    assert person.session.document.preparation.features == ("width",)
    toast = views.toast
    assert toast.isVisible()
    assert toast.property("severity") == "warning"
    for words in (
        "Line 11, column “width”: “x” is not a finite number.",
        "1 row with holes or faulty values was left out (line 11).",
        "“date” has 49 different words",
        "“id” only numbers the rows",
    ):
        assert words in toast.text()


def test_the_status_says_how_to_get_these_weights_again(person: Person) -> None:
    status = person.window.views.status
    assert status.texts()[3].endswith("·  seed 0")
    person.choose_from_menu("Train", "New initial weights")
    person.choose_from_menu("Train", "New initial weights")
    person.until(lambda: "·  seed 0, draw 2" in status.texts()[3])
    person.choose_from_menu("Edit", "Undo draw new weights")
    person.until(lambda: "·  seed 0, draw 1" in status.texts()[3])


def test_menus_show_the_keys_of_the_canvas_too(person: Person) -> None:
    actions = person.window.actions_table
    assert actions["delete"].text() == "&Delete\tDel"
    assert actions["toggle_training"].text() == "&Play\tSpace, Ctrl+Return"
    person.key(Key.Key_Space)
    assert actions["toggle_training"].text() == "&Pause\tSpace, Ctrl+Return"
    person.key(Key.Key_Space)
    assert not person.session.is_running


def test_one_word_for_one_thing(person: Person) -> None:
    controls, header = person.window.views.training.controls, person.window.header
    actions = person.window.actions_table
    for _ in range(2):
        words = actions["toggle_training"].iconText()
        assert controls.play.text() == header.play.text() == words
        person.key(Key.Key_Space)
    person.session.pause()
    assert controls.redraw.text() == actions["draw_new_weights"].iconText() == "New initial weights"
    menu = canvas_menu(person.window.views.canvas, Hit(), QPointF())
    words = [action.text().split("\t")[0] for action in menu.actions()]
    assert actions["arrange"].iconText() in words
    menu.deleteLater()


@pytest.mark.parametrize("clicks", [1, 2, 3])
def test_a_number_is_replaced_however_often_its_field_is_clicked(
    person: Person, clicks: int
) -> None:
    topology = person.network.topology
    target = topology.hidden_ids[0]
    person.click(person.neuron(target))
    field = person.window.views.inspector.neuron_page.weights.rows[0].field
    QTest.mouseClick(field, LEFT, pos=field.rect().center())
    if clicks > 1:
        QTest.mouseDClick(field, LEFT, pos=field.rect().center())
    if clicks > 2:
        QTest.mouseClick(field, LEFT, pos=field.rect().center())
    QTest.keyClicks(field, "1/4")
    QTest.keyClick(field, Key.Key_Return)
    assert person.network.edge(topology.input_ids[0], target).weight == 0.25


def test_space_in_a_field_nobody_types_in_trains(person: Person) -> None:
    person.click(person.neuron(person.network.topology.hidden_ids[0]))
    field = person.window.views.inspector.neuron_page.weights.rows[0].field
    person.type_into(field, "1/4")
    assert QApplication.focusWidget() is field
    person.key(Key.Key_Space)
    assert person.session.is_running
    person.key(Key.Key_Space)
    assert not person.session.is_running
    QTest.keyClicks(field, "1 / 2")
    QTest.keyClick(field, Key.Key_Return)
    assert not person.session.is_running
    assert field.value() == 0.5
