"""What the compiled engine promises beside its numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from compiled.backends import Spy
from compiled.test_compiled_equality import dag, numbers

from nnplay.compiled import Choice, choose, supports
from nnplay.compiled.tables import tile_width
from nnplay.core.config import TrainingConfig
from nnplay.core.engine import Plan
from nnplay.core.errors import TrainingError
from nnplay.core.network import Network
from nnplay.core.samples import Samples
from nnplay.core.topology import Topology
from nnplay.core.training import Trainer


def plan_of(config: TrainingConfig, network: Network | None = None) -> Plan:
    network = dag(["tanh"] * 3, ["linear"]) if network is None else network
    spy = Spy()
    Trainer(network, numbers(network), config, backend=spy)
    return spy.plan


def test_plans_say_what_numpy_must_compute() -> None:
    assert supports(plan_of(TrainingConfig())) is None
    assert "L-BFGS" in str(supports(plan_of(TrainingConfig(optimizer="lbfgs", batch_size=99))))
    assert "single precision" in str(supports(plan_of(TrainingConfig(precision="float32"))))


def test_numpy_takes_what_is_not_compiled(compiled: Choice) -> None:
    network = dag(["tanh"] * 3, ["linear"])
    config = TrainingConfig(optimizer="lbfgs", batch_size=99, learning_rate=0.1)
    trainer = Trainer(network, numbers(network), config, backend=compiled)
    assert trainer.backend_name == "numpy"
    trainer.set_config(replace(config, optimizer="sgd"))
    assert trainer.backend_name == "compiled"
    plan = plan_of(config)
    assert "L-BFGS" in compiled.explain(plan)
    assert compiled.explain(plan_of(TrainingConfig())) == ""


def layered(*sizes: int) -> Network:
    starts = np.cumsum([0, *sizes])
    blocks = [
        np.stack(np.meshgrid(np.arange(a, b), np.arange(b, c)), axis=-1).reshape(-1, 2)
        for a, b, c in zip(starts, starts[1:], starts[2:], strict=False)
    ]
    kinds = [0] * sizes[0] + [1] * sum(sizes[1:-1]) + [2] * sizes[-1]
    topology = Topology(np.arange(starts[-1]), kinds, np.concatenate(blocks))
    names = ["linear"] * sizes[0] + ["tanh"] * sum(sizes[1:])
    return Network.build(topology, theta=np.zeros(topology.parameter_count), activations=names)


@pytest.mark.parametrize(
    ("sizes", "batch", "name"),
    [
        ((2, 4, 2, 1), 10, "compiled"),
        ((7, 8, 8, 8, 8, 8, 8, 1), 1, "compiled"),
        ((64, 32, 10), 32, "compiled"),
        ((300, 400, 300, 10), 128, "numpy"),
        ((300, 400, 300, 10), 1, "numpy"),
    ],
)
def test_auto_leaves_large_products_to_numpy(
    compiled: Choice, sizes: tuple[int, ...], batch: int, name: str
) -> None:
    auto = choose("auto", wait=True)
    network = layered(*sizes)
    plan = plan_of(TrainingConfig(batch_size=batch), network)
    plan = replace(plan, batch_size=batch)
    assert auto(plan).name == name
    assert ("quicker" in auto.explain(plan)) == (name == "numpy")
    assert compiled.explain(plan) == ""


def test_numpy_on_request_and_wrong_wishes() -> None:
    choice = choose("numpy", wait=False)
    assert choice(plan_of(TrainingConfig())).name == "numpy"
    with pytest.raises(TrainingError, match="no backend “fast”"):
        choose("fast", wait=False)


def test_grouping_steps_changes_no_bit(compiled: Choice) -> None:
    network = dag(["tanh", "relu", "sigmoid"], ["linear"])
    config = TrainingConfig(optimizer="adam", learning_rate=0.01, batch_size=3)
    samples = numbers(network)
    whole, single = (Trainer(network, samples, config, seed=1, backend=compiled) for _ in range(2))
    whole.run(4)
    for _ in range(4 * whole.batches_per_epoch):
        single.step()
    assert np.array_equal(whole.theta, single.theta)
    resumed = Trainer(network, samples, config, seed=1, backend=compiled)
    resumed.run(2)
    resumed = Trainer(
        resumed.network, samples, config, seed=1, state=resumed.state, backend=compiled
    )
    resumed.run(2)
    assert np.array_equal(whole.theta, resumed.theta)


def test_tiles_leave_few_lanes_empty() -> None:
    widths = [tile_width(batch) for batch in (1, 4, 5, 10, 12, 16, 17, 20, 32, 33, 1000)]
    assert widths == [4, 4, 8, 12, 12, 16, 12, 12, 16, 12, 16]


class _EnoughError(Exception):
    pass


@pytest.mark.parametrize("dropout", [0.0, 0.4])
@pytest.mark.parametrize("weights", [(), (0.5, 3.0)])
def test_long_steps_can_be_given_up_and_count_the_same(
    compiled: Choice, dropout: float, weights: tuple[float, ...]
) -> None:
    network = dag(["tanh", "relu", "sigmoid"], ["tanh"])
    rates = np.zeros(len(network.activations))
    rates[4] = dropout
    network = replace(network, dropout=rates)
    random = np.random.default_rng(2)
    samples = Samples(
        random.normal(size=(100, 3)), classes=random.integers(0, 2, 100), class_count=2
    )
    config = TrainingConfig(
        optimizer="momentum", learning_rate=0.05, batch_size=64, class_weights=weights
    )
    spy = Spy(compiled)
    plain = Trainer(network, samples, config, seed=1, backend=compiled)
    chunked = Trainer(network, samples, config, seed=1, backend=spy)
    engine, plan = spy.engine, spy.plan
    engine._samples_at_once = 32
    looks: list[int] = []
    engine._plan = replace(engine._plan, look_around=lambda: looks.append(1))
    plain.run(3)
    chunked.run(3)
    assert len(looks) == 3 * 2  # each epoch: 64 samples in two parts, 36 in two
    assert np.array_equal(plain.theta, chunked.theta)

    def stop() -> None:
        raise _EnoughError

    before = plan.parameters.copy(), plan.memory["velocity"].copy()
    engine._plan = replace(engine._plan, look_around=stop)
    masks = None if not dropout else np.ones((1, 64))
    with pytest.raises(_EnoughError):
        engine.steps(0, np.array([0.1]), 1, masks, np.zeros(1))
    assert np.array_equal(plan.parameters, before[0])
    assert np.array_equal(plan.memory["velocity"], before[1])


def test_losses_disturb_nothing_and_can_be_given_up(compiled: Choice) -> None:
    network = dag(["tanh", "relu"], ["linear"])
    samples = numbers(network, 50)
    config = TrainingConfig(batch_size=5)
    spy = Spy(compiled)
    quiet = Trainer(network, (samples, samples), config, seed=1, backend=compiled)
    disturbed = Trainer(network, (samples, samples), config, seed=1, backend=spy)
    for _ in range(17):
        quiet.step()
        disturbed.step()
        spy.engine.part_losses(lambda: None)
    assert np.array_equal(quiet.theta, disturbed.theta)
    spy.engine._tiles_at_once = 1

    def stop() -> None:
        raise _EnoughError

    with pytest.raises(_EnoughError):
        spy.engine.part_losses(stop)


def test_several_engines_share_nothing(compiled: Choice) -> None:
    network = dag(["tanh", "relu"], ["linear"])
    config = TrainingConfig(batch_size=5, optimizer="adam", learning_rate=0.01)
    trainers = [
        Trainer(network, numbers(network, seed=seed), config, seed=1, backend=compiled)
        for seed in (1, 2, 1)
    ]
    for _ in range(20):
        for trainer in trainers:
            trainer.step()
    assert np.array_equal(trainers[0].theta, trainers[2].theta)
    assert not np.array_equal(trainers[0].theta, trainers[1].theta)


def test_dead_links_stay_dead_from_call_to_call_and_revive_when_asked(compiled: Choice) -> None:
    network = dag(["tanh"] * 5, ["tanh"])
    config = TrainingConfig(l1=0.1, l1_dead_links=True, batch_size=4, shuffle=False)
    found = []
    for backend in (None, compiled):
        spy = Spy(backend)
        Trainer(network, numbers(network), config, backend=spy)
        engine, plan = spy.engine, spy.plan
        for number in range(30):
            engine.steps(number % 6, np.full(1, 0.1), number + 1, None, np.zeros(1))
            assert not plan.parameters[engine.dead_links].any()
        found.append((plan.parameters.copy(), engine.dead_links.copy()))
    assert np.array_equal(found[0][1], found[1][1])
    assert 0 < found[1][1].sum() < plan.layout.is_weight.sum()
    np.testing.assert_allclose(found[1][0], found[0][0], rtol=1e-9, atol=1e-12)
    # Going back in time, the trainer puts the mask back too.
    engine.dead_links[:] = False
    engine.steps(0, np.full(1, 1e-6), 31, None, np.zeros(1))
    assert plan.parameters[found[1][1]].any()
