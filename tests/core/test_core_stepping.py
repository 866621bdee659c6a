"""The stepper's plan: what it knows at its end is what engine, oracles and trainer say."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
from core.random_networks import Case, cases
from hypothesis import given
from hypothesis import strategies as st

from nnplay.core import reference
from nnplay.core.config import TrainingConfig
from nnplay.core.network import Network
from nnplay.core.optimizers import OPTIMIZERS
from nnplay.core.sample_step import step_on
from nnplay.core.samples import Samples
from nnplay.core.step_plan import GRAINS, Does, Phase, StepPlan
from nnplay.core.step_words import number, step_words
from nnplay.core.stepping import plan_steps
from nnplay.core.topology import Kind
from nnplay.core.trace import explain
from nnplay.core.training import Trainer


def sample_of(case: Case) -> Samples:
    return Samples(case.x[:1], case.y[:1])


def plan_of(case: Case, after: np.ndarray | None = None) -> StepPlan:
    return plan_steps(case.network, sample_of(case), case.loss, after)


def close(one: object, other: object) -> None:
    scale = np.nanmax(np.abs(np.append(np.asarray(other, dtype=float), 1.0)))
    np.testing.assert_allclose(one, other, rtol=1e-11, atol=1e-12 * scale)


@given(cases(samples=1))
def test_the_last_numbers_known_are_those_of_the_engine(case: Case) -> None:
    plan = plan_of(case)
    trace = explain(case.network, case.x[0], case.y[0], case.loss)
    known, on = plan.known(len(plan)), case.network.neuron_enabled
    inner = case.network.topology.kinds != Kind.INPUT
    np.testing.assert_array_equal(known.a, trace.a)
    np.testing.assert_array_equal(known.z[inner & on], trace.z[inner & on])
    np.testing.assert_array_equal(known.delta[inner], trace.delta[inner])
    enabled = case.network.enabled
    np.testing.assert_array_equal(known.gradient[enabled], trace.gradient[enabled])
    assert known.loss == trace.loss


@given(cases(samples=1))
def test_sums_end_where_the_engine_and_the_reference_are(case: Case) -> None:
    plan, network = plan_of(case), case.network
    values = reference.evaluate(network, case.x[:1])
    total = dict.fromkeys(range(network.topology.neuron_count), 0.0)
    back: dict[int, float] = {}
    for i in range(len(plan)):
        step = plan[i]
        if step.does in (Does.TERM, Does.BIAS):
            total[step.row] += step.value
        if step.does == Does.BIAS:
            close(total[step.row], values.z[step.row, 0])
            close(step.running, values.z[step.row, 0])
        if step.does == Does.ACTIVATION:
            close(step.value, values.a[step.row, 0])
        if step.does in (Does.OWN, Does.CHAIN):
            back[step.row] = back.get(step.row, 0.0) + step.value
            close(step.running, back[step.row])
        if step.does == Does.DELTA:
            slope = plan.trace.derivative[step.row]
            own = plan.own[step.row] if plan.by_z else 0.0
            close(back.get(step.row, 0.0) * slope + own, step.value)
        if step.does == Does.LOSS_SUM:
            shares = plan.values[plan.does == Does.LOSS_SHARE].sum()
            close(shares, step.value)


@given(cases(samples=1))
def test_gradients_are_those_of_pytorch(case: Case) -> None:
    if importlib.util.find_spec("torch") is None:  # recorded figures judge the trace elsewhere
        expected = explain(case.network, case.x[0], case.y[0], case.loss).gradient
    else:
        import torch

        sys.path.insert(0, str(Path(__file__).parent.parent / "reference"))
        try:
            import torch_oracle
        finally:
            sys.path.pop(0)
        _, expected = torch_oracle.loss_and_gradient(torch, case.job())
    plan = plan_of(case)
    known = plan.known(len(plan)).gradient
    enabled = case.network.enabled
    close(known[enabled], np.asarray(expected)[enabled])


@given(cases(samples=1), st.sampled_from(GRAINS))
def test_back_undoes_next_exactly(case: Case, grain: str) -> None:
    plan = plan_of(case, case.network.theta * 0.5)
    position, stops = 0, [0]
    while position < len(plan):
        position = plan.next(position, grain)
        assert position > stops[-1]
        stops.append(position)
    assert plan.next(position, grain) == position
    for before in reversed(stops[:-1]):
        position = plan.back(position, grain)
        assert position == before
    assert plan.back(0, grain) == 0


@given(cases(samples=1))
def test_every_step_makes_something_known_and_nothing_is_forgotten(case: Case) -> None:
    plan = plan_of(case, case.network.theta * 0.5)
    seen = -1
    for position in range(len(plan) + 1):
        known = plan.known(position)
        count = sum(
            int(np.isfinite(values).sum())
            for values in (known.z, known.a, known.delta, known.gradient, known.change)
        )
        assert count >= seen
        seen = count
        if position:
            step = plan[position - 1]
            words = step_words(plan, position - 1)
            assert words.formula
            assert words.note.endswith(".")
            if step.does in (Does.TERM, Does.CHAIN, Does.GRADIENT):
                assert known.edges[step.slot] == step.value


@given(cases(samples=1))
def test_nothing_is_used_before_it_is_known(case: Case) -> None:
    plan = plan_of(case)
    edges = case.network.topology.edge_rows
    for i in range(len(plan)):
        step, known = plan[i], plan.known(i)
        if step.does == Does.TERM:
            assert not np.isnan(known.a[edges[step.slot, 0]])
        if step.does == Does.ACTIVATION:
            assert not np.isnan(known.z[step.row])
        if step.does == Does.LOSS_SHARE:
            assert not np.isnan(known.a[step.row])
        if step.does == Does.CHAIN:
            assert not np.isnan(known.delta[edges[step.slot, 1]])
        if step.does in (Does.GRADIENT, Does.BIAS_GRADIENT):
            assert not np.isnan(known.delta[step.row])


def worked_example() -> tuple[Network, Samples]:
    network = Network.mlp([2, 1], output_activation="relu")
    network = network.set_weight(0, 2, 0.1).set_weight(1, 2, 0.2).set_bias(2, 0.3)
    return network, Samples(np.array([[0.5, 0.6]]), np.array([[1.0]]))


def test_the_worked_example_reads_as_on_paper() -> None:
    network, sample = worked_example()
    config = TrainingConfig(learning_rate=0.1, batch_size=1)
    after = step_on(network, sample, config)
    assert after is not None
    plan = plan_steps(network, sample, config, after.theta, after.rate)
    assert [step_words(plan, i).formula for i in range(len(plan))] == [
        "y: 0.5 · 0.1 = 0.05",
        "y: 0.6 · 0.2 = 0.12",
        "y: z = 0.17 + 0.3 = 0.47",
        "y: a = ReLU(0.47) = 0.47",
        "y: ½ · (0.47 − 1)² = 0.1405",
        "L = 0.1405",
        "y: ∂L/∂a = 0.47 − 1 = −0.53",
        "y: δ = −0.53 · 1 = −0.53",
        "x1 → y: ∂L/∂w = −0.53 · 0.5 = −0.265",
        "x2 → y: ∂L/∂w = −0.53 · 0.6 = −0.318",
        "y: ∂L/∂b = δ = −0.53",
        "w of x1 → y: 0.1 + 0.0265 = 0.1265",
        "w of x2 → y: 0.2 + 0.0318 = 0.2318",
        "b of y: 0.3 + 0.053 = 0.353",
    ]
    assert [plan[i].running for i in range(3)] == pytest.approx([0.05, 0.17, 0.47])
    assert [plan.start_of(phase) for phase in Phase] == [0, 4, 6, 11]
    assert "learning rate times gradient" in step_words(plan, 11).note


def test_a_point_without_a_target_goes_forward_only() -> None:
    network, sample = worked_example()
    plan = plan_steps(network, Samples(sample.inputs))
    assert set(plan.phases.tolist()) == {Phase.FORWARD}
    assert plan.end_of(Phase.LOSS) is None
    assert np.isnan(plan.known(len(plan)).loss)


@pytest.mark.parametrize("name", OPTIMIZERS)
@given(case=cases(samples=1, losses=("half_squared", "huber")))
def test_a_sample_s_step_is_the_trainer_s(name: str, case: Case) -> None:
    config = TrainingConfig(
        optimizer=name, loss=case.loss, learning_rate=0.01, batch_size=1, shuffle=False, l2=0.01
    )
    sample = sample_of(case)
    trainer = Trainer(case.network, sample, config)
    found = step_on(case.network, sample, config)
    trainer.step()
    if trainer.diverged is not None:
        assert found is None
        return
    assert found is not None
    np.testing.assert_array_equal(found.theta, trainer.theta)
    assert found.state.step == trainer.step_count
    assert found.state.optimizer_step == trainer.state.optimizer_step
    for key, values in trainer.state.optimizer_arrays.items():
        np.testing.assert_array_equal(found.state.optimizer_arrays[key], values)
    plan = plan_steps(case.network, sample, config, found.theta, found.rate)
    change = plan.known(len(plan)).change
    np.testing.assert_array_equal(
        change[case.network.enabled], (trainer.theta - case.network.theta)[case.network.enabled]
    )


def test_the_rate_is_that_of_the_next_ordinary_step() -> None:
    network, sample = worked_example()
    config = TrainingConfig(schedule="one_cycle", schedule_epochs=5, batch_size=2)
    rows = Samples(np.tile(sample.inputs, (6, 1)), np.ones((6, 1)))
    trainer = Trainer(network, rows, config)
    for _ in range(4):
        trainer.step()
    before = trainer.network
    found = step_on(before, sample, config, state=trainer.state, train_count=6)
    trainer.step()
    assert found is not None
    # All samples are alike, so that a batch's step and one sample's step are the same.
    close(found.theta, trainer.theta)
    assert (found.state.epoch, found.state.batch_in_epoch) == (1, 1)
    assert found.state.step == 5


def test_numbers_are_short_and_negative_factors_stand_in_brackets() -> None:
    assert number(-0.25) == "−0.25"
    assert number(-0.25, factor=True) == "(−0.25)"
    assert number(1 / 3) == "0.3333"
    assert number(-0.0) == "0"
