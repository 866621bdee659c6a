"""Comparing settings by mouse and keyboard: choose, start, look, use, undo."""

import csv
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QFileDialog, QWidget  # noqa: TID251
from pytestqt.qtbot import QtBot

from nnplay.gui.dialogs.sweep import SweepDialog
from nnplay.gui.dialogs.sweep_chart import judged
from nnplay.gui.main_window import MainWindow
from nnplay.gui.theme import Theme
from nnplay.session.session import Session
from nnplay.setup import new_document

KEY = Qt.Key
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path) -> Iterator[Session]:
    made = Session(new_document("circle", layers=[2, 4, 1], seed=3)[0], state_folder=tmp_path)
    yield made
    made.shutdown()


@pytest.fixture
def dialog(qtbot: QtBot, session: Session) -> Iterator[SweepDialog]:
    made = SweepDialog(session, Theme("dark"))
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    made.jobs.setText("2")
    yield made
    made.reject()


def click(button: QAbstractButton) -> None:
    assert button.isEnabled(), button.text()
    QTest.mouseClick(button, LEFT)


def fill(field: QWidget, text: str) -> None:
    QTest.mouseDClick(field, LEFT)
    QTest.keyClick(field, KEY.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(field, text)


def chip(dialog: SweepDialog, text: str) -> QAbstractButton:
    return next(c for c in dialog.first.chips if c.text() == text)


def compare(qtbot: QtBot, dialog: SweepDialog, seeds: int = 2, epochs: int = 4) -> None:
    fill(dialog.seeds, str(seeds))
    fill(dialog.epochs, str(epochs))
    click(dialog.start_button)
    qtbot.waitUntil(lambda: not dialog._sweeping.is_running, timeout=60_000)


def click_row(dialog: SweepDialog, number: int) -> None:
    """A click on the table's row of a run."""
    table = dialog.results.table
    place = table.shown_numbers().index(number)
    index = table.model().index(place, 0)
    table.scrollTo(index)
    QTest.mouseClick(table.viewport(), LEFT, pos=table.visualRect(index).center())


def test_it_begins_with_sensible_values(dialog: SweepDialog) -> None:
    assert dialog.first.setting == "learning_rate"
    assert dialog.first.values == (0.01, 0.03, 0.1)
    assert [c.text() for c in dialog.first.chips] == ["0.003", "0.01", "0.03", "0.1", "0.3"]
    assert dialog.second.setting == ""
    assert dialog.estimate.text() == "3 values × 3 seeds = 9 runs of 100 epochs."
    assert dialog.start_button.isEnabled()
    assert not dialog.use_button.isEnabled()
    assert not dialog.export_button.isEnabled()
    assert "Nothing has been compared yet" in dialog.results.empty.sentence()
    assert not dialog.isModal()


def test_values_are_chosen_with_chips_and_typed(dialog: SweepDialog) -> None:
    click(chip(dialog, "0.1"))
    assert dialog.first.values == (0.01, 0.03)
    QTest.keyClicks(dialog.first.field, "1/4")
    QTest.keyClick(dialog.first.field, KEY.Key_Return)
    assert dialog.first.values == (0.01, 0.03, 0.25)
    assert not dialog._sweeping.is_running  # Return added a value, it did not start
    QTest.keyClicks(dialog.first.field, "0,5")
    click(dialog.first.plus)
    assert dialog.first.values == (0.01, 0.03, 0.25, 0.5)
    QTest.keyClicks(dialog.first.field, "fast")
    click(dialog.first.plus)
    assert "fast" in dialog.first.note.text()
    for text in ("0.01", "0.03", "0.25", "0.5"):
        click(chip(dialog, text))
    assert dialog.note.text() == "Choose at least one value of the learning rate."
    assert not dialog.start_button.isEnabled()


def test_a_second_setting_multiplies_and_is_another_one(dialog: SweepDialog) -> None:
    dialog.second.choice.setFocus()
    QTest.keyClick(dialog.second.choice, KEY.Key_Down)
    assert dialog.second.setting == "optimizer"
    assert dialog.second.values == ("sgd", "momentum", "adam")
    assert dialog.estimate.text() == "3 values × 3 values × 3 seeds = 27 runs of 100 epochs."
    offered = [dialog.second.choice.itemData(i) for i in range(dialog.second.choice.count())]
    assert "learning_rate" not in offered
    offered = [dialog.first.choice.itemData(i) for i in range(dialog.first.choice.count())]
    assert "optimizer" not in offered
    assert not dialog.second.field.isVisible()


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("seeds", "0", "Every value needs at least one seed."),
        ("epochs", "many", "“many” is no number of epochs. Write a whole one, such as 100."),
        ("jobs", "", "Write how many runs go on side by side, such as 2."),
    ],
)
def test_useless_numbers_are_said(dialog: SweepDialog, name: str, text: str, says: str) -> None:
    field = getattr(dialog, name)
    fill(field, text) if text else field.clear()
    assert dialog.note.text() == says
    assert not dialog.start_button.isEnabled()


