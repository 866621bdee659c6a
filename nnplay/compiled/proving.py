"""A short training on both backends, before a kernel is kept."""

from __future__ import annotations

import numpy as np

from nnplay.compiled.codes import ACTIVATION_CODES
from nnplay.compiled.engine import CompiledEngine
from nnplay.compiled.loading import Kernel, KernelError
from nnplay.core.config import TrainingConfig
from nnplay.core.engine import Engine, Plan
from nnplay.core.network import Network
from nnplay.core.samples import Samples
from nnplay.core.topology import Topology
from nnplay.core.training import Trainer

__all__ = ["prove"]


def prove(kernel: Kernel) -> None:
    """Raise :class:`KernelError` unless a small network learns the same with it as with NumPy."""
    names = [name for name in ACTIVATION_CODES if name not in ("softmax", "step")]
    count = 2 + len(names) + 2
    kinds = [0, 0, *[1] * len(names), 2, 2]
    edges = [(i, j) for j in range(2, count) for i in range(j) if (3 * i + j) % 4]
    activations = ["linear", "linear", *names, "softmax", "softmax"]
    edges = [(i, j) for i, j in edges if i < count - 2]
    random = np.random.default_rng(0)
    topology = Topology(np.arange(count), kinds, np.array(edges))
    theta = 0.2 * random.normal(size=topology.parameter_count)
    network = Network.build(topology, theta=theta, activations=activations)
    data = Samples(random.normal(size=(23, 2)), np.eye(2)[random.integers(0, 2, 23)])
    config = TrainingConfig(loss="softmax_cross_entropy", optimizer="adam", learning_rate=0.01)

    def compiled(plan: Plan) -> Engine:
        return CompiledEngine(plan, kernel)

    results = []
    for backend in (None, compiled):
        trainer = Trainer(network, data, config, seed=1, backend=backend)
        trainer.run(3)
        results.append(trainer.theta)
    if not np.allclose(results[0], results[1], rtol=1e-8, atol=1e-10):
        raise KernelError("The compiled code computes other numbers than NumPy.")
