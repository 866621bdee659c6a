"""Copies of unsaved work whose window is no more: what can be recovered at the next start."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QLockFile

from nnplay.document import Document
from nnplay.session.locking import taken
from nnplay.session.recovery import COPY_NAME, KEY, LOCK_NAME, Origin

__all__ = ["Orphan", "find_orphans"]

# Seconds after which a folder without a copy is nobody's any more.
FORGOTTEN: Final = 3600.0


@dataclass(eq=False)
class Orphan:
    """A copy that nobody else offers while this object holds its lock.

    Attributes:
        home: its folder.
        document: the work, or None if the copy cannot be read.
        origin: where it belongs.
        written: when the copy was made, in seconds since the epoch.
        problem: why it cannot be read, as a sentence.
    """

    home: Path
    document: Document | None
    origin: Origin
    written: float
    problem: str = ""
    lock: QLockFile | None = None

    @property
    def copy(self) -> Path:
        """The file itself, an ordinary document."""
        return self.home / COPY_NAME

    def delete(self) -> None:
        """Give the work up."""
        self.copy.unlink(missing_ok=True)
        self.leave()
        shutil.rmtree(self.home, ignore_errors=True)

    def leave(self) -> None:
        """Let it be offered again another time."""
        lock, self.lock = self.lock, None
        if lock is not None:
            lock.unlock()


def find_orphans(folder: Path) -> list[Orphan]:
    """All copies nobody holds, latest first; the caller holds them until it lets go of each."""
    found = []
    try:
        homes = [home for home in folder.iterdir() if home.is_dir()]
    except OSError:
        return []
    for home in homes:
        copy = home / COPY_NAME
        if not copy.is_file():
            _clear_away(home)
            continue
        lock = taken(home / LOCK_NAME)
        if lock is None:
            continue  # its window lives
        found.append(_opened(home, lock))
    return sorted(found, key=lambda orphan: -orphan.written)


def _clear_away(home: Path) -> None:
    """Remove the folder of a process that ended before it had anything to keep."""
    try:
        if time.time() - home.stat().st_mtime < FORGOTTEN:
            return
    except OSError:
        return
    lock = taken(home / LOCK_NAME)
    if lock is not None:
        lock.unlock()
        shutil.rmtree(home, ignore_errors=True)


def _opened(home: Path, lock: QLockFile) -> Orphan:
    from nnplay import library

    copy = home / COPY_NAME
    try:
        written = copy.stat().st_mtime
        document = library.load(copy)
    except (OSError, ValueError) as error:
        unknown = Origin(None, "A document that cannot be read")
        return Orphan(home, None, unknown, time.time(), str(error), lock)
    extra = dict(document.extra)
    origin = _origin(extra.pop(KEY, None), document.title)
    return Orphan(home, replace(document, extra=extra), origin, written, lock=lock)


def _origin(record: Any, title: str) -> Origin:
    """What the copy says of itself; whoever edited it by hand gets what can be understood."""
    values = record if isinstance(record, dict) else {}
    path, name = values.get("path"), values.get("title")
    counts = [values.get(key) for key in ("edits", "epochs", "steps")]
    return Origin(
        Path(path) if isinstance(path, str) and path and "\0" not in path else None,
        name if isinstance(name, str) and name else title,
        *(count if isinstance(count, int) and count >= 0 else 0 for count in counts),
    )
