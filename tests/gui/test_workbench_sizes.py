"""The window's cards in windows of every size: plots large enough, headers readable."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from nnplay.app import open_window
from nnplay.document import Document
from nnplay.gui.main_window import MainWindow
from nnplay.setup import new_document

Opened = Callable[..., MainWindow]


@pytest.fixture
def opened(qtbot: QtBot, tmp_path: Path) -> Iterator[Opened]:
    windows: list[MainWindow] = []

    def make(width: int, height: int, document: Document | None = None) -> MainWindow:
        window = open_window(document, state_folder=tmp_path)
        windows.append(window)
        qtbot.addWidget(window)
        window.resize(width, height)
        window.show()
        qtbot.waitUntil(lambda: window.is_finished and window.views.is_complete)
        qtbot.wait(1)
        return window

    yield make
    for window in windows:
        window.hide()
        window.session.shutdown()


def map_side(window: MainWindow) -> tuple[float, float]:
    """Width and height of the coloured square."""
    plane = window.views.decision_map.plane
    plane.grab()
    return plane.frame.rect.width(), plane.frame.rect.height()


def test_a_large_window_has_a_large_map(opened: Opened) -> None:
    window = opened(1920, 1080)
    assert min(map_side(window)) >= 240
    # A window that grows gives its plots their share, whatever size it had before.
    window.resize(1280, 800)
    assert min(map_side(window)) >= 120
    window.resize(1920, 1080)
    assert min(map_side(window)) >= 240


def test_sizes_chosen_by_hand_stay(opened: Opened) -> None:
    window = opened(1280, 800)
    bottom = window.workbench.bottom
    handle = bottom.handle(1)
    place = handle.rect().center()
    QTest.mousePress(handle, Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseMove(handle, place - QPoint(60, 0))
    QTest.mouseRelease(handle, Qt.MouseButton.LeftButton, pos=place - QPoint(60, 0))
    chosen = bottom.sizes()[1]
    assert chosen > 290
    window.resize(1500, 800)
    assert bottom.sizes()[1] == pytest.approx(chosen, abs=2)


def test_sizes_nobody_chose_go_on_following_the_window_after_a_restart(opened: Opened) -> None:
    first = opened(1280, 800)
    first.close()
    assert min(map_side(opened(1920, 1080))) >= 240


def digits() -> Document:
    return new_document("digits", hidden=(24,))[0]


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (1100, 700), (980, 620)])
@pytest.mark.parametrize("make", [lambda: None, digits])
def test_the_header_of_the_map_is_readable(
    opened: Opened, width: int, height: int, make: Callable[[], Document | None]
) -> None:
    window = opened(width, height, make())
    card, name = window.workbench.cards["map"], window.views.decision_map.subject_name
    shown = name.shown_text
    assert shown
    assert "…" not in shown
    title = card._title
    assert QFontMetrics(title.font()).horizontalAdvance(title.text()) <= title.width()
    end = card.header.mapTo(window.workbench.bottom, QPoint(card.header.width(), 0))
    assert end.x() <= window.workbench.bottom.width()
    if width == 1280:
        assert shown in ("Output · y", name.text)


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (1440, 900), (1920, 1080)])
def test_the_loss_names_train_and_test(opened: Opened, width: int, height: int) -> None:
    legend = opened(width, height).views.loss_plot.legend
    assert legend.shown_words.startswith("train ")
    assert " test " in legend.shown_words


def test_tabs_of_the_smallest_window_are_readable(opened: Opened) -> None:
    window = opened(980, 620)
    tabs = window.workbench.cards["loss"]._tabs
    assert [tab.text() for tab in tabs] == ["Loss", "Activations", "⋯"]
    for tab in tabs:
        assert tab.width() >= QFontMetrics(tab.font()).horizontalAdvance(tab.text())


def test_the_speed_stands_in_the_header_where_there_is_room(opened: Opened) -> None:
    window = opened(1280, 800)
    speed = window.header.speed
    assert speed.isVisible()
    end = speed.mapTo(window.header, QPoint(speed.width(), 0)).x()
    assert end < window.header.width() - 76, "it covers no button"
    speed.setFocus()
    QTest.keyClick(speed, Qt.Key.Key_Home)
    assert window.session.speed == 1.0
    assert window.views.training.speed.choice.currentText() == "1 step a second"
    window.resize(1100, 760)
    assert not speed.isVisible()
    assert window.header.rate.isVisible()
