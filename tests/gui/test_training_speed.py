"""Speed by hand, and what is said about it: panel, header, status line."""

import math
from collections.abc import Iterator
from pathlib import Path

import pytest
from gui.panel_driver import Bench
from pytestqt.qtbot import QtBot

from nnplay.gui.panels.pace import pace_text, rate_text
from nnplay.gui.panels.training import TrainingPanel
from nnplay.gui.panels.training_speed import SpeedChoice
from nnplay.gui.status_strip import StatusStrip
from nnplay.session.values import RunState

Training = Bench[TrainingPanel]


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Training]:
    made = Bench(qtbot, tmp_path, TrainingPanel)
    yield made
    made.close()


def test_speeds_can_be_chosen_and_are_no_edit(bench: Training) -> None:
    choice = bench.panel.speed.choice
    document = bench.session.document
    assert choice.currentText() == "Flat out"
    bench.choose(choice, "1 step a second")
    assert bench.session.speed == 1.0
    bench.choose(choice, "60 steps a second")
    assert bench.session.speed == 60.0
    bench.choose(choice, "2 epochs a second")
    assert bench.session.speed == 2.0 * bench.session.batches_per_epoch
    bench.choose(choice, "Flat out")
    assert bench.session.speed == math.inf
    assert bench.session.document is document


def test_an_epoch_a_second_stays_so_with_other_batches(bench: Training) -> None:
    choice = bench.panel.speed.choice
    bench.choose(choice, "1 epoch a second")
    assert bench.session.speed == 25.0
    bench.session.set_training(batch_size=25)
    assert bench.session.speed == 10.0
    assert choice.currentText() == "1 epoch a second"
    bench.choose(choice, "10 steps a second")
    bench.session.set_training(batch_size=50)
    assert bench.session.speed == 10.0
    assert choice.currentText() == "10 steps a second"


def test_two_views_show_the_same_speed(qtbot: QtBot, bench: Training) -> None:
    other = SpeedChoice(bench.session)
    qtbot.addWidget(other)
    bench.choose(bench.panel.speed.choice, "5 steps a second")
    assert other.currentText() == "5 steps a second"
    bench.choose(bench.panel.speed.choice, "2 epochs a second")
    assert other.currentText() == "2 epochs a second"
    bench.session.set_training(batch_size=25)
    assert (bench.session.speed, other.currentText()) == (20.0, "2 epochs a second")
    bench.session.set_speed(3.5)
    for choice in (other, bench.panel.speed.choice):
        assert choice.currentIndex() == -1
        assert choice.placeholderText() == "3.5 steps a second"


def test_a_slow_run_steps_one_by_one_and_its_pace_is_said(qtbot: QtBot, bench: Training) -> None:
    status = StatusStrip(bench.session, bench.theme)
    qtbot.addWidget(status)
    status.resize(1200, 28)
    status.show()
    numbers = bench.panel.numbers
    assert numbers.steps_per_second.text() == "–"
    bench.choose(bench.panel.speed.choice, "10 steps a second")
    bench.click(bench.panel.controls.play)
    seen: set[int] = set()
    bench.session.frame_arrived.connect(lambda frame: seen.add(frame.step))
    qtbot.waitUntil(lambda: len(seen) >= 8, timeout=10000)
    assert max(seen) - min(seen) <= len(seen) + 3, "hardly a step is skipped on the screen"
    qtbot.waitUntil(lambda: "steps/s" in status.texts()[2], timeout=5000)
    qtbot.waitUntil(lambda: numbers.steps_per_second.text() not in ("–", "0"), timeout=5000)
    assert 2 <= float(numbers.steps_per_second.text()) <= 14
    bench.click(bench.panel.controls.play)
    qtbot.waitUntil(lambda: status.texts()[2] == "")
    qtbot.waitUntil(lambda: numbers.steps_per_second.text() == "–")


def test_the_backend_is_named_with_its_reason(qtbot: QtBot, bench: Training) -> None:
    status = StatusStrip(bench.session, bench.theme)
    qtbot.addWidget(status)
    status.show()
    assert status.texts()[3].endswith(bench.session.run_state.backend)
    assert status.counts_tip() == bench.session.backend_words
    assert bench.session.backend_words.endswith(".")


@pytest.mark.parametrize(
    ("number", "text"),
    [(0.04, "0.0"), (1.0, "1.0"), (9.96, "10"), (85.6, "86"), (2144, "2,140"), (99999, "100,000")],
)
def test_numbers_that_change_all_the_time_have_few_digits(number: float, text: str) -> None:
    assert rate_text(number) == text


def test_the_pace_in_words() -> None:
    run = RunState("running", 3, 80, 2144.0, 85.76, 36.2)
    assert pace_text(run) == "2,140 steps/s · 86 epochs/s · 36 steps/frame"
    assert pace_text(RunState("running", 0, 1, 1.0, 0.04, 0.0)) == "1.0 steps/s"
    assert pace_text(RunState()) == ""
