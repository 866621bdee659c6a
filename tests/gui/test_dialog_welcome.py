"""The welcome dialog: examples with pictures, recent documents, ways to start."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from gui.dialog_driver import focus_name, press, recent_file
from gui.panel_driver import Bench
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from nnplay.examples import EXAMPLES
from nnplay.gui.dialogs.welcome import WelcomeDialog
from nnplay.gui.document_picture import paint_document
from nnplay.gui.theme import Theme
from nnplay.session.session import Session

Welcome = Bench[WelcomeDialog]
KEY = Qt.Key


class Heard:
    """Everything the dialog asks for, in order."""

    def __init__(self, dialog: WelcomeDialog) -> None:
        self.said: list[tuple[str, object]] = []
        dialog.example_chosen.connect(lambda name: self.said.append(("example", name)))
        dialog.file_chosen.connect(lambda path: self.said.append(("file", path)))
        dialog.new_asked.connect(lambda: self.said.append(("new", None)))
        dialog.open_asked.connect(lambda: self.said.append(("open", None)))
        dialog.by_hand_asked.connect(lambda: self.said.append(("by hand", None)))


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Welcome]:
    made = Bench(qtbot, tmp_path, WelcomeDialog, size=(1148, 590))
    yield made
    made.close()


def with_recent(qtbot: QtBot, tmp_path: Path, *names: str) -> Welcome:
    session = Session(state_folder=tmp_path)
    for name in reversed(names):
        recent_file(session, tmp_path, name)
    session.settings.flush()
    session.shutdown()
    return Bench(qtbot, tmp_path, WelcomeDialog, size=(1148, 590))


def test_every_example_has_a_card_that_chooses_it(bench: Welcome) -> None:
    cards = bench.panel.gallery.cards
    assert [card.name for card in cards] == [example.name for example in EXAMPLES]
    assert [card.accessibleDescription() for card in cards] == [e.description for e in EXAMPLES]
    heard = Heard(bench.panel)
    bench.click(cards[4])
    assert heard.said == [("example", "spiral")]
    assert not bench.panel.isVisible()


def test_pictures_come_one_by_one_after_the_dialog_is_there(qtbot: QtBot, tmp_path: Path) -> None:
    session, theme = Session(state_folder=tmp_path), Theme("dark")
    dialog = WelcomeDialog(session, theme)
    qtbot.addWidget(dialog)
    dialog.show()
    cards = dialog.gallery.cards
    assert not any(card.is_painted for card in cards)
    empty = cards[7].grab().toImage()
    seen = set()
    while not cards[-1].is_painted:
        qtbot.wait(1)
        seen.add(sum(card.is_painted for card in cards))
    assert len(seen) > 3, "the pictures came all at once"
    assert all(card.is_painted for card in cards)
    assert cards[7].grab().toImage() != empty
    dark = cards[7].grab().toImage()
    theme.set_mode("light")
    qtbot.waitUntil(lambda: all(card.is_painted for card in cards))
    assert cards[7].grab().toImage() != dark
    dialog.close()
    session.shutdown()


def test_a_closed_gallery_stops_painting(bench: Welcome) -> None:
    bench.theme.set_mode("light")
    press(KEY.Key_Escape)
    count = sum(card.is_painted for card in bench.panel.gallery.cards)
    bench.qtbot.wait(80)
    assert sum(card.is_painted for card in bench.panel.gallery.cards) == count < len(EXAMPLES)


def test_choosing_an_example_with_the_keyboard(bench: Welcome) -> None:
    heard = Heard(bench.panel)
    assert focus_name() == EXAMPLES[0].title
    press(KEY.Key_Left, KEY.Key_Up)
    assert focus_name() == EXAMPLES[0].title, "there is nothing further left or up"
    press(KEY.Key_Right, KEY.Key_Down)
    assert focus_name() == EXAMPLES[5].title
    press(KEY.Key_End)
    assert focus_name() == EXAMPLES[7].title
    press(KEY.Key_Down, KEY.Key_Left, KEY.Key_Return)
    assert heard.said == [("example", "digits")]
    assert not bench.panel.isVisible()


def test_space_chooses_too(bench: Welcome) -> None:
    heard = Heard(bench.panel)
    press(KEY.Key_Right, KEY.Key_Space)
    assert heard.said == [("example", "and-gate")]


def test_the_tab_key_stops_once_at_each_group(qtbot: QtBot, tmp_path: Path) -> None:
    bench = with_recent(qtbot, tmp_path, "one.nnplay", "two.nnplay")
    press(KEY.Key_Right)
    stops = []
    for _ in range(6):
        stops.append(focus_name())
        press(KEY.Key_Tab)
    assert stops == [
        "AND gate",
        "Follow a number by hand",
        "&New network…",
        "&Open…",
        "Open one.nnplay",
        "Close",
    ]
    assert focus_name() == "AND gate", "round again, to the card that was left"
    bench.close()


def test_recent_documents(qtbot: QtBot, tmp_path: Path) -> None:
    bench = with_recent(qtbot, tmp_path, "one.nnplay", "two.nnplay", "gone.nnplay")
    assert not bench.panel.recent.empty.isVisible()
    heard = Heard(bench.panel)
    rows = bench.panel.recent.rows
    assert [row.text() for row in rows] == ["one.nnplay", "two.nnplay", "gone.nnplay"]
    assert rows[0].toolTip() == str(tmp_path / "one.nnplay")
    bench.click(rows[1])
    assert heard.said == [("file", tmp_path / "two.nnplay")]
    assert not bench.panel.isVisible()
    bench.close()
    (tmp_path / "gone.nnplay").unlink()
    again = Bench(qtbot, tmp_path, WelcomeDialog, size=(1148, 590))
    assert [row.text() for row in again.panel.recent.rows] == ["one.nnplay", "two.nnplay"]
    heard = Heard(again.panel)
    again.panel.recent.rows[0].setFocus()
    press(KEY.Key_Down, KEY.Key_Down, KEY.Key_Return)
    assert heard.said == [("file", tmp_path / "two.nnplay")]
    again.close()


def test_ten_recent_documents_scroll_to_the_one_with_the_keyboard(
    qtbot: QtBot, tmp_path: Path
) -> None:
    names = [f"{letter}.nnplay" for letter in "abcdefghij"]
    bench = with_recent(qtbot, tmp_path, *names)
    rows = bench.panel.recent.rows
    assert [row.text() for row in rows] == names
    rows[0].setFocus()
    assert rows[-1].visibleRegion().isEmpty()
    press(KEY.Key_End)
    assert rows[-1].visibleRegion().boundingRect().height() == rows[-1].height()
    bench.close()


def test_without_recent_documents_a_sentence_says_so(bench: Welcome) -> None:
    assert bench.panel.recent.rows == []
    assert bench.panel.recent.empty.isVisible()
    assert "wait for you here" in bench.panel.recent.empty.text()


def test_new_and_open(qtbot: QtBot, tmp_path: Path, bench: Welcome) -> None:
    heard = Heard(bench.panel)
    press(KEY.Key_Tab, KEY.Key_Tab, KEY.Key_Return)
    assert heard.said == [("new", None)]
    assert not bench.panel.isVisible()
    again = Bench(qtbot, tmp_path, WelcomeDialog)
    heard = Heard(again.panel)
    again.click(again.panel.open_file)
    assert heard.said == [("open", None)]
    assert not again.panel.isVisible()
    again.close()


@pytest.mark.parametrize("by_key", [True, False])
def test_a_card_leads_into_a_calculation_by_hand(bench: Welcome, by_key: bool) -> None:
    heard = Heard(bench.panel)
    if by_key:
        press(KEY.Key_Tab, KEY.Key_Return)
    else:
        bench.click(bench.panel.by_hand)
    assert heard.said == [("by hand", None)]
    assert not bench.panel.isVisible()


@pytest.mark.parametrize("by_key", [True, False])
def test_closing_asks_for_nothing(bench: Welcome, by_key: bool) -> None:
    heard = Heard(bench.panel)
    if by_key:
        press(KEY.Key_Escape)
    else:
        bench.click(bench.panel.close_button)
    assert not bench.panel.isVisible()
    assert heard.said == []


def test_a_recent_document_shows_the_picture_it_was_saved_with(
    qtbot: QtBot, tmp_path: Path
) -> None:
    session = Session(state_folder=tmp_path)
    recent_file(session, tmp_path, "plain.nnplay")
    session.set_painter(paint_document)
    recent_file(session, tmp_path, "painted.nnplay")
    session.shutdown()
    bench = Bench(qtbot, tmp_path, WelcomeDialog, size=(1148, 590))
    painted, plain = bench.panel.recent.rows
    colours = [
        len({row.grab().toImage().pixel(x, y) for x in range(8, 58) for y in range(8, 38)})
        for row in (painted, plain)
    ]
    assert colours[0] > 2 * colours[1]
    bench.close()
