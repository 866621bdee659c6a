"""The layers panel: sizes, activations, new layers, also for networks drawn by hand."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from gui.panel_driver import Bench
from pytestqt.qtbot import QtBot

from nnplay.core.topology import Kind
from nnplay.gui.panels.layers import LayersPanel
from nnplay.setup import new_document

Layers = Bench[LayersPanel]


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Layers]:
    made = Bench(qtbot, tmp_path, LayersPanel, size=(258, 400))
    yield made
    made.close()


def shown(bench: Layers) -> list[tuple[str, str, str]]:
    return [
        (row.name.text(), row.number.text(), row.activation.currentText())
        for row in bench.panel.rows
    ]


def sizes(bench: Layers) -> list[int]:
    network = bench.network
    return [len(network.level_ids(level)) for level in network.hidden_levels]


def test_plus_and_minus(bench: Layers) -> None:
    assert shown(bench) == [("Hidden 1", "4", "tanh"), ("Hidden 2", "2", "tanh")]
    bench.click(bench.panel.rows[0].plus)
    bench.click(bench.panel.rows[0].plus)
    bench.click(bench.panel.rows[1].minus)
    assert sizes(bench) == [6, 1]
    assert bench.undo_count == 3
    assert [row.number.text() for row in bench.panel.rows] == ["6", "1"]
    minus = bench.panel.rows[1].minus
    assert not minus.isEnabled()
    assert "layer" in minus.toolTip()
    for _ in range(3):  # whoever clicks on and on takes no layer away, this one or the next
        bench.click(minus)
    assert sizes(bench) == [6, 1]
    assert bench.panel.rows[0].minus.isEnabled()
    bench.click(bench.panel.rows[1].plus)
    assert minus.isEnabled()
    for _ in range(4):
        bench.session.undo()
    assert shown(bench) == [("Hidden 1", "4", "tanh"), ("Hidden 2", "2", "tanh")]


def test_add_and_remove_layers(bench: Layers) -> None:
    bench.click(bench.panel.add_layer)
    assert sizes(bench) == [4, 2, 2]
    bench.click(bench.panel.rows[1].remove)
    assert sizes(bench) == [4, 2]
    bench.click(bench.panel.rows[1].remove)
    bench.click(bench.panel.rows[0].remove)
    assert sizes(bench) == []
    assert bench.panel.rows == []
    assert bench.network.topology.edge_count == 2, "inputs feed the output directly"
    bench.click(bench.panel.add_layer)
    assert sizes(bench) == [4]
    assert bench.session.step_batch()


def test_activation_of_a_layer_and_of_the_output(bench: Layers) -> None:
    row = bench.panel.rows[0]
    assert row.activation.findText("softmax") < 0
    bench.choose(row.activation, "ReLU")
    level = bench.network.level_ids(1)
    assert {bench.network.activation_of(i) for i in level} == {"relu"}
    bench.session.set_activation([level[0]], "sigmoid")
    assert row.activation.currentIndex() == -1
    assert row.activation.placeholderText() == "mixed"
    bench.choose(row.activation, "tanh")
    assert {bench.network.activation_of(i) for i in level} == {"tanh"}
    bench.choose(bench.panel.output.activation, "linear")
    assert bench.network.output_activations == ("linear",)
    assert bench.undo_count == 4


def test_a_refused_output_activation_is_shown_as_it_is(qtbot: QtBot, tmp_path: Path) -> None:
    bench = Bench(qtbot, tmp_path, LayersPanel, new_document("iris")[0])
    try:
        assert bench.panel.output.number.text() == "3"
        bench.choose(bench.panel.output.activation, "tanh")
        assert bench.panel.output.activation.currentText() == "softmax"
        assert len(bench.notices) == 1
        bench.notices[0].action()
        assert set(bench.network.output_activations) == {"tanh"}
        assert bench.panel.output.activation.currentText() == "tanh"
    finally:
        bench.close()


def test_a_name_selects_its_neurons(bench: Layers) -> None:
    bench.click(bench.panel.rows[1].name)
    assert bench.session.selection.neurons == set(bench.network.level_ids(2))
    bench.click(bench.panel.output.name)
    assert bench.session.selection.neurons == set(bench.network.topology.output_ids)


def test_a_network_drawn_by_hand_has_layers_by_level(bench: Layers) -> None:
    session = bench.session
    source = bench.network.level_ids(1)[0]
    new = session.add_neuron(Kind.HIDDEN, 300, 300)
    assert shown(bench)[0] == ("Hidden 1", "5", "tanh"), "without connections it stands at level 1"
    session.connect(bench.network.level_ids(2)[0], new)
    assert [row[1] for row in shown(bench)] == ["4", "2", "1"]
    session.connect(new, bench.network.topology.output_ids[0])
    session.connect(source, new)
    bench.click(bench.panel.rows[2].plus)
    assert sizes(bench) == [4, 2, 2]
    twin = bench.network.level_ids(3)[-1]
    feeds = {s for s, _ in bench.network.topology.incoming(twin)}
    assert feeds == {s for s, _ in bench.network.topology.incoming(new)}


def test_without_outputs_there_is_a_way_out(bench: Layers) -> None:
    bench.session.remove(bench.network.topology.output_ids)
    assert not bench.panel.output.isVisible()
    assert not bench.panel.add_layer.isEnabled()
    assert bench.panel.no_output.isVisible()
    bench.click(bench.panel.no_output.buttons()[0])
    assert len(bench.network.topology.output_ids) == 1
    assert not bench.panel.no_output.isVisible()
    assert bench.session.data_problem == ""


def test_layers_change_while_training_goes_on(bench: Layers) -> None:
    bench.session.start()
    bench.qtbot.waitUntil(lambda: bench.session.shown_step > 10, timeout=5000)
    bench.click(bench.panel.rows[0].plus)
    bench.click(bench.panel.add_layer)
    assert bench.session.is_running
    step = bench.session.shown_step
    bench.qtbot.waitUntil(lambda: bench.session.shown_step > step + 20, timeout=5000)
    bench.session.pause()
    assert sizes(bench) == [5, 2, 2]
