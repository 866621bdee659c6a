"""The health panel with real clicks: findings, ablation, the probe, the next batch; the dialog."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from gui.panel_driver import LEFT, Bench
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from nnplay.core.ailments import AILMENTS, SEVERITIES
from nnplay.gui.dialogs.gradient_check import GradientCheckDialog
from nnplay.gui.panels.health import HealthPanel
from nnplay.gui.panels.health_ablation import AblationPage
from nnplay.gui.panels.health_batch import BatchPage
from nnplay.gui.panels.health_findings import FindingsPage
from nnplay.gui.panels.health_probe import ProbePage
from nnplay.gui.panels.ranking import RankList
from nnplay.gui.theme import Theme
from nnplay.picture.badges import paint_badge
from nnplay.picture.palette import DARK, LIGHT
from nnplay.session.session import Session


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Bench[HealthPanel]]:
    made = Bench(qtbot, tmp_path, HealthPanel)
    qtbot.waitUntil(lambda: "findings" in made.panel.pages)
    yield made
    made.close()


def page(bench: Bench[HealthPanel], name: str) -> object:
    bench.click(
        bench.panel.segments.buttons[["findings", "ablation", "probe", "batch"].index(name)]
    )
    return bench.panel.pages[name]


def click_row(bench: Bench[HealthPanel], rank: RankList, place: int, *, more: bool = False) -> None:
    model = rank.model()
    box = rank.visualRect(model.index(place, 0))
    keys = Qt.KeyboardModifier.ControlModifier if more else Qt.KeyboardModifier.NoModifier
    QTest.mouseClick(rank.viewport(), LEFT, keys, box.center())


def kill(bench: Bench[HealthPanel]) -> int:
    sick = bench.network.topology.hidden_ids[1]
    bench.session.set_activation([sick], "relu")
    bench.session.set_bias(sick, -100.0)
    return sick


def test_a_sick_neuron_is_listed_and_a_click_selects_it(bench: Bench[HealthPanel]) -> None:
    findings = bench.panel.pages["findings"]
    assert isinstance(findings, FindingsPage)
    bench.qtbot.waitUntil(lambda: findings.summary.text().startswith("Healthy"))
    sick = kill(bench)
    bench.qtbot.waitUntil(lambda: bool(findings.rows) and findings.rows[0].isVisible())
    row = findings.rows[0]
    assert row.finding is not None
    assert row.finding.kind == "dead"
    assert "never active" in row.accessibleName()
    bench.click(row)
    assert bench.session.selection.neurons == frozenset([sick])
    assert row.property("chosen") == "all"
    bench.session.select((), ())
    row.setFocus()
    QTest.keyClick(row, Qt.Key.Key_Return)
    assert bench.session.selection.neurons == frozenset([sick])
    bench.session.undo()
    bench.qtbot.waitUntil(lambda: not row.isVisible())


def test_thresholds_are_shown(bench: Bench[HealthPanel]) -> None:
    findings = bench.panel.pages["findings"]
    assert isinstance(findings, FindingsPage)
    assert not findings._thresholds.isVisible()
    findings.area.ensureWidgetVisible(findings._fold)
    bench.click(findings._fold)
    assert findings._thresholds.isVisible()
    assert findings._thresholds.layout().count() == len(AILMENTS)


def test_nobody_looks_while_it_is_hidden(bench: Bench[HealthPanel]) -> None:
    insight = bench.session.insight
    assert insight.is_looked_at("health")
    page(bench, "ablation")
    assert not insight.is_looked_at("health")
    page(bench, "probe")
    assert insight.is_looked_at("saliency")
    bench.panel.hide()
    assert not insight.is_looked_at("saliency")
    bench.panel.show()
    bench.qtbot.waitUntil(lambda: insight.is_looked_at("saliency"))


def test_ablation_ranks_selects_and_prunes_in_one_step(bench: Bench[HealthPanel]) -> None:
    ablation = page(bench, "ablation")
    assert isinstance(ablation, AblationPage)
    before = bench.network
    bench.click(ablation.measure)
    bench.qtbot.waitUntil(lambda: ablation.outcome is not None)
    bench.qtbot.waitUntil(lambda: ablation.measure.text() == "Measure")
    assert bench.network is before
    assert len(ablation.list.rows) == 8
    hidden = [
        place
        for place, row in enumerate(ablation.list.rows)
        if row.key in before.topology.hidden_ids
    ][:2]
    keys = {ablation.list.rows[place].key for place in hidden}
    click_row(bench, ablation.list, hidden[0])
    click_row(bench, ablation.list, hidden[1], more=True)
    assert bench.session.selection.neurons == keys
    steps = bench.undo_count
    bench.click(ablation.switch_off)
    off = bench.network.topology.ids[~bench.network.neuron_enabled]
    assert set(off.tolist()) == keys
    assert bench.undo_count == steps + 1
    assert "changed since" in ablation.note.text()
    bench.session.undo()
    bench.click(ablation.prune)
    assert bench.undo_count == steps + 1
    assert not keys & set(bench.network.topology.ids.tolist())
    assert ablation.outcome is None
    bench.session.undo()
    assert bench.network.topology == before.topology


def test_connections_are_ranked_and_pruned(bench: Bench[HealthPanel]) -> None:
    ablation = page(bench, "ablation")
    assert isinstance(ablation, AblationPage)
    bench.click(ablation.subject.buttons[1])
    bench.click(ablation.measure)
    bench.qtbot.waitUntil(lambda: ablation.outcome is not None)
    count = bench.network.topology.edge_count
    assert len(ablation.list.rows) == count
    slot = ablation.list.rows[0].key
    pair = tuple(bench.network.topology.edges[slot].tolist())
    click_row(bench, ablation.list, 0)
    assert bench.session.selection.edges == frozenset([pair])
    bench.click(ablation.prune)
    assert bench.network.topology.edge_count == count - 1
    assert not bench.network.topology.has_edge(*pair)


def test_slopes_of_the_probe_follow_it(bench: Bench[HealthPanel]) -> None:
    probe = page(bench, "probe")
    assert isinstance(probe, ProbePage)
    bench.qtbot.waitUntil(lambda: len(probe.list.rows) == 2)
    sizes = [abs(row.bar) for row in probe.list.rows]
    assert sizes[0] == 1.0 >= sizes[1]
    before = [row.text for row in probe.list.rows]
    bench.session.set_probe([4.0, -4.5])
    bench.qtbot.waitUntil(lambda: [row.text for row in probe.list.rows] != before)


def test_the_counterfactual_moves_the_probe_over_the_boundary(bench: Bench[HealthPanel]) -> None:
    bench.session.run_epochs(60)
    bench.qtbot.waitUntil(lambda: not bench.session.is_running)
    probe = page(bench, "probe")
    assert isinstance(probe, ProbePage)
    assert not probe.move_there.isVisible()
    before = bench.session.probe.activations[-1] > 0
    bench.click(probe.search)
    bench.qtbot.waitUntil(lambda: probe.found is not None)
    assert "→" in probe.text.text()
    bench.click(probe.move_there)
    assert (bench.session.probe.activations[-1] > 0) != before
    assert not probe.move_there.isVisible()


def test_none_found_is_said(bench: Bench[HealthPanel]) -> None:
    network = bench.network
    bench.session.set_biases(network.topology.output_ids, 50.0)
    probe = page(bench, "probe")
    assert isinstance(probe, ProbePage)
    bench.click(probe.search)
    bench.qtbot.waitUntil(lambda: probe.found is not None)
    assert probe.text.text().startswith("None found")
    assert not probe.move_there.isVisible()


def test_the_next_batch_is_listed_and_marked(bench: Bench[HealthPanel]) -> None:
    marked: list[np.ndarray] = []
    bench.panel.rows_marked.connect(marked.append)
    batch = page(bench, "batch")
    assert isinstance(batch, BatchPage)
    bench.qtbot.waitUntil(lambda: len(batch.list.rows) == 10)
    prepared = bench.session.prepared
    assert prepared is not None
    assert set(marked[-1].tolist()) == {row.key for row in batch.list.rows}
    assert set(marked[-1].tolist()) <= set(prepared.train_rows.tolist())
    first = marked[-1].tolist()
    bench.session.step_batch()
    bench.qtbot.waitUntil(lambda: marked[-1].size > 0 and marked[-1].tolist() != first)
    click_row(bench, batch.list, 0)
    assert bench.session.probe.row == batch.list.rows[0].key
    bench.click(batch.measure.buttons[1])
    assert "°" in batch._angle.text()
    bench.panel.hide()
    assert marked[-1].size == 0


def test_marks_on_the_canvas_are_asked_for(bench: Bench[HealthPanel]) -> None:
    wanted: list[bool] = []
    bench.panel.badges_wanted.connect(wanted.append)
    findings = bench.panel.pages["findings"]
    assert isinstance(findings, FindingsPage)
    page(bench, "probe")
    assert wanted[-1] is False
    page(bench, "findings")
    assert wanted[-1] is True
    bench.click(findings.badges)
    bench.panel.hide()
    assert wanted[-1] is True


# ---------------------------------------------------------------------- marks
@pytest.mark.parametrize("palette", [DARK, LIGHT])
def test_marks_differ_by_shape_not_only_by_colour(palette: object) -> None:
    shapes = []
    for severity in SEVERITIES:
        image = QImage(40, 40, QImage.Format.Format_ARGB32)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        from PySide6.QtCore import QPointF

        paint_badge(painter, palette, severity, QPointF(20, 20), 12.0)  # type: ignore[arg-type]
        painter.end()
        bits = np.frombuffer(image.constBits(), dtype=np.uint8).reshape(40, 40, 4)[:, :, 3] > 128
        shapes.append(bits)
    for i, one in enumerate(shapes):
        assert one.any()
        for other in shapes[:i]:
            assert (one != other).sum() > 40


# ---------------------------------------------------------------------- the dialog
def test_the_gradient_check_lists_parameters_and_selects_them(qtbot: QtBot, tmp_path: Path) -> None:
    session = Session(state_folder=tmp_path)
    dialog = GradientCheckDialog(session, Theme("dark"))
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: dialog.outcome is not None)
    assert dialog.verdict.text() == "Backpropagation is right"
    assert dialog.table.rowCount() == session.network.theta.size
    names = [dialog.table.item(row, 0).text() for row in range(dialog.table.rowCount())]
    weight = next(i for i, name in enumerate(names) if name.startswith("Weight"))
    bias = next(i for i, name in enumerate(names) if name.startswith("Bias"))
    dialog.table.selectRow(weight)
    assert len(session.selection.edges) == 1
    dialog.table.selectRow(bias)
    assert len(session.selection.neurons) == 1
    qtbot.mouseClick(dialog.again_button, LEFT)
    assert dialog.again_button.text() == "Cancel"
    qtbot.mouseClick(dialog.again_button, LEFT)
    qtbot.waitUntil(lambda: dialog.again_button.text() == "Check again")
    dialog.accept()
    session.shutdown()
