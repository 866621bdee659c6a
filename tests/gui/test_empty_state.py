"""What empty panels say can be read to its end, in small cards, too."""

import pytest
from PySide6.QtWidgets import QLabel  # noqa: TID251
from pytestqt.qtbot import QtBot

from nnplay.gui.theme import Theme
from nnplay.gui.widgets.controls import EmptyState

SENTENCE = (
    "The network takes 4 values (x1, x2, x3, x4) and is not tied to data yet; these data give 2 "
    "(x1, x2). Choose data that give 4, or open a table with 4 columns beside the one to predict."
)


@pytest.mark.parametrize(("spare", "has_picture"), [(12, False), (120, True)])
def test_the_drawing_makes_room_for_the_sentence(
    qtbot: QtBot, spare: int, has_picture: bool
) -> None:
    empty = EmptyState(Theme("dark"), "map", "Nothing yet.")
    qtbot.addWidget(empty)
    empty.resize(248, 400)
    empty.show()
    qtbot.waitExposed(empty)
    picture, sentence = empty.findChildren(QLabel)
    assert picture.isVisible()
    empty.set_sentence(SENTENCE)
    needed = sentence.heightForWidth(248 - 32)
    empty.resize(248, needed + 32 + spare)
    qtbot.waitUntil(lambda: picture.isVisible() == has_picture)
    qtbot.waitUntil(lambda: sentence.height() >= needed)
    assert empty.rect().contains(sentence.geometry())
    assert sentence.toolTip() == SENTENCE
    empty.resize(248, needed + 200)
    qtbot.waitUntil(picture.isVisible)
