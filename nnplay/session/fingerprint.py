"""Notices that a file is no longer what it was when it was read or written last."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["Fingerprint"]

# Larger files are told by time and size alone: reading them takes too long at every look.
LARGEST: Final = 32 * 2**20


@dataclass(frozen=True)
class Fingerprint:
    """What tells one version of a file from another.

    Attributes:
        modified: time of the latest change, in ns; 0 if there is no such file.
        size: bytes; -1 if there is no such file.
        digest: SHA-256 of the contents, or empty for very large files.
    """

    modified: int
    size: int
    digest: bytes = b""

    @classmethod
    def of(cls, path: Path) -> Fingerprint:
        """What the file is now; never raises."""
        quick = cls.quick(path)
        if not 0 <= quick.size <= LARGEST:
            return quick
        try:
            digest = hashlib.sha256(path.read_bytes()).digest()
        except OSError:
            return quick
        return cls(quick.modified, quick.size, digest)

    @classmethod
    def quick(cls, path: Path) -> Fingerprint:
        """Time and size only."""
        try:
            found = os.stat(path)
        except (OSError, ValueError):
            return cls(0, -1)
        return cls(found.st_mtime_ns, found.st_size)

    @property
    def exists(self) -> bool:
        """Whether there was a file."""
        return self.size >= 0

    def is_same_time(self, other: Fingerprint) -> bool:
        """Whether time and size agree."""
        return (self.modified, self.size) == (other.modified, other.size)

    def is_same_file(self, other: Fingerprint) -> bool:
        """Whether the contents agree; where they are not known, time and size decide."""
        if self.digest and other.digest:
            return self.digest == other.digest
        return self.is_same_time(other)
