"""What nobody foresaw: written down, told in a sentence, and the work goes on."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

if TYPE_CHECKING:
    from nnplay.gui.main_window import MainWindow

__all__ = ["Failures"]

LOG_NAME: Final = "errors.log"


class Failures(QObject):
    """Catches exceptions of every thread; no traceback reaches a person unasked.

    Each is appended to ``errors.log`` in the settings folder and posted as a notice with a button
    that copies the details.
    """

    caught = Signal(str, str)

    def __init__(self, folder: Path, parent: QObject) -> None:
        super().__init__(parent)
        self._folder = folder
        self._windows: list[MainWindow] = []
        self._hooks = (sys.excepthook, threading.excepthook)
        self.caught.connect(self._tell)

    def install(self) -> None:
        """Take over the hooks of Python."""
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread_exception

    def remove(self) -> None:
        """Give the hooks back."""
        sys.excepthook, threading.excepthook = self._hooks

    def add_window(self, window: MainWindow) -> None:
        """A window that can show notices."""
        self._windows.append(window)

    def _on_thread_exception(self, arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None:
            self._on_exception(arguments.exc_type, arguments.exc_value, arguments.exc_traceback)

    def _on_exception(
        self,
        kind: type[BaseException],
        value: BaseException,
        trace: TracebackType | None,
    ) -> None:
        import traceback

        details = "".join(traceback.format_exception(kind, value, trace))
        self._write_down(details)
        # A signal, because this may be any thread.
        self.caught.emit(f"{kind.__name__}: {value}", details)

    def _write_down(self, details: str) -> None:
        import logging

        log = logging.getLogger("nnplay.failures")
        log.propagate = False
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            handler = logging.FileHandler(self._folder / LOG_NAME, encoding="utf-8")
        except OSError:
            return  # an unwritable folder must not hide the failure itself
        handler.setFormatter(logging.Formatter("%(asctime)s\n%(message)s"))
        log.addHandler(handler)
        log.error(details)
        log.removeHandler(handler)
        handler.close()

    def _tell(self, summary: str, details: str) -> None:
        def copy() -> None:
            QGuiApplication.clipboard().setText(details)

        from nnplay.session.notices import Notice

        notice = Notice(
            "error",
            f"Something went wrong inside nnplay ({summary}). Your network is still here; "
            "saving it under another name is a good idea.",
            "Copy details",
            copy,
        )
        for window in self._windows:
            if window.is_finished and window.isVisible():
                window.session.notice_posted.emit(notice)
                return
        sys.stderr.write(details)
