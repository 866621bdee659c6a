"""The whole path, sentence by sentence, in the window a person gets from ``make run``."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication  # noqa: TID251
from stories.conftest import OpenWindow
from stories.person import CTRL, SHIFT, Key, Person

from nnplay.core.reference import evaluate
from nnplay.gui.dialogs.export import ExportDialog
from nnplay.library import load


def test_a_window_opens_with_a_small_network_and_data_in_place(person: Person) -> None:
    window = person.window
    assert window.isVisible()
    assert window.windowTitle() == "Circle[*] — nnplay"
    assert not window.isWindowModified()
    topology = person.network.topology
    assert (len(topology.input_ids), len(topology.hidden_ids), len(topology.output_ids)) == (
        2,
        6,
        1,
    )
    assert person.session.prepared is not None
    assert person.session.prepared.sample_count == 500
    assert person.session.data_problem == ""
    # Every neuron can be seen and touched.
    viewport = person.canvas.viewport().rect()
    for neuron_id in topology.ids.tolist():
        assert viewport.contains(person.neuron(neuron_id)), neuron_id
    assert QApplication.focusWidget() is person.canvas
    assert person.notices == []


def test_space_starts_training_and_one_sees_it_learn(person: Person) -> None:
    views = person.window.views
    first = person.session.losses
    assert first is not None
    person.key(Key.Key_Space)
    assert person.session.is_running
    assert person.window.header.play.text() == "Pause"
    person.train_to(150)
    person.key(Key.Key_Space)
    assert not person.session.is_running
    assert person.window.header.play.text() == "Play"
    person.until(lambda: person.session.losses is not None)
    last = person.session.losses
    assert last is not None
    assert last.loss_train < first.loss_train / 4
    # It can be read off the plot, not only off the session.
    views.loss_plot.flush()
    shown = views.loss_plot.chart
    assert shown.isVisible()
    assert shown.history.epochs[-1] == person.session.shown_epoch >= 150
    assert shown.history.train[-1] < first.loss_train / 4
    train_text = views.loss_plot.legend.texts[0].strip()
    assert float(train_text) == pytest.approx(last.loss_train, abs=1e-3)
    assert person.session.undo_stack.count() == 1
    assert person.session.undo_stack.undoText().startswith("Train ")


def test_a_neuron_is_grabbed_and_dragged(person: Person) -> None:
    neuron_id = person.network.topology.hidden_ids[1]
    before = person.session.positions[neuron_id]
    start = person.neuron(neuron_id)
    person.drag(start, start + QPoint(60, 45))
    after = person.session.positions[neuron_id]
    scale = person.canvas.transform().m11()
    near = 8 / scale  # guide lines may pull it to where others stand
    assert after[0] - before[0] == pytest.approx(60 / scale, abs=near)
    assert after[1] - before[1] == pytest.approx(45 / scale, abs=near)
    assert person.session.undo_stack.count() == 1


def test_a_weight_is_changed_while_it_trains(person: Person) -> None:
    topology = person.network.topology
    source, target = topology.input_ids[0], topology.hidden_ids[0]
    person.click(person.neuron(target))
    person.key(Key.Key_Space)
    person.train_to(3)
    row = person.window.views.inspector.neuron_page.weights.rows[0]
    person.type_into(row.field, "1/4")
    stack = person.session.undo_stack
    person.until(lambda: stack.count() >= 2)
    assert stack.text(0).startswith("Train ")
    assert "weight" in stack.text(1).lower()
    # Training goes on from the value that was typed.
    assert person.session.is_running
    person.train_to(person.session.shown_epoch + 3)
    assert person.network.edge(source, target).weight != 0.25
    person.press(person.window.header.play)
    assert not person.session.is_running
    assert stack.count() == 3
    person.canvas.setFocus()
    person.key(Key.Key_Z, CTRL)
    assert person.network.edge(source, target).weight == 0.25


def test_a_new_neuron_is_drawn_and_connected(person: Person) -> None:
    topology = person.network.topology
    before = set(topology.ids.tolist())
    source, target = topology.input_ids[0], topology.output_ids[0]
    place = (person.neuron(source) + person.neuron(target)) / 2
    place.setY(person.canvas.viewport().height() - 110)
    person.double_click(place)
    new = (set(person.network.topology.ids.tolist()) - before).pop()
    assert (person.neuron(new) - place).manhattanLength() < 30
    drawn = person.network.topology
    assert not drawn.has_edge(source, new)
    person.drag(person.port(source), person.neuron(new))
    person.drag(person.port(new), person.neuron(target))
    assert person.network.topology.has_edge(source, new)
    assert person.network.topology.has_edge(new, target)
    assert person.sees_errors() == []
    # The drawn neuron takes part in training.
    person.canvas.setFocus()
    person.key(Key.Key_Space)
    person.train_to(5)
    person.key(Key.Key_Space)
    slot = person.network.topology.edge_slot(source, new)
    assert person.network.theta[slot] != person.session.document.initial[slot]


def test_all_of_that_is_undone_and_redone(person: Person) -> None:
    start = person.session.document
    hidden, target = person.network.topology.hidden_ids[1], person.network.topology.output_ids[0]
    person.key(Key.Key_Space)
    person.train_to(5)
    person.key(Key.Key_Space)
    person.drag(person.neuron(hidden), person.neuron(hidden) + QPoint(40, 30))
    person.click(person.neuron(hidden))
    person.type_into(person.window.views.inspector.neuron_page.weights.rows[0].field, "0,5")
    person.canvas.setFocus()
    free = QPoint(person.neuron(hidden).x(), person.canvas.viewport().height() - 110)
    person.double_click(free)
    new = max(person.network.topology.ids.tolist())
    person.drag(person.port(new), person.neuron(target))
    end = person.session.document
    steps = person.session.undo_stack.count()
    assert steps == 5
    person.canvas.setFocus()
    for _ in range(steps):
        person.key(Key.Key_Z, CTRL)
    now = person.session.document
    assert now.network.topology is start.network.topology
    assert np.array_equal(now.network.theta, start.network.theta)
    assert now.positions == start.positions
    assert (now.state.epoch, len(now.history)) == (0, len(start.history))
    assert not person.session.undo_stack.canUndo()
    for _ in range(steps):
        person.key(Key.Key_Z, CTRL | SHIFT)
    now = person.session.document
    assert np.array_equal(now.network.theta, end.network.theta)
    assert now.positions == end.positions
    assert now.state.epoch == end.state.epoch


def test_it_is_saved_and_opened_again(
    person: Person, open_window: OpenWindow, tmp_path: Path
) -> None:
    person.key(Key.Key_Space)
    person.train_to(10)
    person.key(Key.Key_Space)
    path = tmp_path / "my network.nnplay"
    person.with_file_dialog(path)
    person.key(Key.Key_S, CTRL)
    person.check_dialogs()
    assert path.exists()
    assert person.window.windowTitle() == "my network.nnplay[*] — nnplay"
    assert not person.window.isWindowModified()
    saved = person.session.document
    person.window.close()  # else this window would come to the front instead
    other = open_window()
    other.with_file_dialog(path)
    other.key(Key.Key_O, CTRL)
    other.check_dialogs()
    assert np.array_equal(other.network.theta, saved.network.theta)
    assert other.session.shown_epoch == saved.state.epoch
    assert [p.name for p in other.session.settings.recent_files] == ["my network.nnplay"]


@pytest.mark.parametrize("ending", ["npz", "safetensors", "csv", "json"])
def test_trained_weights_are_exported_for_the_next_tool(
    person: Person, tmp_path: Path, ending: str
) -> None:
    person.key(Key.Key_Space)
    person.train_to(10)
    person.key(Key.Key_Space)
    path = tmp_path / f"trained.{ending}"

    def export(dialog: ExportDialog) -> None:
        person.press(next(c for c in dialog.formats.cards if c.name == ending))
        person.with_file_dialog(path)
        person.press(dialog.export_button)
        assert dialog.outcome_box.severity == "ok", dialog.outcome_box.sentence
        assert "read back" in dialog.outcome_box.sentence
        QTest.keyClick(dialog.focusWidget(), Key.Key_Return)

    person.with_dialog(export, ExportDialog)
    person.key(Key.Key_E, CTRL)
    person.check_dialogs()
    inputs = np.array([[0.5, -1.25], [2.0, 3.0], [-4.0, 0.0]])
    expected = evaluate(person.network, inputs).a
    assert np.array_equal(evaluate(load(path).network, inputs).a, expected)


def test_the_exported_file_means_the_same_to_plain_numpy(person: Person, tmp_path: Path) -> None:
    person.key(Key.Key_Space)
    person.train_to(10)
    person.key(Key.Key_Space)
    path = tmp_path / "trained.npz"
    assert person.session.export(path) is not None
    a = inputs = np.array([[0.5, -1.25], [2.0, 3.0], [-4.0, 0.0]])
    with np.load(path, allow_pickle=False) as arrays:
        for layer in range(3):
            a = np.tanh(a @ arrays[f"layers.{layer}.weight"].T + arrays[f"layers.{layer}.bias"])
    assert a[:, 0] == pytest.approx(evaluate(person.network, inputs).a[-1], abs=1e-12)


def on_screen(person: Person) -> QImage:
    """What the screen really shows of the canvas: nothing is asked to paint itself for this."""
    window = person.window
    shot = window.screen().grabWindow(window.winId())
    viewport = person.canvas.viewport()
    return shot.copy(QRect(viewport.mapTo(window, QPoint(0, 0)), viewport.size())).toImage()


@pytest.mark.parametrize("way_back", ["undo", "reset"])
def test_the_canvas_shows_what_undo_and_reset_brought_back(person: Person, way_back: str) -> None:
    person.until(lambda: person.canvas.network_scene.with_maps)
    person.qtbot.wait(400)
    before = on_screen(person)
    person.key(Key.Key_Space)
    person.train_to(60)
    person.key(Key.Key_Space)
    person.qtbot.wait(300)
    assert on_screen(person) != before
    person.window.actions_table[way_back].trigger()
    person.until(lambda: on_screen(person) == before, seconds=5)
