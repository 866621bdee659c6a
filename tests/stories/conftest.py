"""The whole window, dressed as people see it, with settings of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from stories.person import Person

from nnplay import app as application_module
from nnplay.document import Document
from nnplay.gui.main_window import MainWindow

OpenWindow = Callable[..., Person]


@pytest.fixture
def open_window(qtbot: QtBot, qapp: object, tmp_path: Path) -> Iterator[OpenWindow]:
    """Opens windows as ``nnplay`` does, and closes them without asking."""
    windows: list[MainWindow] = []
    before = (qapp.styleSheet(), qapp.palette(), qapp.font(), qapp.style().name())  # type: ignore[attr-defined]

    def make(
        document: Document | None = None,
        size: tuple[int, int] = (1280, 800),
        folder: Path | None = None,
    ) -> Person:
        window = application_module.open_window(document, state_folder=folder or tmp_path / "state")
        windows.append(window)
        window.resize(*size)
        window.show()
        qtbot.waitExposed(window)
        window.activateWindow()
        qtbot.waitUntil(lambda: window.is_finished and window.views.is_complete, timeout=10_000)
        qtbot.waitUntil(lambda: window.isActiveWindow() and window.focusWidget() is not None)
        return Person(qtbot, window)

    yield make
    for window in windows:
        window.session.shutdown()
        window.hide()
        window.deleteLater()
    application_module._themes.clear()
    qapp.setStyleSheet(before[0])  # type: ignore[attr-defined]
    qapp.setPalette(before[1])  # type: ignore[attr-defined]
    qapp.setFont(before[2])  # type: ignore[attr-defined]
    qapp.setStyle(before[3])  # type: ignore[attr-defined]


@pytest.fixture
def person(open_window: OpenWindow) -> Person:
    """A person in front of the window that opens without a file."""
    return open_window()
