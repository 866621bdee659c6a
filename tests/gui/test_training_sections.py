"""Every training setting by hand: set, undone, redone, kept in the file, and left alone when bad."""

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from gui.panel_driver import Bench
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox  # noqa: TID251
from pytestqt.qtbot import QtBot

from nnplay.core.config import TrainingConfig
from nnplay.core.schedules import rates
from nnplay.gui.panels.class_weights import balanced_weights
from nnplay.gui.panels.rate_field import OptionalField
from nnplay.gui.panels.training import TrainingPanel
from nnplay.gui.widgets import Choice
from nnplay.session.backends import Backends
from nnplay.session.session import Session
from nnplay.setup import new_document

Training = Bench[TrainingPanel]

# Field, what else must be set for it to be shown, what is typed or chosen, and what comes of it.
CASES = [
    ("learning_rate", {}, "0.5", 0.5),
    ("batch_size", {}, "17", 17),
    ("optimizer", {}, "Adam", "adam"),
    ("momentum", {"optimizer": "nesterov"}, "0.8", 0.8),
    ("dampening", {"optimizer": "momentum"}, "1/2", 0.5),
    ("beta1", {"optimizer": "adam"}, "0.8", 0.8),
    ("beta2", {"optimizer": "adamw"}, "0,99", 0.99),
    ("epsilon", {"optimizer": "adagrad"}, "1e-6", 1e-6),
    ("rms_decay", {"optimizer": "rmsprop"}, "0.9", 0.9),
    ("weight_decay", {"optimizer": "adamw"}, "0.1", 0.1),
    ("weight_decay", {"optimizer": "adamw"}, "off", 0.0),
    ("loss", {}, "Mean absolute error", "mae"),
    ("huber_delta", {"loss": "huber"}, "2", 2.0),
    ("schedule", {}, "Cosine", "cosine"),
    ("schedule_epochs", {"schedule": "step"}, "40", 40),
    ("schedule_factor", {"schedule": "exponential"}, "0.9", 0.9),
    ("warmup_epochs", {}, "5", 5),
    ("l1", {}, "0.001", 0.001),
    ("l2", {}, "0.01", 0.01),
    ("l1_dead_links", {"l1": 0.1}, True, True),
    ("max_norm", {}, "3", 3.0),
    ("clip_norm", {}, "1", 1.0),
    ("clip_value", {}, "0.5", 0.5),
    ("stop_epoch", {}, "250", 250),
    ("stop_seconds", {}, "7.5", 7.5),
    ("stop_loss", {}, "0.02", 0.02),
    ("early_stopping", {}, True, True),
    ("patience", {"early_stopping": True}, "7", 7),
    ("min_improvement", {"early_stopping": True}, "0.001", 0.001),
    ("initializer", {}, "He uniform", "he_uniform"),
    ("initial_value", {"initializer": "constant"}, "-0.5", -0.5),
    ("shuffle", {}, False, False),
    ("shuffle_seed", {}, "0", 0),
    ("precision", {}, "32 bits", "float32"),
]


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Training]:
    made = Bench(qtbot, tmp_path, TrainingPanel, size=(290, 1900))
    yield made
    made.close()


