"""Ablation, saliency, counterfactuals, the next batch, and the list of the gradient check."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnplay.core import diagnostics
from nnplay.core.ablation import ablate
from nnplay.core.batch_view import view_batch
from nnplay.core.config import TrainingConfig
from nnplay.core.diagnostics import check_gradients
from nnplay.core.evaluation import evaluate_losses
from nnplay.core.network import Network
from nnplay.core.program import Program
from nnplay.core.reference import evaluate
from nnplay.core.saliency import Plane, counterfactual, saliency
from nnplay.core.samples import Samples
from nnplay.core.targets import predicted_classes
from nnplay.core.topology import Kind, Topology
from nnplay.core.training import Trainer


def random_dag(seed: int, output: str = "linear") -> Network:
    """Inputs, hidden neurons and outputs with connections that skip levels."""
    random = np.random.default_rng(seed)
    kinds = [0] * 3 + [1] * 5 + [2] * 2
    edges = [
        (s, t)
        for t in range(3, 10)
        for s in range(t)
        if random.random() < 0.55 and not (s >= 8 and t >= 8)
    ]
    if not any(t == 9 for _, t in edges):
        edges.append((0, 9))
    topology = Topology(np.arange(10), np.array([int(Kind(k)) for k in kinds]), edges)
    names = ["linear"] * 3 + random.choice(
        ["tanh", "sigmoid", "softplus", "sin", "silu", "square"], 5
    ).tolist()
    network = Network.build(topology, activations=[*names, output, output])
    return network.with_theta(random.normal(0, 0.7, network.theta.size))


def classes_of(network: Network, inputs: np.ndarray, loss: str) -> np.ndarray:
    outputs = np.array(Program(network, len(inputs)).forward(inputs))
    return predicted_classes(outputs, network, loss)


def plane_of(width: float, columns: int = 2) -> Plane:
    ends = np.full(columns, width)
    return Plane(-ends, ends, np.ones(columns), np.ones(columns, dtype=bool), lambda raw: raw)


# ---------------------------------------------------------------------- slopes
@given(st.integers(0, 10_000), st.sampled_from(["linear", "tanh", "softmax"]))
def test_saliency_equals_complex_steps(seed: int, output: str) -> None:
    network = random_dag(seed, output)
    x = np.random.default_rng(seed + 1).normal(size=3)
    found = saliency(network, x)
    rows = np.flatnonzero(network.topology.kinds == Kind.OUTPUT)
    for column in range(3):
        step = x.astype(complex)
        step[column] += 1e-200j
        a = evaluate(network, step[None], np.complex128).a[rows, 0]
        np.testing.assert_allclose(found[:, column], a.imag / 1e-200, rtol=1e-11, atol=1e-13)


def test_saliency_of_large_outputs_and_switched_off_inputs() -> None:
    network = Network.mlp([2, 1], output_activation="linear").with_theta([0.3, 0.7, 1e12])
    np.testing.assert_allclose(saliency(network, [1.0, 2.0]), [[0.3, 0.7]], rtol=1e-15)
    off = network.set_neurons_enabled([network.topology.input_ids[0]], False)
    np.testing.assert_allclose(saliency(off, [1.0, 2.0]), [[0.0, 0.7]], rtol=1e-15)


# ---------------------------------------------------------------------- counterfactuals
def test_the_nearest_point_of_a_straight_boundary_is_found() -> None:
    network = Network.mlp([2, 1], output_activation="sigmoid").with_theta([3.0, 4.0, -5.0])
    found = counterfactual(network, [3.0, 2.0], plane_of(10), "binary_cross_entropy")
    assert found.distance == pytest.approx((9 + 8 - 5) / 5, rel=1e-5)
    assert (found.before, found.after) == (1, 0)
    assert found.raw is not None
    np.testing.assert_allclose(found.raw, [3 - 0.6 * 2.4, 2 - 0.8 * 2.4], atol=1e-3)


def test_units_ranges_and_held_columns_are_respected() -> None:
    network = Network.mlp([2, 1], output_activation="sigmoid").with_theta([1.0, 1.0, 0.0])
    raw = np.array([2.0, 2.0])
    low, high = np.array([-1.0, -9.0]), np.array([3.0, 9.0])
    free = np.array([True, True])
    scaled = Plane(low, high, np.array([1.0, 1000.0]), free, lambda rows: rows)
    found = counterfactual(network, raw, scaled, "binary_cross_entropy")
    assert found.raw is not None
    assert (found.raw >= low).all()
    assert (found.raw <= high).all()
    # A step of the second column counts next to nothing, so that it does all the work.
    assert found.raw[0] == pytest.approx(2.0, abs=0.01)
    held = Plane(low, high, np.ones(2), np.array([False, True]), lambda rows: rows)
    found = counterfactual(network, raw, held, "binary_cross_entropy")
    assert found.raw is not None
    assert found.raw[0] == 2.0
    assert found.distance == pytest.approx(4.0, rel=1e-5)
    narrow = Plane(low, high, np.ones(2), np.array([True, False]), lambda rows: rows)
    nothing = counterfactual(network, raw, narrow, "binary_cross_entropy")
    assert nothing.raw is None
    assert nothing.after == -1
    assert np.isnan(nothing.distance)


def test_a_network_of_one_answer_has_no_counterfactual() -> None:
    network = Network.mlp([2, 3, 1], output_activation="sigmoid")
    network = network.set_bias(network.topology.output_ids[0], 4.0)
    others = np.random.default_rng(0).uniform(-3, 3, (50, 2))
    found = counterfactual(network, [0.0, 0.0], plane_of(3), "binary_cross_entropy", others=others)
    assert found.raw is None
    assert found.before == 1
    assert found.tried > 50


@pytest.mark.parametrize("seed", range(8))
def test_curved_boundaries_against_a_fine_grid(seed: int) -> None:
    random = np.random.default_rng(seed)
    outputs, loss = ((1, "half_squared"), (3, "softmax_cross_entropy"))[seed % 2]
    name = "tanh" if outputs == 1 else "softmax"
    network = Network.mlp([2, 6, outputs], output_activation=name)
    network = network.with_theta(random.normal(0, 1.5, network.theta.size))
    raw = random.uniform(-2, 2, 2)
    side = np.linspace(-3, 3, 301)
    grid = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    before = classes_of(network, raw[None], loss)[0]
    other = grid[classes_of(network, grid, loss) != before]
    found = counterfactual(network, raw, plane_of(3), loss, others=random.uniform(-3, 3, (200, 2)))
    if not len(other):
        assert found.raw is None
        return
    best = np.sqrt(((other - raw) ** 2).sum(axis=1)).min()
    assert found.raw is not None
    assert found.distance <= best * 1.001
    assert classes_of(network, found.raw[None], loss)[0] == found.after != before
    assert found.distance == pytest.approx(float(np.sqrt(((found.raw - raw) ** 2).sum())))


# ---------------------------------------------------------------------- leaving out
def trained() -> tuple[Network, Samples]:
    random = np.random.default_rng(3)
    inputs = random.normal(size=(120, 3))
    classes = ((inputs[:, 0] * inputs[:, 1]) > 0).astype(np.int64)
    samples = Samples(inputs, None, classes, 2)
    network = random_dag(11, "tanh").remove([8])
    trainer = Trainer(network, samples, TrainingConfig(learning_rate=0.05), seed=1)
    trainer.run(40)
    return trainer.network, samples


def test_leaving_out_a_neuron_is_switching_it_off() -> None:
    network, samples = trained()
    seen = []
    result = ablate(network, samples, "half_squared", on_progress=lambda *p: seen.append(p))
    ids = {*network.topology.input_ids, *network.topology.hidden_ids}
    assert {trial.neuron for trial in result.trials} == ids
    assert seen[-1] == (len(ids), len(ids))
    whole = evaluate_losses(network, samples, "half_squared")
    assert (result.loss, result.accuracy) == pytest.approx((whole.loss, whole.accuracy))
    for trial in result.trials:
        off = evaluate_losses(
            network.set_neurons_enabled([trial.neuron], False), samples, "half_squared"
        )
        assert trial.loss == pytest.approx(off.loss, rel=1e-12)
        assert trial.accuracy == off.accuracy
    changes = [trial.change for trial in result.trials]
    assert changes == sorted(changes)
    assert changes[-1] > changes[0]


def test_leaving_out_a_connection_is_switching_it_off() -> None:
    network, samples = trained()
    network = network.set_enabled([2], False)
    result = ablate(network, samples, "half_squared", "edges")
    assert {t.slot for t in result.trials} == set(range(network.topology.edge_count)) - {2}
    for trial in result.trials:
        off = evaluate_losses(network.set_enabled([trial.slot], False), samples, "half_squared")
        assert trial.loss == pytest.approx(off.loss, rel=1e-12)


def test_ablation_can_be_given_up() -> None:
    network, samples = trained()
    asked = []

    def look_around() -> None:
        asked.append(1)
        if len(asked) > 3:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        ablate(network, samples, "half_squared", look_around=look_around)


# ---------------------------------------------------------------------- the next batch
@pytest.mark.parametrize("shuffle", [True, False])
def test_the_batch_is_what_the_trainer_takes_next(shuffle: bool) -> None:
    network, samples = trained()
    config = TrainingConfig(batch_size=13, learning_rate=0.05, shuffle=shuffle)
    trainer = Trainer(network, samples, config, seed=4)
    for _ in range(23):
        view = view_batch(trainer.network, samples, config, seed=4, state=trainer.state)
        before = trainer.theta
        assert trainer.step() == pytest.approx(view.loss, rel=1e-12)
        moved = float(np.linalg.norm(trainer.theta - before))
        assert view.length == pytest.approx(moved / 0.05, rel=1e-9)
        assert view.losses.mean() == pytest.approx(view.loss, rel=1e-12)


def test_each_sample_has_its_own_gradient() -> None:
    network, samples = trained()
    config = TrainingConfig(batch_size=200)
    view = view_batch(network, samples, config)
    assert view.loss == pytest.approx(view.loss_of_all)
    assert view.angle == pytest.approx(0.0, abs=1e-6)
    program = Program(network, 1)
    codes = np.where(samples.classes == 1, 1.0, -1.0)
    for place, row in enumerate(view.rows[:10].tolist()):
        value = program.backward(samples.inputs[[row]], codes[[row], None], "half_squared")
        assert view.losses[place] == pytest.approx(value)
        assert view.lengths[place] == pytest.approx(np.linalg.norm(program.gradient))
    small = view_batch(network, samples, TrainingConfig(batch_size=2), seed=9)
    assert 0.0 < small.angle <= 180.0


# ---------------------------------------------------------------------- the gradient check
def test_the_check_lists_every_parameter_worst_first() -> None:
    network, samples = trained()
    seen = []
    check = check_gradients(
        network,
        samples,
        "half_squared",
        listed=1000,
        on_progress=lambda done, all_: seen.append((done, all_)),
    )
    count = network.theta.size
    assert check.passed
    assert check.checked == check.parameters == count == seen[-1][0]
    assert sorted(one.slot for one in check.worst) == list(range(count))
    errors = [one.relative_error for one in check.worst]
    assert errors == sorted(errors, reverse=True)
    assert errors[0] == check.worst_relative_error
    assert check.worst[0].slot == check.slot


def test_a_wrong_gradient_is_found_where_it_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    network, samples = trained()

    class Faulty(Program):
        @property
        def gradient(self):
            found = super().gradient.copy()
            found[7] += 0.01
            return found

    monkeypatch.setattr(diagnostics, "Program", Faulty)
    check = check_gradients(network, samples, "half_squared", listed=3)
    assert not check.passed
    assert next(one.slot for one in check.worst) == 7
    assert len(check.worst) == 3
    assert check.worst[0].backpropagated - check.worst[0].by_complex_step == pytest.approx(0.01)
    assert check.worst[1].relative_error < 1e-9
