"""The gate training rests at, and what is done behind the paints of a turn."""

import gc
import threading
import time

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from pytestqt.qtbot import QtBot

from nnplay.session.after_paints import LAST, LATER, SOON, AfterPaints
from nnplay.session.evaluator import Evaluator
from nnplay.session.paint_gate import PaintGate


class Painter(QObject):
    """Stands for a window: asks for a paint the way Qt does, and notes when it comes."""

    def __init__(self, note: list[str]) -> None:
        super().__init__()
        self._note = note

    def update(self) -> None:
        event = QEvent(QEvent.Type.User)
        QCoreApplication.postEvent(self, event, Qt.EventPriority.LowEventPriority.value)

    def event(self, event: QEvent) -> bool:
        self._note.append("paint")
        return True


@pytest.fixture(autouse=True)
def _application(qapp: QCoreApplication) -> None:
    """Posted events need an application."""


def test_work_behind_the_paints_keeps_its_order() -> None:
    note: list[str] = []
    owner = QObject()
    for word, order in (("last", LAST), ("later", LATER), ("soon", SOON)):
        work = AfterPaints(lambda word=word: note.append(word), order, owner)
        work.ask()
        work.ask()  # once is enough
        assert work.is_asked
    painter = Painter(note)
    painter.update()
    QCoreApplication.processEvents()
    assert note == ["paint", "soon", "later", "last"]


def test_the_gate_opens_when_all_is_painted() -> None:
    note: list[str] = []
    owner = QObject()
    gate, painter = PaintGate(owner), Painter(note)
    assert gate.is_set()

    def work() -> None:
        # Behind the first paint something else turns up that has to be painted.
        gate.close_for_turn()
        painter.update()
        more.ask()

    more = AfterPaints(lambda: note.append("open" if gate.is_set() else "closed"), LATER, owner)
    behind = AfterPaints(work, SOON, owner)
    gate.close_for_turn()
    behind.ask()
    painter.update()
    assert not gate.is_set()
    for _ in range(10):
        QCoreApplication.processEvents()
    assert note == ["paint", "paint", "closed"]
    assert gate.is_set()


def test_a_paint_inside_a_turn_does_not_open_the_gate() -> None:
    owner = QObject()
    gate = PaintGate(owner)
    gate.close_for_turn()
    gate.clear()
    gate.clear()
    gate.set()
    gate.set()
    assert not gate.is_set()
    assert not gate.wait(0.001)
    QCoreApplication.processEvents()
    assert gate.is_set()
    gate.clear()
    gate.close_for_turn()
    QCoreApplication.processEvents()
    assert not gate.is_set()  # the view paints still
    gate.set()
    assert gate.is_set()


def test_nobody_waits_at_the_gate_of_a_closed_session() -> None:
    owner = QObject()
    gate = PaintGate(owner)
    del owner
    gc.collect()
    gate.close_for_turn()
    assert gate.is_set()


def test_jobs_begin_behind_the_gate_but_not_never(qtbot: QtBot) -> None:
    owner = QObject()
    gate, rung = PaintGate(owner), threading.Event()
    evaluator = Evaluator(rung.set, gate)
    gate.clear()
    evaluator.submit("a", 1, lambda: 7)
    assert not rung.wait(0.02)
    gate.set()
    assert rung.wait(1.0)
    assert [answer.value for answer in evaluator.collect()] == [7]
    gate.clear()
    rung.clear()
    evaluator.submit("a", 2, lambda: 8)
    assert rung.wait(1.0)  # somebody forgot to open it
    evaluator.submit("b", 3, lambda: 9)
    evaluator.drop("b")
    evaluator.end()
    assert evaluator.collect() == []
    evaluator.join(time.monotonic() + 1.0)
