"""Forward and backward passes against three judges that share no code with the engine."""

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from core.random_networks import KINKED, Case, cases
from hypothesis import given, settings
from hypothesis import strategies as st

from nnplay.core import layout, reference
from nnplay.core.config import TrainingConfig
from nnplay.core.diagnostics import check_gradients
from nnplay.core.layout import layout_of
from nnplay.core.network import Network
from nnplay.core.program import Program
from nnplay.core.samples import Samples
from nnplay.core.topology import Kind, Topology
from nnplay.core.training import Trainer

REFERENCE = Path(__file__).resolve().parents[1] / "reference"
FIGURES = json.loads((REFERENCE / "torch_figures.json").read_text())


def error(found: Any, expected: Any) -> float:
    """Largest difference, relative to the size of what was expected where that is above 1."""
    found, expected = np.asarray(found), np.asarray(expected)
    if not expected.size:
        return 0.0
    return float(np.abs(found - expected).max() / max(1.0, np.abs(expected).max()))


def network_of(job: dict[str, Any]) -> Network:
    return Network.build(
        Topology(job["ids"], job["kinds"], job["edges"]),
        theta=job["theta"],
        activations=job["activations"],
        enabled=job.get("enabled"),
        neuron_enabled=job.get("neuron_enabled"),
    )


@given(cases())
def test_forward_pass_equals_the_neuron_by_neuron_evaluator(case: Case) -> None:
    program = Program(case.network, len(case.x))
    outputs = program.forward(case.x)
    values = reference.evaluate(case.network, case.x)
    rows = case.network.topology.kinds == Kind.OUTPUT
    assert error(program.activations_compact(), values.a) < 1e-14
    assert error(program.pre_activations(), values.z) < 1e-14
    assert error(outputs, values.a[rows].T) < 1e-14


@settings(max_examples=150)
@given(cases())
def test_gradient_equals_complex_steps(case: Case) -> None:
    program = Program(case.network, len(case.x))
    value = program.backward(case.x, case.y, case.loss)
    values = reference.evaluate(case.network, case.x)
    assert error(value, reference.loss_value(case.network, values, case.y, case.loss)) < 1e-13
    expected = reference.complex_step_gradient(case.network, case.x, case.y, case.loss)
    assert error(program.gradient, expected) < 1e-12


@given(
    cases(losses=("half_squared", "mse", "huber", "binary_cross_entropy", "softmax_cross_entropy"))
)
def test_gradient_equals_central_differences_away_from_kinks(case: Case) -> None:
    step = 6e-6
    smooth = case.network
    for row, name in enumerate(smooth.activations):
        if name in KINKED:
            smooth = smooth.set_activation([int(smooth.topology.ids[row])], "tanh")
    program = Program(smooth, len(case.x))
    program.backward(case.x, case.y, case.loss)
    found = program.gradient
    for slot in range(smooth.theta.size):
        values = []
        for sign in (1, -1):
            theta = np.array(smooth.theta)
            theta[slot] += sign * step
            result = reference.evaluate(smooth, case.x, theta=theta)
            values.append(reference.loss_value(smooth, result, case.y, case.loss))
        difference = (values[0] - values[1]) / (2 * step)
        assert abs(difference - found[slot]) < 1e-7 * max(1.0, float(np.abs(found).max()))


@pytest.mark.parametrize("job", FIGURES["gradients"], ids=lambda job: str(job["name"]))
def test_gradient_equals_recorded_torch_figures(job: dict[str, Any]) -> None:
    program = Program(network_of(job), len(job["y"]))
    value = program.backward(np.array(job["x"]), np.array(job["y"]), job["loss"])
    assert error(value, job["expected_loss"]) < 1e-12
    assert error(program.gradient, job["expected_gradient"]) < 1e-12


