"""The further plots, with real clicks: made when seen, silent when hidden, right in what they say."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gui.plot_driver import PlotBench, pixels, share_of, sine_document, three_class_document
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from nnplay.core.layer_statistics import gradient_of, layer_gradient_norms
from nnplay.document import Document
from nnplay.gui.plots.insight.catalogue import PLOTS
from nnplay.gui.plots.insight.confusion import ConfusionPage
from nnplay.gui.plots.insight.data_heat import DataHeatPage
from nnplay.gui.plots.insight.gradients import GradientsPage
from nnplay.gui.plots.insight.hidden_space import HiddenSpacePage
from nnplay.gui.plots.insight.histograms import HistogramsPage
from nnplay.gui.plots.insight.landscape import LandscapePage
from nnplay.gui.plots.insight.lines import EpochTrail, LinesChart
from nnplay.gui.plots.insight.metrics import MetricsPage
from nnplay.gui.plots.insight.panel import MorePlots
from nnplay.gui.plots.insight.regression import RegressionPage
from nnplay.gui.plots.insight.weights import WeightsPage
from nnplay.setup import new_document

Open = Callable[..., tuple[PlotBench[Any], Any]]


@pytest.fixture
def more(qtbot: QtBot, tmp_path: Path) -> Iterator[Open]:
    made: list[PlotBench[Any]] = []

    def open_plot(name: str, document: Document | None = None) -> tuple[PlotBench[Any], Any]:
        bench: PlotBench[Any] = PlotBench(qtbot, tmp_path / "state", MorePlots, document)
        made.append(bench)
        bench.plot.show_plot(name)
        return bench, bench.plot.page

    yield open_plot
    for bench in made:
        bench.close()


def shown(bench: PlotBench[Any], page: Any) -> None:
    """Wait until the plot itself stands in the page."""
    bench.qtbot.waitUntil(lambda: page.stack.currentWidget() is not page.empty, timeout=8000)
    page.flush()


def click(widget: Any, place: QPointF) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=place.toPoint())


# ---------------------------------------------------------------------- the card
def test_plots_are_made_when_first_seen_and_chosen_from_the_menu(more: Open) -> None:
    bench, page = more("metrics")
    panel = bench.plot
    assert panel.made == ("metrics",)
    menu = panel.menu
    menu.popup(panel.button.mapToGlobal(QPoint(0, 26)))
    action = next(a for a in menu.actions() if a.data() == "confusion")
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())
    assert panel.current == "confusion"
    assert isinstance(panel.page, ConfusionPage)
    assert panel.page.isVisible()
    assert not page.isVisible()
    assert panel.made == ("metrics", "confusion")
    assert panel.button.text() == "Confusion ▾"
    assert "Confusion matrix" in panel.button.accessibleName()


def test_nothing_is_wished_for_while_hidden(more: Open) -> None:
    bench, page = more("gradients")
    wishes = bench.session._evaluations._requests
    assert page.key in wishes
    bench.plot.show_plot("weights")
    assert page.key not in wishes
    bench.plot.show_plot("gradients")
    assert page.key in wishes
    bench.panel.hide()
    assert page.key not in wishes


@pytest.mark.parametrize("entry", PLOTS, ids=lambda entry: entry.name)
def test_every_plot_stands_empty_data_and_a_lost_output(more: Open, entry: Any) -> None:
    bench, page = more(entry.name)
    QTest.qWait(60)
    bench.session.remove(neurons=bench.session.network.topology.output_ids)
    QTest.qWait(60)
    page.flush()
    bench.panel.grab()
    bench.session.undo()
    bench.session.remove(neurons=bench.session.network.topology.hidden_ids)
    QTest.qWait(60)
    page.flush()
    bench.panel.grab()
    assert page.empty.sentence().endswith(".")


# ---------------------------------------------------------------------- over epochs
def test_accuracy_is_recorded_and_cut_by_undo(more: Open) -> None:
    bench, page = more("metrics")
    assert isinstance(page, MetricsPage)
    bench.train(15)
    bench.qtbot.waitUntil(lambda: page.curve()[0].tolist() == list(range(16)), timeout=5000)
    session = bench.session
    bench.qtbot.waitUntil(
        lambda: (
            page.curve()[1][-1].tolist()
            == [session.losses.accuracy_train, session.losses.accuracy_test]
        )
    )
    shown(bench, page)
    assert f"train {100 * session.losses.accuracy_train:.1f} %" in page.caption.text()
    session.undo()
    bench.qtbot.waitUntil(lambda: page.curve()[0].tolist() == [0.0])
    session.redo()
    bench.qtbot.waitUntil(lambda: page.curve()[0].tolist() == list(range(16)))


def test_gradient_norms_are_those_of_the_network(more: Open) -> None:
    bench, page = more("gradients")
    assert isinstance(page, GradientsPage)
    shown(bench, page)
    session = bench.session
    train, _ = session.workspace.data.samples(session.document)
    wanted = layer_gradient_norms(
        session.network, gradient_of(session.network, train, session.training)
    )
    lines = page.chart.lines
    assert [line.name for line in lines] == ["Hidden 1", "Hidden 2", "Output"]
    np.testing.assert_allclose([line.values[-1] for line in lines], wanted, rtol=1e-12)
    session.select(session.network.topology.hidden_ids[:1])
    bench.qtbot.waitUntil(lambda: len(page.chart.lines) == 4)
    bench.hover(page.chart.viewport(), page.chart.place_of(0.0, np.log10(wanted[0])))
    texts = {line.name: line.value for line in page.chart.crosshair.lines}
    assert float(texts["Hidden 1"]) == pytest.approx(wanted[0], rel=1e-3)


def test_weights_follow_the_selection_and_undo(more: Open) -> None:
    bench, page = more("weights")
    assert isinstance(page, WeightsPage)
    assert page.stack.currentWidget() is page.empty
    bench.train(10)
    shown(bench, page)
    session = bench.session
    topology = session.network.topology
    edge = tuple(topology.edges[0].tolist())
    session.select((topology.hidden_ids[0],), (edge,))
    page.flush()
    bench.qtbot.waitUntil(lambda: page.chart.lines[0].name.startswith("x₁ →"))
    slot = topology.bias_slot(topology.hidden_ids[0])
    assert page.shown_slots[:2] == [0, slot]
    bench.qtbot.waitUntil(lambda: page.chart.epochs[-1] == 10.0)
    assert page.chart.lines[1].values[-1] == pytest.approx(session.network.theta[slot], abs=1e-6)
    session.undo()
    bench.qtbot.waitUntil(lambda: page.stack.currentWidget() is page.empty)


def test_a_trail_stays_bounded() -> None:
    trail = EpochTrail(limit=10)
    for epoch in range(100):
        trail.add(epoch, [epoch, -epoch])
    assert len(trail) <= 10
    assert trail.epochs[0] == 0.0
    assert trail.epochs[-1] == 99.0
    np.testing.assert_array_equal(trail.rows[:, 0], trail.epochs)
    trail.add(40, [1.0, 2.0])
    assert (trail.epochs <= 40).all()
    assert trail.rows[-1].tolist() == [1.0, 2.0]
    trail.add(50, [1.0])
    assert trail.epochs.tolist() == [50.0]


def test_no_chart_draws_more_than_a_thousand_points(more: Open) -> None:
    bench, page = more("gradients")
    chart = page.chart
    assert isinstance(chart, LinesChart)
    from nnplay.gui.plots.insight.lines import Line, line_pen

    epochs = np.arange(400.0)
    values = np.random.default_rng(0).random((12, 400)) + 0.1
    pens = [line_pen(bench.theme.palette, i, 12) for i in range(12)]
    chart.set_lines(epochs, [Line(str(i), v, pens[i]) for i, v in enumerate(values)])
    page.show_content(chart)
    chart.viewport().repaint()
    assert 0 < chart.curves.drawn_points <= 1000


# ---------------------------------------------------------------------- histograms
def test_histograms_show_what_was_chosen(more: Open) -> None:
    bench, page = more("histograms")
    assert isinstance(page, HistogramsPage)
    shown(bench, page)
    assert page.drawing.panel_count == 3
    bench.choose(page.quantity, "Weights")
    bench.qtbot.waitUntil(
        lambda: bool(page.moments) and page.moments[-1][1].histograms[2].counts.sum() == 2
    )
    page.flush()
    area = page.drawing.plot_area(page.drawing.panels()[0])
    bench.hover(page.drawing, area.center())
    texts = {line.name: line.value for line in page.drawing.readout}
    weights = bench.network.theta[:8]
    assert texts["mean"].replace("−", "-") == f"{weights.mean():.3g}"
    click(page.over_time_button, QPointF(page.over_time_button.rect().center()))
    bench.train(8)
    bench.qtbot.waitUntil(lambda: page.moments[-1][0] == 8.0)
    page.refresh()
    assert page.moments[0][0] == 0.0
    bench.hover(page.drawing, QPointF(area.left() + 1, area.center().y()))
    assert ("epoch", "0") in {(x.name, x.value) for x in page.drawing.readout}
    assert share_of(pixels(page.drawing), bench.theme.palette.panel) < 0.95


# ---------------------------------------------------------------------- samples
def test_a_click_on_the_heat_map_selects_and_probes(more: Open) -> None:
    bench, page = more("data_heat")
    assert isinstance(page, DataHeatPage)
    shown(bench, page)
    session = bench.session
    neuron = session.network.topology.hidden_ids[2]
    row = int(session.prepared.train_rows[11])
    place = page.drawing.place_of(neuron, row)
    bench.hover(page.drawing, place)
    texts = {line.name: line.value for line in page.drawing.readout}
    probed = int(texts["row"].replace(",", "")) - 1
    click(page.drawing, place)
    assert session.selection.neurons == {neuron}
    assert session.probe.row == probed
    line = session.network.topology.row(neuron)
    value = session.probe.activations[line]
    assert float(texts["activation"].replace("−", "-")) == pytest.approx(value, abs=2e-3)
    page.drawing.setFocus()
    QTest.keyClick(page.drawing, Qt.Key.Key_Down)
    assert session.selection.neurons == {session.network.topology.hidden_ids[3]}


def test_a_hidden_layer_is_a_plane_with_a_grid(more: Open) -> None:
    bench, page = more("hidden_space")
    assert isinstance(page, HiddenSpacePage)
    shown(bench, page)
    assert page.layer.value() == "2"
    drawing, session = page.drawing, bench.session
    assert drawing.grid.shape[0] == 18
    topology = session.network.topology
    index = 7
    click(drawing, QPointF(*drawing.frame.pixels(drawing.places)[index].tolist()))
    probe = session.probe
    x, y = probe.activations[topology.rows(topology.hidden_ids[-2:])]
    place = drawing.places[int(np.flatnonzero(drawing.rows == probe.row)[0])]
    np.testing.assert_allclose(place, [x, y], atol=1e-5)
    bench.choose(page.layer, "Hidden 1")
    bench.qtbot.waitUntil(lambda: "spread" in page.caption.text(), timeout=5000)
    assert page.x_axis.value() == "pc0"
    centred = drawing.places - drawing.places.mean(axis=0)
    assert abs(np.corrcoef(centred.T)[0, 1]) < 1e-6
    bench.train(5)
    bench.choose(page.x_axis, "h₁")
    page.flush()


def test_clicking_the_confusion_matrix_probes_such_a_sample(more: Open) -> None:
    bench, page = more("confusion", three_class_document())
    assert isinstance(page, ConfusionPage)
    shown(bench, page)
    session, table = bench.session, page.drawing.table
    prepared = session.prepared
    assert table.counts.sum() == len(prepared.train_rows)
    click(page.test_button, QPointF(page.test_button.rect().center()))
    bench.qtbot.waitUntil(lambda: table.counts.sum() == len(prepared.test_rows))
    page.flush()
    page.drawing.repaint()
    true, given = np.unravel_index(int(table.counts.argmax()), table.counts.shape)
    place = table.cell_rect((int(true), int(given))).center()
    bench.hover(page.drawing, place)
    texts = {line.name: line.value for line in page.drawing.readout}
    assert texts["samples"] == str(table.counts.max())
    share = 100 * table.counts.max() / table.counts[true].sum()
    assert texts["of the true ones"] == f"{share:.1f} %"
    click(page.drawing, place)
    assert session.probe.row in prepared.test_rows
    assert prepared.class_index[session.probe.row] == true
    before = session.probe.row
    page.drawing.setFocus()
    QTest.keyClick(page.drawing, Qt.Key.Key_Return)
    assert table.counts.max() == 1 or session.probe.row != before
    click(page.share_button, QPointF(page.share_button.rect().center()))
    page.flush()
    assert table.shows_shares


def test_numbers_have_no_confusion_and_classes_no_surface(more: Open) -> None:
    bench, page = more("confusion", sine_document())
    bench.qtbot.waitUntil(lambda: "number" in page.empty.sentence())
    bench.session.new_document(new_document("circle")[0])
    bench.plot.show_plot("regression")
    page = bench.plot.page
    page.flush()
    bench.qtbot.waitUntil(lambda: "class" in page.empty.sentence())


def test_regression_shows_curve_cloud_and_residuals(more: Open) -> None:
    bench, page = more("regression", sine_document())
    assert isinstance(page, RegressionPage)
    shown(bench, page)
    assert page.view.value() == "curve"
    bench.choose(page.view, "Predicted and true")
    bench.qtbot.waitUntil(lambda: page.stack.currentWidget() is page.cloud)
    drawing, session = page.cloud, bench.session
    place = QPointF(*drawing.pixels()[3].tolist())
    click(drawing, place)
    assert session.probe.row in session.prepared.train_rows
    wanted = session.prepared.restore_target(session.prepared.values[[session.probe.row]])[0, 0]
    index = int(np.flatnonzero(drawing._rows == session.probe.row)[0])
    assert drawing.places[index, 0] == pytest.approx(wanted)
    given = drawing.places[index, 1]
    bench.choose(page.view, "Residuals")
    bench.qtbot.waitUntil(lambda: drawing._residuals)
    assert drawing.places[index, 1] == pytest.approx(wanted - given)


def test_a_surface_is_turned_by_dragging(more: Open) -> None:
    bench, page = more("regression", new_document("reg-plane")[0])
    shown(bench, page)
    surface = page.surface
    assert page.stack.currentWidget() is surface
    before = surface.azimuth
    centre = QPointF(surface.rect().center())
    bench.drag_by_hand(surface, centre, centre + QPointF(60, 20))
    assert surface.azimuth == pytest.approx(before + 0.6)
    found = surface.found
    places, _ = surface.seen(found.samples[:, :3])
    inside = [
        i for i, (x, y) in enumerate(places) if surface.rect().contains(QPoint(int(x), int(y)))
    ]
    click(surface, QPointF(*places[inside[5]].tolist()))
    assert bench.session.probe.row in found.rows


# ---------------------------------------------------------------------- the landscape
def test_a_landscape_is_computed_and_the_path_drawn_on_it(more: Open) -> None:
    bench, page = more("landscape")
    assert isinstance(page, LandscapePage)
    bench.train(12)
    click(page.compute, QPointF(page.compute.rect().center()))
    assert page.compute.text() == "Cancel"
    bench.qtbot.waitUntil(lambda: page.drawing.found is not None, timeout=20000)
    assert page.compute.text() == "Compute"
    assert page.stack.currentWidget() is page.drawing
    found, session = page.drawing.found, bench.session
    np.testing.assert_allclose(page.drawing.path[-1], [0.0, 0.0], atol=1e-9)
    assert len(page.drawing.path) >= 3
    column, row = np.abs(found.x).argmin(), np.abs(found.y).argmin()
    assert found.losses[row, column] == pytest.approx(session.losses.loss_train, rel=0.2)
    bench.hover(page.drawing, page.drawing.frame.to_pixel(found.x[5], found.y[8]))
    texts = {line.name: line.value for line in page.drawing.readout}
    assert float(texts["loss"]) == pytest.approx(found.losses[8, 5], rel=1e-3)
    start = page.drawing.path[-1].copy()
    bench.train(12)
    page.flush()
    bench.qtbot.waitUntil(lambda: np.abs(page.drawing.path[-1] - start).max() > 1e-6)
    session.remove(neurons=session.network.topology.hidden_ids[:1])
    bench.qtbot.waitUntil(lambda: page.stack.currentWidget() is page.empty)


def test_a_landscape_can_be_cancelled_with_its_button(
    more: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nnplay.gui.plots.insight.landscape.RESOLUTION", 500)
    bench, page = more("landscape")
    bench.choose(page.kind, "Random directions")
    click(page.compute, QPointF(page.compute.rect().center()))
    assert page.progress.isVisible()
    bench.qtbot.waitUntil(lambda: page.progress.value() > 0, timeout=20000)
    click(page.compute, QPointF(page.compute.rect().center()))
    bench.qtbot.waitUntil(lambda: page.compute.text() == "Compute", timeout=10000)
    assert page.drawing.found is None
    assert not page.progress.isVisible()
    assert not bench.session.landscape_scan.is_running


def test_two_selected_weights_span_a_landscape(more: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nnplay.gui.plots.insight.landscape.RESOLUTION", 5)
    bench, page = more("landscape")
    edges = [tuple(edge) for edge in bench.network.topology.edges[[1, 4]].tolist()]
    bench.session.select((), edges)
    bench.choose(page.kind, "Two weights")
    click(page.compute, QPointF(page.compute.rect().center()))
    bench.qtbot.waitUntil(lambda: page.drawing.found is not None, timeout=20000)
    directions = page.drawing.found.plane.directions
    assert {int(np.flatnonzero(d)[0]) for d in directions} == {1, 4}
