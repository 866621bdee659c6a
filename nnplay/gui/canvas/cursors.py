"""What the pointer looks like, so that it says what a press would do."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import Qt

from nnplay.gui.canvas.gesture import Gesture
from nnplay.gui.canvas.scene import Hit

__all__ = ["cursor_for"]

Shape = Qt.CursorShape


def cursor_for(
    tool: str, gesture: Gesture | None, hit: Hit, chosen: Collection[tuple[int, int]]
) -> Qt.CursorShape:
    """A shape for a tool, what is under way, what lies below, and the selected edges."""
    if gesture is not None:
        return gesture.cursor
    if tool == "hand":
        return Shape.OpenHandCursor
    if hit.neuron is not None:
        if hit.on_port or tool == "connect":
            return Shape.CrossCursor
        return Shape.SizeVerCursor if hit.on_bias else Shape.OpenHandCursor
    if tool in ("add", "lasso"):
        return Shape.CrossCursor
    if hit.edge is not None:
        return Shape.SizeVerCursor if hit.edge in chosen else Shape.PointingHandCursor
    return Shape.ArrowCursor
