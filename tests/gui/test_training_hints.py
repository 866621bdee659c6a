"""Hints in the training panel: said, mended with one click, dismissed, never in the way."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from gui.panel_driver import Bench
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from nnplay.core.hints import training_hints
from nnplay.core.optimizers import OPTIMIZERS
from nnplay.gui.panels.training import TrainingPanel
from nnplay.session.hinting import Hinting
from nnplay.session.session import Session
from nnplay.setup import new_document

Training = Bench[TrainingPanel]


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Training]:
    made = Bench(qtbot, tmp_path, TrainingPanel, size=(290, 1200))
    yield made
    made.close()


def said(bench: Training) -> list[str]:
    return [box.text() for box in bench.panel.settings.hints.boxes()]


def test_nothing_is_said_about_the_usual_settings(bench: Training) -> None:
    assert said(bench) == []
    assert not bench.panel.settings.hints.isVisible()


def test_a_rate_that_suits_another_optimiser_is_said_with_the_usual_one(bench: Training) -> None:
    bench.session.set_training(learning_rate=0.5)
    bench.qtbot.wait(200)
    assert said(bench) == [], "a choice of one's own is no news"
    bench.choose(bench.panel.settings.learning.optimizer, "Adam")
    usual = OPTIMIZERS["adam"].usual_rate
    bench.qtbot.waitUntil(lambda: len(said(bench)) == 1)
    assert said(bench)[0].startswith("A learning rate of 0.5 is large for Adam")
    assert bench.session.training.learning_rate == 0.5, "nothing happens by itself"
    box = bench.panel.settings.hints.boxes()[0]
    assert box.buttons()[0].text() == f"Use {usual:g}"
    bench.click(box.buttons()[0])
    assert bench.session.training.learning_rate == usual
    bench.qtbot.waitUntil(lambda: said(bench) == [])
    bench.session.undo()
    assert bench.session.training.learning_rate == 0.5


def test_a_rate_near_the_usual_one_is_left_in_peace(bench: Training) -> None:
    bench.session.set_training(learning_rate=2 * OPTIMIZERS["adam"].usual_rate)
    bench.choose(bench.panel.settings.learning.optimizer, "Adam")
    bench.qtbot.wait(200)
    assert said(bench) == []


def test_the_hints_of_the_engine_are_shown_and_mended(qtbot: QtBot, tmp_path: Path) -> None:
    document = new_document("circle")[0]
    network = document.network.set_activation(document.network.topology.output_ids, "sigmoid")
    bench = Bench(qtbot, tmp_path, TrainingPanel, document.with_network(network), (290, 1200))
    try:
        samples = bench.session.workspace.data.samples(bench.session.document)[0]
        hints = training_hints(bench.network, bench.session.training, samples)
        assert [hint.key for hint in hints] == ["sigmoid_squared"]
        assert said(bench) == [hints[0].sentence]
        button = bench.panel.settings.hints.boxes()[0].buttons()[0]
        assert button.text() == "Use Binary cross-entropy"
        button.setFocus()
        QTest.keyClick(button, " ")
        assert bench.session.training.loss == "binary_cross_entropy"
        qtbot.waitUntil(lambda: said(bench) == [])
        bench.session.undo()
        qtbot.waitUntil(lambda: len(said(bench)) == 1)
    finally:
        bench.close()


def test_every_remedy_has_words_and_does_what_it_says(qtbot: QtBot, tmp_path: Path) -> None:
    session = Session(new_document("reg-plane")[0], state_folder=tmp_path)
    try:
        hinting = Hinting(session)
        outputs = session.network.topology.output_ids
        session.set_training(label_smoothing=0.1, class_weights=(1.0, 2.0), optimizer="lbfgs")
        session.set_activation(outputs, "step")
        seen = set()
        for _ in range(12):
            shown = [hint for hint in hinting.hints() if hint.mend is not None]
            if not shown:
                break
            hint, count = shown[0], session.undo_stack.count()
            assert hint.words != "Change it"
            assert hint.sentence.endswith(".")
            seen.add(hint.words)
            assert hint.mend is not None
            hint.mend()
            assert session.undo_stack.count() == count + 1, hint.words
            assert hint.key not in [other.key for other in hinting.hints()]
        assert "Count all classes alike" in seen
        assert "Switch label smoothing off" in seen
        assert any(words.startswith("Make the outputs") for words in seen)
        assert any(words.startswith("Use batches of") for words in seen)
    finally:
        session.shutdown()


def test_what_is_dismissed_stays_away_until_another_document(
    bench: Training, tmp_path: Path
) -> None:
    bench.session.set_training(learning_rate=50.0)
    bench.qtbot.waitUntil(lambda: len(said(bench)) == 1)
    buttons = bench.panel.settings.hints.boxes()[0].buttons()
    assert buttons[-1].text() == "Not now"
    undo_count = bench.undo_count
    bench.click(buttons[-1])
    bench.qtbot.waitUntil(lambda: said(bench) == [])
    assert bench.undo_count == undo_count
    bench.session.set_training(learning_rate=60.0)
    bench.qtbot.wait(200)
    assert said(bench) == []
    other = bench.session.document
    bench.session.new_document(other)
    bench.qtbot.waitUntil(lambda: len(said(bench)) == 1)


def test_hints_block_nothing(bench: Training) -> None:
    bench.session.set_training(learning_rate=50.0)
    bench.qtbot.waitUntil(lambda: len(said(bench)) == 1)
    assert bench.session.step_batch() or bench.session.run_state.kind == "diverged"
    assert bench.session.undo_stack.count() > 1
