"""Painting while training: the trainer pauses between two steps as long as a view paints."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

__all__ = ["gate_closed"]


class Gate(Protocol):
    """What the session offers as ``paint_gate``."""

    def clear(self) -> None:
        """Let the trainer wait."""

    def set(self) -> None:
        """Let it go on."""

    def close_for_turn(self) -> None:
        """Let it wait until what is to be painted now has been painted."""


@contextmanager
def gate_closed(gate: Gate) -> Iterator[None]:
    """Keep a numpy trainer from taking the interpreter away in the middle of a paint."""
    gate.clear()
    try:
        yield
    finally:
        gate.set()
