"""Layer statistics, projections and landscapes against numpy and scikit-learn."""

import numpy as np
import pytest
from sklearn.decomposition import PCA

from nnplay.core.config import TrainingConfig
from nnplay.core.errors import TrainingError
from nnplay.core.evaluation import evaluate_losses
from nnplay.core.landscape import path_plane, random_plane, scan, weight_plane
from nnplay.core.layer_statistics import (
    Histogram,
    even_share,
    gradient_of,
    histogram,
    layer_gradient_norms,
    layers_of,
    measure_layers,
    neuron_gradient_norms,
    rebinned,
)
from nnplay.core.network import Network
from nnplay.core.projections import grid_lines, principal_plane
from nnplay.core.samples import Samples
from nnplay.core.topology import Kind, Topology


def skip_network() -> Network:
    """Two inputs, hidden levels of two and one neurons, an output that sees all but one."""
    ids = np.array([1, 2, 3, 4, 5, 6])
    kinds = np.array(
        [Kind.INPUT, Kind.INPUT, Kind.HIDDEN, Kind.HIDDEN, Kind.HIDDEN, Kind.OUTPUT], dtype=np.int8
    )
    edges = [(1, 3), (2, 3), (1, 4), (2, 4), (3, 5), (4, 5), (5, 6), (3, 6), (2, 6)]
    topology = Topology(ids, kinds, edges)
    theta = np.random.default_rng(3).normal(size=topology.parameter_count)
    return Network.build(
        topology,
        theta=theta,
        activations=("linear", "linear", "tanh", "relu", "sigmoid", "linear"),
    )


def samples(count: int = 37) -> Samples:
    random = np.random.default_rng(4)
    return Samples(random.normal(size=(count, 2)), values=random.normal(size=(count, 1)))


def numeric_gradient(network: Network, data: Samples, step: float = 1e-6) -> np.ndarray:
    def loss(theta: np.ndarray) -> float:
        return evaluate_losses(network.with_theta(theta), data, "mse").loss

    found = np.empty(network.theta.size)
    for slot in range(found.size):
        change = np.zeros(found.size)
        change[slot] = step
        found[slot] = (loss(network.theta + change) - loss(network.theta - change)) / (2 * step)
    return found


def test_layers_are_hidden_levels_and_outputs_with_their_own_parameters() -> None:
    network = skip_network()
    layers = layers_of(network)
    assert [layer.level for layer in layers] == [1, 2, -1]
    assert [layer.rows.tolist() for layer in layers] == [[2, 3], [4], [5]]
    targets = network.topology.edges[:, 1]
    for layer in layers:
        ids = set(network.topology.ids[layer.rows].tolist())
        assert layer.slots.tolist() == [i for i, t in enumerate(targets.tolist()) if t in ids]
    every = np.concatenate([np.concatenate([x.slots, x.bias_slots]) for x in layers])
    assert sorted(every.tolist()) == list(range(network.theta.size))


def test_gradient_norms_are_those_of_central_differences() -> None:
    network, data = skip_network(), samples()
    wanted = numeric_gradient(network, data)
    found = gradient_of(network, data, "mse")
    np.testing.assert_allclose(found, wanted, atol=2e-8)
    norms = layer_gradient_norms(network, found)
    by_neuron = neuron_gradient_norms(network, found)
    topology = network.topology
    for layer, norm in zip(layers_of(network), norms, strict=True):
        inside = 0.0
        for row in layer.rows.tolist():
            own = [wanted[s] for s in range(topology.edge_count) if topology.edge_rows[s, 1] == row]
            own.append(wanted[topology.bias_slots[row]])
            assert by_neuron[row] == pytest.approx(np.linalg.norm(own), abs=1e-7)
            inside += np.linalg.norm(own) ** 2
        assert norm == pytest.approx(np.sqrt(inside), abs=1e-7)
    assert np.isnan(by_neuron[:2]).all()


def test_class_weights_and_smoothing_are_part_of_the_gradient() -> None:
    network = skip_network()
    data = Samples(samples().inputs, classes=np.arange(37) % 2, class_count=2)
    config = TrainingConfig(loss="half_squared", class_weights=(1.0, 5.0))
    found = gradient_of(network, data, config)
    step, slot = 1e-6, 7
    change = np.zeros(found.size)
    change[slot] = step
    ahead = evaluate_losses(network.with_theta(network.theta + change), data, config).loss
    behind = evaluate_losses(network.with_theta(network.theta - change), data, config).loss
    assert found[slot] == pytest.approx((ahead - behind) / (2 * step), abs=1e-7)


