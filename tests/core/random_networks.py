"""Hypothesis strategies for networks no textbook draws, with data that fit them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from nnplay.core import reference
from nnplay.core.activations import ACTIVATIONS
from nnplay.core.losses import LOSSES
from nnplay.core.network import Network
from nnplay.core.topology import Kind, Topology, TopologyError

FREE = [name for name, activation in ACTIVATIONS.items() if not activation.is_group]
LOSS_NAMES = list(LOSSES)
# A slope that jumps, or the slope of the slope: no place for central differences.
KINKED = {
    "relu",
    "leaky_relu",
    "elu",
    "selu",
    "hard_sigmoid",
    "hard_tanh",
    "softsign",
    "abs",
    "step",
}
# These make large sums larger still, or turn their last digits into first ones.
_WILD = {"square", "sin", "cos"}
_LARGEST_SUM = 8.0


@dataclass(frozen=True, eq=False)
class Case:
    network: Network
    x: npt.NDArray[np.float64]
    y: npt.NDArray[np.float64]
    loss: str

    def job(self) -> dict[str, Any]:
        """The same case in plain lists, for the oracles."""
        network = self.network
        return {
            "ids": network.topology.ids.tolist(),
            "kinds": network.topology.kinds.tolist(),
            "edges": network.topology.edges.tolist(),
            "activations": list(network.activations),
            "theta": network.theta.tolist(),
            "enabled": network.enabled.tolist(),
            "neuron_enabled": network.neuron_enabled.tolist(),
            "x": self.x.tolist(),
            "y": self.y.tolist(),
            "loss": self.loss,
        }


@st.composite
def cases(
    draw: st.DrawFn,
    losses: tuple[str, ...] = tuple(LOSS_NAMES),
    switched_off: bool = True,
    samples: int | None = None,
) -> Case:
    """A random network with data.

    Neurons come in random table order with ids that have holes; edges skip levels or are missing;
    outputs stand on any level and feed others; softmax groups appear with every loss that allows
    them; connections, neurons and parameters are switched off or frozen.
    """
    loss = draw(st.sampled_from(losses))
    count = draw(st.integers(2, 12))
    kinds = [
        0,
        *draw(st.lists(st.sampled_from([0, 1, 1, 1, 2]), min_size=count - 2, max_size=count - 2)),
        2,
    ]
    if loss == "softmax_cross_entropy":
        kinds.insert(1, 2)
    count = len(kinds)
    group = loss == "softmax_cross_entropy" or (
        loss != "binary_cross_entropy" and draw(st.booleans())
    )
    density = draw(st.sampled_from([0.2, 0.5, 1.0]))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    order = random.permutation(count)  # place in the flow -> row
    flow_edges = [
        (i, j)
        for j in range(count)
        for i in range(j)
        if kinds[j] != Kind.INPUT and random.random() < density
    ]
    ids = np.sort(random.choice(200, count, replace=False))[random.permutation(count)]
    row_kinds = np.empty(count, dtype=int)
    row_kinds[order] = kinds
    names = []
    for kind in row_kinds:
        name = str(random.choice(FREE))
        if kind == Kind.OUTPUT and loss == "binary_cross_entropy":
            name = "sigmoid"
        if (
            kind == Kind.OUTPUT
            and group
            and (loss == "softmax_cross_entropy" or random.random() < 0.7)
        ):
            name = "softmax"
        names.append("linear" if kind == Kind.INPUT else name)

    def build(pairs: list[tuple[int, int]]) -> Network:
        edges = random.permutation(
            np.array([(ids[order[i]], ids[order[j]]) for i, j in pairs]).reshape(-1, 2)
        )
        return Network.build(Topology(ids, row_kinds, edges), activations=names)

    try:
        network = build(flow_edges)
    except TopologyError:  # members of the softmax group depended on each other
        network = build([(i, j) for i, j in flow_edges if kinds[i] != Kind.OUTPUT])
    parameters = network.topology.parameter_count
    off = 0.15 if switched_off and draw(st.booleans()) else 0.0
    enabled = random.random(parameters) >= off
    network = Network.build(
        network.topology,
        theta=random.normal(size=parameters) * draw(st.sampled_from([0.3, 1.0, 3.0])),
        activations=names,
        enabled=enabled,
        frozen=random.random(parameters) < off,
        neuron_enabled=random.random(count) >= off,
    )
    rows = samples or draw(st.integers(1, 9))
    outputs = int((row_kinds == Kind.OUTPUT).sum())
    x = random.normal(size=(rows, int((row_kinds == Kind.INPUT).sum())))
    if _WILD & set(names):
        network = _calmed(network, x)
    y = random.random((rows, outputs))
    if loss == "softmax_cross_entropy":
        y /= y.sum(axis=1, keepdims=True)
    elif loss == "hinge":
        y = np.where(y < 0.5, -1.0, 1.0)
    elif loss != "binary_cross_entropy":
        y = random.normal(size=y.shape)
    return Case(network, x, y, loss)


def _calmed(network: Network, x: npt.NDArray[np.float64]) -> Network:
    """The same network with parameters small enough for sums that rounding leaves alone."""
    with np.errstate(all="ignore"):
        while not np.abs(reference.evaluate(network, x).z).max() <= _LARGEST_SUM:
            network = network.with_theta(0.7 * network.theta)
    return network
