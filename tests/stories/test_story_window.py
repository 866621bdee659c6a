"""The window around the network: menus, keys, themes, what it remembers, what it asks."""

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QMenu, QWidget  # noqa: TID251
from stories.conftest import OpenWindow
from stories.person import CTRL, LEFT, SHIFT, Key, Person, button

from nnplay import app as application_module
from nnplay.gui.actions import SPECS
from nnplay.gui.dialogs.unsaved import UnsavedDialog


def edit_something(person: Person) -> None:
    person.drag(
        person.neuron(person.network.topology.hidden_ids[0]),
        person.neuron(person.network.topology.hidden_ids[0]) + QPoint(50, 20),
    )
    assert person.window.isWindowModified()


# ---------------------------------------------------------------------- opening
def test_nothing_flashes_up_beside_the_window(qapp: QApplication, open_window: OpenWindow) -> None:
    shown: list[QWidget] = []

    class Watch(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            is_shown = event.type() == QEvent.Type.Show and isinstance(watched, QWidget)
            if is_shown and watched.isWindow():
                shown.append(watched)
            return False

    watch = Watch()
    qapp.installEventFilter(watch)
    try:
        person = open_window()
    finally:
        qapp.removeEventFilter(watch)
    assert shown == [person.window]


@pytest.mark.parametrize("size", [(1280, 800), (1440, 900), (1920, 1080)])
def test_every_card_is_reached_with_a_click(open_window: OpenWindow, size: tuple[int, int]) -> None:
    person = open_window(size=size)
    views = person.window.views
    places = {
        "data": views.data,
        "features": views.features,
        "layers": views.layers,
        "inspector": views.inspector,
        "training": views.training,
        "loss": views.loss_plot,
        "activations": views.activation_plot,
        "map": views.decision_map,
    }
    cards = person.window.workbench.cards
    for name, view in places.items():
        if not view.isVisible():
            title = cards[name].title()
            tab = next(
                b
                for card in cards.values()
                if card.isVisible()
                for b in card._tabs
                if b.text() == title
            )
            person.press(tab)
        assert view.isVisible(), name
        assert cards[name].isVisible(), name
        # Not squeezed to nothing either, once the layout has settled.
        person.until(lambda view=view: view.width() >= 150 and view.height() >= 90)


def test_every_action_stands_in_a_menu_or_the_header(person: Person) -> None:
    in_menus: set[str] = set()

    def collect(menu: QMenu) -> None:
        for action in menu.actions():
            if action.menu() is not None:
                collect(action.menu())
            elif action.objectName():
                in_menus.add(action.objectName())

    for top in person.window.menuBar().actions():
        collect(top.menu())
    assert {spec.name for spec in SPECS} - in_menus <= {"clear_recent", "switch_theme"}


def test_no_two_actions_share_a_key() -> None:
    taken: dict[str, str] = {}
    for spec in SPECS:
        for key in spec.keys:
            for sequence in (
                [QKeySequence(key)] if isinstance(key, str) else QKeySequence.keyBindings(key)
            ):
                text = sequence.toString()
                if text:
                    assert taken.setdefault(text, spec.name) == spec.name, text


# ---------------------------------------------------------------------- keys
def test_a_space_typed_into_a_field_is_a_space(person: Person) -> None:
    hidden = person.network.topology.hidden_ids[0]
    person.click(person.neuron(hidden))
    title = person.window.views.inspector.neuron_page.header.name
    title.setFocus()
    title.selectAll()
    QTest.keyClicks(title, "my neuron")
    QTest.keyClick(title, Key.Key_Return)
    assert not person.session.is_running
    assert person.network.label_of(hidden) == "my neuron"


def test_one_step_one_epoch_a_hundred_and_reset_by_keys(person: Person) -> None:
    start = person.network.theta.copy()
    person.key(".")
    assert person.session.shown_step == 1
    person.key(Key.Key_E)
    person.until(lambda: not person.session.is_running)
    batches = person.session.batches_per_epoch
    assert person.session.shown_step == batches + 1 or person.session.shown_epoch == 1
    person.key(Key.Key_E, CTRL | SHIFT)
    person.until(lambda: not person.session.is_running and person.session.shown_epoch >= 100)
    assert not (person.network.theta == start).all()
    person.key(Key.Key_R, CTRL)
    assert (person.network.theta == start).all()
    assert person.session.shown_epoch == 0
    person.key(Key.Key_R, CTRL | SHIFT)
    assert not (person.network.theta == start).all()


def test_parts_of_the_window_are_hidden_by_keys_and_remembered(
    person: Person, open_window: OpenWindow
) -> None:
    bench = person.window.workbench
    person.key(Key.Key_1, CTRL)
    person.key(Key.Key_2, CTRL)
    assert (bench.left.isVisible(), bench.bottom.isVisible(), bench.right.isVisible()) == (
        False,
        False,
        True,
    )
    person.window.close()
    again = open_window().window
    assert not again.workbench.left.isVisible()
    assert not again.workbench.bottom.isVisible()
    assert again.workbench.right.isVisible()
    assert not again.actions_table["show_left"].isChecked()


# ---------------------------------------------------------------------- looks
def test_the_theme_is_chosen_in_the_menu_and_remembered(
    person: Person, open_window: OpenWindow
) -> None:
    assert person.window.theme.is_dark
    person.choose_from_menu("View", "Light")
    assert not person.window.theme.is_dark
    light = person.window.grab().toImage()
    assert light.pixelColor(5, light.height() // 2).lightness() > 200
    person.window.close()
    application_module._themes.clear()
    assert not open_window().window.theme.is_dark


# ---------------------------------------------------------------------- not losing anything
def test_closing_with_changes_asks_and_cancel_stays(person: Person) -> None:
    edit_something(person)
    person.with_dialog(lambda d: QTest.keyClick(d, Key.Key_Escape), UnsavedDialog)
    person.window.close()
    person.check_dialogs()
    assert person.window.isVisible()
    assert person.window.isWindowModified()


def test_closing_without_saving_is_possible(person: Person) -> None:
    edit_something(person)
    person.with_dialog(lambda d: person.press(button(d, "Don't save")), UnsavedDialog)
    person.window.close()
    person.check_dialogs()
    assert not person.window.isVisible()


def test_closing_with_save_saves_first(person: Person, tmp_path: Path) -> None:
    edit_something(person)
    path = tmp_path / "kept.nnplay"

    def save(dialog: QDialog) -> None:
        person.with_file_dialog(path)
        person.press(button(dialog, "Save"))

    person.with_dialog(save, UnsavedDialog)
    person.window.close()
    person.check_dialogs()
    assert path.exists()
    assert not person.window.isVisible()


def test_closing_an_unchanged_window_asks_nothing(person: Person) -> None:
    person.window.close()
    assert not person.window.isVisible()


def test_closing_while_training_keeps_asking_and_training_ends(person: Person) -> None:
    person.key(Key.Key_Space)
    person.train_to(5)
    person.with_dialog(lambda d: person.press(button(d, "Don't save")), UnsavedDialog)
    person.window.close()
    person.check_dialogs()
    assert not person.window.isVisible()
    assert not person.session.is_running


def test_a_failed_save_when_closing_keeps_the_window(person: Person, tmp_path: Path) -> None:
    edit_something(person)
    folder = tmp_path / "taken.nnplay"
    folder.mkdir()
    assert not person.session.save(folder)
    assert person.window.isVisible()
    assert person.window.isWindowModified()
    assert "taken.nnplay" in person.window.views.toast.text()
    assert person.window.views.toast.isVisible()


# ---------------------------------------------------------------------- files from outside
def drop(person: Person, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    place = QPoint(300, 300)
    enter = QDragEnterEvent(
        place, Qt.DropAction.CopyAction, data, LEFT, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(person.window, enter)
    assert enter.isAccepted()
    event = QDropEvent(
        QPointF(place), Qt.DropAction.CopyAction, data, LEFT, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(person.window, event)


def test_a_table_dropped_on_the_window_becomes_the_data(person: Person, tmp_path: Path) -> None:
    path = tmp_path / "flowers.csv"
    rows = "".join(f"{i / 10},{(i * 7) % 5},{'rose' if i % 2 else 'tulip'}\n" for i in range(40))
    path.write_text("height,petals,kind\n" + rows)
    drop(person, path)
    person.until(lambda: person.session.prepared.sample_count == 40)
    assert person.session.data_problem == ""
    person.canvas.setFocus()
    person.key(Key.Key_Space)
    person.train_to(3)
    person.key(Key.Key_Space)
    assert person.sees_errors() == []


def test_a_broken_file_is_refused_kindly_and_nothing_changes(
    person: Person, tmp_path: Path
) -> None:
    before = person.session.document
    path = tmp_path / "broken.nnplay"
    path.write_bytes(b"PK\x03\x04 this is no document")
    person.with_file_dialog(path)
    person.key(Key.Key_O, CTRL)
    person.check_dialogs()
    person.until(lambda: bool(person.sees_errors()))
    assert "broken.nnplay" in person.sees_errors()[0]
    assert person.window.views.toast.isVisible()
    assert person.session.document is before


def test_recent_documents_are_offered(person: Person, tmp_path: Path) -> None:
    path = tmp_path / "a & b.nnplay"
    assert person.session.save(path)
    recent = person.window.menus.recent
    recent.aboutToShow.emit()
    entry = recent.actions()[0]
    assert entry.text().endswith("a && b.nnplay")
    entry.trigger()
    assert person.session.path == path
    person.window.files.clear_recent()
    recent.aboutToShow.emit()
    assert not recent.actions()[0].isEnabled()


def test_an_example_is_chosen_from_the_welcome_dialog(person: Person) -> None:
    def choose(dialog: QDialog) -> None:
        QTest.keyClick(dialog.focusWidget(), Key.Key_Home)
        QTest.keyClick(dialog.focusWidget(), Key.Key_Return)

    person.with_dialog(choose)
    person.key(Key.Key_N, CTRL | SHIFT)
    person.check_dialogs()
    assert "neuron" in person.session.title.lower()
    neuron = person.network.topology.output_ids[0]
    row = person.network.topology.row(neuron)
    assert person.session.probe.activations[row] == pytest.approx(0.47, abs=1e-15)
    person.click(person.neuron(neuron))
    # Once as the weighted sum z, once as the activation a.
    assert person.window.views.inspector.neuron_page.formula.text().count("0.470000") == 2


def test_a_card_behind_a_tab_takes_the_room_of_the_one_in_front(open_window: OpenWindow) -> None:
    person = open_window(size=(1440, 900))
    bench = person.window.workbench
    height, layers = bench.cards["data"].height(), bench.cards["layers"].height()
    person.press(next(b for b in bench.cards["data"]._tabs if b.text() == "Features"))
    person.until(lambda: bench.cards["features"].height() == height)
    assert bench.cards["layers"].height() == layers
    person.press(next(b for b in bench.cards["features"]._tabs if b.text() == "Data"))
    person.until(lambda: bench.cards["data"].height() == height)


def test_the_map_card_says_what_it_shows(person: Person) -> None:
    card = person.window.workbench.cards["map"]
    assert card.title() == "Decision map"
    person.session.set_data(source="iris")
    assert card.title() == "Answers"
    person.session.undo()
    assert card.title() == "Decision map"


def test_space_trains_after_the_mouse_was_anywhere(person: Person) -> None:
    """What was clicked last must not take Space for itself, unless one types there."""
    views, bench = person.window.views, person.window.workbench

    def space_toggles() -> bool:
        before = person.session.is_running
        person.key(Key.Key_Space)
        toggled = person.session.is_running != before
        person.session.pause()
        return toggled

    person.press(views.data.patterns.tile("spiral"))
    assert person.session.document.data.source == "spiral"
    assert space_toggles()
    slider = views.data.noise.slider
    QTest.mouseClick(slider, LEFT, pos=slider.rect().center())
    assert space_toggles()
    person.press(person.window.header.play)
    person.press(person.window.header.play)
    assert space_toggles()
    tab = next(b for b in bench.cards["data"]._tabs if b.text() == "Features")
    person.press(tab)
    person.until(lambda: views.features.isVisible())
    assert space_toggles()
    box = views.features.boxes[2]
    QTest.mouseClick(box, LEFT, pos=QPoint(10, box.height() // 2))
    assert "x1^2" in person.session.document.preparation.features
    assert space_toggles()
    QTest.mouseClick(views.status, LEFT, pos=QPoint(300, 10))
    assert space_toggles()
    person.key(Key.Key_Tab)  # the keyboard still reaches everything
    assert QApplication.focusWidget() is not None


def test_tabs_are_walked_by_keyboard_without_losing_it(open_window: OpenWindow) -> None:
    person = open_window(size=(1440, 900))
    bench = person.window.workbench
    tab = next(b for b in bench.cards["data"]._tabs if b.text() == "Features")
    tab.setFocus(Qt.FocusReason.TabFocusReason)
    person.key(Key.Key_Space)
    assert bench.cards["features"].isVisible()
    assert bench.cards["features"].has_tab_focus()
    assert not person.session.is_running


def test_a_document_named_after_its_data_follows_them(person: Person) -> None:
    person.press(person.window.views.data.patterns.tile("spiral"))
    assert person.window.windowTitle() == "Spiral[*] — nnplay"
    person.canvas.setFocus()
    person.key(Key.Key_Z, CTRL)
    assert person.window.windowTitle() == "Circle[*] — nnplay"
    person.window.files.show_example("spiral")
    own = person.window.windowTitle()
    person.session.set_data(source="moons")
    assert person.window.windowTitle() == own, "a name of its own stays"


def test_what_was_said_of_another_document_goes_with_it(person: Person, tmp_path: Path) -> None:
    views = person.window.views
    person.with_file_dialog(tmp_path / "a.nnplay")
    person.key(Key.Key_S, CTRL)
    person.check_dialogs()
    assert views.status.notice_text() == "Saved as a.nnplay."
    assert not person.session.open_document(tmp_path / "missing.nnplay")
    assert views.toast.isVisible()
    person.window.files.show_example("xor")
    assert views.status.notice_text() == ""
    assert not views.toast.isVisible()
