"""The jobs that all contenders do: networks, data and first weights as plain arrays.

Nothing here belongs to any library. A network is a list of neurons with their sources, a layered
one is also a list of matrices; :func:`mean_loss` judges everybody's weights alike.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt

__all__ = ["FUNCTIONS", "JOBS", "Job", "Neuron", "digits_like", "mean_loss", "regression"]

Array = npt.NDArray[Any]

FUNCTIONS: Final[dict[str, Callable[[Array], Array]]] = {
    "linear": lambda z: z,
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0.0),
    "sigmoid": lambda z: 1.0 / (1.0 + np.exp(-z)),
}


@dataclass(frozen=True)
class Neuron:
    """A neuron that is no input: its activation and the numbers of the neurons it reads.

    Inputs are numbered first; a source always has a smaller number than its reader.
    """

    activation: str
    sources: tuple[int, ...]


@dataclass(frozen=True)
class Job:
    """One job.

    Attributes:
        key: letter in the tables of targets.
        title: for people.
        inputs: number of inputs.
        neurons: all other neurons in order; the last ``outputs`` of them are outputs.
        outputs: number of outputs.
        sizes: neurons per layer for a layered network, else None.
        loss: ``half_squared``, or ``softmax_cross_entropy`` (the outputs then are softmax).
        optimizer: ``sgd`` or ``adam``.
        learning_rate: of the optimiser.
        batch_size: samples per step.
        batches: steps per epoch; the data are as many whole batches.
        precision: ``float64`` or ``float32``, in which nnplay trains.
    """

    key: str
    title: str
    inputs: int
    neurons: tuple[Neuron, ...]
    outputs: int
    sizes: tuple[int, ...] | None
    loss: str
    optimizer: str
    learning_rate: float
    batch_size: int
    batches: int
    precision: str = "float64"

    @property
    def samples(self) -> int:
        """Number of samples."""
        return self.batch_size * self.batches

    @property
    def parameter_count(self) -> int:
        """Weights and biases."""
        return sum(len(n.sources) + 1 for n in self.neurons)

    @property
    def activations(self) -> tuple[str, ...]:
        """Activation of every layer behind the inputs (layered networks)."""
        assert self.sizes is not None
        ends = np.cumsum(self.sizes[1:]) - 1
        return tuple(self.neurons[end].activation for end in ends)

    @cached_property
    def x(self) -> Array:
        """``float64[samples, inputs]``."""
        return np.random.default_rng(1).uniform(-1.0, 1.0, (self.samples, self.inputs))

    @cached_property
    def y(self) -> Array:
        """Numeric targets ``float64[samples, outputs]`` in (-1, 1); one-hot for classes.

        They follow from a random linear teacher, so that there is something to learn.
        """
        teacher = np.random.default_rng(2).normal(0.0, 1.0, (self.inputs, self.outputs))
        values = self.x.dot(teacher)
        if self.loss == "half_squared":
            return np.tanh(values)
        return np.eye(self.outputs)[values.argmax(axis=1)]

    @cached_property
    def theta(self) -> Array:
        """First weights, then biases 0, neuron by neuron: ``float64[parameters]``."""
        rng = np.random.default_rng(3)
        weights = [
            rng.uniform(-1.0, 1.0, len(n.sources)) * np.sqrt(3.0 / len(n.sources))
            for n in self.neurons
        ]
        return np.concatenate([*weights, np.zeros(len(self.neurons))])

    def split(self, theta: Array) -> tuple[list[Array], Array]:
        """Weights ``[sources]`` of every neuron, and all biases, as views of one vector."""
        ends = np.cumsum([len(n.sources) for n in self.neurons])
        return np.split(theta[: ends[-1]], ends[:-1]), theta[ends[-1] :]

    def matrices(self, theta: Array) -> tuple[list[Array], list[Array]]:
        """Matrices ``[outputs, inputs]`` and bias vectors of every layer (copied)."""
        assert self.sizes is not None
        weights, biases = [], []
        count = sum(a * b for a, b in itertools.pairwise(self.sizes))
        edge, bias = 0, count
        for width, height in itertools.pairwise(self.sizes):
            weights.append(theta[edge : edge + width * height].reshape(height, width).copy())
            biases.append(theta[bias : bias + height].copy())
            edge, bias = edge + width * height, bias + height
        return weights, biases

    @staticmethod
    def joined(weights: list[Array], biases: list[Array]) -> Array:
        """The vector of matrices and biases, the other way round."""
        parts = [np.asarray(p, dtype=np.float64).reshape(-1) for p in (*weights, *biases)]
        return np.concatenate(parts)


def mean_loss(job: Job, theta: Array) -> float:
    """Mean loss over all samples, neuron by neuron in float64: nobody's code but this file's."""
    weights, biases = job.split(np.asarray(theta, dtype=np.float64))
    a = np.empty((job.inputs + len(job.neurons), job.samples))
    a[: job.inputs] = job.x.T
    if job.sizes is not None:
        # The same sums, a layer at a time: neuron by neuron would take seconds.
        start = job.inputs
        for w, b, name in zip(*job.matrices(theta), job.activations, strict=True):
            sources = a[start - w.shape[1] : start]
            z = w.dot(sources) + b[:, None]
            a[start : start + len(w)] = z if name == "softmax" else FUNCTIONS[name](z)
            start += len(w)
    else:
        for row, (n, w, b) in enumerate(zip(job.neurons, weights, biases, strict=True), job.inputs):
            a[row] = FUNCTIONS[n.activation](w.dot(a[list(n.sources)]) + b)
    out, y = a[-job.outputs :], job.y.T
    if job.loss == "half_squared":
        return float(0.5 * ((out - y) ** 2).sum() / job.samples)
    shifted = out - out.max(axis=0)
    return float((np.log(np.exp(shifted).sum(axis=0)) - (shifted * y).sum(axis=0)).mean())


# ---------------------------------------------------------------------- the seven
def _layered(sizes: tuple[int, ...], hidden: str, output: str) -> tuple[Neuron, ...]:
    neurons, start = [], 0
    for level, (width, height) in enumerate(itertools.pairwise(sizes), 2):
        name = output if level == len(sizes) else hidden
        neurons += [Neuron(name, tuple(range(start, start + width)))] * height
        start += width
    return tuple(neurons)


def regression(
    key: str, sizes: tuple[int, ...], batch: int, batches: int, output: str = "tanh"
) -> Job:
    """A small tanh network as the standard playground has it."""
    title = "-".join(map(str, sizes)) + f", batch {batch}"
    neurons = _layered(sizes, "tanh", output)
    return Job(
        key,
        title,
        sizes[0],
        neurons,
        sizes[-1],
        sizes,
        "half_squared",
        "sgd",
        0.03,
        batch,
        batches,
    )


def digits_like(
    key: str, sizes: tuple[int, ...], batch: int, batches: int, optimizer: str, precision: str
) -> Job:
    """A ReLU classifier with softmax outputs."""
    title = "-".join(map(str, sizes)) + f"{' Adam' if optimizer == 'adam' else ''}, batch {batch}"
    rate = 0.001 if optimizer == "adam" else 0.05
    neurons = _layered(sizes, "relu", "softmax")
    return Job(
        key,
        title,
        sizes[0],
        neurons,
        sizes[-1],
        sizes,
        "softmax_cross_entropy",
        optimizer,
        rate,
        batch,
        batches,
        precision,
    )


def _mixed(neurons: int = 200, inputs: int = 8, outputs: int = 4, edges: int = 2500) -> Job:
    """A random DAG with ten hidden levels, about ``edges`` connections and mixed activations."""
    rng = np.random.default_rng(200)
    levels = 10
    hidden = neurons - inputs - outputs
    names = ("tanh", "relu", "sigmoid", "linear")
    level_of = np.concatenate([np.zeros(inputs, int), np.sort(np.arange(hidden) % levels) + 1])
    per_neuron = round(edges / (hidden + outputs))
    made = []
    for number in range(inputs, inputs + hidden):
        level = level_of[number]
        earlier = np.flatnonzero(level_of < level)
        # One source in the level before keeps the depth; the others may skip levels.
        nearest = int(rng.choice(np.flatnonzero(level_of == level - 1)))
        others = earlier[earlier != nearest]
        chosen = rng.choice(others, min(per_neuron - 1, len(others)), replace=False)
        sources = tuple(sorted((nearest, *chosen.tolist())))
        made.append(Neuron(names[int(rng.integers(len(names)))], sources))
    for _ in range(outputs):
        chosen = rng.choice(np.arange(inputs, inputs + hidden), 4 * per_neuron, replace=False)
        made.append(Neuron("linear", tuple(sorted(chosen.tolist()))))
    title = f"DAG of {neurons} neurons, mixed, batch 10"
    return Job("f", title, inputs, tuple(made), outputs, None, "half_squared", "sgd", 0.01, 10, 25)


_DEEP = (7, 8, 8, 8, 8, 8, 8, 1)
JOBS: Final = (
    regression("a", (2, 4, 2, 1), 10, 100),
    regression("b", _DEEP, 10, 100),
    regression("b1", _DEEP, 1, 100),
    digits_like("c", (64, 32, 10), 32, 45, "adam", "float64"),
    digits_like("d", (784, 128, 10), 64, 20, "sgd", "float32"),
    digits_like("e", (784, 512, 512, 10), 128, 5, "sgd", "float32"),
    _mixed(),
)
