"""The textbook in NumPy: ``@``, new arrays everywhere, float64; a DAG neuron by neuron."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.jobs import FUNCTIONS, Job

__all__ = ["textbook"]

Array = npt.NDArray[Any]


def textbook(job: Job) -> _Textbook:
    """The plain implementation for a job."""
    return _Layers(job) if job.sizes is not None else _NeuronByNeuron(job)


def _slope(name: str, a: Array) -> Any:
    if name == "tanh":
        return 1.0 - a**2
    if name == "sigmoid":
        return a * (1.0 - a)
    return (a > 0.0) if name == "relu" else 1.0


def _softmax(z: Array) -> Array:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


class _Textbook:
    def __init__(self, job: Job) -> None:
        self._job = job
        size = job.batch_size
        self._batches = [
            (job.x[i : i + size], job.y[i : i + size]) for i in range(0, job.samples, size)
        ]
        self._parameters: list[Array] = []
        self._moments: list[tuple[Array, Array]] = []
        self._count = 0

    def train(self, epochs: int) -> tuple[float, float]:
        """Processor seconds, twice: nothing is evaluated after an epoch."""
        start = time.process_time()
        for _ in range(epochs):
            for x, y in self._batches:
                self._step(x, y)
        seconds = time.process_time() - start
        return seconds, seconds

    def _step(self, x: Array, y: Array) -> None:
        raise NotImplementedError

    def theta(self) -> Array:
        """Weights and biases."""
        raise NotImplementedError

    def _update(self, gradients: list[Array]) -> None:
        rate = self._job.learning_rate
        if self._job.optimizer == "sgd":
            for p, g in zip(self._parameters, gradients, strict=True):
                p -= rate * g
            return
        if not self._moments:
            self._moments = [(np.zeros_like(p), np.zeros_like(p)) for p in self._parameters]
        self._count += 1
        for p, g, (m, v) in zip(self._parameters, gradients, self._moments, strict=True):
            m[...] = 0.9 * m + 0.1 * g
            v[...] = 0.999 * v + 0.001 * g**2
            first = m / (1.0 - 0.9**self._count)
            second = v / (1.0 - 0.999**self._count)
            p -= rate * first / (np.sqrt(second) + 1e-8)


class _Layers(_Textbook):
    def __init__(self, job: Job) -> None:
        super().__init__(job)
        weights, self._biases = job.matrices(job.theta)
        self._weights = [w.T.copy() for w in weights]
        self._parameters = [*self._weights, *self._biases]
        self._names = job.activations

    def _step(self, x: Array, y: Array) -> None:
        activations = [x]
        for w, b, name in zip(self._weights, self._biases, self._names, strict=True):
            z = activations[-1] @ w + b
            activations.append(_softmax(z) if name == "softmax" else FUNCTIONS[name](z))
        error = activations[-1] - y
        # For softmax with cross-entropy this is dE/dz already.
        delta = error if self._names[-1] == "softmax" else error * _slope(
            self._names[-1], activations[-1]
        )  # fmt: skip
        delta = delta / len(x)
        weight_gradients, bias_gradients = [], []
        for layer in range(len(self._weights) - 1, -1, -1):
            weight_gradients.insert(0, activations[layer].T @ delta)
            bias_gradients.insert(0, delta.sum(axis=0))
            if layer:
                delta = (delta @ self._weights[layer].T) * _slope(
                    self._names[layer - 1], activations[layer]
                )
        self._update([*weight_gradients, *bias_gradients])

    def theta(self) -> Array:
        return Job.joined([w.T for w in self._weights], self._biases)


class _NeuronByNeuron(_Textbook):
    def __init__(self, job: Job) -> None:
        super().__init__(job)
        weights, biases = job.split(job.theta)
        self._weights = [w.copy() for w in weights]
        self._biases = list(biases)
        self._sources = [list(neuron.sources) for neuron in job.neurons]

    def _step(self, x: Array, y: Array) -> None:
        job, weights, biases = self._job, self._weights, self._biases
        a = np.zeros((job.inputs + len(job.neurons), len(x)))
        a[: job.inputs] = x.T
        for i, neuron in enumerate(job.neurons):
            z = weights[i] @ a[self._sources[i]] + biases[i]
            a[job.inputs + i] = FUNCTIONS[neuron.activation](z)
        d = np.zeros_like(a)
        d[-job.outputs :] = (a[-job.outputs :] - y.T) / len(x)
        for i in range(len(job.neurons) - 1, -1, -1):
            row, sources = job.inputs + i, self._sources[i]
            delta = d[row] * _slope(job.neurons[i].activation, a[row])
            d[sources] += np.outer(weights[i], delta)
            weights[i] -= job.learning_rate * (a[sources] @ delta)
            biases[i] -= job.learning_rate * delta.sum()

    def theta(self) -> Array:
        return Job.joined(self._weights, [np.array(b) for b in self._biases])
