"""Live numbers give way to pictures that follow one another."""

import time

import pytest
import shiboken6
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget  # noqa: TID251
from pytestqt.qtbot import QtBot

from nnplay.gui.panels import refresh as refresh_module
from nnplay.gui.panels.refresh import Refresher
from nnplay.gui.panels.turns import LONGEST_WAIT, Turns


@pytest.fixture
def turns(qtbot: QtBot) -> Turns:
    return Turns()


def closed(log: list[str]) -> object:
    return lambda: log.append("gate")


def test_without_pictures_nobody_waits(turns: Turns) -> None:
    assert not turns.join(QObject(), lambda: None)


def test_work_comes_right_behind_the_next_picture(turns: Turns, qtbot: QtBot) -> None:
    log: list[str] = []
    owner = QObject()
    turns.picture_painted(closed(log))
    assert turns.join(owner, lambda: log.append("a"))
    assert turns.join(owner, lambda: log.append("b"))
    qtbot.wait(5)
    assert log == []
    turns.picture_painted(closed(log))
    assert log == []  # not inside the paint
    qtbot.waitUntil(lambda: "b" in log, timeout=LONGEST_WAIT // 2)
    assert log == ["gate", "a", "b"]


def test_expensive_work_is_spread_over_pictures(turns: Turns, qtbot: QtBot) -> None:
    log: list[str] = []
    owner = QObject()

    def work() -> None:
        log.append("work")
        time.sleep(0.004)

    turns.picture_painted(closed(log))
    for _ in range(3):
        turns.join(owner, work)
    for count in (1, 2, 3):
        turns.picture_painted(closed(log))
        qtbot.waitUntil(lambda count=count: log.count("work") == count, timeout=30)
        qtbot.wait(5)
        assert log.count("work") == count


def test_when_pictures_end_the_rest_is_done(turns: Turns, qtbot: QtBot) -> None:
    log: list[str] = []
    owner, gone = QObject(), QObject()
    turns.picture_painted(closed(log))
    turns.join(gone, lambda: log.append("gone"))
    turns.join(owner, lambda: log.append("done"))
    shiboken6.delete(gone)
    qtbot.waitUntil(lambda: "done" in log, timeout=10 * LONGEST_WAIT)
    assert log == ["done"]


def test_a_refresher_waits_for_its_turn(
    qtbot: QtBot, turns: Turns, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refresh_module, "TURNS", turns)
    log: list[str] = []
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.show()
    refresher = Refresher(widget, lambda: log.append("refresh"), 10)
    refresher.request()
    assert log == ["refresh"]  # the first at once
    refresher.request()
    deadline = time.monotonic() + 0.03
    while time.monotonic() < deadline:
        turns.picture_painted(closed([]))
        qtbot.wait(1)
        refresher.request()
    assert 2 <= log.count("refresh") <= 4
    turns.picture_painted(closed([]))
    qtbot.wait(12)
    count = log.count("refresh")
    refresher.request()  # in the queue now: no picture, so it waits, but not for ever
    qtbot.waitUntil(lambda: log.count("refresh") > count, timeout=10 * LONGEST_WAIT)
    refresher.set_interval(40)
    refresher.request()
    qtbot.waitUntil(lambda: log.count("refresh") > count + 1, timeout=10 * LONGEST_WAIT)
