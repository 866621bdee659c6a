"""Every dialog in the real look, light and dark: nothing cut off, everything named."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import (  # noqa: TID251
    QAbstractButton,
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from nnplay.gui.dialogs.about import AboutDialog
from nnplay.gui.dialogs.activations import ActivationsDialog
from nnplay.gui.dialogs.cards import CardButton
from nnplay.gui.dialogs.export import ExportDialog
from nnplay.gui.dialogs.gallery import ExampleCard
from nnplay.gui.dialogs.new_network import NewNetworkDialog
from nnplay.gui.dialogs.shortcuts import ShortcutsDialog
from nnplay.gui.dialogs.unsaved import UnsavedDialog
from nnplay.gui.dialogs.welcome import WelcomeDialog
from nnplay.gui.panels.dataset_tiles import DatasetTile
from nnplay.gui.theme import Theme
from nnplay.session.session import Session

Make = Callable[[Session, Theme], QDialog]
MAKERS: dict[str, Make] = {
    "welcome": WelcomeDialog,
    "new": NewNetworkDialog,
    "export": ExportDialog,
    "activations": lambda _, theme: ActivationsDialog(theme, Path("/tmp/a model of ours.npz")),
    "unsaved": lambda _, theme: UnsavedDialog(theme, "a document with a name for people.nnplay"),
    "shortcuts": lambda _, theme: ShortcutsDialog(theme),
    "about": lambda _, theme: AboutDialog(theme),
}


@pytest.fixture
def dressed(qapp: QApplication) -> Iterator[Theme]:
    """The application in the real look; plain again afterwards."""
    before = qapp.styleSheet(), qapp.palette(), qapp.font()
    theme = Theme("dark")
    theme.apply(qapp)
    yield theme
    qapp.setStyleSheet(before[0])
    qapp.setPalette(before[1])
    qapp.setFont(before[2])


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    made = Session(state_folder=tmp_path)
    yield made
    made.shutdown()


def cut_off(dialog: QDialog) -> list[str]:
    """Everything that is smaller than its text, or sticks out of the dialog."""
    found = []
    for widget in dialog.findChildren(QWidget):
        if not widget.isVisible():
            continue
        text = str(getattr(widget, "text", lambda: "")())
        metrics = QFontMetrics(widget.font())
        need = 0
        if isinstance(widget, QLabel) and text:
            if widget.wordWrap():
                if widget.heightForWidth(widget.width()) > widget.height() + 1:
                    found.append(f"“{text}” is {widget.height()} high")
            else:
                need = metrics.horizontalAdvance(text) - 1
        elif isinstance(widget, QPushButton):
            need = metrics.horizontalAdvance(text.replace("&", "")) + 20
        elif isinstance(widget, QComboBox):
            need = metrics.horizontalAdvance(widget.currentText()) + 34
        elif isinstance(widget, QLineEdit):
            need = metrics.horizontalAdvance(text) + 16
        if widget.width() < need:
            found.append(f"“{text}” is {widget.width()} of {need} wide")
        corner = widget.mapTo(dialog, QPoint(widget.width(), 0))
        if corner.x() > dialog.width() + 1:
            found.append(f"{type(widget).__name__} “{text}” sticks out")
    return found


@pytest.mark.parametrize("mode", ["dark", "light"])
@pytest.mark.parametrize("name", list(MAKERS))
def test_nothing_is_cut_off(
    qtbot: QtBot, dressed: Theme, session: Session, name: str, mode: str
) -> None:
    dressed.set_mode(mode)
    dialog = MAKERS[name](session, dressed)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitExposed(dialog)
    assert cut_off(dialog) == []
    assert dialog.width() <= 1240
    assert dialog.height() <= 740, "it fits above a window of 1280 × 800"
    background = dialog.grab().toImage().pixelColor(3, 3)
    assert background == dressed.palette.colour("window")
    dialog.close()


@pytest.mark.parametrize("name", list(MAKERS))
def test_everything_has_a_name_and_can_be_reached(
    qtbot: QtBot, dressed: Theme, session: Session, name: str
) -> None:
    dialog = MAKERS[name](session, dressed)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitExposed(dialog)
    assert dialog.windowTitle()
    assert dialog.isModal()
    for widget in dialog.findChildren(QWidget):
        if not widget.isVisible() or widget.focusPolicy() == Qt.FocusPolicy.NoFocus:
            continue
        words = widget.accessibleName() or (
            widget.text() if isinstance(widget, QAbstractButton | QLabel) else ""
        )
        assert words, f"{type(widget).__name__} has no name"
        if isinstance(widget, QPushButton):
            assert not widget.autoDefault(), "the default button must not wander"
    defaults = [b for b in dialog.findChildren(QPushButton) if b.isDefault()]
    assert len(defaults) == (0 if name == "welcome" else 1)
    dialog.close()


def text_height(card: CardButton, width: float, size: int) -> int:
    metrics = QFontMetrics(card.theme.ui_font(size))
    flags = int(Qt.TextFlag.TextWordWrap)
    return metrics.boundingRect(0, 0, int(width), 1000, flags, card.description).height()


def test_sentences_of_painted_cards_fit(qtbot: QtBot, dressed: Theme, session: Session) -> None:
    for make, kind, margin, above in ((WelcomeDialog, ExampleCard, 26, 118 + 33),):
        dialog = make(session, dressed)
        qtbot.addWidget(dialog)
        dialog.show()
        qtbot.waitExposed(dialog)
        cards = dialog.findChildren(kind)
        assert len(cards) >= 5
        for card in cards:
            room = card.height() - above - 6
            assert text_height(card, card.width() - margin, 12) <= room, card.text()
            title = QFontMetrics(card.theme.ui_font(13)).horizontalAdvance(card.text())
            assert title * 1.06 <= card.width() - margin, card.text()
        dialog.close()


def test_hovering_and_the_keyboard_show(qtbot: QtBot, dressed: Theme, session: Session) -> None:
    dialog = WelcomeDialog(session, dressed)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitExposed(dialog)
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    qtbot.waitUntil(lambda: all(card.is_painted for card in dialog.gallery.cards))
    first, second = dialog.gallery.cards[:2]
    rest = second.grab().toImage()
    assert first.grab().toImage() != rest
    second.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, True)
    hovered = second.grab().toImage()
    second.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)
    second.setFocus()
    focused = second.grab().toImage()
    assert rest != hovered
    assert hovered != focused
    assert focused != rest
    dialog.close()


def test_tiles_of_data_sets_are_walked_with_arrows(
    qtbot: QtBot, dressed: Theme, session: Session
) -> None:
    dialog = NewNetworkDialog(session, dressed)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitExposed(dialog)
    stops = [
        tile.name
        for tile in dialog.findChildren(DatasetTile)
        if tile.focusPolicy() == Qt.FocusPolicy.TabFocus
    ]
    assert stops == ["circle", "iris"], "one stop for the Tab key in each group"
    dialog.close()
