"""From the loss to the first weight and back, by real clicks and keys; copying what one sees."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from stories.conftest import OpenWindow
from stories.person import Person

from nnplay import examples
from nnplay.core.explained import explain_edge, explain_neuron
from nnplay.core.trace import explain
from nnplay.gui.panels.explain import ExplainPanel
from nnplay.gui.panels.explain_copies import worksheet_bytes
from nnplay.gui.panels.explain_sheet import ExplainSheet
from nnplay.gui.panels.words import neuron_label

LEFT, ALT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.AltModifier


class Reader:
    """Somebody who reads the explanation and follows its numbers."""

    def __init__(self, person: Person) -> None:
        self.person = person
        person.window.actions_table["show_explain"].trigger()
        self.wait()

    @property
    def panel(self) -> ExplainPanel:
        return self.person.window.views.explain

    def wait(self) -> None:
        """Until numbers of the place are there."""
        self.person.qtbot.waitUntil(lambda: self.panel.found.step is not None)
        QTest.qWait(90)

    def place_of(self, sheet: ExplainSheet, words: str) -> QPoint:
        found = [(line, link) for line, link in sheet.links() if link.words.startswith(words)]
        assert found, f"{words} not in {[link.words for _, link in sheet.links()]}"
        return sheet.rect_of(*found[0]).center().toPoint()

    def click(self, section: str, words: str) -> None:
        """Click the first link of a section whose words begin so."""
        sheet = self.panel.sheets[section]
        place = self.place_of(sheet, words)
        self.panel.area.ensureVisible(0, sheet.mapTo(self.panel.area.content, place).y())
        QTest.mouseMove(sheet, place)
        QTest.mouseClick(sheet, LEFT, pos=place)
        self.wait()

    def shown(self, section: str) -> str:
        return self.panel.sheets[section].text()


@pytest.fixture
def reader(open_window: OpenWindow) -> Reader:
    person = open_window(examples.circle())
    person.session.probe_row(5)
    return Reader(person)


def test_from_the_loss_to_the_first_weight_and_back(reader: Reader) -> None:
    panel, session, network = reader.panel, reader.person.session, reader.person.network
    topology = network.topology
    assert panel.at == ()
    output = topology.output_ids[0]
    visited = [()]
    reader.click("forward", f"Go to {neuron_label(network, output)}")
    visited.append((output,))
    assert session.selection.neurons == {output}
    neuron = output
    while topology.incoming_slots[topology.row(neuron)].size:
        seen = explain_neuron(panel.found.step, neuron)
        source = seen.incoming.terms[0].neuron
        if topology.incoming_slots[topology.row(source)].size:
            reader.click("forward", f"Where {neuron_label(network, source)} has its value from")
            visited.append((source,))
            assert session.selection.neurons == {source}
            neuron = source
            continue
        name = neuron_label(network, source)
        reader.click("forward", f"Weight of {name}: see its update")
        visited.append((source, neuron))
        assert session.selection.edges == {(source, neuron)}
        break
    assert len(visited) == 5  # loss, output, second hidden layer, first hidden layer, weight
    assert panel.at == visited[-1]
    edge = explain_edge(panel.found.step, *panel.at)
    trace = explain(network, session.probe.inputs, [1.0], session.training)
    assert edge.parameter.gradient == pytest.approx(
        trace.edge_gradient[topology.edge_slot(*panel.at)], abs=1e-12
    )
    # Back by the keyboard, forward by the button.
    for place in reversed(visited[:-1]):
        QTest.keyClick(panel, Qt.Key.Key_Left, ALT)
        assert panel.at == place
    assert not panel.back.isEnabled()
    for place in visited[1:]:
        reader.person.press(panel.forward)
        assert panel.at == place
    assert not panel.forward.isEnabled()
    # δ of the target leads towards the loss again.
    reader.click("backward", f"Where {neuron_label(network, visited[-1][1])} has its δ from")
    assert panel.at == visited[-2]
    reader.click("backward", "Where")
    assert panel.at[0] in {e[1] for e in topology.edges.tolist() if e[0] == visited[-2][0]}


def test_the_keyboard_alone(reader: Reader) -> None:
    panel, network = reader.panel, reader.person.network
    sheet = panel.sheets["forward"]
    assert sheet.hasFocus()
    QTest.keyClick(sheet, Qt.Key.Key_Return)
    reader.wait()
    assert panel.at == (network.topology.output_ids[0],)
    QTest.keyClick(sheet, Qt.Key.Key_Down)
    QTest.keyClick(sheet, Qt.Key.Key_End)
    QTest.keyClick(sheet, Qt.Key.Key_Home)
    source = explain_neuron(panel.found.step, panel.at[0]).incoming.terms[0].neuron
    assert neuron_label(network, source) in sheet.accessibleDescription()
    QTest.keyClick(sheet, Qt.Key.Key_Return)
    assert panel.at == (source,)


def test_a_line_under_the_pointer_points_at_its_connection(reader: Reader) -> None:
    network = reader.person.network
    output = network.topology.output_ids[0]
    reader.person.session.select([output])
    reader.wait()
    sheet = reader.panel.sheets["forward"]
    term = explain_neuron(reader.panel.found.step, output).incoming.terms[0]
    name = neuron_label(network, term.neuron)
    QTest.mouseMove(sheet, reader.place_of(sheet, f"Go to {name}"))
    picture = reader.person.canvas.network_scene.edges.picture
    assert picture.hovered == term.slot
    QTest.mouseMove(sheet, QPoint(sheet.width() // 2, 2))
    assert picture.hovered is None


def test_the_worked_example_is_shown_exactly(open_window: OpenWindow, tmp_path: Path) -> None:
    reader = Reader(open_window(examples.single_neuron()))
    session = reader.person.session
    session.set_probe([0.5, 0.6])
    session.select([session.network.topology.output_ids[0]])
    reader.wait()
    lines = [line.split() for line in reader.shown("forward").splitlines()]
    assert lines[1][1:] == ["0.200000", "·", "0.600000", "=", "0.120000"]
    assert lines[2][1:] == ["0.100000", "·", "0.500000", "=", "0.050000"]
    assert lines[3] == ["bias", "0.300000"]
    assert (lines[4][0], lines[4][-1], lines[5][0], lines[5][-1]) == (
        "z",
        "0.470000",
        "a",
        "0.470000",
    )
    # Copied as text, LaTeX and worksheet.
    copies, clipboard = reader.panel.copies, QGuiApplication.clipboard()
    copies.copy_text.trigger()
    assert reader.shown("forward") in clipboard.text()
    copies.copy_latex.trigger()
    assert r"0.2 \cdot 0.6 = 0.12" in clipboard.text()
    assert clipboard.text().startswith(r"\begin{align*}")
    copies.copy_worksheet.trigger()
    blanks, answers = clipboard.text().split("## Answers")
    assert "0.47" in answers
    assert "0.47" not in blanks
    step = reader.panel.found.step
    seen = explain_neuron(step, reader.panel.at[0])
    assert worksheet_bytes(step, seen, str, "pdf").startswith(b"%PDF")
    assert b"____" in worksheet_bytes(step, seen, str, "html")


def test_numbers_follow_training_and_scopes(reader: Reader) -> None:
    panel, session = reader.panel, reader.person.session
    session.set_training(optimizer="adam")
    session.select([session.network.topology.output_ids[0]])
    panel.scope.set_value("batch")
    panel.scope.chosen.emit("batch")
    wait = reader.person.qtbot.waitUntil
    wait(lambda: panel.found.step is not None and panel.found.step.scope == "batch")
    foretold = panel.found.step.update
    assert foretold is not None
    assert panel.found.step.count == session.training.batch_size
    session.step_batch()
    wait(lambda: session.shown_step == 1 and not session.is_running)
    assert session.network.theta == pytest.approx(foretold.after, abs=1e-12)
    wait(lambda: panel.found.step.update is not None and panel.found.step.update.number == 2)
    before = panel.found
    session.start()
    wait(lambda: panel.found is not before)
    session.pause()
    wait(lambda: not session.is_running)
    reader.person.window.workbench.right.show_card(0)
    wait(lambda: not panel.isVisible())


def test_without_target_there_is_no_way_back_and_a_sentence_says_so(reader: Reader) -> None:
    panel, session = reader.panel, reader.person.session
    session.select([session.network.topology.output_ids[0]])
    session.set_probe([0.123, 0.456])
    reader.person.qtbot.waitUntil(lambda: bool(panel.found.problem))
    QTest.qWait(90)
    assert panel.sheets["forward"].isVisible()
    assert not panel.sheets["backward"].isVisible()
    assert "no sample of the data" in panel.problem.text()
