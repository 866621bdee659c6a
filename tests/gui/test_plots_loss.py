"""The loss plot: grows while training, reads what was recorded, is cut back by undo."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from gui.plot_driver import PlotBench, pixels, share_of
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication  # noqa: TID251
from pytestqt.qtbot import QtBot

from nnplay.core.history import History
from nnplay.gui.plots.loss import LossPlot
from nnplay.gui.plots.loss_chart import LossChart
from nnplay.gui.plots.recorder import thinned
from nnplay.gui.theme import Theme

Loss = PlotBench[LossPlot]


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Loss]:
    made: Loss = PlotBench(qtbot, tmp_path, LossPlot)
    yield made
    made.close()


def settle(bench: Loss) -> None:
    """Until the plot shows all of the session's curve."""
    bench.qtbot.waitUntil(
        lambda: bench.plot.chart.history.same_as(bench.session.curve), timeout=5000
    )


def history(losses: np.ndarray, test: np.ndarray | None = None) -> History:
    losses = np.asarray(losses, dtype=float)
    return History(
        np.arange(float(len(losses))), losses, losses * 2 if test is None else np.asarray(test)
    )


def lines(bench: Loss) -> dict[str, str]:
    cross = bench.plot.chart.crosshair
    return {} if cross is None else {line.name: line.value for line in cross.lines}


def wheel(bench: Loss, place: QPointF) -> None:
    view = bench.plot.chart.viewport()
    where = QPointF(place)
    event = QWheelEvent(
        where,
        QPointF(view.mapToGlobal(where.toPoint())),
        QPoint(),
        QPoint(0, 240),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view, event)


# ---------------------------------------------------------------------- empty, growing, cut back
def test_says_what_to_do_before_the_first_run(bench: Loss) -> None:
    assert bench.plot.empty.isVisible()
    assert "Space" in bench.plot.empty.sentence()
    losses = bench.session.losses
    assert losses is not None
    assert [float(t) for t in bench.plot.legend.texts] == pytest.approx(
        [losses.loss_train, losses.loss_test], abs=6e-4
    )


def test_grows_during_a_real_run(bench: Loss) -> None:
    seen = set()
    bench.session.start()

    def grown() -> bool:
        seen.add(len(bench.plot.chart.history))
        return len(seen) >= 5

    bench.qtbot.waitUntil(grown, timeout=10000)
    assert bench.plot.chart.isVisible()
    bench.session.pause()
    settle(bench)

    def agrees() -> bool:
        losses = bench.session.losses
        texts = bench.plot.legend.texts
        return (
            losses is not None and abs(float(texts[0].replace("−", "-")) - losses.loss_train) < 6e-4
        )

    bench.qtbot.waitUntil(agrees, timeout=3000)


def test_undo_cuts_the_curve_back_and_redo_restores_it(bench: Loss) -> None:
    bench.train(12)
    bench.train(9)
    settle(bench)
    whole = bench.plot.chart.history
    assert whole.epochs[-1] == 21
    bench.session.undo()
    settle(bench)
    assert bench.plot.chart.history.epochs[-1] == 12
    assert bench.plot.chart.curves.curves[0].x[-1] == 12
    bench.session.redo()
    settle(bench)
    assert bench.plot.chart.history.same_as(whole)
    bench.session.undo_to(0)
    bench.qtbot.waitUntil(bench.plot.empty.isVisible)


def test_another_end_of_the_same_length_is_drawn_anew(bench: Loss) -> None:
    bench.train(6)
    settle(bench)
    bench.session.undo()
    bench.session.set_training(learning_rate=1.0)
    bench.train(6)
    settle(bench)
    train = bench.plot.chart.curves.curves[1]
    assert train.y.tolist() == bench.session.curve.train.tolist()


def test_the_plot_is_lines_and_no_area(bench: Loss) -> None:
    bench.train(30)
    settle(bench)
    for mode in ("dark", "light"):
        bench.theme.set_mode(mode)  # type: ignore[arg-type]
        palette = bench.theme.palette
        picture = pixels(bench.plot.chart)
        assert 0.001 < share_of(picture, palette.text) < 0.05, mode
        assert share_of(picture, palette.panel) > 0.85, mode


