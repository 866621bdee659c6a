"""The probe by hand on the health panel's page: sliders, numbers, words, rows, many columns."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from gui.panel_driver import Bench
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from nnplay.core.targets import predicted_classes
from nnplay.core.topology import Kind
from nnplay.gui.main_window import MainWindow
from nnplay.gui.panels.health_probe import ProbePage
from nnplay.gui.panels.probe_editor import ProbeEditor
from nnplay.gui.panels.probe_inputs import MOST_ROWS, InputRow
from nnplay.gui.theme import Theme
from nnplay.setup import new_document

Probe = Bench[ProbePage]


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Probe]:
    made = Bench(qtbot, tmp_path, ProbePage)
    yield made
    made.close()


def editor(bench: Probe) -> ProbeEditor:
    return bench.panel.editor


def row(bench: Probe, place: int) -> InputRow:
    return editor(bench).inputs.rows[place]


def knob(one: InputRow) -> int:
    slider = one.slider
    assert slider is not None
    return round(7 + slider.value() / slider.maximum() * (slider.width() - 14))


def data(bench: Probe, name: str) -> None:
    assert bench.session.set_data(source=name)
    prepared = bench.session.prepared
    assert prepared is not None
    rows = f"of {prepared.sample_count:,}"
    bench.qtbot.waitUntil(lambda: editor(bench).stepper.of.text() == rows)


def test_a_slider_moves_the_probe_while_it_is_dragged(bench: Probe) -> None:
    one = row(bench, 0)
    assert one.slider is not None
    assert one.field is not None
    before = bench.session.probe
    end = one.slider.width() // 4
    bench.drag(one.slider, knob(one), end, release=False)
    during = bench.session.probe
    assert during.raw[0] != before.raw[0]
    assert during.raw[1] == before.raw[1]
    assert during.activations[0] != before.activations[0]
    share = (end - 7) / (one.slider.width() - 14)
    assert during.raw[0] == pytest.approx(-6.0 + 12.0 * share, abs=0.25)
    assert one.field.value() == during.raw[0]
    bench.session.set_probe([5.0, 5.0])
    bench.qtbot.waitUntil(lambda: row(bench, 1).slider.value() > 900)
    assert one.slider.value() < 400  # it is held
    QTest.mouseRelease(one.slider, Qt.MouseButton.LeftButton, pos=QPoint(end, 11))
    bench.qtbot.waitUntil(lambda: editor(bench).stepper.place.text() == "A point of your own")
    assert editor(bench).stepper.field.text() == "–"
    assert bench.undo_count == 0


def test_keys_move_a_slider_step_by_step(bench: Probe) -> None:
    one = row(bench, 1)
    bench.session.set_probe([1.0, 0.0])
    bench.qtbot.waitUntil(lambda: one.field.value() == 0.0)
    one.slider.setFocus()
    seen = [bench.session.probe.raw[1]]
    for _ in range(5):
        QTest.keyClick(one.slider, Qt.Key.Key_Right)
        bench.qtbot.wait(70)
        seen.append(bench.session.probe.raw[1])
    assert np.diff(seen) == pytest.approx([0.12] * 5, abs=0.01)


def test_a_typed_number_is_exact(bench: Probe) -> None:
    one = row(bench, 0)
    other = bench.session.probe.raw[1]
    bench.type_into(one.field, "1/2")
    assert bench.session.probe.raw == (0.5, other)
    assert one.slider.value() == round(6.5 / 12 * 1000)
    # Outside the range of the data too: the knob waits at the end.
    bench.type_into(one.field, "100")
    assert bench.session.probe.raw[0] == 100.0
    assert one.slider.value() == one.slider.maximum()
    bench.type_into(one.field, "nonsense")
    assert bench.session.probe.raw[0] == 100.0


def test_moves_from_elsewhere_are_followed_but_disturb_no_typing(bench: Probe) -> None:
    one, two = row(bench, 0), row(bench, 1)
    bench.type_into(one.field, "1.2", finish=False)
    bench.session.set_probe([3.0, -3.0])
    bench.qtbot.waitUntil(lambda: two.field.text() == "-3")
    assert two.slider.value() == 250
    assert one.slider.value() == 750
    assert one.field.text() == "1.2"
    QTest.keyClick(one.field, Qt.Key.Key_Return)
    assert bench.session.probe.raw == (1.2, -3.0)


def test_rows_are_stepped_through_and_typed(bench: Probe) -> None:
    stepper, session = editor(bench).stepper, bench.session
    prepared = session.prepared
    assert prepared is not None
    bench.type_into(stepper.field, "12")
    assert session.probe.row == 11
    bench.click(stepper.next)
    assert session.probe.row == 12
    assert session.probe.raw == tuple(prepared.raw[12].tolist())
    assert stepper.field.text() == "13"
    bench.qtbot.waitUntil(lambda: row(bench, 0).field.value() == prepared.raw[12, 0])
    kind = "test" if 12 in prepared.test_rows else "training"
    bench.qtbot.waitUntil(lambda: stepper.place.text().startswith(f"A {kind} row"))
    assert str(session.probe.target) in stepper.place.text()
    bench.click(stepper.previous)
    bench.click(stepper.previous)
    assert session.probe.row == 10
    stepper.field.setFocus()
    QTest.keyClick(stepper.field, Qt.Key.Key_PageDown)
    assert session.probe.row == 11
    QTest.keyClick(stepper.field, Qt.Key.Key_PageUp)
    QTest.keyClick(stepper.field, Qt.Key.Key_PageUp)
    assert session.probe.row == 9
    bench.type_into(stepper.field, str(prepared.sample_count))
    QTest.keyClick(stepper.field, Qt.Key.Key_PageDown)
    assert session.probe.row == 0


def test_a_number_half_typed_is_taken_over_before_the_step(bench: Probe) -> None:
    stepper = editor(bench).stepper
    bench.type_into(stepper.field, "5")
    bench.session.set_probe([1.0, 1.5])
    bench.qtbot.waitUntil(lambda: stepper.field.text() == "–")
    bench.type_into(row(bench, 0).field, "2", finish=False)
    bench.click(stepper.next)
    assert bench.session.probe.row == 5
    assert bench.session.probe.raw[0] != 2.0
    bench.type_into(stepper.field, "6")
    # From a point of one's own, the same number leads back to the row.
    bench.session.set_probe([1.0, 1.5])
    bench.qtbot.waitUntil(lambda: stepper.field.text() == "–")
    bench.type_into(stepper.field, "6")
    assert bench.session.probe.row == 5


@pytest.mark.parametrize(("title", "part"), [("test rows", "test"), ("training rows", "train")])
def test_one_part_of_the_data_is_stepped_through(bench: Probe, title: str, part: str) -> None:
    stepper, prepared = editor(bench).stepper, bench.session.prepared
    assert prepared is not None
    rows = np.sort(prepared.test_rows if part == "test" else prepared.train_rows).tolist()
    bench.choose(stepper.part, title)
    bench.session.probe_row(rows[-2])
    bench.qtbot.waitUntil(lambda: stepper.field.text() == str(rows[-2] + 1))
    seen = []
    for _ in range(4):
        bench.click(stepper.next)
        seen.append(bench.session.probe.row)
    assert seen == [rows[-1], *rows[:3]]
    bench.click(stepper.previous)
    assert bench.session.probe.row == rows[1]


def test_a_column_of_words_has_a_list_of_them(bench: Probe) -> None:
    data(bench, "penguins")
    prepared = bench.session.prepared
    assert prepared is not None
    place = prepared.raw_names.index("sex")
    words = prepared.raw_categories[place]
    assert words is not None
    one = next(one for one in editor(bench).inputs.rows if one.column.place == place)
    assert one.choice is not None
    assert one.slider is None
    assert [one.choice.itemText(i) for i in range(one.choice.count())] == list(words)
    other = (int(bench.session.probe.raw[place]) + 1) % len(words)
    before = bench.session.probe
    bench.choose(one.choice, words[other])
    assert bench.session.probe.raw[place] == other
    assert not np.array_equal(bench.session.probe.inputs, before.inputs)
    bench.session.probe_row(3)
    bench.qtbot.waitUntil(lambda: one.choice.currentText() == words[int(prepared.raw[3, place])])


def test_columns_no_input_reads_have_no_slider(bench: Probe) -> None:
    data(bench, "penguins")
    inputs = editor(bench).inputs
    assert not {"island", "year"} & {one.column.key for one in inputs.rows}
    assert inputs.note.isVisible()
    assert "island" in inputs.note.text()
    before = len(inputs.rows)
    assert bench.session.set_features(("island", "body_mass_g"))
    bench.qtbot.waitUntil(lambda: len(inputs.rows) != before)
    assert [one.column.key for one in inputs.rows] == ["island", "body_mass_g"]


def test_of_many_columns_the_first_are_shown_and_others_found(bench: Probe) -> None:
    inputs = editor(bench).inputs
    assert not inputs.filter.isVisible()
    data(bench, "digits")
    assert len(inputs.rows) == MOST_ROWS
    assert "16 of 64" in inputs.note.text()
    QTest.keyClicks(inputs.filter, "pixel_7_3")
    assert [one.column.key for one in inputs.rows] == ["pixel_7_3"]
    assert not inputs.note.isVisible()
    assert inputs.rows[0].slider.maximum() == 16  # whole numbers of ink
    bench.type_into(inputs.rows[0].field, "7")
    assert bench.session.probe.raw[59] == 7.0
    QTest.keyClicks(inputs.filter, "zzz")
    assert not inputs.rows
    assert inputs.note.isVisible()
    assert "10 smaller" not in editor(bench).values.text()
    assert "4 smaller" in editor(bench).values.text()
    data(bench, "circle")
    assert inputs.filter.text() == ""
    assert not inputs.filter.isVisible()


@pytest.mark.parametrize("name", ["circle", "iris", "digits"])
def test_the_class_below_is_the_one_the_accuracy_counts(bench: Probe, name: str) -> None:
    if name != "circle":
        data(bench, name)
    session, prepared = bench.session, bench.session.prepared
    assert prepared is not None
    network = session.network
    places = prepared.output_places(network)
    seen = set()
    for sample in range(0, prepared.sample_count, prepared.sample_count // 10):
        session.probe_row(sample)
        outputs = session.probe.activations[network.topology.rows(network.topology.output_ids)]
        index = int(predicted_classes(outputs[None], network, session.training.loss)[0])
        wanted = prepared.output_keys[index if len(places) == 1 else places[index]]
        editor(bench).refresh()
        assert editor(bench).verdict.text() == f"Class: {wanted}"
        seen.add(wanted)
    assert seen


def test_a_predicted_number_has_the_units_of_the_target(bench: Probe) -> None:
    data(bench, "diabetes")
    prepared = bench.session.prepared
    assert prepared is not None
    bench.session.probe_row(4)
    editor(bench).refresh()
    value = prepared.restore_target(bench.session.probe.activations[-1:][None])[0, 0]
    assert editor(bench).verdict.text().endswith(f": {value:.4g}".replace("-", "−"))


def test_inputs_without_data_are_set_directly(bench: Probe) -> None:
    bench.session.add_neuron(Kind.INPUT, 0.0, 400.0)
    bench.qtbot.waitUntil(lambda: len(editor(bench).inputs.rows) == 3)
    assert not editor(bench).stepper.next.isEnabled()
    bench.type_into(row(bench, 2).field, "-1/4")
    assert bench.session.probe.raw[2] == -0.25
    bench.session.undo()
    bench.qtbot.waitUntil(lambda: len(editor(bench).inputs.rows) == 2)
    assert editor(bench).stepper.next.isEnabled()


def test_everything_has_a_name_and_words(bench: Probe) -> None:
    one, stepper = row(bench, 0), editor(bench).stepper
    for widget in (one.slider, one.field, stepper.previous, stepper.next, stepper.field):
        assert widget.accessibleName()
        assert widget.toolTip()
        assert widget.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_the_inspector_of_an_input_leads_here(qtbot: QtBot, tmp_path: Path) -> None:
    window = MainWindow(Theme("dark"), new_document("circle", seed=3)[0], state_folder=tmp_path)
    qtbot.addWidget(window)
    window.resize(1400, 900)
    window.show()
    qtbot.waitUntil(lambda: hasattr(window.views, "health"), timeout=10_000)
    window.session.select([window.session.network.topology.input_ids[0]], ())
    page = window.views.inspector.input_page
    qtbot.waitUntil(page.change.isVisible)
    QTest.mouseClick(page.change, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "probe" in window.views.health.pages)
    assert window.views.health.pages["probe"].isVisible()
    window.session.shutdown()
    window.hide()
