"""Explaining one sample: every number that flows forward and backward through a network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nnplay.core.checks import check_network
from nnplay.core.config import LossChoice, loss_settings
from nnplay.core.errors import TrainingError
from nnplay.core.losses import LOSSES
from nnplay.core.network import Network
from nnplay.core.program import Program
from nnplay.core.topology import Kind

__all__ = ["Trace", "explain"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Trace:
    """What one sample does in a network. NaN stands where a number does not exist.

    Attributes:
        z: ``float64[N]``, weighted sum of each neuron in row order; NaN for inputs.
        a: ``float64[N]``, activation; an input's is its value.
        derivative: ``float64[N]``, f'(z); NaN for inputs and for softmax, whose derivative is a
            matrix. A switched-off neuron has 0.
        delta: ``float64[N]``, dE/dz; NaN for inputs, and everywhere without a target.
        edge_gradient: ``float64[E]``, dE/dw of each connection; NaN without a target.
        bias_gradient: ``float64[N]``, dE/db, equal to delta (0 for a switched-off bias); NaN for
            inputs and without a target.
        loss: the loss of this sample, without penalty; None without a target.
    """

    z: FloatArray
    a: FloatArray
    derivative: FloatArray
    delta: FloatArray
    edge_gradient: FloatArray
    bias_gradient: FloatArray
    loss: float | None

    @property
    def gradient(self) -> FloatArray:
        """``float64[P]``: all gradients in slot order."""
        has_bias = ~np.isnan(self.z)
        return np.concatenate([self.edge_gradient, self.bias_gradient[has_bias]])


def explain(
    network: Network,
    x: npt.ArrayLike,
    target: npt.ArrayLike | None = None,
    loss: LossChoice = "half_squared",
    program: Program | None = None,
) -> Trace:
    """Trace one sample.

    Args:
        network: the network.
        x: prepared inputs ``[inputs]``.
        target: encoded targets ``[outputs]`` (see
            :func:`nnplay.core.targets.encode_targets`), or None to look forward only.
        loss: name in the loss table, or the training settings; matters only with a target. One
            sample's weight divides itself out.
        program: a program of a network with the same plan, to save compiling; its parameters are
            overwritten.

    Raises :class:`TrainingError` when sizes do not fit or loss and outputs do not go together.
    """
    inputs = np.asarray(x, dtype=np.float64).reshape(-1)
    expected = len(network.topology.input_ids)
    if inputs.size != expected:
        raise TrainingError(
            f"The network has {expected} input{'s' if expected != 1 else ''}, but {inputs.size} "
            f"value{'s were' if inputs.size != 1 else ' was'} given."
        )
    if program is None:
        program = Program(network, 1)
    else:
        program.set_parameters(network.theta)
    is_input = network.topology.kinds == Kind.INPUT
    edge_count = network.topology.edge_count
    delta = np.full(is_input.size, np.nan)
    edge_gradient = np.full(edge_count, np.nan)
    bias_gradient = np.full(is_input.size, np.nan)
    value: float | None = None
    if target is None:
        program.forward(inputs[None])
    else:
        value = program.backward(inputs[None], _checked_target(network, target, loss)[None], loss)
        delta = program.deltas_compact()[:, 0].astype(np.float64)
        delta[is_input] = np.nan
        gradient = program.gradient
        edge_gradient = gradient[:edge_count]
        bias_gradient[~is_input] = gradient[edge_count:]
    z = program.pre_activations()[:, 0].astype(np.float64)
    z[is_input] = np.nan
    derivative = program.derivatives_compact()[:, 0].astype(np.float64)
    is_softmax = [name == "softmax" for name in network.activations]
    derivative[is_input | np.array(is_softmax, dtype=bool)] = np.nan
    return Trace(
        z=z,
        a=program.activations_compact()[:, 0].astype(np.float64),
        derivative=derivative,
        delta=delta,
        edge_gradient=edge_gradient,
        bias_gradient=bias_gradient,
        loss=value,
    )


def _checked_target(network: Network, target: npt.ArrayLike, choice: LossChoice) -> FloatArray:
    loss = loss_settings(choice).name
    if loss not in LOSSES:
        raise TrainingError(f"There is no loss “{loss}”; choose one of {', '.join(LOSSES)}.")
    check_network(network, loss)
    values = np.asarray(target, dtype=np.float64).reshape(-1)
    outputs = len(network.topology.output_ids)
    if values.size != outputs:
        raise TrainingError(
            f"The network has {outputs} output{'s' if outputs != 1 else ''}, but {values.size} "
            f"target{'s were' if values.size != 1 else ' was'} given."
        )
    return values