def test_a_comparison_and_its_best_result_as_the_network(
    qtbot: QtBot, dialog: SweepDialog, session: Session
) -> None:
    before, steps = session.document, session.undo_stack.count()
    compare(qtbot, dialog)
    results = dialog.results
    assert session.document is before
    assert results.result is not None
    best = results.result.best
    assert best is not None
    assert results.verdict.text() == results.result.summary().sentence
    assert dialog.status.text() == "6 runs done"
    assert results.table.shown_numbers() == [0, 1, 2, 3, 4, 5]
    assert results.selected() is best  # offered by itself
    click_row(dialog, 2)
    row = results.selected()
    assert row is not None
    assert row.number == 2
    assert results.chart.marked == 2
    click(dialog.use_button)
    assert session.undo_stack.count() == steps + 1
    assert session.undo_stack.undoText() == "Use the result: learning rate 0.03, seed 1"
    assert row.document is not None
    assert session.network.theta.tolist() == row.document.network.theta.tolist()
    assert session.curve.same_as(row.document.history)
    assert session.shown_epoch == 4
    assert dict(session.positions) == {
        i: p for i, p in session.positions.items() if i in before.network.topology
    }
    session.undo()
    assert session.document is before


def test_the_curves_are_those_of_the_runs(qtbot: QtBot, dialog: SweepDialog) -> None:
    click(chip(dialog, "0.1"))
    compare(qtbot, dialog, seeds=3)
    chart, rows = dialog.results.chart, dialog.results.rows
    assert set(chart.medians) == {0, 1}
    for place, (epochs, losses) in chart.medians.items():
        mine = [judged(row)[1].tolist() for row in rows if row.run.combination == place]
        assert epochs.tolist() == [0, 1, 2, 3, 4]
        assert losses.tolist() == [sorted(column)[1] for column in zip(*mine, strict=True)]
    middle = chart.place_of(2.0, 0.1).toPoint()
    QTest.mouseMove(chart, middle - QPoint(30, 0))
    QTest.mouseMove(chart, middle)
    reading = chart.crosshair
    assert reading is not None
    assert reading.x == 2.0
    names = [line.name for line in reading.lines]
    assert names[0] == "epoch"
    assert {"0.01", "0.03"} <= set(names)
    linear = [curve.y.max() for curve in chart.curves.curves]
    click(dialog.results.log)
    assert chart.is_logarithmic
    exponents = [curve.y.max() for curve in chart.curves.curves]
    assert all(abs(10**e - v) < 1e-9 for e, v in zip(exponents, linear, strict=True))


