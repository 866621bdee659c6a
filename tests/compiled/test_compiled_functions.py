"""The kernel's own exponentials against NumPy's table, number by number."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from compiled.backends import Spy

from nnplay.compiled import Choice
from nnplay.compiled.codes import ACTIVATION_CODES
from nnplay.core.activations import ACTIVATIONS
from nnplay.core.config import TrainingConfig
from nnplay.core.network import Network
from nnplay.core.samples import Samples
from nnplay.core.topology import Topology
from nnplay.core.training import Trainer

FloatArray = npt.NDArray[np.float64]

_random = np.random.default_rng(0)
PLACES = np.concatenate(
    [
        _random.normal(size=400) * 3.0,
        _random.normal(size=200) * 30.0,
        _random.normal(size=200) * 1e-6,
        [0.0, 1.0, -1.0, 3.0, -3.0, 20.0, -20.0, 20.5, 0.34657, 0.34658, 700.0, -700.0],
    ]
)


def computed(name: str, z: FloatArray, compiled: Choice) -> tuple[FloatArray, FloatArray]:
    """f(z) and f'(z) from steps of single samples: the loss |a|, and how the bias moves for it."""
    topology = Topology([0, 1], [0, 2], [(0, 1)])
    network = Network.build(topology, theta=[1.0, 0.0], activations=["linear", name])
    data = Samples(z.reshape(-1, 1), np.full((z.size, 1), -1e300))
    config = TrainingConfig(loss="mae", batch_size=1, learning_rate=1.0, shuffle=False)
    judge, mover = Spy(compiled), Spy(compiled)
    Trainer(network, Samples(data.inputs, np.zeros((z.size, 1))), config, backend=judge)
    Trainer(network, data, config, backend=mover)
    values, slopes = np.zeros(z.size), np.zeros(z.size)
    judge.engine.steps(0, np.zeros(z.size), 1, None, values)
    plan = mover.plan
    place = plan.layout.positions[topology.bias_slots[1]]
    for number in range(z.size):
        plan.layout.pack(network.theta, plan.parameters)
        mover.engine.steps(number, np.ones(1), 1, None, np.zeros(1))
        slopes[number] = -plan.parameters[place]
    return values, slopes


@pytest.mark.parametrize("name", [name for name in ACTIVATION_CODES if name != "softmax"])
def test_values_and_slopes(compiled: Choice, name: str) -> None:
    values, slopes = computed(name, PLACES, compiled)
    a, f = np.empty_like(PLACES), np.empty_like(PLACES)
    with np.errstate(all="ignore"):
        ACTIVATIONS[name].function(PLACES, a)
        ACTIVATIONS[name].derivative(PLACES, a, f)
    # Deep in the tails an exponent of 1000 roundings is worth 1000 roundings.
    tails = np.abs(PLACES) > 3.0
    np.testing.assert_allclose(values[~tails], np.abs(a)[~tails], rtol=2e-15, atol=1e-300)
    np.testing.assert_allclose(values[tails], np.abs(a)[tails], rtol=1e-13, atol=1e-300)
    np.testing.assert_allclose(slopes, f, rtol=1e-14, atol=3e-15)