def test_measured_values_are_those_of_the_reference() -> None:
    network, data = skip_network(), samples(50)
    found = measure_layers(network, data, "mse", "activation", bins=10)
    w = {tuple(e): network.theta[i] for i, e in enumerate(network.topology.edges.tolist())}
    bias = {i: network.theta[network.topology.bias_slot(i)] for i in (3, 4, 5, 6)}
    x = data.inputs
    z3 = x[:, 0] * w[1, 3] + x[:, 1] * w[2, 3] + bias[3]
    z4 = x[:, 0] * w[1, 4] + x[:, 1] * w[2, 4] + bias[4]
    first = np.concatenate([np.tanh(z3), np.maximum(z4, 0.0)])
    counts, edges = np.histogram(first, 10)
    np.testing.assert_array_equal(found.histograms[0].counts, counts)
    np.testing.assert_allclose(found.histograms[0].edges, edges, atol=1e-12)
    assert found.means[0] == pytest.approx(first.mean())
    assert found.deviations[0] == pytest.approx(first.std())
    sums = measure_layers(network, data, "mse", "pre_activation", bins=10)
    np.testing.assert_array_equal(
        sums.histograms[0].counts, np.histogram(np.concatenate([z3, z4]), 10)[0]
    )
    weights = measure_layers(network, data, "mse", "weight")
    assert weights.histograms[0].counts.sum() == 4
    assert weights.means[2] == pytest.approx(np.mean([w[5, 6], w[3, 6], w[2, 6]]))
    gradients = measure_layers(network, data, "mse", "gradient")
    assert [h.counts.sum() for h in gradients.histograms] == [6, 3, 4]


def test_histograms_leave_out_what_is_not_finite_and_survive_equal_values() -> None:
    found = histogram([1.0, np.nan, np.inf, 2.0, 3.0], 2)
    assert found.counts.tolist() == [1.0, 2.0]
    assert (found.low, found.high) == (1.0, 3.0)
    for values in ([5.0] * 4, [0.0, 0.0], [-2.0], [1e-320]):
        alike = histogram(values, 8)
        assert alike.counts.sum() == len(values)
        assert alike.low < alike.high
    assert histogram([], 4).counts.tolist() == [0.0] * 4


def test_rebinning_keeps_what_lies_inside() -> None:
    source = Histogram(np.array([4.0, 2.0, 6.0, 0.0]), 0.0, 4.0)
    np.testing.assert_allclose(rebinned(source, 0.0, 4.0, 4), source.counts)
    np.testing.assert_allclose(rebinned(source, 0.0, 4.0, 2), [6.0, 6.0])
    np.testing.assert_allclose(rebinned(source, -4.0, 8.0, 3), [0.0, 12.0, 0.0])
    np.testing.assert_allclose(rebinned(source, 0.5, 1.5, 1), [3.0])


def test_an_even_share_is_small_and_reaches_through_all_rows() -> None:
    for count in (0, 1, 4096, 4097, 10_000):
        rows = np.arange(count)[even_share(count)]
        assert len(rows) == min(count, len(rows)) <= 4096
        assert count <= 4096 or rows[-1] > 0.9 * count


def test_the_principal_plane_is_that_of_scikit_learn() -> None:
    random = np.random.default_rng(5)
    points = random.normal(size=(60, 5)) * [3.0, 2.0, 1.0, 0.5, 0.1] + 7.0
    found, judge = principal_plane(points), PCA(2).fit(points)
    np.testing.assert_allclose(found.shares, judge.explained_variance_ratio_, atol=1e-12)
    theirs = judge.transform(points)
    mine = found.apply(points)
    for axis in range(2):
        sign = np.sign(theirs[0, axis] * mine[0, axis])
        np.testing.assert_allclose(mine[:, axis], sign * theirs[:, axis], atol=1e-9)


