"""A learner follows numbers by hand: forward, loss, backward, and really makes the step."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog  # noqa: TID251
from stories.conftest import OpenWindow
from stories.person import LEFT, Key, Person

from nnplay.gui.canvas.step_mark import StepMark
from nnplay.gui.dialogs.welcome import WelcomeDialog
from nnplay.gui.step_bar import StepBar


def bar_of(person: Person) -> StepBar:
    bar = person.window.stepping.bar
    assert bar is not None
    return bar


def mark_of(person: Person) -> StepMark:
    steps = person.canvas.steps
    assert steps is not None
    return steps.mark


def chips(person: Person) -> dict[str, bool]:
    """Texts on the canvas, and whether they belong to the present step."""
    return {chip.text: chip.strong for chip in mark_of(person).picture.chips}


def tile(person: Person, neuron_id: int) -> tuple[float | None, bool | None]:
    look = person.canvas.network_scene.neuron_items[neuron_id].look
    return look.value, look.is_known


def open_from_welcome(person: Person) -> None:
    def choose(dialog: QDialog) -> None:
        assert isinstance(dialog, WelcomeDialog)
        person.press(dialog.by_hand)

    person.with_dialog(choose, WelcomeDialog)
    person.choose_from_menu("Help", "Examples…")
    person.check_dialogs()
    person.window.activateWindow()  # what a window manager does when a dialog closes
    person.until(person.window.isActiveWindow)


def test_the_worked_example_from_the_welcome_screen(person: Person) -> None:
    open_from_welcome(person)
    bar, output = bar_of(person), person.network.topology.output_ids[0]
    assert bar.isVisible()
    person.until(lambda: bar.width() > 400)
    assert [person.session.network.label_of(i) for i in (0, 1, 2)] == ["x1", "x2", "y"]
    assert tile(person, 0) == (0.5, True)
    assert tile(person, 1) == (0.6, True)
    assert tile(person, output)[1] is False
    assert chips(person) == {"L = ?": False}

    person.press(bar.next)
    assert bar.formula.text() == "y: 0.5 · 0.1 = 0.05"
    assert chips(person) == {"0.5 · 0.1 = 0.05": True, "Σ = 0.05": True, "L = ?": False}
    assert set(mark_of(person).picture.glowing) == {person.network.topology.edge_slot(0, output)}

    person.press(bar.next)
    assert bar.formula.text() == "y: 0.6 · 0.2 = 0.12"
    assert "The sum so far is 0.17." in bar.note.text()
    assert chips(person)["Σ = 0.17"]
    assert chips(person)["0.05"] is False  # what is known stays

    person.press(bar.next)
    assert bar.formula.text() == "y: z = 0.17 + 0.3 = 0.47"
    assert tile(person, output)[1] is False
    person.press(bar.next)
    assert bar.formula.text() == "y: a = ReLU(0.47) = 0.47"
    assert tile(person, output) == (pytest.approx(0.47), True)
    assert bar.phases[0].share == 1.0

    person.press(bar.back)
    assert bar.formula.text() == "y: z = 0.17 + 0.3 = 0.47"
    assert tile(person, output)[1] is False

    person.key(Key.Key_F10)
    person.key(Key.Key_F10)
    assert bar.formula.text() == "y: ½ · (0.47 − 1)² = 0.1405"
    person.key(Key.Key_F10)
    assert chips(person)["L = 0.1405"]
    person.key(Key.Key_F10)
    person.key(Key.Key_F10)
    assert bar.formula.text() == "y: δ = −0.53 · 1 = −0.53"
    person.key(Key.Key_F10)
    assert bar.formula.text() == "x1 → y: ∂L/∂w = −0.53 · 0.5 = −0.265"
    assert mark_of(person).picture.backwards
    assert not bar.apply.isEnabled()
    person.press(bar.phases[3])
    assert bar.phases[2].share == 1.0
    for _ in range(3):
        person.press(bar.next)
    assert bar.formula.text() == "b of y: 0.3 + 0.0159 = 0.3159"
    assert not bar.next.isEnabled()

    person.press(bar.apply)
    np.testing.assert_allclose(person.network.theta, [0.10795, 0.20954, 0.3159], atol=1e-15)
    assert "The update is made" in bar.note.text()
    assert person.session.stepper.position == 0
    assert person.session.undo_stack.undoText() == "One step by hand"
    person.press(bar.next)
    assert bar.formula.text() == "y: 0.5 · 0.108 = 0.05398"
    person.window.actions_table["undo"].trigger()
    np.testing.assert_array_equal(person.network.theta, [0.1, 0.2, 0.3])
    assert "from the start again" in bar.note.text()

    person.window.focus_canvas()
    person.key(Key.Key_Escape)
    assert not bar.isVisible()
    assert tile(person, output) == (pytest.approx(0.47), None)
    assert not mark_of(person).isVisible()
    assert not person.sees_errors()


def test_a_hand_drawn_network_by_keys_and_by_layers(person: Person) -> None:
    person.window.files.show_example("skip-connections")
    person.window.focus_canvas()
    person.key(Key.Key_F8)
    bar, stepper = bar_of(person), person.session.stepper
    assert stepper.source == "batch"  # the probe of this example has no target
    assert bar.source.value() == "batch"
    bar.grain.setFocus()
    person.key(Key.Key_End)  # by phase
    assert stepper.grain == "phase"
    person.key(Key.Key_Home)
    person.key(Key.Key_Down)
    person.key(Key.Key_Down)
    assert stepper.grain == "layer"
    person.window.focus_canvas()
    person.key(Key.Key_F10)
    scene, topology = person.canvas.network_scene, person.network.topology
    first = [i for i in topology.hidden_ids if topology.level_of(i) == 1]
    for neuron_id in topology.hidden_ids:
        assert scene.neuron_items[neuron_id].look.is_known is (neuron_id in first)
    while stepper.next():
        pass
    person.key(Key.Key_F9)
    assert not stepper.is_at_end
    person.key(Key.Key_F10)
    before = person.network.theta
    person.press(bar.apply)
    assert (person.network.theta != before).any()


def test_playing_pausing_and_closing_by_the_cross(person: Person) -> None:
    person.window.files.show_example("xor")
    person.choose_from_menu("Train", "Step by step…")
    bar, stepper = bar_of(person), person.session.stepper
    stepper.set_speed(100.0)
    person.press(bar.play)
    person.until(lambda: stepper.position > 3)
    assert bar.play.accessibleName() == "Pause"
    person.press(bar.play)
    place = stepper.position
    person.qtbot.wait(60)
    assert stepper.position == place
    person.press(bar.close_button)
    assert not stepper.is_open
    assert not bar.isVisible()


def test_the_button_beside_training_opens_it(person: Person) -> None:
    person.window.workbench.right.show_card(
        person.window.workbench.right.cards.index(person.window.workbench.cards["training"])
    )
    button = person.window.views.training.controls.by_hand
    QTest.mouseClick(button, LEFT, pos=QPoint(20, 10))
    assert bar_of(person).isVisible()
    assert QApplication.focusWidget() is person.canvas
    # Dragging a weight beside it starts again, and training closes it.
    stepper = person.session.stepper
    stepper.next("phase")
    source, target = (int(i) for i in person.network.topology.edges[0])
    person.session.set_weight(source, target, 1.5)
    assert stepper.position == 0
    person.key(Key.Key_Space)
    assert not bar_of(person).isVisible()
    person.key(Key.Key_Space)


def test_in_the_smallest_window_everything_needed_is_in_sight(open_window: OpenWindow) -> None:
    person = open_window(size=(980, 620))
    person.window.stepping.open_example()
    bar, stepper = bar_of(person), person.session.stepper
    person.until(lambda: bar.width() > 250)
    for at_end in (False, True):
        if at_end:
            stepper.jump(10_000)
        person.qtbot.wait(20)
        needed = (bar.apply,) if at_end else (bar.grain, bar.play)
        for widget in (bar.back, bar.next, bar.close_button, *needed):
            assert widget.isVisible()
            assert bar.rect().contains(widget.geometry())
            assert widget.width() >= widget.minimumSizeHint().width()
    person.press(bar.apply)
    assert person.session.undo_stack.undoText() == "One step by hand"
    person.window.resize(1280, 800)
    person.until(lambda: bar.speed.isVisible() and bar.source.isVisible())


def test_in_a_low_window_the_plots_make_room_meanwhile(open_window: OpenWindow) -> None:
    person = open_window(size=(1280, 800))
    window = person.window
    plots, action = window.workbench.part("bottom"), window.actions_table["show_bottom"]
    person.until(lambda: plots.isVisible())
    before = person.canvas.height()
    person.key(Key.Key_F8)
    person.until(lambda: person.session.stepper.is_open and not plots.isVisible())
    assert not action.isChecked()
    person.until(lambda: person.canvas.height() > before)
    # Whoever closes the window now finds the plots at the next start.
    window._state.keep()
    assert window._settings.flag("show_bottom")
    person.key(Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert plots.isVisible()
    person.key(Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    person.key(Key.Key_Escape)
    person.until(lambda: plots.isVisible())
    assert action.isChecked()
    # Plots that were hidden before stay hidden.
    person.key(Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    person.key(Key.Key_F8)
    person.key(Key.Key_Escape)
    assert not plots.isVisible()


def test_in_a_high_window_the_plots_stay(open_window: OpenWindow) -> None:
    person = open_window(size=(1440, 1080))
    plots = person.window.workbench.part("bottom")
    person.until(lambda: plots.isVisible())
    person.key(Key.Key_F8)
    person.until(lambda: bar_of(person).isVisible())
    assert plots.isVisible()
