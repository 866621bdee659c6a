"""Random networks of every kind for exporters: any wiring, activation, softmax, switched-off parts."""

import numpy as np

from nnplay.core.activations import ACTIVATIONS
from nnplay.core.network import Network
from nnplay.core.topology import Kind, Topology
from nnplay.document import Document

NAMES = [name for name in ACTIVATIONS if name != "softmax"]


def random_network(seed):
    """Mostly any wiring of 1–4 inputs, 0–12 hidden neurons, 1–4 outputs; the same for a seed."""
    random = np.random.default_rng(seed)
    if seed % 10 == 0:
        return _layered(seed, random)
    if seed % 10 == 1:
        return _sparse(seed, random)
    inputs, hidden, outputs = random.integers(1, 5), random.integers(0, 13), random.integers(1, 5)
    count = int(inputs + hidden + outputs)
    ids = random.permutation(count * 3)[:count]
    kinds = [Kind.INPUT] * inputs + [Kind.HIDDEN] * hidden + [Kind.OUTPUT] * outputs
    chance = random.choice([0.15, 0.4, 0.8, 1.0])
    is_softmax = random.random() < 0.4
    edges = [
        (ids[i], ids[j])
        for j in range(inputs, count)
        for i in range(min(j, count - outputs))
        if random.random() < chance
    ]
    topology = Topology(ids, kinds, np.array(edges, dtype=np.int64).reshape(-1, 2))
    # Every activation has its turn; the rest is drawn.
    activations = ["linear"] * inputs
    activations += [NAMES[(seed + k) % len(NAMES)] for k in range(hidden)]
    activations += ["softmax" if is_softmax else str(random.choice(NAMES)) for _ in range(outputs)]
    order = {neuron: place for place, neuron in enumerate(ids.tolist())}
    activations = [activations[order[neuron]] for neuron in topology.ids.tolist()]
    n, p = topology.neuron_count, topology.parameter_count
    all_on = random.random() < 0.6
    return Network.build(
        topology,
        theta=random.normal(size=p) * 0.7,
        activations=activations,
        enabled=np.ones(p, bool) if all_on else random.random(p) < 0.85,
        neuron_enabled=np.ones(n, bool) if all_on else random.random(n) < 0.9,
    )


def random_document(seed):
    """A document around :func:`random_network`, without data that fit it."""
    return Document(random_network(seed), title=f"Random network {seed}")


def _layered(seed, random):
    """Layers with all connections, each with one activation."""
    sizes = random.integers(1, 7, random.integers(2, 5)).tolist()
    output = "softmax" if seed % 20 else NAMES[(seed // 10 + 1) % len(NAMES)]
    network = Network.mlp(
        sizes, activation=NAMES[(seed // 10) % len(NAMES)], output_activation=output
    )
    return network.with_theta(random.normal(size=network.theta.size) * 0.7)


def _sparse(seed, random):
    """Wide layers in which each neuron reads one or two others, or none."""
    network = Network.mlp([9, 14, 11, 3], activation=NAMES[seed % len(NAMES)])
    edges = network.topology.edges
    kept = edges[random.random(len(edges)) < 0.12]
    topology = Topology(network.topology.ids, network.topology.kinds, kept)
    return Network.build(
        topology,
        theta=random.normal(size=topology.parameter_count) * 0.7,
        activations=network.activations,
    )
