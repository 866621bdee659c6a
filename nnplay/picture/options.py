"""What a picture of a network shows, and in which form it is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["PICTURE_FORMATS", "SCALES", "PictureOptions"]

PICTURE_FORMATS: Final = ("svg", "png", "pdf", "tex")
SCALES: Final = (1, 2, 3)


@dataclass(frozen=True)
class PictureOptions:
    """Choices for one picture.

    Attributes:
        weights: write the weights beside the connections.
        biases: write the biases beside the neurons.
        values: write the activations for the probed sample.
        headers: name the layers.
        dark: light lines on a dark ground; else for paper.
        transparent: no ground, so that a page shows through.
        scale: device pixels per canvas pixel of a PNG, one of :data:`SCALES`.
        neurons: ids of the neurons to show, with the connections among them; None shows all.
    """

    weights: bool = False
    biases: bool = False
    values: bool = True
    headers: bool = True
    dark: bool = False
    transparent: bool = False
    scale: int = 2
    neurons: frozenset[int] | None = None
