"""What the mouse does on the canvas, in words for people; add a row with a gesture."""

from __future__ import annotations

from typing import Final

__all__ = ["GESTURES"]

GESTURES: Final[tuple[tuple[str, str], ...]] = (
    ("Select a neuron or connection", "Click"),
    ("Add to the selection", "Shift+click"),
    ("Select several", "Drag on the ground"),
    ("Move neurons", "Drag a neuron"),
    ("Connect two neurons", "Drag from a neuron's port"),
    ("Add a neuron", "Double-click the ground"),
    ("Inspect a neuron", "Double-click it"),
    ("What can be done here", "Right click"),
    ("Move the view", "Drag with the right button"),
    ("Zoom", "Wheel"),
)
