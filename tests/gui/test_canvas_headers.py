"""Layer headers: every layer is named, above its column, in words that fit."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from gui.canvas_driver import LEFT, NONE, SHIFT, Driver
from PySide6.QtCore import QEvent, QPointF
from PySide6.QtGui import QEnterEvent, QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication  # noqa: TID251
from pytestqt.qtbot import QtBot

from nnplay.core.network import Network
from nnplay.core.topology import Kind
from nnplay.document import Document
from nnplay.gui.canvas.layer_headers import LayerHeader


def made(qtbot: QtBot, folder: Path, sizes: list[int], size: tuple[int, int]) -> Driver:
    driver = Driver(qtbot, folder, Document(Network.mlp(sizes)))
    driver.view.resize(*size)
    driver.view.fit()
    return driver


@pytest.fixture
def canvas(qtbot: QtBot, tmp_path: Path) -> Iterator[Driver]:
    driver = Driver(qtbot, tmp_path)
    yield driver
    driver.close()


def headers(driver: Driver) -> list[LayerHeader]:
    return list(driver.view.overlays.headers.headers.values())


def words(header: LayerHeader) -> tuple[str, str]:
    return header._title.text(), header._caption.text()


def check(driver: Driver) -> None:
    """All headers show, whole, beside each other, beside the tools and inside the canvas."""
    shown = headers(driver)
    assert all(header.isVisible() for header in shown)
    boxes = sorted((header.geometry() for header in shown), key=lambda box: box.left())
    for one, other in pairwise(boxes):
        assert one.right() < other.left()
    assert boxes[0].left() > driver.view.overlays.tools.geometry().right()
    assert boxes[-1].right() <= driver.view.width()
    for header in shown:
        for label in (header._title, header._caption):
            assert QFontMetrics(label.font()).horizontalAdvance(label.text()) <= label.width()


@pytest.mark.parametrize(
    ("sizes", "size"),
    [
        ([64, 24, 10], (606, 440)),
        ([64, 24, 12, 10], (606, 440)),
        ([10, 8, 4, 1], (606, 440)),
        ([2, 4, 2, 1], (350, 250)),
        ([30, 8, 4, 3], (350, 250)),
        ([2, 4, 4, 4, 4, 4, 4, 1], (606, 440)),
    ],
)
def test_every_layer_is_named_where_columns_are_close(
    qtbot: QtBot, tmp_path: Path, sizes: list[int], size: tuple[int, int]
) -> None:
    driver = made(qtbot, tmp_path, sizes, size)
    check(driver)
    for number in range(1, len(sizes) - 1):
        title, caption = words(driver.view.overlays.headers.headers[Kind.HIDDEN, number])
        assert title in (f"Hidden {number}", f"H{number}")
        assert caption.startswith(str(sizes[number]))
    driver.close()


def test_short_words_come_back_under_the_pointer(qtbot: QtBot, tmp_path: Path) -> None:
    driver = made(qtbot, tmp_path, [2, 4, 4, 4, 4, 4, 4, 1], (450, 300))
    header = driver.view.overlays.headers.headers[Kind.HIDDEN, 3]
    assert words(header) == ("H3", "4")
    # Sent to the header itself: where the pointer is belongs to the whole screen, and an earlier
    # test may have left it under a window of its own.
    centre = QPointF(header.rect().center())
    QApplication.sendEvent(header, QEnterEvent(centre, centre, header.mapToGlobal(centre)))
    qtbot.waitUntil(lambda: words(header)[0] == "Hidden 3")
    assert header._more.isVisible()
    assert driver.view.rect().contains(header.geometry())
    QApplication.sendEvent(header, QEvent(QEvent.Type.Leave))
    qtbot.waitUntil(lambda: words(header) == ("H3", "4"))
    check(driver)
    driver.close()


def test_a_header_stands_above_neurons_of_its_layer(canvas: Driver) -> None:
    """Also when deleting has left a layer spread over two columns."""
    session = canvas.session
    places = session.positions
    first = canvas.network.level_ids(1)
    # Two of four neurons of the layer stand a column further right now.
    for neuron in first[2:]:
        x, y = places[neuron]
        session.move_neurons({neuron: (x + 200.0, y)})
    header = canvas.view.overlays.headers.headers[Kind.HIDDEN, 1]
    xs = [
        canvas.view.navigation.to_window(QPointF(p[0], 0)).x() for p in session.positions.values()
    ]
    middle = header.geometry().center().x()
    assert min(abs(x - middle) for x in xs) <= 2


def test_a_header_leaves_with_its_column(canvas: Driver) -> None:
    canvas.view.zoom_by(3.0)
    canvas.view.scroll_by(-3000, 0)
    assert not any(header.isVisible() for header in headers(canvas))
    canvas.view.fit()
    check(canvas)


def test_the_header_of_a_block_stays_while_a_part_of_it_is_in_sight(
    qtbot: QtBot, tmp_path: Path
) -> None:
    driver = made(qtbot, tmp_path, [64, 4], (606, 440))
    view = driver.view
    view.navigation.zoom_to(1.0, QPointF(300, 220))
    header = view.overlays.headers.headers[Kind.INPUT, 0]
    end = max(x for x, _ in driver.session.positions.values() if x < 500)
    # Only the last two of eight columns are to the right of the tools.
    view.scroll_by(200 - view.navigation.to_window(QPointF(end, 0)).x(), 0)
    assert header.isVisible()
    box = header.geometry()
    assert box.left() > view.overlays.tools.geometry().right()
    assert box.center().x() < view.navigation.to_window(QPointF(end + 23, 0)).x()
    driver.close()


def test_shift_on_a_name_adds_its_layer(canvas: Driver) -> None:
    named = canvas.view.overlays.headers.headers
    first, second = named[(Kind.HIDDEN, 1)], named[(Kind.HIDDEN, 2)]
    QTest.mouseDClick(first, LEFT, NONE, first.rect().center())
    assert canvas.session.selection.neurons == set(canvas.network.level_ids(1))
    QTest.mouseClick(second, LEFT, SHIFT, second.rect().center())
    both = {*canvas.network.level_ids(1), *canvas.network.level_ids(2)}
    assert canvas.session.selection.neurons == both
