"""Keeps a copy of unsaved work, so that no crash takes more than two seconds of it.

Every window has a folder of its own in the state folder, with a lock that dies with the process
and one file: an ordinary ``.nnplay`` document that also says where it belongs. The session
publishes its document, an immutable value, at every change; a thread writes the latest one at
most :data:`EDIT_DELAY` after the *first* change that the copy does not have, whatever goes on in
the window meanwhile. Saving and closing remove the copy.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QLockFile, QObject, Qt, Signal

from nnplay.document import Document
from nnplay.session.locking import taken

__all__ = ["COPY_NAME", "KEY", "LOCK_NAME", "Origin", "Recovery"]

COPY_NAME: Final = "document.nnplay"
LOCK_NAME: Final = "lock"
KEY: Final = "recovery"
# Seconds. With writing, an edit is safe within two; training progress is cheap to make again.
EDIT_DELAY: Final = 1.0
TRAINING_DELAY: Final = 10.0
LONGEST: Final = 1.8
RETRY_DELAY: Final = 10.0


@dataclass(frozen=True)
class Origin:
    """Where a copy belongs and what it has that the file has not.

    Attributes:
        path: the document's file, or None if it was never saved.
        title: its name for people.
        edits: undo steps since the last save.
        epochs: epochs trained since.
        steps: batches trained since.
    """

    path: Path | None
    title: str
    edits: int = 0
    epochs: int = 0
    steps: int = 0

    def as_record(self) -> dict[str, Any]:
        """JSON values."""
        path = None if self.path is None else str(self.path)
        return {**self.__dict__, "path": path}


class Recovery(QObject):
    """Writes copies of one window's document on a thread of its own.

    Args:
        folder: where all copies lie; a folder for this window is made inside when it is needed.
        parent: Qt parent.

    Signals:
        failed(str): no copy could be written, and why; told once until one could again.
    """

    failed = Signal(str)
    _fault = Signal(str)

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._root = folder
        self._fault.connect(self._tell, Qt.ConnectionType.QueuedConnection)
        self._condition = threading.Condition()
        self._thread: threading.Thread | None = None
        # Guarded by the condition:
        self._latest: tuple[Document, Origin] | None = None
        self._due: float | None = None
        self._clears = self._ends = False
        self._written = 0
        self._asked = 0
        # Of the window's thread:
        self._published: Document | None = None
        # Guarded by a lock of its own, because writing takes time:
        self._files = threading.Lock()
        self._home: Path | None = None
        self._lock: QLockFile | None = None
        self._seconds = 0.0
        self._has_failed = False

    # ------------------------------------------------------------------ from the window's thread
    def publish(self, document: Document, origin: Origin, committed: Document) -> None:
        """Something is not saved: ``document``; a copy of it will be written in time.

        Args:
            document: with all that has been learnt.
            origin: where it belongs.
            committed: the document without what a run has learnt since the last edit; by it
                edits are told from progress of training.
        """
        is_edit = committed is not self._published
        self._published = committed
        now = time.monotonic()
        # Two writings may lie between an edit and its being safe.
        delay = max(0.0, min(EDIT_DELAY, LONGEST - 2 * self._seconds))
        due = now + (delay if is_edit else TRAINING_DELAY)
        with self._condition:
            self._latest = (document, origin)
            self._asked += 1
            if self._due is None or due < self._due:
                self._due = due
                self._condition.notify_all()
        self._ensure_thread()

    def clear(self) -> None:
        """Everything is saved: there is nothing to recover."""
        self._published = None
        with self._condition:
            if self._latest is None and self._home is None:
                return
            self._latest, self._due, self._clears = None, None, True
            self._condition.notify_all()

    def adopt(self, home: Path, lock: QLockFile) -> None:
        """Go on with the copy of a window that is no more; it is replaced by the next one."""
        with self._files:
            self._leave(remove=True)
            self._home, self._lock = home, lock

    def end(self, seconds: float, *, keep: bool = False) -> None:
        """End the thread; the copy goes too, unless it is to be kept."""
        with self._condition:
            self._ends = True
            self._clears = not keep
            if keep:
                self._due = None if self._latest is None else 0.0
            else:
                self._latest = self._due = None
            self._condition.notify_all()
        thread = self._thread
        if thread is not None:
            thread.join(max(0.0, seconds))
        if thread is None or not thread.is_alive():
            self._thread = None
            self._leave(remove=not keep)

    # ------------------------------------------------------------------ from any thread
    def write_now(self, seconds: float = 0.0) -> bool:
        """Write the latest document at once; True if it is safe within so many seconds."""
        with self._condition:
            if self._latest is None:
                return True
            asked, self._due = self._asked, 0.0
            self._condition.notify_all()
            if threading.current_thread() is self._thread:
                return False
            return self._condition.wait_for(lambda: self._written >= asked, max(0.0, seconds))

    # ------------------------------------------------------------------ the thread
    def _ensure_thread(self) -> None:
        if self._thread is None and not self._ends:
            self._thread = threading.Thread(target=self._work, name="nnplay-recovery", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        while True:
            with self._condition:
                while not self._has_work():
                    if self._ends:
                        return
                    wait = None if self._due is None else self._due - time.monotonic()
                    self._condition.wait(None if wait is None else max(0.0, wait))
                clears, self._clears = self._clears, False
                work, asked = None, self._asked
                if not clears:
                    work, self._due = self._latest, None
            with self._files:
                if clears:
                    self._remove_copy()
                elif work is not None:
                    self._write(*work, asked)

    def _has_work(self) -> bool:
        return self._clears or (self._due is not None and self._due <= time.monotonic())

    def _write(self, document: Document, origin: Origin, asked: int) -> None:
        from nnplay.formats import registry
        from nnplay.storage import write_file

        began = time.monotonic()
        marked = replace(document, extra={**document.extra, KEY: origin.as_record()})
        try:
            data = registry.write(marked, "nnplay")
            write_file(self._own_home() / COPY_NAME, data)
        except Exception as error:  # whatever it is, the next try may go well
            with self._condition:
                if self._due is None and not self._ends:
                    self._due = time.monotonic() + RETRY_DELAY
            self._fault.emit(str(error))
            return
        self._fault.emit("")
        self._seconds = time.monotonic() - began
        with self._condition:
            self._written = asked
            self._condition.notify_all()

    def _own_home(self) -> Path:
        if self._home is None or not self._home.is_dir():
            self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
            home = Path(tempfile.mkdtemp(prefix="window-", dir=self._root))
            self._home, self._lock = home, taken(home / LOCK_NAME)
        return self._home

    def _remove_copy(self) -> None:
        if self._home is not None:
            (self._home / COPY_NAME).unlink(missing_ok=True)

    def _leave(self, *, remove: bool) -> None:
        home, self._home = self._home, None
        if home is None:
            return
        if remove:
            (home / COPY_NAME).unlink(missing_ok=True)
        if self._lock is not None:
            self._lock.unlock()
        if remove:
            shutil.rmtree(home, ignore_errors=True)

    def _tell(self, fault: str) -> None:
        if fault and not self._has_failed:
            self.failed.emit(fault)
        self._has_failed = bool(fault)
