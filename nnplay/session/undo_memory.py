"""Keeps what undo remembers within bounds: older arrays go to a scratch file, no step is dropped.

Documents on the undo stack share arrays by reference, so distinct arrays are counted. When they
exceed the limit, those only the oldest steps need are written to a file without a name (it
vanishes with the process, however that ends) and read back by the system when undo needs them.
Wiring tables stay in memory; they are small beside parameters and optimiser memory.
"""

from __future__ import annotations

import mmap
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
import numpy.typing as npt

from nnplay.core.history import History
from nnplay.document import Document
from nnplay.session.commands import Change, DocumentChange

__all__ = ["UndoMemory", "arrays_of"]

Array = npt.NDArray[Any]
LIMIT: Final = 256 * 2**20
# Smaller arrays are not worth the trouble.
SMALLEST: Final = 1024


def arrays_of(document: Document, *, with_data: bool = True) -> Iterable[Array]:
    """All arrays of a document that can grow with its parameters, epochs or data."""
    network, history = document.network, document.history
    yield from (network.theta, network.frozen, network.enabled, document.initial)
    yield from document.state.optimizer_arrays.values()
    yield from (history.epochs, history.train, history.test)
    if with_data and document.data.table is not None:
        yield from (column.values for column in document.data.table.columns)


class UndoMemory:
    """Counts and moves arrays.

    Args:
        folder: where the scratch file may lie.
        limit: bytes to keep in memory.
    """

    def __init__(self, folder: Path, limit: int = LIMIT) -> None:
        self._folder = folder
        self._limit = limit
        self._bytes = 0
        self._file: IO[bytes] | None = None

    def added(self, changes: Sequence[Change], present: Document) -> None:
        """The last of these changes is new (or grew): move arrays if that was too much.

        Args:
            changes: all changes of the undo stack, oldest first.
            present: the document shown; its arrays are needed and never moved.
        """
        change = changes[-1]
        if not isinstance(change, DocumentChange):
            return
        # A table has a column or more for every input; looking at them again would take time.
        other = change.before.data.table is not change.after.data.table
        known = {id(array) for array in arrays_of(change.before, with_data=other)}
        new = arrays_of(change.after, with_data=other)
        self._bytes += sum(array.nbytes for array in new if id(array) not in known)
        if self._bytes > self._limit:
            self._trim(changes, present)

    def _trim(self, changes: Sequence[Change], present: Document) -> None:
        """Move what only the oldest changes need, until half of the limit is free."""
        kept = {id(a) for a in arrays_of(present)}
        oldest: list[DocumentChange] = []
        total = 0
        for change in reversed(changes):
            if not isinstance(change, DocumentChange):
                continue
            if total <= self._limit // 2:
                for array in (*arrays_of(change.before), *arrays_of(change.after)):
                    if id(array) not in kept and not _is_mapped(array):
                        kept.add(id(array))
                        total += array.nbytes
            else:
                oldest.append(change)
        self._bytes = total
        moving: dict[int, Array] = {}
        for change in oldest:
            for array in (*arrays_of(change.before), *arrays_of(change.after)):
                if id(array) not in kept and array.nbytes >= SMALLEST and not _is_mapped(array):
                    moving[id(array)] = array
        if not moving:
            return
        try:
            moved = self._write(moving)
        except OSError:
            # No room on the disk: everything stays in memory, and nothing is lost.
            self._bytes += sum(array.nbytes for array in moving.values())
            self._limit *= 2
            return
        again: dict[int, Document] = {}
        for change in oldest:
            for name in ("before", "after"):
                document: Document = getattr(change, name)
                if id(document) not in again:
                    again[id(document)] = _with_arrays(document, moved)
                setattr(change, name, again[id(document)])

    def _write(self, arrays: dict[int, Array]) -> dict[int, Array]:
        """The same values, backed by the scratch file."""
        if self._file is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._file = tempfile.TemporaryFile(dir=self._folder, prefix="undo-")  # noqa: SIM115
        file = self._file
        start = file.seek(0, 2)
        start += -start % mmap.ALLOCATIONGRANULARITY
        file.truncate(start)
        file.seek(start)
        places: dict[int, int] = {}
        for key, array in arrays.items():
            data = np.ascontiguousarray(array).tobytes()
            data += bytes(-len(data) % 16)
            places[key] = file.tell() - start
            if file.write(data) != len(data):
                raise OSError("The scratch file could not take everything.")
        file.flush()
        length = file.tell() - start
        chunk = mmap.mmap(file.fileno(), length, access=mmap.ACCESS_READ, offset=start)
        return {
            key: np.frombuffer(chunk, array.dtype, array.size, places[key])
            for key, array in arrays.items()
        }


def _is_mapped(array: Array) -> bool:
    base: object = array.base
    return isinstance(getattr(base, "obj", base), mmap.mmap)


def _with_arrays(document: Document, moved: dict[int, Array]) -> Document:
    def now(array: Array) -> Array:
        return moved.get(id(array), array)

    network, history, state = document.network, document.history, document.state
    table = document.data.table
    data = document.data
    if table is not None:
        columns = tuple(replace(column, values=now(column.values)) for column in table.columns)
        if any(a.values is not b.values for a, b in zip(columns, table.columns, strict=True)):
            data = replace(data, table=replace(table, columns=columns))
    return replace(
        document,
        network=replace(
            network,
            theta=now(network.theta),
            frozen=now(network.frozen),
            enabled=now(network.enabled),
        ),
        initial=now(document.initial),
        state=replace(
            state,
            optimizer_arrays={name: now(a) for name, a in state.optimizer_arrays.items()},
        ),
        history=History(now(history.epochs), now(history.train), now(history.test)),
        data=data,
    )
