"""Explained steps: every number against PyTorch, complex steps and the trainer itself."""

from __future__ import annotations

import importlib.util
import math
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from core.random_networks import Case, cases
from hypothesis import given
from hypothesis import strategies as st

from nnplay.core.config import TrainingConfig, TrainingState
from nnplay.core.explained import explain_edge, explain_neuron
from nnplay.core.explaining import StepExplanation, batch_rows, explain_step
from nnplay.core.network import Network
from nnplay.core.optimizers import OPTIMIZERS
from nnplay.core.reference import complex_step_gradient
from nnplay.core.samples import Samples
from nnplay.core.topology import Kind, Topology
from nnplay.core.trace import explain
from nnplay.core.training import Trainer

REFERENCE = Path(__file__).parent.parent / "reference"
OPTIMISERS = tuple(OPTIMIZERS)


def error(found: Any, expected: Any) -> float:
    """Largest difference, relative to the largest size above 1."""
    found, expected = np.asarray(found, dtype=float), np.asarray(expected, dtype=float)
    if not found.size:
        return 0.0
    return float(np.abs(found - expected).max() / max(1.0, float(np.abs(expected).max())))


def samples_of(case: Case) -> Samples:
    return Samples(case.x, values=case.y)


def looked_at(case: Case, **changes: Any) -> StepExplanation:
    config = TrainingConfig(loss=case.loss, **changes)
    return explain_step(case.network, samples_of(case), config, scope="all")


def assert_sums(step: StepExplanation) -> None:
    """Every sum on the page is the number the engine has."""
    numbers, network = step.averages, step.network
    for row, neuron in enumerate(network.topology.ids.tolist()):
        seen = explain_neuron(step, neuron, most=3)
        terms = sum(t.product for t in seen.incoming.terms) + seen.incoming.more_sum
        if seen.kind == Kind.INPUT:
            assert seen.bias is None
            continue
        assert seen.bias is not None
        assert error(terms + seen.bias, numbers.z[row]) < 1e-12
        sizes = [abs(term.product) for term in seen.incoming.terms]
        assert sizes == sorted(sizes, reverse=True)
        if step.count > 1:
            continue
        own = seen.loss.value if seen.loss is not None and seen.loss.by_z else 0.0
        if seen.group:
            found = own + sum(m.slope * m.by_a for m in seen.group)
        elif not seen.enabled:
            found = 0.0
        else:
            found = own + seen.slope * seen.by_a
        assert error(found, seen.delta) < 1e-12
        for parameter in seen.parameters:
            enabled = bool(network.enabled[parameter.slot])
            product = parameter.delta * parameter.carried if enabled else 0.0
            assert error(product, parameter.gradient) < 1e-12


@given(cases())
def test_numbers_equal_torch_live(case: Case) -> None:
    """Activations, δ and gradients; without PyTorch complex steps are the judge."""
    if case.loss in ("binary_cross_entropy", "softmax_cross_entropy"):
        on = case.network.neuron_enabled | (case.network.topology.kinds == Kind.OUTPUT)
        case = Case(replace(case.network, neuron_enabled=on), case.x, case.y, case.loss)
    # A bias that is on has δ for its gradient, so that autograd judges every δ.
    enabled = case.network.enabled.copy()
    enabled[case.network.topology.edge_count :] = True
    case = Case(replace(case.network, enabled=enabled), case.x, case.y, case.loss)
    step = looked_at(case)
    numbers, topology = step.averages, case.network.topology
    biases = topology.bias_slots[topology.bias_slots >= 0]
    if importlib.util.find_spec("torch") is None:
        expected = complex_step_gradient(case.network, case.x, case.y, case.loss)
    else:
        sys.path.insert(0, str(REFERENCE))
        try:
            import torch
            import torch_oracle
        finally:
            sys.path.remove(str(REFERENCE))
        loss, expected = torch_oracle.loss_and_gradient(torch, case.job())
        theta, x = torch.tensor(case.network.theta), torch.tensor(case.x)
        z, a = torch_oracle.forward(torch, case.job(), theta, x)
        outputs = [topology.row(i) for i in topology.output_ids]
        assert error(numbers.z[outputs], z.mean(0)) < 1e-12
        assert error(numbers.a[outputs], a.mean(0)) < 1e-12
        assert error(numbers.loss, loss) < 1e-12
    assert error(numbers.gradient, expected) < 1e-12
    assert error(numbers.delta[topology.bias_slots >= 0], np.asarray(expected)[biases]) < 1e-12


