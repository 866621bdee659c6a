"""What a network answers to a handful of raw points: exact values for reading a plot."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from nnplay.core.network import Network
from nnplay.core.program import Program
from nnplay.data.errors import DataError
from nnplay.data.preparation import PreparedData

__all__ = ["Responder"]

FloatArray = npt.NDArray[np.float64]


class Responder:
    """Keeps the compiled network from one question to the next (GUI thread)."""

    def __init__(self) -> None:
        self._program: Program | None = None
        self._key: tuple[object, ...] = ()

    def activations(
        self, network: Network, prepared: PreparedData, raw: npt.ArrayLike
    ) -> FloatArray | None:
        """``float64[N, m]`` in row order for raw rows ``float64[m, raw columns]``.

        None when the data do not fit the network.
        """
        try:
            inputs = prepared.input_matrix(network, raw)
        except DataError:
            return None  # the data panel says what is wrong
        key = (network.topology, network.activations, network.enabled, network.neuron_enabled)
        same = len(key) == len(self._key) and all(
            a is b for a, b in zip(key, self._key, strict=True)
        )
        if self._program is None or not same:
            self._program = Program(network, len(inputs))
            self._key = key
        self._program.set_parameters(network.theta)
        self._program.forward(inputs)
        return np.array(self._program.activations_compact(), dtype=np.float64)
