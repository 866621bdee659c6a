"""The windows of one process: opens them, finds the one that has a file, offers lost work."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

from nnplay.gui.theme import Theme

if TYPE_CHECKING:
    from nnplay.document import Document
    from nnplay.gui.dialogs.failure import FailureDialog
    from nnplay.gui.main_window import MainWindow
    from nnplay.session.orphans import Orphan

__all__ = ["Desk"]


class Desk(QObject):
    """Every window has a session of its own; nothing else is shared but the theme.

    Args:
        theme: of all windows.
        state_folder: where settings are kept; None is the user's own folder.
        parent: Qt parent.

    Signals:
        opened(object): there is another window.
    """

    opened = Signal(object)

    def __init__(self, theme: Theme, state_folder: Path | None, parent: QObject) -> None:
        super().__init__(parent)
        self.theme = theme
        self._state_folder = state_folder
        self._windows: list[MainWindow] = []
        self._own: list[MainWindow] = []
        self._failure: FailureDialog | None = None

    @property
    def windows(self) -> list[MainWindow]:
        """Those that are open, oldest first."""
        self._windows = [window for window in self._windows if isValid(window)]
        return list(self._windows)

    def add(self, window: MainWindow) -> None:
        """A window is here."""
        self._windows.append(window)
        self.opened.emit(window)

    def forget(self, window: MainWindow) -> None:
        """A window has been closed; one that was opened here is deleted."""
        self._windows = [other for other in self._windows if other is not window]
        if window in self._own:
            self._own.remove(window)
            window.deleteLater()

    def make(
        self, document: Document | None = None, *, state_folder: Path | None = None
    ) -> MainWindow:
        """A window that the caller shows and keeps."""
        from nnplay.gui.main_window import MainWindow

        folder = state_folder or self._state_folder
        window = MainWindow(self.theme, document, state_folder=folder, desk=self)
        self.add(window)
        return window

    def open(self, document: Document | None = None, path: Path | None = None) -> MainWindow:
        """Show another window; one that has the file already is brought to the front instead."""
        present = None if path is None else self.window_of(path)
        if present is not None:
            self.show_window(present)
            return present
        before = self.windows
        window = self.make(document)
        self._own.append(window)
        if before and not before[-1].isMaximized():
            place = before[-1].pos()
            window.move(place.x() + 28, place.y() + 28)
        if path is not None:
            window.open_at_start(path)
        window.show()
        return window

    def window_of(self, path: Path) -> MainWindow | None:
        """The window that shows or is about to show a file."""
        for window in self.windows:
            shown = window.shown_path
            if shown is not None and _is_same(shown, path):
                return window
        return None

    def show_window(self, window: MainWindow) -> None:
        """Bring a window to the front."""
        if window.isMinimized():
            window.showNormal()
        window.raise_()
        window.activateWindow()

    # ------------------------------------------------------------------ what went wrong
    def show_failure(self, window: MainWindow, summary: str, details: str, safety: str) -> None:
        """Tell of a fault in one dialog, to which further ones are added while it is open."""
        from nnplay.gui.dialogs.failure import FailureDialog

        dialog = self._failure
        if dialog is not None and isValid(dialog) and dialog.isVisible():
            dialog.add(details)
            return
        above = QApplication.activeModalWidget() or window  # else it could not be clicked
        self._failure = FailureDialog(self.theme, summary, details, safety, above)
        self._failure.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._failure.show()

    def offer_recovery(self, window: MainWindow) -> None:
        """Ask what shall become of work that a crash left behind, if there is any."""
        from nnplay.gui.dialogs.recovery import RecoveryDialog
        from nnplay.session.orphans import find_orphans

        orphans = find_orphans(window.session.settings.state_folder / "recovery")
        if not orphans:
            return
        dialog = RecoveryDialog(self.theme, orphans, window)
        dialog.exec()
        answer, chosen = dialog.answer, dialog.chosen
        dialog.deleteLater()
        for orphan in orphans:
            if answer == "recover" and orphan in chosen:
                self._recover(orphan, window)
            elif answer == "delete" and orphan in chosen:
                orphan.delete()
            orphan.leave()  # what is not in a window by now waits for another time

    def _recover(self, orphan: Orphan, window: MainWindow) -> None:
        session = window.session
        if session.path is not None or session.is_modified:
            window = self.open()
        window.session.recover(orphan)


def _is_same(first: Path, second: Path) -> bool:
    try:
        return os.path.samefile(first, second)
    except (OSError, ValueError):
        return os.path.abspath(first) == os.path.abspath(second)
