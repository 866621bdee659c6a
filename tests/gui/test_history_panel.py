"""The history panel: every step by name, a click goes there, training and saving are shown."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from gui.panel_driver import Bench
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from nnplay.gui.panels.history import HistoryPanel

History = Bench[HistoryPanel]
Key = Qt.Key


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[History]:
    made = Bench(qtbot, tmp_path, HistoryPanel, size=(260, 400))
    yield made
    made.close()


def refresh(bench: History) -> None:
    bench.panel._refresher.flush()


def shown(bench: History) -> list[str]:
    model = bench.panel.model
    return [model.text(row) for row in range(model.rowCount())]


def present(bench: History) -> list[int]:
    model = bench.panel.model
    return [row for row in range(model.rowCount()) if model.is_present(row)]


def click(bench: History, row: int) -> None:
    view = bench.panel.list
    place = view.visualRect(bench.panel.model.index(row)).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)


def make_steps(bench: History) -> None:
    bench.session.add_to_level(1)
    bench.session.set_activation([2], "relu")
    bench.session.set_bias(2, 0.5)
    refresh(bench)


def test_steps_by_name_and_the_present_one(bench: History) -> None:
    assert shown(bench) == ["Beginning"]
    assert present(bench) == [0]
    make_steps(bench)
    assert shown(bench) == [
        "Beginning",
        "Add a neuron to a layer",
        "Set the activation",
        "Set a bias",
    ]
    assert present(bench) == [3]
    bench.session.undo()
    refresh(bench)
    assert len(shown(bench)) == 4
    assert present(bench) == [2]
    index = bench.panel.model.index(3)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "Set a bias, undone"


def test_a_click_goes_there_and_back(bench: History) -> None:
    start = bench.session.document
    make_steps(bench)
    end = bench.session.document
    click(bench, 0)
    assert bench.session.document is start
    assert present(bench) == [0]
    click(bench, 3)
    assert bench.session.document.network.same_as(end.network)
    assert present(bench) == [3]
    click(bench, 1)
    bench.session.set_bias(3, 1.0)
    refresh(bench)
    assert shown(bench) == ["Beginning", "Add a neuron to a layer", "Set a bias"]


def test_the_keyboard_looks_with_arrows_and_goes_with_return(bench: History) -> None:
    make_steps(bench)
    view = bench.panel.list
    view.setFocus()
    QTest.keyClick(view, Key.Key_Up)
    QTest.keyClick(view, Key.Key_Up)
    assert bench.session.undo_stack.index() == 3
    QTest.keyClick(view, Key.Key_Return)
    assert bench.session.undo_stack.index() == 1
    assert present(bench) == [1]


def test_what_is_saved_is_marked(bench: History, tmp_path: Path) -> None:
    make_steps(bench)
    model = bench.panel.model
    assert not any(model.note(row) for row in range(4)), "saved nowhere yet"
    bench.session.undo()
    bench.session.save(tmp_path / "a.nnplay")
    bench.session.redo()
    refresh(bench)
    assert [model.note(row) for row in range(4)] == ["", "", "saved", ""]


def test_training_is_live_and_then_a_step(bench: History, qtbot: QtBot) -> None:
    bench.session.set_bias(2, 0.5)
    bench.session.start()
    qtbot.waitUntil(
        lambda: len(shown(bench)) == 3 and "Training: 0" not in shown(bench)[2], timeout=8000
    )
    assert shown(bench)[2].startswith("Training: ")
    assert shown(bench)[2].endswith(" so far")
    assert present(bench) == [2]
    click(bench, 2)
    assert bench.session.is_running, "the run itself is no place to go to"
    bench.session.pause()
    refresh(bench)
    assert shown(bench)[2].startswith("Train ")
    assert "epoch" in shown(bench)[2]


def test_a_click_during_a_run_keeps_what_was_learnt(bench: History, qtbot: QtBot) -> None:
    bench.session.set_bias(2, 0.5)
    bench.session.start()
    qtbot.waitUntil(lambda: bench.session.shown_epoch > 3, timeout=8000)
    refresh(bench)
    click(bench, 0)
    assert not bench.session.is_running
    assert bench.session.shown_epoch == 0
    assert present(bench) == [0]
    assert len(shown(bench)) == 3
    click(bench, 2)
    assert bench.session.shown_epoch > 3


def test_another_document_has_no_history(bench: History) -> None:
    make_steps(bench)
    bench.session.new_document(bench.session.document)
    refresh(bench)
    assert shown(bench) == ["Beginning"]
    assert present(bench) == [0]


def test_rows_change_only_where_steps_do(bench: History) -> None:
    make_steps(bench)
    removed: list[tuple[int, int]] = []
    inserted: list[tuple[int, int]] = []
    model = bench.panel.model
    model.rowsRemoved.connect(lambda _, first, last: removed.append((first, last)))
    model.rowsInserted.connect(lambda _, first, last: inserted.append((first, last)))
    bench.session.set_bias(4, 2.0)
    refresh(bench)
    assert (removed, inserted) == ([], [(4, 4)])
    bench.session.undo_to(2)
    bench.session.set_bias(5, 2.0)
    refresh(bench)
    assert shown(bench)[3] == "Set a bias"
    assert model.rowCount() == 4
