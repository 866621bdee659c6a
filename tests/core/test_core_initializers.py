"""Initial weights of the newer initialisers: moments, bounds, orthogonality, PyTorch's Linear."""

import importlib.util
import itertools
from typing import Any

import numpy as np
import pytest

from nnplay.core.initializers import INITIALIZERS, draw_parameters, draw_weight, initial_bias
from nnplay.core.network import Network
from nnplay.core.topology import Topology
from nnplay.document import Document
from nnplay.headless import redrawn
from nnplay.setup import new_document, weight_source

SIZES = [60, 40, 20]
WIDE = Network.mlp(SIZES)


def layers(network: Network, sizes: list[int], theta: Any) -> list[tuple[Any, Any]]:
    """Matrices ``[out, in]`` and biases of a full network."""
    place, bias, result = 0, network.topology.edge_count, []
    for before, after in itertools.pairwise(sizes):
        matrix = theta[place : place + before * after].reshape(after, before)
        result.append((matrix, theta[bias : bias + after]))
        place, bias = place + before * after, bias + after
    return result


@pytest.mark.parametrize("name", ["lecun_uniform", "lecun_normal"])
def test_lecun_weights_have_the_variance_of_their_source(name: str) -> None:
    for matrix, biases in layers(WIDE, SIZES, draw_parameters(WIDE, name, 3)):
        fan_in = matrix.shape[1]
        assert abs(matrix.std() * fan_in**0.5 - 1) < 0.06
        assert abs(matrix.mean()) * fan_in**0.5 < 0.1
        largest = np.abs(matrix).max() * fan_in**0.5
        assert (1.69 < largest <= 3**0.5) if name == "lecun_uniform" else largest > 2.5
        assert not biases.any()


def test_orthogonal_matrices() -> None:
    theta = draw_parameters(WIDE, "orthogonal", 3)
    for matrix, biases in layers(WIDE, SIZES, theta):
        product = matrix.dot(matrix.T)
        assert np.abs(product - np.eye(len(matrix))).max() < 1e-14
        assert not biases.any()
    growing = Network.mlp([5, 30])
    matrix = layers(growing, [5, 30], draw_parameters(growing, "orthogonal", 3))[0][0]
    assert np.abs(matrix.T.dot(matrix) - np.eye(5)).max() < 1e-14


def test_orthogonal_matrices_are_evenly_distributed() -> None:
    """Without the signs of R's diagonal, the first entry would never be positive."""
    network = Network.mlp([3, 3])
    draws = np.array([draw_parameters(network, "orthogonal", 0, d)[:9] for d in range(400)])
    assert np.abs(draws.mean(axis=0)).max() < 0.12
    assert np.abs(draws.var(axis=0) - 1 / 3).max() < 0.08
    ones = Network.mlp([1, 1])
    signs = {draw_parameters(ones, "orthogonal", 0, d)[0] for d in range(30)}
    assert signs == {-1.0, 1.0}


def test_every_pair_of_levels_has_a_matrix_of_its_own() -> None:
    full = Network.mlp([4, 4, 4])
    inputs, outputs = full.topology.input_ids, full.topology.output_ids
    skips = [(s, t) for t in outputs for s in inputs]
    network = full.connect_many(skips, [0.0] * len(skips))
    theta = draw_parameters(network, "orthogonal", 1)
    for start in (0, 16, 32):
        matrix = theta[start : start + 16].reshape(4, 4)
        assert np.abs(matrix.dot(matrix.T) - np.eye(4)).max() < 1e-14
    assert not np.allclose(theta[0:16], theta[32:48])


def test_missing_connections_are_dropped_from_the_matrix() -> None:
    full = Network.mlp([6, 5])
    whole = draw_parameters(full, "orthogonal", 2)[:30].reshape(5, 6)
    holed = full.disconnect([(1, 7), (4, 10)])
    theta = draw_parameters(holed, "orthogonal", 2)
    for slot, (source, target) in enumerate(holed.topology.edges.tolist()):
        assert theta[slot] == whole[target - 6, source]


def test_torch_linear_weights_and_biases_have_its_bounds() -> None:
    for matrix, biases in layers(WIDE, SIZES, draw_parameters(WIDE, "torch_linear", 3)):
        bound = matrix.shape[1] ** -0.5
        assert 0.98 * bound < np.abs(matrix).max() <= bound
        assert abs(matrix.std() / bound - 3**-0.5) < 0.02
        assert 0.8 * bound < np.abs(biases).max() <= bound
        assert abs(biases.std() / bound - 3**-0.5) < 0.15
        assert np.unique(biases).size == biases.size


