"""The card about a hovered neuron leaves in sight what is being studied."""

from pathlib import Path

import numpy as np
import pytest
from gui.canvas_driver import Driver
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRect, QSize
from pytestqt.qtbot import QtBot

from nnplay.core.network import Network
from nnplay.document import Document
from nnplay.gui.canvas.card_place import clearest_place


def covered(driver: Driver, neuron: int) -> int:
    """How many other neurons the card hides more than a fifth of."""
    card = driver.view.hovering.card.geometry()
    hidden = 0
    for other in driver.network.topology.ids.tolist():
        if other != neuron:
            box = driver.view._neuron_box(other)
            part = box.intersected(card)
            hidden += part.width() * part.height() > 0.2 * box.width() * box.height()
    return hidden


@pytest.mark.parametrize("sizes", [[2, 4, 2, 1], [4, 8, 3], [13, 8, 8, 3]])
def test_no_other_neuron_is_hidden(qtbot: QtBot, tmp_path: Path, sizes: list[int]) -> None:
    driver = Driver(qtbot, tmp_path, Document(Network.mlp(sizes)))
    card = driver.view.hovering.card
    for neuron in driver.network.topology.ids.tolist():
        driver.hover(driver.neuron(neuron))
        qtbot.waitUntil(card.isVisible)
        assert not card.geometry().intersects(driver.view._neuron_box(neuron))
        assert driver.view.rect().contains(card.geometry())
        assert covered(driver, neuron) == 0
        if sizes[0] == 2:  # there is room beside the names of the layers too
            headers = driver.view.overlays.headers.headers.values()
            assert not any(card.geometry().intersects(header.geometry()) for header in headers)
        driver.view.hovering.enter(type(driver.view.hovering.hit)())
    driver.close()


def test_in_a_block_few_are_hidden(qtbot: QtBot, tmp_path: Path) -> None:
    driver = Driver(qtbot, tmp_path, Document(Network.mlp([64, 24, 10])))
    for row in (0, 27, 63, 70, 92):
        neuron = int(driver.network.topology.ids[row])
        driver.hover(driver.neuron(neuron))
        qtbot.waitUntil(driver.view.hovering.card.isVisible)
        assert covered(driver, neuron) == 0
        driver.view.hovering.enter(type(driver.view.hovering.hit)())
    driver.close()


@given(
    st.tuples(st.integers(80, 300), st.integers(40, 120)),
    st.tuples(st.integers(0, 850), st.integers(0, 550)),
    st.lists(st.tuples(st.integers(0, 900), st.integers(0, 600)), max_size=12),
)
def test_the_card_stays_inside_and_off_its_neuron(
    size: tuple[int, int], at: tuple[int, int], others: list[tuple[int, int]]
) -> None:
    box = QRect(*at, 46, 46)
    boxes = np.array([(x, y, x + 46, y + 46) for x, y in others], dtype=float).reshape(-1, 4)
    place = clearest_place(QSize(*size), box, QSize(900, 600), boxes, np.empty((0, 2)), boxes)
    card = QRect(place, QSize(*size))
    assert QRect(0, 0, 900, 600).contains(card)
    assert not card.intersects(box)
