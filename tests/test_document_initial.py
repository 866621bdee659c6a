"""The weights Reset returns to follow their neurons through every edit."""

from dataclasses import replace

import numpy as np
from core.random_networks import Case, cases
from hypothesis import given
from hypothesis import strategies as st

from nnplay.core.config import TrainingState
from nnplay.core.network import Network
from nnplay.core.topology import Kind
from nnplay.document import Document


def named(network: Network, values: object) -> dict[object, float]:
    topology = network.topology
    names: list[object] = [tuple(edge) for edge in topology.edges.tolist()]
    names += [i for i in topology.ids.tolist() if topology.kind_of(i) != Kind.INPUT]
    return dict(zip(names, np.asarray(values).tolist(), strict=True))


def trained(network: Network) -> Document:
    """As after some training: other weights, Adam's memory, and the first weights kept."""
    document = Document(network)
    arrays = {
        "first_moment": np.arange(network.theta.size) + 0.5,
        "second_moment": np.arange(network.theta.size) + 0.25,
    }
    return replace(
        document,
        network=network.with_theta(network.theta + 1.0),
        state=TrainingState(step=7, epoch=1, optimizer_arrays=arrays, optimizer_step=7),
    )


@given(cases(), st.integers(0, 2**32 - 1))
def test_initial_weights_and_memory_survive_structural_edits(case: Case, seed: int) -> None:
    document, random = trained(case.network), np.random.default_rng(seed)
    network = document.network
    gone = [i for i in network.topology.ids.tolist() if random.random() < 0.3]
    after, new = network.remove_neurons(gone).add_neuron(bias=0.75)
    sources = after.topology.input_ids
    after = after.connect_many([(s, new) for s in sources], [0.5] * len(sources))
    edited = document.with_network(after)
    before_initial, initial = (named(d.network, d.initial) for d in (document, edited))
    for key, value in initial.items():
        fresh = 0.75 if key == new else 0.5
        assert value == before_initial.get(key, fresh)
    for name, values in edited.state.optimizer_arrays.items():
        old = named(network, document.state.optimizer_arrays[name])
        assert named(after, values) == {key: old.get(key, 0.0) for key in initial}
    assert edited.network is after
    assert edited.state.step == 7


def test_hand_edits_change_initial_weights_only_before_training() -> None:
    network = Network.mlp([2, 2, 1])
    fresh = Document(network).with_network(network.set_weight(0, 2, 4.0))
    assert fresh.initial.tolist() == fresh.network.theta.tolist()
    assert fresh.initial[0] == 4.0
    document = trained(network)
    edited = document.with_network(document.network.set_weight(0, 2, 4.0))
    assert edited.network.theta[0] == 4.0
    assert not edited.initial.any()  # Reset undoes the hand edit too
    renamed = document.with_network(document.network.set_label(2, "eye"))
    assert renamed.initial is document.initial