def test_torch_linear_is_distributed_as_in_torch() -> None:
    ours = layers(WIDE, SIZES, draw_parameters(WIDE, "torch_linear", 0))[0]
    if importlib.util.find_spec("torch") is None:
        assert np.abs(ours[0]).max() <= 60**-0.5  # the bound that PyTorch documents
        return
    import torch

    torch.manual_seed(0)
    layer = torch.nn.Linear(60, 40)
    for own, theirs in zip(ours, (layer.weight, layer.bias), strict=True):
        judge = np.sort(theirs.detach().numpy().astype(float).reshape(-1))
        own = np.sort(own.reshape(-1))
        # Kolmogorov-Smirnov at far below one in a thousand.
        places = np.concatenate([own, judge])
        shares = [np.searchsorted(v, places, side="right") / v.size for v in (own, judge)]
        assert np.abs(shares[0] - shares[1]).max() < 2.2 * (2 / own.size) ** 0.5


def test_a_neuron_that_nothing_feeds_starts_at_zero() -> None:
    network = Network.build(Topology([0, 1, 2], [0, 1, 2], [(0, 2)]))
    theta = draw_parameters(network, "torch_linear", 0)
    assert theta[1] == 0.0
    assert theta[2] != 0.0
    assert np.isfinite(theta).all()


def test_constant_weights_are_the_chosen_value() -> None:
    theta = draw_parameters(WIDE, "constant", 3, value=-0.75)
    assert (theta[: WIDE.topology.edge_count] == -0.75).all()
    assert not theta[WIDE.topology.edge_count :].any()
    assert draw_weight(WIDE, 0, 70, "constant", 3, value=2.5) == 2.5
    assert draw_parameters(WIDE, "constant", 3)[0] == draw_weight(WIDE, 0, 70, "constant", 3) == 0.1


def test_documents_use_their_own_value() -> None:
    document, _ = new_document(
        "circle", training={"initializer": "constant", "initial_value": 0.375}
    )
    edges = document.network.topology.edge_count
    assert set(document.network.theta[:edges].tolist()) == {0.375}
    assert weight_source(document)(0, 3) == 0.375
    other = Document(
        document.network.with_theta(document.network.theta * 0), training=document.training
    )
    assert set(redrawn(other).network.theta[:edges].tolist()) == {0.375}


@pytest.mark.parametrize("name", list(INITIALIZERS))
def test_draws_depend_on_seed_and_number_only(name: str) -> None:
    first = draw_parameters(WIDE, name, 3, 0)
    assert np.array_equal(first, draw_parameters(WIDE.with_theta(first), name, 3, 0))
    assert np.isfinite(first).all()
    if name in ("zeros", "constant"):
        return
    assert not np.array_equal(first, draw_parameters(WIDE, name, 3, 1))
    assert not np.array_equal(first, draw_parameters(WIDE, name, 4, 0))


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("playground", -0.22202972, 0.1),
        ("glorot_normal", 0.11075543, 0.0),
        ("he_uniform", -0.76913350, 0.0),
    ],
)
def test_numbers_of_earlier_versions_stay_the_same(name: str, first: float, last: float) -> None:
    theta = draw_parameters(Network.mlp([2, 3, 1]), name, 7)
    assert theta[0] == pytest.approx(first, abs=1e-8)
    assert theta[-1] == last


@pytest.mark.parametrize("name", list(INITIALIZERS))
def test_every_network_gets_finite_numbers(name: str) -> None:
    for network in (
        Network.build(Topology([0], [0])),
        Network.build(Topology([5, 3], [0, 2])),
        Network.mlp([1, 1]),
    ):
        theta = draw_parameters(network, name, 0)
        assert theta.shape == (network.topology.parameter_count,)
        assert np.isfinite(theta).all()
    assert np.isfinite(initial_bias(name))


@pytest.mark.parametrize("name", ["lecun_normal", "orthogonal", "torch_linear"])
def test_single_new_weights_are_as_large_as_those_of_a_layer(name: str) -> None:
    drawn = np.array([draw_weight(WIDE, s, t, name, 1) for s in range(60) for t in range(300, 330)])
    assert drawn.std() > 0.0
    into = np.array([draw_weight(WIDE, s, 70, name, 1) for s in range(200, 1200)])
    spread = {"lecun_normal": 61**-0.5, "orthogonal": 61**-0.5, "torch_linear": (3 * 61) ** -0.5}
    assert abs(into.std() / spread[name] - 1) < 0.08
