"""Choosing activations: groups, curves, formulas, and the drawing in the inspector."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from gui.panel_driver import Bench
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from nnplay.core.activations import ACTIVATIONS
from nnplay.gui.panels.activation_plot import ActivationPlot
from nnplay.gui.panels.inspector import InspectorPanel
from nnplay.gui.panels.inspector_neuron import NeuronPage
from nnplay.gui.theme import Theme
from nnplay.gui.widgets.activation_choice import ActivationChoice
from nnplay.gui.widgets.activation_shapes import activation_groups, activation_icon, sampled

Inspector = Bench[InspectorPanel]


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Inspector]:
    made = Bench(qtbot, tmp_path, InspectorPanel)
    yield made
    made.close()


def page_of(bench: Inspector, neuron: int) -> NeuronPage:
    bench.session.select([neuron])
    page = bench.panel.page()
    assert isinstance(page, NeuronPage)
    return page


def test_every_activation_is_in_one_group() -> None:
    for_outputs = [name for _, names in activation_groups(for_outputs=True) for name in names]
    assert sorted(for_outputs) == sorted(ACTIVATIONS)
    hidden = [name for _, names in activation_groups(for_outputs=False) for name in names]
    assert sorted(hidden) == sorted(n for n, a in ACTIVATIONS.items() if not a.is_group)


@pytest.mark.parametrize("name", [n for n in ACTIVATIONS if n != "step"])
def test_slopes_drawn_are_those_of_the_curve(name: str) -> None:
    z = np.array([-2.3, -0.4, 0.7, 2.1])
    _, slopes = sampled(name, z)
    rise = (sampled(name, z + 1e-6)[0] - sampled(name, z - 1e-6)[0]) / 2e-6
    assert slopes == pytest.approx(rise, abs=1e-8)


@pytest.mark.parametrize("name", list(ACTIVATIONS))
def test_far_from_0_nothing_is_amiss(qtbot: QtBot, name: str) -> None:
    plot = ActivationPlot(Theme("dark"))
    qtbot.addWidget(plot)
    plot.resize(200, 112)
    for z in (-1e4, 1e4, 0.0):
        plot.show_point(name, z)
        assert not plot.grab().isNull()  # a warning of NumPy would fail the test
        assert name == "softmax" or np.isfinite(plot.values()).all()


def test_curves_differ_and_follow_the_theme(qtbot: QtBot) -> None:
    theme = Theme("dark")

    def picture(name: str) -> bytes:
        image = activation_icon(theme, name).pixmap(26, 18).toImage()
        return bytes(image.constBits())

    names = [n for n in ACTIVATIONS if n not in ("softmax", "gelu_tanh")]
    assert len({picture(name) for name in names}) == len(names)
    before = picture("tanh")
    theme.set_mode("light")
    assert picture("tanh") != before


def test_captions_cannot_be_chosen_and_home_leads_to_the_first_function(
    qtbot: QtBot, bench: Inspector
) -> None:
    page = page_of(bench, bench.network.topology.hidden_ids[0])
    choice = page.activation
    captions = [i for i in range(choice.count()) if choice.itemData(i) is None]
    assert [choice.itemText(i) for i in captions] == ["Common", "Smooth", "Bounded", "Others"]
    choice.setFocus()
    choice.showPopup()
    QTest.keyClick(choice.view(), Qt.Key.Key_Home)
    assert choice.view().currentIndex().data() == "linear"
    place = choice.view().visualRect(choice.model().index(captions[1], 0)).center()
    QTest.mouseClick(choice.view().viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert choice.value() == "tanh"
    assert bench.undo_count == 0
    place = choice.view().visualRect(choice.model().index(captions[1] + 1, 0)).center()
    QTest.mouseClick(choice.view().viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert bench.network.activation_of(bench.network.topology.hidden_ids[0]) == choice.value()
    assert choice.value() == activation_groups(for_outputs=False)[1][1][0]
    assert bench.undo_count == 1


def test_every_entry_has_its_formula_and_when_open_its_curve(
    qtbot: QtBot, bench: Inspector
) -> None:
    choice = page_of(bench, bench.network.topology.output_ids[0]).activation
    choice.showPopup()
    for name, activation in ACTIVATIONS.items():
        place = choice.findData(name)
        assert activation.formula in choice.itemData(place, Qt.ItemDataRole.ToolTipRole)
        assert not choice.itemIcon(place).isNull()
    choice.hidePopup()
    assert ACTIVATIONS["tanh"].formula in choice.toolTip()


def test_a_long_name_does_not_run_into_the_arrow(qtbot: QtBot) -> None:
    choice = ActivationChoice(Theme("dark"))
    qtbot.addWidget(choice)
    choice.offer(for_outputs=False)
    choice.set_value("gelu_tanh")
    choice.setFixedWidth(70)
    choice.show()
    image = choice.grab().toImage()
    arrow_side = {image.pixelColor(x, 4).name() for x in range(50, 66)}
    assert len(arrow_side) == 1, "nothing is written above and beside the arrow"
    assert "GELU (tanh)" in choice.toolTip()


def test_the_drawing_marks_the_probe(bench: Inspector) -> None:
    neuron = bench.network.topology.hidden_ids[0]
    page = page_of(bench, neuron)
    row = bench.network.topology.row(neuron)
    z = bench.session.probe.pre_activations[row]
    expected = (z, np.tanh(z), 1 - np.tanh(z) ** 2)
    assert page.plot.values() == pytest.approx(expected, abs=1e-12)
    bench.session.set_bias(neuron, 1.5)
    bench.qtbot.waitUntil(
        lambda: (
            page.plot.values()[0] == bench.session.probe.pre_activations[row]
            and z != page.plot.values()[0]
        )
    )
    bench.choose(page.activation, "step")
    bench.qtbot.waitUntil(lambda: page.plot.values()[2] == 0.0)
    assert "gradient" in page.remark.text() or "slope" in page.remark.text()
    assert page.remark.isVisible()
    bench.session.undo()
    assert not page.remark.isVisible()
