"""The training panel: runs, steps, settings changed while training, bad values explained."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from gui.panel_driver import Bench
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QMenu, QToolTip  # noqa: TID251
from pytestqt.qtbot import QtBot

from nnplay.core.targets import pairing_problem
from nnplay.gui.panels.rate_field import LEARNING_RATES
from nnplay.gui.panels.training import TrainingPanel
from nnplay.setup import new_document

Training = Bench[TrainingPanel]


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Training]:
    made = Bench(qtbot, tmp_path, TrainingPanel)
    yield made
    made.close()


def until_idle(bench: Training) -> None:
    bench.qtbot.waitUntil(lambda: not bench.session.is_running, timeout=10000)


# ---------------------------------------------------------------------- running
def test_play_and_pause(bench: Training) -> None:
    controls, numbers = bench.panel.controls, bench.panel.numbers
    assert controls.play.text() == "Play"
    bench.click(controls.play)
    assert bench.session.is_running
    assert controls.play.text() == "Pause"
    bench.qtbot.waitUntil(lambda: int(numbers.epoch.text().replace(",", "")) > 3, timeout=5000)
    bench.click(controls.play)
    assert not bench.session.is_running
    assert controls.play.text() == "Play"
    assert bench.undo_count == 1
    bench.qtbot.waitUntil(
        lambda: numbers.epoch.text().replace(",", "") == str(bench.session.shown_epoch)
    )
    losses = bench.session.losses
    assert losses is not None
    bench.qtbot.waitUntil(lambda: numbers.loss_train.text() == f"{losses.loss_train:.4f}")
    assert numbers.accuracy_test.text() == f"{100 * losses.accuracy_test:.1f} %"


def test_step_and_epoch(bench: Training) -> None:
    controls, numbers = bench.panel.controls, bench.panel.numbers
    bench.click(controls.step)
    assert (bench.session.shown_step, bench.session.shown_epoch) == (1, 0)
    bench.click(controls.epoch)
    until_idle(bench)
    assert (bench.session.shown_step, bench.session.shown_epoch) == (25, 1)
    bench.qtbot.waitUntil(lambda: (numbers.epoch.text(), numbers.step.text()) == ("1", "25"))


@pytest.mark.parametrize("by_key", [True, False])
def test_a_number_of_epochs(bench: Training, by_key: bool) -> None:
    controls = bench.panel.controls
    bench.type_into(controls.epochs, "7", finish=by_key)
    if not by_key:
        bench.click(controls.many)
    until_idle(bench)
    assert bench.session.shown_epoch == 7
    assert bench.session.undo_stack.undoText() == "Train 7 epochs"


@pytest.mark.parametrize("text", ["0", "-3", "2.5", "many"])
def test_an_impossible_number_of_epochs_is_explained_and_nothing_runs(
    bench: Training, text: str
) -> None:
    controls = bench.panel.controls
    bench.type_into(controls.epochs, text)
    assert controls.note.isVisible()
    assert controls.note.text().endswith(".")
    bench.click(controls.many)
    assert not bench.session.is_running
    assert bench.session.shown_epoch == 0
    bench.type_into(controls.epochs, "2")
    until_idle(bench)
    assert not controls.note.isVisible()
    assert bench.session.shown_epoch == 2


def test_reset_gives_the_same_weights_and_new_weights_others(bench: Training) -> None:
    start = bench.network.theta
    bench.click(bench.panel.controls.epoch)
    until_idle(bench)
    assert not np.array_equal(bench.network.theta, start)
    bench.click(bench.panel.controls.reset)
    assert np.array_equal(bench.network.theta, start)
    assert bench.session.shown_epoch == 0
    bench.click(bench.panel.controls.redraw)
    assert not np.array_equal(bench.network.theta, start)
    bench.session.undo()
    assert np.array_equal(bench.network.theta, start)


# ---------------------------------------------------------------------- settings
def test_the_learning_rate_changes_while_training_goes_on(bench: Training) -> None:
    bench.click(bench.panel.controls.play)
    bench.qtbot.waitUntil(lambda: bench.session.shown_epoch > 2, timeout=5000)
    bench.type_into(bench.panel.settings.learning.learning_rate, "1/4")
    before = bench.session.shown_epoch
    assert bench.session.training.learning_rate == 0.25
    assert bench.session.is_running
    bench.qtbot.waitUntil(lambda: bench.session.shown_epoch > before + 3, timeout=5000)
    assert bench.panel.settings.learning.learning_rate.text() == "0.25"
    bench.session.pause()
    stack = bench.session.undo_stack
    texts = [stack.text(i) for i in range(stack.count())]
    assert [text.split(" ")[0] for text in texts] == ["Train", "Set", "Train"]
    assert bench.session.document.state.epoch > before + 3
    bench.session.undo()
    bench.session.undo()
    assert bench.session.training.learning_rate == 0.03
    assert bench.panel.settings.learning.learning_rate.text() == "0.03"


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("batch_size", "32", 32),
        ("l1", "0,001", 0.001),
        ("l2", "1/8", 0.125),
        ("learning_rate", "3e-3", 0.003),
    ],
)
def test_numbers_apply_at_once_while_running(
    bench: Training, key: str, text: str, value: float
) -> None:
    bench.session.start()
    bench.type_into(bench.panel.settings.field(key), text)
    assert getattr(bench.session.training, key) == value
    assert isinstance(getattr(bench.session.training, key), type(value))
    assert bench.session.is_running
    bench.session.pause()


@pytest.mark.parametrize(
    ("key", "text", "words"),
    [
        ("learning_rate", "abc", "is not a number"),
        ("learning_rate", "-0.1", "above 0"),
        ("learning_rate", "0", "above 0"),
        ("learning_rate", "1e999", "large"),
        ("batch_size", "2.5", "whole number"),
        ("batch_size", "0", "from 1"),
        ("l1", "-1", "cannot be negative"),
        ("seed", "-1", "from 0"),
        ("seed", "seven", "is not a number"),
    ],
)
def test_bad_values_are_explained_at_the_field_and_change_nothing(
    bench: Training, key: str, text: str, words: str
) -> None:
    settings = bench.panel.settings
    field, note = settings.field(key), settings.note(key)
    document = bench.session.document
    shown = field.text()
    bench.type_into(field, text)
    assert note.isVisible()
    assert words in note.text() or words == "large"
    assert field.property("invalid")
    assert bench.session.document is document
    assert bench.notices == []
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == shown
    bench.type_into(field, "5")
    assert not note.isVisible()
    assert bench.session.document is not document


@pytest.mark.parametrize(
    ("key", "text", "words"),
    [
        ("learning_rate", "abc", "“abc” is not a number. "),
        ("learning_rate", "-1", "The learning rate must be above 0"),
        ("seed", "-1", "from 0"),
    ],
)
def test_a_field_left_with_a_bad_value_shows_the_good_one_again(
    bench: Training, key: str, text: str, words: str
) -> None:
    settings = bench.panel.settings
    field, note = settings.field(key), settings.note(key)
    document, shown = bench.session.document, field.text()
    bench.type_into(field, text, finish=False)
    QTest.keyClick(field, Qt.Key.Key_Tab)
    assert not field.hasFocus()
    assert field.text() == shown
    assert not field.property("invalid")
    assert note.isVisible()
    assert words in note.text()
    assert note.text().endswith(f"It is {shown} again.")
    assert note.mapTo(bench.panel, QPoint()).y() > field.mapTo(bench.panel, QPoint()).y()
    bench.qtbot.wait(30)
    assert not QToolTip.isVisible()  # the note says it already
    assert bench.session.document is document
    bench.type_into(field, "5")
    assert not note.isVisible()


def test_the_usual_rates_are_offered_and_keys_walk_through_them(bench: Training) -> None:
    field = bench.panel.settings.learning.learning_rate
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_Up)
    assert bench.session.training.learning_rate == 0.1
    QTest.keyClick(field, Qt.Key.Key_Down)
    QTest.keyClick(field, Qt.Key.Key_Down)
    assert bench.session.training.learning_rate == 0.01
    QTest.keyClick(field, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    menus = [m for m in field.findChildren(QMenu) if m.isVisible()]
    assert len(menus) == 1
    actions = menus[0].actions()
    assert [action.data() for action in actions] == list(LEARNING_RATES)
    assert [action.text() for action in actions if action.isChecked()] == ["0.01"]
    for _ in range(4):
        QTest.keyClick(menus[0], Qt.Key.Key_Up)
    QTest.keyClick(menus[0], Qt.Key.Key_Return)
    assert bench.session.training.learning_rate == LEARNING_RATES[0]
    assert field.text() == "0.00001"


def test_only_the_numbers_an_optimiser_uses_are_shown(bench: Training) -> None:
    settings = bench.panel.settings
    learning = settings.learning

    def visible() -> list[bool]:
        return [f.isVisible() for f in (learning.momentum, learning.beta1, learning.beta2)]

    assert visible() == [False, False, False]
    bench.choose(settings.learning.optimizer, "Momentum")
    assert bench.session.training.optimizer == "momentum"
    assert visible() == [True, False, False]
    bench.type_into(settings.learning.momentum, "1")
    assert settings.note("momentum").isVisible()
    bench.type_into(settings.learning.momentum, "1/2")
    assert bench.session.training.momentum == 0.5
    bench.choose(settings.learning.optimizer, "Adam")
    assert visible() == [False, True, True]
    bench.session.undo()
    assert settings.learning.optimizer.value() == "momentum"
    assert visible() == [True, False, False]


def test_a_text_being_typed_survives_changes_from_elsewhere(bench: Training) -> None:
    field = bench.panel.settings.learning.learning_rate
    bench.type_into(field, "0.5", finish=False)
    bench.session.set_training(learning_rate=0.7, batch_size=3)
    assert field.text() == "0.5"
    assert bench.panel.settings.learning.batch_size.text() == "3"
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == "0.7"


# ---------------------------------------------------------------------- loss and outputs
def test_an_unfit_loss_asks_first_and_one_click_mends_both(bench: Training) -> None:
    settings = bench.panel.settings
    bench.choose(settings.learning.loss, "Binary cross-entropy")
    assert bench.session.training.loss == "half_squared"
    assert bench.notices == []
    assert settings.learning.pairing.isVisible()
    words = [button.text() for button in settings.learning.pairing.buttons()]
    assert words == ["Make the outputs sigmoid", "Keep ½ squared error"]
    bench.click(settings.learning.pairing.buttons()[0])
    assert bench.session.training.loss == "binary_cross_entropy"
    assert bench.network.output_activations == ("sigmoid",)
    assert bench.undo_count == 1
    assert not settings.learning.pairing.isVisible()
    bench.session.undo()
    assert settings.learning.loss.value() == "half_squared"
    assert not settings.learning.pairing.isVisible()


def test_an_unfit_loss_can_be_declined(bench: Training) -> None:
    settings = bench.panel.settings
    bench.choose(settings.learning.loss, "Softmax cross-entropy")
    assert "two outputs" in settings.learning.pairing.text()
    assert "Until then ½ squared error stays in use." in settings.learning.pairing.text()
    assert [b.text() for b in settings.learning.pairing.buttons()] == ["Keep ½ squared error"]
    bench.click(settings.learning.pairing.buttons()[0])
    assert settings.learning.loss.value() == "half_squared"
    assert not settings.learning.pairing.isVisible()
    assert bench.undo_count == 0


def test_a_problem_that_came_from_elsewhere_is_said_with_both_ways_out(
    qtbot: QtBot, tmp_path: Path
) -> None:
    document, _ = new_document("iris")
    network = document.network.set_activation(document.network.topology.output_ids, "tanh")
    bench = Bench(qtbot, tmp_path, TrainingPanel, document.with_network(network))
    try:
        box = bench.panel.settings.learning.pairing
        assert box.isVisible()
        assert len(box.buttons()) == 2
        bench.click(box.buttons()[1])
        assert pairing_problem(bench.network, bench.session.training.loss) is None
        assert bench.network.output_activations == ("tanh",) * 3
        assert not box.isVisible()
    finally:
        bench.close()


# ---------------------------------------------------------------------- start and shape
def test_all_digits_of_a_seed_are_shown(bench: Training) -> None:
    bench.click(bench.panel.settings.start.fold)
    seed = bench.panel.settings.start.seed
    bench.type_into(seed, "1234567")
    assert bench.session.seed == 1234567
    assert seed.text() == "1234567"
    bench.session.set_seed(2**32 - 1)
    assert seed.text() == "4294967295"
    bench.type_into(seed, "4294967296")
    assert "from 0 to 4294967295" in seed.toolTip()
    assert bench.session.seed == 2**32 - 1


def test_the_draw_stands_beside_the_seed(bench: Training) -> None:
    settings, redraw = bench.panel.settings.start, bench.panel.controls.redraw
    bench.click(settings.fold)
    assert not settings.draw.isVisible()
    bench.click(redraw)
    bench.click(redraw)
    assert settings.draw.isVisible()
    assert settings.draw.text() == "draw 2"
    bench.session.set_seed(2**32 - 1)
    bench.qtbot.wait(20)
    # Both are shown whole.
    digits = settings.seed.fontMetrics().horizontalAdvance(settings.seed.text())
    assert digits < settings.seed.width() - 12
    assert settings.draw.width() >= settings.draw.sizeHint().width()
    for _ in range(3):
        bench.session.undo()
    assert not settings.draw.isVisible()


def test_seed_and_initialiser(bench: Training) -> None:
    settings = bench.panel.settings.start
    bench.click(settings.fold)
    prepared = bench.session.prepared
    bench.type_into(settings.seed, "7")
    assert bench.session.seed == 7
    assert bench.session.prepared is not prepared
    bench.click(settings.dice)
    assert bench.session.seed != 7
    assert settings.seed.text() == str(bench.session.seed)
    bench.session.undo()
    assert settings.seed.text() == "7"
    bench.choose(settings.initializer, "Zeros")
    theta = bench.network.theta
    assert theta.any(), "the initialiser waits for New weights"
    bench.click(bench.panel.controls.redraw)
    assert not bench.network.theta.any()


def test_regression_has_no_accuracy_and_numbers_never_change_the_shape(
    bench: Training, qtbot: QtBot
) -> None:
    numbers = bench.panel.numbers
    assert numbers.accuracy_train.isVisible()
    bench.qtbot.wait(50)
    size = numbers.size()
    bench.session.start()
    bench.qtbot.waitUntil(lambda: bench.session.shown_step > 2000, timeout=8000)
    bench.session.pause()
    bench.qtbot.wait(150)
    assert numbers.size() == size
    bench.session.set_data(source="reg-plane")
    bench.qtbot.waitUntil(lambda: not numbers.accuracy_train.isVisible())


def test_epoch_and_step_do_not_stand_in_the_columns_of_train_and_test(bench: Training) -> None:
    bench.click(bench.panel.controls.epoch)
    until_idle(bench)
    numbers = bench.panel.numbers
    bench.qtbot.waitUntil(lambda: numbers.step.text() == "25")
    labels = {w.text(): w for w in numbers.findChildren(QLabel) if w.text()}
    for word, number in (("Epoch", numbers.epoch), ("Step", numbers.step)):
        # The word stands in front of its number, in one line.
        assert 0 < number.x() - labels[word].geometry().right() < 12
        assert number.geometry().center().y() == labels[word].geometry().center().y()
    for part in ("train", "test"):
        assert labels[part].y() > numbers.step.geometry().bottom() + 5


def test_everything_has_a_name_and_can_be_reached_with_tab(bench: Training) -> None:
    controls, settings = bench.panel.controls, bench.panel.settings
    folds = [section.fold for section in settings.sections if section.fold is not None]
    bench.click(settings.start.fold)  # its rows are made only now
    wanted = [
        controls.play,
        controls.step,
        controls.epoch,
        controls.many,
        controls.epochs,
        controls.by_hand,
        controls.reset,
        controls.redraw,
        bench.panel.speed.choice,
        settings.learning.learning_rate,
        settings.learning.batch_size,
        settings.learning.optimizer,
        settings.learning.loss,
        settings.learning.class_weights.way,
        *folds[:4],
        settings.start.initializer,
        settings.start.seed,
        settings.start.dice,
        settings.start.shuffle,
        settings.start.shuffle_seed,
        folds[4],
    ]
    for widget in wanted:
        assert widget.accessibleName() or widget.text()  # type: ignore[attr-defined]
        assert widget.toolTip()
    controls.play.setFocus()
    seen = [bench.panel.focusWidget()]
    for _ in range(len(wanted) - 1):
        QTest.keyClick(bench.panel.focusWidget(), Qt.Key.Key_Tab)
        seen.append(bench.panel.focusWidget())
    assert seen == wanted


def test_a_run_shows_the_loss_it_trains_with_and_why_it_ended(bench: Training) -> None:
    learning = bench.panel.settings.learning
    bench.choose(learning.loss, "Softmax cross-entropy")
    assert learning.loss.value() == "softmax_cross_entropy"  # a wish, explained below
    assert bench.session.set_training(stop_epoch=3)
    bench.choose(learning.loss, "Softmax cross-entropy")
    bench.click(bench.panel.controls.play)
    bench.qtbot.waitUntil(lambda: not bench.session.is_running)
    assert learning.loss.value() == bench.session.training.loss == "half_squared"
    assert not learning.pairing.isVisible()
    numbers = bench.panel.numbers
    bench.qtbot.waitUntil(lambda: "epoch 3" in numbers.ending.text())
    assert numbers.ending.isVisible()
    bench.session.undo()
    bench.qtbot.waitUntil(numbers.ending.isHidden)