def test_train_is_solid_test_dashed_and_thin_lines_lie_below(bench: Loss) -> None:
    bench.train(8)
    settle(bench)
    raw_test, raw_train, test, train = bench.plot.chart.curves.curves
    assert train.pen.style() == Qt.PenStyle.SolidLine
    assert test.pen.style() == Qt.PenStyle.CustomDashLine
    assert [c.pen.widthF() for c in (raw_test, raw_train, test, train)] == [1, 1, 2, 2]
    assert raw_train.pen.color().alphaF() < 0.5 < train.pen.color().alphaF()


# ---------------------------------------------------------------------- reading
def test_hover_reads_the_recorded_losses(bench: Loss) -> None:
    bench.train(20)
    settle(bench)
    chart, curve = bench.plot.chart, bench.session.curve
    for epoch in (3, 11, 20):
        bench.hover(chart.viewport(), chart.place_of(float(epoch), float(curve.train[epoch])))
        got = lines(bench)
        assert got["epoch"] == str(epoch)
        assert float(got["train"]) == pytest.approx(curve.train[epoch], rel=1e-4)
        assert float(got["test"]) == pytest.approx(curve.test[epoch], rel=1e-4)
        chart.grab()
        assert chart.rect().contains(chart.readout_box.toRect())
    bench.hover(chart.viewport(), QPointF(3, 3))
    assert chart.crosshair is None


def test_readout_follows_a_run_below_a_resting_pointer(bench: Loss) -> None:
    bench.train(5)
    settle(bench)
    chart = bench.plot.chart
    bench.hover(chart.viewport(), chart.place_of(9.0, 0.1))
    assert lines(bench)["epoch"] == "5"
    bench.train(4)
    settle(bench)
    assert lines(bench)["epoch"] == "9"


def test_arrow_keys_read_and_escape_stops(bench: Loss) -> None:
    bench.train(10)
    settle(bench)
    chart = bench.plot.chart
    chart.setFocus()
    for key, epoch in (("Right", 0), ("Right", 1), ("Right", 2), ("Left", 1)):
        QTest.keyClick(chart, getattr(Qt.Key, f"Key_{key}"))
        assert lines(bench)["epoch"] == str(epoch)
    QTest.keyClick(chart, Qt.Key.Key_Escape)
    assert chart.crosshair is None
    QTest.keyClick(chart, Qt.Key.Key_Left)
    assert lines(bench)["epoch"] == "10"


