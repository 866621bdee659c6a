"""Painting while training: the trainer pauses between two steps as long as a view paints."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["gate_closed"]


@contextmanager
def gate_closed(gate: threading.Event) -> Iterator[None]:
    """Keep a numpy trainer from taking the interpreter away in the middle of a paint."""
    gate.clear()
    try:
        yield
    finally:
        gate.set()
