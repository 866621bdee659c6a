"""PyTorch, eager, float32, on one thread: what one writes after the first tutorial."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.jobs import Job

__all__ = ["Eager"]

Array = npt.NDArray[Any]


class Eager:
    """``nn.Sequential`` for layers, one ``linear`` with masked gradients per level for a DAG."""

    def __init__(self, job: Job) -> None:
        import torch

        torch.set_num_threads(1)
        self._torch, self._job = torch, job
        self._masks: list[Any] = []
        self._masked: list[Any] = []
        build = self._layers if job.sizes is not None else self._levels
        self._model, self._read = build()
        makes = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}
        self._optimizer = makes[job.optimizer](self._model.parameters(), lr=job.learning_rate)
        x = torch.from_numpy(job.x.astype(np.float32))
        if job.loss == "half_squared":
            y = torch.from_numpy(job.y.astype(np.float32))
            self._loss: Callable[[Any, Any], Any] = _half_squared
        else:
            y = torch.from_numpy(job.y.argmax(axis=1))
            self._loss = torch.nn.functional.cross_entropy
        self._batches = list(zip(x.split(job.batch_size), y.split(job.batch_size), strict=True))

    def train(self, epochs: int) -> tuple[float, float]:
        """Processor seconds, twice: nothing is evaluated after an epoch."""
        model, optimizer, loss_of = self._model, self._optimizer, self._loss
        masks, masked, multiply = self._masks, self._masked, self._torch._foreach_mul_
        start = time.process_time()
        for _ in range(epochs):
            for x, y in self._batches:
                optimizer.zero_grad()
                loss = loss_of(model(x), y)
                loss.backward()
                if masks:
                    multiply([weight.grad for weight in masked], masks)
                optimizer.step()
        seconds = time.process_time() - start
        return seconds, seconds

    def theta(self) -> Array:
        """Weights and biases."""
        return self._read()

    def _layers(self) -> tuple[Any, Callable[[], Array]]:
        nn, job = self._torch.nn, self._job
        assert job.sizes is not None
        kinds = {"tanh": nn.Tanh, "relu": nn.ReLU}
        modules: list[Any] = []
        linears = [nn.Linear(a, b) for a, b in itertools.pairwise(job.sizes)]
        for linear, w, b, name in zip(
            linears, *job.matrices(job.theta), job.activations, strict=True
        ):
            with self._torch.no_grad():
                linear.weight.copy_(self._torch.from_numpy(w))
                linear.bias.copy_(self._torch.from_numpy(b))
            modules.append(linear)
            if name in kinds:  # cross_entropy takes what softmax would get
                modules.append(kinds[name]())

        def read() -> Array:
            arrays = [(m.weight.detach().numpy(), m.bias.detach().numpy()) for m in linears]
            return Job.joined([w for w, _ in arrays], [b for _, b in arrays])

        return nn.Sequential(*modules), read

    def _levels(self) -> tuple[Any, Callable[[], Array]]:
        torch, job = self._torch, self._job
        functions = {
            "tanh": torch.tanh, "relu": torch.relu, "sigmoid": torch.sigmoid, "linear": None,
        }  # fmt: skip
        plan = _Levels(job)

        class Dag(torch.nn.Module):  # type: ignore[misc, name-defined]
            def __init__(self) -> None:
                super().__init__()
                tensors = [plan.dense(level, job.theta) for level in plan.levels]
                as_parameter = torch.nn.Parameter
                self.weights = torch.nn.ParameterList(
                    [as_parameter(torch.from_numpy(w)) for w, _, _ in tensors]
                )
                self.biases = torch.nn.ParameterList(
                    [as_parameter(torch.from_numpy(b)) for _, b, _ in tensors]
                )
                self.columns = torch.tensor(plan.output_columns)

            def forward(self, x: Any) -> Any:
                for w, b, runs in zip(self.weights, self.biases, plan.runs, strict=True):
                    z = torch.nn.functional.linear(x, w, b)
                    parts = []
                    for name, start, stop in runs:
                        function, part = functions[name], z[:, start:stop]
                        parts.append(part if function is None else function(part))
                    x = torch.cat([x, *parts], 1)
                return x.index_select(1, self.columns)

        model = Dag()
        # Weights without a connection begin at 0 and get no gradient: cheaper than a masked weight.
        self._masks = [torch.from_numpy(plan.dense(level, job.theta)[2]) for level in plan.levels]
        self._masked = list(model.weights)

        def read() -> Array:
            return plan.compact(
                [w.detach().numpy() for w in model.weights],
                [b.detach().numpy() for b in model.biases],
            )

        return model, read


def _half_squared(output: Any, target: Any) -> Any:
    difference = output - target
    return 0.5 * (difference * difference).sum() / len(target)


class _Levels:
    """A DAG by levels: inside a level neurons stand by activation, columns as levels come."""

    def __init__(self, job: Job) -> None:
        self._job = job
        depth = [0] * job.inputs
        for neuron in job.neurons:
            depth.append(1 + max(depth[s] for s in neuron.sources))
        numbers = range(job.inputs, len(depth))
        self.levels = [
            sorted(
                (n for n in numbers if depth[n] == level),
                key=lambda n: job.neurons[n - job.inputs].activation,
            )
            for level in range(1, max(depth) + 1)
        ]
        column = list(range(job.inputs)) + [0] * len(job.neurons)
        for place, number in enumerate(itertools.chain(*self.levels), job.inputs):
            column[number] = place
        self._column = column
        self.output_columns = column[len(column) - job.outputs :]
        self.runs = [self._runs(level) for level in self.levels]

    def _runs(self, level: list[int]) -> list[tuple[str, int, int]]:
        names = [self._job.neurons[n - self._job.inputs].activation for n in level]
        runs, start = [], 0
        for name, group in itertools.groupby(names):
            count = len(list(group))
            runs.append((name, start, start + count))
            start += count
        return runs

    def _places(self, level: list[int]) -> list[list[int]]:
        neurons, inputs = self._job.neurons, self._job.inputs
        return [[self._column[s] for s in neurons[n - inputs].sources] for n in level]

    def dense(self, level: list[int], theta: Array) -> tuple[Array, Array, Array]:
        """Weights and mask ``[neurons, columns so far]``, biases ``[neurons]``; float32."""
        weights, biases = self._job.split(theta)
        width = min(self._column[n] for n in level)
        w = np.zeros((len(level), width), np.float32)
        mask = np.zeros_like(w)
        for row, (number, places) in enumerate(zip(level, self._places(level), strict=True)):
            w[row, places] = weights[number - self._job.inputs]
            mask[row, places] = 1.0
        numbers = np.array(level) - self._job.inputs
        return w, biases[numbers].astype(np.float32), mask

    def compact(self, matrices: list[Array], vectors: list[Array]) -> Array:
        """The vector of :attr:`Job.theta` from what :meth:`dense` made."""
        theta = np.zeros(self._job.parameter_count)
        weights, biases = self._job.split(theta)
        for level, w, b in zip(self.levels, matrices, vectors, strict=True):
            for row, (number, places) in enumerate(zip(level, self._places(level), strict=True)):
                weights[number - self._job.inputs][:] = w[row, places]
                biases[number - self._job.inputs] = b[row]
        return theta
