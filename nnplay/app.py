"""The composition root: the application, its hooks, and its windows."""

from __future__ import annotations

import atexit
import gc
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

# Translucent antialiased lines are fifteen times slower with Qt's thread pool on two cores; this
# must be said before Qt is loaded.
os.environ.setdefault("QT_NO_GUI_THREADPOOL", "1")

from PySide6.QtCore import QObject, QSocketNotifier, QTimer
from PySide6.QtWidgets import QApplication

from nnplay.gui.plain_imports import know_who_uses_pyside

know_who_uses_pyside()

from nnplay.failures import Failures  # noqa: E402
from nnplay.gui.desk import Desk  # noqa: E402
from nnplay.gui.main_window import MainWindow  # noqa: E402
from nnplay.gui.theme import Theme  # noqa: E402
from nnplay.session.settings import Settings  # noqa: E402

if TYPE_CHECKING:
    from nnplay.document import Document

__all__ = ["create_application", "open_window", "run"]

START_UP_TIME = 3000
"""Milliseconds after which everything is there, on a slow machine too."""

LOOK_TIME = 400
"""Milliseconds between looks whether the first window is complete."""

_themes: WeakKeyDictionary[QApplication, Theme] = WeakKeyDictionary()
_desks: WeakKeyDictionary[QApplication, Desk] = WeakKeyDictionary()
NO_SCREEN = (
    "nnplay: there is no screen to open a window on (neither DISPLAY nor WAYLAND_DISPLAY is set). "
    "The commands work without one: see nnplay --help.\n"
)


def create_application(argv: Sequence[str]) -> QApplication:
    """The one application object of the process, made at the first call."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    application = QApplication(list(argv) or ["nnplay"])
    application.setApplicationName("nnplay")
    application.setApplicationDisplayName("nnplay")
    application.setDesktopFileName("nnplay")
    # A busy training thread gives way sooner, so that the window answers within milliseconds.
    sys.setswitchinterval(0.001)
    atexit.register(_take_down)
    return application


def _take_down() -> None:
    """At the process's end: windows are hidden and charts closed while everything still works.

    Otherwise Qt takes visible windows apart when Python's half is partly gone: it tells their widgets
    that the focus has left, and touches pyqtgraph's items again. Both crash.
    """
    if QApplication.instance() is None:
        return
    for window in QApplication.topLevelWidgets():
        window.hide()
    pyqtgraph = sys.modules.get("pyqtgraph")
    if pyqtgraph is not None:
        for widget in QApplication.allWidgets():
            if isinstance(widget, pyqtgraph.GraphicsView):
                widget.close()


def open_window(
    document: Document | None = None, *, state_folder: Path | None = None
) -> MainWindow:
    """Make a window; the caller shows it.

    Args:
        document: what to show; None is a new network with data, ready to train.
        state_folder: where settings are kept; None is the user's own folder.
    """
    return _desk(state_folder).make(document, state_folder=state_folder)


def _desk(state_folder: Path | None = None) -> Desk:
    """The one desk of the application, with its theme."""
    application = create_application(sys.argv[:1])
    theme = _themes.get(application)
    if theme is None:
        theme = Theme(Settings(state_folder).text("theme", "system"), application)
        theme.apply(application)
        _themes[application] = theme
        _desks.pop(application, None)
    desk = _desks.get(application)
    if desk is None:
        desk = _desks[application] = Desk(theme, state_folder, application)
    return desk


def run(files: Sequence[str]) -> int:
    """Open a window for each file, or one with a new network, and stay until all are closed.

    Returns:
        The exit code of the process.
    """
    if not _has_screen():
        sys.stderr.write(NO_SCREEN)
        return 1
    # Nothing made during start-up is garbage; looking for some costs an eighth of the time.
    gc.disable()
    application = create_application(sys.argv[:1])
    QTimer.singleShot(START_UP_TIME, _collect_garbage_again)
    desk = _desk()
    failures = Failures(Settings().state_folder, desk)
    failures.install()
    interrupts = _Interrupts(application)
    for name in files or [""]:
        desk.open(path=Path(name) if name else None)
    first = desk.windows[0]
    QTimer.singleShot(LOOK_TIME, first, lambda: _look_back(desk, failures))
    code: int = application.exec()
    interrupts.close()
    for window in desk.windows:
        if window.is_finished:
            window.session.shutdown()
    failures.remove()
    return code


def _look_back(desk: Desk, failures: Failures) -> None:
    """Once the window stands: what the last time may have left behind."""
    windows = desk.windows
    if not windows:
        return
    if not (windows[0].is_finished and windows[0].views.is_complete):
        QTimer.singleShot(LOOK_TIME, windows[0], lambda: _look_back(desk, failures))
        return
    failures.watch_for_crashes()
    desk.offer_recovery(windows[0])


def _collect_garbage_again() -> None:
    # What was made so far stays: later collections need not look at it.
    gc.freeze()
    gc.enable()


def _has_screen() -> bool:
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


class _Interrupts(QObject):
    """Ctrl+C in the terminal closes the windows, which ask about what is not saved."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._writer, False)
        self._before = signal.set_wakeup_fd(self._writer)
        self._handlers = {
            number: signal.signal(number, lambda *_: None)
            for number in (signal.SIGINT, signal.SIGTERM)
        }
        self._notifier = QSocketNotifier(self._reader, QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._interrupted)

    def close(self) -> None:
        """Give the signals back."""
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._before)
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        os.close(self._reader)
        os.close(self._writer)

    def _interrupted(self) -> None:
        os.read(self._reader, 64)
        QApplication.closeAllWindows()
