"""What the mouse does on the canvas, in words for people; add a row with a gesture."""

from __future__ import annotations

from typing import Final

__all__ = ["GESTURES"]

GESTURES: Final[tuple[tuple[str, str], ...]] = (
    ("Select a neuron or connection", "Click"),
    ("Add to the selection", "Shift+click or Ctrl+click"),
    ("Select several", "Drag on the ground"),
    ("Select by drawing around", "Alt+drag"),
    ("Select a layer", "Click its name"),
    ("Move neurons", "Drag a neuron"),
    ("… without stopping in line with others", "Ctrl or Alt while dragging"),
    ("Connect two neurons", "Drag from a neuron's port"),
    ("Connect all selected neurons", "Drag from one of their ports"),
    ("Connect all neurons on the way", "Shift while drawing a connection"),
    ("Make a connected neuron", "Drag from a port to the ground"),
    ("Add a neuron", "Double-click the ground"),
    ("Insert a neuron into a connection", "Click it with the tool that adds"),
    ("Change a selected weight", "Drag it up or down, or wheel"),
    ("Change any weight or bias", "Alt+wheel"),
    ("Change a bias", "Drag its dot up or down"),
    ("… finely", "Shift while changing"),
    ("Type a weight or bias", "Double-click it"),
    ("Inspect a neuron", "Double-click it"),
    ("What can be done here", "Right click"),
    ("Move the view", "Drag with the right button"),
    ("Zoom", "Wheel"),
)