@given(cases())
def test_gradient_equals_torch_live(case: Case) -> None:
    """Compares with PyTorch where it is installed, else with a recorded figure once more."""
    program = Program(case.network, len(case.x))
    if importlib.util.find_spec("torch") is None:
        test_gradient_equals_recorded_torch_figures(FIGURES["gradients"][0])
        return
    if case.loss in ("binary_cross_entropy", "softmax_cross_entropy"):
        # PyTorch has no switched-off outputs; ours are left out of these losses.
        on = case.network.neuron_enabled | (case.network.topology.kinds == Kind.OUTPUT)
        case = Case(with_neurons_enabled(case.network, on), case.x, case.y, case.loss)
        program = Program(case.network, len(case.x))
    sys.path.insert(0, str(REFERENCE))
    try:
        import torch
        import torch_oracle
    finally:
        sys.path.remove(str(REFERENCE))
    value = program.backward(case.x, case.y, case.loss)
    expected_loss, expected = torch_oracle.loss_and_gradient(torch, case.job())
    assert error(value, expected_loss) < 1e-12
    assert error(program.gradient, expected) < 1e-12


def with_neurons_enabled(network: Network, on: Any) -> Network:
    return Network.build(
        network.topology,
        theta=network.theta,
        activations=network.activations,
        enabled=network.enabled,
        frozen=network.frozen,
        neuron_enabled=on,
    )


@given(cases(), st.integers(1, 9))
def test_batches_of_any_size_give_the_same_numbers(case: Case, size: int) -> None:
    program = Program(case.network, size)
    whole = np.array(program.forward(case.x))
    for row in range(len(case.x)):
        assert error(program.forward(case.x[row : row + 1])[0], whole[row]) < 1e-14
    for rows in (1, 2, 3, 4, 5, 6, 7, 1):  # more sizes than are kept
        program.forward(np.zeros((rows, case.x.shape[1])))
    assert np.array_equal(program.forward(case.x), whole)


@given(cases())
def test_float32_follows_float64(case: Case) -> None:
    exact, rough = Program(case.network, 1), Program(case.network, 1, dtype=np.float32)
    outputs = rough.forward(case.x.astype(np.float32))
    assert outputs.dtype == np.float32
    values = exact.forward(case.x)
    assert error(outputs, values) < 1e-3
    rough.backward(case.x, case.y, case.loss)
    assert rough.gradient.dtype == np.float64


@given(cases())
def test_nothing_is_left_over_from_the_pass_before(case: Case) -> None:
    program = Program(case.network, len(case.x))
    first = program.backward(case.x, case.y, case.loss)
    gradient = program.gradient
    program.backward(case.x * 100 + 3, case.y, case.loss)
    program.backward(case.x, case.y, "half_squared")
    assert program.backward(case.x, case.y, case.loss) == first
    assert np.array_equal(program.gradient, gradient)


@given(cases())
def test_padding_stays_zero_and_every_slot_has_one_place(case: Case) -> None:
    plan = layout_of(case.network)
    program = Program(case.network, 1)
    assert len(set(plan.positions.tolist())) == case.network.theta.size
    assert not program.parameters[plan.is_padding].any()
    assert plan.is_weight.sum() == case.network.topology.edge_count
    assert plan.size == plan.is_padding.sum() + case.network.theta.size


def test_a_plain_layered_network_needs_no_padding_and_no_copies() -> None:
    plan = layout_of(Network.mlp([5, 7, 3, 2]))
    assert not plan.is_padding.any()
    assert plan.inputs_apart
    assert [stage.columns for stage in plan.stages] == [6, 8, 4]


def test_renaming_and_new_numbers_keep_the_plan() -> None:
    network = Network.mlp([2, 3, 1])
    plan = layout_of(network)
    assert layout_of(network.set_label(3, "eye").with_theta(network.theta + 1.0)) is plan
    assert layout_of(network.set_frozen([0], True).set_enabled([1], False)) is plan
    assert layout_of(network.set_activation([3], "relu")) is not plan


def test_long_skips_are_gathered() -> None:
    sizes = [3, *[10] * 12, 2]
    network = Network.mlp(sizes)
    last = network.topology.output_ids
    network = network.connect_many([(0, last[0]), (5, last[1])], [0.5, -0.25])
    random = np.random.default_rng(1)
    network = network.with_theta(random.normal(size=network.theta.size) * 0.4)
    assert any(stage.source_rows is not None for stage in layout_of(network).stages)
    x, y = random.normal(size=(6, 3)), random.normal(size=(6, 2))
    program = Program(network, 6)
    program.backward(x, y, "half_squared")
    expected = reference.complex_step_gradient(network, x, y, "half_squared")
    assert error(program.gradient, expected) < 1e-12


