"""Random operations through real mouse and key events on the canvas keep what must always hold.

Undoing everything gives the start bit for bit, doing it again the end, a saved document is the
same when it is opened, and the scene holds one item for every neuron and nothing that is left over.
"""

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from gui.canvas_driver import ALT, CTRL, NONE, SHIFT, Driver
from PySide6.QtCore import QCoreApplication, QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

import nnplay
from nnplay.core.topology import Kind
from nnplay.formats.document_record import same_document

Key = Qt.Key
MOST_NEURONS = 26


class Hand:
    """Does random things to a canvas, all with a mouse and keys."""

    def __init__(self, driver: Driver, seed: int, folder: Path) -> None:
        self.driver, self.random, self.folder = driver, random.Random(seed), folder
        self.start = driver.session.document
        self.fixed = self.others()
        self.log: list[str] = []
        self.runs = 0
        self.deeds: list[tuple[int, Callable[[], None]]] = [
            (6, self.click),
            (3, self.box),
            (3, self.lasso),
            (8, self.drag_neurons),
            (10, self.draw),
            (4, self.draw_many),
            (4, self.insert),
            (8, self.change_value),
            (5, self.wheel),
            (4, self.type_value),
            (4, self.double_click_ground),
            (6, self.delete),
            (14, self.key),
            (5, self.clipboard),
            (8, self.give_up),
            (8, self.undo_redo),
            (2, self.train),
            (2, self.look_around),
        ]

    # ------------------------------------------------------------------ what is there
    def others(self) -> int:
        scene = self.driver.view.network_scene
        return len(scene.items()) - len(scene.neuron_items)

    def neuron(self) -> int | None:
        ids = self.driver.network.topology.ids.tolist()
        return self.random.choice(ids) if ids else None

    def edge(self) -> tuple[int, int] | None:
        edges = self.driver.network.topology.edges
        if not len(edges):
            return None
        source, target = self.random.choice(edges.tolist())
        return int(source), int(target)

    def spot(self) -> QPoint:
        view = self.driver.view.viewport()
        return QPoint(
            self.random.randrange(90, view.width() - 40),
            self.random.randrange(70, view.height() - 70),
        )

    def on(self, neuron: int | None) -> QPoint:
        return self.spot() if neuron is None else self.driver.neuron(neuron)

    def keys(self) -> Qt.KeyboardModifier:
        return self.random.choice([NONE, NONE, NONE, CTRL, SHIFT])

    # ------------------------------------------------------------------ deeds
    def click(self) -> None:
        edge = self.edge()
        point = self.random.choice([self.on(self.neuron()), self.spot()])
        if edge is not None and self.random.random() < 0.4:
            point = self.driver.edge(*edge, self.random.uniform(0.25, 0.75))
        self.driver.click(point, self.keys())

    def box(self) -> None:
        self.driver.drag(self.spot(), self.spot(), self.keys())

    def lasso(self) -> None:
        points = [self.spot() for _ in range(4)]
        self.path(points, ALT)

    def path(self, points: list[QPoint], keys: Qt.KeyboardModifier = NONE) -> None:
        self.driver.press(points[0], keys)
        for point in points[1:]:
            self.driver.hover(point, keys)
        self.driver.release(points[-1], keys)

    def drag_neurons(self) -> None:
        start = self.on(self.neuron())
        way = QPoint(self.random.randrange(-90, 90), self.random.randrange(-90, 90))
        self.driver.drag(start, start + way, self.random.choice([NONE, NONE, CTRL]))

    def draw(self) -> None:
        source = self.neuron()
        if source is not None:
            end = self.on(self.neuron()) if self.random.random() < 0.7 else self.spot()
            self.driver.drag(self.driver.port(source), end)

    def draw_many(self) -> None:
        source = self.neuron()
        if source is not None:
            points = [self.on(self.neuron()) for _ in range(3)]
            self.path([self.driver.port(source), *points], SHIFT)

    def insert(self) -> None:
        edge = self.edge()
        if edge is not None and self.driver.network.topology.neuron_count < MOST_NEURONS:
            self.driver.key(Key.Key_N)
            self.driver.click(self.driver.edge(*edge, 0.5))
            self.driver.key(Key.Key_V)

    def change_value(self) -> None:
        edge = self.edge()
        if edge is None:
            return
        if self.random.random() < 0.3:
            place = self.driver.view.network_scene.bias_of(edge[1])
            point = self.driver.at(place.x(), place.y())
        else:
            point = self.driver.edge(*edge, 0.4)
            self.driver.click(point)
        self.driver.drag(point, point + QPoint(0, self.random.randrange(-60, 60)))

    def wheel(self) -> None:
        edge = self.edge()
        if edge is not None:
            point = self.driver.edge(*edge, 0.5)
            for _ in range(self.random.randrange(1, 4)):
                self.driver.wheel(point, self.random.choice([-1, 1]), ALT)
            self.driver.view.values.wheel.end()

    def type_value(self) -> None:
        edge = self.edge()
        if edge is None:
            return
        self.driver.double_click(self.driver.edge(*edge, 0.5))
        field = self.driver.view.values.field
        if field.isVisible():
            text = self.random.choice(["0.5", "-1/3", "0,25", "nonsense", "1e-3"])
            QTest.keyClicks(field, text)
            QTest.keyClick(field, self.random.choice([Key.Key_Return, Key.Key_Escape]))
            if field.isVisible():
                QTest.keyClick(field, Key.Key_Escape)
        self.driver.view.setFocus()

    def double_click_ground(self) -> None:
        if self.driver.network.topology.neuron_count < MOST_NEURONS:
            self.driver.double_click(self.spot())
            self.driver.view.values.field.close_up()

    def delete(self) -> None:
        topology = self.driver.network.topology
        chosen = self.driver.session.selection.neurons
        kinds = [topology.kind_of(i) for i in chosen]
        if len(chosen) <= 3 and all(kind == Kind.HIDDEN for kind in kinds):
            self.driver.key(Key.Key_Delete)

    def key(self) -> None:
        many = self.driver.network.topology.neuron_count >= MOST_NEURONS
        key, keys = self.random.choice(
            [
                *((arrow, NONE) for arrow in (Key.Key_Left, Key.Key_Up, Key.Key_Right)),
                (Key.Key_Left, SHIFT),
                *((arrow, ALT) for arrow in (Key.Key_Left, Key.Key_Down)),
                (Key.Key_X, ALT | SHIFT),
                (Key.Key_Y, ALT),
                *((name, ALT) for name in (Key.Key_I, Key.Key_O, Key.Key_L, Key.Key_N, Key.Key_A)),
                (Key.Key_L, SHIFT),
                (Key.Key_R, SHIFT),
                (Key.Key_O, NONE),
                (Key.Key_I, NONE) if not many else (Key.Key_O, NONE),
                (Key.Key_A, CTRL),
                (Key.Key_Tab, NONE),
            ]
        )
        self.driver.key(key, keys)

    def clipboard(self) -> None:
        chosen = len(self.driver.session.selection.neurons)
        count = self.driver.network.topology.neuron_count
        if not chosen or count + chosen > MOST_NEURONS:
            return
        self.driver.key(Key.Key_C, CTRL)
        self.driver.hover(self.spot())
        self.driver.key(self.random.choice([Key.Key_V, Key.Key_D]), CTRL)

    def give_up(self) -> None:
        """Begin something and press Esc: nothing may be left of it."""
        session, view = self.driver.session, self.driver.view
        if session.is_running:
            return
        before, selection = session.document, session.selection
        count = session.undo_stack.index(), session.undo_stack.count()
        edge, neuron = self.edge(), self.neuron()
        if neuron is None:
            return
        points = [self.driver.port(neuron), self.on(neuron), self.spot()]
        if edge is not None:
            points.append(self.driver.edge(*edge, 0.4))
        start, keys = self.random.choice(points), self.random.choice([NONE, ALT])
        self.driver.press(start, keys)
        for _ in range(2):
            self.driver.hover(self.spot(), keys)
        self.driver.key(Key.Key_Escape)
        self.driver.release(self.spot(), keys)
        assert same_document(session.document, before)
        assert (session.undo_stack.index(), session.undo_stack.count()) == count
        assert view.gesture is None
        session.select(selection.neurons, selection.edges)

    def undo_redo(self) -> None:
        verb = self.random.choice([self.driver.session.undo, self.driver.session.redo])
        for _ in range(self.random.randrange(1, 4)):
            verb()

    def train(self) -> None:
        """A run that goes on under the hand; at some time it is stopped."""
        if self.driver.session.is_running:
            self.driver.key(Key.Key_Space)
        else:
            self.runs += 1
            self.driver.key(Key.Key_Space)
            QTest.qWait(5)

    def look_around(self) -> None:
        self.driver.wheel(self.spot(), self.random.choice([-1, 1]))
        self.driver.key(Key.Key_F)

    # ------------------------------------------------------------------ what must hold
    def act(self) -> None:
        weights = [weight for weight, _ in self.deeds]
        deed = self.random.choices([deed for _, deed in self.deeds], weights)[0]
        self.log.append(deed.__name__)
        deed()
        self.check()

    def check(self) -> None:
        driver = self.driver
        view, scene, session = driver.view, driver.view.network_scene, driver.session
        last = self.log[-6:]
        if view.gesture is not None:  # clicked twice: a line follows the pointer
            driver.key(Key.Key_Escape)
        assert view.gesture is None, last
        assert session.held_slots == frozenset(), last
        ids = set(session.network.topology.ids.tolist())
        assert set(scene.neuron_items) == ids, last
        assert self.others() == self.fixed, last
        assert session.selection.neurons <= ids, last
        assert scene.edges.picture.network.topology is session.network.topology, last

    def settle(self) -> None:
        """All the way back and forth, and through a file."""
        session = self.driver.session
        session.pause()
        QCoreApplication.processEvents()
        end, index = session.document, session.undo_stack.index()
        path = self.folder / "machine.nnplay"
        assert session.save(path)
        assert same_document(nnplay.load(path), end)
        # So many steps are kept (older ones are forgotten when there are very many).
        while session.undo_stack.canUndo():
            session.undo()
        assert same_document(session.document, self.start)
        while session.undo_stack.index() < index:
            session.redo()
        assert same_document(session.document, end)
        self.check()


def run(qtbot: QtBot, folder: Path, seed: int, count: int) -> Hand:
    driver = Driver(qtbot, folder)
    try:
        hand = Hand(driver, seed, folder)
        for number in range(count):
            hand.act()
            if number % 60 == 59:
                hand.settle()
        hand.settle()
    finally:
        driver.close()
    return hand


# Said by the offscreen platform when a field explains what is wrong with a number.
OFFSCREEN = pytest.mark.qt_log_ignore("This plugin does not support")


@OFFSCREEN
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_random_operations_by_hand(qtbot: QtBot, tmp_path: Path, seed: int) -> None:
    hand = run(qtbot, tmp_path, seed, 180)
    assert len(set(hand.log)) >= 15
    assert hand.driver.session.undo_stack.count() > 40


@OFFSCREEN
@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_ten_thousand_operations_by_hand(qtbot: QtBot, tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")
    for part in range(20):
        run(qtbot, tmp_path, seed + part, 500)