@given(cases(losses=("half_squared", "mse", "softmax_cross_entropy", "binary_cross_entropy")))
def test_gradients_equal_complex_steps(case: Case) -> None:
    expected = complex_step_gradient(case.network, case.x, case.y, case.loss)
    assert error(looked_at(case).averages.gradient, expected) < 1e-11


@given(cases(samples=1))
def test_sums_of_one_sample_are_the_engines_numbers(case: Case) -> None:
    step = explain_step(case.network, samples_of(case), TrainingConfig(loss=case.loss))
    assert_sums(step)
    trace = explain(case.network, case.x[0], case.y[0], case.loss)
    for ours, theirs in (
        (step.averages.z, trace.z),
        (step.averages.a, trace.a),
        (step.averages.slope, np.where(np.isnan(step.averages.slope), np.nan, trace.derivative)),
        (step.averages.delta, trace.delta),
    ):
        assert np.array_equal(np.isnan(ours), np.isnan(theirs))
        assert error(np.nan_to_num(ours), np.nan_to_num(theirs)) < 1e-13


@given(cases())
def test_averages_of_a_set_are_averages_of_its_samples(case: Case) -> None:
    step = looked_at(case)
    assert_sums(step)
    config = TrainingConfig(loss=case.loss)
    parts = [
        explain_step(case.network, Samples(x[None], values=y[None]), config).averages
        for x, y in zip(case.x, case.y, strict=True)
    ]
    for name in ("a", "delta", "gradient", "own"):
        found = np.nan_to_num(getattr(step.averages, name))
        mean = np.nan_to_num(np.mean([getattr(part, name) for part in parts], axis=0))
        assert error(found, mean) < 1e-12, name


@given(
    cases(),
    st.sampled_from(OPTIMISERS),
    st.sampled_from(
        [
            {},
            {"l2": 0.1, "l1": 0.05},
            {"clip_norm": 0.01},
            {"clip_value": 0.01, "clip_norm": 0.02},
            {"l1": 0.3, "l1_dead_links": True},
            {"max_norm": 0.5, "weight_decay": 0.3},
            {"schedule": "one_cycle", "schedule_epochs": 5, "warmup_epochs": 1},
        ]
    ),
    st.integers(1, 4),
    st.integers(0, 5),
    st.booleans(),
)
def test_the_step_foretold_is_the_step_taken(
    case: Case, optimizer: str, changes: Any, size: int, steps: int, drops: bool
) -> None:
    """Wherever training stands, the next batch is foretold with order, dropout and memory."""
    network = case.network
    if drops:
        hidden = network.topology.kinds == Kind.HIDDEN
        network = replace(network, dropout=np.where(hidden, 0.4, 0.0))
    config = TrainingConfig(
        loss=case.loss, optimizer=optimizer, batch_size=size, learning_rate=0.05, **changes
    )
    trainer = Trainer(network, samples_of(case), config, seed=3)
    with np.errstate(all="ignore"):
        for _ in range(steps):
            trainer.step()
            if trainer.diverged is not None:
                return
    state = trainer.state
    step = explain_step(
        trainer.network, samples_of(case), config, scope="batch", seed=3, state=state
    )
    before = trainer.network
    loss = trainer.step()
    if trainer.diverged is not None:
        return
    assert step.update is not None
    assert step.averages.loss == pytest.approx(loss, rel=1e-12, abs=1e-12)
    after = np.where(before.enabled, trainer.theta, 0.0)
    assert error(step.update.after, after) < 1e-13
    for name, values in trainer.state.optimizer_arrays.items():
        if name in step.update.memory_after:
            assert error(step.update.memory_after[name], values) < 1e-13


@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_looking_changes_nothing_and_is_double(precision: str) -> None:
    network = Network.mlp([2, 3, 1])
    network = network.with_theta(np.linspace(-1, 1, network.theta.size))
    random = np.random.default_rng(0)
    data = Samples(random.normal(size=(7, 2)), values=random.normal(size=(7, 1)))
    config = TrainingConfig(optimizer="adam", batch_size=3, precision=precision)
    trainer = Trainer(network, data, config)
    trainer.step()
    state, theta = trainer.state, trainer.theta.copy()
    memory = {name: values.copy() for name, values in state.optimizer_arrays.items()}
    step = explain_step(trainer.network, data, config, scope="batch", state=state)
    assert step.config.precision == "float64"
    assert np.array_equal(trainer.theta, theta)
    for name, values in memory.items():
        assert np.array_equal(state.optimizer_arrays[name], values)