# ---------------------------------------------------------------------- gaps and other data
def ink_at(chart: LossChart, theme: Theme, x: float) -> int:
    """How many pixels of a column of the plot are not the panel's colour or a grid line's."""
    picture, area = pixels(chart), chart.plot_rect.toAlignedRect()
    column = picture[area.top() : area.bottom(), round(chart.place_of(x, 0.0).x())].astype(int)
    palette = theme.palette
    known = [[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in (palette.panel, palette.border)]
    return int((min_distance(column, known) > 24).sum())


def min_distance(column: np.ndarray, colours: list[list[int]]) -> np.ndarray:
    return np.min([np.abs(column - colour).max(axis=1) for colour in colours], axis=0)


def test_no_line_crosses_the_epochs_without_a_test_part(qtbot: QtBot) -> None:
    theme = Theme("dark")
    chart = LossChart(theme)
    qtbot.addWidget(chart)
    chart.resize(500, 260)
    test = np.full(300, 0.5)
    test[100:200] = np.nan
    whole = history(np.zeros(300), test)
    chart.set_history(History(whole.epochs[:150], whole.train[:150], whole.test[:150]))
    chart.set_history(whole)
    chart.show()
    assert ink_at(chart, theme, 150.0) <= 3  # the training curve on its own
    assert max(ink_at(chart, theme, x) for x in np.arange(60.0, 90.0)) >= 4
    assert max(ink_at(chart, theme, x) for x in np.arange(201.0, 230.0)) >= 4
    smooth = chart.curves.curves[2]
    assert smooth.x[smooth.x >= 150][0] == 200  # the average is there at once


def test_a_change_of_data_breaks_both_curves_and_is_marked(bench: Loss) -> None:
    bench.train(8)
    bench.session.set_data(source="xor-table")
    settle(bench)
    chart = bench.plot.chart
    bench.train(9)
    bench.session.set_data(source="spiral")
    bench.train(4)
    settle(bench)
    raw_test, raw_train, test, train = chart.curves.curves
    assert train.breaks.tolist() == raw_train.breaks.tolist() == [8.0, 17.0]
    assert test.breaks.tolist() == raw_test.breaks.tolist() == [8.0]
    assert train.y[9] == raw_train.y[9]  # nothing of the other data in the average
    chart.grab()
    bench.hover(chart.viewport(), chart.place_of(8.0, float(bench.session.curve.train[8])))
    assert "data changed here" in lines(bench)
    bench.hover(chart.viewport(), chart.place_of(12.0, 0.1))
    assert "data changed here" not in lines(bench)
    bench.hover(chart.viewport(), QPointF(2, 2))
    # The dotted line stands in the whole height of the plot.
    heights = [ink_at(chart, bench.theme, 17.0 + shift) for shift in (0.0, 0.04, 0.08)]
    assert max(heights) > 20
    assert ink_at(chart, bench.theme, 15.5) < 12
    for _ in range(3):  # the last run, the data, the run before
        bench.session.undo()
    settle(bench)
    assert chart.curves.curves[3].breaks.tolist() == []
    bench.session.redo()
    bench.session.redo()
    bench.session.redo()
    settle(bench)
    bench.qtbot.waitUntil(
        lambda: chart.curves.curves[3].breaks.tolist() == [8.0, 17.0], timeout=3000
    )


def test_data_tried_out_and_taken_back_leave_no_mark(bench: Loss) -> None:
    bench.train(5)
    for source in ("xor", "spiral", "circle"):
        bench.session.set_data(source=source)
    bench.train(5)
    settle(bench)
    assert bench.plot.chart.curves.curves[3].breaks.tolist() == []


# ---------------------------------------------------------------------- axes and view
def test_log_switch(bench: Loss) -> None:
    bench.train(10)
    settle(bench)
    chart, curve = bench.plot.chart, bench.session.curve
    bench.click(bench.plot.log_button)
    assert chart.is_logarithmic
    train = chart.curves.curves[1]
    assert train.y == pytest.approx(np.log10(curve.train))
    bench.hover(chart.viewport(), chart.place_of(4.0, float(np.log10(curve.train[4]))))
    assert float(lines(bench)["train"]) == pytest.approx(curve.train[4], rel=1e-4)
    low, high = chart.viewRange()[1]
    assert low < np.log10(curve.train.min())
    assert high > np.log10(curve.train[0])
    bench.click(bench.plot.log_button)
    assert chart.curves.curves[1].y == pytest.approx(curve.train)


def test_wheel_zooms_and_double_click_shows_all_again(bench: Loss) -> None:
    bench.train(10)
    settle(bench)
    chart = bench.plot.chart
    home = chart.viewRange()
    wheel(bench, chart.place_of(5.0, float(bench.session.curve.train[5])))
    assert not chart.is_at_home
    zoomed = chart.viewRange()
    picture, area = pixels(chart), chart.plot_rect.toAlignedRect()
    assert share_of(picture, bench.theme.palette.text) > 0.001
    strange = picture.copy()
    strange[area.top() - 1 : area.bottom() + 2, area.left() - 1 : area.right() + 2] = 0
    assert share_of(strange, bench.theme.palette.text) == 0.0  # no line leaves its plot
    assert zoomed[0][1] - zoomed[0][0] < 0.9 * (home[0][1] - home[0][0])
    bench.train(3)
    settle(bench)
    assert chart.viewRange() == zoomed  # a closer look is not taken away by training
    QTest.mouseDClick(
        chart.viewport(), Qt.MouseButton.LeftButton, pos=chart.plot_rect.center().toPoint()
    )
    assert chart.is_at_home
    assert chart.viewRange()[0][1] >= 13
    wheel(bench, chart.place_of(5.0, 0.2))
    assert not chart.is_at_home
    chart.setFocus()
    QTest.keyClick(chart, Qt.Key.Key_Home)
    assert chart.is_at_home


def test_zeros_on_a_log_axis_lie_at_the_floor_and_read_zero(qtbot: QtBot) -> None:
    chart = LossChart(Theme("dark"))
    qtbot.addWidget(chart)
    chart.resize(400, 200)
    chart.set_history(history([1.0, 0.01, 0.0, 0.1]))
    chart.set_log_mode(True)
    train = chart.curves.curves[1]
    assert train.y.tolist() == pytest.approx([0.0, -2.0, -3.0, -1.0])
    cross = chart.reading_at(2.0, 0.0)
    assert cross is not None
    assert cross.lines[1].value == "0"


def test_missing_test_part_and_values_that_are_not_finite(qtbot: QtBot) -> None:
    chart = LossChart(Theme("light"))
    qtbot.addWidget(chart)
    chart.resize(400, 200)
    chart.set_history(history([1.0, np.inf, 3.0], [np.nan] * 3))
    chart.show()
    chart.grab()
    cross = chart.reading_at(1.2, 0.0)
    assert cross is not None
    assert [line.name for line in cross.lines] == ["epoch", "train"]
    assert cross.lines[1].value == "inf"
    assert cross.dots == ()
    assert chart.viewRange()[1][1] > 3.0


def test_at_most_a_thousand_points_are_drawn(qtbot: QtBot) -> None:
    random = np.random.default_rng(0)
    chart = LossChart(Theme("dark"))
    qtbot.addWidget(chart)
    chart.resize(1400, 400)
    losses = 1.0 + random.random(50_000)
    losses[31_234] = 40.0
    chart.set_history(history(losses))
    chart.show()
    chart.grab()
    assert all(len(curve.x) <= 1000 for curve in chart.curves.curves)
    assert 1000 < chart.curves.drawn_points <= 4000
    raw_train = chart.curves.curves[1]
    assert raw_train.x[raw_train.y.argmax()] == 31_234
    # Ten more epochs cost ten more epochs of work, and change nothing before.
    longer = np.append(losses, np.ones(10))
    chart.set_history(history(longer))
    assert len(chart.history) == 50_010


def test_thinning_keeps_every_point_close() -> None:
    x = np.arange(1000.0)
    y = 100.0 * np.exp(-x / 40.0) + np.where(x == 700, 3.0, 0.0)
    tx, ty = thinned(x, y, 0.1)
    assert len(tx) < 150
    assert np.abs(np.interp(x, tx, ty) - y).max() <= 0.1
    assert (tx[0], tx[-1]) == (0.0, 999.0)
    assert len(thinned(x, y, 0.0)[0]) == 1000


# ---------------------------------------------------------------------- start-up and theme
def test_the_first_paint_does_not_wait_for_the_chart() -> None:
    code = (
        "import sys\n"
        "from PySide6.QtWidgets import QApplication\n"
        "app = QApplication([])\n"
        "from nnplay.gui.plots.activation import ActivationPlot\n"
        "from nnplay.gui.plots.decision_map import DecisionMap\n"
        "from nnplay.gui.plots.loss import LossPlot\n"
        "from nnplay.gui.theme import Theme\n"
        "from nnplay.session.session import Session\n"
        "session, theme = Session(), Theme('dark')\n"
        "plots = [plot(session, theme) for plot in (LossPlot, ActivationPlot, DecisionMap)]\n"
        "for plot in plots:\n"
        "    plot.show()\n"
        "    plot.grab()\n"
        "assert 'pyqtgraph' not in sys.modules\n"
        "plots[0].chart\n"
        "assert 'pyqtgraph' in sys.modules\n"
        "session.shutdown()\n"
        "print('fine')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.strip() == "fine", done.stderr


def test_theme_repaints_curves_legend_and_axes(bench: Loss) -> None:
    bench.train(20)
    settle(bench)
    dark = bench.theme.palette
    assert share_of(pixels(bench.plot.legend), dark.text) > 0.005
    bench.theme.set_mode("light")
    light = bench.theme.palette
    assert bench.plot.chart.curves.curves[3].pen.color().name() == light.text.lower()
    picture = pixels(bench.plot.chart)
    assert share_of(picture, light.panel) > 0.85
    assert share_of(picture, light.text) > 0.001
    assert share_of(pixels(bench.plot.legend), light.text) > 0.005
