"""The activation plot: bars of the probed sample, and their trail over epochs."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from gui.plot_driver import PlotBench, pixels, share_of
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from nnplay.core.topology import Kind
from nnplay.gui.plots.activation import ActivationPlot
from nnplay.gui.plots.activation_choice import MOST_LINES, MOST_ROWS
from nnplay.gui.plots.activation_trail import ActivationTrailChart
from nnplay.setup import new_document

Act = PlotBench[ActivationPlot]


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Act]:
    made: Act = PlotBench(qtbot, tmp_path, ActivationPlot)
    made.plot.flush()
    yield made
    made.close()


@pytest.fixture
def digits(qtbot: QtBot, tmp_path: Path) -> Iterator[Act]:
    """More neurons than anyone can read."""
    made: Act = PlotBench(qtbot, tmp_path, ActivationPlot, new_document("digits")[0])
    made.plot.flush()
    yield made
    made.close()


@pytest.fixture
def trail(bench: Act) -> Iterator[Act]:
    """After a run, with the lines over epochs in front."""
    bench.train(25)
    bench.click(bench.plot.over_time_button)
    bench.plot.flush()
    assert chart(bench).isVisible()
    return bench


def chart(bench: Act) -> ActivationTrailChart:
    made = bench.plot.trail
    assert made is not None
    return made


def column(bench: Act, neuron: int) -> np.ndarray:
    values = bench.session.activation_trail.values
    return values[:, bench.network.topology.row(neuron)].astype(float)


# ---------------------------------------------------------------------- bars
def test_every_neuron_has_a_bar_as_long_as_its_activation(bench: Act) -> None:
    bars, session = bench.plot.bars, bench.session
    assert sorted(bars.shown_ids) == sorted(session.network.topology.ids.tolist())
    picture = pixels(bars.viewport())
    palette = bench.theme.palette
    background = {palette.panel, palette.border}
    for neuron in bars.shown_ids:
        value = session.probe.activations[session.network.topology.row(neuron)]
        _, area, track = next(
            bar for bar in bars._bars if bar[0] == session.network.topology.row(neuron)
        )
        assert bars.bar_rect(neuron) == area  # nothing is scrolled
        row = picture[round(track.center().y()) - 3, round(track.left()) : round(track.right())]
        coloured = np.array(
            [
                not any(np.abs(pixel.astype(int) - rgb(colour)).max() < 14 for colour in background)
                for pixel in row
            ]
        )
        expected = abs(value) / bars.limit_of(neuron) * track.width() / 2
        assert coloured.sum() == pytest.approx(expected, abs=5), neuron
        middle = len(row) // 2
        side = coloured[middle + 2 :].sum() if value > 0 else coloured[: middle - 2].sum()
        assert side >= coloured.sum() - 4


def rgb(colour: str) -> np.ndarray:
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])


def test_bars_stream_during_a_run_and_follow_the_probe(bench: Act) -> None:
    seen = set()
    bench.session.start()

    def moved() -> bool:
        seen.add(pixels(bench.plot.bars.viewport()).tobytes())
        return len(seen) >= 5

    bench.qtbot.waitUntil(moved, timeout=10000)
    bench.session.pause()
    bench.qtbot.wait(120)
    before = pixels(bench.plot.bars.viewport())
    bench.session.set_probe((-4.0, 1.0))
    bench.qtbot.wait(120)
    assert (pixels(bench.plot.bars.viewport()) != before).any()


def test_pointing_selecting_and_arrow_keys(bench: Act) -> None:
    bars, session = bench.plot.bars, bench.session
    output = session.network.topology.output_ids[0]
    place = bars.bar_rect(output).center()
    bench.hover(bars.viewport(), place)
    assert session.hovered == output
    bench.press(bars.viewport(), place)
    bench.release(bars.viewport(), place)
    assert session.selection.neurons == {output}
    QTest.keyClick(bars, Qt.Key.Key_Up)
    (above,) = session.selection.neurons
    assert bars.shown_ids.index(above) == bars.shown_ids.index(output) - 1
    bench.hover(bars.viewport(), QPointF(bars.viewport().width() - 2, 1))
    assert session.hovered is None


def test_hovered_neuron_is_marked(bench: Act) -> None:
    bars, session = bench.plot.bars, bench.session
    output = session.network.topology.output_ids[0]
    before = pixels(bars.viewport())
    session.hover(output)
    bench.qtbot.wait(80)
    changed = np.argwhere((pixels(bars.viewport()) != before).any(axis=-1))
    area = bars.bar_rect(output)
    assert len(changed) > 200
    assert changed[:, 0].min() >= area.top() - 2
    assert changed[:, 0].max() <= area.bottom() + 2


def test_inputs_have_a_scale_of_their_own(bench: Act) -> None:
    bars, session = bench.plot.bars, bench.session
    session.set_probe((5.5, -5.5))
    bench.plot.flush()
    inputs = session.network.topology.input_ids
    assert bars.limit_of(inputs[0]) >= 5.5
    assert bars.limit_of(session.network.topology.output_ids[0]) == 1.0


def test_a_large_network_shows_outputs_and_selection_and_says_so(digits: Act) -> None:
    bench = digits
    bars, topology = bench.plot.bars, bench.network.topology
    assert len(bars.shown_ids) == MOST_ROWS < topology.neuron_count
    assert set(topology.output_ids) <= set(bars.shown_ids)
    assert bars.sentence.startswith(f"{MOST_ROWS} of {topology.neuron_count} neurons")
    hidden = next(i for i in topology.ids.tolist() if i not in bars.shown_ids)
    bench.session.select((hidden,))
    bench.plot.flush()
    assert hidden in bars.shown_ids
    # Down to the last: what is chosen by keyboard is scrolled into view.
    bars.setFocus()
    bench.session.select((bars.shown_ids[0],))
    for _ in range(len(bars.shown_ids) - 1):
        QTest.keyClick(bars, Qt.Key.Key_Down)
    last = bars.shown_ids[-1]
    assert bench.session.selection.neurons == {last}
    assert 0 <= bars.bar_rect(last).top() < bars.viewport().height() - 20


def test_edits_change_the_rows(bench: Act) -> None:
    bars, session = bench.plot.bars, bench.session
    neuron = session.add_to_level(1)
    bench.qtbot.waitUntil(lambda: neuron in bars.shown_ids)
    session.undo()
    bench.qtbot.waitUntil(lambda: neuron not in bars.shown_ids)
    bars.grab()


# ---------------------------------------------------------------------- over epochs
def test_says_what_to_do_before_there_is_a_trail(bench: Act) -> None:
    bench.click(bench.plot.over_time_button)
    assert bench.plot.empty.isVisible()
    assert "Train" in bench.plot.empty.sentence()
    bench.session.start()
    bench.qtbot.waitUntil(lambda: chart(bench).isVisible(), timeout=5000)
    bench.session.pause()
    bench.click(bench.plot.over_time_button)
    assert bench.plot.bars.isVisible()


def test_lines_are_the_recorded_activations(trail: Act) -> None:
    lines = chart(trail)
    session = trail.session
    output = session.network.topology.output_ids[0]
    assert lines.highlighted == [output]
    assert set(lines.shown_ids) == set(session.network.topology.ids.tolist()) - set(
        session.network.topology.input_ids
    )
    strong = lines.curves.curves[-1]
    assert strong.x.tolist() == session.activation_trail.epochs.tolist()
    assert strong.y == pytest.approx(column(trail, output))
    assert len(lines.curves.curves) == len(lines.shown_ids)


def test_hovering_a_line_reads_and_points_at_its_neuron(trail: Act) -> None:
    lines, session = chart(trail), trail.session
    output = session.network.topology.output_ids[0]
    epochs = session.activation_trail.epochs
    index = len(epochs) // 2
    value = column(trail, output)[index]
    trail.hover(lines.viewport(), lines.place_of(float(epochs[index]), value))
    cross = lines.crosshair
    assert cross is not None
    neuron = session.hovered
    assert neuron is not None
    shown = float(cross.lines[1].value.replace("−", "-"))
    assert shown == pytest.approx(column(trail, neuron)[index], rel=1e-3, abs=1e-6)
    assert neuron in lines.highlighted
    trail.hover(lines.viewport(), QPointF(2, 2))
    assert session.hovered is None


def test_a_click_selects_and_a_double_click_shows_all(trail: Act) -> None:
    lines, session = chart(trail), trail.session
    epochs = session.activation_trail.epochs
    hidden = session.network.topology.ids_of(Kind.HIDDEN)
    values = {i: column(trail, i)[-1] for i in hidden}
    neuron = max(values, key=lambda i: min(abs(values[i] - v) for j, v in values.items() if j != i))
    place = lines.place_of(float(epochs[-1]), values[neuron])
    trail.hover(lines.viewport(), place)
    trail.press(lines.viewport(), place)
    trail.release(lines.viewport(), place)
    assert session.selection.neurons == {session.hovered}
    QTest.mouseDClick(lines.viewport(), Qt.MouseButton.LeftButton, pos=place.toPoint())
    assert lines.is_at_home


def test_trail_streams_and_undo_cuts_it_back(trail: Act) -> None:
    lines, session = chart(trail), trail.session
    end = lines.curves.curves[-1].x[-1]
    session.start()
    trail.qtbot.waitUntil(lambda: lines.curves.curves[-1].x[-1] > end + 5, timeout=10000)
    session.pause()
    session.undo()
    trail.qtbot.waitUntil(lambda: lines.curves.curves[-1].x[-1] <= end, timeout=3000)


def test_a_large_network_keeps_few_lines_and_apart_labels(digits: Act) -> None:
    bench = digits
    bench.train(3)
    bench.click(bench.plot.over_time_button)
    bench.plot.flush()
    lines = chart(bench)
    assert len(lines.shown_ids) <= MOST_LINES
    assert set(bench.network.topology.output_ids) <= set(lines.shown_ids)
    assert "vary most" in lines.sentence
    taken: list[float] = []
    for wanted in (50.0, 50.0, 49.0, 52.0):
        place = lines._free_place(wanted, taken, 12.0)
        if place is not None:
            taken.append(place)
    assert len(taken) == 3
    assert min(np.diff(sorted(taken))) >= 11.5


def test_theme_repaints_both_views(trail: Act) -> None:
    trail.theme.set_mode("light")
    palette = trail.theme.palette
    picture = pixels(chart(trail))
    assert share_of(picture, palette.panel) > 0.8
    assert share_of(picture, palette.text) > 0.001
    trail.click(trail.plot.over_time_button)
    trail.qtbot.wait(60)
    picture = pixels(trail.plot.bars.viewport())
    assert share_of(picture, palette.panel) > 0.6
    assert share_of(picture, "#1a1d24") < 0.02
