"""Other numbers in the neurons than the probe's activations: means with their spread, or δ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nnplay.core.network import Network
from nnplay.picture.looks import level_scales, set_values
from nnplay.picture.neurons import NeuronLook
from nnplay.picture.scales import ValueScale
from nnplay.picture.text import fine_number

__all__ = ["NeuronNumbers"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class NeuronNumbers:
    """One number for every neuron, N neurons in row order.

    Attributes:
        values: ``float64[N]``, NaN where there is none.
        spread: ``float64[N]`` to mark on both sides of the values, or None.
        scale: the scale of all neurons; None for the scales activations have.
    """

    values: FloatArray
    spread: FloatArray | None = None
    scale: ValueScale | None = None

    def show(self, looks: Sequence[NeuronLook], network: Network, rows: Sequence[int]) -> None:
        """Put the numbers into the looks of some rows."""
        if self.scale is not None:
            scales = [self.scale] * len(looks)
        else:
            scales = level_scales(network, self.values, rows)
        set_values(looks, network, self.values, scales, rows)
        for look, row, scale in zip(looks, rows, scales, strict=True):
            value = float(self.values[row])
            look.is_known = None
            look.text = fine_number(value)
            look.band = None
            if self.spread is not None and value == value:
                half = float(self.spread[row])
                look.band = scale.share(value - half), scale.share(value + half)