@settings(max_examples=150)
@given(cases())
def test_gathered_sources_give_the_same_numbers(case: Case) -> None:
    """Small networks, planned as if their spans were long."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(layout, "_GATHER_FROM", 2)
        layout._compile.cache_clear()
        program = Program(case.network, len(case.x))
        value = program.backward(case.x, case.y, case.loss)
        found = program.gradient
        trainer = Trainer(
            case.network,
            Samples(case.x, values=case.y),
            TrainingConfig(loss=case.loss, batch_size=2, learning_rate=1e-3),
            seed=0,
        )
        trainer.run(2)
    layout._compile.cache_clear()
    values = reference.evaluate(case.network, case.x)
    assert error(value, reference.loss_value(case.network, values, case.y, case.loss)) < 1e-13
    expected = reference.complex_step_gradient(case.network, case.x, case.y, case.loss)
    assert error(found, expected) < 1e-12
    usual = Trainer(case.network, Samples(case.x, values=case.y), trainer.config, seed=0)
    usual.run(2)
    assert error(trainer.theta, usual.theta) < 1e-12


@pytest.mark.parametrize("z", [-800.0, -40.0, 40.0, 800.0])
@pytest.mark.parametrize("target", [0.0, 1.0])
def test_cross_entropies_survive_extreme_values(z: float, target: float) -> None:
    network = Network.mlp([1, 1], output_activation="sigmoid").with_theta([z, 0.0])
    program = Program(network, 1)
    wrong = (z > 0) != (target == 1.0)
    value = program.backward([[1.0]], [[target]], "binary_cross_entropy")
    assert value == pytest.approx(abs(z) if wrong else np.exp(-abs(z)), rel=1e-14)
    assert program.gradient[1] == pytest.approx(np.sign(z) if wrong else 0.0, abs=1e-15)
    pair = Network.mlp([1, 2], output_activation="softmax").with_theta([z, 0.0, 0.0, 0.0])
    program = Program(pair, 1)
    value = program.backward([[1.0]], [[target, 1 - target]], "softmax_cross_entropy")
    assert value == pytest.approx(abs(z) if wrong else 0.0, abs=1e-15)


def test_sigmoid_keeps_its_small_values() -> None:
    network = Network.mlp([1, 1], output_activation="sigmoid").with_theta([1.0, 0.0])
    outputs = Program(network, 1).forward([[-40.0], [-700.0], [-800.0], [40.0]])
    assert outputs[0, 0] == pytest.approx(4.248354255291589e-18, rel=1e-14)
    assert outputs[1, 0] == pytest.approx(np.exp(-700.0), rel=1e-12)
    assert outputs[2, 0] == 0.0
    assert outputs[3, 0] == 1.0


@given(cases())
def test_gradient_check_of_the_program_passes(case: Case) -> None:
    outputs = case.network.topology.kinds == Kind.OUTPUT
    network = with_neurons_enabled(case.network, case.network.neuron_enabled | outputs)
    check = check_gradients(network, Samples(case.x, values=case.y), case.loss)
    assert check.passed, check
    assert check.checked == network.theta.size


def test_gradient_check_finds_a_wrong_derivative(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from nnplay.core.activations import ACTIVATIONS

    def wrong(z: Any, a: Any, out: Any) -> None:
        np.subtract(1.0, a, out)

    network = Network.mlp([2, 3, 1]).with_theta(np.linspace(-1, 1, 13))
    samples = Samples(np.array([[0.5, 1.0], [2.0, -1.0]]), values=np.array([[1.0], [0.0]]))
    assert check_gradients(network, samples, "half_squared").passed
    monkeypatch.setitem(ACTIVATIONS, "tanh", replace(ACTIVATIONS["tanh"], derivative=wrong))
    check = check_gradients(network, samples, "half_squared")
    assert not check.passed
    assert "weight" in check.name or "bias" in check.name