def set_by_hand(bench: Training, key: str, what: str | bool) -> None:
    field = bench.panel.settings.field(key)
    bench.qtbot.waitUntil(field.isVisible)
    if isinstance(field, Choice):
        bench.choose(field, str(what))
    elif isinstance(field, QCheckBox):
        bench.qtbot.wait(1)
        bench.click(field, QPoint(9, field.height() // 2))
    else:
        bench.type_into(field, str(what))


def test_every_setting_can_be_reached() -> None:
    keys = {key for key, *_ in CASES} | {"label_smoothing", "class_weights"}
    assert keys == {field.name for field in fields(TrainingConfig)}


@pytest.mark.parametrize(("key", "others", "what", "value"), CASES)
def test_set_undo_redo_and_keep(
    bench: Training, tmp_path: Path, key: str, others: dict[str, object], what: str, value: object
) -> None:
    session = bench.session
    if others:
        assert session.set_training(**others)
    before = session.training
    assert getattr(before, key) != value
    set_by_hand(bench, key, what)
    assert getattr(session.training, key) == value
    assert type(getattr(session.training, key)) is type(value)
    assert bench.notices == []
    after = session.training
    path = tmp_path / "kept.nnplay"
    assert session.save(path)
    session.undo()
    assert session.training == before
    row = bench.panel.settings.row(key)
    session.redo()
    assert session.training == after
    session.undo()
    assert session.open_document(path)
    bench.qtbot.waitUntil(lambda: session.training == after)
    assert row.isVisible()
    assert not row.note.isVisible()


def test_label_smoothing_belongs_to_cross_entropies(qtbot: QtBot, tmp_path: Path) -> None:
    bench = Bench(qtbot, tmp_path, TrainingPanel, new_document("iris")[0], size=(290, 1200))
    try:
        set_by_hand(bench, "label_smoothing", "0.1")
        assert bench.session.training.label_smoothing == 0.1
        bench.session.undo()
        assert bench.session.training.label_smoothing == 0.0
    finally:
        bench.close()


@pytest.mark.parametrize(
    ("key", "others", "text"),
    [
        ("momentum", {"optimizer": "nesterov"}, "1"),
        ("dampening", {"optimizer": "momentum"}, "1.5"),
        ("beta1", {"optimizer": "adam"}, "-0.1"),
        ("epsilon", {"optimizer": "adam"}, "0"),
        ("rms_decay", {"optimizer": "rmsprop"}, "1"),
        ("weight_decay", {"optimizer": "adamw"}, "-1"),
        ("huber_delta", {"loss": "huber"}, "0"),
        ("schedule_epochs", {"schedule": "cosine"}, "0"),
        ("schedule_factor", {"schedule": "step"}, "0"),
        ("schedule_factor", {"schedule": "step"}, "1.1"),
        ("warmup_epochs", {}, "1.5"),
        ("l1", {}, "-1"),
        ("max_norm", {}, "long"),
        ("clip_norm", {}, "-1"),
        ("clip_value", {}, "-0.1"),
        ("stop_epoch", {}, "2.5"),
        ("stop_seconds", {}, "-3"),
        ("stop_loss", {}, "-1"),
        ("patience", {"early_stopping": True}, "0"),
        ("min_improvement", {"early_stopping": True}, "-0.1"),
        ("shuffle_seed", {}, "-1"),
        ("shuffle_seed", {}, "4294967296"),
    ],
)
def test_what_cannot_be_is_explained_at_the_field(
    bench: Training, key: str, others: dict[str, object], text: str
) -> None:
    if others:
        bench.session.set_training(**others)
    document = bench.session.document
    set_by_hand(bench, key, text)
    note = bench.panel.settings.note(key)
    assert note.isVisible()
    assert note.text().endswith(".")
    assert bench.session.document is document
    assert bench.notices == []
    QTest.keyClick(bench.panel.settings.field(key), Qt.Key.Key_Escape)
    assert bench.session.document is document


@pytest.mark.parametrize("key", ["l1", "clip_norm", "stop_epoch", "warmup_epochs"])
def test_off_is_written_as_a_word_and_found_by_every_way(bench: Training, key: str) -> None:
    field = bench.panel.settings.field(key)
    assert isinstance(field, OptionalField)
    assert field.text() == "off"
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_Up)
    smallest = getattr(bench.session.training, key)
    assert smallest > 0
    QTest.keyClick(field, Qt.Key.Key_Down)
    assert getattr(bench.session.training, key) == 0
    for text in ("off", "Off", "0"):
        bench.type_into(field, "3")
        assert getattr(bench.session.training, key) == 3
        bench.type_into(field, text)
        assert getattr(bench.session.training, key) == 0
        assert field.text() == "off"
    bench.type_into(field, "3")
    QTest.mouseDClick(field, Qt.MouseButton.LeftButton, pos=field.rect().center())
    QTest.keyClick(field, Qt.Key.Key_Delete)
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert getattr(bench.session.training, key) == 0


def test_the_order_of_samples_goes_back_to_the_one_seed(bench: Training) -> None:
    field = bench.panel.settings.field("shuffle_seed")
    assert field.text() == "the same"
    bench.type_into(field, "3")
    assert bench.session.training.shuffle_seed == 3
    bench.type_into(field, "the same")
    assert bench.session.training.shuffle_seed is None
    QTest.keyClick(field, Qt.Key.Key_Up)
    assert bench.session.training.shuffle_seed == 0
    QTest.keyClick(field, Qt.Key.Key_Down)
    assert bench.session.training.shuffle_seed is None
    assert field.text() == "the same"


def test_settings_change_during_a_run_without_a_reset(bench: Training) -> None:
    bench.session.start()
    bench.qtbot.waitUntil(lambda: bench.session.shown_step > 50, timeout=8000)
    step = bench.session.shown_step
    set_by_hand(bench, "l2", "0.01")
    set_by_hand(bench, "clip_norm", "1")
    set_by_hand(bench, "schedule", "Cosine")
    assert bench.session.is_running
    bench.qtbot.waitUntil(lambda: bench.session.shown_step > step + 50, timeout=8000)
    bench.session.pause()
    training = bench.session.training
    assert (training.l2, training.clip_norm, training.schedule) == (0.01, 1.0, "cosine")


# ---------------------------------------------------------------------- sections
def test_sections_fold_say_what_is_set_and_are_remembered(qtbot: QtBot, tmp_path: Path) -> None:
    bench = Bench(qtbot, tmp_path, TrainingPanel, size=(290, 1200))
    try:
        section = bench.panel.settings.regularisation
        assert section.fold is not None
        assert not section.is_built
        assert section.fold.summary() == "off"
        bench.session.set_training(l2=0.01, clip_norm=1.0)
        assert section.fold.summary() == "L2 0.01, clipping 1"
        assert section.fold.summary() in section.fold.accessibleName()
        bench.click(section.fold)
        assert section.l2.isVisible()
        assert section.l2.text() == "0.01"
        other = TrainingPanel(bench.session, bench.theme)
        qtbot.addWidget(other)
        assert other.settings.regularisation.is_built
        assert not other.settings.stopping.is_built
        QTest.keyClick(section.fold, Qt.Key.Key_Space)
        assert not section.l2.isVisible()
        assert not bench.session.settings.flag("open_regularisation")
    finally:
        bench.close()


def test_what_is_unfolded_comes_into_view(qtbot: QtBot, tmp_path: Path) -> None:
    bench = Bench(qtbot, tmp_path, TrainingPanel, size=(290, 420))
    try:
        area, section = bench.panel.area, bench.panel.settings.start
        assert section.fold is not None
        area.ensureWidgetVisible(section.fold)
        bench.click(section.fold)
        last = section.rows["shuffle_seed"]
        qtbot.waitUntil(lambda: last.visibleRegion().boundingRect() == last.rect())
        qtbot.wait(60)
        assert not section.fold.visibleRegion().isEmpty()
        place = area.verticalScrollBar().value()
        bench.click(section.fold)
        bench.click(section.fold)
        qtbot.wait(90)
        assert area.verticalScrollBar().value() == place, "what is in view stays where it is"
    finally:
        bench.close()


def test_folded_sections_follow_what_is_set_elsewhere(bench: Training) -> None:
    settings = bench.panel.settings
    folds = {s: s.fold for s in settings.sections if s.fold is not None}
    bench.session.set_training(schedule="step", stop_epoch=1500, early_stopping=True)
    assert folds[settings.schedule].summary() == "step, 100 epochs"
    assert folds[settings.stopping].summary() == "epoch 1,500, early, 20 epochs"
    bench.session.set_seed(7)
    assert folds[settings.start].summary().endswith("seed 7")
    bench.session.set_dropout(bench.network.topology.hidden_ids, 0.2)
    assert folds[settings.regularisation].summary() == "dropout"
    bench.session.undo_to(0)
    assert folds[settings.schedule].summary() == "constant"
    assert folds[settings.stopping].summary() == "by hand"
    assert folds[settings.regularisation].summary() == "off"


def test_dropout_of_all_hidden_neurons(bench: Training) -> None:
    settings = bench.panel.settings
    field = settings.field("dropout")
    hidden = bench.network.topology.hidden_ids
    bench.type_into(field, "0.2")
    assert {bench.network.neuron(i).dropout for i in hidden} == {0.2}
    bench.session.set_dropout(hidden[:1], 0.5)
    assert field.text() == "mixed"
    bench.type_into(field, "off")
    assert {bench.network.neuron(i).dropout for i in hidden} == {0.0}
    bench.session.undo()
    bench.session.undo()
    assert field.text() == "0.2"
    bench.type_into(field, "1")
    assert settings.note("dropout").isVisible()


# ---------------------------------------------------------------------- schedule
def test_the_curve_shows_the_rates_to_come_and_the_present_epoch(bench: Training) -> None:
    section = bench.panel.settings.schedule
    section.open()
    assert not section.preview.isVisible(), "a constant rate needs no drawing"
    bench.session.set_training(schedule="cosine", schedule_epochs=40, schedule_factor=0.25)
    bench.qtbot.waitUntil(lambda: section.preview.curve()[0].size > 0)
    epochs, shown = section.preview.curve()
    training, batches = bench.session.training, bench.session.batches_per_epoch
    expected = [rates(training, int(e), 0, 1, batches, {})[0] for e in epochs]
    assert shown == pytest.approx(expected, rel=1e-15)
    assert shown[0] == training.learning_rate
    assert shown[-1] == pytest.approx(0.25 * training.learning_rate)
    assert np.all(np.diff(epochs) > 0)
    assert epochs[-1] > 40
    assert section.preview.now() == 0
    bench.session.run_epochs(3)
    bench.qtbot.waitUntil(lambda: not bench.session.is_running, timeout=8000)
    bench.qtbot.waitUntil(lambda: section.preview.now() == 3)
    assert "3" in section.preview.accessibleName()
    bench.session.set_training(warmup_epochs=10)
    bench.qtbot.waitUntil(lambda: section.preview.curve()[1][0] < 0.01)


def test_only_the_numbers_of_the_schedule_are_shown(bench: Training) -> None:
    section = bench.panel.settings.schedule
    section.open()
    seen = {}
    for name in ("constant", "step", "one_cycle", "plateau"):
        bench.session.set_training(schedule=name)
        keys = ("schedule_epochs", "schedule_factor", "warmup_epochs")
        seen[name] = [section.rows[key].isVisible() for key in keys]
    assert seen == {
        "constant": [False, False, True],
        "step": [True, True, True],
        "one_cycle": [True, False, True],
        "plateau": [True, True, True],
    }
    assert section.schedule_epochs.accessibleName() == "Patience in epochs"
    assert section.remark.isVisible()


# ---------------------------------------------------------------------- class weights
def test_class_weights(qtbot: QtBot, tmp_path: Path) -> None:
    bench = Bench(qtbot, tmp_path, TrainingPanel, new_document("iris")[0], size=(290, 1200))
    try:
        editor = bench.panel.settings.learning.class_weights
        assert editor.way.value() == "alike"
        assert editor.fields() == []
        bench.choose(editor.way, "Balanced")
        prepared = bench.session.prepared
        assert prepared is not None
        assert prepared.class_index is not None
        weights = bench.session.training.class_weights
        index = prepared.class_index[prepared.train_rows]
        # Every class weighs as much as every other, and all together as much as without weights.
        totals = [w * (index == c).sum() for c, w in enumerate(weights)]
        assert totals == pytest.approx([len(index) / 3] * 3, rel=1e-3)
        names = [field.accessibleName() for field in editor.fields()]
        assert names == [f"Weight of class {key}" for key in prepared.output_keys]
        bench.type_into(editor.fields()[1], "3")
        assert bench.session.training.class_weights == (weights[0], 3.0, weights[2])
        assert editor.way.value() == "own"
        bench.type_into(editor.fields()[1], "0")
        assert bench.session.training.class_weights[1] == 3.0
        bench.session.undo()
        assert editor.way.value() == "balanced"
        bench.choose(editor.way, "All alike")
        assert bench.session.training.class_weights == ()
        bench.choose(editor.way, "One by one")
        assert bench.session.training.class_weights == (1.0, 1.0, 1.0)
        assert len(editor.fields()) == 3
        bench.session.set_data(source="penguins")
        assert bench.session.training.class_weights == (), "other classes"
        assert "count alike" in bench.notices[-1].text
        bench.session.undo()
        assert bench.session.training.class_weights == (1.0, 1.0, 1.0)
        bench.session.set_data(source="reg-plane")
        bench.qtbot.waitUntil(lambda: not editor.isVisible())
    finally:
        bench.close()


def test_weights_for_other_classes_are_said_to_be_so(bench: Training) -> None:
    editor = bench.panel.settings.learning.class_weights
    bench.session.set_training(class_weights=(1.0, 2.0, 3.0))
    assert editor.remark.isVisible()
    assert "3 weights" in editor.remark.text()
    assert editor.fields() == []
    bench.choose(editor.way, "All alike")
    assert not editor.remark.isVisible()


def test_balance_counts_only_what_is_there_to_train(tmp_path: Path) -> None:
    session = Session(new_document("spiral")[0], state_folder=tmp_path)
    try:
        prepared = session.prepared
        assert prepared is not None
        assert prepared.class_index is not None
        index = prepared.class_index[prepared.train_rows]
        counts = np.bincount(index)
        assert counts[0] != counts[1], "otherwise this shows nothing"
        expected = tuple(float(f"{len(index) / (2 * c):.4g}") for c in counts)
        assert balanced_weights(prepared) == expected
    finally:
        session.shutdown()


# ---------------------------------------------------------------------- engine
def test_the_backend_is_a_preference_and_no_edit(
    bench: Training, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Backends, "prepare", lambda _: None)  # compiling is tested elsewhere
    section = bench.panel.settings.engine
    assert section.fold is not None
    bench.click(section.fold)
    document = bench.session.document
    bench.choose(section.backend, "Automatic")
    assert bench.session.backends.wish == "auto"
    bench.choose(section.backend, "NumPy")
    assert bench.session.backends.wish == "numpy"
    assert bench.session.settings.text("backend") == "numpy"
    assert bench.session.document is document
    assert section.words.isVisible()
    assert section.words.text() == bench.session.backend_words
    bench.click(section.fold)
    assert section.fold.summary() == "NumPy, 64 bits"
