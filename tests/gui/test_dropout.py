"""Dropout by hand: of a neuron, of several, of a layer; undone and kept in the document."""

from pathlib import Path

import pytest
from gui.panel_driver import Bench
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from nnplay.gui.panels.inspector import InspectorPanel
from nnplay.gui.panels.inspector_neuron import NeuronPage
from nnplay.gui.panels.inspector_several import SeveralPage
from nnplay.gui.panels.layers import LayersPanel
from nnplay.session.session import Session


def rates(session: Session, neurons: tuple[int, ...]) -> set[float]:
    return {session.network.neuron(i).dropout for i in neurons}


def test_of_one_hidden_neuron_and_of_no_output(qtbot: QtBot, tmp_path: Path) -> None:
    bench = Bench(qtbot, tmp_path, InspectorPanel)
    try:
        hidden = bench.network.topology.hidden_ids
        bench.session.select([hidden[0]])
        page = bench.panel.page()
        assert isinstance(page, NeuronPage)
        field = page.dropout.field
        assert field.isVisible()
        assert field.text() == "off"
        bench.type_into(field, "0.25")
        assert rates(bench.session, hidden[:1]) == {0.25}
        assert rates(bench.session, hidden[1:]) == {0.0}
        bench.session.undo()
        assert field.text() == "off"
        QTest.keyClick(field, Qt.Key.Key_Up)
        assert rates(bench.session, hidden[:1]) == {0.05}
        QTest.keyClick(field, Qt.Key.Key_Down)
        assert field.text() == "off"
        bench.session.select(bench.network.topology.output_ids)
        assert not page.dropout.isVisible()
    finally:
        bench.close()


@pytest.mark.parametrize("text", ["1", "-0.1", "2", "half"])
def test_what_is_no_rate_is_explained(qtbot: QtBot, tmp_path: Path, text: str) -> None:
    bench = Bench(qtbot, tmp_path, InspectorPanel)
    try:
        bench.session.select([bench.network.topology.hidden_ids[0]])
        page = bench.panel.page()
        assert isinstance(page, NeuronPage)
        bench.type_into(page.dropout.field, text)
        assert page.dropout.row.note.isVisible()
        assert bench.undo_count == 0
        bench.session.select([bench.network.topology.hidden_ids[1]])
        assert not page.dropout.row.note.isVisible()
    finally:
        bench.close()


def test_of_several_neurons_with_different_rates(qtbot: QtBot, tmp_path: Path) -> None:
    bench = Bench(qtbot, tmp_path, InspectorPanel)
    try:
        hidden = bench.network.topology.hidden_ids
        bench.session.set_dropout(hidden[:1], 0.5)
        bench.session.select(hidden[:3])
        page = bench.panel.page()
        assert isinstance(page, SeveralPage)
        assert page.dropout.field.text() == "mixed"
        bench.type_into(page.dropout.field, "off")
        assert rates(bench.session, hidden) == {0.0}
        bench.session.undo()
        assert page.dropout.field.text() == "mixed"
        bench.type_into(page.dropout.field, "1/5")
        assert rates(bench.session, hidden[:3]) == {0.2}
        assert page.dropout.field.text() == "0.2"
    finally:
        bench.close()


def test_of_a_layer(qtbot: QtBot, tmp_path: Path) -> None:
    bench = Bench(qtbot, tmp_path, LayersPanel, size=(258, 500))
    try:
        fold = bench.panel.dropout.fold
        first, second = (bench.network.level_ids(level) for level in bench.network.hidden_levels)
        assert fold.summary() == "off"
        assert bench.panel.dropout.rows == []
        bench.click(fold)
        rows = bench.panel.dropout.rows
        assert [row.field.accessibleName() for row in rows] == [
            "Dropout of Hidden 1",
            "Dropout of Hidden 2",
        ]
        bench.type_into(rows[1].field, "0.3")
        assert (rates(bench.session, first), rates(bench.session, second)) == ({0.0}, {0.3})
        QTest.keyClick(rows[1].field, Qt.Key.Key_Backtab)
        assert rows[0].field.hasFocus()
        bench.click(fold)
        assert fold.summary() == "Hidden 2 0.3"
        assert bench.session.settings.flag("open_layers_dropout") is False
        path = tmp_path / "kept.nnplay"
        assert bench.session.save(path)
        bench.session.undo()
        assert fold.summary() == "off"
        assert bench.session.open_document(path)
        qtbot.waitUntil(lambda: fold.summary() == "Hidden 2 0.3")
        bench.session.remove_level(2)
        bench.click(fold)
        assert len(bench.panel.dropout.rows) == 1
    finally:
        bench.close()
