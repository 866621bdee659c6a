"""Finding a learning rate: a live curve, a suggestion, and one step that can be undone."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from gui.dialog_driver import meanwhile
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from nnplay.gui.dialogs.rate_finder import RateFinderDialog
from nnplay.gui.main_window import MainWindow
from nnplay.gui.theme import Theme
from nnplay.session.session import Session
from nnplay.setup import new_document

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path) -> Iterator[Session]:
    made = Session(new_document("gauss", seed=3)[0], state_folder=tmp_path)
    yield made
    made.shutdown()


@pytest.fixture
def dialog(qtbot: QtBot, session: Session) -> Iterator[RateFinderDialog]:
    made = RateFinderDialog(session, Theme("dark"))
    qtbot.addWidget(made)
    made.show()
    yield made
    made.reject()


def wait(qtbot: QtBot, dialog: RateFinderDialog) -> None:
    qtbot.waitUntil(lambda: not dialog._finding.is_running, timeout=30_000)


def test_it_begins_by_itself_and_its_rate_is_used_in_one_step(
    qtbot: QtBot, dialog: RateFinderDialog, session: Session
) -> None:
    before = session.document
    wait(qtbot, dialog)
    assert session.document is before
    rate = dialog.chart.suggestion
    assert rate is not None
    assert dialog.chart.point_count > 20
    assert dialog.status.text().endswith("Now it is 0.03.")
    assert dialog.use_button.text() == f"Use {rate:.2g}"
    QTest.mouseClick(dialog.use_button, LEFT)
    assert not dialog.isVisible()
    assert session.training.learning_rate == rate
    assert session.undo_stack.undoText() == "Set the learning rate"
    session.undo()
    assert session.document is before


def test_the_curve_is_read_under_the_pointer(qtbot: QtBot, dialog: RateFinderDialog) -> None:
    wait(qtbot, dialog)
    place = dialog.chart.place_of(-2.0, 0.1).toPoint()
    QTest.mouseMove(dialog.chart, place - QPoint(20, 0))
    QTest.mouseMove(dialog.chart, place)
    reading = dialog.chart.crosshair
    assert reading is not None
    assert abs(reading.x + 2.0) < 0.1
    assert [line.name for line in reading.lines] == ["learning rate", "loss"]


def test_cancel_and_again(qtbot: QtBot, dialog: RateFinderDialog) -> None:
    wait(qtbot, dialog)
    dialog.steps.setText("10000")
    QTest.mouseClick(dialog.again_button, LEFT)
    assert dialog.again_button.text() == "Cancel"
    assert not dialog.use_button.isEnabled()
    assert dialog.chart.suggestion is None
    QTest.mouseClick(dialog.again_button, LEFT)
    wait(qtbot, dialog)
    assert dialog.status.text() == "Cancelled. Search again whenever you like."
    dialog.steps.setText("100")
    QTest.mouseClick(dialog.again_button, LEFT)
    wait(qtbot, dialog)
    assert dialog.chart.suggestion is not None


def test_useless_ranges_are_said(qtbot: QtBot, dialog: RateFinderDialog) -> None:
    wait(qtbot, dialog)
    dialog.steps.setFocus()
    dialog.steps.selectAll()
    QTest.keyClicks(dialog.steps, "3")
    assert dialog.note.text() == "A curve needs at least 20 steps."
    assert not dialog.again_button.isEnabled()
    dialog.steps.selectAll()
    QTest.keyClicks(dialog.steps, "50")
    dialog.highest.setFocus()
    dialog.highest.selectAll()
    QTest.keyClicks(dialog.highest, "1e-9")
    QTest.keyClick(dialog.highest, Qt.Key.Key_Tab)
    assert dialog.note.text() == "The highest rate must be above the lowest."


def test_a_network_that_cannot_be_trained_says_why(qtbot: QtBot, session: Session) -> None:
    session.remove([session.network.topology.output_ids[0]])
    dialog = RateFinderDialog(session, Theme("light"))
    qtbot.addWidget(dialog)
    dialog.show()
    wait(qtbot, dialog)
    assert dialog.status.text().endswith(".")
    assert dialog.status.text() != "Searching …"
    assert not dialog.use_button.isEnabled()
    assert dialog.again_button.isEnabled()
    dialog.reject()


def test_from_the_menu(qtbot: QtBot, tmp_path: Path) -> None:
    window = MainWindow(Theme("dark"), new_document("gauss", seed=3)[0], state_folder=tmp_path)
    qtbot.addWidget(window)
    window.show()
    window.finish()

    def close(dialog: object) -> None:
        assert isinstance(dialog, RateFinderDialog)
        QTest.keyClick(dialog, Qt.Key.Key_Escape)

    meanwhile(qtbot, close)
    window.actions_table["find_rate"].trigger()
    assert not [t for t in threading.enumerate() if t.name == "nnplay-rates"]
    window.close()