def test_a_click_on_a_header_sorts(qtbot: QtBot, dialog: SweepDialog) -> None:
    compare(qtbot, dialog)
    table = dialog.results.table
    header = table.horizontalHeader()
    titles = [table.results.title(i) for i in range(table.results.columnCount())]
    column = titles.index("Test loss")
    place = QPoint(header.sectionViewportPosition(column) + 20, header.height() // 2)
    QTest.mouseClick(header.viewport(), LEFT, pos=place)
    losses = {row.number: row.loss_test for row in dialog.results.rows}
    assert table.shown_numbers() == sorted(losses, key=losses.__getitem__)
    QTest.mouseClick(header.viewport(), LEFT, pos=place)
    assert table.shown_numbers() == sorted(losses, key=losses.__getitem__, reverse=True)


def test_cancel_and_esc_end_what_is_under_way(qtbot: QtBot, dialog: SweepDialog) -> None:
    for press in (
        lambda: click(dialog.start_button),
        lambda: QTest.keyClick(dialog, KEY.Key_Escape),
    ):
        fill(dialog.epochs, "1000000")
        click(dialog.start_button)
        assert dialog.start_button.text() == "Cancel"
        assert not dialog.first.isEnabled()
        qtbot.waitUntil(
            lambda: dialog.bar.value() > 0 or "done" in dialog.status.text(), timeout=60_000
        )
        press()
        qtbot.waitUntil(lambda: not dialog._sweeping.is_running, timeout=30_000)
        assert dialog.status.text() == "Cancelled after 0 of 9 runs"
        assert dialog.isVisible()
        assert dialog.start_button.text() == "Start"
        assert dialog.first.isEnabled()
    assert dialog.results.result is None
    assert not dialog.use_button.isEnabled()


def test_closing_ends_and_joins(qtbot: QtBot, dialog: SweepDialog) -> None:
    fill(dialog.epochs, "1000000")
    click(dialog.start_button)
    click(dialog.close_button)
    assert not dialog.isVisible()
    assert not [t for t in threading.enumerate() if t.name.startswith("nnplay-sweep")]


def test_failed_runs_say_why(qtbot: QtBot, dialog: SweepDialog) -> None:
    dialog.first.set_setting("momentum")
    dialog.first.set_values([3.0])
    compare(qtbot, dialog, seeds=1)
    assert dialog.status.text() == "0 runs done, 1 without result"
    assert "momentum must be" in dialog.results.verdict.text()
    table = dialog.results.table
    texts = [str(table.model().index(0, i).data()) for i in range(table.results.columnCount())]
    assert "failed" in texts
    click_row(dialog, 0)
    assert not dialog.use_button.isEnabled()


def test_the_table_is_exported(
    qtbot: QtBot, dialog: SweepDialog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compare(qtbot, dialog, seeds=1)
    path = tmp_path / "table.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    click(dialog.export_button)
    assert dialog.status.text() == "The table is written."
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["learning_rate"] for row in rows] == ["0.01", "0.03", "0.1"]


def test_numbers_predicted_have_no_share_of_right_answers(qtbot: QtBot, tmp_path: Path) -> None:
    document = new_document("reg-plane", layers=[2, 2, 1], train_percent=100)[0]
    session = Session(document, state_folder=tmp_path)
    dialog = SweepDialog(session, Theme("light"))
    qtbot.addWidget(dialog)
    dialog.show()
    compare(qtbot, dialog, seeds=1, epochs=2)
    table = dialog.results.table
    titles = [table.results.title(i) for i in range(table.results.columnCount())]
    assert titles == ["Learning rate", "Seed", "Epochs", "Train loss", "Seconds"]
    assert "training loss" in dialog.results.verdict.text()
    dialog.reject()
    session.shutdown()


def test_from_the_menu_beside_a_window_that_goes_on(qtbot: QtBot, tmp_path: Path) -> None:
    window = MainWindow(Theme("dark"), new_document("circle", seed=3)[0], state_folder=tmp_path)
    qtbot.addWidget(window)
    window.show()
    window.finish()
    session = window.session
    window.actions_table["compare"].trigger()
    dialog = window._sweep
    assert isinstance(dialog, SweepDialog)
    assert dialog.isVisible()
    window.actions_table["compare"].trigger()
    assert window._sweep is dialog  # one is enough
    fill(dialog.epochs, "1000000")
    click(dialog.start_button)
    session.run_epochs(3)
    qtbot.waitUntil(lambda: not session.is_running, timeout=60_000)
    assert session.shown_epoch == 3
    assert dialog._sweeping.is_running
    session.undo()
    window.close()
    assert not dialog.isVisible()
    assert not [t for t in threading.enumerate() if t.name.startswith("nnplay-sweep")]