def test_the_worked_example_by_hand() -> None:
    """x = (0.5, 0.6), w = (0.1, 0.2), b = 0.3: z = a = 0.47; target 1."""
    topology = Topology([1, 2, 3], [0, 0, 2], [(1, 3), (2, 3)])
    network = Network.build(topology, theta=[0.1, 0.2, 0.3], activations=["linear"] * 3)
    sample = Samples(np.array([[0.5, 0.6]]), values=np.array([[1.0]]))
    step = explain_step(network, sample, TrainingConfig(learning_rate=0.1), focus=(0, 1, 2))
    seen = explain_neuron(step, 3)
    assert [(t.neuron, t.weight, t.value) for t in seen.incoming.terms] == [
        (2, 0.2, 0.6),
        (1, 0.1, 0.5),
    ]
    assert [t.product for t in seen.incoming.terms] == pytest.approx([0.12, 0.05], abs=1e-16)
    assert (seen.z, seen.a, seen.slope) == pytest.approx((0.47, 0.47, 1.0), abs=1e-16)
    assert seen.delta == pytest.approx(-0.53, abs=1e-15)
    weight = explain_edge(step, 1, 3)
    assert weight.product == pytest.approx(0.05, abs=1e-16)
    assert weight.share == pytest.approx(0.05 / 0.47)
    assert weight.parameter.gradient == pytest.approx(-0.265, abs=1e-15)
    assert weight.parameter.change == pytest.approx(0.0265, abs=1e-15)
    update = step.update
    assert update is not None
    squared = 0.265**2 + 0.318**2 + 0.53**2
    assert update.predicted == pytest.approx(-0.1 * squared, rel=1e-12)
    assert update.focus_predicted == update.predicted
    # The loss is a parabola: its change is -η|g|² + ½(η·|x|²·δ)² with |x|² = 0.25 + 0.36 + 1.
    assert update.actual == pytest.approx(-0.1 * squared + 0.5 * (0.1 * 1.61 * 0.53) ** 2)


def test_a_place_without_target_is_explained_forward_only() -> None:
    network = Network.mlp([2, 3, 1])
    sample = Samples(np.array([[0.5, 0.6]]))
    step = explain_step(network, sample, TrainingConfig())
    seen = explain_neuron(step, network.topology.output_ids[0])
    assert step.update is None
    assert step.averages.loss is None
    assert math.isnan(seen.delta)
    assert math.isnan(seen.by_a)
    assert math.isfinite(seen.z)
    assert math.isfinite(seen.a)
    assert all(math.isnan(p.gradient) for p in seen.parameters)


@given(st.integers(1, 40), st.integers(1, 12), st.integers(0, 3), st.integers(0, 20))
def test_batches_of_an_epoch_are_all_samples_once(
    count: int, size: int, epoch: int, seed: int
) -> None:
    config = TrainingConfig(batch_size=size)
    batches = -(-count // min(size, count))
    rows = [
        batch_rows(count, config, seed, TrainingState(epoch=epoch, batch_in_epoch=batch))
        for batch in range(batches)
    ]
    assert sorted(np.concatenate(rows).tolist()) == list(range(count))


def test_many_terms_are_summed_up() -> None:
    network = Network.mlp([40, 2, 1])
    random = np.random.default_rng(1)
    network = network.with_theta(random.normal(size=network.theta.size))
    step = explain_step(network, Samples(random.normal(size=(1, 40))), TrainingConfig())
    neuron = network.level_ids(1)[0]
    seen = explain_neuron(step, neuron, most=8)
    assert len(seen.incoming.terms) == 8
    assert seen.incoming.more_count == 32
    everything = explain_neuron(step, neuron, most=100, order="place")
    assert [t.neuron for t in everything.incoming.terms] == list(network.topology.input_ids)
    assert sum(t.product for t in everything.incoming.terms) == pytest.approx(
        sum(t.product for t in seen.incoming.terms) + seen.incoming.more_sum
    )
