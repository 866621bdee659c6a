"""What goes on in each layer of a network over many samples: values, norms and histograms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from nnplay.core.config import LossChoice, loss_settings
from nnplay.core.network import Network
from nnplay.core.program import Program
from nnplay.core.samples import Samples
from nnplay.core.targets import encode_targets, sample_weights
from nnplay.core.topology import Kind

__all__ = [
    "BINS",
    "MOST_ROWS",
    "QUANTITIES",
    "Histogram",
    "Layer",
    "LayerStatistics",
    "Quantity",
    "even_share",
    "gradient_of",
    "histogram",
    "layer_gradient_norms",
    "layers_of",
    "measure_layers",
    "neuron_gradient_norms",
    "rebinned",
    "shared_samples",
]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

Quantity = Literal["activation", "pre_activation", "weight", "gradient"]
QUANTITIES: Final[tuple[Quantity, ...]] = ("activation", "pre_activation", "weight", "gradient")

MOST_ROWS: Final = 4096
"""Samples looked at, at most."""
BINS: Final = 48


@dataclass(frozen=True, eq=False)
class Layer:
    """Neurons that are computed together: those hidden on one level, or the outputs.

    Attributes:
        level: level of the hidden neurons, or -1 for the outputs.
        rows: ``int64[n]``, network rows of the neurons.
        slots: ``int64[k]``, slots of the weights into them.
        bias_slots: ``int64[n]``, slots of their biases.
    """

    level: int
    rows: IntArray
    slots: IntArray
    bias_slots: IntArray

    @property
    def is_output(self) -> bool:
        """Whether these are the outputs."""
        return self.level < 0


@dataclass(frozen=True, eq=False)
class Histogram:
    """How often values fall into equal bins between ``low`` and ``high``.

    Attributes:
        counts: ``float64[bins]``; not whole numbers after :func:`rebinned`.
        low, high: borders of the first and the last bin.
    """

    counts: FloatArray
    low: float
    high: float

    @property
    def edges(self) -> FloatArray:
        """``float64[bins + 1]``: borders of the bins."""
        return np.linspace(self.low, self.high, len(self.counts) + 1)


@dataclass(frozen=True, eq=False)
class LayerStatistics:
    """One quantity in every layer.

    Attributes:
        layers: the layers, hidden ones first.
        histograms: one per layer, each with borders of its own.
        means, deviations: ``float64[layers]`` over the finite values; NaN without any.
    """

    layers: tuple[Layer, ...]
    histograms: tuple[Histogram, ...]
    means: FloatArray
    deviations: FloatArray


def layers_of(network: Network) -> tuple[Layer, ...]:
    """The layers of a network: hidden neurons level by level, then the outputs."""
    topology = network.topology
    target_rows = topology.edge_rows[:, 1]
    hidden = topology.kinds == Kind.HIDDEN
    groups = [
        (int(level), hidden & (topology.levels == level))
        for level in np.unique(topology.levels[hidden])
    ]
    outputs = topology.kinds == Kind.OUTPUT
    if outputs.any():
        groups.append((-1, outputs))
    return tuple(
        Layer(
            level,
            np.flatnonzero(members),
            np.flatnonzero(members[target_rows]),
            topology.bias_slots[members],
        )
        for level, members in groups
    )


def even_share(count: int, most: int = MOST_ROWS) -> slice:
    """Every k-th of ``count`` rows, so that at most ``most`` are left."""
    return slice(0, count, max(1, -(-count // most)))


def shared_samples(samples: Samples, most: int = MOST_ROWS) -> Samples:
    """An even share of some samples."""
    rows = even_share(len(samples), most)
    return Samples(
        samples.inputs[rows],
        None if samples.values is None else samples.values[rows],
        None if samples.classes is None else samples.classes[rows],
        samples.class_count,
    )


def gradient_of(network: Network, samples: Samples, loss: LossChoice) -> FloatArray:
    """Gradient of the mean loss by every parameter, ``float64[P]``, without penalties.

    Raises :class:`nnplay.core.errors.TrainingError` when targets do not fit outputs or loss.
    """
    program = Program(network, max(1, len(samples)))
    _backward(program, network, samples, loss)
    return program.gradient


def _backward(program: Program, network: Network, samples: Samples, loss: LossChoice) -> None:
    settings = loss_settings(loss)
    targets = encode_targets(
        samples,
        network,
        settings.name,
        label_smoothing=settings.label_smoothing,
        class_weights=settings.class_weights,
    )
    weights = sample_weights(samples, settings.name, settings.class_weights)
    program.backward(samples.inputs, targets, settings, weights)


def layer_gradient_norms(network: Network, gradient: FloatArray) -> FloatArray:
    """Euclidean norm of the gradient by weights and biases of each layer, ``float64[layers]``."""
    return np.array(
        [
            np.sqrt(np.sum(gradient[np.concatenate([layer.slots, layer.bias_slots])] ** 2))
            for layer in layers_of(network)
        ]
    )


def neuron_gradient_norms(network: Network, gradient: FloatArray) -> FloatArray:
    """Euclidean norm of the gradient by the weights and the bias of each neuron, ``float64[N]``.

    Inputs have nothing to learn: NaN.
    """
    topology = network.topology
    targets = topology.edge_rows[:, 1]
    of_weights = gradient[: topology.edge_count] ** 2
    squares: FloatArray = np.zeros(topology.neuron_count)
    squares += np.bincount(targets, of_weights, minlength=topology.neuron_count)
    has_bias = topology.bias_slots >= 0
    squares[has_bias] += gradient[topology.bias_slots[has_bias]] ** 2
    return np.where(has_bias, np.sqrt(squares), np.nan)


def histogram(values: npt.ArrayLike, bins: int = BINS) -> Histogram:
    """Counts of the finite values between the smallest and the largest of them."""
    finite = np.asarray(values, dtype=np.float64).reshape(-1)
    finite = finite[np.isfinite(finite)]
    if not finite.size:
        return Histogram(np.zeros(bins), -1.0, 1.0)
    low, high = float(finite.min()), float(finite.max())
    # All alike, or nearly: bins too narrow to be told apart would all be the same number.
    least = 1e-9 * max(abs(low), abs(high)) or 1e-9
    if high - low < least:
        low, high = low - 0.5 * max(abs(low), 1e-6), high + 0.5 * max(abs(high), 1e-6)
    counts, _ = np.histogram(finite, bins, (low, high))
    return Histogram(counts.astype(np.float64), low, high)


def rebinned(source: Histogram, low: float, high: float, bins: int) -> FloatArray:
    """Counts ``float64[bins]`` over other borders; a bin's counts lie evenly within it.

    What lies beyond the borders is left out.
    """
    gathered = np.concatenate([[0.0], np.cumsum(source.counts)])
    below = np.interp(np.linspace(low, high, bins + 1), source.edges, gathered)
    return np.diff(below)


def measure_layers(
    network: Network, samples: Samples, loss: LossChoice, quantity: Quantity, bins: int = BINS
) -> LayerStatistics:
    """Histogram, mean and standard deviation of a quantity in every layer.

    Args:
        network: the network.
        samples: at most :data:`MOST_ROWS` of them are used, an even share.
        loss: for gradients only.
        quantity: activations or pre-activations of the layer's neurons over the samples, weights
            into it, or the gradient of the mean loss by its weights and biases.
        bins: bins of each histogram.

    Raises :class:`nnplay.core.errors.TrainingError` when gradients cannot be had.
    """
    some, layers = shared_samples(samples), layers_of(network)
    values: list[npt.NDArray[np.floating]]
    if quantity == "weight":
        enabled = network.enabled
        values = [network.theta[layer.slots[enabled[layer.slots]]] for layer in layers]
    elif quantity == "gradient":
        gradient = gradient_of(network, some, loss)
        values = [gradient[np.concatenate([x.slots, x.bias_slots])] for x in layers]
    else:
        program = Program(network, max(1, len(some)))
        program.forward(some.inputs)
        every = (
            program.activations_compact() if quantity == "activation" else program.pre_activations()
        )
        values = [every[layer.rows] for layer in layers]
    finite = [v[np.isfinite(v)] for v in values]
    return LayerStatistics(
        layers,
        tuple(histogram(v, bins) for v in values),
        np.array([v.mean() if v.size else np.nan for v in finite]),
        np.array([v.std() if v.size else np.nan for v in finite]),
    )
