"""A few numbers that runs and the one who waits for them share: epochs done, and "stop".

It is a small file in the temporary folder, because every process of a machine can read and write
one whatever started it. On a cluster whose machines do not share that folder there is no board;
runs then work without it, and are heard of when they end.
"""

from __future__ import annotations

import os
import struct
import tempfile
import time
from typing import Final

__all__ = ["Board", "Desk"]

_NUMBER: Final = struct.Struct("<q")
_PAUSE: Final = 0.02


class Board:
    """The waiting side. Use it as a context manager: it removes its file."""

    def __init__(self, runs: int) -> None:
        handle, self.path = tempfile.mkstemp(prefix="nnplay-sweep-")
        self._file = handle
        self._runs = runs
        os.ftruncate(handle, _NUMBER.size * (runs + 1))

    def __enter__(self) -> Board:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._file)
        os.unlink(self.path)

    def epochs(self) -> list[int]:
        """Epochs done by each run."""
        data = os.pread(self._file, _NUMBER.size * self._runs, _NUMBER.size)
        return [number for (number,) in _NUMBER.iter_unpack(data)]

    def stop(self) -> None:
        """Ask all runs to end after their present epoch."""
        os.pwrite(self._file, _NUMBER.pack(1), 0)


class Desk:
    """The side of one run: it looks at the board at most every 20 ms. Close it at the end."""

    def __init__(self, path: str, run: int) -> None:
        self._place = _NUMBER.size * (run + 1)
        self._next = 0.0
        self._file: int | None
        try:
            self._file = os.open(path, os.O_RDWR)
        except OSError:
            self._file = None

    def close(self) -> None:
        """Let go of the board."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def is_stopped(self) -> bool:
        """Whether nobody wants the run any more; asked now, whatever the time."""
        return self._file is not None and os.pread(self._file, _NUMBER.size, 0)[:1] == b"\x01"

    def tell(self, epochs: int) -> bool:
        """Write down how far the run is; True if nobody wants it any more."""
        if self._file is None or time.monotonic() < self._next:
            return False
        self._next = time.monotonic() + _PAUSE
        os.pwrite(self._file, _NUMBER.pack(epochs), self._place)
        return self.is_stopped()
