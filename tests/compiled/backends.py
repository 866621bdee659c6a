"""One training on both backends, for comparison."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nnplay.compiled import Choice
from nnplay.core.config import TrainingConfig
from nnplay.core.engine import Backend, Engine, Plan
from nnplay.core.network import Network
from nnplay.core.numpy_engine import NumpyEngine
from nnplay.core.samples import Samples
from nnplay.core.training import Trainer

RTOL = 1e-9


@dataclass(frozen=True, eq=False)
class Trained:
    theta: npt.NDArray[np.float64]
    losses: npt.NDArray[np.float64]
    memory: dict[str, npt.NDArray[np.float64]]
    enabled: npt.NDArray[np.bool_]
    diverged_at: int | None


def train(
    network: Network,
    data: Samples | tuple[Samples, Samples | None],
    config: TrainingConfig,
    backend: Choice | None,
    epochs: int = 5,
) -> Trained:
    trainer = Trainer(network, data, config, seed=3, backend=backend)
    assert trainer.backend_name == ("numpy" if backend is None else "compiled")
    records: list[Any] = []
    trainer.run(epochs, on_epoch=records.append)
    losses = [(record.loss_train, record.loss_test) for record in records]
    diverged = trainer.diverged
    return Trained(
        trainer.theta,
        np.array(losses).reshape(-1, 2),
        {name: np.asarray(values) for name, values in trainer.state.optimizer_arrays.items()},
        trainer.network.enabled,
        None if diverged is None else diverged.step,
    )


def assert_alike(
    network: Network,
    data: Samples | tuple[Samples, Samples | None],
    config: TrainingConfig,
    compiled: Choice,
    epochs: int = 5,
) -> Trained:
    """Both backends reach the same parameters, losses and memory; returns the compiled result."""
    one = train(network, data, config, None, epochs)
    other = train(network, data, config, compiled, epochs)
    assert other.diverged_at == one.diverged_at
    scale = max(1.0, float(np.abs(one.theta).max(initial=0.0)))
    np.testing.assert_allclose(other.theta, one.theta, rtol=RTOL, atol=1e-10 * scale)
    np.testing.assert_allclose(other.losses, one.losses, rtol=RTOL, atol=1e-11)
    assert np.array_equal(other.enabled, one.enabled)
    assert other.memory.keys() == one.memory.keys()
    for name, values in one.memory.items():
        size = max(1e-3, float(np.abs(values).max(initial=0.0)))
        np.testing.assert_allclose(other.memory[name], values, rtol=1e-7, atol=1e-9 * size)
    return other


class Spy:
    """A backend that keeps plan and engine of its trainer for the test."""

    plan: Plan
    engine: Any

    def __init__(self, backend: Backend | None = None) -> None:
        self._backend = NumpyEngine if backend is None else backend

    def __call__(self, plan: Plan) -> Engine:
        self.plan, self.engine = plan, self._backend(plan)
        return self.engine  # type: ignore[no-any-return]