def test_the_principal_plane_never_flips_and_stands_few_dimensions() -> None:
    points = np.random.default_rng(6).normal(size=(40, 3)) * [3.0, 2.0, 1.0]
    before = principal_plane(points)
    flipped = type(before)(before.centre, -before.axes, before.shares)
    np.testing.assert_allclose(principal_plane(points, flipped).axes, flipped.axes)
    line = principal_plane(points[:, :1])
    assert line.axes.tolist() == [[1.0], [0.0]]
    assert principal_plane(np.full((3, 2), np.nan)).axes.tolist() == [[0.0, 0.0]] * 2
    assert np.isfinite(principal_plane(np.ones((4, 2))).axes).all()


def test_grid_lines_run_along_both_axes() -> None:
    lines = grid_lines(((-1.0, 3.0), (10.0, 20.0)), lines=3, points=5)
    assert lines.shape == (6, 5, 2)
    assert (lines[:3, :, 0] == np.array([-1.0, 1.0, 3.0])[:, None]).all()
    assert (lines[3:, :, 1] == np.array([10.0, 15.0, 20.0])[:, None]).all()
    assert lines[0, :, 1].tolist() == [10.0, 12.5, 15.0, 17.5, 20.0]


def test_a_landscape_holds_the_losses_of_its_places() -> None:
    network, data = skip_network(), samples()
    plane = weight_plane(network, 0, 9)
    rows: list[int] = []
    found = scan(network, data, "mse", plane, 5, rows.append)
    assert rows == [1, 2, 3, 4, 5]
    for row in (0, 2, 4):
        for column in (0, 3):
            theta = np.array(network.theta)
            theta[0] += found.x[column]
            theta[9] += found.y[row]
            wanted = evaluate_losses(network.with_theta(theta), data, "mse").loss
            assert found.losses[row, column] == pytest.approx(wanted, rel=1e-12)
    assert found.losses[2, 2] == pytest.approx(evaluate_losses(network, data, "mse").loss)


def test_a_scan_can_be_given_up() -> None:
    class GivenUpError(Exception):
        pass

    calls = []

    def look_around() -> None:
        calls.append(1)
        if len(calls) > 7:
            raise GivenUpError

    network = skip_network()
    with pytest.raises(GivenUpError):
        scan(network, samples(), "mse", weight_plane(network, 0, 1), 30, None, look_around)
    assert len(calls) == 8


def test_random_directions_are_as_long_as_each_neurons_weights() -> None:
    network = skip_network()
    plane, again = random_plane(network, 1), random_plane(network, 1)
    np.testing.assert_array_equal(plane.directions, again.directions)
    assert not np.allclose(plane.directions, random_plane(network, 2).directions)
    edges, topology = network.topology.edge_count, network.topology
    assert not plane.directions[:, edges:].any()
    for direction in plane.directions:
        for row in range(topology.neuron_count):
            own = np.flatnonzero(topology.edge_rows[:, 1] == row)
            assert np.linalg.norm(direction[own]) == pytest.approx(
                np.linalg.norm(network.theta[own])
            )


def test_random_directions_leave_frozen_and_switched_off_weights_alone() -> None:
    network = skip_network()
    on = np.ones(network.theta.size, dtype=bool)
    on[4] = False
    network = network.with_enabled(on).set_frozen([2], True)
    directions = random_plane(network, 1).directions
    assert not directions[:, [2, 4]].any()
    assert (directions[:, [0, 1, 3, 5]] != 0.0).all()


def test_path_directions_are_principal_and_carry_the_whole_of_a_flat_path() -> None:
    network = skip_network()
    random = np.random.default_rng(8)
    basis = random.normal(size=(2, network.theta.size))
    steps = np.stack([np.linspace(-3, 0, 20), np.linspace(-1, 0, 20) ** 2], axis=1)
    path = network.theta + steps @ basis
    plane = path_plane(network, path)
    places = plane.places(path)
    rebuilt = np.stack([plane.parameters(x, y) for x, y in places])
    np.testing.assert_allclose(rebuilt, path, atol=1e-9)
    assert places[-1] == pytest.approx([0.0, 0.0], abs=1e-9)
    for axis, (low, high) in enumerate((plane.x_range, plane.y_range)):
        assert low < places[:, axis].min()
        assert places[:, axis].max() < high
    with pytest.raises(TrainingError, match="too short"):
        path_plane(network, path[:1])
    with pytest.raises(TrainingError, match="two different"):
        weight_plane(network, 2, 2)
