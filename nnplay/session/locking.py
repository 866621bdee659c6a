"""Says who uses a document, so that two windows do not overwrite each other's work.

A lock is a small file beside the document (``.~lock.NAME``) with the process and the computer of
its owner, so it also works in folders that several computers share. It goes when the document is
closed; one left behind by a process that no longer lives is taken over.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QLockFile, QSysInfo

__all__ = ["DocumentLock", "Holder", "holder_of", "lock_path", "taken"]


@dataclass(frozen=True)
class Holder:
    """Who has a document open.

    Attributes:
        pid: its process.
        host: its computer.
        is_here: whether that is this computer.
    """

    pid: int
    host: str
    is_here: bool

    @property
    def words(self) -> str:
        """For sentences: “in another window”, “on the computer …”."""
        return "in another window" if self.is_here else f"on the computer “{self.host}”"


def lock_path(path: Path) -> Path:
    """Where the lock of a document lies, links followed."""
    target = Path(os.path.realpath(path))
    return target.with_name(f".~lock.{target.name}")


def taken(place: Path) -> QLockFile | None:
    """A lock that is held from now on, or None if somebody alive holds it or it cannot be made."""
    lock = QLockFile(str(place))
    lock.setStaleLockTime(0)  # only death makes a lock stale, never age
    if lock.tryLock(0):
        return lock
    # Process numbers are used again, often at once inside containers. On the same computer the
    # system knows better whether the owner lives: its file would be locked.
    known = _info(lock)
    if known is not None and known.is_here and lock.removeStaleLockFile() and lock.tryLock(0):
        return lock
    return None


def _info(lock: QLockFile) -> Holder | None:
    found: tuple[int, str, str] | None = lock.getLockInfo()
    if not found or found[0] <= 0:
        return None
    pid, host, _ = found
    return Holder(pid, host, host == QSysInfo.machineHostName())


def holder_of(path: Path) -> Holder | None:
    """Who has a document open, or None if nobody has; a stale lock is cleared away."""
    place = lock_path(path)
    if not place.exists():
        return None
    lock = taken(place)
    if lock is not None:
        lock.unlock()
        return None
    return _info(QLockFile(str(place)))


class DocumentLock:
    """The lock of one session, on at most one document at a time."""

    def __init__(self) -> None:
        self._lock: QLockFile | None = None
        self._place: Path | None = None

    def take(self, path: Path) -> Holder | None:
        """Lock a document in place of the one before; returns who has it if somebody else does.

        Where a lock cannot be made (a folder without permission) the document is used without.
        """
        place = lock_path(path)
        if place == self._place:
            return None
        lock = taken(place)
        if lock is None:
            holder = _info(QLockFile(str(place)))
            if holder is not None:
                return holder
        self.release()
        self._lock, self._place = lock, place if lock is not None else None
        return None

    def holder_of(self, path: Path) -> Holder | None:
        """Who else has a document open."""
        return None if lock_path(path) == self._place else holder_of(path)

    def release(self) -> None:
        """Let go of the document."""
        lock, self._lock, self._place = self._lock, None, None
        if lock is not None:
            lock.unlock()
