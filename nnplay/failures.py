"""What nobody foresaw: the work is made safe, one dialog tells it, and the window goes on."""

from __future__ import annotations

import faulthandler
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Qt, QThread, Signal

if TYPE_CHECKING:
    from nnplay.gui.desk import Desk
    from nnplay.gui.main_window import MainWindow

__all__ = ["CRASH_LOG", "LOG_NAME", "Failures"]

LOG_NAME: Final = "errors.log"
CRASH_LOG: Final = "crash.log"
# Bytes; the log of before is kept once as "errors.log.old".
LARGEST_LOG: Final = 2**20
# Seconds in which the same fault is neither written down nor told again: one in a paint event
# comes sixty times a second.
QUIET: Final = 60.0
LONGEST_WAIT: Final = 1.0


class Failures(QObject):
    """Catches exceptions of every thread, in slots, paint events and destructors.

    Work that is not saved is written down at once, the details are appended to ``errors.log`` in
    the folder for the application's state, and one dialog tells what happened. Faults that follow
    while it is open are added to it.

    Args:
        folder: where the logs lie.
        desk: the windows whose work is made safe.
    """

    caught = Signal(str, str, bool)

    def __init__(self, folder: Path, desk: Desk) -> None:
        super().__init__(desk)
        self._folder = folder
        self._desk = desk
        self._lock = threading.Lock()
        self._told: dict[str, float] = {}
        self._crashes: IO[str] | None = None
        self._hooks = (sys.excepthook, threading.excepthook, sys.unraisablehook)
        # Later, not at once: the fault may lie in the middle of painting.
        self.caught.connect(self._tell, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        """Take over the hooks of Python; Qt calls the first of them for what it calls."""
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread_exception
        sys.unraisablehook = self._on_unraisable

    def watch_for_crashes(self) -> None:
        """Have a crash of the whole process written down: every thread's place, for reports."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            place = self._folder / CRASH_LOG
            _keep_small(place)
            self._crashes = place.open("a", encoding="utf-8")
        except OSError:
            return
        faulthandler.enable(self._crashes)

    def remove(self) -> None:
        """Give the hooks back."""
        sys.excepthook, threading.excepthook, sys.unraisablehook = self._hooks
        if self._crashes is not None:
            faulthandler.disable()
            self._crashes.close()
            self._crashes = None

    # ------------------------------------------------------------------ any thread
    def _on_thread_exception(self, arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None and not issubclass(arguments.exc_type, SystemExit):
            self._on_exception(arguments.exc_type, arguments.exc_value, arguments.exc_traceback)

    def _on_unraisable(self, arguments: sys.UnraisableHookArgs) -> None:
        # Python was tidying up: nothing a person did has failed.
        if arguments.exc_value is not None:
            fault = (arguments.exc_type, arguments.exc_value, arguments.exc_traceback)
            if self._is_news(_place(*fault)):
                self._write_down(_details(*fault))

    def _on_exception(
        self,
        kind: type[BaseException],
        value: BaseException,
        trace: TracebackType | None,
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._hooks[0](kind, value, trace)
            return
        if not self._is_news(_place(kind, value, trace)):
            return
        details = _details(kind, value, trace)
        self._write_down(details)
        is_safe = QThread.currentThread() is self.thread() and self._secure()
        self.caught.emit(f"{kind.__name__}: {value}", details, is_safe)

    def _is_news(self, place: str) -> bool:
        now = time.monotonic()
        with self._lock:
            before = self._told.get(place)
            if before is not None and now - before < QUIET:
                return False
            self._told[place] = now
            return True

    def _write_down(self, details: str) -> None:
        from datetime import datetime

        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            place = self._folder / LOG_NAME
            _keep_small(place)
            with place.open("a", encoding="utf-8", errors="backslashreplace") as log:
                log.write(f"{datetime.now():%Y-%m-%d %H:%M:%S}\n{details}\n")
        except OSError:
            return  # an unwritable folder must not hide the failure itself

    # ------------------------------------------------------------------ the window's thread
    def _secure(self) -> bool:
        """Write all unsaved work down; False if some of it may not be safe."""
        is_safe = True
        for window in self._desk.windows:
            try:
                if window.is_finished:
                    is_safe = window.session.secure(LONGEST_WAIT) and is_safe
            except Exception:  # the session itself may be what is broken
                self._write_down(_details(*sys.exc_info()))
                is_safe = False
        return is_safe

    def _tell(self, summary: str, details: str, is_safe: bool) -> None:
        window = self._place_to_tell()
        if window is None:
            sys.stderr.write(details)
            return
        safe = is_safe or self._secure()
        safety = (
            "Your work is still here, and a copy of what is not saved has been kept."
            if safe
            else "Your work is still here. Please save it under another name now."
        )
        self._desk.show_failure(window, summary, details, safety)

    def _place_to_tell(self) -> MainWindow | None:
        windows = [w for w in self._desk.windows if w.is_finished and w.isVisible()]
        active = [window for window in windows if window.isActiveWindow()]
        return next(iter(active or windows), None)


def _details(
    kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
) -> str:
    import traceback

    return "".join(traceback.format_exception(kind, value, trace))


def _place(kind: type[BaseException], value: BaseException, trace: TracebackType | None) -> str:
    """What a fault is told from others by: its kind and the line where it happened."""
    if trace is None:
        return f"{kind.__name__}: {value}"
    while trace.tb_next is not None:
        trace = trace.tb_next
    return f"{kind.__name__} {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"


def _keep_small(log: Path) -> None:
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        log.replace(log.with_name(f"{log.name}.old"))
